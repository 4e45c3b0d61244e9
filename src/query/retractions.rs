//! The versions that a module's author has withdrawn.

use anyhow::Result;

use crate::gomod::{self, Retract};
use crate::module::semver;

/// The closed intervals of versions that a module's author has withdrawn.
#[derive(Clone, Debug, Default)]
pub struct Retractions(Vec<Retract>);

impl Retractions {
    /// Reads the retractions of a go.mod.
    ///
    /// # Errors
    /// A go.mod that cannot be parsed.
    pub fn parse(go_mod: &[u8]) -> Result<Retractions> {
        let file = gomod::parse_lax("go.mod", go_mod)?;
        Ok(Retractions(file.retract))
    }

    /// Tells whether a version lies in one of the intervals.
    pub fn contain(&self, version: &str) -> bool {
        self.rationale(version).is_some()
    }

    /// Gives the reason of the first interval that a version lies in, which may be empty.
    pub fn rationale(&self, version: &str) -> Option<&str> {
        let lies_in = |retract: &&Retract| {
            semver::compare(&retract.low, version).is_le()
                && semver::compare(version, &retract.high).is_le()
        };
        let retract = self.0.iter().find(lies_in)?;
        Some(&retract.rationale)
    }
}

impl From<Vec<Retract>> for Retractions {
    fn from(intervals: Vec<Retract>) -> Retractions {
        Retractions(intervals)
    }
}
