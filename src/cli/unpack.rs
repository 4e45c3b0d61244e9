//! `gomodcache unpack`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Result;
use clap::Args;
use serde::Serialize;

use super::bundles::{Source, TrustOptions};
use super::interrupt::Interrupt;
use super::progress::Progress;
use super::settings::{CacheOptions, ExtractOptions, JobOptions, SumOptions};
use super::verification::{self, OfflineOptions, offer_records};
use super::{Exit, Output};
use crate::bundle::{Manifest, Reader, Trust, Vouched, database_file_name};
use crate::cache::{Cache, Extraction, Published};
use crate::disk;
use crate::goenv::GoEnv;
use crate::ops::{self, Extent, OfflineDatabase, UnpackOptions, UnpackOutcome, Unpacked};

/// Unpack bundles into the module cache, once they are verified
///
/// Each version becomes visible by itself, when all of it has been read and has the sums of the manifest, of the
/// go.sum files and of the records of checksum databases. Zips and go.mod files that are there already are compared and
/// stay; other content of the same version is refused, and a zip that is damaged gives way to that of the bundle. Needs
/// no network, no go and no git. Run it again after an interrupt: what is there is passed over.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct Unpack {
    /// The bundles, in this order; of one in parts its own name or that of any part; `-` is stdin
    #[arg(value_name = "FILE", required = true)]
    bundles: Vec<PathBuf>,

    #[command(flatten)]
    trust: TrustOptions,

    #[command(flatten)]
    cache: CacheOptions,

    /// Unpack into this folder, which becomes a module proxy for GOPROXY=file:// or any web server; not into the cache
    #[arg(long, value_name = "FOLDER", conflicts_with_all = ["modcache", "no_extract"])]
    to_proxy: Option<PathBuf>,

    #[command(flatten)]
    extract: ExtractOptions,

    #[command(flatten)]
    sums: SumOptions,

    #[command(flatten)]
    sumdb: OfflineOptions,

    #[command(flatten)]
    jobs: JobOptions,

    /// Print an object for each version
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  Only what a colleague has signed:
    gomodcache unpack deps.tar.zst --trust builder.pub

  Then work without network:
    eval \"$(gomodcache env)\"
    go build ./...
";

impl Unpack {
    pub(super) fn run(&self, env: &GoEnv, output: &Output) -> Result<Exit> {
        let progress = Arc::new(Progress::new(output, Interrupt::listen()?));
        let trust = self.trust.trust()?;
        let cache = match &self.to_proxy {
            Some(folder) => proxy_folder(folder)?,
            None => self.cache.cache(env)?,
        };
        let options = UnpackOptions {
            sums: self.sums.sums_here()?,
            database: self.sumdb.database(env, &cache)?,
            cache: &cache,
            folder_mode: env.folder_mode()?,
            extraction: match self.to_proxy {
                Some(_) => Extraction::LeftToGo,
                None => self.extract.extraction(),
            },
            threads: self.jobs.threads(),
            monitor: &*progress,
        };
        let format = if self.json {
            Format::Json
        } else {
            Format::Text
        };
        let mut exit = Exit::Done;
        for bundle in &self.bundles {
            let unpacked = self.unpack(bundle, &trust, &options, output);
            progress.clear();
            exit = exit.max(match unpacked {
                Ok(outcome) => render(bundle, &outcome, format, output)?,
                Err(error) => {
                    let exit = Exit::of(&error);
                    output.error(
                        Some(&format!("failed to unpack {}", bundle.display())),
                        &error,
                    );
                    exit
                }
            });
        }
        let database = options.database.as_ref().map(OfflineDatabase::name);
        offer_records(env, &cache, database, output)?;
        if self.to_proxy.is_some() {
            ops::index_proxy_folder(&cache)?;
        }
        Ok(exit)
    }

