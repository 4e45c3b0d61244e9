//! Sums of zips that are never made.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::{Result, bail};
use git2::Repository;
use sha2::{Digest, Sha256};

use crate::checksum::dirhash;
use crate::coderepo::{BlobKey, BlobReader, ModuleContents};
use crate::mirror::Mirror;
use crate::module::ModuleVersion;
use crate::modzip::{ContentReader, SourceFile};
use crate::ops::Monitor;
use crate::web::Interrupted;

/// How the content of a file is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// As `git archive` gives it, which is right.
    AsArchived,
    /// As it is stored.
    AsStored,
    /// With CRLF, where it is a text that has none, as `core.autocrlf=true` does it.
    Crlf,
    /// With LF instead of CRLF, where it is a text.
    Lf,
}

impl Reading {
    /// Changes the line ends that a reading changes.
    pub(super) fn apply(self, content: Vec<u8>) -> Vec<u8> {
        if content.contains(&0) {
            return content;
        }
        match self {
            Reading::AsArchived | Reading::AsStored => content,
            Reading::Crlf if content.contains(&b'\r') => content,
            Reading::Crlf => content
                .into_iter()
                .flat_map(|byte| (byte == b'\n').then_some(b'\r').into_iter().chain([byte]))
                .collect(),
            Reading::Lf => {
                let mut lines = Vec::with_capacity(content.len());
                for line in content.split_inclusive(|byte| *byte == b'\n') {
                    match line.strip_suffix(b"\r\n") {
                        Some(line) => lines.extend(line.iter().chain(b"\n")),
                        None => lines.extend(line),
                    }
                }
                lines
            }
        }
    }
}

/// Reads contents for one thread.
pub(super) type Reader = BlobReader<Repository>;

/// Sums up module zips of one repository; each content is hashed once however many commits have it.
pub(super) struct Sums<'a> {
    mirror: &'a Mirror,
    module: &'a ModuleVersion,
    monitor: &'a dyn Monitor,
    known: Mutex<HashMap<BlobKey, [u8; 32]>>,
}

impl<'a> Sums<'a> {
    /// Begins with nothing hashed. The names in the zips are those of `module`.
    pub(super) fn new(
        mirror: &'a Mirror,
        module: &'a ModuleVersion,
        monitor: &'a dyn Monitor,
    ) -> Sums<'a> {
        Sums {
            mirror,
            module,
            monitor,
            known: Mutex::default(),
        }
    }

    /// Opens the contents for the calling thread.
    pub(super) fn reader(&self) -> Result<Reader> {
        ModuleContents::new(self.mirror).into_reader()
    }

    /// Gives the sum of the zip of these files.
    ///
    /// # Errors
    /// Objects that the repository lacks; the user's wish to stop.
    pub(super) fn zip(
        &self,
        reader: &mut Reader,
        files: &[SourceFile<BlobKey>],
        included: &[usize],
        reading: Reading,
    ) -> Result<String> {
        let mut entries = Vec::with_capacity(included.len());
        for file in included.iter().filter_map(|number| files.get(*number)) {
            if self.monitor.interrupted() {
                bail!(Interrupted);
            }
            let name = format!("{}/{}", self.module, file.path);
            entries.push((name, self.content(reader, &file.key, reading)?));
        }
        dirhash::hash1(entries)
    }

    fn content(&self, reader: &mut Reader, key: &BlobKey, reading: Reading) -> Result<[u8; 32]> {
        let mut content = Vec::new();
        let key = match reading {
            Reading::Crlf | Reading::Lf => {
                reader.read(key, &mut content)?;
                return Ok(Sha256::digest(reading.apply(content)).into());
            }
            Reading::AsArchived => key.clone(),
            Reading::AsStored => key.unconverted(),
        };
        if let Some(sum) = self.known().get(&key) {
            return Ok(*sum);
        }
        reader.read(&key, &mut content)?;
        let sum = Sha256::digest(content).into();
        self.known().insert(key, sum);
        Ok(sum)
    }

    fn known(&self) -> MutexGuard<'_, HashMap<BlobKey, [u8; 32]>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives the paths of files that are pointers of Git LFS.
    ///
    /// Rule: the specification of Git LFS, "The Pointer": the version is the first line, and a pointer has
    /// less than 1024 bytes.
    pub(super) fn pointers<'f>(
        &self,
        files: &'f [SourceFile<BlobKey>],
        included: &[usize],
    ) -> Result<Vec<&'f str>> {
        const FIRST_LINE: &[u8] = b"version https://git-lfs.github.com/spec/v1\n";
        let mut reader = self.reader()?;
        let mut pointers = Vec::new();
        let mut content = Vec::new();
        for file in included.iter().filter_map(|number| files.get(*number)) {
            if self.monitor.interrupted() {
                break;
            }
            if (FIRST_LINE.len() as u64..1024).contains(&file.size) {
                content.clear();
                reader.read(&file.key.unconverted(), &mut content)?;
                if content.starts_with(FIRST_LINE) {
                    pointers.push(file.path.as_str());
                }
            }
        }
        Ok(pointers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_ends_change_in_texts_alone() {
        let change = |reading: Reading, content: &str| {
            String::from_utf8(reading.apply(content.as_bytes().to_vec())).unwrap()
        };
        assert_eq!(change(Reading::Crlf, "a\n\nb"), "a\r\n\r\nb");
        assert_eq!(change(Reading::Crlf, "a\r\nb\n"), "a\r\nb\n");
        assert_eq!(change(Reading::Crlf, "a\0\n"), "a\0\n");
        assert_eq!(change(Reading::Lf, "a\r\n\rb\r\n\n\r"), "a\n\rb\n\n\r");
        assert_eq!(change(Reading::Lf, "a\0\r\n"), "a\0\r\n");
        assert_eq!(change(Reading::AsStored, "a\r\nb\n"), "a\r\nb\n");
    }
}
