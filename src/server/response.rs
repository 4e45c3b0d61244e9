//! From an answer to a response: what this client has already, which part it wants, and in which encoding.
//!
//! Rules: RFC 9110, sections 13 (conditional requests) and 14 (ranges).

use std::ops::Range;
use std::sync::Arc;
use std::time::SystemTime;

use hyper::body::Bytes;
use hyper::header::{
    ACCEPT_ENCODING, ACCEPT_RANGES, ALLOW, CACHE_CONTROL, CONNECTION, CONTENT_ENCODING,
    CONTENT_LENGTH, CONTENT_RANGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, HeaderMap,
    HeaderName, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, LAST_MODIFIED, RANGE,
    VARY, WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS,
};
use hyper::http::request::Parts;
use hyper::{Method, Response, StatusCode, Version};

use super::admission::REQUEST_ID;
use super::answer::{Answer, Content, Held, Media, etag, header_value};
use super::body::{Buffers, Sending, Stream};
use super::shelf::{Blob, Stored};

/// A response but for what is the same in all.
pub(super) struct Draft {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) sending: Sending,
}

/// Whom an answer is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Audience {
    /// Everybody who asks.
    Everybody,
    /// Those who say who they are.
    Known,
}

/// The page runs nothing and loads nothing.
const PAGE_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'";

const BASIC: &str = "Basic realm=\"gomodcache\", charset=\"UTF-8\"";
const BEARER: &str = "Bearer realm=\"gomodcache\"";

/// What of an answer a client gets.
struct Offer<'a> {
    answer: &'a Answer,
    etag: HeaderValue,
    size: u64,
    encoding: Encoding<'a>,
}

/// How the content of an answer is written.
enum Encoding<'a> {
    /// As it is, and read as it is sent.
    Stored(&'a Stored),
    /// As it is.
    Plain(&'a Bytes),
    Gzip(&'a Bytes),
}

impl<'a> Offer<'a> {
    fn stored(answer: &'a Answer, stored: &'a Stored) -> Offer<'a> {
        Offer {
            answer,
            etag: etag(&stored.tag),
            size: stored.size,
            encoding: Encoding::Stored(stored),
        }
    }

    fn held(answer: &'a Answer, held: &'a Held, headers: &HeaderMap) -> Offer<'a> {
        let gzip = held.gzip.as_ref();
        // A part is a part of the plain content.
        let gzip = gzip.filter(|_| !headers.contains_key(RANGE) && accepts_gzip(headers));
        let form = gzip.unwrap_or(&held.plain);
        Offer {
            answer,
            etag: form.etag.clone(),
            size: form.content.len() as u64,
            encoding: match gzip {
                Some(_) => Encoding::Gzip(&form.content),
                None => Encoding::Plain(&form.content),
            },
        }
    }

    /// Whole seconds, as far as HTTP can tell.
    fn modified(&self) -> Option<SystemTime> {
        self.answer.modified.as_ref().map(|modified| modified.time)
    }

    /// Tells whether the client has this content.
    fn is_known(&self, headers: &HeaderMap) -> bool {
        if let Some(tags) = text(headers, IF_NONE_MATCH) {
            let mut tags = tags.split(',').map(str::trim);
            return tags.any(|tag| tag == "*" || self.etag == *tag.trim_start_matches("W/"));
        }
        let since = text(headers, IF_MODIFIED_SINCE);
        let since = since.and_then(|since| httpdate::parse_http_date(since).ok());
        matches!((self.modified(), since), (Some(modified), Some(since)) if modified <= since)
    }

    /// Gives the part that the client wants; none for all.
    fn part(&self, headers: &HeaderMap) -> Result<Option<Range<u64>>, Unsatisfiable> {
        let condition = text(headers, IF_RANGE);
        let is_same = condition.is_none_or(|condition| {
            let date = httpdate::parse_http_date(condition).ok();
            self.etag == *condition || date.is_some() && date == self.modified()
        });
        match text(headers, RANGE).filter(|_| is_same) {
            Some(range) => part(range, self.size),
            None => Ok(None),
        }
    }

    fn sending(&self, part: Range<u64>, buffers: &Arc<Buffers>) -> Sending {
        match &self.encoding {
            _ if part.is_empty() => Sending::Nothing,
            Encoding::Stored(stored) => Sending::Stream(Stream::new(&stored.blob, part, buffers)),
            Encoding::Plain(whole) | Encoding::Gzip(whole) => {
                let bound = |place: u64| usize::try_from(place).unwrap_or(whole.len());
                let (start, end) = (bound(part.start), bound(part.end).min(whole.len()));
                Sending::Whole(whole.slice(start.min(end)..end))
            }
        }
    }
}

