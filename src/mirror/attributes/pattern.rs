//! The path patterns of a `.gitattributes` file.
//!
//! The rules are gitignore(5)'s with two differences that gitattributes(5) names: a negative pattern is
//! forbidden, and a pattern that ends in `/` matches no file. Matching works on bytes and minds the case,
//! as git does where `core.ignoreCase` is off. It takes time in proportion to pattern length times path
//! length, whatever the pattern: a mirror is untrusted, and a backtracking matcher can be made to run for
//! hours.

/// A pattern that some path can match.
#[derive(Clone, Debug)]
pub(super) struct Pattern {
    subject: Subject,
    prefix: Box<[u8]>,
    rest: Glob,
}

/// What a pattern is held against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Subject {
    /// The last path element: the pattern has no slash.
    Name,
    /// The path below the folder that holds the `.gitattributes` file.
    Path,
}

/// What follows the literal prefix of a pattern.
#[derive(Clone, Debug)]
enum Glob {
    /// Nothing: the prefix is the whole pattern.
    Empty,
    /// `*` and then only literal bytes, in a pattern without a slash (`*.txt`): by far the most usual.
    Suffix(Box<[u8]>),
    Tokens(Box<[Token]>),
}

#[derive(Clone, Debug)]
enum Token {
    Byte(u8),
    /// `?`: one byte that is no slash.
    Any,
    /// `[a-z]`: one byte of the set; a slash is never in it.
    Class(Box<ByteSet>),
    /// `*`: any run of bytes without a slash.
    Star,
    /// `**` that fills a path element: any run of bytes.
    DoubleStar,
    /// In front of `**` and its slash: both may be left out.
    Optional,
}

impl Pattern {
    /// Reads one pattern; `None` when it can match no file: it is negative, it ends in a slash, or a
    /// bracket or backslash in it is left open.
    pub(super) fn parse(pattern: &[u8]) -> Option<Pattern> {
        if pattern.starts_with(b"!") || pattern.ends_with(b"/") {
            return None;
        }
        let subject = if pattern.contains(&b'/') {
            Subject::Path
        } else {
            Subject::Name
        };
        let pattern = pattern.strip_prefix(b"/").unwrap_or(pattern);
        let literal = pattern
            .iter()
            .position(|byte| is_special(*byte))
            .unwrap_or(pattern.len());
        // git sets the literal prefix aside before it reads the rest, so that `**` straight after it
        // counts as the start of a path element: `src/gen**` matches `src/gen/a/b`.
        let (prefix, rest) = pattern.split_at(literal);
        Some(Pattern {
            subject,
            prefix: prefix.into(),
            rest: Glob::parse(rest, subject)?,
        })
    }

    /// Tells whether a file matches; `path` is relative to the folder of the `.gitattributes` file.
    pub(super) fn matches(&self, path: &[u8]) -> bool {
        let subject = match self.subject {
            Subject::Path => path,
            Subject::Name => path.rsplit(|byte| *byte == b'/').next().unwrap_or(path),
        };
        subject
            .strip_prefix(&*self.prefix)
            .is_some_and(|rest| self.rest.matches(rest))
    }
}

fn is_special(byte: u8) -> bool {
    matches!(byte, b'*' | b'?' | b'[' | b'\\')
}

impl Glob {
    fn parse(pattern: &[u8], subject: Subject) -> Option<Glob> {
        match pattern {
            [] => Some(Glob::Empty),
            [b'*', suffix @ ..]
                if subject == Subject::Name && !suffix.iter().any(|byte| is_special(*byte)) =>
            {
                Some(Glob::Suffix(suffix.into()))
            }
            _ => Some(Glob::Tokens(tokens(pattern)?.into())),
        }
    }

    fn matches(&self, text: &[u8]) -> bool {
        match self {
            Glob::Empty => text.is_empty(),
            Glob::Suffix(suffix) => text.ends_with(suffix),
            Glob::Tokens(tokens) => tokens_match(tokens, text),
        }
    }
}

