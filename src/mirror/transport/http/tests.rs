use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::*;
use crate::mirror::locate::Remote;
use crate::mirror::transport::{Connector, TransportSettings};
use crate::web::Settings;

struct Quiet;

impl Progress for Quiet {
    fn received(&self, _: &str, _: u64, _: u64, _: u64) {}
}

impl Interrupt for Quiet {
    fn interrupted(&self) -> bool {
        false
    }
}

/// Answers each connection with what a function makes of the request's head and its number.
fn serve(answer: impl Fn(usize, &str) -> String + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let count = AtomicUsize::new(0);
        for stream in listener.incoming().flatten() {
            let head = read_head(&stream);
            let text = answer(count.fetch_add(1, Ordering::Relaxed), &head);
            let _ = (&stream).write_all(text.as_bytes());
        }
    });
    format!("http://{address}")
}

fn read_head(stream: &TcpStream) -> String {
    let mut head = String::new();
    let mut reader = BufReader::new(stream);
    while reader.read_line(&mut head).is_ok_and(|count| count > 2) {}
    head
}

fn respond(status: &str, headers: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n{headers}\r\n{body}",
        body.len()
    )
}

fn advertise(body: &str) -> String {
    respond(
        "200 OK",
        &format!("Content-Type: {ADVERTISEMENT}\r\n"),
        body,
    )
}

fn settings() -> Settings {
    Settings {
        retries: 2,
        first_delay: Duration::ZERO,
        ..Settings::default()
    }
}

/// Reads an advertisement as text.
fn read(url: &str, credentials: Option<(&str, &str)>, settings: &Settings) -> Result<String> {
    let remote = Remote::Http {
        url: url.to_owned(),
        user_info: credentials.map(|(user, password)| UserInfo {
            user: user.to_owned(),
            password: password.to_owned(),
        }),
    };
    let connector = Connector::new(&remote, &settings.clone().into(), Arc::new(Quiet))?;
    connector.retried(|| {
        let mut text = String::new();
        connector
            .connect()?
            .advertisement()?
            .read_to_string(&mut text)?;
        Ok(text)
    })
}

#[test]
fn the_request_is_what_servers_expect_of_git() {
    let server = serve(|_, head| advertise(head));
    let head = read(&format!("{server}/o/n"), Some(("me", "p@ss")), &settings()).unwrap();
    let lower = head.to_ascii_lowercase();
    assert!(head.starts_with("GET /o/n/info/refs?service=git-upload-pack HTTP/1.1\r\n"));
    assert!(lower.contains("\r\ngit-protocol: version=2\r\n"), "{head}");
    assert!(lower.contains("\r\nuser-agent: git/gomodcache-"), "{head}");
    assert!(head.contains("Basic bWU6cEBzcw=="), "{head}");
}

#[test]
fn failures_that_may_pass_are_tried_again() {
    let server = serve(|number, _| match number {
        0 => respond("503 Busy", "Retry-After: 0\r\n", ""),
        1 => respond("429 Slow down", "", ""),
        _ => advertise("done"),
    });
    assert_eq!(read(&server, None, &settings()).unwrap(), "done");
}

#[test]
fn the_second_repository_of_a_server_that_is_down_does_not_wait() {
    let server = serve(|number, _| respond("503 Busy", &format!("X: {number}\r\n"), ""));
    let client = TransportSettings::from(settings());
    let tries = |repository: &str| {
        let remote = Remote::Http {
            url: format!("{server}/{repository}"),
            user_info: None,
        };
        let connector = Connector::new(&remote, &client, Arc::new(Quiet)).unwrap();
        let mut count = 0;
        let failed = connector.retried(|| {
            count += 1;
            connector.connect()?.advertisement().map(drop)
        });
        assert!(failed.is_err());
        count
    };
    assert_eq!([tries("first"), tries("second")], [3, 1]);
}

#[test]
fn refusals_are_not_tried_again() {
    for (status, reason) in [
        (
            "401 X",
            "it asks for a user name and password, or there is no such repository",
        ),
        ("403 X", "access is forbidden"),
        ("404 X", "there is no such repository"),
    ] {
        let server = serve(move |number, _| match number {
            0 => respond(status, "", ""),
            _ => advertise("asked again"),
        });
        let error = read(&format!("{server}/o"), None, &settings()).unwrap_err();
        let expected = format!(
            "{server}/o answers with HTTP status {}: {reason}",
            &status[..3]
        );
        assert_eq!(error.to_string(), expected);
    }
}

