//! Who asks, for what, and whether an answer is due.

use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};

use hyper::header::{
    AUTHORIZATION, CONTENT_LENGTH, HOST, HeaderMap, HeaderName, HeaderValue, TRANSFER_ENCODING,
};
use hyper::http::request::Parts;
use hyper::{Method, StatusCode, Version};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use super::access::{Reader, Users};
use super::answer::Answer;
use super::log::Subject;
use super::route::{Asked, Astray, Reach, Route, route};
use super::service::Connection;

pub(super) static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
static DISABLE_MODULE_FETCH: HeaderName = HeaderName::from_static("disable-module-fetch");
static FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
static FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
static FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");

/// The longest request id that is taken from a client, in bytes.
const MAX_ID: usize = 64;

/// Whether a web server in front tells who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forwarding {
    /// There is none: clients can write what they want.
    Ignored,
    /// X-Forwarded-For, -Proto and -Host are believed.
    Believed,
}

/// Lets requests in.
pub(super) struct Admission {
    /// What all paths begin with, without a slash at its end.
    prefix: String,
    forwarding: Forwarding,
    users: Option<Users>,
    /// How many passwords are checked at the same time.
    checks: Semaphore,
    /// What all request ids of this process begin with.
    run: u64,
    requests: AtomicU64,
}

/// A request that has been looked at.
pub(super) struct Admitted {
    /// What is asked for, or why it is not answered.
    pub(super) route: Result<Route, Box<Answer>>,
    /// Who asks; none where everybody may, or who is not known.
    pub(super) reader: Option<Reader>,
}

impl Admission {
    pub(super) fn new(
        prefix: String,
        forwarding: Forwarding,
        users: Option<Users>,
        run: u64,
    ) -> Admission {
        const CHECKS: usize = 2;
        Admission {
            prefix,
            forwarding,
            users,
            checks: Semaphore::new(CHECKS),
            run,
            requests: AtomicU64::new(0),
        }
    }

    /// Tells whether answers differ by who asks.
    pub(super) fn knows_users(&self) -> bool {
        self.users.is_some()
    }

    /// Describes a request for the log.
    pub(super) fn subject(&self, request: &Parts, connection: &Connection) -> Subject {
        let protocol = match request.version {
            Version::HTTP_10 => "HTTP/1.0",
            Version::HTTP_2 => "HTTP/2.0",
            _ => "HTTP/1.1",
        };
        let remote = self.forwarded(&request.headers, &FORWARDED_FOR);
        // What a client writes there itself comes before what the server in front adds.
        let remote = remote.and_then(|all| all.rsplit(',').next()?.trim().parse::<IpAddr>().ok());
        let remote = remote.map(|address| address.to_string());
        Subject {
            id: self.request_id(&request.headers),
            remote: remote.unwrap_or_else(|| connection.remote.clone()),
            method: request.method.to_string(),
            path: request.uri.path().to_owned(),
            protocol,
        }
    }

    /// Finds out what is asked for, by whom, and whether they may know.
    pub(super) async fn admit(&self, request: &Parts) -> Admitted {
        let route = self.check(request);
        let is_open = |route: &Route| matches!(route.asked, Asked::Health | Asked::Ready);
        let (route, users) = match (route, &self.users) {
            (Ok(route), Some(users)) if !is_open(&route) => (route, users),
            (route, _) => {
                return Admitted {
                    route,
                    reader: None,
                };
            }
        };
        let header = request.headers.get(AUTHORIZATION);
        let reader = self.reader(users, header).await;
        let route = match &reader {
            Some(reader) => permitted(route, reader),
            None => Err(refused(
                StatusCode::UNAUTHORIZED,
                match header {
                    Some(_) => "this user or secret is not known",
                    None => {
                        "this server wants to know who asks: go takes logins from .netrc and GOAUTH"
                    }
                },
            )),
        };
        Admitted { route, reader }
    }

