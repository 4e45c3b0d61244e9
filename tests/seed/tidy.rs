//! `seed --tidy` in projects that are not tidy: go makes of them offline what it makes of them online.

use crate::support::oracle_tests;
use crate::support::sandbox::{Told, make_writable, run};
use crate::workshop::{Workshop, succeeded};
use crate::world::{go_mod, package, test};
use libtest_mimic::Trial;

pub(crate) fn trials() -> Vec<Trial> {
    oracle_tests!("tidy":
        missing_requirements_are_found,
        missing_requirements_are_found_in_old_projects,
        what_is_wrong_in_go_mod_and_go_sum_is_mended,
        imports_of_every_platform_and_test_count,
        replacements_and_exclusions_count_in_what_is_found,
        lines_of_go_sum_that_nobody_needs_any_more_are_told,
        what_cannot_be_found_is_named,
        each_module_of_a_workspace_is_tidied,
    )
}

const MAIN: &str = "example.com/main";

/// A project that is not tidy.
struct Untidy {
    name: &'static str,
    files: Vec<(&'static str, String)>,
    /// Whether go has to ask for a latest version, which GOPROXY=off forbids.
    asks: bool,
}

fn untidy(name: &'static str, go_mod: String, imports: &[&str]) -> Untidy {
    Untidy {
        name,
        files: vec![("go.mod", go_mod), ("p.go", package(imports))],
        asks: true,
    }
}

impl Untidy {
    fn file(mut self, name: &'static str, content: String) -> Untidy {
        self.files.push((name, content));
        self
    }

