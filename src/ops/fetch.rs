//! Module versions from mirrors into the cache.

use std::fmt;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Result, bail};

use super::gate::{Gate, VerifiedBy};
use super::parallel::in_parallel;
use super::supply::{Provider, Supply};
use super::{MainModule, Monitor, Repositories, Request, SumDatabase, Tags, Wanted};
use crate::cache::{Cache, Extraction, File, Published};
use crate::checksum::{Part, SumFiles, dirhash};
use crate::coderepo::BlobKey;
use crate::goenv::FolderMode;
use crate::module::{ModuleVersion, Origin, Version};
use crate::modzip::Pool;
use crate::query::QueryContext;
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
    /// Who is asked about what they do not cover.
    pub database: Option<SumDatabase>,
    /// The cache.
    pub cache: Cache,
    /// Whether the folders of extracted trees stay writable.
    pub folder_mode: FolderMode,
    /// Whether trees are extracted.
    pub extraction: Extraction,
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
    /// Who has vouched for the zip.
    pub verified_by: VerifiedBy,
    /// What the answer to the query depends on.
    pub origin: Option<Origin>,
    /// The `.info` file.
    pub info: PathBuf,
    /// The `.mod` file.
    pub go_mod: PathBuf,
    /// The `.zip` file.
    pub zip: PathBuf,
    /// The extracted folder; `None` where it is left to go and not there.
    pub folder: Option<PathBuf>,
    /// Whether it was there before.
    pub published: Published,
}

impl Fetched {
    /// Describes a version that is complete in the cache.
    pub(super) fn read(
        cache: &Cache,
        module: ModuleVersion,
        sum: String,
        go_mod_sum: String,
        published: Published,
    ) -> Result<Fetched> {
        Ok(Fetched {
            query: None,
            sum,
            go_mod_sum,
            verified_by: VerifiedBy::Nothing,
            origin: None,
            info: cache.file(&module, File::Info)?,
            go_mod: cache.file(&module, File::Mod)?,
            zip: cache.file(&module, File::Zip)?,
            folder: match cache.state(&module)?.is_extracted() {
                true => Some(cache.folder(&module)?),
                false => None,
            },
            published,
            module,
        })
    }
}

/// A request that came to nothing.
#[derive(Debug)]
pub struct Failure {
    /// What was asked for.
    pub asked: Asked,
    /// Why it failed.
    pub error: anyhow::Error,
}

/// What somebody asks for.
#[derive(Clone, Debug)]
pub enum Asked {
    /// A module.
    Module(Request),
    /// The toolchain in an archive.
    Archive(PathBuf),
}

impl fmt::Display for Asked {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Asked::Module(request) => write!(formatter, "{request}"),
            Asked::Archive(path) => write!(formatter, "{}", path.display()),
        }
    }
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
        supply: Supply {
            mirrors: &options.mirrors,
            repositories,
            gate: Gate::new(&options.sums, options.database.as_ref()),
            cache: &options.cache,
            folder_mode: options.folder_mode,
            extraction: options.extraction,
            monitor: &*options.monitor,
            threads: options.threads,
            pool: Pool::with_capacity(Pool::<BlobKey>::DEFAULT_CAPACITY),
        },
    };
    let mut units = Vec::new();
    for request in &options.requests {
        match run.expand(request) {
            Ok(expanded) => units.extend(expanded.into_iter().map(Ok)),
            Err(error) => units.push(Err(Failure {
                asked: Asked::Module(request.clone()),
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
    supply: Supply<'a>,
}

impl Run<'_> {
    /// Turns a request into one for each version that is wanted.
    fn expand(&self, request: &Request) -> Result<Vec<Request>> {
        if self.options.wanted == Wanted::Query && self.options.tags == Tags::AsNeeded {
            return Ok(vec![request.clone()]);
        }
        let query = request.query.as_deref().unwrap_or("latest");
        self.supply.with_sources(&request.path, query, |module| {
            let versions = module.versions()?;
            module.prepare(&versions)?;
            if self.options.tags == Tags::Metadata {
                self.write_metadata(module, &versions)?;
            }
            if self.options.wanted == Wanted::Query {
                return Ok(vec![request.clone()]);
            }
            let versions = module.listed(&self.context(request)?)?;
            if versions.is_empty() {
                bail!("{}: no version tags in {}", request.path, module.display());
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

    /// Writes `.info` and `.mod` of every version that go would accept.
    fn write_metadata(&self, module: &dyn Provider, versions: &[String]) -> Result<()> {
        for version in versions {
            let resolved = module.resolve(version, &QueryContext::default());
            if let Ok(resolved) = resolved {
                self.supply.write_consulted(module, &resolved, None)?;
            }
        }
        Ok(())
    }

    /// Works through all units with as many threads as help.
    fn all(&self, units: Vec<Result<Request, Failure>>) -> Vec<Result<Fetched, Failure>> {
        let requests: Vec<Request> = units.iter().flatten().cloned().collect();
        let results = in_parallel(&requests, self.options.threads, |request, inner| {
            self.one(request, inner).map_err(|error| Failure {
                asked: Asked::Module(request.clone()),
                error,
            })
        });
        let mut results = results.into_iter();
        units
            .into_iter()
            .filter_map(|unit| match unit {
                Err(failure) => Some(Err(failure)),
                Ok(_) => results.next(),
            })
            .collect()
    }

    fn one(&self, request: &Request, threads: NonZeroUsize) -> Result<Fetched> {
        self.supply.go_on()?;
        self.context(request)?;
        if let Some(present) = self.present(request)? {
            return Ok(present);
        }
        let query = request.query.as_deref().unwrap_or("latest");
        self.supply.with_sources(&request.path, query, |module| {
            self.publish(request, module, threads)
        })
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
        let extraction = self.options.extraction;
        if module.check().is_err() || !cache.state(&module)?.is_complete(extraction) {
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
        let gate = &self.supply.gate;
        gate.check(&module, Part::Zip, &sum)?;
        gate.check(&module, Part::GoMod, &dirhash::go_mod_sum(&go_mod))?;
        cache.write_metadata(&module, None, Some(&go_mod))?;
        let fetched = self.fetched(request, module, &go_mod, sum, Published::Present)?;
        Ok(Some(fetched))
    }

    fn publish(
        &self,
        request: &Request,
        module: &dyn Provider,
        threads: NonZeroUsize,
    ) -> Result<Fetched> {
        let query = request.query.as_deref().unwrap_or("latest");
        let context = self.context(request)?;
        let supplied = self.supply.publish(module, query, &context, threads)?;
        let mut fetched = self.fetched(
            request,
            supplied.module,
            &supplied.go_mod,
            supplied.sum,
            supplied.published,
        )?;
        fetched.origin = supplied.origin;
        Ok(fetched)
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
        let query = request.query.as_deref().unwrap_or("latest");
        let go_mod_sum = dirhash::go_mod_sum(go_mod);
        let verified_by = self.supply.gate.verified(&module, Part::Zip);
        let fetched = Fetched::read(&self.options.cache, module, sum, go_mod_sum, published)?;
        Ok(Fetched {
            query: (query != fetched.module.version.as_str()).then(|| query.to_owned()),
            verified_by,
            ..fetched
        })
    }
}
