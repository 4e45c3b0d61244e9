//! The module zip: which files of a tree belong to a module, how its zip is made and taken apart.
//!
//! A module zip holds `<path>@<version>/<file>` entries of regular files and nothing else, so that it
//! can be extracted on every file system that Go supports. The three steps:
//!
//! - [`classify`] sorts each file of a tree into included, omitted or invalid, with a [`Reason`] the
//!   user can see;
//! - [`create`] reads, hashes, compresses and extracts the included ones in a single pass on all
//!   threads, in bounded memory; a [`Pool`] does the work once for contents that versions share;
//! - [`extract`] takes apart a zip that somebody else made, trusting nothing in it, and an [`Arriving`] one while
//!   it is being downloaded; a [`Comparison`] holds a folder against it, [`ZipFiles`] reads single files of one.
//!
//! Source of the rules: the section "Module zip files" of the Go Modules Reference and
//! `golang.org/x/mod/zip`, as vendored by the go command.

mod arriving;
#[cfg(test)]
mod cases;
mod collisions;
mod compare;
mod create;
mod directory;
mod extract;
mod files;
mod line;
mod pool;
mod reader;
mod reason;
mod rules;
mod worker;
mod writer;

pub use arriving::{Arrived, Arriving};
pub use compare::{Comparison, Difference};
pub use create::{Cancelled, ContentReader, Contents, Control, Created, Plan, create};
pub use extract::{Extracted, Receiver, check, extract, extract_file};
pub use files::ZipFiles;
pub use pool::Pool;
pub use reason::{FileError, Reason, Refusal};
pub use rules::{FileKind, Report, SourceFile, VendorRule, classify, classify_by};

/// Bytes that a module zip may have, and that the files in it may have together (500 MiB).
pub const MAX_ZIP_FILE: u64 = 500 << 20;

/// Bytes that the go.mod in a module zip may have (16 MiB).
pub const MAX_GO_MOD: u64 = 16 << 20;

/// Bytes that the LICENSE in a module zip may have (16 MiB).
pub const MAX_LICENSE: u64 = 16 << 20;
