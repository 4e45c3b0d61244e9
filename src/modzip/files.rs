//! Reads single files of a module zip.

use std::path::Path;
use std::sync::Mutex;

use anyhow::{Context, Result, bail};

use super::extract::{Sound, Tools, is_folder};
use super::reader::Archive;
use crate::disk;
use crate::module::ModuleVersion;

/// A module zip of which some files are wanted; any number of threads may read.
pub struct ZipFiles {
    archive: Archive,
    /// The names below the module's prefix, by the number of the entry.
    names: Vec<String>,
    tools: Mutex<Tools>,
}

impl ZipFiles {
    /// Opens the zip of a module and checks all names and declared sizes in it.
    ///
    /// # Errors
    /// Those of [`super::extract`] that need no look at contents.
    pub fn open(zip: &Path, module: &ModuleVersion) -> Result<ZipFiles> {
        Self::read(zip, module).with_context(|| format!("cannot read {}", zip.display()))
    }

    fn read(zip: &Path, module: &ModuleVersion) -> Result<ZipFiles> {
        let zip = Sound::open(disk::open(zip)?, module)?;
        let names = zip.names().map(str::to_owned).collect();
        Ok(ZipFiles {
            archive: zip.archive,
            names,
            tools: Mutex::default(),
        })
    }

    /// Lists the names of the files, below the module's prefix, each with the number to read it by.
    pub fn files(&self) -> impl Iterator<Item = (usize, &str)> {
        let names = self.names.iter().map(String::as_str).enumerate();
        names.filter(|(_, name)| !is_folder(name))
    }

    /// Reads a file of at most `limit` bytes.
    ///
    /// # Errors
    /// A larger file, and one that is damaged.
    pub fn content(&self, number: usize, limit: u64) -> Result<Vec<u8>> {
        let (Some(entry), Some(name)) = (self.archive.entries.get(number), self.names.get(number))
        else {
            bail!("no file {number} in the zip");
        };
        if entry.size > limit {
            bail!("{name} is larger than {limit} bytes");
        }
        let mut tools = self
            .tools
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        let content = tools.read(&self.archive.bytes, entry);
        content.map(<[u8]>::to_vec).with_context(|| name.clone())
    }
}
