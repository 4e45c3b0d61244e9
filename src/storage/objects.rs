//! Objects by their names: looked for, read, put, listed. The calls wait for the store.

use std::collections::HashMap;
use std::fs::File as DiskFile;
use std::future::Future;
use std::io::Write;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result, anyhow};
use futures_util::StreamExt;
use object_store::path::Path;
use object_store::{
    Error, GetResult, ObjectStore, ObjectStoreExt, PutMode, PutPayload, UpdateVersion,
};
use tokio::runtime::Runtime;

use super::Address;
use super::failure::{Failure, reason};
use crate::cache::{File, versions_path};
use crate::goenv::GoEnv;
use crate::module::{ModulePath, ModuleVersion};

/// How long the store may take to say that it is there.
const READY_WITHIN: Duration = Duration::from_secs(5);

/// The most objects that are listed at once.
const MOST_LISTED: usize = 10_000_000;

/// A place in a bucket, where module versions are.
pub struct Storage {
    address: Address,
    pub(super) store: Arc<dyn ObjectStore>,
    /// There until the end.
    runtime: Option<Runtime>,
    /// Whether the store has been seen to keep to conditions.
    keeps_conditions: OnceLock<()>,
}

/// A version whose metadata counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    /// The module and its version.
    pub module: ModuleVersion,
    /// When the later one of `.info` and `.mod` was put.
    pub added: SystemTime,
}

/// Whose content an object has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Put {
    /// It is the one that was put.
    Ours,
    /// There was one already.
    Theirs,
}

impl Storage {
    /// Prepares to use it; nothing is sent yet. Credentials and all else come from the variables that the tools of
    /// each store read: `AWS_…`, `GOOGLE_…`, `AZURE_…`.
    ///
    /// # Errors
    /// Credentials in the URL; variables that make no sense or are missing.
    pub fn open(address: &Address, env: &GoEnv) -> Result<Storage> {
        Storage::new(address, address.store(env)?)
    }

