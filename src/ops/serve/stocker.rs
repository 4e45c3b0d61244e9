//! Sources that fill an object store: what they have counts once it is there.

use std::sync::Arc;

use anyhow::{Context, Result};

use super::front::{Front, file_of};
use super::sources::Sources;
use crate::cache::{Cache, File};
use crate::checksum::sumdb::OfferedFile;
use crate::disk::{self, ScratchFolder};
use crate::module::{ModulePath, ModuleVersion, Version};
use crate::server::{Arrival, Part, Refusal, RefusalKind, Upstream};

/// Fetches what the object store lacks, one server for all.
pub(super) struct Stocker {
    front: Arc<Front>,
    sources: Sources,
    /// What is fetched lies here until it is stored.
    arrivals: ScratchFolder,
}

impl Stocker {
    pub(super) fn new(front: Arc<Front>, sources: Sources) -> Result<Stocker> {
        let arrivals = front.cache.root().join("cache/arrivals");
        for left in ScratchFolder::left_in(&arrivals)? {
            disk::tree::remove_all(&left)?;
        }
        Ok(Stocker {
            arrivals: ScratchFolder::new(&arrivals, "server-")?,
            front,
            sources,
        })
    }

    /// Has sources put what they have into a cache that is thrown away.
    fn aside<T>(
        &self,
        fetch: impl FnOnce(&Cache, &Sources) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let folder = ScratchFolder::new(self.arrivals.path(), "version-").map_err(fault)?;
        let cache = Cache::new(folder.path().to_owned()).map_err(fault)?;
        fetch(&cache, &self.sources.filling(cache.clone()))
    }

    /// Fetches a version and stores it. Sources that have another commit of it than is stored have nothing.
    fn stock(
        &self,
        module: &ModuleVersion,
        part: Part,
        arrival: &Arrival<'_>,
    ) -> Result<(), Refusal> {
        self.aside(|cache, sources| {
            self.lend_metadata(module, cache).map_err(fault)?;
            sources.fetch(module, part, arrival)?;
            self.put(module, file_of(part), cache).map_err(fault)
        })
    }

    fn put(&self, module: &ModuleVersion, file: File, arrived: &Cache) -> Result<()> {
        // Nobody fetches a version that is there, and then nobody would put its record.
        self.sources
            .with_database(|database| self.front.put_record(module, database))?;
        self.front.storage.put_version(module, file, arrived)
    }

    fn lend_metadata(&self, module: &ModuleVersion, cache: &Cache) -> Result<()> {
        if !self.front.bring(module, File::Info)? {
            return Ok(());
        }
        disk::create_dir_all(&cache.versions_folder(&module.path))?;
        for file in [File::Info, File::Mod] {
            let content = self.front.cache.read(module, file)?;
            let content = content.with_context(|| format!("{module}: it is gone"))?;
            disk::write_atomic(&cache.file(module, file)?, &content)?;
        }
        Ok(())
    }
}

impl Upstream for Stocker {
    fn fetch(
        &self,
        module: &ModuleVersion,
        part: Part,
        arrival: &Arrival<'_>,
    ) -> Result<(), Refusal> {
        self.sources.check(module)?;
        let file = file_of(part);
        let storage = &self.front.storage;
        let lease = storage.lease(module, || storage.has(module, file));
        let lease = lease.map_err(fault)?;
        if lease.is_some() {
            self.stock(module, part, arrival)?;
        }
        drop(lease);
        match self.front.bring(module, file).map_err(fault)? {
            true => Ok(()),
            false => Err(Refusal {
                kind: RefusalKind::Faulty,
                text: format!("{module}: another commit of it has been stored meanwhile"),
            }),
        }
    }

    fn resolve(&self, path: &ModulePath, query: &str) -> Result<Version, Refusal> {
        self.aside(|cache, sources| {
            let module = ModuleVersion {
                path: path.clone(),
                version: sources.resolve(path, query)?,
            };
            let stored = || match self.front.bring(&module, File::Info)? {
                true => Ok(()),
                false => self.put(&module, File::Info, cache),
            };
            stored().map_err(fault)?;
            Ok(module.version)
        })
    }

    fn versions(&self, path: &ModulePath) -> Result<Vec<Version>, Refusal> {
        self.sources.versions(path)
    }

    fn database_file(&self, name: &str, file: &OfferedFile) -> Result<Option<Vec<u8>>, Refusal> {
        self.sources.database_file(name, file)
    }
}

fn fault(error: anyhow::Error) -> Refusal {
    Refusal {
        kind: RefusalKind::Storage,
        text: format!("{error:#}"),
    }
}
