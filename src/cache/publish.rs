//! Making a version visible: the order of writing under the lock.

use std::path::{Path, PathBuf};
use std::{fs, io};

use anyhow::Result;

use super::{Cache, Extraction, File};
use crate::checksum::{Mismatch, Part, dirhash};
use crate::disk::tree::TreeWriter;
use crate::disk::{self, FileLock, TemporaryFile};
use crate::goenv::FolderMode;
use crate::module::{Info, ModuleVersion};

/// The metadata of a version.
#[derive(Clone, Copy, Debug)]
pub struct Parts<'a> {
    /// Version, time and origin, where they are known.
    pub info: Option<&'a Info>,
    /// Content of the `.mod` file.
    pub go_mod: &'a [u8],
}

/// Makes what a version lacks. The calls come under the version's lock.
pub trait Content {
    /// Writes the zip, and the extracted tree if one is wanted; gives the `h1:` sum of the zip.
    ///
    /// # Errors
    /// Whatever keeps it from being made; nothing becomes visible then.
    fn make(&self, zip: &mut fs::File, tree: Option<&TreeWriter>) -> Result<String>;

    /// Extracts a zip that is in the cache already.
    ///
    /// # Errors
    /// A zip that is no module zip; nothing becomes visible then.
    fn extract(&self, zip: &Path, tree: &TreeWriter) -> Result<()>;

    /// Decides from its sum whether a zip may become, or stay, visible.
    ///
    /// # Errors
    /// [`Mismatch`] when it may not.
    fn admit(&self, zip: Zip, sum: &str) -> Result<()>;

    /// Tells whether a zip that is in the cache already needs no closer look. Without one its `.ziphash` is believed, as
    /// go believes it; else the zip must have the sum that is written there, or makes way for the one that is made.
    ///
    /// # Errors
    /// A zip that cannot be read.
    fn passes_unread(&self, zip: &Path) -> Result<bool> {
        let _ = zip;
        Ok(true)
    }
}

/// Where a zip comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Zip {
    /// It has just been made.
    Made,
    /// The cache had it.
    Found,
}

/// How a version is to be published.
#[derive(Clone, Copy)]
pub struct Making<'a> {
    /// Whether the folders of the extracted tree stay writable.
    pub folder_mode: FolderMode,
    /// Whether there is to be an extracted tree.
    pub extraction: Extraction,
    /// What is to be made.
    pub content: &'a dyn Content,
}

/// What publishing a version has come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Published {
    /// Something was missing and has been made.
    Made,
    /// Everything was there.
    Present,
}

/// An extracted tree that does not count yet. Dropped before it is finished, it goes away with its
/// `.partial` file; a killed process leaves both, and the next holder of the lock removes them.
pub(super) struct PartialTree {
    folder: PathBuf,
    partial: PathBuf,
    writer: TreeWriter,
}

impl PartialTree {
    pub(super) fn begin(folder: PathBuf, partial: PathBuf) -> Result<PartialTree> {
        disk::write(&partial, b"")?;
        disk::tree::remove_all(&folder)?;
        let writer = TreeWriter::new(&folder)?;
        Ok(PartialTree {
            folder,
            partial,
            writer,
        })
    }

    /// What fills it.
    pub(super) fn writer(&self) -> &TreeWriter {
        &self.writer
    }

    /// Makes the folder count. Go takes the write permission last: whoever is killed in between leaves a folder that
    /// counts and stays writable.
    pub(super) fn finish(self, mode: FolderMode) -> Result<()> {
        if mode == FolderMode::ReadOnly {
            self.writer.make_read_only()?;
        }
        disk::remove_file(&self.partial)
    }
}

impl Drop for PartialTree {
    fn drop(&mut self) {
        // The marker goes last: without it the rest of a tree would count as whole. After `finish` it is
        // gone and the tree stays.
        if disk::exists(&self.partial) && disk::tree::remove_all(&self.folder).is_ok() {
            let _ = disk::remove_file(&self.partial);
        }
    }
}

