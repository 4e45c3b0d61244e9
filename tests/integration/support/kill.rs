//! Programs that are killed at any moment, and what must be true of the cache afterwards.

use super::dice::Dice;
use super::sandbox::{Told, tell};
use super::tree::Listing;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Kills runs of a program at moments drawn over the time that it takes, however busy the machine is.
pub(crate) struct Kills {
    range: Duration,
    dice: Dice,
    runs: u32,
    at_work: u32,
}

impl Kills {
    /// Runs a command undisturbed, which must succeed, to learn the time that it takes. Gives what the command says
    /// as well.
    pub(crate) fn of(command: &mut Command) -> (Kills, Told) {
        let begin = Instant::now();
        let told = tell(command);
        assert_eq!(told.code, Some(0), "{told:#?}");
        let kills = Kills {
            range: begin.elapsed() * 11 / 10,
            dice: Dice(28835),
            runs: 0,
            at_work: 0,
        };
        (kills, told)
    }

    /// Starts a command, sends SIGKILL at some moment and waits for the end; gives the moment. A run that ends by
    /// itself tells how long they take now.
    pub(crate) fn kill(&mut self, command: &mut Command) -> Duration {
        let permille = u32::try_from(self.dice.throw(1000)).expect("a small number");
        let moment = self.range * permille / 1000;
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().expect("start");
        let begin = Instant::now();
        let end = loop {
            let rest = moment.saturating_sub(begin.elapsed());
            if rest.is_zero() {
                child.kill().expect("SIGKILL");
                break child.wait().expect("end");
            }
            if let Some(end) = child.try_wait().expect("a state") {
                break end;
            }
            std::thread::sleep(rest.min(Duration::from_millis(1)));
        };
        self.runs += 1;
        if end.code().is_none() {
            self.at_work += 1;
            self.range += self.range / 50;
        } else {
            self.range = begin.elapsed() * 11 / 10;
        }
        moment
    }

    /// Demands that many of the runs were still at work when they were killed.
    pub(crate) fn assert_many(&self) {
        let Kills { runs, at_work, .. } = self;
        assert!(
            *at_work >= runs / 3,
            "only {at_work} of {runs} were at work"
        );
    }
}

/// Demands of a cache that whatever has its final name in it is as in the whole cache, and that every folder
/// which counts is complete. Lists may lack versions, and what is not in the whole cache is not looked at.
pub(crate) fn assert_nothing_half(whole: &Listing, found: &Listing, moment: Duration) {
    let versions: Vec<Version> = whole.keys().filter_map(|name| Version::of(name)).collect();
    let contents = |text: &str| text.split_once(' ').map(|(_, rest)| rest.to_owned());
    for (name, expected) in whole {
        let version = versions.iter().find(|version| version.has(name));
        let counts = version.is_none_or(|version| version.counts(found));
        match found.get(name) {
            None if version.is_some() => {
                assert!(
                    !counts,
                    "a folder that counts lacks {name} after {moment:?}"
                );
            }
            // Modes come last.
            Some(content)
                if counts && !expected.ends_with("folder") && !name.ends_with("/@v/list") =>
            {
                let equal = contents(expected) == contents(content);
                assert!(equal, "{name} is {content} after {moment:?}");
            }
            _ => {}
        }
    }
}

/// A version in a listing.
struct Version {
    /// `<path>@<version>`
    folder: String,
    /// `cache/download/<path>/@v/<version>`
    files: String,
}

impl Version {
    fn of(zip_hash: &str) -> Option<Version> {
        let files = zip_hash.strip_suffix(".ziphash")?;
        let name = files.strip_prefix("cache/download/")?;
        let (path, version) = name.split_once("/@v/")?;
        Some(Version {
            folder: format!("{path}@{version}"),
            files: files.to_owned(),
        })
    }

    fn has(&self, name: &str) -> bool {
        let rest = name.strip_prefix(&self.folder);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// Go's own rule, `DownloadDir` in `modfetch/cache.go`.
    fn counts(&self, found: &Listing) -> bool {
        let has = |suffix: &str| found.contains_key(&format!("{}.{suffix}", self.files));
        found.contains_key(&self.folder) && has("ziphash") && !has("partial")
    }
}
