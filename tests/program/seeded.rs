//! The seeded cache next to go's own, and at work.

use crate::World;
use crate::reference::{copy_project, go};
use crate::support::sandbox::{run_well, tell};
use crate::support::tree::{self, Origin};
use std::path::Path;
use std::process::Command;
use std::time::Instant;

/// Seeds an empty cache and compares it with go's.
pub(crate) fn fill(world: &World) {
    let project = copy_project(&world.sandbox, "seeded");
    let started = Instant::now();
    tell(&mut seed(world, &project)).prints("");
    println!("seeded in {:?}", started.elapsed());
    compare(&world.reference.cache, &world.cache);
}

fn seed(world: &World, project: &Path) -> Command {
    let mut command = ours(world, project, "seed");
    command
        .args(["--no-builtin-mirrors", "--config"])
        .arg(&world.rules);
    command
}

/// Prepares one of our commands in a project, with the seeded cache.
pub(crate) fn ours(world: &World, project: &Path, verb: &str) -> Command {
    let mut command = world.sandbox.gomodcache();
    command
        .current_dir(project)
        .env("GOENV", "off")
        .args([verb, "--modcache"])
        .arg(&world.cache);
    command
}

/// Does offline what people do.
pub(crate) fn works_offline(world: &World) {
    let World {
        sandbox,
        reference,
        cache,
        ..
    } = world;
    let project = copy_project(sandbox, "project");
    let before = tree::files(cache);
    let started = Instant::now();
    let again = tell(&mut seed(world, &project));
    println!("seeded again in {:?}: {}", started.elapsed(), again.stderr);
    again.prints("");
    assert_eq!(tree::files(cache), before);

    let checked = tell(&mut ours(world, &project, "check"));
    assert_eq!(checked.code, Some(0), "{checked:#?}");
    assert!(!checked.stdout.contains(" no"), "{checked:#?}");

    let offline = |arguments: &[&str]| {
        let mut go = go(sandbox, &project, cache);
        go.env("GOPROXY", "off").args(arguments);
        go
    };
    assert_eq!(
        printed(&mut offline(&["list", "-m", "all"])),
        reference.listed
    );
    for arguments in [
        ["build", "./..."].as_slice(),
        &["build", "-o", "../tools/", "tool"],
        &["vet", "./..."],
        &["test", "./..."],
        &["mod", "verify"],
        &["mod", "download", "all"],
    ] {
        run_well(&mut offline(arguments));
    }
    let mut swagger = sandbox.command(sandbox.path("tools/swagger"));
    run_well(swagger.arg("version"));
    let files = || ["go.mod", "go.sum"].map(|name| std::fs::read(project.join(name)).expect(name));
    let committed = copy_project(sandbox, "committed");
    run_well(&mut offline(&["mod", "tidy"]));
    let expected =
        ["go.mod", "go.sum"].map(|name| std::fs::read(committed.join(name)).expect(name));
    assert!(
        files() == expected,
        "`go mod tidy` finds what it should not"
    );
    run_well(&mut offline(&["mod", "vendor"]));
}

fn printed(command: &mut Command) -> String {
    String::from_utf8(run_well(command).stdout).expect("text")
}

/// Demands that ours has every file of go's cache, with the same content.
///
/// Left out are the Origin, which no mirror on this machine has; locks; and the lists of versions, in which go
/// writes down what else it happened to hear of.
fn compare(go: &Path, ours: &Path) {
    let mut expected = tree::list(go, Origin::TakenOut);
    let found = tree::list(ours, Origin::TakenOut);
    let compared = |name: &str| !name.ends_with(".lock") && !name.ends_with("@v/list");
    expected.retain(|name, _| compared(name));
    let total = expected.len();
    expected.retain(|name, content| found.get(name) != Some(content));
    let names: Vec<&String> = expected.keys().collect();
    assert!(
        names.is_empty(),
        "of {total} entries go has these and we have not the same: {names:#?}"
    );
    println!("{total} entries of go's cache are the same in ours");
}
