use std::num::NonZeroUsize;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use super::*;
use crate::module::{ModulePath, Version};
use crate::modzip::arriving;

pub(in crate::modzip) const PREFIX: &str = "example.com/m@v1.0.0/";

/// An entry whose headers may lie.
#[derive(Clone)]
pub(in crate::modzip) struct Raw {
    pub(in crate::modzip) name: Vec<u8>,
    pub(in crate::modzip) flags: u16,
    pub(in crate::modzip) method: u16,
    pub(in crate::modzip) crc32: u32,
    pub(in crate::modzip) size: u32,
    pub(in crate::modzip) packed_size: u32,
    pub(in crate::modzip) extra: Vec<u8>,
    pub(in crate::modzip) bytes: Vec<u8>,
    /// What follows the bytes.
    pub(in crate::modzip) descriptor: Vec<u8>,
}

pub(in crate::modzip) fn stored(name: &str, content: &[u8]) -> Raw {
    Raw {
        name: [PREFIX.as_bytes(), name.as_bytes()].concat(),
        flags: 0,
        method: 0,
        crc32: libdeflater::crc32(content),
        size: content.len() as u32,
        packed_size: content.len() as u32,
        extra: Vec::new(),
        bytes: content.to_vec(),
        descriptor: Vec::new(),
    }
}

pub(in crate::modzip) fn deflated(name: &str, content: &[u8]) -> Raw {
    let mut compressor = libdeflater::Compressor::default();
    let mut bytes = vec![0; compressor.deflate_compress_bound(content.len())];
    let length = compressor.deflate_compress(content, &mut bytes).unwrap();
    bytes.truncate(length);
    Raw {
        method: 8,
        packed_size: length as u32,
        bytes,
        ..stored(name, content)
    }
}

pub(in crate::modzip) fn with(mut entry: Raw, change: impl Fn(&mut Raw)) -> Raw {
    change(&mut entry);
    entry
}

fn put(bytes: &mut Vec<u8>, fields: &[(u64, usize)]) {
    for (value, length) in fields {
        bytes.extend_from_slice(&value.to_le_bytes()[..*length]);
    }
}

impl Raw {
    fn put_fields(&self, bytes: &mut Vec<u8>) {
        let fields = [
            (20, 2),
            (self.flags.into(), 2),
            (self.method.into(), 2),
            (0, 4),
            (self.crc32.into(), 4),
            (self.packed_size.into(), 4),
            (self.size.into(), 4),
            (self.name.len() as u64, 2),
            (self.extra.len() as u64, 2),
        ];
        put(bytes, &fields);
    }
}

pub(in crate::modzip) fn zip_of(entries: &[Raw]) -> Vec<u8> {
    let mut zip = Vec::new();
    let mut directory = Vec::new();
    for entry in entries {
        let header = zip.len() as u64;
        put(&mut zip, &[(0x0403_4b50, 4)]);
        entry.put_fields(&mut zip);
        zip.extend([&*entry.name, &entry.extra, &entry.bytes, &entry.descriptor].concat());
        put(&mut directory, &[(0x0201_4b50, 4), (20, 2)]);
        entry.put_fields(&mut directory);
        put(&mut directory, &[(0, 8), (0, 2), (header, 4)]);
        directory.extend([&*entry.name, &entry.extra].concat());
    }
    let (start, size, count) = (zip.len(), directory.len(), entries.len() as u64);
    zip.extend(directory);
    put(
        &mut zip,
        &[(0x0605_4b50, 4), (0, 4), (count, 2), (count, 2)],
    );
    put(&mut zip, &[(size as u64, 4), (start as u64, 4), (0, 2)]);
    zip
}

pub(in crate::modzip) fn module() -> ModuleVersion {
    ModuleVersion {
        path: ModulePath::new("example.com/m").unwrap(),
        version: Version::new("v1.0.0").unwrap(),
    }
}

