//! One request: read, answered from memory or from the storage, and made into a response.

use std::convert::Infallible;
use std::sync::Arc;

use hyper::body::Incoming;
use hyper::{Request, Response, StatusCode};
use tokio::task::spawn_blocking;

use super::access::Reader;
use super::activity::Activity;
use super::admission::{Admission, Admitted};
use super::answer::{Answer, Keeping, Media};
use super::body::{AnswerBody, Buffers};
use super::catalog::Catalog;
use super::fetcher::{Fetcher, Place};
use super::log::{Listeners, Ticket};
use super::memory::Memory;
use super::metrics::Kind;
use super::quarantine::find_out_ages;
use super::response::{Audience, draft};
use super::route::{Asked, Reach, Route};

/// Answers the requests of all connections.
pub(super) struct Service {
    pub(super) admission: Admission,
    pub(super) catalog: Arc<Catalog>,
    /// Who asks for what is not stored, if anybody does.
    pub(super) fetcher: Option<Fetcher>,
    pub(super) memory: Memory,
    pub(super) buffers: Arc<Buffers>,
    pub(super) listeners: Listeners,
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
        let subject = self.admission.subject(&request, &connection);
        let mut ticket = Ticket::new(subject, &self.listeners, &connection.activity);
        let Admitted { route, reader } = self.admission.admit(&request).await;
        ticket.asked_by(reader.as_ref().map(|reader| reader.name.as_str()));
        let answer = match route {
            Err(refusal) => Arc::from(refusal),
            Ok(route) => {
                ticket.asked_for(Kind::from(&route.asked));
                let query = request.uri.query().unwrap_or_default();
                let url = || self.admission.url(&request, &connection);
                self.answer(route, query, reader, url).await
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
        route: Route,
        query: &str,
        reader: Option<Reader>,
        url: impl FnOnce() -> String,
    ) -> Arc<Answer> {
        if let Some(refusal) = self.catalog.refusal(&route.asked) {
            return Arc::new(refusal);
        }
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
            Asked::Index => aside(move || catalog.index(&query, reader.as_ref())).await,
            Asked::Page => {
                let url = url();
                aside(move || catalog.page(&url, &query, reader.as_ref())).await
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
                // Whether a version is old enough is known once its .info is stored.
                let fetched = match catalog.wants_ages() {
                    true => fetcher.fetch(module, *part).await.map(|()| Place::Stored),
                    false => fetcher.follow(module, *part).await,
                };
                match fetched {
                    Ok(Place::Stored) => self.stored(asked).await,
                    Ok(Place::Arriving(zip)) => Arc::new(Answer::stored(zip.stored(), Media::Zip)),
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
