//! What `gomodcache fetch` makes of a checksum database: exit codes, what is said, what is left.

use super::world::{MODULES, NAME, World};
use crate::loopback::Answer;
use crate::sumdb::TestDatabase;
use crate::support::sandbox::{Told, tell};
use crate::support::{oracle_tests, tests};
use libtest_mimic::Trial;
use std::path::PathBuf;

/// The tests of this group.
pub(super) fn trials() -> Vec<Trial> {
    let mut trials = tests!("verified":
        what_the_database_has_is_verified_by_it,
        what_go_sum_covers_is_not_asked_about,
        another_sum_ends_with_3_and_leaves_nothing,
        a_database_that_lies_ends_with_3_and_leaves_nothing,
        what_it_does_not_know_is_unverified_or_refused,
        a_database_that_cannot_be_asked_is_told_once,
        private_modules_are_not_asked_about,
        a_database_that_is_off_cannot_be_required,
        records_are_offered_only_while_all_versions_have_one,
    );
    trials.extend(oracle_tests!("verified":
        go_verifies_offline_with_what_was_fetched,
    ));
    trials
}

/// Runs `fetch --proxy` for the first module; the database is the world's own unless GOSUMDB says otherwise.
pub(super) fn fetch(world: &World, arguments: &[&str], variables: &[(&str, &str)]) -> Told {
    let mut command = world.sandbox.gomodcache();
    command
        .env("GOENV", "off")
        .env("GOPATH", world.sandbox.path("path"))
        .env("GOMODCACHE", cache(world))
        .env("GOSUMDB", world.direct())
        .args(["fetch", "--proxy"])
        .arg(format!("{}/without", world.server.url()))
        .args(arguments)
        .envs(variables.iter().copied());
    tell(&mut command)
}

pub(super) fn cache(world: &World) -> PathBuf {
    world.sandbox.path("mod")
}

fn is_fetched(world: &World, path: &str) -> bool {
    let version = cache(world).join(format!("cache/download/{path}/@v/v1.0.0.zip"));
    version.exists()
}

/// The requests for anything of the database.
fn asked(world: &World) -> Vec<String> {
    let mut targets = world.server.targets();
    targets.retain(|target| target.starts_with("/direct/") || target.contains("/sumdb/"));
    targets
}

const MODULE: &str = "example.com/m0@v1.0.0";

fn what_the_database_has_is_verified_by_it() {
    let world = World::new();
    let told = fetch(&world, &[MODULE, "--json"], &[]);
    assert_eq!(told.code, Some(0), "{told:#?}");
    assert!(
        told.stdout.contains(&format!("\"VerifiedBy\": \"{NAME}\"")),
        "{told:#?}"
    );
    let summary = format!("fetched 1, already there 0; verified by {NAME} 1\n");
    assert_eq!(told.stderr, summary);
    let again = fetch(&world, &[MODULE], &[]);
    assert_eq!(
        again.stderr,
        format!("fetched 0, already there 1; verified by {NAME} 1\n")
    );
}

fn what_go_sum_covers_is_not_asked_about() {
    let world = World::new();
    let lines = fetch(&world, &[MODULE, "--sumdb", "off"], &[]).stdout;
    let sums = world.sandbox.write("known.sum", lines);
    std::fs::remove_dir_all(cache(&world).join("cache")).expect("an empty cache");
    let sums = sums.to_str().expect("text");
    let told = fetch(&world, &[MODULE, "--sumdb", "require", "--sum", sums], &[]);
    assert_eq!(
        told.stderr, "fetched 1, already there 0; verified by go.sum 1\n",
        "{told:#?}"
    );
    assert_eq!(asked(&world), [""; 0]);
}

fn another_sum_ends_with_3_and_leaves_nothing() {
    for policy in ["require", "auto"] {
        let world = World::new();
        // With the same key: it is the database that got something else.
        let mut other = TestDatabase::new(NAME, 5);
        other.add_module("example.com/m1", "v1.0.0", ["h1:other=", "h1:other="]);
        world.change(move |path, _| super::world::answer(other.answer(path)));
        let told = fetch(&world, &["example.com/m1@v1.0.0", "--sumdb", policy], &[]);
        assert_eq!(told.code, Some(3), "{told:#?}");
        assert!(told.stderr.contains("checksum mismatch"), "{told:#?}");
        assert!(!is_fetched(&world, "example.com/m1"));
    }
}

