//! Finds modules for imports that no required module answers.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::num::NonZeroUsize;

use anyhow::{Error, Result, anyhow, bail};

use super::requirements::{Requirements, module};
use super::resolve::{folder_below, prefixes};
use super::{Module, Tidy};
use crate::module::{ModulePath, ModuleVersion, check_module_path, semver, split_path_version};

/// Which latest version is looked for.
pub(crate) struct Latest {
    /// The module path.
    pub(crate) path: ModulePath,
    /// The package that the module may have, which lies at or below its path.
    pub(crate) import: String,
    /// The version that is selected so far.
    pub(crate) current: Option<String>,
    /// The versions that the main module excludes.
    pub(crate) excluded: BTreeSet<String>,
}

/// No module was found for an import.
#[derive(Debug)]
pub(crate) struct NoModule {
    /// What was said of each path that a module could have, the longest first.
    pub(crate) refusals: Vec<Error>,
}

impl fmt::Display for NoModule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("no module provides this package")?;
        for refusal in &self.refusals {
            write!(formatter, "\n{refusal:#}")?;
        }
        Ok(())
    }
}

impl std::error::Error for NoModule {}

impl Tidy<'_> {
    /// Finds the module that has a package: one that a replace directive brings, or else the one with the longest
    /// path whose latest version has the package. Rules: `queryImport`, `QueryPattern`.
    pub(super) fn find(
        &self,
        requirements: &Requirements,
        path: &str,
        threads: NonZeroUsize,
    ) -> Result<Module> {
        let replaced = self.replaced(requirements, path);
        for candidate in &replaced {
            if self.has(candidate, path, threads)? {
                return Ok(candidate.clone());
            }
        }
        if let Some(longest) = replaced.first()
            && check_module_path(path).is_err()
        {
            bail!("what replaces {longest} has no such package");
        }
        let mut refusals = Vec::new();
        for prefix in prefixes(path) {
            if prefix == self.main.path || split_path_version(prefix).is_none() {
                continue;
            }
            let Ok(prefix) = ModulePath::new(prefix) else {
                continue;
            };
            self.library.go_on()?;
            match self.try_latest(requirements, prefix, path, threads) {
                Ok(found) => return Ok(found),
                Err(error) => refusals.push(error),
            }
        }
        Err(NoModule { refusals }.into())
    }

    /// Looks whether the latest version of a module has a package and is above what is selected.
    fn try_latest(
        &self,
        requirements: &Requirements,
        prefix: ModulePath,
        path: &str,
        threads: NonZeroUsize,
    ) -> Result<Module> {
        let excluded = self.main.go_mod.exclude.iter();
        let excluded = excluded.filter(|(path, _)| path == prefix.as_str());
        let current = requirements.selected(prefix.as_str()).map(str::to_owned);
        let latest = self.library.latest(&Latest {
            excluded: excluded.map(|(_, version)| version.clone()).collect(),
            current: current.clone(),
            import: path.to_owned(),
            path: prefix,
        })?;
        let ModuleVersion {
            path: prefix,
            version,
        } = latest;
        let candidate = module(prefix.as_str(), version.as_str());
        if !self.has(&candidate, path, threads)? {
            return Err(anyhow!("{candidate}: does not contain package {path}"));
        }
        match current {
            Some(current) if semver::compare(&current, version.as_str()).is_ge() => Err(anyhow!(
                "{candidate}: contains package {path}, but {current} is required, which does not"
            )),
            _ => Ok(candidate),
        }
    }

    fn has(&self, candidate: &Module, path: &str, threads: NonZeroUsize) -> Result<bool> {
        let tree = self.tree_of(candidate, threads)?;
        tree.has_package(folder_below(path, &candidate.path))
    }

    /// Lists the modules that replace directives bring and that could have a package, the longest path first, each
    /// at the highest version that is replaced. Rule: `HighestReplaced`.
    pub(super) fn replaced(&self, requirements: &Requirements, path: &str) -> Vec<Module> {
        let mut highest: BTreeMap<&str, &str> = BTreeMap::new();
        for replace in &self.main.go_mod.replace {
            let version = replace.version.as_deref().unwrap_or_default();
            let known = highest.entry(&replace.path).or_insert(version);
            if semver::compare(known, version).is_lt() {
                *known = version;
            }
        }
        let candidates = prefixes(path).filter_map(|prefix| {
            let version = match *highest.get(prefix)? {
                "" => zero_version(prefix),
                version => version.to_owned(),
            };
            let selected = requirements.selected(prefix);
            let is_above = selected.is_none_or(|it| semver::compare(it, &version).is_lt());
            is_above.then(|| module(prefix, &version))
        });
        candidates.collect()
    }
}

/// A version below all real ones, for what only a replacement for all versions brings.
/// Rule: `module.ZeroPseudoVersion`.
fn zero_version(path: &str) -> String {
    let major = split_path_version(path).map_or("", |(_, major)| major.major_prefix());
    let major = if major.is_empty() { "v0" } else { major };
    format!("{major}.0.0-00010101000000-000000000000")
}
