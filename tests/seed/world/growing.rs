//! Repositories whose packages come, go and move from one version to the next.

use super::{go_mod, package, simple, test};
use crate::support::mirror::Mirror;

pub(super) fn descriptions() -> Vec<(&'static str, Mirror)> {
    vec![
        ("example.com/grow", grow()),
        ("example.com/split", split()),
        ("example.com/modern", modern()),
        ("example.com/deep", deep()),
        ("example.com/forgot", forgot()),
    ]
}

/// The second version has a package more, which needs another module.
fn grow() -> Mirror {
    simple("example.com/grow", &[])
        .file(
            "go.mod",
            go_mod("example.com/grow", "1.20", &["example.com/u v1.0.0"]),
        )
        .file("new/p.go", package(&["example.com/u"]))
        .release("v1.1.0")
}

/// A package moves into a module of its own.
fn split() -> Mirror {
    simple("example.com/split", &[])
        .file("part/p.go", package(&[]))
        .release("v1.1.0")
        .file("part/go.mod", go_mod("example.com/split/part", "1.20", &[]))
        .tag("none")
        .release("v1.2.0")
        .tag("part/v0.1.0")
}

/// Needs a newer Go than most.
fn modern() -> Mirror {
    Mirror::new()
        .file(
            "go.mod",
            go_mod("example.com/modern", "1.24", &["example.com/b v1.1.0"]),
        )
        .file("p.go", package(&["example.com/b"]))
        .release("v1.0.0")
}

/// Tests whose imports have tests.
fn deep() -> Mirror {
    let require = [
        "example.com/a v1.1.0",
        "example.com/b v1.1.0",
        "example.com/t v1.0.0",
        "example.com/u v1.0.0",
    ];
    Mirror::new()
        .file("go.mod", go_mod("example.com/deep", "1.20", &require))
        .file("p.go", package(&[]))
        .file("p_test.go", test(&["example.com/a"]))
        .release("v1.0.0")
}

/// Its go.mod does not say what it imports, nor what its tests import.
fn forgot() -> Mirror {
    Mirror::new()
        .file("go.mod", go_mod("example.com/forgot", "1.20", &[]))
        .file("p.go", package(&["example.com/left"]))
        .file("p_test.go", test(&["example.com/Upper"]))
        .release("v1.0.0")
}
