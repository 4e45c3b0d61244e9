//! What a version takes on disk, and when it was last used.

use std::time::SystemTime;

use anyhow::Result;

use super::{Cache, File};
use crate::disk;
use crate::module::ModuleVersion;

impl Cache {
    /// Tells when a version was last used, as far as the file system knows: the latest time at which its `.info`, `.mod`,
    /// `.zip` or `.ziphash` was read or written, or its folder made. `None` where nothing is there.
    ///
    /// Go reads the `.ziphash` whenever it uses files of a version (`checkMod` in `modfetch/fetch.go`), and the `.mod` of
    /// every version in a module graph. Folders are read by backups and the like; the lock is written when somebody tries
    /// to remove the version.
    ///
    /// # Errors
    /// A version that cannot be escaped.
    pub fn last_used(&self, module: &ModuleVersion) -> Result<Option<SystemTime>> {
        let mut latest = disk::modified(&self.folder(module)?);
        for file in [File::Info, File::Mod, File::Zip, File::ZipHash] {
            latest = latest.max(disk::last_touched(&self.file(module, file)?));
        }
        Ok(latest)
    }

    /// Gives the bytes of the files in the folder of a version; `None` where there is none.
    ///
    /// # Errors
    /// A folder that cannot be read.
    pub fn extracted_size(&self, module: &ModuleVersion) -> Result<Option<u64>> {
        let folder = self.folder(module)?;
        match disk::is_own_dir(&folder) {
            true => disk::tree::size(&folder).map(Some),
            false => Ok(None),
        }
    }
}
