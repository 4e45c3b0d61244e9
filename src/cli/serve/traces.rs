//! Requests as spans of OpenTelemetry, sent to a collector by OTLP over HTTP.
//!
//! The variables are those of the specification: <https://opentelemetry.io/docs/specs/otel/protocol/exporter/> and
//! <https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/>. The names of attributes are
//! those of its conventions for HTTP servers.

use std::fmt;
use std::future::{Future, ready};
use std::io::Read;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use hyper::http::{Request, Response};
use opentelemetry::propagation::{Extractor, TextMapPropagator};
use opentelemetry::trace::{Span, SpanKind, Status, Tracer, TracerProvider};
use opentelemetry::{Context as Trace, KeyValue};
use opentelemetry_http::{HttpClient, HttpError};
use opentelemetry_otlp::{SpanExporter, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::resource::{EnvResourceDetector, TelemetryResourceDetector};
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider};

use super::super::settings::web_settings;
use crate::goenv::GoEnv;
use crate::ops::Unwatched;
use crate::server::{Entry, Event, Log};
use crate::web::{self, Client, Interrupt};

const NAME: &str = "gomodcache";

/// Either of them turns it on.
const ENDPOINTS: [&str; 2] = [
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    "OTEL_EXPORTER_OTLP_ENDPOINT",
];

/// The variables of the form of what is sent.
const PROTOCOLS: [&str; 2] = [
    "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL",
    "OTEL_EXPORTER_OTLP_PROTOCOL",
];

/// The only form that is spoken.
const PROTOCOL: &str = "http/protobuf";

/// How long a collector may take for what is left at the end.
const END: Duration = Duration::from_secs(5);

/// The largest answer of a collector that is read, in bytes.
const MAX_ANSWER: u64 = 64 << 10;

/// Spans on their way to a collector.
pub(super) struct Traces {
    provider: SdkTracerProvider,
    tracer: SdkTracer,
}

impl Traces {
    /// Begins to send spans, if a variable names a collector. The log hears when they are lost.
    ///
    /// # Errors
    /// A collector that wants gRPC; an endpoint that is no URL.
    pub(super) fn start(env: &GoEnv, log: Weak<dyn Log>) -> Result<Option<Traces>> {
        let set = |name: &&str| env.process(name).filter(|value| !value.is_empty());
        let is_off = set(&"OTEL_SDK_DISABLED")
            .is_some_and(|value| value.eq_ignore_ascii_case("true"))
            || set(&"OTEL_TRACES_EXPORTER") == Some("none");
        if is_off || ENDPOINTS.iter().find_map(set).is_none() {
            return Ok(None);
        }
        if let Some((name, value)) = PROTOCOLS.iter().find_map(|name| Some((name, set(name)?))) {
            ensure!(
                value == PROTOCOL,
                "{name} is `{value}`: spans are sent by {PROTOCOL} only, which collectors take at port 4318"
            );
        }
        let collector = Collector {
            client: Client::new(web_settings(env)),
            interrupt: Arc::new(Unwatched),
            log,
            takes_none: AtomicBool::new(false),
        };
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(collector)
            .build()
            .context("cannot send spans to OTEL_EXPORTER_OTLP_ENDPOINT")?;
        let resource = Resource::builder_empty()
            .with_service_name(NAME)
            .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
            .with_detectors(&[
                Box::new(TelemetryResourceDetector),
                Box::new(EnvResourceDetector::new()),
            ]);
        let resource = match set(&"OTEL_SERVICE_NAME") {
            Some(name) => resource.with_service_name(name.to_owned()),
            None => resource,
        };
        let provider = SdkTracerProvider::builder()
            .with_resource(resource.build())
            .with_batch_exporter(exporter)
            .build();
        Ok(Some(Traces {
            tracer: provider.tracer(NAME),
            provider,
        }))
    }

    /// Sends what is left, as far as the collector takes it in time.
    pub(super) fn stop(&self) {
        let _ = self.provider.shutdown_with_timeout(END);
    }
}

