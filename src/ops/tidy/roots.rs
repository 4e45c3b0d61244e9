//! Which requirements the packages need.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;

use super::Tidy;
use super::packages::{Package, Packages};
use super::requirements::Requirements;
use super::resolve::{Ambiguous, Scope};
use crate::module::semver;
use crate::ops::parallel::in_parallel;

/// Versions by path.
type Roots = BTreeMap<String, String>;

impl Tidy<'_> {
    /// Gives the requirements that packages need besides those that are there. Rules: `updatePrunedRoots`,
    /// `updateRequirements`.
    pub(super) fn needed_roots(
        &self,
        requirements: &Requirements,
        packages: &Packages,
    ) -> Result<Roots> {
        let mut roots = roots_of_all(packages);
        roots.extend(self.pruned_roots(requirements, packages)?.roots);
        roots.retain(|path, version| {
            let root = requirements.root(path);
            root.is_none_or(|root| semver::compare(root, version).is_lt())
        });
        Ok(roots)
    }

    /// Gives the requirements that are left when nothing is there without need.
    pub(super) fn tidy_roots(
        &self,
        requirements: &Requirements,
        packages: &Packages,
        direct: &BTreeSet<String>,
    ) -> Result<Requirements> {
        match requirements.is_pruned {
            true => self.pruned_roots(requirements, packages),
            false => self.unpruned_roots(requirements, packages, direct),
        }
    }

    /// Every module with a package in `all`, and those with tests of these that would go down or become
    /// ambiguous otherwise. Rule: `tidyPrunedRoots`.
    fn pruned_roots(
        &self,
        requirements: &Requirements,
        packages: &Packages,
    ) -> Result<Requirements> {
        let go = &requirements.go;
        let mut tidied = self.requirements(roots_of_all(packages), go)?;
        let mut depth = Depth::of_all(packages);
        while !depth.packages.is_empty() {
            let mut roots = tidied.roots.clone();
            for (path, _) in &depth.packages {
                if let Some(module) = packages.all.get(*path).and_then(Package::external)
                    && !roots.contains_key(&module.path)
                    && tidied
                        .selected(&module.path)
                        .is_none_or(|selected| semver::compare(selected, &module.version).is_lt())
                {
                    roots.insert(module.path.clone(), module.version.clone());
                }
            }
            depth.advance(packages);
            if roots != tidied.roots {
                tidied = self.requirements(roots, go)?;
            }
        }
        loop {
            let mut roots = tidied.roots.clone();
            roots.extend(self.disambiguating(&tidied, packages)?);
            if roots == tidied.roots {
                return Ok(tidied);
            }
            tidied = self.requirements(roots, go)?;
        }
    }

    /// The modules of packages that would be found twice without being required. Rule: go issue 60313.
    fn disambiguating(&self, tidied: &Requirements, packages: &Packages) -> Result<Roots> {
        let external: Vec<_> = packages
            .all
            .iter()
            .filter_map(|(path, package)| Some((path, package.external()?)))
            .filter(|(_, module)| tidied.root(&module.path).is_none())
            .collect();
        let ambiguous = in_parallel(&external, self.threads, |(path, _), threads| {
            let resolved = self.resolve(path, tidied, Scope::RootsFirst, threads);
            resolved.is_err_and(|error| error.is::<Ambiguous>())
        });
        self.library.go_on()?;
        let modules = external.into_iter().zip(ambiguous);
        let modules =
            modules.filter_map(|((_, module), is_ambiguous)| is_ambiguous.then_some(module));
        Ok(modules
            .map(|module| (module.path.clone(), module.version.clone()))
            .collect())
    }

    /// The fewest requirements that keep what packages are from, and that keep what could have had them from
    /// going down. Rule: `tidyUnprunedRoots`.
    fn unpruned_roots(
        &self,
        requirements: &Requirements,
        packages: &Packages,
        direct: &BTreeSet<String>,
    ) -> Result<Requirements> {
        let go = &requirements.go;
        let external = packages.all.values().filter_map(Package::external);
        let mut keep: Roots = external
            .map(|module| (module.path.clone(), module.version.clone()))
            .collect();
        let others: Roots = packages
            .all
            .values()
            .filter(|package| package.external().is_some())
            .flat_map(|package| &package.others)
            .map(|module| (module.path.clone(), module.version.clone()))
            .collect();
        let kept = self.requirements(keep.clone(), go)?;
        for (path, version) in others {
            let selected = kept.selected(&path);
            if selected.is_some_and(|selected| semver::compare(selected, &version).is_lt()) {
                keep.insert(path, version);
            }
        }
        self.requirements(self.fewest(&keep, go, direct)?, go)
    }
}

fn roots_of_all(packages: &Packages) -> Roots {
    let in_all = packages.all.values().filter(|package| package.is_in_all);
    let modules = in_all.filter_map(Package::external);
    modules
        .map(|module| (module.path.clone(), module.version.clone()))
        .collect()
}

/// Packages at one distance from `all`, and tests, which are packages of their own here.
struct Depth<'a> {
    packages: Vec<(&'a str, bool)>,
    seen: BTreeSet<(&'a str, bool)>,
}

impl<'a> Depth<'a> {
    fn of_all(packages: &'a Packages) -> Depth<'a> {
        let mut first: Vec<(&str, bool)> = Vec::new();
        for (path, package) in &packages.all {
            if package.is_in_all {
                first.push((path, false));
            }
            if package.are_tests_in_all {
                first.push((path, true));
            }
        }
        Depth {
            seen: first.iter().copied().collect(),
            packages: first,
        }
    }

    fn advance(&mut self, packages: &'a Packages) {
        for (path, is_test) in std::mem::take(&mut self.packages) {
            let Some((path, package)) = packages.all.get_key_value(path) else {
                continue;
            };
            let imports = match is_test {
                true => &package.imports.tests,
                false => &package.imports.package,
            };
            let mut next: Vec<(&str, bool)> = imports
                .iter()
                .map(|import| (import.as_str(), false))
                .collect();
            if !is_test && package.is_in_all {
                next.push((path, true));
            }
            for package in next {
                if self.seen.insert(package) {
                    self.packages.push(package);
                }
            }
        }
    }
}
