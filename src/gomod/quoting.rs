//! Quoted strings in go.mod files.

use crate::module;

/// Gives a text as a token of a go.mod file: as it is, or quoted where that is needed.
/// Rule: `modfile.AutoQuote`.
pub fn auto_quote(text: &str) -> String {
    if must_quote(text) {
        module::quote(text)
    } else {
        text.to_owned()
    }
}

/// Tells whether a text has to be quoted to be one token of a go.mod file.
pub fn must_quote(text: &str) -> bool {
    let is_special = |character: char| match character {
        ' ' | '"' | '\'' | '`' => true,
        '(' | ')' | '[' | ']' | '{' | '}' | ',' => text.len() > 1,
        _ => !module::is_printable(character),
    };
    text.is_empty() || text.contains("//") || text.contains("/*") || text.contains(is_special)
}

/// Takes a Go string literal, in double quotes or back quotes, as the text that it stands for.
/// `None` for what is no literal. Rule: `strconv.Unquote`.
pub fn unquote(literal: &str) -> Option<String> {
    let mut characters = literal.chars();
    match characters.next()? {
        '`' => {
            let raw = literal.strip_prefix('`')?.strip_suffix('`')?;
            // Go drops carriage returns from raw strings.
            (!raw.contains('`')).then(|| raw.replace('\r', ""))
        }
        '"' => interpret(characters.as_str()),
        _ => None,
    }
}

/// Reads the inside of a literal in double quotes, and the quote that ends it.
fn interpret(inside: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(inside.len());
    let mut rest = inside;
    loop {
        let mut characters = rest.chars();
        let character = characters.next()?;
        rest = characters.as_str();
        match character {
            '"' if rest.is_empty() => return Some(super::decode(&bytes).into_owned()),
            '"' | '\n' => return None,
            '\\' => rest = unescape(rest, &mut bytes)?,
            _ => push(&mut bytes, character),
        }
    }
}

/// Reads what follows a backslash; gives what comes behind it.
fn unescape<'a>(text: &'a str, bytes: &mut Vec<u8>) -> Option<&'a str> {
    let kind = text.chars().next()?;
    let rest = text.get(kind.len_utf8()..)?;
    let simple = match kind {
        'a' => 0x07,
        'b' => 0x08,
        'f' => 0x0c,
        'n' => b'\n',
        'r' => b'\r',
        't' => b'\t',
        'v' => 0x0b,
        '\\' => b'\\',
        '"' => b'"',
        'x' => u8::try_from(number(rest.get(..2)?, 16)?).ok()?,
        '0'..='7' => u8::try_from(number(text.get(..3)?, 8)?).ok()?,
        'u' | 'U' => {
            let digits = if kind == 'u' { 4 } else { 8 };
            push(bytes, char::from_u32(number(rest.get(..digits)?, 16)?)?);
            return rest.get(digits..);
        }
        _ => return None,
    };
    bytes.push(simple);
    match kind {
        'x' | '0'..='7' => rest.get(2..),
        _ => Some(rest),
    }
}

/// Reads digits only: unlike `from_str_radix`, no sign.
fn number(digits: &str, radix: u32) -> Option<u32> {
    digits
        .chars()
        .all(|digit| digit.is_digit(radix))
        .then_some(())?;
    u32::from_str_radix(digits, radix).ok()
}

fn push(bytes: &mut Vec<u8>, character: char) {
    bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_no_single_token_is_quoted() {
        assert_eq!(auto_quote("example.com/x"), "example.com/x");
        assert_eq!(auto_quote("["), "[");
        assert_eq!(auto_quote("[x]"), "\"[x]\"");
        assert_eq!(auto_quote(""), "\"\"");
        assert_eq!(auto_quote("a b\t"), r#""a b\t""#);
        assert_eq!(auto_quote("http://x"), "\"http://x\"");
        assert_eq!(auto_quote("a/*"), "\"a/*\"");
        assert_eq!(auto_quote("it's"), "\"it's\"");
    }

    #[test]
    fn escapes_are_read() {
        assert_eq!(
            unquote(r#""\a\b\f\n\r\t\v\\\"\x41\102\u00e9\U0001F600é""#).as_deref(),
            Some("\x07\x08\x0c\n\r\t\x0b\\\"AB\u{e9}\u{1f600}é")
        );
        assert_eq!(unquote(r#""\xc3\xa9\xff""#).as_deref(), Some("é\u{fffd}"));
        assert_eq!(unquote("`a\\n\r`").as_deref(), Some("a\\n"));
    }

    #[test]
    fn what_is_no_literal_is_refused() {
        for text in [
            "",
            "\"",
            "\"a",
            "a",
            "'a'",
            "\"a\"b\"",
            "\"a\"b",
            "`a`b`",
            "`",
            "\"\n\"",
            r#""\'""#,
            r#""\x4""#,
            r#""\x+1""#,
            r#""\400""#,
            r#""\08""#,
            r#""\ud800""#,
            r#""\U00110000""#,
            r#""\"#,
            r#""\é""#,
            r#""\xé""#,
        ] {
            assert_eq!(unquote(text), None, "{text}");
        }
    }
}
