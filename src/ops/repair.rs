//! Putting right what is wrong with a cache.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use anyhow::{Context, Result, anyhow, bail};

use super::gate::Gate;
use super::supply::{Renewal, Supply};
use super::verify::{
    Backing, Fault, Finding, Looker, Records, Subject, Verified, VerifyOptions, verify_against,
};
use super::{Repositories, SumDatabase};
use crate::cache::{Cache, Extraction, File, Held, LeftoverKind};
use crate::checksum::{Part, SumFiles, dirhash};
use crate::coderepo::BlobKey;
use crate::disk;
use crate::goenv::FolderMode;
use crate::module::ModuleVersion;
use crate::modzip::{self, Control, Pool, ZipFiles};
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
/// As for [`super::verify`].
pub fn repair(options: &RepairOptions<'_>) -> Result<RepairOutcome> {
    let VerifyOptions { cache, sums, .. } = options.verify;
    let records = Records::new(sums, options.verify.records, cache)?;
    let Verified { versions, findings } = verify_against(&records, &options.verify)?;
    let sums = sums_to_meet(&records, sums, cache, &findings)?;
    let workshop = Workshop {
        options,
        looker: Looker {
            cache,
            records: &records,
            monitor: options.verify.monitor,
        },
        sums: &sums,
        supply: Supply {
            mirrors: options.mirrors,
            repositories: options.repositories,
            gate: Gate::new(&sums, options.database),
            cache,
            folder_mode: options.folder_mode,
            extraction: Extraction::LeftToGo,
            monitor: options.verify.monitor,
            threads: options.verify.threads,
            pool: Pool::with_capacity(Pool::<BlobKey>::DEFAULT_CAPACITY),
        },
    };
    let mut repaired = Vec::new();
    for (subject, faults) in grouped(findings) {
        if options.verify.monitor.interrupted() {
            bail!(Interrupted);
        }
        match &subject {
            Subject::Version(module) => match workshop.mend(module) {
                Ok(mended) => repaired.extend(mended),
                Err(error) => {
                    let failed = |_: &Fault| Err(anyhow!("{error:#}"));
                    repaired.extend(each(&subject, faults, failed));
                }
            },
            _ => repaired.extend(each(&subject, faults, |fault| {
                workshop.mend_other(&subject, fault)
            })),
        }
    }
    Ok(RepairOutcome { versions, repaired })
}

/// Gives the sums that what is fetched must have: all that are recorded, and without any of a version the one in its
/// `.ziphash`.
fn sums_to_meet(
    records: &Records<'_>,
    go_sums: &SumFiles,
    cache: &Cache,
    findings: &[Finding],
) -> Result<SumFiles> {
    let mut sums = go_sums.clone();
    let versions = findings
        .iter()
        .filter_map(|finding| match &finding.subject {
            Subject::Version(module) => Some(module),
            _ => None,
        });
    let versions: BTreeSet<&ModuleVersion> = versions.collect();
    let mut hashes = String::new();
    for module in versions {
        records.add_to(&mut sums, module)?;
        if sums.recorded(module).is_none()
            && let Some(sum) = cache.recorded_sum(module)?
        {
            let _ = writeln!(hashes, "{} {} {sum}", module.path, module.version);
        }
    }
    sums.add(".ziphash", hashes.as_bytes())?;
    Ok(sums)
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
    looker: Looker<'a>,
    sums: &'a SumFiles,
    supply: Supply<'a>,
}

/// What puts a fault of a version right, in the order in which it is done: each step stands on those before it. A
/// `.ziphash` comes behind the folder, which would count beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Cure {
    Zip,
    Folder,
    Hash,
    Record,
    GoMod,
    Info,
    None,
}

impl Cure {
    fn of(fault: &Fault) -> Cure {
        match fault {
            Fault::Zip(_)
            | Fault::ZipSum(_)
            | Fault::FolderSum(_)
            | Fault::NoHash {
                backing: Backing::Nobody,
                ..
            }
            | Fault::OtherHash {
                backing: Backing::Nobody,
                ..
            } => Cure::Zip,
            Fault::Folder(_) | Fault::Unfinished | Fault::Orphan => Cure::Folder,
            Fault::NoHash { .. } | Fault::OtherHash { .. } => Cure::Hash,
            Fault::Record { .. } => Cure::Record,
            Fault::GoMod(_) | Fault::GoModSum(_) => Cure::GoMod,
            Fault::Info(_) => Cure::Info,
            Fault::Uncovered | Fault::Unreadable(_) | Fault::List | Fault::Leftover(_) => {
                Cure::None
            }
        }
    }
}

