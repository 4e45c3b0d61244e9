//! Servers with certificates: who is trusted, HTTP/2, and what is sent to whom.

use std::path::PathBuf;
use std::sync::Mutex;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::TlsAcceptor;

use super::*;

/// A server for `localhost` whose authority nobody else knows.
struct Secure {
    url: String,
    folder: TempDir,
    connections: Arc<Mutex<usize>>,
}

impl Secure {
    /// Starts one that speaks HTTP/2 alone, or answers HTTP/1.1 with what is made of the head of a request.
    fn start(version: &'static [u8], answer: fn(&str) -> String) -> Secure {
        let folder = tempfile::tempdir().unwrap();
        let mut authority = CertificateParams::new(Vec::new()).unwrap();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority =
            CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
        std::fs::write(folder.path().join("ca.pem"), authority.pem()).unwrap();
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(vec!["localhost".to_owned()])
            .unwrap()
            .signed_by(&key, &authority)
            .unwrap();
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut config = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivateKeyDer::Pkcs8(key.serialize_der().into()),
            )
            .unwrap();
        config.alpn_protocols = vec![version.to_vec()];
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!(
            "https://localhost:{}/",
            listener.local_addr().unwrap().port()
        );
        listener.set_nonblocking(true).unwrap();
        let connections = Arc::new(Mutex::new(0));
        let counted = Arc::clone(&connections);
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Runtime::new().unwrap();
            runtime.block_on(serve(listener, config, counted, answer));
        });
        Secure {
            url,
            folder,
            connections,
        }
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

async fn serve(
    listener: std::net::TcpListener,
    config: ServerConfig,
    connections: Arc<Mutex<usize>>,
    answer: fn(&str) -> String,
) {
    let listener = tokio::net::TcpListener::from_std(listener).unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    while let Ok((stream, _)) = listener.accept().await {
        let Ok(mut stream) = acceptor.accept(stream).await else {
            continue;
        };
        *connections.lock().unwrap() += 1;
        let is_two = stream.get_ref().1.alpn_protocol() == Some(b"h2");
        tokio::spawn(async move {
            if is_two {
                let mut connection = h2::server::handshake(stream).await.unwrap();
                while let Some(Ok((request, mut respond))) = connection.accept().await {
                    let text = format!("{:?}", request.version());
                    let response = http::Response::new(());
                    let mut body = respond.send_response(response, false).unwrap();
                    body.send_data(text.into(), true).unwrap();
                }
            } else {
                let mut head = vec![0; 4096];
                let count = stream.read(&mut head).await.unwrap();
                let text = answer(&String::from_utf8_lossy(&head[..count]));
                stream.write_all(text.as_bytes()).await.unwrap();
                let _ = stream.shutdown().await;
            }
        });
    }
}

/// An answer of HTTP/1.1 on a connection that ends with it.
fn respond(status: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n{headers}\r\n{body}"
    )
}

fn echo(head: &str) -> String {
    respond("200 OK", "", head)
}

#[test]
fn http_2_is_spoken_on_one_connection_where_it_is_offered() {
    let server = Secure::start(b"h2", echo);
    let client = Client::new(server.trusted());
    for _ in 0..3 {
        assert_eq!(
            read(get(&client, &server.url).unwrap()).unwrap(),
            "HTTP/2.0"
        );
    }
    assert_eq!(*server.connections.lock().unwrap(), 1);
}

#[test]
fn an_authority_counts_from_a_file_and_from_a_folder() {
    let server = Secure::start(b"http/1.1", echo);
    let folder = Settings {
        ssl_ca_dir: Some(server.folder.path().to_owned()),
        ..settings()
    };
    for with in [server.trusted(), folder] {
        let head = text(with, &server.url).unwrap();
        assert!(head.starts_with("GET / HTTP/1.1\r\n"), "{head}");
    }
}

#[test]
fn an_unknown_authority_is_refused_for_good_unless_security_is_given_up() {
    let server = Secure::start(b"http/1.1", echo);
    let client = Client::new(settings());
    let mut count = 0;
    let failed = retried(&settings(), &Switch::default(), || {
        count += 1;
        get(&client, &server.url)
    });
    assert_eq!(
        chain(&failed.unwrap_err()),
        format!(
            "cannot reach {}: invalid peer certificate: UnknownIssuer",
            server.url
        )
    );
    assert_eq!(count, 1);
    let insecure = Get {
        security: Security::Unchecked,
        ..Get::new(Url::parse(&server.url).unwrap()).unwrap()
    };
    let never: Arc<dyn Interrupt> = Arc::new(Switch::default());
    assert!(client.get(&insecure, &never).is_ok());
}

#[test]
fn a_redirect_from_https_to_http_is_not_followed() {
    let server = Secure::start(b"http/1.1", |_| {
        respond("302 Found", "Location: http://h.invalid/x?sig=s\r\n", "")
    });
    assert_eq!(
        text(server.trusted(), &server.url).unwrap_err().to_string(),
        format!(
            "redirected from secure URL {} to insecure URL http://h.invalid/x",
            server.url
        )
    );
}

#[test]
fn without_security_it_is_followed() {
    let plain = Loopback::start(|asked| Answer::ok(asked.header("authorization")));
    let server = Secure::start(b"http/1.1", |head| {
        let line = head.lines().next().unwrap_or_default();
        let port = line.split(['/', ' ']).nth(2).unwrap_or_default();
        respond(
            "302 Found",
            &format!("Location: http://127.0.0.1:{port}/\r\n"),
            "",
        )
    });
    let port = Url::parse(&plain.url()).unwrap().port().unwrap();
    let url = Url::parse(&format!("{}{port}", server.url)).unwrap();
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
    let server = Secure::start(b"http/1.1", |head| {
        match head.contains("authorization: Bearer realm\r\n") {
            true => respond("200 OK", "", "authorized"),
            false => respond("403 No", "X: realm\r\n", ""),
        }
    });
    let client = Client::with_credentials(server.trusted(), Arc::new(Second));
    let answer = read(get(&client, &server.url).unwrap()).unwrap();
    assert_eq!(answer, "authorized");
}

#[test]
fn credentials_stay_with_the_host_they_are_for() {
    let server = Secure::start(b"http/1.1", echo);
    let first = Secure::start(b"http/1.1", |head| {
        let line = head.lines().next().unwrap_or_default();
        let port = line.split(['/', ' ']).nth(2).unwrap_or_default();
        let target = format!("Location: https://localhost:{port}/\r\n");
        match head.contains("authorization: Bearer t\r\n") {
            true => respond("302 Found", &target, ""),
            false => respond("200 OK", "", "no token came"),
        }
    });
    std::fs::copy(first.authority(), server.folder.path().join("first.pem")).unwrap();
    let with = Settings {
        ssl_ca_dir: Some(server.folder.path().to_owned()),
        ..settings()
    };
    let client = Client::with_credentials(with, Arc::new(Token));
    let port = Url::parse(&server.url).unwrap().port().unwrap();
    let head = read(get(&client, &format!("{}{port}", first.url)).unwrap()).unwrap();
    assert!(head.starts_with("GET / HTTP/1.1"), "{head}");
    assert!(!head.to_lowercase().contains("bearer"), "{head}");
}
