//! `gomodcache verify`.

use anyhow::{Context, Result};
use clap::Args;
use serde::Serialize;

use super::interrupt::Interrupt;
use super::progress::Progress;
use super::settings::{CacheOptions, JobOptions, SumOptions};
use super::sources::parse;
use super::verification::OfflineOptions;
use super::{Exit, Output};
use crate::goenv::GoEnv;
use crate::ops::{self, Finding, MainModule, Selector, Subject, Verified, VerifyOptions};

/// Verify that the cache holds what it says it holds
///
/// Reads every zip and folder: a zip must have the sum in its .ziphash, in the go.sum of this folder, and in the
/// records of the checksum database in the cache; the folder must have the files of the zip; .info, .mod and lists of
/// versions must make sense. What killed runs have left is told as well. go may be at work meanwhile.
#[derive(Debug, Args)]
#[command(
    after_long_help = "Exit codes:\n  0  all is as it must be\n  1  something is wrong that is no content: a hash is missing, a list is stale, files are left over\n  3  content differs from a recorded sum\n"
)]
pub(super) struct Verify {
    /// Only these: a module, MODULE@VERSION, `example.com/...`, or a pattern as in GOPRIVATE
    #[arg(value_name = "MODULE", value_parser = parse::<Selector>)]
    selectors: Vec<Selector>,

    #[command(flatten)]
    cache: CacheOptions,

    #[command(flatten)]
    sums: SumOptions,

    #[command(flatten)]
    sumdb: OfflineOptions,

    #[command(flatten)]
    jobs: JobOptions,

    /// Print an object for each finding
    #[arg(long)]
    json: bool,
}

impl Verify {
    pub(super) fn run(&self, env: &GoEnv, output: &Output) -> Result<Exit> {
        let progress = Progress::new(output, Interrupt::listen()?);
        let cache = self.cache.cache(env)?;
        let folder = std::env::current_dir().context("cannot find the current folder")?;
        let main_module = MainModule::find(&folder)?;
        let verified = ops::verify(&VerifyOptions {
            cache: &cache,
            selectors: self.selectors.clone(),
            sums: self.sums.sums(main_module.as_ref())?,
            database: self.sumdb.database(env, &cache)?,
            threads: self.jobs.threads(),
            monitor: &progress,
        });
        progress.clear();
        self.render(&verified?, output)
    }

    fn render(&self, verified: &Verified, output: &Output) -> Result<Exit> {
        let mut exit = Exit::Done;
        for finding in &verified.findings {
            exit = exit.max(match finding.fault.is_content() {
                true => Exit::Differs,
                false => Exit::Failed,
            });
            if self.json {
                output.json(&FindingJson::from(finding))?;
            } else {
                let line = format!("{}: {}\n", finding.subject, finding.fault);
                output.data(line.as_bytes())?;
            }
        }
        output.status(match verified.findings.len() {
            0 => format!("verified {} versions: all is well", verified.versions),
            count => format!("verified {} versions: {count} findings", verified.versions),
        });
        if exit != Exit::Done {
            output.hint("mend the cache: gomodcache verify --repair");
        }
        Ok(exit)
    }
}

/// A finding as JSON; empty values are left out.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
struct FindingJson {
    #[serde(skip_serializing_if = "String::is_empty")]
    path: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    version: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    file: String,
    /// Whether content differs from a recorded sum.
    differs: bool,
    finding: String,
}

impl From<&Finding> for FindingJson {
    fn from(finding: &Finding) -> FindingJson {
        let described = FindingJson {
            differs: finding.fault.is_content(),
            finding: finding.fault.to_string(),
            ..FindingJson::default()
        };
        match &finding.subject {
            Subject::Version(module) => FindingJson {
                path: module.path.to_string(),
                version: module.version.to_string(),
                ..described
            },
            Subject::Module(path) => FindingJson {
                path: path.to_string(),
                ..described
            },
            Subject::Path(path) => FindingJson {
                file: path.display().to_string(),
                ..described
            },
        }
    }
}
