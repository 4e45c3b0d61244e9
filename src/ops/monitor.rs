//! Who hears how work goes on, and may end it.

use std::fs::File;
use std::num::NonZeroUsize;

use crate::modzip::Control;
use crate::web::Interrupt;

/// What a piece of work is doing.
#[derive(Clone, Debug)]
pub enum Phase<'a> {
    /// A mirror sends objects.
    Receiving {
        /// The mirror, as it may be shown.
        mirror: &'a str,
        /// Objects received.
        objects: u64,
        /// Objects to receive, 0 while that is unknown.
        total: u64,
        /// Bytes received.
        bytes: u64,
    },
    /// A version's zip is being downloaded.
    Downloading {
        /// `path@version`.
        module: &'a str,
        /// Where its bytes lie.
        zip: &'a File,
        /// Bytes received; less than before when the download begins anew.
        bytes: u64,
        /// Bytes to receive, if that is known.
        total: Option<u64>,
    },
    /// The zip of a version that is being packed has grown.
    Growing {
        /// Where its bytes lie.
        zip: &'a File,
        /// Bytes written.
        bytes: u64,
    },
    /// Files are being packed: those of a version into its zip and folder, or those of versions into a bundle.
    Packing {
        /// `path@version`, or `bundle`.
        module: &'a str,
        /// Files done.
        files: usize,
        /// Files to do.
        total: usize,
    },
    /// A version is complete, or a bundle.
    Done {
        /// `path@version`, or `bundle`.
        module: &'a str,
    },
    /// The run as a whole has come this far.
    Run {
        /// Versions of which all that is needed is there, or has failed.
        done: usize,
        /// Versions that are known to be needed; grows while the module graph is loaded.
        known: usize,
    },
}

/// Hears of progress from any thread, and is asked whether to go on.
pub trait Monitor: Send + Sync {
    /// Hears of progress.
    fn report(&self, phase: Phase<'_>);

    /// Tells whether the user wants the work to end.
    fn interrupted(&self) -> bool;
}

/// Lets `work` on a zip, of which nothing is reported but which the user may end.
pub(super) fn unreported<T>(
    monitor: &dyn Monitor,
    threads: NonZeroUsize,
    work: impl FnOnce(&Control<'_>) -> T,
) -> T {
    let cancelled = || monitor.interrupted();
    work(&Control::unreported(threads, &cancelled))
}

/// Nobody: the work ends with the process.
pub struct Unwatched;

impl Monitor for Unwatched {
    fn report(&self, _: Phase<'_>) {}

    fn interrupted(&self) -> bool {
        false
    }
}

impl Interrupt for Unwatched {
    fn interrupted(&self) -> bool {
        false
    }
}
