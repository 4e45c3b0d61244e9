//! The module cache, served to go.

mod front;
mod sources;
mod stocker;

use std::num::NonZeroUsize;
use std::sync::Arc;

use anyhow::Result;

use self::front::Front;
use self::sources::Sources;
use self::stocker::Stocker;
use super::{Repositories, SumDatabase};
use crate::cache::Cache;
use crate::checksum::SumFiles;
use crate::disk;
use crate::goenv::FolderMode;
use crate::server::{Listen, Log, Server, Settings, Shelf, Upstream};
use crate::source::Mirrors;
use crate::storage::Storage;

/// What to serve, and how.
pub struct ServeOptions {
    /// The cache.
    pub cache: Cache,
    /// The object store that the cache is in front of, if it is in front of one.
    pub storage: Option<Storage>,
    /// How it is served.
    pub settings: Settings,
    /// Where what it has not comes from; none for a cache that is only read.
    pub fetching: Option<Fetching>,
    /// Those who hear of every request.
    pub logs: Vec<Arc<dyn Log>>,
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
/// An address that cannot be listened at; a folder for what a storage has that cannot be written.
pub fn serve(options: ServeOptions, listening: impl FnOnce(&Listen) -> Result<()>) -> Result<()> {
    let (shelf, upstream) = stock(options.cache, options.storage, options.fetching)?;
    let server = Server::bind(options.settings, shelf, upstream, options.logs)?;
    listening(server.address())?;
    server.run()
}

type Stock = (Arc<dyn Shelf>, Option<Arc<dyn Upstream>>);

/// Brings together where modules are, and where they come from.
fn stock(cache: Cache, storage: Option<Storage>, fetching: Option<Fetching>) -> Result<Stock> {
    if fetching.is_some() {
        disk::create_dir_all(cache.root())?;
    }
    let sources = fetching.map(|fetching| Sources::new(cache.clone(), fetching));
    let Some(storage) = storage else {
        let upstream = sources.map(|sources| Arc::new(sources) as Arc<dyn Upstream>);
        return Ok((Arc::new(cache), upstream));
    };
    let front = Arc::new(Front::new(cache, storage)?);
    let stocker = sources.map(|sources| Stocker::new(Arc::clone(&front), sources));
    let upstream = stocker.transpose()?;
    Ok((
        front,
        upstream.map(|stocker| Arc::new(stocker) as Arc<dyn Upstream>),
    ))
}
