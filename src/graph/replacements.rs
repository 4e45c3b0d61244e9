//! What the replace directives of a project say of a version.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::project::{MainModule, clean};
use super::summary::Selected;
use super::vertex::Vertex;
use crate::gomod::{GoWork, Replace, Replacement};
use crate::module::{ModulePath, ModuleVersion, Version};

/// The directives of one file, by path and version.
#[derive(Clone, Debug, Default)]
struct Directives {
    folder: PathBuf,
    replaced: BTreeMap<String, BTreeMap<Option<String>, Replacement>>,
}

/// The directives of all files of a project.
#[derive(Clone, Debug, Default)]
pub(super) struct Replacements {
    work: Directives,
    modules: Vec<Directives>,
}

impl Replacements {
    /// Collects the directives, and refuses what go refuses: two that say different things of the same,
    /// unless go.work speaks of the path. Rules: `toReplaceMap` and `makeMainModules`.
    pub(super) fn new(
        folder: &Path,
        work: Option<&GoWork>,
        modules: &[MainModule],
    ) -> Result<Self> {
        let work = match work {
            Some(work) => Directives::new(folder, &work.replace)?,
            None => Directives::default(),
        };
        let mut seen: BTreeMap<(&str, Option<&str>), Selected> = BTreeMap::new();
        let mut all = Vec::new();
        for (index, module) in modules.iter().enumerate() {
            if modules
                .iter()
                .take(index)
                .any(|other| other.path == module.path)
            {
                bail!("module {} appears multiple times in workspace", module.path);
            }
            if work
                .of(&module.path)
                .is_some_and(|it| it.contains_key(&None))
            {
                bail!(
                    "workspace module {} is replaced at all versions in the go.work file",
                    module.path
                );
            }
            let directives = Directives::new(&module.folder, &module.go_mod.replace)?;
            for replace in &module.go_mod.replace {
                if work.of(&replace.path).is_some() {
                    continue;
                }
                let new = directives.selected(&replace.replacement)?;
                let old = (replace.path.as_str(), replace.version.as_deref());
                match seen.insert(old, new.clone()) {
                    Some(other) if other != new => {
                        bail!(
                            "conflicting replacements for {}: {other} and {new}",
                            name(&replace.path, replace.version.as_deref())
                        )
                    }
                    _ => {}
                }
            }
            all.push(directives);
        }
        Ok(Replacements { work, modules: all })
    }

    /// Gives what replaces a version. Rule: `replacementFrom`.
    ///
    /// # Errors
    /// A replacement that is no module; one for the version that contradicts one for all versions in
    /// another module of the workspace.
    pub(super) fn find(&self, vertex: &Vertex) -> Result<Option<Selected>> {
        if let Some((_, replacement)) = self.work.find(vertex) {
            return self.work.selected(replacement).map(Some);
        }
        let mut found: Option<(&Directives, &Replacement)> = None;
        for directives in &self.modules {
            let Some((version, replacement)) = directives.find(vertex) else {
                continue;
            };
            // Go compares what is written here, and lets the last module win where it sees no conflict.
            match found {
                Some((_, other)) if version.is_some() && other != replacement => {
                    bail!("conflicting replacements found for {vertex} in workspace modules")
                }
                _ => found = Some((directives, replacement)),
            }
        }
        found
            .map(|(directives, replacement)| directives.selected(replacement))
            .transpose()
    }
}

impl Directives {
    fn new(folder: &Path, replaces: &[Replace]) -> Result<Self> {
        let mut directives = Directives {
            folder: folder.to_owned(),
            replaced: BTreeMap::new(),
        };
        for replace in replaces {
            let versions = directives.replaced.entry(replace.path.clone()).or_default();
            let new = replace.replacement.clone();
            match versions.insert(replace.version.clone(), new) {
                Some(other) if other != replace.replacement => bail!(
                    "conflicting replacements for {}: {} and {}",
                    name(&replace.path, replace.version.as_deref()),
                    written(&other),
                    written(&replace.replacement)
                ),
                _ => {}
            }
        }
        Ok(directives)
    }

    fn of(&self, path: &str) -> Option<&BTreeMap<Option<String>, Replacement>> {
        self.replaced.get(path)
    }

    /// Gives the directive for the version itself, or else that for all versions.
    fn find(&self, vertex: &Vertex) -> Option<(Option<&str>, &Replacement)> {
        let versions = self.of(&vertex.path)?;
        let (version, replacement) = versions
            .get_key_value(&Some(vertex.version.clone()))
            .or_else(|| versions.get_key_value(&None))?;
        Some((version.as_deref(), replacement))
    }

    fn selected(&self, replacement: &Replacement) -> Result<Selected> {
        Ok(match replacement {
            Replacement::Directory(directory) => {
                Selected::Directory(clean(&self.folder.join(directory)))
            }
            Replacement::Module { path, version } => {
                let at = || format!("{path}@{version}: invalid replacement");
                Selected::Module(ModuleVersion {
                    path: ModulePath::new(path).with_context(at)?,
                    version: Version::new(version).with_context(at)?,
                })
            }
        })
    }
}

fn name(path: &str, version: Option<&str>) -> String {
    Vertex::new(path, version.unwrap_or_default()).to_string()
}

fn written(replacement: &Replacement) -> String {
    match replacement {
        Replacement::Directory(directory) => directory.clone(),
        Replacement::Module { path, version } => format!("{path}@{version}"),
    }
}
