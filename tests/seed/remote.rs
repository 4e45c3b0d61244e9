//! Seeding from a server, and what is left when that is interrupted.

use crate::support::mirror::Mirror;
use crate::support::oracle_tests;
use crate::support::sandbox::{run, run_well};
use crate::support::server::Import;
use crate::workshop::{Workshop, succeeded};
use crate::world::{go_mod, package};
use libtest_mimic::Trial;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use walkdir::WalkDir;

pub(crate) fn trials() -> Vec<Trial> {
    oracle_tests!("remote":
        many_versions_of_a_repository_come_in_one_round_trip,
        an_interrupted_run_leaves_nothing_half_written_and_is_taken_up_again,
    )
}

const MODULES: usize = 12;

/// A project on many modules of one repository on a server, each at a commit of its own.
fn many_modules(file_size: usize) -> (Workshop, String) {
    let shop = Workshop::new(&[]);
    let mut mirror = Mirror::new();
    let mut require = Vec::new();
    let mut imports = Vec::new();
    for number in 0..MODULES {
        let path = format!("example.com/many/m{number}");
        let text = go_mod(&path, "1.20", &[]);
        mirror = mirror
            .file(format!("m{number}/go.mod"), text)
            .file(format!("m{number}/p.go"), package(&[]))
            .file(format!("m{number}/data.txt"), content(number, file_size))
            .commit(&format!("module {number}"))
            .tag(&format!("m{number}/v1.{number}.0"));
        require.push(format!("{path} v1.{number}.0"));
        imports.push(path);
    }
    mirror.build(&shop.sandbox.path("many.git"));
    let repository = shop.server.repository("many.git");
    shop.server.import(Import {
        root: "example.com/many".to_owned(),
        repository: repository.clone(),
        subdirectory: None,
    });
    let require: Vec<&str> = require.iter().map(String::as_str).collect();
    let imports: Vec<&str> = imports.iter().map(String::as_str).collect();
    shop.sandbox
        .write("work/go.mod", go_mod("example.com/main", "1.21", &require));
    shop.sandbox.write("work/p.go", package(&imports));
    shop.online(&["mod", "tidy"]);
    (shop, format!("--mirror=example.com/many={repository}"))
}

/// Bytes that do not shrink much.
fn content(seed: usize, size: usize) -> Vec<u8> {
    let mut state = seed as u64 + 1;
    let mut next = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        b'a' + u8::try_from((state >> 33) % 26).expect("a letter")
    };
    (0..size).map(|_| next()).collect()
}

fn many_versions_of_a_repository_come_in_one_round_trip() {
    let (shop, mirror) = many_modules(100);
    let posts = || {
        let requests = shop.server.requests();
        requests
            .iter()
            .filter(|line| line.contains("POST") && line.contains("/many.git/"))
            .count()
    };
    // One lists the references, one fetches; the plan has fetched for both.
    for (arguments, expected) in [(&["--dry-run", &mirror][..], 2), (&[&mirror], 1)] {
        let before = posts();
        let told = shop.seed_without_mirrors(arguments);
        assert_eq!(told.code, Some(0), "{}", told.stderr);
        assert_eq!(posts() - before, expected, "{arguments:?}");
    }
    shop.online(&["mod", "download"]);
    assert!(shop.lacking().is_empty(), "{:#?}", shop.lacking());
    let before = posts();
    let told = shop.seed_without_mirrors(&[&mirror]);
    assert!(
        told.stderr
            .contains(&format!("fetched 0, already there {MODULES}")),
        "{}",
        told.stderr
    );
    assert_eq!(posts(), before);
}

fn an_interrupted_run_leaves_nothing_half_written_and_is_taken_up_again() {
    let (shop, mirror) = many_modules(600 << 10);
    let mut command = shop.ours("seed", &[&mirror, "-j", "1"]);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("gomodcache");
    wait_for_zips(&shop, &mut child, 2);
    run_well(Command::new("kill").args(["-INT", &child.id().to_string()]));
    let output = child.wait_with_output().expect("an end");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(130), "{stderr}");
    let done = zips(&shop);
    assert!(
        (2..MODULES).contains(&done),
        "{done} of {MODULES} were done: {stderr}"
    );
    for entry in WalkDir::new(shop.cache()) {
        let entry = entry.expect("an entry");
        let name = entry.file_name().to_string_lossy().into_owned();
        assert!(
            !name.ends_with(".tmp") && !name.ends_with(".partial"),
            "{name} is left"
        );
    }
    // What is visible is whole: go takes it.
    let mut verified = shop.offline(&["mod", "verify"]);
    let said = String::from_utf8_lossy(&run(&mut verified).stderr).into_owned();
    assert!(
        !said.contains("modified") && !said.contains("mismatch"),
        "{said}"
    );

    let told = shop.seed_without_mirrors(&[&mirror]);
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    let present = told
        .stderr
        .lines()
        .find_map(|line| line.rsplit_once("already there "));
    let present: usize = present
        .and_then(|(_, count)| count.parse().ok())
        .expect("a count");
    assert!(
        (done..MODULES).contains(&present),
        "{done} were done, {}",
        told.stderr
    );
    shop.online(&["mod", "download"]);
    assert!(shop.lacking().is_empty(), "{:#?}", shop.lacking());
    succeeded(&mut shop.offline(&["build", "./..."]));
}

fn zips(shop: &Workshop) -> usize {
    let entries = WalkDir::new(shop.cache()).into_iter().flatten();
    let is_zip = |entry: &walkdir::DirEntry| entry.path().extension().is_some_and(|it| it == "zip");
    entries.filter(is_zip).count()
}

fn wait_for_zips(shop: &Workshop, child: &mut Child, count: usize) {
    let start = Instant::now();
    while zips(shop) < count && start.elapsed() < Duration::from_secs(60) {
        assert!(
            child.try_wait().expect("a state").is_none(),
            "it has ended before it could be interrupted"
        );
        std::thread::sleep(Duration::from_millis(1));
    }
}
