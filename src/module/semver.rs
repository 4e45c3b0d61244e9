//! Semantic versions with a leading `v`, as `golang.org/x/mod/semver` has them.
//!
//! Two things differ from semver.org: the `v` is required, and `v1` and `v1.2` stand for `v1.0.0` and
//! `v1.2.0`. Numbers may have any number of digits; they are compared as text and never converted.

use std::cmp::Ordering;

/// The pieces of a valid version; the suffixes keep their `-` and `+`.
struct Pieces<'a> {
    major: &'a str,
    minor: &'a str,
    patch: &'a str,
    /// What a canonical version would have and this shorthand has not.
    missing: &'static str,
    prerelease: &'a str,
    build: &'a str,
}

/// Tells whether a text is a semantic version.
pub fn is_valid(version: &str) -> bool {
    parse(version).is_some()
}

/// Gives the canonical form: all three numbers, no build metadata. `None` for what is no version.
pub fn canonical(version: &str) -> Option<String> {
    let pieces = parse(version)?;
    let without_build = version.strip_suffix(pieces.build).unwrap_or(version);
    Some(format!("{without_build}{}", pieces.missing))
}

/// Gives the major version (`v2`), or nothing for what is no version.
pub fn major(version: &str) -> &str {
    match parse(version) {
        Some(pieces) => version.get(..1 + pieces.major.len()).unwrap_or(""),
        None => "",
    }
}

/// Gives major and minor version (`v2.1`), or nothing for what is no version.
pub fn major_minor(version: &str) -> String {
    match parse(version) {
        Some(pieces) => format!("v{}.{}", pieces.major, pieces.minor),
        None => String::new(),
    }
}

/// Gives the pre-release with its dash (`-rc.1`), or nothing.
pub fn prerelease(version: &str) -> &str {
    parse(version).map_or("", |pieces| pieces.prerelease)
}

/// Gives the build metadata with its plus (`+incompatible`), or nothing.
pub fn build(version: &str) -> &str {
    parse(version).map_or("", |pieces| pieces.build)
}

/// Compares two versions by precedence; what is no version comes before all versions and is equal to
/// its like. Build metadata does not count.
pub fn compare(left: &str, right: &str) -> Ordering {
    match (parse(left), parse(right)) {
        (None, None) => Ordering::Equal,
        (None, Some(_)) => Ordering::Less,
        (Some(_), None) => Ordering::Greater,
        (Some(left), Some(right)) => compare_numbers(left.major, right.major)
            .then_with(|| compare_numbers(left.minor, right.minor))
            .then_with(|| compare_numbers(left.patch, right.patch))
            .then_with(|| compare_prereleases(left.prerelease, right.prerelease)),
    }
}

/// Sorts versions by precedence, and those of equal precedence as text.
pub fn sort(versions: &mut [String]) {
    versions.sort_by(|left, right| compare(left, right).then_with(|| left.cmp(right)));
}

fn parse(version: &str) -> Option<Pieces<'_>> {
    let (major, rest) = split_number(version.strip_prefix('v')?)?;
    let mut pieces = Pieces {
        major,
        minor: "0",
        patch: "0",
        missing: ".0.0",
        prerelease: "",
        build: "",
    };
    if rest.is_empty() {
        return Some(pieces);
    }
    let (minor, rest) = split_number(rest.strip_prefix('.')?)?;
    pieces.minor = minor;
    pieces.missing = ".0";
    if rest.is_empty() {
        return Some(pieces);
    }
    let (patch, rest) = split_number(rest.strip_prefix('.')?)?;
    pieces.patch = patch;
    pieces.missing = "";
    let (prerelease, build) = rest.split_at(rest.find('+').unwrap_or(rest.len()));
    let is_identifier = |text: &str| {
        !text.is_empty()
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    if !prerelease.is_empty() {
        let is_fit =
            |text: &str| is_identifier(text) && !(is_number(text) && has_zero_in_front(text));
        prerelease
            .strip_prefix('-')?
            .split('.')
            .all(is_fit)
            .then_some(())?;
        pieces.prerelease = prerelease;
    }
    if let Some(metadata) = build.strip_prefix('+') {
        metadata.split('.').all(is_identifier).then_some(())?;
        pieces.build = build;
    }
    Some(pieces)
}

/// Splits a number off the front; it has no needless zero.
fn split_number(text: &str) -> Option<(&str, &str)> {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (number, rest) = text.split_at(end);
    (!number.is_empty() && !has_zero_in_front(number)).then_some((number, rest))
}

fn has_zero_in_front(number: &str) -> bool {
    number.len() > 1 && number.starts_with('0')
}