#[test]
fn redirects_are_followed_and_the_rest_goes_there_too() {
    let server = serve(|_, head| match head.contains("/old/") {
        true => respond(
            "301 Moved",
            "Location: /new/x.git/info/refs?service=git-upload-pack\r\n",
            "",
        ),
        false => advertise(head),
    });
    let remote = Remote::Http {
        url: format!("{server}/old/x"),
        user_info: None,
    };
    let settings = TransportSettings::from(settings());
    let connector = Connector::new(&remote, &settings, Arc::new(Quiet)).unwrap();
    for _ in 0..2 {
        let mut text = String::new();
        let mut exchange = connector.connect().unwrap();
        exchange
            .advertisement()
            .unwrap()
            .read_to_string(&mut text)
            .unwrap();
        assert!(text.starts_with("GET /new/x.git/info/refs"), "{text}");
    }
}

#[test]
fn what_is_not_gits_protocol_is_told_by_what_it_is() {
    let page = respond("200 OK", "Content-Type: text/html; charset=x\r\n", "<p>");
    let json = respond("200 OK", "Content-Type: application/json\r\n", "{}");
    let old = format!("{}\trefs/heads/main\n", "a".repeat(40));
    let dumb = respond("200 OK", "Content-Type: text/plain\r\n", &old);
    let cases = [
        (
            page,
            "the server answers with a web page and not in git's protocol",
        ),
        (
            json,
            "the server answers with content of type `application/json` and not in git's protocol",
        ),
        (
            dumb,
            "the server speaks only git's old \"dumb\" protocol over HTTP, which is not supported",
        ),
    ];
    for (answer, expected) in cases {
        let server = serve(move |_, _| answer.clone());
        assert_eq!(
            read(&server, None, &settings()).unwrap_err().to_string(),
            expected
        );
    }
}

#[test]
fn an_answer_that_breaks_off_may_pass() {
    let server = serve(|number, _| match number {
        0 => advertise("0123456789").replace("Content-Length: 10", "Content-Length: 20"),
        _ => advertise("whole"),
    });
    assert_eq!(read(&server, None, &settings()).unwrap(), "whole");
}

#[test]
fn a_proxy_is_asked_to_connect() {
    let proxy = serve(|_, head| match head.starts_with("CONNECT h.invalid:443 ") {
        true => respond("407 Proxy Authentication Required", "", ""),
        false => advertise("not a proxy"),
    });
    let settings = Settings {
        https_proxy: Some(proxy),
        ..settings()
    };
    let error = read("https://h.invalid/o", None, &settings).unwrap_err();
    assert!(format!("{error:#}").contains("proxy"), "{error:#}");
}

#[test]
fn a_redirect_decides_neither_scheme_nor_who_gets_the_password() {
    let base = Base {
        url: Url::parse("https://h.example/o").unwrap(),
        user_info: Some(UserInfo {
            user: "me".to_owned(),
            password: "secret".to_owned(),
        }),
    };
    let to = |base: &Base, target: &str| {
        let from = base.at(SERVICE).unwrap();
        follow(base, &Redirect::to(&from, target)?)
    };
    let there = to(&base, &format!("/new{SERVICE}")).unwrap();
    assert_eq!(there.url.as_str(), "https://h.example/new");
    assert!(there.user_info == base.user_info);
    let there = to(&base, &format!("https://other.example/o{SERVICE}")).unwrap();
    assert_eq!(there.url.as_str(), "https://other.example/o");
    assert!(there.user_info.is_none());
    let there = to(&base, &format!("https://a:b@h.example/o{SERVICE}")).unwrap();
    assert_eq!(there.url.as_str(), "https://h.example/o");
    assert!(there.user_info == base.user_info);
    assert!(to(&base, &format!("http://h.example/o{SERVICE}")).is_err());
    assert!(to(&base, "https://h.example/login").is_err());
    let stranger = Base {
        user_info: None,
        ..base
    };
    assert!(to(&stranger, &format!("http://h.example/o{SERVICE}")).is_ok());
}
