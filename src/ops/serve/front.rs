//! A cache in front of an object store: what is in it has come from there.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use anyhow::{Result, anyhow};

use crate::cache::{Cache, File};
use crate::checksum::sumdb::OfferedFile;
use crate::disk;
use crate::module::{ModulePath, ModuleVersion, Version, matches_prefix_patterns};
use crate::server::{Addition, Part, Shelf, Stored};
use crate::storage::{Counted, Storage};

/// What the servers of a storage have: each a cache, and all of them the bucket.
pub(super) struct Front {
    pub(super) cache: Cache,
    pub(super) storage: Storage,
    looks: Mutex<HashMap<(ModuleVersion, File), Look>>,
    /// The records that are stored of each database, as far as this is known: none ever goes away.
    records: Mutex<HashMap<String, HashSet<String>>>,
}

/// A look into the bucket that is under way, and what has come of it.
type Look = Arc<OnceLock<Result<bool, Arc<anyhow::Error>>>>;

impl Front {
    pub(super) fn new(cache: Cache, storage: Storage) -> Result<Front> {
        disk::create_dir_all(cache.root())?;
        Ok(Front {
            cache,
            storage,
            looks: Mutex::default(),
            records: Mutex::default(),
        })
    }

    /// Brings a file of a version into the cache, however many ask for it once; `false` where it is not stored.
    pub(super) fn bring(&self, module: &ModuleVersion, file: File) -> Result<bool> {
        let key = (module.clone(), file);
        let look = Arc::clone(self.looks().entry(key.clone()).or_default());
        let outcome = look.get_or_init(|| {
            let found = self.storage.bring(module, file, &self.cache);
            // Whoever comes now looks again: it may have been put meanwhile.
            self.looks().remove(&key);
            found.map_err(Arc::new)
        });
        outcome.clone().map_err(|error| anyhow!("{error:#}"))
    }

    fn records(&self) -> MutexGuard<'_, HashMap<String, HashSet<String>>> {
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn looks(&self) -> MutexGuard<'_, HashMap<(ModuleVersion, File), Look>> {
        self.looks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Which file of the cache a part is; `.info` and `.mod` come together.
pub(super) fn file_of(part: Part) -> File {
    match part {
        Part::Info | Part::Mod => File::Info,
        Part::Zip => File::Zip,
    }
}

impl Shelf for Front {
    fn versions(&self, path: &ModulePath) -> Result<Vec<Version>> {
        let counted = self.storage.versions(Some(path))?.into_iter();
        Ok(counted.map(|counted| counted.module.version).collect())
    }

    fn open(&self, module: &ModuleVersion, part: Part) -> Result<Option<Stored>> {
        if let Some(stored) = self.cache.open(module, part)? {
            return Ok(Some(stored));
        }
        match self.bring(module, file_of(part))? {
            true => self.cache.open(module, part),
            false => Ok(None),
        }
    }

    fn additions(&self) -> Result<Vec<Addition>> {
        let counted = self.storage.versions(None)?.into_iter();
        let addition = |Counted { module, added }| Addition { module, added };
        Ok(counted.map(addition).collect())
    }

    /// Records are shared, and what proves them is not: with nobody who can be asked for it no database is offered.
    fn database_file(&self, name: &str, file: &OfferedFile) -> Result<Option<Vec<u8>>> {
        if file.is_supported() {
            return Ok(None);
        }
        match self.cache.database_file(name, file)? {
            Some(content) => Ok(Some(content)),
            None => self.storage.record(name, file),
        }
    }

    fn has_records(&self, name: &str, versions: &[Addition], private: &str) -> bool {
        let mut known = self.records();
        let known = known.entry(name.to_owned()).or_default();
        let has = |known: &HashSet<String>, module: &ModuleVersion| {
            let record = OfferedFile::record(module).path();
            matches_prefix_patterns(private, module.path.as_str())
                || record.is_ok_and(|record| known.contains(&record))
        };
        let mut modules = versions.iter().map(|addition| &addition.module);
        if modules.clone().all(|module| has(known, module)) {
            return true;
        }
        *known = self.storage.records(name).unwrap_or_default();
        modules.all(|module| has(known, module))
    }

    fn check(&self) -> Result<()> {
        self.cache.check()?;
        self.storage.check()
    }
}
