//! Which failures may pass, and trying again.

use std::io::ErrorKind;
use std::time::{Duration, Instant, SystemTime};

use anyhow::Result;
use reqwest::header::{HeaderMap, RETRY_AFTER};

use super::interrupt::{Interrupt, Interrupted, POLL};
use super::settings::Settings;

/// The longest wait that a server may ask for before it is given up.
const LONGEST_WAIT: Duration = Duration::from_secs(120);

/// A failure that may pass, besides the errors of connections that [`retried`] knows by themselves.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Transient {
    /// What has failed.
    pub message: String,
    /// When the server asks to come back.
    pub retry_after: Option<Duration>,
}

impl Transient {
    /// Makes one of a server that does not say when to come back.
    pub fn new(message: String) -> Transient {
        Transient {
            message,
            retry_after: None,
        }
    }
}

/// A failure that must not be tried again although its cause looks as if it may pass.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Lasting(pub String);

/// Reads when to come back from the head of an answer: seconds, or a time of the day.
pub fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    match value.parse() {
        Ok(seconds) => Some(Duration::from_secs(seconds)),
        Err(_) => {
            let time = httpdate::parse_http_date(value).ok()?;
            Some(time.duration_since(SystemTime::now()).unwrap_or_default())
        }
    }
}

/// Runs an attempt, and again after failures that may pass: connections that fail or break off, HTTP 5xx
/// and 429. Waits longer each time, or as long as the server asks for.
pub fn retried<T>(
    settings: &Settings,
    interrupt: &dyn Interrupt,
    mut attempt: impl FnMut() -> Result<T>,
) -> Result<T> {
    let mut delay = settings.first_delay;
    let mut left = settings.retries;
    loop {
        let error = match attempt() {
            Ok(value) => return Ok(value),
            // Whatever failed then did so because it was stopped.
            Err(_) if interrupt.interrupted() => return Err(Interrupted.into()),
            Err(error) => error,
        };
        let asked = match transient(&error) {
            Some(asked) if left > 0 && asked.is_none_or(|wait| wait <= LONGEST_WAIT) => asked,
            _ => return Err(error),
        };
        left -= 1;
        wait(asked.unwrap_or(delay).min(LONGEST_WAIT), interrupt)?;
        delay = delay.saturating_mul(2);
    }
}

/// Tells whether an error may pass: nobody knows yet what the server has to say.
pub(super) fn may_pass(error: &anyhow::Error) -> bool {
    transient(error).is_some()
}

/// Tells whether an error may pass, and how long the server asks to wait.
fn transient(error: &anyhow::Error) -> Option<Option<Duration>> {
    // Not in the loop: a context is seen by its type only from here.
    if error.is::<Lasting>() {
        return None;
    }
    for cause in error.chain() {
        if let Some(transient) = cause.downcast_ref::<Transient>() {
            return Some(transient.retry_after);
        }
        if let Some(error) = cause.downcast_ref::<std::io::Error>() {
            let passes = matches!(
                error.kind(),
                ErrorKind::UnexpectedEof
                    | ErrorKind::TimedOut
                    | ErrorKind::WouldBlock
                    | ErrorKind::BrokenPipe
                    | ErrorKind::ConnectionRefused
                    | ErrorKind::ConnectionReset
                    | ErrorKind::ConnectionAborted
                    | ErrorKind::HostUnreachable
                    | ErrorKind::NetworkUnreachable
                    | ErrorKind::NetworkDown
            );
            return passes.then_some(None);
        }
    }
    None
}

fn wait(time: Duration, interrupt: &dyn Interrupt) -> Result<()> {
    let end = Instant::now() + time;
    loop {
        if interrupt.interrupted() {
            return Err(Interrupted.into());
        }
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(());
        }
        std::thread::sleep(left.min(POLL));
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::sync::atomic::{AtomicBool, Ordering};

    use anyhow::{Context, anyhow};

    use super::*;

    #[derive(Default)]
    struct Stop(AtomicBool);

    impl Interrupt for Stop {
        fn interrupted(&self) -> bool {
            self.0.load(Ordering::Relaxed)
        }
    }

    fn settings() -> Settings {
        Settings {
            retries: 2,
            first_delay: Duration::ZERO,
            ..Settings::default()
        }
    }

    fn attempts(error: impl Fn() -> anyhow::Error) -> u32 {
        let count = Cell::new(0);
        let failed = retried(&settings(), &Stop::default(), || -> Result<()> {
            count.set(count.get() + 1);
            Err(error())
        });
        assert!(failed.is_err());
        count.get()
    }

    #[test]
    fn only_failures_that_may_pass_are_tried_again() {
        let io = |kind: ErrorKind| anyhow!(std::io::Error::from(kind)).context("reading");
        assert_eq!(attempts(|| io(ErrorKind::ConnectionRefused)), 3);
        assert_eq!(attempts(|| io(ErrorKind::UnexpectedEof)), 3);
        assert_eq!(attempts(|| io(ErrorKind::InvalidData)), 1);
        assert_eq!(attempts(|| anyhow!("no")), 1);
        let busy = |seconds| Transient {
            message: "busy".to_owned(),
            retry_after: Some(Duration::from_secs(seconds)),
        };
        assert_eq!(attempts(|| busy(0).into()), 3);
        assert_eq!(attempts(|| busy(3600).into()), 1);
        let lasting = || io(ErrorKind::UnexpectedEof).context(Lasting("refused".to_owned()));
        assert_eq!(attempts(lasting), 1);
    }

    #[test]
    fn an_attempt_that_succeeds_ends_it() {
        let count = Cell::new(0);
        let value = retried(&settings(), &Stop::default(), || {
            count.set(count.get() + 1);
            match count.get() {
                1 => Err(std::io::Error::from(ErrorKind::TimedOut)).context("first"),
                other => Ok(other),
            }
        });
        assert_eq!(value.unwrap(), 2);
    }

    #[test]
    fn an_interrupt_is_told_as_one() {
        let stop = Stop::default();
        let stopped = retried(&settings(), &stop, || -> Result<()> {
            stop.0.store(true, Ordering::Relaxed);
            Err(std::io::Error::from(ErrorKind::TimedOut).into())
        });
        assert!(stopped.unwrap_err().is::<Interrupted>());
    }
}
