//! Versions out of a cache, because somebody wants them out.

use std::collections::BTreeSet;
use std::num::NonZeroUsize;

use anyhow::{Result, bail};

use super::list::describe_all;
use super::{Listed, Monitor, Selector};
use crate::cache::{Cache, Holding, Removed};
use crate::checksum::SumFiles;
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
/// [`Unclear`]; a cache that cannot be read.
pub fn removals(
    cache: &Cache,
    selectors: &[Selector],
    threads: NonZeroUsize,
) -> Result<Vec<Listed>> {
    let holdings = cache.inventory()?.holdings;
    let mut chosen: Vec<&Holding> = Vec::new();
    let mut seen: BTreeSet<&ModuleVersion> = BTreeSet::new();
    for selector in selectors {
        let found = selected(&holdings, selector)?.into_iter();
        chosen.extend(found.filter(|holding| seen.insert(&holding.module)));
    }
    describe_all(cache, &chosen, &SumFiles::default(), threads)
}

/// Finds what one selector asks to remove.
fn selected<'h>(holdings: &'h [Holding], selector: &Selector) -> Result<Vec<&'h Holding>> {
    let all = selector.version() == Some(ALL_VERSIONS);
    let selector = match all {
        true => &selector.of_all_versions(),
        false => selector,
    };
    let found: Vec<&Holding> = holdings
        .iter()
        .filter(|holding| selector.matches(&holding.module))
        .collect();
    if found.is_empty() {
        bail!(Unclear::Absent {
            subject: selector.to_string(),
            nearest: nearest(holdings, selector.path()),
        });
    }
    if found.len() > 1 && !all && selector.version().is_none() {
        bail!(Unclear::Several {
            path: selector.path().to_owned(),
            versions: found.iter().map(|it| it.module.to_string()).collect(),
        });
    }
    Ok(found)
}

/// Lists a few versions in the cache whose paths share the most with one that is not there.
fn nearest(holdings: &[Holding], path: &str) -> Vec<String> {
    const SHOWN: usize = 3;
    let last = path.rsplit('/').next().unwrap_or(path);
    let is_near = |holding: &&Holding| {
        let known = holding.module.path.as_str();
        known == path || known.rsplit('/').next() == Some(last)
    };
    let near = holdings.iter().filter(is_near).take(SHOWN);
    near.map(|holding| holding.module.to_string()).collect()
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
