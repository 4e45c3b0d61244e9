//! Which module versions the go commands read for a set of projects.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Result;

use crate::checksum::{GoSum, SumFiles};
use crate::disk;
use crate::graph::{ModuleGraph, Project, Selected};
use crate::module::{ModulePath, ModuleVersion, Version};

/// The largest go.sum that is read, in bytes.
const MAX_GO_SUM: u64 = 256 << 20;

/// The sums of projects that are worked on together.
pub(super) struct Recorded {
    /// What the go.sum and go.work.sum files of the projects say, as one.
    pub(super) go_sum: GoSum,
    /// The same and the sums that the user names, each file by its name.
    pub(super) sums: SumFiles,
}

impl Recorded {
    /// Reads the sums of the projects, which must match together with those that the user names.
    ///
    /// # Errors
    /// A file that cannot be read or parsed.
    pub(super) fn read(projects: &[Project], sums: &SumFiles) -> Result<Recorded> {
        let mut recorded = Recorded {
            go_sum: GoSum::default(),
            sums: sums.clone(),
        };
        for file in projects.iter().flat_map(Project::sum_files) {
            recorded.add(&file)?;
        }
        Ok(recorded)
    }

    fn add(&mut self, file: &Path) -> Result<()> {
        if !disk::is_file(file) {
            return Ok(());
        }
        let content = disk::read_limited(file, MAX_GO_SUM)?;
        let name = file.display().to_string();
        self.go_sum.merge(&GoSum::parse(&name, &content)?);
        self.sums.add(&name, &content)
    }
}

/// The module versions that projects need, under the paths from which they are fetched.
#[derive(Debug, Default)]
pub(super) struct Needs {
    /// Versions of which `.mod` and `.info` are read.
    pub(super) metadata: BTreeSet<ModuleVersion>,
    /// Versions whose files are read.
    pub(super) content: BTreeSet<ModuleVersion>,
}

impl Needs {
    /// Adds what a graph shows: each version that was looked at, and the files of those selected.
    pub(super) fn add_graph(&mut self, graph: &ModuleGraph) {
        self.metadata.extend(graph.versions());
        self.content.extend(graph.archives());
    }

    /// Adds what the go.mod files of a project name.
    pub(super) fn add_requirements(&mut self, project: &Project) {
        for module in project.modules() {
            for require in &module.go_mod.require {
                let replaced = project.replacement(&require.path, &require.version);
                let module = match replaced {
                    Ok(Some(Selected::Module(module))) => Some(module),
                    Ok(None) => module_version(&require.path, &require.version),
                    _ => None,
                };
                self.metadata.extend(module);
            }
        }
    }

    /// Adds what go.sum files list. Besides what a build needs they name what `go mod tidy` reads.
    pub(super) fn add_sums(&mut self, sums: &GoSum) {
        for (path, version) in sums.entries() {
            let (version, is_go_mod) = match version.strip_suffix("/go.mod") {
                Some(version) => (version, true),
                None => (version, false),
            };
            let Some(module) = module_version(path, version) else {
                continue;
            };
            if !is_go_mod {
                self.content.insert(module.clone());
            }
            self.metadata.insert(module);
        }
    }
}

/// Takes a line of a go.sum for a module version. Go checks toolchains without go.sum.
fn module_version(path: &str, version: &str) -> Option<ModuleVersion> {
    if path == ModulePath::TOOLCHAIN {
        return None;
    }
    let module = ModuleVersion {
        path: ModulePath::new(path).ok()?,
        version: Version::new(version).ok()?,
    };
    module.check().is_ok().then_some(module)
}
