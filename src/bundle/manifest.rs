//! What is in a bundle, or in a cache.

mod json;

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, bail, ensure};

use super::{DOWNLOADS, Digest};
use crate::cache::{File, versions_path};
use crate::module::{ModulePath, ModuleVersion, Origin};
use crate::modzip::{MAX_GO_MOD, MAX_ZIP_FILE};

/// The version of the format that is written, and the only one that is read.
pub const FORMAT: u32 = 1;

/// The most bytes of a manifest, some 400,000 files.
pub(super) const MAX_MANIFEST: u64 = 128 << 20;

/// The most bytes of an `.info`, of a list of versions, and of a file of a checksum database.
const MAX_SMALL: u64 = 4 << 20;

/// The most bytes of all files of checksum databases together: they are held in memory.
const MAX_DATABASES: u64 = 256 << 20;

/// The files of a version, in the order in which they are packed.
const ORDER: [File; 4] = [File::Info, File::Mod, File::ZipHash, File::Zip];

/// Every file of a bundle or a cache, and what it belongs to.
///
/// A manifest that was read is sound: names are those that the module cache has for what they belong to, nothing
/// is named twice, everything is in order, and sizes are within the limits of what they are of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manifest {
    /// The main modules, or workspaces, that it was made for.
    pub projects: Vec<String>,
    /// Files of checksum databases.
    pub databases: Vec<PackedFile>,
    /// The module versions.
    pub modules: Vec<PackedModule>,
    /// The lists of versions: for those who unpack by hand.
    pub lists: Vec<PackedFile>,
}

/// A file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PackedFile {
    /// Its name in the bundle, which is that in the module cache.
    pub name: String,
    /// What it holds.
    pub digest: Digest,
}

/// A module version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackedModule {
    /// The module and its version.
    pub module: ModuleVersion,
    /// When it was made, as its `.info` says.
    pub time: Option<String>,
    /// Where it comes from, as its `.info` says.
    pub origin: Option<Origin>,
    /// The `h1:` sum of its zip, where that is packed.
    pub sum: Option<String>,
    /// The `h1:` sum of its go.mod.
    pub go_mod_sum: Option<String>,
    /// Who has vouched for it where it was packed.
    pub verified_by: Option<String>,
    /// Its files.
    pub files: BTreeMap<File, Digest>,
}

impl PartialOrd for Digest {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Digest {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.sha256, self.size).cmp(&(other.sha256, other.size))
    }
}

impl PackedModule {
    /// Lists the files in the order in which they are packed.
    ///
    /// # Errors
    /// A version that cannot be escaped.
    pub fn packed_files(&self) -> Result<Vec<(File, PackedFile)>> {
        let there = ORDER
            .into_iter()
            .filter_map(|file| Some((file, *self.files.get(&file)?)));
        there
            .map(|(file, digest)| {
                let name = format!("{DOWNLOADS}{}", file.path_of(&self.module)?);
                Ok((file, PackedFile { name, digest }))
            })
            .collect()
    }

    /// Bytes of its files.
    pub fn size(&self) -> u64 {
        self.files.values().map(|digest| digest.size).sum()
    }
}

impl Manifest {
    /// Reads a manifest that anybody may have made.
    ///
    /// # Errors
    /// What is no manifest, or one of another format; names that do not belong to what they are said to be of,
    /// that come twice or out of order; more than 128 MiB, or files larger than such files may be.
    pub fn parse(text: &[u8]) -> Result<Manifest> {
        ensure!(
            text.len() as u64 <= MAX_MANIFEST,
            "the manifest has more than {MAX_MANIFEST} bytes"
        );
        let manifest = json::read(text)?;
        manifest.check()?;
        Ok(manifest)
    }

    /// Renders the manifest: JSON, indented, with a newline at the end.
    ///
    /// # Errors
    /// A version that cannot be escaped.
    pub fn to_json(&self) -> Result<Vec<u8>> {
        json::write(self)
    }

    /// Lists all files in the order in which they are packed.
    ///
    /// # Errors
    /// A version that cannot be escaped.
    pub fn files(&self) -> Result<Vec<PackedFile>> {
        let mut files = self.databases.clone();
        for module in &self.modules {
            files.extend(module.packed_files()?.into_iter().map(|(_, file)| file));
        }
        files.extend(self.lists.iter().cloned());
        Ok(files)
    }

