//! The client: records, proven to be in the tree that the database shows to everybody.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use anyhow::{Context, Error, Result, bail, ensure};

use super::files::{Files, Latest, Replaced, record_path};
use super::note::{InvalidNote, VerifierKey};
use super::offered::{self, OfferedFile};
use super::once::{Once, Shared};
use super::proven::{Misfit, Proven};
use super::security::{Misbehavior, SecurityError};
use super::tiles::{AbsentTile, TileStore};
use super::tlog::{self, Hash, Hashes};
use super::tree::{Record, Tree};
use crate::checksum::{Mismatch, Part};
use crate::module::ModuleVersion;

/// The largest answer to a lookup in bytes. Real ones have some 400.
pub(super) const MAX_ANSWER: u64 = 1 << 20;

/// The most of a note, in bytes, that an error quotes.
const MAX_QUOTE: usize = 4 << 10;

/// The network side of a checksum database.
pub trait Remote: Send + Sync {
    /// Gives the content at a path below the root of the database (`lookup/…`, `tile/…`), or nothing where it
    /// has none (404, 410).
    ///
    /// # Errors
    /// Any other answer, one of more than `limit` bytes, or none.
    fn read(&self, path: &str, limit: u64) -> Result<Option<Vec<u8>>>;
}

/// A module version that the database does not know, or an answer without the line that was asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{module}{part}: checksum database {database} has no sum")]
pub struct Unlisted {
    /// The module and its version.
    pub module: ModuleVersion,
    /// What of it has no sum.
    pub part: Part,
    /// The name of the database.
    pub database: String,
}

/// A client of a checksum database, as `golang.org/x/mod/sumdb` has it. Any number of threads may ask it.
///
/// What is verified is kept in [`Files`]: a record only after all tiles that prove it, in its own tree and in
/// every later one that was seen. So whoever has these files can verify the record without the network.
pub struct Client {
    key: VerifierKey,
    tiles: TileStore,
    latest: Mutex<Head>,
    start: OnceLock<Result<(), Shared>>,
    records: Once<String, Arc<str>>,
}

/// A tree, and the note with which the database signed it.
#[derive(Clone, PartialEq, Eq)]
struct Head {
    tree: Tree,
    note: Arc<[u8]>,
}

/// When a tree was, as seen from the latest that is known.
#[derive(Clone, Copy, PartialEq, Eq)]
enum When {
    Past,
    Now,
    /// Later: it is the latest now.
    Future,
}

impl Client {
    /// Makes a client that has asked for nothing yet.
    pub fn new(key: VerifierKey, remote: Box<dyn Remote>, files: Files) -> Client {
        Client {
            key,
            tiles: TileStore::new(remote, files),
            latest: Mutex::new(Head {
                tree: Tree::EMPTY,
                note: Arc::default(),
            }),
            start: OnceLock::new(),
            records: Once::default(),
        }
    }

    /// Gives the name of the database.
    pub fn name(&self) -> &str {
        self.key.name()
    }

    /// Gives a file as the database has it now, for somebody else who will verify it; nothing where it has none.
    ///
    /// # Errors
    /// Whatever keeps it from being read.
    pub fn pass_on(&self, file: &OfferedFile) -> Result<Option<Vec<u8>>> {
        self.tiles.remote().read(&file.path()?, offered::MAX_SIZE)
    }

    /// Takes in the tree that somebody else has seen last, as it was signed, and gives the latest of all: it and
    /// theirs are two moments of one history. Nothing is what those give who have seen none.
    ///
    /// # Errors
    /// [`SecurityError`] for a tree of another history, or one that the database did not sign; and all that can go
    /// wrong with files and the network.
    pub fn meet(&self, theirs: &[u8]) -> Result<Vec<u8>> {
        self.start()?;
        self.merge(theirs)?;
        self.flush()?;
        Ok(self.latest().note.to_vec())
    }

    /// Lists the tiles that have proven something, as they are in [`Files`].
    pub fn tiles(&self) -> Vec<OfferedFile> {
        self.tiles.in_files()
    }

