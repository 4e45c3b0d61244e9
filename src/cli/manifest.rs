//! `gomodcache manifest`.

use anyhow::Result;
use clap::Args;

use super::bundles::tell_left_out;
use super::interrupt::Interrupt;
use super::progress::Progress;
use super::settings::{CacheOptions, JobOptions};
use super::{Exit, Output};
use crate::checksum::SumFiles;
use crate::goenv::GoEnv;
use crate::ops::{self, Survey};

/// Print what the cache has, for `gomodcache pack --since`
///
/// The JSON is that of the manifest of a bundle: each file with size and SHA-256, each version with its sums. Every
/// zip is read, and must have the sum that is recorded beside it.
#[derive(Debug, Args)]
pub(super) struct ManifestCommand {
    #[command(flatten)]
    cache: CacheOptions,

    #[command(flatten)]
    jobs: JobOptions,
}

impl ManifestCommand {
    pub(super) fn run(&self, env: &GoEnv, output: &Output) -> Result<Exit> {
        let progress = Progress::new(output, Interrupt::listen()?);
        let cache = self.cache.cache(env)?;
        let surveyed = ops::manifest(&Survey {
            cache: &cache,
            sums: &SumFiles::default(),
            threads: self.jobs.threads(),
            monitor: &progress,
        });
        progress.clear();
        let surveyed = surveyed?;
        tell_left_out(&surveyed.left_out, output);
        output.data(&surveyed.manifest.to_json()?)?;
        Ok(Exit::Done)
    }
}
