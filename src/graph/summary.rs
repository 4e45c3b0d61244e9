//! What counts of a go.mod file in the graph, and where the file is.

use std::fmt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::{GO_MOD_LIMIT, GoMods};
use crate::disk;
use crate::gomod::{self, GoMod, go_version};
use crate::module::ModuleVersion;

/// The go version of a go.mod file that names none (`gover.DefaultGoModVersion`).
pub(super) const DEFAULT_GO_VERSION: &str = "1.16";

/// The go version from which on go.mod files name all that is built with.
const PRUNED_SINCE: &str = "1.17";

/// The go version from which on a module requires its version of Go.
const STRICT_SINCE: &str = "1.21";

/// What stands for a module version: itself, or what replaces it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Selected {
    /// A module version.
    Module(ModuleVersion),
    /// A folder, without `.` and `..` in it; absolute when the project was read by an absolute path.
    Directory(PathBuf),
}

impl fmt::Display for Selected {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Selected::Module(module) => module.fmt(formatter),
            Selected::Directory(folder) => folder.display().fmt(formatter),
        }
    }
}

/// How far the requirements behind a module count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Pruning {
    /// Only its own, when it is at go 1.17 or later.
    Pruned,
    /// All of them.
    Unpruned,
    /// As for a module of a workspace: those of what it requires.
    Workspace,
}

impl Pruning {
    /// Gives the pruning by a go version. Rule: `pruningForGoVersion`.
    pub(super) fn of(go: &str) -> Self {
        match go_version::compare(go, PRUNED_SINCE).is_lt() {
            true => Pruning::Unpruned,
            false => Pruning::Pruned,
        }
    }
}

/// Tells whether a version of Go is one that is itself required, and requires its toolchain.
pub(super) fn is_strict(go: &str) -> bool {
    go_version::compare(go, STRICT_SINCE).is_ge()
}

/// What a go.mod file declares.
#[derive(Debug)]
pub(super) struct Declared {
    pub(super) module: String,
    pub(super) pruning: Pruning,
    /// Paths and versions.
    pub(super) require: Vec<(String, String)>,
}

impl Declared {
    /// Takes what counts of a file. Rule: `summaryFromModFile`.
    pub(super) fn new(go_mod: &GoMod) -> Self {
        let own = |require: &gomod::Require| (require.path.clone(), require.version.clone());
        let mut require: Vec<_> = go_mod.require.iter().map(own).collect();
        if let Some(go) = go_mod.go.as_deref().filter(|go| is_strict(go)) {
            require.push(("go".to_owned(), go.to_owned()));
        }
        Declared {
            module: go_mod.module.clone().unwrap_or_default(),
            pruning: Pruning::of(go_mod.go.as_deref().unwrap_or(DEFAULT_GO_VERSION)),
            require,
        }
    }

    /// Reads the go.mod of a module version or folder.
    pub(super) fn read(selected: &Selected, go_mods: &dyn GoMods) -> Result<Self> {
        match selected {
            Selected::Module(module) => {
                let data = go_mods
                    .go_mod(module)
                    .with_context(|| format!("{module}: cannot get go.mod"))?;
                if data.len() as u64 > GO_MOD_LIMIT {
                    bail!("{module}: go.mod is larger than {GO_MOD_LIMIT} bytes");
                }
                let go_mod = gomod::parse_lax("go.mod", &data)
                    .with_context(|| format!("{module}: cannot parse go.mod"))?;
                Ok(Declared::new(&go_mod))
            }
            Selected::Directory(folder) => {
                let (name, data) = read_file(&folder.join("go.mod"))?;
                let go_mod = gomod::parse_lax(&name, &data)
                    .with_context(|| format!("{}: cannot parse go.mod", folder.display()))?;
                Ok(Declared::new(&go_mod))
            }
        }
    }
}

/// Reads a go.mod or go.work file, and gives its name for errors as well.
pub(super) fn read_file(file: &Path) -> Result<(String, Vec<u8>)> {
    Ok((
        file.display().to_string(),
        disk::read_limited(file, GO_MOD_LIMIT)?,
    ))
}
