//! Lists of patterns such as GOPRIVATE: which module paths they cover.
//!
//! Rules: `module.MatchPrefixPatterns` and `path.Match` of Go, to the byte: a malformed pattern matches
//! nothing, and is no error.

/// What Go decodes from bytes that are no UTF-8.
const REPLACEMENT: u32 = 0xFFFD;

/// Tells whether a comma-separated list of patterns covers a module path.
///
/// A pattern is compared with as many leading elements of the path as it has itself: `*.corp.com` covers
/// `git.corp.com/x/y`. In an element `*` stands for any characters, `?` for one, and `[a-c]` and `[^a-c]`
/// for one of a class; `\` takes the next character literally. A `/` at the end of a pattern is passed over,
/// and so is an empty pattern.
pub fn matches_prefix_patterns(patterns: &str, path: &str) -> bool {
    patterns
        .split(',')
        .map(|pattern| pattern.strip_suffix('/').unwrap_or(pattern))
        .filter(|pattern| !pattern.is_empty())
        .any(|pattern| matches_prefix(pattern, path))
}

fn matches_prefix(pattern: &str, path: &str) -> bool {
    let slashes = pattern.matches('/').count();
    let prefix = match path.match_indices('/').nth(slashes) {
        Some((end, _)) => path.get(..end).unwrap_or(path),
        None if path.matches('/').count() == slashes => path,
        None => return false,
    };
    matches(pattern.as_bytes(), prefix.as_bytes())
}

/// Rule: `path.Match`, whose error is no match here.
fn matches(mut pattern: &[u8], mut name: &[u8]) -> bool {
    while !pattern.is_empty() {
        let chunk = Chunk::first_of(pattern);
        pattern = chunk.rest;
        if chunk.after_star && chunk.text.is_empty() {
            return !name.contains(&b'/');
        }
        let last = pattern.is_empty();
        let Some(rest) = chunk.starts(name, last) else {
            return false;
        };
        name = rest;
    }
    name.is_empty()
}

/// A part of a pattern without a star, but for those in front of it.
struct Chunk<'a> {
    after_star: bool,
    text: &'a [u8],
    /// What of the pattern follows.
    rest: &'a [u8],
}

impl<'a> Chunk<'a> {
    fn first_of(pattern: &'a [u8]) -> Chunk<'a> {
        let stars = pattern.iter().take_while(|&&byte| byte == b'*').count();
        let pattern_without = pattern.get(stars..).unwrap_or_default();
        let mut in_class = false;
        let mut escaped = false;
        let end = pattern_without.iter().position(|&byte| {
            if escaped {
                escaped = false;
                return false;
            }
            match byte {
                b'\\' => escaped = true,
                b'[' => in_class = true,
                b']' => in_class = false,
                _ => {}
            }
            byte == b'*' && !in_class
        });
        let (text, rest) = pattern_without.split_at(end.unwrap_or(pattern_without.len()));
        Chunk {
            after_star: stars > 0,
            text,
            rest,
        }
    }

    /// Finds the first place, not behind a slash, where the name goes on as the chunk does; gives the name
    /// behind it. The last chunk must reach the end.
    fn starts<'b>(&self, name: &'b [u8], last: bool) -> Option<&'b [u8]> {
        let element = name.iter().take_while(|&&byte| byte != b'/').count();
        let skips = if self.after_star { element } else { 0 };
        (0..=skips)
            .filter_map(|skipped| match_chunk(self.text, name.get(skipped..)?))
            .find(|rest| !last || rest.is_empty())
    }
}

/// Takes the characters that a chunk stands for off the front of the name.
fn match_chunk<'a>(mut chunk: &[u8], mut name: &'a [u8]) -> Option<&'a [u8]> {
    while let Some((&operator, after)) = chunk.split_first() {
        let (&byte, after_byte) = name.split_first()?;
        match operator {
            b'[' => {
                let (character, width) = decode(name);
                name = name.get(width..)?;
                chunk = match_class(after, character)?;
            }
            b'?' if byte == b'/' => return None,
            b'?' => {
                name = name.get(decode(name).1..)?;
                chunk = after;
            }
            _ => {
                let (&literal, after) = match operator {
                    b'\\' => after.split_first()?,
                    _ => (&operator, after),
                };
                if literal != byte {
                    return None;
                }
                name = after_byte;
                chunk = after;
            }
        }
    }
    Some(name)
}

/// Gives what follows a class, if the class has the character.
fn match_class(mut class: &[u8], character: u32) -> Option<&[u8]> {
    let negated = class.strip_prefix(b"^");
    class = negated.unwrap_or(class);
    let mut contained = false;
    let mut empty = true;
    loop {
        if let Some(after) = class.strip_prefix(b"]").filter(|_| !empty) {
            return (contained != negated.is_some()).then_some(after);
        }
        let (low, after) = class_character(class)?;
        let (high, after) = match after.strip_prefix(b"-") {
            Some(after) => class_character(after)?,
            None => (low, after),
        };
        contained |= (low..=high).contains(&character);
        empty = false;
        class = after;
    }
}

/// Takes a character off a class; something must follow it.
fn class_character(class: &[u8]) -> Option<(u32, &[u8])> {
    let class = match class.first()? {
        b'-' | b']' => return None,
        b'\\' => class.get(1..)?,
        _ => class,
    };
    let (character, width) = decode(class);
    let is_malformed = character == REPLACEMENT && width <= 1;
    let after = class.get(width..)?;
    (!is_malformed && !after.is_empty()).then_some((character, after))
}

/// Gives the first character and its width in bytes. A byte that begins none is a replacement character of
/// width one.
fn decode(text: &[u8]) -> (u32, usize) {
    let first = text.utf8_chunks().next();
    let valid = first.and_then(|chunk| chunk.valid().chars().next());
    match valid {
        Some(character) => (u32::from(character), character.len_utf8()),
        None => (REPLACEMENT, text.len().min(1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What Go's own `module.MatchPrefixPatterns` says, a case a line: the list in quotation marks, a tab,
    /// the path, a tab, the answer.
    const CASES: &str = include_str!("../../tests/testdata/prefix_patterns.txt");

    #[test]
    fn lists_cover_what_they_cover_for_go() {
        let mut answers = [0, 0];
        for line in CASES.lines() {
            let fields: Vec<&str> = line.split('\t').collect();
            let [patterns, path, answer] = fields.as_slice() else {
                panic!("three fields: {line}");
            };
            let expected = *answer == "true";
            assert_eq!(matches_prefix_patterns(patterns, path), expected, "{line}");
            answers[usize::from(expected)] += 1;
        }
        assert!(answers.iter().all(|&count| count > 50), "{answers:?}");
    }

    #[test]
    fn bytes_that_are_no_text_are_single_characters() {
        assert!(matches(b"a?c", b"a\xffc"));
        assert!(matches(b"[\xef\xbf\xbd]", b"\xff"));
        assert!(!matches(b"[\xff]", b"\xff"));
    }
}