    pub(super) fn new(address: &Address, store: Arc<dyn ObjectStore>) -> Result<Storage> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("storage")
            .enable_all()
            .build()
            .context("cannot start the threads of the storage")?;
        Ok(Storage {
            store,
            runtime: Some(runtime),
            keeps_conditions: OnceLock::new(),
            address: address.clone(),
        })
    }

    /// Where it is.
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// Makes sure that the bucket can be read.
    ///
    /// # Errors
    /// [`Failure`] when it cannot, or does not answer in time.
    pub fn check(&self) -> Result<()> {
        let prefix = &self.address.prefix;
        let first = async {
            let mut objects = self.store.list(Some(prefix));
            match tokio::time::timeout(READY_WITHIN, objects.next()).await {
                Ok(Some(Err(error))) => Err(reason(&error)),
                Ok(_) => Ok(()),
                Err(_) => Err("no answer in time".to_owned()),
            }
        };
        let first = self.runtime()?.block_on(first);
        first.map_err(|reason| self.failure("list", prefix, reason))
    }

    /// Lists the versions that count, of one module or of all.
    ///
    /// # Errors
    /// [`Failure`] when the bucket cannot be read.
    pub fn versions(&self, path: Option<&ModulePath>) -> Result<Vec<Counted>> {
        let folder = match path {
            Some(path) => self.name(&versions_path(path))?,
            None => self.address.prefix.clone(),
        };
        let (mut infos, mut go_mods) = (HashMap::new(), HashMap::new());
        self.list(&folder, |path, time| match File::of_path(path) {
            Some((module, File::Info)) => drop(infos.insert(module, time)),
            Some((module, File::Mod)) => drop(go_mods.insert(module, time)),
            _ => {}
        })?;
        let counted = |(module, info): (ModuleVersion, SystemTime)| {
            let added = info.max(*go_mods.get(&module)?);
            Some(Counted { module, added })
        };
        Ok(infos.into_iter().filter_map(counted).collect())
    }

    /// Shows the path below the prefix of each object in a folder, and when it was put.
    pub(super) fn list(&self, folder: &Path, mut see: impl FnMut(&str, SystemTime)) -> Result<()> {
        let listing = async {
            let mut objects = self.store.list(Some(folder));
            let mut left = MOST_LISTED;
            while let Some(object) = objects.next().await {
                let object = object.map_err(|error| self.failed("list", folder, &error))?;
                left = left.checked_sub(1).context("there are too many objects")?;
                see(self.below(&object.location), object.last_modified.into());
            }
            Ok(())
        };
        self.runtime()?.block_on(listing)
    }

    /// Tells whether a file of a version is there.
    ///
    /// # Errors
    /// [`Failure`] when the bucket cannot be read.
    pub fn has(&self, module: &ModuleVersion, file: File) -> Result<bool> {
        let name = self.name(&file.path_of(module)?)?;
        Ok(self.present(&name, self.store.head(&name))?.is_some())
    }

    /// Reads a file of a version, unless it is larger than `limit`; `None` where it is not there.
    pub(super) fn read(
        &self,
        module: &ModuleVersion,
        file: File,
        limit: u64,
    ) -> Result<Option<Vec<u8>>> {
        self.read_object(&self.name(&file.path_of(module)?)?, limit)
    }

    pub(super) fn read_object(&self, name: &Path, limit: u64) -> Result<Option<Vec<u8>>> {
        let mut content = Vec::new();
        let found = self.copy(name, limit, &mut content)?;
        Ok(found.map(|_| content))
    }

    /// Downloads a zip; `false` where it is not there.
    pub(super) fn download(
        &self,
        module: &ModuleVersion,
        limit: u64,
        to: &mut DiskFile,
    ) -> Result<bool> {
        let found = self.copy(&self.name(&File::Zip.path_of(module)?)?, limit, to)?;
        Ok(found.is_some())
    }

    /// Reads an object, and tells which version of it that was; `None` where it is not there.
    pub(super) fn copy(
        &self,
        name: &Path,
        limit: u64,
        to: &mut impl Write,
    ) -> Result<Option<UpdateVersion>> {
        let Some(found) = self.present(name, self.store.get(name))? else {
            return Ok(None);
        };
        let version = UpdateVersion {
            e_tag: found.meta.e_tag.clone(),
            version: found.meta.version.clone(),
        };
        if found.meta.size > limit {
            let reason = format!("larger than {limit} bytes");
            return Err(self.failure("read", name, reason));
        }
        self.runtime()?.block_on(self.pour(name, found, to))?;
        Ok(Some(version))
    }

    async fn pour(&self, name: &Path, found: GetResult, to: &mut impl Write) -> Result<()> {
        let mut left = found.meta.size;
        let mut pieces = found.into_stream();
        while let Some(piece) = pieces.next().await {
            let piece = piece.map_err(|error| self.failed("read", name, &error))?;
            let short = || self.failure("read", name, "it is longer than it was".to_owned());
            left = left.checked_sub(piece.len() as u64).ok_or_else(short)?;
            to.write_all(&piece).context("cannot keep what is read")?;
        }
        if left > 0 {
            return Err(self.failure("read", name, "it ends too early".to_owned()));
        }
        Ok(())
    }

    /// Puts a file of a version, unless there is one.
    pub(super) fn create(
        &self,
        module: &ModuleVersion,
        file: File,
        content: Vec<u8>,
    ) -> Result<Put> {
        let name = self.name(&file.path_of(module)?)?;
        let put = self.put(&name, content, PutMode::Create)?;
        Ok(put.map_or(Put::Theirs, |_| Put::Ours))
    }

    /// Makes sure that the store puts nothing in the place of something, which some do in spite of `If-None-Match`.
    pub(super) fn check_conditions(&self) -> Result<()> {
        if self.keeps_conditions.get().is_some() {
            return Ok(());
        }
        let name = self.name("conditions")?;
        let put = || self.put(&name, b"kept\n".to_vec(), PutMode::Create);
        if put()?.is_some() && put()?.is_some() {
            let reason = "the store replaces objects though it is told not to (If-None-Match)";
            return Err(self.failure("use", &self.address.prefix, reason.to_owned()));
        }
        self.keeps_conditions.get_or_init(|| ());
        Ok(())
    }

    /// Puts an object on a condition; `None` where that is not met.
    pub(super) fn put(
        &self,
        name: &Path,
        content: Vec<u8>,
        mode: PutMode,
    ) -> Result<Option<UpdateVersion>> {
        let payload = PutPayload::from(content);
        let put = self.store.put_opts(name, payload, mode.into());
        match self.runtime()?.block_on(put) {
            Ok(result) => Ok(Some(result.into())),
            Err(Error::AlreadyExists { .. } | Error::Precondition { .. }) => Ok(None),
            Err(error) => Err(self.failed("write", name, &error)),
        }
    }

    /// Waits for what is asked of an object; `None` where there is none.
    pub(super) fn present<T>(
        &self,
        name: &Path,
        asked: impl Future<Output = object_store::Result<T>>,
    ) -> Result<Option<T>> {
        match self.runtime()?.block_on(asked) {
            Ok(found) => Ok(Some(found)),
            Err(Error::NotFound { source, .. }) if !is_bucket_missing(&*source) => Ok(None),
            Err(error) => Err(self.failed("read", name, &error)),
        }
    }

    /// Gives the name of an object by its path below the prefix.
    pub(super) fn name(&self, path: &str) -> Result<Path> {
        let prefix = self.address.prefix.as_ref();
        let name = Path::parse(format!("{prefix}/{path}"));
        name.with_context(|| format!("{path} is no name for an object"))
    }

    fn below<'n>(&self, name: &'n Path) -> &'n str {
        let prefix = self.address.prefix.as_ref();
        let below = name.as_ref().strip_prefix(prefix).unwrap_or_default();
        below.trim_start_matches('/')
    }

    pub(super) fn failed(&self, verb: &'static str, name: &Path, error: &Error) -> anyhow::Error {
        self.failure(verb, name, reason(error))
    }

    /// Makes an error that names the object.
    pub(super) fn failure(&self, verb: &'static str, name: &Path, reason: String) -> anyhow::Error {
        let name = match self.below(name) {
            "" => self.address.to_string(),
            below => format!("{}/{below}", self.address),
        };
        Failure { verb, name, reason }.into()
    }

    pub(super) fn runtime(&self) -> Result<&Runtime> {
        let runtime = self.runtime.as_ref();
        runtime.ok_or_else(|| anyhow!("the storage is closed"))
    }
}

/// Tells whether it is not an object that is missing but all of them.
fn is_bucket_missing(error: &(dyn std::error::Error + 'static)) -> bool {
    error.to_string().contains("<Code>NoSuchBucket</Code>")
}

impl Drop for Storage {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
