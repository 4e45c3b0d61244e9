//! The module cache, served to go.

use std::sync::Arc;

use anyhow::Result;

use super::Monitor;
use crate::cache::Cache;
use crate::server::{Listen, Log, Server, Settings};
use crate::web::Interrupt;

/// What to serve, and how.
pub struct ServeOptions {
    /// The cache; it is only read.
    pub cache: Cache,
    /// How it is served.
    pub settings: Settings,
    /// Who hears of every request.
    pub log: Option<Arc<dyn Log>>,
    /// Who ends it.
    pub monitor: Arc<dyn Monitor>,
}

/// Serves until the user wants it to end, and then until those who have asked are answered. `listening` hears of
/// the address once connections are taken there.
///
/// # Errors
/// An address that cannot be listened at.
pub fn serve(options: ServeOptions, listening: impl FnOnce(&Listen) -> Result<()>) -> Result<()> {
    let server = Server::bind(options.settings, Arc::new(options.cache), options.log)?;
    listening(server.address())?;
    server.run(&Stop(options.monitor))
}

struct Stop(Arc<dyn Monitor>);

impl Interrupt for Stop {
    fn interrupted(&self) -> bool {
        self.0.interrupted()
    }
}
