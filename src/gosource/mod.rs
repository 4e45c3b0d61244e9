//! The heads of Go source files: what they import, and under which build constraints.
//!
//! The go command finds the packages of a project by their import paths, long before it compiles any. To do so
//! it reads of each file only what stands before the first declaration. Where it wants to know what any
//! platform could need, as `go mod tidy` does, it takes each build tag for present and absent at once; only
//! what is tagged `ignore` stays out.
//!
//! Nothing that a file holds is trusted: a head may have 16 MiB, a constraint a thousand tags.
//!
//! Source of the rules: `cmd/go/internal/imports` and `go/build/constraint` of go 1.26.

mod constraint;
mod head;

use std::collections::BTreeSet;

pub use head::{Head, read_head};

/// What the Go files of one folder import.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Imports {
    /// Whether any file counts; a folder without one is no package.
    pub has_files: bool,
    /// What the package imports.
    pub package: BTreeSet<String>,
    /// What its tests import, those in a package of their own as well.
    pub tests: BTreeSet<String>,
}

impl Imports {
    /// Adds a file, by its name in the folder; one that nothing builds does not count. Rule: `scanFiles`.
    pub fn add(&mut self, name: &str, head: Head) {
        if !head.is_built {
            return;
        }
        self.has_files = true;
        let imports = match name.ends_with("_test.go") {
            true => &mut self.tests,
            false => &mut self.package,
        };
        imports.extend(head.imports.into_iter().filter(|path| !is_magic(path)));
    }
}

/// Tells whether a file of this name is read for imports. Rule: `ScanDir`.
pub fn is_scanned(name: &str) -> bool {
    is_go_file(name) && !name.starts_with(['_', '.'])
}

/// Tells whether a file of this name lets its folder be taken for a package. Rule: `fsys.IsGoDir`.
pub fn is_go_file(name: &str) -> bool {
    name.ends_with(".go")
}

/// Import paths that stand for no package, or for one from before modules. Rule: `scanDir` in
/// `modload/load.go`.
fn is_magic(path: &str) -> bool {
    let is_at_or_below = |root: &str| {
        path.strip_prefix(root)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    path == "C" || is_at_or_below("appengine") || is_at_or_below("appengine_internal")
}

#[cfg(test)]
mod tests;
