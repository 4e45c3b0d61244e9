//! Looking at files that others use, in such a way that it does not count as use itself.

use std::fs;
use std::io::{self, Read};
use std::path::Path;
use std::time::SystemTime;

use anyhow::{Context, Result};

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

/// Gives the time at which a file was last read or written, whichever is later, as far as [`access_times`]
/// go; `None` where it is not there.
pub fn last_touched(path: &Path) -> Option<SystemTime> {
    let metadata = fs::symlink_metadata(path).ok()?;
    metadata.accessed().ok().max(metadata.modified().ok())
}

/// Opens a file for reading. The file system writes nothing down, if this user may ask for that: the owner may, and root.
pub fn open_unnoticed(path: &Path) -> Result<fs::File> {
    open(path).with_context(|| format!("cannot open {}", path.display()))
}

/// Reads a whole file in that way, or gives `None` where there is no such file.
pub fn read_unnoticed(path: &Path) -> Result<Option<Vec<u8>>> {
    let mut data = Vec::new();
    match open(path).and_then(|mut file| file.read_to_end(&mut data)) {
        Ok(_) => Ok(Some(data)),
        Err(error) if super::files::is_absent(&error) => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

fn open(path: &Path) -> io::Result<fs::File> {
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::OFlags;
        use std::os::unix::fs::OpenOptionsExt;

        let unnoticed = OFlags::NOATIME.bits().cast_signed();
        let mut options = fs::OpenOptions::new();
        let opened = options.read(true).custom_flags(unnoticed).open(path);
        if !opened
            .as_ref()
            .is_err_and(|error| error.kind() == io::ErrorKind::PermissionDenied)
        {
            return opened;
        }
    }
    fs::File::open(path)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn reading_unnoticed_leaves_no_trace() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        fs::write(&path, "12345").unwrap();
        let long_ago = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
        let times = fs::FileTimes::new()
            .set_accessed(long_ago)
            .set_modified(long_ago);
        fs::File::open(&path).unwrap().set_times(times).unwrap();
        assert_eq!(read_unnoticed(&path).unwrap().unwrap(), b"12345");
        assert_eq!(last_touched(&path), Some(long_ago));
        let none = folder.path().join("none");
        assert_eq!(last_touched(&none), None);
        assert_eq!(read_unnoticed(&none).unwrap(), None);
        assert!(open_unnoticed(&none).is_err());
    }
}
