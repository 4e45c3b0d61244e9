//! `check --prove` asks go, and changes nothing.

use crate::support::oracle_tests;
use crate::support::sandbox::{Told, make_writable, tell};
use crate::workshop::Workshop;
use crate::world::{go_mod, package, test};
use libtest_mimic::Trial;
use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use walkdir::WalkDir;

pub(crate) fn trials() -> Vec<Trial> {
    oracle_tests!("prove":
        go_agrees_and_nothing_changes,
        go_agrees_that_something_is_missing,
        go_disagrees_and_is_quoted,
        a_workspace_with_folders_beside_it_is_proven,
        a_workspace_above_all_of_its_modules_is_proven,
        a_go_mod_that_needs_an_update_is_borne_by_what_go_does_with_it,
        a_project_that_does_not_compile_has_all_it_needs,
        without_go_nothing_can_be_proven,
        a_go_that_does_not_end_is_ended,
    )
}

/// A project with a test and a folder beside it, tidy and seeded.
fn seeded() -> Workshop {
    let replaced = "\nreplace example.com/x => ../beside\n";
    let require = ["example.com/a v1.1.0", "example.com/x v1.0.0"];
    let shop = Workshop::new(&[
        (
            "go.mod",
            go_mod("example.com/main", "1.21", &require) + replaced,
        ),
        ("p.go", package(&["example.com/a", "example.com/x"])),
        ("p_test.go", test(&["example.com/t"])),
        (
            "cmd/tool/main.go",
            "package main\n\nfunc main() {}\n".to_owned(),
        ),
        ("../beside/go.mod", go_mod("example.com/x", "1.20", &[])),
        ("../beside/p.go", package(&[])),
    ]);
    shop.online(&["mod", "tidy"]);
    let told = shop.seed(&[]);
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    shop
}

fn prove(shop: &Workshop, arguments: &[&str]) -> Told {
    tell(with_real_go(&mut shop.ours("check", arguments)).arg("--prove"))
}

/// Other commands of ours run on machines without go.
fn with_real_go(command: &mut Command) -> &mut Command {
    let path = std::env::var_os("PATH").unwrap_or_default();
    command
        .env("PATH", path)
        .env("GOCACHE", Workshop::build_cache())
}

/// Contents and modes of everything below a folder.
fn snapshot(folder: &Path) -> BTreeMap<String, (u32, Vec<u8>)> {
    let entries = WalkDir::new(folder)
        .into_iter()
        .map(|entry| entry.expect("an entry"));
    entries
        .map(|entry| {
            let mode = entry.metadata().expect("metadata").permissions().mode();
            let content = std::fs::read(entry.path()).unwrap_or_default();
            (entry.path().display().to_string(), (mode, content))
        })
        .collect()
}

/// Demands that so many verbs work, and that go says so, too.
fn assert_go_agrees(told: &Told, verbs: usize) {
    assert_eq!(told.code, Some(0), "{}{}", told.stdout, told.stderr);
    let agreed = told
        .stdout
        .lines()
        .filter(|line| line.ends_with("yes; go agrees: it works"));
    assert_eq!(agreed.count(), verbs, "{}", told.stdout);
}

fn go_agrees_and_nothing_changes() {
    let shop = seeded();
    shop.sandbox
        .write("work/vendor/modules.txt", "# nonsense\n");
    let all = |shop: &Workshop| {
        [
            shop.cache(),
            shop.sandbox.path("work"),
            shop.sandbox.path("beside"),
        ]
        .map(|it| snapshot(&it))
    };
    let before = all(&shop);
    let mut command = shop.ours("check", &["--prove"]);
    command
        .env("GOFLAGS", "-mod=vendor -modcacherw -nonsense")
        .env("GOPROXY", "direct")
        .env("GOPRIVATE", "*")
        .env("HTTPS_PROXY", "http://127.0.0.1:9");
    assert_go_agrees(&tell(with_real_go(&mut command)), 7);
    assert!(before == all(&shop), "something has changed");
    let left = WalkDir::new(shop.sandbox.path("home"))
        .into_iter()
        .flatten();
    let left = left.filter(|entry| entry.file_name().to_string_lossy().starts_with("prove-"));
    assert_eq!(left.count(), 0);
}

fn go_agrees_that_something_is_missing() {
    let shop = seeded();
    let cache = shop.cache();
    make_writable(&cache);
    std::fs::remove_dir_all(cache.join("example.com/a@v1.1.0")).expect("the folder");
    std::fs::remove_file(cache.join("cache/download/example.com/a/@v/v1.1.0.zip"))
        .expect("the zip");
    let told = prove(&shop, &["--json"]);
    assert_eq!(told.code, Some(1), "{}{}", told.stdout, told.stderr);
    let checked: serde_json::Value = serde_json::from_str(&told.stdout).expect("JSON");
    for verb in checked["Verbs"].as_array().expect("verbs") {
        assert_eq!(verb["Go"]["Agrees"], true, "{verb}");
        assert_eq!(verb["Go"]["Works"], verb["Works"], "{verb}");
        let is_of_files = !matches!(verb["Verb"].as_str(), Some("list" | "verify"));
        assert_eq!(verb["Works"], !is_of_files, "{verb}");
        assert_eq!(verb["Go"]["Output"].is_string(), is_of_files, "{verb}");
    }
}

