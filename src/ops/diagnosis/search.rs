//! The search of a history for the commit that a sum was recorded of.

use std::fmt;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::Result;
use git2::Oid;

use super::sums::{Reader, Reading, Sums};
use crate::checksum::{Part, dirhash};
use crate::coderepo::{CodeRepo, Place};
use crate::mirror::{self, Commit, Mirror};
use crate::module::ModuleVersion;
use crate::modzip;
use crate::ops::Monitor;
use crate::ops::parallel::in_parallel;
use crate::query::NotFound;

/// The most commits that are compared, those with a date near to that of the version first.
const MOST_COMMITS: usize = 2_000;

/// The most files that are listed in all commits together: a large tree takes a second for each million.
const MOST_FILES: usize = 5_000_000;

/// What to look for, and where.
pub(super) struct Search<'a> {
    pub(super) mirror: &'a Mirror,
    pub(super) place: &'a Place,
    pub(super) module: &'a ModuleVersion,
    /// What differs: without a recorded zip, or with one that nothing has, a go.mod is found alone.
    pub(super) part: Part,
    /// The recorded sum of the zip.
    pub(super) zip: Option<&'a str>,
    /// The recorded sum of the go.mod.
    pub(super) go_mod: Option<&'a str>,
    pub(super) sums: &'a Sums<'a>,
    pub(super) monitor: &'a dyn Monitor,
    pub(super) threads: NonZeroUsize,
}

/// How a search ends.
pub(super) enum Searched {
    /// A commit has the recorded zip, or the recorded go.mod.
    Found(Commit, Part),
    /// No commit has what was recorded.
    Nothing(Extent),
    /// The user does not want to wait.
    Interrupted,
}

/// How much of a history has been compared; displays as what that proves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Extent {
    /// Commits with other contents than the version's own.
    pub(super) commits: usize,
    /// Those of them that could not be read.
    pub(super) unreadable: usize,
    /// Whether there are more commits.
    pub(super) truncated: bool,
}

impl fmt::Display for Extent {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.truncated {
            let commits = self.commits;
            write!(
                formatter,
                "none of the {commits} commits compared, those nearest in time, has the recorded content; others were not compared"
            )?;
        } else {
            formatter.write_str(
                "no commit on the branches and tags of this mirror has the recorded content: it was removed from the history, or this is another repository",
            )?;
        }
        match self.unreadable {
            0 => Ok(()),
            some => write!(formatter, "; {some} commits could not be read"),
        }
    }
}

/// What the threads of a search share.
#[derive(Default)]
struct Board {
    /// The nearest commit with the recorded zip, as one more than its place in the list; 0 for none.
    zip: AtomicUsize,
    /// The nearest commit with the recorded go.mod, in the same way.
    go_mod: AtomicUsize,
    compared: AtomicUsize,
    unreadable: AtomicUsize,
    files: AtomicUsize,
}

impl Search<'_> {
    /// Compares the commits of all branches and tags, nearest to `commit` in time first.
    ///
    /// # Errors
    /// A history that cannot be walked.
    pub(super) fn run(&self, commit: Oid) -> Result<Searched> {
        let refs = self.mirror.refs();
        let tips = refs.head.iter().chain(refs.heads.values());
        let tips = tips.chain(refs.tags.values()).copied();
        let nearest =
            mirror::nearest_commits(&self.mirror.repository()?, tips, commit, MOST_COMMITS)?;
        let commits = &nearest.commits;
        let board = Board::default();
        // Each thread takes every so many-th commit, so that all go from near to far.
        let starts: Vec<usize> = (0..self.threads.get().min(commits.len())).collect();
        let ends = in_parallel(&starts, self.threads, |start, _| {
            let mine = (*start..commits.len()).step_by(starts.len());
            self.compare(commits, mine, &board)
        });
        for end in ends {
            end?;
        }
        let at = |place: &AtomicUsize| commits.get(place.load(Ordering::Relaxed).wrapping_sub(1));
        if let Some(found) = at(&board.zip) {
            return Ok(Searched::Found(*found, Part::Zip));
        }
        if self.monitor.interrupted() {
            return Ok(Searched::Interrupted);
        }
        if let Some(found) = at(&board.go_mod) {
            return Ok(Searched::Found(*found, Part::GoMod));
        }
        let compared = board.compared.into_inner();
        Ok(Searched::Nothing(Extent {
            commits: compared,
            unreadable: board.unreadable.into_inner(),
            truncated: nearest.truncated || compared < commits.len(),
        }))
    }

    fn compare(
        &self,
        commits: &[Commit],
        places: impl Iterator<Item = usize>,
        board: &Board,
    ) -> Result<()> {
        let module = CodeRepo::new(self.mirror, self.place.clone());
        let mut reader = self.sums.reader()?;
        for place in places {
            let Some(commit) = commits.get(place) else {
                break;
            };
            let found = board.zip.load(Ordering::Relaxed);
            if self.monitor.interrupted()
                || (found > 0 && found <= place)
                || board.files.load(Ordering::Relaxed) > MOST_FILES
            {
                break;
            }
            board.compared.fetch_add(1, Ordering::Relaxed);
            match self.has_recorded(&module, &mut reader, commit.id, board) {
                Ok(Some(Part::Zip)) => nearer(&board.zip, place + 1),
                Ok(Some(Part::GoMod)) => nearer(&board.go_mod, place + 1),
                Ok(None) => {}
                // A commit without the module is no commit that was looked for.
                Err(error) if error.is::<NotFound>() => {}
                Err(_) => {
                    board.unreadable.fetch_add(1, Ordering::Relaxed);
                }
            }
        }
        Ok(())
    }

    /// Tells what of a commit is as it was recorded. The go.mod costs little and comes first.
    fn has_recorded(
        &self,
        module: &CodeRepo<'_>,
        reader: &mut Reader,
        commit: Oid,
        board: &Board,
    ) -> Result<Option<Part>> {
        let version = &self.module.version;
        if let Some(recorded) = self.go_mod
            && dirhash::go_mod_sum(&module.go_mod_at(version, commit)?) != recorded
        {
            return Ok(None);
        }
        let otherwise = (self.part == Part::GoMod).then_some(Part::GoMod);
        let Some(recorded) = self.zip else {
            return Ok(otherwise);
        };
        let files = module.files_at(version, commit)?;
        board.files.fetch_add(files.files.len(), Ordering::Relaxed);
        let report = modzip::classify(&files.files, files.go_mod.as_deref());
        if report.check(&files.files).is_err() {
            return Ok(otherwise);
        }
        let sum = self
            .sums
            .zip(reader, &files.files, &report.included, Reading::AsArchived)?;
        Ok(if sum == recorded {
            Some(Part::Zip)
        } else {
            otherwise
        })
    }
}

/// Keeps the nearer of two places, of which 0 is none.
fn nearer(kept: &AtomicUsize, place: usize) {
    let _ = kept.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |kept| {
        (kept == 0 || place < kept).then_some(place)
    });
}
