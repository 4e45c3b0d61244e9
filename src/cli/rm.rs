//! `gomodcache rm`.

use anyhow::Result;
use clap::Args;

use super::interrupt::Interrupt;
use super::progress::Progress;
use super::settings::{CacheOptions, JobOptions};
use super::sources::parse;
use super::table::human;
use super::verification::offer_records;
use super::{Exit, Output};
use crate::cache::Removed;
use crate::checksum::SumFiles;
use crate::goenv::GoEnv;
use crate::ops::{self, Listed, Removal, Selector};

/// Remove versions from the cache
///
/// Zip, folder and metadata go, under go's lock; a version that somebody is at work on stays. A module of which the
/// cache has several versions is named with one of them, or with `@all`, and so is a pattern. Records of checksum
/// databases stay.
#[derive(Debug, Args)]
pub(super) struct Rm {
    /// MODULE@VERSION, MODULE@all, or a pattern as in GOPRIVATE with @all
    #[arg(value_name = "MODULE[@VERSION]", required = true, value_parser = parse::<Selector>)]
    selectors: Vec<Selector>,

    /// Tell what would go, and remove nothing
    #[arg(long)]
    dry_run: bool,

    #[command(flatten)]
    cache: CacheOptions,

    #[command(flatten)]
    jobs: JobOptions,
}

impl Rm {
    pub(super) fn run(&self, env: &GoEnv, output: &Output) -> Result<Exit> {
        let progress = Progress::new(output, Interrupt::listen()?);
        let cache = self.cache.cache(env)?;
        let listed = ops::list(&cache, &[], &SumFiles::default(), self.jobs.threads())?;
        let removals = ops::removals(&listed, &self.selectors)?;
        if self.dry_run {
            return render_plan(&removals, output);
        }
        let removals = ops::remove(&cache, removals, &progress);
        offer_records(env, &cache, None)?;
        render(&removals, output)
    }
}

/// Prints what would go.
pub(super) fn render_plan(removals: &[Listed], output: &Output) -> Result<Exit> {
    for listed in removals {
        output.data(line(listed).as_bytes())?;
    }
    let bytes: u64 = removals.iter().map(Listed::size).sum();
    output.status(format!(
        "would remove {} versions and free {}",
        removals.len(),
        human(bytes)
    ));
    Ok(Exit::Done)
}

/// Prints what has gone.
pub(super) fn render(removals: &[Removal], output: &Output) -> Result<Exit> {
    let (mut exit, mut gone, mut bytes, mut in_use) = (Exit::Done, 0, 0, 0);
    for removal in removals {
        let module = &removal.listed.module;
        match &removal.result {
            Ok(Removed::Yes) => {
                gone += 1;
                bytes += removal.listed.size();
                output.data(line(&removal.listed).as_bytes())?;
            }
            Ok(Removed::InUse) => {
                in_use += 1;
                output.status(format!("{module} is in use, and stays"));
            }
            Err(error) => {
                exit = exit.max(Exit::of(error));
                output.error(Some(&format!("failed to remove `{module}`")), error);
            }
        }
    }
    let mut summary = format!("removed {gone} versions, freed {}", human(bytes));
    if in_use > 0 {
        exit = exit.max(Exit::Failed);
        summary.push_str(&format!("; {in_use} in use"));
    }
    output.status(summary);
    Ok(exit)
}

fn line(listed: &Listed) -> String {
    format!("{} {}\n", listed.module, human(listed.size()))
}
