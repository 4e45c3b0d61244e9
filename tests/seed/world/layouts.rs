//! Repositories with several modules, several major versions, and versions without a tag.

use super::{go_mod, package, simple, test};
use crate::support::mirror::Mirror;

pub(super) fn descriptions() -> Vec<(&'static str, Mirror)> {
    vec![
        ("example.com/nest", nest()),
        ("example.com/wide", wide()),
        ("example.com/branched", branched()),
        ("example.com/after", after()),
        ("example.com/sorry", sorry()),
        ("example.com/ports", ports()),
        ("gopkg.in/check.v1", check()),
    ]
}

/// A module in a module in a module, each with its own tags.
fn nest() -> Mirror {
    let require = ["example.com/nest v1.0.0", "example.com/nest/in/ner v0.3.0"];
    simple("example.com/nest", &[])
        .file("in/go.mod", go_mod("example.com/nest/in", "1.20", &require))
        .file(
            "in/p.go",
            package(&["example.com/nest", "example.com/nest/in/ner"]),
        )
        .file(
            "in/ner/go.mod",
            go_mod("example.com/nest/in/ner", "1.20", &["example.com/u v1.0.0"]),
        )
        .file("in/ner/p.go", package(&["example.com/u"]))
        .commit("all three")
        .tags(["in/v1.1.0", "in/ner/v0.3.0"])
}

/// The second major version lies in a folder.
fn wide() -> Mirror {
    simple("example.com/wide", &[])
        .file(
            "v2/go.mod",
            go_mod("example.com/wide/v2", "1.20", &["example.com/wide v1.0.0"]),
        )
        .file("v2/p.go", package(&["example.com/wide"]))
        .release("v2.0.0")
}

/// The second major version lies on a branch, whose end has no tag.
fn branched() -> Mirror {
    simple("example.com/branched", &[])
        .branch("v2")
        .file("go.mod", go_mod("example.com/branched/v2", "1.20", &[]))
        .release("v2.0.0")
        .file("more.go", "package p\n")
        .commit("end of v2")
        .branch("main")
        .file("main.go", "package p\n")
        .commit("end of main")
}

/// A commit after a release, and one after a release candidate.
fn after() -> Mirror {
    simple("example.com/after", &["example.com/b"])
        .file("more.go", "package p\n")
        .commit("after release")
        .release("v1.1.0-rc.1")
        .file("more.go", "package p\n\nconst More = 1\n")
        .commit("after candidate")
}

/// The first version is taken back by the second.
fn sorry() -> Mirror {
    let retract = "\nretract v1.0.0 // a mistake\n";
    simple("example.com/sorry", &["example.com/b"])
        .file(
            "go.mod",
            go_mod("example.com/sorry", "1.20", &["example.com/b v1.0.0"]) + retract,
        )
        .release("v1.1.0")
}

/// Other systems and tags import other modules.
fn ports() -> Mirror {
    let require = ["b", "t", "u"].map(|name| format!("example.com/{name} v1.0.0"));
    let require: Vec<&str> = require.iter().map(String::as_str).collect();
    let tagged = |tag: &str, path: &str| format!("//go:build {tag}\n\n{}", package(&[path]));
    Mirror::new()
        .file("go.mod", go_mod("example.com/ports", "1.20", &require))
        .file("p.go", package(&[]))
        .file("p_windows.go", package(&["example.com/b"]))
        .file("pure.go", tagged("!cgo", "example.com/t"))
        .file("special.go", tagged("special && arm64", "example.com/u"))
        .file("ignored.go", tagged("ignore", "example.com/nowhere"))
        .file("p_plan9_test.go", test(&["example.com/u"]))
        .release("v1.0.0")
}

/// gopkg.in has the major version in the path.
fn check() -> Mirror {
    Mirror::new()
        .file("p.go", package(&[]))
        .release("v1.0.0")
        .file(
            "go.mod",
            go_mod("gopkg.in/check.v1", "1.12", &["example.com/b v1.1.0"]),
        )
        .file("p_test.go", test(&["example.com/b"]))
        .release("v1.1.0")
}
