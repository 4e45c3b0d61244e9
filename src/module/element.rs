//! The characters and shapes that a module path, an import path or a file path may have.

use std::fmt;

use super::character::is_letter;
use super::major::split_path_version;
use super::quoting::{quote, quote_rune};

/// The kinds of path; each allows a larger set of characters than the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathKind {
    /// The path of a module: ASCII letters and digits and `-._~`.
    Module,
    /// The path of a package: besides, `+`.
    Import,
    /// The name of a file in a module: besides, all letters, the space and most ASCII punctuation.
    File,
}

impl PathKind {
    fn noun(self) -> &'static str {
        match self {
            PathKind::Module => "module",
            PathKind::Import => "import",
            PathKind::File => "file",
        }
    }

    fn allows(self, character: char) -> bool {
        let in_module_path = character.is_ascii_alphanumeric() || "-._~".contains(character);
        match self {
            PathKind::Module => in_module_path,
            PathKind::Import => in_module_path || character == '+',
            // What shells or Windows treat specially (" ' * < > ? ` | / \ :) is missing on purpose.
            PathKind::File if character.is_ascii() => {
                in_module_path || "!#$%&()+,=@[]^{} ".contains(character)
            }
            PathKind::File => is_letter(character),
        }
    }
}

/// A path that breaks a rule; it displays as the reason alone, in Go's words (`invalid char '*'`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidPath {
    kind: PathKind,
    path: String,
    reason: String,
}

impl InvalidPath {
    /// Gives the reason alone.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// Gives the path that was refused.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Gives Go's whole sentence, such as `malformed module path "foo": missing dot in first path element`.
    pub fn sentence(&self) -> String {
        let Self { kind, path, reason } = self;
        format!("malformed {} path {}: {reason}", kind.noun(), quote(path))
    }

    pub(super) fn new(kind: PathKind, path: &str, reason: String) -> Self {
        let path = path.to_owned();
        InvalidPath { kind, path, reason }
    }
}

impl fmt::Display for InvalidPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.reason)
    }
}

impl std::error::Error for InvalidPath {}

/// Checks that a slash-separated path may name a file in a module.
///
/// The path must be relative, without empty elements, with no element that is all dots, ends in a dot or
/// is a reserved name on Windows, and with allowed characters only. Rule: `module.CheckFilePath`. A path
/// that is no UTF-8 is refused by go as well (`invalid UTF-8`); that is for the caller to see.
pub fn check_file_path(path: &str) -> Result<(), InvalidPath> {
    check_path(path, PathKind::File)
        .map_err(|reason| InvalidPath::new(PathKind::File, path, reason))
}

/// Checks that a path may be imported. Rule: `module.CheckImportPath`.
pub fn check_import_path(path: &str) -> Result<(), InvalidPath> {
    check_path(path, PathKind::Import)
        .map_err(|reason| InvalidPath::new(PathKind::Import, path, reason))
}

/// Checks that a path may name a module. Rule: `module.CheckPath`.
pub fn check_module_path(path: &str) -> Result<(), InvalidPath> {
    check_path(path, PathKind::Module)
        .and_then(|()| check_domain(path))
        .map_err(|reason| InvalidPath::new(PathKind::Module, path, reason))
}

/// Checks one element of a path, that is what stands between two slashes.
pub fn check_element(element: &str, kind: PathKind) -> Result<(), InvalidPath> {
    element_reason(element, kind).map_err(|reason| InvalidPath::new(kind, element, reason))
}

fn check_path(path: &str, kind: PathKind) -> Result<(), String> {
    if path.is_empty() {
        return Err("empty string".into());
    }
    if path.starts_with('-') && kind != PathKind::File {
        return Err("leading dash".into());
    }
    if path.contains("//") {
        return Err("double slash".into());
    }
    if path.ends_with('/') {
        return Err("trailing slash".into());
    }
    path.split('/')
        .try_for_each(|element| element_reason(element, kind))
}

/// The first element of a module path is a domain name in lower case, and the last one a fit suffix.
fn check_domain(path: &str) -> Result<(), String> {
    let domain = path.split('/').next().unwrap_or(path);
    if !domain.contains('.') {
        return Err("missing dot in first path element".into());
    }
    let is_allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.';
    if let Some(character) = domain.chars().find(|&c| !is_allowed(c)) {
        return Err(format!(
            "invalid char {} in first path element",
            quote_rune(character)
        ));
    }
    match split_path_version(path) {
        Some(_) => Ok(()),
        None => Err("invalid version".into()),
    }
}

