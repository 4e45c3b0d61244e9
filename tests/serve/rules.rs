//! Rules of what is served: by module, by version, by age.

use crate::loopback::Answer;
use crate::support::sandbox::{Sandbox, tell};
use crate::support::tests;
use crate::team::{Served, Team};
use crate::world::Files;
use gomodcache::module::Time;
use libtest_mimic::Trial;
use rustix::process::Signal;
use std::time::SystemTime;

/// The tests of this group.
pub(crate) fn trials() -> Vec<Trial> {
    tests!("rules":
        rules_say_which_modules_and_versions_are_served,
        young_versions_are_neither_listed_nor_served,
        what_is_fetched_must_have_the_age_too,
        what_is_denied_is_not_fetched,
        rules_are_read_again_when_they_change,
        rules_that_make_no_sense_are_an_error,
    )
}

/// The `.info` of a version that has just been made.
fn new_info(version: &str) -> String {
    let now = Time::from(SystemTime::now());
    format!(r#"{{"Version":"{version}","Time":"{now}"}}"#)
}

fn rules(sandbox: &Sandbox, text: &str) -> String {
    let path = sandbox.write("rules.toml", text);
    path.to_str().expect("text").to_owned()
}

const RULES: &str = r#"
[[serve]]
module = "example.com/m"
versions = "<v1.1.0"
deny = "see the advisory"

[[serve]]
module = "example.com/old"
deny = true

[[serve]]
module = "example.com/large"
min_age = "7d"
"#;

fn rules_say_which_modules_and_versions_are_served() {
    let team = Team::new();
    let served = team.serve(&["--config", &rules(&team.sandbox, RULES)]);
    assert_eq!(
        served.get("/example.com/m/@v/list").text(),
        "v1.1.0\nv1.2.0\n"
    );
    for (target, status, text) in [
        (
            "/example.com/m/@v/v1.0.0.zip",
            403,
            "example.com/m@v1.0.0 is not served here: see the advisory\n",
        ),
        (
            "/example.com/old/@v/list",
            403,
            "module example.com/old is not served here\n",
        ),
        (
            "/example.com/old/@v/v1.0.0.info",
            403,
            "example.com/old@v1.0.0 is not served here\n",
        ),
        ("/example.com/!upper/@v/list", 200, "v1.0.0\nv1.1.0-RC1\n"),
    ] {
        let reply = served.get(target);
        assert_eq!(
            (reply.status, reply.text().as_str()),
            (status, text),
            "{target}"
        );
    }
}

fn young_versions_are_neither_listed_nor_served() {
    let team = Team::new();
    let folder = "served/cache/download/example.com/large/@v";
    for (name, content) in [
        ("v1.1.0.info", new_info("v1.1.0")),
        ("v1.1.0.mod", "module x\n".into()),
    ] {
        team.sandbox.write(&format!("{folder}/{name}"), content);
    }
    let served = team.serve(&["--config", &rules(&team.sandbox, RULES)]);
    assert_eq!(served.get("/example.com/large/@v/list").text(), "v1.0.0\n");
    assert!(
        served
            .get("/example.com/large/@latest")
            .text()
            .contains("\"v1.0.0\"")
    );
    for name in ["v1.1.0.info", "v1.1.0.mod"] {
        let reply = served.get(&format!("/example.com/large/@v/{name}"));
        assert_eq!(reply.status, 403);
        assert!(
            reply.text().ends_with("too young to be served yet\n"),
            "{reply:#?}"
        );
    }
    assert_eq!(served.get("/example.com/large/@v/v1.0.0.zip").status, 200);
}

fn what_is_fetched_must_have_the_age_too() {
    let upstream = Files::of(&["v1.0.0", "v1.1.0", "v1.2.0", "v1.3.0"])
        .with("@v/v1.2.0.info", Answer::ok(new_info("v1.2.0")))
        .with("@v/v1.3.0.info", Answer::ok(new_info("v1.3.0")))
        .serve();
    let sandbox = Sandbox::new();
    let rules = rules(&sandbox, "[[serve]]\nmodule = \"*\"\nmin_age = \"30d\"\n");
    let options = ["--fetch", "--config", &rules, "--proxy", &upstream.url()];
    let mut command = Served::command(&sandbox, &sandbox.path("served"), &options);
    let served = Served::spawn(command.env("GOSUMDB", "off"));
    assert_eq!(
        served.get("/example.com/m/@v/list").text(),
        "v1.0.0\nv1.1.0\n"
    );
    assert!(
        served
            .get("/example.com/m/@latest")
            .text()
            .contains("\"v1.1.0\"")
    );
    assert_eq!(served.get("/example.com/m/@v/v1.3.0.info").status, 403);
    assert_eq!(served.get("/example.com/m/@v/v1.0.0.zip").status, 200);
    let asked = upstream.targets();
    let of_oldest = asked.iter().position(|target| target.contains("v1.0.0"));
    let zip = asked
        .iter()
        .position(|target| target.ends_with("v1.0.0.zip"));
    assert!(
        of_oldest > Some(6) && zip.is_some(),
        "only when it is wanted: {asked:?}"
    );
}

fn what_is_denied_is_not_fetched() {
    let upstream = Files::of(&["v1.0.0"]).serve();
    let sandbox = Sandbox::new();
    let rules = rules(
        &sandbox,
        "[[serve]]\nmodule = \"example.com/m\"\ndeny = \"no\"\n",
    );
    let options = ["--fetch", "--config", &rules, "--proxy", &upstream.url()];
    let mut command = Served::command(&sandbox, &sandbox.path("served"), &options);
    let served = Served::spawn(command.env("GOSUMDB", "off"));
    for name in ["@v/list", "@latest", "@v/main.info", "@v/v1.0.0.zip"] {
        assert_eq!(
            served.get(&format!("/example.com/m/{name}")).status,
            403,
            "{name}"
        );
    }
    assert_eq!(upstream.targets(), [""; 0]);
}

fn rules_are_read_again_when_they_change() {
    let team = Team::new();
    let file = rules(&team.sandbox, "");
    let served = team.serve(&["--config", &file]);
    let target = "/example.com/old/@v/list";
    assert_eq!(served.get(target).status, 200);
    std::fs::write(&file, RULES).expect("a file");
    served.signal(Signal::HUP);
    served.until(target, |reply| reply.status == 403);
}

fn rules_that_make_no_sense_are_an_error() {
    let team = Team::new();
    let file = rules(
        &team.sandbox,
        "[[serve]]\nmodule = \"x\"\nmin_age = \"soon\"\n",
    );
    let mut command = team.sandbox.gomodcache();
    command.args(["serve", "--listen", "127.0.0.1:0", "--config", &file]);
    let told = tell(command.arg("--modcache").arg(team.cache()));
    told.fails(
        1,
        [
            "rule 1 of [[serve]]",
            "`soon` is no age such as `7d`, `12h` or `30m`",
        ],
    );
}
