//! Repositories elsewhere: the store that keeps them, and the ways to them.

use crate::support::mirror::Mirror;
use crate::support::oracle_tests;
use crate::support::sample::{self, FIRST_SUMS, SECOND_SUMS};
use crate::support::sandbox::{Sandbox, Told, tell};
use crate::support::server::Server;
use crate::support::tree::{self, Origin};
use libtest_mimic::Trial;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};
use std::time::Instant;

/// The tests of this group.
pub(crate) fn trials() -> Vec<Trial> {
    oracle_tests!("remote":
        a_new_tag_is_seen_by_the_next_run,
        a_deleted_tag_is_not_seen_by_the_next_run,
        a_branch_that_was_rewritten_is_seen_by_the_next_run,
        a_history_is_completed_when_it_is_needed,
        a_whole_version_asks_nobody,
        two_repositories_of_one_server_are_kept_apart,
        a_damaged_store_is_no_obstacle,
        a_killed_run_leaves_a_store_that_the_next_run_can_use,
        a_missing_repository_is_told_with_its_url,
        a_server_that_is_gone_is_told_with_its_url,
        a_proxy_of_the_environment_is_used,
        a_proxy_is_not_used_for_hosts_of_no_proxy,
        an_ssh_url_is_read_through_ssh,
        the_short_form_of_ssh_is_read_through_ssh,
        a_command_in_place_of_ssh_is_used,
    )
}

const FIRST: &str = "example.com/m@v1.0.0";
const SECOND: &str = "example.com/m@v1.1.0";

fn fetch(sandbox: &Sandbox, request: &str, repository: &str, modcache: &str) -> Command {
    let mut command = sandbox.gomodcache();
    command
        .args(["fetch", request, "--modcache"])
        .arg(sandbox.path(modcache))
        .args(["--mirror", &format!("example.com/m={repository}")]);
    command
}

fn served() -> (Sandbox, Server, String) {
    let sandbox = sample::sandbox();
    let server = Server::start(&sandbox);
    let repository = server.repository("m.git");
    (sandbox, server, repository)
}

/// Puts another repository in the place of the served one.
fn replace(sandbox: &Sandbox, mirror: &Mirror) {
    std::fs::remove_dir_all(sandbox.path("m.git")).expect("remove");
    mirror.build(&sandbox.path("m.git"));
}

fn version(told: &Told) -> &str {
    let version = told.stdout.split(' ').nth(1);
    version.unwrap_or_else(|| panic!("no version: {told:#?}"))
}

fn a_new_tag_is_seen_by_the_next_run() {
    let (sandbox, _server, repository) = served();
    let latest = "example.com/m@latest";
    let told = tell(&mut fetch(&sandbox, latest, &repository, "one"));
    assert_eq!(version(&told), "v1.1.0");
    replace(&sandbox, &sample::mirror().release("v1.2.0"));
    let told = tell(&mut fetch(&sandbox, latest, &repository, "two"));
    assert_eq!(version(&told), "v1.2.0");
}

fn a_deleted_tag_is_not_seen_by_the_next_run() {
    let (sandbox, _server, repository) = served();
    tell(&mut fetch(&sandbox, SECOND, &repository, "one")).prints(SECOND_SUMS);
    replace(
        &sandbox,
        &sample::mirror().delete_reference("refs/tags/v1.1.0"),
    );
    tell(&mut fetch(&sandbox, SECOND, &repository, "two")).fails(1, [SECOND]);
    let told = tell(&mut fetch(
        &sandbox,
        "example.com/m@latest",
        &repository,
        "three",
    ));
    assert_eq!(version(&told), "v1.0.0");
}

fn a_branch_that_was_rewritten_is_seen_by_the_next_run() {
    let (sandbox, _server, repository) = served();
    let main = "example.com/m@main";
    let before = tell(&mut fetch(&sandbox, main, &repository, "one"));
    let rewritten = Mirror::new()
        .go_mod("example.com/m")
        .commit("another root")
        .commit("another tip");
    replace(&sandbox, &rewritten);
    let after = tell(&mut fetch(&sandbox, main, &repository, "two"));
    assert!(version(&before).starts_with("v1.1.1-0."), "{before:#?}");
    assert!(version(&after).starts_with("v0.0.0-"), "{after:#?}");
}

