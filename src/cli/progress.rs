//! Progress bars on a terminal; in a pipe nothing moves.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::interrupt::Interrupt;
use super::output::Output;
use crate::ops::{Monitor, Phase};

/// The name of the bar for the run as a whole; no mirror and no module has it.
const WHOLE: &str = "";

/// Shows one bar for each mirror that sends and each version that is packed, and one above them for the whole
/// run where that reports its versions.
pub(super) struct Progress {
    interrupt: Interrupt,
    bars: Option<Bars>,
}

struct Bars {
    screen: MultiProgress,
    open: Mutex<HashMap<String, ProgressBar>>,
}

impl Progress {
    pub(super) fn new(output: &Output, interrupt: Interrupt) -> Progress {
        Progress {
            interrupt,
            bars: output.shows_progress().then(|| Bars {
                screen: MultiProgress::new(),
                open: Mutex::default(),
            }),
        }
    }

    /// Takes the bars away, so that lines can be printed.
    pub(super) fn clear(&self) {
        if let Some(bars) = &self.bars {
            bars.finish(WHOLE);
            // Bars that cannot be cleared cannot be seen either.
            let _ = bars.screen.clear();
        }
    }
}

impl Monitor for Progress {
    fn report(&self, phase: Phase<'_>) {
        let Some(bars) = &self.bars else {
            return;
        };
        match phase {
            Phase::Receiving {
                mirror,
                objects,
                total,
                bytes,
            } => {
                let mebibytes = bytes as f64 / f64::from(1 << 20);
                bars.show(mirror, "objects", objects, total);
                bars.message(mirror, format!("{mirror} ({mebibytes:.1} MiB)"));
                if total > 0 && objects >= total {
                    bars.finish(mirror);
                }
            }
            Phase::Packing {
                module,
                files,
                total,
            } => bars.show(module, "files", files as u64, total as u64),
            Phase::Done { module } => bars.finish(module),
            Phase::Run { done, known } => {
                bars.show(WHOLE, "versions", done as u64, known as u64);
            }
        }
    }

    fn interrupted(&self) -> bool {
        self.interrupt.is_set()
    }
}

impl Bars {
    fn show(&self, name: &str, unit: &str, done: u64, total: u64) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let bar = open.entry(name.to_owned()).or_insert_with(|| {
            let template = format!("{{bar:24}} {{pos}}/{{len}} {unit} {{msg}}");
            let style = ProgressStyle::with_template(&template)
                .unwrap_or_else(|_| ProgressStyle::default_bar());
            let bar = ProgressBar::new(total)
                .with_style(style)
                .with_message(name.to_owned());
            bar.enable_steady_tick(Duration::from_millis(200));
            match name {
                WHOLE => self.screen.insert(0, bar),
                _ => self.screen.add(bar),
            }
        });
        bar.set_length(total);
        bar.set_position(done);
    }

    fn message(&self, name: &str, message: String) {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bar) = open.get(name) {
            bar.set_message(message);
        }
    }

    fn finish(&self, name: &str) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bar) = open.remove(name) {
            bar.finish_and_clear();
        }
    }
}
