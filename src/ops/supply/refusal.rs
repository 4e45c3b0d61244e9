//! Nobody could give what was wanted.

use std::fmt;

use crate::module::ModulePath;

/// Several sources were asked, and none could give what was wanted.
#[derive(Debug)]
pub struct AllRefused {
    /// What each source said, in the order in which they were asked.
    pub refusals: Vec<anyhow::Error>,
}

impl fmt::Display for AllRefused {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("no source could give it")?;
        for refusal in &self.refusals {
            write!(formatter, "\n{refusal:#}")?;
        }
        Ok(())
    }
}

impl std::error::Error for AllRefused {}

/// Nothing says where a module's repository is.
#[derive(Debug, thiserror::Error)]
#[error("no mirror is known for module {path}")]
pub struct NoMirror {
    /// The module path.
    pub path: ModulePath,
}
