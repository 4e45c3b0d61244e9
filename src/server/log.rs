//! What is told of each request, when its answer has been sent or could not be.

use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use hyper::header::HeaderValue;
use hyper::{Method, StatusCode, Uri, Version};
use serde::Serialize;

use super::activity::Busy;
use super::metrics::{Kind, Metrics};
use super::service::Connection;
use crate::module::Time;

/// Hears of every request. It is called on threads that serve: it must not wait.
pub trait Log: Send + Sync {
    /// Hears of a request that is over.
    fn answered(&self, entry: &Entry);

    /// Hears of what happened to the server itself.
    fn happened(&self, event: &Event);
}

/// What happened to the server itself.
#[derive(Clone, Debug, Serialize)]
pub struct Event {
    #[serde(serialize_with = "rfc3339")]
    time: SystemTime,
    event: String,
}

impl Event {
    /// Tells of what happens now.
    pub fn new(event: String) -> Event {
        let time = SystemTime::now();
        Event { time, event }
    }

    /// Renders one line of text, without its end.
    pub fn text(&self) -> String {
        format!("{} {}", Time::from(self.time), self.event)
    }

    /// Renders one line of JSON, without its end.
    pub fn json(&self) -> String {
        json(self)
    }
}

/// A request that is over. Neither the query nor any header is in it: both can have secrets.
#[derive(Clone, Debug, Serialize)]
pub struct Entry {
    /// When it came.
    #[serde(serialize_with = "rfc3339")]
    pub time: SystemTime,
    /// Its name, which the client is told, too.
    pub id: String,
    /// The address that it came from, without the port.
    pub remote: String,
    /// Who asked, where users are known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// GET, HEAD and so on.
    pub method: String,
    /// What was asked for, as it was sent.
    pub path: String,
    /// `HTTP/1.1` and so on.
    pub protocol: &'static str,
    /// The status of the answer; 499 where the client had gone before there was one, as nginx has it.
    pub status: u16,
    /// The bytes of the body that were handed to the connection.
    pub bytes: u64,
    /// The time to the end of the answer.
    #[serde(serialize_with = "seconds")]
    pub seconds: Duration,
    /// What went wrong here, which the client is not told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// What the request is part of, as the client says (W3C Trace Context).
    #[serde(skip)]
    pub traceparent: Option<String>,
}

impl Entry {
    /// Renders one line of text, without its end.
    pub fn text(&self) -> String {
        let Entry {
            id,
            remote,
            method,
            path,
            protocol,
            status,
            bytes,
            ..
        } = self;
        let (time, seconds) = (Time::from(self.time), self.seconds.as_secs_f64());
        let user = self.user.as_deref().unwrap_or("-");
        let error = self.error.as_deref();
        let error = error.map_or_else(String::new, |error| format!(": {error}"));
        format!(
            "{time} {remote} {user} \"{method} {path} {protocol}\" {status} {bytes} {seconds:.4} {id}{error}"
        )
    }

    /// Renders one line of JSON, without its end.
    pub fn json(&self) -> String {
        json(self)
    }
}

fn json(value: &impl Serialize) -> String {
    // Nothing in it can fail to be written.
    serde_json::to_string(value).unwrap_or_default()
}

fn rfc3339<S: serde::Serializer>(time: &SystemTime, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&Time::from(*time))
}

fn seconds<S: serde::Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(time.as_secs_f64())
}

/// The status of a request whose client did not wait for its answer.
const CLIENT_GONE: u16 = 499;

/// Who hears of requests.
#[derive(Clone)]
pub(super) struct Listeners {
    pub(super) logs: Vec<Arc<dyn Log>>,
    pub(super) metrics: Arc<Metrics>,
}

/// A request that is being answered; the listeners hear of it when it is dropped.
pub(super) struct Ticket {
    listeners: Arc<Listeners>,
    subject: Subject,
    kind: Kind,
    begun: Instant,
    user: Option<String>,
    status: u16,
    bytes: u64,
    error: Option<String>,
    _busy: Busy,
}

