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
        // The database may well have it: that it lost what it signed is nothing that a bundle can tell.
        ensure!(
            content.is_some() || !path.starts_with("tile/"),
            "the bundle has no {path}"
        );
        let size = content.map_or(0, Vec::len) as u64;
        ensure!(size <= limit, "{path} has {size} bytes, more than {limit}");
        Ok(content.cloned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tile_that_the_bundle_lacks_is_no_fault_of_the_database() {
        let none = Records(BTreeMap::new()).of("sum.example");
        let read = |path| none.read(path, 1).map_err(|error| error.to_string());
        assert_eq!(read("lookup/a.com@v1.0.0"), Ok(None));
        let lacks = "the bundle has no tile/8/0/000".to_owned();
        assert_eq!(read("tile/8/0/000"), Err(lacks));
    }
}