fn go_disagrees_and_is_quoted() {
    let shop = seeded();
    let file = shop.cache().join("example.com/a@v1.1.0/p.go");
    make_writable(&shop.cache());
    std::fs::remove_file(&file).expect("a file");
    std::fs::write(&file, package(&["example.com/nowhere"])).expect("a file");
    let told = prove(&shop, &[]);
    assert_eq!(told.code, Some(1), "{}{}", told.stdout, told.stderr);
    for words in [
        "  verify    yes; go DISAGREES: it fails\n",
        "go, verify: example.com/a v1.1.0: dir has been modified",
    ] {
        assert!(told.stdout.contains(words), "{words}\n{}", told.stdout);
    }
}

fn a_workspace_with_folders_beside_it_is_proven() {
    let shop = Workshop::new(&[
        ("go.work", "go 1.21\n\nuse (\n\t./x\n\t../y\n)\n".to_owned()),
        (
            "x/go.mod",
            go_mod("example.com/x", "1.21", &["example.com/b v1.0.0"]),
        ),
        ("x/p.go", package(&["example.com/b"])),
        (
            "../y/go.mod",
            go_mod("example.com/y", "1.21", &["example.com/t v1.0.0"]),
        ),
        ("../y/p.go", package(&["example.com/t", "example.com/x"])),
    ]);
    shop.online(&["list", "-deps", "-test", "./x/...", "../y/..."]);
    shop.seed(&[]);
    assert_go_agrees(&prove(&shop, &[]), 6);
}

fn a_workspace_above_all_of_its_modules_is_proven() {
    let shop = Workshop::new(&[
        ("go.work", "go 1.21\n\nuse ./lib/x\n".to_owned()),
        (
            "lib/x/go.mod",
            go_mod("example.com/x", "1.21", &["example.com/b v1.0.0"]),
        ),
        ("lib/x/p.go", package(&["example.com/b"])),
    ]);
    shop.seed(&[]);
    let unrecorded = shop.check(&[]);
    assert_eq!(unrecorded.code, Some(1), "{}", unrecorded.stdout);
    let hint = format!(
        "hint: go mod download in {}\n",
        shop.sandbox.path("work").display()
    );
    assert!(unrecorded.stderr.contains(&hint), "{}", unrecorded.stderr);
    shop.online(&["mod", "download"]);
    assert_go_agrees(&prove(&shop, &[]), 6);
}

fn a_go_mod_that_needs_an_update_is_borne_by_what_go_does_with_it() {
    let shop = seeded();
    let beside = go_mod("example.com/x", "1.22", &[]);
    shop.sandbox.write("work/../beside/go.mod", beside);
    let told = prove(&shop, &[]);
    assert_eq!(told.code, Some(1), "{}{}", told.stdout, told.stderr);
    assert!(told.stdout.contains("needs an update"), "{}", told.stdout);
    for verb in ["verify", "download"] {
        let works = format!("  {verb:<8}  yes; go agrees: it works\n");
        assert!(told.stdout.contains(&works), "{}", told.stdout);
    }
    assert!(!told.stdout.contains("disagrees"), "{}", told.stdout);
}

fn a_project_that_does_not_compile_has_all_it_needs() {
    let shop = seeded();
    shop.sandbox.write(
        "work/p.go",
        package(&["example.com/a", "example.com/x"]) + "\nvar x int = \"\"\n",
    );
    let told = prove(&shop, &[]);
    assert_eq!(told.code, Some(0), "{}{}", told.stdout, told.stderr);
    let words = "  build     yes; go agrees: it finds all it needs, though it does not compile\n";
    assert!(told.stdout.contains(words), "{}", told.stdout);
}

/// Runs `check --prove` with a PATH of its own, on which `go` is this script.
fn with_go(shop: &Workshop, script: Option<&str>, arguments: &[&str]) -> Told {
    let folder = shop.sandbox.path("bin");
    std::fs::create_dir_all(&folder).expect("a folder");
    if let Some(script) = script {
        let file = shop.sandbox.write("bin/go", script);
        std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o755)).expect("a mode");
    }
    let mut command = shop.ours("check", arguments);
    tell(command.arg("--prove").env("PATH", folder))
}

fn without_go_nothing_can_be_proven() {
    let shop = seeded();
    let told = with_go(&shop, None, &[]);
    told.fails(1, ["there is no go command on PATH, and --prove runs it"]);
}

fn a_go_that_does_not_end_is_ended() {
    let shop = seeded();
    let script = "#!/bin/sh\n[ \"$1\" = env ] && echo go1.26.8 && exit\n/bin/sleep 600 &\nwait\n";
    let told = with_go(&shop, Some(script), &["--prove-limit", "1"]);
    told.fails(1, ["go mod verify", "did not end within 1 s"]);
}
