//! `$GOMODCACHE` on disk, as the go command lays it out, locks it and writes it.
//!
//! A module version is a handful of files in `cache/download/<path>/@v` and a folder `<path>@<version>`.
//! A reader takes no lock: a version counts as soon as its files are there. So the order of writing is the
//! protocol ([`Cache::publish`]): everything is made under temporary names or behind a `.partial` file while
//! `<version>.lock` is held, and becomes visible by renames.
//!
//! Source of the rules: `cmd/go/internal/modfetch/cache.go` and `fetch.go` of go1.26.

mod check;
mod inventory;
mod layout;
mod list;
mod publish;
mod remove;
mod repair;
mod usage;

pub use inventory::{Holding, Inventory, Leftover, LeftoverKind};
pub use layout::{Cache, Extraction, File, State, versions_path};
pub use list::version_list;
pub use publish::{Content, Making, Parts, Published, Zip};
pub use remove::Removed;
pub use repair::Held;
