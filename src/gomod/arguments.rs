//! The arguments of directives that go.mod and go.work share. Errors are messages in Go's words.

use super::quoting::unquote;
use super::{Replace, Replacement, go_version};
use crate::module::{self, InvalidVersion};

/// How much of a file has to be understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Strictness {
    Strict,
    Lax,
}

/// Takes a token as text.
fn text(token: &str) -> Result<String, &'static str> {
    if token.starts_with('"') {
        return unquote(token).ok_or("invalid syntax");
    }
    // Other quotes are kept free for the future.
    if token.contains(['"', '\'', '`']) {
        return Err("unquoted string cannot contain quote");
    }
    Ok(token.to_owned())
}

/// Takes a token as a path.
pub(super) fn path(token: &str) -> Result<String, String> {
    text(token).map_err(|error| format!("invalid quoted string: {error}"))
}

/// Takes the one argument of a directive as a path.
pub(super) fn only_path(arguments: &[&str], usage: &str) -> Result<String, String> {
    match arguments {
        [token] => path(token),
        _ => Err(usage.to_owned()),
    }
}

/// Takes a token as a version of a module, in canonical form.
pub(super) fn version(verb: &str, path: &str, token: &str) -> Result<String, String> {
    let version = text(token).map_err(|error| at(verb, path, unreadable(token, error)))?;
    let canonical = module::canonical_version(&version);
    if canonical.is_empty() {
        let error = InvalidVersion::new(&version, "must be of the form v1.2.3".into());
        return Err(at(verb, path, error));
    }
    Ok(canonical)
}

/// Checks that a version may belong to a module path.
pub(super) fn check_major(verb: &str, path: &str, version: &str) -> Result<(), String> {
    let (_, major) = split_major(path)?;
    module::check_path_major(version, major).map_err(|error| at(verb, path, error))
}

/// Splits a module path; the message does not name the directive.
pub(super) fn split_major(path: &str) -> Result<(&str, module::PathMajor<'_>), String> {
    module::split_path_version(path).ok_or_else(|| "invalid module path".to_owned())
}

fn unreadable(token: &str, error: &str) -> InvalidVersion {
    InvalidVersion::new(token, error.to_owned())
}

fn at(verb: &str, path: &str, error: impl std::fmt::Display) -> String {
    match path {
        "" => format!("{verb}: {error}"),
        _ => format!("{verb} {path}: {error}"),
    }
}

/// Takes the version of a go directive.
pub(super) fn go<'a>(arguments: &[&'a str], strictness: Strictness) -> Result<&'a str, String> {
    let [version] = arguments else {
        return Err("go directive expects exactly one argument".into());
    };
    if go_version::is_directive(version) {
        return Ok(version);
    }
    let lenient = match strictness {
        Strictness::Strict => None,
        Strictness::Lax => go_version::lenient_directive(version),
    };
    lenient.ok_or_else(|| format!("invalid go version '{version}': must match format 1.23.0"))
}

/// Takes the name of a toolchain directive.
pub(super) fn toolchain(arguments: &[&str]) -> Result<String, String> {
    let [name] = arguments else {
        return Err("toolchain directive expects exactly one argument".into());
    };
    let is_name = match name.strip_prefix("go1") {
        Some(rest) => rest.is_empty() || rest.starts_with('.'),
        None => *name == "default",
    };
    if !is_name {
        return Err(format!(
            "invalid toolchain version '{name}': must match format go1.23.0 or default"
        ));
    }
    Ok((*name).to_owned())
}

/// Takes the setting of a godebug directive.
pub(super) fn godebug(arguments: &[&str]) -> Result<(String, String), String> {
    let setting = match arguments {
        [setting] if !setting.contains(['"', '`', '\'', ',']) => setting.split_once('='),
        _ => None,
    };
    let (key, value) = setting.ok_or("usage: godebug key=value")?;
    Ok((key.to_owned(), value.to_owned()))
}

