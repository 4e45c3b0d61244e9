//! Every verb of go works offline on a seeded project, whatever its shape.

mod directives;
mod versions;

use crate::support::{oracle, unless};
use crate::workshop::{Workshop, succeeded};
use crate::world::{go_mod, package, test};
use libtest_mimic::{Completion, Failed, Trial};

/// A project.
struct Shape {
    name: &'static str,
    files: Vec<(&'static str, String)>,
}

impl Shape {
    fn is_workspace(&self) -> bool {
        self.files.iter().any(|(name, _)| *name == "go.work")
    }

    /// Patterns for the packages of all its main modules.
    fn packages(&self) -> Vec<String> {
        if !self.is_workspace() {
            return vec!["./...".to_owned()];
        }
        let folders = ["x", "y", "z"].into_iter().filter(|folder| {
            let go_mod = format!("{folder}/go.mod");
            self.files.iter().any(|(name, _)| *name == go_mod)
        });
        folders.map(|folder| format!("./{folder}/...")).collect()
    }
}

pub(crate) fn trials() -> Vec<Trial> {
    let shapes = shapes().into_iter();
    shapes
        .map(|shape| {
            let name = format!("shapes::{}", shape.name.replace(' ', "_"));
            unless(oracle::missing, name, move || {
                works_offline(&shape).map(|()| Completion::Completed)
            })
        })
        .collect()
}

fn works_offline(shape: &Shape) -> Result<(), Failed> {
    let shop = Workshop::new(&shape.files);
    let packages = shape.packages();
    let packages: &[&str] = &packages.iter().map(String::as_str).collect::<Vec<_>>();
    if shape.is_workspace() {
        shop.online(&[&["list", "-deps", "-test"], packages].concat());
    } else {
        shop.online(&["mod", "tidy"]);
    }
    let listed = shop.online(&["list", "-m", "all"]);
    shop.online(&["mod", "download"]);

    let before = shop.check(&[]);
    let told = shop.seed(&[]);
    if told.code != Some(0) {
        return Err(format!("seed: {:?}\n{}{}", told.code, told.stdout, told.stderr).into());
    }
    assert_eq!(told.stdout, "");
    let lacking = shop.lacking();
    assert!(lacking.is_empty(), "missing in our cache: {lacking:#?}");

    let checked = shop.check(&[]);
    assert!(
        checked.code == Some(0) && !checked.stdout.contains(" no"),
        "{}{}",
        checked.stdout,
        checked.stderr
    );
    if shape.name != "nothing is required" {
        assert_eq!(before.code, Some(1), "{}", before.stdout);
    }

    let ours = succeeded(&mut shop.offline(&["list", "-m", "all"]));
    assert_eq!(ours, listed);
    for verb in [["build"], ["vet"], ["test"]] {
        succeeded(&mut shop.offline(&[&verb, packages].concat()));
    }
    succeeded(&mut shop.offline(&["mod", "verify"]));
    succeeded(&mut shop.offline(&["mod", "download"]));
    if shape.is_workspace() {
        succeeded(&mut shop.offline(&["work", "vendor"]));
        return Ok(());
    }
    let (go_mod, go_sum) = (shop.read("go.mod"), shop.read("go.sum"));
    succeeded(&mut shop.offline(&["mod", "tidy"]));
    assert_eq!((shop.read("go.mod"), shop.read("go.sum")), (go_mod, go_sum));
    succeeded(&mut shop.offline(&["mod", "vendor"]));
    Ok(())
}

/// A project with one go.mod and one package.
fn shape(name: &'static str, go: &str, require: &[&str], imports: &[&str]) -> Shape {
    Shape {
        name,
        files: vec![
            ("go.mod", go_mod("example.com/main", go, require)),
            ("p.go", package(imports)),
        ],
    }
}

impl Shape {
    /// Adds lines to the go.mod.
    fn also(mut self, lines: &str) -> Shape {
        for (name, content) in &mut self.files {
            if *name == "go.mod" {
                content.push_str(&format!("\n{lines}\n"));
            }
        }
        self
    }

