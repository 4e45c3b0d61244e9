//! Quotation as Go's `strconv.Quote` writes it (`%q`), for error texts and for go.mod files, and the simpler one of
//! lists in the environment.

use std::fmt::Write;

use anyhow::{Result, bail};

use super::character::is_printable;

/// Quotes a text as a Go string literal in double quotes.
pub fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        push_escaped(&mut quoted, character, '"');
    }
    quoted.push('"');
    quoted
}

/// Quotes a character as a Go rune literal in single quotes.
pub fn quote_rune(character: char) -> String {
    let mut quoted = String::from("'");
    push_escaped(&mut quoted, character, '\'');
    quoted.push('\'');
    quoted
}

/// Splits at spaces; a field that begins with a quote runs to the next quote of that kind
/// (`cmd/internal/quoted`).
///
/// # Errors
/// A quote that does not end.
pub fn split_quoted(text: &str) -> Result<Vec<&str>> {
    let mut fields = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches([' ', '\t', '\n', '\r']);
        let Some(first) = rest.chars().next() else {
            return Ok(fields);
        };
        if first == '"' || first == '\'' {
            let Some((field, after)) = rest.get(1..).unwrap_or_default().split_once(first) else {
                bail!("unterminated {first} string");
            };
            fields.push(field);
            rest = after;
        } else {
            let end = rest.find([' ', '\t', '\n', '\r']).unwrap_or(rest.len());
            fields.push(&rest[..end]);
            rest = &rest[end..];
        }
    }
}

fn push_escaped(quoted: &mut String, character: char, delimiter: char) {
    let short = match character {
        '\\' => '\\',
        '\x07' => 'a',
        '\x08' => 'b',
        '\x0c' => 'f',
        '\n' => 'n',
        '\r' => 'r',
        '\t' => 't',
        '\x0b' => 'v',
        _ if character == delimiter => delimiter,
        _ if is_printable(character) => return quoted.push(character),
        _ => return push_code_point(quoted, u32::from(character)),
    };
    quoted.push('\\');
    quoted.push(short);
}

fn push_code_point(quoted: &mut String, code: u32) {
    // Writing to a String cannot fail.
    let _ = match code {
        0..=0x7f => write!(quoted, "\\x{code:02x}"),
        0x80..=0xffff => write!(quoted, "\\u{code:04x}"),
        _ => write!(quoted, "\\U{code:08x}"),
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printable_text_is_quoted_as_it_stands() {
        assert_eq!(quote("añ 世'"), "\"añ 世'\"");
        assert_eq!(quote_rune('"'), "'\"'");
    }

    #[test]
    fn delimiters_and_what_cannot_be_printed_are_escaped() {
        assert_eq!(quote("\"\\\n\0"), r#""\"\\\n\x00""#);
        assert_eq!(
            quote("\u{7f}\u{a0}\u{feff}\u{e0001}"),
            r#""\x7f\u00a0\ufeff\U000e0001""#
        );
        assert_eq!(quote_rune('\''), r"'\''");
        assert_eq!(quote_rune('\u{85}'), r"'\u0085'");
    }
}
