//! A cache in front of an object store: what is in it has come from there.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use anyhow::{Context, Result, anyhow};

use crate::cache::{Cache, File};
use crate::checksum::Part as SummedPart;
use crate::checksum::sumdb::{Client, Files, OfferedFile};
use crate::disk;
use crate::module::{ModulePath, ModuleVersion, Version, matches_prefix_patterns};
use crate::server::{Addition, Part, Shelf, Stored};
use crate::storage::{Counted, Storage};

/// What the servers of a storage have: each a cache, and all of them the bucket.
pub(super) struct Front {
    pub(super) cache: Cache,
    pub(super) storage: Storage,
    looks: Mutex<HashMap<(ModuleVersion, File), Look>>,
    /// The records and tiles that are stored of each database, as far as this is known: none ever goes away.
    stored: Mutex<HashMap<String, HashSet<String>>>,
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
            stored: Mutex::default(),
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

    /// Puts the record of a version into the bucket, if there is one, after all that proves it.
    pub(super) fn put_record(&self, module: &ModuleVersion, database: &Client) -> Result<()> {
        let name = database.name();
        let files = Files::of_cache(self.cache.downloads(), name);
        let record = OfferedFile::record(module);
        if !files.has_record(module)? || self.is_stored(name, &record.path()?) {
            return Ok(());
        }
        // What proves it is asked for once more, for this client may not have done so.
        database.lookup(module, SummedPart::GoMod)?;
        let put = |file: &OfferedFile| {
            let path = file.path()?;
            if !self.is_stored(name, &path)
                && let Some(content) = files.offered(file)?
            {
                self.storage.put_database_file(name, file, content)?;
                self.stored()
                    .entry(name.to_owned())
                    .or_default()
                    .insert(path);
            }
            Ok::<_, anyhow::Error>(())
        };
        loop {
            let theirs = self.storage.latest_tree(name)?;
            let latest = database.meet(&theirs.note);
            let latest = latest.with_context(|| {
                format!(
                    "cannot use the tree of {name} in {}",
                    self.storage.address()
                )
            })?;
            database.tiles().iter().try_for_each(put)?;
            // Whoever was first has seen another tree, which must be met, too.
            if latest == theirs.note || self.storage.replace_latest_tree(name, theirs, latest)? {
                break;
            }
        }
        put(&record)
    }

    fn is_stored(&self, name: &str, path: &str) -> bool {
        let stored = self.stored();
        stored.get(name).is_some_and(|paths| paths.contains(path))
    }

    fn stored(&self) -> MutexGuard<'_, HashMap<String, HashSet<String>>> {
        self.stored.lock().unwrap_or_else(PoisonError::into_inner)
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

    /// What the bucket has goes together: a record here may be of a tree that nothing there leads to.
    fn database_file(&self, name: &str, file: &OfferedFile) -> Result<Option<Vec<u8>>> {
        if file.is_supported() {
            let latest = self.storage.latest_tree(name)?;
            return Ok((!latest.note.is_empty()).then(Vec::new));
        }
        match self.storage.database_file(name, file)? {
            Some(content) => Ok(Some(content)),
            None => self.cache.database_file(name, file),
        }
    }

    fn has_records(&self, name: &str, versions: &[Addition], private: &str) -> bool {
        let has = |Addition { module, .. }: &Addition| {
            let record = OfferedFile::record(module).path();
            matches_prefix_patterns(private, module.path.as_str())
                || record.is_ok_and(|record| self.is_stored(name, &record))
        };
        if versions.iter().all(has) {
            return true;
        }
        let records = self.storage.records(name).unwrap_or_default();
        self.stored()
            .entry(name.to_owned())
            .or_default()
            .extend(records);
        versions.iter().all(has)
    }

    fn check(&self) -> Result<()> {
        self.cache.check()?;
        self.storage.check()
    }
}
