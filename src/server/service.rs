//! One request: read, answered from memory or from the storage, and made into a response.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Instant;

use hyper::body::Incoming;
use hyper::http::request::Parts;
use hyper::{Request, Response, StatusCode};
use tokio::task::spawn_blocking;

use super::access::Reader;
use super::activity::Activity;
use super::admission::{Admission, Admitted, reach};
use super::answer::{Answer, Keeping, Media};
use super::arriving::Arriving;
use super::body::{AnswerBody, Buffers};
use super::catalog::Catalog;
use super::fetcher::{Fetcher, Place};
use super::log::{Listeners, Ticket};
use super::memory::{Known, Memory};
use super::metrics::Kind;
use super::quarantine::find_out_ages;
use super::response::{Audience, draft, takes_any_size};
use super::route::{Asked, Reach, Route};

/// Answers the requests of all connections.
pub(super) struct Service {
    pub(super) admission: Admission,
    pub(super) catalog: Arc<Catalog>,
    /// Who asks for what is not stored, if anybody does.
    pub(super) fetcher: Option<Fetcher>,
    pub(super) memory: Memory,
    pub(super) buffers: Arc<Buffers>,
    pub(super) listeners: Arc<Listeners>,
}

/// The connection that a request came on.
pub(super) struct Connection {
    pub(super) remote: String,
    pub(super) scheme: &'static str,
    /// Whether anything goes on on it.
    pub(super) activity: Arc<Activity>,
}

impl Service {
    /// Answers a request. Nothing makes this fail.
    pub(super) async fn respond(
        self: Arc<Service>,
        request: Request<Incoming>,
        connection: Arc<Connection>,
    ) -> Result<Response<AnswerBody>, Infallible> {
        let now = Instant::now();
        let (request, _) = request.into_parts();
        let subject = self.admission.subject(&request, Arc::clone(&connection));
        let mut ticket = Ticket::new(subject, &self.listeners, now);
        let known = self
            .memory
            .get(request.uri.path(), reach(&request.headers), now);
        let (route, known) = known.map(|known| (known.route, known.answer)).unzip();
        let Admitted { route, reader } = self.admission.admit(&request, route).await;
        ticket.asked_by(reader.as_ref().map(|reader| reader.name.as_str()));
        let answer = match route {
            Err(refusal) => Arc::from(refusal),
            Ok(route) => {
                ticket.asked_for(Kind::from(&route.asked));
                match (self.catalog.refusal(&route.asked), known) {
                    (Some(refusal), _) => Arc::new(refusal),
                    (None, Some(answer)) => answer,
                    (None, None) => self.answer(route, &request, reader, &connection).await,
                }
            }
        };
        let audience = match self.admission.knows_users() {
            true => Audience::Known,
            false => Audience::Everybody,
        };
        let mut draft = draft(&answer, &request, audience, &self.buffers);
        draft.name(ticket.id());
        ticket.answered(draft.status, answer.fault.as_deref());
        Ok(draft.finish(|sending| AnswerBody::new(sending, ticket)))
    }

    async fn answer(
        self: &Arc<Service>,
        route: Arc<Route>,
        request: &Parts,
        reader: Option<Reader>,
        connection: &Connection,
    ) -> Arc<Answer> {
        let catalog = Arc::clone(&self.catalog);
        let query = request.uri.query().unwrap_or_default().to_owned();
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
            Asked::Index => aside(move || catalog.index(&query, reader.as_ref())).await,
            Asked::Page => {
                let url = self.admission.url(request, connection);
                aside(move || catalog.page(&url, &query, reader.as_ref())).await
            }
            Asked::Ready => self.stored(&route.asked).await,
            _ => {
                let fetcher = self.fetcher.as_ref();
                let answer = match fetcher.filter(|_| route.reach == Reach::Sources) {
                    Some(fetcher) => self.fetched(&route.asked, fetcher, request).await,
                    None => self.stored(&route.asked).await,
                };
                let known = Known {
                    route,
                    answer: Arc::clone(&answer),
                };
                self.memory
                    .put(request.uri.path(), reach(&request.headers), known);
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
    async fn fetched(&self, asked: &Asked, fetcher: &Fetcher, request: &Parts) -> Arc<Answer> {
        let catalog = Arc::clone(&self.catalog);
        match asked {
            Asked::File(module, part) => {
                let stored = self.stored(asked).await;
                if stored.status != StatusCode::NOT_FOUND {
                    return stored;
                }
                // Whether a version is old enough is known once its .info is stored.
                let fetched = match catalog.wants_ages() {
                    true => fetcher.fetch(module, *part).await.map(|()| Place::Stored),
                    false => {
                        let take = |zip: &Arriving| zip.size.is_some() || takes_any_size(request);
                        fetcher.follow(module, *part, take).await
                    }
                };
                match fetched {
                    Ok(Place::Stored) => self.stored(asked).await,
                    Ok(Place::Arriving(zip)) => Arc::new(zip.answer()),
                    Err(refusal) => Arc::new(refusal.answer()),
                }
            }
            Asked::Database(name, file) => {
                let upstream = Arc::clone(fetcher.upstream());
                let (name, file) = (name.clone(), file.clone());
                aside(move || catalog.passed_on(&name, &file, &*upstream)).await
            }
            _ => {
                if let Asked::List(path) | Asked::Latest(path) = asked {
                    find_out_ages(&self.catalog, fetcher, path).await;
                }
                let said = fetcher.said(asked).await;
                let asked = asked.clone();
                aside(move || catalog.merged(&asked, &said)).await
            }
        }
    }
}

/// Makes an answer on a thread that may wait for the storage.
async fn aside(answer: impl FnOnce() -> Answer + Send + 'static) -> Arc<Answer> {
    let made = spawn_blocking(answer).await;
    Arc::new(made.unwrap_or_else(|error| Answer::fault(error.to_string())))
}
