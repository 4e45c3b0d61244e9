//! The files of a database that a module proxy gives on.

use super::files::{Files, LATEST, SUPPORTED, record_path};
use super::tile::{FULL, Tile};
use crate::module::{ModulePath, ModuleVersion, Version, unescape_version};

/// The largest file that is given on, in bytes. A full tile has 8 KiB.
pub(super) const MAX_SIZE: u64 = 1 << 20;

/// A file that users of a proxy ask for below `sumdb/<name>/`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct OfferedFile(Kind);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Kind {
    Supported,
    Latest,
    Lookup(ModuleVersion),
    Tile(Tile),
}

impl OfferedFile {
    /// Takes a path below the root of a database; none for what go never asks for.
    pub fn parse(path: &str) -> Option<OfferedFile> {
        Some(OfferedFile(match path {
            SUPPORTED => Kind::Supported,
            LATEST => Kind::Latest,
            _ => match path.strip_prefix("lookup/") {
                Some(key) => Kind::Lookup(module(key)?),
                None => Kind::Tile(Tile::parse(path)?),
            },
        }))
    }

    /// Takes the record of a module version.
    pub fn record(module: &ModuleVersion) -> OfferedFile {
        OfferedFile(Kind::Lookup(module.clone()))
    }

    pub(super) fn tile(tile: Tile) -> OfferedFile {
        OfferedFile(Kind::Tile(tile))
    }

    /// Takes the note of the latest tree.
    pub fn latest() -> OfferedFile {
        OfferedFile(Kind::Latest)
    }

    /// Gives the path below the root of a database.
    ///
    /// # Errors
    /// A version that cannot be escaped.
    pub fn path(&self) -> anyhow::Result<String> {
        Ok(match &self.0 {
            Kind::Supported => SUPPORTED.to_owned(),
            Kind::Latest => LATEST.to_owned(),
            Kind::Lookup(module) => record_path(module)?,
            Kind::Tile(tile) => tile.path(),
        })
    }

    /// Gives the module whose record this is, if it is one.
    pub fn module_path(&self) -> Option<&ModulePath> {
        match &self.0 {
            Kind::Lookup(module) => Some(&module.path),
            Kind::Supported | Kind::Latest | Kind::Tile(_) => None,
        }
    }

    /// Tells whether this is the question whether the database is given on at all.
    pub fn is_supported(&self) -> bool {
        self.0 == Kind::Supported
    }

    /// Tells whether this is the note of the latest tree.
    pub fn is_latest(&self) -> bool {
        self.0 == Kind::Latest
    }

    /// Tells whether the file never changes: only a full tile does not.
    pub fn is_final(&self) -> bool {
        matches!(self.0, Kind::Tile(tile) if tile.width == FULL)
    }

    /// Tells whether the file is no text.
    pub fn is_binary(&self) -> bool {
        matches!(self.0, Kind::Tile(_))
    }
}

impl Files {
    /// Reads a file for a user of the cache as a proxy; none where it is missing or empty.
    ///
    /// # Errors
    /// A version that cannot be escaped.
    pub fn offered(&self, file: &OfferedFile) -> anyhow::Result<Option<Vec<u8>>> {
        Ok(match &file.0 {
            Kind::Supported => self.is_supported().then(Vec::new),
            _ => self.read(&file.path()?, MAX_SIZE),
        })
    }
}

fn module(key: &str) -> Option<ModuleVersion> {
    let (path, version) = key.split_once('@')?;
    Some(ModuleVersion {
        path: ModulePath::unescape(path).ok()?,
        version: Version::new(&unescape_version(version).ok()?).ok()?,
    })
}