/// Reads a pattern into tokens; `None` when it can match nothing.
fn tokens(pattern: &[u8]) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut before = None;
    let mut rest = pattern;
    while let [first, tail @ ..] = rest {
        let (token, tail) = match *first {
            b'\\' => {
                let (escaped, tail) = tail.split_first()?;
                (Token::Byte(*escaped), tail)
            }
            b'?' => (Token::Any, tail),
            b'*' => star(before, tail),
            b'[' => {
                let (set, tail) = class(tail)?;
                (Token::Class(Box::new(set)), tail)
            }
            byte => (Token::Byte(byte), tail),
        };
        if matches!((&token, tail), (Token::DoubleStar, [b'/', ..])) {
            tokens.push(Token::Optional);
        }
        tokens.push(token);
        before = rest
            .len()
            .checked_sub(tail.len() + 1)
            .and_then(|last| rest.get(last).copied());
        rest = tail;
    }
    Some(tokens)
}

/// Tells the kind of a run of stars from the byte `before` it and what comes after its first star.
fn star(before: Option<u8>, after_first: &[u8]) -> (Token, &[u8]) {
    let further = after_first.iter().take_while(|byte| **byte == b'*').count();
    let (_, after) = after_first.split_at(further);
    let token = match after {
        _ if further == 0 || !matches!(before, None | Some(b'/')) => Token::Star,
        [] | [b'/', ..] | [b'\\', b'/', ..] => Token::DoubleStar,
        _ => Token::Star,
    };
    (token, after)
}

/// Follows all ways to read `text` at once: `live[i]` says that tokens before `i` can have matched so far.
fn tokens_match(tokens: &[Token], text: &[u8]) -> bool {
    let mut live = vec![false; tokens.len() + 1];
    let mut next = live.clone();
    set(&mut live, 0);
    skip_optional(tokens, &mut live);
    for byte in text {
        next.fill(false);
        let mut any = false;
        for (index, token) in tokens.iter().enumerate() {
            if !live.get(index).copied().unwrap_or(false) {
                continue;
            }
            let to = match token {
                Token::Byte(literal) if literal == byte => index + 1,
                Token::Any if *byte != b'/' => index + 1,
                Token::Class(bytes) if bytes.contains(*byte) => index + 1,
                Token::Star if *byte != b'/' => index,
                Token::DoubleStar => index,
                _ => continue,
            };
            set(&mut next, to);
            any = true;
        }
        if !any {
            return false;
        }
        skip_optional(tokens, &mut next);
        std::mem::swap(&mut live, &mut next);
    }
    live.last().copied().unwrap_or(false)
}

/// Makes live what follows each live star or optional part, as these may match nothing.
fn skip_optional(tokens: &[Token], live: &mut [bool]) {
    for (index, token) in tokens.iter().enumerate() {
        if !live.get(index).copied().unwrap_or(false) {
            continue;
        }
        match token {
            Token::Star | Token::DoubleStar => set(live, index + 1),
            Token::Optional => {
                set(live, index + 1);
                set(live, index + 3);
            }
            Token::Byte(_) | Token::Any | Token::Class(_) => {}
        }
    }
}

fn set(live: &mut [bool], index: usize) {
    if let Some(flag) = live.get_mut(index) {
        *flag = true;
    }
}

/// A set of bytes.
#[derive(Clone, Debug, Default)]
struct ByteSet([u64; 4]);

impl ByteSet {
    fn word(byte: u8) -> (usize, u64) {
        (usize::from(byte >> 6), 1 << (byte & 63))
    }

    fn contains(&self, byte: u8) -> bool {
        let (word, bit) = ByteSet::word(byte);
        self.0.get(word).is_some_and(|bits| bits & bit != 0)
    }

    fn insert(&mut self, byte: u8) {
        let (word, bit) = ByteSet::word(byte);
        if let Some(bits) = self.0.get_mut(word) {
            *bits |= bit;
        }
    }

    fn remove(&mut self, byte: u8) {
        let (word, bit) = ByteSet::word(byte);
        if let Some(bits) = self.0.get_mut(word) {
            *bits &= !bit;
        }
    }

