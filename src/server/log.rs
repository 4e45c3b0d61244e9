//! What is told of each request, when its answer has been sent or could not be.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use hyper::StatusCode;
use serde::Serialize;

use super::activity::{Activity, Busy};
use super::metrics::{Kind, Metrics};
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
    pub(super) fn new(event: String) -> Event {
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
    #[serde(serialize_with = "rfc3339")]
    time: SystemTime,
    id: String,
    remote: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<String>,
    method: String,
    path: String,
    protocol: &'static str,
    status: u16,
    bytes: u64,
    #[serde(serialize_with = "seconds")]
    seconds: Duration,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
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

/// Who hears of requests.
#[derive(Clone)]
pub(super) struct Listeners {
    pub(super) log: Option<Arc<dyn Log>>,
    pub(super) metrics: Arc<Metrics>,
}

/// A request that is being answered; the listeners hear of it when it is dropped.
pub(super) struct Ticket {
    listeners: Listeners,
    kind: Kind,
    begun: Instant,
    entry: Entry,
    _busy: Busy,
}

/// What a request is from, and what it asks for.
pub(super) struct Subject {
    pub(super) id: String,
    pub(super) remote: String,
    pub(super) method: String,
    pub(super) path: String,
    pub(super) protocol: &'static str,
}

impl Ticket {
    pub(super) fn new(subject: Subject, listeners: &Listeners, activity: &Arc<Activity>) -> Ticket {
        let Subject {
            id,
            remote,
            method,
            path,
            protocol,
        } = subject;
        listeners.metrics.begin();
        Ticket {
            listeners: listeners.clone(),
            kind: Kind::Other,
            begun: Instant::now(),
            entry: Entry {
                time: SystemTime::now(),
                id,
                remote,
                user: None,
                method,
                path,
                protocol,
                status: 0,
                bytes: 0,
                seconds: Duration::ZERO,
                error: None,
            },
            _busy: activity.busy(),
        }
    }

    /// The name of the request.
    pub(super) fn id(&self) -> &str {
        &self.entry.id
    }

    /// Notes what was asked for.
    pub(super) fn asked_for(&mut self, kind: Kind) {
        self.kind = kind;
    }

    /// Notes who asked, if that is known.
    pub(super) fn asked_by(&mut self, user: Option<&str>) {
        self.entry.user = user.map(str::to_owned);
    }

    /// Notes what is answered.
    pub(super) fn answered(&mut self, status: StatusCode, fault: Option<&str>) {
        self.entry.status = status.as_u16();
        self.entry.error = fault.map(str::to_owned);
    }

    /// Counts what was handed to the connection.
    pub(super) fn sent(&mut self, bytes: usize) {
        self.entry.bytes += bytes as u64;
    }

    /// Notes why the body broke off.
    pub(super) fn failed(&mut self, error: &io::Error) {
        self.entry.error = Some(format!("the body broke off: {error}"));
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let entry = &mut self.entry;
        entry.seconds = self.begun.elapsed();
        let metrics = &self.listeners.metrics;
        metrics.end(self.kind, entry.status, entry.bytes, entry.seconds);
        if let Some(log) = &self.listeners.log {
            log.answered(entry);
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