impl Cache {
    /// Writes the metadata of a version as far as it is missing, the version list with it.
    ///
    /// # Errors
    /// [`Mismatch`] when the cache has another go.mod, which stays.
    pub fn write_metadata(
        &self,
        module: &ModuleVersion,
        info: Option<&Info>,
        go_mod: Option<&[u8]>,
    ) -> Result<()> {
        disk::create_dir_all(&self.versions_folder(&module.path))?;
        if let Some(info) = info {
            let file = self.file(module, File::Info)?;
            if !is_info(disk::read_optional(&file)?.as_deref(), module) {
                write_unswept(&file, info.to_json()?.as_bytes())?;
            }
        }
        if let Some(go_mod) = go_mod {
            self.check_go_mod(module, go_mod)?;
            let file = self.file(module, File::Mod)?;
            let is_new = !disk::exists(&file);
            if is_new {
                write_unswept(&file, go_mod)?;
            }
            if is_new || !self.is_listed(module)? {
                self.rewrite_list(&module.path)?;
            }
        }
        Ok(())
    }

    /// Makes a version complete: metadata, zip with its sum, extracted folder unless that is left to go.
    ///
    /// Look, lock, look again; what is there stays. Zip and tree are made under names that do not count,
    /// then the sum is checked, then all is renamed into place: `.info`, `.mod`, `list`, `.ziphash`, `.zip`,
    /// and last the `.partial` file goes, which makes the folder count.
    ///
    /// # Errors
    /// [`Mismatch`] when go.mod or zip differ from what the cache has or a sum that is recorded; nothing has
    /// become visible then.
    pub fn publish(
        &self,
        module: &ModuleVersion,
        parts: Parts<'_>,
        making: Making<'_>,
    ) -> Result<Published> {
        self.check_go_mod(module, parts.go_mod)?;
        if self.is_published(module, parts, making)? {
            return Ok(Published::Present);
        }
        let _lock = FileLock::exclusive(&self.file(module, File::Lock)?)?;
        if self.is_published(module, parts, making)? {
            return Ok(Published::Present);
        }
        let state = self.state(module)?;
        self.sweep(module)?;
        let tree = if !state.needs_tree(making.extraction) {
            None
        } else {
            let folder = self.folder(module)?;
            Some(PartialTree::begin(
                folder,
                self.file(module, File::Partial)?,
            )?)
        };
        let zip = self.file(module, File::Zip)?;
        if state.zip && self.has_sound_zip(module, making.content)? {
            let sum = dirhash::hash_zip(&zip)?;
            making.content.admit(Zip::Found, &sum)?;
            if let Some(tree) = &tree {
                making.content.extract(&zip, &tree.writer)?;
            }
            self.write_metadata(module, parts.info, Some(parts.go_mod))?;
            disk::write_atomic(&self.file(module, File::ZipHash)?, sum.as_bytes())?;
        } else {
            let mut temporary = TemporaryFile::beside(&zip)?;
            let writer = tree.as_ref().map(|tree| &tree.writer);
            let sum = making.content.make(temporary.file(), writer)?;
            making.content.admit(Zip::Made, &sum)?;
            self.write_metadata(module, parts.info, Some(parts.go_mod))?;
            disk::write_atomic(&self.file(module, File::ZipHash)?, sum.as_bytes())?;
            temporary.persist()?;
        }
        if let Some(tree) = tree {
            tree.finish(making.folder_mode)?;
        }
        Ok(Published::Made)
    }

    /// Tells whether nothing is left to be made of a version, but for metadata, which is written.
    fn is_published(
        &self,
        module: &ModuleVersion,
        parts: Parts<'_>,
        making: Making<'_>,
    ) -> Result<bool> {
        let state = self.state(module)?;
        let has_info = state.info || parts.info.is_none();
        if !has_info || !state.has_content(making.extraction) {
            return Ok(false);
        }
        making.content.admit(Zip::Found, &self.zip_sum(module)?)?;
        if !self.has_sound_zip(module, making.content)? {
            return Ok(false);
        }
        self.write_metadata(module, None, Some(parts.go_mod))?;
        Ok(true)
    }

