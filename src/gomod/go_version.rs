//! Versions of Go itself: `1.21`, `1.21rc2`, `1.21.3`, without a `go` in front.
//!
//! They are not semantic versions. From 1.21 on, `1.21` is the language and older than `1.21rc1`, which is
//! older than the first release `1.21.0`; before, `1.20` is the release. Rules: `internal/gover`. For a
//! go version of a go.mod file, [`lang`] and [`compare`] give what `go/version` gives for `go1.21`.

use std::cmp::Ordering;

/// The pieces of a version; the numbers stay text, since they have no limit.
#[derive(Debug, Default, PartialEq, Eq)]
struct Pieces<'a> {
    major: &'a str,
    minor: &'a str,
    /// Empty for a language version and a pre-release.
    patch: &'a str,
    /// `alpha`, `beta`, `rc` or another word; empty for a release.
    kind: &'a str,
    prerelease: &'a str,
}

/// Compares two versions; all that are malformed are equal and come first. Rule: `gover.Compare`.
pub fn compare(left: &str, right: &str) -> Ordering {
    let (left, right) = (
        parse(left).unwrap_or_default(),
        parse(right).unwrap_or_default(),
    );
    compare_numbers(left.major, right.major)
        .then_with(|| compare_numbers(left.minor, right.minor))
        .then_with(|| compare_numbers(left.patch, right.patch))
        .then_with(|| left.kind.cmp(right.kind))
        .then_with(|| compare_numbers(left.prerelease, right.prerelease))
}

/// Gives the language version, such as `1.21` of `1.21.3`; empty for what is malformed.
/// Rule: `gover.Lang`, where the language of `1.0` is `1`.
pub fn lang(version: &str) -> String {
    match parse(version).unwrap_or_default() {
        Pieces {
            major: "1",
            minor: "0",
            ..
        } => "1".to_owned(),
        Pieces {
            major, minor: "", ..
        } => major.to_owned(),
        Pieces { major, minor, .. } => format!("{major}.{minor}"),
    }
}

/// Tells whether a text is a version of Go.
pub fn is_valid(version: &str) -> bool {
    parse(version).is_some()
}

/// Tells whether a version names the language and no release. Rule: `gover.IsLang`.
pub fn is_lang(version: &str) -> bool {
    parse(version).is_some_and(|pieces| {
        pieces.patch.is_empty() && pieces.kind.is_empty() && pieces.prerelease.is_empty()
    })
}

/// Tells whether a text may stand in a go directive, which leaves some room for the future.
pub(super) fn is_directive(version: &str) -> bool {
    let Some((_, _, rest)) = split_language(version) else {
        return false;
    };
    let rest = match rest.strip_prefix('.') {
        None => rest,
        Some(patch) => match split_number(patch) {
            Some((_, rest)) => rest,
            None => return false,
        },
    };
    let number = rest.trim_start_matches(|c: char| c.is_ascii_lowercase());
    let has_kind = number.len() < rest.len();
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    rest.is_empty() || (has_kind && is_number)
}

/// Finds the language version in a go directive that is none of those, such as `v1.20` with a suffix;
/// what a dependency says is not to fail a build.
pub(super) fn lenient_directive(version: &str) -> Option<&str> {
    let version = version.strip_prefix('v').unwrap_or(version);
    let (_, _, rest) = split_language(version)?;
    let is_suffix = !rest.is_empty() && !rest.starts_with(|c: char| c.is_ascii_digit());
    (is_suffix && !rest.chars().skip(1).any(|c| c == '\n'))
        .then(|| version.strip_suffix(rest))
        .flatten()
}

/// Splits `major.minor` off the front, where major is not 0.
fn split_language(version: &str) -> Option<(&str, &str, &str)> {
    let (major, rest) = split_number(version)?;
    let (minor, rest) = split_number(rest.strip_prefix('.')?)?;
    (major != "0").then_some((major, minor, rest))
}

