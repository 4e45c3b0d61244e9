//! What the go.sum files of a project speak of.

use std::collections::BTreeSet;

use crate::checksum::GoSum;
use crate::module::{ModulePath, ModuleVersion, Version};

/// The module versions that have a line in a go.sum file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recorded {
    /// Those with a sum of the zip.
    pub archives: BTreeSet<ModuleVersion>,
    /// Those with a sum of the go.mod.
    pub go_mods: BTreeSet<ModuleVersion>,
}

impl Recorded {
    /// Sorts the lines of a go.sum file. A line with something else than a module version is passed over:
    /// go keeps such lines and never reads them.
    pub fn new(sums: &GoSum) -> Self {
        let mut recorded = Recorded::default();
        for (path, version) in sums.entries() {
            let (version, versions) = match version.strip_suffix("/go.mod") {
                Some(version) => (version, &mut recorded.go_mods),
                None => (version, &mut recorded.archives),
            };
            if let (Ok(path), Ok(version)) = (ModulePath::new(path), Version::new(version)) {
                versions.insert(ModuleVersion { path, version });
            }
        }
        recorded
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_sorted_by_what_they_sum_up() {
        let text = b"a.b/c v1.0.0 h1:1=\na.b/c v1.0.0/go.mod h1:2=\na.b/c v1.1.0/go.mod h1:3=\n\
            nodot v1.0.0 h1:4=\na.b/d v1 h1:5=\na.b/e v2.0.0+incompatible h1:6=\n";
        let recorded = Recorded::new(&GoSum::parse("go.sum", text).unwrap());
        let names = |versions: &BTreeSet<ModuleVersion>| {
            versions.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert_eq!(
            names(&recorded.archives),
            ["a.b/c@v1.0.0", "a.b/e@v2.0.0+incompatible"]
        );
        assert_eq!(names(&recorded.go_mods), ["a.b/c@v1.0.0", "a.b/c@v1.1.0"]);
    }
}
