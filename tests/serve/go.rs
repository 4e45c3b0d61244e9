//! The real go, which gets from the server what it gets from the folder.

use crate::sumdb::files_below;
use crate::support::oracle::go_behind;
use crate::support::oracle_tests;
use crate::support::sandbox::{make_writable, run_well, tell};
use crate::team::Team;
use crate::world::Files;
use libtest_mimic::Trial;
use std::collections::BTreeMap;
use std::os::unix::fs::symlink;
use std::process::Command;

/// The tests of this group.
pub(crate) fn trials() -> Vec<Trial> {
    oracle_tests!("go":
        queries_have_the_answers_of_the_folder,
        capitals_are_listed_unlike_in_the_folder,
        downloads_leave_the_same_cache_as_from_the_folder,
        a_project_is_tidied_and_built_from_the_server_alone,
        lists_of_proxies_go_on_where_the_server_has_nothing,
        a_fault_stops_a_list_with_a_comma_and_not_one_with_a_bar,
    )
}

/// Go on a machine with an empty cache.
pub(crate) fn go(team: &Team, goproxy: &str) -> Command {
    let modcache = team.sandbox.path("user");
    make_writable(&modcache);
    let _ = std::fs::remove_dir_all(&modcache);
    let mut command = go_behind(&team.sandbox, "http://127.0.0.1:9", &modcache);
    command.env("GOPROXY", goproxy).env("GOFLAGS", "-mod=mod");
    command
}

const FORMAT: &str = "{{.Path}} {{.Version}} {{.Query}} {{.Time}} {{.Retracted}} {{.Error}}";

fn queries_have_the_answers_of_the_folder() {
    let team = Team::new();
    let served = team.serve(&[]);
    let tip = team.m.expand("{tip}");
    let queries = [
        "example.com/m@latest",
        "example.com/m@v1",
        "example.com/m@v1.1",
        "example.com/m@>=v1.0.1",
        "example.com/m@<v1.1.0-rc.2",
        "example.com/m@v1.2.0",
        "example.com/m@v1.9.0",
        "example.com/m@v2",
        "example.com/old@latest",
        "example.com/old@v2",
        "example.com/head@latest",
        "example.com/Upper@v1.1.0-RC1",
        "example.com/absent@latest",
        "example.com@latest",
    ];
    for query in queries {
        let ask = |goproxy: &str| {
            let mut command = go(&team, goproxy);
            let told = tell(command.args(["list", "-m", "-retracted", "-f", FORMAT, query]));
            (told.code, told.stdout)
        };
        assert_eq!(ask(&served.url), ask(&team.folder()), "{query}");
    }
    for path in ["example.com/m", "example.com/old", "example.com/head"] {
        for flag in ["-retracted=false", "-retracted"] {
            let ask = |goproxy: &str| {
                let arguments = ["list", "-m", "-versions", flag, path];
                run_well(go(&team, goproxy).args(arguments)).stdout
            };
            let (ours, theirs) = (ask(&served.url), ask(&team.folder()));
            assert_eq!(ours, theirs, "{path} {flag}");
        }
    }
    // A folder knows nothing of commits, whose versions are stored nevertheless.
    let query = format!("example.com/m@{tip}");
    let told = tell(go(&team, &served.url).args(["list", "-m", &query]));
    told.prints(&team.m.expand("example.com/m v1.1.1-0.{tip:pseudo}\n"));
    let told = tell(go(&team, &served.url).args(["list", "-m", "example.com/m@nothing"]));
    told.fails(1, ["no version of this revision is stored"]);
}

fn capitals_are_listed_unlike_in_the_folder() {
    let team = Team::new();
    let served = team.serve(&[]);
    let list = |goproxy: &str| {
        tell(go(&team, goproxy).args(["list", "-m", "-versions", "example.com/Upper"]))
    };
    list(&served.url).prints("example.com/Upper v1.0.0 v1.1.0-RC1\n");
    list(&team.folder()).prints("example.com/Upper v1.0.0\n");
}