    async fn reader(&self, users: &Users, header: Option<&HeaderValue>) -> Option<Reader> {
        let header = header?.to_str().ok()?.to_owned();
        let access = users.get();
        if let Some(reader) = access.known_reader(&header) {
            return Some(reader);
        }
        let _place = self.checks.acquire().await.ok()?;
        spawn_blocking(move || access.reader(&header)).await.ok()?
    }

    /// Refuses what no honest client sends.
    fn check(&self, request: &Parts) -> Result<Route, Box<Answer>> {
        let headers = &request.headers;
        let hosts = headers.get_all(HOST).iter().count();
        if hosts > 1 || hosts == 0 && request.version == Version::HTTP_11 {
            return Err(refused(StatusCode::BAD_REQUEST, "there must be one Host"));
        }
        if has_body(headers) {
            return Err(refused(
                StatusCode::BAD_REQUEST,
                "a request here has no body",
            ));
        }
        if !matches!(request.method, Method::GET | Method::HEAD) {
            let status = StatusCode::METHOD_NOT_ALLOWED;
            return Err(refused(status, "only GET and HEAD are answered"));
        }
        match route(request.uri.path(), &self.prefix) {
            Ok(route) if forbids_fetching(headers) => Ok(Route {
                reach: Reach::Stored,
                ..route
            }),
            Ok(route) => Ok(route),
            Err(Astray::Hostile) => Err(refused(StatusCode::BAD_REQUEST, "this is no path")),
            Err(Astray::Nowhere) => {
                Err(Box::new(Answer::not_found("there is nothing of this name")))
            }
        }
    }

    /// Gives the URL under which the client has found the server.
    pub(super) fn url(&self, request: &Parts, connection: &Connection) -> String {
        let host = text(&request.headers, &HOST);
        let authority = request.uri.authority().map(|authority| authority.as_str());
        let forwarded = self.forwarded(&request.headers, &FORWARDED_HOST);
        let host = forwarded.or(authority).or(host).unwrap_or("localhost");
        let scheme = match self.forwarded(&request.headers, &FORWARDED_PROTO) {
            Some("https") => "https",
            Some("http") => "http",
            _ => connection.scheme,
        };
        format!("{scheme}://{host}{}", self.prefix)
    }

    fn forwarded<'h>(&self, headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
        match self.forwarding {
            Forwarding::Ignored => None,
            Forwarding::Believed => text(headers, name),
        }
    }

    /// Gives the name that a request has in logs: the client's own, if it has one that is fit to be written.
    fn request_id(&self, headers: &HeaderMap) -> String {
        let is_fit = |id: &&str| {
            let mut letters = id.bytes();
            (1..=MAX_ID).contains(&id.len())
                && letters.all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
        };
        match text(headers, &REQUEST_ID).filter(is_fit) {
            Some(id) => id.to_owned(),
            None => {
                let number = self.requests.fetch_add(1, Ordering::Relaxed);
                format!("{:08x}-{number:x}", self.run)
            }
        }
    }
}

fn permitted(route: Route, reader: &Reader) -> Result<Route, Box<Answer>> {
    match route.asked.module_path() {
        Some(path) if !reader.may_read(path.as_str()) => {
            let text = format!("user {} may not read module {path}", reader.name);
            Err(refused(StatusCode::FORBIDDEN, &text))
        }
        _ => Ok(route),
    }
}

fn refused(status: StatusCode, text: &str) -> Box<Answer> {
    Box::new(Answer::refused(status, text))
}

fn text<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

/// Tells whether a client wants only what is stored, as it can tell the public proxy.
fn forbids_fetching(headers: &HeaderMap) -> bool {
    let value = headers.get(&DISABLE_MODULE_FETCH);
    value.is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"true"))
}

fn has_body(headers: &HeaderMap) -> bool {
    let mut lengths = headers.get_all(CONTENT_LENGTH).iter();
    headers.contains_key(TRANSFER_ENCODING) || lengths.any(|length| length != "0")
}
