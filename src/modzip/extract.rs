//! Takes apart a module zip that somebody else made.
//!
//! Source of the rules: `checkZip` and `Unzip` in `x/mod/zip/zip.go`. Two things that go would put up with
//! are refused, neither of which an honest zip has: entries that overlap, and folders with content. One
//! that go refuses is put up with: libdeflate reads the two length codes that deflate does not define
//! as 258, which the checksum of the content must then bear out.

use std::fs::File;
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail};
use libdeflater::{DecompressionError, Decompressor};
use sha2::{Digest, Sha256};

use super::collisions::{Collisions, Role};
use super::create::{Cancelled, Control, check_module};
use super::directory::Entry;
use super::line::{Line, PanicGuard, Sink};
use super::reader::{Archive, NOT_A_ZIP, TOO_SHORT, check_sum};
use super::rules::{check_size, is_clean, is_go_mod};
use super::worker::{room, trim};
use super::{FileError, MAX_ZIP_FILE, Reason, Refusal};
use crate::disk;
use crate::disk::tree::TreeWriter;
use crate::module::{ModuleVersion, check_file_path};

/// A module zip whose every entry has been read and found sound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extracted {
    /// Names in the zip and SHA-256 sums of the contents, in the order of the zip: what `h1:` is made of.
    ///
    /// Folders that have an entry of their own are among them, as in Go.
    pub sums: Vec<(String, [u8; 32])>,
    /// Bytes of the zip.
    pub zip_size: u64,
}

/// Bytes of contents in memory besides one file.
const BUDGET: u64 = 16 << 20;

/// Entries that are worth a thread.
const ENTRIES_PER_THREAD: usize = 8;

/// Who gets the files of a zip, from several threads.
pub trait Receiver: Sync {
    /// Takes the content of a file, whose name has been checked.
    ///
    /// # Errors
    /// What ends the extraction.
    fn receive(&self, name: &str, content: &[u8]) -> Result<()>;
}

impl Receiver for TreeWriter {
    fn receive(&self, name: &str, content: &[u8]) -> Result<()> {
        self.write(name, content)
    }
}

/// Checks the zip of a module completely, and gives nobody its files.
///
/// # Errors
/// As for [`extract`].
pub fn check(zip: &Path, module: &ModuleVersion, control: &Control<'_>) -> Result<Extracted> {
    extract(zip, module, None::<&TreeWriter>, control)
}

/// Checks the zip of a module completely, and gives its files to a tree, or another receiver, if there is one.
///
/// Nothing is written before all names and declared sizes have been found sound; a content that
/// breaks its promise shows up while it is being extracted, and the caller then removes the tree.
///
/// Errors: a module path and version that do not go together; [`Refusal`]; [`Cancelled`]; a damaged
/// zip, with the name of the entry; and whatever reading and writing bring.
pub fn extract<R: Receiver>(
    zip: &Path,
    module: &ModuleVersion,
    to: Option<&R>,
    control: &Control<'_>,
) -> Result<Extracted> {
    disk::open(zip)
        .and_then(|file| extract_file(file, module, to, control))
        .with_context(|| format!("cannot unzip {}", zip.display()))
}

/// Does the same with a zip that is open, wherever in it reading or writing has stopped.
///
/// # Errors
/// As for [`extract`].
pub fn extract_file<R: Receiver>(
    zip: File,
    module: &ModuleVersion,
    to: Option<&R>,
    control: &Control<'_>,
) -> Result<Extracted> {
    check_module(module)?;
    let zip_size = zip.metadata().context("cannot tell the size")?.len();
    if zip_size > MAX_ZIP_FILE {
        bail!(Refusal::ZipTooLarge(zip_size));
    }
    let archive = Archive::open(zip, zip_size)?;
    let prefix = format!("{module}/");
    let names = check_entries(&archive.entries, &prefix)?;
    check_overlap(&archive.entries, zip_size)?;

    let extractor = Extractor {
        archive: &archive,
        names: &names,
        to,
        control,
    };
    let line = Line::new(Sums(Vec::new()), names.len(), BUDGET);
    let wanted = names.len() / ENTRIES_PER_THREAD + 1;
    std::thread::scope(|scope| {
        for _ in 1..control.threads.get().min(wanted) {
            scope.spawn(|| extractor.run(&line));
        }
        extractor.run(&line);
    });
    let sums = line.finish()?.0;
    let names = names.iter().map(|name| format!("{prefix}{name}"));
    Ok(Extracted {
        sums: names.zip(sums).collect(),
        zip_size,
    })
}

