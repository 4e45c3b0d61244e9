//! Versions that nobody needs any more.

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use anyhow::{Result, bail};

use super::{CheckOptions, Incomplete, Monitor, Removal, Stored, Verb, check, remove};
use crate::cache::{Cache, File, Holding, Inventory};
use crate::disk::{self, AccessTimes, ScratchFolder};
use crate::graph::Project;
use crate::module::ModuleVersion;
use crate::toolchain;

/// What is kept, and what of the rest goes.
pub struct PruneOptions<'a> {
    /// The cache.
    pub cache: &'a Cache,
    /// Projects of which everything is kept.
    pub keep: Vec<Project>,
    /// What of the rest goes.
    pub limits: Limits,
    /// Where this program works aside from the cache, if it has such a place.
    pub scratch: Option<&'a Path>,
    /// Threads at work.
    pub threads: NonZeroUsize,
}

/// What of the versions that no project needs goes. Without any limit all of them do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// What has not been used for longer.
    pub age: Option<Duration>,
    /// Bytes: what was used least recently, until the cache is no larger.
    pub size: Option<u64>,
}

/// What goes.
#[derive(Debug)]
pub struct PrunePlan {
    /// The versions, those first that were used least recently.
    pub removals: Vec<Stored>,
    /// Files and folders of killed runs.
    pub leftovers: Leftovers,
    /// Bytes of the versions that stay.
    pub remaining: u64,
    /// How far the times of their last use can be trusted.
    pub access_times: AccessTimes,
}

/// What killed runs have left.
#[derive(Debug, Default)]
pub struct Leftovers {
    /// Temporary files.
    pub temporary: Vec<PathBuf>,
    /// Versions whose folder was left while it was being extracted.
    pub unfinished: Vec<ModuleVersion>,
    /// Folders in which this program worked.
    pub scratch: Vec<PathBuf>,
}

impl Leftovers {
    fn of(options: &PruneOptions<'_>, inventory: &Inventory) -> Result<Leftovers> {
        let cache = options.cache;
        let mut leftovers = Leftovers {
            temporary: cache.abandoned()?,
            ..Leftovers::default()
        };
        if let Some(folder) = options.scratch {
            leftovers.scratch = ScratchFolder::left_in(folder)?;
        }
        for holding in &inventory.holdings {
            if holding.has(File::Partial) && cache.is_unfinished(&holding.module)? {
                leftovers.unfinished.push(holding.module.clone());
            }
        }
        Ok(leftovers)
    }
}

/// Finds out what goes. Nothing is removed.
///
/// # Errors
/// [`Incomplete`] where the cache lacks what a project needs: then nobody can tell what it needs besides. A cache
/// that cannot be read.
pub fn plan_prune(options: &PruneOptions<'_>) -> Result<PrunePlan> {
    let cache = options.cache;
    let needed = Needed::of(options)?;
    let inventory = cache.inventory()?;
    let leftovers = Leftovers::of(options, &inventory)?;
    let is_needed = |holding: &Holding| needed.has(&holding.module);
    let (kept, others): (Vec<Holding>, Vec<Holding>) =
        inventory.holdings.into_iter().partition(is_needed);
    let kept = Stored::measure_all(cache, &kept, options.threads)?;
    let others = Stored::measure_all(cache, &others, options.threads)?;
    let kept = kept.iter().map(Stored::size).sum();
    let (removals, remaining) = chosen(kept, others, options.limits, SystemTime::now());
    Ok(PrunePlan {
        removals,
        leftovers,
        remaining,
        access_times: disk::access_times(cache.downloads()),
    })
}

/// What projects need.
struct Needed {
    versions: BTreeSet<ModuleVersion>,
    /// Names of Go releases.
    releases: BTreeSet<String>,
}

impl Needed {
    fn of(options: &PruneOptions<'_>) -> Result<Needed> {
        let checked = check(&CheckOptions {
            projects: options.keep.clone(),
            cache: options.cache.clone(),
            threads: options.threads,
        })?;
        let mut needed = Needed {
            versions: BTreeSet::new(),
            releases: BTreeSet::new(),
        };
        for checked in checked {
            if !checked.is_loaded {
                bail!(Incomplete {
                    project: checked.project.display().to_string(),
                    missing: checked.absent(&Verb::ALL),
                });
            }
            needed.versions.extend(checked.needs);
            needed.versions.extend(checked.content);
            needed.releases.extend(checked.releases);
        }
        Ok(needed)
    }

    fn has(&self, module: &ModuleVersion) -> bool {
        let mut releases = self.releases.iter();
        self.versions.contains(module) || releases.any(|name| toolchain::is_of(module, name))
    }
}

