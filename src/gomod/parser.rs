//! Tokens to lines and blocks, with the comments that belong to them.

use super::lexer::{Kind, Lexer, Token};
use super::syntax::{Block, Comments, Line, Position, Problem, Statement, SyntaxError};

/// The most tokens (line ends and comments among them) that a file may have. Go has no such limit; the
/// longest go.mod files that people write have a few thousand, and a hostile one of 16 MiB would take
/// gigabytes of memory.
const TOKEN_LIMIT: usize = 1 << 18;

/// Reads a file into statements; the first fault ends it.
pub(super) fn read<'a>(file: &'a str, text: &'a str) -> Result<Vec<Statement<'a>>, SyntaxError> {
    let outcome = Parser::new(file, text).and_then(|mut parser| {
        let statements = parser.read_file()?;
        Ok((statements, parser.suffixes))
    });
    let (mut statements, suffixes) = outcome.map_err(|problem| SyntaxError {
        problems: vec![problem],
    })?;
    attach_suffixes(&mut statements, suffixes);
    Ok(statements)
}

struct Parser<'a> {
    file: &'a str,
    lexer: Lexer<'a>,
    /// The token ahead. A fault in it is told before one in the statement at hand, as in go.
    ahead: Token<'a>,
    /// How many tokens have been read.
    count: usize,
    /// The comments behind something else, to be attached when all else is known.
    suffixes: Vec<Token<'a>>,
}

impl<'a> Parser<'a> {
    fn new(file: &'a str, text: &'a str) -> Result<Self, Problem> {
        let mut lexer = Lexer::new(file, text);
        let ahead = lexer.next()?;
        Ok(Parser {
            file,
            lexer,
            ahead,
            count: 1,
            suffixes: Vec::new(),
        })
    }

