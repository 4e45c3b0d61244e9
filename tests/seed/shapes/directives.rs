//! Projects with all that a go.mod or go.work can say.

use super::{Shape, shape};
use crate::world::{go_mod, package};

pub(super) fn shapes() -> Vec<Shape> {
    let mut shapes = files();
    shapes.extend(workspaces());
    shapes
}

fn files() -> Vec<Shape> {
    let (a, b) = ("example.com/a", "example.com/b");
    vec![
        shape("a replacement with a path of its own", "1.21", &["example.com/a v1.0.0"], &[a])
            .also("replace example.com/b => example.com/u v1.0.0"),
        shape("replacements of one and of all versions", "1.21", &["example.com/a v1.0.0"], &[a])
            .also("replace example.com/b v1.0.0 => example.com/b v1.2.0\n\nreplace example.com/b => example.com/fork v1.0.5"),
        shape("a replacement by a pseudo version", "1.21", &["example.com/after v1.0.0"], &["example.com/after"])
            .also("replace example.com/after => example.com/after AFTER_RELEASE"),
        shape("folders that require each other", "1.21", &["example.com/p v1.0.0"], &["example.com/p"])
            .also("replace (\n\texample.com/p => ./p\n\texample.com/q v0.0.0 => ./q\n)")
            .file("p/go.mod", go_mod("example.com/p", "1.21", &["example.com/q v0.0.0"]))
            .file("p/p.go", package(&["example.com/q"]))
            .file("q/go.mod", go_mod("example.com/q", "1.16", &["example.com/left v1.0.0"]))
            .file("q/p.go", package(&["example.com/left"])),
        shape("an exclusion in an unpruned project", "1.16", &["example.com/loose v1.0.0", "example.com/b v1.2.0"], &["example.com/loose"])
            .also("exclude example.com/b v1.1.0"),
        shape("two tools", "1.24", &["example.com/tool v1.0.0", "example.com/b v1.2.0"], &[])
            .also("tool (\n\texample.com/tool/cmd/tool\n\texample.com/main/cmd/own\n)")
            .file("cmd/own/main.go", format!("package main\n\nimport _ \"{b}\"\n\nfunc main() {{}}\n")),
        shape("ignored folders", "1.25", &["example.com/b v1.0.0"], &[b])
            .also("ignore (\n\t./skipped\n\tnode_modules\n)")
            .file("skipped/p.go", package(&["example.com/nowhere"]))
            .file("deep/node_modules/p.go", package(&["example.com/nowhere"])),
        shape("godebug and toolchain", "1.23.0", &["example.com/b v1.0.0"], &[b])
            .also("toolchain go1.23.1\n\ngodebug (\n\tdefault=go1.21\n\tpanicnil=1\n)"),
    ]
}

fn workspaces() -> Vec<Shape> {
    vec![
        Shape {
            name: "a workspace of three",
            files: vec![
                (
                    "go.work",
                    "go 1.21\n\nuse (\n\t./x\n\t./y\n\t./z\n)\n".to_owned(),
                ),
                (
                    "x/go.mod",
                    go_mod("example.com/x", "1.17", &["example.com/loose v1.0.0"]),
                ),
                ("x/p.go", package(&["example.com/loose"])),
                (
                    "y/go.mod",
                    go_mod("example.com/y", "1.16", &["example.com/left v1.0.0"]),
                ),
                ("y/p.go", package(&["example.com/left", "example.com/x"])),
                (
                    "z/go.mod",
                    go_mod("example.com/z", "1.18", &["example.com/right v1.0.0"]),
                ),
                ("z/p.go", package(&["example.com/right", "example.com/y"])),
            ],
        },
        Shape {
            name: "a workspace with a folder as replacement",
            files: vec![
                (
                    "go.work",
                    "go 1.22\n\nuse ./x\n\nuse ./y\n\nreplace example.com/b => ./own\n".to_owned(),
                ),
                (
                    "x/go.mod",
                    go_mod(
                        "example.com/x",
                        "1.21",
                        &[
                            "example.com/a v1.1.0",
                            "example.com/nest v1.0.0 // indirect",
                        ],
                    ),
                ),
                ("x/p.go", package(&["example.com/a"])),
                (
                    "y/go.mod",
                    go_mod("example.com/y", "1.21", &["example.com/left v1.0.0"]),
                ),
                ("y/p.go", package(&["example.com/left"])),
                (
                    "own/go.mod",
                    go_mod("example.com/b", "1.21", &["example.com/nest v1.0.0"]),
                ),
                ("own/p.go", package(&["example.com/nest"])),
            ],
        },
        Shape {
            name: "a workspace whose modules replace",
            files: vec![
                ("go.work", "go 1.21\n\nuse (\n\t./x\n\t./y\n)\n".to_owned()),
                (
                    "x/go.mod",
                    go_mod(
                        "example.com/x",
                        "1.21",
                        &["example.com/a v1.0.0", "example.com/u v1.0.0 // indirect"],
                    ) + "\nreplace example.com/b => example.com/fork v1.0.5\n",
                ),
                ("x/p.go", package(&["example.com/a"])),
                (
                    "y/go.mod",
                    go_mod("example.com/y", "1.21", &["example.com/yin v1.0.0"])
                        + "\nexclude example.com/b v1.1.0\n",
                ),
                ("y/p.go", package(&["example.com/yin"])),
            ],
        },
    ]
}
