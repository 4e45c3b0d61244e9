//! Modules that require each other.

use super::{go_mod, package, test};
use crate::support::mirror::Mirror;

pub(super) fn descriptions() -> Vec<(&'static str, Mirror)> {
    vec![
        (
            "example.com/left",
            one("left", "1.20", &["b v1.0.0"], &["b"]),
        ),
        (
            "example.com/right",
            one("right", "1.20", &["b v1.2.0"], &["b"]),
        ),
        ("example.com/yin", yin()),
        ("example.com/yang", yang()),
        (
            "example.com/boomerang",
            one("boomerang", "1.15", &["main v1.0.0", "u v1.0.0"], &["u"]),
        ),
        (
            "example.com/c1",
            one("c1", "1.20", &["c2 v1.0.0", "c3 v1.0.0"], &["c2"]),
        ),
        ("example.com/c2", c2()),
        (
            "example.com/c3",
            one("c3", "1.16", &["c4 v1.0.0", "left v1.0.0"], &["c4"]),
        ),
        ("example.com/c4", one("c4", "1.11", &["right v1.0.0"], &[])),
        ("example.com/bare", bare()),
        ("example.com/main", one("main", "1.15", &[], &[])),
    ]
}

/// v1.0.0 of a module; requirements and imports without `example.com/`.
fn one(name: &str, go: &str, require: &[&str], imports: &[&str]) -> Mirror {
    let full = |names: &[&str]| -> Vec<String> {
        let full = names.iter().map(|name| format!("example.com/{name}"));
        full.collect()
    };
    let (require, imports) = (full(require), full(imports));
    let require: Vec<&str> = require.iter().map(String::as_str).collect();
    let imports: Vec<&str> = imports.iter().map(String::as_str).collect();
    Mirror::new()
        .file(
            "go.mod",
            go_mod(&format!("example.com/{name}"), go, &require),
        )
        .file("p.go", package(&imports))
        .release("v1.0.0")
}

/// Requires `yang`, which requires it.
fn yin() -> Mirror {
    let require = ["example.com/yang v1.0.0"];
    Mirror::new()
        .file("go.mod", go_mod("example.com/yin", "1.20", &require))
        .file("p.go", package(&["example.com/yang"]))
        .file("leaf/p.go", package(&[]))
        .release("v1.0.0")
        .file("leaf/more.go", package(&[]))
        .release("v1.1.0")
}

/// Requires a later version of `yin`.
fn yang() -> Mirror {
    let require = ["example.com/yin v1.1.0"];
    Mirror::new()
        .file("go.mod", go_mod("example.com/yang", "1.20", &require))
        .file("p.go", package(&["example.com/yin/leaf"]))
        .release("v1.0.0")
}

/// Needs a module for its tests alone.
fn c2() -> Mirror {
    let require = ["example.com/c3 v1.0.0", "example.com/t v1.0.0"];
    Mirror::new()
        .file("go.mod", go_mod("example.com/c2", "1.18", &require))
        .file("p.go", package(&["example.com/c3"]))
        .file("p_test.go", test(&["example.com/t"]))
        .release("v1.0.0")
}

/// A go.mod without a go line.
fn bare() -> Mirror {
    Mirror::new()
        .file(
            "go.mod",
            "module example.com/bare\n\nrequire example.com/a v1.1.0\n",
        )
        .file("p.go", package(&["example.com/a"]))
        .release("v1.0.0")
}