    /// Leaves out what somebody has who has the other.
    ///
    /// # Errors
    /// [`crate::checksum::Mismatch`] where he has other content under the same name.
    pub fn without(self, other: &Manifest) -> Result<Manifest> {
        super::delta::difference(self, other)
    }

    fn check(&self) -> Result<()> {
        let mut total = 0_u64;
        for file in &self.databases {
            check_database_file(&file.name)?;
            check_size(&file.name, file.digest.size, MAX_SMALL)?;
            total = total.saturating_add(file.digest.size);
        }
        ensure!(
            total <= MAX_DATABASES,
            "files of checksum databases have more than {MAX_DATABASES} bytes together"
        );
        check_order(self.databases.iter().map(|file| &file.name))?;
        check_order(self.modules.iter().map(|packed| &packed.module))?;
        self.modules.iter().try_for_each(PackedModule::check)?;
        let paths: BTreeSet<String> = self
            .modules
            .iter()
            .map(|packed| list_name(&packed.module.path))
            .collect();
        for list in &self.lists {
            ensure!(
                paths.contains(&list.name),
                "the manifest lists versions of a module that it does not have: {}",
                list.name
            );
            check_size(&list.name, list.digest.size, MAX_SMALL)?;
        }
        check_order(self.lists.iter().map(|file| &file.name))
    }
}

impl PackedModule {
    fn check(&self) -> Result<()> {
        let module = &self.module;
        module.check()?;
        for (file, digest) in &self.files {
            let limit = match file {
                File::Info => MAX_SMALL,
                File::Mod => MAX_GO_MOD,
                File::Zip => MAX_ZIP_FILE,
                File::ZipHash => 64,
                File::Lock | File::Partial => bail!("{module}: locks are not packed"),
            };
            check_size(&module.to_string(), digest.size, limit)?;
        }
        let has = |file| self.files.contains_key(&file);
        ensure!(
            has(File::Zip) == has(File::ZipHash) && has(File::Zip) == self.sum.is_some(),
            "{module}: a zip goes with its sum and with .ziphash, and they with it"
        );
        ensure!(
            has(File::Mod) || !has(File::Zip),
            "{module}: a zip goes with .mod"
        );
        ensure!(
            has(File::Mod) == self.go_mod_sum.is_some(),
            "{module}: a go.mod goes with its sum"
        );
        Ok(())
    }
}

/// Gives the name of the list of a module's versions.
pub fn list_name(path: &ModulePath) -> String {
    format!("{DOWNLOADS}{}/list", versions_path(path))
}

/// Gives the name of a file of a checksum database.
pub fn database_file_name(database: &str, path: &str) -> String {
    format!("{DATABASES}{database}/{path}")
}

/// The folder of all checksum databases.
const DATABASES: &str = "cache/download/sumdb/";

/// Checks that a name can be one of a checksum database: its elements are plain, and nothing leads out.
fn check_database_file(name: &str) -> Result<()> {
    let inner = name.strip_prefix(DATABASES).with_context(|| {
        format!("the manifest has a file of a checksum database outside {DATABASES}: {name}")
    })?;
    let is_plain = |element: &str| {
        !matches!(element, "" | "." | "..")
            && element.len() <= 255
            && element
                .bytes()
                .all(|byte| byte.is_ascii_graphic() && byte != b'\\')
    };
    ensure!(
        inner.contains('/') && inner.split('/').all(is_plain),
        "the manifest has a file with a malformed name: {name:?}"
    );
    Ok(())
}

fn check_size(of: &str, size: u64, limit: u64) -> Result<()> {
    ensure!(
        size <= limit,
        "{of}: {size} bytes are more than such a file may have ({limit})"
    );
    Ok(())
}

fn check_order<T: Ord + std::fmt::Display>(items: impl Iterator<Item = T>) -> Result<()> {
    let mut last: Option<T> = None;
    for item in items {
        if let Some(last) = last.filter(|last| *last >= item) {
            bail!(
                "the manifest has {item} after {last}: entries are in order, and none comes twice"
            );
        }
        last = Some(item);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
