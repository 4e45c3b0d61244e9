//! `gomodcache prune`.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;

use super::duration::Age;
use super::interrupt::Interrupt;
use super::progress::Progress;
use super::rm::{render, render_plan};
use super::settings::{CacheOptions, JobOptions};
use super::size::ByteSize;
use super::sources::parse;
use super::table::human;
use super::verification::offer_records;
use super::{Exit, Output};
use crate::disk;
use crate::goenv::GoEnv;
use crate::graph::Project;
use crate::ops::{self, Limits, PruneOptions};

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
        let cache = self.cache.cache(env)?;
        let read = |path: &PathBuf| {
            let absolute = std::path::absolute(path)
                .with_context(|| format!("cannot find {}", path.display()))?;
            Project::read(&absolute)
        };
        let plan = ops::plan_prune(&PruneOptions {
            cache: &cache,
            keep: self.keep.iter().map(read).collect::<Result<_>>()?,
            limits: Limits {
                age: self.older_than.map(|age| age.0),
                size: self.max_size.map(|size| size.0),
            },
            threads: self.jobs.threads(),
        })?;
        let mut exit = if self.dry_run {
            render_plan(&plan.removals, output)?
        } else {
            for file in &plan.abandoned {
                disk::remove_file(file)?;
            }
            let removals = ops::remove(&cache, plan.removals, &progress);
            offer_records(env, &cache, None)?;
            render(&removals, output)?
        };
        if let Some(ByteSize(size)) = self.max_size
            && plan.remaining > size
        {
            output.status(format!(
                "what is kept takes {}, more than {}",
                human(plan.remaining),
                human(size)
            ));
            exit = exit.max(Exit::Failed);
        }
        Ok(exit)
    }
}
