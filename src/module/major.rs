//! The major version suffix of a module path.

use std::fmt;

use super::semver;
use super::version::InvalidVersion;

const UNSTABLE: &str = "-unstable";

/// The end of a module path that tells its major version: empty, `/vN`, or for gopkg.in `.vN` and
/// `.vN-unstable`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PathMajor<'a>(&'a str);

impl<'a> PathMajor<'a> {
    /// Gives the suffix as it stands in the path, with its slash or dot.
    pub fn as_str(self) -> &'a str {
        self.0
    }

    /// Tells whether the path has no suffix, that is, serves v0 and v1.
    pub fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    /// Gives the major version that tags of the module begin with: empty (v0 or v1) or `vN`.
    ///
    /// Rule: `module.PathMajorPrefix`. [`matches`](Self::matches) accepts a little more.
    pub fn major_prefix(self) -> &'a str {
        let stable = match self.0.strip_suffix(UNSTABLE) {
            Some(stable) if stable.starts_with(".v") => stable,
            _ => self.0,
        };
        stable.strip_prefix(['/', '.']).unwrap_or(stable)
    }

    /// Tells whether a version may belong to a module with this suffix; see [`check_path_major`].
    pub fn matches(self, version: &str) -> bool {
        check_path_major(version, self).is_ok()
    }
}

impl fmt::Display for PathMajor<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.0)
    }
}

/// Checks that a version may belong to a module with this suffix.
///
/// An empty suffix takes v0, v1 and everything `+incompatible`; a suffix takes its own major version.
/// One exception: `.v1` takes pseudo-versions `v0.0.0-…` too, because early releases of go made them
/// (gopkg.in/check.v1 v0.0.0-20161208181325-20d25e280405). Rule: `module.CheckPathMajor`.
pub fn check_path_major(version: &str, path_major: PathMajor<'_>) -> Result<(), InvalidVersion> {
    let wanted = path_major.major_prefix();
    // ".v1-unstable" counts as ".v1" here, "/v1" does not exist.
    if version.starts_with("v0.0.0-") && wanted == "v1" && path_major.0.starts_with('.') {
        return Ok(());
    }
    let found = semver::major(version);
    let (fits, described) = if path_major.is_empty() {
        let is_incompatible = semver::build(version) == "+incompatible";
        (matches!(found, "v0" | "v1") || is_incompatible, "v0 or v1")
    } else {
        (found == wanted, wanted)
    };
    if fits {
        return Ok(());
    }
    Err(InvalidVersion::new(
        version,
        format!("should be {described}, not {found}"),
    ))
}

/// Splits a module path before its major version suffix; `None` means that its end is no valid suffix,
/// such as `/v1`, `/v02` and `/v2.1`, or a gopkg.in path without one.
///
/// The path need not be a valid module path otherwise. Rule: `module.SplitPathVersion`.
pub fn split_path_version(path: &str) -> Option<(&str, PathMajor<'_>)> {
    if path.starts_with("gopkg.in/") {
        return split_gopkg_in(path);
    }
    let before = path.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    let number = &path[before.len()..];
    let Some(prefix) = before.strip_suffix("/v").filter(|_| !number.is_empty()) else {
        return Some((path, PathMajor("")));
    };
    if number.contains('.') || number.starts_with('0') || number == "1" {
        return None;
    }
    Some((prefix, PathMajor(&path[prefix.len()..])))
}

fn split_gopkg_in(path: &str) -> Option<(&str, PathMajor<'_>)> {
    let stable = path.strip_suffix(UNSTABLE).unwrap_or(path);
    let before = stable.trim_end_matches(|c: char| c.is_ascii_digit());
    let number = &path[before.len()..];
    let prefix = before.strip_suffix(".v")?;
    // The unstable form of v0 is refused by go as well, and one without a number is not.
    if number.is_empty() || (number.starts_with('0') && number != "0") {
        return None;
    }
    Some((prefix, PathMajor(&path[prefix.len()..])))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(path: &str) -> Option<(&str, &str)> {
        split_path_version(path).map(|(prefix, major)| (prefix, major.as_str()))
    }

    fn major(path: &str) -> PathMajor<'_> {
        split_path_version(path).unwrap().1
    }

    #[test]
    fn a_suffix_is_split_off() {
        assert_eq!(split("example.com/x"), Some(("example.com/x", "")));
        assert_eq!(split("example.com/x/v2"), Some(("example.com/x", "/v2")));
        assert_eq!(split("example.com/x/v10"), Some(("example.com/x", "/v10")));
        assert_eq!(split("example.com/xv2"), Some(("example.com/xv2", "")));
        assert_eq!(split("example.com/x/v"), Some(("example.com/x/v", "")));
    }

    #[test]
    fn a_suffix_that_cannot_be_is_told_apart_from_none() {
        for path in [
            "a.b/v0", "a.b/v1", "a.b/v02", "a.b/v2.", "a.b/v2.0", "a.b/v.",
        ] {
            assert_eq!(split(path), None, "{path}");
        }
    }

    #[test]
    fn gopkg_in_has_a_dot_and_every_number() {
        assert_eq!(split("gopkg.in/yaml.v0"), Some(("gopkg.in/yaml", ".v0")));
        assert_eq!(split("gopkg.in/yaml.v1"), Some(("gopkg.in/yaml", ".v1")));
        assert_eq!(
            split("gopkg.in/m/x.v3-unstable"),
            Some(("gopkg.in/m/x", ".v3-unstable"))
        );
        for path in [
            "gopkg.in/yaml",
            "gopkg.in/x/v2",
            "gopkg.in/x.v02",
            "gopkg.in/x.v0-unstable",
        ] {
            assert_eq!(split(path), None, "{path}");
        }
    }

    #[test]
    fn the_prefix_is_a_bare_major_version() {
        assert_eq!(major("a.b/x").major_prefix(), "");
        assert_eq!(major("a.b/x/v4").major_prefix(), "v4");
        assert_eq!(major("gopkg.in/x.v4-unstable").major_prefix(), "v4");
    }

    #[test]
    fn versions_are_matched_with_the_suffix() {
        assert!(major("a.b/x").matches("v1.9.0"));
        assert!(major("a.b/x").matches("v7.0.0+incompatible"));
        assert!(!major("a.b/x").matches("v2.0.0"));
        assert!(major("a.b/x/v2").matches("v2.0.0-rc.1"));
        assert!(!major("a.b/x/v2").matches("v20.0.0"));
        assert!(!major("a.b/x/v2").matches("bad"));
    }

    #[test]
    fn the_first_pseudo_versions_of_gopkg_v1_are_still_taken() {
        let early = "v0.0.0-20161208181325-20d25e280405";
        assert!(major("gopkg.in/check.v1").matches(early));
        assert!(major("gopkg.in/check.v1-unstable").matches(early));
        assert!(!major("gopkg.in/check.v2").matches(early));
        assert!(!major("gopkg.in/check.v1").matches("v0.1.0"));
    }

    #[test]
    fn the_error_tells_both_majors() {
        let error = check_path_major("v2.0.0", PathMajor("")).unwrap_err();
        assert_eq!(
            error.to_string(),
            r#"version "v2.0.0" invalid: should be v0 or v1, not v2"#
        );
        let error = check_path_major("v1.0.0", major("gopkg.in/x.v3-unstable")).unwrap_err();
        assert_eq!(error.reason(), "should be v3, not v1");
    }
}
