//! What the server has done, in the text format of Prometheus.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::route::{Asked, Part};

/// What requests ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Info,
    Mod,
    Zip,
    List,
    Latest,
    Query,
    Database,
    Other,
}

const KINDS: [(Kind, &str); 8] = [
    (Kind::Info, "info"),
    (Kind::Mod, "mod"),
    (Kind::Zip, "zip"),
    (Kind::List, "list"),
    (Kind::Latest, "latest"),
    (Kind::Query, "query"),
    (Kind::Database, "sumdb"),
    (Kind::Other, "other"),
];

impl From<&Asked> for Kind {
    fn from(asked: &Asked) -> Kind {
        match asked {
            Asked::File(_, Part::Info) => Kind::Info,
            Asked::File(_, Part::Mod) => Kind::Mod,
            Asked::File(_, Part::Zip) => Kind::Zip,
            Asked::List(_) => Kind::List,
            Asked::Latest(_) => Kind::Latest,
            Asked::Query(..) => Kind::Query,
            Asked::Database(..) => Kind::Database,
            Asked::Page | Asked::Health | Asked::Ready | Asked::Metrics | Asked::Index => {
                Kind::Other
            }
        }
    }
}

/// Classes of status: 1xx to 5xx.
const CLASSES: usize = 5;

/// Counts of what happened since the start.
#[derive(Default)]
pub(super) struct Metrics {
    kinds: [Counts; KINDS.len()],
    in_flight: AtomicU64,
    connections: AtomicU64,
    fetched: AtomicU64,
    refused: AtomicU64,
}

#[derive(Default)]
struct Counts {
    by_class: [AtomicU64; CLASSES],
    bytes: AtomicU64,
    microseconds: AtomicU64,
}

/// A connection that is open.
pub(super) struct Connected(std::sync::Arc<Metrics>);

impl Drop for Connected {
    fn drop(&mut self) {
        self.0.connections.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Metrics {
    /// Counts a connection as long as the value lives.
    pub(super) fn connected(self: &std::sync::Arc<Metrics>) -> Connected {
        self.connections.fetch_add(1, Ordering::Relaxed);
        Connected(std::sync::Arc::clone(self))
    }

    /// Sources were asked for a file of a version.
    pub(super) fn fetched(&self, is_stored: bool) {
        let count = match is_stored {
            true => &self.fetched,
            false => &self.refused,
        };
        count.fetch_add(1, Ordering::Relaxed);
    }

    /// A request has come.
    pub(super) fn begin(&self) {
        self.in_flight.fetch_add(1, Ordering::Relaxed);
    }

    /// A request is over.
    pub(super) fn end(&self, kind: Kind, status: u16, bytes: u64, time: Duration) {
        self.in_flight.fetch_sub(1, Ordering::Relaxed);
        let place = KINDS.iter().position(|(known, _)| *known == kind);
        let Some(counts) = place.and_then(|place| self.kinds.get(place)) else {
            return;
        };
        let class = usize::from(status / 100).saturating_sub(1);
        if let Some(count) = counts.by_class.get(class) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        counts.bytes.fetch_add(bytes, Ordering::Relaxed);
        let microseconds = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        counts
            .microseconds
            .fetch_add(microseconds, Ordering::Relaxed);
    }

    /// Renders all.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        let mut family = |name: &str, kind: &str, help: &str, samples: Vec<String>| {
            let _ = writeln!(text, "# HELP gomodcache_{name} {help}");
            let _ = writeln!(text, "# TYPE gomodcache_{name} {kind}");
            for sample in samples {
                let _ = writeln!(text, "gomodcache_{sample}");
            }
        };
        let requests = self.by_kind(Counts::requests);
        family(
            "requests_total",
            "counter",
            "Requests that were answered.",
            requests,
        );
        let bytes = self.by_kind(Counts::bytes);
        family(
            "sent_bytes_total",
            "counter",
            "Bytes of bodies that were sent.",
            bytes,
        );
        let seconds = self.by_kind(Counts::seconds);
        let help = "Time from a request to the end of its answer.";
        family("request_seconds", "summary", help, seconds);
        let gauge = |name: &str, count: &AtomicU64| vec![format!("{name} {}", load(count))];
        let in_flight = gauge("requests_in_flight", &self.in_flight);
        family(
            "requests_in_flight",
            "gauge",
            "Requests that are being answered.",
            in_flight,
        );
        let connections = gauge("connections", &self.connections);
        family(
            "connections",
            "gauge",
            "Connections that are open.",
            connections,
        );
        let fetches = [("stored", &self.fetched), ("refused", &self.refused)];
        let fetches = fetches
            .map(|(result, count)| format!("fetches_total{{result=\"{result}\"}} {}", load(count)));
        let help = "Files of versions that sources were asked for.";
        family("fetches_total", "counter", help, fetches.into());
        text
    }

    fn by_kind(&self, samples: impl Fn(&Counts, &str) -> Vec<String>) -> Vec<String> {
        let kinds = self.kinds.iter().zip(KINDS);
        kinds
            .flat_map(|(counts, (_, kind))| samples(counts, kind))
            .collect()
    }
}

impl Counts {
    fn requests(&self, kind: &str) -> Vec<String> {
        let classes = self.by_class.iter().zip(1..);
        let counted = classes.filter(|(count, _)| load(count) > 0);
        let sample = |(count, class): (&AtomicU64, u8)| {
            format!(
                "requests_total{{kind=\"{kind}\",status=\"{class}xx\"}} {}",
                load(count)
            )
        };
        counted.map(sample).collect()
    }

    fn bytes(&self, kind: &str) -> Vec<String> {
        vec![format!(
            "sent_bytes_total{{kind=\"{kind}\"}} {}",
            load(&self.bytes)
        )]
    }

    fn seconds(&self, kind: &str) -> Vec<String> {
        let seconds = Duration::from_micros(load(&self.microseconds)).as_secs_f64();
        let count: u64 = self.by_class.iter().map(load).sum();
        vec![
            format!("request_seconds_sum{{kind=\"{kind}\"}} {seconds}"),
            format!("request_seconds_count{{kind=\"{kind}\"}} {count}"),
        ]
    }
}

fn load(count: &AtomicU64) -> u64 {
    count.load(Ordering::Relaxed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_counted_by_kind_and_status() {
        let metrics = Metrics::default();
        metrics.begin();
        metrics.begin();
        metrics.end(Kind::Zip, 206, 10, Duration::from_millis(500));
        let text = metrics.text();
        for line in [
            "# TYPE gomodcache_requests_total counter",
            "gomodcache_requests_total{kind=\"zip\",status=\"2xx\"} 1",
            "gomodcache_sent_bytes_total{kind=\"zip\"} 10",
            "gomodcache_request_seconds_sum{kind=\"zip\"} 0.5",
            "gomodcache_request_seconds_count{kind=\"zip\"} 1",
            "gomodcache_requests_in_flight 1",
        ] {
            assert!(text.lines().any(|other| other == line), "{line}\n{text}");
        }
    }
}
