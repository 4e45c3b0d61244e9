//! What a cache has: each version of which anything is there, and what does not belong.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Result;

use super::{Cache, File};
use crate::disk::{self, Entry, Kind};
use crate::module::{ModulePath, ModuleVersion, Version, unescape_version};

/// What a cache has, found by looking at names and sizes only.
#[derive(Clone, Debug, Default)]
pub struct Inventory {
    /// The versions of which anything but a lock is there, in the order of module paths and versions.
    pub holdings: Vec<Holding>,
    /// What no version accounts for.
    pub leftovers: Vec<Leftover>,
}

/// What is there of a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holding {
    /// The module and its version.
    pub module: ModuleVersion,
    /// Bytes of the files below `cache/download`.
    pub files: BTreeMap<File, u64>,
    /// Something has the name of the extracted folder.
    pub folder: bool,
}

impl Holding {
    /// Tells whether a file is there.
    pub fn has(&self, file: File) -> bool {
        self.files.contains_key(&file)
    }

    /// Tells whether the extracted folder counts as whole, as [`super::State::is_extracted`] does.
    pub fn is_extracted(&self) -> bool {
        self.folder && self.has(File::ZipHash) && !self.has(File::Partial)
    }

    /// Bytes of all files below `cache/download`.
    pub fn download_size(&self) -> u64 {
        self.files.values().sum()
    }

    fn is_empty(&self) -> bool {
        !self.folder && self.files.keys().all(|file| *file == File::Lock)
    }
}

/// A file or folder that no version accounts for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Leftover {
    /// Where it is.
    pub path: PathBuf,
    /// What it looks like.
    pub kind: LeftoverKind,
}

/// What a leftover looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LeftoverKind {
    /// A temporary file; whoever writes it may still be at work.
    Temporary,
    /// A name that neither go nor this program gives.
    Foreign,
}

type Found = BTreeMap<ModuleVersion, Holding>;

impl Cache {
    /// Looks through the whole cache. No file is opened, and nothing is locked: go may be at work.
    ///
    /// # Errors
    /// A folder that cannot be read.
    pub fn inventory(&self) -> Result<Inventory> {
        let mut found = Found::new();
        let mut leftovers = Vec::new();
        self.look_through_downloads(&mut found, &mut leftovers)?;
        self.look_through_folders(&mut found, &mut leftovers)?;
        leftovers.sort();
        Ok(Inventory {
            holdings: found.into_values().filter(|it| !it.is_empty()).collect(),
            leftovers,
        })
    }

    /// Lists the versions of one module of which anything but a lock is there, in order.
    ///
    /// # Errors
    /// A folder that cannot be read.
    pub fn holdings_of(&self, path: &ModulePath) -> Result<Vec<Holding>> {
        let mut found = Found::new();
        let versions = self.versions_folder(path);
        look_through_versions(&versions, path, &mut found, &mut Vec::new())?;
        let beside = self.root().join(path.escaped());
        for entry in disk::list_entries(beside.parent().unwrap_or(self.root()))? {
            let module = version_of_folder(self.root(), &entry.path);
            if let Some(module) = module.filter(|module| module.path == *path) {
                holding(&mut found, module).folder = true;
            }
        }
        Ok(found.into_values().filter(|it| !it.is_empty()).collect())
    }

    /// Lists the versions of which the cache has a `.mod`, in the order of module paths and versions.
    ///
    /// # Errors
    /// A folder that cannot be read.
    pub fn versions(&self) -> Result<Vec<ModuleVersion>> {
        let mut found = Found::new();
        self.look_through_downloads(&mut found, &mut Vec::new())?;
        let has_go_mod = |holding: &Holding| holding.has(File::Mod);
        Ok(found
            .into_values()
            .filter(has_go_mod)
            .map(|holding| holding.module)
            .collect())
    }

