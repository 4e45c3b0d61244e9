//! Advisory locks on files, compatible with those of the go command.

use std::fs::{File, OpenOptions, TryLockError};
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
        let file = open(path)?;
        file.lock()
            .with_context(|| format!("cannot lock {}", path.display()))?;
        Ok(FileLock { file })
    }

    /// Takes the lock on `path` if nobody holds it, creating the file and the folders above it.
    pub fn try_exclusive(path: &Path) -> Result<Option<FileLock>> {
        let file = open(path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(FileLock { file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => {
                Err(error).with_context(|| format!("cannot lock {}", path.display()))
            }
        }
    }

    /// Gives the locked file itself, for files that are their own lock (`@v/list`).
    pub fn file(&self) -> &File {
        &self.file
    }
}

fn open(path: &Path) -> Result<File> {
    if let Some(folder) = path.parent() {
        super::create_dir_all(folder)?;
    }
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
        .with_context(|| format!("cannot open lock {}", path.display()))
}
