//! Who may read: TLS, users and what they may know of, and a web server in front.

use crate::certificate::Certificate;
use crate::client::Reply;
use crate::support::oracle::go_behind;
use crate::support::sandbox::{Told, tell};
use crate::support::{oracle_tests, tests};
use crate::team::{Served, Team};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use libtest_mimic::Trial;
use rustix::process::Signal;
use std::io::Write;
use std::path::PathBuf;
use std::process::Stdio;

/// The tests of this group.
pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = tests!("access":
        users_read_what_they_may,
        users_are_read_again_when_the_file_changes,
        users_in_the_clear_are_refused,
        a_certificate_is_shown_and_renewed,
        a_web_server_in_front_is_believed_when_it_is_said_to_be_there,
    );
    trials.extend(oracle_tests!("access":
        go_logs_in_over_tls,
    ));
    trials
}

/// The line of a secret for the file of users, as the program makes it.
fn hashed(team: &Team, secret: &str, key: &str) -> String {
    let mut command = team.sandbox.gomodcache();
    command.args(["serve", "--hash-secret"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().expect("the program");
    let mut stdin = child.stdin.take().expect("stdin");
    writeln!(stdin, "{secret}").expect("the secret is read");
    drop(stdin);
    let output = child.wait_with_output().expect("an end");
    let text = String::from_utf8(output.stdout).expect("text");
    let mut lines = text.lines().filter(|line| line.starts_with(key));
    lines.next().expect(key).to_owned()
}

fn users(team: &Team) -> PathBuf {
    let (password, token) = (
        hashed(team, "open sesame", "password"),
        hashed(team, "r4nd0m", "token"),
    );
    let users = format!(
        "[[user]]\nname = \"partner\"\n{password}\nmodules = [\"example.com/Upper\"]\n\n\
         [[user]]\nname = \"ci\"\n{token}\n"
    );
    team.sandbox.write("users.toml", users)
}

fn basic(pair: &str) -> String {
    format!("Basic {}", STANDARD.encode(pair))
}

fn ask(served: &Served, target: &str, authorization: &str) -> Reply {
    served.ask("GET", target, &[("Authorization", authorization)])
}

fn users_read_what_they_may() {
    let team = Team::new();
    let file = users(&team);
    let served = team.serve(&["--users", file.to_str().expect("text")]);
    let (upper, m) = (
        "/example.com/!upper/@v/list",
        "/example.com/m/@v/v1.0.0.zip",
    );
    for target in [
        upper,
        m,
        "/",
        "/index",
        "/metrics",
        "/sumdb/x.example/latest",
    ] {
        let reply = served.get(target);
        assert_eq!(reply.status, 401, "{target}");
        assert!(reply.headers.contains_key("www-authenticate"), "{reply:#?}");
        for wrong in [
            basic("partner:wrong"),
            basic("nobody:x"),
            "Bearer x".to_owned(),
        ] {
            assert_eq!(ask(&served, target, &wrong).status, 401, "{target}");
        }
    }
    assert_eq!(served.get("/healthz").status, 200);
    assert_eq!(served.get("/gone").status, 404);
    let partner = basic("partner:open sesame");
    for _ in 0..2 {
        let reply = ask(&served, upper, &partner);
        assert_eq!(
            (reply.status, reply.text().as_str()),
            (200, "v1.0.0\nv1.1.0-RC1\n")
        );
        assert_eq!(reply.header("cache-control"), "private, max-age=60");
        assert!(reply.header("vary").contains("Authorization"), "{reply:#?}");
    }
    let refused = ask(&served, m, &partner);
    assert_eq!(refused.status, 403);
    assert_eq!(
        refused.text(),
        "user partner may not read module example.com/m\n"
    );
    for known in ["Bearer r4nd0m".to_owned(), basic("ci:r4nd0m")] {
        assert_eq!(ask(&served, m, &known).status, 200);
    }
    for target in ["/", "/index"] {
        let seen = ask(&served, target, &partner).text();
        assert!(
            seen.contains("example.com/Upper") && !seen.contains("example.com/m"),
            "{seen}"
        );
        let all = ask(&served, target, "Bearer r4nd0m").text();
        assert!(all.contains("example.com/m"), "{all}");
    }
    let told = served.stop();
    assert!(
        !told.stderr.contains("sesame") && !told.stderr.contains("r4nd0m"),
        "{told:#?}"
    );
    assert!(!told.stderr.contains(&partner), "{told:#?}");
    told.mentions(["127.0.0.1 partner \"GET /example.com/m/@v/v1.0.0.zip HTTP/1.1\" 403"]);
}

fn users_are_read_again_when_the_file_changes() {
    let team = Team::new();
    let file = users(&team);
    let served = team.serve(&["--users", file.to_str().expect("text")]);
    let target = "/example.com/m/@v/list";
    assert_eq!(ask(&served, target, "Bearer r4nd0m").status, 200);
    let until = |token: &str, status: u16| {
        for _ in 0..600 {
            served.signal(Signal::HUP);
            if ask(&served, target, &format!("Bearer {token}")).status == status {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        panic!("{token} does not come to {status}");
    };
    let token = hashed(&team, "n3w", "token");
    std::fs::write(&file, format!("[[user]]\nname = \"ci\"\n{token}\n")).expect("a file");
    until("n3w", 200);
    until("r4nd0m", 401);
    std::fs::write(&file, "[[user]]\nname = 7\n").expect("a file");
    served.signal(Signal::HUP);
    assert_eq!(ask(&served, target, "Bearer n3w").status, 200);
    let told = served.stop();
    assert_eq!(told.code, Some(0), "{told:#?}");
    told.mentions(["a file that has changed was read again"]);
}

fn users_in_the_clear_are_refused() {
    let team = Team::new();
    let file = team.sandbox.write(
        "users.toml",
        "[[user]]\nname = \"a\"\npassword = \"hush\"\n",
    );
    let mut command = team.sandbox.gomodcache();
    command
        .args(["serve", "--users"])
        .arg(file)
        .arg("--modcache")
        .arg(team.cache());
    let told = tell(command.args(["--listen", "127.0.0.1:0"]));
    told.fails(
        1,
        [
            "a password is written `pbkdf2-sha256:ROUNDS:SALT:HASH`",
            "user \"a\"",
        ],
    );
    assert!(!told.stderr.contains("hush"), "{told:#?}");
}

fn a_certificate_is_shown_and_renewed() {
    let team = Team::new();
    let (first, second) = (Certificate::new(), Certificate::new());
    let [crt, key, _] = first.write(&team.sandbox);
    let served = team.serve(&["--tls-cert", &crt, "--tls-key", &key]);
    assert!(served.url.starts_with("https://"), "{}", served.url);
    let url = format!("{}/example.com/m/@v/list", served.url);
    let (version, list) = first.ask(&url).expect("an answer");
    assert_eq!(version, http::Version::HTTP_2);
    assert!(list.starts_with("v1.0.0\n"), "{list}");
    assert!(second.ask(&url).is_err(), "another authority");
    second.write(&team.sandbox);
    let mut is_renewed = false;
    for _ in 0..600 {
        served.signal(Signal::HUP);
        is_renewed = second.ask(&url).is_ok();
        if is_renewed {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    assert!(is_renewed);
    assert!(first.ask(&url).is_err(), "the old one is gone");
    // Who speaks no TLS gets no answer, and does no harm.
    let mut command = team.sandbox.gomodcache();
    command.args(["serve", "--tls-cert", &crt]);
    assert_eq!(tell(&mut command).code, Some(2));
    let told = served.stop();
    assert_eq!(told.code, Some(0), "{told:#?}");
}

fn go_logs_in_over_tls() {
    let team = Team::new();
    let file = users(&team);
    let certificate = Certificate::new();
    let [crt, key, authority] = certificate.write(&team.sandbox);
    let options = ["--tls-cert", &crt, "--tls-key", &key, "--users"];
    let file = file.to_str().expect("text");
    let served = team.serve(&[&options[..], &[file]].concat());
    let go = |user: &str, netrc: &str| -> Told {
        team.sandbox.write("home/.netrc", netrc);
        let modcache = team.sandbox.path(user);
        let mut command = go_behind(&team.sandbox, "http://127.0.0.1:9", &modcache);
        command
            .env("GOPROXY", &served.url)
            .env("GOFLAGS", "-modcacherw");
        command
            .env("SSL_CERT_FILE", &authority)
            .env("GOINSECURE", "");
        tell(command.args(["list", "-m", "-versions", "example.com/m"]))
    };
    let machine = format!("machine {}", served.address());
    let known = go("known", &format!("{machine} login ci password r4nd0m\n"));
    known.prints("example.com/m v1.0.0 v1.1.0-rc.1 v1.1.0\n");
    let unknown = go("unknown", "");
    unknown.fails(1, ["401 Unauthorized", "wants to know who asks"]);
    let partner = go(
        "partner",
        &format!("{machine} login partner password \"open sesame\"\n"),
    );
    assert_ne!(partner.code, Some(0), "{partner:#?}");
}

fn a_web_server_in_front_is_believed_when_it_is_said_to_be_there() {
    let team = Team::new();
    let headers = [
        ("X-Forwarded-For", "198.51.100.7, 203.0.113.9"),
        ("X-Forwarded-Proto", "https"),
        ("X-Forwarded-Host", "go.example.com"),
    ];
    for (options, remote, url) in [
        (
            &["--behind-proxy", "--prefix", "/mod"][..],
            "203.0.113.9",
            "https://go.example.com/mod",
        ),
        (&["--prefix", "/mod"], "127.0.0.1", "http://test/mod"),
    ] {
        let served = team.serve(options);
        let page = served.ask("GET", "/mod/", &headers).text();
        assert!(page.contains(&format!("GOPROXY={url}<")), "{page}");
        let told = served.stop();
        told.mentions([format!("{remote} - \"GET /mod/ HTTP/1.1\" 200").as_str()]);
    }
}
