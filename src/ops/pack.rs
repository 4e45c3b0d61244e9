//! Module versions out of the cache, into one file.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::num::NonZeroUsize;

use anyhow::{Context, Result, bail, ensure};

use super::needs::Recorded;
use super::survey::{Survey, Wanted, everything, list_files, lists};
use super::{Absent, CheckOptions, Extent, Monitor, Phase, Selector, Verb, check};
use crate::bundle::{Manifest, Signer, Writer, list_name};
use crate::cache::{Cache, File};
use crate::checksum::SumFiles;
use crate::disk;
use crate::graph::Project;
use crate::module::ModuleVersion;
use crate::web::Interrupted;

/// What is reported as being packed: no module has this path.
const BUNDLE: &str = "bundle";

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
    left_out: Vec<ModuleVersion>,
    incomplete: Vec<Incomplete>,
}

/// Reads all that goes into a bundle, once.
///
/// # Errors
/// [`Incomplete`]; [`crate::checksum::Mismatch`] where a sum is not the recorded one, or the receiver has other
/// content of a version; a version that the cache has not, or a cache that has none; what reading brings.
pub fn pack<'a>(options: &PackOptions<'a>) -> Result<Packing<'a>> {
    let projects = match &options.selection {
        Selection::All => &[],
        Selection::Chosen { projects, .. } => projects.as_slice(),
    };
    let sums = Recorded::read(projects, &options.sums)?.sums;
    let (wanted, left_out, incomplete) = match &options.selection {
        Selection::All => {
            let (wanted, left_out) = everything(options.cache.inventory()?);
            ensure!(
                !wanted.is_empty(),
                "there is nothing to pack: no version is in the module cache {}",
                options.cache.root().display()
            );
            (wanted, left_out, Vec::new())
        }
        Selection::Chosen { versions, .. } => {
            let (wanted, incomplete) = chosen(options, projects, versions)?;
            (wanted, Vec::new(), incomplete)
        }
    };
    let survey = Survey {
        cache: options.cache,
        sums: &sums,
        threads: options.threads,
        monitor: options.monitor,
    };
    let mut manifest = survey.manifest(&wanted)?;
    let mains = projects.iter().flat_map(Project::modules);
    let mains: BTreeSet<String> = mains.map(|main| main.path.clone()).collect();
    manifest.projects = mains.into_iter().collect();
    if let Some(since) = &options.since {
        manifest = manifest.without(since)?;
    }
    let packing = Packing::new(options, manifest)?;
    Ok(Packing {
        left_out,
        incomplete,
        ..packing
    })
}

/// What of the needs of projects the cache has, and for which of them it lacks something. What `go mod download`
/// would have got it must have; more than that go has not got either, where nobody asked for it.
fn chosen(
    options: &PackOptions<'_>,
    projects: &[Project],
    versions: &[ModuleVersion],
) -> Result<(Wanted, Vec<Incomplete>)> {
    let mut incomplete = Vec::new();
    let mut wanted = Wanted::new();
    for module in versions {
        let state = options.cache.state(module)?;
        if !state.zip {
            ensure!(
                !state.go_mod,
                "{module}: the cache has its metadata, and not its zip"
            );
            let holdings = options.cache.inventory()?.holdings;
            bail!(Absent::of(&Selector::from(module), &holdings));
        }
        wanted.insert(module.clone(), Extent::Everything);
    }
    let checked = check(&CheckOptions {
        projects: projects.to_vec(),
        cache: options.cache.clone(),
        threads: options.threads,
    })?;
    for checked in checked {
        let lacks = |verbs: &[Verb]| Incomplete {
            project: checked.project.display().to_string(),
            missing: checked.absent(verbs),
        };
        let not_downloaded = lacks(&[Verb::Download]);
        if !not_downloaded.missing.is_empty() {
            bail!(not_downloaded);
        }
        let lacking = lacks(&Verb::ALL);
        if !lacking.missing.is_empty() {
            incomplete.push(lacking);
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
    Ok((wanted, incomplete))
}

impl<'a> Packing<'a> {
    /// Gets ready to write. The lists of versions are those that the receiver has afterwards.
    fn new(options: &PackOptions<'a>, mut manifest: Manifest) -> Result<Packing<'a>> {
        let since = options.since.iter().flat_map(|since| &since.modules);
        let all: Vec<_> = manifest.modules.iter().chain(since).cloned().collect();
        let mut lists = lists(&all)?;
        let sent: BTreeSet<_> = manifest
            .modules
            .iter()
            .map(|packed| &packed.module.path)
            .collect();
        lists.retain(|path, _| sent.contains(path));
        manifest.lists = list_files(&lists);
        let text = manifest.to_json()?;
        let signature = options.signer.as_ref().map(|signer| signer.sign(&text));
        let lists = lists.into_iter();
        let mut made: BTreeMap<String, String> =
            lists.map(|(path, text)| (list_name(&path), text)).collect();
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
            left_out: Vec::new(),
            incomplete: Vec::new(),
        })
    }

    /// What will be in the bundle.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Versions that are not packed, as [`super::Surveyed`] has them.
    pub fn left_out(&self) -> &[ModuleVersion] {
        &self.left_out
    }

    /// The projects for which something is not packed, as the cache lacks it, though go works on them all the same.
    pub fn incomplete(&self) -> &[Incomplete] {
        &self.incomplete
    }

    /// Writes the bundle. Files are read once more, and must still be the same.
    ///
    /// # Errors
    /// A file that has changed or gone; what reading and writing bring; the user's wish to stop.
    pub fn write<W: Write>(&self, out: W) -> Result<W> {
        let mut writer = Writer::begin(out, &self.text, self.signature.as_deref())?;
        let files = self.manifest.files()?;
        for (number, file) in files.iter().enumerate() {
            if self.monitor.interrupted() {
                bail!(Interrupted);
            }
            self.monitor.report(Phase::Packing {
                module: BUNDLE,
                files: number,
                total: files.len(),
            });
            match self.made.get(&file.name) {
                Some(text) => writer.append(file, text.as_bytes())?,
                None => {
                    let content = disk::open(&self.cache.root().join(&file.name))?;
                    writer.append(file, content)?;
                }
            }
        }
        self.monitor.report(Phase::Done { module: BUNDLE });
        writer.finish().context("cannot write the bundle")
    }
}