/// What a request is from, and what it asks for.
pub(super) struct Subject {
    /// The name of the request.
    pub(super) id: HeaderValue,
    pub(super) connection: Arc<Connection>,
    /// Who asks, where a web server in front tells it.
    pub(super) forwarded_for: Option<IpAddr>,
    pub(super) method: Method,
    pub(super) uri: Uri,
    pub(super) version: Version,
    /// What the request is part of.
    pub(super) traceparent: Option<HeaderValue>,
}

impl Ticket {
    pub(super) fn new(subject: Subject, listeners: &Arc<Listeners>, begun: Instant) -> Ticket {
        listeners.metrics.begin();
        Ticket {
            listeners: Arc::clone(listeners),
            _busy: subject.connection.activity.busy(),
            subject,
            kind: Kind::Other,
            begun,
            user: None,
            status: CLIENT_GONE,
            bytes: 0,
            error: None,
        }
    }

    /// The name of the request.
    pub(super) fn id(&self) -> &HeaderValue {
        &self.subject.id
    }

    /// Notes what was asked for.
    pub(super) fn asked_for(&mut self, kind: Kind) {
        self.kind = kind;
    }

    /// Notes who asked, if that is known.
    pub(super) fn asked_by(&mut self, user: Option<&str>) {
        self.user = user.map(str::to_owned);
    }

    /// Notes what is answered.
    pub(super) fn answered(&mut self, status: StatusCode, fault: Option<&str>) {
        self.status = status.as_u16();
        self.error = fault.map(str::to_owned);
    }

    /// Counts what was handed to the connection.
    pub(super) fn sent(&mut self, bytes: usize) {
        self.bytes += bytes as u64;
    }

    /// Notes why the body broke off.
    pub(super) fn failed(&mut self, error: &io::Error) {
        self.error = Some(format!("the body broke off: {error}"));
    }

    fn entry(&mut self, seconds: Duration) -> Entry {
        let subject = &self.subject;
        let remote = subject.forwarded_for.map(|address| address.to_string());
        let traceparent = subject.traceparent.as_ref();
        let now = SystemTime::now();
        Entry {
            time: now.checked_sub(seconds).unwrap_or(now),
            id: subject.id.to_str().unwrap_or_default().to_owned(),
            remote: remote.unwrap_or_else(|| subject.connection.remote.clone()),
            user: self.user.take(),
            method: subject.method.to_string(),
            path: subject.uri.path().to_owned(),
            protocol: match subject.version {
                Version::HTTP_10 => "HTTP/1.0",
                Version::HTTP_2 => "HTTP/2.0",
                _ => "HTTP/1.1",
            },
            status: self.status,
            bytes: self.bytes,
            seconds,
            error: self.error.take(),
            traceparent: traceparent.and_then(|value| value.to_str().ok()?.to_owned().into()),
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let time = self.begun.elapsed();
        let metrics = &self.listeners.metrics;
        metrics.end(self.kind, self.status, self.bytes, time);
        if !self.listeners.logs.is_empty() {
            let entry = self.entry(time);
            for log in &self.listeners.logs {
                log.answered(&entry);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_one_line() {
        let entry = Entry {
            time: SystemTime::UNIX_EPOCH + Duration::from_millis(1500),
            id: "7".to_owned(),
            remote: "192.0.2.1".to_owned(),
            user: Some("ci".to_owned()),
            method: "GET".to_owned(),
            path: "/a.com/x/@v/list".to_owned(),
            protocol: "HTTP/2.0",
            status: 500,
            bytes: 12,
            seconds: Duration::from_millis(250),
            error: Some("disk on \"fire\"".to_owned()),
            traceparent: None,
        };
        assert_eq!(
            entry.text(),
            "1970-01-01T00:00:01.5Z 192.0.2.1 ci \"GET /a.com/x/@v/list HTTP/2.0\" 500 12 0.2500 7: disk on \"fire\""
        );
        assert_eq!(
            entry.json(),
            "{\"time\":\"1970-01-01T00:00:01.5Z\",\"id\":\"7\",\"remote\":\"192.0.2.1\",\"user\":\"ci\",\"method\":\"GET\",\
             \"path\":\"/a.com/x/@v/list\",\"protocol\":\"HTTP/2.0\",\"status\":500,\"bytes\":12,\"seconds\":0.25,\
             \"error\":\"disk on \\\"fire\\\"\"}"
        );
    }
}