    fn invert(&mut self) {
        for bits in &mut self.0 {
            *bits = !*bits;
        }
    }
}

/// Reads a bracket expression from after its `[`; returns the set and what follows the closing `]`.
///
/// `None` when it is left open or names an unknown class: git then lets the whole pattern match nothing.
fn class(pattern: &[u8]) -> Option<(ByteSet, &[u8])> {
    let (negated, mut rest) = match pattern {
        [b'!' | b'^', rest @ ..] => (true, rest),
        _ => (false, pattern),
    };
    let mut bytes = ByteSet::default();
    // The start of a possible range; none at the beginning and after a range or a named class.
    let mut low = None;
    // A `]` in first place is a member, hence the loop that asks at its end.
    loop {
        (low, rest) = class_member(rest, low, &mut bytes)?;
        if let [b']', after @ ..] = rest {
            if negated {
                bytes.invert();
            }
            bytes.remove(b'/');
            return Some((bytes, after));
        }
    }
}

/// Reads one member of a bracket expression; returns the byte that can start a range, and the rest.
fn class_member<'a>(
    pattern: &'a [u8],
    low: Option<u8>,
    bytes: &mut ByteSet,
) -> Option<(Option<u8>, &'a [u8])> {
    match (pattern, low) {
        ([b'\\', byte, rest @ ..], _) => {
            bytes.insert(*byte);
            Some((Some(*byte), rest))
        }
        ([b'\\'], _) => None,
        ([b'-', high, rest @ ..], Some(low)) if *high != b']' => {
            let (high, rest) = match (high, rest) {
                (b'\\', [escaped, rest @ ..]) => (escaped, rest),
                (b'\\', []) => return None,
                _ => (high, rest),
            };
            for byte in low..=*high {
                bytes.insert(byte);
            }
            Some((None, rest))
        }
        ([b'[', b':', rest @ ..], _) => {
            let end = rest.iter().position(|byte| *byte == b']')?;
            let (name, after) = rest.split_at(end);
            match (name, after) {
                ([name @ .., b':'], [_, after @ ..]) => {
                    let belongs = named_class(name)?;
                    (0..=u8::MAX)
                        .filter(belongs)
                        .for_each(|byte| bytes.insert(byte));
                    Some((None, after))
                }
                _ => {
                    bytes.insert(b'[');
                    Some((Some(b'['), pattern.get(1..)?))
                }
            }
        }
        ([byte, rest @ ..], _) => {
            bytes.insert(*byte);
            Some((Some(*byte), rest))
        }
        ([], _) => None,
    }
}

