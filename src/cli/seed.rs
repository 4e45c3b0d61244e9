//! `gomodcache seed`.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Result;
use clap::Args;
use serde::Serialize;

use super::interrupt::Interrupt;
use super::progress::Progress;
use super::projects::ProjectOptions;
use super::settings::{
    CacheOptions, ExtractOptions, JobOptions, MirrorOptions, read_sums, repositories,
};
use super::verification::{Subject, SumDatabaseOptions};
use super::{Exit, Output, causes, verification};
use crate::cache::Published;
use crate::goenv::GoEnv;
use crate::gomod::go_version;
use crate::graph::Project;
use crate::ops::{
    self, Extent, Monitor, SeedOptions, SeedOutcome, Seeded, SumDatabase, TidyNeeds, Uncovered,
};

/// Fetch all that projects need, so that go works on them offline
///
/// Reads go.mod or go.work, loads the module graph from the mirrors, and writes `.mod` and `.info` of each
/// version in it, zip and folder of each that is selected or that go.sum lists. Then `go build`, `go test`,
/// `go vet`, `go list -m all`, `go mod tidy`, `go mod verify`, `go mod vendor` and `go mod download` work with
/// GOPROXY=off, on every platform. The go.sum and go.work.sum files of the projects must match before anything
/// becomes visible. What is complete already costs nothing: run it again after an interrupt or a change.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct Seed {
    #[command(flatten)]
    projects: ProjectOptions,

    #[command(flatten)]
    mirrors: MirrorOptions,

    /// Write only .mod and .info, which is enough for `go list -m all`
    #[arg(long, conflicts_with = "no_extract")]
    mod_only: bool,

    #[command(flatten)]
    extract: ExtractOptions,

    /// Fetch what `go mod tidy` reads besides, when the project is not tidy
    ///
    /// Loads the packages of the projects for all platforms, with their tests and those of what they import, and looks
    /// for what nothing requires yet at its latest version. No go.sum line covers what is found so: it is listed
    /// as unverified. Then `go mod tidy` works with the settings of `gomodcache env`; where a module is
    /// missing in go.mod, GOPROXY=off is not enough, because go asks for its latest version.
    #[arg(long, conflicts_with_all = ["mod_only", "dry_run"])]
    tidy: bool,

    /// Tell what would be fetched; reads what the module graph needs and writes nothing into the cache
    ///
    /// A line for each version: `there` or `fetch`, module, `zip` or `go.mod`, repository, recorded sum.
    #[arg(long)]
    dry_run: bool,

    #[command(flatten)]
    cache: CacheOptions,

    /// Check against this go.sum besides those of the projects; may be repeated
    #[arg(long = "sum", value_name = "FILE")]
    sums: Vec<PathBuf>,

    /// Refuse versions that no go.sum line covers
    #[arg(long)]
    require_sums: bool,

    /// Write the lines that the go.sum files lack into this go.sum; lines that it has stay
    #[arg(long, value_name = "FILE", conflicts_with = "dry_run")]
    write_sums: Option<PathBuf>,

    #[command(flatten)]
    sumdb: SumDatabaseOptions,

    #[command(flatten)]
    jobs: JobOptions,

    /// Print an object for each version
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  All that the project in this folder needs, into the cache that go uses:
    gomodcache seed --mirror golang.org/x/text=github.com/golang/text

  Two projects at once, which share repositories and cache:
    gomodcache seed ./api ./worker/go.work --modcache ./mod

  What would be fetched, and from where:
    gomodcache seed --dry-run

  Then work without network:
    GOPROXY=off go test ./...
";

impl Seed {
    pub(super) fn run(&self, env: &GoEnv, output: &Output) -> Result<Exit> {
        let progress = Arc::new(Progress::new(output, Interrupt::listen()?));
        let monitor: Arc<dyn Monitor> = progress.clone();
        let projects = self.projects.read(env)?;
        let mirrors = self.mirrors.of_projects(env, &projects)?;
        let cache = self.cache.cache(env)?;
        let repositories = repositories(env, Arc::clone(&monitor))?;
        let database =
            self.sumdb
                .database(Subject::Modules, env, &mirrors, &cache, &repositories)?;
        let threads = self.jobs.makers(&mirrors);
        let options = SeedOptions {
            projects,
            extent: if self.mod_only {
                Extent::Metadata
            } else {
                Extent::Everything
            },
            tidy: if self.tidy {
                TidyNeeds::Loaded
            } else {
                TidyNeeds::AsRecorded
            },
            uncovered: if self.require_sums {
                Uncovered::Refused
            } else {
                Uncovered::Fetched
            },
            mirrors,
            sums: read_sums(&self.sums)?,
            write_sums: self.write_sums.clone(),
            database,
            cache,
            folder_mode: env.folder_mode()?,
            extraction: self.extract.extraction(),
            threads,
            readers: self.jobs.readers(),
            monitor,
        };
        let outcome = if self.dry_run {
            ops::plan(&options, &repositories)
        } else {
            ops::seed(&options, &repositories)
        };
        progress.clear();
        for wanted in newer_toolchains(env, &options.projects) {
            output.status(format!(
                "{wanted} is wanted, and the go on PATH is older; offline it comes from the cache: gomodcache fetch --toolchain {wanted} --proxy env"
            ));
        }
        if !self.dry_run {
            let database = options.database.as_ref().map(SumDatabase::name);
            verification::offer_records(env, &options.cache, database, output)?;
        }
        self.render(&outcome?, options.database.as_ref(), output)
    }