impl Log for Traces {
    fn answered(&self, entry: &Entry) {
        let parent =
            TraceContextPropagator::new().extract_with_context(&Trace::new(), &Parent(entry));
        let builder = self
            .tracer
            .span_builder(entry.method.clone())
            .with_kind(SpanKind::Server)
            .with_start_time(entry.time)
            .with_attributes(attributes(entry));
        let mut span = self.tracer.build_with_context(builder, &parent);
        if entry.status >= 500 || entry.error.is_some() {
            span.set_status(Status::error(entry.error.clone().unwrap_or_default()));
        }
        span.end_with_timestamp(entry.time + entry.seconds);
    }

    fn happened(&self, _event: &Event) {}
}

fn attributes(entry: &Entry) -> Vec<KeyValue> {
    let version = entry.protocol.strip_prefix("HTTP/").unwrap_or_default();
    let version = version
        .strip_suffix(".0")
        .filter(|major| *major == "2")
        .unwrap_or(version);
    let mut attributes = vec![
        KeyValue::new("http.request.method", entry.method.clone()),
        KeyValue::new("url.path", entry.path.clone()),
        KeyValue::new("http.response.status_code", i64::from(entry.status)),
        KeyValue::new(
            "http.response.body.size",
            i64::try_from(entry.bytes).unwrap_or(i64::MAX),
        ),
        KeyValue::new("network.protocol.version", version.to_owned()),
        KeyValue::new("client.address", entry.remote.clone()),
        KeyValue::new("http.response.header.x-request-id", entry.id.clone()),
    ];
    attributes.extend(
        entry
            .user
            .clone()
            .map(|user| KeyValue::new("user.name", user)),
    );
    attributes
}

/// What a request is part of.
struct Parent<'e>(&'e Entry);

impl Extractor for Parent<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0
            .traceparent
            .as_deref()
            .filter(|_| key == "traceparent")
    }

    fn keys(&self) -> Vec<&str> {
        vec!["traceparent"]
    }
}

/// The way to the collector. It is taken on a thread of its own, which may wait.
struct Collector {
    client: Client,
    interrupt: Arc<dyn Interrupt>,
    /// Gone before this is, where a collector lets the end wait.
    log: Weak<dyn Log>,
    /// Whether the last attempt has failed, of which the log has heard.
    takes_none: AtomicBool,
}

impl Collector {
    /// Tells the log when it begins to fail.
    fn watch(&self, sent: &Result<Response<Bytes>>) {
        let fault = match sent {
            Ok(response) if response.status().is_success() => None,
            Ok(response) => Some(format!("the collector answers {}", response.status())),
            Err(error) => Some(format!("{error:#}")),
        };
        let had_failed = self.takes_none.swap(fault.is_some(), Ordering::Relaxed);
        if let (Some(fault), Some(log), false) = (fault, self.log.upgrade(), had_failed) {
            log.happened(&Event::new(format!(
                "spans for OpenTelemetry are lost: {fault}"
            )));
        }
    }

    fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>> {
        let (head, body) = request.into_parts();
        let url = head.uri.to_string();
        let url = url
            .parse()
            .context("the address of the collector is no URL")?;
        let request = web::Request {
            headers: head.headers,
            ..web::Request::post(url, body.to_vec())
        };
        let answer = self.client.send(request, &self.interrupt)?;
        let mut content = Vec::new();
        answer.body.take(MAX_ANSWER).read_to_end(&mut content)?;
        let mut response = Response::new(Bytes::from(content));
        *response.status_mut() = answer.status;
        *response.headers_mut() = answer.headers;
        Ok(response)
    }
}

impl fmt::Debug for Collector {
    /// What is sent to it may hold a secret.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Collector")
    }
}

impl HttpClient for Collector {
    fn send_bytes<'s, 'f>(
        &'s self,
        request: Request<Bytes>,
    ) -> Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'f>>
    where
        's: 'f,
        Self: 'f,
    {
        let sent = self.send(request);
        self.watch(&sent);
        Box::pin(ready(sent.map_err(HttpError::from)))
    }
}
