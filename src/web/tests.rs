//! The client as a whole, against servers on loopback.

mod tls;

use std::collections::BTreeSet;
use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Result;
use url::Url;

use super::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use super::loopback::{Answer, Loopback};
use super::*;

/// Interrupts when it is told to.
#[derive(Default)]
pub(crate) struct Switch(pub(crate) AtomicBool);

impl Interrupt for Switch {
    fn interrupted(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

fn settings() -> Settings {
    Settings {
        retries: 2,
        first_delay: Duration::ZERO,
        ..Settings::default()
    }
}

fn get(client: &Client, url: &str) -> Result<Response> {
    let never: Arc<dyn Interrupt> = Arc::new(Switch::default());
    client.get(&Get::new(Url::parse(url)?)?, &never)
}

fn read(response: Response) -> Result<String> {
    let mut text = String::new();
    let mut body = response.body;
    body.read_to_string(&mut text)?;
    Ok(text)
}

/// Gets the text behind a URL with a client of its own.
fn text(settings: Settings, url: &str) -> Result<String> {
    read(get(&Client::new(settings), url)?)
}

fn chain(error: &anyhow::Error) -> String {
    format!("{error:#}")
}

#[test]
fn connections_are_kept_alive() {
    let server = Loopback::start(|asked| Answer::ok(asked.connection.to_string()));
    let client = Client::new(settings());
    // A connection is free for the next request a moment after its answer has been read.
    let mut used = BTreeSet::new();
    for _ in 0..50 {
        used.insert(read(get(&client, &server.url()).unwrap()).unwrap());
    }
    assert!(used.len() < 25, "{used:?}");
}

#[test]
fn compressed_bodies_are_asked_for_and_undone() {
    let server = Loopback::start(|asked| match asked.header("accept-encoding") {
        "gzip" => Answer::ok("x".repeat(100_000)).gzip(),
        other => Answer::ok(other),
    });
    assert_eq!(
        text(settings(), &server.url()).unwrap(),
        "x".repeat(100_000)
    );
}

#[test]
fn redirects_are_followed_up_to_ten_times() {
    let server = Loopback::start(|asked| {
        let left: usize = asked.target.trim_start_matches('/').parse().unwrap();
        match left.checked_sub(1) {
            None => Answer::ok("there"),
            Some(next) => Answer::redirect([301, 302, 303, 307, 308][left % 5], &next.to_string()),
        }
    });
    let url = |number: u32| format!("{}/{number}", server.url());
    assert_eq!(text(settings(), &url(10)).unwrap(), "there");
    assert_eq!(
        text(settings(), &url(11)).unwrap_err().to_string(),
        format!("{} redirects more than 10 times", url(11))
    );
}

#[test]
fn an_answer_that_says_not_where_to_go_is_one_like_others() {
    let server = Loopback::start(|_| Answer::status(302).text("somewhere"));
    let response = get(&Client::new(settings()), &server.url()).unwrap();
    assert_eq!(response.status, 302);
    assert_eq!(read(response).unwrap(), "somewhere");
}

#[test]
fn user_info_goes_to_its_own_host_only() {
    let other = Loopback::start(|asked| Answer::ok(asked.header("authorization")));
    let there = other.url();
    let server = Loopback::start(move |asked| match asked.target.as_str() {
        "/away" => Answer::redirect(302, &there),
        "/here" => Answer::redirect(302, "/end"),
        _ => Answer::ok(asked.header("authorization")),
    });
    let with_password = |path: &str| {
        let url = server.url().replace("http://", "http://me:p%40ss@");
        text(settings(), &format!("{url}{path}")).unwrap()
    };
    assert_eq!(with_password("/end"), "Basic bWU6cEBzcw==");
    assert_eq!(with_password("/here"), "Basic bWU6cEBzcw==");
    assert_eq!(with_password("/away"), "");
}

/// Knows a token for every URL, and says so when it is asked over http.
struct Token;

impl Credentials for Token {
    fn for_url(&self, url: &Url, _: Option<&Refusal>) -> Result<HeaderMap> {
        assert_eq!(url.scheme(), "https", "asked for credentials of {url}");
        let value = HeaderValue::from_static("Bearer t");
        Ok(HeaderMap::from_iter([(AUTHORIZATION, value)]))
    }
}

#[test]
fn credentials_of_the_user_are_not_for_plain_http() {
    let server = Loopback::start(|asked| match asked.header("authorization") {
        "" => Answer::status(401),
        _ => Answer::ok("authorized"),
    });
    let client = Client::with_credentials(settings(), Arc::new(Token));
    let response = get(&client, &server.url()).unwrap();
    assert_eq!(response.status, 401);
    assert_eq!(server.asked().len(), 1);
}

#[test]
fn plain_http_goes_through_its_proxy_with_the_whole_url() {
    let proxy = Loopback::start(|asked| Answer::ok(format!("{} {}", asked.method, asked.target)));
    let with = Settings {
        http_proxy: Some(proxy.url().replace("http://", "http://me:p%40ss@")),
        no_proxy: Some("direct.invalid".to_owned()),
        ..settings()
    };
    let answer = text(with, "http://h.invalid:81/a?b").unwrap();
    assert_eq!(answer, "GET http://h.invalid:81/a?b");
    let asked = proxy.asked();
    assert_eq!(asked[0].header("proxy-authorization"), "Basic bWU6cEBzcw==");
    assert_eq!(asked[0].header("host"), "h.invalid:81");
}

#[test]
fn a_proxy_that_refuses_is_told_by_its_reason_and_not_asked_again() {
    for (status, reason) in [
        (407, "the proxy asks for a user name and password"),
        (403, "the proxy refuses to connect to the server"),
    ] {
        let proxy = Loopback::start(move |_| Answer::status(status));
        let with = Settings {
            https_proxy: Some(proxy.url().replace("http://", "http://me:secret@")),
            ..settings()
        };
        let client = Client::new(with.clone());
        let never = Switch::default();
        let error = retried(&with, &never, || get(&client, "https://h.invalid/o")).unwrap_err();
        assert_eq!(
            chain(&error),
            format!("cannot reach https://h.invalid/o: {reason}")
        );
        let asked = proxy.asked();
        assert_eq!(asked.len(), 1);
        assert_eq!(
            (asked[0].method.as_str(), asked[0].target.as_str()),
            ("CONNECT", "h.invalid:443")
        );
        assert_eq!(asked[0].header("proxy-authorization"), "Basic bWU6c2VjcmV0");
    }
}

#[test]
fn a_socks_proxy_is_asked_in_its_own_language() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let proxy = format!("socks5h://{}", listener.local_addr().unwrap());
    let asked = std::thread::spawn(move || {
        use std::io::Write;
        let (mut stream, _) = listener.accept().unwrap();
        let mut greeting = [0; 2];
        stream.read_exact(&mut greeting).unwrap();
        let mut methods = vec![0; greeting[1].into()];
        stream.read_exact(&mut methods).unwrap();
        stream.write_all(&[5, 0]).unwrap();
        let mut request = [0; 5];
        stream.read_exact(&mut request).unwrap();
        let mut name = vec![0; usize::from(request[4]) + 2];
        stream.read_exact(&mut name).unwrap();
        // Host unreachable.
        stream.write_all(&[5, 4, 0, 1, 0, 0, 0, 0, 0, 0]).unwrap();
        (request, name)
    });
    let with = Settings {
        http_proxy: Some(proxy),
        ..settings()
    };
    assert!(text(with, "http://h.invalid:81/").is_err());
    let (request, name) = asked.join().unwrap();
    assert_eq!(request, [5, 1, 0, 3, 9]);
    assert_eq!(name, b"h.invalid\x00\x51");
}

#[test]
fn what_may_pass_is_told_apart_from_what_will_not() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = closed.local_addr().unwrap();
    drop(closed);
    let silent = Loopback::start(|_| Answer::ok("").delay(Duration::from_secs(600)));
    let garbage = Loopback::start(|_| Answer::status(200).header("Content-Length", "x"));
    let hasty = Loopback::start(|_| Answer::ok("12345").cut(2));
    let swindle = Loopback::start(|_| Answer::ok("no gzip").header("Content-Encoding", "gzip"));
    let cases = [
        (format!("http://{address}/"), 3, "Connection refused"),
        (silent.url(), 3, "the server sent nothing for 0 seconds"),
        (garbage.url(), 1, "invalid content-length"),
        (hasty.url(), 3, "the connection broke off"),
        (swindle.url(), 1, "gzip"),
        ("http://h.invalid/".to_owned(), 1, "the host is not found"),
    ];
    for (url, expected, reason) in cases {
        let with = Settings {
            read_timeout: match url == silent.url() {
                true => Duration::from_millis(1),
                false => Duration::from_secs(60),
            },
            ..settings()
        };
        let client = Client::new(with.clone());
        let mut count = 0;
        let failed = retried(&with, &Switch::default(), || {
            count += 1;
            read(get(&client, &url)?)
        });
        let error = chain(&failed.unwrap_err());
        assert!(error.contains(reason), "{url}: {error}");
        assert_eq!(count, expected, "{url}: {error}");
    }
}

