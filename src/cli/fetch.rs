//! `gomodcache fetch`.

use std::path::Path;
use std::sync::Arc;

use anyhow::Result;
use clap::Args;
use serde::Serialize;

use super::interrupt::Interrupt;
use super::progress::Progress;
use super::settings::{
    CacheOptions, ExtractOptions, JobOptions, MirrorOptions, SumOptions, current_folder,
    repositories,
};
use super::sources::parse;
use super::toolchains::ToolchainArguments;
use super::verification::{Subject, SumDatabaseOptions};
use super::{Exit, Output, verification};
use crate::cache::Published;
use crate::checksum::gosum;
use crate::goenv::GoEnv;
use crate::module::{ModuleVersion, Origin};
use crate::ops::{
    self, Asked, Failure, Fetched, MainModule, Monitor, Options, Request, SumDatabase, Tags,
    ToolchainOptions, VerifiedBy, Wanted, fetch,
};

/// Fetch module versions from git mirrors and module proxies into the module cache
///
/// Each MODULE is a module path and a version query as `go mod download` takes it: a version, `latest`
/// (also when there is none), `v1`, `v1.2`, `>=v1.3.0`, a branch, a tag, a commit. Prints the go.sum lines of
/// what is in the cache then. A version that is complete already is not made again; one whose content differs
/// is never overwritten.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct Fetch {
    /// Module path and version query
    #[arg(required_unless_present_any = ["releases", "archives"], value_name = "MODULE[@QUERY]", value_parser = parse::<Request>)]
    modules: Vec<Request>,

    #[command(flatten)]
    mirrors: MirrorOptions,

    /// Fetch every version that go would list
    #[arg(long)]
    all_versions: bool,

    /// Write .info and .mod of every tag besides, so that version lists and queries work offline
    #[arg(long)]
    metadata: bool,

    #[command(flatten)]
    extract: ExtractOptions,

    #[command(flatten)]
    toolchains: ToolchainArguments,

    #[command(flatten)]
    cache: CacheOptions,

    #[command(flatten)]
    sums: SumOptions,

    #[command(flatten)]
    sumdb: SumDatabaseOptions,

    #[command(flatten)]
    jobs: JobOptions,

    /// Print what `go mod download -json` prints
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  From a mirror on a forge, one version:
    gomodcache fetch golang.org/x/text@v0.3.0 --mirror github.com/golang/text

  Two versions from a local clone, into the cache that go uses:
    gomodcache fetch golang.org/x/text@v0.1.0 golang.org/x/text@v0.3.0 --mirror ./text.git

  All versions from a bundle, into another cache:
    gomodcache fetch golang.org/x/text --all-versions --mirror ./text.bundle --modcache ./mod

  A module in a folder of a repository:
    gomodcache fetch cloud.google.com/go/storage@v1.0.0 \\
        --mirror cloud.google.com/go=github.com/googleapis/google-cloud-go

  Then build without network:
    GOPROXY=off go build ./...
";

impl Fetch {
    pub(super) fn run(&self, env: &GoEnv, output: &Output) -> Result<Exit> {
        if self.all_versions
            && let Some(request) = self.modules.iter().find(|request| request.query.is_some())
        {
            let what = format!("`{request}` names a version, and --all-versions wants all");
            return Ok(output.misused(&what));
        }
        let folder = current_folder()?;
        let main_module = MainModule::find(&folder)?;
        let progress = Arc::new(Progress::new(output, Interrupt::listen()?));
        let monitor: Arc<dyn Monitor> = progress.clone();
        let (mirrors, cache) = (self.mirrors.mirrors(env, &folder)?, self.cache.cache(env)?);
        let repositories = repositories(env, Arc::clone(&monitor))?;
        let database = self
            .sumdb
            .database(self.subject(), env, &mirrors, &cache, &repositories)?;
        let threads = self.jobs.makers(&mirrors);
        let mut requests = self.modules.clone();
        requests.extend(self.toolchains.requests()?);
        let options = Options {
            requests,
            wanted: if self.all_versions {
                Wanted::AllVersions
            } else {
                Wanted::Query
            },
            tags: if self.metadata {
                Tags::Metadata
            } else {
                Tags::AsNeeded
            },
            mirrors,
            sums: self.sums.sums(main_module.as_ref())?,
            main_module,
            cache,
            database,
            folder_mode: env.folder_mode()?,
            extraction: self.extract.extraction(),
            threads,
            monitor,
        };
        let mut results = fetch(&options, &repositories).results;
        let archives = self.toolchains.archives.iter();
        results.extend(archives.map(|archive| made_of(archive, &options, env)));
        progress.clear();
        let database = options.database.as_ref();
        verification::offer_records(env, &options.cache, database.map(SumDatabase::name), output)?;
        self.render(&results, options.database.as_ref(), output)
    }

    fn subject(&self) -> Subject {
        let is_toolchain = |request: &Request| request.path.is_toolchain();
        match !self.toolchains.is_empty() || self.modules.iter().any(is_toolchain) {
            true => Subject::Toolchains,
            false => Subject::Modules,
        }
    }

