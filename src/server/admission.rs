//! Who asks, for what, and whether an answer is due.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use hyper::header::{
    AUTHORIZATION, CONTENT_LENGTH, HOST, HeaderMap, HeaderName, HeaderValue, TRANSFER_ENCODING,
};
use hyper::http::request::Parts;
use hyper::{Method, StatusCode, Version};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use super::access::{Reader, Users};
use super::answer::{Answer, header_value};
use super::log::Subject;
use super::route::{Asked, Astray, Reach, Route, route};
use super::service::Connection;

pub(super) static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
static DISABLE_MODULE_FETCH: HeaderName = HeaderName::from_static("disable-module-fetch");
static TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
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
    run: String,
    requests: AtomicU64,
}

/// A request that has been looked at.
pub(super) struct Admitted {
    /// What is asked for, or why it is not answered.
    pub(super) route: Result<Arc<Route>, Box<Answer>>,
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
            run: format!("{run:08x}-"),
            requests: AtomicU64::new(0),
        }
    }

    /// Tells whether answers differ by who asks.
    pub(super) fn knows_users(&self) -> bool {
        self.users.is_some()
    }

    /// Describes a request for the log.
    pub(super) fn subject(&self, request: &Parts, connection: Arc<Connection>) -> Subject {
        let remote = self.forwarded(&request.headers, &FORWARDED_FOR);
        // What a client writes there itself comes before what the server in front adds.
        let remote = remote.and_then(|all| all.rsplit(',').next()?.trim().parse::<IpAddr>().ok());
        Subject {
            id: self.request_id(&request.headers),
            connection,
            forwarded_for: remote,
            method: request.method.clone(),
            uri: request.uri.clone(),
            version: request.version,
            traceparent: request.headers.get(&TRACEPARENT).cloned(),
        }
    }

    /// Finds out what is asked for, by whom, and whether they may know. `known` is what the path is known to mean.
    pub(super) async fn admit(&self, request: &Parts, known: Option<Arc<Route>>) -> Admitted {
        let route = self.check(request, known);
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
    fn check(&self, request: &Parts, known: Option<Arc<Route>>) -> Result<Arc<Route>, Box<Answer>> {
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
        if let Some(known) = known {
            return Ok(known);
        }
        match route(request.uri.path(), &self.prefix) {
            Ok(route) => Ok(Arc::new(Route {
                reach: route.reach.min(reach(headers)),
                ..route
            })),
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
    fn request_id(&self, headers: &HeaderMap) -> HeaderValue {
        let is_fit = |id: &&HeaderValue| {
            let mut letters = id.as_bytes().iter();
            (1..=MAX_ID).contains(&id.len())
                && letters.all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(byte))
        };
        match headers.get(&REQUEST_ID).filter(is_fit) {
            Some(id) => id.clone(),
            None => {
                let number = self.requests.fetch_add(1, Ordering::Relaxed);
                header_value(numbered(&self.run, number))
            }
        }
    }
}

/// Writes a number in hexadecimal digits after a prefix; the formatting of the standard library takes longer than
/// finding the answer.
fn numbered(prefix: &str, number: u64) -> String {
    let digits = (u64::BITS - number.leading_zeros()).div_ceil(4).max(1);
    let value = |place: u32| u32::try_from((number >> (4 * place)) & 0xf).ok();
    let digit = |place| char::from_digit(value(place)?, 16);
    let mut text = String::with_capacity(prefix.len() + 16);
    text.push_str(prefix);
    text.extend((0..digits).rev().filter_map(digit));
    text
}

fn permitted(route: Arc<Route>, reader: &Reader) -> Result<Arc<Route>, Box<Answer>> {
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

/// Tells how far a client lets the server go, as it can tell the public proxy.
pub(super) fn reach(headers: &HeaderMap) -> Reach {
    let value = headers.get(&DISABLE_MODULE_FETCH);
    match value.is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"true")) {
        true => Reach::Stored,
        false => Reach::Sources,
    }
}

fn has_body(headers: &HeaderMap) -> bool {
    let mut lengths = headers.get_all(CONTENT_LENGTH).iter();
    headers.contains_key(TRANSFER_ENCODING) || lengths.any(|length| length != "0")
}

#[cfg(test)]
mod tests {
    use super::numbered;

    #[test]
    fn numbers_are_written_as_the_standard_library_does() {
        for number in [0, 1, 15, 16, 255, 0x1234_5678_9abc, u64::MAX] {
            assert_eq!(numbered("7-", number), format!("7-{number:x}"));
        }
    }
}
