//! Module versions from mirrors into the cache.

use std::cell::OnceCell;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result, anyhow, bail};

use super::making::Making;
use super::{MainModule, Monitor, Phase, Repositories, Request, Tags, Wanted};
use crate::cache::{self, Cache, File, Parts, Published};
use crate::checksum::{SumFiles, dirhash};
use crate::coderepo::{
    AmbiguousRoot, BlobKey, CodeRepo, ModuleFiles, NotFound, Place, QueryContext, Resolved,
};
use crate::goenv::FolderMode;
use crate::mirror::{self, Location, Mirror, Need};
use crate::module::{ModulePath, ModuleVersion, Origin, Version};
use crate::modzip::{self, Pool};
use crate::source::{Mirrors, Source, sources};

/// What to fetch, from where, and into which cache.
pub struct Options {
    /// The modules.
    pub requests: Vec<Request>,
    /// Which versions of them.
    pub wanted: Wanted,
    /// Of which versions to write metadata besides.
    pub tags: Tags,
    /// The mirrors in force.
    pub mirrors: Mirrors,
    /// The module that the user works in.
    pub main_module: Option<MainModule>,
    /// The sums that must match.
    pub sums: SumFiles,
    /// The cache.
    pub cache: Cache,
    /// Whether the folders of extracted trees stay writable.
    pub folder_mode: FolderMode,
    /// Threads at work.
    pub threads: NonZeroUsize,
    /// Who hears of progress and may end the work.
    pub monitor: Arc<dyn Monitor>,
}

/// A version that is in the cache now.
#[derive(Clone, Debug)]
pub struct Fetched {
    /// The module and its version.
    pub module: ModuleVersion,
    /// The query, where it is not the version itself.
    pub query: Option<String>,
    /// The sum of the zip.
    pub sum: String,
    /// The sum of the go.mod.
    pub go_mod_sum: String,
    /// What the answer to the query depends on.
    pub origin: Option<Origin>,
    /// The `.info` file.
    pub info: PathBuf,
    /// The `.mod` file.
    pub go_mod: PathBuf,
    /// The `.zip` file.
    pub zip: PathBuf,
    /// The extracted folder.
    pub folder: PathBuf,
    /// Whether it was there before.
    pub published: Published,
}

/// A request that came to nothing.
#[derive(Debug)]
pub struct Failure {
    /// What was asked for.
    pub request: Request,
    /// Why it failed.
    pub error: anyhow::Error,
}

/// What became of each request, in the order of the requests and then of the versions.
#[derive(Debug, Default)]
pub struct Outcome {
    /// The versions.
    pub results: Vec<Result<Fetched, Failure>>,
}

/// Fetches module versions. One that fails does not keep the others from being fetched.
///
/// Several versions are made at the same time, each on one thread; few share the threads among their files.
/// Nothing of a version that fails is visible in the cache.
pub fn fetch(options: &Options, repositories: &Repositories) -> Outcome {
    let run = Run {
        options,
        repositories,
        pool: Pool::with_capacity(Pool::<BlobKey>::DEFAULT_CAPACITY),
    };
    let mut units = Vec::new();
    for request in &options.requests {
        match run.expand(request) {
            Ok(expanded) => units.extend(expanded.into_iter().map(Ok)),
            Err(error) => units.push(Err(Failure {
                request: request.clone(),
                error,
            })),
        }
    }
    Outcome {
        results: run.all(units),
    }
}

struct Run<'a> {
    options: &'a Options,
    repositories: &'a Repositories,
    pool: Pool<BlobKey>,
}

