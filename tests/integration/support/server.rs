//! A small HTTP server on loopback: proxy for every vanity host, and git's smart protocol.
//!
//! As a proxy (`HTTP_PROXY`) it answers `http://any.host/path?go-get=1` with the go-import meta tag
//! of the roots that a test registered, and refuses CONNECT, so that go with GOINSECURE turns to
//! plain http. For requests to itself it runs `git http-backend`, as a web server would. In its
//! other form it hands each connection to `git daemon`, for `git://` URLs.

use super::sandbox::{Sandbox, git};
use std::ffi::OsString;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

/// The line of one go-import meta tag.
#[derive(Clone)]
pub(crate) struct Import {
    /// The import path that corresponds to the repository's root (or to `subdirectory` of it).
    pub(crate) root: String,
    /// The repository's URL.
    pub(crate) repository: String,
    /// The fourth field, where there is one.
    pub(crate) subdirectory: Option<String>,
}

/// A server that ends with its value.
pub(crate) struct Server {
    scheme: &'static str,
    port: u16,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    folder: PathBuf,
    imports: Mutex<Vec<Import>>,
    requests: Mutex<Vec<String>>,
    /// What the Authorization header must hold, and of which requests.
    authorization: Option<(Guarded, String)>,
    stop: AtomicBool,
}

/// The requests for which the server asks who it is.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Guarded {
    All,
    /// Not for the first of a conversation.
    Posts,
}

impl Server {
    /// Serves the bare repositories that lie in the sandbox's folder itself.
    pub(crate) fn start(sandbox: &Sandbox) -> Server {
        Server::start_with(sandbox, None, "http")
    }

    /// Serves them only to those who send this Authorization header.
    pub(crate) fn start_private(
        sandbox: &Sandbox,
        guarded: Guarded,
        authorization: &str,
    ) -> Server {
        let authorization = (guarded, authorization.to_owned());
        Server::start_with(sandbox, Some(authorization), "http")
    }

    /// Serves them with git's own protocol.
    pub(crate) fn start_git_daemon(sandbox: &Sandbox) -> Server {
        Server::start_with(sandbox, None, "git")
    }

    fn start_with(
        sandbox: &Sandbox,
        authorization: Option<(Guarded, String)>,
        scheme: &'static str,
    ) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port on loopback");
        let port = listener.local_addr().expect("address").port();
        let shared = Arc::new(Shared {
            folder: sandbox.path(""),
            imports: Mutex::default(),
            requests: Mutex::default(),
            authorization,
            stop: AtomicBool::new(false),
        });
        let served = Arc::clone(&shared);
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if served.stop.load(Ordering::SeqCst) {
                    return;
                }
                let served = Arc::clone(&served);
                std::thread::spawn(move || {
                    // A client that went away is no matter of the test's.
                    let _ = match scheme {
                        "git" => served.hand_to_daemon(stream),
                        _ => served.answer(stream),
                    };
                });
            }
        });
        Server {
            scheme,
            port,
            shared,
            thread: Some(thread),
        }
    }

    /// The server's own address, to be used as `HTTP_PROXY`.
    pub(crate) fn url(&self) -> String {
        format!("{}://127.0.0.1:{}", self.scheme, self.port)
    }

    /// The URL of a repository in the served folder.
    pub(crate) fn repository(&self, name: &str) -> String {
        format!("{}/{name}", self.url())
    }

    /// Registers a go-import meta tag.
    pub(crate) fn import(&self, import: Import) {
        self.shared.imports.lock().expect("imports").push(import);
    }

    /// Tells every request line so far.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.shared.requests.lock().expect("requests").clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::SeqCst);
        // Wakes the thread, which waits for a connection.
        let _ = TcpStream::connect(("127.0.0.1", self.port));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// The parts of a request that matter here.
struct Request {
    method: String,
    target: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Request {
    fn read(stream: &TcpStream) -> std::io::Result<Request> {
        let mut reader = BufReader::new(stream);
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let mut words = line.split_whitespace();
        let method = words.next().unwrap_or_default().to_owned();
        let target = words.next().unwrap_or_default().to_owned();
        let mut headers = Vec::new();
        loop {
            let mut line = String::new();
            reader.read_line(&mut line)?;
            let Some((name, value)) = line.trim_end().split_once(':') else {
                break;
            };
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        let mut request = Request {
            method,
            target,
            headers,
            body: Vec::new(),
        };
        if request.header("expect").is_some() {
            (&mut &*stream).write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
        }
        request.read_body(&mut reader)?;
        Ok(request)
    }

    fn read_body(&mut self, reader: &mut impl BufRead) -> std::io::Result<()> {
        if self.header("transfer-encoding") != Some("chunked") {
            let length = self.header("content-length").unwrap_or("0").parse();
            let length = length.map_err(std::io::Error::other)?;
            reader.take(length).read_to_end(&mut self.body)?;
            return Ok(());
        }
        loop {
            let mut line = String::new();
            reader.read_line(&mut line)?;
            let length = u64::from_str_radix(line.trim(), 16).map_err(std::io::Error::other)?;
            reader.by_ref().take(length).read_to_end(&mut self.body)?;
            reader.read_line(&mut line)?;
            if length == 0 {
                return Ok(());
            }
        }
    }

    fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }
}

impl Shared {
    /// Lets `git daemon` talk on the connection, as inetd would.
    fn hand_to_daemon(&self, stream: TcpStream) -> std::io::Result<()> {
        let mut base = OsString::from("--base-path=");
        base.push(&self.folder);
        git(&self.folder)
            .args([
                "daemon",
                "--inetd",
                "--export-all",
                "--log-destination=none",
            ])
            .arg(base)
            .stdin(OwnedFd::from(stream.try_clone()?))
            .stdout(OwnedFd::from(stream))
            .stderr(Stdio::null())
            .status()?;
        Ok(())
    }

