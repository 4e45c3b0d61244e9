//! What [`super::load`] gives.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use super::summary::Selected;
use super::vertex::Vertex;
use crate::module::{ModulePath, ModuleVersion, Version};

/// A loaded module graph.
#[derive(Clone, Debug)]
pub struct ModuleGraph {
    /// The selected version of each path but those of main modules, by path: what `go list -m all` prints
    /// below the main modules.
    pub build_list: Vec<BuildListEntry>,
    /// Every module version whose go.mod was read, under the path of its replacement.
    pub loaded: BTreeSet<ModuleVersion>,
    /// Every requirement, in the order in which `go mod graph` prints them.
    pub edges: Vec<(Vertex, Vertex)>,
    /// Each version whose go.mod could not be had, those nearest to the main modules first. Empty for a
    /// complete graph.
    pub failures: Vec<Failure>,
    /// The selected version of Go: that of the project, or a higher one that something requires.
    pub go_version: String,
    /// Whether the go.mod of the project agrees with the graph.
    pub consistency: Consistency,
}

impl ModuleGraph {
    /// Lists the module versions of which go needs `.mod` and `.info`: all that were read for the graph,
    /// and the build list. Replacements stand for what they replace.
    pub fn versions(&self) -> BTreeSet<ModuleVersion> {
        let mut versions = self.loaded.clone();
        versions.extend(self.archives());
        versions
    }

    /// Lists the module versions of which go needs the zip: the build list. Replacements stand for what
    /// they replace, and folders are left out.
    pub fn archives(&self) -> BTreeSet<ModuleVersion> {
        self.build_list
            .iter()
            .filter_map(BuildListEntry::module)
            .collect()
    }
}

/// A version of the build list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuildListEntry {
    /// The path, which need not be a valid module path when the version is replaced.
    pub path: String,
    /// The selected version.
    pub version: Version,
    /// What replaces it.
    pub replaced: Option<Selected>,
}

impl BuildListEntry {
    /// Gives the module version to be fetched: the replacement, or else this version. `None` for a folder,
    /// and for an invalid path, which is among the failures.
    pub fn module(&self) -> Option<ModuleVersion> {
        match &self.replaced {
            Some(Selected::Module(module)) => Some(module.clone()),
            Some(Selected::Directory(_)) => None,
            None => Some(ModuleVersion {
                path: ModulePath::new(&self.path).ok()?,
                version: self.version.clone(),
            }),
        }
    }
}

/// Displays as `go list -m all` prints it.
impl fmt::Display for BuildListEntry {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.path, self.version)?;
        match &self.replaced {
            None => Ok(()),
            Some(Selected::Module(new)) => write!(formatter, " => {} {}", new.path, new.version),
            Some(Selected::Directory(folder)) => write!(formatter, " => {}", folder.display()),
        }
    }
}

/// A version whose go.mod could not be had.
#[derive(Clone, Debug)]
pub struct Failure {
    /// What is required, from a main module on; the last is the version that failed.
    pub chain: Vec<Vertex>,
    /// What stands for it; `None` when that could not be told.
    pub selected: Option<Selected>,
    /// The cause, which names the module version or folder.
    pub error: Arc<anyhow::Error>,
}

impl Failure {
    /// Names what failed: what stands for the version, or else the version.
    pub fn subject(&self) -> Option<String> {
        match (&self.selected, self.chain.last()) {
            (Some(selected), _) => Some(selected.to_string()),
            (None, vertex) => vertex.map(ToString::to_string),
        }
    }
}

/// Whether the go.mod of a project agrees with its graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consistency {
    /// Each requirement is the selected version.
    Consistent,
    /// The graph is that after an update of go.mod; until then `go build` refuses with "updates to go.mod
    /// needed".
    NeedsUpdate,
}
