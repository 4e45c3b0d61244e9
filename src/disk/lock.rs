//! Advisory locks on files, compatible with those of the go command.

use std::fs::{File, OpenOptions};
use std::path::Path;

use anyhow::{Context, Result};

/// An exclusive `flock(2)` on a file, held until it is dropped.
///
/// The go command locks the same files the same way (`cmd/go/internal/lockedfile`), so the two exclude
/// each other. The file is created empty with mode 0666 minus the umask and is never removed: removing
/// a lock file would let two holders lock two different files of one name.
#[derive(Debug)]
pub struct FileLock {
    file: File,
}

impl FileLock {
    /// Waits for the lock on `path`, creating the file and the folders above it.
    pub fn exclusive(path: &Path) -> Result<FileLock> {
        if let Some(folder) = path.parent() {
            super::create_dir_all(folder)?;
        }
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .with_context(|| format!("cannot open lock {}", path.display()))?;
        file.lock()
            .with_context(|| format!("cannot lock {}", path.display()))?;
        Ok(FileLock { file })
    }

    /// Gives the locked file itself, for files that are their own lock (`@v/list`).
    pub fn file(&self) -> &File {
        &self.file
    }
}
