//! What go.sum has lines for.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use anyhow::{Result, anyhow};

use super::packages::{Package, Packages};
use super::requirements::{Requirements, module};
use super::resolve::{Provider, Scope, prefixes};
use super::{Module, Tidy, Trouble, is_at_least};
use crate::graph::Selected;
use crate::module::check_import_path;
use crate::ops::parallel::in_parallel;

/// Paths and versions, with `/go.mod` behind for a go.mod alone.
type Sums = BTreeSet<(String, String)>;

impl Tidy<'_> {
    /// Lists what `go mod tidy` leaves in go.sum: the go.mod of each version in the graph, and the zip of each
    /// module that has, or by its path could have, a loaded package. Rule: `keepSums`.
    pub(super) fn kept_sums(
        &self,
        requirements: &Requirements,
        packages: &Packages,
    ) -> Result<Sums> {
        let mut sums = Sums::new();
        for module in &requirements.graph.loaded {
            let version = format!("{}/go.mod", module.version);
            sums.insert((module.path.to_string(), version));
        }
        for (path, package) in &packages.all {
            if package.is_standard() || check_import_path(path).is_err() {
                continue;
            }
            let external = package.external();
            if let Some(module) = external
                && is_at_least(&requirements.go, "1.21")
                && let Some((path, version)) = self.name_in_sums(module)?
            {
                sums.insert((path, format!("{version}/go.mod")));
            }
            let is_of_root = external.is_some_and(|module| {
                requirements.is_pruned && requirements.root(&module.path) == Some(&module.version)
            });
            // What the main module has is settled by the roots as well.
            let is_of_root = is_of_root || (requirements.is_pruned && external.is_none());
            for prefix in prefixes(path) {
                let version = match is_of_root {
                    true => requirements.root(prefix),
                    false => requirements.selected(prefix),
                };
                if let Some(version) = version {
                    sums.extend(self.name_in_sums(&module(prefix, version))?);
                }
            }
        }
        Ok(sums)
    }

    /// Path and version of what stands for a module; a folder has no sum.
    fn name_in_sums(&self, module: &Module) -> Result<Option<(String, String)>> {
        Ok(match self.selected(module)? {
            Selected::Module(module) => Some((module.path.to_string(), module.version.to_string())),
            Selected::Directory(_) => None,
        })
    }

    /// Lists what go.sum needs for go 1.16, which does not prune: at go 1.17 `go mod tidy` makes sure that both
    /// find the same. Rule: `checkTidyCompatibility`.
    pub(super) fn compatible_sums(
        &self,
        tidied: &Requirements,
        packages: &Packages,
        troubles: &mut Vec<Trouble>,
    ) -> Result<Sums> {
        let roots: BTreeMap<String, String> = tidied.roots.clone();
        let compatible = self.requirements(roots, "1.16")?;
        if !self.is_complete(&compatible, troubles) {
            return Ok(Sums::new());
        }
        let resolved: Vec<(&String, &Package)> = packages
            .all
            .iter()
            .filter(|(_, package)| !package.is_standard())
            .collect();
        let providers = in_parallel(&resolved, self.threads, |(path, _), threads| {
            let resolved = self.resolve(path, &compatible, Scope::Graph, threads);
            resolved.map(|resolved| resolved.provider)
        });
        self.library.go_on()?;
        for ((path, package), provider) in resolved.into_iter().zip(providers) {
            let error = match provider {
                Ok(provider) if provider == package.provider => continue,
                Ok(Provider::Module(module)) => anyhow!("go 1.16 would take it from {module}"),
                Ok(Provider::Standard) => anyhow!("go 1.16 would not find it"),
                Err(error) => error.context("go 1.16 would not find it"),
            };
            troubles.push(Trouble {
                subject: path.clone(),
                required_by: None,
                error: Arc::new(error),
            });
        }
        self.kept_sums(&compatible, packages)
    }
}
