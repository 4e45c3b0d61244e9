//! `gomodcache` fills the Go module cache from git mirrors, byte for byte as the go command would.
//!
//! The rooms of this crate stand on floors; a room uses rooms on lower floors only:
//!
//! - floor 0, [`disk`]: file system calls that name their path, atomic files, locks, read-only trees.
//! - floor 1, [`module`]: module paths, versions, queries and pseudo-versions, [`gomod`]: the go.mod
//!   language, [`goenv`]: the only reader of the environment. All but the last are pure.
//! - floor 2, [`mirror`]: git facts, [`modzip`]: the module zip, [`checksum`]: dirhash and go.sum.

#![cfg_attr(not(test), warn(clippy::disallowed_methods))]

pub mod checksum;
pub mod disk;
pub mod goenv;
pub mod gomod;
pub mod mirror;
pub mod module;
pub mod modzip;
