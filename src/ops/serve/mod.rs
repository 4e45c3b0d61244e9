//! The module cache, served to go.

mod sources;

use std::num::NonZeroUsize;
use std::sync::Arc;

use anyhow::Result;

use self::sources::Sources;
use super::{Repositories, SumDatabase};
use crate::cache::Cache;
use crate::checksum::SumFiles;
use crate::disk;
use crate::goenv::FolderMode;
use crate::server::{Listen, Log, Server, Settings, Upstream};
use crate::source::Mirrors;

/// What to serve, and how.
pub struct ServeOptions {
    /// The cache.
    pub cache: Cache,
    /// How it is served.
    pub settings: Settings,
    /// Where what it has not comes from; none for a cache that is only read.
    pub fetching: Option<Fetching>,
    /// Who hears of every request.
    pub log: Option<Arc<dyn Log>>,
}

/// Where modules come from.
pub struct Fetching {
    /// The sums that must match.
    pub sums: SumFiles,
    /// Whether the folders of extracted trees stay writable.
    pub folder_mode: FolderMode,
    /// Threads that make one zip.
    pub threads: NonZeroUsize,
    /// Opens the way to sources anew: rules may have changed, and what sources say is kept by whom it opens.
    pub open: Box<Opening>,
}

/// Opens the way to sources.
pub type Opening = dyn Fn() -> Result<Opened> + Send + Sync;

/// The way to sources.
pub struct Opened {
    /// The mirrors in force.
    pub mirrors: Mirrors,
    /// Their repositories, of which none is open yet.
    pub repositories: Repositories,
    /// The checksum database that is asked.
    pub database: Option<SumDatabase>,
}

/// Serves until a signal comes, and then until those who have asked are answered. `listening` hears of
/// the address once connections are taken there.
///
/// # Errors
/// An address that cannot be listened at.
pub fn serve(options: ServeOptions, listening: impl FnOnce(&Listen) -> Result<()>) -> Result<()> {
    let cache = options.cache.clone();
    if options.fetching.is_some() {
        disk::create_dir_all(cache.root())?;
    }
    let sources = options
        .fetching
        .map(|fetching| Sources::new(cache, fetching));
    let server = Server::bind(
        options.settings,
        Arc::new(options.cache),
        sources.map(|sources| Arc::new(sources) as Arc<dyn Upstream>),
        options.log,
    )?;
    listening(server.address())?;
    server.run()
}
