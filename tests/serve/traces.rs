//! A collector of OpenTelemetry hears of requests.

use crate::loopback::{Answer, Asked, Gate, Loopback};
use crate::support::sandbox::tell;
use crate::support::tests;
use crate::team::{Served, Team};
use libtest_mimic::Trial;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{KeyValue, any_value::Value};
use opentelemetry_proto::tonic::trace::v1::{Span, status::StatusCode};
use prost::Message;
use std::collections::BTreeMap;

/// The tests of this group.
pub(crate) fn trials() -> Vec<Trial> {
    tests!("traces":
        a_request_is_a_span_of_what_it_is_part_of,
        a_fault_is_an_error_that_names_its_cause,
        without_a_collector_requests_are_answered,
        a_collector_that_never_answers_does_not_keep_the_server,
        what_cannot_be_spoken_is_refused,
        who_names_no_collector_sends_nothing,
    )
}

const ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
const SECRET: &str = "a-secret-of-the-collector";

/// A server that tells a collector, by these variables besides.
fn serve(team: &Team, collector: &Loopback, variables: &[(&str, &str)]) -> Served {
    let mut command = Served::command(&team.sandbox, &team.cache(), &[]);
    command.env(ENDPOINT, collector.url());
    command.envs(variables.iter().copied());
    Served::spawn(&mut command)
}

fn collector() -> Loopback {
    Loopback::start(|_| Answer::ok(""))
}

fn attributes(attributes: &[KeyValue]) -> BTreeMap<String, String> {
    let text = |attribute: &KeyValue| match attribute.value.as_ref()?.value.as_ref()? {
        Value::StringValue(text) => Some(text.clone()),
        Value::IntValue(number) => Some(number.to_string()),
        _ => None,
    };
    let attributes = attributes.iter();
    attributes
        .filter_map(|attribute| Some((attribute.key.clone(), text(attribute)?)))
        .collect()
}

/// What a collector was sent: the resource, and all spans.
fn heard(asked: &[Asked]) -> (BTreeMap<String, String>, Vec<Span>) {
    let (mut resource, mut spans) = (BTreeMap::new(), Vec::new());
    for asked in asked {
        assert_eq!(
            (asked.method.as_str(), asked.target.as_str()),
            ("POST", "/v1/traces")
        );
        assert_eq!(asked.header("content-type"), "application/x-protobuf");
        let request = ExportTraceServiceRequest::decode(&asked.body[..]).expect("spans");
        for sent in request.resource_spans {
            resource = attributes(&sent.resource.expect("a resource").attributes);
            let scopes = sent.scope_spans.into_iter();
            spans.extend(scopes.flat_map(|scope| scope.spans));
        }
    }
    (resource, spans)
}