    fn look_through_downloads(
        &self,
        found: &mut Found,
        leftovers: &mut Vec<Leftover>,
    ) -> Result<()> {
        let root = self.downloads().to_owned();
        let mut folders = vec![root.clone()];
        while let Some(folder) = folders.pop() {
            for entry in disk::list_entries(&folder)? {
                let is_folder = entry.kind == Kind::Folder;
                match entry.name() {
                    // The records of checksum databases; no module path begins so.
                    Some("sumdb") if folder == root => {}
                    Some("@v") if is_folder => match module_of(&root, &folder) {
                        Some(path) => look_through_versions(&entry.path, &path, found, leftovers)?,
                        None => leftovers.push(foreign(entry)),
                    },
                    _ if is_folder => folders.push(entry.path),
                    _ => leftovers.push(foreign(entry)),
                }
            }
        }
        Ok(())
    }

    /// Extracted folders are all folders with an `@` in their name; what is in them is not looked at.
    fn look_through_folders(&self, found: &mut Found, leftovers: &mut Vec<Leftover>) -> Result<()> {
        let mut folders = vec![self.root().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in disk::list_entries(&folder)? {
                let is_root = folder == self.root();
                let name = entry.name().unwrap_or_default();
                if is_root && name == "cache" {
                    continue;
                }
                if name.contains('@') {
                    match version_of_folder(self.root(), &entry.path) {
                        Some(module) => holding(found, module).folder = true,
                        None => leftovers.push(foreign(entry)),
                    }
                } else if entry.kind == Kind::Folder {
                    folders.push(entry.path);
                } else {
                    leftovers.push(foreign(entry));
                }
            }
        }
        Ok(())
    }
}

fn look_through_versions(
    folder: &Path,
    path: &ModulePath,
    found: &mut Found,
    leftovers: &mut Vec<Leftover>,
) -> Result<()> {
    for entry in disk::list_entries(folder)? {
        let name = entry.name().unwrap_or_default();
        if name == "list" {
            continue;
        }
        if name.ends_with(".tmp") {
            leftovers.push(Leftover {
                path: entry.path,
                kind: LeftoverKind::Temporary,
            });
            continue;
        }
        match version_and_file(name) {
            Some((version, file)) if entry.kind == Kind::File => {
                let module = ModuleVersion {
                    path: path.clone(),
                    version,
                };
                // Whoever has removed it since we heard of it has left nothing to count.
                if let Ok(size) = disk::file_size(&entry.path) {
                    holding(found, module).files.insert(file, size);
                }
            }
            _ => leftovers.push(foreign(entry)),
        }
    }
    Ok(())
}

fn holding(found: &mut Found, module: ModuleVersion) -> &mut Holding {
    found.entry(module.clone()).or_insert_with(|| Holding {
        module,
        files: BTreeMap::new(),
        folder: false,
    })
}

fn foreign(entry: Entry) -> Leftover {
    Leftover {
        path: entry.path,
        kind: LeftoverKind::Foreign,
    }
}

fn module_of(root: &Path, folder: &Path) -> Option<ModulePath> {
    let escaped = folder.strip_prefix(root).ok()?.to_str()?;
    ModulePath::unescape(escaped).ok()
}

fn version_and_file(name: &str) -> Option<(Version, File)> {
    let (version, suffix) = name.rsplit_once('.')?;
    let file = File::with_suffix(suffix)?;
    Some((Version::new(&unescape_version(version).ok()?).ok()?, file))
}

