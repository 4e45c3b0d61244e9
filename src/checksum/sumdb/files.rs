//! Where go keeps what it knows of a checksum database.

use std::collections::BTreeSet;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use super::client::MAX_ANSWER;
use super::tree::Record;
use crate::disk::{self, FileLock, Kind};
use crate::module::{ModuleVersion, matches_prefix_patterns};

/// The largest note of a tree, in bytes, that is read from a file.
const MAX_NOTE: u64 = 1 << 20;

/// The file by which a proxy says that it gives a database on; it is empty.
pub(super) const SUPPORTED: &str = "supported";

/// The file with the note of the latest tree.
pub(super) const LATEST: &str = "latest";

/// The files of one checksum database.
///
/// Records and tiles are in `cache/download/sumdb/<name>` of the module cache, where a `file://` proxy looks
/// for them, too; the note of the latest tree is in `<GOPATH>/pkg/sumdb/<name>/latest`, which outlives the
/// cache. Source: `modfetch/sumdb.go`. A second `latest`, beside the records, is for those to whom the cache
/// is brought: all tiles are there that lead from the tree of any record in the cache to this one.
#[derive(Clone, Debug)]
pub struct Files {
    cache: PathBuf,
    known: PathBuf,
}

/// One of the two notes of a latest tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Latest {
    /// The latest that this user has seen.
    Known,
    /// The latest that the cache has the tiles for.
    Cached,
}

/// What came of the replacement of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Replaced {
    /// It is done.
    Yes,
    /// Somebody else was first.
    Conflict,
}

/// Where a module cache, or a folder that is a module proxy, keeps what it has of databases.
fn databases(downloads: &Path) -> PathBuf {
    downloads.join("sumdb")
}

impl Files {
    /// Takes the folder of the module cache's downloads, that of [`crate::goenv::GoEnv::sumdb_folder`], and the name
    /// of the database.
    pub fn new(downloads: &Path, sumdb_folder: &Path, name: &str) -> Files {
        Files {
            cache: databases(downloads).join(name),
            known: sumdb_folder.join(name),
        }
    }

    /// Takes the files for somebody who only reads them, and knows of no later tree than the cache.
    pub fn of_cache(downloads: &Path, name: &str) -> Files {
        let cache = databases(downloads).join(name);
        Files {
            known: cache.clone(),
            cache,
        }
    }

    /// Takes the files of all databases of which a module cache has anything, by their names, as [`Self::of_cache`] does.
    ///
    /// # Errors
    /// A folder that cannot be read.
    pub fn all_of_cache(downloads: &Path) -> Result<Vec<(String, Files)>> {
        let of_cache = |name: String| {
            let files = Files::of_cache(downloads, &name);
            (name, files)
        };
        let names = Files::names_in(downloads)?;
        Ok(names.into_iter().map(of_cache).collect())
    }

    /// Says that a proxy made of the module cache gives the database on.
    ///
    /// Whoever asks this proxy then asks it for every record, and the database for none: it is true only as long
    /// as each version in the cache has a record, or belongs to those that no database is asked about.
    ///
    /// # Errors
    /// A folder or file that cannot be written.
    pub fn mark_supported(&self) -> Result<()> {
        self.write(SUPPORTED, b"")
    }

    /// Lists the databases of which a module cache has anything.
    ///
    /// # Errors
    /// A folder that cannot be read.
    pub fn names_in(downloads: &Path) -> Result<BTreeSet<String>> {
        let root = databases(downloads);
        let mut names = BTreeSet::new();
        // The name of a database can have slashes.
        let mut folders = vec![root.clone()];
        while let Some(folder) = folders.pop() {
            let has = |name| disk::exists(&folder.join(name));
            if has(SUPPORTED) || has("lookup") || has("tile") {
                let name = folder.strip_prefix(&root).ok().and_then(Path::to_str);
                names.extend(name.map(str::to_owned));
            } else {
                let entries = disk::list_dir(&folder)?;
                folders.extend(entries.into_iter().filter(|entry| disk::is_dir(entry)));
            }
        }
        Ok(names)
    }

    /// Tells whether [`Self::mark_supported`] has said so.
    pub fn is_supported(&self) -> bool {
        disk::is_file(&self.cache.join(SUPPORTED))
    }

