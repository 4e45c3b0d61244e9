//! The checksum database: which sums everybody else got.
//!
//! A checksum database (<https://go.dev/ref/mod#checksum-database>) is a list of go.sum lines that only ever
//! grows. It signs the hash of a tree over all its records, so that it cannot show one user another list than
//! the next, nor take anything back, without leaving a proof of it. A [`Client`] looks up a record, proves with
//! the tiles of the tree that the record is in it, and that the tree continues the last one that was seen.
//!
//! What it verifies is kept where go keeps it ([`Files`]). The rules are those of `golang.org/x/mod/sumdb` and
//! of `modfetch/sumdb.go`.

mod client;
mod database;
mod files;
mod note;
mod offered;
mod once;
mod proven;
mod security;
#[cfg(test)]
mod tests;
mod tile;
mod tiles;
mod tlog;
mod tree;

pub use client::{Client, Remote, Unlisted};
pub use database::{Database, is_asked_about};
pub use files::Files;
pub use note::{InvalidKey, InvalidNote, VerifierKey};
pub use offered::OfferedFile;
pub use once::Shared;
pub use security::{Misbehavior, SecurityError};
pub use tlog::Hash;
