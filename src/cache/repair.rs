//! Putting right what is wrong with a version, in steps none of which makes anything worse.
//!
//! Whoever is killed between two steps leaves what was wrong before, or less of it: a zip is replaced by a rename, its
//! `.ziphash` before it, and a folder does not count from the moment on in which it is touched.

use std::path::Path;

use anyhow::Result;

use super::publish::PartialTree;
use super::{Cache, File, Making, Parts, Zip};
use crate::disk::tree::TreeWriter;
use crate::disk::{self, FileLock, TemporaryFile};
use crate::goenv::FolderMode;
use crate::module::{Info, ModuleVersion};

impl Cache {
    /// Makes the zip of a version anew and puts it in the place of the one that is there, with its metadata; the folder
    /// is extracted from it if there was one.
    ///
    /// # Errors
    /// What keeps the zip from being made, or its sum from being admitted: nothing has been changed then.
    pub fn replace(
        &self,
        module: &ModuleVersion,
        parts: Parts<'_>,
        making: Making<'_>,
    ) -> Result<()> {
        let _lock = self.lock(module)?;
        self.sweep(module)?;
        let zip = self.file(module, File::Zip)?;
        let mut temporary = TemporaryFile::beside(&zip)?;
        let sum = making.content.make(temporary.file(), None)?;
        making.content.admit(Zip::Made, &sum)?;
        self.overwrite_metadata(module, parts.info, parts.go_mod)?;
        disk::write_atomic(&self.file(module, File::ZipHash)?, sum.as_bytes())?;
        temporary.persist()?;
        if self.state(module)?.folder {
            self.put_folder(module, making.folder_mode, |zip, tree| {
                making.content.extract(zip, tree)
            })?;
        }
        Ok(())
    }

    /// Puts metadata in the place of what is there.
    ///
    /// # Errors
    /// Files that cannot be written.
    pub fn replace_metadata(
        &self,
        module: &ModuleVersion,
        info: Option<&Info>,
        go_mod: &[u8],
    ) -> Result<()> {
        let _lock = self.lock(module)?;
        self.overwrite_metadata(module, info, go_mod)
    }

    /// Writes the `.ziphash` of a zip; `sum` computes it under the lock.
    ///
    /// # Errors
    /// What `sum` brings; a file that cannot be written.
    pub fn rewrite_hash(
        &self,
        module: &ModuleVersion,
        sum: impl FnOnce() -> Result<String>,
    ) -> Result<()> {
        let _lock = self.lock(module)?;
        disk::write_atomic(&self.file(module, File::ZipHash)?, sum()?.as_bytes())
    }

    /// Extracts the zip of a version in place of whatever has the name of its folder. Without a zip only the
    /// unfinished folder goes.
    ///
    /// # Errors
    /// A zip that cannot be extracted; files that cannot be written or removed.
    pub fn extract_again(
        &self,
        module: &ModuleVersion,
        folder_mode: FolderMode,
        extract: impl FnOnce(&Path, &TreeWriter) -> Result<()>,
    ) -> Result<()> {
        let _lock = self.lock(module)?;
        if self.state(module)?.zip {
            return self.put_folder(module, folder_mode, extract);
        }
        disk::tree::remove_all(&self.folder(module)?)?;
        disk::remove_file(&self.file(module, File::Partial)?)
    }

    fn put_folder(
        &self,
        module: &ModuleVersion,
        folder_mode: FolderMode,
        extract: impl FnOnce(&Path, &TreeWriter) -> Result<()>,
    ) -> Result<()> {
        let partial = self.file(module, File::Partial)?;
        let tree = PartialTree::begin(self.folder(module)?, partial)?;
        extract(&self.file(module, File::Zip)?, tree.writer())?;
        tree.finish(folder_mode)
    }

    fn overwrite_metadata(
        &self,
        module: &ModuleVersion,
        info: Option<&Info>,
        go_mod: &[u8],
    ) -> Result<()> {
        if let Some(info) = info {
            let json = info.to_json()?;
            disk::write_atomic(&self.file(module, File::Info)?, json.as_bytes())?;
        }
        disk::write_atomic(&self.file(module, File::Mod)?, go_mod)?;
        self.rewrite_list(&module.path)
    }

    fn lock(&self, module: &ModuleVersion) -> Result<FileLock> {
        FileLock::exclusive(&self.file(module, File::Lock)?)
    }
}
