//! Quotation as Go's `strconv.Quote` writes it (`%q`), for error texts and for go.mod files.

use std::fmt::Write;

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
