//! Whether a cache holds what it says it holds.

mod finding;
mod look;
mod recorded;

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Result, bail};

use super::parallel::in_parallel;
use super::selector::select;
use super::{Monitor, Phase, Selector, SumDatabasePolicy};
use crate::cache::{Cache, Holding, Leftover, LeftoverKind};
use crate::checksum::SumFiles;
use crate::module::{ModulePath, ModuleVersion};
use crate::web::Interrupted;

pub use finding::{Backing, Fault, Finding, Subject};
pub(super) use look::Looker;
pub(super) use recorded::Records;

/// What to verify, and against what.
pub struct VerifyOptions<'a> {
    /// The cache.
    pub cache: &'a Cache,
    /// Which versions of it; none stand for all, and for what no version accounts for.
    pub selectors: Vec<Selector>,
    /// Sums that must match.
    pub sums: &'a SumFiles,
    /// What is made of the records of checksum databases in the cache; none are read without it.
    pub records: Option<SumDatabasePolicy>,
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
/// A cache that cannot be read, a selector that is about nothing in it, the user's wish to stop.
pub fn verify(options: &VerifyOptions<'_>) -> Result<Verified> {
    let records = Records::new(options.sums, options.records, options.cache)?;
    verify_against(&records, options)
}

/// Does the same where somebody has use for the records afterwards.
pub(super) fn verify_against(
    records: &Records<'_>,
    options: &VerifyOptions<'_>,
) -> Result<Verified> {
    let inventory = options.cache.inventory()?;
    let holdings = select(&options.selectors, inventory.holdings)?;
    let looker = Looker {
        cache: options.cache,
        records,
        monitor: options.monitor,
    };
    let mut findings = look_at_all(&looker, &holdings, options.threads)?;
    let modules: Vec<ModuleVersion> = holdings.into_iter().map(|it| it.module).collect();
    let paths: BTreeSet<&ModulePath> = modules.iter().map(|module| &module.path).collect();
    let stale = options.cache.stale_lists(paths.into_iter().collect())?;
    findings.extend(stale.into_iter().map(|path| Finding {
        subject: Subject::Module(path.clone()),
        fault: Fault::List,
    }));
    if options.selectors.is_empty() {
        findings.extend(left_over(options.cache, inventory.leftovers)?);
    }
    Ok(Verified {
        versions: modules.len(),
        findings,
    })
}

/// Looks at versions, the largest first: begun last, one of them would keep a single thread busy while the others
/// have nothing to do.
fn look_at_all(
    looker: &Looker<'_>,
    holdings: &[Holding],
    threads: NonZeroUsize,
) -> Result<Vec<Finding>> {
    let mut ordered: Vec<(usize, &Holding)> = holdings.iter().enumerate().collect();
    ordered.sort_by_key(|(_, holding)| std::cmp::Reverse(holding.download_size()));
    let done = AtomicUsize::new(0);
    let looked = in_parallel(&ordered, threads, |(place, holding), threads| {
        if looker.monitor.interrupted() {
            bail!(Interrupted);
        }
        let faults = looker.look_twice(&holding.module, threads)?;
        let done = 1 + done.fetch_add(1, Ordering::Relaxed);
        let known = holdings.len();
        looker.monitor.report(Phase::Run { done, known });
        Ok((*place, &holding.module, faults))
    });
    let mut looked: Vec<_> = looked.into_iter().collect::<Result<_>>()?;
    looked.sort_by_key(|(place, ..)| *place);
    let findings = looked.into_iter().flat_map(|(_, module, faults)| {
        faults.into_iter().map(|fault| Finding {
            subject: Subject::Version(module.clone()),
            fault,
        })
    });
    Ok(findings.collect())
}

/// Lists what no version accounts for. A temporary file counts only where nobody can be writing it any more.
fn left_over(cache: &Cache, leftovers: Vec<Leftover>) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for leftover in leftovers {
        if leftover.kind == LeftoverKind::Temporary && !cache.is_abandoned(&leftover.path)? {
            continue;
        }
        findings.push(Finding {
            subject: Subject::Path(leftover.path),
            fault: Fault::Leftover(leftover.kind),
        });
    }
    Ok(findings)
}
