//! The only file that prints: data on stdout, status on stderr.

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};

use anyhow::{Context, Result};
use clap::ValueEnum;
use serde::Serialize;
use serde_json::ser::{PrettyFormatter, Serializer};

use super::{Exit, hints};
use crate::goenv::GoEnv;
use crate::module::escape_html;

/// When stderr has color.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ColorWhen {
    /// On a terminal.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// How much status is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verbosity {
    /// Errors only.
    Quiet,
    /// A summary.
    Normal,
    /// Each version, too.
    Verbose,
}

/// Prints.
pub(super) struct Output {
    pub(super) verbosity: Verbosity,
    color: ColorWhen,
    is_terminal: bool,
}

impl Output {
    pub(super) fn new(verbosity: Verbosity, color: ColorWhen, env: &GoEnv) -> Output {
        let is_terminal = io::stderr().is_terminal() && env.process("TERM") != Some("dumb");
        let wanted = is_terminal && env.process("NO_COLOR").is_none();
        Output {
            verbosity,
            color: match color {
                ColorWhen::Auto if wanted => ColorWhen::Always,
                ColorWhen::Auto => ColorWhen::Never,
                other => other,
            },
            is_terminal,
        }
    }

    /// Tells whether stderr can show moving progress bars and the user wants status.
    pub(super) fn shows_progress(&self) -> bool {
        self.is_terminal && self.verbosity != Verbosity::Quiet
    }

    /// Prints data.
    pub(super) fn data(&self, data: &[u8]) -> Result<()> {
        let mut stdout = io::stdout().lock();
        match stdout.write_all(data).and_then(|()| stdout.flush()) {
            // A reader that has seen enough is no failure of ours.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            result => result.context("cannot write to stdout"),
        }
    }

    /// Gives stdout, for data that does not fit into memory.
    pub(super) fn stdout(&self) -> impl Write + use<> {
        io::stdout().lock()
    }

    /// Prints an object as go prints JSON: indented with tabs, with Go's escapes.
    pub(super) fn json(&self, value: &impl Serialize) -> Result<()> {
        let mut text = Vec::new();
        let formatter = PrettyFormatter::with_indent(b"\t");
        value.serialize(&mut Serializer::with_formatter(&mut text, formatter))?;
        let mut text = escape_html(&String::from_utf8_lossy(&text));
        text.push('\n');
        self.data(text.as_bytes())
    }

    /// Prints a status line, unless the user wants none.
    pub(super) fn status(&self, line: impl Display) {
        if self.verbosity != Verbosity::Quiet {
            self.line(&line.to_string());
        }
    }

    /// Prints a status line that only `-v` shows.
    pub(super) fn detail(&self, line: impl Display) {
        if self.verbosity == Verbosity::Verbose {
            self.line(&line.to_string());
        }
    }

    /// Prints an error with its causes, and what to do about it.
    pub(super) fn error(&self, what: Option<&str>, error: &anyhow::Error) {
        let mut chain = error.chain().map(|cause| cause.to_string());
        let first = match what {
            Some(what) => what.to_owned(),
            None => chain.next().unwrap_or_default(),
        };
        self.labelled(ERROR, &first);
        let mut last = String::new();
        for cause in chain.filter(|cause| !cause.is_empty()) {
            if cause != last {
                self.line(&format!("  caused by: {}", indent(&cause)));
            }
            last = cause;
        }
        self.hints(&hints::of(error));
    }

    /// Prints why options do not go together, and gives the exit code for that.
    pub(super) fn misused(&self, what: &str) -> Exit {
        self.labelled(ERROR, what);
        Exit::Usage
    }

    /// Prints an error that several things have in common, and what to do about it.
    pub(super) fn error_group(&self, what: &str, members: &[String], remedies: &[String]) {
        self.labelled(ERROR, what);
        for member in members {
            self.line(&format!("  {}", indent(member)));
        }
        self.hints(remedies);
    }

    /// Prints what to do next, unless the user wants no status.
    pub(super) fn hint(&self, hint: &str) {
        if self.verbosity != Verbosity::Quiet {
            self.labelled(HINT, hint);
        }
    }

    fn hints(&self, hints: &[String]) {
        for hint in hints {
            self.labelled(HINT, hint);
        }
    }

    /// Prints a line that begins with a word in color.
    fn labelled(&self, label: Label, text: &str) {
        let Label { word, color } = label;
        let text = printable(&indent(text));
        // Nobody is left to tell when stderr is gone.
        let _ = match self.color {
            ColorWhen::Always => {
                writeln!(io::stderr().lock(), "\x1b[{color}m{word}\x1b[0m {text}")
            }
            _ => writeln!(io::stderr().lock(), "{word} {text}"),
        };
    }

    fn line(&self, line: &str) {
        let _ = writeln!(io::stderr().lock(), "{}", printable(line));
    }
}

/// Prints lines of a log on stderr; they are kept whole.
pub(super) fn log(lines: &str) {
    // Nobody is left to tell when stderr is gone.
    let _ = writeln!(io::stderr().lock(), "{}", printable(lines));
}

/// A word at the beginning of a line, and its color as terminals name it.
#[derive(Clone, Copy)]
struct Label {
    word: &'static str,
    color: &'static str,
}

const ERROR: Label = Label {
    word: "error:",
    color: "1;31",
};

const HINT: Label = Label {
    word: "hint:",
    color: "1;36",
};

fn indent(text: &str) -> String {
    text.trim_end().replace('\n', "\n    ")
}

/// Replaces control characters: tags, paths and answers of servers may have some that steer a terminal.
fn printable(line: &str) -> String {
    line.chars()
        .map(|character| match character {
            '\n' | '\t' => character,
            control if control.is_control() => '\u{fffd}',
            other => other,
        })
        .collect()
}
