//! Makes bundles entry by entry, sound ones and others.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::io::{Cursor, Write};
use tar::{EntryType, Header};
use zip::write::SimpleFileOptions;

/// The version in a sound bundle.
pub(crate) const MODULE: &str = "example.com/M";
const VERSION: &str = "v1.0.0";
const GO_MOD: &str = "module example.com/M\n";
/// What the names of its files begin with.
pub(crate) const FILES: &str = "cache/download/example.com/!m/@v/v1.0.0";

/// A bundle that is not written yet.
#[derive(Clone)]
pub(crate) struct Bundle {
    /// What `manifest.json` will be.
    pub(crate) manifest: Value,
    /// The entries behind it.
    pub(crate) entries: Vec<Entry>,
}

/// An entry: a header and what follows it.
#[derive(Clone)]
pub(crate) struct Entry {
    pub(crate) header: Header,
    pub(crate) content: Vec<u8>,
}

impl Entry {
    pub(crate) fn new(name: &str, content: impl AsRef<[u8]>) -> Entry {
        let content = content.as_ref().to_vec();
        let mut header = Header::new_ustar();
        header.set_entry_type(EntryType::Regular);
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        let mut entry = Entry { header, content };
        entry.rename(name);
        entry
    }

    /// Gives the entry any name at all: the library would refuse some.
    pub(crate) fn rename(&mut self, name: &str) {
        let field = &mut self.header.as_old_mut().name;
        field.fill(0);
        field[..name.len()].copy_from_slice(name.as_bytes());
        self.header.set_cksum();
    }

    pub(crate) fn of_kind(name: &str, kind: EntryType, content: &[u8]) -> Entry {
        let mut entry = Entry::new(name, content);
        entry.header.set_entry_type(kind);
        entry.header.set_cksum();
        entry
    }

    /// Makes an extended header.
    pub(crate) fn extension(kind: EntryType, records: &[(&str, &str)]) -> Entry {
        let records: String = records
            .iter()
            .map(|(key, value)| record(key, value))
            .collect();
        Entry::of_kind("PaxHeaders/x", kind, records.as_bytes())
    }
}

/// `LENGTH KEY=VALUE\n`, where the length counts itself.
fn record(key: &str, value: &str) -> String {
    let rest = format!(" {key}={value}\n");
    let digits = (1..5).find(|digits| (rest.len() + digits).to_string().len() == *digits);
    format!("{}{rest}", rest.len() + digits.expect("a short record"))
}

impl Bundle {
    /// A bundle of one version that can be unpacked.
    pub(crate) fn sound() -> Bundle {
        Bundle::of_zip(&[("go.mod", GO_MOD), ("m.go", "package m\n")])
    }

    /// One whose zip has these files, with the sums that they have.
    pub(crate) fn of_zip(files: &[(&str, &str)]) -> Bundle {
        let named: Vec<_> = files
            .iter()
            .map(|(name, content)| (format!("{MODULE}@{VERSION}/{name}"), *content))
            .collect();
        let named: Vec<_> = named
            .iter()
            .map(|(name, content)| (name.as_str(), *content))
            .collect();
        Bundle::of_zip_bytes(&zip(&named), &h1(&named))
    }

    /// One with this zip and the sum that it is said to have.
    pub(crate) fn of_zip_bytes(zip: &[u8], sum: &str) -> Bundle {
        let info = r#"{"Version":"v1.0.0","Time":"2024-01-02T03:04:05Z"}"#;
        let mut bundle = Bundle {
            manifest: json!({
                "Format": 1,
                "Projects": [],
                "Databases": [],
                "Modules": [{
                    "Path": MODULE,
                    "Version": VERSION,
                    "Sum": sum,
                    "GoModSum": h1(&[("go.mod", GO_MOD)]),
                    "Files": [],
                }],
                "Lists": [],
            }),
            entries: Vec::new(),
        };
        bundle.add("/Modules/0/Files", &format!("{FILES}.info"), info);
        bundle.add("/Modules/0/Files", &format!("{FILES}.mod"), GO_MOD);
        bundle.add("/Modules/0/Files", &format!("{FILES}.ziphash"), sum);
        bundle.add("/Modules/0/Files", &format!("{FILES}.zip"), zip);
        bundle
    }

    /// Adds a file to the entries and to a list of the manifest.
    pub(crate) fn add(&mut self, list: &str, name: &str, content: impl AsRef<[u8]>) {
        let entry = Entry::new(name, content);
        let described = describe(name, &entry.content);
        let list = self.manifest.pointer_mut(list).expect("a list");
        list.as_array_mut().expect("a list").push(described);
        self.entries.push(entry);
    }

    /// Adds a file of a checksum database, behind those that are there.
    pub(crate) fn add_record(&mut self, name: &str, content: impl AsRef<[u8]>) {
        let place = self.manifest["Databases"].as_array().expect("a list").len();
        self.add("/Databases", name, content);
        self.entries[place..].rotate_right(1);
    }

    /// Replaces a file of the version, in the manifest as well.
    pub(crate) fn replace(&mut self, number: usize, content: impl AsRef<[u8]>) {
        let name = String::from_utf8_lossy(&self.entries[number].header.path_bytes()).into_owned();
        self.entries[number] = Entry::new(&name, content);
        let described = describe(&name, &self.entries[number].content);
        self.manifest["Modules"][0]["Files"][number] = described;
    }

    /// The archive, with its end.
    pub(crate) fn tar(&self) -> Vec<u8> {
        self.tar_after(&[Entry::new("manifest.json", self.manifest.to_string())])
    }

    /// The archive, with something else than the manifest in front.
    pub(crate) fn tar_after(&self, first: &[Entry]) -> Vec<u8> {
        let mut tar = Vec::new();
        for entry in first.iter().chain(&self.entries) {
            tar.extend(entry.header.as_bytes());
            tar.extend(&entry.content);
            tar.resize(tar.len().next_multiple_of(512), 0);
        }
        tar.resize(tar.len() + 1024, 0);
        tar
    }

    /// The bundle.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        compressed(&self.tar())
    }
}

fn describe(name: &str, content: &[u8]) -> Value {
    let sum: String = Sha256::digest(content)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    json!({ "Name": name, "Size": content.len(), "SHA256": sum })
}

pub(crate) fn compressed(tar: &[u8]) -> Vec<u8> {
    zstd::encode_all(tar, 1).expect("zstd")
}

/// Makes a zip of files whatever they are called.
pub(crate) fn zip(files: &[(&str, &str)]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        writer
            .start_file(*name, SimpleFileOptions::default())
            .expect("a name");
        writer.write_all(content.as_bytes()).expect("content");
    }
    writer.finish().expect("a zip").into_inner()
}

/// The sum of files, as go.sum has it; they are in the order of their names.
pub(crate) fn h1(files: &[(&str, &str)]) -> String {
    let mut all = Sha256::new();
    for (name, content) in files {
        let sum = Sha256::digest(content);
        let sum: String = sum.iter().map(|byte| format!("{byte:02x}")).collect();
        all.update(format!("{sum}  {name}\n"));
    }
    format!("h1:{}", STANDARD.encode(all.finalize()))
}
