//! Who hears how work goes on, and may end it.

/// What a piece of work is doing.
#[derive(Clone, Debug, PartialEq, Eq)]
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
        /// Bytes received.
        bytes: u64,
        /// Bytes to receive, 0 while that is unknown.
        total: u64,
    },
    /// A version's files are being packed and extracted.
    Packing {
        /// `path@version`.
        module: &'a str,
        /// Files done.
        files: usize,
        /// Files to do.
        total: usize,
    },
    /// A version is complete.
    Done {
        /// `path@version`.
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
