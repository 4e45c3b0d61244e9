//! `--all-versions` and `--metadata`: what go would list.

use crate::support::mirror::Mirror;
use crate::support::oracle;
use crate::support::oracle_tests;
use crate::support::sandbox::{Sandbox, run_well};
use crate::support::server::{Import, Server};
use crate::support::tree::{self, Origin};
use libtest_mimic::Trial;
use serde_json::Value;

/// The tests of this group.
pub(crate) fn trials() -> Vec<Trial> {
    oracle_tests!("listing":
        all_versions_are_those_that_go_lists,
        all_versions_of_a_folder_are_those_that_go_lists,
        all_versions_of_v2_are_those_that_go_lists,
        all_versions_may_be_incompatible,
        all_versions_leave_retracted_ones_out_as_go_does,
        all_versions_write_what_single_downloads_write,
        metadata_answers_queries_offline,
    )
}

fn mirror() -> Mirror {
    Mirror::new()
        .go_mod("example.com/m")
        .file("m.go", "package m\n")
        .file("sub/go.mod", "module example.com/m/sub\n")
        .file("v2/go.mod", "module example.com/m/v2\n")
        .release("v1.0.0")
        .tags([
            "v1",
            "v1.0",
            "v1.0.1-rc.1",
            "v1.0.0+meta",
            "V1.0.9",
            "v01.2.3",
            "nightly",
            "v2.0.0",
        ])
        .tags([
            "sub/v0.1.0",
            "sub/v0.10.0",
            "sub/v0.9.0",
            "sub/x/v1.0.0",
            "v2.1.0-PRE",
            "v3.0.0",
        ])
        .file("go.mod", "module example.com/m\n\nretract v1.0.1\n")
        .release("v1.0.1")
        .release("v1.1.0")
        .tag("v1.0.0-20240101000000-0123456789ab")
}

fn incompatible() -> Mirror {
    Mirror::new()
        .file("m.go", "package m\n")
        .release("v1.0.0")
        .release("v2.0.0")
        .release("v3.0.0-rc.1")
}

struct Both {
    sandbox: Sandbox,
    server: Server,
}

impl Both {
    fn over(mirror: &Mirror) -> Both {
        let sandbox = Sandbox::new();
        mirror.build(&sandbox.path("m.git"));
        let server = Server::start(&sandbox);
        let repository = server.repository("m.git");
        server.import(Import {
            root: "example.com/m".to_owned(),
            repository,
            subdirectory: None,
        });
        Both { sandbox, server }
    }

    /// The versions that `go list -m -versions` tells.
    fn listed_by_go(&self, module: &str) -> Vec<String> {
        let mut go = oracle::go(&self.sandbox, &self.server, &self.sandbox.path("listing"));
        let told = run_well(go.args([
            "list",
            "-m",
            "-versions",
            "-json",
            &format!("{module}@latest"),
        ]));
        let told: Value = serde_json::from_slice(&told.stdout).expect("JSON");
        let versions = told["Versions"].as_array().cloned().unwrap_or_default();
        versions
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect()
    }

    /// The versions that we fetch with `--all-versions`, in the order of our output.
    fn fetched_by_us(&self, module: &str) -> Vec<String> {
        let mut ours = self.sandbox.gomodcache();
        ours.args(["fetch", module, "--all-versions", "--modcache"])
            .arg(self.sandbox.path("ours"))
            .args([
                "--mirror",
                &format!("example.com/m={}", self.server.repository("m.git")),
            ]);
        let told = run_well(&mut ours);
        let told = String::from_utf8_lossy(&told.stdout).into_owned();
        let versions = told.lines().filter_map(|line| line.split(' ').nth(1));
        versions
            .filter(|version| !version.ends_with("/go.mod"))
            .map(str::to_owned)
            .collect()
    }

    fn agree_on(&self, module: &str, count: usize) {
        let listed = self.listed_by_go(module);
        assert_eq!(listed.len(), count, "go lists {listed:?}");
        assert_eq!(self.fetched_by_us(module), listed);
    }
}

fn all_versions_are_those_that_go_lists() {
    Both::over(&mirror()).agree_on("example.com/m", 3);
}

fn all_versions_of_a_folder_are_those_that_go_lists() {
    Both::over(&mirror()).agree_on("example.com/m/sub", 3);
}

fn all_versions_of_v2_are_those_that_go_lists() {
    Both::over(&mirror()).agree_on("example.com/m/v2", 2);
}

fn all_versions_may_be_incompatible() {
    Both::over(&incompatible()).agree_on("example.com/m", 3);
}

fn all_versions_leave_retracted_ones_out_as_go_does() {
    let mirror = Mirror::new()
        .go_mod("example.com/m")
        .release("v1.0.0")
        .release("v1.1.0")
        .file("go.mod", "module example.com/m\n\nretract v1.1.0\n")
        .release("v1.2.0");
    Both::over(&mirror).agree_on("example.com/m", 2);
}

fn all_versions_write_what_single_downloads_write() {
    let both = Both::over(&mirror());
    let versions = both.fetched_by_us("example.com/m");
    let go_cache = both.sandbox.path("go");
    let mut go = oracle::go(&both.sandbox, &both.server, &go_cache);
    go.args(["mod", "download"]).args(
        versions
            .iter()
            .map(|version| format!("example.com/m@{version}")),
    );
    run_well(&mut go);
    let go = tree::list(&go_cache, Origin::Compared);
    let ours = tree::list(&both.sandbox.path("ours"), Origin::Compared);
    assert_eq!(tree::difference(&go, &ours), "");
}

fn metadata_answers_queries_offline() {
    let both = Both::over(&mirror());
    let mut ours = both.sandbox.gomodcache();
    ours.args(["fetch", "example.com/m@v1.0.0", "--metadata", "--modcache"])
        .arg(both.sandbox.path("ours"))
        .args([
            "--mirror",
            &format!("example.com/m={}", both.sandbox.path("m.git").display()),
        ]);
    run_well(&mut ours);
    let listed = both.listed_by_go("example.com/m");
    let offline = |query: &str| {
        let proxy = format!(
            "file://{}",
            both.sandbox.path("ours/cache/download").display()
        );
        let mut go = oracle::go(&both.sandbox, &both.server, &both.sandbox.path("offline"));
        go.env("GOPROXY", proxy);
        let told = run_well(go.args([
            "list",
            "-m",
            "-versions",
            "-json",
            &format!("example.com/m@{query}"),
        ]));
        serde_json::from_slice::<Value>(&told.stdout).expect("JSON")
    };
    let latest = offline("latest");
    assert_eq!(latest["Version"], "v1.1.0");
    assert_eq!(latest["Versions"], Value::from(listed));
    assert_eq!(offline("v1.0")["Version"], "v1.0.0");
}
