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
    /// What was there instead.
    pub found: Found,
}

/// What is there although what was asked for is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// Nothing: the module or the version is not known.
    Nothing,
    /// The module, with no version that fits the query. That is an answer: go asks nobody else then
    /// (`NoMatchingVersionError` in `modload/query.go`).
    OtherVersions,
}

impl NotFound {
    /// Says what does not exist.
    pub fn new(message: impl Into<String>) -> NotFound {
        NotFound {
            message: message.into(),
            nearest: Vec::new(),
            looked_under: None,
            found: Found::Nothing,
        }
    }
}

/// Tells whether an error means that something does not exist, so that another source may be asked for it,
/// rather than that it cannot be read or that no version fits.
pub fn is_not_found(error: &anyhow::Error) -> bool {
    let hidden = || error.chain().find_map(|cause| cause.downcast_ref());
    // The chain does not show what was given as a context.
    let refusal: Option<&NotFound> = error.downcast_ref().or_else(hidden);
    refusal.is_some_and(|refusal| refusal.found == Found::Nothing)
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::*;

    #[test]
    fn the_outermost_refusal_tells_whether_others_are_asked() {
        let nothing = || anyhow!(NotFound::new("gone")).context("reading");
        let none_fits = || NotFound {
            found: Found::OtherVersions,
            ..NotFound::new("no match")
        };
        assert!(is_not_found(&nothing()));
        assert!(!is_not_found(&anyhow!(none_fits()).context("x")));
        assert!(!is_not_found(&nothing().context(none_fits()).context("x")));
        assert!(!is_not_found(&anyhow!("broken")));
    }
}
