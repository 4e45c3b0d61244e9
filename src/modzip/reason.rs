//! Why a file is left out of a module zip, or why a module cannot have it, in Go's words.

use std::fmt;

use super::{MAX_GO_MOD, MAX_LICENSE, MAX_ZIP_FILE};
use crate::module::{InvalidPath, quote};

/// Why a file is omitted from a module zip, or makes the module invalid.
///
/// [`fmt::Display`] gives the words of `golang.org/x/mod/zip`, without the file's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Omitted: the file is in a vendored package.
    Vendored,
    /// Omitted: the file is below a folder that has a go.mod of its own, in whatever case.
    NestedModule,
    /// Omitted: `.hg_archival.txt`, which `hg archive` makes; Go drops it whatever the repository is.
    HgArchival,
    /// Omitted: a symbolic link (Go issue 27093).
    Symlink,
    /// Invalid: the path has empty, `.` or `..` elements.
    NotClean,
    /// Invalid: the path starts with a slash.
    NotRelative,
    /// Invalid: `module.CheckFilePath` refuses the path.
    Malformed(InvalidPath),
    /// Invalid: a root go.mod with capitals in its name.
    GoModCase,
    /// Invalid: another file or folder has the same name under Unicode case folding.
    CaseCollision {
        /// The name that came first.
        first: String,
        /// The name that collides with it.
        second: String,
    },
    /// Invalid: this name is a file and a folder.
    FileAndFolder(String),
    /// Invalid: this name comes more than once.
    Repeated(String),
    /// Invalid: go.mod has more than [`MAX_GO_MOD`] bytes.
    GoModTooLarge,
    /// Invalid: LICENSE has more than [`MAX_LICENSE`] bytes.
    LicenseTooLarge,
    /// Invalid in a zip: the name does not start with this `<path>@<version>/`.
    NoPrefix(String),
    /// Invalid in a zip: this path is not UTF-8.
    NotUtf8(Vec<u8>),
    /// Invalid in a zip: a go.mod below the root.
    NestedGoMod,
}

impl fmt::Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::Vendored => formatter.write_str("file is in vendor directory"),
            Reason::NestedModule => formatter.write_str("file is in another module"),
            Reason::HgArchival => {
                formatter.write_str("file is inserted by 'hg archive' and is always omitted")
            }
            Reason::Symlink => formatter.write_str("file is a symbolic link"),
            Reason::NotClean => formatter.write_str("file path is not clean"),
            Reason::NotRelative => formatter.write_str("file path is not relative"),
            Reason::Malformed(error) => formatter.write_str(&error.sentence()),
            Reason::GoModCase => formatter.write_str("go.mod files must have lowercase names"),
            Reason::CaseCollision { first, second } => write!(
                formatter,
                "case-insensitive file name collision: {} and {}",
                quote(first),
                quote(second)
            ),
            Reason::FileAndFolder(path) => {
                write!(
                    formatter,
                    "entry {} is both a file and a directory",
                    quote(path)
                )
            }
            Reason::Repeated(path) => {
                write!(formatter, "multiple entries for file {}", quote(path))
            }
            Reason::GoModTooLarge => write!(
                formatter,
                "go.mod file too large (max size is {MAX_GO_MOD} bytes)"
            ),
            Reason::LicenseTooLarge => write!(
                formatter,
                "LICENSE file too large (max size is {MAX_LICENSE} bytes)"
            ),
            Reason::NoPrefix(prefix) => {
                write!(formatter, "path does not have prefix {}", quote(prefix))
            }
            Reason::NotUtf8(path) => {
                write!(
                    formatter,
                    "malformed file path {}: invalid UTF-8",
                    quote_bytes(path)
                )
            }
            Reason::NestedGoMod => formatter.write_str("go.mod file not in module root directory"),
        }
    }
}

/// Quotes what may not be UTF-8, other bytes as `\xff`.
fn quote_bytes(bytes: &[u8]) -> String {
    let mut quoted = String::from("\"");
    for chunk in bytes.utf8_chunks() {
        let valid = quote(chunk.valid());
        quoted += valid.get(1..valid.len() - 1).unwrap_or_default();
        for byte in chunk.invalid() {
            quoted += &format!("\\x{byte:02x}");
        }
    }
    quoted + "\""
}

/// A file that a module cannot have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileError {
    /// The file's name, as the tree or the zip spells it.
    pub path: String,
    /// Why the module cannot have it.
    pub reason: Reason,
}

impl fmt::Display for FileError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.path, self.reason)
    }
}

impl std::error::Error for FileError {}

/// Why a tree or a zip is no valid module: what goes into the error that the user sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The files of a tree have more than [`MAX_ZIP_FILE`] bytes together.
    TreeTooLarge,
    /// The files of a zip have more than [`MAX_ZIP_FILE`] bytes together.
    ContentTooLarge,
    /// The zip itself has this many bytes, more than [`MAX_ZIP_FILE`].
    ZipTooLarge(u64),
    /// These files are invalid, in the order in which they were met; never empty.
    Files(Vec<FileError>),
}

/// Invalid files that an error lists one a line; Go lists them all, however many there are.
const LISTED_FILES: usize = 20;

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::TreeTooLarge => write!(
                formatter,
                "module source tree too large (max size is {MAX_ZIP_FILE} bytes)"
            ),
            Refusal::ContentTooLarge => write!(
                formatter,
                "total uncompressed size of module contents too large (max size is {MAX_ZIP_FILE} bytes)"
            ),
            Refusal::ZipTooLarge(size) => write!(
                formatter,
                "module zip file is too large ({size} bytes; limit is {MAX_ZIP_FILE} bytes)"
            ),
            Refusal::Files(files) => {
                for (number, file) in files.iter().take(LISTED_FILES).enumerate() {
                    let separator = if number == 0 { "" } else { "\n" };
                    write!(formatter, "{separator}{file}")?;
                }
                match files.len().saturating_sub(LISTED_FILES) {
                    0 => Ok(()),
                    1 => write!(formatter, "\nand 1 more invalid file"),
                    more => write!(formatter, "\nand {more} more invalid files"),
                }
            }
        }
    }
}

impl std::error::Error for Refusal {}

#[cfg(test)]
mod tests {
    use super::*;

    fn repeated(count: usize) -> Refusal {
        let file = |number| FileError {
            path: format!("f{number}"),
            reason: Reason::NotClean,
        };
        Refusal::Files((0..count).map(file).collect())
    }

    #[test]
    fn a_refusal_lists_one_file_a_line() {
        assert_eq!(
            repeated(2).to_string(),
            "f0: file path is not clean\nf1: file path is not clean"
        );
    }

    #[test]
    fn a_long_refusal_counts_what_it_does_not_list() {
        let text = repeated(LISTED_FILES + 1).to_string();
        assert!(text.ends_with("\nf19: file path is not clean\nand 1 more invalid file"));
        let text = repeated(1000).to_string();
        assert!(text.ends_with("\nf19: file path is not clean\nand 980 more invalid files"));
    }
}
