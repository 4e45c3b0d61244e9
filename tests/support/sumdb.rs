//! A checksum database that a test makes, with a key of its own, honest or not.
//!
//! Hashes are computed here straight from RFC 6962, without any of the arithmetic that is under test.
#![allow(dead_code, reason = "not every test program asks for everything")]

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::signature::{Ed25519KeyPair, KeyPair};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

/// A SHA-256 sum.
pub(crate) type Sum = [u8; 32];

/// A database, of whose records only the first are shown.
pub(crate) struct TestDatabase {
    name: String,
    key: Ed25519KeyPair,
    records: Vec<String>,
    /// By `path@version`, escaped.
    numbers: BTreeMap<String, u64>,
    /// How many records the tree has that is signed now.
    size: AtomicU64,
    /// Hashes of complete subtrees, by level and place.
    known: Mutex<HashMap<(u32, u64), Sum>>,
}

impl TestDatabase {
    /// Makes an empty one, whose key follows from `seed`.
    pub(crate) fn new(name: &str, seed: u8) -> TestDatabase {
        TestDatabase {
            name: name.to_owned(),
            key: Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).expect("a key"),
            records: Vec::new(),
            numbers: BTreeMap::new(),
            size: AtomicU64::new(0),
            known: Mutex::default(),
        }
    }

    /// Adds a record and shows all; `key` is the escaped `path@version` by which it is found.
    pub(crate) fn add(&mut self, key: &str, text: &str) -> u64 {
        let number = self.records.len() as u64;
        self.numbers.insert(key.to_owned(), number);
        self.records.push(text.to_owned());
        self.show(number + 1);
        number
    }

    /// Adds the two lines of a module version. Neither path nor version may have capitals.
    pub(crate) fn add_module(&mut self, path: &str, version: &str, sums: [&str; 2]) -> u64 {
        let [zip, go_mod] = sums;
        let text = format!("{path} {version} {zip}\n{path} {version}/go.mod {go_mod}\n");
        self.add(&format!("{path}@{version}"), &text)
    }

    /// Adds records of no module that anybody asks for.
    pub(crate) fn fill(&mut self, count: u64) {
        for _ in 0..count {
            let version = format!("v0.0.{}", self.records.len());
            self.add_module("filler.example/x", &version, ["h1:x=", "h1:y="]);
        }
    }

    /// Shows the tree of the first records only.
    pub(crate) fn show(&self, size: u64) {
        assert!(size <= self.records.len() as u64);
        self.size.store(size, Ordering::SeqCst);
    }

    /// How many records are shown.
    pub(crate) fn size(&self) -> u64 {
        self.size.load(Ordering::SeqCst)
    }

    /// The key to verify with, as GOSUMDB has it.
    pub(crate) fn verifier_key(&self) -> String {
        let (hash, key) = self.key_parts();
        let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{}+{hash}+{}", self.name, STANDARD.encode(key))
    }

    fn key_parts(&self) -> ([u8; 4], Vec<u8>) {
        let key = [&[1], self.key.public_key().as_ref()].concat();
        let sum = Sha256::digest([self.name.as_bytes(), b"\n", &key].concat());
        (sum[..4].try_into().expect("four bytes"), key)
    }

    /// Signs a text in the name of a server, which need not be its own.
    pub(crate) fn sign_as(&self, name: &str, text: &str) -> String {
        let (hash, _) = self.key_parts();
        let signature = self.key.sign(text.as_bytes());
        let signature = STANDARD.encode([&hash, signature.as_ref()].concat());
        format!("{text}\n— {name} {signature}\n")
    }

    /// The signed note of the tree with so many records.
    pub(crate) fn note(&self, size: u64) -> String {
        self.sign_as(&self.name, &self.tree_text(size))
    }

    /// What is signed of a tree.
    pub(crate) fn tree_text(&self, size: u64) -> String {
        let hash = match size {
            0 => Sha256::digest(b"").into(),
            _ => self.hash_over(0, size),
        };
        format!("go.sum database tree\n{size}\n{}\n", STANDARD.encode(hash))
    }

    /// The hash over the records from `low` to before `high` (RFC 6962, section 2.1).
    pub(crate) fn hash_over(&self, low: u64, high: u64) -> Sum {
        let size = high - low;
        let level = size.ilog2();
        let is_complete = size.is_power_of_two() && low.is_multiple_of(size);
        let known = self
            .known
            .lock()
            .expect("hashes")
            .get(&(level, low))
            .copied();
        if let Some(hash) = known.filter(|_| is_complete) {
            return hash;
        }
        let hash: Sum = if size == 1 {
            let record = self.records[usize::try_from(low).expect("a number")].as_bytes();
            Sha256::digest([&[0], record].concat()).into()
        } else {
            let half = size.next_power_of_two() / 2;
            let (left, right) = (
                self.hash_over(low, low + half),
                self.hash_over(low + half, high),
            );
            Sha256::digest([&[1], &left[..], &right[..]].concat()).into()
        };
        if is_complete {
            self.known
                .lock()
                .expect("hashes")
                .insert((level, low), hash);
        }
        hash
    }

    /// The hashes of a tile; nothing where the shown tree has them not.
    pub(crate) fn tile(&self, level: u32, place: u64, width: u64) -> Option<Vec<u8>> {
        let run = 1_u64.checked_shl(8 * level).filter(|run| *run > 0)?;
        let end = (place * 256 + width).checked_mul(run)?;
        if end > self.size() {
            return None;
        }
        let hashes = (0..width).map(|nth| {
            let low = (place * 256 + nth) * run;
            self.hash_over(low, low + run)
        });
        Some(hashes.flatten().collect())
    }

    /// The answer to a lookup, as `path@version`, with the note of the shown tree.
    pub(crate) fn lookup(&self, key: &str) -> Option<String> {
        let number = *self
            .numbers
            .get(key)
            .filter(|number| **number < self.size())?;
        Some(self.answer_with(number, &self.note(self.size())))
    }

    /// A record by its number, with any note.
    pub(crate) fn answer_with(&self, number: u64, note: &str) -> String {
        let text = &self.records[usize::try_from(number).expect("a number")];
        format!("{number}\n{text}\n{note}")
    }

    /// What it honestly answers at a path below its root; nothing stands for 404.
    pub(crate) fn answer(&self, path: &str) -> Option<Vec<u8>> {
        if let Some(key) = path.strip_prefix("lookup/") {
            return self
                .lookup(&key.replace("%21", "!"))
                .map(String::into_bytes);
        }
        match path {
            "supported" => return Some(Vec::new()),
            "latest" => return Some(self.note(self.size()).into_bytes()),
            _ => {}
        }
        let (level, place) = path.strip_prefix("tile/8/")?.split_once('/')?;
        let (place, width) = place.split_once(".p/").unwrap_or((place, "256"));
        let place = place.replace(['x', '/'], "").parse().ok()?;
        self.tile(level.parse().ok()?, place, width.parse().ok()?)
    }
}

/// All files below a folder with their content, by their paths.
pub(crate) fn files_below(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in walkdir::WalkDir::new(folder) {
        let Ok(entry) = entry else { continue };
        if entry.file_type().is_file() {
            let name = entry.path().strip_prefix(folder).expect("below");
            let content = std::fs::read(entry.path()).expect("content");
            files.insert(name.to_string_lossy().into_owned(), content);
        }
    }
    files
}