#[test]
fn a_server_that_is_down_is_waited_for_once() {
    let server = Loopback::start(|asked| match asked.number {
        0..=4 | 6 | 7 => Answer::ok("x").cut(0),
        _ => Answer::ok("x"),
    });
    let client = Client::new(settings());
    let url = Url::parse(&server.url()).unwrap();
    let mut counts = Vec::new();
    for _ in 0..5 {
        let before = server.asked().len();
        let got = client.retried(&url, &Switch::default(), || {
            read(get(&client, &server.url())?)
        });
        counts.push((got.is_ok(), server.asked().len() - before));
    }
    // Three attempts in vain, one, one; then it answers, and is tried again when it fails.
    let expected = [(false, 3), (false, 1), (false, 1), (true, 1), (true, 3)];
    assert_eq!(counts, expected);
}

#[test]
fn the_time_to_come_back_is_seconds_or_a_date() {
    let after = |text: &'static str| {
        retry_after(&HeaderMap::from_iter([(
            header::RETRY_AFTER,
            HeaderValue::from_static(text),
        )]))
    };
    assert_eq!(after("7"), Some(Duration::from_secs(7)));
    assert_eq!(after("Fri, 31 Dec 1999 23:59:59 GMT"), Some(Duration::ZERO));
    assert_eq!(after("soon"), None);
    assert!(after("Fri, 31 Dec 9999 23:59:59 GMT").unwrap() > Duration::from_secs(1 << 32));
}