    fn render(
        &self,
        results: &[Result<Fetched, Failure>],
        database: Option<&SumDatabase>,
        output: &Output,
    ) -> Result<Exit> {
        let mut exit = Exit::Done;
        let (mut made, mut present, mut interrupted, mut failed) = (0, 0, 0, Vec::new());
        for result in results {
            match result {
                Ok(fetched) => {
                    match fetched.published {
                        Published::Made => made += 1,
                        Published::Present => present += 1,
                    }
                    self.render_fetched(fetched, database, output)?;
                }
                Err(failure) if Exit::of(&failure.error) == Exit::Interrupted => {
                    exit = Exit::Interrupted;
                    interrupted += 1;
                }
                Err(failure) => {
                    exit = exit.max(Exit::of(&failure.error));
                    self.render_failure(failure, output)?;
                    failed.push(failure.asked.to_string());
                }
            }
        }
        let mut summary = format!("fetched {made}, already there {present}");
        if !failed.is_empty() {
            summary.push_str(&format!(", failed {}: {}", failed.len(), failed.join(", ")));
        }
        if interrupted > 0 {
            summary.push_str(&format!(
                ", interrupted before {interrupted}; the same command goes on from here"
            ));
        }
        let verified = results.iter().flatten().map(|fetched| &fetched.verified_by);
        if let Some(verified) = verification::summary(database, verified) {
            summary.push_str("; ");
            summary.push_str(&verified);
        }
        output.status(summary);
        Ok(exit)
    }

    fn render_fetched(
        &self,
        fetched: &Fetched,
        database: Option<&SumDatabase>,
        output: &Output,
    ) -> Result<()> {
        let module = &fetched.module;
        output.detail(match fetched.published {
            Published::Made => format!("fetched {module}"),
            Published::Present => format!("already there {module}"),
        });
        if self.json {
            return output.json(&ModuleJson {
                verified_by: verification::json(database, &fetched.verified_by),
                ..ModuleJson::from(fetched)
            });
        }
        if module.path.is_toolchain() {
            // No go.sum can have it.
            return Ok(());
        }
        let (path, version) = (module.path.as_str(), module.version.as_str());
        let zip = gosum::line(path, version, &fetched.sum);
        let go_mod = gosum::line(path, &format!("{version}/go.mod"), &fetched.go_mod_sum);
        output.data(format!("{zip}{go_mod}").as_bytes())
    }

    fn render_failure(&self, failure: &Failure, output: &Output) -> Result<()> {
        let asked = &failure.asked;
        if self.json {
            let (path, version) = match asked {
                Asked::Module(request) => (request.path.to_string(), request.query.as_deref()),
                Asked::Archive(archive) => (archive.display().to_string(), Some("")),
            };
            output.json(&ModuleJson {
                path,
                version: version.unwrap_or("latest").to_owned(),
                error: format!("{:#}", failure.error),
                ..ModuleJson::default()
            })?;
        }
        output.error(Some(&format!("failed to fetch `{asked}`")), &failure.error);
        Ok(())
    }
}

/// Makes a toolchain of the archive of a release.
fn made_of(archive: &Path, options: &Options, env: &GoEnv) -> Result<Fetched, Failure> {
    let admit = |module: &ModuleVersion, part, sum: &str| match &options.database {
        Some(database) => database.check(module, part, sum),
        None => Ok(VerifiedBy::Nothing),
    };
    let made = || {
        ops::toolchain(ToolchainOptions {
            archive,
            cache: &options.cache,
            scratch: &env.user_cache()?,
            folder_mode: options.folder_mode,
            extraction: options.extraction,
            threads: options.threads,
            admit: &admit,
            monitor: &*options.monitor,
        })
    };
    made().map_err(|error| Failure {
        asked: Asked::Archive(archive.to_owned()),
        error,
    })
}

/// What `go mod download -json` prints, in its order of keys (`modcmd.ModuleJSON`); empty values are left out.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
struct ModuleJson {
    path: String,
    version: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    query: Option<String>,
    #[serde(skip_serializing_if = "String::is_empty")]
    error: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    info: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    go_mod: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    zip: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    dir: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    sum: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    go_mod_sum: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    origin: Option<Origin>,
    /// Ours, where a checksum database is in force: `go.sum`, the name of the database, or `nothing`.
    #[serde(skip_serializing_if = "Option::is_none")]
    verified_by: Option<String>,
}

impl From<&Fetched> for ModuleJson {
    fn from(fetched: &Fetched) -> ModuleJson {
        ModuleJson {
            path: fetched.module.path.to_string(),
            version: fetched.module.version.to_string(),
            query: fetched.query.clone(),
            error: String::new(),
            info: fetched.info.display().to_string(),
            go_mod: fetched.go_mod.display().to_string(),
            zip: fetched.zip.display().to_string(),
            dir: fetched
                .folder
                .as_ref()
                .map_or_else(String::new, |folder| folder.display().to_string()),
            sum: fetched.sum.clone(),
            go_mod_sum: fetched.go_mod_sum.clone(),
            origin: fetched.origin.clone(),
            verified_by: None,
        }
    }
}
