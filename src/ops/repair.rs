//! Putting right what is wrong with a cache.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use anyhow::{Result, anyhow, bail};

use super::gate::Gate;
use super::supply::{Renewal, Supply};
use super::survey::zip_sum;
use super::verify::{Fault, Finding, Subject, Verified, VerifyOptions, verify};
use super::{Repositories, SumDatabase};
use crate::cache::{Cache, Extraction, LeftoverKind};
use crate::coderepo::BlobKey;
use crate::disk;
use crate::goenv::FolderMode;
use crate::module::ModuleVersion;
use crate::modzip::{self, Control, Pool};
use crate::source::Mirrors;
use crate::web::Interrupted;

/// What to verify, and whom to ask for what has to be fetched again.
pub struct RepairOptions<'a> {
    /// What is verified.
    pub verify: VerifyOptions<'a>,
    /// Where modules come from.
    pub mirrors: &'a Mirrors,
    /// The repositories of this run.
    pub repositories: &'a Repositories,
    /// Who is asked about what no go.sum line covers.
    pub database: Option<&'a SumDatabase>,
    /// Whether the folders of extracted trees stay writable.
    pub folder_mode: FolderMode,
}

/// A finding, and what has become of it.
#[derive(Debug)]
pub struct Repaired {
    /// What was wrong.
    pub finding: Finding,
    /// How it was put right, or why it was not.
    pub result: Result<&'static str>,
}

/// What was found and put right.
#[derive(Debug, Default)]
pub struct RepairOutcome {
    /// The number of versions that were looked at.
    pub versions: usize,
    /// What was wrong.
    pub repaired: Vec<Repaired>,
}

/// Verifies a cache and puts right what is wrong: from what is sound in it, or else by fetching again. What cannot be
/// put right stays as it is.
///
/// # Errors
/// As for [`verify`].
pub fn repair(options: &RepairOptions<'_>) -> Result<RepairOutcome> {
    let Verified { versions, findings } = verify(&options.verify)?;
    let mut sums = options.verify.sums.clone();
    sums.add(
        ".ziphash",
        hashes(options.verify.cache, &findings)?.as_bytes(),
    )?;
    let workshop = Workshop {
        options,
        supply: Supply {
            mirrors: options.mirrors,
            repositories: options.repositories,
            gate: Gate::new(&sums, options.database),
            cache: options.verify.cache,
            folder_mode: options.folder_mode,
            extraction: Extraction::LeftToGo,
            monitor: options.verify.monitor,
            threads: options.verify.threads,
            pool: Pool::with_capacity(Pool::<BlobKey>::DEFAULT_CAPACITY),
        },
    };
    let mut outcome = RepairOutcome {
        versions,
        repaired: Vec::new(),
    };
    for (subject, faults) in grouped(findings) {
        outcome.repaired.extend(workshop.mend(subject, faults));
    }
    Ok(outcome)
}

/// Lists the sums that must match besides those that are recorded elsewhere: the `.ziphash` of a zip that cannot be
/// read, or that no other sum speaks for or against.
fn hashes(cache: &Cache, findings: &[Finding]) -> Result<String> {
    let mut lines = String::new();
    for finding in findings {
        if let (Subject::Version(module), Fault::Zip(_) | Fault::ZipAgainstHash(_)) =
            (&finding.subject, &finding.fault)
            && let Some(sum) = cache.recorded_sum(module)?
        {
            let _ = writeln!(lines, "{} {} {sum}", module.path, module.version);
        }
    }
    Ok(lines)
}

fn grouped(findings: Vec<Finding>) -> BTreeMap<Subject, Vec<Fault>> {
    let mut groups: BTreeMap<Subject, Vec<Fault>> = BTreeMap::new();
    for Finding { subject, fault } in findings {
        groups.entry(subject).or_default().push(fault);
    }
    groups
}

struct Workshop<'a> {
    options: &'a RepairOptions<'a>,
    supply: Supply<'a>,
}

