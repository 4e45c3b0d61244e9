//! What `go mod tidy` looks at, and what it would write.
//!
//! The requirements of a module follow from its packages: each import, of any platform, must be answered by a
//! module. Packages are loaded by the requirements as they are, requirements are added for what the packages need,
//! and again until nothing is added; what then nobody needs is dropped. Imports that no module in the graph
//! answers are looked for, longest path first, at their latest version.
//!
//! Source of the rules: `loadFromRoots` in `modload/load.go`, `importFromModules` and `queryImport` in
//! `modload/import.go`, `tidyRoots` in `modload/buildlist.go`, `keepSums` in `modload/init.go` of go 1.26. Which
//! packages the standard library has is not known here: a path without a dot in its first element that no
//! module has counts as one of them, of which go says nothing either.

mod missing;
mod packages;
mod requirements;
mod resolve;
mod roots;
mod sums;
mod tree;
mod walk;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use anyhow::{Context, Result, bail};

pub(super) use self::missing::{Latest, NoModule};
use self::packages::Packages;
use self::requirements::Requirements;
use self::tree::{Tree, Unreadable};
use super::parallel::in_parallel;
use crate::cache::Cache;
use crate::gomod::go_version;
use crate::graph::{GoMods, MainModule, Project, Selected};
use crate::module::ModuleVersion;

/// How often requirements may be added; each time all packages are loaded again.
const ROUND_LIMIT: usize = 200;

/// Where module versions come from.
pub(super) trait Library: GoMods {
    /// Makes sure that the cache has the files of a version.
    ///
    /// # Errors
    /// Whatever keeps the files from being had.
    fn provide(&self, module: &ModuleVersion, threads: NonZeroUsize) -> Result<()>;

    /// Gives the latest version of a module; its files are asked for afterwards.
    ///
    /// # Errors
    /// A module that cannot be found.
    fn latest(&self, latest: &Latest) -> Result<ModuleVersion>;

    /// Fails once the user wants the work to end.
    fn go_on(&self) -> Result<()>;
}

/// A module version in the graph, not the replacement; without a version the main module.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Module {
    pub(super) path: String,
    pub(super) version: String,
}

impl std::fmt::Display for Module {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.version.as_str() {
            "" => formatter.write_str(&self.path),
            version => write!(formatter, "{}@{version}", self.path),
        }
    }
}

/// What keeps `go mod tidy` from its end.
#[derive(Debug)]
pub(super) struct Trouble {
    /// The module version or package.
    pub(super) subject: String,
    /// What requires or imports it.
    pub(super) required_by: Option<String>,
    pub(super) error: Arc<anyhow::Error>,
}

/// What `go mod tidy` writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Written {
    /// The go version; `None` where it is that of the go command that runs.
    pub(super) go: Option<String>,
    /// The version of each required path, and whether it has the comment `// indirect`.
    pub(super) require: BTreeMap<String, (String, bool)>,
    /// What go.sum has lines for: path and version, with `/go.mod` behind for a go.mod alone.
    pub(super) sums: BTreeSet<(String, String)>,
}

/// What was looked at on the way.
#[derive(Debug, Default)]
pub(super) struct Tidied {
    /// Versions of which a go.mod was read.
    pub(super) metadata: BTreeSet<ModuleVersion>,
    /// Versions whose files were looked into.
    pub(super) content: BTreeSet<ModuleVersion>,
    /// What was not found; there is nothing to be written then.
    pub(super) troubles: Vec<Trouble>,
    pub(super) written: Option<Written>,
}

/// Does what `go mod tidy` does in a project of one module, but writes nothing beside the project.
///
/// # Errors
/// A graph that makes no sense, the user's wish to stop, a main module that cannot be read. What fails for a
/// module or package is among the troubles.
pub(super) fn tidy(
    project: &Project,
    library: &dyn Library,
    cache: &Cache,
    threads: NonZeroUsize,
) -> Result<Tidied> {
    let [main] = project.modules() else {
        bail!(
            "{}: go mod tidy works on one module",
            project.file().display()
        );
    };
    let tidy = Tidy {
        project,
        main,
        library,
        cache,
        threads,
        trees: Mutex::default(),
        metadata: Mutex::default(),
    };
    let mut troubles = Vec::new();
    let written = tidy
        .run(&mut troubles)
        .with_context(|| format!("cannot load the packages of {}", project.file().display()))?;
    library.go_on()?;
    let content = tidy.looked_into();
    let mut metadata = tidy
        .metadata
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);
    metadata.extend(content.iter().cloned());
    Ok(Tidied {
        metadata,
        content,
        troubles,
        written,
    })
}

type Slot = Arc<OnceLock<Result<Arc<Tree>, Arc<anyhow::Error>>>>;

struct Tidy<'a> {
    project: &'a Project,
    main: &'a MainModule,
    library: &'a dyn Library,
    cache: &'a Cache,
    threads: NonZeroUsize,
    /// The modules that were looked into, each opened by the first that asks.
    trees: Mutex<HashMap<Selected, Slot>>,
    metadata: Mutex<BTreeSet<ModuleVersion>>,
}