/// A range that lies behind the end.
#[derive(Debug, PartialEq, Eq)]
struct Unsatisfiable;

/// Makes of an answer what this client gets.
pub(super) fn draft(
    answer: &Answer,
    request: &Parts,
    audience: Audience,
    buffers: &Arc<Buffers>,
) -> Draft {
    let mut draft = match &answer.content {
        Content::Growing(blob) => growing(answer, blob, buffers),
        Content::Stored(stored) => content(&Offer::stored(answer, stored), request, buffers),
        Content::Held(held) => content(
            &Offer::held(answer, held, &request.headers),
            request,
            buffers,
        ),
    };
    let headers = &mut draft.headers;
    headers.insert(
        CACHE_CONTROL,
        HeaderValue::from_static(answer.keeping.cache_control(audience)),
    );
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if audience == Audience::Known {
        headers.append(VARY, HeaderValue::from_static("Authorization"));
    }
    match answer.status {
        StatusCode::UNAUTHORIZED => {
            headers.append(WWW_AUTHENTICATE, HeaderValue::from_static(BASIC));
            headers.append(WWW_AUTHENTICATE, HeaderValue::from_static(BEARER));
        }
        StatusCode::METHOD_NOT_ALLOWED => {
            headers.insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
        }
        // What follows on the connection is no request of this client.
        StatusCode::BAD_REQUEST if request.version < Version::HTTP_2 => {
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        _ => {}
    }
    if answer.media == Media::Html {
        let policy = HeaderValue::from_static(PAGE_POLICY);
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
    draft
}

fn content(offer: &Offer<'_>, request: &Parts, buffers: &Arc<Buffers>) -> Draft {
    let (answer, method, asked) = (offer.answer, &request.method, &request.headers);
    let mut headers = HeaderMap::with_capacity(12);
    if !answer.status.is_success() {
        return complete(
            offer,
            answer.status,
            headers,
            0..offer.size,
            method,
            buffers,
        );
    }
    headers.insert(ETAG, offer.etag.clone());
    if let Some(modified) = &answer.modified {
        headers.insert(LAST_MODIFIED, modified.header.clone());
    }
    if matches!(&answer.content, Content::Held(held) if held.gzip.is_some()) {
        headers.insert(VARY, HeaderValue::from_static("Accept-Encoding"));
    }
    if offer.is_known(asked) {
        return Draft {
            status: StatusCode::NOT_MODIFIED,
            headers,
            sending: Sending::Nothing,
        };
    }
    headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    let size = offer.size;
    // Of a head there are no parts (RFC 9110, section 14.2).
    let part = match *method {
        Method::HEAD => Ok(None),
        _ => offer.part(asked),
    };
    match part {
        Ok(None) => complete(offer, StatusCode::OK, headers, 0..size, method, buffers),
        Ok(Some(part)) => {
            let range = format!("bytes {}-{}/{size}", part.start, part.end.saturating_sub(1));
            headers.insert(CONTENT_RANGE, header_value(range));
            complete(
                offer,
                StatusCode::PARTIAL_CONTENT,
                headers,
                part,
                method,
                buffers,
            )
        }
        Err(Unsatisfiable) => {
            headers.insert(CONTENT_RANGE, header_value(format!("bytes */{size}")));
            let status = StatusCode::RANGE_NOT_SATISFIABLE;
            complete(offer, status, headers, 0..0, method, buffers)
        }
    }
}

fn complete(
    offer: &Offer<'_>,
    status: StatusCode,
    mut headers: HeaderMap,
    part: Range<u64>,
    method: &Method,
    buffers: &Arc<Buffers>,
) -> Draft {
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static(offer.answer.media.content_type()),
    );
    if matches!(offer.encoding, Encoding::Gzip(_)) {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    headers.insert(CONTENT_LENGTH, HeaderValue::from(part.end - part.start));
    Draft {
        status,
        headers,
        sending: match *method == Method::HEAD {
            true => Sending::Nothing,
            false => offer.sending(part, buffers),
        },
    }
}

/// Sends to the end what still grows.
fn growing(answer: &Answer, blob: &Arc<dyn Blob>, buffers: &Arc<Buffers>) -> Draft {
    let content_type = HeaderValue::from_static(answer.media.content_type());
    Draft {
        status: answer.status,
        headers: HeaderMap::from_iter([(CONTENT_TYPE, content_type)]),
        sending: Sending::Stream(Stream::growing(blob, buffers)),
    }
}

/// Tells whether a client can be sent what has no known size: it sees where that breaks off (RFC 9112, section 8), and
/// wants neither the size nor a part.
pub(super) fn takes_any_size(request: &Parts) -> bool {
    let sees_breaks = request.version >= Version::HTTP_11;
    sees_breaks && request.method == Method::GET && !request.headers.contains_key(RANGE)
}

impl Draft {
    /// Tells the client the name of its request in the log.
    pub(super) fn name(&mut self, id: &HeaderValue) {
        self.headers.insert(REQUEST_ID.clone(), id.clone());
    }

    /// Makes the response, once its body knows whom to tell.
    pub(super) fn finish<B>(self, body: impl FnOnce(Sending) -> B) -> Response<B> {
        let mut response = Response::new(body(self.sending));
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        response
    }
}

/// Reads a Range header of one range. What is none, or more, is passed over: then all is sent.
fn part(range: &str, size: u64) -> Result<Option<Range<u64>>, Unsatisfiable> {
    let range = range.strip_prefix("bytes=").map(str::trim);
    let Some((first, last)) = range.and_then(|range| range.split_once('-')) else {
        return Ok(None);
    };
    let number = |text: &str| match text.bytes().all(|byte| byte.is_ascii_digit()) {
        true => text.parse::<u64>().ok(),
        false => None,
    };
    let part = match (number(first), number(last)) {
        (Some(first), Some(last)) if first > last => return Ok(None),
        (Some(first), Some(last)) => first..last.saturating_add(1).min(size),
        (Some(first), None) if last.is_empty() => first..size,
        (None, Some(0)) if first.is_empty() => return Err(Unsatisfiable),
        (None, Some(count)) if first.is_empty() => size.saturating_sub(count)..size,
        _ => return Ok(None),
    };
    match part.start < size {
        true => Ok(Some(part)),
        false => Err(Unsatisfiable),
    }
}

fn accepts_gzip(headers: &HeaderMap) -> bool {
    let values = headers.get_all(ACCEPT_ENCODING).iter();
    let mut codings = values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','));
    codings.any(|coding| {
        let mut parts = coding.split(';').map(str::trim);
        let is_gzip = parts
            .next()
            .is_some_and(|name| name.eq_ignore_ascii_case("gzip"));
        let quality = parts.find_map(|part| part.strip_prefix("q="));
        is_gzip && quality.is_none_or(|quality| quality.parse::<f32>().is_ok_and(|q| q > 0.0))
    })
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read() {
        for (range, expected) in [
            ("bytes=0-0", Ok(Some(0..1))),
            ("bytes=2-5", Ok(Some(2..6))),
            ("bytes=2-", Ok(Some(2..10))),
            ("bytes=2-99999999999999999999", Ok(None)),
            ("bytes=2-99", Ok(Some(2..10))),
            ("bytes=-3", Ok(Some(7..10))),
            ("bytes=-99", Ok(Some(0..10))),
            ("bytes=-0", Err(Unsatisfiable)),
            ("bytes=10-", Err(Unsatisfiable)),
            ("bytes=5-2", Ok(None)),
            ("bytes=0-1,3-4", Ok(None)),
            ("bytes=+1-2", Ok(None)),
            ("bytes=-", Ok(None)),
            ("lines=1-2", Ok(None)),
            ("", Ok(None)),
        ] {
            assert_eq!(part(range, 10), expected, "{range}");
        }
        assert_eq!(part("bytes=0-0", 0), Err(Unsatisfiable));
    }

    #[test]
    fn gzip_is_for_those_who_say_so() {
        for (value, expected) in [
            ("gzip", true),
            ("br, GZIP;q=0.5", true),
            ("gzip;q=0", false),
            ("gzip; q=0.000", false),
            ("identity", false),
            ("gzipped", false),
        ] {
            let value = HeaderValue::from_static(value);
            let headers = HeaderMap::from_iter([(ACCEPT_ENCODING, value)]);
            assert_eq!(accepts_gzip(&headers), expected, "{headers:?}");
        }
    }
}
