//! Versions that are in the cache already: whole ones stay, halves are repaired, others are kept.

use crate::support::sample::{self, FIRST_SUMS};
use crate::support::sandbox::{Sandbox, run_well, tell};
use crate::support::tests;
use crate::support::tree::{self, Listing, Origin};
use libtest_mimic::Trial;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::PathBuf;

/// The tests of this group.
pub(crate) fn trials() -> Vec<Trial> {
    tests!("repeated":
        a_whole_version_is_not_made_again,
        a_second_run_prints_the_same,
        a_lost_hash_file_is_written_again,
        a_lost_info_file_is_written_again,
        a_lost_go_mod_file_is_written_again,
        a_lost_zip_is_made_again,
        a_lost_folder_is_extracted_again,
        a_folder_marked_as_partial_is_extracted_again,
        a_list_without_the_version_gets_it,
        an_empty_hash_file_is_written_again,
        temporary_files_of_a_killed_run_are_no_matter,
        a_tag_that_moved_does_not_overwrite_the_version,
        another_zip_in_the_cache_is_kept_and_told,
    )
}

const REQUEST: &str = "example.com/m@v1.0.0";
const FILES: &str = "modcache/cache/download/example.com/m/@v";

/// A sandbox in whose cache the version is whole.
fn fetched() -> Sandbox {
    let sandbox = sample::sandbox();
    tell(&mut sample::fetch(&sandbox, &[REQUEST])).prints(FIRST_SUMS);
    sandbox
}

fn listing(sandbox: &Sandbox) -> Listing {
    tree::list(&sandbox.path("modcache"), Origin::Compared)
}

fn file(sandbox: &Sandbox, name: &str) -> PathBuf {
    sandbox.path(&format!("{FILES}/{name}"))
}

/// Inode and time of change of every path.
fn identities(sandbox: &Sandbox) -> Vec<(PathBuf, u64, i64, i64)> {
    walkdir::WalkDir::new(sandbox.path("modcache"))
        .sort_by_file_name()
        .into_iter()
        .map(|entry| {
            let entry = entry.expect("a readable cache");
            let facts = entry.metadata().expect("metadata");
            (
                entry.into_path(),
                facts.ino(),
                facts.ctime(),
                facts.ctime_nsec(),
            )
        })
        .collect()
}

/// Damages a whole version, fetches again, and demands the whole version back.
fn repaired(damage: impl Fn(&Sandbox)) {
    let sandbox = fetched();
    let whole = listing(&sandbox);
    damage(&sandbox);
    assert_ne!(
        tree::difference(&whole, &listing(&sandbox)),
        "",
        "the damage changes nothing"
    );
    tell(&mut sample::fetch(&sandbox, &[REQUEST])).prints(FIRST_SUMS);
    assert_eq!(tree::difference(&whole, &listing(&sandbox)), "");
}

fn make_writable(sandbox: &Sandbox) {
    let extracted = sandbox.path("modcache/example.com/m@v1.0.0");
    let writable = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(extracted, writable).expect("mode");
}

fn a_whole_version_is_not_made_again() {
    let sandbox = fetched();
    let before = identities(&sandbox);
    tell(&mut sample::fetch(&sandbox, &[REQUEST])).prints(FIRST_SUMS);
    assert_eq!(before, identities(&sandbox));
}

fn a_second_run_prints_the_same() {
    let sandbox = fetched();
    for _ in 0..2 {
        tell(&mut sample::fetch(&sandbox, &[REQUEST])).prints(FIRST_SUMS);
    }
}

fn a_lost_hash_file_is_written_again() {
    repaired(|sandbox| std::fs::remove_file(file(sandbox, "v1.0.0.ziphash")).expect("remove"));
}

fn a_lost_info_file_is_written_again() {
    repaired(|sandbox| std::fs::remove_file(file(sandbox, "v1.0.0.info")).expect("remove"));
}

