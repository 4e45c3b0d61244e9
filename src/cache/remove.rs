//! Taking versions out of a cache.

use std::path::Path;
use std::time::SystemTime;

use anyhow::Result;

use super::{Cache, File};
use crate::disk::{self, FileLock};
use crate::module::ModuleVersion;

/// What came of a removal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Removed {
    /// Nothing of the version is left but its lock.
    Yes,
    /// Somebody is at work on it, and it has been left alone.
    InUse,
}

impl Cache {
    /// Removes all files of a version and its folder, under go's lock.
    ///
    /// What go trusts goes before what vouches for it: the folder stops counting first, by its `.partial`, which is
    /// removed last. Whoever is killed in between leaves less of the version, and nothing that go takes for whole.
    /// The lock itself stays: whoever waits for it would lock a file that nobody else can see.
    ///
    /// # Errors
    /// Files that cannot be removed.
    pub fn remove(&self, module: &ModuleVersion) -> Result<Removed> {
        let Some(_lock) = FileLock::try_exclusive(&self.file(module, File::Lock)?)? else {
            return Ok(Removed::InUse);
        };
        let folder = self.folder(module)?;
        let partial = self.file(module, File::Partial)?;
        if disk::exists(&folder) {
            disk::write(&partial, b"")?;
            disk::tree::remove_all(&folder)?;
        }
        for file in [File::Zip, File::ZipHash, File::Info, File::Mod] {
            disk::remove_file(&self.file(module, file)?)?;
        }
        self.sweep(module)?;
        self.rewrite_list(&module.path)?;
        disk::remove_file(&partial)?;
        self.remove_empty_above(&folder);
        Ok(Removed::Yes)
    }

    /// Removes the folders that have become empty. One that is not empty any more stays, which is no error.
    fn remove_empty_above(&self, folder: &Path) {
        let above = folder.ancestors().skip(1);
        for parent in above.take_while(|parent| *parent != self.root()) {
            if disk::remove_empty_dir(parent).is_err() {
                return;
            }
        }
    }

    /// Tells when a version was last used, as far as the file system knows: the latest time at which any of its files
    /// below `cache/download`, or its folder, was read or written. `None` where nothing is there.
    ///
    /// # Errors
    /// A version that cannot be escaped.
    pub fn last_used(&self, module: &ModuleVersion) -> Result<Option<SystemTime>> {
        let mut paths = vec![self.folder(module)?];
        for file in [File::Info, File::Mod, File::Zip] {
            paths.push(self.file(module, file)?);
        }
        let times = paths.iter().filter_map(|path| disk::last_touched(path));
        Ok(times.max())
    }

    /// Gives the bytes of the files in the folder of a version; `None` where there is none.
    ///
    /// # Errors
    /// A folder that cannot be walked.
    pub fn extracted_size(&self, module: &ModuleVersion) -> Result<Option<u64>> {
        let folder = self.folder(module)?;
        match disk::is_own_dir(&folder) {
            true => disk::tree::size(&folder).map(Some),
            false => Ok(None),
        }
    }
}