fn a_request_is_a_span_of_what_it_is_part_of() {
    let (team, collector) = (Team::new(), collector());
    let headers = format!("authorization=Bearer%20{SECRET}");
    let served = serve(
        &team,
        &collector,
        &[
            ("OTEL_EXPORTER_OTLP_HEADERS", &headers),
            ("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment=tests"),
        ],
    );
    let parent = (
        "traceparent",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    );
    let list = "/example.com/large/@v/list";
    assert_eq!(
        served
            .ask("GET", list, &[parent, ("x-request-id", "seven")])
            .status,
        200
    );
    assert_eq!(
        served
            .ask("HEAD", "/example.com/none/@v/list?x=secret", &[])
            .status,
        404
    );
    let told = served.stop();
    assert!(!told.stderr.contains(SECRET), "{}", told.stderr);
    let asked = collector.asked();
    assert_eq!(asked[0].header("authorization"), format!("Bearer {SECRET}"));
    let (resource, spans) = heard(&asked);
    assert_eq!(resource["service.name"], "gomodcache");
    assert_eq!(resource["service.version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(resource["deployment.environment"], "tests");
    let [first, second] = &spans[..] else {
        panic!("{spans:?}")
    };
    let hex = |bytes: &[u8]| {
        bytes
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>()
    };
    assert_eq!(hex(&first.trace_id), "0af7651916cd43dd8448eb211c80319c");
    assert_eq!(hex(&first.parent_span_id), "b7ad6b7169203331");
    assert!(first.start_time_unix_nano <= first.end_time_unix_nano);
    let told = attributes(&first.attributes);
    for (name, value) in [
        ("http.request.method", "GET"),
        ("url.path", list),
        ("http.response.status_code", "200"),
        ("http.response.body.size", "7"),
        ("network.protocol.version", "1.1"),
        ("client.address", "127.0.0.1"),
        ("http.response.header.x-request-id", "seven"),
    ] {
        assert_eq!(told[name], value, "{name}");
    }
    assert_eq!(second.parent_span_id, Vec::<u8>::new());
    assert_ne!(second.trace_id, first.trace_id);
    let told = attributes(&second.attributes);
    assert_eq!(told["http.response.status_code"], "404");
    assert_eq!(told["url.path"], "/example.com/none/@v/list");
    assert!(second.status.is_none() || second.status.as_ref().expect("one").code == 0);
}

fn a_fault_is_an_error_that_names_its_cause() {
    let (team, collector) = (Team::new(), collector());
    let info = team.stored("example.com/large/@v/v1.0.0.info");
    std::fs::remove_file(&info).expect("an .info");
    std::os::unix::fs::symlink(&info, &info).expect("a link to itself");
    let served = serve(&team, &collector, &[("OTEL_SERVICE_NAME", "modules")]);
    assert_eq!(served.get("/example.com/large/@v/v1.0.0.info").status, 500);
    served.stop();
    let (resource, spans) = heard(&collector.asked());
    assert_eq!(resource["service.name"], "modules");
    let status = spans[0].status.as_ref().expect("a status");
    assert_eq!(status.code, StatusCode::Error as i32);
    assert!(status.message.contains("v1.0.0.info"), "{}", status.message);
}

fn without_a_collector_requests_are_answered() {
    let team = Team::new();
    let failing = Loopback::start(|_| Answer::status(503));
    let served = serve(&team, &failing, &[]);
    assert_eq!(served.get("/healthz").status, 200);
    let told = served.stop();
    assert_eq!(told.code, Some(0));
    assert!(!failing.asked().is_empty());
    let lost = "spans for OpenTelemetry are lost: the collector answers 503";
    assert_eq!(told.stderr.matches(lost).count(), 1, "{}", told.stderr);
    let mut command = Served::command(&team.sandbox, &team.cache(), &[]);
    let served = Served::spawn(command.env(ENDPOINT, "http://127.0.0.1:9"));
    assert_eq!(served.get("/healthz").status, 200);
    let told = served.stop();
    assert_eq!(told.code, Some(0));
    assert!(
        told.stderr
            .contains("are lost: cannot reach http://127.0.0.1:9"),
        "{}",
        told.stderr
    );
}

fn a_collector_that_never_answers_does_not_keep_the_server() {
    let team = Team::new();
    let gate = Gate::default();
    let silent = Loopback::start({
        let gate = gate.clone();
        move |_| {
            gate.pass();
            Answer::ok("")
        }
    });
    let served = serve(&team, &silent, &[]);
    assert_eq!(served.get("/healthz").status, 200);
    assert_eq!(served.stop().code, Some(0));
    gate.open();
}

fn what_cannot_be_spoken_is_refused() {
    let team = Team::new();
    let mut command = Served::command(&team.sandbox, &team.cache(), &[]);
    command.env(ENDPOINT, "http://127.0.0.1:9");
    let told = tell(command.env("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"));
    assert_eq!(told.code, Some(1));
    assert!(
        told.stderr.contains(
            "OTEL_EXPORTER_OTLP_PROTOCOL is `grpc`: spans are sent by http/protobuf only"
        ),
        "{}",
        told.stderr
    );
}

fn who_names_no_collector_sends_nothing() {
    let (team, collector) = (Team::new(), collector());
    for variables in [
        &[("OTEL_SDK_DISABLED", "true")][..],
        &[("OTEL_TRACES_EXPORTER", "none")],
        &[(ENDPOINT, "")],
    ] {
        let served = serve(&team, &collector, variables);
        assert_eq!(served.get("/healthz").status, 200);
        assert_eq!(served.stop().code, Some(0));
        assert_eq!(collector.asked(), [], "{variables:?}");
    }
}
