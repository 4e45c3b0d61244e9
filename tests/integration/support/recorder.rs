//! A module proxy behind TLS on loopback, which writes down what it is asked.

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// A server for `localhost` that runs until the process ends.
pub(crate) struct Recorder {
    port: u16,
    asked: Arc<Mutex<Vec<Asked>>>,
}

/// A request: what it is for, and every header field with its name in lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) target: String,
    pub(crate) headers: Vec<String>,
}

impl Asked {
    /// The value of a field, or nothing.
    pub(crate) fn header(&self, name: &str) -> &str {
        let value = |line: &'_ String| line.strip_prefix(name)?.strip_prefix(": ").map(str::len);
        let found = self
            .headers
            .iter()
            .find_map(|line| Some((line, value(line)?)));
        found.map_or("", |(line, length)| &line[line.len() - length..])
    }
}

/// Which requests are answered.
type Door = fn(&Asked) -> bool;

impl Recorder {
    /// Serves a folder to requests that `lets_in`, and answers 401 to all others. Writes the certificate of its
    /// authority to `authority`.
    pub(crate) fn start(folder: &Path, authority: &Path, lets_in: Door) -> Recorder {
        let config = Arc::new(certified(authority));
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port on loopback");
        let port = listener.local_addr().expect("an address").port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (log, folder) = (Arc::clone(&asked), folder.to_path_buf());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (config, log) = (Arc::clone(&config), Arc::clone(&log));
                let folder = folder.clone();
                // A client that went away is no matter of the test's.
                std::thread::spawn(move || serve(stream, config, &log, &folder, lets_in));
            }
        });
        Recorder { port, asked }
    }

    /// `localhost:port`.
    pub(crate) fn host(&self) -> String {
        format!("localhost:{}", self.port)
    }

    /// Gives all requests since the last time.
    pub(crate) fn take(&self) -> Vec<Asked> {
        std::mem::take(&mut *self.asked.lock().expect("the log"))
    }
}

fn certified(authority_file: &Path) -> ServerConfig {
    let mut authority = CertificateParams::new(Vec::new()).expect("parameters");
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().expect("a key");
    let authority = CertifiedIssuer::self_signed(authority, key).expect("an authority");
    std::fs::write(authority_file, authority.pem()).expect("a file");
    let key = KeyPair::generate().expect("a key");
    let certificate = CertificateParams::new(vec!["localhost".to_owned()]).expect("parameters");
    let certificate = certificate
        .signed_by(&key, &authority)
        .expect("a certificate");
    let _ = rustls::crypto::ring::default_provider().install_default();
    ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivateKeyDer::Pkcs8(key.serialize_der().into()),
        )
        .expect("a configuration")
}

fn serve(
    stream: TcpStream,
    config: Arc<ServerConfig>,
    log: &Mutex<Vec<Asked>>,
    folder: &Path,
    lets_in: Door,
) -> Option<()> {
    let connection = ServerConnection::new(config).ok()?;
    let mut reader = BufReader::new(StreamOwned::new(connection, stream));
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let (method, rest) = line.split_once(' ')?;
        // Go tries with a HEAD, at any time, what a credential helper says.
        let is_trial = method == "HEAD";
        let target = rest.split(' ').next()?.to_owned();
        let mut headers = Vec::new();
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).ok()?;
            let Some((name, value)) = line.trim_end().split_once(':') else {
                break;
            };
            headers.push(format!("{}: {}", name.to_ascii_lowercase(), value.trim()));
        }
        let asked = Asked { target, headers };
        let path: PathBuf = folder.join(asked.target.trim_start_matches('/'));
        let (status, body) = match std::fs::read(path) {
            _ if !lets_in(&asked) => ("401 Unauthorized", b"who are you?\n".to_vec()),
            Ok(content) => ("200 OK", content),
            Err(_) => ("404 Not Found", b"no such file\n".to_vec()),
        };
        if !is_trial {
            log.lock().expect("the log").push(asked);
        }
        let head = format!(
            "HTTP/1.1 {status}\r\nContent-Length: {}\r\nContent-Type: text/plain\r\n\
             WWW-Authenticate: Basic realm=\"modules\"\r\n\r\n",
            body.len()
        );
        let stream = reader.get_mut();
        stream.write_all(head.as_bytes()).ok()?;
        if !is_trial {
            stream.write_all(&body).ok()?;
        }
        stream.flush().ok()?;
    }
}
