//! Plain calls of `std::fs` whose errors name the path.

use std::fs;
use std::io::{ErrorKind, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result, bail};
use rustix::fs::OFlags;

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

/// Gives a path that the current folder has no part in; nothing needs to be there, and links stay.
pub fn absolute(path: &Path) -> Result<PathBuf> {
    std::path::absolute(path).with_context(|| format!("cannot find {}", path.display()))
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

/// Tells what a name stands for itself; `None` where it stands for nothing.
pub fn kind(path: &Path) -> Option<Kind> {
    let metadata = fs::symlink_metadata(path).ok()?;
    Some(kind_of(metadata.file_type()))
}

/// Tells whether the name itself is a folder, and no link to one.
pub fn is_own_dir(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_dir())
}

/// Tells when a file was written last; `None` for what cannot be looked at.
pub fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).ok()?.modified().ok()
}

/// Tells whether a name is a regular file with this very content; links are not followed.
///
/// # Errors
/// A name that cannot be opened for reading, as a link cannot.
pub fn has_content(path: &Path, content: &[u8]) -> std::io::Result<bool> {
    // Neither does a pipe keep us waiting.
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let mut file = fs::OpenOptions::new()
        .read(true)
        .custom_flags(flags.bits().cast_signed())
        .open(path)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() || metadata.len() != content.len() as u64 {
        return Ok(false);
    }
    let mut buffer = [0; 32 << 10];
    for expected in content.chunks(buffer.len()) {
        let found = buffer.get_mut(..expected.len()).unwrap_or_default();
        file.read_exact(found)?;
        if found != expected {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Tells whether this process may write to a file that is there.
pub fn is_writable(path: &Path) -> bool {
    fs::OpenOptions::new().append(true).open(path).is_ok()
}

/// Gives the time since a file was last changed; `None` where it is not there, or changed in the future.
pub fn age(path: &Path) -> Result<Option<Duration>> {
    let metadata = match fs::symlink_metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if is_absent(&error) => return Ok(None),
        Err(error) => {
            return Err(error).with_context(|| format!("cannot look at {}", path.display()));
        }
    };
    let changed = metadata
        .modified()
        .with_context(|| format!("cannot tell the age of {}", path.display()))?;
    Ok(changed.elapsed().ok())
}

/// Removes a folder that is empty.
pub fn remove_empty_dir(path: &Path) -> Result<()> {
    fs::remove_dir(path).with_context(|| format!("cannot remove folder {}", path.display()))
}

/// Gives the size of a file in bytes.
pub fn file_size(path: &Path) -> Result<u64> {
    let metadata =
        fs::metadata(path).with_context(|| format!("cannot look at {}", path.display()))?;
    Ok(metadata.len())
}

/// What a name in a folder stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A link, which is not followed, a device and the like.
    Other,
}

/// A name in a folder.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The path.
    pub path: PathBuf,
    /// What it stands for.
    pub kind: Kind,
}

impl Entry {
    /// The name itself; `None` where it is not UTF-8.
    pub fn name(&self) -> Option<&str> {
        self.path.file_name()?.to_str()
    }
}

/// Lists the names in a folder in no particular order; a folder that is not there has none.
pub fn list_dir(path: &Path) -> Result<Vec<PathBuf>> {
    let entries = list_entries(path)?;
    Ok(entries.into_iter().map(|entry| entry.path).collect())
}

/// Does the same and tells what the names stand for.
pub fn list_entries(path: &Path) -> Result<Vec<Entry>> {
    let entries = match fs::read_dir(path) {
        Ok(entries) => entries,
        Err(error) if is_absent(&error) => return Ok(Vec::new()),
        Err(error) => {
            return Err(error).with_context(|| format!("cannot list folder {}", path.display()));
        }
    };
    let described = |entry: fs::DirEntry| {
        let kind = kind_of(entry.file_type()?);
        let path = entry.path();
        Ok(Entry { path, kind })
    };
    entries
        .map(|entry| described(entry?))
        .collect::<std::io::Result<Vec<_>>>()
        .with_context(|| format!("cannot list folder {}", path.display()))
}

fn kind_of(kind: fs::FileType) -> Kind {
    match kind {
        kind if kind.is_dir() => Kind::Folder,
        kind if kind.is_file() => Kind::File,
        _ => Kind::Other,
    }
}

/// A path below a file (`ENOTDIR`) is as absent as one below nothing.
pub(super) fn is_absent(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}