impl Tidy<'_> {
    /// Gives `None` when something stands in the way, which is then among the troubles.
    fn run(&self, troubles: &mut Vec<Trouble>) -> Result<Option<Written>> {
        let Some((requirements, packages)) = self.settle(troubles)? else {
            return Ok(None);
        };
        troubles.extend(packages.troubles());
        if !troubles.is_empty() {
            return Ok(None);
        }
        let direct = packages.direct();
        let tidied = self.tidy_roots(&requirements, &packages, &direct)?;
        if !self.is_complete(&tidied, troubles) {
            return Ok(None);
        }
        let mut sums = self.kept_sums(&tidied, &packages)?;
        if is_language(&tidied.go, "1.17") {
            sums.extend(self.compatible_sums(&tidied, &packages, troubles)?);
        }
        if !troubles.is_empty() {
            return Ok(None);
        }
        let require = tidied.roots.iter().map(|(path, version)| {
            let is_indirect = !direct.contains(path);
            (path.clone(), (version.clone(), is_indirect))
        });
        Ok(Some(Written {
            go: self.main.go_mod.go.is_some().then(|| tidied.go.clone()),
            require: require.collect(),
            sums,
        }))
    }

    /// Loads packages and adds requirements until no more are needed.
    fn settle(&self, troubles: &mut Vec<Trouble>) -> Result<Option<(Requirements, Packages)>> {
        let starts = self.main_packages()?;
        let Some(mut requirements) = self.first_requirements(troubles)? else {
            return Ok(None);
        };
        for _ in 0..ROUND_LIMIT {
            let mut packages = self.load(&requirements, &starts)?;
            let mut roots = requirements.roots.clone();
            if requirements.is_pruned {
                roots.extend(self.needed_roots(&requirements, &packages)?);
            }
            if roots == requirements.roots {
                roots.extend(self.find_missing(&requirements, &mut packages)?);
            }
            if roots == requirements.roots {
                return Ok(Some((requirements, packages)));
            }
            requirements = match self.grown(&requirements, roots, troubles)? {
                Some(requirements) => requirements,
                None => return Ok(None),
            };
        }
        bail!("the requirements do not settle in {ROUND_LIMIT} rounds");
    }

    /// Adds what was found for missing imports. A failure to find it stays with its package.
    fn find_missing(
        &self,
        requirements: &Requirements,
        packages: &mut Packages,
    ) -> Result<Vec<(String, String)>> {
        let missing = packages.missing();
        let found = in_parallel(&missing, self.threads, |path, threads| {
            self.find(requirements, path, threads)
        });
        self.library.go_on()?;
        let mut additions = Vec::new();
        for (path, found) in missing.into_iter().zip(found) {
            match found {
                Ok(module) => additions.push((module.path, module.version)),
                Err(error) => packages.fail(&path, error),
            }
        }
        // Of two versions the higher one counts, and the map keeps the last.
        additions.sort_by(|(_, left), (_, right)| crate::module::semver::compare(left, right));
        Ok(additions)
    }

    /// Gives the files of what stands for a module version.
    fn tree(&self, selected: &Selected, threads: NonZeroUsize) -> Result<Arc<Tree>> {
        let slot = {
            let mut trees = self.trees.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(trees.entry(selected.clone()).or_default())
        };
        let tree =
            slot.get_or_init(|| self.open(selected, threads).map(Arc::new).map_err(Arc::new));
        let module = || selected.to_string();
        tree.clone().map_err(|error| {
            Unreadable {
                module: module(),
                error,
            }
            .into()
        })
    }

    fn open(&self, selected: &Selected, threads: NonZeroUsize) -> Result<Tree> {
        self.library.go_on()?;
        match selected {
            Selected::Directory(folder) => Ok(Tree::folder_of_user(folder)),
            Selected::Module(module) => {
                self.library.provide(module, threads)?;
                Tree::cached(self.cache, module)
            }
        }
    }

    /// Lists the versions whose files were there to be looked into.
    fn looked_into(&self) -> BTreeSet<ModuleVersion> {
        let trees = self.trees.lock().unwrap_or_else(PoisonError::into_inner);
        let modules = trees
            .iter()
            .filter_map(|(selected, slot)| match (selected, slot.get()) {
                (Selected::Module(module), Some(Ok(_))) => Some(module.clone()),
                _ => None,
            });
        modules.collect()
    }

    /// Gives what stands for a module version that is not the main module.
    fn selected(&self, module: &Module) -> Result<Selected> {
        if let Some(replacement) = self.project.replacement(&module.path, &module.version)? {
            return Ok(replacement);
        }
        Ok(Selected::Module(ModuleVersion {
            path: module.path.parse()?,
            version: module.version.parse()?,
        }))
    }
}

/// Tells whether a go version is of a release of the language, `1.17` or `1.17.3` of `1.17`.
fn is_language(go: &str, language: &str) -> bool {
    go == language
        || go
            .strip_prefix(language)
            .is_some_and(|rest| rest.starts_with(['.', 'r', 'b']))
}

/// Tells whether a go version is at least another.
fn is_at_least(go: &str, other: &str) -> bool {
    go_version::compare(go, other).is_ge()
}
