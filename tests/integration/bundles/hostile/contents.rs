//! Files of a version that are not what they should be.

use super::super::builder::{Bundle, h1, zip};
use super::{Case, case, changed, differs};
use serde_json::json;

pub(super) fn versions() -> Vec<Case> {
    vec![
        case(
            "an info of another version",
            &["its .info is that of v1.0.1"],
            || {
                changed(|bundle| {
                    bundle.replace(0, r#"{"Version":"v1.0.1","Time":"2024-01-02T03:04:05Z"}"#);
                })
            },
        ),
        case(
            "an info that is no JSON",
            &["its .info is malformed"],
            || changed(|bundle| bundle.replace(0, "<html>")),
        ),
        case(
            "an info that is nested deeply",
            &["its .info is malformed"],
            || changed(|bundle| bundle.replace(0, "[".repeat(100_000))),
        ),
        case(
            "a hash file that lies",
            &["its .ziphash is not the sum in the manifest"],
            || changed(|bundle| bundle.replace(2, h1(&[]))),
        ),
        differs(
            "a go.mod with another sum",
            &["example.com/M@v1.0.0/go.mod: checksum mismatch"],
            || changed(|bundle| bundle.replace(1, "module example.com/other\n")),
        ),
        case(
            "a go.mod that is not the one in the zip",
            &["its .mod is not the go.mod in its zip"],
            || {
                changed(|bundle| {
                    let other = "module example.com/other\n";
                    bundle.replace(1, other);
                    bundle.manifest["Modules"][0]["GoModSum"] = json!(h1(&[("go.mod", other)]));
                })
            },
        ),
        differs(
            "a zip with another sum",
            &["example.com/M@v1.0.0: checksum mismatch", "forged"],
            || {
                let zip = zip(&[("example.com/M@v1.0.0/m.go", "package evil\n")]);
                changed(|bundle| bundle.replace(3, zip))
            },
        ),
    ]
}

/// A bundle of a zip with these files, whose names are given in full, and with their sum.
fn of_zip(files: &[(&str, &str)]) -> Vec<u8> {
    Bundle::of_zip_bytes(&zip(files), &h1(files)).bytes()
}

pub(super) fn zips() -> Vec<Case> {
    vec![
        case(
            "a zip that is none",
            &["the zip in the bundle is refused"],
            || Bundle::of_zip_bytes(b"PK\x03\x04 no zip", &h1(&[])).bytes(),
        ),
        case(
            "a zip with a foreign prefix",
            &["example.com/other@v1.0.0/m.go"],
            || of_zip(&[("example.com/other@v1.0.0/m.go", "package m\n")]),
        ),
        case("a zip that leads out", &["../../evil"], || {
            of_zip(&[("example.com/M@v1.0.0/../../evil", "")])
        }),
        case("a zip with an absolute name", &["/etc/evil"], || {
            of_zip(&[("/etc/evil", "")])
        }),
        case("a zip with names that differ by case", &["M.go"], || {
            of_zip(&[
                ("example.com/M@v1.0.0/M.go", ""),
                ("example.com/M@v1.0.0/m.go", ""),
            ])
        }),
        case(
            "a zip bomb",
            &["the zip in the bundle is refused"],
            zip_bomb,
        ),
        case(
            "a zip bomb that lies",
            &["the zip in the bundle is refused"],
            lying_zip_bomb,
        ),
    ]
}

const BOMB: u32 = 600 << 20;

/// A zip of a file with the size in its headers and another content.
fn bomb(size: u32, content: &str) -> Vec<u8> {
    let mut zip = zip(&[("example.com/M@v1.0.0/zeros.go", content)]);
    let local = 22;
    let central = zip
        .windows(4)
        .position(|at| at == b"PK\x01\x02")
        .expect("a directory")
        + 24;
    for place in [local, central] {
        zip[place..place + 4].copy_from_slice(&size.to_le_bytes());
    }
    Bundle::of_zip_bytes(&zip, &h1(&[])).bytes()
}

fn zip_bomb() -> Vec<u8> {
    bomb(
        BOMB,
        "a file that is said to be larger than all of a module may be",
    )
}

fn lying_zip_bomb() -> Vec<u8> {
    bomb(10, &"0".repeat(10 << 20))
}
