//! Sums that are recorded outside the cache's own files of a version: what they say beats a `.ziphash`.

use anyhow::Result;

use super::finding::Fault;
use crate::cache::Cache;
use crate::checksum::sumdb::Files;
use crate::checksum::{Mismatch, Part, SumFiles};
use crate::module::ModuleVersion;
use crate::ops::SumDatabasePolicy;

/// Everything in which sums are recorded.
pub(in crate::ops) struct Records<'a> {
    go_sums: &'a SumFiles,
    databases: Vec<(String, Files)>,
    policy: Option<SumDatabasePolicy>,
}

/// What is said of a sum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// It is right.
    Right,
    /// Another one is.
    Wrong(Mismatch),
    /// Nothing.
    Nothing,
}

/// The sums that are recorded of one version.
pub(super) struct Recorded<'a> {
    go_sums: &'a SumFiles,
    databases: SumFiles,
}

impl<'a> Records<'a> {
    /// Takes go.sum files, and all checksum databases of which the cache has anything unless there is no policy.
    ///
    /// # Errors
    /// A folder that cannot be read.
    pub(in crate::ops) fn new(
        go_sums: &'a SumFiles,
        policy: Option<SumDatabasePolicy>,
        cache: &Cache,
    ) -> Result<Records<'a>> {
        let databases = match policy {
            Some(_) => Files::all_of_cache(cache.downloads())?,
            None => Vec::new(),
        };
        Ok(Records {
            go_sums,
            databases,
            policy,
        })
    }

    /// Reads what is recorded of a version, and tells which records cannot be read. What a database says there is
    /// believed as it stands: it was proven when it came.
    ///
    /// # Errors
    /// A version that cannot be escaped.
    pub(super) fn of(&self, module: &ModuleVersion) -> Result<(Recorded<'a>, Vec<Fault>)> {
        let mut databases = SumFiles::default();
        let mut faults = Vec::new();
        for (name, files) in &self.databases {
            let Some(record) = files.record(module)? else {
                continue;
            };
            let added = record.and_then(|text| databases.add(name, text.as_bytes()));
            if let Err(error) = added {
                faults.push(Fault::Record {
                    file: files.record_file(module)?,
                    reason: format!("{error:#}"),
                });
            }
        }
        let recorded = Recorded {
            go_sums: self.go_sums,
            databases,
        };
        Ok((recorded, faults))
    }

    /// Adds all that is recorded of a version to the sums that must match.
    ///
    /// # Errors
    /// A version that cannot be escaped.
    pub(in crate::ops) fn add_to(&self, sums: &mut SumFiles, module: &ModuleVersion) -> Result<()> {
        for (name, files) in &self.databases {
            if let Some(Ok(text)) = files.record(module)? {
                // One that cannot be read has been found as such.
                let _ = sums.add(name, text.as_bytes());
            }
        }
        Ok(())
    }

    /// Tells whether every zip must have a sum that is recorded.
    pub(super) fn are_required(&self) -> bool {
        self.policy == Some(SumDatabasePolicy::Require)
    }
}

impl Recorded<'_> {
    /// Tells what is said of the sum of a part.
    ///
    /// # Errors
    /// None but those of a mismatch that is none.
    pub(super) fn ask(&self, module: &ModuleVersion, part: Part, sum: &str) -> Result<Said> {
        for sums in [self.go_sums, &self.databases] {
            if sums.recorded_part(module, part).is_none() {
                continue;
            }
            return match sums.check_part(module, part, sum) {
                Ok(()) => Ok(Said::Right),
                Err(error) => error.downcast::<Mismatch>().map(Said::Wrong),
            };
        }
        Ok(Said::Nothing)
    }
}
