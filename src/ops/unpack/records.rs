//! What a bundle has of checksum databases, in place of the databases themselves.

use std::collections::BTreeMap;

use anyhow::{Result, ensure};

use crate::bundle::{Reader, database_file_name};
use crate::checksum::sumdb::Remote;

/// The files of all databases in a bundle, by their names; the manifest has seen to it that they fit into memory.
pub(super) struct Records(BTreeMap<String, Vec<u8>>);

impl Records {
    /// Reads them: they come first.
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Records> {
        let mut records = BTreeMap::new();
        for file in reader.manifest().databases.clone() {
            let content = reader.read(&file)?;
            records.insert(file.name, content);
        }
        Ok(Records(records))
    }

    /// Gives those of one database. Nothing in them is believed: whoever reads them proves them first.
    pub(super) fn of(mut self, database: &str) -> DatabaseRecords {
        let folder = database_file_name(database, "");
        self.0.retain(|name, _| name.starts_with(&folder));
        DatabaseRecords {
            folder,
            files: self.0,
        }
    }
}

/// The files of a database.
pub(super) struct DatabaseRecords {
    folder: String,
    files: BTreeMap<String, Vec<u8>>,
}

impl Remote for DatabaseRecords {
    fn read(&self, path: &str, limit: u64) -> Result<Option<Vec<u8>>> {
        let content = self.files.get(&format!("{}{path}", self.folder));
        let size = content.map_or(0, Vec::len) as u64;
        ensure!(size <= limit, "{path} has {size} bytes, more than {limit}");
        Ok(content.cloned())
    }
}
