//! Programs that are killed at any moment, and what must be true of the cache afterwards.

use super::dice::Dice;
use super::sandbox::{Told, tell};
use super::tree::Listing;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Moments at which to kill a program, drawn over the time that it takes.
pub(crate) struct Moments {
    range: Duration,
    dice: Dice,
}

impl Moments {
    /// Runs a command undisturbed, which must succeed, and spreads the moments over the time that it takes and a
    /// tenth more, so that some runs end by themselves. Gives what the command says as well.
    pub(crate) fn of(command: &mut Command) -> (Moments, Told) {
        let begin = Instant::now();
        let told = tell(command);
        assert_eq!(told.code, Some(0), "{told:#?}");
        let range = begin.elapsed() * 11 / 10;
        let dice = Dice(28835);
        (Moments { range, dice }, told)
    }
}

impl Iterator for Moments {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        let permille = u32::try_from(self.dice.throw(1000)).expect("a small number");
        Some(self.range * permille / 1000)
    }
}

/// Starts a command, sends SIGKILL at the moment and waits for the end; tells whether it was still at work.
pub(crate) fn kill(command: &mut Command, moment: Duration) -> bool {
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().expect("start");
    std::thread::sleep(moment);
    child.kill().expect("SIGKILL");
    child.wait().expect("end").code().is_none()
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
