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

#[cfg(test)]
mod tests {
    use super::Encoding;

    #[track_caller]
    fn assert_encoded(name: &str, text: &str, expected: &[u8]) {
        let encoded = Encoding::named(name.as_bytes()).encode(text.as_bytes().to_vec());
        assert_eq!(encoded.ok().as_deref(), Some(expected), "{name}");
    }

    #[track_caller]
    fn assert_refused(name: &str, text: &str) {
        let encoded = Encoding::named(name.as_bytes()).encode(text.as_bytes().to_vec());
        assert!(encoded.is_err(), "{name} gave {encoded:?}");
    }

    #[test]
    fn unicode_has_the_byte_order_and_mark_of_its_name() {
        assert_encoded("UTF-16", "a", b"\xff\xfea\0");
        assert_encoded("utf16le", "a\u{1f600}", b"a\0\x3d\xd8\0\xde");
        assert_encoded("UTF-16BE", "a", b"\0a");
        assert_encoded("UTF-16LE-BOM", "a", b"\xff\xfea\0");
        assert_encoded("utf16be-bom", "a", b"\xfe\xff\0a");
        assert_encoded("UTF-32", "a", b"\xff\xfe\0\0a\0\0\0");
        assert_encoded("UTF-32BE", "a", b"\0\0\0a");
        assert_encoded("UCS-2", "a\u{e0041}", b"a\0");
    }

    #[test]
    fn a_byte_order_mark_in_the_content_is_kept() {
        assert_encoded("UTF-16", "\u{feff}a", b"\xff\xfe\xff\xfea\0");
    }

    #[test]
    fn an_empty_file_stays_empty() {
        assert_encoded("UTF-16", "", b"");
        assert_encoded("EBCDIC-US", "", b"");
    }

    #[test]
    fn legacy_sets_are_those_of_glibc_and_not_of_the_web() {
        assert_encoded("latin1", "\u{80}\u{e4}", b"\x80\xe4");
        assert_encoded("ISO-8859-9", "\u{11e}\u{80}", b"\xd0\x80");
        assert_encoded("cp1252", "\u{20ac}\u{e4}", b"\x80\xe4");
        assert_encoded("CP437", "\u{e4}\u{2588}", b"\x84\xdb");
        assert_encoded(
            "SHIFT_JIS",
            "\u{65e5}\u{301c}\u{ff71}",
            b"\x93\xfa\x81\x60\xb1",
        );
        assert_encoded("GBK", "\u{4e2d}\u{20ac}", b"\xd6\xd0\x80");
        assert_encoded("GB2312", "\u{30fb}", b"\xa1\xa4");
        assert_encoded("GB18030", "\u{1f600}", b"\x94\x39\xfc\x36");
        assert_encoded("EUC-KR", "\u{d55c}", b"\xc7\xd1");
        assert_encoded("BIG5", "\u{7e41}\u{2550}", b"\xc1\x63\xa2\xa4");
    }

    #[test]
    fn content_that_cannot_be_written_stays_as_it_is() {
        assert_encoded("latin1", "\u{e4}\u{20ac}", "\u{e4}\u{20ac}".as_bytes());
        assert_encoded("cp1252", "\u{81}", "\u{81}".as_bytes());
        assert_encoded("GB2312", "\u{b7}", "\u{b7}".as_bytes());
        assert_encoded("UCS-2", "\u{1f600}", "\u{1f600}".as_bytes());
        let invalid = b"a\xed\xa0\x80".to_vec();
        let kept = Encoding::named(b"UTF-16").encode(invalid.clone());
        assert_eq!(kept.ok(), Some(invalid));
    }

    #[test]
    fn tag_characters_vanish_where_they_do_not_exist() {
        assert_encoded("ASCII", "a\u{e0041}b", b"ab");
        assert_encoded("UTF-16BE", "\u{e0041}", b"\xdb\x40\xdc\x41");
    }

    #[test]
    fn a_name_unknown_to_iconv_asks_for_nothing() {
        for name in [
            "",
            "/",
            "utf-8",
            "UTF8",
            "utf-8//",
            "UTF-8-BOM",
            "UTF-32LE-BOM",
            "ANSI",
        ] {
            assert_eq!(Encoding::named(name.as_bytes()), Encoding::Keep, "{name}");
        }
    }

    #[test]
    fn a_name_is_read_as_glibc_reads_it() {
        let latin = Encoding::named(b"ISO-8859-1");
        for name in [
            "iso_8859-1",
            "(latin1)",
            "LATIN1/",
            "latin1,//",
            "latin1//other",
            "Latin-1",
        ] {
            assert_eq!(Encoding::named(name.as_bytes()), latin, "{name}");
        }
    }

    #[test]
    fn what_only_iconv_can_do_is_refused() {
        assert_refused("EBCDIC-US", "a");
        assert_refused("UTF-7", "a");
        assert_refused("ASCII//TRANSLIT", "\u{e4}");
        assert_refused("latin1//ignore", "a");
        assert_refused("EUC-JP", "\u{4e28}");
        assert_refused("GB18030", "\u{20087}");
        assert_eq!(Encoding::Forbidden.encode(Vec::new()).ok(), None);
    }
}
