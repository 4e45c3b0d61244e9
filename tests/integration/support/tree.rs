//! What lies in a module cache, as text that can be compared line by line.

use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::File;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use walkdir::WalkDir;

/// Every path of a cache with its kind, mode and content.
pub(crate) type Listing = BTreeMap<String, String>;

/// Whether `.info` files keep their Origin.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Origin {
    /// It must be the same: both programs read the same URL.
    Compared,
    /// It is taken out: a path on this machine is no origin.
    TakenOut,
}

/// Lists a cache but for `cache/vcs` and `cache/lock`, which are go's own.
pub(crate) fn list(cache: &Path, origin: Origin) -> Listing {
    let mut listing = Listing::new();
    if !cache.exists() {
        return listing;
    }
    for entry in WalkDir::new(cache).min_depth(1).sort_by_file_name() {
        let entry = entry.expect("a readable cache");
        let path = entry.path().strip_prefix(cache).expect("a path below");
        let name = path.to_string_lossy().into_owned();
        if name.starts_with("cache/vcs") || name == "cache/lock" {
            continue;
        }
        let mode = entry.metadata().expect("metadata").permissions().mode() & 0o7777;
        let content = if entry.file_type().is_dir() {
            "folder".to_owned()
        } else if entry.file_type().is_symlink() {
            "symlink".to_owned()
        } else {
            describe(entry.path(), origin)
        };
        listing.insert(name, format!("{mode:04o} {content}"));
    }
    listing
}

fn describe(path: &Path, origin: Origin) -> String {
    let bytes = std::fs::read(path).expect("a readable file");
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("zip") if path.parent().is_some_and(|folder| folder.ends_with("@v")) => zip(path),
        Some("info") if origin == Origin::TakenOut => without_origin(&bytes),
        _ if bytes.len() < 300 => match String::from_utf8(bytes) {
            Ok(text) => format!("{text:?}"),
            Err(error) => digest(error.as_bytes()),
        },
        _ => digest(&bytes),
    }
}

fn digest(bytes: &[u8]) -> String {
    let mut text = format!("{} bytes, sha256 ", bytes.len());
    for byte in Sha256::digest(bytes).iter().take(8) {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// Takes the Origin out of the JSON object of an `.info` file, and leaves every other byte.
fn without_origin(bytes: &[u8]) -> String {
    let parsed = serde_json::from_slice(bytes);
    let Ok(serde_json::Value::Object(mut object)) = parsed else {
        return format!("not an object: {}", String::from_utf8_lossy(bytes));
    };
    object.shift_remove("Origin");
    format!("{:?}", serde_json::Value::Object(object).to_string())
}

/// Describes a zip by what matters: names in their order, contents, attributes, dates. How the
/// contents are compressed is left to each program.
fn zip(path: &Path) -> String {
    let file = File::open(path).expect("a zip");
    let mut archive = match zip::ZipArchive::new(file) {
        Ok(archive) => archive,
        Err(error) => return format!("a broken zip: {error}"),
    };
    let mut text = format!("zip {:?}", String::from_utf8_lossy(archive.comment()));
    for index in 0..archive.len() {
        let mut file = match archive.by_index(index) {
            Ok(file) => file,
            Err(error) => return format!("a broken zip: {error}"),
        };
        let mut content = Sha256::new();
        let size = match std::io::copy(&mut file, &mut content) {
            Ok(size) => size,
            Err(error) => return format!("a broken zip: {error}"),
        };
        let digest = content.finalize();
        let _ = write!(
            text,
            "\n        {} {size} bytes {:02x}{:02x}{:02x}{:02x} mode {:?} date {:?} extra {:?} comment {:?}",
            String::from_utf8_lossy(file.name_raw()),
            digest[0],
            digest[1],
            digest[2],
            digest[3],
            file.unix_mode(),
            file.last_modified()
                .map(|date| (date.datepart(), date.timepart())),
            file.extra_data().unwrap_or_default(),
            file.comment(),
        );
    }
    text
}

/// Tells every line in which two listings differ; empty when there is none.
pub(crate) fn difference(go: &Listing, ours: &Listing) -> String {
    let mut text = String::new();
    for (name, content) in go {
        match ours.get(name) {
            Some(other) if other == content => {}
            Some(other) => {
                let _ = writeln!(text, "  {name}\n    go:   {content}\n    ours: {other}");
            }
            None => {
                let _ = writeln!(text, "  {name}\n    go:   {content}\n    ours: nothing");
            }
        }
    }
    for (name, content) in ours {
        if !go.contains_key(name) {
            let _ = writeln!(text, "  {name}\n    go:   nothing\n    ours: {content}");
        }
    }
    text
}

/// Lists only the files of a cache: what is left when nothing was to be written.
///
/// Empty lock files are no matter: nobody can remove one without letting two others in at once.
pub(crate) fn files(cache: &Path) -> Vec<String> {
    let listing = list(cache, Origin::Compared);
    let lock = |name: &str, text: &str| name.ends_with(".lock") && text.ends_with("\"\"");
    let files = listing
        .into_iter()
        .filter(|(name, text)| !(text.ends_with("folder") || lock(name, text)));
    files.map(|(name, _)| name).collect()
}
