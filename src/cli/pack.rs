//! `gomodcache pack`.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use clap::{Args, ValueEnum};

use super::bundles::{STANDARD, SignerOptions, Target, Written, read_since, tell_left_out};
use super::interrupt::Interrupt;
use super::progress::Progress;
use super::projects::find;
use super::settings::{CacheOptions, JobOptions, read_sums};
use super::size::ByteSize;
use super::table::{human, versions_in_words};
use super::unpack::{Format, proxy_folder, render};
use super::{Exit, Output, verification};
use crate::bundle::{Manifest, SbomFormat, sbom};
use crate::cache::{Extraction, File};
use crate::checksum::SumFiles;
use crate::disk;
use crate::goenv::GoEnv;
use crate::graph::Project;
use crate::module::{ModulePath, ModuleVersion, Version};
use crate::ops::{
    self, Incomplete, Monitor, OfflineDatabase, PackOptions, Packing, Selection, UnpackOptions,
};

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

    /// The file or folder to write; `-` is stdout
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,

    /// Leave out what the receiver has: his `gomodcache manifest`, or a bundle that he has unpacked
    #[arg(long, value_name = "MANIFEST")]
    since: Option<PathBuf>,

    /// What to write: one file, or a folder that is a module proxy, for GOPROXY=file:// or behind any web server
    #[arg(long, value_name = "LAYOUT", default_value = "bundle")]
    layout: Layout,

    /// Write parts of this size, for media that the whole does not fit on: FILE.001, FILE.002, …, and FILE.sha256
    ///
    /// Units are those of split: 4GB has 4000000000 bytes, 4G and 4GiB have 4294967296. `gomodcache unpack FILE` finds
    /// the parts and checks each; `cat FILE.0*` makes them one again.
    #[arg(long, value_name = "SIZE")]
    split: Option<ByteSize>,

    /// Write a bill of materials beside the bundle: FILE.cdx.json (CycloneDX 1.5) or FILE.spdx.json (SPDX 2.3), without
    /// the .tar.zst; may be repeated
    ///
    /// The time in it, if any, is SOURCE_DATE_EPOCH.
    #[arg(long = "sbom", value_name = "FORMAT")]
    sboms: Vec<BillOfMaterials>,

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

