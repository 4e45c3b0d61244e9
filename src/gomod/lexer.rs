//! Characters to tokens.

use super::syntax::{Position, Problem};
use crate::module::{is_printable, is_space, quote_rune};

/// The kinds of token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    End,
    Newline,
    /// A comment with nothing before it on its line. It contains the end of the line.
    WholeLineComment,
    /// A comment behind something else on its line. It contains the end of the line.
    SuffixComment,
    Open,
    Close,
    /// A word, a string or any other bracket.
    Word,
}

impl Kind {
    /// Tells whether the token ends a line that has begun.
    pub(super) fn ends_line(self) -> bool {
        matches!(self, Kind::End | Kind::Newline | Kind::SuffixComment)
    }
}

/// A token; the text of a comment has no end of line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind,
    pub(super) text: &'a str,
    pub(super) start: Position,
    pub(super) end: Position,
}

/// Cuts a file into tokens.
pub(super) struct Lexer<'a> {
    file: &'a str,
    text: &'a str,
    /// Where the lexer stands.
    pub(super) position: Position,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(file: &'a str, text: &'a str) -> Self {
        Lexer {
            file,
            text,
            position: Position {
                line: 1,
                column: 1,
                byte: 0,
            },
        }
    }

    /// Gives the next token; at the end of the file, [`Kind::End`] again and again.
    pub(super) fn next(&mut self) -> Result<Token<'a>, Problem> {
        while let Some(' ' | '\t' | '\r') = self.peek() {
            self.advance();
        }
        if self.rest().starts_with("//") {
            return Ok(self.comment());
        }
        let start = self.position;
        let kind = match self.peek() {
            None => Kind::End,
            Some('\n') => self.single(Kind::Newline),
            Some('(') => self.single(Kind::Open),
            Some(')') => self.single(Kind::Close),
            Some('[' | ']' | '{' | '}' | ',') => self.single(Kind::Word),
            Some(delimiter @ ('"' | '`')) => self.string(delimiter)?,
            Some(_) => self.word()?,
        };
        Ok(self.token(kind, start))
    }

    /// Makes an error at a place in the file.
    pub(super) fn problem(&self, position: Position, message: String) -> Problem {
        Problem::new(self.file, position, message)
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.position.byte..).unwrap_or("")
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn advance(&mut self) {
        let Some(character) = self.peek() else { return };
        self.position.byte += character.len_utf8();
        if character == '\n' {
            self.position.line += 1;
            self.position.column = 1;
        } else {
            self.position.column += 1;
        }
    }

    fn token(&self, kind: Kind, start: Position) -> Token<'a> {
        let text = self.text.get(start.byte..self.position.byte).unwrap_or("");
        Token {
            kind,
            text,
            start,
            end: self.position,
        }
    }

    fn single(&mut self, kind: Kind) -> Kind {
        self.advance();
        kind
    }

    fn comment(&mut self) -> Token<'a> {
        let start = self.position;
        let before = self.text.get(..start.byte).unwrap_or("");
        let line_so_far = before.rsplit('\n').next().unwrap_or("");
        let kind = match line_so_far.trim() {
            "" => Kind::WholeLineComment,
            _ => Kind::SuffixComment,
        };
        while let Some(character) = self.peek() {
            self.advance();
            if character == '\n' {
                break;
            }
        }
        let mut token = self.token(kind, start);
        if let Some(line) = token.text.strip_suffix('\n') {
            token.text = line.strip_suffix('\r').unwrap_or(line);
        }
        token
    }

    /// A string keeps its quotes; whether its escapes are good is seen when it is used.
    fn string(&mut self, delimiter: char) -> Result<Kind, Problem> {
        let start = self.position;
        self.advance();
        loop {
            match self.peek() {
                None => return Err(self.problem(start, "unexpected EOF in string".into())),
                Some('\n') => {
                    let message = "unexpected newline in string".into();
                    return Err(self.problem(self.position, message));
                }
                Some(character) => {
                    self.advance();
                    if character == delimiter {
                        return Ok(Kind::Word);
                    }
                    if character == '\\' && delimiter == '"' {
                        if self.peek().is_none() {
                            return Err(self.problem(start, "unexpected EOF in string".into()));
                        }
                        self.advance(); // even a newline: go finds fault with it only later
                    }
                }
            }
        }
    }

    fn word(&mut self) -> Result<Kind, Problem> {
        let start = self.position;
        while let Some(character) = self.peek() {
            let rest = self.rest();
            if rest.starts_with("/*") {
                let message = "mod files must use // comments (not /* */ comments)";
                return Err(self.problem(self.position, message.into()));
            }
            if rest.starts_with("//") || !belongs_to_word(character) {
                break;
            }
            self.advance();
        }
        match self.peek() {
            Some(character) if self.position.byte == start.byte => {
                let quoted = quote_rune(character);
                Err(self.problem(start, format!("unexpected input character {quoted}")))
            }
            _ => Ok(Kind::Word),
        }
    }
}

fn belongs_to_word(character: char) -> bool {
    !matches!(character, ' ' | '(' | ')' | '[' | ']' | '{' | '}' | ',')
        && !is_space(character)
        && is_printable(character)
}
