//! From the bucket into a cache: nothing counts there before it has been checked.

use std::fs;
use std::num::NonZeroUsize;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};

use super::Storage;
use crate::cache::{Cache, Content, Extraction, File, Making, Parts, Zip};
use crate::checksum::dirhash;
use crate::disk::tree::TreeWriter;
use crate::goenv::FolderMode;
use crate::gomod;
use crate::module::{Info, ModuleVersion};
use crate::modzip::{self, Control, MAX_GO_MOD, MAX_ZIP_FILE};

/// The largest `.info` and `.ziphash`, in bytes.
const MAX_INFO: u64 = 1 << 20;
const MAX_SUM: u64 = 1 << 10;

/// What of a version is not its files.
struct Metadata {
    info: Info,
    go_mod: Vec<u8>,
}

impl Storage {
    /// Brings the metadata of a version into a cache, and its zip if that is wanted; `false` where it is not stored.
    ///
    /// # Errors
    /// A bucket that cannot be read; an object in it that is damaged, of which nothing is kept.
    pub fn bring(&self, module: &ModuleVersion, file: File, cache: &Cache) -> Result<bool> {
        match file {
            File::Zip => self.bring_zip(module, cache),
            _ => {
                let metadata = self.metadata(module)?;
                let Some(Metadata { info, go_mod }) = metadata else {
                    return Ok(false);
                };
                cache.write_metadata(module, Some(&info), Some(&go_mod))?;
                Ok(true)
            }
        }
    }

    fn bring_zip(&self, module: &ModuleVersion, cache: &Cache) -> Result<bool> {
        let Some(recorded) = self.zip_sum(module)? else {
            return Ok(false);
        };
        if !self.has(module, File::Zip)? {
            return Ok(false);
        }
        let Some(Metadata { info, go_mod }) = self.metadata(module)? else {
            return Ok(false);
        };
        let parts = Parts {
            info: Some(&info),
            go_mod: &go_mod,
        };
        let content = Parcel {
            storage: self,
            module,
            recorded,
        };
        let making = Making {
            folder_mode: FolderMode::ReadOnly,
            extraction: Extraction::LeftToGo,
            content: &content,
        };
        cache.publish(module, parts, making)?;
        Ok(true)
    }

    fn metadata(&self, module: &ModuleVersion) -> Result<Option<Metadata>> {
        let Some(info) = self.info(module)? else {
            return Ok(None);
        };
        let at = || self.damaged(module, File::Mod);
        let go_mod = self.read(module, File::Mod, MAX_GO_MOD)?;
        let go_mod = go_mod.context("it is not there").with_context(at)?;
        gomod::parse_lax("go.mod", &go_mod).with_context(at)?;
        Ok(Some(Metadata { info, go_mod }))
    }

    /// Gives what the `.info` says; `None` where the version does not count.
    pub(super) fn info(&self, module: &ModuleVersion) -> Result<Option<Info>> {
        let Some(content) = self.read(module, File::Info, MAX_INFO)? else {
            return Ok(None);
        };
        let at = || self.damaged(module, File::Info);
        let info = Info::parse(&content).with_context(at)?;
        if info.version != module.version {
            bail!("{}: it is of {}", at(), info.version);
        }
        Ok(Some(info))
    }

    /// Gives what the `.ziphash` says.
    pub(super) fn zip_sum(&self, module: &ModuleVersion) -> Result<Option<String>> {
        let sum = self.read(module, File::ZipHash, MAX_SUM)?;
        Ok(sum.map(|sum| String::from_utf8_lossy(&sum).trim().to_owned()))
    }

    fn damaged(&self, module: &ModuleVersion, file: File) -> String {
        let name = file.path_of(module).unwrap_or_default();
        format!("{}/{name} is damaged", self.address())
    }
}

/// A zip in the bucket.
struct Parcel<'a> {
    storage: &'a Storage,
    module: &'a ModuleVersion,
    /// What its `.ziphash` says.
    recorded: String,
}

impl Parcel<'_> {
    fn control(work: impl FnOnce(&Control<'_>) -> Result<modzip::Extracted>) -> Result<String> {
        let threads = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        let extracted = work(&Control::unreported(threads, &|| false))?;
        dirhash::hash1(extracted.sums)
    }
}

impl Content for Parcel<'_> {
    fn make(&self, zip: &mut fs::File, tree: Option<&TreeWriter>) -> Result<String> {
        let at = || self.storage.damaged(self.module, File::Zip);
        ensure!(
            self.storage.download(self.module, MAX_ZIP_FILE, zip)?,
            "{}: it is gone",
            at()
        );
        let zip = zip.try_clone().context("cannot read the temporary file")?;
        Parcel::control(|control| modzip::extract_file(zip, self.module, tree, control))
            .with_context(at)
    }

    fn extract(&self, zip: &Path, tree: &TreeWriter) -> Result<()> {
        let extract =
            |control: &Control<'_>| modzip::extract(zip, self.module, Some(tree), control);
        Parcel::control(extract).map(drop)
    }

    fn admit(&self, _: Zip, sum: &str) -> Result<()> {
        ensure!(
            sum == self.recorded,
            "{}: its sum is {sum}, and the .ziphash beside it says {:?}",
            self.storage.damaged(self.module, File::Zip),
            self.recorded
        );
        Ok(())
    }
}