    /// Checks a sum against the database.
    ///
    /// # Errors
    /// [`Mismatch`] when the database has another sum, [`Unlisted`] when it has none, [`SecurityError`] when it
    /// misbehaves; and all that can go wrong with files and the network.
    pub fn check(&self, module: &ModuleVersion, part: Part, sum: &str) -> Result<()> {
        let lines = self.lookup(module, part)?;
        let decisive = |recorded: &&String| *recorded == sum || recorded.starts_with("h1:");
        match lines.iter().find(decisive) {
            Some(recorded) if recorded == sum => Ok(()),
            Some(recorded) => Err(Mismatch {
                module: module.clone(),
                part,
                found: sum.to_owned(),
                recorder: self.name().to_owned(),
                recorded: recorded.clone(),
                reasons: Vec::new(),
            }
            .into()),
            None => Err(self.unlisted(module, part)),
        }
    }

    /// Gives the sums that the database has for a part of a module version, which may be none.
    ///
    /// # Errors
    /// As for [`Self::check`]; [`Unlisted`] only when the database does not know the version at all.
    pub fn lookup(&self, module: &ModuleVersion, part: Part) -> Result<Vec<String>> {
        let path = record_path(module)?;
        let text = self.records.get(path.clone(), || {
            let text = self.start().map_err(Error::from);
            text.and_then(|()| self.record(&path, module, part))
                .map_err(|cause| {
                    let what = format!("{module}: cannot be looked up in {}", self.name());
                    Shared::new(what, cause)
                })
        })?;
        let prefix = format!("{} {}{part} ", module.path, module.version);
        let sums = text.lines().filter_map(|line| line.strip_prefix(&prefix));
        Ok(sums.map(str::to_owned).collect())
    }

    fn unlisted(&self, module: &ModuleVersion, part: Part) -> Error {
        let database = self.name().to_owned();
        Error::from(Unlisted {
            module: module.clone(),
            part,
            database,
        })
    }

    /// Reads both notes of a latest tree, once.
    fn start(&self) -> Result<(), Shared> {
        let start = || -> Result<()> {
            for which in [Latest::Known, Latest::Cached] {
                let files = self.tiles.files();
                let merged = files.latest(which).and_then(|note| self.merge(&note));
                merged.with_context(|| format!("cannot use {}", files.path_of(which).display()))?;
            }
            self.flush()
        };
        let what = || "cannot tell which tree is the latest".to_owned();
        self.start
            .get_or_init(|| start().map_err(|cause| Shared::new(what(), cause)))
            .clone()
    }

    /// Gives the text of a proven record.
    fn record(&self, path: &str, module: &ModuleVersion, part: Part) -> Result<Arc<str>> {
        let cached = self.tiles.files().read(path, MAX_ANSWER);
        let cached = cached.filter(|answer| Record::parse(answer).is_some());
        let is_new = cached.is_none();
        let answer = match cached {
            Some(answer) => answer,
            None => {
                let answer = self.tiles.remote().read(path, MAX_ANSWER)?;
                answer.ok_or_else(|| self.unlisted(module, part))?
            }
        };
        ensure!(
            answer.len() as u64 <= MAX_ANSWER,
            "the answer has more than {MAX_ANSWER} bytes"
        );
        let record = Record::parse(&answer).context("malformed record data")?;
        if self.merge(record.note)? == When::Future {
            self.flush()?;
        }
        self.prove(record)?;
        if is_new {
            self.tiles.files().write(path, &answer)?;
        }
        Ok(Arc::from(record.text))
    }

    /// Proves a record in the latest tree, then in its own, whose tiles those need who know no later one.
    fn prove(&self, record: Record<'_>) -> Result<()> {
        let Record { number, text, note } = record;
        let latest = self.latest().clone();
        ensure!(
            number < latest.tree.size,
            "cannot validate record {number} in tree of size {}",
            latest.tree.size
        );
        let own = self.open(note)?;
        let is_older = own.tree != latest.tree && number < own.tree.size;
        for head in [Some(latest), is_older.then_some(own)]
            .into_iter()
            .flatten()
        {
            let hashes = self.read(&head, &[tlog::index(0, number)])?;
            if hashes != [Hash::of_record(text.as_bytes())] {
                bail!(self.misbehavior(Misbehavior::Record {
                    number,
                    text: quotable(text.as_bytes()),
                    note: quotable(&head.note),
                }));
            }
        }
        Ok(())
    }

