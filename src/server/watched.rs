//! What is read from files, and read again when they change.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::SystemTime;

use anyhow::Result;

use crate::disk;

/// Something that is read from files.
pub(super) struct Watched<T> {
    files: Vec<PathBuf>,
    read: fn(&[PathBuf]) -> Result<T>,
    present: RwLock<Arc<T>>,
    /// When each file was written that has been read.
    written: Mutex<Vec<Option<SystemTime>>>,
}

/// What can be read again.
pub(super) trait Renew: Send + Sync {
    /// Reads the files again if one has changed; tells whether it has. What cannot be read leaves all as it was.
    ///
    /// # Errors
    /// Files that cannot be read, or say nothing that is understood.
    fn renew(&self) -> Result<bool>;
}

impl<T> Watched<T> {
    /// Reads the files for the first time.
    pub(super) fn new(
        files: Vec<PathBuf>,
        read: fn(&[PathBuf]) -> Result<T>,
    ) -> Result<Watched<T>> {
        let written = written(&files);
        Ok(Watched {
            present: RwLock::new(Arc::new(read(&files)?)),
            written: Mutex::new(written),
            files,
            read,
        })
    }

    /// Gives what was read last.
    pub(super) fn get(&self) -> Arc<T> {
        let present = self.present.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&present)
    }
}

impl<T: Send + Sync> Renew for Watched<T> {
    fn renew(&self) -> Result<bool> {
        let mut before = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        let now = written(&self.files);
        if *before == now {
            return Ok(false);
        }
        // A file that makes no sense is not read again before it changes.
        *before = now;
        let read = Arc::new((self.read)(&self.files)?);
        *self.present.write().unwrap_or_else(PoisonError::into_inner) = read;
        Ok(true)
    }
}

fn written(files: &[PathBuf]) -> Vec<Option<SystemTime>> {
    files.iter().map(|file| disk::modified(file)).collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_file_is_read_again_when_it_changes_and_what_is_broken_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("number");
        let write = |text: &str, age: u64| {
            std::fs::write(&path, text).unwrap();
            let file = std::fs::File::options().write(true).open(&path).unwrap();
            file.set_modified(SystemTime::now() - Duration::from_secs(age))
                .unwrap();
        };
        write("1", 30);
        let read = |files: &[PathBuf]| {
            let content = disk::read(&files[0])?;
            Ok(String::from_utf8(content)?.parse::<u32>()?)
        };
        let watched = Watched::new(vec![path.clone()], read).unwrap();
        assert_eq!((*watched.get(), watched.renew().unwrap()), (1, false));
        write("two", 20);
        assert!(watched.renew().is_err());
        assert_eq!((*watched.get(), watched.renew().unwrap()), (1, false));
        write("3", 10);
        assert!(watched.renew().unwrap());
        assert_eq!(*watched.get(), 3);
    }
}
