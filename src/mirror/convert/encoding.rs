//! The character encoding that `working-tree-encoding` asks for.
//!
//! git hands this to iconv, so the outcome belongs to the C library. Here it is that of glibc on a
//! little-endian machine, which is what the go command meets nearly everywhere: `UTF-16` begins with a
//! byte order mark and is little-endian. Observed with git 2.39 and glibc 2.36:
//!
//! - A name that iconv does not know, content that is not UTF-8 and a character that the encoding lacks
//!   make git warn and keep the whole content as it is, after the other conversions.
//! - A name that is a spelling of UTF-8, or is empty, asks for nothing.
//! - A byte order mark in the content is a character like any other.
//! - Characters of the Tags block (U+E0000 to U+E007F) vanish when the encoding lacks them.

mod charset;
mod tables;
mod unicode;

use std::sync::Arc;

use anyhow::{Result, bail};

use self::charset::Charset;
use self::unicode::Unicode;

/// The names that iconv of glibc 2.36 lists, in upper case and without slashes at the end.
const KNOWN_NAMES: &str = include_str!("encoding/glibc-names.txt");

/// What happens to the encoding of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) enum Encoding {
    /// It stays UTF-8, or whatever it is.
    #[default]
    Keep,
    /// The attribute is set without a value, upon which git gives up.
    Forbidden,
    Unicode(Unicode),
    Charset(&'static Charset),
    /// iconv can do it and this program cannot.
    Missing(Arc<str>),
}

impl Encoding {
    /// Finds the encoding that a value of the attribute names.
    pub(crate) fn named(name: &[u8]) -> Encoding {
        if let Some(unicode) = Unicode::named_by_git(name) {
            return Encoding::Unicode(unicode);
        }
        let Some(name) = iconv_name(name) else {
            return Encoding::Missing(String::from_utf8_lossy(name).into());
        };
        if matches!(name.as_str(), "" | "UTF-8" | "UTF8") {
            Encoding::Keep
        } else if let Some(unicode) = Unicode::named(&name) {
            Encoding::Unicode(unicode)
        } else if let Some(charset) = Charset::named(&name) {
            Encoding::Charset(charset)
        } else if KNOWN_NAMES.split_whitespace().any(|known| known == name) {
            Encoding::Missing(name.into())
        } else {
            Encoding::Keep
        }
    }

    /// Writes UTF-8 content in this encoding.
    ///
    /// # Errors
    ///
    /// Fails when git would give up, or would do something that cannot be known here.
    pub(super) fn encode(&self, content: Vec<u8>) -> Result<Vec<u8>> {
        let encoded = match self {
            Encoding::Keep => None,
            Encoding::Forbidden => bail!("attribute working-tree-encoding has no value"),
            // An empty file gets no byte order mark.
            _ if content.is_empty() => None,
            Encoding::Missing(name) => bail!("working-tree-encoding `{name}` is not supported"),
            Encoding::Unicode(unicode) => std::str::from_utf8(&content)
                .ok()
                .and_then(|text| unicode.encode(text)),
            Encoding::Charset(charset) => match std::str::from_utf8(&content) {
                Ok(text) => charset.encode(text)?,
                Err(_) => None,
            },
        };
        Ok(encoded.unwrap_or(content))
    }
}

/// Spells a name as glibc does before it looks it up: upper case, without most punctuation, and without what
/// follows a second slash; `None` when that asks to transliterate or skip what the encoding lacks.
fn iconv_name(name: &[u8]) -> Option<String> {
    let is_separator = |byte: &u8| matches!(byte, b'/' | b',');
    let length = name
        .iter()
        .rposition(|byte| !is_separator(byte))
        .map_or(0, |last| last + 1);
    let mut name = name.get(..length).unwrap_or_default();
    while name.iter().filter(|byte| **byte == b'/').count() >= 2 {
        let (base, suffix) = name.split_at(name.iter().rposition(is_separator)?);
        let suffix = suffix.get(1..).unwrap_or_default();
        if suffix.eq_ignore_ascii_case(b"TRANSLIT") || suffix.eq_ignore_ascii_case(b"IGNORE") {
            return None;
        }
        name = base;
    }
    let spelled: String = name
        .iter()
        .filter(|byte| byte.is_ascii_alphanumeric() || b"-_.,:/".contains(byte))
        .map(|byte| char::from(byte.to_ascii_uppercase()))
        .collect();
    Some(spelled.trim_end_matches('/').to_owned())
}

/// Tells whether a character is of the Tags block, which iconv drops rather than fail.
fn is_tag(character: char) -> bool {
    matches!(character, '\u{E0000}'..='\u{E007F}')
}
