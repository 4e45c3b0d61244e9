//! Ending what waits for a server.

use std::time::Duration;

/// How often an interrupt is looked for while waiting.
pub const POLL: Duration = Duration::from_millis(50);

/// Says when to stop.
///
/// It is asked often and from any thread, so it must be quick.
pub trait Interrupt: Send + Sync {
    /// Tells whether the user wants to stop; what waits then fails with [`Interrupted`].
    fn interrupted(&self) -> bool;
}

/// The error of what was stopped because [`Interrupt::interrupted`] said so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("interrupted")]
pub struct Interrupted;

impl From<Interrupted> for std::io::Error {
    fn from(interrupted: Interrupted) -> std::io::Error {
        std::io::Error::other(interrupted)
    }
}