fn a_lost_go_mod_file_is_written_again() {
    repaired(|sandbox| std::fs::remove_file(file(sandbox, "v1.0.0.mod")).expect("remove"));
}

fn a_lost_zip_is_made_again() {
    repaired(|sandbox| std::fs::remove_file(file(sandbox, "v1.0.0.zip")).expect("remove"));
}

fn a_lost_folder_is_extracted_again() {
    repaired(|sandbox| {
        make_writable(sandbox);
        std::fs::remove_dir_all(sandbox.path("modcache/example.com/m@v1.0.0")).expect("remove");
    });
}

fn a_folder_marked_as_partial_is_extracted_again() {
    repaired(|sandbox| {
        make_writable(sandbox);
        std::fs::remove_file(sandbox.path("modcache/example.com/m@v1.0.0/m.go")).expect("remove");
        sandbox.write(&format!("{FILES}/v1.0.0.partial"), "");
    });
}

fn a_list_without_the_version_gets_it() {
    repaired(|sandbox| {
        sandbox.write(&format!("{FILES}/list"), "");
    });
}

fn an_empty_hash_file_is_written_again() {
    repaired(|sandbox| {
        sandbox.write(&format!("{FILES}/v1.0.0.ziphash"), "");
    });
}

fn temporary_files_of_a_killed_run_are_no_matter() {
    let sandbox = sample::sandbox();
    for name in ["v1.0.0.zip123.tmp", "v1.0.0.info99.tmp", "v1.0.0.lock"] {
        sandbox.write(&format!("{FILES}/{name}"), "half of a fi");
    }
    tell(&mut sample::fetch(&sandbox, &[REQUEST])).prints(FIRST_SUMS);
    let temporary = |name: &String| name.contains(".zip") && name.ends_with(".tmp");
    let left: Vec<String> = tree::files(&sandbox.path("modcache"));
    assert!(!left.iter().any(temporary), "{left:?}");
}

/// Another repository in place of the first, whose v1.0.0 has other contents.
fn move_the_tag(sandbox: &Sandbox) {
    std::fs::remove_dir_all(sandbox.path("m.git")).expect("remove");
    sample::mirror()
        .file("m.go", "package moved\n")
        .commit("moved")
        .tag("v1.0.0")
        .build(&sandbox.path("m.git"));
}

fn a_tag_that_moved_does_not_overwrite_the_version() {
    let sandbox = fetched();
    let whole = listing(&sandbox);
    move_the_tag(&sandbox);
    let told = tell(&mut sample::fetch(&sandbox, &[REQUEST]));
    assert!(matches!(told.code, Some(0 | 3)), "{told:#?}");
    assert_eq!(tree::difference(&whole, &listing(&sandbox)), "");
}

fn another_zip_in_the_cache_is_kept_and_told() {
    let sandbox = fetched();
    move_the_tag(&sandbox);
    // Without the folder the version is not whole, so that the mirror has to be asked.
    make_writable(&sandbox);
    std::fs::remove_dir_all(sandbox.path("modcache/example.com/m@v1.0.0")).expect("remove");
    std::fs::remove_file(file(&sandbox, "v1.0.0.info")).expect("remove");
    std::fs::remove_file(file(&sandbox, "v1.0.0.ziphash")).expect("remove");
    let zip = std::fs::read(file(&sandbox, "v1.0.0.zip")).expect("zip");
    let told = tell(&mut sample::fetch(&sandbox, &[REQUEST]));
    let other = run_well(&mut sample::fetch_into(&sandbox, &[REQUEST], "elsewhere"));
    let other = String::from_utf8_lossy(&other.stdout).into_owned();
    let moved = other.split_whitespace().nth(2).expect("a sum");
    told.fails(
        3,
        [
            REQUEST,
            "h1:MYJvGMFp7MSfOT0HgCzzwcYKhzct1l9lqNAt7+WHOCg=",
            moved,
        ],
    );
    assert_eq!(
        std::fs::read(file(&sandbox, "v1.0.0.zip")).expect("zip"),
        zip
    );
}