    fn answer(&self, mut stream: TcpStream) -> std::io::Result<()> {
        let request = Request::read(&stream)?;
        let line = format!("{} {}", request.method, request.target);
        self.requests.lock().expect("requests").push(line);
        let answer = self.respond(&request)?;
        stream.write_all(&answer)?;
        stream.flush()
    }

    fn respond(&self, request: &Request) -> std::io::Result<Vec<u8>> {
        if request.method == "CONNECT" {
            return Ok(response("403 Forbidden", "text/plain", b"no TLS here\n"));
        }
        let target = request.target.as_str();
        let target = target.strip_prefix("http://").unwrap_or(target);
        let (place, query) = target.split_once('?').unwrap_or((target, ""));
        if query == "go-get=1" {
            return Ok(self.discovery(place));
        }
        if let Some((guarded, authorization)) = &self.authorization
            && (*guarded == Guarded::All || request.method == "POST")
            && request.header("authorization") != Some(authorization)
        {
            return Ok(
                b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"git\"\r\n\
                Content-Length: 0\r\nConnection: close\r\n\r\n"
                    .to_vec(),
            );
        }
        let path = place.find('/').map_or("/", |slash| &place[slash..]);
        self.git(request, path, query)
    }

    /// Answers with the one meta tag that covers the path, as a vanity host does.
    fn discovery(&self, path: &str) -> Vec<u8> {
        let imports = self.imports.lock().expect("imports");
        let covers = |import: &&Import| {
            let below = path.strip_prefix(import.root.as_str());
            below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let Some(import) = imports.iter().find(covers) else {
            return response("404 Not Found", "text/plain", b"no such import path\n");
        };
        let mut content = format!("{} git {}", import.root, import.repository);
        if let Some(subdirectory) = &import.subdirectory {
            content.push(' ');
            content.push_str(subdirectory);
        }
        let page =
            format!("<html><head><meta name=\"go-import\" content=\"{content}\"></head></html>");
        response("200 OK", "text/html; charset=utf-8", page.as_bytes())
    }

    fn git(&self, request: &Request, path: &str, query: &str) -> std::io::Result<Vec<u8>> {
        let header = |name: &str| request.header(name).unwrap_or_default().to_owned();
        let mut child = git(&self.folder)
            .arg("http-backend")
            .env("GIT_PROJECT_ROOT", &self.folder)
            .env("GIT_HTTP_EXPORT_ALL", "1")
            .env("REQUEST_METHOD", &request.method)
            .env("PATH_INFO", path)
            .env("QUERY_STRING", query)
            .env("CONTENT_TYPE", header("content-type"))
            .env("CONTENT_LENGTH", request.body.len().to_string())
            .env("HTTP_CONTENT_ENCODING", header("content-encoding"))
            .env("GIT_PROTOCOL", header("git-protocol"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let mut input = child.stdin.take().expect("stdin is a pipe");
        let body = request.body.clone();
        let writer = std::thread::spawn(move || input.write_all(&body));
        let output = child.wait_with_output()?;
        let _ = writer.join();
        Ok(from_cgi(&output.stdout))
    }
}

/// Turns what a CGI program printed into an HTTP answer.
fn from_cgi(printed: &[u8]) -> Vec<u8> {
    let end = printed.windows(4).position(|window| window == b"\r\n\r\n");
    let (head, body) = match end {
        Some(end) => (&printed[..end], &printed[end + 4..]),
        None => return response("500 Internal Server Error", "text/plain", b"no answer\n"),
    };
    let head = String::from_utf8_lossy(head);
    let field = |name: &str| {
        let line = head.lines().find_map(|line| line.strip_prefix(name));
        line.map(str::trim)
    };
    response(
        field("Status:").unwrap_or("200 OK"),
        field("Content-Type:").unwrap_or("text/plain"),
        body,
    )
}

fn response(status: &str, content_type: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
    );
    [head.as_bytes(), body].concat()
}