    fn unpack(
        &self,
        bundle: &Path,
        trust: &Trust,
        options: &UnpackOptions<'_>,
        output: &Output,
    ) -> Result<UnpackOutcome> {
        let source = Source::find(bundle)?;
        let reader = Reader::open(source.open()?, trust).map_err(|error| source.blame(error))?;
        let name = bundle.display();
        match reader.vouched() {
            Vouched::Trusted { .. } => output.detail(format!("{name} is {}", reader.vouched())),
            vouched => output.status(format!(
                "{name} is {vouched}: nobody who is trusted vouches for it (--trust)"
            )),
        }
        if has_records_of_others(reader.manifest(), options.database.as_ref()) {
            output.status(format!(
                "{name} has records of a checksum database that is not in force here (GOSUMDB, --sumdb): they are left out"
            ));
        }
        let mut outcome = ops::unpack(options, reader);
        outcome.end = outcome.end.map_err(|error| source.blame(error));
        Ok(outcome)
    }
}

/// How versions are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// Only with `-v`, as status.
    Text,
    /// An object each.
    Json,
}

/// Tells whether a bundle has files of any checksum database but this.
fn has_records_of_others(manifest: &Manifest, database: Option<&OfflineDatabase>) -> bool {
    let kept = database.map(|database| database_file_name(database.name(), ""));
    let is_kept = |name: &str| kept.as_ref().is_some_and(|folder| name.starts_with(folder));
    manifest.databases.iter().any(|file| !is_kept(&file.name))
}

/// Takes a folder for a module proxy; it need not be there yet.
pub(super) fn proxy_folder(folder: &Path) -> Result<Cache> {
    Cache::proxy_folder(disk::absolute(folder)?)
}

/// Prints what has become of a bundle.
pub(super) fn render(
    bundle: &Path,
    outcome: &UnpackOutcome,
    format: Format,
    output: &Output,
) -> Result<Exit> {
    let (mut added, mut present, mut refused) = (0, 0, 0);
    let mut exit = Exit::Done;
    for unpacked in &outcome.versions {
        let module = &unpacked.module;
        match &unpacked.result {
            Ok(Published::Made) => {
                added += 1;
                output.detail(format!("added {module}"));
            }
            Ok(Published::Present) => {
                present += 1;
                output.detail(format!("already there {module}"));
            }
            Err(error) => {
                refused += 1;
                exit = exit.max(Exit::of(error));
                output.error(Some(&format!("refused `{module}`")), error);
            }
        }
        if format == Format::Json {
            output.json(&UnpackedJson::from(unpacked))?;
        }
    }
    if let Err(error) = &outcome.end {
        exit = exit.max(Exit::of(error));
        let what = format!("stopped reading {}", bundle.display());
        output.error(Some(&what), error);
    }
    let mut summary = format!("added {added}, already there {present}");
    if refused > 0 {
        summary.push_str(&format!(", refused {refused}"));
    }
    output.status(summary);
    let accepted = outcome.versions.iter().filter(|it| it.result.is_ok());
    let verified = accepted.map(|unpacked| &unpacked.verified_by);
    if let Some(verified) = verification::summary(outcome.database.as_ref(), verified) {
        output.status(verified);
    }
    Ok(exit)
}

/// A version as JSON; empty values are left out.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct UnpackedJson {
    path: String,
    version: String,
    /// `zip` or `go.mod`: how much of the version the bundle has.
    packed: &'static str,
    /// `added`, `present` or `refused`.
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sum: Option<String>,
    /// `go.sum`, the name of a checksum database, or `nothing`.
    verified_by: String,
}

impl From<&Unpacked> for UnpackedJson {
    fn from(unpacked: &Unpacked) -> UnpackedJson {
        UnpackedJson {
            path: unpacked.module.path.to_string(),
            version: unpacked.module.version.to_string(),
            packed: match unpacked.extent {
                Extent::Everything => "zip",
                Extent::Metadata => "go.mod",
            },
            status: match unpacked.result {
                Ok(Published::Made) => "added",
                Ok(Published::Present) => "present",
                Err(_) => "refused",
            },
            error: unpacked
                .result
                .as_ref()
                .err()
                .map(|error| format!("{error:#}")),
            sum: unpacked.sum.clone(),
            verified_by: unpacked.verified_by.word().to_owned(),
        }
    }
}
