//! The Go files of a module, in a folder or in its zip.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, bail};

use crate::cache::{Cache, File};
use crate::disk;
use crate::gosource::{self, Imports};
use crate::module::ModuleVersion;
use crate::modzip::ZipFiles;

/// The largest Go file in a zip that is read, in bytes; the head of one in a folder is read as far as needed.
const FILE_LIMIT: u64 = 64 << 20;

/// A module's files.
pub(super) enum Tree {
    Folder {
        root: PathBuf,
        nested: Nested,
    },
    Zip {
        files: ZipFiles,
        /// The numbers and names of Go files, by folder; the root is empty.
        folders: BTreeMap<String, Vec<(usize, String)>>,
    },
}

/// Whether folders with a go.mod of their own are no part of the module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Nested {
    /// They may be there, and are other modules.
    Excluded,
    /// The module zip has none.
    Impossible,
}

impl Tree {
    /// Takes a folder that a user works in.
    pub(super) fn folder_of_user(root: &Path) -> Tree {
        Tree::Folder {
            root: root.to_owned(),
            nested: Nested::Excluded,
        }
    }

    /// Opens a version in the cache: its folder, or else its zip.
    pub(super) fn cached(cache: &Cache, module: &ModuleVersion) -> Result<Tree> {
        let state = cache.state(module)?;
        if state.is_extracted() {
            return Ok(Tree::Folder {
                root: cache.folder(module)?,
                nested: Nested::Impossible,
            });
        }
        if !state.zip {
            bail!("{module}: neither zip nor folder in the cache");
        }
        let files = ZipFiles::open(&cache.file(module, File::Zip)?, module)?;
        let mut folders: BTreeMap<String, Vec<(usize, String)>> = BTreeMap::new();
        for (number, path) in files.files() {
            let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
            if gosource::is_go_file(name) {
                let folder = folders.entry(folder.to_owned()).or_default();
                folder.push((number, name.to_owned()));
            }
        }
        Ok(Tree::Zip { files, folders })
    }

    /// Tells whether a folder of the module, named with slashes, has Go files. Rule: `dirInModule`.
    pub(super) fn has_package(&self, folder: &str) -> Result<bool> {
        match self {
            Tree::Zip { folders, .. } => Ok(folders.contains_key(folder)),
            Tree::Folder { root, nested } => {
                let inside = root.join(folder);
                if *nested == Nested::Excluded && is_cut_off(root, &inside) {
                    return Ok(false);
                }
                Ok(!go_files(&inside)?.is_empty())
            }
        }
    }

    /// Reads what the Go files of a folder import.
    pub(super) fn imports(&self, folder: &str) -> Result<Imports> {
        let mut imports = Imports::default();
        match self {
            Tree::Zip { files, folders } => {
                for (number, name) in folders.get(folder).into_iter().flatten() {
                    if gosource::is_scanned(name) {
                        let content = files.content(*number, FILE_LIMIT)?;
                        imports.add(name, gosource::read_head(content.as_slice())?);
                    }
                }
            }
            Tree::Folder { root, .. } => {
                for (name, file) in go_files(&root.join(folder))? {
                    if gosource::is_scanned(&name) {
                        let head = gosource::read_head(disk::open(&file)?);
                        let head =
                            head.with_context(|| format!("cannot read {}", file.display()))?;
                        imports.add(&name, head);
                    }
                }
            }
        }
        Ok(imports)
    }
}

/// Tells whether a go.mod below the root makes a folder part of another module.
fn is_cut_off(root: &Path, folder: &Path) -> bool {
    folder
        .ancestors()
        .take_while(|it| *it != root && it.starts_with(root))
        .any(|it| disk::is_file(&it.join("go.mod")))
}

/// Lists the Go files of a folder, which need not be there, by name.
fn go_files(folder: &Path) -> Result<Vec<(String, PathBuf)>> {
    let mut files = Vec::new();
    for path in disk::list_dir(folder)? {
        let name = path.file_name().and_then(|name| name.to_str());
        if let Some(name) = name.filter(|name| gosource::is_go_file(name))
            && disk::is_file(&path)
        {
            files.push((name.to_owned(), path));
        }
    }
    Ok(files)
}

/// An error that several packages get to see.
#[derive(Debug)]
pub(super) struct Unreadable {
    pub(super) module: String,
    pub(super) error: Arc<anyhow::Error>,
}

impl std::fmt::Display for Unreadable {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "cannot look into {}", self.module)
    }
}

impl std::error::Error for Unreadable {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some((*self.error).as_ref())
    }
}
