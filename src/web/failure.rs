//! What the errors of the HTTP library mean to us.

use std::error::Error;
use std::io::{self, ErrorKind};

use anyhow::anyhow;

use super::retry::{Lasting, Transient};

/// The error of a name that stands for no address.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the host is not found")]
pub(super) struct HostNotFound;

/// Brings the failure of a request into a form that tells whether it may pass.
pub(super) fn classify(error: reqwest::Error) -> anyhow::Error {
    // Whoever sent the request knows its URL, and how to show it.
    let error = error.without_url();
    let causes = causes(&error);
    if causes.iter().any(|cause| is::<HostNotFound>(*cause)) {
        return anyhow!(HostNotFound);
    }
    if let Some(tls) = causes.iter().find(|cause| cause.is::<rustls::Error>()) {
        return anyhow!(Lasting(tls.to_string()));
    }
    if let Some(refusal) = causes.iter().find_map(|cause| proxy_refusal(*cause)) {
        return anyhow!(Lasting(refusal));
    }
    if error.is_timeout() {
        let message = "connecting took too long".to_owned();
        return Transient::new(message).into();
    }
    let system = causes
        .iter()
        .filter_map(|cause| cause.downcast_ref::<io::Error>())
        .find_map(io::Error::raw_os_error);
    if let Some(code) = system {
        return io::Error::from_raw_os_error(code).into();
    }
    let last = causes.last().map(ToString::to_string).unwrap_or_default();
    let http = causes
        .iter()
        .find_map(|cause| cause.downcast_ref::<hyper::Error>());
    match http {
        Some(http) if http.is_parse() || http.is_user() => Lasting(last).into(),
        Some(http) if http.is_incomplete_message() => {
            Transient::new("the server ended the connection without an answer".to_owned()).into()
        }
        Some(_) => Transient::new(last).into(),
        None => match find_io(&causes) {
            Some(kind) => io::Error::new(kind, last).into(),
            None => Lasting(last).into(),
        },
    }
}

/// Turns the failure of a body into what readers expect; of kind `UnexpectedEof` when it may pass.
pub(super) fn broken_off(error: reqwest::Error) -> io::Error {
    let error = error.without_url();
    let causes = causes(&error);
    let last = causes.last().map(ToString::to_string).unwrap_or_default();
    if causes.iter().any(|cause| cause.is::<hyper::Error>()) {
        let message = format!("the connection broke off: {last}");
        return io::Error::new(ErrorKind::UnexpectedEof, message);
    }
    let kind = find_io(&causes).unwrap_or(ErrorKind::InvalidData);
    io::Error::new(kind, last)
}

/// Lists an error with its causes, and those hidden in errors of input and output.
fn causes<'e>(error: &'e (dyn Error + 'static)) -> Vec<&'e (dyn Error + 'static)> {
    let mut found: Vec<&(dyn Error + 'static)> = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next {
        found.push(error);
        let hidden = error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref);
        next = match hidden {
            Some(hidden) => Some(hidden),
            None => error.source(),
        };
    }
    found
}

fn is<T: Error + 'static>(cause: &(dyn Error + 'static)) -> bool {
    cause.is::<T>()
}

fn find_io(causes: &[&(dyn Error + 'static)]) -> Option<ErrorKind> {
    let mut found = causes
        .iter()
        .filter_map(|cause| cause.downcast_ref::<io::Error>());
    found.next_back().map(io::Error::kind)
}

/// Gives the words of a forward proxy that does not connect. Its error has no public type.
fn proxy_refusal(cause: &(dyn Error + 'static)) -> Option<String> {
    let text = cause.to_string();
    let reason = text.strip_prefix("tunnel error: ")?;
    Some(match reason {
        "proxy authorization required" => "the proxy asks for a user name and password".to_owned(),
        "unsuccessful" => "the proxy refuses to connect to the server".to_owned(),
        "failed to create underlying connection" => return None,
        reason => format!("the proxy did not connect to the server: {reason}"),
    })
}