    fn advance(&mut self) -> Result<Token<'a>, Problem> {
        let next = self.lexer.next()?;
        self.count += 1;
        if self.count > TOKEN_LIMIT {
            return Err(self
                .lexer
                .problem(next.start, format!("more than {TOKEN_LIMIT} tokens")));
        }
        if next.kind == Kind::SuffixComment {
            self.suffixes.push(next);
        }
        Ok(std::mem::replace(&mut self.ahead, next))
    }

    fn read_file(&mut self) -> Result<Vec<Statement<'a>>, Problem> {
        let mut statements = Vec::new();
        let mut before: Vec<Token<'a>> = Vec::new();
        loop {
            match self.ahead.kind {
                Kind::WholeLineComment => before.push(self.advance()?),
                Kind::Newline | Kind::End => {
                    let first = before.first().map(|comment| comment.start);
                    statements.extend(first.map(Statement::Comments));
                    before.clear();
                    if self.ahead.kind == Kind::End {
                        return Ok(statements);
                    }
                    self.advance()?;
                }
                _ => {
                    let before = before.drain(..).map(|comment| comment.text).collect();
                    let comments = Comments {
                        before,
                        suffix: Vec::new(),
                    };
                    statements.push(self.read_statement(comments)?);
                }
            }
        }
    }

    fn read_statement(&mut self, comments: Comments<'a>) -> Result<Statement<'a>, Problem> {
        let first = self.advance()?;
        let (start, mut end) = (first.start, first.end);
        let mut tokens = vec![first.text];
        loop {
            let token = self.advance()?;
            if token.kind.ends_line() {
                return Ok(Statement::Line(Line {
                    start,
                    end,
                    tokens,
                    comments,
                }));
            }
            if token.kind != Kind::Open {
                tokens.push(token.text);
                end = token.end;
                continue;
            }
            // A parenthesis opens a block only where the line ends behind it, or behind `()`.
            let open = token.start;
            if self.ahead.kind.ends_line() {
                let (lines, close) = self.read_lines(start)?;
                return Ok(Statement::Block(Block {
                    start,
                    tokens,
                    open,
                    lines,
                    close,
                    comments,
                }));
            }
            if self.ahead.kind != Kind::Close {
                tokens.push(token.text);
                continue;
            }
            let close = self.advance()?;
            if self.ahead.kind.ends_line() {
                self.advance()?;
                let (lines, close) = (Vec::new(), close.start);
                return Ok(Statement::Block(Block {
                    start,
                    tokens,
                    open,
                    lines,
                    close,
                    comments,
                }));
            }
            tokens.extend([token.text, close.text]);
        }
    }

    /// Reads the lines of a block and its closing parenthesis.
    fn read_lines(&mut self, start: Position) -> Result<(Vec<Line<'a>>, Position), Problem> {
        let mut lines: Vec<Line<'a>> = Vec::new();
        let mut before: Vec<&'a str> = Vec::new();
        loop {
            match self.ahead.kind {
                Kind::SuffixComment => drop(self.advance()?),
                Kind::Newline => {
                    self.advance()?;
                    // Blank lines in front count for nothing, several as one.
                    let counts = before
                        .last()
                        .map_or(!lines.is_empty(), |last| !last.is_empty());
                    before.extend(counts.then_some(""));
                }
                Kind::WholeLineComment => before.push(self.advance()?.text),
                Kind::End => {
                    let (file, Position { line, column, .. }) = (self.file, start);
                    let block = format!("unterminated block started at {file}:{line}:{column}");
                    return Err(self.problem_here(format!("syntax error ({block})")));
                }
                Kind::Close => {
                    let close = self.advance()?.start;
                    if !self.ahead.kind.ends_line() {
                        let message = "syntax error (expected newline after closing paren)";
                        return Err(self.problem_here(message.into()));
                    }
                    self.advance()?;
                    return Ok((lines, close));
                }
                Kind::Open | Kind::Word => lines.push(self.read_line(std::mem::take(&mut before))?),
            }
        }
    }

    fn read_line(&mut self, before: Vec<&'a str>) -> Result<Line<'a>, Problem> {
        let first = self.advance()?;
        let (start, mut end) = (first.start, first.end);
        let mut tokens = vec![first.text];
        loop {
            let token = self.advance()?;
            if token.kind.ends_line() {
                let comments = Comments {
                    before,
                    suffix: Vec::new(),
                };
                return Ok(Line {
                    start,
                    end,
                    tokens,
                    comments,
                });
            }
            tokens.push(token.text);
            end = token.end;
        }
    }

    /// Makes an error behind the token ahead.
    fn problem_here(&self, message: String) -> Problem {
        self.lexer.problem(self.lexer.position, message)
    }
}

/// Gives each comment behind something to the last thing before it that begins and ends on one line.
///
/// That is nearly always the line before it. The exceptions, such as a string with an escaped line end,
/// come out as in go.
fn attach_suffixes<'a>(statements: &mut [Statement<'a>], mut suffixes: Vec<Token<'a>>) {
    for statement in statements.iter_mut().rev() {
        match statement {
            Statement::Comments(position) => drop(take(&mut suffixes, *position, *position)),
            Statement::Line(line) => {
                line.comments.suffix = take(&mut suffixes, line.start, line.end);
            }
            Statement::Block(block) => {
                let end = behind_parenthesis(block.close);
                block.comments.suffix = take(&mut suffixes, block.start, end);
                // Comments at the parentheses of a block mean nothing.
                take(&mut suffixes, block.close, end);
                for line in block.lines.iter_mut().rev() {
                    line.comments.suffix = take(&mut suffixes, line.start, line.end);
                }
                take(&mut suffixes, block.open, behind_parenthesis(block.open));
            }
        }
    }
}

/// Takes the comments that begin at or behind `end` off the list.
fn take<'a>(suffixes: &mut Vec<Token<'a>>, start: Position, end: Position) -> Vec<&'a str> {
    if start.line != end.line {
        return Vec::new();
    }
    let first = suffixes.partition_point(|comment| comment.start.byte < end.byte);
    suffixes
        .drain(first..)
        .map(|comment| comment.text)
        .collect()
}

fn behind_parenthesis(position: Position) -> Position {
    Position {
        column: position.column + 1,
        byte: position.byte + 1,
        ..position
    }
}