pub(in crate::modzip) fn control() -> Control<'static> {
    Control {
        threads: NonZeroUsize::new(2).unwrap(),
        cancelled: &|| false,
        progress: &|_| {},
    }
}

struct Sandbox(tempfile::TempDir);

impl Sandbox {
    fn new(zip: &[u8]) -> Sandbox {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("m.zip"), zip).unwrap();
        Sandbox(folder)
    }

    fn zip(&self) -> PathBuf {
        self.0.path().join("m.zip")
    }

    fn root(&self) -> PathBuf {
        self.0.path().join("tree")
    }

    /// Extracts the zip, and sees to it that one that is arriving has the same verdict.
    fn extract(&self) -> Result<Extracted> {
        let tree = TreeWriter::new(&self.root())?;
        let extracted = extract(&self.zip(), &module(), Some(&tree), &control());
        let bytes = std::fs::read(self.zip()).unwrap();
        arriving::tests::check(&bytes, &extracted);
        extracted
    }
}

/// Gives the error of a zip, without the part that names the file.
fn refusal(zip: &[u8]) -> String {
    let sandbox = Sandbox::new(zip);
    let error = format!("{:#}", sandbox.extract().unwrap_err());
    let prefix = format!("cannot unzip {}: ", sandbox.zip().display());
    error.strip_prefix(&prefix).unwrap().to_owned()
}

#[test]
fn contents_come_out_read_only_and_with_their_sums() {
    let text = "text ".repeat(1000);
    let sandbox = Sandbox::new(&zip_of(&[
        stored("go.mod", b"module example.com/m\n"),
        deflated("a/b/c.txt", text.as_bytes()),
        deflated("a/empty", b""),
        stored("Grüße", b"x"),
    ]));
    let extracted = sandbox.extract().unwrap();
    let sum = |content: &[u8]| <[u8; 32]>::from(Sha256::digest(content));
    let expected = [
        ("go.mod", sum(b"module example.com/m\n")),
        ("a/b/c.txt", sum(text.as_bytes())),
        ("a/empty", sum(b"")),
        ("Grüße", sum(b"x")),
    ]
    .map(|(name, sum)| (format!("{PREFIX}{name}"), sum));
    assert_eq!(extracted.sums, expected);
    let file = sandbox.root().join("a/b/c.txt");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
    let mode = std::fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o444);
}

#[test]
fn a_zip_can_be_checked_without_extracting_it() {
    let sandbox = Sandbox::new(&zip_of(&[deflated("a", b"aaaaaaaaaaaaaaaaaaaa")]));
    let extracted = check(&sandbox.zip(), &module(), &control()).unwrap();
    assert_eq!(extracted.sums.len(), 1);
    assert!(!sandbox.root().exists());
}

#[test]
fn folders_are_summed_but_not_made() {
    let sandbox = Sandbox::new(&zip_of(&[
        stored("", b""),
        stored("empty/", b""),
        stored("full/", b""),
        stored("full/x", b"x"),
    ]));
    assert_eq!(sandbox.extract().unwrap().sums.len(), 4);
    assert!(sandbox.root().join("full/x").exists());
    assert!(!sandbox.root().join("empty").exists());
}

#[test]
fn bytes_before_the_zip_do_not_matter() {
    let zip = zip_of(&[stored("a", b"a")]);
    let sandbox = Sandbox::new(&[b"#!/bin/sh\n", &*zip].concat());
    assert_eq!(sandbox.extract().unwrap().sums.len(), 1);
}

