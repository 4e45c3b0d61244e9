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
        Ok(Retractions(gomod::parse_lax("go.mod", go_mod)?.retract))
    }

    /// Tells whether a version lies in one of the intervals.
    pub fn contain(&self, version: &str) -> bool {
        self.around(version).next().is_some()
    }

    /// Gives the reasons for the withdrawal of a version, where it is withdrawn; where the author gives none, go's words
    /// for that (`addRetraction` in `modload/build.go`).
    pub fn reasons(&self, version: &str) -> Vec<String> {
        let given = self.around(version).map(|retract| &retract.rationale);
        let mut reasons: Vec<String> = given.filter(|it| !it.is_empty()).cloned().collect();
        if reasons.is_empty() && self.contain(version) {
            reasons.push("retracted by module author".to_owned());
        }
        reasons
    }

    fn around(&self, version: &str) -> impl Iterator<Item = &Retract> {
        self.0.iter().filter(move |retract| {
            semver::compare(&retract.low, version).is_le()
                && semver::compare(version, &retract.high).is_le()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reasons_are_those_of_all_intervals_around_a_version() {
        let go_mod = "module example.com/m\n\n\
                      retract v1.1.0 // Wrong.\n\
                      retract [v1.0.0, v1.1.0] // Very old.\n\
                      retract v1.3.0\n";
        let retractions = Retractions::parse(go_mod.as_bytes()).unwrap();
        for (version, reasons) in [
            ("v0.9.0", &[][..]),
            ("v1.0.0", &["Very old."]),
            ("v1.1.0", &["Wrong.", "Very old."]),
            ("v1.2.0", &[]),
            ("v1.3.0", &["retracted by module author"]),
        ] {
            assert_eq!(retractions.reasons(version), reasons, "{version}");
            assert_eq!(retractions.contain(version), !reasons.is_empty());
        }
    }
}