/// Checks names and declared sizes; gives the names without the prefix, in the order of the entries.
pub(super) fn check_entries<'a>(entries: &'a [Entry], prefix: &str) -> Result<Vec<&'a str>> {
    let mut collisions = Collisions::default();
    let mut names = Vec::with_capacity(entries.len());
    let mut remaining = MAX_ZIP_FILE;
    let mut too_large = false;
    let mut invalid = Vec::new();
    for entry in entries {
        let verdict = check_entry_name(entry, prefix, &mut collisions).and_then(|name| {
            names.push(name);
            if is_folder(name) {
                return Ok(());
            }
            match remaining.checked_sub(entry.size) {
                Some(rest) => remaining = rest,
                None => too_large = true,
            }
            check_size(name, entry.size)
        });
        if let Err(reason) = verdict {
            let path = String::from_utf8_lossy(&entry.name).into_owned();
            invalid.push(FileError { path, reason });
        }
    }
    if too_large {
        bail!(Refusal::ContentTooLarge);
    }
    if !invalid.is_empty() {
        bail!(Refusal::Files(invalid));
    }
    Ok(names)
}

/// Checks one name as `checkZip` does, and gives it without the prefix.
fn check_entry_name<'a>(
    entry: &'a Entry,
    prefix: &str,
    collisions: &mut Collisions<'a>,
) -> Result<&'a str, Reason> {
    let Some(name) = entry.name.strip_prefix(prefix.as_bytes()) else {
        return Err(Reason::NoPrefix(prefix.to_owned()));
    };
    let name = std::str::from_utf8(name).map_err(|_| Reason::NotUtf8(name.to_owned()))?;
    if name.is_empty() {
        return Ok(name);
    }
    let (path, role) = match name.strip_suffix('/') {
        Some(folder) => (folder, Role::Folder),
        None => (name, Role::File),
    };
    if !is_clean(path) {
        return Err(Reason::NotClean);
    }
    check_file_path(path).map_err(Reason::Malformed)?;
    collisions.check(path, role)?;
    let base = path.rsplit('/').next().unwrap_or(path);
    if role == Role::File && is_go_mod(base) {
        if base != path {
            return Err(Reason::NestedGoMod);
        }
        if path != "go.mod" {
            return Err(Reason::GoModCase);
        }
    }
    Ok(name)
}

/// Tells whether an entry stands for a folder: one below the root, or the root itself.
pub(super) fn is_folder(name: &str) -> bool {
    name.is_empty() || name.ends_with('/')
}

/// Refuses entries that together claim more bytes than the zip has: the same bytes read again
/// and again would keep us busy for hours.
pub(super) fn check_overlap(entries: &[Entry], zip_size: u64) -> Result<()> {
    let claimed = entries
        .iter()
        .fold(0_u64, |sum, entry| sum.saturating_add(entry.packed_size));
    if claimed > zip_size {
        bail!("entries overlap: {claimed} compressed bytes in a zip of {zip_size} bytes");
    }
    Ok(())
}

/// Gathers the sums of contents in the order of the zip.
struct Sums(Vec<[u8; 32]>);

impl Sink for Sums {
    type Item = [u8; 32];

    fn weight(_: &[u8; 32]) -> u64 {
        0
    }

    fn put(&mut self, _: usize, sum: [u8; 32]) -> Result<()> {
        self.0.push(sum);
        Ok(())
    }
}