fn downloads_leave_the_same_cache_as_from_the_folder() {
    let team = Team::new();
    let served = team.serve(&["--prefix", "/go/"]);
    let modules = [
        "example.com/m@v1.0.0",
        "example.com/m@v1.2.0",
        "example.com/Upper@v1.1.0-RC1",
        "example.com/old@v2.0.0+incompatible",
        "example.com/large@v1.0.0",
        "example.com/head@latest",
    ];
    let download = |goproxy: &str| -> BTreeMap<String, Vec<u8>> {
        run_well(go(&team, goproxy).args(["mod", "download"]).args(modules));
        files_below(&team.sandbox.path("user/cache/download"))
    };
    assert!(served.url.ends_with("/go"), "{}", served.url);
    let ours = download(&served.url);
    assert!(ours.contains_key("example.com/large/@v/v1.0.0.zip"));
    assert_eq!(ours, download(&team.folder()));
    assert_eq!(ours, download(&format!("{}/cached-only", served.url)));
}

fn a_project_is_tidied_and_built_from_the_server_alone() {
    let team = Team::new();
    let served = team.serve(&[]);
    let work = |goproxy: &str| {
        team.sandbox
            .write("work/go.mod", "module example.com/work\n\ngo 1.20\n");
        let main = "package main\n\nimport _ \"example.com/Upper\"\n\nfunc main() {}\n";
        team.sandbox.write("work/main.go", main);
        let _ = std::fs::remove_file(team.sandbox.path("work/go.sum"));
        run_well(go(&team, goproxy).args(["mod", "tidy"]));
        let read = |name| std::fs::read_to_string(team.sandbox.path(name)).expect(name);
        let tidied = [read("work/go.mod"), read("work/go.sum")];
        run_well(go(&team, goproxy).args(["build", "-o", "/dev/null", "."]));
        run_well(go(&team, goproxy).args(["get", "example.com/m@v1.1"]));
        let upgraded = read("work/go.mod");
        assert!(upgraded.contains("example.com/m v1.1.0"), "{upgraded}");
        (tidied, upgraded)
    };
    assert_eq!(work(&served.url), work(&team.folder()));
}

fn lists_of_proxies_go_on_where_the_server_has_nothing() {
    let team = Team::new();
    let served = team.serve(&[]);
    let next = Files::default()
        .module("example.com/elsewhere", &["v1.0.0"])
        .serve();
    for separator in [",", "|"] {
        let goproxy = format!("{}{separator}{}", served.url, next.url());
        let ask = |query| tell(go(&team, &goproxy).args(["list", "-m", query]));
        ask("example.com/elsewhere@latest").prints("example.com/elsewhere v1.0.0\n");
        ask("example.com/m@latest").prints("example.com/m v1.1.0\n");
    }
    let asked = next.targets();
    let is_ours = |target: &&String| target.contains("example.com/m/");
    assert!(asked.iter().find(is_ours).is_none(), "{asked:?}");
}

fn a_fault_stops_a_list_with_a_comma_and_not_one_with_a_bar() {
    let team = Team::new();
    let name = "v1.5.0.info";
    symlink(name, team.stored(&format!("example.com/m/@v/{name}"))).expect("a link to itself");
    let served = team.serve(&[]);
    let next = Files::of(&["v1.5.0"]).serve();
    let ask = |separator| {
        let goproxy = format!("{}{separator}{}", served.url, next.url());
        tell(go(&team, &goproxy).args(["list", "-m", "example.com/m@v1.5.0"]))
    };
    ask("|").prints("example.com/m v1.5.0\n");
    ask(",").fails(1, ["500 Internal Server Error", "its log says why"]);
    let told = served.stop();
    told.mentions([
        "v1.5.0.info",
        "/example.com/m/@v/v1.5.0.info HTTP/1.1\" 500",
    ]);
}