#[test]
fn an_interrupt_ends_the_wait_for_a_head_and_for_a_body() {
    for cut in [None, Some(())] {
        let server = Loopback::start(move |_| match cut {
            None => Answer::ok("").delay(Duration::from_secs(600)),
            // One byte of ten comes, and the connection stays open.
            Some(()) => Answer::ok("1").header("Content-Length", "10"),
        });
        let switch = Arc::new(Switch::default());
        let interrupt: Arc<dyn Interrupt> = switch.clone();
        let client = Client::new(settings());
        let url = Url::parse(&server.url()).unwrap();
        let waiting = std::thread::spawn(move || -> Result<()> {
            let mut body = client.send(Request::get(url), &interrupt)?.body;
            let mut all = Vec::new();
            body.read_to_end(&mut all)?;
            Ok(())
        });
        while server.asked().is_empty() {
            std::thread::yield_now();
        }
        switch.0.store(true, Ordering::Relaxed);
        let error = waiting.join().unwrap().unwrap_err();
        let hidden = error
            .downcast_ref::<std::io::Error>()
            .and_then(|error| error.get_ref()?.downcast_ref::<Interrupted>());
        assert!(error.is::<Interrupted>() || hidden.is_some(), "{error:#}");
    }
}

#[test]
fn errors_show_neither_password_nor_query() {
    let server =
        Loopback::start(|_| Answer::redirect(302, "http://h.invalid/x?sig=hunter2#hunter2"));
    let url = server.url().replace("http://", "http://me:hunter2@");
    let error = text(settings(), &format!("{url}/?token=hunter2")).unwrap_err();
    assert_eq!(
        chain(&error),
        "cannot reach http://h.invalid/x: the host is not found"
    );
    let with = Settings {
        http_proxy: Some("ftp://me:hunter2@h".to_owned()),
        ..settings()
    };
    let error = text(with, &format!("{url}/?token=hunter2")).unwrap_err();
    assert!(!chain(&error).contains("hunter2"), "{error:#}");
}
