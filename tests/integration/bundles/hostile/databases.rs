//! Records of checksum databases that prove nothing, or that lead out.

use super::super::builder::{Bundle, MODULE};
use super::{Case, case, differs, left, unpack_with};
use crate::support::sandbox::{Sandbox, Told};
use crate::support::tests;
use crate::test_database::TestDatabase;
use libtest_mimic::Trial;

const FOLDER: &str = "cache/download/sumdb/sum.example";
const RECORD: &str = "lookup/example.com/!m@v1.0.0";

/// Tests with a database whose key is known.
pub(super) fn trials() -> Vec<Trial> {
    tests!("hostile":
        records_that_are_proven_count,
        a_record_of_another_sum_is_refused,
        a_record_under_the_name_of_another_version_is_refused,
        a_record_that_has_been_changed_is_refused,
        a_tile_that_has_been_changed_is_refused,
    )
}

/// A bundle with a file of a checksum database.
fn with_record(name: &str, content: &str) -> Vec<u8> {
    let mut bundle = Bundle::sound();
    bundle.add_record(name, content);
    bundle.bytes()
}

pub(super) fn cases() -> Vec<Case> {
    vec![
        differs(
            "a record that somebody else has signed",
            &["security error"],
            || {
                let mut database = TestDatabase::new("sum.golang.org", 1);
                database.add("m", "example.com/M v1.0.0 h1:evil\n");
                let name = format!("cache/download/sumdb/sum.golang.org/{RECORD}");
                with_record(&name, &database.lookup("m").expect("a record"))
            },
        ),
        case("a record that leads out", &["malformed name"], || {
            with_record("cache/download/sumdb/sum.golang.org/../../../../evil", "")
        }),
        case("a record in an absolute place", &["malformed name"], || {
            with_record("cache/download/sumdb//etc/evil", "")
        }),
        case("a record of nobody", &["malformed name"], || {
            with_record("cache/download/sumdb/evil", "")
        }),
        case(
            "a record that is no record",
            &["outside cache/download/sumdb/"],
            || with_record("cache/download/example.com/!m/@v/v1.0.0.info", ""),
        ),
    ]
}

/// Unpacks a sound version, of which the database has the sums that `record` makes of the real ones, together with
/// the files of the database, changed. Gives what was told and whether anything was left.
fn unpacked(record: fn(&str, &str) -> String, change: fn(&str, &mut Vec<u8>)) -> (Told, bool) {
    let mut bundle = Bundle::sound();
    let module = &bundle.manifest["Modules"][0];
    let sums = [&module["Sum"], &module["GoModSum"]].map(|sum| sum.as_str().expect("a sum"));
    let mut database = TestDatabase::new("sum.example", 1);
    database.fill(4);
    database.add("example.com/!m@v1.0.0", &record(sums[0], sums[1]));
    for path in [RECORD, "tile/8/0/000.p/5"] {
        let mut content = database.answer(path).expect("a file");
        change(path, &mut content);
        bundle.add_record(&format!("{FOLDER}/{path}"), content);
    }
    let sandbox = Sandbox::new();
    let told = unpack_with(&sandbox, &bundle.bytes(), |command| {
        command
            .args(["--sumdb", "require"])
            .env("GOSUMDB", database.verifier_key());
    });
    // Records that are proven are kept, whatever came with them.
    let is_left = left(&sandbox).iter().any(|name| !name.contains("/sumdb/"));
    (told, is_left)
}

fn honest(zip: &str, go_mod: &str) -> String {
    format!("{MODULE} v1.0.0 {zip}\n{MODULE} v1.0.0/go.mod {go_mod}\n")
}

fn records_that_are_proven_count() {
    let (told, is_left) = unpacked(honest, |_, _| ());
    assert_eq!(told.code, Some(0), "{told:#?}");
    told.mentions(["added 1, already there 0\nverified by sum.example 1\n"]);
    assert!(is_left);
}

/// Demands that a bundle was refused because of its records.
fn refused((told, is_left): (Told, bool), words: [&str; 2]) {
    told.fails(3, words);
    assert!(!is_left, "{told:#?}");
}

fn a_record_of_another_sum_is_refused() {
    let other =
        |_: &str, go_mod: &str| honest("h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", go_mod);
    refused(
        unpacked(other, |_, _| ()),
        ["checksum mismatch", "sum.example"],
    );
}

fn a_record_under_the_name_of_another_version_is_refused() {
    let other = |zip: &str, _: &str| format!("{MODULE} v1.0.1 {zip}\n");
    let (told, is_left) = unpacked(other, |_, _| ());
    told.fails(1, ["example.com/M@v1.0.0", "sum.example"]);
    assert!(!is_left, "{told:#?}");
}

fn a_record_that_has_been_changed_is_refused() {
    let change = |path: &str, content: &mut Vec<u8>| {
        if path == RECORD {
            let text = String::from_utf8(content.clone()).expect("text");
            *content = text.replacen("h1:", "h1:x", 1).into_bytes();
        }
    };
    refused(unpacked(honest, change), ["sum.example", "security error"]);
}

fn a_tile_that_has_been_changed_is_refused() {
    let change = |path: &str, content: &mut Vec<u8>| {
        if path.starts_with("tile") {
            content[40] ^= 1;
        }
    };
    refused(unpacked(honest, change), ["sum.example", "security error"]);
}
