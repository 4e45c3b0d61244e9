//! From a mirror to a built program: the real go works offline on what we wrote.

use crate::support::mirror::Mirror;
use crate::support::oracle_tests;
use crate::support::sandbox::{Sandbox, run_well, tell};
use crate::support::server::Server;
use libtest_mimic::Trial;
use std::path::Path;
use std::process::Command;

/// The tests of this group.
pub(crate) fn trials() -> Vec<Trial> {
    oracle_tests!("end_to_end":
        a_program_builds_offline_from_a_local_mirror,
        a_program_builds_offline_from_a_git_http_server,
        a_program_builds_offline_from_a_git_daemon,
        a_program_builds_offline_from_a_bundle,
        a_program_builds_offline_from_a_commit_with_its_history,
        go_reads_latest_from_our_cache_as_a_file_proxy,
    )
}

/// A library with a dependency: both come from mirrors.
fn build_mirrors(sandbox: &Sandbox) {
    Mirror::new()
        .file("go.mod", "module example.com/greetings\n\ngo 1.21\n\nrequire example.com/words/v2 v2.0.1\n")
        .file("greetings.go", "package greetings\n\nimport \"example.com/words/v2\"\n\n// Hello greets.\nfunc Hello(name string) string { return words.Hello + \", \" + name }\n")
        .release("v1.1.0")
        .file("README", "later\n")
        .commit("tip")
        .build(&sandbox.path("greetings.git"));
    Mirror::new()
        .go_mod("example.com/words")
        .file("v2/go.mod", "module example.com/words/v2\n\ngo 1.21\n")
        .file(
            "v2/words.go",
            "package words\n\n// Hello is a word.\nconst Hello = \"hello\"\n",
        )
        .release("v2.0.1")
        .build(&sandbox.path("words.git"));
}

fn offline_go(sandbox: &Sandbox) -> Command {
    let mut go = sandbox.command("go");
    go.env("GOMODCACHE", sandbox.path("modcache"))
        .env("GOPATH", sandbox.path("gopath"))
        // The standard library is the same for every test: it is compiled once.
        .env(
            "GOCACHE",
            Path::new(env!("CARGO_TARGET_TMPDIR")).join("gocache"),
        )
        .env("GOENV", "off")
        .env("GOTOOLCHAIN", "local")
        .env("GOPROXY", "off")
        .env("GOFLAGS", "-mod=mod")
        .env("GONOSUMDB", "*");
    go
}

/// Fetches both modules from `{}/greetings.git` and `{}/words.git`, builds and runs the program.
fn builds(sandbox: &Sandbox, places: &str, version: &str) {
    builds_with(
        sandbox,
        &[
            places.replace("{}", "greetings"),
            places.replace("{}", "words"),
        ],
        version,
    );
}

fn builds_with(sandbox: &Sandbox, mirrors: &[String; 2], version: &str) {
    let greetings = format!("example.com/greetings@{version}");
    let mut fetch = sandbox.gomodcache();
    fetch
        .args([
            "fetch",
            &greetings,
            "example.com/words/v2@v2.0.1",
            "--json",
            "--modcache",
        ])
        .arg(sandbox.path("modcache"))
        .args(["--mirror", &format!("example.com/greetings={}", mirrors[0])])
        .args(["--mirror", &format!("example.com/words={}", mirrors[1])]);
    let told = run_well(&mut fetch);
    let first = serde_json::Deserializer::from_slice(&told.stdout)
        .into_iter::<serde_json::Value>()
        .next();
    let first = first.expect("an object").expect("JSON");
    let version = first["Version"].as_str().expect("a version");
    sandbox.write(
        "work/go.mod",
        format!("module example.com/app\n\ngo 1.21\n\nrequire example.com/greetings {version}\n"),
    );
    sandbox.write("work/main.go", "package main\n\nimport \"example.com/greetings\"\n\nfunc main() { println(greetings.Hello(\"world\")) }\n");
    run_well(offline_go(sandbox).args(["build", "-o", "app", "."]));
    assert_eq!(
        tell(&mut sandbox.command(sandbox.path("work/app"))).stderr,
        "hello, world\n"
    );
    let verified = run_well(offline_go(sandbox).args(["mod", "verify"]));
    assert_eq!(
        String::from_utf8_lossy(&verified.stdout),
        "all modules verified\n"
    );
    let sums = std::fs::read_to_string(sandbox.path("work/go.sum")).expect("go.sum");
    assert_eq!(sums.lines().count(), 4, "{sums}");
}

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    build_mirrors(&sandbox);
    sandbox
}

fn a_program_builds_offline_from_a_local_mirror() {
    let sandbox = sandbox();
    let places = sandbox.path("{}.git").display().to_string();
    builds(&sandbox, &places, "v1.1.0");
}

fn a_program_builds_offline_from_a_git_http_server() {
    let sandbox = sandbox();
    let server = Server::start(&sandbox);
    builds(&sandbox, &server.repository("{}.git"), "v1.1.0");
}

fn a_program_builds_offline_from_a_git_daemon() {
    let sandbox = sandbox();
    let server = Server::start_git_daemon(&sandbox);
    builds(&sandbox, &server.repository("{}.git"), "v1.1.0");
}

fn a_program_builds_offline_from_a_bundle() {
    let sandbox = sandbox();
    for name in ["greetings", "words"] {
        let mut git = sandbox.git();
        git.arg("--git-dir")
            .arg(sandbox.path(&format!("{name}.git")));
        let bundle = sandbox.path(&format!("{name}.bundle"));
        run_well(git.args(["bundle", "create"]).arg(bundle).arg("--all"));
    }
    let places = sandbox.path("{}.bundle").display().to_string();
    builds(&sandbox, &places, "v1.1.0");
}

fn a_program_builds_offline_from_a_commit_with_its_history() {
    let sandbox = sandbox();
    let server = Server::start(&sandbox);
    let daemon = Server::start_git_daemon(&sandbox);
    let mirrors = [
        daemon.repository("greetings.git"),
        server.repository("words.git"),
    ];
    builds_with(&sandbox, &mirrors, "main");
}

fn go_reads_latest_from_our_cache_as_a_file_proxy() {
    let sandbox = sandbox();
    let mirror = format!(
        "example.com/greetings={}",
        sandbox.path("greetings.git").display()
    );
    let mut fetch = sandbox.gomodcache();
    fetch.args([
        "fetch",
        "example.com/greetings@v1.1.0",
        "--mirror",
        &mirror,
        "--modcache",
    ]);
    run_well(fetch.arg(sandbox.path("modcache")));
    let proxy = format!(
        "file://{}",
        sandbox.path("modcache/cache/download").display()
    );
    let mut go = offline_go(&sandbox);
    go.env("GOPROXY", proxy)
        .env("GOMODCACHE", sandbox.path("other"))
        .env("GOFLAGS", "");
    let told = run_well(go.args(["list", "-m", "example.com/greetings@latest"]));
    assert_eq!(
        String::from_utf8_lossy(&told.stdout),
        "example.com/greetings v1.1.0\n"
    );
}
