//! What is stored of checksum databases: records, the tiles that prove them, and the latest tree.
//!
//! Records and tiles are put once and stay. The note of the latest tree is the only object that is replaced, by a later
//! one, on the condition that it is still the one that the later one was compared with (`If-Match`). All tiles are there
//! that lead to this tree from the tree of any record: so whoever puts a record puts them first, and then the note.

use std::collections::HashSet;

use anyhow::{Context, Result};
use object_store::{PutMode, UpdateVersion};

use super::Storage;
use crate::checksum::sumdb::OfferedFile;

/// The largest record, tile or note, in bytes.
const MAX_FILE: u64 = 1 << 20;

/// The latest tree of a database that is stored.
#[derive(Default)]
pub struct LatestTree {
    /// The note with which the database has signed it; empty where none is stored.
    pub note: Vec<u8>,
    version: Option<UpdateVersion>,
}

impl Storage {
    /// Gives a record, a tile or the note of the latest tree; `None` where it is not stored.
    ///
    /// # Errors
    /// [`super::Failure`] when the bucket cannot be read.
    pub fn database_file(&self, name: &str, file: &OfferedFile) -> Result<Option<Vec<u8>>> {
        self.read_object(&self.name(&path_of(name, file)?)?, MAX_FILE)
    }

    /// Puts a record or a tile, unless it is there.
    ///
    /// # Errors
    /// [`super::Failure`] when the bucket cannot be written.
    pub fn put_database_file(
        &self,
        name: &str,
        file: &OfferedFile,
        content: Vec<u8>,
    ) -> Result<()> {
        let name = self.name(&path_of(name, file)?)?;
        self.put(&name, content, PutMode::Create).map(drop)
    }

    /// Gives the latest tree of a database.
    ///
    /// # Errors
    /// [`super::Failure`] when the bucket cannot be read.
    pub fn latest_tree(&self, name: &str) -> Result<LatestTree> {
        let name = self.name(&path_of(name, &OfferedFile::latest())?)?;
        let mut note = Vec::new();
        let version = self.copy(&name, MAX_FILE, &mut note)?;
        Ok(LatestTree { note, version })
    }

    /// Replaces the latest tree of a database; `false` where it has become another one meanwhile.
    ///
    /// # Errors
    /// [`super::Failure`] when the bucket cannot be written.
    pub fn replace_latest_tree(&self, name: &str, old: LatestTree, new: Vec<u8>) -> Result<bool> {
        let name = self.name(&path_of(name, &OfferedFile::latest())?)?;
        let mode = old.version.map_or(PutMode::Create, PutMode::Update);
        Ok(self.put(&name, new, mode)?.is_some())
    }

    /// Lists the paths of all records of a database, below the database.
    ///
    /// # Errors
    /// [`super::Failure`] when the bucket cannot be read.
    pub fn records(&self, name: &str) -> Result<HashSet<String>> {
        let folder = format!("sumdb/{name}/");
        let mut records = HashSet::new();
        self.list(&self.name(&format!("{folder}lookup"))?, |path, _| {
            records.extend(path.strip_prefix(&folder).map(str::to_owned));
        })?;
        Ok(records)
    }
}

fn path_of(name: &str, file: &OfferedFile) -> Result<String> {
    let path = file.path().context("no record has such a name")?;
    Ok(format!("sumdb/{name}/{path}"))
}