fn is_number(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Numbers without needless zeros: the longer is the larger.
fn compare_numbers(left: &str, right: &str) -> Ordering {
    left.len().cmp(&right.len()).then_with(|| left.cmp(right))
}

fn compare_prereleases(left: &str, right: &str) -> Ordering {
    // A release comes after its pre-releases.
    match (left.is_empty(), right.is_empty()) {
        (true, true) => return Ordering::Equal,
        (true, false) => return Ordering::Greater,
        (false, true) => return Ordering::Less,
        (false, false) => {}
    }
    // The dash in front is no part of the first identifier: with it a number would not be one.
    let left = left.strip_prefix('-').unwrap_or(left).split('.');
    let right = right.strip_prefix('-').unwrap_or(right).split('.');
    left.clone()
        .zip(right.clone())
        .map(|(left, right)| compare_identifiers(left, right))
        .find(|order| order.is_ne())
        .unwrap_or_else(|| left.count().cmp(&right.count()))
}

fn compare_identifiers(left: &str, right: &str) -> Ordering {
    match (is_number(left), is_number(right)) {
        (true, true) => compare_numbers(left, right),
        (true, false) => Ordering::Less,
        (false, true) => Ordering::Greater,
        (false, false) => left.cmp(right),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_forms_are_filled_up_and_build_metadata_is_dropped() {
        assert_eq!(canonical("v1").as_deref(), Some("v1.0.0"));
        assert_eq!(canonical("v1.2").as_deref(), Some("v1.2.0"));
        assert_eq!(
            canonical("v1.2.3-rc.1+meta.7").as_deref(),
            Some("v1.2.3-rc.1")
        );
        assert_eq!(canonical("v0.0.0+incompatible").as_deref(), Some("v0.0.0"));
    }

    #[test]
    fn what_is_no_version_has_no_pieces() {
        for text in [
            "",
            "v",
            "1.2.3",
            "V1.2.3",
            "v1.",
            "v01.2.3",
            "v1.2.3.4",
            "v1.2-rc",
            "v1+meta",
            "v1.2.3-",
            "v1.2.3+",
            "v1.2.3-a..b",
            "v1.2.3-01",
            "v1.2.3-é",
            "v1.2.3+a+b",
            "v1.2.3 ",
            "v-1.0.0",
        ] {
            assert!(!is_valid(text), "{text}");
            assert_eq!(canonical(text), None, "{text}");
            assert_eq!(
                (major(text), build(text), prerelease(text)),
                ("", "", ""),
                "{text}"
            );
        }
    }

    #[test]
    fn pieces_keep_their_marks() {
        let version = "v10.20.30-alpha-1.0a+build.007";
        assert_eq!(major(version), "v10");
        assert_eq!(major_minor(version), "v10.20");
        assert_eq!(major_minor("v4"), "v4.0");
        assert_eq!(prerelease(version), "-alpha-1.0a");
        assert_eq!(build(version), "+build.007");
    }

    #[test]
    fn order_is_that_of_semantic_versioning() {
        let ascending = [
            "bad",
            "v0.0.0-0",
            "v0.0.0",
            "v1.0.0--",
            "v1.0.0-alpha",
            "v1.0.0-alpha.1",
            "v1.0.0-alpha.beta",
            "v1.0.0-beta.2",
            "v1.0.0-beta.11",
            "v1.0.0-rc.1",
            "v1.0.0",
            "v1.2",
            "v1.10.0",
            "v2",
        ];
        for (index, left) in ascending.iter().enumerate() {
            for right in &ascending[index + 1..] {
                assert_eq!(compare(left, right), Ordering::Less, "{left} {right}");
                assert_eq!(compare(right, left), Ordering::Greater, "{right} {left}");
            }
        }
        assert_eq!(compare("v1", "v1.0.0+meta"), Ordering::Equal);
        assert_eq!(compare("", "bad"), Ordering::Equal);
    }

    #[test]
    fn numbers_have_no_upper_limit() {
        let nines = format!("v{}.0.0", "9".repeat(60));
        let power = format!("v1{}.0.0", "0".repeat(60));
        assert_eq!(compare(&nines, &power), Ordering::Less);
        assert_eq!(
            compare(
                "v1.0.0-99999999999999999999",
                "v1.0.0-100000000000000000000"
            ),
            Ordering::Less
        );
    }

    #[test]
    fn versions_of_equal_precedence_sort_as_text() {
        let mut versions = ["v1.10.0", "v1.0.0+b", "v1", "v1.0.0+a", "v1.9.0"].map(String::from);
        sort(&mut versions);
        assert_eq!(
            versions,
            ["v1", "v1.0.0+a", "v1.0.0+b", "v1.9.0", "v1.10.0"]
        );
    }
}
