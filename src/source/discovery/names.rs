//! Which names XML knows.

use std::sync::OnceLock;

/// The ranges above ASCII, a line for each few; `first` can begin a name, `later` only go on with it.
const TABLE: &str = include_str!("names.txt");

/// Ranges of characters in ascending order, both ends included.
#[derive(Default)]
struct Ranges {
    first: Vec<(u32, u32)>,
    later: Vec<(u32, u32)>,
}

/// Tells whether the bytes are a name: XML 1.0 up to its fourth edition, as in Go's `encoding/xml`.
pub(super) fn is_name(name: &[u8]) -> bool {
    let Ok(name) = std::str::from_utf8(name) else {
        return false;
    };
    let mut characters = name.chars();
    let first = characters.next();
    first.is_some_and(is_first) && characters.all(|c| is_first(c) || is_later(c))
}

/// Tells whether a byte can be part of a name in ASCII.
pub(super) fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b':' | b'.' | b'-')
}

fn is_first(character: char) -> bool {
    match character.is_ascii() {
        true => character.is_ascii_alphabetic() || matches!(character, '_' | ':'),
        false => has(&ranges().first, character),
    }
}

fn is_later(character: char) -> bool {
    match character.is_ascii() {
        true => character.is_ascii_digit() || matches!(character, '.' | '-'),
        false => has(&ranges().later, character),
    }
}

fn has(ranges: &[(u32, u32)], character: char) -> bool {
    let code = u32::from(character);
    let after = ranges.partition_point(|(start, _)| *start <= code);
    after
        .checked_sub(1)
        .and_then(|index| ranges.get(index))
        .is_some_and(|(_, end)| code <= *end)
}

fn ranges() -> &'static Ranges {
    static RANGES: OnceLock<Ranges> = OnceLock::new();
    RANGES.get_or_init(|| {
        let mut ranges = Ranges::default();
        for line in TABLE.lines() {
            let mut words = line.split(' ');
            let list = match words.next() {
                Some("first") => &mut ranges.first,
                Some("later") => &mut ranges.later,
                _ => continue,
            };
            list.extend(words.filter_map(range));
        }
        ranges
    })
}

/// Reads `0A05-0A0A` or `0A5E`.
fn range(word: &str) -> Option<(u32, u32)> {
    let (start, end) = word.split_once('-').unwrap_or((word, word));
    let number = |digits| u32::from_str_radix(digits, 16).ok();
    Some((number(start)?, number(end)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_of_the_table_is_a_range_after_the_one_before() {
        for (list, count) in [(&ranges().first, 202), (&ranges().later, 108)] {
            assert!(list.iter().all(|(start, end)| start <= end));
            assert!(list.is_sorted_by(|one, next| one.1 < next.0));
            assert_eq!(list.len(), count);
        }
    }

    #[test]
    fn names_are_those_of_the_old_standard() {
        for name in ["a", "_", ":", "a-1.b:c", "é", "aé", "a·", "一", "가"] {
            assert!(is_name(name.as_bytes()), "{name}");
        }
        for name in [
            "",
            "-a",
            "1",
            ".",
            "·a",
            "a€",
            "×",
            "a\u{10000}",
            "\u{F900}",
            "a b",
        ] {
            assert!(!is_name(name.as_bytes()), "{name}");
        }
        assert!(!is_name(b"a\xff"));
    }
}