/// What all threads that take one zip apart share.
struct Extractor<'a, R> {
    archive: &'a Archive,
    names: &'a [&'a str],
    to: Option<&'a R>,
    control: &'a Control<'a>,
}

/// What one thread has for itself.
pub(super) struct Tools {
    decompressor: Decompressor,
    packed: Vec<u8>,
    /// Grows only: what it holds from before is overwritten.
    content: Vec<u8>,
}

impl<R: Receiver> Extractor<'_, R> {
    fn run(&self, line: &Line<Sums>) {
        let mut tools = Tools::default();
        let _guard = PanicGuard(line);
        while let Some(number) = line.take(|number| self.cost(number)) {
            match self.extract(number, &mut tools) {
                Ok(sum) => line.deliver(number, self.cost(number), sum, self.control.progress),
                Err(error) => return line.fail(number, error),
            }
            trim(&mut tools.packed);
            trim(&mut tools.content);
        }
    }

    fn cost(&self, number: usize) -> u64 {
        let entry = self.archive.entries.get(number);
        entry.map_or(0, |entry| entry.size.saturating_add(entry.packed_size))
    }

    fn extract(&self, number: usize, tools: &mut Tools) -> Result<[u8; 32]> {
        if (self.control.cancelled)() {
            bail!(Cancelled);
        }
        let (Some(entry), Some(name)) = (self.archive.entries.get(number), self.names.get(number))
        else {
            bail!(NOT_A_ZIP);
        };
        let content = if is_folder(name) {
            self.archive.check_folder(entry).map(|()| &[] as &[u8])
        } else {
            tools.read(self.archive, entry)
        };
        let content = content.with_context(|| String::from_utf8_lossy(&entry.name).into_owned())?;
        if let Some(to) = self.to.filter(|_| !is_folder(name)) {
            to.receive(name, content)?;
        }
        Ok(Sha256::digest(content).into())
    }
}

fn larger_than_declared(size: u64) -> anyhow::Error {
    anyhow!("uncompressed size is larger than declared size ({size} bytes)")
}

impl Default for Tools {
    fn default() -> Self {
        Tools {
            decompressor: Decompressor::new(),
            packed: Vec::new(),
            content: Vec::new(),
        }
    }
}

impl Tools {
    /// Reads a content, which must have the declared size and checksum.
    pub(super) fn read(&mut self, archive: &Archive, entry: &Entry) -> Result<&[u8]> {
        const STORED: u16 = 0;
        const DEFLATED: u16 = 8;
        let Tools {
            decompressor,
            packed,
            content,
        } = self;
        let (packed, descriptor) = archive.read_packed(entry, packed)?;
        let content = match entry.method {
            STORED => packed,
            DEFLATED => inflate(decompressor, packed, content, entry.size)?,
            _ => bail!("zip: unsupported compression algorithm"),
        };
        let size = content.len() as u64;
        if size < entry.size {
            bail!(TOO_SHORT);
        }
        if size > entry.size {
            return Err(larger_than_declared(entry.size));
        }
        check_sum(entry, descriptor, libdeflater::crc32(content))?;
        Ok(content)
    }
}

/// Inflates packed bytes, to at most the declared size.
fn inflate<'b>(
    decompressor: &mut Decompressor,
    packed: &[u8],
    buffer: &'b mut Vec<u8>,
    size: u64,
) -> Result<&'b [u8]> {
    // No deflated byte stands for more than this: memory is not given for empty promises.
    const MOST_BYTES_FOR_ONE: u64 = 1032;
    let most = (packed.len() as u64).saturating_mul(MOST_BYTES_FOR_ONE);
    if size > most {
        bail!(TOO_SHORT);
    }
    let room = room(buffer, usize::try_from(size)?);
    match decompressor.deflate_decompress(packed, room) {
        Ok(length) => Ok(room.get(..length).unwrap_or_default()),
        Err(DecompressionError::InsufficientSpace) => Err(larger_than_declared(size)),
        Err(DecompressionError::BadData) => bail!("flate: corrupt input"),
    }
}

#[cfg(test)]
mod tests;