    fn file(mut self, name: &'static str, content: impl Into<String>) -> Shape {
        self.files.push((name, content.into()));
        self
    }
}

fn shapes() -> Vec<Shape> {
    let mut shapes = requirements();
    shapes.extend(replacements());
    shapes.push(workspace());
    shapes.push(workspace_with_replacement());
    shapes.extend(versions::shapes());
    shapes.extend(directives::shapes());
    shapes
}

fn requirements() -> Vec<Shape> {
    let (a, b, t) = ("example.com/a", "example.com/b", "example.com/t");
    vec![
        shape("nothing is required", "1.21", &[], &[]),
        shape(
            "one direct requirement",
            "1.21",
            &["example.com/b v1.2.0"],
            &[b],
        ),
        shape(
            "a requirement with requirements",
            "1.21",
            &["example.com/a v1.0.0"],
            &[a],
        ),
        shape(
            "a dependency has a test",
            "1.21",
            &["example.com/a v1.1.0"],
            &[a],
        ),
        shape(
            "the higher version wins",
            "1.21",
            &["example.com/a v1.1.0", "example.com/b v1.2.0"],
            &[a, b],
        ),
        shape(
            "an unpruned dependency",
            "1.21",
            &["example.com/loose v1.0.0"],
            &["example.com/loose"],
        ),
        shape(
            "an unpruned project",
            "1.15",
            &["example.com/loose v1.0.0"],
            &["example.com/loose"],
        ),
        shape(
            "a project of go 1.17",
            "1.17",
            &["example.com/loose v1.0.0"],
            &["example.com/loose"],
        ),
        shape(
            "a project without a go line",
            "1.16",
            &["example.com/a v1.1.0"],
            &[a],
        ),
        shape(
            "two major versions",
            "1.21",
            &["example.com/b v1.0.0", "example.com/b/v2 v2.0.0"],
            &[b, "example.com/b/v2"],
        ),
        shape(
            "a module in a folder",
            "1.21",
            &["example.com/mono/sub v0.1.0"],
            &["example.com/mono/sub"],
        ),
        shape(
            "a pseudo version",
            "1.21",
            &["example.com/head UNTAGGED"],
            &["example.com/head"],
        ),
        shape(
            "no go mod",
            "1.21",
            &["example.com/old v1.0.0"],
            &["example.com/old"],
        ),
        shape(
            "an incompatible version",
            "1.21",
            &["example.com/old v2.0.0+incompatible"],
            &["example.com/old"],
        ),
        shape(
            "capital letters",
            "1.21",
            &["example.com/Upper v1.0.0"],
            &["example.com/Upper"],
        ),
        shape(
            "a requirement of a test",
            "1.21",
            &["example.com/t v1.0.0"],
            &[],
        )
        .file("p_test.go", test(&[t])),
        shape(
            "everything at once",
            "1.24",
            &[
                "example.com/loose v1.0.0",
                "example.com/head UNTAGGED",
                "example.com/old v2.0.0+incompatible",
                "example.com/b/v2 v2.0.0",
                "example.com/mono/sub v0.1.0",
            ],
            &[
                "example.com/loose",
                "example.com/head",
                "example.com/old",
                "example.com/b/v2",
                "example.com/mono/sub",
            ],
        ),
    ]
}

fn replacements() -> Vec<Shape> {
    let (a, b) = ("example.com/a", "example.com/b");
    vec![
        shape("a replacement by a folder", "1.21", &["example.com/a v1.1.0"], &[a])
            .also("replace example.com/b => ./local")
            .file("local/go.mod", go_mod(b, "1.20", &["example.com/u v1.0.0"]))
            .file("local/p.go", package(&["example.com/u"])),
        shape("a replacement by a module", "1.21", &["example.com/a v1.1.0"], &[a])
            .also("replace example.com/b => example.com/fork v1.0.5"),
        shape("a replacement of one version", "1.21", &["example.com/b v1.0.0"], &[b])
            .also("replace example.com/b v1.0.0 => example.com/b v1.1.0"),
        shape("a replacement that is not used", "1.21", &["example.com/b v1.2.0"], &[b])
            .also("replace example.com/b v1.0.0 => example.com/fork v1.0.5"),
        shape("a replacement in an unpruned project", "1.15", &["example.com/loose v1.0.0"], &["example.com/loose"])
            .also("replace example.com/b => example.com/fork v1.0.5"),
        shape("an exclusion", "1.21", &["example.com/a v1.1.0", "example.com/b v1.0.0"], &[a])
            .also("exclude example.com/b v1.1.0"),
        shape("a tool", "1.24", &["example.com/tool v1.0.0"], &[])
            .also("tool example.com/tool/cmd/tool"),
        shape("retractions comments and blocks", "1.21", &[], &[b])
            .also("retract v1.0.0 // broken\n\nrequire (\n\t\"example.com/b\" v1.1.0 // pinned\n)\n\nexclude (\n\texample.com/b v1.0.0\n)"),
    ]
}

fn workspace() -> Shape {
    Shape {
        name: "a workspace",
        files: vec![
            ("go.work", "go 1.21\n\nuse (\n\t./x\n\t./y\n)\n".to_owned()),
            (
                "x/go.mod",
                go_mod("example.com/x", "1.21", &["example.com/a v1.0.0"]),
            ),
            ("x/p.go", package(&["example.com/a"])),
            (
                "y/go.mod",
                go_mod("example.com/y", "1.21", &["example.com/b v1.2.0"]),
            ),
            ("y/p.go", package(&["example.com/b", "example.com/x"])),
        ],
    }
}

fn workspace_with_replacement() -> Shape {
    Shape {
        name: "a workspace with a replacement",
        files: vec![
            (
                "go.work",
                "go 1.21\n\nuse (\n\t./x\n\t./y\n)\n\nreplace example.com/b => example.com/fork v1.0.5\n"
                    .to_owned(),
            ),
            ("x/go.mod", go_mod("example.com/x", "1.17", &["example.com/loose v1.0.0"])),
            ("x/p.go", package(&["example.com/loose"])),
            ("y/go.mod", go_mod("example.com/y", "1.21", &["example.com/old v1.0.0"])),
            ("y/p.go", package(&["example.com/old"])),
        ],
    }
}
