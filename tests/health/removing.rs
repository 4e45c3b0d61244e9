//! `gomodcache rm`.

use crate::store::{Store, VERSIONS};
use crate::support::oracle;
use crate::support::sandbox::{run_well, tell};
use crate::support::server::Server;
use crate::support::tree::{self, Origin};
use crate::support::{oracle_tests, tests};
use crate::world::listing;
use libtest_mimic::Trial;
use std::fs::File;
use std::process::Command;

/// The tests of this group.
pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = tests!("removing":
        the_rest_is_as_if_nothing_else_had_been_fetched,
        a_cache_without_versions_has_no_files_but_locks,
        what_is_removed_and_fetched_again_is_as_before,
        what_goes_is_told_before_and_after,
        a_request_must_be_clear,
        a_version_in_use_stays,
        metadata_goes_without_a_trace,
        records_of_a_database_stay_and_what_it_promises_is_kept,
    );
    trials.extend(oracle_tests!("removing": go_finds_nothing_and_downloads_it_again));
    trials
}

fn the_rest_is_as_if_nothing_else_had_been_fetched() {
    let store = Store::new();
    let (removed, kept) = VERSIONS.split_at(3);
    let removed: Vec<&str> = removed
        .iter()
        .copied()
        .chain(["example.com/c", &store.untagged])
        .collect();
    assert_eq!(store.run("rm", &removed).code, Some(0));
    run_well(&mut store.fetch_into("fresh", kept));
    let fresh = listing(&store.sandbox.path("fresh"));
    let mut found = store.found();
    // The folder of a module keeps the locks.
    assert!(found.remove("cache/download/example.com/a").is_some());
    assert!(found.remove("cache/download/example.com/a/@v").is_some());
    assert_eq!(tree::difference(&fresh, &found), "");
}

fn a_cache_without_versions_has_no_files_but_locks() {
    let store = Store::new();
    assert_eq!(store.run("rm", &["example.*@all"]).code, Some(0));
    assert_eq!(tree::files(&store.cache()), [""; 0]);
    let found = store.found();
    let beside: Vec<&String> = found.keys().filter(|it| !it.starts_with("cache")).collect();
    assert!(beside.is_empty(), "{beside:?}");
    let told = store.run("list", &[]);
    assert_eq!(told.stderr, "0 versions, 0 B\n");
}

fn what_is_removed_and_fetched_again_is_as_before() {
    let store = Store::new();
    let before = tree::list(&store.cache(), Origin::Compared);
    for module in [VERSIONS[0], VERSIONS[5], &store.untagged] {
        assert_eq!(store.run("rm", &[module]).code, Some(0));
        assert!(store.paths_of(module).is_empty());
        run_well(&mut store.fetch_into("modcache", &[module]));
        let after = tree::list(&store.cache(), Origin::Compared);
        assert_eq!(tree::difference(&before, &after), "", "{module}");
    }
}

fn what_goes_is_told_before_and_after() {
    let store = Store::new();
    store.was_used(VERSIONS[0], 3);
    store.was_used(VERSIONS[3], 100);
    let versions = [VERSIONS[3], VERSIONS[0], VERSIONS[0]];
    let lines = "example.com/a@v1.0.0  671B  3d\nexample.com/b@v1.0.0  531B  100d\n";
    let told = store.run("rm", &["--dry-run", versions[0], versions[1], versions[2]]);
    told.prints(lines);
    assert_eq!(told.stderr, "would remove 2 versions and free 1.2 KiB\n");
    assert_eq!(store.paths_of(versions[0]).len(), 5);
    let told = store.run("rm", &versions);
    told.prints(lines);
    assert_eq!(told.stderr, "removed 2 versions, freed 1.2 KiB\n");
    assert_eq!(store.run("list", &[]).stdout.lines().count(), 6);
}

