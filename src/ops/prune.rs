//! Versions that nobody needs any more.

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use anyhow::{Result, bail};

use super::verify::abandoned;
use super::{CheckOptions, Incomplete, Listed, check, list};
use crate::cache::Cache;
use crate::checksum::SumFiles;
use crate::graph::Project;
use crate::module::ModuleVersion;

/// What is kept, and what of the rest goes.
pub struct PruneOptions<'a> {
    /// The cache.
    pub cache: &'a Cache,
    /// Projects of which everything is kept.
    pub keep: Vec<Project>,
    /// What of the rest goes.
    pub limits: Limits,
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
    pub removals: Vec<Listed>,
    /// Temporary files of killed runs.
    pub abandoned: Vec<PathBuf>,
    /// Bytes of the versions that stay.
    pub remaining: u64,
}

/// Finds out what goes. Nothing is removed.
///
/// # Errors
/// [`Incomplete`] where the cache lacks what a project needs: then nobody can tell what it needs besides. A cache
/// that cannot be read.
pub fn plan_prune(options: &PruneOptions<'_>) -> Result<PrunePlan> {
    let checked = check(&CheckOptions {
        projects: options.keep.clone(),
        cache: options.cache.clone(),
        threads: options.threads,
    })?;
    let mut kept = BTreeSet::new();
    for checked in checked {
        if !checked.is_loaded {
            bail!(Incomplete {
                project: checked.project.display().to_string(),
                missing: checked.absent(),
            });
        }
        kept.extend(checked.needs);
        kept.extend(checked.content);
    }
    let listed = list(options.cache, &[], &SumFiles::default(), options.threads)?;
    let (removals, remaining) = chosen(listed, &kept, options.limits, SystemTime::now());
    Ok(PrunePlan {
        removals,
        abandoned: abandoned(options.cache)?,
        remaining,
    })
}

/// Chooses what goes, those first that were used least recently, and gives the bytes of what stays.
fn chosen(
    listed: Vec<Listed>,
    kept: &BTreeSet<ModuleVersion>,
    limits: Limits,
    now: SystemTime,
) -> (Vec<Listed>, u64) {
    let mut remaining: u64 = listed.iter().map(Listed::size).sum();
    let mut candidates: Vec<Listed> = listed
        .into_iter()
        .filter(|listed| !kept.contains(&listed.module))
        .collect();
    candidates
        .sort_by(|one, other| (one.last_used, &one.module).cmp(&(other.last_used, &other.module)));
    let is_old = |listed: &Listed| {
        let used = listed.last_used.unwrap_or(SystemTime::UNIX_EPOCH);
        let unused = now.duration_since(used).unwrap_or_default();
        limits.age.is_some_and(|age| unused > age)
    };
    let mut removals = Vec::new();
    for listed in candidates {
        let is_too_much = limits.size.is_some_and(|size| remaining > size);
        if limits == Limits::default() || is_old(&listed) || is_too_much {
            remaining -= listed.size();
            removals.push(listed);
        }
    }
    (removals, remaining)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::VerifiedBy;

    const DAY: Duration = Duration::from_secs(86_400);

    /// Versions of 10 bytes each, the first used one day ago, the next two days ago, and so on.
    fn four(now: SystemTime) -> Vec<Listed> {
        let versions = ["v1.0.0", "v1.1.0", "v1.2.0", "v1.3.0"];
        let listed = versions.iter().zip(1..).map(|(version, days)| Listed {
            module: ModuleVersion {
                path: "example.com/m".parse().unwrap(),
                version: version.parse().unwrap(),
            },
            download_size: 4,
            zip_size: Some(2),
            extracted_size: Some(6),
            info: None,
            verified_by: VerifiedBy::Nothing,
            last_used: Some(now - DAY * days),
        });
        listed.collect()
    }

    #[test]
    fn what_goes_is_not_needed_and_old_or_too_much() {
        let now = SystemTime::UNIX_EPOCH + DAY * 1000;
        for (kept, age, size, expected, left) in [
            (
                vec![],
                None,
                None,
                vec!["v1.3.0", "v1.2.0", "v1.1.0", "v1.0.0"],
                0,
            ),
            (
                vec!["v1.3.0"],
                None,
                None,
                vec!["v1.2.0", "v1.1.0", "v1.0.0"],
                10,
            ),
            (vec![], Some(2), None, vec!["v1.3.0", "v1.2.0"], 20),
            (vec!["v1.3.0"], Some(2), None, vec!["v1.2.0"], 30),
            (vec![], None, Some(30), vec!["v1.3.0"], 30),
            (vec![], None, Some(29), vec!["v1.3.0", "v1.2.0"], 20),
            (vec![], None, Some(40), vec![], 40),
            (vec!["v1.3.0"], None, Some(25), vec!["v1.2.0", "v1.1.0"], 20),
            (vec![], Some(3), Some(20), vec!["v1.3.0", "v1.2.0"], 20),
            (
                vec![],
                Some(1),
                Some(40),
                vec!["v1.3.0", "v1.2.0", "v1.1.0"],
                10,
            ),
        ] {
            let listed = four(now);
            let kept: BTreeSet<ModuleVersion> = listed
                .iter()
                .map(|listed| listed.module.clone())
                .filter(|module| kept.contains(&module.version.as_str()))
                .collect();
            let limits = Limits {
                age: age.map(|days| DAY * days),
                size,
            };
            let (removals, remaining) = chosen(listed, &kept, limits, now);
            let versions: Vec<&str> = removals
                .iter()
                .map(|listed| listed.module.version.as_str())
                .collect();
            assert_eq!(
                (versions, remaining),
                (expected, left),
                "{kept:?} {limits:?}"
            );
        }
    }
}
