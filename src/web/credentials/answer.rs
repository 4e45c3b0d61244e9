//! What a GOAUTH command prints: header fields by URL.
//!
//! ```text
//! https://example.com/a
//! https://example.com/b
//!
//! Authorization: Basic …
//! X-Other: …
//!
//! ```
//!
//! Any number of such pairs of blocks; every block ends with an empty line. Source of the rules:
//! `cmd/go/internal/auth/userauth.go`.

use anyhow::{Context, Result, bail};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use url::Url;

/// Reads the answer; a URL that is named twice counts the last time. Errors do not show any of it.
pub(super) fn parse(answer: &[u8]) -> Result<Vec<(String, HeaderMap)>> {
    let mut found = Vec::new();
    let mut rest = answer;
    while !rest.is_empty() {
        let mut urls = Vec::new();
        while let Some(line) = line(&mut rest).context("there is no empty line after the URLs")? {
            urls.push(url(line).context("a line is no URL")?);
        }
        let mut headers = HeaderMap::new();
        while let Some(line) =
            line(&mut rest).context("there is no empty line after the headers")?
        {
            let (name, value) = header(line).context("a line is no header")?;
            headers.append(name, value);
        }
        found.extend(urls.into_iter().map(|url| (url, headers.clone())));
    }
    Ok(found)
}

/// Cuts off a line: `None` for one that is empty.
fn line<'a>(rest: &mut &'a [u8]) -> Result<Option<&'a [u8]>> {
    let Some(end) = rest.iter().position(|byte| *byte == b'\n') else {
        bail!("the last line does not end");
    };
    let (line, after) = rest.split_at_checked(end).unwrap_or_default();
    *rest = after.get(1..).unwrap_or_default();
    Ok((!line.is_empty()).then_some(line))
}

/// An absolute URL or path (`url.ParseRequestURI`).
fn url(line: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(line).ok()?;
    let escapes = text.split('%').skip(1);
    let escaped = |after: &str| {
        let digits = after.as_bytes().get(..2);
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    };
    if text.chars().any(|character| character.is_ascii_control())
        || !escapes.into_iter().all(escaped)
    {
        return None;
    }
    if !text.starts_with('/') {
        let (_, after) = text.split_once(':')?;
        if !after.starts_with('/') || Url::parse(text).is_err() || text.contains(' ') {
            return None;
        }
    }
    Some(text.to_owned())
}

fn header(line: &[u8]) -> Option<(HeaderName, HeaderValue)> {
    let at = line.windows(2).position(|two| two == b": ")?;
    let (name, value) = line.split_at_checked(at)?;
    let name = HeaderName::from_bytes(name).ok()?;
    let mut value = HeaderValue::from_bytes(value.get(2..)?.trim_ascii()).ok()?;
    value.set_sensitive(true);
    Some((name, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(answer: &str) -> Option<Vec<String>> {
        let found = parse(answer.as_bytes()).ok()?;
        let show = |(url, headers): (String, HeaderMap)| {
            let fields = headers
                .iter()
                .map(|(name, value)| format!(" {name}={}", value.to_str().unwrap()));
            format!("{url}{}", fields.collect::<String>())
        };
        Some(found.into_iter().map(show).collect())
    }

    #[test]
    fn each_url_of_a_block_gets_all_its_headers() {
        let answer = "https://a.example/x\nhttps://b.example\n\nAuthorization: Bearer t\nX-A: 1\nX-A: 2\n\nhttps://c.example\n\n\n";
        assert_eq!(
            read(answer).unwrap(),
            [
                "https://a.example/x authorization=Bearer t x-a=1 x-a=2",
                "https://b.example authorization=Bearer t x-a=1 x-a=2",
                "https://c.example",
            ]
        );
        assert_eq!(read("").unwrap(), Vec::<String>::new());
        assert_eq!(read("\nX-A:  spaced  \n\n").unwrap(), Vec::<String>::new());
    }

    #[test]
    fn what_has_another_form_is_refused() {
        for answer in [
            "https://a.example",
            "https://a.example\n",
            "https://a.example\n\nX-A: 1",
            "https://a.example\n\nX-A: 1\n",
            "a.example\n\nX-A: 1\n\n",
            "a.example:443/x\n\nX-A: 1\n\n",
            "https://a.example\r\n\nX-A: 1\n\n",
            "https://a.example/%zz\n\nX-A: 1\n\n",
            "https://a.example\n\nX-A:1\n\n",
            "https://a.example\n\nX A: 1\n\n",
            "https://a.example\n\nX-A: \u{1}\n\n",
        ] {
            assert_eq!(read(answer), None, "{answer:?}");
        }
    }
}