/// Takes the versions of a retract directive, `v1.0.0` or `[v1.0.0, v1.9.0]`, and the tokens behind them.
pub(super) fn interval<'a, 'b>(
    arguments: &'b [&'a str],
) -> Result<(String, String, &'b [&'a str]), String> {
    let end =
        |token: &str| text(token).map_err(|error| at("retract", "", unreadable(token, error)));
    let expected = |what: &str| format!("expected {what}");
    match arguments {
        [] | ["(", ..] => Err(expected("'[' or version")),
        ["["] => Err(expected("version after '['")),
        ["[", low, rest @ ..] => {
            let low = end(low)?;
            let [",", rest @ ..] = rest else {
                return Err(expected("',' after version"));
            };
            let [high, rest @ ..] = rest else {
                return Err(expected("version after ','"));
            };
            let high = end(high)?;
            let ["]", rest @ ..] = rest else {
                return Err(expected("']' after version"));
            };
            Ok((low, high, rest))
        }
        [version, rest @ ..] => {
            let version = end(version)?;
            Ok((version.clone(), version, rest))
        }
    }
}

/// Takes the arguments of a replace directive, `path [version] => path version` or `… => directory`.
pub(super) fn replace(arguments: &[&str]) -> Result<Replace, String> {
    const VERB: &str = "replace";
    let (old, old_version, new, new_version) = match arguments {
        [old, "=>", new] => (old, None, new, None),
        [old, "=>", new, new_version] => (old, None, new, Some(new_version)),
        [old, version, "=>", new] => (old, Some(version), new, None),
        [old, version, "=>", new, new_version] if *version != "=>" => {
            (old, Some(version), new, Some(new_version))
        }
        _ => {
            return Err(format!(
                "usage: {VERB} module/path [v1.2.3] => other/module v1.4\n\t \
                 or {VERB} module/path [v1.2.3] => ../local/directory"
            ));
        }
    };
    let old = path(old)?;
    split_major(&old).map_err(|error| at(VERB, &old, error))?;
    let old_version = match old_version {
        None => None,
        Some(token) => {
            let old_version = version(VERB, &old, token)?;
            check_major(VERB, &old, &old_version)?;
            Some(old_version)
        }
    };
    let replacement = replacement(VERB, &path(new)?, new_version.copied())?;
    Ok(Replace {
        path: old,
        version: old_version,
        replacement,
    })
}

fn replacement(verb: &str, new: &str, new_version: Option<&str>) -> Result<Replacement, String> {
    let is_directory = is_directory_path(new);
    let Some(token) = new_version else {
        return match new {
            _ if is_directory && new.contains('\\') && cfg!(not(windows)) => Err(
                "replacement directory appears to be Windows path (on a non-windows system)".into(),
            ),
            _ if is_directory => Ok(Replacement::Directory(new.to_owned())),
            _ if new.contains('@') => Err(
                "replacement module must match format 'path version', not 'path@version'".into(),
            ),
            _ => Err("replacement module without version must be directory path \
                      (rooted or starting with . or ..)"
                .into()),
        };
    };
    let version = version(verb, new, token)?;
    if is_directory {
        let quoted = module::quote(new);
        return Err(format!(
            "replacement module directory path {quoted} cannot have version"
        ));
    }
    Ok(Replacement::Module {
        path: new.to_owned(),
        version,
    })
}

/// Tells a folder from a module, on every system alike since a go.mod file travels.
/// Rule: `modfile.IsDirectoryPath`.
fn is_directory_path(path: &str) -> bool {
    let is_relative = |dots: &str| {
        path.strip_prefix(dots)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '\\']))
    };
    let has_drive = matches!(path.as_bytes(), [drive, b':', ..] if drive.is_ascii_alphabetic());
    is_relative(".") || is_relative("..") || path.starts_with(['/', '\\']) || has_drive
}