fn a_history_is_completed_when_it_is_needed() {
    let (sandbox, _server, repository) = served();
    tell(&mut fetch(&sandbox, SECOND, &repository, "one")).prints(SECOND_SUMS);
    let told = tell(&mut fetch(
        &sandbox,
        "example.com/m@main",
        &repository,
        "two",
    ));
    assert!(version(&told).starts_with("v1.1.1-0."), "{told:#?}");
    tell(&mut fetch(&sandbox, FIRST, &repository, "three")).prints(FIRST_SUMS);
}

fn a_whole_version_asks_nobody() {
    let (sandbox, server, repository) = served();
    tell(&mut fetch(&sandbox, FIRST, &repository, "one")).prints(FIRST_SUMS);
    let asked = server.requests().len();
    tell(&mut fetch(&sandbox, FIRST, &repository, "one")).prints(FIRST_SUMS);
    assert_eq!(server.requests().len(), asked);
}

fn two_repositories_of_one_server_are_kept_apart() {
    let (sandbox, server, repository) = served();
    sample::mirror()
        .release("v1.5.0")
        .build(&sandbox.path("n.git"));
    let other = server.repository("n.git");
    for round in ["one", "two"] {
        let told = tell(&mut fetch(
            &sandbox,
            "example.com/m@latest",
            &repository,
            round,
        ));
        assert_eq!(version(&told), "v1.1.0");
        let told = tell(&mut fetch(&sandbox, "example.com/m@latest", &other, round));
        assert_eq!(version(&told), "v1.5.0");
    }
}

/// Cuts every file of the store in half.
fn damage(sandbox: &Sandbox) -> usize {
    let store = walkdir::WalkDir::new(sandbox.path("user-cache"))
        .into_iter()
        .flatten();
    let files = store.filter(|entry| entry.file_type().is_file());
    files
        .map(|entry| {
            let content = std::fs::read(entry.path()).expect("a readable store");
            let writable = std::fs::Permissions::from_mode(0o644);
            std::fs::set_permissions(entry.path(), writable).expect("mode");
            std::fs::write(entry.path(), &content[..content.len() / 2]).expect("half");
        })
        .count()
}

fn a_damaged_store_is_no_obstacle() {
    let (sandbox, _server, repository) = served();
    tell(&mut fetch(&sandbox, FIRST, &repository, "one")).prints(FIRST_SUMS);
    assert_ne!(damage(&sandbox), 0, "there is no store");
    tell(&mut fetch(&sandbox, SECOND, &repository, "two")).prints(SECOND_SUMS);
}

fn a_killed_run_leaves_a_store_that_the_next_run_can_use() {
    let (sandbox, _server, repository) = served();
    let main = "example.com/m@main";
    let begin = Instant::now();
    let alone = tell(&mut fetch(&sandbox, main, &repository, "alone"));
    assert_eq!(alone.code, Some(0), "{alone:#?}");
    let lasts = begin.elapsed();
    let whole = tree::list(&sandbox.path("alone"), Origin::Compared);
    for step in 0..12 {
        std::fs::remove_dir_all(sandbox.path("user-cache")).expect("an empty store");
        std::fs::create_dir(sandbox.path("user-cache")).expect("an empty store");
        let mut command = fetch(&sandbox, main, &repository, &format!("killed{step}"));
        let mut child = command
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("start");
        std::thread::sleep(lasts * step / 12);
        child.kill().expect("SIGKILL");
        child.wait().expect("end");
        let modcache = format!("after{step}");
        tell(&mut fetch(&sandbox, main, &repository, &modcache)).prints(&alone.stdout);
        let after = tree::list(&sandbox.path(&modcache), Origin::Compared);
        assert_eq!(tree::difference(&whole, &after), "");
    }
}

