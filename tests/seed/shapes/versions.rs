//! Projects on versions that are found in different ways.

use super::{Shape, shape};
use crate::world::{go_mod, package, test};

pub(super) fn shapes() -> Vec<Shape> {
    let mut shapes = repositories();
    shapes.extend(graphs());
    shapes
}

fn repositories() -> Vec<Shape> {
    vec![
        one("modules in each other", &[("nest/in", "v1.1.0")]),
        one(
            "one module of several at another version",
            &[("nest", "v1.0.0"), ("nest/in/ner", "v0.3.0")],
        ),
        one(
            "the second major version in a folder",
            &[("wide/v2", "v2.0.0")],
        ),
        one(
            "the second major version on a branch",
            &[("branched/v2", "v2.0.0"), ("branched", "v1.0.0")],
        ),
        one(
            "pseudo versions of two branches",
            &[("branched/v2", "END_OF_V2"), ("branched", "END_OF_MAIN")],
        ),
        one(
            "a pseudo version after a release",
            &[("after", "AFTER_RELEASE")],
        ),
        one(
            "a pseudo version after a candidate",
            &[("after", "AFTER_CANDIDATE")],
        ),
        one("a release candidate", &[("after", "v1.1.0-rc.1")]),
        one("a retracted version", &[("sorry", "v1.0.0")]),
        one("other systems and tags", &[("ports", "v1.0.0")]),
        shape(
            "gopkg in",
            "1.21",
            &["gopkg.in/check.v1 v1.1.0"],
            &["gopkg.in/check.v1"],
        ),
        shape(
            "gopkg in without go mod",
            "1.21",
            &["gopkg.in/check.v1 v1.0.0"],
            &["gopkg.in/check.v1"],
        ),
    ]
}

fn graphs() -> Vec<Shape> {
    vec![
        one("a diamond", &[("left", "v1.0.0"), ("right", "v1.0.0")]),
        one("a cycle", &[("yin", "v1.1.0")]),
        one("a cycle through the project", &[("boomerang", "v1.0.0")]),
        one("a chain", &[("c1", "v1.0.0")]),
        at("1.17", one("a chain at go 1.17", &[("c1", "v1.0.0")])),
        at("1.16", one("a chain at go 1.16", &[("c1", "v1.0.0")])),
        at("1.11", one("a chain at go 1.11", &[("c1", "v1.0.0")])),
        one("a dependency without a go line", &[("bare", "v1.0.0")]),
        at(
            "1.13",
            one("old on old", &[("bare", "v1.0.0"), ("old", "v1.0.0")]),
        ),
        one("a higher indirect version", &[("left", "v1.0.0")])
            .also("require example.com/b v1.2.0 // indirect"),
        one(
            "modules and folders that are not the project",
            &[("b", "v1.0.0")],
        )
        .file(
            "nested/go.mod",
            go_mod(
                "example.com/main/nested",
                "1.21",
                &["example.com/nowhere v1.0.0"],
            ),
        )
        .file("nested/p.go", package(&["example.com/nowhere"]))
        .file("testdata/p.go", package(&["example.com/nowhere"]))
        .file("_hidden/p.go", package(&["example.com/nowhere"])),
        one(
            "other systems of the project",
            &[("b", "v1.0.0"), ("t", "v1.0.0")],
        )
        .file("p_windows.go", package(&["example.com/t"]))
        .file("p_plan9_test.go", test(&["example.com/t"])),
    ]
}

/// A project at go 1.21 that requires these modules below `example.com` and imports them.
fn one(name: &'static str, modules: &[(&str, &str)]) -> Shape {
    let require: Vec<String> = modules
        .iter()
        .map(|(path, version)| format!("example.com/{path} {version}"))
        .collect();
    let imports: Vec<String> = modules
        .iter()
        .map(|(path, _)| format!("example.com/{path}"))
        .collect();
    let require: Vec<&str> = require.iter().map(String::as_str).collect();
    let imports: Vec<&str> = imports.iter().map(String::as_str).collect();
    shape(name, "1.21", &require, &imports)
}

/// The same at another go version.
fn at(go: &str, mut shape: Shape) -> Shape {
    for (name, content) in &mut shape.files {
        if *name == "go.mod" {
            *content = content.replace("go 1.21", &format!("go {go}"));
        }
    }
    shape
}
