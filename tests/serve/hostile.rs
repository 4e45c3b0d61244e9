//! Clients that mean no good, or nothing at all.

use crate::client::{Reply, connect, read_all, request, send};
use crate::support::tests;
use crate::team::Team;
use libtest_mimic::Trial;
use std::io::{Read, Write};

/// The tests of this group.
pub(crate) fn trials() -> Vec<Trial> {
    tests!("hostile":
        hostile_requests_are_refused_and_harm_nothing,
        a_request_cannot_hide_in_another,
        slow_clients_are_let_go,
        a_client_that_takes_nothing_is_let_go,
        more_connections_than_allowed_wait,
    )
}

fn hostile_requests_are_refused_and_harm_nothing() {
    let team = Team::new();
    team.sandbox.write("served/secret", "secret");
    let before = crate::sumdb::files_below(&team.cache());
    let served = team.serve(&["--max-header", "8"]);
    let get = |target: &str| request("GET", target, &[]);
    let long = "a".repeat(5000);
    let many: Vec<(String, String)> = (0..200)
        .map(|n| (format!("X-{n}"), n.to_string()))
        .collect();
    let many: Vec<(&str, &str)> = many.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    let huge = "x".repeat(20_000);
    for bytes in [
        get("/../secret"),
        get("/../../../../../../etc/passwd"),
        get("/%2e%2e/%2e%2e/secret"),
        get("/%252e%252e/secret"),
        get("/example.com/../../secret/@v/list"),
        get("/example.com/m/@v/../../../../secret"),
        get("/example.com/m/@v/..%2f..%2f..%2f..%2f..%2fsecret.info"),
        get("/example.com/m/@v/%2e%2e%5csecret.info"),
        get("/example.com/m/@v/v1.0.0.info%00"),
        get("/example.com/%00/@v/list"),
        get("/example.com/m/@v/v1.0.0%0a.info"),
        get("//example.com/m/@v/list"),
        get("/example.com/m/@v/%ff%fe.info"),
        get("/sumdb/../../../secret"),
        get("/sumdb/x.example/lookup/../../../../secret"),
        get("/sumdb/x.example/tile/8/0/../../../../../secret"),
        get(&format!("/{long}/@v/list")),
        get(&format!("/{huge}")),
        get("example.com"),
        get("*"),
        request("CONNECT", "example.com:443", &[]),
        request("G\u{1}T", "/", &[]),
        request("GET", "/", &[("X\u{0}", "y")]),
        request("GET", "/", &[("X", &huge)]),
        request("GET", "/", &many),
        request("GET", "/", &[("Host", "second")]),
        b"GET / HTTP/1.1\r\n\r\n".to_vec(),
        b"GET /\r\n\r\n".to_vec(),
        b"GET / HTTP/9.9\r\nHost: x\r\n\r\n".to_vec(),
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 hello of TLS\r\n\r\n".to_vec(),
        b"\x00\x00\x00\x00\r\n\r\n".to_vec(),
        b"PRI * HTTP/2.0\r\n\r\nXX\r\n\r\nnonsense of 9 octets and more".to_vec(),
    ] {
        let received = send(served.address(), &bytes);
        let text = String::from_utf8_lossy(&received);
        let shown = String::from_utf8_lossy(&bytes[..bytes.len().min(100)]).into_owned();
        assert!(!text.contains("secret"), "{shown}: {text}");
        if let Some(reply) = Reply::parse(&received) {
            assert!((400..500).contains(&reply.status), "{shown}: {text}");
        }
    }
    assert_eq!(served.get("/example.com/m/@v/list").status, 200);
    assert!(crate::sumdb::files_below(&team.cache()) == before);
    let told = served.stop();
    assert!(!told.stderr.contains("panicked"), "{told:#?}");
}

fn a_request_cannot_hide_in_another() {
    let team = Team::new();
    let served = team.serve(&[]);
    let hidden = "GET /hidden HTTP/1.1\r\nHost: x\r\n\r\n";
    let length = hidden.len();
    for head in [
        format!("Content-Length: {length}\r\n"),
        format!("Content-Length: {length}\r\nTransfer-Encoding: chunked\r\n"),
        "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n".to_owned(),
        format!("Content-Length: 0\r\nContent-Length: {length}\r\n"),
        format!("Content-Length: +{length}\r\n"),
        "Transfer-Encoding: identity\r\n".to_owned(),
        "Transfer-Encoding : chunked\r\n".to_owned(),
        "Transfer-Encoding: chunked, x\r\n".to_owned(),
        format!("X: y\r\n Content-Length: {length}\r\n"),
    ] {
        let bytes = format!("GET /healthz HTTP/1.1\r\nHost: x\r\n{head}\r\n{hidden}");
        let received = send(served.address(), bytes.as_bytes());
        let text = String::from_utf8_lossy(&received);
        assert_eq!(text.matches("HTTP/1.1 ").count(), 1, "{head}: {text}");
        assert!(text.starts_with("HTTP/1.1 4"), "{head}: {text}");
    }
    let told = served.stop();
    assert!(!told.stderr.contains("/hidden"), "{told:#?}");
}

fn slow_clients_are_let_go() {
    let team = Team::new();
    let served = team.serve(&["--idle-timeout", "1"]);
    for beginning in [
        "",
        "GET / HT",
        "PRI * HTTP",
        "GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ",
    ] {
        let mut stream = connect(served.address());
        stream.write_all(beginning.as_bytes()).expect("sent");
        let received = read_all(&mut stream);
        assert_eq!(String::from_utf8_lossy(&received), "", "{beginning}");
    }
    let mut stream = connect(served.address());
    let request = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";
    stream.write_all(request.as_bytes()).expect("sent");
    let received = read_all(&mut stream);
    let reply = Reply::parse(&received).expect("an answer before the end");
    assert_eq!(reply.text(), "ok\n");
}

fn a_client_that_takes_nothing_is_let_go() {
    let team = Team::new();
    let served = team.serve(&["--idle-timeout", "1"]);
    let zip = "/example.com/large/@v/v1.0.0.zip";
    let mut stream = connect(served.address());
    // More answers than all buffers on the way hold.
    for _ in 0..40 {
        let request = format!("GET {zip} HTTP/1.1\r\nHost: x\r\n\r\n");
        stream.write_all(request.as_bytes()).expect("sent");
    }
    served.until("/metrics", |reply| {
        reply.text().contains("gomodcache_connections 1\n")
    });
    let size = std::fs::metadata(team.stored(&zip[1..]))
        .expect("a zip")
        .len();
    let mut received = 0;
    let mut buffer = vec![0; 1 << 20];
    while let Ok(count @ 1..) = stream.read(&mut buffer) {
        received += count as u64;
    }
    assert!(received < 40 * size, "{received} bytes");
}

fn more_connections_than_allowed_wait() {
    let team = Team::new();
    let served = team.serve(&["--max-connections", "2"]);
    let open = [connect(served.address()), connect(served.address())];
    let mut third = connect(served.address());
    third
        .write_all(&request("GET", "/healthz", &[]))
        .expect("sent");
    let patience = Some(std::time::Duration::from_millis(300));
    third.set_read_timeout(patience).expect("a socket");
    assert!(third.read(&mut [0]).is_err(), "it is not its turn");
    drop(open);
    third.set_read_timeout(None).expect("a socket");
    let reply = Reply::parse(&read_all(&mut third)).expect("an answer");
    assert_eq!(reply.status, 200);
}
