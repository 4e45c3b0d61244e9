//! Taking versions out of a cache.
//!
//! Go looks without a lock whether a folder counts, and then reads it file by file; whether zip and `.ziphash` are there
//! it looks without a lock as well. So everything goes in an order in which what is left is right by itself: the folder
//! stops counting by its `.partial` and goes as a whole, by another name, then the folders above it that are empty now,
//! then the zip, then its `.ziphash`, which may be there without a zip, and at last the metadata: while they are there,
//! the next run finds what a killed one has left. Source: `DownloadDir` in `modfetch/cache.go`, `DownloadZip` in
//! `modfetch/fetch.go`.
//!
//! A `.lock` stays for good. Whoever waits for it has opened it: were it removed, he would hold a lock that nobody else
//! can see, beside another who has made a new one, and of the two who then extract the version one would take away the
//! `.partial` of the other.

use std::path::Path;

use anyhow::Result;

use super::repair::Held;
use super::{Cache, File};
use crate::disk;
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
    /// Removes all files of a version and its folder, and the folders above that have become empty.
    ///
    /// # Errors
    /// Files that cannot be removed.
    pub fn remove(&self, module: &ModuleVersion) -> Result<Removed> {
        if !self.is_metadata_alone(module)? {
            let Some(held) = self.try_hold(module)? else {
                return Ok(Removed::InUse);
            };
            held.remove_folder()?;
            for file in [File::Zip, File::ZipHash] {
                disk::remove_file(&self.file(module, file)?)?;
            }
            self.sweep(module)?;
        }
        self.unlist(module)?;
        disk::remove_file(&self.file(module, File::Info)?)?;
        remove_empty(&self.versions_folder(&module.path), self.downloads());
        Ok(Removed::Yes)
    }

    /// Removes what a killed run has left of the folder of a version, with its `.partial`.
    ///
    /// # Errors
    /// Files that cannot be removed.
    pub fn remove_unfinished(&self, module: &ModuleVersion) -> Result<Removed> {
        let Some(held) = self.try_hold(module)? else {
            return Ok(Removed::InUse);
        };
        if disk::exists(&self.file(module, File::Partial)?) {
            held.remove_folder()?;
        }
        Ok(Removed::Yes)
    }

    /// Tells whether there are only files that go writes without the lock, and nobody has ever held it.
    fn is_metadata_alone(&self, module: &ModuleVersion) -> Result<bool> {
        let mut others = vec![self.folder(module)?];
        for file in [File::Lock, File::Partial, File::Zip, File::ZipHash] {
            others.push(self.file(module, file)?);
        }
        Ok(!others.iter().any(|path| disk::exists(path)))
    }
}

impl Held<'_> {
    /// Removes the folder, what marks it as unfinished, and the folders above that have become empty.
    ///
    /// # Errors
    /// Files that cannot be removed.
    pub fn remove_folder(&self) -> Result<()> {
        let Held { cache, module, .. } = self;
        let folder = cache.folder(module)?;
        let partial = cache.file(module, File::Partial)?;
        // The name of a temporary file, which is swept like one.
        let aside = format!("{}.tmp", File::Zip.path_of(module)?);
        let aside = cache.downloads().join(aside);
        if disk::exists(&folder) {
            disk::write(&partial, b"")?;
            disk::tree::remove_all(&aside)?;
            if disk::tree::rename(&folder, &aside).is_err() {
                // As on another file system.
                disk::tree::remove_all(&folder)?;
            }
        }
        disk::remove_file(&partial)?;
        disk::tree::remove_all(&aside)?;
        remove_empty(folder.parent().unwrap_or(&folder), cache.root());
        Ok(())
    }
}

/// Removes folders from the innermost up to one that is not empty, or to `top`, which stays. Go makes them again when it
/// writes, and fails only if one goes between that and the writing, two system calls later.
fn remove_empty(innermost: &Path, top: &Path) {
    let mut folders = innermost.ancestors().take_while(|folder| *folder != top);
    // What is there and not empty stays, which is no error; what is not there stands in nobody's way.
    folders.all(|folder| !disk::exists(folder) || disk::remove_empty_dir(folder).is_ok());
}
