//! The condition for content to become visible: it has the sums that are recorded of it.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use anyhow::Result;

use super::SumDatabase;
use crate::checksum::{Part, SumFiles};
use crate::module::{ModulePath, ModuleVersion};

/// Who has vouched for content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VerifiedBy {
    /// A go.sum file has its sum.
    GoSum,
    /// The checksum database of this name has its sum.
    Database(String),
    /// Nobody.
    Nothing,
}

impl VerifiedBy {
    /// The name of who has, or `nothing`.
    pub fn word(&self) -> &str {
        self.name().unwrap_or("nothing")
    }

    /// The name of who has.
    pub fn name(&self) -> Option<&str> {
        match self {
            VerifiedBy::GoSum => Some("go.sum"),
            VerifiedBy::Database(name) => Some(name),
            VerifiedBy::Nothing => None,
        }
    }
}

/// Knows the sums that content must have.
pub(super) struct Gate<'a> {
    sums: &'a SumFiles,
    database: Option<&'a SumDatabase>,
    verified: Mutex<BTreeMap<(ModuleVersion, Part), VerifiedBy>>,
}

impl<'a> Gate<'a> {
    pub(super) fn new(sums: &'a SumFiles, database: Option<&'a SumDatabase>) -> Gate<'a> {
        Gate {
            sums,
            database,
            verified: Mutex::default(),
        }
    }

    /// The sums that go.sum files record.
    pub(super) fn sums(&self) -> &'a SumFiles {
        self.sums
    }

    /// Tells whether the checksum database would hear a part of a private name with the path of a module.
    pub(super) fn gives_away(&self, path: &ModulePath, name: &str) -> bool {
        self.database.is_some_and(|database| {
            database.is_private(name) && !database.is_private(path.as_str())
        })
    }

    /// Tells who has vouched for a part of a version in this run.
    pub(super) fn verified(&self, module: &ModuleVersion, part: Part) -> VerifiedBy {
        let verified = self.verified.lock().unwrap_or_else(PoisonError::into_inner);
        let by = verified.get(&(module.clone(), part));
        by.cloned().unwrap_or(VerifiedBy::Nothing)
    }

    /// Lets content pass that has the recorded sum, or of which none is recorded.
    ///
    /// # Errors
    /// [`crate::checksum::Mismatch`] when another sum is recorded; what [`SumDatabase::check`] refuses.
    pub(super) fn check(&self, module: &ModuleVersion, part: Part, sum: &str) -> Result<()> {
        self.sums.check_part(module, part, sum)?;
        let by = match (self.sums.recorded_part(module, part), self.database) {
            (Some(_), _) => VerifiedBy::GoSum,
            (None, Some(database)) => database.check(module, part, sum)?,
            (None, None) => VerifiedBy::Nothing,
        };
        let mut verified = self.verified.lock().unwrap_or_else(PoisonError::into_inner);
        verified.insert((module.clone(), part), by);
        Ok(())
    }

    /// Does the same, and has the checksum database look at what go.sum covers, too: its records are kept then, for
    /// projects whose go.sum does not.
    ///
    /// # Errors
    /// As for [`Self::check`]; what the database records must agree with go.sum.
    pub(super) fn check_twice(&self, module: &ModuleVersion, part: Part, sum: &str) -> Result<()> {
        self.check(module, part, sum)?;
        match (self.verified(module, part), self.database) {
            (VerifiedBy::GoSum, Some(database)) => database.check_recorded(module, part, sum),
            _ => Ok(()),
        }
    }
}
