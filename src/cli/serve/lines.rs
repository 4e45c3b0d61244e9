//! The log of requests on stderr.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use super::super::output;
use super::LogForm;
use crate::server::{Entry, Event, Log};

/// How many lines may wait to be written; what comes when stderr takes nothing is lost.
const MOST_WAITING: usize = 10_000;

/// How long lines gather that are written together: to wake the writer for each takes longer than to answer.
const GATHERING: Duration = Duration::from_millis(10);

/// Lines of the log on their way to stderr.
pub(super) struct Lines {
    form: LogForm,
    lines: SyncSender<String>,
}

impl Lines {
    pub(super) fn start(form: LogForm) -> (Arc<Lines>, JoinHandle<()>) {
        let (lines, waiting) = sync_channel(MOST_WAITING);
        let writer = std::thread::spawn(move || write(&waiting));
        (Arc::new(Lines { form, lines }), writer)
    }
}

impl Lines {
    fn send(&self, text: impl FnOnce() -> String, json: impl FnOnce() -> String) {
        let line = match self.form {
            LogForm::Json => json(),
            LogForm::Text | LogForm::Off => text(),
        };
        // Whoever serves must not wait for whoever reads the log.
        let _ = self.lines.try_send(line);
    }
}

impl Log for Lines {
    fn answered(&self, entry: &Entry) {
        self.send(|| entry.text(), || entry.json());
    }

    fn happened(&self, event: &Event) {
        self.send(|| event.text(), || event.json());
    }
}

/// Writes what has come since the last time, until nothing can come any more.
fn write(lines: &Receiver<String>) {
    while let Ok(first) = lines.recv() {
        std::thread::sleep(GATHERING);
        let mut text = first;
        for line in lines.try_iter().take(MOST_WAITING) {
            text.push('\n');
            text.push_str(&line);
        }
        output::log(&text);
    }
}
