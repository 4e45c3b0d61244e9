//! Questions about a cache that others may be changing.

use std::path::Path;
use std::time::Duration;

use anyhow::Result;

use super::{Cache, File, version_list};
use crate::disk::{self, FileLock};
use crate::module::{ModulePath, ModuleVersion};

/// How long `.info` and `.mod` files, which are written without a lock, may stay under a temporary name.
const LONGEST_WRITE: Duration = Duration::from_secs(600);

/// How often, and after which pause, a list is looked at that is not right: whoever has written a `.mod` writes
/// the list next.
const LIST_LOOKS: usize = 10;
const LIST_PAUSE: Duration = Duration::from_millis(50);

impl Cache {
    /// Waits for whoever is at work on a version. Nothing is created: without a lock file nobody is.
    ///
    /// # Errors
    /// A lock that cannot be had although it is there.
    pub fn lock_if_there(&self, module: &ModuleVersion) -> Result<Option<FileLock>> {
        let lock = self.file(module, File::Lock)?;
        match disk::is_file(&lock) && disk::is_writable(&lock) {
            true => FileLock::exclusive(&lock).map(Some),
            false => Ok(None),
        }
    }

    /// Tells whether the list of versions of a module is the one that go would write.
    ///
    /// # Errors
    /// A folder or list that cannot be read.
    pub fn list_is_right(&self, path: &ModulePath) -> Result<bool> {
        let folder = self.versions_folder(path);
        for look in 0..LIST_LOOKS {
            if look > 0 {
                std::thread::sleep(LIST_PAUSE);
            }
            let expected = version_list(self.listable(path)?);
            let list = disk::read_optional(&folder.join("list"))?;
            if list.unwrap_or_default() == expected.as_bytes() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Tells whether nobody can be writing a temporary file any more.
    ///
    /// # Errors
    /// A file or lock that cannot be looked at.
    pub fn is_abandoned(&self, temporary: &Path) -> Result<bool> {
        let name = temporary.file_name().and_then(|name| name.to_str());
        let version = name.and_then(|name| name.rsplit_once(".zip"));
        let Some((version, _)) = version else {
            let age = disk::age(temporary)?;
            return Ok(age.is_some_and(|age| age > LONGEST_WRITE));
        };
        let lock = temporary.with_file_name(format!("{version}.lock"));
        let is_free = !disk::is_file(&lock) || FileLock::try_exclusive(&lock)?.is_some();
        Ok(is_free && disk::exists(temporary))
    }
}
