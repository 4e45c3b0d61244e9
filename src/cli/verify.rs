//! `gomodcache verify`.

use std::sync::Arc;

use anyhow::Result;
use clap::Args;
use serde::Serialize;

use super::interrupt::Interrupt;
use super::progress::Progress;
use super::settings::{
    CacheOptions, JobOptions, MirrorOptions, SumOptions, current_folder, repositories,
};
use super::sources::parse;
use super::table::{table, versions_in_words};
use super::verification::{self, SumDatabaseOptions, offer_records};
use super::{Exit, Output};
use crate::goenv::GoEnv;
use crate::ops::{
    self, Finding, Monitor, RepairOptions, RepairOutcome, Selector, Subject, SumDatabase, Verified,
    VerifyOptions,
};

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
    sumdb: SumDatabaseOptions,

    /// Put right what is wrong
    ///
    /// Hashes and lists are written anew, folders extracted again, leftovers of killed runs removed. What is not sound is
    /// fetched again, from the mirrors and proxies of `gomodcache fetch`, and must have the sum that is recorded. What
    /// cannot be put right stays as it is.
    #[arg(long)]
    repair: bool,

    #[command(flatten)]
    mirrors: MirrorOptions,

    #[command(flatten)]
    jobs: JobOptions,

    /// Print an object for each finding
    #[arg(long)]
    json: bool,
}

impl Verify {
    pub(super) fn run(&self, env: &GoEnv, output: &Output) -> Result<Exit> {
        let progress = Arc::new(Progress::new(output, Interrupt::listen()?));
        let cache = self.cache.cache(env)?.unnoticed();
        let sums = self.sums.sums_here()?;
        let options = VerifyOptions {
            cache: &cache,
            selectors: self.selectors.clone(),
            sums: &sums,
            records: self.sumdb.records(),
            threads: self.jobs.threads(),
            monitor: &*progress,
        };
        if !self.repair {
            let verified = ops::verify(&options);
            progress.clear();
            return self.render(&verified?, output);
        }
        let monitor: Arc<dyn Monitor> = progress.clone();
        let mirrors = self.mirrors.mirrors(env, &current_folder()?)?;
        let repositories = repositories(env, monitor)?;
        let database = self.sumdb.database(
            verification::Subject::Modules,
            env,
            &mirrors,
            &cache,
            &repositories,
        )?;
        let repaired = ops::repair(&RepairOptions {
            verify: options,
            mirrors: &mirrors,
            repositories: &repositories,
            database: database.as_ref(),
            folder_mode: env.folder_mode()?,
        });
        progress.clear();
        offer_records(
            env,
            &cache,
            database.as_ref().map(SumDatabase::name),
            output,
        )?;
        self.render_repaired(&repaired?, output)
    }

    fn render_repaired(&self, outcome: &RepairOutcome, output: &Output) -> Result<Exit> {
        let rows = outcome
            .repaired
            .iter()
            .map(|it| (&it.finding, Some(&it.result)));
        self.tell(rows.collect(), output)?;
        let left = outcome.repaired.iter().filter(|it| it.result.is_err());
        let exit = left.clone().map(|it| gravity(&it.finding)).max();
        let versions = versions_in_words(outcome.versions);
        let (all, left) = (outcome.repaired.len(), left.count());
        output.status(match all {
            0 => format!("verified {versions}: all is well"),
            _ => format!(
                "verified {versions}: repaired {}, not repaired {left}",
                all - left
            ),
        });
        Ok(exit.unwrap_or(Exit::Done))
    }

    fn render(&self, verified: &Verified, output: &Output) -> Result<Exit> {
        let rows = verified.findings.iter().map(|finding| (finding, None));
        self.tell(rows.collect(), output)?;
        let versions = versions_in_words(verified.versions);
        output.status(match verified.findings.len() {
            0 => format!("verified {versions}: all is well"),
            1 => format!("verified {versions}: 1 finding"),
            count => format!("verified {versions}: {count} findings"),
        });
        let exit = verified.findings.iter().map(gravity).max();
        if exit.is_some() {
            output.hint("put it right: gomodcache verify --repair");
        }
        Ok(exit.unwrap_or(Exit::Done))
    }

    /// Prints a line, or an object, for each finding and what has become of it.
    fn tell(&self, rows: Vec<Row<'_>>, output: &Output) -> Result<()> {
        if self.json {
            let objects = rows.into_iter().map(FindingJson::from);
            return objects
                .into_iter()
                .try_for_each(|object| output.json(&object));
        }
        let cells = |(finding, result): Row<'_>| {
            let result = match result {
                None => String::new(),
                Some(Ok(how)) => format!("; repaired: {how}"),
                Some(Err(error)) => format!("; not repaired: {error:#}"),
            };
            let fault = &finding.fault;
            let problem = format!("{fault}{result}").replace('\n', " ");
            vec![
                finding.subject.to_string(),
                fault.part().to_owned(),
                problem,
            ]
        };
        let rows: Vec<Vec<String>> = rows.into_iter().map(cells).collect();
        output.data(table(&rows).as_bytes())
    }
}

/// A finding, and where there was a repair what has become of it.
type Row<'a> = (&'a Finding, Option<&'a Result<&'static str>>);

fn gravity(finding: &Finding) -> Exit {
    match finding.fault.is_content() {
        true => Exit::Differs,
        false => Exit::Failed,
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
    /// `zip`, `ziphash`, `folder`, `info`, `mod`, `list`, `record`, `leftover`.
    part: &'static str,
    /// Whether content differs from a recorded sum.
    differs: bool,
    finding: String,
    /// How it was put right.
    #[serde(skip_serializing_if = "Option::is_none")]
    repair: Option<&'static str>,
    /// Why it was not.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

impl From<Row<'_>> for FindingJson {
    fn from((finding, result): Row<'_>) -> FindingJson {
        let described = FindingJson {
            part: finding.fault.part(),
            differs: finding.fault.is_content(),
            finding: finding.fault.to_string(),
            repair: result.and_then(|result| result.as_ref().ok().copied()),
            error: result.and_then(|result| Some(format!("{:#}", result.as_ref().err()?))),
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