/// What puts a fault right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Cure {
    /// Fetching again.
    Renewal(Renewal),
    /// Writing the hash of the zip.
    Hash,
    /// Extracting the zip.
    Extraction,
    /// Writing the list of versions.
    List,
    /// Removing a file.
    Removal,
    /// Nothing here.
    None,
}

impl Cure {
    fn of(fault: &Fault) -> Cure {
        match fault {
            Fault::Zip(_) | Fault::ZipSum(_) | Fault::ZipAgainstHash(_) | Fault::FolderSum(_) => {
                Cure::Renewal(Renewal::Everything)
            }
            Fault::Info(_) | Fault::GoMod(_) | Fault::GoModSum(_) => {
                Cure::Renewal(Renewal::Metadata)
            }
            Fault::Hash(_) => Cure::Hash,
            Fault::Folder(_) | Fault::Unfinished => Cure::Extraction,
            Fault::List => Cure::List,
            Fault::Leftover(LeftoverKind::Temporary) => Cure::Removal,
            Fault::Leftover(LeftoverKind::Foreign) => Cure::None,
        }
    }

    fn done(self) -> &'static str {
        match self {
            Cure::Renewal(_) => "fetched again",
            Cure::Hash => "computed from the zip",
            Cure::Extraction => "extracted from the zip",
            Cure::List => "written from the .mod files",
            Cure::Removal => "removed",
            Cure::None => "left alone",
        }
    }
}

impl Workshop<'_> {
    /// Mends what is wrong with one thing. What is fetched again needs no other cure.
    fn mend(&self, subject: Subject, faults: Vec<Fault>) -> Vec<Repaired> {
        let mut cures: BTreeSet<Cure> = faults.iter().map(Cure::of).collect();
        if cures.contains(&Cure::Renewal(Renewal::Everything)) {
            cures = BTreeSet::from([Cure::Renewal(Renewal::Everything)]);
        }
        let results: BTreeMap<Cure, Result<()>> = cures
            .into_iter()
            .map(|cure| (cure, self.apply(&subject, cure)))
            .collect();
        let whole = results.get(&Cure::Renewal(Renewal::Everything));
        faults
            .into_iter()
            .map(|fault| {
                let cure = Cure::of(&fault);
                let result = match whole.or_else(|| results.get(&cure)) {
                    Some(Err(error)) => Err(anyhow!("{error:#}")),
                    _ if whole.is_some() => Ok(Cure::Renewal(Renewal::Everything).done()),
                    _ => Ok(cure.done()),
                };
                let subject = subject.clone();
                Repaired {
                    finding: Finding { subject, fault },
                    result,
                }
            })
            .collect()
    }

    fn apply(&self, subject: &Subject, cure: Cure) -> Result<()> {
        let verify = &self.options.verify;
        if verify.monitor.interrupted() {
            bail!(Interrupted);
        }
        match (subject, cure) {
            (Subject::Version(module), Cure::Renewal(renewal)) => {
                self.supply.renew(module, renewal, verify.threads)
            }
            (Subject::Version(module), Cure::Hash) => verify.cache.rewrite_hash(module, || {
                zip_sum(verify.cache, module, verify.threads, verify.monitor)
            }),
            (Subject::Version(module), Cure::Extraction) => self.extract(module),
            (Subject::Module(path), Cure::List) => verify.cache.rewrite_list(path),
            (Subject::Path(path), Cure::Removal) => disk::remove_file(path),
            _ => bail!("it is not known what it is for: remove it by hand"),
        }
    }

    fn extract(&self, module: &ModuleVersion) -> Result<()> {
        let verify = &self.options.verify;
        let cancelled = || verify.monitor.interrupted();
        let control = Control {
            threads: verify.threads,
            cancelled: &cancelled,
            progress: &|_| (),
        };
        let folder_mode = self.options.folder_mode;
        verify
            .cache
            .extract_again(module, folder_mode, |zip, tree| {
                modzip::extract(zip, module, Some(tree), &control).map(drop)
            })
    }
}
