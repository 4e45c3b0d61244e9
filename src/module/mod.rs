//! Module paths and versions: what may be a name in the Go module world, and how names compare.
//!
//! A *module path* (`golang.org/x/text`, `gopkg.in/yaml.v2`) names a module. Its major version suffix, a
//! [`PathMajor`], says which major versions live under that path. A *version* is a semantic version in
//! canonical form, with an optional `+incompatible`; a *pseudo-version* ([`pseudo`]) is one that names a
//! commit without a tag. In file names and URLs both are written case-escaped (`!a` for `A`, see
//! [`escape_version`]), so that they survive file systems that ignore case.
//!
//! Everything here is pure: no file, no network, no clock. The rules are those of the packages
//! `golang.org/x/mod/module` and `golang.org/x/mod/semver`, to the wording of an error's reason, so that
//! what go refuses is refused for the reason go gives. Characters are judged by Unicode 15.0, as in Go's
//! own tables (Go 1.21 to 1.26).
//!
//! ```
//! use gomodcache::module::{ModulePath, Version};
//!
//! let path: ModulePath = "github.com/Azure/go-autorest/v14".parse()?;
//! let (prefix, major) = path.split_major();
//! assert_eq!((prefix, major.major_prefix()), ("github.com/Azure/go-autorest", "v14"));
//! assert_eq!(path.escaped(), "github.com/!azure/go-autorest/v14");
//! assert!(major.matches(Version::new("v14.2.0")?.as_str()));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod character;
mod element;
mod escape;
mod glob;
mod info;
mod info_json;
mod major;
mod path;
pub mod pseudo;
mod quoting;
pub mod semver;
mod time;
mod version;

pub use character::{fold_key, is_digit, is_letter, is_printable, is_space};
pub use element::{
    InvalidPath, PathKind, check_element, check_file_path, check_import_path, check_module_path,
};
pub use escape::{escape_version, unescape_version};
pub use glob::matches_prefix_patterns;
pub use info::{Info, Origin, escape_html};
pub use major::{PathMajor, check_path_major, split_path_version};
pub use path::ModulePath;
pub use quoting::{quote, quote_rune, split_quoted};
pub use time::{Time, rfc3339};
pub use version::{InvalidVersion, ModuleVersion, Version, VersionNoun, canonical_version};
