//! Private names never leave for a public proxy or checksum database: everything that does leave is written down.

use crate::loopback::{Answer, Loopback};
use crate::support::mirror::Mirror;
use crate::support::sample;
use crate::support::sandbox::{Sandbox, Told, run_well, tell};
use crate::support::tests;
use libtest_mimic::Trial;

/// The tests of this group.
pub(crate) fn trials() -> Vec<Trial> {
    tests!("private":
        a_name_that_is_not_private_is_seen,
        no_query_for_a_private_module_leaves,
        no_private_module_of_a_project_leaves,
        a_private_module_that_nobody_has_is_looked_for_nowhere,
        no_prefix_of_a_private_import_leaves,
    )
}

const PUBLIC: &str = "example.com/m@v1.0.0";
/// Both ways to say it.
const PRIVATE: [&[(&str, &str)]; 2] = [
    &[("GOPRIVATE", "*.example")],
    &[("GONOPROXY", "corp.example"), ("GONOSUMDB", "corp.example")],
];

/// A machine from which all ways out lead to one server, which is a module proxy, a forward proxy, and no checksum
/// database.
struct World {
    sandbox: Sandbox,
    outside: Loopback,
}

impl World {
    fn new() -> World {
        let sandbox = sample::sandbox();
        run_well(&mut sample::fetch_into(&sandbox, &[PUBLIC], "served"));
        let module = |path: &str| {
            Mirror::new()
                .file("go.mod", format!("module {path}\n\ngo 1.20\n"))
                .file("x.go", "package x\n")
        };
        let below = "module corp.example/hidden/x/sub\n";
        let hidden = module("corp.example/hidden/x")
            .release("v1.0.0")
            .file("sub/go.mod", below)
            .file("sub/x.go", "package x\n")
            .release("v1.1.0")
            .tag("sub/v0.1.0")
            .commit("tip");
        hidden.build(&sandbox.path("hidden.git"));
        let served = sandbox.path("served/cache/download");
        let outside = Loopback::start(move |asked| {
            let path = asked.target.trim_start_matches('/');
            match std::fs::read(served.join(path)) {
                Ok(content) => Answer::ok(content),
                Err(_) => Answer::status(404).text("not found"),
            }
        });
        World { sandbox, outside }
    }

    fn run(&self, arguments: &[&str], private: &[(&str, &str)]) -> Told {
        let mut command = self.sandbox.gomodcache();
        let url = self.outside.url();
        command
            .args(arguments)
            .args(["--proxy", "env", "--no-builtin-mirrors", "-v", "--modcache"])
            .arg(self.sandbox.path("modcache"))
            .env("GOPROXY", &url)
            .env("GOENV", "off")
            .envs(["http_proxy", "HTTPS_PROXY", "ALL_PROXY"].map(|name| (name, &url)))
            .env("NO_PROXY", "127.0.0.1")
            .envs(private.iter().copied());
        tell(&mut command)
    }

    /// The mirror of the private modules.
    fn mirror(&self) -> String {
        let repository = self.sandbox.path("hidden.git");
        format!("corp.example/hidden/x={}", repository.display())
    }

    /// Whether anything that left has a part of the private name in it.
    fn has_leaked(&self) -> bool {
        let asked = self.outside.asked();
        let words = ["corp.example", "hidden", "corp%2eexample", "!corp"];
        asked.iter().any(|asked| {
            let text = format!("{asked:?}").to_lowercase();
            words.iter().any(|word| text.contains(word))
        })
    }

    /// Whether a public module was asked for: without that a test would prove nothing.
    fn was_asked(&self) -> bool {
        let targets = self.outside.targets();
        targets
            .iter()
            .any(|target| target.starts_with("/example.com/m/"))
    }

    fn forgets(&self) {
        crate::support::sandbox::make_writable(&self.sandbox.path("modcache"));
        let _ = std::fs::remove_dir_all(self.sandbox.path("modcache"));
    }
}

fn a_name_that_is_not_private_is_seen() {
    let world = World::new();
    let told = world.run(&["fetch", "corp.example/hidden/x@v1.0.0"], &[]);
    assert_eq!(told.code, Some(1), "{told:#?}");
    assert!(world.has_leaked());
}

