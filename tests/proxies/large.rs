//! Zips so large that they are taken apart while they are coming in, which must not show.

use crate::comparison::{Case, case};
use crate::loopback::Answer;
use crate::support::dice::Dice;
use crate::world::{Files, zip};
use libtest_mimic::Trial;
use std::io::Write as _;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// The tests of this group.
pub(crate) fn trials() -> Vec<Trial> {
    cases()
        .into_iter()
        .map(|case| case.trial("large"))
        .collect()
}

const M: &str = "example.com/m@v1.0.0/";

/// Files of a module, together of 2 MiB that nothing compresses, and a last one.
fn files(last: &str) -> Vec<(String, Vec<u8>)> {
    let mut dice = Dice(1);
    let names = (0..16).map(|number| format!("{M}data/{number}"));
    let mut files: Vec<_> = names.map(|name| (name, dice.noise(128 << 10))).collect();
    files.push((format!("{M}{last}"), b"package m\n".to_vec()));
    files
}

/// A zip as it is written where nobody can seek: sizes and checksums follow the contents.
fn streamed(files: Vec<(String, Vec<u8>)>) -> Vec<u8> {
    let mut writer = ZipWriter::new_stream(Vec::new());
    for (name, content) in files {
        let options = SimpleFileOptions::default();
        writer.start_file(name, options).expect("an entry");
        writer.write_all(&content).expect("content");
    }
    writer.finish().expect("a zip").into_inner()
}

fn damaged(mut zip: Vec<u8>, place: usize) -> Vec<u8> {
    zip[place] ^= 1;
    zip
}

fn cases() -> Vec<Case> {
    let at = |name: &str, zip: Vec<u8>| {
        let files = Files::of(&["v1.0.0"]).with("@v/v1.0.0.zip", Answer::ok(zip));
        case(name, files, "example.com/m@v1.0.0")
    };
    let honest = || zip(files("m.go"));
    let cut = honest()[..(3 << 20) / 2].to_vec();
    vec![
        at("an honest zip", honest()).gives("v1.0.0"),
        at("an honest zip with descriptors", streamed(files("m.go"))).gives("v1.0.0"),
        at("the last name climbs", zip(files("../evil"))).refused("evil"),
        at("the last name differs by case", zip(files("Data/0"))).refused("case-insensitive"),
        at("the last name is below a file", zip(files("data/0/x")))
            .refused("both a file and a directory"),
        at("a damaged content", damaged(honest(), 1 << 20)),
        at(
            "a damaged content with descriptors",
            damaged(streamed(files("m.go")), 1 << 20),
        ),
        at("an end that is missing", cut).refused("not a valid zip file"),
    ]
}
