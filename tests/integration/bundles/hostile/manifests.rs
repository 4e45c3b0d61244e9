//! Manifests that lie about names, sizes and numbers.

use super::super::builder::{Bundle, Entry, FILES, compressed};
use super::{Case, case, changed, with_entry};
use serde_json::{Value, json};

/// A bundle whose manifest differs in one place.
fn with(pointer: &str, value: Value) -> Vec<u8> {
    changed(|bundle| *bundle.manifest.pointer_mut(pointer).expect("a place") = value)
}

/// A bundle with this for a manifest.
fn manifest(text: impl AsRef<[u8]>) -> Vec<u8> {
    compressed(&Bundle::sound().tar_after(&[Entry::new("manifest.json", text)]))
}

pub(super) fn cases() -> Vec<Case> {
    vec![
        case(
            "no manifest",
            &["it does not begin with manifest.json"],
            || compressed(&Bundle::sound().tar_after(&[])),
        ),
        case(
            "a manifest that does not come first",
            &["it does not begin with manifest.json"],
            || {
                let manifest = Entry::new("manifest.json", Bundle::sound().manifest.to_string());
                let readme = Entry::new("README", "");
                compressed(&Bundle::sound().tar_after(&[readme, manifest]))
            },
        ),
        case(
            "two manifests",
            &["v1.0.0.info is expected, and \"manifest.json\" comes"],
            || with_entry(Entry::new("manifest.json", "{}")),
        ),
        case(
            "a huge manifest",
            &["manifest.json has 1099511627776 bytes"],
            || {
                let mut entry = Entry::new("manifest.json", "{}");
                entry.header.set_size(1 << 40);
                entry.header.set_cksum();
                compressed(&Bundle::sound().tar_after(&[entry]))
            },
        ),
        case(
            "a manifest that is no JSON",
            &["this is no manifest"],
            || manifest("hello"),
        ),
        case(
            "a manifest that is nested deeply",
            &["this is no manifest"],
            || manifest("{\"Projects\":".to_owned() + &"[".repeat(100_000)),
        ),
        case(
            "a manifest of countless projects",
            &["expected at most 10000 projects"],
            || {
                manifest(format!(
                    "{{\"Format\":1,\"Projects\":[{}\"\"]}}",
                    "\"\",".repeat(1_000_000)
                ))
            },
        ),
        case(
            "a manifest of countless files",
            &["missing field `Name`"],
            || {
                manifest(format!(
                    "{{\"Format\":1,\"Lists\":[{}{{}}]}}",
                    "{},".repeat(1_000_000)
                ))
            },
        ),
        case(
            "a manifest of another format",
            &["the manifest has format 2"],
            || with("/Format", json!(2)),
        ),
        case(
            "a manifest with a negative size",
            &["the manifest is malformed"],
            || with("/Modules/0/Files/0/Size", json!(-1)),
        ),
        case(
            "a manifest with a malformed sum",
            &["malformed SHA-256 sum"],
            || with("/Modules/0/Files/0/SHA256", json!("é".repeat(32))),
        ),
        case(
            "a file in the manifest that leads out",
            &["not named as the module cache names them"],
            || {
                with(
                    "/Modules/0/Files/0/Name",
                    json!(format!("{FILES}/../../../../../evil.info")),
                )
            },
        ),
        case(
            "a file in the manifest that leads out once unescaped",
            &["not named as the module"],
            || {
                with(
                    "/Modules/0/Files/0/Name",
                    json!("cache/download/example.com/!./!./@v/v1.0.0.info"),
                )
            },
        ),
        case(
            "a module path that leads out",
            &["the manifest has \"example.com/../../evil\""],
            || with("/Modules/0/Path", json!("example.com/../../evil")),
        ),
        case(
            "an absolute module path",
            &["the manifest has \"/etc\""],
            || with("/Modules/0/Path", json!("/etc")),
        ),
        case("a version that leads out", &["../v1.0.0"], || {
            with("/Modules/0/Version", json!("../v1.0.0"))
        }),
        case("a module twice", &["none comes twice"], || {
            changed(|bundle| {
                let again = bundle.manifest["Modules"][0].clone();
                bundle.manifest["Modules"]
                    .as_array_mut()
                    .expect("a list")
                    .push(again);
            })
        }),
        case(
            "a file of a version twice",
            &["not named as the module cache names them"],
            || {
                changed(|bundle| {
                    let again = bundle.manifest["Modules"][0]["Files"][0].clone();
                    let files = &mut bundle.manifest["Modules"][0]["Files"];
                    files.as_array_mut().expect("a list").insert(0, again);
                })
            },
        ),
        case(
            "a lock in the manifest",
            &["its files are not named as the module cache names them"],
            || changed(|bundle| bundle.add("/Modules/0/Files", &format!("{FILES}.lock"), "")),
        ),
        case(
            "a zip larger than zips may be",
            &["are more than such a file may have"],
            || with("/Modules/0/Files/3/Size", json!(501_u64 << 20)),
        ),
        case(
            "a zip without its sum",
            &["a zip goes with its sum"],
            || with("/Modules/0/Sum", Value::Null),
        ),
        case(
            "a list of another module",
            &["lists versions of a module that it does not have"],
            || {
                changed(|bundle| {
                    bundle.add("/Lists", "cache/download/example.com/n/@v/list", "v1.0.0\n")
                })
            },
        ),
    ]
}