    /// Tells whether the zip in the cache stays: it is not damaged, as far as somebody can tell.
    fn has_sound_zip(&self, module: &ModuleVersion, content: &dyn Content) -> Result<bool> {
        let zip = self.file(module, File::Zip)?;
        if content.passes_unread(&zip)? {
            return Ok(true);
        }
        let recorded = self.recorded_sum(module)?;
        // A zip that is sound and of which no sum is recorded stays: whether it may is for its sum to tell.
        let is_recorded = |sum: String| recorded.is_none_or(|recorded| recorded == sum);
        Ok(dirhash::hash_zip(&zip).is_ok_and(is_recorded))
    }

    /// Gives the sum of a zip in the cache: the recorded one, or a computed one when none is recorded.
    ///
    /// # Errors
    /// Files that cannot be read.
    pub fn zip_sum(&self, module: &ModuleVersion) -> Result<String> {
        match self.recorded_sum(module)? {
            Some(sum) => Ok(sum),
            None => dirhash::hash_zip(&self.file(module, File::Zip)?),
        }
    }

    fn check_go_mod(&self, module: &ModuleVersion, go_mod: &[u8]) -> Result<()> {
        match self.read(module, File::Mod)? {
            Some(cached) if cached != go_mod => Err(Mismatch {
                module: module.clone(),
                part: Part::GoMod,
                found: dirhash::go_mod_sum(go_mod),
                recorder: self.file(module, File::Mod)?.display().to_string(),
                recorded: dirhash::go_mod_sum(&cached),
                reasons: Vec::new(),
            }
            .into()),
            _ => Ok(()),
        }
    }

    /// Removes the temporary files of killed runs, and the folders that were being removed. The writers of zips are gone,
    /// or would hold the lock; `.info` and `.mod` are written without it. Go only warns, should it lose one in the blink
    /// of an eye that it takes to rename it, and we write it again.
    pub(super) fn sweep(&self, module: &ModuleVersion) -> Result<()> {
        let version = module.version.escaped()?;
        let prefixes = [".info", ".mod", ".zip"].map(|suffix| format!("{version}{suffix}"));
        let is_left = |name: &str| {
            name.ends_with(".tmp") && prefixes.iter().any(|prefix| name.starts_with(prefix))
        };
        for entry in disk::list_dir(&self.versions_folder(&module.path))? {
            let name = entry.file_name().and_then(|name| name.to_str());
            if name.is_some_and(is_left) {
                disk::tree::remove_all(&entry)?;
            }
        }
        Ok(())
    }
}

/// Writes a file, and again where somebody who makes the same version has swept its temporary file away.
fn write_unswept(file: &Path, data: &[u8]) -> Result<()> {
    const ATTEMPTS: usize = 10;
    let is_gone = |error: &anyhow::Error| {
        let cause = error
            .chain()
            .find_map(|cause| cause.downcast_ref::<io::Error>());
        cause.is_some_and(|cause| cause.kind() == io::ErrorKind::NotFound)
    };
    for _ in 1..ATTEMPTS {
        match disk::write_atomic(file, data) {
            Err(error) if is_gone(&error) => {}
            result => return result,
        }
    }
    disk::write_atomic(file, data)
}

/// Tells whether a `.info` file is whole and about this version.
fn is_info(content: Option<&[u8]>, module: &ModuleVersion) -> bool {
    #[derive(serde::Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Info {
        version: String,
        #[allow(dead_code, reason = "a file without a time is not whole")]
        time: String,
    }
    content
        .and_then(|content| serde_json::from_slice::<Info>(content).ok())
        .is_some_and(|info| info.version == module.version.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_is_written_though_others_sweep() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(folder.path().to_owned()).unwrap();
        let module = ModuleVersion {
            path: "example.com/m".parse().unwrap(),
            version: "v1.0.0".parse().unwrap(),
        };
        let is_over = std::sync::atomic::AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !is_over.load(std::sync::atomic::Ordering::Relaxed) {
                    cache.sweep(&module).unwrap();
                }
            });
            let file = cache.file(&module, File::Mod).unwrap();
            let written: Result<()> = (0..300).try_for_each(|_| {
                disk::remove_file(&file)?;
                cache.write_metadata(&module, None, Some(b"module example.com/m\n"))
            });
            is_over.store(true, std::sync::atomic::Ordering::Relaxed);
            written.unwrap();
        });
    }
}
