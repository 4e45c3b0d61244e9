//! What is not stored is fetched: once, from where the rules say, and never again.

use crate::client::{self};
use crate::crowd::{Crowd, gated};
use crate::loopback::{Answer, Loopback};
use crate::support::mirror::Mirror;
use crate::support::oracle::go_behind;
use crate::support::sandbox::{Sandbox, run_well, tell};
use crate::support::{oracle_tests, tests};
use crate::team::Served;
use crate::world::Files;
use libtest_mimic::Trial;
use std::io::Write;
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// The tests of this group.
pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = tests!("fetch":
        ten_thousand_who_want_a_version_at_once_cause_one_fetch,
        a_client_that_does_not_wait_leaves_the_version_to_others,
        what_is_stored_is_never_fetched_again,
        clients_can_say_that_nothing_is_to_be_fetched,
        lists_are_those_of_the_source_and_of_the_cache,
        without_the_source_what_is_stored_counts,
        a_moved_tag_changes_nothing,
        refusals_have_their_status_and_reason,
        private_modules_are_asked_of_no_proxy,
        sources_without_fetch_are_refused,
        a_server_that_is_killed_leaves_a_sound_cache,
    );
    trials.extend(oracle_tests!("fetch":
        go_gets_through_the_server_what_it_would_get_itself,
        go_shows_why_a_module_is_denied,
    ));
    trials
}

/// A server with an empty cache.
struct Site {
    sandbox: Sandbox,
}

impl Site {
    fn new() -> Site {
        let sandbox = Sandbox::new();
        Site { sandbox }
    }

    fn command(&self, options: &[&str]) -> Command {
        let modcache = self.sandbox.path("served");
        let mut command = Served::command(&self.sandbox, &modcache, &["--fetch"]);
        command.args(options).env("GOSUMDB", "off");
        command
    }

    fn behind(&self, upstream: &Loopback) -> Served {
        let url = upstream.url();
        Served::spawn(&mut self.command(&["--proxy", &url]))
    }

    fn stored(&self, name: &str) -> PathBuf {
        self.sandbox.path("served/cache/download").join(name)
    }

    fn go(&self, user: &str, goproxy: &str) -> Command {
        let modcache = self.sandbox.path(user);
        let mut command = go_behind(&self.sandbox, "http://127.0.0.1:9", &modcache);
        command
            .env("GOPROXY", goproxy)
            .env("GOFLAGS", "-modcacherw");
        command
    }
}

const ZIP: &str = "/example.com/m/@v/v1.0.0.zip";

fn ten_thousand_who_want_a_version_at_once_cause_one_fetch() {
    let files = Files::of(&["v1.0.0"]);
    let expected = files.contents().find(|(target, _)| *target == ZIP);
    let expected = expected.expect("a zip").1;
    let (gate, upstream) = gated(&files);
    let site = Site::new();
    let served = site.behind(&upstream);
    let mut crowd = Crowd::new();
    crowd.ask(&served, ZIP, 50, 200);
    gate.open();
    crowd.all_get(expected);
    let count = |target: &str| {
        upstream
            .targets()
            .iter()
            .filter(|asked| *asked == target)
            .count()
    };
    assert_eq!(count(ZIP), 1, "{:?}", upstream.targets());
    assert_eq!(upstream.targets().len(), 3, "{:?}", upstream.targets());
}

fn a_client_that_does_not_wait_leaves_the_version_to_others() {
    let files = Files::default().module("example.com/m", &["v1.0.0"]);
    let (gate, upstream) = gated(&files);
    let site = Site::new();
    let served = site.behind(&upstream);
    let mut impatient = client::connect(served.address());
    let asked = client::request("GET", ZIP, &[]);
    impatient.write_all(&asked).expect("sent");
    served.until_in_flight(1);
    while upstream.targets().is_empty() {
        std::thread::sleep(Duration::from_millis(1));
    }
    drop(impatient);
    served.until_in_flight(0);
    gate.open();
    let stored = format!("/cached-only{ZIP}");
    served.until(&stored, |reply| reply.status == 200);
    let told = served.stop();
    let line = format!("\"GET {ZIP} HTTP/1.1\" 499 0 ");
    assert!(told.stderr.contains(&line), "{}", told.stderr);
}

