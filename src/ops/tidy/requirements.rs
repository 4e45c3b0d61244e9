//! Requirements of the main module with the graph that follows from them.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::PoisonError;

use anyhow::Result;

use super::{Module, Tidy, Trouble, is_at_least};
use crate::gomod::Require;
use crate::graph::{self, ModuleGraph};
use crate::module::semver;

/// Stands for the version of the go command, which go writes where the go.mod names none. All versions of Go
/// from 1.21 on mean the same for what is loaded.
const LATEST_GO: &str = "1.21";

/// Requirements, each raised to the version that is selected.
pub(super) struct Requirements {
    /// Versions by path, without Go and its toolchain.
    pub(super) roots: BTreeMap<String, String>,
    pub(super) go: String,
    pub(super) is_pruned: bool,
    pub(super) graph: ModuleGraph,
    selected: HashMap<String, String>,
}

impl Requirements {
    /// Gives the selected version of a path.
    pub(super) fn selected(&self, path: &str) -> Option<&str> {
        self.selected.get(path).map(String::as_str)
    }

    /// Gives the version of a path that is required by the main module itself.
    pub(super) fn root(&self, path: &str) -> Option<&str> {
        self.roots.get(path).map(String::as_str)
    }
}

impl Tidy<'_> {
    /// Reads the requirements of the go.mod. `None` when the graph is not complete.
    pub(super) fn first_requirements(
        &self,
        troubles: &mut Vec<Trouble>,
    ) -> Result<Option<Requirements>> {
        let mut roots = BTreeMap::new();
        for require in &self.main.go_mod.require {
            if self.project.is_excluded(&require.path, &require.version)
                || require.path == self.main.path
            {
                continue;
            }
            let highest = roots
                .entry(require.path.clone())
                .or_insert_with(String::new);
            if semver::compare(highest, &require.version).is_lt() {
                highest.clone_from(&require.version);
            }
        }
        let go = self.main.go_version();
        let requirements = self.requirements(roots, go)?;
        if !self.is_complete(&requirements, troubles) {
            return Ok(None);
        }
        match self.main.go_mod.go {
            Some(_) => self.with_go_of_graph(requirements, troubles),
            // What was written before go lines needs no less than its whole build list.
            None => self.raised(&requirements, LATEST_GO, troubles),
        }
    }

    /// Gives the requirements with more roots; those that were there stay.
    pub(super) fn grown(
        &self,
        old: &Requirements,
        roots: BTreeMap<String, String>,
        troubles: &mut Vec<Trouble>,
    ) -> Result<Option<Requirements>> {
        let requirements = self.requirements(roots, &old.go)?;
        if !self.is_complete(&requirements, troubles) {
            return Ok(None);
        }
        self.with_go_of_graph(requirements, troubles)
    }

    /// Follows a dependency that wants a newer Go. Rule: `updateGoVersion` in `loadFromRoots`.
    fn with_go_of_graph(
        &self,
        requirements: Requirements,
        troubles: &mut Vec<Trouble>,
    ) -> Result<Option<Requirements>> {
        let go = requirements.graph.go_version.clone();
        if self.main.go_mod.go.is_none() || is_at_least(&requirements.go, &go) {
            return Ok(Some(requirements));
        }
        self.raised(&requirements, &go, troubles)
    }

    /// Takes another go version. Where that prunes the graph for the first time, all that was selected becomes
    /// a root. Rule: `convertPruning`.
    fn raised(
        &self,
        old: &Requirements,
        go: &str,
        troubles: &mut Vec<Trouble>,
    ) -> Result<Option<Requirements>> {
        let roots = match old.is_pruned {
            true => old.roots.clone(),
            false => old.selected.clone().into_iter().collect(),
        };
        let requirements = self.requirements(roots, go)?;
        Ok(self
            .is_complete(&requirements, troubles)
            .then_some(requirements))
    }

    /// Loads the graph of roots.
    pub(super) fn requirements(
        &self,
        roots: BTreeMap<String, String>,
        go: &str,
    ) -> Result<Requirements> {
        let require = roots.iter().map(|(path, version)| Require {
            path: path.clone(),
            version: version.clone(),
            indirect: true,
        });
        let project = self.project.with_requirements(require.collect(), go);
        let graph = graph::load(&project, self.library, self.threads)?;
        self.library.go_on()?;
        let mut metadata = self.metadata.lock().unwrap_or_else(PoisonError::into_inner);
        metadata.extend(graph.loaded.iter().cloned());
        drop(metadata);
        let entries = graph.build_list.iter();
        let selected: HashMap<String, String> = entries
            .map(|entry| (entry.path.clone(), entry.version.to_string()))
            .collect();
        let roots = roots.into_keys().filter_map(|path| {
            let version = selected.get(&path)?.clone();
            Some((path, version))
        });
        Ok(Requirements {
            roots: roots.collect(),
            go: go.to_owned(),
            is_pruned: is_at_least(go, "1.17"),
            graph,
            selected,
        })
    }

    /// Tells whether every go.mod of a graph could be had.
    pub(super) fn is_complete(
        &self,
        requirements: &Requirements,
        troubles: &mut Vec<Trouble>,
    ) -> bool {
        for failure in &requirements.graph.failures {
            troubles.push(Trouble {
                subject: failure.subject().unwrap_or_else(|| self.main.path.clone()),
                required_by: failure.chain.iter().rev().nth(1).map(ToString::to_string),
                error: failure.error.clone(),
            });
        }
        requirements.graph.failures.is_empty()
    }

    /// Raises what is required to keep the graph that older versions of Go see, or to keep a module that could
    /// have answered an import from going down.
    pub(super) fn fewest(
        &self,
        keep: &BTreeMap<String, String>,
        go: &str,
        direct: &BTreeSet<String>,
    ) -> Result<BTreeMap<String, String>> {
        let require = keep.iter().map(|(path, version)| Require {
            path: path.clone(),
            version: version.clone(),
            indirect: true,
        });
        let project = self.project.with_requirements(require.collect(), go);
        let base: Vec<String> = keep
            .keys()
            .filter(|path| direct.contains(*path))
            .cloned()
            .collect();
        let fewest = graph::fewest_requirements(&project, self.library, self.threads, &base)?;
        let modules = fewest.into_iter().filter(|vertex| !vertex.is_toolchain());
        Ok(modules
            .map(|vertex| (vertex.path, vertex.version))
            .collect())
    }
}

/// The module at its selected version.
pub(super) fn module(path: &str, version: &str) -> Module {
    Module {
        path: path.to_owned(),
        version: version.to_owned(),
    }
}
