//! The signals that a server hears.

use std::time::Duration;

use anyhow::{Context, Result};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::sleep;

/// What a server is woken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wake {
    /// SIGHUP, or it is time: files may have changed.
    Renew,
    /// SIGINT or SIGTERM: it is to end.
    End,
}

/// The signals, heard from now on.
pub(super) struct Signals {
    hangup: Signal,
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    pub(super) fn listen() -> Result<Signals> {
        let listen = |kind| signal(kind).context("cannot listen for signals");
        Ok(Signals {
            hangup: listen(SignalKind::hangup())?,
            interrupt: listen(SignalKind::interrupt())?,
            terminate: listen(SignalKind::terminate())?,
        })
    }

    /// Waits for a signal, or for so long.
    pub(super) async fn next(&mut self, time: Duration) -> Wake {
        tokio::select! {
            _ = self.interrupt.recv() => Wake::End,
            _ = self.terminate.recv() => Wake::End,
            _ = self.hangup.recv() => Wake::Renew,
            () = sleep(time) => Wake::Renew,
        }
    }

    /// Waits for a signal to end.
    pub(super) async fn end(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}
