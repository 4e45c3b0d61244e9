//! Many programs on one cache at once, and programs that are killed.

use crate::support::kill::{Kills, assert_nothing_half};
use crate::support::mirror::Mirror;
use crate::support::sandbox::{Sandbox, Told, make_writable, tell};
use crate::support::server::{Import, Server};
use crate::support::tree::{self, Listing, Origin};
use crate::support::{oracle, oracle_tests, tests};
use libtest_mimic::Trial;
use std::process::{Child, Command, Stdio};

/// The tests of this group.
pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = tests!("together":
        ten_runs_at_once_make_one_whole_version,
        ten_runs_at_once_share_one_store,
        a_killed_run_leaves_nothing_that_is_taken_for_whole,
    );
    trials.extend(oracle_tests!("together":
        a_go_build_beside_ten_runs_sees_only_whole_versions,
        ten_runs_at_once_over_the_network_share_one_store,
    ));
    trials
}

const REQUEST: &str = "example.com/m@v1.0.0";

/// Large enough that a run lasts some tens of milliseconds.
fn large() -> Mirror {
    let line = "// A line of this file, which is long enough to fill it.\n";
    (0..400)
        .fold(Mirror::new().go_mod("example.com/m"), |mirror, number| {
            let content = format!("package p\n\n// N{number}\n{}", line.repeat(number % 90));
            mirror.file(format!("p{}/f{number}.go", number % 13), content)
        })
        .file(
            "m.go",
            "package m\n\n// Name is a name.\nconst Name = \"m\"\n",
        )
        .release("v1.0.0")
        .commit("tip")
}

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    large().build(&sandbox.path("m.git"));
    sandbox
}

fn fetch(sandbox: &Sandbox, repository: &str, modcache: &str) -> Command {
    let mut command = sandbox.gomodcache();
    command
        .args([
            "fetch",
            REQUEST,
            "--mirror",
            &format!("example.com/m={repository}"),
            "--modcache",
        ])
        .arg(sandbox.path(modcache))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn local(sandbox: &Sandbox, modcache: &str) -> Command {
    fetch(
        sandbox,
        &sandbox.path("m.git").display().to_string(),
        modcache,
    )
}

fn listing(sandbox: &Sandbox, modcache: &str) -> Listing {
    tree::list(&sandbox.path(modcache), Origin::Compared)
}

/// Runs the command ten times at once; all must succeed with what one run alone prints.
fn ten_at_once(command: &mut Command, alone: &Told) {
    let started: Vec<Child> = (0..10).map(|_| command.spawn().expect("start")).collect();
    for child in started {
        let told = Told::from(child.wait_with_output().expect("end"));
        told.prints(&alone.stdout);
    }
}

fn ten_runs_at_once_make_one_whole_version() {
    let sandbox = sandbox();
    let alone = tell(&mut local(&sandbox, "alone"));
    ten_at_once(&mut local(&sandbox, "shared"), &alone);
    let difference = tree::difference(&listing(&sandbox, "alone"), &listing(&sandbox, "shared"));
    assert_eq!(difference, "");
}

fn ten_runs_at_once_share_one_store() {
    let sandbox = sandbox();
    let alone = tell(&mut local(&sandbox, "alone"));
    let caches: Vec<String> = (0..10).map(|number| format!("cache{number}")).collect();
    let started: Vec<Child> = caches
        .iter()
        .map(|cache| local(&sandbox, cache).spawn().expect("start"))
        .collect();
    for child in started {
        Told::from(child.wait_with_output().expect("end")).prints(&alone.stdout);
    }
    for cache in &caches {
        assert_eq!(
            tree::difference(&listing(&sandbox, "alone"), &listing(&sandbox, cache)),
            ""
        );
    }
}

fn ten_runs_at_once_over_the_network_share_one_store() {
    let sandbox = sandbox();
    let server = Server::start(&sandbox);
    let repository = server.repository("m.git");
    let alone = tell(&mut fetch(&sandbox, &repository, "alone"));
    std::fs::remove_dir_all(sandbox.path("user-cache")).expect("an empty store");
    ten_at_once(&mut fetch(&sandbox, &repository, "shared"), &alone);
    let difference = tree::difference(&listing(&sandbox, "alone"), &listing(&sandbox, "shared"));
    assert_eq!(difference, "");
}

fn a_go_build_beside_ten_runs_sees_only_whole_versions() {
    let sandbox = sandbox();
    let server = Server::start(&sandbox);
    server.import(Import {
        root: "example.com/m".to_owned(),
        repository: server.repository("m.git"),
        subdirectory: None,
    });
    let repository = server.repository("m.git");
    let alone = tell(&mut fetch(&sandbox, &repository, "alone"));
    sandbox.write(
        "work/go.mod",
        "module example.com/app\n\ngo 1.21\n\nrequire example.com/m v1.0.0\n",
    );
    sandbox.write(
        "work/app.go",
        "package app\n\nimport \"example.com/m\"\n\nconst Name = m.Name\n",
    );
    let shared = sandbox.path("shared");
    let mut go = oracle::go(&sandbox, &server, &shared);
    let go = go
        .args(["build", "-mod=mod", "./..."])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("start");
    ten_at_once(&mut fetch(&sandbox, &repository, "shared"), &alone);
    let go = Told::from(go.wait_with_output().expect("end"));
    assert_eq!(go.code, Some(0), "{go:#?}");
    let difference = tree::difference(&listing(&sandbox, "alone"), &listing(&sandbox, "shared"));
    assert_eq!(difference, "");
}

fn a_killed_run_leaves_nothing_that_is_taken_for_whole() {
    let sandbox = sandbox();
    let (mut kills, alone) = Kills::of(&mut local(&sandbox, "alone"));
    let whole = listing(&sandbox, "alone");
    for _ in 0..24 {
        let moment = kills.kill(&mut local(&sandbox, "killed"));
        assert_nothing_half(&whole, &listing(&sandbox, "killed"), moment);
        tell(&mut local(&sandbox, "killed")).prints(&alone.stdout);
        let difference = tree::difference(&whole, &listing(&sandbox, "killed"));
        assert_eq!(difference, "", "after {moment:?}");
        make_writable(&sandbox.path("killed"));
        std::fs::remove_dir_all(sandbox.path("killed")).expect("remove");
    }
    kills.assert_many();
}
