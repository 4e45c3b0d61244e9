//! The path of a module.

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;

use super::element::{InvalidPath, PathKind, check_module_path};
use super::escape::{escape, unescape};
use super::major::{PathMajor, split_path_version};
use super::quoting::quote;

/// A valid module path, such as `golang.org/x/text` or `rsc.io/quote/v3`.
///
/// Valid means the rules of `module.CheckPath`; the order is that of the bytes, as in go.sum.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModulePath(String);

impl ModulePath {
    /// The module whose versions are Go's own releases. No go.sum can list it, and no repository has it.
    pub const TOOLCHAIN: &str = "golang.org/toolchain";

    /// Takes a text as a module path; the error tells which rule it breaks.
    pub fn new(path: &str) -> Result<Self, InvalidPath> {
        check_module_path(path)?;
        Ok(ModulePath(path.to_owned()))
    }

    /// Gives the path as text, not escaped.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Tells whether the versions of the module are Go's own releases.
    pub fn is_toolchain(&self) -> bool {
        self.0 == ModulePath::TOOLCHAIN
    }

    /// Splits the path before its major version suffix.
    pub fn split_major(&self) -> (&str, PathMajor<'_>) {
        split_path_version(&self.0).unwrap_or((&self.0, PathMajor::default()))
    }

    /// Gives the case-escaped path, as file names of the cache and URLs of a proxy have it.
    pub fn escaped(&self) -> String {
        escape(&self.0)
    }

    /// Takes a case-escaped path. Rule: `module.UnescapePath`.
    pub fn unescape(escaped: &str) -> Result<Self, InvalidPath> {
        let refused = |cause: &str| {
            let reason = format!("invalid escaped module path {}{cause}", quote(escaped));
            InvalidPath::new(PathKind::Module, escaped, reason)
        };
        let path = unescape(escaped).ok_or_else(|| refused(""))?;
        ModulePath::new(&path).map_err(|error| refused(&format!(": {}", error.sentence())))
    }
}

impl FromStr for ModulePath {
    type Err = InvalidPath;

    fn from_str(path: &str) -> Result<Self, InvalidPath> {
        ModulePath::new(path)
    }
}

impl fmt::Display for ModulePath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0)
    }
}

impl AsRef<str> for ModulePath {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for ModulePath {
    fn borrow(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capitals_are_escaped_and_come_back() {
        let path = ModulePath::new("github.com/BurntSushi/TOML").unwrap();
        assert_eq!(path.escaped(), "github.com/!burnt!sushi/!t!o!m!l");
        assert_eq!(ModulePath::unescape(&path.escaped()), Ok(path));
    }

    #[test]
    fn an_escaped_path_has_no_capitals_and_no_stray_mark() {
        for escaped in [
            "github.com/Azure",
            "github.com/!",
            "github.com/!A",
            "github.com/!1",
        ] {
            let error = ModulePath::unescape(escaped).unwrap_err();
            assert_eq!(
                error.to_string(),
                format!("invalid escaped module path \"{escaped}\"")
            );
        }
    }

    #[test]
    fn an_escaped_path_must_be_a_path_when_unescaped() {
        assert_eq!(
            ModulePath::unescape("!a.com/x").unwrap_err().to_string(),
            "invalid escaped module path \"!a.com/x\": malformed module path \"A.com/x\": \
             invalid char 'A' in first path element"
        );
    }

    #[test]
    fn the_suffix_can_be_split_off() {
        let path = ModulePath::new("example.com/x/v3").unwrap();
        let (prefix, major) = path.split_major();
        assert_eq!((prefix, major.as_str()), ("example.com/x", "/v3"));
    }
}
