//! The file `@v/list`: the versions of a module whose `.mod` is in the cache.

use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;

use anyhow::{Context, Result};

use super::{Cache, File};
use crate::disk::{self, FileLock};
use crate::module::{ModulePath, ModuleVersion, canonical_version, semver};

/// Renders the list of versions by their escaped names. One with capitals is no canonical version then, and is
/// left out, as with go.
pub fn version_list(mut escaped: Vec<String>) -> String {
    escaped.retain(|version| !version.is_empty() && canonical_version(version) == *version);
    semver::sort(&mut escaped);
    escaped.iter().flat_map(|version| [version, "\n"]).collect()
}

impl Cache {
    /// Tells whether a version is in its module's list, or is one that go leaves out.
    ///
    /// # Errors
    /// A list that cannot be read.
    pub(super) fn is_listed(&self, module: &ModuleVersion) -> Result<bool> {
        let version = module.version.as_str();
        if module.version.escaped()? != version {
            return Ok(true);
        }
        let list = self.versions_folder(&module.path).join("list");
        let list = disk::read_optional(&list)?.unwrap_or_default();
        Ok(list
            .split(|byte| *byte == b'\n')
            .any(|line| line == version.as_bytes()))
    }

    /// Gives the escaped names of the versions of which there is a `.mod`.
    pub(super) fn listable(&self, path: &ModulePath) -> Result<Vec<String>> {
        let entries = disk::list_dir(&self.versions_folder(path))?;
        let versions = entries.iter().filter_map(|entry| {
            let name = entry.file_name()?.to_str()?;
            Some(name.strip_suffix(".mod")?.to_owned())
        });
        Ok(versions.collect())
    }

    /// Rewrites the list of a module after a `.mod` has been added.
    ///
    /// The file is its own lock and is written in
    /// place, for that is how go locks it. Source: `rewriteVersionList` in `modfetch/cache.go`.
    ///
    /// # Errors
    /// A folder or file that cannot be read or written.
    pub fn rewrite_list(&self, path: &ModulePath) -> Result<()> {
        let folder = self.versions_folder(path);
        let list = folder.join("list");
        let lock = FileLock::exclusive(&list)?;
        replace(&list, &lock, &version_list(self.listable(path)?))
    }

    /// Takes a version out of the list of its module, and then removes its `.mod`: a list may lack a version, but go
    /// would ask for one that is in it. With its last version a module loses the list, too.
    ///
    /// # Errors
    /// A folder or file that cannot be read, written or removed.
    pub(super) fn unlist(&self, module: &ModuleVersion) -> Result<()> {
        let folder = self.versions_folder(&module.path);
        if !disk::is_dir(&folder) {
            return Ok(());
        }
        let list = folder.join("list");
        let lock = FileLock::exclusive(&list)?;
        let escaped = module.version.escaped()?;
        let mut others = self.listable(&module.path)?;
        others.retain(|version| *version != escaped);
        let is_last = others.is_empty();
        replace(&list, &lock, &version_list(others))?;
        disk::remove_file(&self.file(module, File::Mod)?)?;
        if is_last {
            disk::remove_file(&list)?;
            drop(lock);
            // Whoever waited for this list, and now writes one that nobody can see, has written his `.mod` before.
            if !self.listable(&module.path)?.is_empty() {
                self.rewrite_list(&module.path)?;
            }
        }
        Ok(())
    }
}

/// Writes a list in place, which is its own lock.
fn replace(list: &Path, lock: &FileLock, text: &str) -> Result<()> {
    let mut file = lock.file();
    let mut old = String::new();
    // An unreadable list, such as one with zero bytes after a crash, is replaced, too.
    if file.read_to_string(&mut old).is_ok() && old == text {
        return Ok(());
    }
    file.set_len(0)
        .and_then(|()| file.seek(SeekFrom::Start(0)))
        .and_then(|_| file.write_all(text.as_bytes()))
        .with_context(|| format!("cannot write {}", list.display()))
}
