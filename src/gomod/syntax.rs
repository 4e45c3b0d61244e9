//! The lines, blocks and comments of a file, and what can be wrong with them.

use std::fmt;

/// A place in a file; line and column (in characters) begin at 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Position {
    pub(super) line: usize,
    pub(super) column: usize,
    pub(super) byte: usize,
}

/// One fault of a file; displays as `go.mod:3:5: message`, without a column that is 1, as go does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The name of the file, as given by the caller.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// What is wrong, in Go's words.
    pub message: String,
}

impl Problem {
    pub(super) fn new(file: &str, position: Position, message: String) -> Self {
        Problem {
            file: file.to_owned(),
            line: position.line,
            column: position.column,
            message,
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            file,
            line,
            column,
            message,
        } = self;
        match column {
            0 | 1 => write!(formatter, "{file}:{line}: {message}"),
            _ => write!(formatter, "{file}:{line}:{column}: {message}"),
        }
    }
}

/// The faults of a go.mod or go.work file; displays one to a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// The faults in the order of the file; there is at least one.
    pub problems: Vec<Problem>,
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            let separator = if index == 0 { "" } else { "\n" };
            write!(formatter, "{separator}{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for SyntaxError {}

/// The comments of a line or block, each with its `//`; an empty one stands for a blank line.
#[derive(Debug, Default)]
pub(super) struct Comments<'a> {
    pub(super) before: Vec<&'a str>,
    pub(super) suffix: Vec<&'a str>,
}

/// A line with at least one token.
#[derive(Debug)]
pub(super) struct Line<'a> {
    pub(super) start: Position,
    pub(super) end: Position,
    pub(super) tokens: Vec<&'a str>,
    pub(super) comments: Comments<'a>,
}

/// Lines in parentheses, with the tokens before the opening one, of which there is at least one.
#[derive(Debug)]
pub(super) struct Block<'a> {
    pub(super) start: Position,
    pub(super) tokens: Vec<&'a str>,
    pub(super) open: Position,
    pub(super) lines: Vec<Line<'a>>,
    pub(super) close: Position,
    pub(super) comments: Comments<'a>,
}

/// A piece of a file.
#[derive(Debug)]
pub(super) enum Statement<'a> {
    Line(Line<'a>),
    Block(Block<'a>),
    /// Comments that a blank line separates from what follows.
    Comments(Position),
}