    fn render(
        &self,
        outcome: &SeedOutcome,
        database: Option<&SumDatabase>,
        output: &Output,
    ) -> Result<Exit> {
        for seeded in &outcome.seeded {
            self.render_seeded(seeded, database, output)?;
        }
        let mut exit = Exit::Done;
        for failure in &outcome.failures {
            exit = exit.max(Exit::of(&failure.error));
            if self.json {
                output.json(&SeededJson {
                    path: failure.subject.clone(),
                    error: format!("{:#}", failure.error),
                    ..SeededJson::default()
                })?;
            }
        }
        causes::render(&outcome.failures, output);
        for file in &outcome.inconsistent {
            output.status(format!(
                "{} needs an update before go builds with it: go mod tidy",
                file.display()
            ));
        }
        let is_unverified =
            |seeded: &&Seeded| !seeded.covered && seeded.verified_by.name().is_none();
        let uncovered = outcome.seeded.iter().filter(is_unverified);
        let uncovered: Vec<String> = uncovered.map(|it| format!("\n  {}", it.module)).collect();
        if !uncovered.is_empty() {
            output.status(format!(
                "unverified, because no go.sum line covers them:{}",
                uncovered.concat()
            ));
        }
        let mut summary = self.summary(outcome);
        let verified = outcome.seeded.iter().map(|seeded| &seeded.verified_by);
        if let Some(verified) = verification::summary(database, verified) {
            summary.push_str("; ");
            summary.push_str(&verified);
        }
        output.status(summary);
        Ok(exit)
    }

    fn summary(&self, outcome: &SeedOutcome) -> String {
        let is_present = |seeded: &&Seeded| seeded.published == Published::Present;
        let present = outcome.seeded.iter().filter(is_present).count();
        let made = outcome.seeded.len() - present;
        let verb = if self.dry_run { "to fetch" } else { "fetched" };
        let mut summary = format!("{verb} {made}, already there {present}");
        if !outcome.failures.is_empty() {
            summary.push_str(&format!(", failed {}", outcome.failures.len()));
        }
        summary
    }

    fn render_seeded(
        &self,
        seeded: &Seeded,
        database: Option<&SumDatabase>,
        output: &Output,
    ) -> Result<()> {
        let module = &seeded.module;
        if self.json {
            return output.json(&SeededJson {
                verified_by: verification::json(database, &seeded.verified_by),
                ..SeededJson::from(seeded)
            });
        }
        if self.dry_run {
            let (state, part) = words(seeded);
            let repository = seeded.repository.as_deref().unwrap_or("-");
            let sum = match seeded.extent {
                Extent::Everything => &seeded.sum,
                Extent::Metadata => &seeded.go_mod_sum,
            };
            let sum = sum.as_deref().unwrap_or("-");
            let line = format!("{state}\t{module}\t{part}\t{repository}\t{sum}\n");
            return output.data(line.as_bytes());
        }
        output.detail(match seeded.published {
            Published::Made => format!("fetched {module}"),
            Published::Present => format!("already there {module}"),
        });
        Ok(())
    }
}

/// Lists the releases of go that projects want and the installed go is too old for.
fn newer_toolchains(env: &GoEnv, projects: &[Project]) -> BTreeSet<String> {
    let Some(installed) = env.installed_go() else {
        return BTreeSet::new();
    };
    let wanted = projects.iter().filter_map(|project| {
        let toolchain = project.toolchain().and_then(|name| name.strip_prefix("go"));
        let go = project.go_version();
        let wanted = match toolchain {
            Some(toolchain) if go_version::compare(toolchain, go).is_gt() => toolchain,
            _ => go,
        };
        let is_newer = go_version::compare(wanted, &installed).is_gt();
        is_newer.then(|| format!("go{wanted}"))
    });
    wanted.collect()
}

/// Tells whether a version is there, and how much of it is needed.
fn words(seeded: &Seeded) -> (&'static str, &'static str) {
    let state = match seeded.published {
        Published::Made => "fetch",
        Published::Present => "there",
    };
    let part = match seeded.extent {
        Extent::Everything => "zip",
        Extent::Metadata => "go.mod",
    };
    (state, part)
}

/// A version as JSON; empty values are left out.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
struct SeededJson {
    path: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    version: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    error: String,
    /// `zip` or `go.mod`: how much of the version is needed.
    #[serde(skip_serializing_if = "str::is_empty")]
    needed: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    present: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    repository: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sum: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    go_mod_sum: Option<String>,
    /// Whether a go.sum line covers it.
    #[serde(skip_serializing_if = "Option::is_none")]
    covered: Option<bool>,
    /// Where a checksum database is in force: `go.sum`, the name of the database, or `nothing`.
    #[serde(skip_serializing_if = "Option::is_none")]
    verified_by: Option<String>,
}

impl From<&Seeded> for SeededJson {
    fn from(seeded: &Seeded) -> SeededJson {
        SeededJson {
            path: seeded.module.path.to_string(),
            version: seeded.module.version.to_string(),
            error: String::new(),
            needed: words(seeded).1,
            present: Some(seeded.published == Published::Present),
            repository: seeded.repository.clone(),
            sum: seeded.sum.clone(),
            go_mod_sum: seeded.go_mod_sum.clone(),
            covered: Some(seeded.covered),
            verified_by: None,
        }
    }
}
