//! `gomodcache pack`.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result};
use clap::Args;

use super::bundles::{SignerOptions, Target, read_since};
use super::interrupt::Interrupt;
use super::progress::Progress;
use super::projects::find;
use super::settings::{CacheOptions, JobOptions, read_sums};
use super::{Exit, Output};
use crate::bundle::Manifest;
use crate::cache::File;
use crate::disk;
use crate::goenv::GoEnv;
use crate::graph::Project;
use crate::module::{ModulePath, ModuleVersion, Version};
use crate::ops::{self, PackOptions, Selection};

/// Pack what projects need into one file, to be carried to where there is no network
///
/// The file is a tar archive, compressed with zstd, with the files of the cache below cache/download and a manifest
/// that has size and SHA-256 of each. Zips are read in full and must have their sums; records of checksum databases
/// go along. `gomodcache unpack` takes it apart and verifies it; tar alone can take it apart, too. The same
/// content gives the same bytes, wherever and whenever it is packed.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct Pack {
    /// Folder with a go.mod or go.work, such a file, or MODULE@VERSION [default: the project of this folder]
    #[arg(value_name = "PROJECT|MODULE@VERSION", conflicts_with = "all")]
    subjects: Vec<String>,

    /// Pack the whole cache
    #[arg(long)]
    all: bool,

    /// The file to write; `-` is stdout
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,

    /// Leave out what the receiver has: his `gomodcache manifest`, or a bundle that he has unpacked
    #[arg(long, value_name = "MANIFEST")]
    since: Option<PathBuf>,

    #[command(flatten)]
    signer: SignerOptions,

    #[command(flatten)]
    cache: CacheOptions,

    /// Check against this go.sum besides those of the projects; may be repeated
    #[arg(long = "sum", value_name = "FILE")]
    sums: Vec<PathBuf>,

    #[command(flatten)]
    jobs: JobOptions,
}

const EXAMPLES: &str = "\
Examples:
  What two projects need:
    gomodcache pack -o deps.tar.zst ./api ./worker

  Later, only what has been added since:
    gomodcache manifest > inside.manifest     # inside
    gomodcache pack -o delta.tar.zst --since inside.manifest ./api

  Look into it with stock tools:
    tar -tf deps.tar.zst
";

impl Pack {
    pub(super) fn run(&self, env: &GoEnv, output: &Output) -> Result<Exit> {
        let progress = Arc::new(Progress::new(output, Interrupt::listen()?));
        let cache = self.cache.cache(env)?;
        let options = PackOptions {
            selection: self.selection(env)?,
            since: self.since.as_deref().map(read_since).transpose()?,
            sums: read_sums(&self.sums)?,
            signer: self.signer.signer(env)?,
            cache: &cache,
            threads: self.jobs.threads(),
            monitor: &*progress,
        };
        let packing = ops::pack(&options);
        progress.clear();
        let packing = packing?;
        let target = Target::new(&self.output, output)?;
        let size = target.write(|out| packing.write(out).map(drop))?;
        output.status(summary(packing.manifest(), size));
        Ok(Exit::Done)
    }

    fn selection(&self, env: &GoEnv) -> Result<Selection> {
        if self.all {
            return Ok(Selection::All);
        }
        let (mut projects, mut versions) = (Vec::new(), Vec::new());
        for subject in &self.subjects {
            let path =
                std::path::absolute(subject).with_context(|| format!("cannot find {subject}"))?;
            match subject.split_once('@').filter(|_| !disk::exists(&path)) {
                Some((path, version)) => versions.push(ModuleVersion {
                    path: ModulePath::new(path)?,
                    version: Version::new(version).with_context(|| {
                        format!(
                            "{subject}: a version is named in full, as `gomodcache list` has it"
                        )
                    })?,
                }),
                None => projects.push(Project::read(&path)?),
            }
        }
        if self.subjects.is_empty() {
            projects.push(find(env)?);
        }
        Ok(Selection::Chosen { projects, versions })
    }
}

fn summary(manifest: &Manifest, size: u64) -> String {
    let has_zip = |packed: &&crate::bundle::PackedModule| packed.files.contains_key(&File::Zip);
    let zips = manifest.modules.iter().filter(has_zip).count();
    let metadata = manifest.modules.len() - zips;
    let mebibytes = size as f64 / f64::from(1 << 20);
    format!("packed {zips} versions, and metadata of {metadata} more: {mebibytes:.1} MiB")
}