    /// All that is needed is required somewhere.
    fn asks_nothing(mut self) -> Untidy {
        self.asks = false;
        self
    }
}

/// Seeds each project into an empty cache and compares what `go mod tidy` makes of it offline and online.
fn tidied_alike(projects: &[Untidy]) {
    let shop = Workshop::new(&[]);
    for project in projects {
        let name = project.name;
        lay_out(&shop, project);
        shop.online(&["mod", "tidy"]);
        let expected = (shop.read("go.mod"), shop.read("go.sum"));

        lay_out(&shop, project);
        let told = shop.seed(&["--tidy"]);
        assert_eq!(told.code, Some(0), "{name}: {}", told.stderr);
        assert_eq!(tidy_in(&shop.check(&[])), "no", "{name}");
        let mut command = shop.offline(&["mod", "tidy"]);
        if project.asks {
            command.env(
                "GOPROXY",
                format!("file://{}/cache/download", shop.cache().display()),
            );
        }
        succeeded(&mut command);
        let found = (shop.read("go.mod"), shop.read("go.sum"));
        assert_eq!(found, expected, "{name}");
        let told = shop.check(&[]);
        assert_eq!(tidy_in(&told), "yes", "{name}: {}{}", told.stdout, found.0);
    }
}

/// Begins again with the project's files and no cache.
fn lay_out(shop: &Workshop, project: &Untidy) {
    let work = shop.sandbox.path("work");
    for folder in [&work, &shop.cache()] {
        make_writable(folder);
        let _ = std::fs::remove_dir_all(folder);
    }
    std::fs::create_dir_all(&work).expect("a folder");
    for (file, content) in &project.files {
        shop.sandbox.write(&format!("work/{file}"), content);
    }
}

/// What `check` says of `go mod tidy`.
fn tidy_in(told: &Told) -> &str {
    let line = told.stdout.lines().find(|line| line.starts_with("  tidy "));
    let answer = line.and_then(|line| line.split_whitespace().nth(1));
    answer.unwrap_or_default().trim_end_matches(',')
}

fn missing_requirements_are_found() {
    let bare = || go_mod(MAIN, "1.24", &[]);
    tidied_alike(&[
        untidy(
            "a module with tests and requirements",
            bare(),
            &["example.com/a"],
        ),
        untidy("a module in a folder", bare(), &["example.com/mono/sub"]),
        untidy(
            "a module in a module in a module",
            bare(),
            &["example.com/nest/in/ner"],
        ),
        untidy(
            "second major versions",
            bare(),
            &["example.com/b/v2", "example.com/wide/v2"],
        ),
        untidy("no go.mod", bare(), &["example.com/old"]),
        untidy("no tags", bare(), &["example.com/head"]),
        untidy(
            "a dot before the major version",
            bare(),
            &["gopkg.in/check.v1"],
        ),
        untidy("a retraction", bare(), &["example.com/sorry"]),
        untidy(
            "a release after a candidate",
            bare(),
            &["example.com/after"],
        ),
        untidy(
            "a newer go",
            go_mod(MAIN, "1.21", &[]),
            &["example.com/modern"],
        ),
        untidy(
            "an old dependency",
            bare(),
            &["example.com/loose", "example.com/c1"],
        ),
        untidy(
            "a dependency that forgot its requirements",
            bare(),
            &["example.com/forgot"],
        ),
        untidy("a tool", bare() + "\ntool example.com/tool/cmd/tool\n", &[]),
        untidy(
            "no go line",
            format!("module {MAIN}\n\nrequire example.com/a v1.0.0\n"),
            &["example.com/a", "example.com/t"],
        ),
        untidy(
            "a package that a newer version has",
            go_mod(MAIN, "1.24", &["example.com/grow v1.0.0"]),
            &["example.com/grow/new"],
        ),
        untidy(
            "a package that has moved out",
            go_mod(MAIN, "1.24", &["example.com/split v1.2.0"]),
            &["example.com/split", "example.com/split/part"],
        ),
    ]);
}

fn missing_requirements_are_found_in_old_projects() {
    let mut projects = Vec::new();
    for go in ["1.11", "1.15", "1.16", "1.17", "1.20"] {
        let require = ["example.com/b v1.0.0"];
        let imports = [
            "example.com/b",
            "example.com/deep",
            "example.com/c1",
            "example.com/split/part",
        ];
        projects.push(
            untidy("an old project", go_mod(MAIN, go, &require), &imports)
                .file("p_test.go", test(&["example.com/loose"])),
        );
        projects.push(untidy(
            "a newer go",
            go_mod(MAIN, go, &[]),
            &["example.com/modern", "example.com/c3"],
        ));
    }
    tidied_alike(&projects);
}

fn what_is_wrong_in_go_mod_and_go_sum_is_mended() {
    let a = ["example.com/a v1.1.0", "example.com/b v1.1.0 // indirect"];
    tidied_alike(&[
        untidy("no go.sum", go_mod(MAIN, "1.21", &a), &["example.com/a"]),
        untidy(
            "needless requirements",
            go_mod(
                MAIN,
                "1.21",
                &["example.com/a v1.1.0", "example.com/left v1.0.0"],
            ),
            &["example.com/b"],
        )
        .asks_nothing(),
        untidy(
            "wrong marks",
            go_mod(
                MAIN,
                "1.21",
                &["example.com/a v1.1.0 // indirect", "example.com/b v1.1.0"],
            ),
            &["example.com/a"],
        ),
        untidy(
            "what is required is too low",
            go_mod(
                MAIN,
                "1.21",
                &["example.com/a v1.1.0", "example.com/b v1.0.0"],
            ),
            &["example.com/a", "example.com/b"],
        ),
        untidy(
            "a path twice",
            go_mod(
                MAIN,
                "1.21",
                &["example.com/b v1.0.0", "example.com/b v1.2.0"],
            ),
            &["example.com/b"],
        )
        .asks_nothing(),
        untidy(
            "an implicit requirement",
            go_mod(MAIN, "1.21", &["example.com/wide/v2 v2.0.0"]),
            &["example.com/wide/v2", "example.com/wide"],
        )
        .asks_nothing(),
        untidy(
            "an implicit requirement with tests",
            go_mod(MAIN, "1.21", &["example.com/c1 v1.0.0"]),
            &["example.com/c1", "example.com/c2"],
        ),
        untidy("nothing is imported", go_mod(MAIN, "1.21", &a), &[]).asks_nothing(),
    ]);
}

fn imports_of_every_platform_and_test_count() {
    let tagged = |constraint: &str, path: &str| format!("{constraint}\n\n{}", package(&[path]));
    tidied_alike(&[
        untidy("constraints", go_mod(MAIN, "1.24", &[]), &[])
            .file("p_windows.go", package(&["example.com/b"]))
            .file("q.go", tagged("//go:build special && !linux", "example.com/t"))
            .file("r.go", tagged("// +build plan9,!cgo", "example.com/left"))
            .file("s.go", tagged("//go:build ignore", "example.com/nowhere"))
            .file("t.go", tagged("// +build ignore", "example.com/nowhere"))
            .file("u.go", tagged("//go:build !ignore", "example.com/right"))
            .file("_v.go", package(&["example.com/nowhere"]))
            .file("w.go", "package p\n\nimport \"C\"\nimport _ \"example.com/head\"\nimport _ \"appengine/x\"\n".to_owned()),
        untidy("tests of tests", go_mod(MAIN, "1.24", &[]), &[])
            .file("p_test.go", test(&["example.com/a"]))
            .file("q_test.go", test(&["example.com/deep"]).replace("package p\n", "package p_test\n")),
        untidy("a dependency with ports", go_mod(MAIN, "1.24", &[]), &["example.com/ports"]),
        untidy("folders that do not count", go_mod(MAIN, "1.25", &[]) + "\nignore ./skipped\n", &[])
            .file("skipped/p.go", package(&["example.com/nowhere"]))
            .file("testdata/p.go", package(&["example.com/nowhere"]))
            .file(".hidden/p.go", package(&["example.com/nowhere"]))
            .file("_hidden/p.go", package(&["example.com/nowhere"]))
            .file("nested/go.mod", go_mod("example.com/nested", "1.21", &[]))
            .file("nested/p.go", package(&["example.com/nowhere"]))
            .file("inner/p.go", package(&["example.com/b"]))
            .file("docs/readme.txt", String::new()),
    ]);
}

fn replacements_and_exclusions_count_in_what_is_found() {
    let with = |lines: &str| go_mod(MAIN, "1.24", &[]) + "\n" + lines + "\n";
    tidied_alike(&[
        untidy(
            "an exclusion",
            with("exclude example.com/a v1.1.0"),
            &["example.com/a"],
        ),
        untidy(
            "a folder",
            with("replace example.com/x => ./local"),
            &["example.com/x/in"],
        )
        .file(
            "local/go.mod",
            go_mod("example.com/x", "1.20", &["example.com/t v1.0.0"]),
        )
        .file("local/in/p.go", package(&["example.com/t"]))
        .asks_nothing(),
        untidy(
            "a fork",
            with("replace example.com/b => example.com/fork v1.0.5"),
            &["example.com/b"],
        )
        .asks_nothing(),
        untidy(
            "a fork of one version",
            with("replace example.com/b v1.1.0 => example.com/fork v1.0.5"),
            &["example.com/b"],
        )
        .asks_nothing(),
        untidy(
            "a folder without a dot",
            with("replace internal/x => ./local"),
            &["internal/x"],
        )
        .file("local/go.mod", go_mod("internal/x", "1.20", &[]))
        .file("local/p.go", package(&["example.com/u"])),
    ]);
}

fn lines_of_go_sum_that_nobody_needs_any_more_are_told() {
    let shop = Workshop::new(&[
        ("go.mod", go_mod(MAIN, "1.24", &[])),
        ("p.go", package(&["example.com/a", "example.com/left"])),
    ]);
    shop.online(&["mod", "tidy"]);
    shop.seed(&[]);
    assert_eq!(tidy_in(&shop.check(&[])), "yes");
    shop.sandbox.write("work/p.go", package(&["example.com/a"]));
    let told = shop.check(&[]);
    assert_eq!(tidy_in(&told), "no");
    for words in [
        "go.mod: go mod tidy drops the requirement of example.com/left\n",
        "example.com/left@v1.0.0: go mod tidy drops its line from go.sum\n",
    ] {
        assert!(told.stdout.contains(words), "{words}\n{}", told.stdout);
    }
    succeeded(&mut shop.offline(&["mod", "tidy"]));
    assert_eq!(tidy_in(&shop.check(&[])), "yes");
}

fn what_cannot_be_found_is_named() {
    let shop = Workshop::new(&[
        ("go.mod", go_mod(MAIN, "1.24", &[])),
        (
            "p.go",
            package(&["example.com/b", "example.com/b/none", "nowhere.example/x/y"]),
        ),
    ]);
    let told = shop.check(&[]);
    assert_eq!(tidy_in(&told), "no");
    for words in [
        "nowhere.example/x/y, imported by example.com/main: no required module provides it",
        "example.com/b, imported by example.com/main: no required module",
    ] {
        assert!(told.stdout.contains(words), "{words}\n{}", told.stdout);
    }
    assert!(
        told.stderr.contains("gomodcache seed --modcache"),
        "{}",
        told.stderr
    );
    assert!(told.stderr.contains(" --tidy, "), "{}", told.stderr);
    let told = shop.seed(&["--tidy"]);
    assert_eq!(told.code, Some(1), "{}", told.stderr);
    for words in [
        "`example.com/b/none`, required by example.com/main",
        "example.com/b@v1.2.0: does not contain package example.com/b/none",
        "`nowhere.example/x/y`, required by example.com/main",
    ] {
        assert!(told.stderr.contains(words), "{words}\n{}", told.stderr);
    }
    assert!(shop.cache().join("example.com/b@v1.2.0").exists());
    // Go finds no more than we do.
    assert!(!run(&mut shop.offline(&["mod", "tidy"])).status.success());
}

fn each_module_of_a_workspace_is_tidied() {
    let shop = Workshop::new(&[
        ("go.work", "go 1.24\n\nuse (\n\t./x\n\t./y\n)\n".to_owned()),
        ("x/go.mod", go_mod("example.com/x", "1.24", &[])),
        ("x/p.go", package(&["example.com/a"])),
        ("y/go.mod", go_mod("example.com/y", "1.24", &[])),
        ("y/p.go", package(&["example.com/head"])),
    ]);
    let told = shop.seed(&["--tidy"]);
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    assert!(told.stderr.contains("unverified"), "{}", told.stderr);
    for folder in ["x", "y"] {
        let mut command = shop.offline(&["mod", "tidy"]);
        let proxy = format!("file://{}/cache/download", shop.cache().display());
        let command = command.env("GOPROXY", proxy).env("GOWORK", "off");
        succeeded(command.current_dir(shop.sandbox.path("work").join(folder)));
    }
}
