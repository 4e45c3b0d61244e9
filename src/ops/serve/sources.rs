//! Mirrors and module proxies as the upstream of a server.

use std::io::{self, ErrorKind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use super::super::gate::Gate;
use super::super::supply::{Provider, Supply};
use super::super::{AllRefused, Monitor, NoMirror, Phase, Unwatched};
use super::{Fetching, Opened};
use crate::cache::{Cache, Extraction, File};
use crate::checksum::sumdb::{Client, OfferedFile};
use crate::coderepo::BlobKey;
use crate::module::{Info, ModulePath, ModuleVersion, Version};
use crate::modzip::Pool;
use crate::query::{NotFound, QueryContext};
use crate::server::{Arrival, Part, Refusal, RefusalKind, Upstream};
use crate::source::Denied;

/// How long what mirrors have told of their references counts when a version is wanted.
const FOR_VERSIONS: Duration = Duration::from_secs(60);

/// How long it counts when the newest is wanted, or when something was not found.
const FOR_NEWEST: Duration = Duration::from_secs(5);

/// Stores what is asked for in the cache.
pub(super) struct Sources {
    cache: Cache,
    fetching: Arc<Fetching>,
    run: Arc<Mutex<Option<Arc<Run>>>>,
}

/// Sources as they were found at one time: a repository that is open shows no later references.
struct Run {
    opened: Opened,
    since: Instant,
}

impl Sources {
    pub(super) fn new(cache: Cache, fetching: Fetching) -> Sources {
        Sources {
            cache,
            fetching: Arc::new(fetching),
            run: Arc::default(),
        }
    }

    /// Gives the same sources, which fill another cache.
    pub(super) fn filling(&self, cache: Cache) -> Sources {
        Sources {
            cache,
            fetching: Arc::clone(&self.fetching),
            run: Arc::clone(&self.run),
        }
    }

    /// Refuses a version that the module cannot have.
    pub(super) fn check(&self, module: &ModuleVersion) -> Result<(), Refusal> {
        let checked = module.check();
        checked
            .map_err(|error| refusal(&NotFound::new(error.in_module(module.path.as_str())).into()))
    }

    /// Asks the sources as they were not longer ago than `age`, and anew what was not found.
    fn ask<T>(
        &self,
        age: Duration,
        monitor: &dyn Monitor,
        ask: impl Fn(&Supply<'_>, &Run) -> Result<T>,
    ) -> Result<T, Refusal> {
        let asked = |run: &Run| ask(&self.supply(run, monitor), run);
        let run = self.run(age).map_err(|error| refusal(&error))?;
        let error = match asked(&run) {
            Ok(answer) => return Ok(answer),
            Err(error) => refusal(&error),
        };
        if error.kind == RefusalKind::NotFound && run.since.elapsed() > FOR_NEWEST {
            let run = self.run(FOR_NEWEST).map_err(|error| refusal(&error))?;
            return asked(&run).map_err(|error| refusal(&error));
        }
        if error.kind != RefusalKind::NotFound {
            self.forget(&run);
        }
        Err(error)
    }

    /// Has somebody use the checksum database, if there is one that is asked.
    pub(super) fn with_database(&self, work: impl FnOnce(&Client) -> Result<()>) -> Result<()> {
        match &self.run(FOR_VERSIONS)?.opened.database {
            Some(database) => work(database.client()),
            None => Ok(()),
        }
    }

    fn run(&self, age: Duration) -> Result<Arc<Run>> {
        let mut present = self.present();
        if let Some(run) = present.as_ref().filter(|run| run.since.elapsed() < age) {
            return Ok(Arc::clone(run));
        }
        let opened = match ((self.fetching.open)(), present.as_ref()) {
            (Ok(opened), _) => opened,
            // Rules that make no sense change nothing; the server tells of them.
            (Err(_), Some(run)) => return Ok(Arc::clone(run)),
            (Err(error), None) => return Err(error),
        };
        let since = Instant::now();
        let run = Arc::new(Run { opened, since });
        *present = Some(Arc::clone(&run));
        Ok(run)
    }

    /// Lets the next question find out anew what has failed.
    fn forget(&self, run: &Arc<Run>) {
        let mut present = self.present();
        if present
            .as_ref()
            .is_some_and(|present| Arc::ptr_eq(present, run))
        {
            *present = None;
        }
    }

    fn present(&self) -> MutexGuard<'_, Option<Arc<Run>>> {
        self.run.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn supply<'a>(&'a self, run: &'a Run, monitor: &'a dyn Monitor) -> Supply<'a> {
        Supply {
            mirrors: &run.opened.mirrors,
            repositories: &run.opened.repositories,
            gate: Gate::new(&self.fetching.sums, run.opened.database.as_ref()),
            cache: &self.cache,
            folder_mode: self.fetching.folder_mode,
            extraction: Extraction::LeftToGo,
            monitor,
            threads: self.fetching.threads,
            pool: Pool::<BlobKey>::with_capacity(Pool::<BlobKey>::DEFAULT_CAPACITY),
        }
    }

    /// Makes a version complete, unless it is no longer what was stored of it.
    fn publish(
        &self,
        supply: &Supply<'_>,
        source: &dyn Provider,
        module: &ModuleVersion,
    ) -> Result<()> {
        let (query, context) = (module.version.as_str(), QueryContext::default());
        let resolved = source.resolve(query, &context)?;
        let metadata = resolved.metadata.get(&module.version);
        let found = metadata.and_then(|metadata| metadata.info.as_ref());
        let stored = self.cache.read(module, File::Info)?;
        let stored = stored.and_then(|content| Info::parse(&content).ok());
        if let (Some(stored), Some(found)) = (stored, found)
            && stored.contradicts(found)
        {
            bail!(
                "{module}: {} has moved the version since its .info was stored",
                source.display()
            );
        }
        supply.publish(source, query, &context, self.fetching.threads)?;
        Ok(())
    }
}

