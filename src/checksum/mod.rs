//! Checksums of modules: the sum of a tree ([`dirhash`]) and the file that records them ([`gosum`]).
//!
//! A module version has two sums, one of its zip and one of its go.mod file alone, both written `h1:…`.
//! The sum is over names and contents only, so that two zips with other compression, order or dates have
//! the same one. A go.sum file has a line for each:
//!
//! ```text
//! golang.org/x/text v0.3.0 h1:g61tztE5qeGQ89tm6NTjjM9VPIm088od1l6aSorWRWg=
//! golang.org/x/text v0.3.0/go.mod h1:NqM8EUOU14njkJ3fqMW+pc6Ldnwhi/IjpwHt7yyuwOQ=
//! ```

pub mod dirhash;
mod gate;
pub mod gosum;
mod mismatch;
pub mod sumdb;
mod zip_names;

pub use gate::SumFiles;
pub use gosum::{GoSum, Verdict};
pub use mismatch::{Mismatch, Part};
