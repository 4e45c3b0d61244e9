//! How versions of one path compare.

use std::cmp::Ordering;

use super::vertex::Vertex;
use crate::gomod::go_version;
use crate::module::semver;

/// Stands for no version of a path being selected; lower than all versions.
pub(super) const NONE: &str = "none";

/// Compares two versions of a path, those of Go and its toolchains by their own rules.
/// Rule: `gover.ModCompare`.
pub(super) fn precedence(path: &str, left: &str, right: &str) -> Ordering {
    match path {
        "go" => go_version::compare(left, right),
        "toolchain" => go_version::compare(toolchain_version(left), toolchain_version(right)),
        _ => semver::compare(left, right),
    }
}

/// Compares as [`precedence`], but no version, which a main module has, is above all.
/// Rule: `cmpVersion` in `modload/mvs.go`.
pub(super) fn compare(path: &str, left: &str, right: &str) -> Ordering {
    match (left.is_empty(), right.is_empty()) {
        (false, false) => precedence(path, left, right),
        (left, right) => left.cmp(&right),
    }
}

/// The order of roots and of the build list. Rule: `gover.ModSort`, and the text where that leaves it open.
pub(super) fn sorting(left: &Vertex, right: &Vertex) -> Ordering {
    left.path
        .cmp(&right.path)
        .then_with(|| precedence(&left.path, &left.version, &right.version))
        .then_with(|| left.version.cmp(&right.version))
}

/// Gives the version of Go that a toolchain is of; empty for what is none, such as `default`.
pub(super) fn toolchain_version(name: &str) -> &str {
    if go_version::is_valid(name) {
        return name;
    }
    let version = match name.strip_prefix("go") {
        Some(version) if !name.contains(['/', '\\']) => version,
        _ => return "",
    };
    // Builds of one's own have a suffix.
    let version = version.split([' ', '\t', '-']).next().unwrap_or(version);
    match go_version::is_valid(version) {
        true => version,
        false => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_by_the_rules_of_their_path() {
        for (path, lower, higher) in [
            ("example.com/m", "v1.9.0", "v1.10.0"),
            ("example.com/m", NONE, "v0.0.0-0"),
            ("go", "1.21rc1", "1.21.0"),
            ("go", NONE, "1.16"),
            ("toolchain", "go1.21.9", "go1.21.10-custom"),
            ("toolchain", "default", "go1.21.0"),
        ] {
            assert_eq!(compare(path, lower, higher), Ordering::Less, "{path}");
            assert_eq!(compare(path, higher, lower), Ordering::Greater, "{path}");
        }
        assert_eq!(compare("toolchain", "default", NONE), Ordering::Equal);
    }

    #[test]
    fn a_main_module_is_above_all_versions_of_its_path() {
        assert_eq!(compare("example.com/m", "", "v9.0.0"), Ordering::Greater);
        assert_eq!(compare("example.com/m", "v9.0.0", ""), Ordering::Less);
        assert_eq!(compare("example.com/m", "", ""), Ordering::Equal);
        assert_eq!(precedence("example.com/m", "", "v9.0.0"), Ordering::Less);
    }
}