#[test]
fn every_invalid_name_is_listed_in_go_s_words() {
    let zip = zip_of(&[
        with(stored("", b""), |entry| {
            entry.name = b"example.com/n@v1.0.0/a".to_vec()
        }),
        stored("../a", b""),
        stored("b//c", b""),
        stored("a*", b""),
        stored("x", b""),
        stored("X", b""),
        stored("x", b""),
        stored("x/y", b""),
        stored("sub/go.mod", b""),
        stored("Go.mod", b""),
        with(stored("", b""), |entry| entry.name.extend(b"q\"\xff")),
    ]);
    let expected = "\
example.com/n@v1.0.0/a: path does not have prefix \"example.com/m@v1.0.0/\"
example.com/m@v1.0.0/../a: malformed file path \"../a\": invalid path element \"..\"
example.com/m@v1.0.0/b//c: file path is not clean
example.com/m@v1.0.0/a*: malformed file path \"a*\": invalid char '*'
example.com/m@v1.0.0/X: case-insensitive file name collision: \"x\" and \"X\"
example.com/m@v1.0.0/x: multiple entries for file \"x\"
example.com/m@v1.0.0/x/y: entry \"x\" is both a file and a directory
example.com/m@v1.0.0/sub/go.mod: go.mod file not in module root directory
example.com/m@v1.0.0/Go.mod: go.mod files must have lowercase names
example.com/m@v1.0.0/q\"\u{fffd}: malformed file path \"q\\\"\\xff\": invalid UTF-8";
    assert_eq!(refusal(&zip), expected);
}

#[test]
fn nothing_is_written_when_a_name_is_invalid() {
    let sandbox = Sandbox::new(&zip_of(&[stored("a", b"a"), stored("A", b"a")]));
    assert!(sandbox.extract().is_err());
    assert_eq!(std::fs::read_dir(sandbox.root()).unwrap().count(), 0);
}

#[test]
fn declared_sizes_are_limited() {
    let sized = |name, size| with(stored(name, b""), |entry| entry.size = size);
    assert_eq!(
        refusal(&zip_of(&[sized("a", 300 << 20), sized("b", 201 << 20)])),
        "total uncompressed size of module contents too large (max size is 524288000 bytes)"
    );
    assert_eq!(
        refusal(&zip_of(&[sized("go.mod", (16 << 20) + 1)])),
        "example.com/m@v1.0.0/go.mod: go.mod file too large (max size is 16777216 bytes)"
    );
    assert_eq!(
        refusal(&zip_of(&[sized("LICENSE", (16 << 20) + 1)])),
        "example.com/m@v1.0.0/LICENSE: LICENSE file too large (max size is 16777216 bytes)"
    );
}

#[test]
fn a_content_that_is_not_as_declared_is_refused() {
    let text = "text ".repeat(100);
    let cases: [(Raw, &str); 9] = [
        (
            with(deflated("a", text.as_bytes()), |entry| entry.size = 499),
            "uncompressed size is larger than declared size (499 bytes)",
        ),
        (
            with(stored("a", text.as_bytes()), |entry| entry.size = 499),
            "uncompressed size is larger than declared size (499 bytes)",
        ),
        (
            with(deflated("a", text.as_bytes()), |entry| entry.size = 501),
            "unexpected EOF",
        ),
        (
            with(stored("a", text.as_bytes()), |entry| entry.size = 501),
            "unexpected EOF",
        ),
        (
            with(deflated("a", b"bomb"), |entry| entry.size = 400 << 20),
            "unexpected EOF",
        ),
        (
            with(stored("a", b"a"), |entry| entry.crc32 += 1),
            "zip: checksum error",
        ),
        (
            with(deflated("a", text.as_bytes()), |entry| {
                entry.bytes[0] = 0xff
            }),
            "flate: corrupt input",
        ),
        (
            with(stored("a", b"a"), |entry| entry.method = 12),
            "zip: unsupported compression algorithm",
        ),
        (
            with(stored("a/", b"a"), |_| {}),
            "zip: not a valid zip file",
        ),
    ];
    for (entry, expected) in cases {
        let name = String::from_utf8(entry.name.clone()).unwrap();
        assert_eq!(refusal(&zip_of(&[entry])), format!("{name}: {expected}"));
    }
}

