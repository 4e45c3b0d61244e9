//! What can be wrong with a cache, in words.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use crate::cache::LeftoverKind;
use crate::checksum::Mismatch;
use crate::module::{ModulePath, ModuleVersion};
use crate::modzip::Difference;

/// Something that is wrong.
#[derive(Clone, Debug)]
pub struct Finding {
    /// With what.
    pub subject: Subject,
    /// What.
    pub fault: Fault,
}

/// What a finding is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// A version.
    Version(ModuleVersion),
    /// All of a module.
    Module(ModulePath),
    /// A file or folder.
    Path(PathBuf),
}

impl fmt::Display for Subject {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Subject::Version(module) => write!(formatter, "{module}"),
            Subject::Module(path) => write!(formatter, "{path}"),
            Subject::Path(path) => write!(formatter, "{}", path.display()),
        }
    }
}

/// What is wrong.
#[derive(Clone, Debug)]
pub enum Fault {
    /// The zip is none that go would take.
    Zip(String),
    /// The zip has another sum than a go.sum file or a checksum database says.
    ZipSum(Mismatch),
    /// The zip has another sum than its `.ziphash`, and nothing tells which is right.
    ZipAgainstHash(Mismatch),
    /// The `.ziphash` is missing, or not the sum of the zip, which is right.
    Hash(String),
    /// The folder has not the files of the zip, or not the sum.
    Folder(BTreeMap<String, Difference>),
    /// The folder, without a zip, has another sum than recorded.
    FolderSum(Mismatch),
    /// The folder was left while it was being extracted.
    Unfinished,
    /// The `.info` cannot be used.
    Info(String),
    /// The `.mod` cannot be used.
    GoMod(String),
    /// The `.mod` has another sum than a go.sum file or a checksum database says.
    GoModSum(Mismatch),
    /// The list of versions is not that of the `.mod` files.
    List,
    /// A name that no version accounts for.
    Leftover(LeftoverKind),
}

impl Fault {
    /// Tells whether content is not what was recorded of it.
    pub fn is_content(&self) -> bool {
        match self {
            Fault::Zip(_)
            | Fault::ZipSum(_)
            | Fault::ZipAgainstHash(_)
            | Fault::Folder(_)
            | Fault::FolderSum(_)
            | Fault::GoModSum(_) => true,
            Fault::Hash(_)
            | Fault::Unfinished
            | Fault::Info(_)
            | Fault::GoMod(_)
            | Fault::List
            | Fault::Leftover(_) => false,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sums = |it: &Mismatch| {
            format!(
                "has sum {}, and {} says {}",
                it.found, it.recorder, it.recorded
            )
        };
        match self {
            Fault::Zip(reason) => write!(formatter, "zip is damaged: {reason}"),
            Fault::ZipSum(mismatch) | Fault::ZipAgainstHash(mismatch) => {
                write!(formatter, "zip {}", sums(mismatch))
            }
            Fault::Hash(reason) => write!(formatter, ".ziphash {reason}"),
            Fault::Folder(files) => {
                write!(formatter, "folder differs from the zip: {}", list(files))
            }
            Fault::FolderSum(mismatch) => write!(formatter, "folder {}", sums(mismatch)),
            Fault::Unfinished => formatter.write_str("folder was not extracted to the end"),
            Fault::Info(reason) => write!(formatter, ".info {reason}"),
            Fault::GoMod(reason) => write!(formatter, ".mod {reason}"),
            Fault::GoModSum(mismatch) => write!(formatter, "go.mod {}", sums(mismatch)),
            Fault::List => formatter.write_str("list of versions is not that of the .mod files"),
            Fault::Leftover(LeftoverKind::Temporary) => {
                formatter.write_str("temporary file of a run that was killed")
            }
            Fault::Leftover(LeftoverKind::Foreign) => {
                formatter.write_str("neither go nor gomodcache gives such a name")
            }
        }
    }
}

/// Names the first few files that differ.
fn list(files: &BTreeMap<String, Difference>) -> String {
    const SHOWN: usize = 5;
    let mut names: Vec<String> = files
        .iter()
        .take(SHOWN)
        .map(|(name, difference)| match difference {
            Difference::Missing => format!("{name} is missing"),
            Difference::Changed => format!("{name} is changed"),
            Difference::Extra => format!("{name} is not in the zip"),
        })
        .collect();
    if files.len() > SHOWN {
        names.push(format!("and {} more", files.len() - SHOWN));
    }
    names.join(", ")
}
