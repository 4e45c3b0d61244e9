//! A repository on a server: listed once, then fetched as far as it is needed.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::{Context, Result, ensure};
use git2::{OdbLookupFlags, Oid, Repository};

use super::local::objects_only;
use super::locate::Remote;
use super::open::{Need, Progress, Wanted};
use super::protocol::{
    Advertisement, Depth, FetchRequest, PacketReader, Server, ServerError, Version, fetch, list,
    list_request,
};
use super::refs::Refs;
use super::store::{Bare, Kept, KeptLock, PackWriter, Store};
use super::transport::{Connector, Exchange, Kind, TransportSettings};

/// How many commits a server is told of that are there already; more cost more than they save.
const MOST_HAVES: usize = 1024;

/// A repository on a server, with what the store has of it.
pub(super) struct RemoteMirror {
    display: String,
    connector: Connector,
    progress: Arc<dyn Progress>,
    /// What the server can do, as it said when it listed its references.
    server: Server,
    kept: Kept,
    stored: Mutex<Stored>,
}

/// The two repositories in the store, opened to look for commits.
struct Stored {
    full: Repository,
    shallow: Repository,
}

impl RemoteMirror {
    /// Asks the server for its references and prepares the store.
    pub(super) fn open(
        display: &str,
        remote: &Remote,
        url: &str,
        store: &Store,
        settings: &TransportSettings,
        progress: Arc<dyn Progress>,
    ) -> Result<(RemoteMirror, Refs)> {
        let connector = Connector::new(remote, settings, Arc::clone(&progress))?;
        let listed = connector.retried(|| {
            let mut exchange = connector.connect()?;
            list_once(&mut *exchange).map_err(|error| exchange.explain(error))
        })?;
        let kept = store.remote(url);
        kept.prepare(url)?;
        let stored = Stored {
            full: objects_only([kept.full().objects().as_path()])?,
            shallow: objects_only([kept.shallow().objects().as_path()])?,
        };
        let mirror = RemoteMirror {
            display: display.to_owned(),
            connector,
            progress,
            server: listed.server,
            kept,
            stored: Mutex::new(stored),
        };
        Ok((mirror, listed.refs))
    }

    /// The object folders, the complete one first.
    pub(super) fn folders(&self) -> Vec<PathBuf> {
        vec![self.kept.full().objects(), self.kept.shallow().objects()]
    }

    /// The folder in the store, for messages.
    pub(super) fn folder(&self) -> &std::path::Path {
        self.kept.folder()
    }

    /// Tells whether everything that is listed is there with its history.
    pub(super) fn has_history(&self, refs: &Refs) -> bool {
        missing(&self.stored().full, refs.advertised().map(|(_, oid)| oid))
            .is_ok_and(|missing| missing.is_empty())
    }

    /// Fetches what is needed and not there.
    pub(super) fn require(&self, refs: &Refs, need: Need<'_>) -> Result<()> {
        match need {
            Need::History => self.history(refs),
            Need::Several(wanted) => self.commits(refs, wanted),
            Need::Commit { reference, oid } => {
                let reference = reference.map(str::to_owned);
                self.commits(refs, &[Wanted { reference, oid }])
            }
        }
    }

    fn commits(&self, refs: &Refs, wanted: &[Wanted]) -> Result<()> {
        let stored = self.stored();
        if stored.missing(wanted)?.is_empty() {
            return Ok(());
        }
        // With a complete repository there, what is new since is less than a whole tree.
        if self.kept.full().tips()?.is_empty() && self.server.can_be_shallow() {
            let lock = self.kept.lock()?;
            let missing = stored.missing(wanted)?;
            let Some(wants) = advertised(refs, &missing) else {
                drop((lock, stored));
                return self.history(refs);
            };
            match self.fetch_single(&lock, &missing, wants) {
                // The server will not send this commit, or not alone.
                Err(error) if error.is::<ServerError>() => {}
                Err(error) => return Err(error),
                Ok(()) if stored.missing(wanted)?.is_empty() => return Ok(()),
                Ok(()) => {}
            }
        }
        drop(stored);
        self.history(refs)
    }

    fn fetch_single(
        &self,
        lock: &KeptLock,
        missing: &[&Wanted],
        wants: BTreeSet<Oid>,
    ) -> Result<()> {
        if wants.is_empty() {
            return Ok(());
        }
        let target = self.kept.shallow();
        let tips = target.tips()?;
        let haves: Vec<Oid> = tips.iter().rev().take(MOST_HAVES).copied().collect();
        let shallow = target.shallow_commits()?;
        let request = FetchRequest {
            wants: wants.into_iter().collect(),
            shallow: shallow
                .into_iter()
                .filter(|oid| haves.contains(oid))
                .collect(),
            haves,
            depth: Depth::Single,
        };
        self.fetch(lock, &target, &request)?;
        let commits: BTreeSet<Oid> = tips
            .into_iter()
            .chain(missing.iter().map(|wanted| wanted.oid))
            .collect();
        target.record_tips(
            commits
                .into_iter()
                .map(|oid| (format!("refs/commits/{oid}"), oid)),
        )
    }

