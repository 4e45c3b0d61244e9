//! Pseudo-versions: versions that name a commit which has no tag of its own.
//!
//! | form | after the newest tag before the commit |
//! |---|---|
//! | `vX.0.0-yyyymmddhhmmss-abcdef123456` | none of major version X |
//! | `vX.Y.(Z+1)-0.yyyymmddhhmmss-abcdef123456` | `vX.Y.Z` |
//! | `vX.Y.Z-pre.0.yyyymmddhhmmss-abcdef123456` | `vX.Y.Z-pre` |
//!
//! The last two may end in `+incompatible`. So a pseudo-version sorts after the tag that it is based on
//! and before every tag that can follow. Time is the commit's, in UTC; the revision is the first twelve
//! digits of the hash. Rules: `golang.org/x/mod/module/pseudo.go`; Go modules reference, "Pseudo-versions".

use super::quoting::quote;
use super::version::InvalidVersion;
use super::{semver, time};

/// Gives a moment in seconds since 1970 as a pseudo-version has it: `20171214130843`.
pub fn format_time(unix_seconds: i64) -> String {
    time::compact(unix_seconds)
}

/// Makes a pseudo-version of a major version (`v2`; empty is `v0`), the tag that it is based on (empty
/// when there is none), the commit's time in seconds since 1970, and the revision.
pub fn pseudo_version(major: &str, older: &str, unix_seconds: i64, revision: &str) -> String {
    let segment = format!("{}-{revision}", format_time(unix_seconds));
    let build = semver::build(older);
    let Some(older) = semver::canonical(older) else {
        let major = if major.is_empty() { "v0" } else { major };
        return format!("{major}.0.0-{segment}");
    };
    if !semver::prerelease(&older).is_empty() {
        return format!("{older}.0.{segment}{build}");
    }
    let (major_minor, patch) = older.rsplit_once('.').unwrap_or((&older, "0"));
    format!("{major_minor}.{}-0.{segment}{build}", increment(patch))
}

/// Tells whether a version is a pseudo-version.
pub fn is_pseudo_version(version: &str) -> bool {
    PseudoVersion::parse(version).is_ok()
}

/// A pseudo-version, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PseudoVersion<'a> {
    version: &'a str,
    /// `vX.0.0`, `vX.Y.Z-0` or `vX.Y.Z-pre.0`.
    front: &'a str,
    timestamp: &'a str,
    revision: &'a str,
    build: &'a str,
}

impl<'a> PseudoVersion<'a> {
    /// Takes a pseudo-version apart; any other text is a `syntax error`. The time is not looked at yet.
    pub fn parse(version: &'a str) -> Result<Self, InvalidVersion> {
        split(version).ok_or_else(|| InvalidVersion::pseudo(version, "syntax error".into()))
    }

    /// Gives the time in seconds since 1970; 14 digits that are no moment are an error.
    pub fn time(&self) -> Result<i64, InvalidVersion> {
        time::parse_compact(self.timestamp)
            .ok_or_else(|| self.refused(format!("malformed time {}", quote(self.timestamp))))
    }

    /// Gives the revision: by custom twelve digits of the commit hash, but any letters and digits will do.
    pub fn revision(&self) -> &'a str {
        self.revision
    }

    /// Gives the version that this one is based on, with its `+incompatible`; `None` in the form `vX.0.0-…`.
    ///
    /// The form without base cannot be `+incompatible`, and nothing comes before patch 0; both are errors
    /// (the public index has a few of either).
    pub fn base(&self) -> Result<Option<String>, InvalidVersion> {
        let build = self.build;
        match semver::prerelease(self.front) {
            "" if build.is_empty() => Ok(None),
            "" => {
                let build = quote(build);
                Err(self.refused(format!(
                    "lacks base version, but has build metadata {build}"
                )))
            }
            "-0" => {
                let next = self.front.strip_suffix("-0").unwrap_or(self.front);
                let (major_minor, patch) = next.rsplit_once('.').unwrap_or((next, "0"));
                match decrement(patch) {
                    Some(patch) => Ok(Some(format!("{major_minor}.{patch}{build}"))),
                    None => Err(self.refused(format!(
                        "version before {next} would have negative patch number"
                    ))),
                }
            }
            _ => {
                let base = self.front.strip_suffix(".0").unwrap_or(self.front);
                Ok(Some(format!("{base}{build}")))
            }
        }
    }

    fn refused(&self, reason: String) -> InvalidVersion {
        InvalidVersion::pseudo(self.version, reason)
    }
}

fn split(version: &str) -> Option<PseudoVersion<'_>> {
    let prerelease = semver::prerelease(version);
    let build = semver::build(version);
    let core = version.strip_suffix(build)?.strip_suffix(prerelease)?;
    let (before, revision) = prerelease.strip_prefix('-')?.rsplit_once('-')?;
    let (label, timestamp) = before.split_at_checked(before.len().checked_sub(14)?)?;
    let is_based = label == "0." || label.ends_with(".0.");
    let is_first = label.is_empty() && core.ends_with(".0.0");
    let is_time = timestamp.bytes().all(|byte| byte.is_ascii_digit());
    let is_revision = !revision.is_empty() && revision.bytes().all(|b| b.is_ascii_alphanumeric());
    if !((is_based || is_first) && is_time && is_revision) {
        return None;
    }
    let front = if is_first {
        core
    } else {
        version.get(..core.len() + "-".len() + label.len() - ".".len())?
    };
    Some(PseudoVersion {
        version,
        front,
        timestamp,
        revision,
        build,
    })
}