#[test]
fn a_checksum_may_follow_the_content() {
    let content = b"content";
    let sum = libdeflater::crc32(content).to_le_bytes();
    let described = |descriptor: &[&[u8]]| {
        let entry = with(stored("a", content), |entry| {
            entry.flags = 8;
            entry.descriptor = descriptor.concat();
        });
        zip_of(&[entry])
    };
    let sizes: &[u8] = &[7, 0, 0, 0, 7, 0, 0, 0];
    for descriptor in [&[b"PK\x07\x08", &sum, sizes] as &[&[u8]], &[&sum, sizes]] {
        let sandbox = Sandbox::new(&described(descriptor));
        assert_eq!(sandbox.extract().unwrap().sums.len(), 1);
    }
    assert_eq!(
        refusal(&described(&[b"PK\x07\x08", b"abcd", sizes])),
        "example.com/m@v1.0.0/a: zip: checksum error"
    );
}

#[test]
fn sizes_may_be_in_a_64_bit_field() {
    let large = |extra: &[u8]| {
        let entry = with(stored("a", b"a"), |entry| {
            entry.packed_size = u32::MAX;
            entry.extra = extra.to_vec();
        });
        zip_of(&[entry])
    };
    let field = [1, 0, 8, 0, 1, 0, 0, 0, 0, 0, 0, 0];
    let sandbox = Sandbox::new(&large(&field));
    assert_eq!(sandbox.extract().unwrap().sums.len(), 1);
    assert_eq!(refusal(&large(&[])), "zip: not a valid zip file");
    assert_eq!(refusal(&large(&field[..8])), "zip: not a valid zip file");
}

#[test]
fn entries_that_overlap_are_refused() {
    let greedy = |entry: &mut Raw| entry.packed_size = 200;
    let zip = zip_of(&[
        with(deflated("a", b"aaaaaaaaa"), greedy),
        with(deflated("b", b"aaaaaaaaa"), greedy),
    ]);
    assert_eq!(
        refusal(&zip),
        format!(
            "entries overlap: 400 compressed bytes in a zip of {} bytes",
            zip.len()
        )
    );
}

#[test]
fn what_is_no_zip_is_refused() {
    let whole = zip_of(&[stored("a", b"a"), stored("b", b"b")]);
    for length in 0..whole.len() {
        assert_eq!(refusal(&whole[..length]), "zip: not a valid zip file");
    }
    assert_eq!(refusal(b"no zip at all"), "zip: not a valid zip file");
}

#[test]
fn a_damaged_zip_never_brings_a_panic() {
    let text = "text ".repeat(50);
    let whole = zip_of(&[deflated("a", text.as_bytes()), stored("b/c", b"b")]);
    let sandbox = Sandbox::new(&whole);
    for place in 0..whole.len() {
        for value in [0, 1, 0x7f, 0xff] {
            let mut damaged = whole.clone();
            damaged[place] = value;
            std::fs::write(sandbox.zip(), &damaged).unwrap();
            if let Ok(extracted) = check(&sandbox.zip(), &module(), &control()) {
                let contents = [text.as_bytes(), b"b"].map(|text| Sha256::digest(text).into());
                assert!(extracted.sums.iter().all(|(_, sum)| contents.contains(sum)));
            }
        }
    }
}

#[test]
fn an_interrupted_run_stops() {
    let sandbox = Sandbox::new(&zip_of(&[stored("a", b"a")]));
    let mut control = control();
    control.cancelled = &|| true;
    let error = check(&sandbox.zip(), &module(), &control).unwrap_err();
    assert!(error.is::<Cancelled>());
}

#[test]
fn a_version_that_does_not_go_with_the_path_is_refused() {
    let sandbox = Sandbox::new(&zip_of(&[stored("a", b"a")]));
    let mut module = module();
    module.version = Version::new("v2.0.0").unwrap();
    let error = check(&sandbox.zip(), &module, &control()).unwrap_err();
    assert_eq!(
        error.root_cause().to_string(),
        "example.com/m@v2.0.0: invalid version: should be v0 or v1, not v2"
    );
}
