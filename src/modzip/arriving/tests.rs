use std::io::Write as _;
use std::path::Path;

use super::*;
use crate::modzip::extract::tests::{Raw, control, deflated, module, stored, with, zip_of};
use crate::modzip::extract_file;

const NOBODY: Option<&TreeWriter> = None;

/// Lets a zip arrive in pieces, taken apart from the first byte on.
fn arrive(zip: &[u8], piece: usize, tree: &TreeWriter) -> Result<Arrived<'static>> {
    arrive_from(zip, piece, tree, 0)
}

fn arrive_from(
    zip: &[u8],
    piece: usize,
    tree: &TreeWriter,
    worthwhile: u64,
) -> Result<Arrived<'static>> {
    let mut file = tempfile::tempfile().unwrap();
    let arriving = Arriving {
        file: file.try_clone().unwrap(),
        module: Box::leak(Box::new(module())),
        worthwhile,
    };
    arriving.receive(Some(tree), &control(), |reach| {
        let mut received = 0;
        reach(0);
        for piece in zip.chunks(piece) {
            file.write_all(piece)?;
            received += piece.len() as u64;
            reach(received);
        }
        Ok(())
    })
}

/// Names and contents below a folder.
fn files(root: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    for entry in walkdir::WalkDir::new(root).sort_by_file_name() {
        let entry = entry.unwrap();
        if entry.path() != root {
            let content = std::fs::read(entry.path()).unwrap_or_default();
            files.push((
                entry
                    .path()
                    .strip_prefix(root)
                    .unwrap()
                    .display()
                    .to_string(),
                content,
            ));
        }
    }
    files
}

/// Checks that a zip has this verdict when it arrives, in whatever pieces, and leaves the same files.
pub(in crate::modzip) fn check(zip: &[u8], verdict: &Result<Extracted>) {
    let folder = tempfile::tempdir().unwrap();
    let whole = TreeWriter::new(&folder.path().join("whole")).unwrap();
    let extracted = extract_file(file_of(zip), &module(), Some(&whole), &control());
    for piece in [1, 50, zip.len().max(1)] {
        let root = folder.path().join(piece.to_string());
        let tree = TreeWriter::new(&root).unwrap();
        let arrived = arrive(zip, piece, &tree).unwrap();
        match (verdict, arrived.extract(Some(&tree), &control())) {
            (Ok(expected), Ok(found)) => assert_eq!(found, *expected),
            (Err(expected), Err(found)) => {
                let (expected, found) = (format!("{expected:#}"), format!("{found:#}"));
                assert!(expected.ends_with(&found), "{expected} is not {found}");
            }
            (expected, found) => panic!("{expected:?} is not {found:?}"),
        }
        if extracted.is_ok() {
            assert_eq!(files(&root), files(&folder.path().join("whole")));
        }
    }
}

/// Checks a zip that no other test looks at as a whole.
fn check_alone(zip: &[u8]) {
    check(
        zip,
        &extract_file(file_of(zip), &module(), NOBODY, &control()),
    );
}

fn file_of(zip: &[u8]) -> File {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(zip).unwrap();
    file
}

/// An entry as go writes them: the local header has neither checksum nor sizes.
fn described(entry: Raw) -> Raw {
    with(entry, |entry| {
        entry.flags |= 8;
        let numbers = [0x0807_4b50, entry.crc32, entry.packed_size, entry.size];
        entry.descriptor = numbers
            .iter()
            .flat_map(|number| number.to_le_bytes())
            .collect();
    })
}

/// A zip with zeros where go leaves them in local headers.
fn go_zip(entries: &[Raw]) -> Vec<u8> {
    let mut zip = zip_of(entries);
    let mut place = 0;
    for entry in entries {
        if entry.flags & 8 != 0 {
            zip[place + 14..place + 26].fill(0);
        }
        place += 30
            + [&*entry.name, &entry.extra, &entry.bytes, &entry.descriptor]
                .concat()
                .len();
    }
    zip
}

fn honest() -> Vec<Raw> {
    let text = "text ".repeat(1000);
    let nested = zip_of(&[described(stored("x", b"in a zip in a zip"))]);
    [
        stored("go.mod", b"module example.com/m\n"),
        deflated("a/b/c.txt", text.as_bytes()),
        deflated("a/empty", b""),
        stored("testdata/x.zip", &nested),
        stored("Grüße", b"PK\x07\x08PK\x07\x08"),
    ]
    .into_iter()
    .map(described)
    .collect()
}

#[test]
fn an_honest_zip_is_taken_apart_before_it_is_whole() {
    let plain: Vec<Raw> = honest()
        .into_iter()
        .map(|entry| {
            with(entry, |entry| {
                entry.flags = 0;
                entry.descriptor.clear();
            })
        })
        .collect();
    for entries in [honest(), plain] {
        let zip = go_zip(&entries);
        check_alone(&zip);
        let folder = tempfile::tempdir().unwrap();
        let tree = TreeWriter::new(folder.path()).unwrap();
        let arrived = arrive(&zip, 100, &tree).unwrap();
        let early = files(folder.path());
        assert_eq!(early.len(), entries.len() + 3, "with three folders");
        // What has been written is not written again.
        std::fs::remove_file(folder.path().join("go.mod")).unwrap();
        arrived.extract(Some(&tree), &control()).unwrap();
        assert_eq!(files(folder.path()).len(), early.len() - 1);
    }
}

