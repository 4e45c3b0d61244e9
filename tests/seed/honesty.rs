//! What `gomodcache check` says works, works: whatever is taken out of the cache, go is asked.

use crate::support::oracle_tests;
use crate::support::sandbox::{make_writable, run};
use crate::workshop::Workshop;
use crate::world::{go_mod, package, test};
use libtest_mimic::Trial;
use std::path::{Path, PathBuf};
use walkdir::WalkDir;

pub(crate) fn trials() -> Vec<Trial> {
    oracle_tests!("honesty":
        what_check_promises_go_does,
        what_check_promises_go_does_in_an_unpruned_project,
    )
}

const VERBS: [(&str, &[&str]); 7] = [
    ("build", &["build", "./..."]),
    ("test", &["test", "./..."]),
    ("tidy", &["mod", "tidy"]),
    ("list", &["list", "-m", "all"]),
    ("verify", &["mod", "verify"]),
    ("download", &["mod", "download"]),
    ("vendor", &["mod", "vendor"]),
];

fn what_check_promises_go_does() {
    promises_hold("1.21", &["example.com/a v1.1.0"], "example.com/a");
}

fn what_check_promises_go_does_in_an_unpruned_project() {
    promises_hold("1.15", &["example.com/loose v1.0.0"], "example.com/loose");
}

fn promises_hold(go: &str, require: &[&str], import: &str) {
    let shop = Workshop::new(&[
        ("go.mod", go_mod("example.com/main", go, require)),
        ("p.go", package(&[import])),
        ("p_test.go", test(&["example.com/b"])),
    ]);
    shop.online(&["mod", "tidy"]);
    shop.seed(&[]);
    let whole = shop.sandbox.path("whole");
    copy(&shop.cache(), &whole);
    let victims = victims(&whole);
    assert!(victims.len() >= 15, "{victims:?}");
    let mut refusals = 0;
    for victim in &victims {
        restore(&shop, &whole, victim);
        let promised = promises(&shop);
        for (verb, arguments) in VERBS {
            if !promised.iter().any(|works| works == verb) {
                refusals += 1;
                continue;
            }
            // go mends what it can; the next verb must not profit.
            restore(&shop, &whole, victim);
            let output = run(&mut shop.offline(arguments));
            assert!(
                output.status.success(),
                "without {}, check promises {verb}, but go says:\n{}",
                victim.display(),
                String::from_utf8_lossy(&output.stderr)
            );
            // An own vendor folder would be used instead of the cache.
            let _ = std::fs::remove_dir_all(shop.sandbox.path("work/vendor"));
        }
    }
    assert!(refusals > 0, "nothing that was taken out was missed");
}

/// The verbs that `check` says work.
fn promises(shop: &Workshop) -> Vec<String> {
    let told = shop.check(&["--json"]);
    let checked: serde_json::Value = serde_json::from_str(&told.stdout).expect("JSON");
    let verbs = checked["Verbs"].as_array().expect("verbs").iter();
    let works = verbs.filter(|verb| verb["Works"] == true);
    works
        .filter_map(|verb| Some(verb["Verb"].as_str()?.to_owned()))
        .collect()
}

/// Each file and folder that a version consists of, from the top of the cache.
fn victims(cache: &Path) -> Vec<PathBuf> {
    let entries = WalkDir::new(cache)
        .sort_by_file_name()
        .into_iter()
        .flatten();
    let paths = entries.map(|entry| entry.path().strip_prefix(cache).expect("below").to_owned());
    paths
        .filter(|path| {
            let is_part = ["info", "mod", "zip", "ziphash"]
                .iter()
                .any(|extension| path.extension().is_some_and(|it| it == *extension));
            let is_folder = path
                .file_name()
                .is_some_and(|name| name.to_string_lossy().contains('@'));
            match path.starts_with("cache") {
                true => is_part,
                false => is_folder && !path.ends_with("@v"),
            }
        })
        .collect()
}

/// Makes the cache whole but for one file or folder.
fn restore(shop: &Workshop, whole: &Path, victim: &Path) {
    let cache = shop.cache();
    make_writable(&cache);
    std::fs::remove_dir_all(&cache).expect("the cache");
    copy(whole, &cache);
    let victim = cache.join(victim);
    if victim.is_dir() {
        std::fs::remove_dir_all(victim).expect("a folder");
    } else {
        std::fs::remove_file(victim).expect("a file");
    }
}

fn copy(from: &Path, to: &Path) {
    for entry in WalkDir::new(from) {
        let entry = entry.expect("a readable cache");
        let target = to.join(entry.path().strip_prefix(from).expect("below"));
        if entry.file_type().is_dir() {
            std::fs::create_dir_all(target).expect("a folder");
        } else {
            std::fs::copy(entry.path(), target).expect("a file");
        }
    }
}
