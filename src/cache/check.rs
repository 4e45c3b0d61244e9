//! Questions about a cache that others may be changing.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Result, ensure};

use super::{Cache, File, LeftoverKind, version_list};
use crate::disk::{self, FileLock};
use crate::module::{ModulePath, ModuleVersion};

/// How long `.info` and `.mod` files, which are written without a lock, may stay under a temporary name.
const LONGEST_WRITE: Duration = Duration::from_secs(600);

/// Whoever has written a `.mod` writes the list next, and has not been at it for longer than this.
const LIST_IS_WRITTEN_WITHIN: Duration = Duration::from_millis(500);

/// How often, and after which pause, lists are looked at that somebody may be about to write.
const LIST_LOOKS: usize = 100;
const LIST_PAUSE: Duration = Duration::from_millis(25);

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

    /// Gives those modules whose list of versions is not the one that go would write, and that nobody is about to write.
    ///
    /// # Errors
    /// A folder or list that cannot be read.
    pub fn stale_lists<'m>(&self, mut paths: Vec<&'m ModulePath>) -> Result<Vec<&'m ModulePath>> {
        for _ in 0..LIST_LOOKS {
            let mut stale = Vec::new();
            let mut is_recent = false;
            for path in paths {
                if !self.is_list_right(path)? {
                    stale.push(path);
                    is_recent |= self.has_new_version(path)?;
                }
            }
            paths = stale;
            if !is_recent {
                break;
            }
            std::thread::sleep(LIST_PAUSE);
        }
        Ok(paths)
    }

    fn has_new_version(&self, path: &ModulePath) -> Result<bool> {
        for version in self.listable(path)? {
            let go_mod = self.versions_folder(path).join(format!("{version}.mod"));
            if disk::age(&go_mod)?.is_some_and(|age| age < LIST_IS_WRITTEN_WITHIN) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn is_list_right(&self, path: &ModulePath) -> Result<bool> {
        let expected = version_list(self.listable(path)?);
        let list = disk::read_optional(&self.versions_folder(path).join("list"))?;
        Ok(list.unwrap_or_default() == expected.as_bytes())
    }

    /// Tells whether nobody can be writing a temporary file any more.
    ///
    /// # Errors
    /// A file or lock that cannot be looked at.
    pub fn is_abandoned(&self, temporary: &Path) -> Result<bool> {
        let Some(lock) = lock_of(temporary) else {
            let age = disk::age(temporary)?;
            return Ok(age.is_some_and(|age| age > LONGEST_WRITE));
        };
        Ok(is_free(&lock)? && disk::exists(temporary))
    }

    /// Tells whether the folder of a version was left while it was being extracted: nobody is at work on it any more.
    ///
    /// # Errors
    /// A lock that cannot be looked at.
    pub fn is_unfinished(&self, module: &ModuleVersion) -> Result<bool> {
        let is_free = is_free(&self.file(module, File::Lock)?)?;
        Ok(is_free && disk::exists(&self.file(module, File::Partial)?))
    }

    /// Lists the temporary files that nobody can be writing any more.
    ///
    /// # Errors
    /// A folder or lock that cannot be looked at.
    pub fn abandoned(&self) -> Result<Vec<PathBuf>> {
        let mut abandoned = Vec::new();
        for leftover in self.inventory()?.leftovers {
            if leftover.kind == LeftoverKind::Temporary && self.is_abandoned(&leftover.path)? {
                abandoned.push(leftover.path);
            }
        }
        Ok(abandoned)
    }

    /// Removes a temporary file, or a folder under the name of one, that nobody can be writing any more; one that is gone
    /// is no error.
    ///
    /// # Errors
    /// One that somebody may be writing; a file that cannot be removed.
    pub fn remove_abandoned(&self, temporary: &Path) -> Result<()> {
        if !disk::exists(temporary) {
            return Ok(());
        }
        ensure!(
            self.is_abandoned(temporary)?,
            "somebody is at work on it again"
        );
        let _lock = match lock_of(temporary) {
            Some(lock) => Some(FileLock::exclusive(&lock)?),
            None => None,
        };
        disk::tree::remove_all(temporary)
    }
}

/// Tells whether nobody holds a lock. Where it cannot be had, as in a cache for reading only, nobody can hold it.
fn is_free(lock: &Path) -> Result<bool> {
    let is_out_of_reach = !disk::is_file(lock) || !disk::is_writable(lock);
    Ok(is_out_of_reach || FileLock::try_exclusive(lock)?.is_some())
}

/// The lock that whoever writes a temporary file holds; `None` where it is written without one.
fn lock_of(temporary: &Path) -> Option<PathBuf> {
    let name = temporary.file_name()?.to_str()?;
    let (version, _) = name.rsplit_once(".zip")?;
    Some(temporary.with_file_name(format!("{version}.lock")))
}
