//! Why content is not what was recorded.
//!
//! Nothing here runs unless a sum differs. First the version's own commit is summed in the ways in which other
//! tools err; what gives the recorded sum is proven to be the reason. Then the history is searched for
//! a commit that has the recorded content. What remains is evidence without proof, and it is told as such.

mod finding;
mod search;
mod sums;

use std::num::NonZeroUsize;

use anyhow::Result;
use git2::Oid;

use self::finding::Finding;
use self::search::{Search, Searched};
use self::sums::{Reading, Sums};
use super::Monitor;
use crate::checksum::{Mismatch, Part, SumFiles, dirhash};
use crate::coderepo::{CodeRepo, ModuleFiles};
use crate::gomod;
use crate::mirror::{self, Need};
use crate::module::{ModuleVersion, pseudo};
use crate::modzip::{self, VendorRule};

/// What is needed to look for the reason of a mismatch.
pub(super) struct Diagnosis<'a> {
    /// The module in the repository whose content differs.
    pub(super) module: &'a CodeRepo<'a>,
    /// What else is recorded.
    pub(super) sums: &'a SumFiles,
    /// Who may end the search.
    pub(super) monitor: &'a dyn Monitor,
    /// Threads at work.
    pub(super) threads: NonZeroUsize,
}

impl Diagnosis<'_> {
    /// Adds to a [`Mismatch`] what can be found out of its reason; every other error stays as it is.
    ///
    /// A remote repository is fetched with its whole history for that: somebody will have to look into a
    /// sum that differs, and this is where.
    pub(super) fn explain(&self, mut error: anyhow::Error) -> anyhow::Error {
        if let Some(mismatch) = error.downcast_mut::<Mismatch>()
            && mismatch.reasons.is_empty()
        {
            let findings = self
                .findings(mismatch)
                .unwrap_or_else(|error| vec![Finding::Failed(format!("{error:#}"))]);
            mismatch.reasons = findings.iter().map(ToString::to_string).collect();
        }
        error
    }

    fn findings(&self, mismatch: &Mismatch) -> Result<Vec<Finding>> {
        let module = &mismatch.module;
        let commit = self.module.commit_of(&module.version)?;
        let sums = Sums::new(self.module.mirror(), module, self.monitor);
        let files = self.module.files_at(&module.version, commit);
        let proven = match (mismatch.part, &files) {
            (Part::GoMod, _) => self.go_mod_read_otherwise(mismatch, commit)?,
            (Part::Zip, Ok(files)) => made_otherwise(&sums, files, &mismatch.recorded)?,
            (Part::Zip, Err(_)) => None,
        };
        if let Some(proven) = proven {
            return Ok(vec![proven]);
        }
        let searched = self.search(mismatch, commit, &sums);
        if let Ok(Some(moved @ Finding::Elsewhere { .. })) = searched {
            return Ok(vec![moved]);
        }
        let mut findings = Vec::new();
        if let Ok(files) = &files
            && mismatch.part == Part::Zip
        {
            findings.extend(large_files(&sums, files)?);
        }
        findings.extend(self.other_module(module, commit));
        match searched {
            Ok(finding) => findings.extend(finding),
            Err(error) => findings.push(Finding::NoHistory(format!("{error:#}"))),
        }
        Ok(findings)
    }

    fn go_mod_read_otherwise(&self, mismatch: &Mismatch, commit: Oid) -> Result<Option<Finding>> {
        let version = &mismatch.module.version;
        let go_mod = self.module.go_mod_at(version, commit)?;
        let reading = [Reading::Crlf, Reading::Lf].into_iter().find(|reading| {
            dirhash::go_mod_sum(&reading.apply(go_mod.clone())) == mismatch.recorded
        });
        Ok(reading.map(Finding::Read))
    }

    /// Looks through the history. `None` when the user does not want to wait for its end.
    fn search(&self, mismatch: &Mismatch, commit: Oid, sums: &Sums<'_>) -> Result<Option<Finding>> {
        let mirror = self.module.mirror();
        mirror.require(Need::History)?;
        let module = &mismatch.module;
        let recorded = mismatch.recorded.as_str();
        let (zip, go_mod) = match mismatch.part {
            Part::Zip => (Some(recorded), self.sums.recorded_go_mod(module)),
            Part::GoMod => (self.sums.recorded(module), Some(recorded)),
        };
        let search = Search {
            mirror,
            place: self.module.place(),
            module,
            part: mismatch.part,
            zip,
            go_mod,
            sums,
            monitor: self.monitor,
            threads: self.threads,
        };
        Ok(match search.run(commit)? {
            Searched::Found(found, part) => Some(Finding::Elsewhere {
                tag: self.tag(module),
                commit: found,
                subject: mirror::subject(&mirror.repository()?, found.id)?,
                part,
            }),
            Searched::Nothing(extent) => Some(Finding::Nowhere(extent)),
            Searched::Interrupted => None,
        })
    }

    /// The tag that carries a version, unless its name tells the commit, which no tag can change.
    fn tag(&self, module: &ModuleVersion) -> Option<String> {
        let version = module.version.as_str();
        (!pseudo::is_pseudo_version(version)).then(|| self.module.tag_of(version))
    }

    /// A go.mod may declare another path: a fork's does, and that of another repository.
    fn other_module(&self, module: &ModuleVersion, commit: Oid) -> Option<Finding> {
        let go_mod = self.module.go_mod_at(&module.version, commit).ok()?;
        let declared = gomod::module_path(&go_mod);
        let path = module.path.as_str().to_owned();
        (!declared.is_empty() && declared != path).then_some(Finding::Declares { declared, path })
    }
}

/// Looks for a way of making a zip of the same commit that gives the recorded sum.
fn made_otherwise(sums: &Sums<'_>, files: &ModuleFiles, recorded: &str) -> Result<Option<Finding>> {
    let go_mod = files.go_mod.as_deref();
    let rule = VendorRule::of(&files.files, go_mod);
    let report = modzip::classify_by(&files.files, rule);
    let mut reader = sums.reader()?;
    let mut gives = |included: &[usize], reading| -> Result<bool> {
        Ok(sums.zip(&mut reader, &files.files, included, reading)? == recorded)
    };
    for reading in [Reading::AsStored, Reading::Crlf, Reading::Lf] {
        if gives(&report.included, reading)? {
            return Ok(Some(Finding::Read(reading)));
        }
    }
    let other = rule.other();
    let by_other = modzip::classify_by(&files.files, other);
    if by_other.check(&files.files).is_ok() && gives(&by_other.included, Reading::AsArchived)? {
        return Ok(Some(Finding::Vendored(other)));
    }
    let Some(license) = files.root_license else {
        return Ok(None);
    };
    let mut own = report.included;
    own.retain(|number| *number != license);
    Ok(gives(&own, Reading::AsArchived)?.then_some(Finding::NoRootLicense))
}

fn large_files(sums: &Sums<'_>, files: &ModuleFiles) -> Result<Option<Finding>> {
    let report = modzip::classify(&files.files, files.go_mod.as_deref());
    let pointers = sums.pointers(&files.files, &report.included)?;
    let count = pointers.len();
    Ok(pointers.first().map(|first| Finding::LargeFiles {
        first: (*first).to_owned(),
        count,
    }))
}
