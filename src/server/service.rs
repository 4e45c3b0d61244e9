//! One request: read, answered from memory or from the storage, and made into a response.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use hyper::body::Incoming;
use hyper::header::{
    ALLOW, CONNECTION, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, HOST, HeaderMap, HeaderName,
    HeaderValue, TRANSFER_ENCODING,
};
use hyper::{Method, Request, Response, StatusCode, Version};
use tokio::task::spawn_blocking;

use super::activity::Activity;
use super::answer::{Answer, Keeping, Media};
use super::body::{AnswerBody, Buffers};
use super::catalog::Catalog;
use super::fetcher::Fetcher;
use super::log::{Listeners, Subject, Ticket};
use super::memory::Memory;
use super::metrics::Kind;
use super::response::draft;
use super::route::{Asked, Astray, Reach, Route, route};

static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

static DISABLE_MODULE_FETCH: HeaderName = HeaderName::from_static("disable-module-fetch");

/// The longest request id that is taken from a client, in bytes.
const MAX_ID: usize = 64;

/// The page runs nothing and loads nothing.
const PAGE_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'";

/// Answers the requests of all connections.
pub(super) struct Service {
    pub(super) catalog: Arc<Catalog>,
    /// Who asks for what is not stored, if anybody does.
    pub(super) fetcher: Option<Fetcher>,
    pub(super) memory: Memory,
    pub(super) buffers: Arc<Buffers>,
    pub(super) listeners: Listeners,
    /// What all paths begin with, without a slash at its end.
    pub(super) prefix: String,
    /// What all request ids of this process begin with.
    pub(super) run: u64,
    pub(super) requests: AtomicU64,
}

/// The connection that a request came on.
pub(super) struct Connection {
    pub(super) remote: String,
    pub(super) scheme: &'static str,
    pub(super) activity: Arc<Activity>,
}

