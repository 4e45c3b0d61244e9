//! `gomodcache prune`.

use crate::store::{Store, VERSIONS, set_times};
use crate::support::oracle;
use crate::support::sandbox::{run_well, tell};
use crate::support::server::Server;
use crate::support::tree;
use crate::support::{oracle_tests, tests};
use libtest_mimic::Trial;
use std::fs::File;
use std::path::Path;
use std::time::{Duration, SystemTime};

/// The tests of this group.
pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = tests!("pruning":
        what_no_project_needs_goes,
        what_has_not_been_used_for_long_goes,
        what_was_used_least_recently_goes_until_the_rest_is_small_enough,
        what_is_kept_may_be_too_much,
        a_project_that_cannot_be_loaded_keeps_everything,
        toolchains_of_projects_are_kept,
        leftovers_of_killed_runs_go_and_work_in_progress_stays,
        what_is_in_use_stays,
        without_a_criterion_nothing_goes,
    );
    trials.extend(oracle_tests!("pruning": go_builds_what_was_kept_and_knows_of_nothing_else));
    trials
}

/// How the summary ends.
const LAST_USE: &str = "last use: ";

/// The versions that a dry run and then a real one tell, which must be the same.
fn pruned(store: &Store, arguments: &[&str]) -> Vec<String> {
    let dry = [arguments, &["--dry-run"]].concat();
    let planned = store.run("prune", &dry);
    // Whoever looked at the cache now would use it.
    let told = store.run("prune", arguments);
    assert_eq!(planned.stdout, told.stdout);
    assert_eq!(planned.code, told.code);
    let lines = told.stdout.lines();
    let names = lines.map(|line| line.split("  ").next().unwrap_or_default().to_owned());
    names.collect()
}

/// A store of which every version was used on another day, the last in the list most recently.
fn store() -> Store {
    let store = Store::new();
    let untagged = store.untagged.clone();
    let all = ["example.com/c@v1.0.0", &untagged]
        .into_iter()
        .chain(VERSIONS);
    for (module, days) in all.zip((1..=8).rev()) {
        store.was_used(module, days * 10);
    }
    store.write_project();
    store
}

fn what_no_project_needs_goes() {
    let store = store();
    let gone = pruned(&store, &["--keep", "app"]);
    assert_eq!(
        gone,
        [
            "example.com/c@v1.0.0",
            &store.untagged,
            "example.com/a@v1.0.0",
            "example.com/a@v1.2.0",
            "example.com/b@v1.0.0",
            "example.org/Upper@v0.1.0",
        ]
    );
    let told = store.run("prune", &["--keep", "app"]);
    told.prints("");
    assert_eq!(told.stderr, "removed 0 versions, freed 0 B\n");
    for kept in ["example.com/a@v1.1.0", "example.com/b@v1.1.0"] {
        assert_eq!(store.paths_of(kept).len(), 5, "{kept}");
    }
}

fn what_has_not_been_used_for_long_goes() {
    let store = store();
    let told = store.run("prune", &["--older-than", "55d"]);
    told.prints(&format!(
        "example.com/c@v1.0.0                                21B   80d\n\
         {}  691B  70d\n\
         example.com/a@v1.0.0                                671B  60d\n",
        store.untagged
    ));
    let (summary, last_use) = told.stderr.split_once('\n').expect("lines");
    assert_eq!(summary, "removed 3 versions, freed 1.4 KiB");
    assert!(last_use.starts_with(LAST_USE), "{told:#?}");
    assert_eq!(last_use.lines().count(), 1);
    assert_eq!(
        pruned(&store, &["--keep", "app", "--older-than", "4w"]),
        ["example.com/a@v1.2.0", "example.com/b@v1.0.0",]
    );
    assert_eq!(pruned(&self::store(), &["--older-than", "11d"]).len(), 7);
}

fn what_was_used_least_recently_goes_until_the_rest_is_small_enough() {
    let store = store();
    let gone = pruned(&store, &["--max-size", "4100", "--keep", "app"]);
    assert_eq!(gone, ["example.com/c@v1.0.0", &store.untagged]);
    assert_eq!(pruned(&store, &["--max-size", "4100B"]), [""; 0]);
    let gone = pruned(&store, &["--max-size", "2kB"]);
    assert_eq!(gone, VERSIONS[..3]);
}

fn what_is_kept_may_be_too_much() {
    let store = store();
    let told = store.run("prune", &["--keep", "app", "--max-size", "1kB"]);
    assert_eq!(told.code, Some(1));
    assert_eq!(told.stdout.lines().count(), 6);
    told.mentions([
        "removed 6 versions, freed 3.3 KiB\n",
        "what stays takes 1.3 KiB, more than 1000 B\n",
    ]);
    assert_eq!(store.run("list", &[]).stdout.lines().count(), 2);
}

fn a_project_that_cannot_be_loaded_keeps_everything() {
    let store = store();
    assert_eq!(store.run("rm", &["example.com/b@v1.1.0"]).code, Some(0));
    let before = store.found();
    let told = store.run("prune", &["--keep", "app", "--older-than", "1d"]);
    told.fails(1, []);
    let project = store.sandbox.path("work/app/go.mod");
    assert_eq!(
        told.stderr,
        format!(
            "error: the cache lacks what {} needs:\n    example.com/b@v1.1.0\n\
             hint: gomodcache seed fetches it\n",
            project.display()
        )
    );
    assert_eq!(tree::difference(&before, &store.found()), "");
    store.run("prune", &["--keep", "none"]).fails(1, ["none"]);
}

