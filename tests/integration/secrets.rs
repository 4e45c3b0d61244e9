//! Credentials in a URL never appear in any output or file.

use crate::support::oracle_tests;
use crate::support::sample::{self, FIRST_SUMS};
use crate::support::sandbox::{Sandbox, Told, tell};
use crate::support::server::{Guarded, Server};
use libtest_mimic::Trial;
use std::path::Path;

/// The tests of this group.
pub(crate) fn trials() -> Vec<Trial> {
    oracle_tests!("secrets":
        good_credentials_are_used_and_never_shown,
        good_credentials_are_never_shown_in_json_or_details,
        a_commit_with_its_history_shows_no_credentials,
        bad_credentials_are_refused_and_never_shown,
        credentials_of_a_server_that_is_gone_are_never_shown,
    )
}

const PASSWORD: &str = "hunter2secret";
/// `ada:hunter2secret` in base64.
const AUTHORIZATION: &str = "Basic YWRhOmh1bnRlcjJzZWNyZXQ=";

fn fetch(sandbox: &Sandbox, repository: &str, password: &str, arguments: &[&str]) -> Told {
    let repository = repository.replacen("http://", &format!("http://ada:{password}@"), 1);
    let mut command = sandbox.gomodcache();
    command
        .arg("fetch")
        .args(arguments)
        .args([
            "--mirror",
            &format!("example.com/m={repository}"),
            "--modcache",
        ])
        .arg(sandbox.path("modcache"));
    let told = tell(&mut command);
    for text in [&told.stdout, &told.stderr] {
        assert!(!shows_password(text.as_bytes()), "{told:#?}");
    }
    for folder in ["modcache", "user-cache", "home", "tmp", "work"] {
        assert_no_password_in(&sandbox.path(folder));
    }
    told
}

/// Looks for the password as it is, in capitals, percent-encoded or in base64.
pub(crate) fn shows_password(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes).to_lowercase();
    ["hunter2", "hunter%32", "ywrhomh1bnrlcjjzzwnyzxq"]
        .iter()
        .any(|form| text.contains(form))
}

/// Looks into every file below a folder, and at every name.
pub(crate) fn assert_no_password_in(folder: &Path) {
    for entry in walkdir::WalkDir::new(folder) {
        let Ok(entry) = entry else { continue };
        let path = entry.path();
        assert!(
            !shows_password(path.to_string_lossy().as_bytes()),
            "{}",
            path.display()
        );
        if entry.file_type().is_file() {
            let content = std::fs::read(path).expect("a readable file");
            assert!(
                !shows_password(&content),
                "the password is in {}",
                path.display()
            );
        }
    }
}

fn served() -> (Sandbox, Server) {
    let sandbox = sample::sandbox();
    let server = Server::start_private(&sandbox, Guarded::All, AUTHORIZATION);
    (sandbox, server)
}

fn good_credentials_are_used_and_never_shown() {
    let (sandbox, server) = served();
    let told = fetch(
        &sandbox,
        &server.repository("m.git"),
        PASSWORD,
        &["example.com/m@v1.0.0"],
    );
    told.prints(FIRST_SUMS);
}

fn good_credentials_are_never_shown_in_json_or_details() {
    let (sandbox, server) = served();
    let arguments = ["example.com/m@v1.0.0", "--json", "-v"];
    let told = fetch(&sandbox, &server.repository("m.git"), PASSWORD, &arguments);
    assert_eq!(told.code, Some(0), "{told:#?}");
}

fn a_commit_with_its_history_shows_no_credentials() {
    let (sandbox, server) = served();
    let told = fetch(
        &sandbox,
        &server.repository("m.git"),
        PASSWORD,
        &["example.com/m@main", "-v"],
    );
    assert_eq!(told.code, Some(0), "{told:#?}");
}

fn bad_credentials_are_refused_and_never_shown() {
    let (sandbox, server) = served();
    let password = "wronghunter2";
    let told = fetch(
        &sandbox,
        &server.repository("m.git"),
        password,
        &["example.com/m@v1.0.0", "-v"],
    );
    told.fails(1, ["example.com/m@v1.0.0", "m.git", "401"]);
}

fn credentials_of_a_server_that_is_gone_are_never_shown() {
    let (sandbox, server) = served();
    let repository = server.repository("m.git");
    drop(server);
    let told = fetch(
        &sandbox,
        &repository,
        PASSWORD,
        &["example.com/m@v1.0.0", "-v"],
    );
    told.fails(1, ["example.com/m@v1.0.0"]);
}
