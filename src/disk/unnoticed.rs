//! Looking at files that others use, in such a way that it does not count as use itself.

use std::ffi::OsStr;
use std::fs;
use std::io::{self, Read};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context, Result};
use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags};
use rustix::io::Errno;

/// How well a file system writes down when files are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccessTimes {
    /// Every time.
    Exact,
    /// The first time after a change, and then once a day (`relatime`).
    Daily,
    /// Never (`noatime`).
    Missing,
    /// It does not say.
    Unknown,
}

/// Asks the file system of a path how it writes down when files are read.
pub fn access_times(path: &Path) -> AccessTimes {
    #[cfg(target_os = "linux")]
    if let Ok(found) = rustix::fs::statvfs(path) {
        use rustix::fs::StatVfsMountFlags as Flags;
        return match found.f_flag {
            flags if flags.contains(Flags::NOATIME) => AccessTimes::Missing,
            flags if flags.contains(Flags::RELATIME) => AccessTimes::Daily,
            _ => AccessTimes::Exact,
        };
    }
    let _ = path;
    AccessTimes::Unknown
}

/// Gives the time at which a file or folder was last read or written, whichever is later, as far as [`access_times`]
/// go; `None` where it is not there.
pub fn last_touched(path: &Path) -> Option<SystemTime> {
    let metadata = fs::symlink_metadata(path).ok()?;
    metadata.accessed().ok().max(metadata.modified().ok())
}

/// Reads a whole file, or gives `None` where there is no such file. The file system writes nothing down, if this user
/// may ask for that.
pub fn read_unnoticed(path: &Path) -> Result<Option<Vec<u8>>> {
    let read = || -> io::Result<Vec<u8>> {
        let mut data = Vec::new();
        fs::File::from(open(path, OFlags::empty())?).read_to_end(&mut data)?;
        Ok(data)
    };
    match read() {
        Ok(data) => Ok(Some(data)),
        Err(error) if super::files::is_absent(&error) => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

/// Gives the bytes of all files in a folder; what vanishes meanwhile does not count. The file system writes nothing
/// down, if this user may ask for that.
pub fn folder_size(folder: &Path) -> Result<u64> {
    let mut bytes = 0;
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        match add_files(&folder, &mut folders) {
            Ok(found) => bytes += found,
            Err(error) if super::files::is_absent(&error) => {}
            Err(error) => {
                return Err(error)
                    .with_context(|| format!("cannot list folder {}", folder.display()));
            }
        }
    }
    Ok(bytes)
}

/// Gives the bytes of the files that are directly in a folder, and adds the folders in it.
fn add_files(folder: &Path, folders: &mut Vec<PathBuf>) -> io::Result<u64> {
    let mut bytes = 0;
    let mut entries = Dir::new(open(folder, OFlags::DIRECTORY | OFlags::NOFOLLOW)?)?;
    while let Some(entry) = entries.read() {
        let entry = entry?;
        let name = entry.file_name();
        if matches!(name.to_bytes(), b"." | b"..") {
            continue;
        }
        let metadata = rustix::fs::statat(entries.fd()?, name, AtFlags::SYMLINK_NOFOLLOW)?;
        match FileType::from_raw_mode(metadata.st_mode) {
            FileType::Directory => folders.push(folder.join(OsStr::from_bytes(name.to_bytes()))),
            FileType::RegularFile => bytes += u64::try_from(metadata.st_size).unwrap_or_default(),
            _ => {}
        }
    }
    Ok(bytes)
}

/// Opens for reading. Only the owner and root may ask that nothing is written down.
fn open(path: &Path, flags: OFlags) -> io::Result<OwnedFd> {
    #[cfg(target_os = "linux")]
    const UNNOTICED: OFlags = OFlags::NOATIME;
    #[cfg(not(target_os = "linux"))]
    const UNNOTICED: OFlags = OFlags::empty();
    let flags = flags | OFlags::RDONLY | OFlags::CLOEXEC;
    let opened = match rustix::fs::open(path, flags | UNNOTICED, Mode::empty()) {
        Err(Errno::PERM) => rustix::fs::open(path, flags, Mode::empty()),
        result => result,
    };
    Ok(opened?)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn looking_at_a_folder_leaves_no_trace() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("a/b");
        fs::create_dir_all(&inner).unwrap();
        fs::write(inner.join("file"), "12345").unwrap();
        fs::write(folder.path().join("other"), "678").unwrap();
        std::os::unix::fs::symlink("other", folder.path().join("link")).unwrap();
        let long_ago = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
        let times = fs::FileTimes::new()
            .set_accessed(long_ago)
            .set_modified(long_ago);
        let paths = [inner.join("file"), inner.clone(), folder.path().join("a")];
        for path in &paths {
            fs::File::open(path).unwrap().set_times(times).unwrap();
        }
        assert_eq!(folder_size(folder.path()).unwrap(), 8);
        assert_eq!(read_unnoticed(&paths[0]).unwrap().unwrap(), b"12345");
        for path in &paths {
            assert_eq!(last_touched(path), Some(long_ago), "{}", path.display());
        }
        assert_eq!(last_touched(&inner.join("none")), None);
        assert_eq!(read_unnoticed(&inner.join("none")).unwrap(), None);
        assert_eq!(folder_size(&inner.join("none")).unwrap(), 0);
    }
}
