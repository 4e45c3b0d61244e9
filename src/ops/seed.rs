//! Everything that projects need, from mirrors into the cache.

mod early;
mod expected;
mod go_mods;
mod tidy_needs;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result, bail};

use self::go_mods::{Effect, MirrorGoMods};
use super::gate::Gate;
use super::needs::{Needs, Recorded};
use super::parallel::in_parallel;
use super::supply::Supply;
use super::{Monitor, Phase, Repositories};
use super::{SumDatabase, VerifiedBy};
use crate::cache::{Cache, Extraction, File, Published};
use crate::checksum::{GoSum, Part, SumFiles, dirhash};
use crate::coderepo::BlobKey;
use crate::disk;
use crate::goenv::FolderMode;
use crate::graph::{self, Consistency, Project};
use crate::module::{ModulePath, ModuleVersion};
use crate::modzip::Pool;
use crate::query::QueryContext;
use crate::source::{Mirrors, Source, sources};

/// How much of the versions is fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Extent {
    /// Metadata of each version in the graph, and the files of those that are selected.
    Everything,
    /// Metadata of each version in the graph.
    Metadata,
}

/// Whether the packages of the projects are loaded to find what only `go mod tidy` reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TidyNeeds {
    /// They are not: a tidy project needs no more than go.mod and go.sum say.
    AsRecorded,
    /// They are, and what is missing is looked for.
    Loaded,
}

impl Extent {
    /// The part whose sum vouches for all of it.
    pub(super) fn part(self) -> Part {
        match self {
            Extent::Everything => Part::Zip,
            Extent::Metadata => Part::GoMod,
        }
    }
}

/// What becomes of a version that no go.sum line covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Uncovered {
    /// It is fetched and reported.
    Fetched,
    /// It is an error.
    Refused,
}

/// What to seed, from where, and into which cache.
pub struct SeedOptions {
    /// The projects.
    pub projects: Vec<Project>,
    /// How much is fetched.
    pub extent: Extent,
    /// Whether the needs of `go mod tidy` are looked for.
    pub tidy: TidyNeeds,
    /// What becomes of a version that no go.sum line covers.
    pub uncovered: Uncovered,
    /// Where modules come from.
    pub mirrors: Mirrors,
    /// Sums that must match, besides those beside the projects.
    pub sums: SumFiles,
    /// Who is asked about what no go.sum line covers.
    pub database: Option<SumDatabase>,
    /// The go.sum file that gets the lines that are missing.
    pub write_sums: Option<PathBuf>,
    /// The cache.
    pub cache: Cache,
    /// Whether the folders of extracted trees stay writable.
    pub folder_mode: FolderMode,
    /// Whether trees are extracted.
    pub extraction: Extraction,
    /// Threads that make zips and folders.
    pub threads: NonZeroUsize,
    /// Threads that read go.mod files from mirrors.
    pub readers: NonZeroUsize,
    /// Who hears of progress and may end the work.
    pub monitor: Arc<dyn Monitor>,
}

/// A version that a project needs.
#[derive(Clone, Debug)]
pub struct Seeded {
    /// The module and its version, as it is fetched.
    pub module: ModuleVersion,
    /// How much of it is needed.
    pub extent: Extent,
    /// The repository or proxies that have it, or may have it: the first that would be asked.
    pub repository: Option<String>,
    /// The sum of the zip: that of the cache, or before it is fetched the recorded one.
    pub sum: Option<String>,
    /// The sum of the go.mod: that of the cache, or before it is fetched the recorded one.
    pub go_mod_sum: Option<String>,
    /// Whether a go.sum line covers what is needed of it.
    pub covered: bool,
    /// Who has vouched for what is needed of it.
    pub verified_by: VerifiedBy,
    /// Whether it was there before; of a plan, whether it is there.
    pub published: Published,
}

/// A version that is needed and missing.
#[derive(Debug)]
pub struct SeedFailure {
    /// The module and its version, or the folder that replaces it.
    pub subject: String,
    /// What requires it, if it failed on the way to the module graph.
    pub required_by: Option<String>,
    /// Why it is missing.
    pub error: Arc<anyhow::Error>,
}