fn a_database_that_lies_ends_with_3_and_leaves_nothing() {
    for policy in ["require", "auto"] {
        let world = World::new();
        world.change(|path, content| match content {
            Some(content) if path.starts_with("lookup/") => {
                let text = String::from_utf8_lossy(&content).replace("\n505\n", "\n504\n");
                Answer::ok(text)
            }
            content => super::world::answer(content),
        });
        let told = fetch(&world, &[MODULE, "--sumdb", policy], &[]);
        assert_eq!(told.code, Some(3), "{told:#?}");
        assert!(!is_fetched(&world, "example.com/m0"), "{told:#?}");
    }
}

fn what_it_does_not_know_is_unverified_or_refused() {
    let world = World::new();
    world.change(|path, content| match path.starts_with("lookup/") {
        true => Answer::status(404).text("not found"),
        false => super::world::answer(content),
    });
    let required = fetch(&world, &[MODULE, "--sumdb", "require"], &[]);
    assert_eq!(required.code, Some(1), "{required:#?}");
    assert!(
        required
            .stderr
            .contains(&format!("checksum database {NAME} has no sum")),
        "{required:#?}"
    );
    assert!(!is_fetched(&world, "example.com/m0"));
    let told = fetch(&world, &[MODULE, "--json"], &[]);
    assert_eq!(told.code, Some(0), "{told:#?}");
    assert!(
        told.stdout.contains("\"VerifiedBy\": \"nothing\""),
        "{told:#?}"
    );
    assert_eq!(told.stderr, "fetched 1, already there 0; unverified 1\n");
}

fn a_database_that_cannot_be_asked_is_told_once() {
    let world = World::new();
    world.change(|_, _| Answer::status(500).text("out of order"));
    let modules = (0..MODULES).map(|number| format!("example.com/m{number}@v1.0.0"));
    let modules: Vec<String> = modules.collect();
    let modules: Vec<&str> = modules.iter().map(String::as_str).collect();
    let told = fetch(&world, &modules, &[]);
    assert_eq!(told.code, Some(0), "{told:#?}");
    assert!(
        told.stderr.starts_with(&format!(
            "fetched {MODULES}, already there 0; unverified {MODULES}, {NAME} could not be asked: "
        )),
        "{told:#?}"
    );
    assert_eq!(told.stderr.matches("out of order").count(), 1, "{told:#?}");
    let required = fetch(&world, &[MODULE, "--sumdb", "require"], &[]);
    assert_eq!(required.code, Some(1), "{required:#?}");
}

fn private_modules_are_not_asked_about() {
    for variable in ["GONOSUMDB", "GOPRIVATE"] {
        let world = World::new();
        let private = [(variable, "example.com"), ("GONOPROXY", "none")];
        let told = fetch(&world, &[MODULE, "--sumdb", "require"], &private);
        assert_eq!(told.code, Some(0), "{told:#?}");
        assert_eq!(told.stderr, "fetched 1, already there 0; unverified 1\n");
        assert_eq!(asked(&world), [""; 0]);
    }
}

fn a_database_that_is_off_cannot_be_required() {
    let world = World::new();
    let off = [("GOSUMDB", "off")];
    let told = fetch(&world, &[MODULE, "--sumdb", "require"], &off);
    assert_eq!(told.code, Some(1), "{told:#?}");
    assert!(told.stderr.contains("GOSUMDB is off"), "{told:#?}");
    let told = fetch(&world, &[MODULE], &off);
    assert_eq!(told.stderr, "fetched 1, already there 0\n");
}

fn records_are_offered_only_while_all_versions_have_one() {
    let world = World::new();
    let supported = cache(&world).join(format!("cache/download/sumdb/{NAME}/supported"));
    fetch(&world, &[MODULE], &[]);
    assert!(supported.exists());
    fetch(&world, &["example.com/m1@v1.0.0", "--sumdb", "off"], &[]);
    assert!(!supported.exists(), "m1 has no record");
    fetch(&world, &["example.com/m1@v1.0.0"], &[]);
    assert!(supported.exists());
}

fn go_verifies_offline_with_what_was_fetched() {
    let world = World::new();
    let told = fetch(&world, &[MODULE, "example.com/m1@v1.0.0"], &[]);
    assert_eq!(told.code, Some(0), "{told:#?}");
    let download = cache(&world).join("cache/download");
    let goproxy = format!("file://{}", download.display());
    let before = world.server.targets().len();
    let key = world.database.verifier_key();
    for number in [1, 0] {
        let user = world.user(&format!("user{number}"));
        assert_eq!(user.verify_by_go(&key, &goproxy, number), Ok(()));
    }
    assert_eq!(
        world.server.targets().len(),
        before,
        "nothing was asked for"
    );
}
