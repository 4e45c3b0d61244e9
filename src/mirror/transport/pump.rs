//! Reading on a thread of its own, so that whoever reads can be interrupted and time can be limited.

use std::io::{ErrorKind, Read, Result};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;

use crate::mirror::open::Progress;
use crate::web::{Interrupt, Interrupted, POLL, Pace, Settings};

/// How much is read at a time.
const CHUNK: usize = 64 << 10;
/// How many chunks may wait to be taken.
const QUEUE: usize = 16;

/// The other end of a stream that a thread reads.
///
/// Besides the interrupts and limits this lets the network and libgit2 work at the same time. The thread
/// ends by itself when the stream does, or with its next chunk once nobody takes them any more.
pub(super) struct Pump {
    chunks: Receiver<Result<Vec<u8>>>,
    chunk: Vec<u8>,
    taken: usize,
    pace: Pace,
    progress: Arc<dyn Progress>,
}

/// Whether a person may have to answer before the first byte comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Start {
    /// A machine answers at once.
    Prompt,
    /// The ssh program may ask for a password.
    Attended,
}

impl Pump {
    /// Starts to read a stream.
    pub(super) fn start(
        stream: impl Read + Send + 'static,
        settings: &Settings,
        start: Start,
        progress: Arc<dyn Progress>,
    ) -> Pump {
        let (sender, chunks) = sync_channel(QUEUE);
        thread::spawn(move || read_all(stream, &sender));
        let pace = Pace::new(settings);
        Pump {
            chunks,
            chunk: Vec::new(),
            taken: 0,
            pace: match start {
                Start::Prompt => pace,
                Start::Attended => pace.patient(),
            },
            progress,
        }
    }

    /// Waits for a chunk; an empty one is the end.
    fn next(&mut self) -> Result<Vec<u8>> {
        self.pace.wait();
        loop {
            if self.progress.interrupted() {
                return Err(Interrupted.into());
            }
            match self.chunks.recv_timeout(POLL) {
                Ok(chunk) => return chunk,
                Err(RecvTimeoutError::Disconnected) => return Ok(Vec::new()),
                Err(RecvTimeoutError::Timeout) => self.pace.check()?,
            }
        }
    }
}

impl Read for Pump {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        if self.taken >= self.chunk.len() {
            self.chunk = self.next()?;
            self.taken = 0;
            self.pace.received(self.chunk.len());
        }
        let rest = self.chunk.get(self.taken..).unwrap_or_default();
        let count = rest.len().min(buffer.len());
        let (Some(from), Some(to)) = (rest.get(..count), buffer.get_mut(..count)) else {
            return Ok(0);
        };
        to.copy_from_slice(from);
        self.taken += count;
        Ok(count)
    }
}

fn read_all(mut stream: impl Read, sender: &SyncSender<Result<Vec<u8>>>) {
    let mut buffer = vec![0; CHUNK];
    loop {
        let chunk = match stream.read(&mut buffer) {
            Ok(0) => return,
            Ok(count) => Ok(buffer.get(..count).unwrap_or_default().to_vec()),
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => Err(error),
        };
        let last = chunk.is_err();
        if sender.send(chunk).is_err() || last {
            return;
        }
    }
}

/// Runs something that blocks on a thread of its own, and stops waiting for it when interrupted.
pub(super) fn in_background<T: Send + 'static>(
    interrupt: &dyn Interrupt,
    work: impl FnOnce() -> T + Send + 'static,
) -> anyhow::Result<T> {
    let (sender, result) = sync_channel(1);
    thread::spawn(move || sender.send(work()));
    loop {
        if interrupt.interrupted() {
            return Err(Interrupted.into());
        }
        match result.recv_timeout(POLL) {
            Ok(value) => return Ok(value),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => {
                anyhow::bail!("the thread of a connection has ended too early")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use std::time::Duration;

    use super::*;
    use crate::web::LowSpeed;

    #[derive(Default)]
    struct Stop(AtomicBool);

    impl Progress for Stop {
        fn received(&self, _: &str, _: u64, _: u64, _: u64) {}
    }

    impl Interrupt for Stop {
        fn interrupted(&self) -> bool {
            self.0.load(Ordering::Relaxed)
        }
    }

    /// Sends nothing for as long as the test lives.
    struct Silent;

    impl Read for Silent {
        fn read(&mut self, _: &mut [u8]) -> Result<usize> {
            loop {
                thread::park();
            }
        }
    }

    fn settings() -> Settings {
        Settings {
            read_timeout: Duration::from_millis(1),
            ..Settings::default()
        }
    }

    #[test]
    fn everything_comes_through_in_order() {
        let data: Vec<u8> = (0..1_000_000_u32).map(|number| number as u8).collect();
        let stop = Arc::new(Stop::default());
        let stream = std::io::Cursor::new(data.clone());
        let mut pump = Pump::start(stream, &Settings::default(), Start::Prompt, stop);
        let mut read = Vec::new();
        pump.read_to_end(&mut read).unwrap();
        assert!(read == data);
    }

    #[test]
    fn silence_is_an_error_that_may_pass() {
        let stop = Arc::new(Stop::default());
        let mut pump = Pump::start(Silent, &settings(), Start::Prompt, stop);
        let error = pump.read(&mut [0]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
    }

    #[test]
    fn a_transfer_that_is_too_slow_is_given_up() {
        let settings = Settings {
            low_speed: Some(LowSpeed {
                limit: 1000,
                time: Duration::from_millis(1),
            }),
            ..Settings::default()
        };
        let stop = Arc::new(Stop::default());
        let mut pump = Pump::start(Silent, &settings, Start::Prompt, stop);
        let error = pump.read(&mut [0]).unwrap_err();
        assert!(
            error
                .to_string()
                .contains("less than 1000 bytes per second")
        );
    }

    #[test]
    fn an_interrupt_ends_the_wait() {
        let stop = Arc::new(Stop(AtomicBool::new(true)));
        let mut pump = Pump::start(Silent, &settings(), Start::Attended, stop.clone());
        let error = pump.read(&mut [0]).unwrap_err();
        assert!(error.get_ref().unwrap().is::<Interrupted>());
        let waited = in_background(&*stop, || {
            loop {
                thread::park();
            }
        });
        let waited: anyhow::Result<()> = waited;
        assert!(waited.unwrap_err().is::<Interrupted>());
    }
}
