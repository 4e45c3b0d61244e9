//! The front of a repository: open it, list its references, get what is needed, read.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result, bail, ensure};
use git2::{Oid, Repository};

use super::local::{self, objects_only};
use super::locate::{Location, Place};
use super::refs::Refs;
use super::remote::RemoteMirror;
use super::store::Store;
use super::transport::TransportSettings;
use crate::web::Interrupt;

/// Is told how a transfer goes, and says when to stop.
pub trait Progress: Interrupt {
    /// Tells how much of a pack has come in; `total` is 0 while it is not known. `mirror` is the name for
    /// messages, without credentials. It is called often and from any thread, so it must be quick.
    fn received(&self, mirror: &str, objects: u64, total: u64, bytes: u64);
}

/// One commit that is needed, and the full name of the reference it was found by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// `HEAD`, `refs/heads/…` or `refs/tags/…`, where it is known.
    pub reference: Option<String>,
    /// The commit, an annotated tag peeled.
    pub oid: Oid,
}

/// What has to be in reach of [`Mirror::repository`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need<'a> {
    /// One commit with its files; its parents may be missing. A commit that no listed reference stands
    /// for needs the history, because only what a branch or tag reaches is ever fetched.
    Commit {
        /// The full name of the reference it was found by, where it is known.
        reference: Option<&'a str>,
        /// The commit, an annotated tag peeled.
        oid: Oid,
    },
    /// Several commits, in one round trip.
    Several(&'a [Wanted]),
    /// All branches and tags with their history.
    History,
}

/// A repository, opened: its references as of this run, and its objects.
pub struct Mirror {
    display: String,
    origin: Option<String>,
    refs: Refs,
    source: Source,
}

enum Source {
    /// Complete as far as it ever will be.
    Fixed {
        objects: PathBuf,
        shallow: bool,
        partial: bool,
    },
    /// Fetched from a server as far as it is needed.
    Remote(Box<RemoteMirror>),
}

impl Mirror {
    /// Opens a repository and lists its references; of a remote one that is one round trip.
    ///
    /// Fails where there is nothing to read, where the server cannot be reached or refuses, and for
    /// repositories that are empty or have SHA-256 objects. The error names the repository.
    pub fn open(
        location: &Location,
        store: &Store,
        settings: &TransportSettings,
        progress: Arc<dyn Progress>,
    ) -> Result<Mirror> {
        let display = location.to_string();
        let opened = match location.place() {
            Place::Repository(path) => open_local(path),
            Place::Bundle(path) => open_bundle(path, store, &display, &*progress),
            Place::Remote(remote) => {
                let url = location.origin_url().unwrap_or(&display);
                RemoteMirror::open(&display, remote, url, store, settings, progress)
                    .map(|(remote, refs)| (Source::Remote(Box::new(remote)), refs))
            }
        };
        let (source, refs) =
            opened.with_context(|| format!("cannot read repository `{display}`"))?;
        ensure!(
            !refs.is_empty(),
            "repository `{display}` is empty: it has no branch and no tag"
        );
        Ok(Mirror {
            display,
            origin: location.origin_url().map(str::to_owned),
            refs,
            source,
        })
    }

    /// Gives the references as they were listed when the mirror was opened.
    pub fn refs(&self) -> &Refs {
        &self.refs
    }

    /// Gives the URL without credentials, or `None` for what is on this machine.
    pub fn origin_url(&self) -> Option<&str> {
        self.origin.as_deref()
    }

    /// Gives the name for messages, without credentials.
    pub fn display(&self) -> &str {
        &self.display
    }

    /// Makes sure that something can be read, and fetches it where it is missing.
    pub fn require(&self, need: Need<'_>) -> Result<()> {
        match &self.source {
            Source::Fixed { shallow, .. } => match need {
                Need::History if *shallow => bail!(
                    "repository `{}` is a shallow clone, and its history is needed; `git fetch \
                     --unshallow` gets it",
                    self.display
                ),
                _ => Ok(()),
            },
            Source::Remote(remote) => remote
                .require(&self.refs, need)
                .with_context(|| format!("cannot fetch from repository `{}`", self.display)),
        }
    }

    /// Tells whether the history of all branches and tags can be read without another fetch.
    pub fn has_history(&self) -> bool {
        match &self.source {
            Source::Fixed { shallow, .. } => !shallow,
            Source::Remote(remote) => remote.has_history(&self.refs),
        }
    }

    /// Opens the objects for the calling thread, as a repository without references and configuration.
    ///
    /// What [`Self::require`] fetches later is seen by handles that were opened before. Commits at the end
    /// of a shallow history name parents that cannot be found. `Repository::path` must not be called on
    /// it: there is no single one.
    pub fn repository(&self) -> Result<Repository> {
        let folders = match &self.source {
            Source::Fixed { objects, .. } => vec![objects.clone()],
            Source::Remote(remote) => remote.folders(),
        };
        objects_only(folders.iter().map(PathBuf::as_path))
            .with_context(|| format!("cannot read repository `{}`", self.display))
    }

    /// Makes the error for an object that should be there and is not; `path` is the file it stands for.
    pub fn object_missing(&self, oid: Oid, path: Option<&str>) -> anyhow::Error {
        let file = path.map(|path| format!(" (`{path}`)")).unwrap_or_default();
        let reason = match &self.source {
            Source::Fixed { partial: true, .. } => {
                "it is a partial clone, made without this object".to_owned()
            }
            Source::Fixed { shallow: true, .. } => {
                "it is a shallow clone, made without this object".to_owned()
            }
            Source::Fixed { .. } => "it is damaged".to_owned(),
            Source::Remote(remote) => format!(
                "its copy in {} is damaged and can be removed",
                remote.folder().display()
            ),
        };
        anyhow::anyhow!(
            "repository `{}` lacks object {oid}{file}: {reason}",
            self.display
        )
    }
}

impl fmt::Debug for Mirror {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_tuple("Mirror")
            .field(&self.display)
            .finish()
    }
}

fn open_local(path: &std::path::Path) -> Result<(Source, Refs)> {
    let folders = local::Folders::find(path)?.context("there is no repository any more")?;
    let repository = folders.open()?;
    let source = Source::Fixed {
        objects: repository.objects,
        shallow: repository.shallow,
        partial: repository.partial,
    };
    Ok((source, repository.refs))
}

fn open_bundle(
    path: &std::path::Path,
    store: &Store,
    display: &str,
    progress: &dyn Progress,
) -> Result<(Source, Refs)> {
    let (kept, refs, bundle) = store.bundle(path, display, progress)?;
    let source = Source::Fixed {
        objects: kept.full().objects(),
        shallow: false,
        partial: bundle.header.filtered,
    };
    Ok((source, refs))
}