    fn history(&self, refs: &Refs) -> Result<()> {
        let stored = self.stored();
        let listed = || refs.advertised().map(|(_, oid)| oid);
        if missing(&stored.full, listed())?.is_empty() {
            return Ok(());
        }
        let lock = self.kept.lock()?;
        let wants = missing(&stored.full, listed())?;
        if wants.is_empty() {
            return Ok(());
        }
        let target = self.kept.full();
        let known = target.tips()?;
        let absent = missing(&stored.full, known.iter().copied())?;
        let request = FetchRequest {
            wants: wants.into_iter().collect(),
            haves: known
                .into_iter()
                .filter(|oid| !absent.contains(oid))
                .take(MOST_HAVES)
                .collect(),
            shallow: Vec::new(),
            depth: Depth::Complete,
        };
        self.fetch(&lock, &target, &request)?;
        let absent = missing(&stored.full, listed())?;
        if let Some(oid) = absent.first() {
            ensure!(
                absent.is_empty(),
                "the server did not send object {oid}, which it lists"
            );
        }
        let tips = refs.advertised().map(|(name, oid)| match name.as_str() {
            "HEAD" => ("refs/detached/HEAD".to_owned(), oid),
            _ => (name, oid),
        });
        target.record_tips(tips)
    }

    fn fetch(&self, lock: &KeptLock, target: &Bare, request: &FetchRequest) -> Result<()> {
        self.connector.retried(|| {
            let mut exchange = self.connector.connect()?;
            self.fetch_once(&mut *exchange, lock, target, request)
                .map_err(|error| exchange.explain(error))
        })
    }

    fn fetch_once(
        &self,
        exchange: &mut dyn Exchange,
        lock: &KeptLock,
        target: &Bare,
        request: &FetchRequest,
    ) -> Result<()> {
        let server = match exchange.kind() {
            Kind::Stateless => self.server.clone(),
            Kind::Stream => {
                Advertisement::read(&mut PacketReader::new(exchange.advertisement()?))?.server
            }
        };
        let mut writer = lock.pack_writer(&self.display, &*self.progress)?;
        let fetched = fetch(exchange, &server, request, &mut writer, PackWriter::failure)?;
        if request.depth == Depth::Single {
            let mut shallow: BTreeSet<Oid> = target.shallow_commits()?.into_iter().collect();
            shallow.extend(&fetched.shallow);
            shallow.retain(|oid| !fetched.unshallow.contains(oid));
            target.record_shallow(&shallow.into_iter().collect::<Vec<_>>())?;
        }
        writer.publish(target)
    }

    fn stored(&self) -> MutexGuard<'_, Stored> {
        self.stored.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Stored {
    fn missing<'w>(&self, wanted: &'w [Wanted]) -> Result<Vec<&'w Wanted>> {
        let in_full = missing(&self.full, wanted.iter().map(|wanted| wanted.oid))?;
        let nowhere = missing(&self.shallow, in_full.into_iter())?;
        Ok(wanted
            .iter()
            .filter(|wanted| nowhere.contains(&wanted.oid))
            .collect())
    }
}

/// The ids to ask for, or `None` when one is not listed: it needs the history.
fn advertised(refs: &Refs, missing: &[&Wanted]) -> Option<BTreeSet<Oid>> {
    missing
        .iter()
        .map(|wanted| refs.advertised_for(wanted.reference.as_deref(), wanted.oid))
        .collect()
}

/// The objects that a repository does not have.
fn missing(repository: &Repository, wanted: impl Iterator<Item = Oid>) -> Result<BTreeSet<Oid>> {
    let database = repository.odb()?;
    // Once for all of them, and not for each that is missing.
    database.refresh().context("cannot read the store")?;
    let absent = |oid: &Oid| !database.exists_ext(*oid, OdbLookupFlags::NO_REFRESH);
    Ok(wanted.filter(absent).collect())
}

fn list_once(exchange: &mut dyn Exchange) -> Result<Advertisement> {
    let mut told = Advertisement::read(&mut PacketReader::new(exchange.advertisement()?))?;
    if told.server.version == Version::Two {
        let answer = exchange.send(&list_request(&told.server))?;
        told.refs = list(&mut PacketReader::new(answer))?;
    }
    Ok(told)
}

#[cfg(test)]
mod tests;
