//! The server over time: what comes and goes in the cache, and its own beginning and end.

use crate::client::{Reply, connect, read_all, request};
use crate::support::sandbox::tell;
use crate::support::tests;
use crate::team::{Served, Team};
use libtest_mimic::Trial;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;

/// The tests of this group.
pub(crate) fn trials() -> Vec<Trial> {
    tests!("life":
        new_versions_are_seen_and_removed_ones_are_gone,
        what_was_asked_for_is_sent_before_the_end,
        a_socket_in_the_file_system_is_served_and_goes_away,
        an_address_in_use_is_an_error,
        a_cache_that_is_not_there_is_empty_and_not_ready,
        options_that_mean_nothing_are_refused,
    )
}

fn new_versions_are_seen_and_removed_ones_are_gone() {
    let team = Team::new();
    let served = team.serve(&[]);
    let list = "/example.com/large/@v/list";
    let version = "/example.com/large/@v/v1.0.0.mod";
    assert_eq!(served.get(list).text(), "v1.0.0\n");
    assert_eq!(served.get(version).status, 200);
    let added = "example.com/large/@v/v1.1.0.mod";
    assert_eq!(served.get(&format!("/{added}")).status, 404);
    for kind in ["info", "mod"] {
        let file = team.stored(&format!("example.com/large/@v/v1.1.0.{kind}"));
        std::fs::write(
            file,
            r#"{"Version":"v1.1.0","Time":"2020-01-02T03:04:05Z"}"#,
        )
        .expect(kind);
    }
    assert_eq!(served.get(&format!("/{added}")).status, 200, "at once");
    served.until(list, |reply| reply.text() == "v1.0.0\nv1.1.0\n");
    served.until("/example.com/large/@latest", |reply| {
        reply.text().contains("v1.1.0")
    });
    for kind in ["info", "mod"] {
        let file = team.stored(&format!("example.com/large/@v/v1.0.0.{kind}"));
        std::fs::remove_file(file).expect(kind);
    }
    served.until(list, |reply| reply.text() == "v1.1.0\n");
    served.until(version, |reply| reply.status == 404);
}

fn what_was_asked_for_is_sent_before_the_end() {
    let team = Team::new();
    let mut served = team.serve(&[]);
    let name = "example.com/large/@v/v1.0.0.zip";
    let mut stream = connect(served.address());
    stream
        .write_all(&request("GET", &format!("/{name}"), &[]))
        .expect("sent");
    let mut received = vec![0; 1000];
    stream.read_exact(&mut received).expect("a beginning");
    let mut idle = connect(served.address());
    served.signal(rustix::process::Signal::TERM);
    assert_eq!(read_all(&mut idle), b"", "one without a request ends");
    received.extend(read_all(&mut stream));
    let reply = Reply::parse(&received).expect("an answer");
    assert!(reply.body == std::fs::read(team.stored(name)).expect("a zip"));
    let told = served.wait();
    assert_eq!(told.code, Some(0), "{told:#?}");
    told.mentions(["/example.com/large/@v/v1.0.0.zip HTTP/1.1\" 200"]);
}

fn a_socket_in_the_file_system_is_served_and_goes_away() {
    let team = Team::new();
    let socket = team.sandbox.path("proxy.sock");
    let listen = format!("unix:{}", socket.display());
    for _ in 0..2 {
        let mut served = team.serve(&["--listen", &listen]);
        assert_eq!(served.url, listen);
        let mut stream = UnixStream::connect(&socket).expect("a connection");
        stream
            .write_all(&request("GET", "/healthz", &[]))
            .expect("sent");
        let reply = Reply::parse(&read_all(&mut stream)).expect("an answer");
        assert_eq!(reply.text(), "ok\n");
        // One that was killed leaves a socket, which the next one replaces.
        served.signal(rustix::process::Signal::KILL);
        served.wait();
        assert!(socket.exists());
    }
    let told = team.serve(&["--listen", &listen]).stop();
    assert_eq!(told.code, Some(0), "{told:#?}");
    assert!(!socket.exists());
}

fn serve(team: &Team, arguments: &[&str]) -> crate::support::sandbox::Told {
    let mut command = team.sandbox.gomodcache();
    command.arg("serve").arg("--modcache").arg(team.cache());
    tell(command.args(arguments))
}

fn an_address_in_use_is_an_error() {
    let team = Team::new();
    let served = team.serve(&[]);
    let told = serve(&team, &["--listen", served.address()]);
    let expected = format!("error: cannot listen at {}\n", served.address());
    told.fails(1, [expected.as_str(), "in use"]);
    let file = team.sandbox.write("a.file", "kept");
    let told = serve(&team, &["--listen", &format!("unix:{}", file.display())]);
    told.fails(1, ["in use"]);
    assert_eq!(std::fs::read(file).expect("a file"), b"kept");
}

fn a_cache_that_is_not_there_is_empty_and_not_ready() {
    let team = Team::new();
    let served = Served::start(&team.sandbox, &team.sandbox.path("none"), &[]);
    assert_eq!(served.get("/readyz").status, 503);
    assert_eq!(served.get("/healthz").status, 200);
    assert_eq!(served.get("/example.com/m/@v/list").status, 404);
    assert_eq!(served.get("/index").text(), "");
}

fn options_that_mean_nothing_are_refused() {
    let team = Team::new();
    for arguments in [
        ["--listen", "3000"],
        ["--listen", "unix:relative"],
        ["--prefix", "/a/../b"],
        ["--prefix", "/a b"],
        ["--max-header", "1"],
        ["--idle-timeout", "0"],
        ["--log", "loud"],
    ] {
        assert_eq!(serve(&team, &arguments).code, Some(2), "{arguments:?}");
    }
}
