//! Putting right what is wrong with a version, in steps none of which makes anything worse.
//!
//! Whoever is killed between two steps leaves what was wrong before, or less of it. Go believes a `.ziphash` without
//! looking at the zip, and a folder without looking into it. So a folder does not count from the moment on in which its
//! zip becomes another one, and a zip has no `.ziphash` rather than that of another; go then computes it.

use std::path::Path;

use anyhow::Result;

use super::publish::PartialTree;
use super::{Cache, Content, File, Zip};
use crate::disk::tree::TreeWriter;
use crate::disk::{self, FileLock, TemporaryFile};
use crate::goenv::FolderMode;
use crate::module::{Info, ModuleVersion};

/// A version that nobody else changes: its lock is held.
pub struct Held<'a> {
    pub(super) cache: &'a Cache,
    pub(super) module: &'a ModuleVersion,
    _lock: FileLock,
}

impl Cache {
    /// Waits for the lock of a version, and holds it.
    ///
    /// # Errors
    /// A lock that cannot be had.
    pub fn hold<'a>(&'a self, module: &'a ModuleVersion) -> Result<Held<'a>> {
        Ok(Held {
            cache: self,
            module,
            _lock: FileLock::exclusive(&self.file(module, File::Lock)?)?,
        })
    }

    /// Holds the lock of a version, unless somebody else does.
    ///
    /// # Errors
    /// A lock that cannot be had.
    pub(super) fn try_hold<'a>(&'a self, module: &'a ModuleVersion) -> Result<Option<Held<'a>>> {
        let lock = FileLock::try_exclusive(&self.file(module, File::Lock)?)?;
        Ok(lock.map(|lock| Held {
            cache: self,
            module,
            _lock: lock,
        }))
    }
}

impl Held<'_> {
    /// The module and its version.
    pub fn module(&self) -> &ModuleVersion {
        self.module
    }

    /// Makes the zip anew and puts it in the place of the one that is there. If it has another sum, the folder counts no
    /// more until it is extracted again.
    ///
    /// # Errors
    /// What keeps the zip from being made, or its sum from being admitted: nothing has been changed then.
    pub fn replace_zip(&self, content: &dyn Content) -> Result<()> {
        let Held { cache, module, .. } = self;
        cache.sweep(module)?;
        let mut temporary = TemporaryFile::beside(&cache.file(module, File::Zip)?)?;
        let sum = content.make(temporary.file(), None)?;
        content.admit(Zip::Made, &sum)?;
        if cache.recorded_sum(module)?.as_ref() == Some(&sum) {
            return temporary.persist();
        }
        if cache.state(module)?.folder {
            disk::write(&cache.file(module, File::Partial)?, b"")?;
        }
        disk::remove_file(&cache.file(module, File::ZipHash)?)?;
        temporary.persist()?;
        self.write_hash(&sum)
    }

    /// Writes the `.ziphash`.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn write_hash(&self, sum: &str) -> Result<()> {
        let file = self.cache.file(self.module, File::ZipHash)?;
        disk::write_atomic(&file, sum.as_bytes())
    }

    /// Puts an `.info` in the place of the one that is there.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn replace_info(&self, info: &Info) -> Result<()> {
        let file = self.cache.file(self.module, File::Info)?;
        disk::write_atomic(&file, info.to_json()?.as_bytes())
    }

    /// Puts a `.mod` in the place of the one that is there.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn replace_go_mod(&self, go_mod: &[u8]) -> Result<()> {
        disk::write_atomic(&self.cache.file(self.module, File::Mod)?, go_mod)
    }

    /// Extracts the zip in place of whatever has the name of the folder.
    ///
    /// # Errors
    /// A zip that cannot be extracted, after which there is no folder; files that cannot be written or removed.
    pub fn replace_folder(
        &self,
        folder_mode: FolderMode,
        extract: impl FnOnce(&Path, &TreeWriter) -> Result<()>,
    ) -> Result<()> {
        let Held { cache, module, .. } = self;
        let partial = cache.file(module, File::Partial)?;
        let tree = PartialTree::begin(cache.folder(module)?, partial)?;
        extract(&cache.file(module, File::Zip)?, tree.writer())?;
        tree.finish(folder_mode)
    }
}