fn version_of_folder(root: &Path, folder: &Path) -> Option<ModuleVersion> {
    let name = folder.strip_prefix(root).ok()?.to_str()?;
    let (path, version) = name.rsplit_once('@')?;
    Some(ModuleVersion {
        path: ModulePath::unescape(path).ok()?,
        version: Version::new(&unescape_version(version).ok()?).ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cache_with(names: &[&str]) -> (tempfile::TempDir, Cache) {
        let folder = tempfile::tempdir().unwrap();
        for name in names {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            match name.strip_suffix('/') {
                Some(_) => std::fs::create_dir_all(path).unwrap(),
                None => std::fs::write(path, "12").unwrap(),
            }
        }
        let cache = Cache::new(folder.path().to_owned()).unwrap();
        (folder, cache)
    }

    #[test]
    fn the_versions_are_those_that_have_a_go_mod() {
        let (_folder, cache) = cache_with(&[
            "cache/download/example.com/a/@v/v1.0.0.mod",
            "cache/download/example.com/a/@v/v1.1.0.info",
            "cache/download/example.com/a/b/@v/v0.0.0-20200101000000-!abcdef123456.mod",
            "cache/download/github.com/!azure/sdk/v2/@v/v2.0.0-!r!c1.mod",
            "cache/download/sumdb/sum.golang.org/lookup/example.com/a@v1.0.0",
            "cache/download/example.com/a/@v/junk.mod",
        ]);
        let found: Vec<String> = cache
            .versions()
            .unwrap()
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(
            found,
            [
                "example.com/a@v1.0.0",
                "example.com/a/b@v0.0.0-20200101000000-Abcdef123456",
                "github.com/Azure/sdk/v2@v2.0.0-RC1"
            ]
        );
        let empty = Cache::new(cache.root().join("none")).unwrap();
        assert!(empty.versions().unwrap().is_empty());
    }

    #[test]
    fn the_holdings_of_a_module_are_those_of_no_other() {
        let (_folder, cache) = cache_with(&[
            "cache/download/example.com/!m/@v/v1.0.0.lock",
            "cache/download/example.com/!m/@v/v1.1.0.info",
            "cache/download/example.com/!m/v2/@v/v2.0.0.info",
            "example.com/!m@v1.10.0/",
            "example.com/!m/v2@v2.1.0/",
            "example.com/!mm@v1.2.0/",
        ]);
        let names = |path: &str| -> Vec<String> {
            let holdings = cache.holdings_of(&path.parse().unwrap()).unwrap();
            holdings.iter().map(|it| it.module.to_string()).collect()
        };
        assert_eq!(
            names("example.com/M"),
            ["example.com/M@v1.1.0", "example.com/M@v1.10.0"]
        );
        assert_eq!(
            names("example.com/M/v2"),
            ["example.com/M/v2@v2.0.0", "example.com/M/v2@v2.1.0"]
        );
        assert_eq!(names("example.com/none"), [""; 0]);
    }

    #[test]
    fn an_inventory_has_every_version_and_what_does_not_belong() {
        let (_folder, cache) = cache_with(&[
            "cache/lock",
            "cache/vcs/0123/HEAD",
            "cache/download/sumdb/sum.golang.org/latest",
            "cache/download/example.com/!m/@v/list",
            "cache/download/example.com/!m/@v/v1.0.0.lock",
            "cache/download/example.com/!m/@v/v1.1.0.info",
            "cache/download/example.com/!m/@v/v1.10.0.zip",
            "cache/download/example.com/!m/@v/v1.10.0.ziphash",
            "cache/download/example.com/!m/@v/v1.10.0.zip123.tmp",
            "cache/download/example.com/!m/@v/notes.txt",
            "example.com/!m@v1.10.0/a@b/c",
            "example.com/!m/v2@v2.0.0/",
            "example.com/!m/v2@junk/",
            "README",
        ]);
        let inventory = cache.inventory().unwrap();
        let found: Vec<(String, u64, bool)> = inventory
            .holdings
            .iter()
            .map(|it| (it.module.to_string(), it.download_size(), it.is_extracted()))
            .collect();
        let expected = [
            ("example.com/M@v1.1.0", 2, false),
            ("example.com/M@v1.10.0", 4, true),
            ("example.com/M/v2@v2.0.0", 0, false),
        ];
        assert_eq!(
            found,
            expected.map(|(name, size, whole)| (name.to_owned(), size, whole))
        );
        let left: Vec<(String, LeftoverKind)> = inventory
            .leftovers
            .iter()
            .map(|it| {
                let name = it.path.strip_prefix(cache.root()).unwrap();
                (name.display().to_string(), it.kind)
            })
            .collect();
        let versions = "cache/download/example.com/!m/@v";
        assert_eq!(
            left,
            [
                ("README".to_owned(), LeftoverKind::Foreign),
                (format!("{versions}/notes.txt"), LeftoverKind::Foreign),
                (
                    format!("{versions}/v1.10.0.zip123.tmp"),
                    LeftoverKind::Temporary
                ),
                ("example.com/!m/v2@junk".to_owned(), LeftoverKind::Foreign),
            ]
        );
    }
}
