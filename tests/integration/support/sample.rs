//! A small repository whose sums are known, for tests that need no oracle.

use super::mirror::{Built, Mirror};
use super::sandbox::Sandbox;
use std::process::Command;

/// The first release's lines of go.sum, as go computed them.
pub(crate) const FIRST_SUMS: &str = "\
example.com/m v1.0.0 h1:MYJvGMFp7MSfOT0HgCzzwcYKhzct1l9lqNAt7+WHOCg=
example.com/m v1.0.0/go.mod h1:flS2VctbRrTv+sBE+VKgxx6hlkMGPVz9MGOmzMYFg3k=
";
/// The second release's lines of go.sum, as go computed them.
pub(crate) const SECOND_SUMS: &str = "\
example.com/m v1.1.0 h1:JCxI2HEjcluA+nb+/8Frc3/85PNRJhpbQ8mEyUsl6Fo=
example.com/m v1.1.0/go.mod h1:flS2VctbRrTv+sBE+VKgxx6hlkMGPVz9MGOmzMYFg3k=
";
/// The lines of go.sum of the module in `sub`, as go computed them.
pub(crate) const SUB_SUMS: &str = "\
example.com/m/sub v0.1.0 h1:XFVNb/shr+nE7GFgPCwIcHV0Y9+yeK4gu1WEX1NPDe0=
example.com/m/sub v0.1.0/go.mod h1:32N0V5QLwG7HZqCpWGpbwU/yqtuDehV4rqIKlGLSqxY=
";

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

/// Builds it as `m.git` in a sandbox.
pub(crate) fn build(sandbox: &Sandbox) -> Built {
    mirror().build(&sandbox.path("m.git"))
}

/// Prepares `gomodcache fetch` of these requests from `m.git` into the cache `modcache`.
pub(crate) fn fetch(sandbox: &Sandbox, requests: &[&str]) -> Command {
    fetch_into(sandbox, requests, "modcache")
}

/// Prepares `gomodcache fetch` of these requests from `m.git` into another cache.
pub(crate) fn fetch_into(sandbox: &Sandbox, requests: &[&str], modcache: &str) -> Command {
    let mut command = sandbox.gomodcache();
    command
        .arg("fetch")
        .args(requests)
        .arg("--mirror")
        .arg(format!("example.com/m={}", sandbox.path("m.git").display()))
        .arg("--modcache")
        .arg(sandbox.path(modcache));
    command
}

/// Prepares a sandbox with the repository in it, as a test begins.
pub(crate) fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    build(&sandbox);
    sandbox
}

fn named(name: &str) -> String {
    format!(
        "// Package m is an example.\npackage m\n\n// Name tells the release.\nconst Name = \"{name}\"\n"
    )
}