fn toolchains_of_projects_are_kept() {
    let store = store();
    let versions = "modcache/cache/download/golang.org/toolchain/@v";
    for release in ["go1.99.1", "go1.99.2", "go1.98.0"] {
        let file = format!("{versions}/v0.0.1-{release}.linux-amd64.zip");
        store.sandbox.write(&file, "zip");
    }
    let go_mod = store.sandbox.path("work/app/go.mod");
    let text = std::fs::read_to_string(&go_mod).expect("a go.mod");
    let text = text.replace("go 1.20\n", "go 1.20\n\ntoolchain go1.99.2\n");
    std::fs::write(&go_mod, text).expect("a go.mod");
    assert_eq!(store.run("prune", &["--keep", "app"]).code, Some(0));
    store
        .run("versions", &["golang.org/toolchain"])
        .prints("v0.0.1-go1.99.2.linux-amd64\n");
}

fn leftovers_of_killed_runs_go_and_work_in_progress_stays() {
    let store = store();
    let versions = "modcache/cache/download/example.com/a/@v";
    let write = |name: &str| store.sandbox.write(&format!("{versions}/{name}"), "");
    let left = [write("v1.1.0.zip1.tmp"), write("v1.1.0.partial")];
    let folder = store.path("example.com/a@v1.1.0");
    let at_work = [write("v1.0.0.zip1.tmp"), write("v1.0.0.partial")];
    let lock = File::open(store.path("cache/download/example.com/a/@v/v1.0.0.lock"));
    let lock = lock.expect("a lock");
    lock.lock().expect("nobody holds it");
    std::fs::create_dir_all(store.path("cache/download/example.com/b/@v/v1.0.0.zip.tmp/deep"))
        .expect("what is left of a folder");
    let scratch = store
        .sandbox
        .write("user-cache/gomodcache/prove-1/file", "");
    let scratch = scratch.parent().expect("a folder");
    set_times(scratch, SystemTime::now() - Duration::from_secs(3600));
    let arguments = ["--older-than", "1000d"];
    let dry = store.run("prune", &[&arguments[..], &["--dry-run"]].concat());
    assert!(folder.exists() && left.iter().all(|path| path.exists()));
    let told = store.run("prune", &arguments);
    assert_eq!(told.code, Some(0));
    assert_eq!(dry.stdout, told.stdout);
    assert_eq!(
        told.stdout
            .replace(&store.sandbox.path("").display().to_string(), ""),
        "\
modcache/cache/download/example.com/a/@v/v1.1.0.zip1.tmp  left by a killed run
modcache/cache/download/example.com/b/@v/v1.0.0.zip.tmp  left by a killed run
user-cache/gomodcache/prove-1  left by a killed run
example.com/a@v1.1.0  left by a killed run
"
    );
    assert!(!folder.exists() && !left.iter().any(|path| path.exists()));
    assert!(!scratch.exists());
    assert!(at_work.iter().all(|path| path.exists()));
    assert!(
        !store
            .path("cache/download/example.com/b/@v/v1.0.0.zip.tmp")
            .exists()
    );
    assert_eq!(store.paths_of("example.com/a@v1.1.0").len(), 4);
}

fn what_is_in_use_stays() {
    let store = store();
    let lock = File::open(store.path("cache/download/example.com/a/@v/v1.0.0.lock"));
    let lock = lock.expect("a lock");
    lock.lock().expect("nobody holds it");
    let told = store.run("prune", &["--keep", "app"]);
    assert_eq!(told.code, Some(0));
    told.mentions(["example.com/a@v1.0.0 is in use, and stays\nremoved 5 versions, freed "]);
    let told = store.run("prune", &["--max-size", "0"]);
    assert_eq!(told.code, Some(1));
    told.mentions(["what stays takes 671 B, more than 0 B\n"]);
}

fn without_a_criterion_nothing_goes() {
    let store = store();
    let told = store.run("prune", &[]);
    told.fails(2, ["--keep", "--older-than", "--max-size"]);
    for arguments in [
        ["--older-than", "3"],
        ["--older-than", "1y"],
        ["--max-size", "big"],
    ] {
        store.run("prune", &arguments).fails(2, [arguments[1]]);
    }
    assert_eq!(tree::difference(&store.sound(), &store.found()), "");
}

fn go_builds_what_was_kept_and_knows_of_nothing_else() {
    let store = store();
    let server = Server::start(&store.sandbox);
    let go = |arguments: &[&str]| {
        let mut go = oracle::go(&store.sandbox, &server, &store.cache());
        go.current_dir(store.sandbox.path("work/app"));
        go.env(
            "GOCACHE",
            Path::new(env!("CARGO_TARGET_TMPDIR")).join("go-build"),
        );
        go.env("GOPROXY", "off").args(arguments);
        go
    };
    assert_eq!(store.run("prune", &["--keep", "app"]).code, Some(0));
    let told = tell(&mut go(&["run", "."]));
    assert_eq!(told.stderr, "two and b\n", "{told:#?}");
    run_well(&mut go(&["mod", "verify"]));
    run_well(&mut go(&["mod", "tidy"]));
    run_well(&mut go(&["list", "-m", "all"]));
    let told = tell(&mut go(&["mod", "download", "example.com/a@v1.0.0"]));
    told.fails(1, ["module lookup disabled by GOPROXY=off"]);
}
