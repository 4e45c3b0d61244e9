//! The language of go.mod and go.work files.
//!
//! A file is a list of directives, one to a line or several in a parenthesised block, with `//` comments.
//! Some comments mean something: `// indirect` behind a requirement, the reason before a retraction, and
//! `// Deprecated:` before the module line. Reading has three layers: characters to tokens, tokens to
//! lines and blocks with their comments, and those to directives.
//!
//! There are three ways to read a go.mod file, as in `golang.org/x/mod/modfile`:
//!
//! - [`parse`] is strict: what it does not know is an error. For the main module.
//! - [`parse_lax`] looks only at `module`, `go`, `require`, `retract` and `ignore`, and lets pass what
//!   later versions of go may bring. For dependencies.
//! - [`module_path()`] finds the module line alone, in a file however broken.
//!
//! All versions must be versions, but for those of retractions, which nothing checks. Bytes that are no
//! UTF-8 count as U+FFFD, one for one. A file of more than 262,144 tokens is refused; its size in bytes is
//! for the caller to bound (go takes no go.mod above 16 MiB).

mod arguments;
mod directives;
pub mod go_version;
mod lexer;
mod parser;
mod quoting;
mod syntax;
mod work;

use std::borrow::Cow;

use crate::module::ModulePath;

pub use directives::{parse, parse_lax};
pub use quoting::{auto_quote, must_quote, unquote};
pub use syntax::{Problem, SyntaxError};
pub use work::{GoWork, parse_work};

/// Makes up the go.mod of a module that has none (`LegacyGoMod` in `modfetch/coderepo.go`).
pub fn made_up(path: &ModulePath) -> Vec<u8> {
    format!("module {}\n", auto_quote(path.as_str())).into_bytes()
}

/// What a go.mod file says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GoMod {
    /// The path of the module, not checked to be a valid one; `None` without a module line.
    pub module: Option<String>,
    /// The message of the module's deprecation.
    pub deprecated: Option<String>,
    /// The go version, such as `1.21` or `1.22.3`.
    pub go: Option<String>,
    /// The toolchain, such as `go1.22.3`. Strict only.
    pub toolchain: Option<String>,
    /// The settings `key=value`. Strict only.
    pub godebug: Vec<(String, String)>,
    /// The required modules.
    pub require: Vec<Require>,
    /// The excluded module versions, as path and version. Strict only.
    pub exclude: Vec<(String, String)>,
    /// The replacements. Strict only.
    pub replace: Vec<Replace>,
    /// The retracted versions of this module.
    pub retract: Vec<Retract>,
    /// The packages of tools. Strict only.
    pub tool: Vec<String>,
    /// The folders that package patterns pass over.
    pub ignore: Vec<String>,
    /// The lines with a version that is not canonical, such as `v1.2`. In the go.mod of a main module go
    /// takes it for a query and writes what that finds, which need not be `v1.2.0`. Strict only.
    pub shorthand: Vec<Problem>,
}

/// A required module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Require {
    /// The path of the module, with a fit major version suffix but not checked otherwise.
    pub path: String,
    /// The canonical version.
    pub version: String,
    /// Whether the line has the comment `// indirect`.
    pub indirect: bool,
}

/// A replacement of a module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replace {
    /// The path of the module that is replaced.
    pub path: String,
    /// The one version that is replaced; `None` stands for all of them.
    pub version: Option<String>,
    /// What comes in its place.
    pub replacement: Replacement,
}

/// What comes in the place of a module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Replacement {
    /// A folder, rooted or beginning with `.` or `..`.
    Directory(String),
    /// Another module.
    Module {
        /// The path of the module.
        path: String,
        /// The canonical version.
        version: String,
    },
}

impl Replacement {
    /// Gives the version of a module.
    pub fn version(&self) -> Option<&str> {
        match self {
            Replacement::Directory(_) => None,
            Replacement::Module { version, .. } => Some(version),
        }
    }
}

/// An interval of retracted versions, both ends included; the two are equal for a single version.
///
/// The ends are as written: neither need be canonical, or a version at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retract {
    /// The lowest version.
    pub low: String,
    /// The highest version.
    pub high: String,
    /// The comment at the line, or else the one at its block; lines are separated by `\n`.
    pub rationale: String,
}

/// Finds the module path in a go.mod file without reading the rest; empty where there is none.
///
/// Takes the first line that begins with `module` and has something behind it. Rule: `modfile.ModulePath`.
pub fn module_path(data: &[u8]) -> String {
    for line in decode(data).split('\n') {
        let code = line.split("//").next().unwrap_or(line).trim();
        let Some(rest) = code.strip_prefix("module") else {
            continue;
        };
        let path = rest.trim_start();
        if path.is_empty() || path.len() == rest.len() {
            continue;
        }
        if path.starts_with(['"', '`']) {
            return quoting::unquote(path).unwrap_or_default();
        }
        return path.to_owned();
    }
    String::new()
}

/// Takes bytes as UTF-8, with U+FFFD for each byte that is not, so that columns count as in go.
fn decode(data: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(data) {
        return Cow::Borrowed(text);
    }
    let mut text = String::with_capacity(data.len());
    for chunk in data.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER));
    }
    Cow::Owned(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_module_line_is_found_in_a_broken_file() {
        let data = b"}}}\nmodules x\nmodule\n  module\texample.com/x // ours\r\nmodule other";
        assert_eq!(module_path(data), "example.com/x");
    }

    #[test]
    fn a_quoted_module_path_is_unquoted() {
        assert_eq!(
            module_path(br#"module "example.com/\x78""#),
            "example.com/x"
        );
        assert_eq!(module_path(b"module `example.com/x`\r\n"), "example.com/x");
        assert_eq!(module_path(b"module \"example.com/x"), "");
    }

    #[test]
    fn a_file_without_module_line_has_no_path() {
        for data in [
            &b""[..],
            b"module",
            b"module\n",
            b"module // x",
            b"// module x",
            b"go 1.20",
        ] {
            assert_eq!(module_path(data), "");
        }
    }

    #[test]
    fn each_byte_that_is_no_utf8_is_one_character() {
        assert_eq!(decode(b"a\xe4\xb8z\xff"), "a\u{fffd}\u{fffd}z\u{fffd}");
    }
}
