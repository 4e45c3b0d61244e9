//! The module graph of a project, as the go command computes it.
//!
//! A [`Project`] is what the user has: a go.mod with its folder, or a go.work with several. Its *main
//! modules* require module versions, whose go.mod files require others; [`load`] reads all of them that go
//! reads, through a [`GoMods`], and gives the [`ModuleGraph`]. For each path in it the highest version that
//! anything asks for is selected (*minimal version selection*); the selected ones are the *build list*, what
//! `go list -m all` prints.
//!
//! - *Pruning*: a main module at go 1.17 or later names all that it builds with, so of its dependencies at
//!   go 1.17 or later only their own requirements count and not those behind. Below an older module
//!   everything counts. In a workspace, what any of its modules selects is looked at again.
//! - `replace` lets another module or a folder stand for a version. The version keeps its path and its place
//!   in the graph; its requirements are those of the replacement.
//! - `exclude` makes requirements on a version vanish. Both count in main modules only.
//! - `go` and `toolchain` are vertices as well: a module at go 1.21 or later requires `go@1.21.0`, and that
//!   `toolchain@go1.21.0`. They are in the graph and never in the build list.
//!
//! A go.mod that is not consistent (a dependency requires more than it says) is brought up to date in
//! memory, as `-mod=mod` does it; [`ModuleGraph::consistency`] tells that.
//!
//! What fails does not stop the rest: [`ModuleGraph::failures`] lists each version whose go.mod could not be
//! had, and the graph is what can be known without.
//!
//! Rules: Go Modules Reference, "Minimal version selection", "Module graph pruning" and "Workspaces";
//! `modload/buildlist.go`, `modload/modfile.go`, `modload/init.go` and `mvs` in `cmd/go/internal` of
//! go 1.26. Two rules of go are left out: go refuses files of a newer go than itself, and a version of the
//! main go.mod that is no version (a branch, say) is asked of the network.

mod loader;
mod minimal;
mod order;
mod pool;
mod project;
mod replacements;
mod result;
mod roots;
mod summary;
mod vertex;
mod walk;

use std::num::NonZeroUsize;

use anyhow::Result;

use crate::module::ModuleVersion;

pub use project::{MainModule, Project, Workspaces};
pub use result::{BuildListEntry, Consistency, Failure, ModuleGraph};
pub use summary::Selected;
pub use vertex::Vertex;

/// The most versions that a graph may have. The largest that people have are near 10,000.
const VERSION_LIMIT: usize = if cfg!(test) { 1_000 } else { 100_000 };

/// The most requirements that a graph may have.
const REQUIREMENT_LIMIT: usize = 5_000_000;

/// The most bytes of a go.mod file, as in go (`codehost.MaxGoMod`).
const GO_MOD_LIMIT: u64 = 16 << 20;

/// Gives go.mod files of module versions.
pub trait GoMods: Sync {
    /// Gives the go.mod of a version, or the one that go makes up for a module without.
    ///
    /// Called from several threads at once, for each version at most once in a call of [`load`], in no
    /// particular order. A version that is replaced is not asked for, but its replacement is.
    ///
    /// # Errors
    /// Whatever keeps the file from being had; it ends up in [`ModuleGraph::failures`].
    fn go_mod(&self, module: &ModuleVersion) -> Result<Vec<u8>>;
}

/// Loads the module graph of a project, reading up to `threads` go.mod files at once.
///
/// The result does not depend on the number of threads, nor on which file comes first.
///
/// # Errors
/// Only a graph of more than 100,000 versions or 5,000,000 requirements; all other failures are beside
/// what could be loaded.
pub fn load(project: &Project, go_mods: &dyn GoMods, threads: NonZeroUsize) -> Result<ModuleGraph> {
    pool::with_readers(go_mods, threads, |readers| {
        roots::settle(project, loader::Loader::new(project, readers))
    })
}

/// Gives the fewest requirements that select all that a single module selects, as `go mod tidy` writes them
/// below go 1.17: those on the paths in `base`, and what these do not imply. The vertices of Go and its toolchain
/// are among them.
///
/// # Errors
/// Those of [`load`]; a workspace.
pub fn fewest_requirements(
    project: &Project,
    go_mods: &dyn GoMods,
    threads: NonZeroUsize,
    base: &[String],
) -> Result<Vec<Vertex>> {
    pool::with_readers(go_mods, threads, |readers| {
        roots::fewest(project, loader::Loader::new(project, readers), base)
    })
}

#[cfg(test)]
mod tests;