impl Run<'_> {
    /// Turns a request into one for each version that is wanted.
    fn expand(&self, request: &Request) -> Result<Vec<Request>> {
        if self.options.wanted == Wanted::Query && self.options.tags == Tags::AsNeeded {
            return Ok(vec![request.clone()]);
        }
        self.with_sources(request, |module| {
            self.require_all(module, &module.versions("")?)?;
            if self.options.tags == Tags::Metadata {
                self.write_metadata(module, &module.versions("")?)?;
            }
            if self.options.wanted == Wanted::Query {
                return Ok(vec![request.clone()]);
            }
            let versions = module.listed(&self.context(request)?)?;
            if versions.is_empty() {
                bail!(
                    "{}: no version tags in mirror `{}`",
                    request.path,
                    module.mirror().display()
                );
            }
            Ok(versions
                .into_iter()
                .map(|version| Request {
                    path: request.path.clone(),
                    query: Some(version),
                })
                .collect())
        })
    }

    /// Fetches the commits of many versions in one go.
    fn require_all(&self, module: &CodeRepo<'_>, versions: &[String]) -> Result<()> {
        let wanted: Vec<mirror::Wanted> = versions
            .iter()
            .filter_map(|version| {
                let tag = module.tag_of(version);
                let oid = *module.mirror().refs().tags.get(&tag)?;
                Some(mirror::Wanted {
                    reference: Some(format!("refs/tags/{tag}")),
                    oid,
                })
            })
            .collect();
        module.mirror().require(Need::Several(&wanted))
    }

    /// Writes `.info` and `.mod` of every version that go would accept.
    fn write_metadata(&self, module: &CodeRepo<'_>, versions: &[String]) -> Result<()> {
        for version in versions {
            if let Ok(resolved) = module.resolve(version, &QueryContext::default()) {
                self.write_consulted(module.path(), &resolved)?;
            }
        }
        Ok(())
    }

    /// Works through all units with as many threads as help.
    fn all(&self, units: Vec<Result<Request, Failure>>) -> Vec<Result<Fetched, Failure>> {
        let threads = self.options.threads.get();
        let workers = threads.min(units.len()).max(1);
        let inner = NonZeroUsize::new(threads / workers).unwrap_or(NonZeroUsize::MIN);
        let next = AtomicUsize::new(0);
        let results: Vec<Mutex<Option<Result<Fetched, Failure>>>> =
            units.iter().map(|_| Mutex::new(None)).collect();
        let work = || {
            while let Some((unit, slot)) = {
                let index = next.fetch_add(1, Ordering::Relaxed);
                units.get(index).zip(results.get(index))
            } {
                let Ok(request) = unit else { continue };
                let result = self.one(request, inner).map_err(|error| Failure {
                    request: request.clone(),
                    error,
                });
                *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
            }
        };
        std::thread::scope(|scope| {
            for _ in 1..workers {
                scope.spawn(work);
            }
            work();
        });
        units
            .into_iter()
            .zip(results)
            .filter_map(|(unit, slot)| match unit {
                Err(failure) => Some(Err(failure)),
                Ok(_) => slot.into_inner().unwrap_or_else(PoisonError::into_inner),
            })
            .collect()
    }

    fn one(&self, request: &Request, threads: NonZeroUsize) -> Result<Fetched> {
        if self.options.monitor.interrupted() {
            bail!(mirror::Interrupted);
        }
        self.context(request)?;
        if let Some(present) = self.present(request)? {
            return Ok(present);
        }
        self.with_sources(request, |module| self.publish(request, module, threads))
    }

    /// Looks for a version that is named in full and complete. Where a mirror is a path on this machine it
    /// costs little to compare, and `None` sends the request there.
    fn present(&self, request: &Request) -> Result<Option<Fetched>> {
        let Some(version) = request
            .query
            .as_deref()
            .and_then(|query| Version::new(query).ok())
        else {
            return Ok(None);
        };
        let module = ModuleVersion {
            path: request.path.clone(),
            version,
        };
        let cache = &self.options.cache;
        if module.check().is_err() || !cache.state(&module)?.is_complete() {
            return Ok(None);
        }
        let sources = sources(&self.options.mirrors, &request.path)?;
        if sources.iter().any(Source::is_local) {
            return Ok(None);
        }
        let Some(go_mod) = cache.read(&module, File::Mod)? else {
            return Ok(None);
        };
        let sum = cache.zip_sum(&module)?;
        self.options.sums.check(&module, &sum)?;
        self.options
            .sums
            .check_go_mod(&module, &dirhash::go_mod_sum(&go_mod))?;
        cache.write_metadata(&module, None, Some(&go_mod))?;
        let fetched = self.fetched(request, module, &go_mod, sum, Published::Present)?;
        Ok(Some(fetched))
    }

    fn publish(
        &self,
        request: &Request,
        module: &CodeRepo<'_>,
        threads: NonZeroUsize,
    ) -> Result<Fetched> {
        let options = self.options;
        let query = request.query.as_deref().unwrap_or("latest");
        let resolved = module.resolve(query, &self.context(request)?)?;
        let version = ModuleVersion {
            path: request.path.clone(),
            version: resolved.version.clone(),
        };
        let metadata = resolved.metadata.get(&resolved.version);
        let (Some(info), Some(go_mod)) = (
            metadata.and_then(|metadata| metadata.info.as_ref()),
            metadata.and_then(|metadata| metadata.go_mod.as_ref()),
        ) else {
            bail!("{version}: resolved without metadata");
        };
        options
            .sums
            .check_go_mod(&version, &dirhash::go_mod_sum(go_mod))?;
        let name = version.to_string();
        let ModuleFiles {
            files,
            go_mod: root,
        } = module.files(&version.version)?;
        let report = modzip::classify(&files, root.as_deref());
        report
            .check(&files)
            .with_context(|| format!("{version}: cannot make a module zip"))?;
        let making = Making {
            module: &version,
            name: &name,
            mirror: module.mirror(),
            files,
            report,
            pool: &self.pool,
            sums: &options.sums,
            monitor: &*options.monitor,
            threads,
            sum: OnceCell::new(),
        };
        let published = options.cache.publish(
            &version,
            Parts { info, go_mod },
            cache::Making {
                folder_mode: options.folder_mode,
                content: &making,
            },
        )?;
        self.write_consulted(&request.path, &resolved)?;
        options.monitor.report(Phase::Done { module: &name });
        let sum = options.cache.zip_sum(&version)?;
        let mut fetched = self.fetched(request, version.clone(), go_mod, sum, published)?;
        fetched.origin = resolved.origin;
        Ok(fetched)
    }

    /// Writes what go writes of the versions that it looks at on the way to an answer, where no recorded sum
    /// speaks against it.
    fn write_consulted(&self, path: &ModulePath, resolved: &Resolved) -> Result<()> {
        for (version, metadata) in &resolved.metadata {
            let module = ModuleVersion {
                path: path.clone(),
                version: version.clone(),
            };
            if let Some(go_mod) = &metadata.go_mod {
                let sum = dirhash::go_mod_sum(go_mod);
                self.options.sums.check_go_mod(&module, &sum)?;
            }
            self.options.cache.write_metadata(
                &module,
                metadata.info.as_ref(),
                metadata.go_mod.as_deref(),
            )?;
        }
        Ok(())
    }

    fn context(&self, request: &Request) -> Result<QueryContext> {
        match &self.options.main_module {
            Some(main_module) => Ok(main_module.context(&request.path)),
            None if matches!(request.query.as_deref(), Some("upgrade" | "patch")) => bail!(
                "cannot match \"{request}\": go.mod file not found in current directory or any parent directory"
            ),
            None => Ok(QueryContext::default()),
        }
    }

    fn fetched(
        &self,
        request: &Request,
        module: ModuleVersion,
        go_mod: &[u8],
        sum: String,
        published: Published,
    ) -> Result<Fetched> {
        let cache = &self.options.cache;
        let query = request.query.as_deref().unwrap_or("latest");
        Ok(Fetched {
            query: (query != module.version.as_str()).then(|| query.to_owned()),
            sum,
            go_mod_sum: dirhash::go_mod_sum(go_mod),
            origin: None,
            info: cache.file(&module, File::Info)?,
            go_mod: cache.file(&module, File::Mod)?,
            zip: cache.file(&module, File::Zip)?,
            folder: cache.folder(&module)?,
            published,
            module,
        })
    }

    fn ask<T>(
        &self,
        location: &Location,
        place: impl Fn(&Mirror) -> Result<Place>,
        answer: impl Fn(&CodeRepo<'_>) -> Result<T>,
    ) -> Result<T> {
        let mirror = self.repositories.open(location)?;
        let place = place(&mirror)?;
        answer(&CodeRepo::new(&mirror, place))
    }

    /// Asks one source after the other until one has an answer.
    fn with_sources<T>(
        &self,
        request: &Request,
        answer: impl Fn(&CodeRepo<'_>) -> Result<T>,
    ) -> Result<T> {
        let path = &request.path;
        let query = request.query.as_deref().unwrap_or("latest");
        let mut refusals: Vec<anyhow::Error> = Vec::new();
        for source in sources(&self.options.mirrors, path)? {
            let place = |mirror: &Mirror| source.place(mirror, path, query);
            let error = match &source.location {
                Err(error) => anyhow!("{error:#}"),
                Ok(location) => match self.ask(location, place, &answer) {
                    Ok(answer) => return Ok(answer),
                    Err(error) if is_final(&error) => return Err(error),
                    Err(error) if names_mirror(&error) => error,
                    Err(error) => error.context(format!("mirror `{location}`")),
                },
            };
            refusals.push(error);
        }
        match refusals.len() {
            0 => Err(NoMirror { path: path.clone() }.into()),
            1 => Err(refusals.remove(0)),
            _ => Err(all_refused(&refusals)),
        }
    }
}

/// An error that another mirror cannot mend: content that must not differ, or the user's wish to stop.
fn is_final(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause.is::<crate::checksum::Mismatch>()
            || cause.is::<mirror::Interrupted>()
            || cause.is::<crate::modzip::Cancelled>()
    })
}

/// Errors that tell which mirror was looked into.
fn names_mirror(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause
            .downcast_ref::<NotFound>()
            .is_some_and(|refusal| refusal.looked_under.is_none())
            || cause.is::<AmbiguousRoot>()
    })
}

fn all_refused(refusals: &[anyhow::Error]) -> anyhow::Error {
    let lines: Vec<String> = refusals.iter().map(|error| format!("{error:#}")).collect();
    anyhow!("no mirror could give it\n{}", lines.join("\n"))
}

/// Nothing says where a module's repository is.
#[derive(Debug, thiserror::Error)]
#[error("no mirror is known for module {path}")]
pub struct NoMirror {
    /// The module path.
    pub path: ModulePath,
}