/// What the projects need, in the order of module paths and versions.
#[derive(Debug, Default)]
pub struct SeedOutcome {
    /// The versions that are there, or for a plan will be.
    pub seeded: Vec<Seeded>,
    /// The versions that are not.
    pub failures: Vec<SeedFailure>,
    /// The projects whose go.mod does not agree with its graph; go refuses to build them.
    pub inconsistent: Vec<PathBuf>,
}

/// No go.sum line covers a version, and one is required.
#[derive(Debug, thiserror::Error)]
#[error("{module}: no go.sum line covers its {part}")]
pub struct NoSum {
    /// The module and its version.
    pub module: ModuleVersion,
    /// `go.mod` or `zip`.
    pub part: &'static str,
}

/// Fetches what projects need. A version that fails does not keep the others from being fetched.
///
/// Metadata is written while the module graph is being loaded. So are the files of what go.sum names, and the others
/// when the graph is known. What is complete in the cache is compared with go.sum and costs nothing more: no
/// repository is opened for it.
///
/// # Errors
/// A project that cannot be read, a graph that makes no sense, the user's wish to stop, a file of sums that
/// cannot be written. What fails for one version is in the outcome.
pub fn seed(options: &SeedOptions, repositories: &Repositories) -> Result<SeedOutcome> {
    let recorded = Recorded::read(&options.projects, &options.sums)?;
    let run = Run::new(options, &recorded, repositories);
    let known = run.known();
    expected::expect(options, &known, repositories);
    let (loaded, early) = run.load_and_begin(&known)?;
    let mut outcome = run.all(loaded, |module, extent, threads| {
        early
            .take(module, extent)
            .unwrap_or_else(|| run.one(module, extent, threads))
    })?;
    if options.tidy == TidyNeeds::Loaded {
        run.add_tidy_needs(&mut outcome)?;
    }
    if let Some(file) = &options.write_sums {
        write_sums(file, &outcome.seeded, &recorded.sums)?;
    }
    Ok(outcome)
}

/// Tells what [`seed`] would fetch. Fetches what the module graph needs and writes nothing into the cache.
///
/// # Errors
/// As of [`seed`].
pub fn plan(options: &SeedOptions, repositories: &Repositories) -> Result<SeedOutcome> {
    let recorded = Recorded::read(&options.projects, &options.sums)?;
    let run = Run::new(options, &recorded, repositories);
    expected::expect(options, &run.known(), repositories);
    let loaded = run.load(Effect::Nothing)?;
    run.all(loaded, |module, extent, _| run.planned(module, extent))
}

/// The graphs of the projects.
#[derive(Default)]
struct Loaded {
    needs: Needs,
    /// The versions of which the cache had no go.mod.
    asked: BTreeSet<ModuleVersion>,
    failures: BTreeMap<String, SeedFailure>,
    inconsistent: Vec<PathBuf>,
}

struct Run<'a> {
    options: &'a SeedOptions,
    recorded: &'a Recorded,
    supply: Supply<'a>,
}

