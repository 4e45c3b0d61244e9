//! `gomodcache prune`.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;

use super::duration::Age;
use super::interrupt::Interrupt;
use super::progress::Progress;
use super::projects::read_projects;
use super::removals::{left, render, render_plan};
use super::settings::{CacheOptions, JobOptions};
use super::size::ByteSize;
use super::sources::parse;
use super::table::human;
use super::verification::offer_records;
use super::{Exit, Output};
use crate::disk::AccessTimes;
use crate::goenv::GoEnv;
use crate::ops::{self, Leftovers, Limits, PruneOptions};

/// Remove from the cache what projects do not need, or what has not been used for long
///
/// With --keep alone, all versions go that are neither in the module graph nor in go.sum of the projects. With
/// --older-than or --max-size only those of them go that have not been used for long, or those used least recently
/// until the cache is small enough. When a version was last used is known as far as the file system writes it down.
/// Removes what killed runs have left, too. Each version goes under go's lock; one that is in use stays.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
#[group(id = "criteria", required = true, multiple = true, args = ["keep", "older_than", "max_size"])]
pub(super) struct Prune {
    /// Keep all that this project needs: a folder with a go.mod or go.work, or such a file; may be repeated
    #[arg(long, value_name = "PROJECT")]
    keep: Vec<PathBuf>,

    /// Remove what has not been used for so long: 90d, 12h, 2w
    #[arg(long, value_name = "TIME", value_parser = parse::<Age>)]
    older_than: Option<Age>,

    /// Remove what was used least recently until the versions take no more than this: 20GB, 500MiB
    #[arg(long, value_name = "SIZE", value_parser = parse::<ByteSize>)]
    max_size: Option<ByteSize>,

    /// Tell what would go, and remove nothing
    #[arg(long)]
    dry_run: bool,

    #[command(flatten)]
    cache: CacheOptions,

    #[command(flatten)]
    jobs: JobOptions,
}

const EXAMPLES: &str = "\
Examples:
  Only what two projects need stays:
    gomodcache prune --keep ./api --keep ./worker --dry-run
    gomodcache prune --keep ./api --keep ./worker

  A cache of a CI runner, kept small:
    gomodcache prune --older-than 90d --max-size 20GB
";

impl Prune {
    pub(super) fn run(&self, env: &GoEnv, output: &Output) -> Result<Exit> {
        let progress = Progress::new(output, Interrupt::listen()?);
        let cache = self.cache.cache(env)?.unnoticed();
        let mut plan = ops::plan_prune(&PruneOptions {
            cache: &cache,
            keep: read_projects(&self.keep)?,
            limits: Limits {
                age: self.older_than.map(|age| age.0),
                size: self.max_size.map(|size| size.0),
            },
            scratch: env.user_cache().ok().as_deref(),
            threads: self.jobs.threads(),
        })?;
        for leftover in leftovers(&plan.leftovers) {
            output.data(format!("{leftover}  left by a killed run\n").as_bytes())?;
        }
        let exit = match self.dry_run {
            true => {
                render_plan(&plan.removals, output)?;
                Exit::Done
            }
            false => {
                let count = plan.removals.len();
                let removals = ops::prune(&cache, &plan, &progress)?;
                progress.clear();
                offer_records(env, &cache, None, output)?;
                let exit = render(&removals, count, output)?;
                plan.remaining += left(&removals);
                exit
            }
        };
        if self.older_than.is_some() || self.max_size.is_some() {
            output.status(format!("last use: {}", told_by(plan.access_times)));
        }
        Ok(exit.max(self.check_size(plan.remaining, output)))
    }

    fn check_size(&self, remaining: u64, output: &Output) -> Exit {
        match self.max_size {
            Some(ByteSize(size)) if remaining > size => {
                let (remaining, size) = (human(remaining), human(size));
                output.status(format!("what stays takes {remaining}, more than {size}"));
                Exit::Failed
            }
            _ => Exit::Done,
        }
    }
}

fn leftovers(leftovers: &Leftovers) -> Vec<String> {
    let temporary = leftovers.temporary.iter().chain(&leftovers.scratch);
    let temporary = temporary.map(|path| path.display().to_string());
    let unfinished = leftovers.unfinished.iter().map(ToString::to_string);
    temporary.chain(unfinished).collect()
}

fn told_by(access_times: AccessTimes) -> &'static str {
    match access_times {
        AccessTimes::Exact => "as the file system has it, which writes down every reading",
        AccessTimes::Daily => {
            "as the file system has it, which writes down one reading a day (relatime)"
        }
        AccessTimes::Missing => {
            "the time of the download: the file system does not write down readings (noatime)"
        }
        AccessTimes::Unknown => {
            "as the file system has it, which does not say whether it writes down readings"
        }
    }
}
