//! What a proxy says when it does not give what it is asked for.

use std::io::Read;

use anyhow::{Result, anyhow};

use crate::module::{is_printable, is_space};
use crate::query::NotFound;
use crate::web::header::{CONTENT_TYPE, HeaderMap};
use crate::web::{Response, Transient, retry_after};

/// How much of a text is shown (`web/api.go`).
const MOST_LINES: usize = 8;
const MOST_BYTES: usize = MOST_LINES * 81;
/// How much of a text is read.
const MOST_READ: u64 = 64 << 10;

/// Lets an answer with status 200 pass; `name` is the URL that was asked for, as it may be shown.
///
/// # Errors
/// Any other status, with what the server says if that is plain text; [`NotFound`] for 404 and 410, an error
/// that may pass for 408, 429, 502, 503 and 504. 500 is what many proxies say of a version that they cannot
/// make: it will not pass.
pub(super) fn check_status(response: Response, name: &str) -> Result<Response> {
    let status = response.status;
    if status == 200 {
        return Ok(response);
    }
    let mut message = format!("reading {name}: {status}");
    let asked = retry_after(&response.headers);
    if let Some(detail) = detail(response) {
        let separator = if detail.contains('\n') { "\n\t" } else { " " };
        message = format!("{message}\n\tserver response:{separator}{detail}");
    }
    Err(match status.as_u16() {
        404 | 410 => NotFound::new(message).into(),
        408 | 429 | 502 | 503 | 504 => Transient {
            message,
            retry_after: asked,
        }
        .into(),
        _ => anyhow!(message),
    })
}

/// Makes the error for a file that a folder has not.
pub(super) fn missing_file(name: &str) -> anyhow::Error {
    NotFound::new(format!("reading {name}: no such file or directory")).into()
}

/// Reads what the server says, as far as it is fit for a terminal.
fn detail(response: Response) -> Option<String> {
    if !is_plain_text(&response.headers) {
        return None;
    }
    let mut text = Vec::new();
    // What came before the connection broke off is better than nothing.
    let _ = response.body.take(MOST_READ).read_to_end(&mut text);
    shortened(&String::from_utf8(text).ok()?)
}

fn shortened(text: &str) -> Option<String> {
    if !text
        .chars()
        .all(|letter| is_printable(letter) || is_space(letter))
    {
        return None;
    }
    let mut short = String::new();
    for (number, line) in text.split('\n').enumerate() {
        if line.trim().is_empty() {
            break;
        }
        if number > 0 {
            short.push_str("\n\t");
        }
        if number >= MOST_LINES {
            short.push_str("[Truncated: too many lines.]");
            break;
        }
        if short.len() + line.len() > MOST_BYTES {
            short.push_str("[Truncated: too long.]");
            break;
        }
        short.push_str(line);
    }
    (!short.is_empty()).then_some(short)
}

/// Tells whether a body claims to be plain text in UTF-8 or a part of it.
fn is_plain_text(headers: &HeaderMap) -> bool {
    let value = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let value = value.unwrap_or_default().to_ascii_lowercase();
    let mut parts = value.split(';').map(str::trim);
    let is_text = parts.next() == Some("text/plain");
    let charset = parts
        .filter_map(|part| part.split_once('='))
        .find(|(name, _)| name.trim() == "charset")
        .map_or("", |(_, charset)| charset.trim().trim_matches('"'));
    is_text && matches!(charset, "" | "utf-8" | "us-ascii")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::header::HeaderValue;

    #[test]
    fn long_texts_are_cut_as_go_cuts_them() {
        for (text, expected) in [
            ("no", Some("no")),
            ("one\ntwo\n\nthree", Some("one\n\ttwo")),
            ("\nlater", None),
            ("bell \u{7}", None),
            (
                "1\n2\n3\n4\n5\n6\n7\n8\n9",
                Some("1\n\t2\n\t3\n\t4\n\t5\n\t6\n\t7\n\t8\n\t[Truncated: too many lines.]"),
            ),
            (&"x".repeat(649), Some("[Truncated: too long.]")),
            (&"x".repeat(648), Some(&"x".repeat(648))),
        ] {
            assert_eq!(shortened(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn only_plain_text_in_utf_8_is_shown() {
        for (value, expected) in [
            ("text/plain", true),
            ("Text/Plain; charset=UTF-8", true),
            ("text/plain;charset=\"us-ascii\"", true),
            ("text/plain; charset=latin1", false),
            ("text/html", false),
            ("", false),
        ] {
            let value = HeaderValue::from_static(value);
            let headers = HeaderMap::from_iter([(CONTENT_TYPE, value)]);
            assert_eq!(is_plain_text(&headers), expected, "{headers:?}");
        }
    }
}
