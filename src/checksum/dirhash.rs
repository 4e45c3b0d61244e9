//! The `h1:` sum of a tree: the SHA-256 sum of the list of the SHA-256 sums of its files.
//!
//! Rule: `golang.org/x/mod/sumdb/dirhash`; in the words of a shell, `sha256sum $(find . -type f | sort) |
//! sha256sum`, in base64. The names in the list of a module zip begin with `path@version/`.

use std::io::{self, BufReader, Read, Seek};
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use zip::ZipArchive;

use super::zip_names;
use crate::disk;

/// The most bytes that a module zip, or all its files together, may have, as in `golang.org/x/mod/zip`.
const ZIP_LIMIT: u64 = 500 << 20;

/// Gives the `h1:` sum of files, each a name and the SHA-256 sum of its content, in any order.
///
/// A name with a newline is an error, for the list would be ambiguous.
pub fn hash1<Name: AsRef<[u8]>>(
    entries: impl IntoIterator<Item = (Name, [u8; 32])>,
) -> Result<String> {
    let mut entries: Vec<_> = entries.into_iter().collect();
    entries.sort_by(|left, right| left.0.as_ref().cmp(right.0.as_ref()));
    let mut list = Sha256::new();
    for (name, sum) in &entries {
        let name = name.as_ref();
        if name.contains(&b'\n') {
            bail!(
                "file name {:?} has a newline",
                String::from_utf8_lossy(name)
            );
        }
        append_line(&mut list, name, sum);
    }
    Ok(finish(list))
}

/// Gives the sum that the `/go.mod` line of a go.sum file records for a go.mod file.
pub fn go_mod_sum(go_mod: &[u8]) -> String {
    let mut list = Sha256::new();
    append_line(&mut list, b"go.mod", &Sha256::digest(go_mod).into());
    finish(list)
}

/// Gives the `h1:` sum of a folder that was extracted from a zip with this prefix, as `go mod verify` does
/// (`HashDir` in `dirhash`). Files whose names below the folder `is_foreign` knows are left out.
///
/// # Errors
/// A folder or file that cannot be read; a name that is not UTF-8 or has a newline.
pub fn hash_folder(
    folder: &Path,
    prefix: &str,
    is_foreign: impl Fn(&str) -> bool,
) -> Result<String> {
    let mut entries = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(inner) = folders.pop() {
        for entry in disk::list_entries(&inner)? {
            if entry.kind == disk::Kind::Folder {
                folders.push(entry.path);
                continue;
            }
            let name = entry.path.strip_prefix(folder)?.to_str();
            let name = name.with_context(|| format!("{:?} is not UTF-8", entry.path))?;
            if is_foreign(name) {
                continue;
            }
            let mut content = Sha256::new();
            io::copy(&mut disk::open(&entry.path)?, &mut content)
                .with_context(|| format!("cannot read {}", entry.path.display()))?;
            entries.push((format!("{prefix}/{name}"), content.finalize().into()));
        }
    }
    hash1(entries)
}

/// Gives the `h1:` sum of a zip, reading one file after the other without keeping any.
///
/// An error are: a zip, or contents, of more than 500 MiB; a name with a newline; a content that does not
/// fit its size or CRC; and two files of one name, which go would take for the same content.
pub fn hash_zip(path: &Path) -> Result<String> {
    sum_of_zip(path).with_context(|| format!("cannot hash {}", path.display()))
}

fn sum_of_zip(path: &Path) -> Result<String> {
    ensure!(
        disk::file_size(path)? <= ZIP_LIMIT,
        "larger than {ZIP_LIMIT} bytes"
    );
    let mut archive = ZipArchive::new(BufReader::new(disk::open(path)?))?;
    let names = zip_names::read(disk::open(path)?, archive.central_directory_start())?;
    ensure!(
        names.len() == archive.len(),
        "not a zip with one file of each name"
    );
    let mut remaining = ZIP_LIMIT;
    let mut entries = Vec::with_capacity(names.len());
    for (index, name) in names.into_iter().enumerate() {
        let sum = sum_of_file(&mut archive, index, &name, &mut remaining)
            .with_context(|| format!("file {:?}", String::from_utf8_lossy(&name)))?;
        entries.push((name, sum));
    }
    hash1(entries)
}

/// Hashes one file of a zip and takes its size from what remains of the limit.
fn sum_of_file(
    archive: &mut ZipArchive<impl Read + Seek>,
    index: usize,
    name: &[u8],
    remaining: &mut u64,
) -> Result<[u8; 32]> {
    let file = archive.by_index(index)?;
    // A second name in an extra field counts for other programs, but not for go.
    ensure!(file.name_raw() == name, "has two names");
    let size = file.size();
    ensure!(size <= *remaining, "contents larger than {ZIP_LIMIT} bytes");
    *remaining -= size;
    if name.ends_with(b"/") {
        ensure!(size == 0, "a folder with content");
        return Ok(Sha256::digest(b"").into());
    }
    let mut content = Sha256::new();
    let copied = io::copy(&mut file.take(size.saturating_add(1)), &mut content)?;
    ensure!(copied == size, "content does not fit its size");
    Ok(content.finalize().into())
}

fn append_line(list: &mut Sha256, name: &[u8], sum: &[u8; 32]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |value: u8| DIGITS[usize::from(value & 0xf)];
    let hexadecimal: Vec<u8> = sum
        .iter()
        .flat_map(|&byte| [digit(byte >> 4), digit(byte)])
        .collect();
    list.update(&hexadecimal);
    list.update(b"  ");
    list.update(name);
    list.update(b"\n");
}

fn finish(list: Sha256) -> String {
    format!("h1:{}", STANDARD.encode(list.finalize()))
}

#[cfg(test)]
mod tests;
