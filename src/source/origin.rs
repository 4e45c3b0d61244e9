//! Where a rule is written.

use std::fmt;

/// Where a rule is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RuleOrigin {
    /// `--mirror` on the command line.
    CommandLine,
    /// A line of a file.
    File {
        /// The file, as it was found or named.
        name: String,
        /// The line of its pattern, from 1.
        line: usize,
    },
    /// The table that the program has.
    BuiltIn,
}

impl RuleOrigin {
    /// Gives the line, of a rule in a file.
    pub fn line(&self) -> Option<usize> {
        match self {
            RuleOrigin::File { line, .. } => Some(*line),
            _ => None,
        }
    }
}

impl fmt::Display for RuleOrigin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RuleOrigin::CommandLine => formatter.pad("--mirror"),
            RuleOrigin::File { name, line } => formatter.pad(&format!("{name}:{line}")),
            RuleOrigin::BuiltIn => formatter.pad("built-in"),
        }
    }
}