fn no_query_for_a_private_module_leaves() {
    let world = World::new();
    let mirror = world.mirror();
    for private in PRIVATE {
        for query in [
            "v1.0.0",
            "latest",
            "v1.1",
            "v1",
            ">=v1.0.0",
            "main",
            "none-such",
        ] {
            world.forgets();
            let request = format!("corp.example/hidden/x@{query}");
            let told = world.run(&["fetch", &request, PUBLIC, "--mirror", &mirror], private);
            let expected = if query == "none-such" { 1 } else { 0 };
            assert_eq!(told.code, Some(expected), "{query}: {told:#?}");
        }
        world.forgets();
        let extent = [
            "fetch",
            "corp.example/hidden/x",
            "example.com/m",
            "--all-versions",
            "--mirror",
            &mirror,
        ];
        let told = world.run(&extent, private);
        assert_eq!(told.code, Some(0), "{told:#?}");
    }
    assert!(world.was_asked());
    assert!(!world.has_leaked(), "{:#?}", world.outside.targets());
}

fn no_private_module_of_a_project_leaves() {
    for private in PRIVATE {
        let world = World::new();
        let mirror = world.mirror();
        world.sandbox.write(
            "work/go.mod",
            "module corp.example/hidden/app\n\ngo 1.20\n\nrequire (\n\tcorp.example/hidden/x v1.0.0\n\
             \tcorp.example/hidden/x/sub v0.1.0\n\texample.com/m v1.0.0\n)\n",
        );
        let package = "package app\n\nimport (\n\t_ \"corp.example/hidden/x\"\n\t_ \"corp.example/hidden/x/sub\"\n\
                       \t_ \"corp.example/hidden/x/none\"\n\t_ \"example.com/m\"\n)\n";
        world.sandbox.write("work/app.go", package);
        for arguments in [&["seed"][..], &["seed", "--tidy"], &["seed", "--dry-run"]] {
            world.forgets();
            let arguments = [arguments, &["--mirror", &mirror]].concat();
            let told = world.run(&arguments, private);
            assert!(matches!(told.code, Some(0 | 1)), "{told:#?}");
        }
        assert!(world.was_asked());
        assert!(!world.has_leaked(), "{:#?}", world.outside.targets());
    }
}

fn a_private_module_that_nobody_has_is_looked_for_nowhere() {
    let world = World::new();
    for private in PRIVATE {
        let requests = [
            "fetch",
            "corp.example/hidden/none@v1.0.0",
            "corp.example/hidden@latest",
            PUBLIC,
        ];
        let told = world.run(&requests, private);
        assert_eq!(told.code, Some(1), "{told:#?}");
    }
    assert!(world.was_asked());
    assert!(!world.has_leaked(), "{:#?}", world.outside.targets());
}

fn no_prefix_of_a_private_import_leaves() {
    for private in [
        &[("GOPRIVATE", "corp.example/hidden/x")][..],
        &[
            ("GONOPROXY", "corp.example/hidden/x"),
            ("GONOSUMDB", "corp.example/hidden/x"),
        ],
    ] {
        let world = World::new();
        let mirror = world.mirror();
        world
            .sandbox
            .write("work/go.mod", "module example.com/app\n\ngo 1.20\n");
        let package = "package app\n\nimport (\n\t_ \"corp.example/hidden/x/none\"\n\t_ \"example.com/m\"\n\
                       \t_ \"corp.example/hidden/x/sub\"\n)\n";
        world.sandbox.write("work/app.go", package);
        for sumdb in ["auto", "off"] {
            world.forgets();
            let arguments = ["seed", "--tidy", "--sumdb", sumdb, "--mirror", &mirror];
            let told = world.run(&arguments, private);
            told.fails(1, [
                "module corp.example/hidden: not looked for, because it is a part of the private name corp.example/hidden/x/none",
                "module corp.example: not looked for",
            ]);
            let sub = "modcache/cache/download/corp.example/hidden/x/sub/@v/v0.1.0.zip";
            assert!(world.sandbox.path(sub).exists(), "{told:#?}");
        }
        assert!(world.was_asked());
        assert!(!world.has_leaked(), "{:#?}", world.outside.targets());
    }
}
