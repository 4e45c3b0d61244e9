//! Which module has a package.

use std::fmt;

use anyhow::{Result, bail};

use std::num::NonZeroUsize;
use std::sync::Arc;

use super::requirements::{Requirements, module};
use super::tree::Tree;
use super::{Module, Tidy};
use crate::module::check_import_path;

/// What answers an import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Provider {
    /// The standard library, or nobody.
    Standard,
    /// A module; without a version the main module.
    Module(Module),
}

/// An answered import.
pub(super) struct Resolved {
    pub(super) provider: Provider,
    /// The files of the module, and the folder of the package in them.
    pub(super) place: Option<(Arc<Tree>, String)>,
    /// Modules by whose path they could have had it, and have not.
    pub(super) others: Vec<Module>,
}

/// No module of the graph has a package.
#[derive(Debug, thiserror::Error)]
#[error("no required module provides this package")]
pub(super) struct Missing;

/// More than one module has a package.
#[derive(Debug)]
pub(super) struct Ambiguous {
    pub(super) modules: Vec<Module>,
}

impl fmt::Display for Ambiguous {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ambiguous import: found in")?;
        self.modules
            .iter()
            .try_for_each(|module| write!(formatter, " {module}"))
    }
}

impl std::error::Error for Ambiguous {}

/// Which requirements are looked through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// The roots, and where they have no answer the whole graph.
    RootsFirst,
    /// The whole graph.
    Graph,
}

impl Requirements {
    /// How packages are looked up: a pruned graph only matters where its roots have no answer.
    pub(super) fn scope(&self) -> Scope {
        match self.is_pruned {
            true => Scope::RootsFirst,
            false => Scope::Graph,
        }
    }
}

impl Tidy<'_> {
    /// Finds the module that has a package. Every module that could have it by its path is looked into: two
    /// must not have it. Rule: `importFromModules`.
    pub(super) fn resolve(
        &self,
        path: &str,
        requirements: &Requirements,
        scope: Scope,
        threads: NonZeroUsize,
    ) -> Result<Resolved> {
        check_path(path)?;
        if scope == Scope::RootsFirst {
            let roots = |prefix: &str| requirements.root(prefix);
            if let Some(resolved) = self.search(path, roots, threads)?.0 {
                return Ok(resolved);
            }
        }
        let graph = |prefix: &str| requirements.selected(prefix);
        let (found, others) = self.search(path, graph, threads)?;
        match found {
            Some(resolved) => Ok(resolved),
            None if is_standard(path) && self.replaced(requirements, path).is_empty() => {
                Ok(Resolved {
                    provider: Provider::Standard,
                    place: None,
                    others,
                })
            }
            None => bail!(Missing),
        }
    }

    fn search<'r>(
        &self,
        path: &str,
        version: impl Fn(&str) -> Option<&'r str>,
        threads: NonZeroUsize,
    ) -> Result<(Option<Resolved>, Vec<Module>)> {
        let mut found: Vec<(Module, Arc<Tree>, String)> = Vec::new();
        let mut others = Vec::new();
        for prefix in prefixes(path) {
            let candidate = if prefix == self.main.path {
                module(prefix, "")
            } else if let Some(version) = version(prefix) {
                module(prefix, version)
            } else {
                continue;
            };
            let tree = self.tree_of(&candidate, threads)?;
            let folder = folder_below(path, prefix);
            match tree.has_package(folder)? {
                true => found.push((candidate, tree, folder.to_owned())),
                false => others.push(candidate),
            }
        }
        if found.len() > 1 {
            let modules = found.into_iter().rev().map(|(module, ..)| module).collect();
            bail!(Ambiguous { modules });
        }
        let resolved = found.pop().map(|(module, tree, folder)| Resolved {
            provider: Provider::Module(module),
            place: Some((tree, folder)),
            others: others.clone(),
        });
        Ok((resolved, others))
    }

    /// Gives the files of a module version of the graph.
    pub(super) fn tree_of(&self, module: &Module, threads: NonZeroUsize) -> Result<Arc<Tree>> {
        if module.version.is_empty() {
            return Ok(Arc::new(Tree::folder_of_user(&self.main.folder)));
        }
        let selected = self.selected(module)?;
        self.tree(&selected, threads)
    }
}

/// Lists a path and what it lies below, the longest first. Go and its toolchain are no modules.
pub(super) fn prefixes(path: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(path), |path| {
        path.rsplit_once('/').map(|(above, _)| above)
    })
    .filter(|path| !matches!(*path, "go" | "toolchain"))
}

/// The folder of a package in a module of some path; empty for the root.
pub(super) fn folder_below<'a>(path: &'a str, module: &str) -> &'a str {
    path.strip_prefix(module)
        .unwrap_or_default()
        .trim_start_matches('/')
}

/// Tells whether only the standard library can have a path. Rule: `IsStandardImportPath`.
pub(super) fn is_standard(path: &str) -> bool {
    !path.split('/').next().unwrap_or(path).contains('.')
}

fn check_path(path: &str) -> Result<()> {
    if path.contains('@') {
        bail!("import path {path:?} should not have @version");
    }
    if matches!(path, "." | "..") || path.starts_with("./") || path.starts_with("../") {
        bail!("{path:?} is relative, but relative import paths are not supported in module mode");
    }
    if matches!(path, "std" | "cmd" | "tool" | "work" | "all") || path.starts_with('/') {
        bail!("{path:?} is not an importable package");
    }
    check_import_path(path)?;
    Ok(())
}
