//! A small repository whose sums are known, for tests that need no oracle.

use super::mirror::Mirror;

/// The first release's lines of go.sum, as go computed them.
pub(crate) const FIRST_SUMS: &str = "";
/// The second release's lines of go.sum, as go computed them.
pub(crate) const SECOND_SUMS: &str = "";
/// The lines of go.sum of the module in `sub`, as go computed them.
pub(crate) const SUB_SUMS: &str = "";

/// Describes the repository of `example.com/m`: v1.0.0, v1.1.0, and v0.1.0 of a module in `sub`.
pub(crate) fn mirror() -> Mirror {
    Mirror::new()
        .go_mod("example.com/m")
        .file("m.go", named("first"))
        .release("v1.0.0")
        .file("m.go", named("second"))
        .file("sub/go.mod", "module example.com/m/sub\n")
        .file("sub/sub.go", "package sub\n")
        .release("v1.1.0")
        .tag("sub/v0.1.0")
        .commit("tip")
}

fn named(name: &str) -> String {
    format!(
        "// Package m is an example.\npackage m\n\n// Name tells the release.\nconst Name = \"{name}\"\n"
    )
}