fn what_is_stored_is_never_fetched_again() {
    let upstream = Files::of(&["v1.0.0"]).serve();
    let site = Site::new();
    let served = site.behind(&upstream);
    for name in ["v1.0.0.info", "v1.0.0.mod", "v1.0.0.zip"] {
        let target = format!("/example.com/m/@v/{name}");
        let reply = served.get(&target);
        assert_eq!(reply.status, 200, "{target}");
        let stored = std::fs::read(site.stored(&target[1..])).expect(name);
        assert!(reply.body == stored, "{target}");
    }
    drop(served);
    let before = upstream.asked().len();
    let again = site.behind(&upstream);
    for name in ["v1.0.0.info", "v1.0.0.mod", "v1.0.0.zip"] {
        assert_eq!(again.get(&format!("/example.com/m/@v/{name}")).status, 200);
    }
    assert_eq!(upstream.asked().len(), before);
}

fn clients_can_say_that_nothing_is_to_be_fetched() {
    let upstream = Files::of(&["v1.0.0"]).serve();
    let site = Site::new();
    let served = site.behind(&upstream);
    let forbidden = [("Disable-Module-Fetch", "true")];
    for target in ["/example.com/m/@v/list", "/example.com/m/@latest", ZIP] {
        assert_eq!(
            served.ask("GET", target, &forbidden).status,
            404,
            "{target}"
        );
        assert_eq!(
            served.get(&format!("/cached-only{target}")).status,
            404,
            "{target}"
        );
    }
    assert_eq!(upstream.targets(), [""; 0]);
    assert_eq!(served.get(ZIP).status, 200);
    assert_eq!(served.ask("GET", ZIP, &forbidden).status, 200);
    assert_eq!(served.get(&format!("/cached-only{ZIP}")).status, 200);
}

fn lists_are_those_of_the_source_and_of_the_cache() {
    let upstream = Files::of(&["v1.0.0", "v1.2.0"]).serve();
    let site = Site::new();
    for kind in ["info", "mod"] {
        let info = r#"{"Version":"v1.1.0","Time":"2020-01-02T03:04:05Z"}"#;
        let name = format!("served/cache/download/example.com/m/@v/v1.1.0.{kind}");
        site.sandbox.write(&name, info);
    }
    let served = site.behind(&upstream);
    for _ in 0..3 {
        let list = served.get("/example.com/m/@v/list");
        assert_eq!(list.text(), "v1.0.0\nv1.1.0\nv1.2.0\n");
        let latest = served.get("/example.com/m/@latest");
        assert!(latest.text().contains("\"v1.2.0\""), "{latest:#?}");
        assert_eq!(latest.header("cache-control"), "public, max-age=60");
    }
    let asked = upstream.targets();
    let lists = asked.iter().filter(|target| target.ends_with("/list"));
    assert!(lists.count() <= 2, "once for each question: {asked:?}");
    let stored = served.get("/cached-only/example.com/m/@v/list");
    assert_eq!(stored.text(), "v1.1.0\nv1.2.0\n");
}

