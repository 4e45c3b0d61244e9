//! The folder that keeps what was fetched, one subfolder per URL or bundle.
//!
//! ```text
//! <store>/<sha-256 of the URL without credentials>/
//!     info       the URL, for people
//!     lock       flock(2) while something is fetched
//!     incoming/  the pack that is being received; swept under the lock
//!     full/      bare repository: branches and tags with their history
//!     shallow/   bare repository: single commits without history
//! <store>/bundle-<name of the bundle's content>/
//!     info, lock, incoming/, full/
//! ```
//!
//! Readers need no lock: a pack becomes visible when its index is renamed into place, after the pack.
//! Everything reachable from an object in `full` is in `full` too, so a commit that is there has its
//! whole history there. Both are ordinary bare repositories that git itself can look into.

use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result, anyhow, bail};
use git2::Oid;
use sha2::{Digest, Sha256};

use super::bundle::Bundle;
use super::local::{objects_only, parse_oid, peel};
use super::open::Progress;
use super::refs::Refs;
use crate::disk::{self, FileLock};
use crate::web::Interrupted;

/// The folder under the user's cache that keeps fetched repositories.
#[derive(Debug, Clone)]
pub struct Store {
    root: PathBuf,
}

impl Store {
    /// Uses a folder, which is created when something is fetched.
    pub fn new(root: impl Into<PathBuf>) -> Store {
        Store { root: root.into() }
    }

    /// Gives the place of a remote repository; the URL must be without credentials.
    pub(crate) fn remote(&self, url: &str) -> Kept {
        let hash = Sha256::digest(url.as_bytes());
        let name: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        Kept {
            folder: self.root.join(name),
        }
    }

    /// Indexes a bundle unless an earlier run did, and gives its place and references.
    pub(crate) fn bundle(
        &self,
        path: &Path,
        mirror: &str,
        progress: &dyn Progress,
    ) -> Result<(Kept, Refs, Bundle)> {
        let mut bundle = Bundle::open(path)?;
        let kept = Kept {
            folder: self.root.join(format!("bundle-{}", bundle.name)),
        };
        let info = kept.folder.join("info");
        if !disk::is_file(&info) {
            let lock = kept.lock()?;
            // The other process that held the lock may have indexed it.
            if !disk::is_file(&info) {
                let mut writer = lock.pack_writer(mirror, progress)?;
                std::io::copy(&mut bundle.pack, &mut writer)
                    .map_err(|error| writer.failure(error))?;
                writer.publish(&kept.full())?;
                disk::write_atomic(&info, format!("{mirror}\n").as_bytes())?;
            }
        }
        let repository = objects_only([kept.full().objects().as_path()])?;
        let mut refs = Refs::default();
        for (name, oid) in &bundle.header.refs {
            refs.insert(name, *oid, peel(&repository, *oid));
        }
        Ok((kept, refs, bundle))
    }
}

/// The folder of one remote repository or bundle.
#[derive(Debug, Clone)]
pub(crate) struct Kept {
    folder: PathBuf,
}

impl Kept {
    /// The repository with history.
    pub(crate) fn full(&self) -> Bare {
        Bare {
            folder: self.folder.join("full"),
        }
    }

    /// The repository of single commits.
    pub(crate) fn shallow(&self) -> Bare {
        Bare {
            folder: self.folder.join("shallow"),
        }
    }

    /// The folder itself, for messages.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Creates the two repositories, so that whoever opens them now sees what comes later, and writes
    /// down for people whose folder this is. Needs no lock.
    pub(crate) fn prepare(&self, url: &str) -> Result<()> {
        self.full().create()?;
        self.shallow().create()?;
        let info = self.folder.join("info");
        match disk::is_file(&info) {
            true => Ok(()),
            false => disk::write_atomic(&info, format!("{url}\n").as_bytes()),
        }
    }

    /// Waits until no other process fetches into this folder, and removes what a killed one left.
    pub(crate) fn lock(&self) -> Result<KeptLock> {
        let lock = FileLock::exclusive(&self.folder.join("lock"))?;
        let incoming = self.folder.join("incoming");
        disk::tree::remove_all(&incoming)?;
        disk::create_dir_all(&incoming)?;
        self.full().create()?;
        Ok(KeptLock {
            incoming,
            _lock: lock,
        })
    }
}

/// The right to add to a [`Kept`] folder.
#[derive(Debug)]
pub(crate) struct KeptLock {
    incoming: PathBuf,
    _lock: FileLock,
}

impl KeptLock {
    /// Starts to receive a pack.
    pub(crate) fn pack_writer<'p>(
        &self,
        mirror: &str,
        progress: &'p dyn Progress,
    ) -> Result<PackWriter<'p>> {
        let mut indexer = git2::Indexer::new(None, &self.incoming, 0, false)
            .with_context(|| format!("cannot create a pack in {}", self.incoming.display()))?;
        let interrupted = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&interrupted);
        let mirror = mirror.to_owned();
        indexer.progress(move |state| {
            progress.received(
                &mirror,
                state.received_objects() as u64,
                state.total_objects() as u64,
                state.received_bytes() as u64,
            );
            let stop = progress.interrupted();
            seen.fetch_or(stop, Ordering::Relaxed);
            !stop
        });
        Ok(PackWriter {
            indexer,
            incoming: self.incoming.clone(),
            header: Vec::with_capacity(12),
            interrupted,
        })
    }
}

