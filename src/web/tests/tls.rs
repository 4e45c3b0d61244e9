//! Servers with certificates: who is trusted, HTTP/2, and what is sent to whom.

use std::path::PathBuf;

use tempfile::TempDir;

use super::*;
use crate::web::loopback::{Asked, Authority, Protocol};

/// A server for `localhost` whose authority nobody else knows.
struct Secure {
    server: Loopback,
    folder: TempDir,
}

impl Secure {
    fn start(
        protocol: Protocol,
        answer: impl Fn(&Asked) -> Answer + Send + Sync + 'static,
    ) -> Secure {
        let folder = tempfile::tempdir().unwrap();
        let authority = Authority::new();
        authority.write(&folder.path().join("ca.pem"));
        Secure {
            server: Loopback::secure(&authority, protocol, answer),
            folder,
        }
    }

    fn url(&self) -> String {
        format!("{}/", self.server.url())
    }

    fn authority(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    fn trusted(&self) -> Settings {
        Settings {
            ssl_ca_file: Some(self.authority()),
            ..settings()
        }
    }
}

/// Says how the server was asked, and with which credentials.
fn echo(asked: &Asked) -> Answer {
    Answer::ok(format!(
        "{} {} {} {}",
        asked.method,
        asked.target,
        asked.version,
        asked.header("authorization")
    ))
}

/// The port that stands in the place of a path.
fn port(asked: &Asked) -> &str {
    asked.target.trim_start_matches('/')
}

#[test]
fn http_2_is_spoken_on_one_connection_where_it_is_offered() {
    let server = Secure::start(Protocol::Two, echo);
    let client = Client::new(server.trusted());
    for _ in 0..3 {
        let answer = read(get(&client, &server.url()).unwrap()).unwrap();
        assert_eq!(answer, "GET / HTTP/2.0 ");
    }
    let asked = server.server.asked();
    assert!(asked.iter().all(|asked| asked.connection == 0), "{asked:?}");
}

#[test]
fn an_authority_counts_from_a_file_and_from_a_folder() {
    let server = Secure::start(Protocol::One, echo);
    let folder = Settings {
        ssl_ca_dir: Some(server.folder.path().to_owned()),
        ..settings()
    };
    for with in [server.trusted(), folder] {
        assert_eq!(text(with, &server.url()).unwrap(), "GET / HTTP/1.1 ");
    }
}

#[test]
fn an_unknown_authority_is_refused_for_good_unless_security_is_given_up() {
    let server = Secure::start(Protocol::One, echo);
    let client = Client::new(settings());
    let mut count = 0;
    let failed = retried(&settings(), &Switch::default(), || {
        count += 1;
        get(&client, &server.url())
    });
    assert_eq!(
        chain(&failed.unwrap_err()),
        format!(
            "cannot reach {}: invalid peer certificate: UnknownIssuer",
            server.url()
        )
    );
    assert_eq!(count, 1);
    let insecure = Get {
        security: Security::Unchecked,
        ..Get::new(Url::parse(&server.url()).unwrap()).unwrap()
    };
    let never: Arc<dyn Interrupt> = Arc::new(Switch::default());
    assert!(client.get(&insecure, &never).is_ok());
}

#[test]
fn a_redirect_from_https_to_http_is_not_followed() {
    let server = Secure::start(Protocol::One, |_| {
        Answer::redirect(302, "http://h.invalid/x?sig=s")
    });
    assert_eq!(
        text(server.trusted(), &server.url())
            .unwrap_err()
            .to_string(),
        format!(
            "redirected from secure URL {} to insecure URL http://h.invalid/x",
            server.url()
        )
    );
}

#[test]
fn without_security_it_is_followed() {
    let plain = Loopback::start(|asked| Answer::ok(asked.header("authorization")));
    let server = Secure::start(Protocol::One, |asked| {
        Answer::redirect(302, &format!("http://127.0.0.1:{}/", port(asked)))
    });
    let port = Url::parse(&plain.url()).unwrap().port().unwrap();
    let url = Url::parse(&format!("{}{port}", server.url())).unwrap();
    let insecure = Get {
        security: Security::Unchecked,
        ..Get::new(url).unwrap()
    };
    let never: Arc<dyn Interrupt> = Arc::new(Switch::default());
    let client = Client::with_credentials(settings(), Arc::new(Token));
    assert_eq!(read(client.get(&insecure, &never).unwrap()).unwrap(), "");
    assert_eq!(plain.asked().len(), 1);
}

/// Knows a token once it has been refused.
struct Second;

impl Credentials for Second {
    fn for_url(&self, _: &Url, refusal: Option<&Refusal>) -> Result<HeaderMap> {
        let Some(refusal) = refusal else {
            return Ok(HeaderMap::new());
        };
        assert_eq!(refusal.status, 403);
        let field = HeaderValue::try_from(format!("Bearer {}", refusal.headers["x"].to_str()?))?;
        Ok(HeaderMap::from_iter([(AUTHORIZATION, field)]))
    }
}

#[test]
fn credentials_are_asked_again_with_the_refusal() {
    let server = Secure::start(Protocol::One, |asked| match asked.header("authorization") {
        "Bearer realm" => Answer::ok("authorized"),
        _ => Answer::status(403).header("X", "realm"),
    });
    let client = Client::with_credentials(server.trusted(), Arc::new(Second));
    let answer = read(get(&client, &server.url()).unwrap()).unwrap();
    assert_eq!(answer, "authorized");
}

#[test]
fn credentials_stay_with_the_host_they_are_for() {
    let server = Secure::start(Protocol::One, echo);
    let first = Secure::start(Protocol::One, |asked| match asked.header("authorization") {
        "Bearer t" => Answer::redirect(302, &format!("https://localhost:{}/", port(asked))),
        _ => Answer::ok("no token came"),
    });
    std::fs::copy(first.authority(), server.folder.path().join("first.pem")).unwrap();
    let with = Settings {
        ssl_ca_dir: Some(server.folder.path().to_owned()),
        ..settings()
    };
    let client = Client::with_credentials(with, Arc::new(Token));
    let port = Url::parse(&server.url()).unwrap().port().unwrap();
    let answer = read(get(&client, &format!("{}{port}", first.url())).unwrap()).unwrap();
    assert_eq!(answer, "GET / HTTP/1.1 ");
}
