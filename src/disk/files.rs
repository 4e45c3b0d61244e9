//! Plain calls of `std::fs` whose errors name the path.

use std::fs;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context, Result, bail};

/// Opens a file for reading.
pub fn open(path: &Path) -> Result<fs::File> {
    fs::File::open(path).with_context(|| format!("cannot open {}", path.display()))
}

/// Opens a file for reading, or gives `None` where there is no such file.
pub fn open_optional(path: &Path) -> Result<Option<fs::File>> {
    match fs::File::open(path) {
        Ok(file) => Ok(Some(file)),
        Err(error) if is_absent(&error) => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot open {}", path.display())),
    }
}

/// Reads a whole file.
pub fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

/// Reads a whole file of at most `limit` bytes; a larger one is an error.
pub fn read_limited(path: &Path, limit: u64) -> Result<Vec<u8>> {
    let mut data = Vec::new();
    open(path)?
        .take(limit.saturating_add(1))
        .read_to_end(&mut data)
        .with_context(|| format!("cannot read {}", path.display()))?;
    if data.len() as u64 > limit {
        bail!("{} is larger than {limit} bytes", path.display());
    }
    Ok(data)
}

/// Reads a whole file, or gives `None` where there is no such file.
pub fn read_optional(path: &Path) -> Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(data) => Ok(Some(data)),
        Err(error) if is_absent(&error) => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

/// Reads a whole file of at most `limit` bytes that others write in place under its own lock, or gives `None`
/// where there is no such file.
pub fn read_locked(path: &Path, limit: u64) -> Result<Option<Vec<u8>>> {
    let Some(file) = open_optional(path)? else {
        return Ok(None);
    };
    let mut data = Vec::new();
    file.lock_shared()
        .and_then(|()| file.take(limit.saturating_add(1)).read_to_end(&mut data))
        .with_context(|| format!("cannot read {}", path.display()))?;
    if data.len() as u64 > limit {
        bail!("{} is larger than {limit} bytes", path.display());
    }
    Ok(Some(data))
}

/// Writes a file in place, creating it with mode 0666 minus the umask.
pub fn write(path: &Path, data: &[u8]) -> Result<()> {
    fs::write(path, data).with_context(|| format!("cannot write {}", path.display()))
}

/// Creates a folder and those above it.
pub fn create_dir_all(path: &Path) -> Result<()> {
    fs::create_dir_all(path).with_context(|| format!("cannot create folder {}", path.display()))
}

/// Removes a file; one that is not there is no error.
pub fn remove_file(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if !is_absent(&error) => {
            Err(error).with_context(|| format!("cannot remove {}", path.display()))
        }
        _ => Ok(()),
    }
}

/// Renames a file or folder, replacing a file of the new name.
pub fn rename(from: &Path, to: &Path) -> Result<()> {
    fs::rename(from, to)
        .with_context(|| format!("cannot rename {} to {}", from.display(), to.display()))
}

/// Gives the path of a file or folder without any link in it.
pub fn canonicalize(path: &Path) -> Result<PathBuf> {
    fs::canonicalize(path).with_context(|| format!("cannot find {}", path.display()))
}

/// Tells whether something has this name; a name that cannot be looked up counts as absent.
pub fn exists(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// Tells whether the name is a regular file, following links.
pub fn is_file(path: &Path) -> bool {
    path.is_file()
}

/// Tells whether the name is a folder, following links.
pub fn is_dir(path: &Path) -> bool {
    path.is_dir()
}

/// Tells whether the name itself is a folder, and no link to one.
pub fn is_own_dir(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_dir())
}

/// Tells when a file was written last; `None` for what cannot be looked at.
pub fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).ok()?.modified().ok()
}

/// Gives the size of a file in bytes.
pub fn file_size(path: &Path) -> Result<u64> {
    let metadata =
        fs::metadata(path).with_context(|| format!("cannot look at {}", path.display()))?;
    Ok(metadata.len())
}

/// Lists the names in a folder in no particular order; a folder that is not there has none.
pub fn list_dir(path: &Path) -> Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(path) {
        Ok(entries) => entries,
        Err(error) if is_absent(&error) => return Ok(Vec::new()),
        Err(error) => {
            return Err(error).with_context(|| format!("cannot list folder {}", path.display()));
        }
    };
    entries
        .map(|entry| Ok(entry?.path()))
        .collect::<std::io::Result<Vec<_>>>()
        .with_context(|| format!("cannot list folder {}", path.display()))
}

/// A path below a file (`ENOTDIR`) is as absent as one below nothing.
fn is_absent(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}