/// Finds the test of a POSIX class; only ASCII bytes belong to one.
fn named_class(name: &[u8]) -> Option<fn(&u8) -> bool> {
    Some(match name {
        b"alnum" => u8::is_ascii_alphanumeric,
        b"alpha" => u8::is_ascii_alphabetic,
        b"blank" => |byte| matches!(byte, b' ' | b'\t'),
        b"cntrl" => u8::is_ascii_control,
        b"digit" => u8::is_ascii_digit,
        b"graph" => u8::is_ascii_graphic,
        b"lower" => u8::is_ascii_lowercase,
        b"print" => |byte| matches!(byte, b' '..=b'~'),
        b"punct" => u8::is_ascii_punctuation,
        // git's own table, without vertical tab and form feed.
        b"space" => |byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'),
        b"upper" => u8::is_ascii_uppercase,
        b"xdigit" => u8::is_ascii_hexdigit,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::Pattern;

    /// Asserts what `git check-attr` says of each path.
    #[track_caller]
    fn assert_matches(pattern: &str, matching: &[&str], others: &[&str]) {
        let parsed = Pattern::parse(pattern.as_bytes());
        let matches = |path: &str| {
            parsed
                .as_ref()
                .is_some_and(|parsed| parsed.matches(path.as_bytes()))
        };
        for path in matching {
            assert!(matches(path), "{pattern} should match {path}");
        }
        for path in others {
            assert!(!matches(path), "{pattern} should not match {path}");
        }
    }

    #[test]
    fn a_pattern_without_a_slash_is_held_against_the_last_element() {
        assert_matches("*.md", &["x.md", "docs/x.md", ".md"], &["x.mdx", "x.md/y"]);
        assert_matches(
            "Makefile",
            &["Makefile", "a/b/Makefile"],
            &["makefile", "Makefile2"],
        );
        assert_matches("v?.go", &["v1.go", "a/v2.go"], &["v.go", "v12.go"]);
        assert_matches("a**z", &["az", "abcz", "d/abz"], &["ab/z"]);
    }

    #[test]
    fn a_pattern_with_a_slash_is_held_against_the_whole_path() {
        assert_matches("/x.md", &["x.md"], &["docs/x.md"]);
        assert_matches(
            "docs/*.md",
            &["docs/x.md"],
            &["x.md", "docs/a/x.md", "a/docs/x.md"],
        );
        assert_matches("a/?/c", &["a/b/c"], &["a//c", "a/bb/c"]);
        assert_matches("//x", &[], &["x", "a/x"]);
    }

    #[test]
    fn a_double_star_stands_for_any_folders() {
        assert_matches("**/x", &["x", "a/x", "a/b/x"], &["ax", "x/a"]);
        assert_matches(
            "a/**/b",
            &["a/b", "a/x/b", "a/x/y/b"],
            &["ab", "a/xb", "x/a/b"],
        );
        assert_matches("a/**", &["a/b", "a/b/c"], &["a", "b/a/c"]);
        assert_matches("a/**/b/**/c", &["a/b/c", "a/1/b/2/3/c"], &["a/c", "a/b"]);
    }

    #[test]
    fn a_double_star_after_a_literal_prefix_crosses_slashes() {
        assert_matches(
            "src/gen**",
            &["src/gen", "src/gen/a/b", "src/gena/b"],
            &["src/ge"],
        );
        assert_matches("src/*gen**", &["src/gen", "src/agenb"], &["src/gen/a"]);
    }

    #[test]
    fn a_double_star_and_its_slash_are_left_out_only_together() {
        assert_matches("**/txt", &["txt", "a/txt"], &["a.txt", "b/a.txt"]);
        assert_matches("**\\/x", &["a/x"], &["x"]);
    }

    #[test]
    fn a_bracket_expression_is_one_byte_of_a_set() {
        assert_matches("[a-c]x", &["ax", "cx"], &["dx", "x", "-x"]);
        assert_matches("[!a]x", &["bx"], &["ax"]);
        assert_matches("[^a]x", &["bx"], &["ax"]);
        assert_matches("[]x]y", &["]y", "xy"], &["zy"]);
        assert_matches("[a\\]]y", &["ay", "]y"], &["\\y"]);
        assert_matches("[a-]", &["a", "-"], &["b"]);
        assert_matches("[[:digit:]_]", &["1", "_"], &["a", ":"]);
        assert_matches("[[:a]", &["[", ":", "a"], &["b"]);
        assert_matches("d[/x]e", &["dxe"], &["d/e"]);
    }

    #[test]
    fn a_pattern_left_open_or_negative_or_for_a_folder_matches_nothing() {
        assert_matches("[a", &[], &["a", "[a"]);
        assert_matches("[[:letter:]]", &[], &["a"]);
        assert_matches("a\\", &[], &["a", "a\\"]);
        assert_matches("!a", &[], &["a", "b", "!a"]);
        assert_matches("a/", &[], &["a", "a/b"]);
        assert_matches("", &[], &["a"]);
    }

    #[test]
    fn a_backslash_takes_the_meaning_from_the_next_byte() {
        assert_matches("\\*.md", &["*.md"], &["a.md"]);
        assert_matches("\\!a", &["!a"], &["a"]);
        assert_matches("\\a\\b", &["ab"], &["\\a\\b"]);
    }

    #[test]
    fn many_stars_take_no_exponential_time() {
        let pattern = "a*".repeat(500) + "b";
        assert_matches(&pattern, &[], &[&"a".repeat(2000)]);
    }
}