impl Workshop<'_> {
    /// Mends a version under its lock: looks again, does what comes first, looks again, until nothing is wrong or a
    /// step fails.
    fn mend(&self, module: &ModuleVersion) -> Result<Vec<Repaired>> {
        let verify = &self.options.verify;
        let held = verify.cache.hold(module)?;
        let mut found: BTreeMap<Cure, Vec<Fault>> = BTreeMap::new();
        let mut results: BTreeMap<Cure, Result<&'static str>> = BTreeMap::new();
        loop {
            let mut faults: BTreeMap<Cure, Vec<Fault>> = BTreeMap::new();
            for fault in self.looker.look(module, verify.threads)? {
                faults.entry(Cure::of(&fault)).or_default().push(fault);
            }
            let first = faults
                .first_key_value()
                .map(|(cure, faults)| (*cure, faults.clone()));
            for (cure, faults) in faults {
                found.entry(cure).or_insert(faults);
            }
            let Some((cure, faults)) = first else {
                break;
            };
            let result = match results.contains_key(&cure) {
                true => Err(anyhow!("it is as wrong as before")),
                false => self.apply(&held, cure, &faults),
            };
            let is_over = result.is_err();
            results.insert(cure, result);
            if is_over {
                break;
            }
        }
        let subject = Subject::Version(module.clone());
        Ok(told(&subject, found, &results))
    }

    fn apply(&self, held: &Held<'_>, cure: Cure, faults: &[Fault]) -> Result<&'static str> {
        const FETCHED: &str = "fetched again";
        let threads = self.options.verify.threads;
        match cure {
            Cure::Zip => self
                .supply
                .renew(held, Renewal::Zip, threads)
                .map(|()| FETCHED),
            Cure::Info => self
                .supply
                .renew(held, Renewal::Info, threads)
                .map(|()| FETCHED),
            Cure::GoMod => match self.go_mod_in_zip(held.module())? {
                Some(go_mod) => held.replace_go_mod(&go_mod).map(|()| "taken from the zip"),
                None => self
                    .supply
                    .renew(held, Renewal::GoMod, threads)
                    .map(|()| FETCHED),
            },
            Cure::Folder => self.mend_folder(held),
            Cure::Hash => {
                let sum = faults.iter().find_map(|fault| match fault {
                    Fault::NoHash { sum, .. } => Some(sum),
                    Fault::OtherHash { mismatch, .. } => Some(&mismatch.found),
                    _ => None,
                });
                held.write_hash(sum.context("there is no sum")?)?;
                Ok("written anew")
            }
            Cure::Record => {
                for fault in faults {
                    if let Fault::Record { file, .. } = fault {
                        disk::remove_file(file)?;
                    }
                }
                Ok("removed: go asks for it again")
            }
            Cure::None => bail!("this has to be looked into by hand"),
        }
    }

    /// Extracts the zip in place of the folder; without a zip there is nothing to keep.
    fn mend_folder(&self, held: &Held<'_>) -> Result<&'static str> {
        let verify = &self.options.verify;
        if !verify.cache.state(held.module())?.zip {
            return held
                .remove_folder()
                .map(|()| "removed: go extracts it again");
        }
        let cancelled = || verify.monitor.interrupted();
        let control = Control {
            threads: verify.threads,
            cancelled: &cancelled,
            progress: &|_| (),
        };
        held.replace_folder(self.options.folder_mode, |zip, tree| {
            modzip::extract(zip, held.module(), Some(tree), &control).map(drop)
        })?;
        Ok("extracted from the zip")
    }

    /// Gives the go.mod in the zip, which is sound when it comes to this, if no recorded sum speaks against it.
    fn go_mod_in_zip(&self, module: &ModuleVersion) -> Result<Option<Vec<u8>>> {
        let cache = self.options.verify.cache;
        if !cache.state(module)?.zip {
            return Ok(None);
        }
        let zip = ZipFiles::open(&cache.file(module, File::Zip)?, module)?;
        let Some(number) = zip
            .files()
            .find_map(|(number, name)| (name == "go.mod").then_some(number))
        else {
            return Ok(None);
        };
        let go_mod = zip.content(number, modzip::MAX_GO_MOD)?;
        let sum = dirhash::go_mod_sum(&go_mod);
        let is_admitted = self.sums.check_part(module, Part::GoMod, &sum).is_ok();
        Ok(is_admitted.then_some(go_mod))
    }

    /// Mends what belongs to no version.
    fn mend_other(&self, subject: &Subject, fault: &Fault) -> Result<&'static str> {
        let cache = self.options.verify.cache;
        match (subject, fault) {
            (Subject::Module(path), Fault::List) => {
                cache.rewrite_list(path).map(|()| "written anew")
            }
            (Subject::Path(path), Fault::Leftover(LeftoverKind::Temporary)) => {
                cache.remove_abandoned(path).map(|()| "removed")
            }
            _ => bail!("it is not known what it is for: remove it by hand"),
        }
    }
}

/// Tells of each fault what `result` says has become of it.
fn each(
    subject: &Subject,
    faults: Vec<Fault>,
    result: impl Fn(&Fault) -> Result<&'static str>,
) -> Vec<Repaired> {
    let repaired = faults.into_iter().map(|fault| Repaired {
        result: result(&fault),
        finding: Finding {
            subject: subject.clone(),
            fault,
        },
    });
    repaired.collect()
}

/// Tells of each fault what has become of it. What was not come to has the error that ended it all.
fn told(
    subject: &Subject,
    found: BTreeMap<Cure, Vec<Fault>>,
    results: &BTreeMap<Cure, Result<&'static str>>,
) -> Vec<Repaired> {
    let failure = results.values().find_map(|result| result.as_ref().err());
    let result = |fault: &Fault| match (results.get(&Cure::of(fault)), failure) {
        (Some(Ok(how)), _) => Ok(*how),
        (_, Some(error)) => Err(anyhow!("{error:#}")),
        // It went away with what was wrong before it.
        (_, None) => Ok("mended with the rest"),
    };
    let faults = found.into_values().flatten().collect();
    each(subject, faults, result)
}
