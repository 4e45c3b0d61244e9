//! Threads that read go.mod files.

use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError, mpsc};
use std::thread;

use anyhow::{Result, anyhow};

use super::GoMods;
use super::summary::{Declared, Selected};

/// What was read of a file.
pub(super) type Answer = (Selected, Result<Declared>);

/// The way to the threads.
pub(super) struct Readers {
    requests: mpsc::Sender<Selected>,
    answers: mpsc::Receiver<Answer>,
}

impl Readers {
    /// Asks for a file.
    pub(super) fn request(&self, selected: Selected) -> Result<()> {
        let sent = self.requests.send(selected);
        sent.map_err(|_| anyhow!("no thread is left to read go.mod files"))
    }

    /// Waits for the next file that is there. To be called once for each request, and no more.
    pub(super) fn wait(&self) -> Result<Answer> {
        let answer = self.answers.recv();
        answer.map_err(|_| anyhow!("no thread is left to read go.mod files"))
    }
}

/// Runs `work` with threads beside it; what was asked for and is not begun at its end is not read.
pub(super) fn with_readers<T>(
    go_mods: &dyn GoMods,
    threads: NonZeroUsize,
    work: impl FnOnce(Readers) -> T,
) -> T {
    let (requests, queue) = mpsc::channel();
    let (sender, answers) = mpsc::channel();
    let queue = Mutex::new(queue);
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..threads.get() {
            let sender = sender.clone();
            scope.spawn(|| {
                let sender = sender;
                read_all(go_mods, &queue, &is_over, &sender);
            });
        }
        drop(sender);
        let outcome = work(Readers { requests, answers });
        is_over.store(true, Ordering::Relaxed);
        outcome
    })
}

fn read_all(
    go_mods: &dyn GoMods,
    queue: &Mutex<mpsc::Receiver<Selected>>,
    is_over: &AtomicBool,
    sender: &mpsc::Sender<Answer>,
) {
    loop {
        let request = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(selected) = request else { return };
        if is_over.load(Ordering::Relaxed) {
            return;
        }
        // A panic must not leave the others waiting for an answer.
        let read = catch_unwind(AssertUnwindSafe(|| Declared::read(&selected, go_mods)));
        let answer = read.unwrap_or_else(|_| Err(anyhow!("{selected}: reading go.mod panicked")));
        if sender.send((selected, answer)).is_err() {
            return;
        }
    }
}