/// Adds one to a number of any length.
fn increment(number: &str) -> String {
    let kept = number.trim_end_matches('9');
    let zeros = "0".repeat(number.len() - kept.len());
    match kept.char_indices().next_back() {
        Some((last, digit)) => format!("{}{}{zeros}", &kept[..last], next_digit(digit)),
        None => format!("1{zeros}"),
    }
}

/// Takes one from a number of any length; `None` for zero.
fn decrement(number: &str) -> Option<String> {
    let kept = number.trim_end_matches('0');
    let nines = "9".repeat(number.len() - kept.len());
    let (last, digit) = kept.char_indices().next_back()?;
    let front = &kept[..last];
    if front.is_empty() && digit == '1' && !nines.is_empty() {
        return Some(nines);
    }
    Some(format!("{front}{}{nines}", previous_digit(digit)))
}

fn next_digit(digit: char) -> char {
    char::from_digit(digit.to_digit(10).map_or(0, |value| (value + 1) % 10), 10).unwrap_or('0')
}

fn previous_digit(digit: char) -> char {
    char::from_digit(digit.to_digit(10).map_or(0, |value| (value + 9) % 10), 10).unwrap_or('0')
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIME: i64 = 1_513_256_923; // 2017-12-14 13:08:43
    const REVISION: &str = "f21a4dfb5e38";

    fn reason(error: InvalidVersion) -> String {
        error.to_string()
    }

    #[test]
    fn each_form_is_made_and_taken_apart() {
        for (major, older, made) in [
            ("v2", "", "v2.0.0-20171214130843-f21a4dfb5e38"),
            ("", "", "v0.0.0-20171214130843-f21a4dfb5e38"),
            ("v1", "v1.2.9", "v1.2.10-0.20171214130843-f21a4dfb5e38"),
            (
                "v1",
                "v1.2.99-rc.1",
                "v1.2.99-rc.1.0.20171214130843-f21a4dfb5e38",
            ),
            (
                "",
                "v2.0.0+incompatible",
                "v2.0.1-0.20171214130843-f21a4dfb5e38+incompatible",
            ),
            (
                "",
                "v2.0.0-a+incompatible",
                "v2.0.0-a.0.20171214130843-f21a4dfb5e38+incompatible",
            ),
        ] {
            assert_eq!(pseudo_version(major, older, TIME, REVISION), made);
            let parsed = PseudoVersion::parse(made).unwrap();
            assert_eq!(parsed.time(), Ok(TIME));
            assert_eq!(parsed.revision(), REVISION);
            assert_eq!(parsed.base().unwrap().unwrap_or_default(), older, "{made}");
        }
    }

    #[test]
    fn other_versions_are_no_pseudo_versions() {
        for version in [
            "v1.0.0",
            "v1.1.0-20171214130843-f21a4dfb5e38",
            "v1.0.0-2017121413084-f21a4dfb5e38",
            "v1.0.1-1.20171214130843-f21a4dfb5e38",
            "v1.0.0-20171214130843-f21a4dfb5e3.8",
            "v1.0.0-20171214130843",
            "v1.0.0-x0.20171214130843-abc",
            "1.0.0-20171214130843-abc",
        ] {
            assert!(!is_pseudo_version(version), "{version}");
        }
        assert_eq!(
            reason(PseudoVersion::parse("v1.0.0").unwrap_err()),
            r#"pseudo-version "v1.0.0" invalid: syntax error"#
        );
    }

    #[test]
    fn a_time_must_be_on_the_calendar() {
        let parsed = PseudoVersion::parse("v0.0.0-20171314130843-f21a4dfb5e38").unwrap();
        assert_eq!(
            reason(parsed.time().unwrap_err()),
            "pseudo-version \"v0.0.0-20171314130843-f21a4dfb5e38\" invalid: \
             malformed time \"20171314130843\""
        );
    }

    #[test]
    fn a_base_that_cannot_be_is_an_error() {
        let version = "v1.2.0-0.20171214130843-f21a4dfb5e38";
        assert_eq!(
            reason(PseudoVersion::parse(version).unwrap().base().unwrap_err()),
            format!(
                "pseudo-version \"{version}\" invalid: \
                 version before v1.2.0 would have negative patch number"
            )
        );
        let version = "v3.0.0-20171214130843-f21a4dfb5e38+incompatible";
        assert_eq!(
            reason(PseudoVersion::parse(version).unwrap().base().unwrap_err()),
            format!(
                "pseudo-version \"{version}\" invalid: \
                 lacks base version, but has build metadata \"+incompatible\""
            )
        );
    }

    #[test]
    fn patch_numbers_carry() {
        for (number, next) in [("0", "1"), ("9", "10"), ("199", "200"), ("999", "1000")] {
            assert_eq!(increment(number), next);
            assert_eq!(decrement(next).as_deref(), Some(number));
        }
        assert_eq!(decrement("0"), None);
    }
}
