//! Canonical module versions.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use super::escape::escape_version;
use super::major::check_path_major;
use super::path::ModulePath;
use super::quoting::quote;
use super::{pseudo, semver};

/// The build metadata that marks a version of v2 or later that was made before modules.
const INCOMPATIBLE: &str = "+incompatible";

/// Gives the canonical form of a version: that of [`semver::canonical`], but `+incompatible` stays.
/// Empty for what is no version. Rule: `module.CanonicalVersion`.
pub fn canonical_version(version: &str) -> String {
    let Some(mut canonical) = semver::canonical(version) else {
        return String::new();
    };
    if semver::build(version) == INCOMPATIBLE {
        canonical.push_str(INCOMPATIBLE);
    }
    canonical
}

/// A module version in canonical form: `v1.2.3`, `v1.2.3-pre`, either with or without `+incompatible`.
///
/// The order is that of semantic versioning, then that of the text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Version(String);

impl Version {
    /// Takes a text that is a version in canonical form; shorthands and other build metadata are errors.
    pub fn new(version: &str) -> Result<Self, InvalidVersion> {
        let canonical = canonical_version(version);
        if canonical.is_empty() {
            return Err(InvalidVersion::new(
                version,
                "not a semantic version".into(),
            ));
        }
        if canonical != version {
            let reason = format!("not canonical, should be {canonical}");
            return Err(InvalidVersion::new(version, reason));
        }
        Ok(Version(canonical))
    }

    /// Gives the version as text, not escaped.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Tells whether this is a pseudo-version, one that names a commit.
    pub fn is_pseudo(&self) -> bool {
        pseudo::is_pseudo_version(&self.0)
    }

    /// Tells whether the version ends in `+incompatible`.
    pub fn is_incompatible(&self) -> bool {
        self.0.ends_with(INCOMPATIBLE)
    }

    /// Gives the version without `+incompatible`, which is what its tag is named.
    pub fn base(&self) -> &str {
        self.0.strip_suffix(INCOMPATIBLE).unwrap_or(&self.0)
    }

    /// Gives the case-escaped version, as file names of the cache and URLs of a proxy have it.
    pub fn escaped(&self) -> Result<String, InvalidVersion> {
        escape_version(&self.0)
    }
}

impl FromStr for Version {
    type Err = InvalidVersion;

    fn from_str(version: &str) -> Result<Self, InvalidVersion> {
        Version::new(version)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0)
    }
}

impl AsRef<str> for Version {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        semver::compare(&self.0, &other.0).then_with(|| self.0.cmp(&other.0))
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// A module at a version; displays as `path@version` and sorts as go.sum does.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModuleVersion {
    /// The path of the module.
    pub path: ModulePath,
    /// The version of the module.
    pub version: Version,
}

impl ModuleVersion {
    /// Checks that path and version go together, as [`check_path_major`] has it.
    pub fn check(&self) -> Result<(), InvalidVersion> {
        let (_, path_major) = self.path.split_major();
        check_path_major(self.version.as_str(), path_major)
    }
}

impl fmt::Display for ModuleVersion {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}@{}", self.path, self.version)
    }
}

/// What go calls a version in an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VersionNoun {
    /// Any version.
    Version,
    /// A version that was to be a pseudo-version.
    PseudoVersion,
}

impl fmt::Display for VersionNoun {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            VersionNoun::Version => "version",
            VersionNoun::PseudoVersion => "pseudo-version",
        })
    }
}

/// A version that breaks a rule; displays in Go's words, such as
/// `version "v2.0.0" invalid: should be v0 or v1, not v2`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidVersion {
    version: String,
    noun: VersionNoun,
    reason: String,
}

impl InvalidVersion {
    /// Makes the error from the version and the rule that it breaks.
    pub fn new(version: &str, reason: String) -> Self {
        InvalidVersion {
            version: version.to_owned(),
            noun: VersionNoun::Version,
            reason,
        }
    }

    /// Makes the error for a version that was to be a pseudo-version.
    pub fn pseudo(version: &str, reason: String) -> Self {
        InvalidVersion {
            noun: VersionNoun::PseudoVersion,
            ..InvalidVersion::new(version, reason)
        }
    }

    /// Gives the reason alone.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// Gives the text that names the module first: `path@version: invalid version: reason`.
    pub fn in_module(&self, path: &str) -> String {
        format!(
            "{path}@{}: invalid {}: {}",
            self.version, self.noun, self.reason
        )
    }
}

impl fmt::Display for InvalidVersion {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            version,
            noun,
            reason,
        } = self;
        write!(formatter, "{noun} {} invalid: {reason}", quote(version))
    }
}

impl std::error::Error for InvalidVersion {}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> Version {
        Version::new(text).unwrap()
    }

    #[test]
    fn only_incompatible_survives_of_build_metadata() {
        assert_eq!(
            canonical_version("v2.0.0+incompatible"),
            "v2.0.0+incompatible"
        );
        assert_eq!(canonical_version("v2.0.0+meta"), "v2.0.0");
        assert_eq!(canonical_version("v2"), "v2.0.0");
        assert_eq!(canonical_version("latest"), "");
    }

    #[test]
    fn a_version_is_canonical() {
        assert_eq!(version("v1.2.3-rc.1").to_string(), "v1.2.3-rc.1");
        assert_eq!(
            Version::new("v1.2").unwrap_err().to_string(),
            r#"version "v1.2" invalid: not canonical, should be v1.2.0"#
        );
        assert_eq!(
            Version::new("main").unwrap_err().reason(),
            "not a semantic version"
        );
    }

    #[test]
    fn incompatible_is_no_part_of_the_tag() {
        let incompatible = version("v3.1.0+incompatible");
        assert!(incompatible.is_incompatible());
        assert_eq!(incompatible.base(), "v3.1.0");
        assert!(!version("v1.0.0").is_incompatible());
    }

    #[test]
    fn versions_sort_by_precedence_then_text() {
        let mut versions = [
            "v2.0.0+incompatible",
            "v1.10.0",
            "v2.0.0",
            "v1.9.0-rc.1",
            "v1.9.0",
        ]
        .map(version);
        versions.sort();
        let sorted = versions.map(|version| version.to_string());
        assert_eq!(
            sorted,
            [
                "v1.9.0-rc.1",
                "v1.9.0",
                "v1.10.0",
                "v2.0.0",
                "v2.0.0+incompatible"
            ]
        );
    }

    #[test]
    fn path_and_version_must_go_together() {
        let path = ModulePath::new("example.com/x/v2").unwrap();
        let module = ModuleVersion {
            path,
            version: version("v1.0.0"),
        };
        assert_eq!(module.to_string(), "example.com/x/v2@v1.0.0");
        assert_eq!(
            module.check().unwrap_err().in_module("example.com/x/v2"),
            "example.com/x/v2@v1.0.0: invalid version: should be v2, not v1"
        );
    }

    #[test]
    fn capitals_of_a_version_are_escaped() {
        assert_eq!(version("v1.0.0-RC").escaped().unwrap(), "v1.0.0-!r!c");
    }
}
