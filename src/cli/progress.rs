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

/// What bars count, in the language of their templates.
const OBJECTS: &str = "{pos}/{len} objects";
const BYTES: &str = "{bytes}/{total_bytes}";
const FILES: &str = "{pos}/{len} files";
const VERSIONS: &str = "{pos}/{len} versions";

/// Shows one bar for each mirror that sends and each version that is downloaded or packed, and one above them
/// for the whole run where that reports its versions.
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
                bars.show(mirror, OBJECTS, objects, total);
                bars.message(mirror, format!("{mirror} ({mebibytes:.1} MiB)"));
                if total > 0 && objects >= total {
                    bars.finish(mirror);
                }
            }
            Phase::Downloading {
                module,
                bytes,
                total,
                ..
            } => bars.show(module, BYTES, bytes, total.unwrap_or(0)),
            Phase::Packing {
                module,
                files,
                total,
            } => bars.show(module, FILES, files as u64, total as u64),
            // Its files are counted.
            Phase::Growing { .. } => {}
            Phase::Done { module } => bars.finish(module),
            Phase::Run { done, known } => {
                bars.show(WHOLE, VERSIONS, done as u64, known as u64);
            }
        }
    }

    fn interrupted(&self) -> bool {
        self.interrupt.is_set()
    }
}

impl Bars {
    /// Moves a bar; `counter` is a template, and a total of 0 is one that is unknown.
    fn show(&self, name: &str, counter: &str, done: u64, total: u64) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let bar = open.entry(name.to_owned()).or_insert_with(|| {
            let template = format!("{{bar:24}} {counter} {{msg}}");
            let style = ProgressStyle::with_template(&template)
                .unwrap_or_else(|_| ProgressStyle::default_bar());
            let bar = ProgressBar::no_length()
                .with_style(style)
                .with_message(name.to_owned());
            bar.enable_steady_tick(Duration::from_millis(200));
            match name {
                WHOLE => self.screen.insert(0, bar),
                _ => self.screen.add(bar),
            }
        });
        match total {
            0 => bar.unset_length(),
            _ => bar.set_length(total),
        }
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

#[cfg(test)]
mod tests {
    use indicatif::ProgressDrawTarget;

    use super::*;

    #[test]
    fn a_download_is_shown_in_bytes_until_its_version_is_done() {
        let progress = Progress {
            interrupt: Interrupt::default(),
            bars: Some(Bars {
                screen: MultiProgress::with_draw_target(ProgressDrawTarget::hidden()),
                open: Mutex::default(),
            }),
        };
        let module = "example.com/m@v1.0.0";
        let zip = tempfile::tempfile().unwrap();
        let bar = |bytes, total| {
            progress.report(Phase::Downloading {
                module,
                zip: &zip,
                bytes,
                total,
            });
            let open = progress.bars.as_ref().unwrap().open.lock().unwrap();
            let bar = &open[module];
            (bar.position(), bar.length(), bar.message())
        };
        assert_eq!(bar(10, None), (10, None, module.to_owned()));
        assert_eq!(bar(20, Some(500)), (20, Some(500), module.to_owned()));
        assert_eq!(bar(0, None), (0, None, module.to_owned()));
        progress.report(Phase::Done { module });
        let open = &progress.bars.as_ref().unwrap().open;
        assert!(open.lock().unwrap().is_empty());
    }
}