/// A pack on its way into a repository: written as it comes in, indexed, then published whole.
pub(crate) struct PackWriter<'p> {
    indexer: git2::Indexer<'p>,
    incoming: PathBuf,
    header: Vec<u8>,
    interrupted: Arc<AtomicBool>,
}

impl PackWriter<'_> {
    /// Checks the pack, resolves its deltas and makes it visible in a repository.
    ///
    /// Fails where the checksum is wrong or an object is missing that a delta is based on. A pack
    /// without objects is dropped.
    pub(crate) fn publish(self, target: &Bare) -> Result<()> {
        let count = match self.header.get(..12) {
            Some([b'P', b'A', b'C', b'K', _, _, _, _, count @ ..]) => count,
            _ => bail!("the pack is cut off"),
        };
        if count == [0; 4] {
            return Ok(());
        }
        let PackWriter {
            indexer,
            incoming,
            interrupted,
            ..
        } = self;
        let name = match indexer.commit() {
            Ok(name) => name,
            Err(_) if interrupted.load(Ordering::Relaxed) => return Err(Interrupted.into()),
            Err(error) => return Err(anyhow!(error).context("the pack is damaged")),
        };
        let packs = target.objects().join("pack");
        // The index last: readers look for indexes.
        for extension in ["pack", "idx"] {
            let file = format!("pack-{name}.{extension}");
            disk::rename(&incoming.join(&file), &packs.join(&file))?;
        }
        Ok(())
    }

    /// Names the reason for an error of `write`.
    pub(crate) fn failure(&self, error: std::io::Error) -> anyhow::Error {
        if self.interrupted.load(Ordering::Relaxed) {
            return Interrupted.into();
        }
        // An error of libgit2's about the content, as opposed to one of the stream that is copied.
        match error
            .get_ref()
            .is_some_and(|inner| inner.is::<git2::Error>())
        {
            true => anyhow!(error).context("the pack is damaged"),
            false => anyhow!(error).context("the pack cannot be read"),
        }
    }
}

impl Write for PackWriter<'_> {
    fn write(&mut self, data: &[u8]) -> std::io::Result<usize> {
        let missing = 12_usize.saturating_sub(self.header.len());
        if missing > 0 {
            self.header
                .extend_from_slice(data.get(..missing).unwrap_or(data));
            let signature = self.header.get(..4).unwrap_or(&self.header);
            if !b"PACK".starts_with(signature) {
                return Err(std::io::Error::new(
                    ErrorKind::InvalidData,
                    "there is no pack where one should be",
                ));
            }
        }
        self.indexer.write(data)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// A bare repository in the store.
#[derive(Debug, Clone)]
pub(crate) struct Bare {
    folder: PathBuf,
}

impl Bare {
    /// The folder to give to [`objects_only`].
    pub(crate) fn objects(&self) -> PathBuf {
        self.folder.join("objects")
    }

    /// Creates what git needs to see a bare repository there.
    fn create(&self) -> Result<()> {
        disk::create_dir_all(&self.folder.join("objects/pack"))?;
        disk::create_dir_all(&self.folder.join("refs"))?;
        let files = [
            (
                "config",
                "[core]\n\trepositoryformatversion = 0\n\tbare = true\n",
            ),
            ("HEAD", "ref: refs/heads/main\n"),
        ];
        for (name, content) in files {
            let path = self.folder.join(name);
            if !disk::is_file(&path) {
                disk::write_atomic(&path, content.as_bytes())?;
            }
        }
        Ok(())
    }

    /// The commits and tags that earlier fetches asked for.
    pub(crate) fn tips(&self) -> Result<Vec<Oid>> {
        let content = disk::read_optional(&self.folder.join("packed-refs"))?.unwrap_or_default();
        let ids = content.split(|byte| *byte == b'\n');
        Ok(ids.filter_map(|line| parse_oid(line.get(..40)?)).collect())
    }

    /// Records what was fetched, under the lock.
    pub(crate) fn record_tips(&self, tips: impl IntoIterator<Item = (String, Oid)>) -> Result<()> {
        let mut lines: Vec<_> = tips
            .into_iter()
            .map(|(name, oid)| format!("{name} {oid}"))
            .filter(|line| !line.contains('\\'))
            .collect();
        lines.sort_unstable();
        let mut content = String::from("# pack-refs with: sorted\n");
        for line in lines {
            if let Some((name, oid)) = line.rsplit_once(' ') {
                content.push_str(&format!("{oid} {name}\n"));
            }
        }
        disk::write_atomic(&self.folder.join("packed-refs"), content.as_bytes())
    }

    /// The commits whose parents were left out.
    pub(crate) fn shallow_commits(&self) -> Result<Vec<Oid>> {
        let content = disk::read_optional(&self.folder.join("shallow"))?.unwrap_or_default();
        let lines = content.split(|byte| *byte == b'\n');
        Ok(lines.filter_map(parse_oid).collect())
    }

    /// Records the commits whose parents were left out, under the lock and before their pack is visible.
    pub(crate) fn record_shallow(&self, commits: &[Oid]) -> Result<()> {
        let content: String = commits.iter().map(|oid| format!("{oid}\n")).collect();
        disk::write_atomic(&self.folder.join("shallow"), content.as_bytes())
    }
}

#[cfg(test)]
mod tests;
