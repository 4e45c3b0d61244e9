//! The repositories of one run, each opened once however many modules it serves.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use anyhow::Result;

use super::{Monitor, Phase};
use crate::mirror::{Location, Mirror, Progress, Store, TransportSettings};
use crate::source::Discoverer;
use crate::web::{Client, Interrupt};

/// One repository: opened by the first that asks, an error kept for all.
type Slot = Arc<OnceLock<Result<Arc<Mirror>, Arc<anyhow::Error>>>>;

/// What is done with a repository before anybody else gets it.
type Preparation = Box<dyn FnOnce(&Mirror) + Send>;

/// The opened repositories of a run.
pub struct Repositories {
    store: Store,
    settings: TransportSettings,
    progress: Arc<dyn Progress>,
    interrupt: Arc<dyn Interrupt>,
    discoverer: Discoverer,
    open: Mutex<Vec<(Location, Slot)>>,
    preparations: Mutex<Vec<(Location, Preparation)>>,
}

impl Repositories {
    /// Starts with none open; remote ones will be reached by `settings` and kept in `store`.
    pub fn new(
        store: Store,
        settings: TransportSettings,
        monitor: Arc<dyn Monitor>,
    ) -> Repositories {
        let receiving = Arc::new(Receiving(monitor));
        Repositories {
            discoverer: Discoverer::new(settings.client.clone(), receiving.clone()),
            store,
            settings,
            progress: Arc::<Receiving>::clone(&receiving),
            interrupt: receiving,
            open: Mutex::default(),
            preparations: Mutex::default(),
        }
    }

    /// The way to servers, for whatever is no repository.
    pub fn client(&self) -> &Client {
        &self.settings.client
    }

    /// Ends what waits for a server when the user wants that.
    pub fn interrupt(&self) -> Arc<dyn Interrupt> {
        Arc::clone(&self.interrupt)
    }

    /// Asks the hosts of module paths; what they say is kept.
    pub fn discoverer(&self) -> &Discoverer {
        &self.discoverer
    }

    /// Opens a repository, or gives the one that is open.
    ///
    /// # Errors
    /// A repository that cannot be opened or listed; asked again, the same error without another attempt.
    pub fn open(&self, location: &Location) -> Result<Arc<Mirror>> {
        let progress = Arc::clone(&self.progress);
        self.slot(location)
            .get_or_init(|| {
                let mirror = Mirror::open(location, &self.store, &self.settings, progress);
                let mirror = mirror.map_err(Arc::new)?;
                self.prepare(location, &mirror);
                Ok(Arc::new(mirror))
            })
            .clone()
            .map_err(|error| Shared(error).into())
    }

    /// Has something done with a repository as soon as it is opened, if it ever is.
    pub(super) fn when_opened(
        &self,
        location: Location,
        prepare: impl FnOnce(&Mirror) + Send + 'static,
    ) {
        let mut preparations = self
            .preparations
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        preparations.push((location, Box::new(prepare)));
    }

    fn prepare(&self, location: &Location, mirror: &Mirror) {
        let mut preparations = self
            .preparations
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let found = preparations.iter().position(|(known, _)| known == location);
        let found = found.map(|index| preparations.swap_remove(index));
        drop(preparations);
        if let Some((_, prepare)) = found {
            prepare(mirror);
        }
    }

    fn slot(&self, location: &Location) -> Slot {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, slot)) = open.iter().find(|(known, _)| known == location) {
            return Arc::clone(slot);
        }
        let slot = Slot::default();
        open.push((location.clone(), Arc::clone(&slot)));
        slot
    }
}

/// An error that several modules get to see.
#[derive(Debug)]
struct Shared(Arc<anyhow::Error>);

impl std::fmt::Display for Shared {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(formatter)
    }
}

impl std::error::Error for Shared {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source()
    }
}

/// Tells the run's monitor what arrives from mirrors.
struct Receiving(Arc<dyn Monitor>);

impl Progress for Receiving {
    fn received(&self, mirror: &str, objects: u64, total: u64, bytes: u64) {
        self.0.report(Phase::Receiving {
            mirror,
            objects,
            total,
            bytes,
        });
    }
}

impl Interrupt for Receiving {
    fn interrupted(&self) -> bool {
        self.0.interrupted()
    }
}