/// What is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Layout {
    /// One file, or its parts
    Bundle,
    /// A folder with the paths of a module proxy
    Proxy,
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
        let target = match self.layout {
            Layout::Bundle => Some(Target::new(&self.output, self.split, output)?),
            Layout::Proxy => {
                self.check_proxy_options()?;
                None
            }
        };
        let options = PackOptions {
            selection: self.selection(env)?,
            since: self.since.as_deref().map(read_since).transpose()?,
            sums: read_sums(&self.sums)?,
            signer: self.signer.signer(env)?,
            cache: &cache,
            threads: self.jobs.threads(),
            monitor: &*progress,
        };
        ensure!(
            self.sboms.is_empty() || !matches!(target, Some(Target::Stdout(_))),
            "a bill of materials goes beside the bundle: name a file"
        );
        let packing = ops::pack(&options);
        progress.clear();
        let packing = packing?;
        tell_left_out(packing.left_out(), output);
        tell_incomplete(packing.incomplete(), output);
        let bills = self.bills(packing.manifest(), env)?;
        let exit = match target {
            Some(target) => {
                let written = target.write(|out| packing.write(out).map(drop))?;
                output.status(summary(packing.manifest(), &written));
                Exit::Done
            }
            None => self.write_proxy(&packing, env, &*progress, output)?,
        };
        for (file, bill) in &bills {
            disk::write_output(file, |out| Ok(out.write_all(bill)?))?;
        }
        Ok(exit)
    }

    /// # Errors
    /// What a folder that is a module proxy has no place for.
    fn check_proxy_options(&self) -> Result<()> {
        ensure!(
            self.output != Path::new(STANDARD),
            "a module proxy is a folder: name one"
        );
        ensure!(
            self.split.is_none(),
            "a module proxy cannot be split: pack a bundle, and `gomodcache unpack --to-proxy` it"
        );
        ensure!(
            !self.signer.is_wanted(),
            "a module proxy cannot be signed: pack a bundle, and `gomodcache unpack --to-proxy` it"
        );
        Ok(())
    }

    /// Renders the bills of materials that are wanted, each with the file for it.
    fn bills(&self, manifest: &Manifest, env: &GoEnv) -> Result<Vec<(PathBuf, Vec<u8>)>> {
        let epoch = env.process("SOURCE_DATE_EPOCH");
        let time = epoch.map(str::parse).transpose();
        let time = time.context("SOURCE_DATE_EPOCH is no number of seconds")?;
        let name = self.output.file_name().unwrap_or_default();
        let name = name.to_string_lossy();
        let bills = self.sboms.iter().map(|format| {
            let format = SbomFormat::from(*format);
            let stem = name.strip_suffix(".tar.zst").unwrap_or(&name);
            let file = self
                .output
                .with_file_name(format!("{stem}{}", format.suffix()));
            Ok((file, sbom(format, manifest, &name, time)?))
        });
        bills.collect()
    }

    /// Packs and unpacks in one go.
    fn write_proxy(
        &self,
        packing: &Packing<'_>,
        env: &GoEnv,
        monitor: &dyn Monitor,
        output: &Output,
    ) -> Result<Exit> {
        let folder = proxy_folder(&self.output)?;
        let options = UnpackOptions {
            sums: SumFiles::default(),
            database: verification::records(env, &folder)?,
            cache: &folder,
            folder_mode: env.folder_mode()?,
            extraction: Extraction::LeftToGo,
            threads: self.jobs.threads(),
            monitor,
        };
        let outcome = ops::hand_over(packing, &options)?;
        let exit = render(&self.output, &outcome, Format::Text, output)?;
        let database = options.database.as_ref().map(OfflineDatabase::name);
        verification::offer_records(env, &folder, database, output)?;
        ops::index_proxy_folder(&folder)?;
        Ok(exit)
    }

    fn selection(&self, env: &GoEnv) -> Result<Selection> {
        if self.all {
            return Ok(Selection::All);
        }
        let (mut projects, mut versions) = (Vec::new(), Vec::new());
        for subject in &self.subjects {
            let path = disk::absolute(Path::new(subject))?;
            match subject.split_once('@').filter(|_| !disk::exists(&path)) {
                Some((path, version)) => versions.push(ModuleVersion {
                    path: ModulePath::new(path).with_context(|| {
                        format!("{subject}: no file or folder has this name, and no module can")
                    })?,
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

/// A format of bills of materials.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum BillOfMaterials {
    Cyclonedx,
    Spdx,
}

impl From<BillOfMaterials> for SbomFormat {
    fn from(format: BillOfMaterials) -> SbomFormat {
        match format {
            BillOfMaterials::Cyclonedx => SbomFormat::CycloneDx,
            BillOfMaterials::Spdx => SbomFormat::Spdx,
        }
    }
}

/// Tells what of the needs of projects is not packed, as nobody has got it.
fn tell_incomplete(projects: &[Incomplete], output: &Output) {
    for Incomplete { project, missing } in projects {
        let missing = missing.join("\n    ");
        output.status(format!(
            "left out for {project}, as neither the cache has it nor `go mod download` gets it:\n    {missing}"
        ));
    }
    if !projects.is_empty() {
        output.hint(
            "`gomodcache check` tells which go commands need it, and `gomodcache seed` fetches it",
        );
    }
}

fn summary(manifest: &Manifest, written: &Written) -> String {
    let has_zip = |packed: &&crate::bundle::PackedModule| packed.files.contains_key(&File::Zip);
    let zips = manifest.modules.iter().filter(has_zip).count();
    let metadata = manifest.modules.len() - zips;
    let parts = match written.files {
        1 => String::new(),
        count => format!(" in {count} parts"),
    };
    let (zips, size) = (versions_in_words(zips), human(written.bytes));
    format!("packed {zips}, and metadata of {metadata} more: {size}{parts}")
}
