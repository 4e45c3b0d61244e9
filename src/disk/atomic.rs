//! Files that become visible only when they are whole.

use std::fs::{File, OpenOptions};
use std::hash::{BuildHasher, RandomState};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

/// A file under a temporary name in its target's folder, removed when dropped before [`Self::persist`].
///
/// The name is the target's name, a random number and `.tmp`: the pattern that the go command sweeps
/// under its own lock (`modfetch/fetch.go`), so what a killed run leaves behind is cleaned by either.
#[derive(Debug)]
pub struct TemporaryFile {
    file: File,
    path: PathBuf,
    target: PathBuf,
}

impl TemporaryFile {
    /// Creates the temporary file beside `target` with mode 0666 minus the umask.
    pub fn beside(target: &Path) -> Result<TemporaryFile> {
        let random = RandomState::new();
        for attempt in 0..10_000_u32 {
            let mut name = target.file_name().unwrap_or_default().to_owned();
            name.push(format!("{}.tmp", random.hash_one(attempt) % 1_000_000_000));
            let path = target.with_file_name(name);
            match OpenOptions::new()
                .read(true)
                .write(true)
                .create_new(true)
                .open(&path)
            {
                Ok(file) => {
                    return Ok(TemporaryFile {
                        file,
                        path,
                        target: target.to_owned(),
                    });
                }
                Err(error) if error.kind() == ErrorKind::AlreadyExists => continue,
                Err(error) => {
                    return Err(error).with_context(|| format!("cannot create {}", path.display()));
                }
            }
        }
        bail!(
            "cannot find a free temporary name beside {}",
            target.display()
        )
    }

    /// Gives the open file.
    pub fn file(&mut self) -> &mut File {
        &mut self.file
    }

    /// Gives the open file for reading at any place.
    pub fn open_file(&self) -> &File {
        &self.file
    }

    /// Gives the temporary name.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Renames the file to its target, replacing what was there.
    pub fn persist(self) -> Result<()> {
        super::rename(&self.path, &self.target)
    }
}

impl Drop for TemporaryFile {
    fn drop(&mut self) {
        // After `persist` the temporary name is gone and this does nothing.
        let _ = super::remove_file(&self.path);
    }
}

/// Writes a whole file under a temporary name and renames it into place.
pub fn write_atomic(path: &Path, data: &[u8]) -> Result<()> {
    let mut temporary = TemporaryFile::beside(path)?;
    temporary
        .file()
        .write_all(data)
        .with_context(|| format!("cannot write {}", temporary.path().display()))?;
    temporary.persist()
}
