//! Whether a cache holds what it says it holds.

mod finding;
mod look;
mod vouching;

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Result, bail};

use self::look::Looker;
use self::vouching::Vouching;
use super::parallel::in_parallel;
use super::selector::any_matches;
use super::{Monitor, OfflineDatabase, Phase, Selector};
use crate::cache::{Cache, LeftoverKind};
use crate::checksum::SumFiles;
use crate::module::{ModulePath, ModuleVersion};
use crate::web::Interrupted;

pub use finding::{Fault, Finding, Subject};

/// What to verify, and against what.
pub struct VerifyOptions<'a> {
    /// The cache.
    pub cache: &'a Cache,
    /// Which versions of it; none stand for all, and for what no version accounts for.
    pub selectors: Vec<Selector>,
    /// Sums that must match.
    pub sums: SumFiles,
    /// The checksum database whose records in the cache must match.
    pub database: Option<OfflineDatabase>,
    /// Threads at work.
    pub threads: NonZeroUsize,
    /// Who hears of progress and may end the work.
    pub monitor: &'a dyn Monitor,
}

/// What was found.
#[derive(Debug, Default)]
pub struct Verified {
    /// The number of versions that were looked at.
    pub versions: usize,
    /// What is wrong, in the order of modules and versions, then what no version accounts for.
    pub findings: Vec<Finding>,
}

/// Reads every file of the versions and tells what is not as it must be. Nothing is changed. What looks wrong is
/// looked at again under go's lock, so that it may be at work meanwhile.
///
/// # Errors
/// A cache that cannot be read, a checksum database that contradicts itself, the user's wish to stop.
pub fn verify(options: &VerifyOptions<'_>) -> Result<Verified> {
    let inventory = options.cache.inventory()?;
    let looker = Looker {
        cache: options.cache,
        vouching: Vouching::new(&options.sums, options.database.as_ref()),
        monitor: options.monitor,
    };
    let modules: Vec<ModuleVersion> = inventory
        .holdings
        .into_iter()
        .map(|holding| holding.module)
        .filter(|module| any_matches(&options.selectors, module))
        .collect();
    let done = AtomicUsize::new(0);
    let looked = in_parallel(&modules, options.threads, |module, threads| {
        if options.monitor.interrupted() {
            bail!(Interrupted);
        }
        let faults = looker.look_again_if_wrong(module, threads);
        let done = 1 + done.fetch_add(1, Ordering::Relaxed);
        let known = modules.len();
        options.monitor.report(Phase::Run { done, known });
        faults
    });
    let mut verified = Verified {
        versions: modules.len(),
        ..Verified::default()
    };
    for (module, faults) in modules.iter().zip(looked) {
        let found = faults?.into_iter().map(|fault| Finding {
            subject: Subject::Version(module.clone()),
            fault,
        });
        verified.findings.extend(found);
    }
    let paths: BTreeSet<&ModulePath> = modules.iter().map(|module| &module.path).collect();
    for path in paths {
        if !options.cache.list_is_right(path)? {
            verified.findings.push(Finding {
                subject: Subject::Module(path.clone()),
                fault: Fault::List,
            });
        }
    }
    if options.selectors.is_empty() {
        verified.findings.extend(leftovers(options.cache)?);
    }
    Ok(verified)
}

/// Lists what no version accounts for.
fn leftovers(cache: &Cache) -> Result<Vec<Finding>> {
    let foreign = cache.inventory()?.leftovers.into_iter();
    let foreign = foreign.filter(|leftover| leftover.kind == LeftoverKind::Foreign);
    let foreign = foreign.map(|leftover| (leftover.path, leftover.kind));
    let abandoned = abandoned(cache)?.into_iter();
    let abandoned = abandoned.map(|path| (path, LeftoverKind::Temporary));
    let findings = abandoned.chain(foreign).map(|(path, kind)| Finding {
        subject: Subject::Path(path),
        fault: Fault::Leftover(kind),
    });
    Ok(findings.collect())
}

/// Lists the temporary files that nobody can be writing any more.
pub(super) fn abandoned(cache: &Cache) -> Result<Vec<PathBuf>> {
    let mut abandoned = Vec::new();
    for leftover in cache.inventory()?.leftovers {
        if leftover.kind == LeftoverKind::Temporary && cache.is_abandoned(&leftover.path)? {
            abandoned.push(leftover.path);
        }
    }
    Ok(abandoned)
}
