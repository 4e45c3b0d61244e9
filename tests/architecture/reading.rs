//! A lexical reading of Rust: comments and literals are blanked, braces are counted.
//!
//! That is exact enough for sources that rustfmt has been over, and needs no parser.

use std::ops::Range;

pub(crate) fn identifier(text: &str) -> &str {
    let end = text
        .find(|letter: char| !is_word(letter))
        .unwrap_or(text.len());
    &text[..end]
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// Offsets at which `word` stands alone.
pub(crate) fn words<'a>(code: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    code.match_indices(word)
        .map(|(at, _)| at)
        .filter(move |at| {
            let before = code[..*at].chars().next_back();
            let after = code[at + word.len()..].chars().next();
            !before.is_some_and(is_word) && !after.is_some_and(is_word)
        })
}

pub(crate) fn line_of(code: &str, at: usize) -> usize {
    code[..at].matches('\n').count() + 1
}

pub(crate) fn code_lines(code: &str) -> usize {
    code.lines().filter(|line| !line.trim().is_empty()).count()
}

/// The item that starts at `start`: up to its closing brace, or its semicolon when it has no body.
pub(crate) fn item(code: &str, start: usize) -> Range<usize> {
    let mut nested = 0_i32;
    let mut braces = 0_i32;
    for (offset, letter) in code[start..].char_indices() {
        match letter {
            '(' | '[' => nested += 1,
            ')' | ']' => nested -= 1,
            '{' => braces += 1,
            '}' => braces -= 1,
            _ => {}
        }
        let ends = (letter == '}' && braces <= 0) || (letter == ';' && braces == 0 && nested == 0);
        if ends && nested <= 0 {
            return start..start + offset + 1;
        }
    }
    start..code.len()
}

/// Blanks every item under `#[cfg(test)]`.
pub(crate) fn without_tests(code: &str) -> String {
    let mut kept = code.to_owned();
    for (at, attribute) in code.match_indices("#[cfg(test)]") {
        let tested = item(code, at + attribute.len());
        let blank: String = code[at..tested.end].chars().map(blank).collect();
        if kept.is_char_boundary(at) && kept[at..].starts_with(attribute) {
            kept.replace_range(at..tested.end, &blank);
        }
    }
    kept
}

/// A space of the same width in bytes, so that offsets and line numbers stay true.
fn blank(letter: char) -> char {
    if letter == '\n' { '\n' } else { ' ' }
}

/// The text with comments blanked and literals filled with quotation marks; lines stay where they are.
pub(crate) fn blanked(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut after_word = false;
    while let Some(letter) = rest.chars().next() {
        let (length, fill) = if rest.starts_with("//") {
            (rest.find('\n').unwrap_or(rest.len()), ' ')
        } else if rest.starts_with("/*") {
            (block_comment(rest), ' ')
        } else if let Some(length) = literal(rest, after_word) {
            (length, '"')
        } else {
            // Only ASCII is kept, so that every character is one byte wide from here on.
            out.push(if letter.is_ascii() { letter } else { '_' });
            after_word = is_word(letter);
            rest = &rest[letter.len_utf8()..];
            continue;
        };
        let (skipped, remaining) = rest.split_at(length);
        out.extend(
            skipped
                .chars()
                .map(|letter| if letter == '\n' { letter } else { fill }),
        );
        after_word = false;
        rest = remaining;
    }
    out
}

fn block_comment(text: &str) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < text.len() {
        if text[at..].starts_with("/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if text[at..].starts_with("*/") {
            (depth, at) = (depth - 1, at + 2);
        } else {
            at += text[at..].chars().next().map_or(1, char::len_utf8);
        }
        if depth == 0 {
            break;
        }
    }
    at
}

/// The length of the string, byte string, raw string or character that starts here, if one does.
fn literal(text: &str, after_word: bool) -> Option<usize> {
    let prefix = if after_word {
        0
    } else {
        text.len() - text.trim_start_matches(['b', 'c', 'r']).len()
    };
    let (raw, body) = (text[..prefix].ends_with('r'), &text[prefix..]);
    let hashes = if raw {
        body.len() - body.trim_start_matches('#').len()
    } else {
        0
    };
    if prefix <= 2 && body[hashes..].starts_with('"') {
        let inner = prefix + hashes + 1;
        return Some(if raw {
            let end = format!("\"{}", "#".repeat(hashes));
            text[inner..]
                .find(&end)
                .map_or(text.len(), |at| inner + at + end.len())
        } else {
            inner + quoted(&text[inner..], '"')
        });
    }
    let quote = prefix + 1;
    let is_character = prefix <= 1 && body.starts_with('\'') && {
        let mut letters = text[quote..].chars();
        letters.next() == Some('\\') || letters.next() == Some('\'')
    };
    is_character.then(|| quote + quoted(&text[quote..], '\''))
}

/// The length up to and including the closing quotation mark, which a backslash can hide.
fn quoted(text: &str, mark: char) -> usize {
    let mut hidden = false;
    for (at, letter) in text.char_indices() {
        if letter == mark && !hidden {
            return at + 1;
        }
        hidden = letter == '\\' && !hidden;
    }
    text.len()
}
