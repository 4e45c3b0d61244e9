//! What does not exist here and may exist elsewhere.

use thiserror::Error;

/// What was asked for does not exist in this mirror or proxy; another may have it.
#[derive(Debug, Error)]
#[error("{message}")]
pub struct NotFound {
    message: String,
    /// The versions of the module that come close, in order.
    pub nearest: Vec<String>,
    /// Where the module was looked for in vain: the path at the root of the repository.
    pub looked_under: Option<String>,
}

impl NotFound {
    /// Says what does not exist.
    pub fn new(message: impl Into<String>) -> NotFound {
        NotFound {
            message: message.into(),
            nearest: Vec::new(),
            looked_under: None,
        }
    }
}

/// Tells whether an error means that something does not exist, rather than that it cannot be read.
pub fn is_not_found(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| cause.is::<NotFound>())
}
