//! The records of checksum databases, beside the versions that they are of.

use std::collections::HashSet;

use anyhow::{Context, Result};
use object_store::PutMode;

use super::Storage;
use crate::cache::Cache;
use crate::checksum::sumdb::{Files, OfferedFile};
use crate::disk;
use crate::module::ModuleVersion;

/// The largest record, in bytes.
const MAX_RECORD: u64 = 1 << 20;

impl Storage {
    /// Puts what a cache has of records of a version.
    ///
    /// # Errors
    /// [`super::Failure`] when the bucket cannot be written.
    pub fn put_records(&self, module: &ModuleVersion, cache: &Cache) -> Result<()> {
        for (name, files) in Files::all_of_cache(cache.downloads())? {
            if let Some(record) = disk::read_optional(&files.record_file(module)?)? {
                let path = record_path(&name, &OfferedFile::record(module))?;
                self.put(&self.name(&path)?, record, PutMode::Create)?;
            }
        }
        Ok(())
    }

    /// Gives a record of a database; `None` for all its other files, which do not stay as they are.
    ///
    /// # Errors
    /// [`super::Failure`] when the bucket cannot be read.
    pub fn record(&self, name: &str, file: &OfferedFile) -> Result<Option<Vec<u8>>> {
        if file.module_path().is_none() {
            return Ok(None);
        }
        let name = self.name(&record_path(name, file)?)?;
        self.read_object(&name, MAX_RECORD)
    }

    /// Lists the paths of all records of a database, below the database.
    ///
    /// # Errors
    /// [`super::Failure`] when the bucket cannot be read.
    pub fn records(&self, name: &str) -> Result<HashSet<String>> {
        let folder = format!("sumdb/{name}");
        let mut records = HashSet::new();
        self.list(&self.name(&folder)?, |path, _| {
            let path = path.strip_prefix(&folder).unwrap_or_default();
            records.insert(path.trim_start_matches('/').to_owned());
        })?;
        Ok(records)
    }
}

fn record_path(name: &str, file: &OfferedFile) -> Result<String> {
    let path = file.path().context("no record has such a name")?;
    Ok(format!("sumdb/{name}/{path}"))
}
