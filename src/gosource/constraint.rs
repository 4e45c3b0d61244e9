//! Build constraints, with every tag both present and absent.

use crate::module::{is_digit, is_letter};

/// The most tags in a `//go:build` line.
const MAX_TAGS: usize = 1000;

/// The most operators in a `// +build` line.
const MAX_OLD_OPERATORS: usize = 100;

/// Tells whether some set of tags builds a file that begins like this.
///
/// A `//go:build` line decides, or else all `// +build` lines together; a line with a fault keeps the file
/// out. Rules: `ShouldBuild` with `AnyTags`.
pub(super) fn is_ever_built(head: &str) -> bool {
    let Some((old_lines, line)) = constraint_lines(head) else {
        return false;
    };
    match line {
        Some(line) => Parser::parse(line).is_some_and(|value| value.wanted),
        None => old_lines
            .lines()
            .filter_map(|line| plus_build(line.trim()))
            // Too complex a line does not count at all.
            .all(|text| old_value(text).is_none_or(|value| value.wanted)),
    }
}

/// Finds where `// +build` lines may stand, and the expression of the `//go:build` line. `None` when there is
/// more than one of those. Rule: `parseFileHeader`.
fn constraint_lines(head: &str) -> Option<(&str, Option<&str>)> {
    let mut end = 0;
    let mut place = 0;
    let mut go_build = None;
    let mut is_past_comments = false;
    let mut is_in_comment = false;
    for whole in head.split_inclusive('\n') {
        place += whole.len();
        let mut line = whole.trim();
        if line.is_empty() && !is_past_comments {
            end = place;
            continue;
        }
        is_past_comments |= !line.starts_with("//");
        if !is_in_comment && let Some(expression) = after_word(line, "//go:build") {
            if go_build.is_some() {
                return None;
            }
            go_build = Some(expression);
        }
        while !line.is_empty() {
            if is_in_comment {
                let Some((_, rest)) = line.split_once("*/") else {
                    break;
                };
                is_in_comment = false;
                line = rest.trim();
            } else if line.starts_with("//") {
                break;
            } else if let Some(rest) = line.strip_prefix("/*") {
                is_in_comment = true;
                line = rest.trim();
            } else {
                return Some((head.get(..end)?, go_build));
            }
        }
    }
    Some((head.get(..end)?, go_build))
}

/// Gives what follows a word at the start of a trimmed line.
fn after_word<'a>(line: &'a str, word: &str) -> Option<&'a str> {
    let rest = line.strip_prefix(word)?;
    let text = rest.trim_start();
    (rest.is_empty() || text.len() < rest.len()).then_some(text)
}

/// Gives the text of a `// +build` line.
fn plus_build(line: &str) -> Option<&str> {
    after_word(line.strip_prefix("//")?.trim(), "+build")
}

/// The value of an expression where a tag that is wanted is present, and one that is not is absent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Value {
    wanted: bool,
    /// The same from below a `!`.
    unwanted: bool,
}

impl Value {
    /// What has the value that is wished for; `ignore` never counts as present. Rule: `matchTag`.
    fn of_tag(tag: &str) -> Value {
        Value {
            wanted: is_tag(tag) && tag != "ignore",
            unwanted: false,
        }
    }

    fn not(self) -> Value {
        Value {
            wanted: !self.unwanted,
            unwanted: !self.wanted,
        }
    }

    fn and(self, other: Value) -> Value {
        Value {
            wanted: self.wanted && other.wanted,
            unwanted: self.unwanted && other.unwanted,
        }
    }

    fn or(self, other: Value) -> Value {
        Value {
            wanted: self.wanted || other.wanted,
            unwanted: self.unwanted || other.unwanted,
        }
    }
}

fn is_tag(word: &str) -> bool {
    !word.is_empty() && word.chars().all(is_tag_character)
}

fn is_tag_character(character: char) -> bool {
    is_letter(character) || is_digit(character) || matches!(character, '_' | '.')
}

/// Reads a `// +build` line: words are alternatives, commas join. `None` when it is too complex.
/// Rule: `parsePlusBuildExpr`.
fn old_value(text: &str) -> Option<Value> {
    let never = Value::of_tag("ignore");
    let mut operators = 0_usize;
    let mut alternatives: Option<Value> = None;
    for clause in text.split_whitespace() {
        let mut joined: Option<Value> = None;
        for literal in clause.split(',') {
            let value = match literal.strip_prefix('!') {
                Some(rest) if rest.is_empty() || rest.starts_with('!') => never,
                Some(tag) => Value::of_tag(tag).not(),
                None => Value::of_tag(literal),
            };
            operators += usize::from(joined.is_some());
            joined = Some(joined.map_or(value, |it| it.and(value)));
        }
        operators += usize::from(alternatives.is_some());
        if operators > MAX_OLD_OPERATORS {
            return None;
        }
        let value = joined.unwrap_or(never);
        alternatives = Some(alternatives.map_or(value, |it| it.or(value)));
    }
    Some(alternatives.unwrap_or(never))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token<'a> {
    End,
    Tag(&'a str),
    Open,
    Close,
    Not,
    And,
    Or,
}

/// Reads a `//go:build` expression; `None` for one with a fault. Rule: `parseExpr`.
struct Parser<'a> {
    rest: &'a str,
    token: Token<'a>,
    tags: usize,
}

impl<'a> Parser<'a> {
    fn parse(text: &'a str) -> Option<Value> {
        let mut parser = Parser {
            rest: text,
            token: Token::End,
            tags: 0,
        };
        let value = parser.or()?;
        (parser.token == Token::End).then_some(value)
    }

    fn or(&mut self) -> Option<Value> {
        let mut value = self.and()?;
        while self.token == Token::Or {
            value = value.or(self.and()?);
        }
        Some(value)
    }

    fn and(&mut self) -> Option<Value> {
        let mut value = self.not()?;
        while self.token == Token::And {
            value = value.and(self.not()?);
        }
        Some(value)
    }

    /// Bounds the depth of the recursion as well: each pair of parentheses comes by here.
    fn not(&mut self) -> Option<Value> {
        self.tags += 1;
        if self.tags > MAX_TAGS {
            return None;
        }
        self.advance()?;
        if self.token != Token::Not {
            return self.atom();
        }
        self.advance()?;
        match self.token {
            Token::Not => None,
            _ => self.atom().map(Value::not),
        }
    }

    fn atom(&mut self) -> Option<Value> {
        let value = match self.token {
            Token::Tag(tag) => Value::of_tag(tag),
            Token::Open => {
                let value = self.or()?;
                if self.token != Token::Close {
                    return None;
                }
                value
            }
            _ => return None,
        };
        self.advance()?;
        Some(value)
    }

    fn advance(&mut self) -> Option<()> {
        let text = self.rest.trim_start_matches([' ', '\t']);
        let (token, length) = match text.chars().next() {
            None => (Token::End, 0),
            Some('(') => (Token::Open, 1),
            Some(')') => (Token::Close, 1),
            Some('!') => (Token::Not, 1),
            Some('&') if text.starts_with("&&") => (Token::And, 2),
            Some('|') if text.starts_with("||") => (Token::Or, 2),
            Some(_) => {
                let end = text.find(|character| !is_tag_character(character));
                let tag = text.get(..end.unwrap_or(text.len()))?;
                if tag.is_empty() {
                    return None;
                }
                (Token::Tag(tag), tag.len())
            }
        };
        self.token = token;
        self.rest = text.get(length..)?;
        Some(())
    }
}
