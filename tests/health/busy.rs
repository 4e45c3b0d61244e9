//! Versions that are removed while go uses the cache.

use crate::store::{Store, VERSIONS};
use crate::support::oracle;
use crate::support::oracle_tests;
use crate::support::sandbox::{run_well, tell};
use crate::support::server::Server;
use crate::support::tree;
use crate::world::listing;
use libtest_mimic::Trial;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

/// The tests of this group.
pub(crate) fn trials() -> Vec<Trial> {
    oracle_tests!("busy": go_builds_and_downloads_while_versions_are_removed)
}

const ROUNDS: usize = 8;

/// The list that would also name the version which is not downloaded again.
const LIST: &str = "cache/download/example.com/b/@v/list";

/// Builds of what is kept never fail. A download of what is removed meanwhile may, but for no other reason, and what is
/// there at the end is right.
fn go_builds_and_downloads_while_versions_are_removed() {
    let store = Store::new();
    store.write_project();
    let server = Server::start(&store.sandbox);
    let go = |arguments: &[&str]| -> Command {
        let mut go = oracle::go(&store.sandbox, &server, &store.cache());
        go.current_dir(store.sandbox.path("work/app"));
        go.env(
            "GOCACHE",
            Path::new(env!("CARGO_TARGET_TMPDIR")).join("go-build"),
        );
        go.env("GOPROXY", store.proxy()).args(arguments);
        go
    };
    let download = || {
        let mut download = go(&["mod", "download"]);
        download.args(VERSIONS);
        download
    };
    run_well(&mut go(&["build", "-o", "first"]));
    let is_over = AtomicBool::new(false);
    let removed = std::thread::scope(|scope| {
        let removing = scope.spawn(|| {
            let mut removed = 0;
            while !is_over.load(Ordering::Relaxed) {
                let told = store.run("prune", &["--keep", "app"]);
                assert_eq!(told.code, Some(0), "{told:#?}");
                removed += told.stdout.lines().count();
            }
            removed
        });
        let building = scope.spawn(|| {
            for _ in 0..ROUNDS {
                run_well(&mut go(&["build", "-o", "again"]));
            }
        });
        let downloads: Vec<_> = (0..ROUNDS).map(|_| tell(&mut download())).collect();
        let built = building.join();
        is_over.store(true, Ordering::Relaxed);
        let removed = removing.join().expect("prunes end well");
        built.expect("go builds");
        for told in downloads {
            let is_vanished = told.stderr.contains("no such file or directory");
            assert!(told.code == Some(0) || is_vanished, "{told:#?}");
        }
        removed
    });
    assert!(removed > ROUNDS, "only {removed} versions were removed");
    let told = tell(&mut store.command("verify", &[]));
    told.prints("");
    run_well(&mut download());
    assert_eq!(
        tree::difference(&listing(&store.sandbox.path("sound")), &found(&store)),
        ""
    );
}

/// The cache with what is not downloaded again.
fn found(store: &Store) -> tree::Listing {
    let mut sound = store.sound();
    let list = sound.get(LIST).cloned();
    let version = store.untagged.replace("example.com/b@", "");
    sound.retain(|name, _| {
        name.starts_with("cache/download/example.com/c") || name.contains(&version)
    });
    let mut found = store.found();
    found.extend(sound);
    found.extend(list.map(|list| (LIST.to_owned(), list)));
    found
}