fn without_the_source_what_is_stored_counts() {
    let is_down = Arc::new(Mutex::new(false));
    let files = Files::of(&["v1.0.0"]).with("@v/main.info", {
        Answer::ok(r#"{"Version":"v1.0.0","Time":"2020-01-02T03:04:05Z"}"#)
    });
    let files: Vec<(String, Vec<u8>)> = files
        .contents()
        .map(|(target, content)| (target.to_owned(), content.to_vec()))
        .collect();
    let upstream = Loopback::start({
        let is_down = Arc::clone(&is_down);
        move |asked| match *is_down.lock().expect("a switch") {
            true => Answer::status(500).text("out of order"),
            false => {
                let found = files.iter().find(|(target, _)| *target == asked.target);
                found.map_or(Answer::status(404), |(_, content)| {
                    Answer::ok(content.clone())
                })
            }
        }
    });
    let site = Site::new();
    let served = site.behind(&upstream);
    let targets = [
        "/example.com/m/@v/list",
        "/example.com/m/@latest",
        "/example.com/m/@v/main.info",
    ];
    let before = targets.map(|target| served.get(target).text());
    assert_eq!(before[0], "v1.0.0\n");
    drop(served);
    *is_down.lock().expect("a switch") = true;
    let served = site.behind(&upstream);
    assert_eq!(served.get(targets[0]).text(), before[0]);
    assert_eq!(served.get(targets[1]).text(), before[1]);
    let branch = served.get(targets[2]);
    assert_eq!(branch.status, 502, "nothing is stored of branches");
    assert!(branch.text().contains("out of order"), "{branch:#?}");
    let absent = served.get("/example.com/absent/@v/list");
    assert_eq!(absent.status, 502);
}

fn release(text: &str) -> Mirror {
    Mirror::new()
        .go_mod("example.com/m")
        .file("m.go", format!("package m // {text}\n"))
        .release("v1.0.0")
        .release("v1.1.0")
}

fn a_moved_tag_changes_nothing() {
    let site = Site::new();
    let folder = site.sandbox.path("m.git");
    release("as it was").build(&folder);
    let mirror = format!("example.com/m={}", folder.display());
    let serve = || Served::spawn(&mut site.command(&["--mirror", &mirror, "--no-builtin-mirrors"]));
    let served = serve();
    let before = served.get(ZIP);
    assert_eq!(before.status, 200, "{before:#?}");
    assert_eq!(served.get("/example.com/m/@v/v1.1.0.info").status, 200);
    drop(served);
    std::fs::remove_dir_all(&folder).expect("a mirror");
    release("as it is")
        .date("2024-02-01T00:00:00Z")
        .commit("x")
        .tag("v1.2.0")
        .build(&folder);
    let other = Mirror::new()
        .date("2024-03-01T00:00:00Z")
        .go_mod("example.com/m");
    std::fs::remove_dir_all(&folder).expect("a mirror");
    let other = other.file("m.go", "package m // moved\n").commit("moved");
    other.tag("v1.0.0").tag("v1.1.0").build(&folder);
    let served = serve();
    assert!(served.get(ZIP).body == before.body);
    let moved = served.get("/example.com/m/@v/v1.1.0.zip");
    assert_eq!(moved.status, 502, "{moved:#?}");
    assert!(
        moved
            .text()
            .contains("has moved the version since its .info was stored")
    );
    assert!(!site.stored("example.com/m/@v/v1.1.0.zip").exists());
}

fn refusals_have_their_status_and_reason() {
    let upstream = Files::of(&["v1.0.0"])
        .with("@v/v1.5.0.info", Answer::status(500).text("out of order"))
        .with("@v/v1.6.0.info", Answer::status(403).text("not for you"))
        .serve();
    let site = Site::new();
    let rules = format!(
        "proxy = \"{}\"\n\n[[mirror]]\nmodule = \"example.com/denied\"\ndeny = \"use example.com/m\"\n",
        upstream.url()
    );
    let rules = site.sandbox.write("rules.toml", rules);
    let served = Served::spawn(&mut site.command(&["--config", rules.to_str().expect("text")]));
    for (target, status, text) in [
        ("/example.com/denied/@v/list", 403, "use example.com/m"),
        (
            "/example.com/denied/@v/v1.0.0.zip",
            403,
            "use example.com/m",
        ),
        ("/example.com/m/@v/v1.9.0.info", 404, "not found: "),
        (
            "/example.com/m/@v/v2.0.0.mod",
            404,
            "should be v0 or v1, not v2",
        ),
        ("/example.com/m/@v/v2.0.0.info", 404, "not found: "),
        ("/example.com/absent/@latest", 404, "not found: "),
        ("/example.com/m/@v/gone.info", 404, "not found: "),
        ("/example.com/m/@v/v1.5.0.info", 502, "out of order"),
        ("/example.com/m/@v/v1.6.0.zip", 502, "not for you"),
    ] {
        let reply = served.get(target);
        assert_eq!(reply.status, status, "{target}: {reply:#?}");
        assert!(reply.text().contains(text), "{target}: {}", reply.text());
        assert_eq!(reply.header("content-type"), "text/plain; charset=utf-8");
        assert_eq!(reply.header("cache-control"), "no-store");
    }
}

fn private_modules_are_asked_of_no_proxy() {
    let upstream = Files::of(&["v1.0.0"]).serve();
    let site = Site::new();
    let url = upstream.url();
    let mut command = site.command(&["--proxy", &url, "--no-builtin-mirrors"]);
    let served = Served::spawn(command.env("GOPRIVATE", "example.com/m"));
    for target in ["/example.com/m/@v/list", "/example.com/m/@latest", ZIP] {
        assert_eq!(served.get(target).status, 404, "{target}");
    }
    assert_eq!(upstream.targets(), [""; 0]);
}

fn a_server_that_is_killed_leaves_a_sound_cache() {
    const VERSIONS: usize = 60;
    let versions: Vec<String> = (0..VERSIONS)
        .map(|number| format!("v1.0.{number}"))
        .collect();
    let versions: Vec<&str> = versions.iter().map(String::as_str).collect();
    let upstream = Files::of(&versions).serve();
    let site = Site::new();
    let mut served = site.behind(&upstream);
    let clients = versions.iter().map(|version| {
        let request = client::request("GET", &format!("/example.com/m/@v/{version}.zip"), &[]);
        let mut stream = client::connect(served.address());
        std::io::Write::write_all(&mut stream, &request).expect("sent");
        stream
    });
    let clients: Vec<_> = clients.collect();
    while !upstream
        .targets()
        .iter()
        .any(|target| target.ends_with(".zip"))
    {
        std::thread::sleep(Duration::from_millis(1));
    }
    served.signal(rustix::process::Signal::KILL);
    served.wait();
    drop(clients);
    let verify = || {
        let mut verify = site.sandbox.gomodcache();
        tell(
            verify
                .args(["verify", "--modcache"])
                .arg(site.sandbox.path("served")),
        )
    };
    let is_rest = |line: &str| {
        // It may have been killed before it could write a list, too.
        line.ends_with("temporary file of a run that was killed")
            || line.split_whitespace().nth(1) == Some("list")
    };
    let told = verify();
    assert!(told.stdout.lines().all(is_rest), "{told:#?}");
    let again = site.behind(&upstream);
    for version in versions {
        let reply = again.get(&format!("/example.com/m/@v/{version}.zip"));
        assert_eq!(reply.status, 200, "{version}: {reply:#?}");
    }
    let told = verify();
    assert_eq!(told.code, Some(0), "{told:#?}");
    told.mentions([format!("verified {VERSIONS} versions").as_str()]);
}

fn sources_without_fetch_are_refused() {
    let sandbox = Sandbox::new();
    let mut command = sandbox.gomodcache();
    let told = tell(command.args([
        "serve",
        "--proxy",
        "https://proxy.example",
        "--modcache",
        "x",
    ]));
    told.fails(2, ["--fetch is missing"]);
}

fn go_gets_through_the_server_what_it_would_get_itself() {
    let upstream = Files::of(&["v1.0.0", "v1.1.0", "v1.2.0-RC1"])
        .module(
            "example.com/Upper",
            &["v1.0.0", "v0.0.0-20200102030405-0123456789ab"],
        )
        .serve();
    let site = Site::new();
    let served = site.behind(&upstream);
    for arguments in [
        &["list", "-m", "-versions", "example.com/m"][..],
        &["list", "-m", "example.com/m@latest"],
        &["list", "-m", "example.com/m@v1.0"],
        &[
            "list",
            "-m",
            "example.com/Upper@v0.0.0-20200102030405-0123456789ab",
        ],
        &["list", "-m", "example.com/absent@latest"],
    ] {
        let ask = |user: &str, goproxy: &str| {
            let told = tell(site.go(user, goproxy).args(arguments));
            (told.code, told.stdout)
        };
        assert_eq!(
            ask("a", &served.url),
            ask("b", &upstream.url()),
            "{arguments:?}"
        );
    }
    let modules = [
        "example.com/m@latest",
        "example.com/m@v1.2.0-RC1",
        "example.com/Upper@v1.0.0",
    ];
    let download = |user: &str, goproxy: &str| {
        run_well(
            site.go(user, goproxy)
                .args(["mod", "download"])
                .args(modules),
        );
        crate::sumdb::files_below(&site.sandbox.path(&format!("{user}/cache/download")))
    };
    assert_eq!(download("a", &served.url), download("b", &upstream.url()));
    let asked = upstream.asked().len();
    download("c", &served.url);
    assert_eq!(upstream.asked().len(), asked, "all is stored");
}

fn go_shows_why_a_module_is_denied() {
    let site = Site::new();
    let rules = "[[mirror]]\nmodule = \"example.com/m\"\ndeny = \"see the wiki\"\n";
    let rules = site.sandbox.write("rules.toml", rules);
    let served = Served::spawn(&mut site.command(&["--config", rules.to_str().expect("text")]));
    let goproxy = format!("{},direct", served.url);
    let told = tell(
        site.go("user", &goproxy)
            .args(["mod", "download", "example.com/m@v1.0.0"]),
    );
    told.fails(1, ["403 Forbidden", "see the wiki"]);
}
