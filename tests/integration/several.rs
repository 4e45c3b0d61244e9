//! Several modules in one run, and the face: stdout, stderr, exit codes.

use crate::support::sample::{self, FIRST_SUMS, SECOND_SUMS, SUB_SUMS};
use crate::support::sandbox::{Sandbox, tell};
use crate::support::{tests, tree};
use libtest_mimic::Trial;
use serde_json::Value;

/// The tests of this group.
pub(crate) fn trials() -> Vec<Trial> {
    tests!("several":
        the_sums_come_in_the_order_of_the_requests,
        one_failure_does_not_stop_the_rest,
        every_failure_is_in_the_summary,
        the_same_version_twice_is_one,
        json_has_one_object_for_each_module,
        json_tells_a_failure_as_an_object,
        quiet_says_nothing_but_the_sums,
        nothing_of_the_terminal_is_in_a_file,
        an_unknown_version_is_told_with_its_neighbours,
        a_request_without_a_path_is_a_usage_error,
        no_request_is_a_usage_error,
        an_unknown_option_is_a_usage_error,
        a_missing_repository_is_told_by_its_path,
    )
}

fn the_sums_come_in_the_order_of_the_requests() {
    let sandbox = sample::sandbox();
    let requests = [
        "example.com/m@v1.1.0",
        "example.com/m/sub@v0.1.0",
        "example.com/m@v1.0.0",
    ];
    let told = tell(&mut sample::fetch(&sandbox, &requests));
    told.prints(&[SECOND_SUMS, SUB_SUMS, FIRST_SUMS].concat());
}

fn one_failure_does_not_stop_the_rest() {
    let sandbox = sample::sandbox();
    let requests = [
        "example.com/m@v1.0.0",
        "example.com/m@v7.7.7",
        "example.com/m/sub@v0.1.0",
    ];
    let told = tell(&mut sample::fetch(&sandbox, &requests));
    assert_eq!(told.code, Some(1), "{told:#?}");
    assert_eq!(told.stdout, [FIRST_SUMS, SUB_SUMS].concat(), "{told:#?}");
    told.mentions(["example.com/m@v7.7.7"]);
}

fn every_failure_is_in_the_summary() {
    let sandbox = sample::sandbox();
    let requests = [
        "example.com/m@v7.7.7",
        "example.com/m@v1.0.0",
        "example.com/m/none@v1.0.0",
    ];
    let told = tell(&mut sample::fetch(&sandbox, &requests));
    assert_eq!(
        (told.code, told.stdout.as_str()),
        (Some(1), FIRST_SUMS),
        "{told:#?}"
    );
    let last: Vec<&str> = told.stderr.lines().rev().take(4).collect();
    let tells = |name: &str| last.iter().any(|line| line.contains(name));
    assert!(
        tells("example.com/m@v7.7.7") && tells("example.com/m/none@v1.0.0"),
        "{told:#?}"
    );
}

fn the_same_version_twice_is_one() {
    let sandbox = sample::sandbox();
    let requests = ["example.com/m@v1.0.0", "example.com/m@v1.0.0"];
    let told = tell(&mut sample::fetch(&sandbox, &requests));
    assert_eq!(told.code, Some(0), "{told:#?}");
    let cleaned = told.stdout.replacen(FIRST_SUMS, "", 2);
    assert_eq!(cleaned, "", "{told:#?}");
}

fn objects(stdout: &str) -> Vec<Value> {
    let stream = serde_json::Deserializer::from_str(stdout).into_iter::<Value>();
    stream.map(|object| object.expect("an object")).collect()
}

fn json_has_one_object_for_each_module() {
    let sandbox = sample::sandbox();
    let requests = ["example.com/m@latest", "example.com/m/sub@v0.1.0"];
    let told = tell(sample::fetch(&sandbox, &requests).arg("--json"));
    assert_eq!(told.code, Some(0), "{told:#?}");
    let told = objects(&told.stdout);
    let versions: Vec<_> = told
        .iter()
        .map(|object| object["Version"].as_str())
        .collect();
    assert_eq!(versions, [Some("v1.1.0"), Some("v0.1.0")]);
    assert_eq!(told[0]["Query"], "latest");
    assert_eq!(told[1].get("Query"), None);
}

fn json_tells_a_failure_as_an_object() {
    let sandbox = sample::sandbox();
    let requests = ["example.com/m@v7.7.7", "example.com/m@v1.0.0"];
    let told = tell(sample::fetch(&sandbox, &requests).arg("--json"));
    assert_eq!(told.code, Some(1), "{told:#?}");
    let objects = objects(&told.stdout);
    assert_eq!(objects.len(), 2, "{told:#?}");
    assert_eq!(objects[0]["Version"], "v7.7.7");
    let error = objects[0]["Error"].as_str().unwrap_or_default();
    assert!(error.contains("v7.7.7"), "{told:#?}");
    assert_eq!(objects[1]["Version"], "v1.0.0");
}

fn quiet_says_nothing_but_the_sums() {
    let sandbox = sample::sandbox();
    let told = tell(sample::fetch(&sandbox, &["example.com/m@v1.0.0"]).arg("-q"));
    told.prints(FIRST_SUMS);
    assert_eq!(told.stderr, "");
}

fn nothing_of_the_terminal_is_in_a_file() {
    let sandbox = sample::sandbox();
    let told = tell(&mut sample::fetch(&sandbox, &["example.com/m@v1.0.0"]));
    told.prints(FIRST_SUMS);
    assert!(!told.stderr.contains(['\u{1b}', '\r']), "{told:#?}");
}

fn an_unknown_version_is_told_with_its_neighbours() {
    let sandbox = sample::sandbox();
    let told = tell(&mut sample::fetch(&sandbox, &["example.com/m@v1.0.9"]));
    told.fails(1, ["example.com/m@v1.0.9", "v1.0.0", "v1.1.0", "hint: "]);
}

fn a_request_without_a_path_is_a_usage_error() {
    let sandbox = sample::sandbox();
    tell(&mut sample::fetch(&sandbox, &["@v1.0.0"])).fails(2, []);
}

fn no_request_is_a_usage_error() {
    let sandbox = sample::sandbox();
    tell(&mut sample::fetch(&sandbox, &[])).fails(2, []);
}

fn an_unknown_option_is_a_usage_error() {
    let sandbox = sample::sandbox();
    let told = tell(sample::fetch(&sandbox, &["example.com/m@v1.0.0"]).arg("--nothing"));
    told.fails(2, ["--nothing"]);
    assert_eq!(tree::files(&sandbox.path("modcache")), [""; 0]);
}

fn a_missing_repository_is_told_by_its_path() {
    let sandbox = Sandbox::new();
    let told = tell(&mut sample::fetch(&sandbox, &["example.com/m@v1.0.0"]));
    told.fails(1, ["example.com/m@v1.0.0", "m.git"]);
    assert_eq!(tree::files(&sandbox.path("modcache")), [""; 0]);
}