    /// Brings the files up to date with the latest tree in memory, taking in what others have written there.
    fn flush(&self) -> Result<()> {
        for which in [Latest::Known, Latest::Cached] {
            loop {
                let files = self.tiles.files();
                let note = files.latest(which)?;
                if self.merge(&note)? != When::Past {
                    break;
                }
                let latest = self.latest().note.clone();
                if files.replace_latest(which, &note, &latest)? == Replaced::Yes {
                    break;
                }
            }
        }
        Ok(())
    }

    /// Takes in a signed note: it and the latest tree must be two moments of one history.
    fn merge(&self, note: &[u8]) -> Result<When> {
        let mut latest = self.latest().clone();
        if note.is_empty() {
            return Ok(match latest.tree.size {
                0 => When::Now,
                _ => When::Past,
            });
        }
        let head = self.open(note)?;
        loop {
            if head.tree == latest.tree {
                return Ok(When::Now);
            }
            if head.tree.size <= latest.tree.size {
                self.check_history(&head, &latest)
                    .map_err(|error| self.backwards(error, &head, &latest))?;
                return Ok(When::Past);
            }
            self.check_history(&latest, &head)?;
            // Tiles were read meanwhile, and another thread may have got further.
            let mut present = self.latest();
            if *present == latest {
                *present = head;
                return Ok(When::Future);
            }
            latest = present.clone();
        }
    }

    /// Checks that a tree begins with the records of another.
    fn check_history(&self, older: &Head, newer: &Head) -> Result<()> {
        let (old, new) = (older.tree, newer.tree);
        let hashes = self.proven(newer);
        let implied = tlog::tree_hash(old.size, &hashes)
            .map_err(|error| self.misfit(error, newer))
            .with_context(|| format!("checking tree#{} against tree#{}", old.size, new.size))?;
        if implied == old.hash {
            return Ok(());
        }
        let proof = tlog::consistency_proof(old.size, new.size, &hashes).unwrap_or_default();
        let valid = (new.size, new.hash);
        let proof = match tlog::is_consistent(&proof, valid, (old.size, implied)) {
            true => proof,
            false => Vec::new(),
        };
        Err(self.misbehavior(Misbehavior::Fork {
            older: quotable(&older.note),
            newer: quotable(&newer.note),
            implied,
            proof,
        }))
    }

    fn open(&self, note: &[u8]) -> Result<Head> {
        let text = match self.key.open(note) {
            Ok(text) => text,
            Err(InvalidNote::Malformed) => bail!("malformed note of a tree"),
            Err(invalid) => bail!(self.misbehavior(Misbehavior::Signature {
                note: quotable(note),
                reason: invalid.to_string(),
            })),
        };
        Ok(Head {
            tree: Tree::parse(text).context("malformed tree note")?,
            note: Arc::from(note),
        })
    }

    fn read(&self, head: &Head, indexes: &[u64]) -> Result<Vec<Hash>> {
        let hashes = self.proven(head).read(indexes);
        hashes.map_err(|error| self.misfit(error, head))
    }

    fn proven(&self, head: &Head) -> Proven<'_, TileStore> {
        Proven {
            tree: head.tree,
            tiles: &self.tiles,
        }
    }

    fn misfit(&self, error: Error, head: &Head) -> Error {
        match error.downcast_ref::<Misfit>() {
            Some(misfit) => self.misbehavior(Misbehavior::Tile {
                tile: misfit.path.clone(),
                note: quotable(&head.note),
            }),
            None => error,
        }
    }

    /// A smaller tree than the latest is nothing unusual, as long as the database still has the latter.
    fn backwards(&self, error: Error, now: &Head, before: &Head) -> Error {
        let absent = error
            .chain()
            .find_map(|cause| cause.downcast_ref::<AbsentTile>());
        match absent {
            Some(AbsentTile { path }) if now.tree.size < before.tree.size => {
                self.misbehavior(Misbehavior::WentBackwards {
                    older: quotable(&now.note),
                    newer: quotable(&before.note),
                    tile: path.clone(),
                })
            }
            _ => error,
        }
    }

    fn misbehavior(&self, misbehavior: Misbehavior) -> Error {
        Error::from(SecurityError {
            database: self.name().to_owned(),
            misbehavior,
        })
    }

    fn latest(&self) -> MutexGuard<'_, Head> {
        self.latest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Makes a text of what came from outside, and a short one.
fn quotable(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text.get(..MAX_QUOTE).unwrap_or(text));
    text.into_owned()
}
