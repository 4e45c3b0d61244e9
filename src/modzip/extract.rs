//! Takes apart a module zip that somebody else made.
//!
//! Source of the rules: `checkZip` and `Unzip` in `x/mod/zip/zip.go`. Two things that go would put up with
//! are refused, neither of which an honest zip has: entries that overlap, and folders with content. One
//! that go refuses is put up with: libdeflate reads the two length codes that deflate does not define
//! as 258, which the checksum of the content must then bear out.

use std::fs::File;
use std::ops::Deref;
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail};
use libdeflater::{DecompressionError, Decompressor};
use sha2::{Digest, Sha256};

use super::collisions::{Collisions, Role};
use super::create::{Cancelled, Control, check_module};
use super::directory::Entry;
use super::line::{Line, PanicGuard, Sink};
use super::reader::{Archive, NOT_A_ZIP, TOO_SHORT, ZipBytes, check_sum};
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
pub(super) const BUDGET: u64 = 16 << 20;

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
    disk::open_unnoticed(zip)
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
    Sound::open(zip, module)?.extract(to, control)
}

/// A module zip whose names and declared sizes are sound; of the contents nothing is known.
pub(super) struct Sound {
    pub(super) archive: Archive,
    prefix: String,
}

impl Sound {
    /// Reads the directory of a zip and checks what can be checked by that.
    pub(super) fn open(zip: File, module: &ModuleVersion) -> Result<Sound> {
        check_module(module)?;
        let size = zip.metadata().context("cannot tell the size")?.len();
        if size > MAX_ZIP_FILE {
            bail!(Refusal::ZipTooLarge(size));
        }
        let archive = Archive::open(ZipBytes { file: zip, size })?;
        let prefix = format!("{module}/");
        check_entries(&archive.entries, &prefix)?;
        check_overlap(&archive.entries, size)?;
        Ok(Sound { archive, prefix })
    }

    /// Lists the names without the prefix, in the order of the entries.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        let entries = self.archive.entries.iter();
        entries.map(|entry| entry.name_after(self.prefix.len()))
    }

    pub(super) fn extract<R: Receiver>(
        &self,
        to: Option<&R>,
        control: &Control<'_>,
    ) -> Result<Extracted> {
        let entries = &self.archive.entries;
        let extractor = Extractor {
            zip: &self.archive.bytes,
            prefix: self.prefix.len(),
            entry: |number| entries.get(number),
            to,
            control,
        };
        let line = Line::new(Sums::default(), entries.len(), BUDGET);
        let wanted = entries.len() / ENTRIES_PER_THREAD + 1;
        std::thread::scope(|scope| {
            for _ in 1..control.threads.get().min(wanted) {
                scope.spawn(|| extractor.run(&line));
            }
            extractor.run(&line);
        });
        line.finish().map(|sums| self.extracted(sums))
    }

    /// Puts the sums of the contents, in the order of the entries, beside the names.
    pub(super) fn extracted(&self, sums: Sums) -> Extracted {
        let names = self.names().map(|name| format!("{}{name}", self.prefix));
        Extracted {
            sums: names.zip(sums.0).collect(),
            zip_size: self.archive.bytes.size,
        }
    }
}

/// Checks names and declared sizes.
fn check_entries(entries: &[Entry], prefix: &str) -> Result<()> {
    let mut collisions = Collisions::default();
    let mut remaining = MAX_ZIP_FILE;
    let mut too_large = false;
    let mut invalid = Vec::new();
    for entry in entries {
        let verdict = check_entry_name(entry, prefix, &mut collisions).and_then(|name| {
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
    Ok(())
}

/// Checks one name as `checkZip` does, and gives it without the prefix.
fn check_entry_name<'a>(
    entry: &'a Entry,
    prefix: &str,
    collisions: &mut Collisions<'a>,
) -> Result<&'a str, Reason> {
    let name = check_lone_name(entry, prefix)?;
    if name.is_empty() {
        return Ok(name);
    }
    let (path, role) = path_and_role(name);
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

/// Checks a name as far as that needs no look at others, and gives it without the prefix. What passes leads
/// nowhere but below the module's folder.
pub(super) fn check_lone_name<'a>(entry: &'a Entry, prefix: &str) -> Result<&'a str, Reason> {
    let Some(name) = entry.name.strip_prefix(prefix.as_bytes()) else {
        return Err(Reason::NoPrefix(prefix.to_owned()));
    };
    let name = std::str::from_utf8(name).map_err(|_| Reason::NotUtf8(name.to_owned()))?;
    if name.is_empty() {
        return Ok(name);
    }
    let (path, _) = path_and_role(name);
    if !is_clean(path) {
        return Err(Reason::NotClean);
    }
    check_file_path(path).map_err(Reason::Malformed)?;
    Ok(name)
}

fn path_and_role(name: &str) -> (&str, Role) {
    match name.strip_suffix('/') {
        Some(folder) => (folder, Role::Folder),
        None => (name, Role::File),
    }
}

/// Tells whether an entry stands for a folder: one below the root, or the root itself.
pub(super) fn is_folder(name: &str) -> bool {
    name.is_empty() || name.ends_with('/')
}

/// Refuses entries that together claim more bytes than the zip has: the same bytes read again
/// and again would keep us busy for hours.
fn check_overlap(entries: &[Entry], zip_size: u64) -> Result<()> {
    let claimed = entries
        .iter()
        .fold(0_u64, |sum, entry| sum.saturating_add(entry.packed_size));
    if claimed > zip_size {
        bail!("entries overlap: {claimed} compressed bytes in a zip of {zip_size} bytes");
    }
    Ok(())
}

/// Gathers the sums of contents in the order of the zip.
#[derive(Default)]
pub(super) struct Sums(Vec<[u8; 32]>);

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

/// What all threads that take one zip apart share. The names of its entries are such as [`check_lone_name`] lets
/// pass.
pub(super) struct Extractor<'a, F, R> {
    pub(super) zip: &'a ZipBytes,
    /// Bytes of the prefix that all names have.
    pub(super) prefix: usize,
    /// Gives an entry by its number.
    pub(super) entry: F,
    pub(super) to: Option<&'a R>,
    pub(super) control: &'a Control<'a>,
}

/// What one thread has for itself.
pub(super) struct Tools {
    decompressor: Decompressor,
    packed: Vec<u8>,
    /// Grows only: what it holds from before is overwritten.
    content: Vec<u8>,
}

impl<E: Deref<Target = Entry>, F: Fn(usize) -> Option<E>, R: Receiver> Extractor<'_, F, R> {
    pub(super) fn run(&self, line: &Line<Sums>) {
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
        let entry = (self.entry)(number);
        entry.map_or(0, |entry| entry.size.saturating_add(entry.packed_size))
    }

    fn extract(&self, number: usize, tools: &mut Tools) -> Result<[u8; 32]> {
        if (self.control.cancelled)() {
            bail!(Cancelled);
        }
        let Some(entry) = (self.entry)(number) else {
            bail!(NOT_A_ZIP);
        };
        let name = entry.name_after(self.prefix);
        let content = if is_folder(name) {
            self.zip.check_folder(&entry).map(|()| &[] as &[u8])
        } else {
            tools.read(self.zip, &entry)
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
    pub(super) fn read(&mut self, zip: &ZipBytes, entry: &Entry) -> Result<&[u8]> {
        const STORED: u16 = 0;
        const DEFLATED: u16 = 8;
        let Tools {
            decompressor,
            packed,
            content,
        } = self;
        let (packed, descriptor) = zip.read_packed(entry, packed)?;
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
pub(super) mod tests;