fn a_request_must_be_clear() {
    let store = Store::new();
    for (requests, told) in [
        (
            &["example.com/a"][..],
            "\
error: example.com/a: the cache has 3 versions of it
hint: name one of them:
    example.com/a@v1.0.0
    example.com/a@v1.1.0
    example.com/a@v1.2.0
hint: or all of them: example.com/a@all
",
        ),
        (
            &["example.com/*"],
            "\
error: example.com/*: a pattern can stand for more than you see
hint: if all of it is to go: example.com/*@all
hint: --dry-run tells what that is
",
        ),
        (
            &["example.com/a@v1.0.0", "example.com/b@v1.0.5"],
            "\
error: example.com/b@v1.0.5: nothing of it is in the cache
hint: the cache has example.com/b@v1.0.0, example.com/b@v1.1.0
",
        ),
        (
            &["example.net/c@all"],
            "\
error: example.net/c@all: nothing of it is in the cache
hint: the cache has example.com/c@v1.0.0
",
        ),
        (
            &["example.com/none"],
            "\
error: example.com/none: nothing of it is in the cache
hint: gomodcache list tells what the cache has
",
        ),
    ] {
        let found = store.run("rm", requests);
        found.fails(1, []);
        assert_eq!(found.stderr, told);
    }
    assert_eq!(tree::difference(&store.sound(), &store.found()), "");
    assert_eq!(store.run("rm", &[]).code, Some(2));
}

fn a_version_in_use_stays() {
    let store = Store::new();
    let lock = File::open(store.path("cache/download/example.com/a/@v/v1.0.0.lock"));
    let lock = lock.expect("a lock");
    lock.lock().expect("nobody holds it");
    let told = store.run("rm", &["example.com/a@all"]);
    assert_eq!(told.code, Some(1));
    assert_eq!(told.stdout.lines().count(), 2, "{told:#?}");
    told.mentions(["example.com/a@v1.0.0 is in use, and stays\nremoved 2 versions, freed "]);
    store.run("versions", &["example.com/a"]).prints("v1.0.0\n");
    drop(lock);
    assert_eq!(store.run("rm", &["example.com/a"]).code, Some(0));
}

fn metadata_goes_without_a_trace() {
    let store = Store::new();
    assert_eq!(store.run("rm", &["example.com/c"]).code, Some(0));
    assert!(!store.path("cache/download/example.com/c").exists());
}

fn records_of_a_database_stay_and_what_it_promises_is_kept() {
    let store = Store::new();
    let folder = "modcache/cache/download/sumdb/sum.example";
    store.sandbox.write(&format!("{folder}/supported"), "");
    let modules = VERSIONS.map(|module| module.replace("Upper", "!upper"));
    for module in modules.iter().chain([&store.untagged]) {
        store
            .sandbox
            .write(&format!("{folder}/lookup/{module}"), "record");
    }
    let supported = store.sandbox.path(&format!("{folder}/supported"));
    assert_eq!(
        store.run("rm", &["example.com/c", VERSIONS[0]]).code,
        Some(0)
    );
    assert!(supported.exists());
    let record = format!("{folder}/lookup/{}", VERSIONS[0]);
    assert!(store.sandbox.path(&record).exists());
    let record = format!("{folder}/lookup/{}", VERSIONS[1]);
    std::fs::remove_file(store.sandbox.path(&record)).expect("a record");
    assert_eq!(store.run("rm", &[VERSIONS[2]]).code, Some(0));
    assert!(!supported.exists());
}

fn go_finds_nothing_and_downloads_it_again() {
    let store = Store::new();
    let server = Server::start(&store.sandbox);
    let download = |cache: &str, proxy: &str| -> Command {
        let mut go = oracle::go(&store.sandbox, &server, &store.sandbox.path(cache));
        go.args(["mod", "download", "-json"]).args(VERSIONS);
        go.env("GOPROXY", proxy);
        go
    };
    assert_eq!(store.run("rm", &["example.*@all"]).code, Some(0));
    let of_nothing = tell(&mut download("nothing-yet", "off"));
    assert_eq!(of_nothing.code, Some(1));
    assert_eq!(tell(&mut download("modcache", "off")), of_nothing);
    run_well(&mut download("modcache", &store.proxy()));
    run_well(&mut download("fresh", &store.proxy()));
    let fresh = listing(&store.sandbox.path("fresh"));
    let mut found = store.found();
    // Folders of modules that are not downloaded again keep the locks.
    found.retain(|name, _| !name.starts_with("cache/download/example.com/c"));
    assert_eq!(tree::difference(&fresh, &found), "");
}