impl<'a> Run<'a> {
    fn new(
        options: &'a SeedOptions,
        recorded: &'a Recorded,
        repositories: &'a Repositories,
    ) -> Run<'a> {
        Run {
            options,
            recorded,
            supply: Supply {
                mirrors: &options.mirrors,
                repositories,
                gate: Gate::new(&recorded.sums, options.database.as_ref()),
                cache: &options.cache,
                folder_mode: options.folder_mode,
                extraction: options.extraction,
                monitor: &*options.monitor,
                threads: options.threads,
                pool: Pool::with_capacity(Pool::<BlobKey>::DEFAULT_CAPACITY),
            },
        }
    }

    fn go_mods(&self, effect: Effect) -> MirrorGoMods<'_> {
        MirrorGoMods {
            supply: &self.supply,
            uncovered: self.options.uncovered,
            effect,
            known: AtomicUsize::default(),
            asked: Mutex::default(),
        }
    }

    /// Loads the graphs of the projects. What fails there is told, and the rest goes on without.
    fn load(&self, effect: Effect) -> Result<Loaded> {
        let go_mods = self.go_mods(effect);
        let mut loaded = Loaded::default();
        for project in &self.options.projects {
            let file = project.file();
            let graph = graph::load(project, &go_mods, self.options.readers)
                .with_context(|| format!("cannot load the module graph of {}", file.display()))?;
            self.supply.go_on()?;
            loaded.needs.add_graph(&graph);
            if graph.consistency == Consistency::NeedsUpdate {
                loaded.inconsistent.push(file.to_owned());
            }
            for failure in graph.failures {
                let subject = failure
                    .subject()
                    .unwrap_or_else(|| file.display().to_string());
                let parent = failure.chain.iter().rev().nth(1);
                let required_by = parent.map(ToString::to_string);
                loaded
                    .failures
                    .entry(subject.clone())
                    .or_insert(SeedFailure {
                        subject,
                        required_by,
                        error: failure.error,
                    });
            }
        }
        loaded.needs.add_sums(&self.recorded.go_sum);
        let asked = go_mods.asked.into_inner();
        loaded.asked = asked.unwrap_or_else(PoisonError::into_inner);
        Ok(loaded)
    }

    /// Works through all versions that are needed and have not failed yet.
    fn all(
        &self,
        loaded: Loaded,
        work: impl Fn(&ModuleVersion, Extent, NonZeroUsize) -> Result<Seeded> + Sync,
    ) -> Result<SeedOutcome> {
        let extent = |module| match self.options.extent {
            Extent::Everything if loaded.needs.content.contains(module) => Extent::Everything,
            _ => Extent::Metadata,
        };
        let units: Vec<&ModuleVersion> = loaded
            .needs
            .metadata
            .iter()
            .filter(|module| !loaded.failures.contains_key(&module.to_string()))
            .collect();
        let (done, known) = (AtomicUsize::default(), units.len());
        let results = in_parallel(&units, self.options.threads, |module, threads| {
            let result = work(module, extent(module), threads);
            let done = done.fetch_add(1, Ordering::Relaxed) + 1;
            self.options.monitor.report(Phase::Run { done, known });
            result
        });
        self.supply.go_on()?;
        let mut outcome = SeedOutcome {
            seeded: Vec::with_capacity(units.len()),
            failures: loaded.failures.into_values().collect(),
            inconsistent: loaded.inconsistent,
        };
        for (module, result) in units.into_iter().zip(results) {
            match result {
                Ok(mut seeded) => {
                    seeded.verified_by = self.supply.gate.verified(module, seeded.extent.part());
                    if loaded.asked.contains(module) {
                        seeded.published = Published::Made;
                    }
                    outcome.seeded.push(seeded);
                }
                Err(error) => outcome.failures.push(SeedFailure {
                    subject: module.to_string(),
                    required_by: None,
                    error: Arc::new(error),
                }),
            }
        }
        Ok(outcome)
    }

    fn one(&self, module: &ModuleVersion, extent: Extent, threads: NonZeroUsize) -> Result<Seeded> {
        self.supply.go_on()?;
        self.require_sums(module, extent)?;
        if let Some(present) = self.present(module, extent)? {
            return Ok(present);
        }
        let version = module.version.as_str();
        let (sum, go_mod_sum) = self.supply.with_sources(&module.path, version, |repo| {
            if extent == Extent::Metadata {
                let go_mod = self.supply.write_version(repo, &module.version)?;
                return Ok((None, dirhash::go_mod_sum(&go_mod)));
            }
            let context = QueryContext::default();
            let supplied = self.supply.publish(repo, version, &context, threads)?;
            if supplied.module != *module {
                bail!("{module}: the mirror has it as {}", supplied.module.version);
            }
            Ok((Some(supplied.sum), dirhash::go_mod_sum(&supplied.go_mod)))
        })?;
        Ok(Seeded {
            sum,
            go_mod_sum: Some(go_mod_sum),
            published: Published::Made,
            ..self.recorded(module, extent)
        })
    }

    /// Looks for a version of which the cache has all that is needed, and compares it with go.sum.
    fn present(&self, module: &ModuleVersion, extent: Extent) -> Result<Option<Seeded>> {
        let cache = &self.options.cache;
        let state = cache.state(module)?;
        let is_there = match extent {
            Extent::Everything => state.is_complete(self.options.extraction),
            Extent::Metadata => state.info && state.go_mod,
        };
        let Some(go_mod) = cache.read(module, File::Mod)?.filter(|_| is_there) else {
            return Ok(None);
        };
        let go_mod_sum = dirhash::go_mod_sum(&go_mod);
        self.supply.gate.check(module, Part::GoMod, &go_mod_sum)?;
        let sum = match extent {
            Extent::Everything => Some(cache.zip_sum(module)?),
            Extent::Metadata => None,
        };
        if let Some(sum) = &sum {
            self.supply.gate.check(module, Part::Zip, sum)?;
        }
        Ok(Some(Seeded {
            sum,
            go_mod_sum: Some(go_mod_sum),
            published: Published::Present,
            ..self.recorded(module, extent)
        }))
    }

    fn planned(&self, module: &ModuleVersion, extent: Extent) -> Result<Seeded> {
        self.require_sums(module, extent)?;
        if let Some(present) = self.present(module, extent)? {
            return Ok(present);
        }
        if sources(&self.options.mirrors, &module.path)?.is_empty() {
            bail!(super::NoMirror {
                path: module.path.clone()
            });
        }
        Ok(self.recorded(module, extent))
    }

    /// What go.sum and the mirrors say of a version before it is looked at.
    fn recorded(&self, module: &ModuleVersion, extent: Extent) -> Seeded {
        let sums = &self.recorded.sums;
        let sum = sums.recorded(module).map(str::to_owned);
        let go_mod_sum = sums.recorded_go_mod(module).map(str::to_owned);
        Seeded {
            module: module.clone(),
            extent,
            repository: self.repository(&module.path),
            covered: go_mod_sum.is_some() && (extent == Extent::Metadata || sum.is_some()),
            sum,
            go_mod_sum,
            verified_by: VerifiedBy::Nothing,
            published: Published::Made,
        }
    }

    fn repository(&self, path: &ModulePath) -> Option<String> {
        let sources = sources(&self.options.mirrors, path).ok()?;
        sources.iter().find_map(Source::name)
    }

    fn require_sums(&self, module: &ModuleVersion, extent: Extent) -> Result<()> {
        if self.options.uncovered == Uncovered::Fetched {
            return Ok(());
        }
        let missing = if self.recorded.sums.recorded_go_mod(module).is_none() {
            "go.mod"
        } else if extent == Extent::Everything && self.recorded.sums.recorded(module).is_none() {
            "zip"
        } else {
            return Ok(());
        };
        let (module, part) = (module.clone(), missing);
        bail!(NoSum { module, part })
    }
}

/// Adds to a go.sum file the lines that no file has; lines that it has stay.
fn write_sums(file: &std::path::Path, seeded: &[Seeded], known: &SumFiles) -> Result<()> {
    let name = file.display().to_string();
    let content = disk::read_optional(file)?.unwrap_or_default();
    let mut sums = GoSum::parse(&name, &content)?;
    for version in seeded {
        let module = &version.module;
        let path = module.path.as_str();
        if let Some(sum) = &version.go_mod_sum
            && known.recorded_go_mod(module).is_none()
        {
            sums.record(path, &format!("{}/go.mod", module.version), sum);
        }
        if let Some(sum) = &version.sum
            && known.recorded(module).is_none()
        {
            sums.record(path, module.version.as_str(), sum);
        }
    }
    let text = sums.to_string();
    disk::write_output(file, |out| Ok(out.write_all(text.as_bytes())?))
}
