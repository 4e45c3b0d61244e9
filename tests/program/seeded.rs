//! The seeded cache next to go's own, and at work.

use crate::reference::{Reference, copy_project, go};
use crate::support::sandbox::{Sandbox, run_well, tell};
use crate::support::tree::{self, Origin};
use std::path::Path;
use std::process::Command;
use std::time::Instant;

/// Seeds an empty cache, compares it with go's, and does offline what people do.
pub(crate) fn works_offline(sandbox: &Sandbox, reference: &Reference, rules: &Path) {
    let project = copy_project(sandbox, "project");
    let cache = sandbox.path("ours");
    let ours = |verb: &str| {
        let mut command = sandbox.gomodcache();
        command
            .current_dir(&project)
            .env("GOENV", "off")
            .args([verb, "--modcache"])
            .arg(&cache);
        command
    };
    let seed = || {
        let mut command = ours("seed");
        command
            .args(["--no-builtin-mirrors", "--config"])
            .arg(rules);
        command
    };
    let started = Instant::now();
    tell(&mut seed()).prints("");
    println!("seeded in {:?}", started.elapsed());
    compare(&reference.cache, &cache);

    let before = tree::files(&cache);
    let started = Instant::now();
    let again = tell(&mut seed());
    println!("seeded again in {:?}: {}", started.elapsed(), again.stderr);
    again.prints("");
    assert_eq!(tree::files(&cache), before);

    let checked = tell(&mut ours("check"));
    assert_eq!(checked.code, Some(0), "{checked:#?}");
    assert!(!checked.stdout.contains(" no"), "{checked:#?}");

    let offline = |arguments: &[&str]| {
        let mut go = go(sandbox, &project, &cache);
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
