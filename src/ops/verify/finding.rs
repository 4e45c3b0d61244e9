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

/// What is wrong; displays as a sentence about [`Fault::part`].
#[derive(Clone, Debug)]
pub enum Fault {
    /// The zip is none that go would take.
    Zip(String),
    /// The zip has another sum than a go.sum file or a checksum database says.
    ZipSum(Mismatch),
    /// There is no sum in the `.ziphash`.
    NoHash {
        /// The sum that it should have.
        sum: String,
        /// Who speaks for this sum.
        backing: Backing,
    },
    /// The `.ziphash` has another sum than zip, or folder where there is no zip.
    OtherHash {
        /// Both sums.
        mismatch: Mismatch,
        /// Who speaks for the sum of the zip.
        backing: Backing,
    },
    /// The folder has not the files of the zip.
    Folder(BTreeMap<String, Difference>),
    /// The folder, without a sound zip, has another sum than recorded.
    FolderSum(Mismatch),
    /// The folder was left while it was being extracted.
    Unfinished,
    /// The folder has neither zip nor `.ziphash`.
    Orphan,
    /// The `.info` cannot be used.
    Info(String),
    /// The `.mod` cannot be used.
    GoMod(String),
    /// The `.mod` has another sum than a go.sum file or a checksum database says.
    GoModSum(Mismatch),
    /// The record of a checksum database cannot be read.
    Record {
        /// Where it is.
        file: PathBuf,
        /// Why not.
        reason: String,
    },
    /// Neither a go.sum file nor a checksum database has a sum, although one must.
    Uncovered,
    /// Something cannot be read.
    Unreadable(String),
    /// The list of versions is not that of the `.mod` files.
    List,
    /// A name that no version accounts for.
    Leftover(LeftoverKind),
}

/// Who speaks for a zip that its `.ziphash` does not speak for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backing {
    /// A go.sum file or a checksum database.
    Recorded,
    /// The folder, which has its files.
    Folder,
    /// Nobody.
    Nobody,
}

impl Fault {
    /// Tells whether content is not what was recorded of it.
    pub fn is_content(&self) -> bool {
        match self {
            Fault::OtherHash { backing, .. } => *backing != Backing::Recorded,
            Fault::Zip(_)
            | Fault::ZipSum(_)
            | Fault::Folder(_)
            | Fault::FolderSum(_)
            | Fault::GoModSum(_) => true,
            Fault::NoHash { .. }
            | Fault::Unfinished
            | Fault::Orphan
            | Fault::Info(_)
            | Fault::GoMod(_)
            | Fault::Record { .. }
            | Fault::Uncovered
            | Fault::Unreadable(_)
            | Fault::List
            | Fault::Leftover(_) => false,
        }
    }

    /// Names what it is about.
    pub fn part(&self) -> &'static str {
        match self {
            Fault::Zip(_) | Fault::ZipSum(_) | Fault::Uncovered => "zip",
            Fault::NoHash { .. } | Fault::OtherHash { .. } => "ziphash",
            Fault::Folder(_) | Fault::FolderSum(_) | Fault::Unfinished | Fault::Orphan => "folder",
            Fault::Info(_) => "info",
            Fault::GoMod(_) | Fault::GoModSum(_) => "mod",
            Fault::Record { .. } => "record",
            Fault::Unreadable(_) => "version",
            Fault::List => "list",
            Fault::Leftover(_) => "leftover",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Zip(reason) => write!(formatter, "is damaged: {reason}"),
            Fault::ZipSum(it) | Fault::FolderSum(it) | Fault::GoModSum(it) => write!(
                formatter,
                "has sum {}, and {} says {}",
                it.found, it.recorder, it.recorded
            ),
            Fault::NoHash { .. } => formatter.write_str("holds no sum"),
            Fault::OtherHash { mismatch, backing } => write!(
                formatter,
                "is {}, and the zip has sum {}{}",
                mismatch.recorded,
                mismatch.found,
                match backing {
                    Backing::Recorded => ", as it must",
                    Backing::Folder => ", as the folder has",
                    Backing::Nobody => "",
                }
            ),
            Fault::Folder(files) => write!(formatter, "differs from the zip: {}", list(files)),
            Fault::Unfinished => formatter.write_str("was not extracted to the end"),
            Fault::Orphan => formatter.write_str("has neither zip nor hash: go does not use it"),
            Fault::Info(reason) | Fault::GoMod(reason) => formatter.write_str(reason),
            Fault::Record { file, reason } => write!(formatter, "{reason}: {}", file.display()),
            Fault::Uncovered => formatter
                .write_str("has a sum in no go.sum file, and in no record of a checksum database"),
            Fault::Unreadable(reason) => write!(formatter, "cannot be verified: {reason}"),
            Fault::List => formatter.write_str("is not that of the .mod files"),
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
            Difference::NoFile => format!("{name} is no plain file"),
            Difference::Unreadable => format!("{name} cannot be read"),
        })
        .collect();
    if files.len() > SHOWN {
        names.push(format!("and {} more", files.len() - SHOWN));
    }
    names.join(", ")
}
