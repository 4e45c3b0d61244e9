//! Sums that are recorded outside the cache's own files: what they say beats a `.ziphash`.

use anyhow::Result;

use crate::checksum::sumdb::{Client, Files, Remote, Unlisted};
use crate::checksum::{Mismatch, Part, SumFiles};
use crate::module::{ModuleVersion, matches_prefix_patterns};
use crate::ops::OfflineDatabase;

/// What go.sum files and the records of a checksum database in the cache say.
pub(super) struct Vouching<'a> {
    sums: &'a SumFiles,
    database: Option<Records<'a>>,
}

struct Records<'a> {
    client: Client,
    files: &'a Files,
    private: &'a str,
}

/// Nobody is asked: what the cache has of a database counts.
struct Nobody;

impl Remote for Nobody {
    fn read(&self, _: &str, _: u64) -> Result<Option<Vec<u8>>> {
        Ok(None)
    }
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

impl<'a> Vouching<'a> {
    pub(super) fn new(sums: &'a SumFiles, database: Option<&'a OfflineDatabase>) -> Vouching<'a> {
        Vouching {
            sums,
            database: database.map(|offline| Records {
                client: Client::new(
                    offline.database.key.clone(),
                    Box::new(Nobody),
                    offline.files.clone(),
                ),
                files: &offline.files,
                private: &offline.private,
            }),
        }
    }

    /// Tells what is said of the sum of a part of a version.
    ///
    /// # Errors
    /// A database that contradicts itself, and records that cannot be proven with what is in the cache.
    pub(super) fn ask(&self, module: &ModuleVersion, part: Part, sum: &str) -> Result<Said> {
        let said = |checked: Result<()>| match checked {
            Ok(()) => Ok(Said::Right),
            Err(error) => match error.downcast::<Mismatch>() {
                Ok(mismatch) => Ok(Said::Wrong(mismatch)),
                Err(error) if error.chain().any(|cause| cause.is::<Unlisted>()) => {
                    Ok(Said::Nothing)
                }
                Err(error) => Err(error),
            },
        };
        if self.sums.recorded_part(module, part).is_some() {
            return said(self.sums.check_part(module, part, sum));
        }
        match &self.database {
            Some(records)
                if !matches_prefix_patterns(records.private, module.path.as_str())
                    && records.files.has_record(module)? =>
            {
                said(records.client.check(module, part, sum))
            }
            _ => Ok(Said::Nothing),
        }
    }
}
