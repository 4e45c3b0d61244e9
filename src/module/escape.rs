//! Case escaping: `!a` for `A`, so that names stay apart where the file system ignores case.

use super::element::{PathKind, check_element};
use super::quoting::quote;
use super::version::InvalidVersion;

/// Gives the case-escaped form of a version or another revision name.
///
/// It must be good as a file name and free of `!`. Rule: `module.EscapeVersion`. Unlike a canonical
/// version, a branch name may break it.
pub fn escape_version(version: &str) -> Result<String, InvalidVersion> {
    let is_file_name = check_element(version, PathKind::File).is_ok();
    if !is_file_name || version.contains('!') {
        return Err(InvalidVersion::new(
            version,
            "disallowed version string".into(),
        ));
    }
    if !version.is_ascii() {
        let reason = "internal error: inconsistency in EscapePath"; // Go's words for it
        return Err(InvalidVersion::new(version, reason.into()));
    }
    Ok(escape(version))
}

/// Gives the version whose case-escaped form this is. Rule: `module.UnescapeVersion`.
pub fn unescape_version(escaped: &str) -> Result<String, InvalidVersion> {
    let refused = |cause: &str| {
        InvalidVersion::new(
            escaped,
            format!("invalid escaped version {}{cause}", quote(escaped)),
        )
    };
    let version = unescape(escaped).ok_or_else(|| refused(""))?;
    match check_element(&version, PathKind::File) {
        Ok(()) => Ok(version),
        Err(error) => Err(refused(&format!(": {error}"))),
    }
}

/// Escapes a text that has no `!`.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_ascii_uppercase() {
            escaped.push('!');
        }
        escaped.push(character.to_ascii_lowercase());
    }
    escaped
}

/// Undoes [`escape`]; `None` when the text is not the escaped form of any other.
pub(super) fn unescape(escaped: &str) -> Option<String> {
    let mut text = String::with_capacity(escaped.len());
    let mut characters = escaped.chars();
    while let Some(character) = characters.next() {
        text.push(match character {
            '!' => characters
                .next()
                .filter(char::is_ascii_lowercase)?
                .to_ascii_uppercase(),
            'A'..='Z' => return None,
            _ if !character.is_ascii() => return None,
            _ => character,
        });
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_escaped_and_come_back() {
        assert_eq!(escape_version("v1.0.0-RC1").unwrap(), "v1.0.0-!r!c1");
        assert_eq!(unescape_version("v1.0.0-!r!c1").unwrap(), "v1.0.0-RC1");
    }

    #[test]
    fn names_that_cannot_be_files_are_refused() {
        for name in ["feature/x", "a!b", "", "con", "a*"] {
            let error = escape_version(name).unwrap_err();
            assert_eq!(error.reason(), "disallowed version string", "{name}");
        }
        assert!(escape_version("größe").is_err());
        assert!(unescape_version("V1").is_err());
        assert!(unescape_version("v1/x").is_err());
    }
}
