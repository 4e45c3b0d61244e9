//! The versions that a module's author has withdrawn.

use anyhow::Result;

use crate::gomod;
use crate::module::semver;

/// The closed intervals of versions that a module's author has withdrawn.
#[derive(Clone, Debug, Default)]
pub struct Retractions(Vec<(String, String)>);

impl Retractions {
    /// Reads the retractions of a go.mod.
    ///
    /// # Errors
    /// A go.mod that cannot be parsed.
    pub fn parse(go_mod: &[u8]) -> Result<Retractions> {
        let file = gomod::parse_lax("go.mod", go_mod)?;
        let intervals = file.retract.into_iter();
        Ok(Retractions(
            intervals
                .map(|retract| (retract.low, retract.high))
                .collect(),
        ))
    }

    /// Tells whether a version lies in one of the intervals.
    pub fn contain(&self, version: &str) -> bool {
        self.0.iter().any(|(low, high)| {
            semver::compare(low, version).is_le() && semver::compare(version, high).is_le()
        })
    }
}
