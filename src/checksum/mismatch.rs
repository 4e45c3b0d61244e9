//! Content that is not what was recorded.

/// Two sums of one thing that must be equal and are not.
///
/// The program ends with exit code 3 for it; nothing of the version has become visible.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{subject}: checksum mismatch\nmirror: {found}\n{recorder}: {recorded}")]
pub struct Mismatch {
    /// `path@version`, or `path@version/go.mod`.
    pub subject: String,
    /// The sum of what the mirror gives.
    pub found: String,
    /// Who says otherwise: a go.sum file, or the cache.
    pub recorder: String,
    /// The sum that it has.
    pub recorded: String,
}