impl Service {
    /// Answers a request. Nothing makes this fail.
    pub(super) async fn respond(
        self: Arc<Service>,
        request: Request<Incoming>,
        connection: Arc<Connection>,
    ) -> Result<Response<AnswerBody>, Infallible> {
        let (request, _) = request.into_parts();
        let (uri, headers) = (&request.uri, &request.headers);
        let subject = Subject {
            id: self.request_id(headers),
            remote: connection.remote.clone(),
            method: request.method.to_string(),
            path: uri.path().to_owned(),
            protocol: protocol(request.version),
        };
        let mut ticket = Ticket::new(subject, &self.listeners, &connection.activity);
        let answer = match self.check(&request) {
            Err(refusal) => Arc::from(refusal),
            Ok(route) => {
                ticket.asked_for(Kind::from(&route.asked));
                let query = uri.query().unwrap_or_default();
                let url = || self.url(&request, &connection);
                self.answer(route, query, url).await
            }
        };
        let draft = draft(&answer, &request.method, headers, &self.buffers);
        ticket.answered(draft.status, answer.fault.as_deref());
        let id = HeaderValue::from_str(ticket.id());
        let mut response = draft.finish(|sending| AnswerBody::new(sending, ticket));
        let headers = response.headers_mut();
        if let Ok(id) = id {
            headers.insert(REQUEST_ID.clone(), id);
        }
        if answer.status == StatusCode::METHOD_NOT_ALLOWED {
            headers.insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
        }
        if answer.media == Media::Html {
            headers.insert(
                CONTENT_SECURITY_POLICY,
                HeaderValue::from_static(PAGE_POLICY),
            );
        }
        if answer.status == StatusCode::BAD_REQUEST && request.version < Version::HTTP_2 {
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        Ok(response)
    }

    /// Refuses what no honest client sends.
    fn check(&self, request: &hyper::http::request::Parts) -> Result<Route, Box<Answer>> {
        let refused = |status, text| Err(Box::new(Answer::refused(status, text)));
        let headers = &request.headers;
        let hosts = headers.get_all(HOST).iter().count();
        if hosts > 1 || hosts == 0 && request.version == Version::HTTP_11 {
            return refused(StatusCode::BAD_REQUEST, "there must be one Host");
        }
        if has_body(headers) {
            return refused(StatusCode::BAD_REQUEST, "a request here has no body");
        }
        if !matches!(request.method, Method::GET | Method::HEAD) {
            let status = StatusCode::METHOD_NOT_ALLOWED;
            return refused(status, "only GET and HEAD are answered");
        }
        match route(request.uri.path(), &self.prefix) {
            Ok(route) => Ok(Route {
                reach: match forbids_fetching(headers) {
                    true => Reach::Stored,
                    false => route.reach,
                },
                ..route
            }),
            Err(Astray::Hostile) => refused(StatusCode::BAD_REQUEST, "this is no path"),
            Err(Astray::Nowhere) => {
                Err(Box::new(Answer::not_found("there is nothing of this name")))
            }
        }
    }

    async fn answer(
        self: &Arc<Service>,
        route: Route,
        query: &str,
        url: impl FnOnce() -> String,
    ) -> Arc<Answer> {
        if let Some(answer) = self.memory.get(&route) {
            return answer;
        }
        let catalog = Arc::clone(&self.catalog);
        let query = query.to_owned();
        match &route.asked {
            Asked::Health => Arc::new(Answer::found(b"ok\n".to_vec(), Media::Text, Keeping::Never)),
            Asked::Metrics => {
                let text = self.listeners.metrics.text();
                Arc::new(Answer::found(
                    text.into_bytes(),
                    Media::Metrics,
                    Keeping::Never,
                ))
            }
            Asked::Index => aside(move || catalog.index(&query)).await,
            Asked::Page => {
                let url = url();
                aside(move || catalog.page(&url, &query)).await
            }
            Asked::Ready => self.stored(&route.asked).await,
            _ => {
                let answer = match self
                    .fetcher
                    .as_ref()
                    .filter(|_| route.reach == Reach::Sources)
                {
                    Some(fetcher) => self.fetched(&route.asked, fetcher).await,
                    None => self.stored(&route.asked).await,
                };
                self.memory.put(&route, &answer);
                answer
            }
        }
    }

    /// Answers from what is stored.
    async fn stored(&self, asked: &Asked) -> Arc<Answer> {
        let (catalog, asked) = (Arc::clone(&self.catalog), asked.clone());
        aside(move || catalog.answer(&asked)).await
    }

    /// Answers from what is stored, and asks the sources for what is not.
    async fn fetched(&self, asked: &Asked, fetcher: &Fetcher) -> Arc<Answer> {
        let catalog = Arc::clone(&self.catalog);
        match asked {
            Asked::File(module, part) => {
                let stored = self.stored(asked).await;
                if stored.status != StatusCode::NOT_FOUND {
                    return stored;
                }
                match fetcher.fetch(module, *part).await {
                    Ok(()) => self.stored(asked).await,
                    Err(refusal) => Arc::new(refusal.answer()),
                }
            }
            Asked::Database(name, file) => {
                let upstream = Arc::clone(fetcher.upstream());
                let (name, file) = (name.clone(), file.clone());
                aside(move || catalog.passed_on(&name, &file, &*upstream)).await
            }
            _ => {
                let said = fetcher.said(asked).await;
                let asked = asked.clone();
                aside(move || catalog.merged(&asked, &said)).await
            }
        }
    }

    /// Gives the name that a request has in logs: the client's own, if it has one that is fit to be written.
    fn request_id(&self, headers: &HeaderMap) -> String {
        let given = headers.get(&REQUEST_ID).and_then(|id| id.to_str().ok());
        let is_fit = |id: &&str| {
            let mut letters = id.bytes();
            (1..=MAX_ID).contains(&id.len())
                && letters.all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
        };
        match given.filter(is_fit) {
            Some(id) => id.to_owned(),
            None => {
                let number = self.requests.fetch_add(1, Ordering::Relaxed);
                format!("{:08x}-{number:x}", self.run)
            }
        }
    }

    /// Gives the URL under which the client has found the server.
    fn url(&self, request: &hyper::http::request::Parts, connection: &Connection) -> String {
        let host = request
            .headers
            .get(HOST)
            .and_then(|host| host.to_str().ok());
        let authority = request.uri.authority().map(|authority| authority.as_str());
        let host = authority.or(host).unwrap_or("localhost");
        format!("{}://{host}{}", connection.scheme, self.prefix)
    }
}

/// Makes an answer on a thread that may wait for the storage.
async fn aside(answer: impl FnOnce() -> Answer + Send + 'static) -> Arc<Answer> {
    let made = spawn_blocking(answer).await;
    Arc::new(made.unwrap_or_else(|error| Answer::fault(error.to_string())))
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

fn protocol(version: Version) -> &'static str {
    match version {
        Version::HTTP_10 => "HTTP/1.0",
        Version::HTTP_2 => "HTTP/2.0",
        _ => "HTTP/1.1",
    }
}
