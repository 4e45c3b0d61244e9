//! What a version takes on disk, and when it was last used.

use std::time::SystemTime;

use anyhow::Result;

use super::{Cache, File};
use crate::disk;
use crate::module::ModuleVersion;

impl Cache {
    /// Tells when a version was last used, as far as the file system knows: the latest time at which any of its files
    /// below `cache/download`, or its folder, was read or written. `None` where nothing is there.
    ///
    /// A build that has been done before reads of a version only the `.mod` and the `.ziphash`. The lock is left out: it
    /// is written when somebody tries to remove the version, too.
    ///
    /// # Errors
    /// A version that cannot be escaped.
    pub fn last_used(&self, module: &ModuleVersion) -> Result<Option<SystemTime>> {
        let mut paths = vec![self.folder(module)?];
        for file in [File::Info, File::Mod, File::Zip, File::ZipHash] {
            paths.push(self.file(module, file)?);
        }
        let times = paths.iter().filter_map(|path| disk::last_touched(path));
        Ok(times.max())
    }

    /// Gives the bytes of the files in the folder of a version; `None` where there is none. That does not count as use.
    ///
    /// # Errors
    /// A folder that cannot be read.
    pub fn extracted_size(&self, module: &ModuleVersion) -> Result<Option<u64>> {
        let folder = self.folder(module)?;
        match disk::is_own_dir(&folder) {
            true => disk::folder_size(&folder).map(Some),
            false => Ok(None),
        }
    }

    /// Reads one file of a version as [`Self::read`] does. That does not count as use.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn read_unnoticed(&self, module: &ModuleVersion, file: File) -> Result<Option<Vec<u8>>> {
        disk::read_unnoticed(&self.file(module, file)?)
    }
}
