//! The lines of a `.gitattributes` file.

use std::sync::Arc;

use super::pattern::Pattern;

/// git ignores a longer line, in bytes without its line feed (ATTR_MAX_LINE_LENGTH).
const MAX_LINE_LENGTH: usize = 2047;

const MACRO_PREFIX: &[u8] = b"[attr]";

/// One line that says something.
#[derive(Clone, Debug)]
pub(super) enum Line {
    Rule(Rule),
    Macro(Arc<[u8]>, Vec<Assignment>),
}

/// A pattern and what holds for the files that match it.
#[derive(Clone, Debug)]
pub(super) struct Rule {
    pub(super) pattern: Pattern,
    pub(super) assignments: Vec<Assignment>,
}

/// One word of a line after its pattern.
#[derive(Clone, Debug)]
pub(super) struct Assignment {
    pub(super) name: Arc<[u8]>,
    pub(super) value: Value,
}

/// The state that a word gives its attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    /// `name`
    Set,
    /// `-name`
    Cleared,
    /// `!name`: as if nothing were said, and weaker lines are not asked.
    Unspecified,
    /// `name=value`
    Text(Arc<[u8]>),
}

/// Whether `[attr]` lines are read: git allows them in the root folder only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MacroPolicy {
    Allowed,
    Ignored,
}

/// Reads the usable lines of a file, in order.
pub(super) fn parse(content: &[u8], policy: MacroPolicy) -> impl Iterator<Item = Line> {
    let end = content.iter().position(|byte| *byte == 0);
    let content = content
        .get(..end.unwrap_or(content.len()))
        .unwrap_or_default();
    content
        .split(|byte| *byte == b'\n')
        .filter_map(move |line| parse_line(line, policy))
}

fn parse_line(line: &[u8], policy: MacroPolicy) -> Option<Line> {
    let text = skip_blanks(line);
    if text.is_empty() || text.starts_with(b"#") || line.len() > MAX_LINE_LENGTH {
        return None;
    }
    let (mut name, words) = match unquote(text) {
        Some((name, words)) => (name, words),
        None => {
            let (name, words) = split_word(text);
            (name.to_vec(), words)
        }
    };
    let is_longer_than_prefix = name.len() > MACRO_PREFIX.len();
    // A quoted name can spell a NUL byte, at which git's string ends.
    if let Some(end) = name.iter().position(|byte| *byte == 0) {
        name.truncate(end);
    }
    match name.strip_prefix(MACRO_PREFIX) {
        Some(name) if is_longer_than_prefix => {
            let (name, _) = split_word(skip_blanks(name));
            let is_usable = policy == MacroPolicy::Allowed && is_valid_name(name);
            is_usable.then_some(Line::Macro(name.into(), assignments(words)?))
        }
        _ => Some(Line::Rule(Rule {
            assignments: assignments(words)?,
            pattern: Pattern::parse(&name)?,
        })),
    }
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

fn skip_blanks(text: &[u8]) -> &[u8] {
    let blanks = text.iter().take_while(|byte| is_blank(**byte)).count();
    text.split_at(blanks).1
}

/// Splits after the bytes up to the first blank.
fn split_word(text: &[u8]) -> (&[u8], &[u8]) {
    let length = text.iter().take_while(|byte| !is_blank(**byte)).count();
    text.split_at(length)
}

/// Reads the words after a pattern; `None` when one has an invalid name, which voids the line.
fn assignments(mut words: &[u8]) -> Option<Vec<Assignment>> {
    let mut assignments = Vec::new();
    loop {
        words = skip_blanks(words);
        if words.is_empty() {
            return Some(assignments);
        }
        let (word, rest) = split_word(words);
        assignments.push(assignment(word)?);
        words = rest;
    }
}

fn assignment(word: &[u8]) -> Option<Assignment> {
    let mut sides = word.splitn(2, |byte| *byte == b'=');
    let left = sides.next().unwrap_or_default();
    let (name, value) = match (left, sides.next()) {
        ([b'-', name @ ..], _) => (name, Value::Cleared),
        ([b'!', name @ ..], _) => (name, Value::Unspecified),
        (name, Some(value)) => (name, Value::Text(value.into())),
        (name, None) => (name, Value::Set),
    };
    is_valid_name(name).then(|| Assignment {
        name: name.into(),
        value,
    })
}

fn is_valid_name(name: &[u8]) -> bool {
    let allowed = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    !name.is_empty() && !name.starts_with(b"-") && name.iter().all(allowed)
}

/// Reads a pattern in double quotes; returns its bytes and what follows the closing quote.
///
/// `None` when it does not begin with a quote or is not well formed: the quote is then part of the pattern.
fn unquote(text: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let mut rest = text.strip_prefix(b"\"")?;
    let mut name = Vec::new();
    loop {
        let (first, tail) = rest.split_first()?;
        rest = tail;
        match first {
            b'"' => return Some((name, rest)),
            b'\\' => {
                let (byte, tail) = unescape(rest)?;
                name.push(byte);
                rest = tail;
            }
            byte => name.push(*byte),
        }
    }
}

/// Reads an escape of the C language from after its backslash: a letter, or three octal digits.
fn unescape(text: &[u8]) -> Option<(u8, &[u8])> {
    let (first, rest) = text.split_first()?;
    let byte = match first {
        b'a' => 7,
        b'b' => 8,
        b't' => b'\t',
        b'n' => b'\n',
        b'v' => 11,
        b'f' => 12,
        b'r' => b'\r',
        b'\\' | b'"' => *first,
        b'0'..=b'3' => match rest {
            [second @ b'0'..=b'7', third @ b'0'..=b'7', rest @ ..] => {
                let value = ((first - b'0') << 6) | ((second - b'0') << 3) | (third - b'0');
                return Some((value, rest));
            }
            _ => return None,
        },
        _ => return None,
    };
    Some((byte, rest))
}