fn element_reason(element: &str, kind: PathKind) -> Result<(), String> {
    if element.is_empty() {
        return Err("empty path element".into());
    }
    if element.bytes().all(|byte| byte == b'.') {
        return Err(format!("invalid path element {}", quote(element)));
    }
    if element.starts_with('.') && kind == PathKind::Module {
        return Err("leading dot in path element".into());
    }
    if element.ends_with('.') {
        return Err("trailing dot in path element".into());
    }
    if let Some(character) = element.chars().find(|&character| !kind.allows(character)) {
        return Err(format!("invalid char {}", quote_rune(character)));
    }
    let stem = element.split('.').next().unwrap_or(element);
    if is_reserved_on_windows(stem) {
        return Err(format!(
            "{} disallowed as path element component on Windows",
            quote(stem)
        ));
    }
    if kind != PathKind::File && looks_like_short_name(stem) {
        return Err("trailing tilde and digits in path element".into());
    }
    Ok(())
}

/// Reserved in every folder, in whatever case, and also with an extension. Folding beyond ASCII does not
/// matter here: none of these letters has a partner there.
fn is_reserved_on_windows(stem: &str) -> bool {
    let lower = stem.to_ascii_lowercase();
    match lower
        .strip_prefix("com")
        .or_else(|| lower.strip_prefix("lpt"))
    {
        Some(number) => matches!(number.as_bytes(), [b'1'..=b'9']),
        None => matches!(lower.as_str(), "con" | "prn" | "aux" | "nul"),
    }
}

/// Windows makes names such as `PROGRA~1` for long ones; a path must not be mistaken for one of them.
fn looks_like_short_name(stem: &str) -> bool {
    stem.rsplit_once('~').is_some_and(|(_, number)| {
        !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file_reason(path: &str) -> String {
        check_file_path(path).unwrap_err().to_string()
    }

    fn module_reason(path: &str) -> String {
        check_module_path(path).unwrap_err().to_string()
    }

    #[test]
    fn file_names_may_have_letters_of_any_script_and_most_punctuation() {
        for path in [
            "README",
            ".github/x.yml",
            "-dash",
            "übung/文.txt",
            "a b",
            "!#$%&()+,-.=@[]^_{}~",
        ] {
            assert_eq!(check_file_path(path), Ok(()), "{path}");
        }
    }

    #[test]
    fn file_names_are_refused_in_the_words_of_go() {
        assert_eq!(file_reason(""), "empty string");
        assert_eq!(file_reason("a//b"), "double slash");
        assert_eq!(file_reason("a/"), "trailing slash");
        assert_eq!(file_reason("/a"), "empty path element");
        assert_eq!(file_reason("a/../b"), r#"invalid path element "..""#);
        assert_eq!(file_reason("a./b"), "trailing dot in path element");
        assert_eq!(file_reason("x*y"), "invalid char '*'");
        assert_eq!(file_reason("it's"), r"invalid char '\''");
        assert_eq!(file_reason("a\\b"), r"invalid char '\\'");
        assert_eq!(file_reason("snow\u{2603}"), "invalid char '☃'");
        assert_eq!(file_reason("e\u{301}"), "invalid char '\u{301}'");
        assert_eq!(file_reason("a\u{200b}"), r"invalid char '\u200b'");
        assert_eq!(
            file_reason("x/Aux.tar.gz"),
            r#""Aux" disallowed as path element component on Windows"#
        );
    }

    #[test]
    fn only_the_nine_numbered_ports_are_reserved() {
        assert!(check_file_path("com9").is_err());
        assert_eq!(check_file_path("com0"), Ok(()));
        assert_eq!(check_file_path("lpt10"), Ok(()));
        assert_eq!(check_file_path("console"), Ok(()));
    }

    #[test]
    fn short_names_are_refused_in_module_paths_only() {
        assert_eq!(
            module_reason("example.com/progra~1"),
            "trailing tilde and digits in path element"
        );
        assert_eq!(check_file_path("progra~1"), Ok(()));
        assert_eq!(check_module_path("example.com/a~b"), Ok(()));
    }

    #[test]
    fn a_module_path_begins_with_a_domain_in_lower_case() {
        assert_eq!(module_reason("text"), "missing dot in first path element");
        assert_eq!(
            module_reason("GitHub.com/x"),
            "invalid char 'G' in first path element"
        );
        assert_eq!(module_reason("-a.com/x"), "leading dash");
        assert_eq!(
            module_reason("example.com/.x"),
            "leading dot in path element"
        );
        assert_eq!(module_reason("example.com/x+y"), "invalid char '+'");
        assert_eq!(check_import_path("text/x+y"), Ok(()));
    }

    #[test]
    fn a_module_path_ends_in_a_fit_major_version() {
        for path in [
            "example.com/x/v1",
            "example.com/x/v02",
            "example.com/x/v2.1",
            "gopkg.in/x",
        ] {
            assert_eq!(module_reason(path), "invalid version", "{path}");
        }
    }

    #[test]
    fn the_sentence_names_kind_and_path() {
        let error = check_module_path("foo").unwrap_err();
        assert_eq!(
            error.sentence(),
            r#"malformed module path "foo": missing dot in first path element"#
        );
    }
}
