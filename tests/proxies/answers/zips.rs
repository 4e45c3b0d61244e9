//! Zips that no honest proxy sends.

use super::m;
use crate::comparison::{Case, case};
use crate::loopback::Answer;
use crate::world::zip;

/// The tests of this group.
pub(super) fn cases() -> Vec<Case> {
    let of = |files: &[(&str, &str)]| {
        zip(files
            .iter()
            .map(|(name, content)| ((*name).to_owned(), content.as_bytes().to_vec())))
    };
    let at = |name: &str, zip: Vec<u8>| {
        let files = m().with("@v/v1.0.0.zip", Answer::ok(zip));
        case(&format!("a zip {name}"), files, "example.com/m@v1.0.0")
    };
    const M: &str = "example.com/m@v1.0.0/";
    let name = |file: &str| format!("{M}{file}");
    let two = |first: &str, second: &str| of(&[(&name(first), "1"), (&name(second), "2")]);
    let mut endless = of(&[(&name("a.go"), &"x".repeat(5000))]);
    // The directory claims one byte for what inflates to 5000.
    let directory = endless.windows(4).position(|word| word == b"PK\x01\x02");
    let size = directory.expect("a directory") + 24;
    endless[size..size + 4].copy_from_slice(&1_u32.to_le_bytes());
    let honest = of(&[(&name("a.go"), "package a\n")]);
    let mut twice = two("b.go", "c.go");
    for at in 0..twice.len() - 4 {
        if &twice[at..at + 4] == b"c.go" {
            twice[at] = b'b';
        }
    }
    vec![
        at(
            "with a foreign prefix",
            of(&[("example.com/other@v1.0.0/a.go", "")]),
        )
        .refused_by_each("unexpected file", "path does not have prefix"),
        at(
            "of another version",
            of(&[("example.com/m@v1.0.1/a.go", "")]),
        ),
        at("with a path that climbs", two("../../evil", "a.go")),
        at("with an absolute path", of(&[("/etc/evil", "")])),
        at("with names that differ by case", two("a.go", "A.go")).refused("case-insensitive"),
        at("with a file twice", twice),
        at("with a module inside", two("sub/go.mod", "a.go")),
        at("with a go.mod in capitals", two("GO.MOD", "a.go")),
        at("with a backslash", two("a\\b.go", "c.go")),
        at("with a name of Windows", two("con.go", "a.go")),
        at("without files", zip([])),
        at("that is none", b"<html>".to_vec()),
        at("that is empty", Vec::new()),
        at("that ends too early", honest[..honest.len() - 30].to_vec()),
        at("that is larger than it says", endless),
        at("with a folder", two("sub/", "a.go")),
        case(
            "a zip that breaks off",
            m().with(
                "@v/v1.0.0.zip",
                Answer::ok(honest.clone())
                    .header("Retry-After", "0")
                    .cut(50),
            ),
            "example.com/m@v1.0.0",
        ),
    ]
}
