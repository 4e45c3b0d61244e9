//! `gomodcache` fills the Go module cache from git mirrors and module proxies, byte for byte as the go command would.
//!
//! The rooms of this crate stand on floors. A room uses rooms on lower floors only, never one beside it; a
//! test holds them to it. Folders are nouns of the Go module world, files in [`ops`] and [`cli`] its verbs.
//!
//! - floor 0, [`disk`]: file system calls that name their path, atomic files, locks, read-only trees.
//! - floor 1, [`module`]: module paths, versions and pseudo-versions (pure).
//! - floor 2, [`gomod`]: the go.mod language (pure), [`goenv`]: the only reader of the environment, [`web`]:
//!   the one HTTP client.
//! - floor 3, [`mirror`]: git facts, [`modzip`]: the module zip, [`checksum`]: dirhash and go.sum, [`query`]:
//!   version queries, [`gosource`]: the heads of Go source files (pure). They know nothing of each other.
//! - floor 4, [`coderepo`]: a module inside a repository, [`proxy`]: modules behind a
//!   GOPROXY, [`cache`]: the module cache on disk, [`toolchain`]: Go releases as modules.
//! - floor 5, [`source`]: where a module comes from, [`graph`]: the module graph of a project,
//!   [`bundle`]: the file that crosses an air gap, [`server`]: the GOPROXY protocol over HTTP.
//! - floor 6, [`ops`]: one file a verb. Options in, outcome out, nothing printed.
//! - floor 7, [`cli`]: one file a command, and all that prints.

#![cfg_attr(not(test), warn(clippy::disallowed_methods))]

pub mod bundle;
pub mod cache;
pub mod checksum;
pub mod cli;
pub mod coderepo;
pub mod disk;
pub mod goenv;
pub mod gomod;
pub mod gosource;
pub mod graph;
pub mod mirror;
pub mod module;
pub mod modzip;
pub mod ops;
pub mod proxy;
pub mod query;
pub mod server;
pub mod source;
pub mod toolchain;
pub mod web;
