//! The repositories that all projects draw from.

mod graphs;
mod growing;
mod layouts;

use crate::support::mirror::{Built, Mirror};
use crate::support::sandbox::Sandbox;
use crate::support::server::{Import, Server};

/// Repositories by the path at their root.
pub(crate) struct World {
    repositories: Vec<(&'static str, Built)>,
}

impl World {
    /// Makes every repository in the sandbox, and lets the server serve them.
    pub(crate) fn build(sandbox: &Sandbox, server: &Server) -> World {
        let mut repositories = Vec::new();
        for (root, mirror) in descriptions() {
            let name = format!("{}.git", root.replace('/', "-"));
            let built = mirror.build(&sandbox.path(&name));
            server.import(Import {
                root: root.to_owned(),
                repository: server.repository(&name),
                subdirectory: None,
            });
            repositories.push((root, built));
        }
        World { repositories }
    }

    /// The `--mirror` options that name all repositories.
    pub(crate) fn mirrors(&self) -> Vec<String> {
        let mirrors = self.repositories.iter().flat_map(|(root, built)| {
            [
                "--mirror".to_owned(),
                format!("{root}={}", built.folder.display()),
            ]
        });
        mirrors.collect()
    }

    /// Puts the versions of commits without a tag for the words that stand for them.
    pub(crate) fn expand(&self, text: &str) -> String {
        let words = [
            ("UNTAGGED", "example.com/head", "v0.0.0-{second:pseudo}"),
            (
                "AFTER_RELEASE",
                "example.com/after",
                "v1.0.1-0.{after release:pseudo}",
            ),
            (
                "AFTER_CANDIDATE",
                "example.com/after",
                "v1.1.0-rc.1.0.{after candidate:pseudo}",
            ),
            (
                "END_OF_V2",
                "example.com/branched",
                "v2.0.1-0.{end of v2:pseudo}",
            ),
            (
                "END_OF_MAIN",
                "example.com/branched",
                "v1.0.1-0.{end of main:pseudo}",
            ),
        ];
        let mut text = text.to_owned();
        for (word, root, version) in words {
            if text.contains(word) {
                let mut repositories = self.repositories.iter();
                let found = repositories.find(|(path, _)| *path == root);
                let (_, built) = found.expect("a repository");
                text = text.replace(word, &built.expand(version));
            }
        }
        text
    }
}

/// The text of a go.mod.
pub(crate) fn go_mod(path: &str, go: &str, require: &[&str]) -> String {
    let mut text = format!("module {path}\n\ngo {go}\n");
    for module in require {
        text.push_str(&format!("\nrequire {module}\n"));
    }
    text
}

/// The text of a package that imports others.
pub(crate) fn package(imports: &[&str]) -> String {
    let mut text = "package p\n\n".to_owned();
    for path in imports {
        text.push_str(&format!("import _ \"{path}\"\n"));
    }
    text
}

/// The text of a test that imports others.
pub(crate) fn test(imports: &[&str]) -> String {
    format!(
        "{}import \"testing\"\n\nfunc TestNothing(t *testing.T) {{}}\n",
        package(imports)
    )
}

fn descriptions() -> Vec<(&'static str, Mirror)> {
    let mut descriptions = vec![
        ("example.com/a", a()),
        ("example.com/b", b()),
        ("example.com/t", simple("example.com/t", &["example.com/u"])),
        ("example.com/u", simple("example.com/u", &[])),
        (
            "example.com/Upper",
            simple("example.com/Upper", &["example.com/b"]),
        ),
        ("example.com/old", old()),
        ("example.com/loose", loose()),
        ("example.com/mono", mono()),
        ("example.com/fork", fork()),
        ("example.com/tool", tool()),
        ("example.com/head", head()),
    ];
    descriptions.extend(layouts::descriptions());
    descriptions.extend(graphs::descriptions());
    descriptions.extend(growing::descriptions());
    descriptions
}

/// v1.0.0 of a module whose package imports those of others at v1.0.0.
fn simple(path: &str, imports: &[&str]) -> Mirror {
    let require: Vec<String> = imports
        .iter()
        .map(|path| format!("{path} v1.0.0"))
        .collect();
    let require: Vec<&str> = require.iter().map(String::as_str).collect();
    Mirror::new()
        .file("go.mod", go_mod(path, "1.20", &require))
        .file("p.go", package(imports))
        .release("v1.0.0")
}

/// Two releases on `b`; the second has a test on `t`.
fn a() -> Mirror {
    simple("example.com/a", &["example.com/b"])
        .file(
            "go.mod",
            go_mod(
                "example.com/a",
                "1.20",
                &["example.com/b v1.1.0", "example.com/t v1.0.0"],
            ),
        )
        .file("p_test.go", test(&["example.com/t"]))
        .release("v1.1.0")
}

/// Three releases and one of the next major version.
fn b() -> Mirror {
    simple("example.com/b", &[])
        .file("more.go", "package p\n\nconst More = 1\n")
        .release("v1.1.0")
        .file("more.go", "package p\n\nconst More = 2\n")
        .release("v1.2.0")
        .file("go.mod", go_mod("example.com/b/v2", "1.20", &[]))
        .release("v2.0.0")
}

/// No go.mod at all.
fn old() -> Mirror {
    Mirror::new()
        .file("p.go", "package p\n")
        .release("v1.0.0")
        .file("more.go", "package p\n")
        .release("v2.0.0")
}

/// A module from before pruning: what it requires counts for whoever uses it.
fn loose() -> Mirror {
    Mirror::new()
        .file(
            "go.mod",
            go_mod(
                "example.com/loose",
                "1.15",
                &["example.com/a v1.1.0", "example.com/Upper v1.0.0"],
            ),
        )
        .file("p.go", package(&["example.com/a"]))
        .release("v1.0.0")
}

/// A module at the root and one in a folder.
fn mono() -> Mirror {
    simple("example.com/mono", &[])
        .file(
            "sub/go.mod",
            go_mod(
                "example.com/mono/sub",
                "1.20",
                &["example.com/b v1.0.0", "example.com/mono v1.0.0"],
            ),
        )
        .file("sub/p.go", package(&["example.com/b", "example.com/mono"]))
        .commit("sub")
        .tag("sub/v0.1.0")
}

/// A fork that keeps the path of what it is a fork of, and requires more.
fn fork() -> Mirror {
    Mirror::new()
        .file(
            "go.mod",
            go_mod("example.com/b", "1.20", &["example.com/u v1.0.0"]),
        )
        .file("p.go", package(&["example.com/u"]))
        .release("v1.0.5")
}

/// A command.
fn tool() -> Mirror {
    Mirror::new()
        .file(
            "go.mod",
            go_mod("example.com/tool", "1.20", &["example.com/u v1.0.0"]),
        )
        .file(
            "cmd/tool/main.go",
            "package main\n\nimport _ \"example.com/u\"\n\nfunc main() {}\n",
        )
        .release("v1.0.0")
}

/// No tags.
fn head() -> Mirror {
    Mirror::new()
        .file(
            "go.mod",
            go_mod("example.com/head", "1.20", &["example.com/b v1.0.0"]),
        )
        .file("p.go", package(&["example.com/b"]))
        .commit("first")
        .file("more.go", "package p\n")
        .commit("second")
}