    /// Lists the files that somebody needs to verify module versions offline: their records, and all that proves
    /// the records. Nothing where there is no record of any of them. Paths are those below the folder of the
    /// database, in order.
    ///
    /// # Errors
    /// A folder that cannot be read.
    pub fn proving<'m>(
        &self,
        modules: impl Iterator<Item = &'m ModuleVersion>,
    ) -> Result<BTreeSet<String>> {
        let mut paths = BTreeSet::new();
        for module in modules {
            if self.has_record(module)? {
                paths.insert(record_path(module)?);
            }
        }
        if paths.is_empty() {
            return Ok(paths);
        }
        for name in [SUPPORTED, LATEST] {
            if disk::is_file(&self.cache.join(name)) {
                paths.insert(name.to_owned());
            }
        }
        let mut folders = vec![self.cache.join("tile")];
        while let Some(folder) = folders.pop() {
            for entry in disk::list_entries(&folder)? {
                match entry.kind {
                    Kind::Folder => folders.push(entry.path),
                    Kind::File if entry.name().is_some_and(|name| !name.ends_with(".tmp")) => {
                        let path = entry.path.strip_prefix(&self.cache)?.to_str();
                        paths.extend(path.map(str::to_owned));
                    }
                    _ => {}
                }
            }
        }
        Ok(paths)
    }

    /// Takes back what [`Self::mark_supported`] says.
    ///
    /// # Errors
    /// A file that cannot be removed.
    pub fn unmark_supported(&self) -> Result<()> {
        disk::remove_file(&self.cache.join(SUPPORTED))
    }

    /// Tells whether there is a record of each of these versions, but for those that `private` covers, a list as
    /// GONOSUMDB is.
    pub fn cover<'v>(
        &self,
        versions: impl IntoIterator<Item = &'v ModuleVersion>,
        private: &str,
    ) -> bool {
        versions.into_iter().all(|module| {
            matches_prefix_patterns(private, module.path.as_str())
                || self.has_record(module).unwrap_or(false)
        })
    }

    /// Tells whether there is a record of a module version.
    ///
    /// # Errors
    /// A version that cannot be escaped.
    pub fn has_record(&self, module: &ModuleVersion) -> Result<bool> {
        Ok(disk::is_file(&self.record_file(module)?))
    }

    /// Gives the go.sum lines in the record of a module version as they stand in the cache: nothing is proven.
    /// Nothing where there is no record; a record that cannot be read is the inner error.
    ///
    /// # Errors
    /// A version that cannot be escaped.
    pub fn record(&self, module: &ModuleVersion) -> Result<Option<Result<String>>> {
        let Some(answer) = self.read(&record_path(module)?, MAX_ANSWER) else {
            return Ok(None);
        };
        let record = Record::parse(&answer).context("malformed record data");
        Ok(Some(record.map(|record| record.text.to_owned())))
    }

    /// Names the file of the record of a module version.
    ///
    /// # Errors
    /// A version that cannot be escaped.
    pub fn record_file(&self, module: &ModuleVersion) -> Result<PathBuf> {
        Ok(self.cache.join(record_path(module)?))
    }

    /// Reads a file; none where it is missing, empty (go may be about to write it) or too large.
    pub(super) fn read(&self, path: &str, limit: u64) -> Option<Vec<u8>> {
        let content = disk::read_locked(&self.cache.join(path), limit);
        content.ok().flatten().filter(|content| !content.is_empty())
    }

    /// Writes a file that is visible only when it is whole.
    ///
    /// # Errors
    /// A folder or file that cannot be written.
    pub(super) fn write(&self, path: &str, content: &[u8]) -> Result<()> {
        let path = self.cache.join(path);
        if let Some(folder) = path.parent() {
            disk::create_dir_all(folder)?;
        }
        disk::write_atomic(&path, content)
    }

    /// Reads the note of a latest tree; nothing where there is none yet.
    ///
    /// # Errors
    /// A file that cannot be read or is larger than 1 MiB.
    pub(super) fn latest(&self, which: Latest) -> Result<Vec<u8>> {
        let note = disk::read_locked(&self.path_of(which), MAX_NOTE)?;
        Ok(note.unwrap_or_default())
    }

    /// Replaces the note of a latest tree, unless it has become another one than `old`.
    ///
    /// The file is its own lock and is written in place, for that is how go locks it.
    ///
    /// # Errors
    /// A folder or file that cannot be written.
    pub(super) fn replace_latest(&self, which: Latest, old: &[u8], new: &[u8]) -> Result<Replaced> {
        let path = self.path_of(which);
        let lock = FileLock::exclusive(&path)?;
        let mut file = lock.file();
        let mut replace = || -> Result<Replaced> {
            let mut present = Vec::new();
            file.take(MAX_NOTE + 1).read_to_end(&mut present)?;
            ensure!(
                present.len() as u64 <= MAX_NOTE,
                "larger than {MAX_NOTE} bytes"
            );
            if !present.is_empty() && present != old {
                return Ok(Replaced::Conflict);
            }
            file.seek(SeekFrom::Start(0))?;
            file.write_all(new)?;
            file.set_len(new.len() as u64)?;
            Ok(Replaced::Yes)
        };
        replace().with_context(|| format!("cannot write {}", path.display()))
    }

    /// The folder of the database in the module cache.
    pub fn folder(&self) -> &Path {
        &self.cache
    }

    /// Gives the path of a note, for errors.
    pub(super) fn path_of(&self, which: Latest) -> PathBuf {
        match which {
            Latest::Known => self.known.join(LATEST),
            Latest::Cached => self.cache.join(LATEST),
        }
    }
}

/// Gives the path of a record below the root of the database.
pub(super) fn record_path(module: &ModuleVersion) -> Result<String> {
    let version = module.version.escaped()?;
    Ok(format!("lookup/{}@{version}", module.path.escaped()))
}
