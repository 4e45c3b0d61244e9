//! Content that is not what was recorded.

use std::fmt;

use crate::module::ModuleVersion;

/// Two sums of one thing that must be equal and are not.
///
/// The program ends with exit code 3 for it; nothing of the version has become visible.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{module}{part}: checksum mismatch\nfound: {found}\n{recorder}: {recorded}")]
pub struct Mismatch {
    /// The module and its version.
    pub module: ModuleVersion,
    /// What of it differs.
    pub part: Part,
    /// The sum of what a mirror, a proxy, a bundle or the cache gives.
    pub found: String,
    /// Who says otherwise: a go.sum file, or the cache.
    pub recorder: String,
    /// The sum that it has.
    pub recorded: String,
    /// What is known of the reason, a sentence each; empty until somebody has looked for it.
    pub reasons: Vec<String>,
}

impl Mismatch {
    /// Gives a reason to an error that is one of these and has none yet; others stay as they are.
    pub fn explain(error: anyhow::Error, reason: &str) -> anyhow::Error {
        match error.downcast::<Mismatch>() {
            Ok(mut mismatch) => {
                if mismatch.reasons.is_empty() {
                    mismatch.reasons.push(reason.to_owned());
                }
                mismatch.into()
            }
            Err(error) => error,
        }
    }
}

/// A part of a module version that has a sum of its own; displays as go.sum has it behind the version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// The files of the module zip.
    Zip,
    /// The go.mod file alone.
    GoMod,
}

impl fmt::Display for Part {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Part::Zip => "",
            Part::GoMod => "/go.mod",
        })
    }
}