#[test]
fn a_zip_that_is_not_worthwhile_is_taken_apart_when_it_is_whole() {
    let zip = go_zip(&honest());
    for (worthwhile, guessed) in [(zip.len(), true), (zip.len() + 1, false)] {
        let folder = tempfile::tempdir().unwrap();
        let tree = TreeWriter::new(folder.path()).unwrap();
        let arrived = arrive_from(&zip, 100, &tree, worthwhile as u64).unwrap();
        assert_eq!(arrived.guesses.is_empty(), !guessed);
        assert_eq!(files(folder.path()).is_empty(), !guessed);
        arrived.extract(Some(&tree), &control()).unwrap();
        assert_eq!(files(folder.path()).len(), 8);
    }
}

/// Finds where the directory of a zip starts.
fn directory(zip: &[u8]) -> usize {
    u32_at(zip, zip.len() - 6) as usize
}

/// An honest zip with bytes in front of the directory of which that knows nothing.
fn hiding(bytes: &[u8]) -> Vec<u8> {
    let mut zip = go_zip(&honest());
    let start = directory(&zip);
    zip.splice(start..start, bytes.iter().copied());
    let (place, start) = (zip.len() - 6, (start + bytes.len()) as u32);
    zip[place..place + 4].copy_from_slice(&start.to_le_bytes());
    zip
}

/// An entry alone, without a directory.
fn lone(name: &str) -> Vec<u8> {
    let mut zip = zip_of(&[stored(name, b"hidden")]);
    zip.truncate(directory(&zip));
    zip
}

/// A content that begins as if the entry ended there and another came.
fn false_end() -> Vec<u8> {
    let descriptor = [0x0807_4b50_u32, 0, 4, 4];
    let mut content = b"0123".to_vec();
    content.extend(descriptor.iter().flat_map(|number| number.to_le_bytes()));
    content.extend(lone("early"));
    content
}

#[test]
fn an_odd_zip_has_the_verdict_that_it_has_as_a_whole() {
    let entry = |name, content| described(stored(name, content));
    let lying = |entry: &mut Raw| entry.descriptor[4] ^= 1;
    let odd = [
        hiding(b"junk"),
        hiding(&lone("hidden")),
        hiding(&lone("a/b/c.txt/a-file-is-no-folder")),
        hiding(&lone("../outside")),
        [b"before", &*go_zip(&honest())].concat(),
        [&*go_zip(&honest()), b"after"].concat(),
        go_zip(&[entry("a", b"a"), entry("a", b"a")]),
        go_zip(&[entry("a", b"a"), entry("A", b"A")]),
        go_zip(&[entry("a", b"a"), entry("../b", b"b")]),
        go_zip(&[entry("a", b"a"), with(entry("b", b"b"), lying)]),
        go_zip(&[entry("a", &false_end()), entry("b", b"b")]),
    ];
    for zip in odd {
        check_alone(&zip);
    }
}

#[test]
fn the_order_of_the_directory_counts() {
    let entries = honest();
    let zip = go_zip(&entries);
    let (before, listed) = zip.split_at(directory(&zip));
    let (listed, end) = listed.split_at(listed.len() - 22);
    let (first, rest) = listed.split_at(46 + entries[0].name.len());
    let turned = [before, rest, first, end].concat();
    check_alone(&turned);
    let sums = extract_file(file_of(&turned), &module(), NOBODY, &control()).unwrap();
    assert!(sums.sums.last().unwrap().0.ends_with("/go.mod"));
}

#[test]
fn a_transfer_that_begins_anew_is_not_mixed_with_what_came_before() {
    // Same names, places, sizes and checksums, but other contents.
    let zip = |content: &[u8; 8]| {
        go_zip(&[
            with(stored("a", content), |entry| entry.crc32 = 0),
            stored("b", b"b"),
        ])
    };
    let (old, new) = (zip(b"contents"), zip(b"CONTENTS"));
    let folder = tempfile::tempdir().unwrap();
    let tree = TreeWriter::new(folder.path()).unwrap();
    let mut file = tempfile::tempfile().unwrap();
    let module = module();
    let arriving = Arriving {
        file: file.try_clone().unwrap(),
        module: &module,
        worthwhile: 0,
    };
    let arrived = arriving.receive(Some(&tree), &control(), |reach| {
        file.write_all(&old)?;
        reach(old.len() as u64 - 1);
        while !folder.path().join("b").exists() {
            std::thread::yield_now();
        }
        reach(0);
        std::io::Seek::rewind(&mut file)?;
        file.write_all(&new)?;
        reach(new.len() as u64);
        Ok(())
    });
    arrived.unwrap().extract(Some(&tree), &control()).unwrap();
    assert_eq!(std::fs::read(folder.path().join("a")).unwrap(), b"CONTENTS");
}

#[test]
fn the_error_of_the_transfer_is_told() {
    let module = module();
    let arriving = Arriving {
        file: tempfile::tempfile().unwrap(),
        module: &module,
        worthwhile: 0,
    };
    let arrived = arriving.receive(None, &control(), |reach| {
        reach(0);
        anyhow::bail!("broken off")
    });
    assert_eq!(arrived.err().unwrap().to_string(), "broken off");
}

#[test]
fn no_more_is_guessed_than_a_module_may_have() {
    let sized = |name| {
        let entry = with(stored(name, b""), |entry| entry.size = 300 << 20);
        described(entry)
    };
    let zip = go_zip(&[sized("a"), sized("b")]);
    let folder = tempfile::tempdir().unwrap();
    let tree = TreeWriter::new(folder.path()).unwrap();
    assert_eq!(arrive(&zip, 10, &tree).unwrap().guesses.len(), 1);
    check_alone(&zip);
}
