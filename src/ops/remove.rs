//! Versions out of a cache, because somebody wants them out.

use std::num::NonZeroUsize;

use anyhow::{Result, bail, ensure};

use super::{Absent, Monitor, Phase, Selector, Stored};
use crate::cache::{Cache, Holding, Removed};

/// A request that does not say clearly what is to go.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unclear {
    /// Several versions could be meant.
    #[error("{path}: the cache has {} versions of it", versions.len())]
    Several {
        /// The module path.
        path: String,
        /// The versions.
        versions: Vec<String>,
    },
    /// Several modules could be meant.
    #[error("{pattern}: a pattern can stand for more than you see")]
    Pattern {
        /// The pattern.
        pattern: String,
    },
}

/// The word that stands for all versions of a module.
pub const ALL_VERSIONS: &str = "all";

/// Finds out which versions are to go, each once, in the order of modules and versions. A module with several versions
/// in the cache must be named with one of them, or with `@all`, and a pattern always with either.
///
/// # Errors
/// [`Absent`]; [`Unclear`]; a cache that cannot be read.
pub fn removals(
    cache: &Cache,
    selectors: &[Selector],
    threads: NonZeroUsize,
) -> Result<Vec<Stored>> {
    let holdings = cache.inventory()?.holdings;
    let wanted: Vec<Selector> = selectors
        .iter()
        .map(|selector| clear(selector, &holdings))
        .collect::<Result<_>>()?;
    let is_wanted = |holding: &Holding| wanted.iter().any(|it| it.matches(&holding.module));
    let chosen: Vec<Holding> = holdings.into_iter().filter(is_wanted).collect();
    Stored::measure_all(cache, &chosen, threads)
}

/// Gives a selector that is about exactly what is meant.
fn clear(selector: &Selector, holdings: &[Holding]) -> Result<Selector> {
    let all = selector.version() == Some(ALL_VERSIONS);
    let meant = match all {
        true => selector.of_all_versions(),
        false => selector.clone(),
    };
    let mut found = holdings.iter().filter(|it| meant.matches(&it.module));
    let count = found.clone().count();
    ensure!(count > 0, Absent::of(selector, holdings));
    if selector.version().is_none() && selector.is_pattern() {
        bail!(Unclear::Pattern {
            pattern: selector.to_string(),
        });
    }
    if selector.version().is_none() && count > 1 {
        let versions = found.by_ref().map(|it| it.module.to_string());
        bail!(Unclear::Several {
            path: selector.path().to_owned(),
            versions: versions.collect(),
        });
    }
    Ok(meant)
}

/// What has become of a version that was to go.
#[derive(Debug)]
pub struct Removal {
    /// The version.
    pub stored: Stored,
    /// Whether it is gone, or why it is not.
    pub result: Result<Removed>,
}

/// Removes versions from a cache, each under go's lock; those that somebody is at work on stay. Ends early when the user
/// wants it to: then the removals are fewer.
pub fn remove(cache: &Cache, versions: Vec<Stored>, monitor: &dyn Monitor) -> Vec<Removal> {
    let known = versions.len();
    let mut removals = Vec::new();
    for stored in versions {
        if monitor.interrupted() {
            break;
        }
        let result = cache.remove(&stored.module);
        removals.push(Removal { stored, result });
        let done = removals.len();
        monitor.report(Phase::Run { done, known });
    }
    removals
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::selector::tests::holdings;

    #[test]
    fn what_is_meant_must_be_clear() {
        let holdings = holdings(&[
            "example.com/a@v1.0.0",
            "example.com/a@v1.1.0",
            "example.com/a@v1.2.0",
            "example.com/a@v1.3.0",
            "example.com/b@v0.1.0",
        ]);
        for (selector, expected) in [
            ("example.com/a@v1.0.0", "example.com/a@v1.0.0"),
            ("example.com/a@all", "example.com/a"),
            ("example.com/b", "example.com/b"),
            ("example.com/*@all", "example.com/*"),
            ("example.com/...@v1.1.0", "example.com/...@v1.1.0"),
            (
                "example.com/a",
                "example.com/a: the cache has 4 versions of it",
            ),
            (
                "example.com/...",
                "example.com/...: a pattern can stand for more than you see",
            ),
            (
                "example.com/c",
                "example.com/c: nothing of it is in the cache",
            ),
            (
                "example.com/a@v2.0.0",
                "example.com/a@v2.0.0: nothing of it is in the cache",
            ),
        ] {
            let found = match clear(&selector.parse().unwrap(), &holdings) {
                Ok(selector) => selector.to_string(),
                Err(error) => error.to_string(),
            };
            assert_eq!(found, expected, "{selector}");
        }
    }
}
