//! `gomodcache rm`.

use anyhow::Result;
use clap::Args;

use super::interrupt::Interrupt;
use super::progress::Progress;
use super::removals::{left, render, render_plan};
use super::settings::{CacheOptions, JobOptions};
use super::sources::parse;
use super::verification::offer_records;
use super::{Exit, Output};
use crate::goenv::GoEnv;
use crate::ops::{self, Selector};

/// Remove versions from the cache
///
/// Zip, folder and metadata go, under go's lock; a version that somebody is at work on stays, and the exit code is 1. A
/// module of which the cache has several versions is named with one of them, or with `@all`, and so is a pattern. Records
/// of checksum databases stay. Prints each version with its size, and how long ago it was last used as far as the
/// file system knows.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct Rm {
    /// MODULE@VERSION, MODULE@all, or a pattern as in `gomodcache list` with @VERSION or @all
    #[arg(value_name = "MODULE[@VERSION]", required = true, value_parser = parse::<Selector>)]
    selectors: Vec<Selector>,

    /// Tell what would go and how much it frees, and remove nothing
    #[arg(long)]
    dry_run: bool,

    #[command(flatten)]
    cache: CacheOptions,

    #[command(flatten)]
    jobs: JobOptions,
}

const EXAMPLES: &str = "\
Examples:
  One version, as after a tag was moved:
    gomodcache rm golang.org/x/text@v0.3.0

  All of a module, and of all modules below a path:
    gomodcache rm golang.org/x/text@all
    gomodcache rm 'example.com/old/...@all' --dry-run
";

impl Rm {
    pub(super) fn run(&self, env: &GoEnv, output: &Output) -> Result<Exit> {
        let progress = Progress::new(output, Interrupt::listen()?);
        let cache = self.cache.cache(env)?.unnoticed();
        let planned = ops::removals(&cache, &self.selectors, self.jobs.threads())?;
        if self.dry_run {
            render_plan(&planned, output)?;
            return Ok(Exit::Done);
        }
        let count = planned.len();
        let removals = ops::remove(&cache, planned, &progress);
        progress.clear();
        offer_records(env, &cache, None, output)?;
        let exit = render(&removals, count, output)?;
        match left(&removals) {
            0 => Ok(exit),
            _ => Ok(exit.max(Exit::Failed)),
        }
    }
}