fn a_missing_repository_is_told_with_its_url() {
    let (sandbox, server, _) = served();
    let repository = server.repository("nowhere.git");
    tell(&mut fetch(&sandbox, FIRST, &repository, "one")).fails(1, [FIRST, &repository, "404"]);
    assert_eq!(tree::files(&sandbox.path("one")), [""; 0]);
}

fn a_server_that_is_gone_is_told_with_its_url() {
    let (sandbox, server, repository) = served();
    drop(server);
    tell(&mut fetch(&sandbox, FIRST, &repository, "one")).fails(1, [FIRST, &repository]);
}

fn a_proxy_of_the_environment_is_used() {
    let (sandbox, server, _) = served();
    let mut command = fetch(&sandbox, FIRST, "http://git.example.org/m.git", "one");
    tell(command.env("http_proxy", server.url())).prints(FIRST_SUMS);
    let info = sandbox.path("one/cache/download/example.com/m/@v/v1.0.0.info");
    let info = std::fs::read_to_string(info).expect("info");
    assert!(
        info.contains("\"URL\":\"http://git.example.org/m.git\""),
        "{info}"
    );
}

fn a_proxy_is_not_used_for_hosts_of_no_proxy() {
    let (sandbox, server, repository) = served();
    let mut command = fetch(&sandbox, FIRST, &repository, "one");
    let nobody = "http://127.0.0.1:1";
    let command = command
        .env("http_proxy", nobody)
        .env("no_proxy", "127.0.0.1");
    tell(command).prints(FIRST_SUMS);
    assert_ne!(server.requests(), [""; 0]);
}

/// A program that stands for ssh: it notes its arguments and runs the command on this machine.
fn write_ssh(sandbox: &Sandbox, name: &str) {
    let path = std::env::var("PATH").expect("PATH");
    let notes = sandbox.path("ssh.txt");
    let script = format!(
        "#!/bin/sh\necho \"$@\" >> '{}'\nfor last; do :; done\nPATH='{path}' exec sh -c \"$last\"\n",
        notes.display()
    );
    let script = sandbox.write(name, script);
    std::fs::set_permissions(script, std::fs::Permissions::from_mode(0o755)).expect("mode");
}

fn over_ssh(sandbox: &Sandbox, repository: &str) -> String {
    write_ssh(sandbox, "bin/ssh");
    let mut command = fetch(sandbox, FIRST, repository, "one");
    tell(command.env("PATH", sandbox.path("bin"))).prints(FIRST_SUMS);
    std::fs::read_to_string(sandbox.path("ssh.txt")).expect("ssh was run")
}

fn an_ssh_url_is_read_through_ssh() {
    let sandbox = sample::sandbox();
    let folder = sandbox.path("m.git").display().to_string();
    let notes = over_ssh(&sandbox, &format!("ssh://git@git.example.org:2222{folder}"));
    for word in ["2222", "git@git.example.org", "git-upload-pack", &folder] {
        assert!(notes.contains(word), "no `{word}` in {notes}");
    }
}

fn the_short_form_of_ssh_is_read_through_ssh() {
    let sandbox = sample::sandbox();
    let folder = sandbox.path("m.git").display().to_string();
    let notes = over_ssh(&sandbox, &format!("git@git.example.org:{folder}"));
    assert!(notes.contains("git@git.example.org"), "{notes}");
}

fn a_command_in_place_of_ssh_is_used() {
    let sandbox = sample::sandbox();
    write_ssh(&sandbox, "other/my-ssh");
    let folder = sandbox.path("m.git").display().to_string();
    let mut command = fetch(
        &sandbox,
        FIRST,
        &format!("git@git.example.org:{folder}"),
        "one",
    );
    command.env(
        "GIT_SSH_COMMAND",
        format!("{} -v", sandbox.path("other/my-ssh").display()),
    );
    tell(&mut command).prints(FIRST_SUMS);
}