/// Chooses from the versions that no project needs those that go, those first that were used least recently, and gives
/// the bytes of what stays. `kept` are the bytes of what is needed.
fn chosen(
    kept: u64,
    mut others: Vec<Stored>,
    limits: Limits,
    now: SystemTime,
) -> (Vec<Stored>, u64) {
    let mut remaining: u64 = kept + others.iter().map(Stored::size).sum::<u64>();
    others
        .sort_by(|one, other| (one.last_used, &one.module).cmp(&(other.last_used, &other.module)));
    let is_old = |stored: &Stored| {
        let used = stored.last_used.unwrap_or(SystemTime::UNIX_EPOCH);
        let unused = now.duration_since(used).unwrap_or_default();
        limits.age.is_some_and(|age| unused > age)
    };
    let mut removals = Vec::new();
    for stored in others {
        let is_too_much = limits.size.is_some_and(|size| remaining > size);
        if limits == Limits::default() || is_old(&stored) || is_too_much {
            remaining -= stored.size();
            removals.push(stored);
        }
    }
    (removals, remaining)
}

/// Removes what goes, as far as nobody is at work on it.
///
/// # Errors
/// A leftover that cannot be removed; of versions that is told one by one.
pub fn prune(cache: &Cache, plan: &PrunePlan, monitor: &dyn Monitor) -> Result<Vec<Removal>> {
    for file in &plan.leftovers.temporary {
        // Whoever is at work again makes a new one of it.
        if cache.is_abandoned(file)? {
            cache.remove_abandoned(file)?;
        }
    }
    for module in &plan.leftovers.unfinished {
        cache.remove_unfinished(module)?;
    }
    for folder in &plan.leftovers.scratch {
        disk::tree::remove_all(folder)?;
    }
    Ok(remove(cache, plan.removals.clone(), monitor))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Duration = Duration::from_secs(86_400);

    /// Versions of 10 bytes each, the first used one day ago, the next two days ago, and so on.
    fn four(now: SystemTime) -> Vec<Stored> {
        let versions = ["v1.0.0", "v1.1.0", "v1.2.0", "v1.3.0"];
        let stored = versions.iter().zip(1..).map(|(version, days)| Stored {
            module: ModuleVersion {
                path: "example.com/m".parse().unwrap(),
                version: version.parse().unwrap(),
            },
            download_size: 4,
            extracted_size: Some(6),
            last_used: Some(now - DAY * days),
        });
        stored.collect()
    }

    #[test]
    fn what_goes_is_not_needed_and_old_or_too_much() {
        let now = SystemTime::UNIX_EPOCH + DAY * 1000;
        let all = &["v1.3.0", "v1.2.0", "v1.1.0", "v1.0.0"][..];
        for (kept, age, size, expected, left) in [
            (0, None, None, all, 0),
            (10, None, None, all, 10),
            (0, Some(2), None, &all[..2], 20),
            (30, Some(2), None, &all[..2], 50),
            (0, Some(0), None, all, 0),
            (0, Some(4), None, &[], 40),
            (0, None, Some(30), &all[..1], 30),
            (0, None, Some(29), &all[..2], 20),
            (0, None, Some(40), &[], 40),
            (10, None, Some(40), &all[..1], 40),
            (10, None, Some(9), all, 10),
            (0, None, Some(0), all, 0),
            (0, Some(3), Some(20), &all[..2], 20),
            (0, Some(1), Some(40), &all[..3], 10),
        ] {
            let limits = Limits {
                age: age.map(|days| DAY * days),
                size,
            };
            let (removals, remaining) = chosen(kept, four(now), limits, now);
            let versions: Vec<&str> = removals
                .iter()
                .map(|stored| stored.module.version.as_str())
                .collect();
            assert_eq!(
                (&versions[..], remaining),
                (expected, left),
                "{kept} {limits:?}"
            );
        }
    }

    #[test]
    fn what_was_used_at_a_time_unknown_or_in_the_future_is_the_oldest_or_the_newest() {
        let now = SystemTime::UNIX_EPOCH + DAY * 1000;
        let mut versions = four(now);
        versions[0].last_used = None;
        versions[1].last_used = Some(now + DAY);
        let limits = Limits {
            age: Some(DAY),
            size: None,
        };
        let (removals, _) = chosen(0, versions, limits, now);
        let order: Vec<&str> = removals
            .iter()
            .map(|it| it.module.version.as_str())
            .collect();
        assert_eq!(order, ["v1.0.0", "v1.3.0", "v1.2.0"]);
    }
}