impl Upstream for Sources {
    fn fetch(
        &self,
        module: &ModuleVersion,
        part: Part,
        arrival: &Arrival<'_>,
    ) -> Result<(), Refusal> {
        self.check(module)?;
        self.ask(FOR_VERSIONS, &Follower(arrival), |supply, _| {
            let query = module.version.as_str();
            supply.with_sources(&module.path, query, |source| match part {
                Part::Zip => self.publish(supply, source, module),
                Part::Info | Part::Mod => supply.write_version(source, &module.version).map(drop),
            })
        })
    }

    fn resolve(&self, path: &ModulePath, query: &str) -> Result<Version, Refusal> {
        self.ask(FOR_NEWEST, &Unwatched, |supply, _| {
            supply.with_sources(path, query, |source| {
                let resolved = source.resolve(query, &QueryContext::default())?;
                supply.write_consulted(source, &resolved, None)?;
                Ok(resolved.version)
            })
        })
    }

    fn versions(&self, path: &ModulePath) -> Result<Vec<Version>, Refusal> {
        let versions = self.ask(FOR_NEWEST, &Unwatched, |supply, _| {
            supply.with_sources(path, "latest", |source| source.versions())
        })?;
        let versions = versions.iter();
        Ok(versions
            .filter_map(|version| Version::new(version).ok())
            .collect())
    }

    fn database_file(&self, name: &str, file: &OfferedFile) -> Result<Option<Vec<u8>>, Refusal> {
        self.ask(FOR_VERSIONS, &Unwatched, |_, run| {
            match &run.opened.database {
                Some(database) if database.name() != name => Ok(None),
                Some(_) if file.is_supported() => Ok(Some(Vec::new())),
                Some(database) => database.pass_on(file),
                None => Ok(None),
            }
        })
    }
}

/// Tells the server how far a zip has come that it can send on.
struct Follower<'a>(&'a Arrival<'a>);

impl Monitor for Follower<'_> {
    fn report(&self, phase: Phase<'_>) {
        match phase {
            Phase::Downloading {
                zip, bytes, total, ..
            } => self.0.heard(zip, bytes, total),
            Phase::Growing { zip, bytes } => self.0.heard(zip, bytes, None),
            _ => {}
        }
    }

    fn interrupted(&self) -> bool {
        false
    }
}

/// Tells the client what an error means to it.
fn refusal(error: &anyhow::Error) -> Refusal {
    let has = |test: fn(&(dyn std::error::Error + 'static)) -> bool| error.chain().any(test);
    let timed_out = |cause: &(dyn std::error::Error + 'static)| {
        let cause = cause.downcast_ref::<io::Error>();
        cause.is_some_and(|cause| cause.kind() == ErrorKind::TimedOut)
    };
    let kind = if has(|cause| cause.is::<Denied>()) {
        RefusalKind::Denied
    } else if is_absent(error) {
        RefusalKind::NotFound
    } else if has(timed_out) {
        RefusalKind::TimedOut
    } else {
        RefusalKind::Faulty
    };
    Refusal {
        kind,
        text: format!("{error:#}"),
    }
}

/// Tells whether no source has what is wanted, whatever else they have of the module.
fn is_absent(error: &anyhow::Error) -> bool {
    if let Some(all) = error.downcast_ref::<AllRefused>() {
        return all.refusals.iter().all(is_absent);
    }
    let is_absence = |cause: &(dyn std::error::Error + 'static)| {
        cause.is::<NotFound>() || cause.is::<NoMirror>()
    };
    error.is::<NotFound>() || error.is::<NoMirror>() || error.chain().any(is_absence)
}
