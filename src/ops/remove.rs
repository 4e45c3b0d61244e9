//! Versions out of a cache, because somebody wants them out.

use std::collections::BTreeSet;

use anyhow::Result;

use super::{Listed, Monitor, Selector};
use crate::cache::{Cache, Removed};
use crate::module::ModuleVersion;
use crate::web::Interrupted;

/// A request that does not say clearly what is to go.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unclear {
    /// Nothing in the cache is meant.
    #[error("{subject}: the cache has no such module or version")]
    Absent {
        /// What was asked for.
        subject: String,
        /// What the cache has that is like it.
        nearest: Vec<String>,
    },
    /// Several versions could be meant.
    #[error("{path}: the cache has {} versions of it", versions.len())]
    Several {
        /// The module path.
        path: String,
        /// The versions.
        versions: Vec<String>,
    },
}

/// The word that stands for all versions of a module.
pub const ALL_VERSIONS: &str = "all";

/// Finds out which versions are to go. A module with several versions in the cache must be named with one of
/// them, or with `@all`, and so must a pattern.
///
/// # Errors
/// [`Unclear`].
pub fn removals(listed: &[Listed], selectors: &[Selector]) -> Result<Vec<Listed>> {
    let mut removals = Vec::new();
    let mut chosen: BTreeSet<&ModuleVersion> = BTreeSet::new();
    for selector in selectors {
        let all = selector.version() == Some(ALL_VERSIONS);
        let selector = match all {
            true => &selector.of_all_versions(),
            false => selector,
        };
        let found: Vec<&Listed> = listed
            .iter()
            .filter(|listed| selector.matches(&listed.module))
            .collect();
        if found.is_empty() {
            return Err(Unclear::Absent {
                subject: selector.to_string(),
                nearest: nearest(listed, selector.path()),
            }
            .into());
        }
        if found.len() > 1 && !all && selector.version().is_none() {
            return Err(Unclear::Several {
                path: selector.path().to_owned(),
                versions: found.iter().map(|it| it.module.to_string()).collect(),
            }
            .into());
        }
        for listed in found {
            if chosen.insert(&listed.module) {
                removals.push(listed.clone());
            }
        }
    }
    Ok(removals)
}

/// Lists a few versions in the cache whose paths share the most with one that is not there.
fn nearest(listed: &[Listed], path: &str) -> Vec<String> {
    const SHOWN: usize = 3;
    let last = path.rsplit('/').next().unwrap_or(path);
    let mut names: Vec<String> = listed
        .iter()
        .filter(|listed| {
            let known = listed.module.path.as_str();
            known == path || known.rsplit('/').next() == Some(last)
        })
        .map(|listed| listed.module.to_string())
        .collect();
    names.truncate(SHOWN);
    names
}

/// What has become of a version that was to go.
#[derive(Debug)]
pub struct Removal {
    /// The version.
    pub listed: Listed,
    /// Whether it is gone, or why it is not.
    pub result: Result<Removed>,
}

/// Removes versions from a cache, each under go's lock; those that somebody is at work on stay.
pub fn remove(cache: &Cache, removals: Vec<Listed>, monitor: &dyn Monitor) -> Vec<Removal> {
    let removed = |listed: Listed| {
        let result = match monitor.interrupted() {
            true => Err(Interrupted.into()),
            false => cache.remove(&listed.module),
        };
        Removal { listed, result }
    };
    removals.into_iter().map(removed).collect()
}
