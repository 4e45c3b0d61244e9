//! Version queries: which version of a module `latest`, `v1.2`, `>=v1.3.0` or the name of a revision means.
//!
//! A [`Repo`] tells what there is: the versions, what a revision is, the newest of all, a version's go.mod.
//! A [`Resolver`] asks it for as little as a query needs and decides, whether a git repository or a module
//! proxy answers. What it looked at on the way it keeps, because the go command writes that to the cache.
//!
//! Source of the rules: `cmd/go/internal/modload/query.go` of go1.26, and the Go Modules Reference,
//! "Version queries".

mod matcher;
mod refusal;
mod resolve;
mod retractions;

use anyhow::Result;

use crate::module::{Info, ModulePath, Origin};

pub use refusal::{Found, NotFound, is_not_found};
pub use resolve::{Consulted, Metadata, QueryContext, Resolved, Resolver, nearest};
pub use retractions::Retractions;

/// A module as a git repository or a module proxy has it (`modfetch.Repo`).
pub trait Repo {
    /// The module path.
    fn path(&self) -> &ModulePath;

    /// Lists the versions that begin with `prefix`.
    ///
    /// # Errors
    /// [`NotFound`] where there is no such module; whatever keeps the list from being read.
    fn versions(&self, prefix: &str) -> Result<Listing>;

    /// Resolves the name of a version, tag, branch or commit to a canonical version.
    ///
    /// # Errors
    /// [`NotFound`] when there is none; why it is refused.
    fn stat(&self, revision: &str) -> Result<Info>;

    /// Resolves what is newest, where no version is better.
    ///
    /// # Errors
    /// [`NotFound`] when there is nothing.
    fn latest(&self) -> Result<Info>;

    /// Gives the go.mod of a version that has been resolved: the file, or the one that go makes up for a
    /// module without.
    ///
    /// # Errors
    /// [`NotFound`] when there is no such version; why it is refused.
    fn go_mod(&self, version: &str) -> Result<Vec<u8>>;
}

/// The versions of a module.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    /// Canonical versions in semver order.
    pub versions: Vec<String>,
    /// What the list depends on, where that is known.
    pub origin: Option<Origin>,
}
