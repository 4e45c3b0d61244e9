//! Module versions out of the cache, into one file.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::num::NonZeroUsize;

use anyhow::{Context, Result, bail};

use super::survey::{Survey, Wanted, everything, list_files, lists};
use super::{CheckOptions, Extent, Monitor, check};
use crate::bundle::{Manifest, Signer, Writer, list_name};
use crate::cache::{Cache, File};
use crate::checksum::SumFiles;
use crate::disk;
use crate::graph::Project;
use crate::module::ModuleVersion;
use crate::web::Interrupted;

/// What goes into a bundle.
#[derive(Clone, Debug)]
pub enum Selection {
    /// All that the cache has.
    All,
    /// What projects need, and single versions.
    Chosen {
        /// The projects.
        projects: Vec<Project>,
        /// The versions.
        versions: Vec<ModuleVersion>,
    },
}

/// What to pack, and for whom.
pub struct PackOptions<'a> {
    /// What goes into the bundle.
    pub selection: Selection,
    /// What the receiver has already.
    pub since: Option<Manifest>,
    /// Sums that must match besides those of the projects.
    pub sums: SumFiles,
    /// Who signs.
    pub signer: Option<Signer>,
    /// The cache.
    pub cache: &'a Cache,
    /// Threads at work.
    pub threads: NonZeroUsize,
    /// Who hears of progress and may end the work.
    pub monitor: &'a dyn Monitor,
}

/// Something that a project needs and that the cache has not.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the cache lacks what {project} needs:\n{}", missing.join("\n"))]
pub struct Incomplete {
    /// The go.mod or go.work.
    pub project: String,
    /// A line for each.
    pub missing: Vec<String>,
}

/// A bundle that is ready to be written: every file in it has been read and found sound.
pub struct Packing<'a> {
    cache: &'a Cache,
    monitor: &'a dyn Monitor,
    manifest: Manifest,
    text: Vec<u8>,
    signature: Option<Vec<u8>>,
    /// What is packed from memory.
    made: BTreeMap<String, String>,
}

/// Reads all that goes into a bundle, once.
///
/// # Errors
/// [`Incomplete`]; [`crate::checksum::Mismatch`] where a sum is not the recorded one, or the receiver has other
/// content of a version; a version that the cache has not; what reading brings.
pub fn pack<'a>(options: &PackOptions<'a>) -> Result<Packing<'a>> {
    let mut sums = options.sums.clone();
    let wanted = match &options.selection {
        Selection::All => everything(&options.cache.inventory()?),
        Selection::Chosen { projects, versions } => {
            for file in projects.iter().flat_map(Project::sum_files) {
                if disk::is_file(&file) {
                    sums.add(&file.display().to_string(), &disk::read(&file)?)?;
                }
            }
            chosen(options, projects, versions)?
        }
    };
    let survey = Survey {
        cache: options.cache,
        sums: &sums,
        threads: options.threads,
        monitor: options.monitor,
    };
    let mut manifest = survey.manifest(&wanted)?;
    if let Selection::Chosen { projects, .. } = &options.selection {
        let mains = projects.iter().flat_map(Project::modules);
        manifest.projects = mains.map(|main| main.path.clone()).collect();
        manifest.projects.sort();
        manifest.projects.dedup();
    }
    if let Some(since) = &options.since {
        manifest = delta(manifest, since)?;
    }
    Packing::new(options, manifest)
}

/// What of the needs of projects the cache has; what it must have and has not is an error.
fn chosen(
    options: &PackOptions<'_>,
    projects: &[Project],
    versions: &[ModuleVersion],
) -> Result<Wanted> {
    let mut wanted = Wanted::new();
    for module in versions {
        if !options.cache.state(module)?.zip {
            bail!("{module}: the cache has not got it");
        }
        wanted.insert(module.clone(), Extent::Everything);
    }
    let checked = check(&CheckOptions {
        projects: projects.to_vec(),
        cache: options.cache.clone(),
        threads: options.threads,
    })?;
    for checked in checked {
        let missing = checked.absent();
        if !missing.is_empty() {
            bail!(Incomplete {
                project: checked.project.display().to_string(),
                missing,
            });
        }
        for module in checked.needs {
            let state = options.cache.state(&module)?;
            let is_content = checked.content.contains(&module) && state.zip;
            if is_content {
                wanted.insert(module, Extent::Everything);
            } else if state.go_mod {
                wanted.entry(module).or_insert(Extent::Metadata);
            }
        }
    }
    Ok(wanted)
}

/// Leaves out what the receiver has. The lists of versions are those that he has afterwards.
fn delta(manifest: Manifest, since: &Manifest) -> Result<Manifest> {
    let mut delta = manifest.without(since)?;
    let all: Vec<_> = delta
        .modules
        .iter()
        .chain(&since.modules)
        .cloned()
        .collect();
    let sent: BTreeSet<_> = delta
        .modules
        .iter()
        .map(|packed| packed.module.path.clone())
        .collect();
    let mut lists = lists(&all)?;
    lists.retain(|path, _| sent.contains(path));
    delta.lists = list_files(&lists);
    Ok(delta)
}

impl<'a> Packing<'a> {
    fn new(options: &PackOptions<'a>, manifest: Manifest) -> Result<Packing<'a>> {
        let text = manifest.to_json()?;
        let signature = options.signer.as_ref().map(|signer| signer.sign(&text));
        let since = options.since.iter().flat_map(|since| &since.modules);
        let all: Vec<_> = manifest.modules.iter().chain(since).cloned().collect();
        let mut made: BTreeMap<String, String> = lists(&all)?
            .into_iter()
            .map(|(path, text)| (list_name(&path), text))
            .collect();
        for packed in &manifest.modules {
            let files = packed.packed_files()?;
            let hash = files.into_iter().find(|(file, _)| *file == File::ZipHash);
            if let (Some((_, hash)), Some(sum)) = (hash, &packed.sum) {
                made.insert(hash.name, sum.clone());
            }
        }
        Ok(Packing {
            cache: options.cache,
            monitor: options.monitor,
            signature: signature.transpose()?,
            manifest,
            text,
            made,
        })
    }

    /// What will be in the bundle.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Writes the bundle. Files are read once more, and must still be the same.
    ///
    /// # Errors
    /// A file that has changed or gone; what reading and writing bring; the user's wish to stop.
    pub fn write<W: Write>(&self, out: W) -> Result<W> {
        let mut writer = Writer::begin(out, &self.text, self.signature.as_deref())?;
        for file in self.manifest.files()? {
            if self.monitor.interrupted() {
                bail!(Interrupted);
            }
            match self.made.get(&file.name) {
                Some(text) => writer.append(&file, text.as_bytes())?,
                None => {
                    let content = disk::open(&self.cache.root().join(&file.name))?;
                    writer.append(&file, content)?;
                }
            }
        }
        writer.finish().context("cannot write the bundle")
    }
}
