//! How slow a server may be.

use std::io::{Error, ErrorKind, Result};
use std::time::{Duration, Instant};

use super::settings::{LowSpeed, Settings};

/// The limits of time on one stream; whoever waits for it asks now and then whether they are kept.
pub struct Pace {
    idle: Option<Duration>,
    low_speed: Option<LowSpeed>,
    last: Instant,
    window: Instant,
    received: u64,
}

impl Pace {
    /// Starts the clock, with the limits of the settings.
    pub fn new(settings: &Settings) -> Pace {
        Pace {
            idle: Some(settings.read_timeout),
            low_speed: settings.low_speed,
            last: Instant::now(),
            window: Instant::now(),
            received: 0,
        }
    }

    /// Lifts the limit of silence: a person may have to answer first.
    pub fn patient(self) -> Pace {
        Pace { idle: None, ..self }
    }

    /// Begins a wait: time in which nobody wanted anything is not the server's.
    pub fn wait(&mut self) {
        self.last = Instant::now();
    }

    /// Counts bytes that have come.
    pub fn received(&mut self, bytes: usize) {
        self.received = self.received.saturating_add(bytes as u64);
    }

    /// Tells whether the limits are kept.
    ///
    /// # Errors
    /// One of kind `TimedOut` that says which limit is not.
    pub fn check(&mut self) -> Result<()> {
        if let Some(idle) = self.idle.filter(|idle| self.last.elapsed() >= *idle) {
            let message = format!("the server sent nothing for {} seconds", idle.as_secs());
            return Err(Error::new(ErrorKind::TimedOut, message));
        }
        let Some(low) = self
            .low_speed
            .filter(|low| self.window.elapsed() >= low.time)
        else {
            return Ok(());
        };
        let least = low.limit.saturating_mul(low.time.as_secs().max(1));
        if self.received < least {
            let message = format!(
                "the server sent less than {} bytes per second for {} seconds",
                low.limit,
                low.time.as_secs()
            );
            return Err(Error::new(ErrorKind::TimedOut, message));
        }
        self.window = Instant::now();
        self.received = 0;
        Ok(())
    }
}