fn parse(version: &str) -> Option<Pieces<'_>> {
    let (major, rest) = split_number(version)?;
    if rest.is_empty() {
        return Some(Pieces {
            major,
            minor: "0",
            patch: "0",
            ..Pieces::default()
        });
    }
    let (minor, rest) = split_number(rest.strip_prefix('.')?)?;
    if rest.is_empty() {
        let is_release = compare_numbers(minor, "21").is_lt();
        let patch = if is_release { "0" } else { "" };
        return Some(Pieces {
            major,
            minor,
            patch,
            ..Pieces::default()
        });
    }
    if let Some(patch) = rest.strip_prefix('.') {
        let (patch, rest) = split_number(patch)?;
        return rest.is_empty().then(|| Pieces {
            major,
            minor,
            patch,
            ..Pieces::default()
        });
    }
    let number = rest.trim_start_matches(|c: char| c.is_ascii_lowercase());
    let kind = rest.strip_suffix(number).filter(|kind| !kind.is_empty())?;
    let prerelease = match number {
        "" => "",
        _ => split_number(number).filter(|(_, rest)| rest.is_empty())?.0,
    };
    Some(Pieces {
        major,
        minor,
        patch: "",
        kind,
        prerelease,
    })
}

/// Splits a number off the front; it has no needless zero.
fn split_number(text: &str) -> Option<(&str, &str)> {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (number, rest) = text.split_at(end);
    let is_fit = !number.is_empty() && (number == "0" || !number.starts_with('0'));
    is_fit.then_some((number, rest))
}

fn compare_numbers(left: &str, right: &str) -> Ordering {
    left.len().cmp(&right.len()).then_with(|| left.cmp(right))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_comes_before_its_candidates_and_releases() {
        let ascending = [
            "",
            "1",
            "1.2.1",
            "1.9",
            "1.20rc1",
            "1.20",
            "1.21",
            "1.21alpha1",
            "1.21rc1",
            "1.21rc2",
            "1.21rc10",
            "1.21.0",
            "1.21.10",
            "1.22",
            "2.0",
        ];
        for pair in ascending.windows(2) {
            assert_eq!(compare(pair[0], pair[1]), Ordering::Less, "{pair:?}");
        }
        assert_eq!(compare("1.20", "1.20.0"), Ordering::Equal);
        assert_eq!(compare("go1.20", "1.x"), Ordering::Equal);
    }

    #[test]
    fn the_language_is_major_and_minor() {
        for (version, language) in [
            ("1.21.3", "1.21"),
            ("1.22rc1", "1.22"),
            ("1.9", "1.9"),
            ("1", "1"),
            ("1.0", "1"),
            ("2", "2.0"),
            ("", ""),
            ("1.021", ""),
            ("1.2.3rc1", ""),
            ("v1.2", ""),
        ] {
            assert_eq!(lang(version), language, "{version}");
        }
        assert!(is_lang("1.21") && !is_lang("1.20") && !is_lang("1.21.0") && !is_lang("1.21rc1"));
    }

    #[test]
    fn a_directive_is_read_with_some_room() {
        for version in ["1.0", "1.20", "1.21.3", "2.7", "1.22rc2", "1.22.1abc3"] {
            assert!(is_directive(version), "{version}");
        }
        for version in [
            "1", "v1.20", "1.20x", "0.1", "1.05", "1.2.3.4", "1.2-rc1", "1.2.", "1.2rc1a",
        ] {
            assert!(!is_directive(version), "{version}");
        }
        assert_eq!(lenient_directive("v1.20.x"), Some("1.20"));
        assert_eq!(lenient_directive("1.20-custom"), Some("1.20"));
        assert_eq!(lenient_directive("v1.20"), None);
        assert_eq!(lenient_directive("1.05x"), None);
        assert_eq!(lenient_directive("one"), None);
    }
}
