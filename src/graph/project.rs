//! What the user works in: a module, or a workspace of several.

use std::collections::{BTreeSet, HashSet};
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::replacements::Replacements;
use super::summary::{DEFAULT_GO_VERSION, Selected, is_strict, read_file};
use super::vertex::Vertex;
use crate::checksum::GoSum;
use crate::disk;
use crate::gomod::{self, GoMod, GoWork, Replacement, Require, go_version};
use crate::module::check_import_path;

/// The go version of a go.work file that names none (`gover.DefaultGoWorkVersion`).
const DEFAULT_WORK_VERSION: &str = "1.18";

/// Whether go.work files count, which the variable `GOWORK` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Workspaces {
    /// The nearest go.work file counts.
    Use,
    /// None does, as with `GOWORK=off`.
    Ignore,
}

/// A module of the project.
#[derive(Clone, Debug)]
pub struct MainModule {
    /// The path of the module.
    pub path: String,
    /// The folder of its go.mod.
    pub folder: PathBuf,
    /// Its go.mod.
    pub go_mod: GoMod,
}

/// A go.mod, or a go.work with the go.mod of each of its modules.
#[derive(Clone, Debug)]
pub struct Project {
    file: PathBuf,
    folder: PathBuf,
    work: Option<GoWork>,
    modules: Vec<MainModule>,
    excluded: HashSet<(String, String)>,
    replacements: Replacements,
}

impl Project {
    /// Reads a project from a go.mod file, a go.work file, or a folder with one; in a folder with both, the
    /// go.work counts. A file is a go.work file when its name ends in `.work`.
    ///
    /// # Errors
    /// A file that is missing, cannot be read or has faults, which name file, line and column; what go
    /// refuses in a project: replacements that contradict each other, a module twice in a workspace, or
    /// one with a go line above that of go.work.
    pub fn read(path: &Path) -> Result<Project> {
        let file = match disk::is_dir(path) {
            false => path.to_owned(),
            true => match disk::is_file(&path.join("go.work")) {
                true => path.join("go.work"),
                false => path.join("go.mod"),
            },
        };
        let is_work = file
            .extension()
            .is_some_and(|extension| extension == "work");
        if !disk::is_file(&file) {
            bail!("no {} found", file.display());
        }
        match is_work {
            true => Self::read_work(&file),
            false => Self::read_mod(&file),
        }
    }

    /// Finds the project of a folder as go does: by the nearest go.work in it or above, or else the nearest
    /// go.mod. `None` when there is neither.
    ///
    /// # Errors
    /// Those of [`Self::read`].
    pub fn find(folder: &Path, workspaces: Workspaces) -> Result<Option<Project>> {
        let names: &[&str] = match workspaces {
            Workspaces::Use => &["go.work", "go.mod"],
            Workspaces::Ignore => &["go.mod"],
        };
        for name in names {
            let mut files = folder.ancestors().map(|folder| folder.join(name));
            if let Some(file) = files.find(|file| disk::is_file(file)) {
                return Self::read(&file).map(Some);
            }
        }
        Ok(None)
    }

    fn read_mod(file: &Path) -> Result<Project> {
        let module = MainModule::read(file)?;
        Self::new(file, None, vec![module])
    }

    fn read_work(file: &Path) -> Result<Project> {
        let (name, data) = read_file(file)?;
        let work = gomod::parse_work(&name, &data).context("cannot parse go.work")?;
        let folder = folder_of(file);
        let mut modules: Vec<MainModule> = Vec::new();
        for used in &work.used {
            let used = clean(&folder.join(used));
            if modules.iter().any(|module| module.folder == used) {
                bail!(
                    "{name}: path {} appears multiple times in workspace",
                    used.display()
                );
            }
            let module = MainModule::read(&used.join("go.mod")).with_context(|| {
                format!("cannot load module {} listed in go.work", used.display())
            })?;
            check_work_version(&module, &work)?;
            modules.push(module);
        }
        Self::new(file, Some(work), modules)
    }

    fn new(file: &Path, work: Option<GoWork>, modules: Vec<MainModule>) -> Result<Project> {
        let folder = folder_of(file);
        let excluded = modules
            .iter()
            .flat_map(|module| module.go_mod.exclude.iter().cloned())
            .collect();
        let replacements = Replacements::new(&folder, work.as_ref(), &modules)?;
        Ok(Project {
            file: file.to_owned(),
            folder,
            work,
            modules,
            excluded,
            replacements,
        })
    }

    /// The go.mod or go.work file.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// The folder of that file.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The go.work file, when this is a workspace.
    pub fn work(&self) -> Option<&GoWork> {
        self.work.as_ref()
    }

    /// The main modules: one, or those of the workspace in its order.
    pub fn modules(&self) -> &[MainModule] {
        &self.modules
    }

    /// The go version of the project, with go's assumption where none is named.
    pub fn go_version(&self) -> &str {
        match (&self.work, self.modules.first()) {
            (Some(work), _) => work.go.as_deref().unwrap_or(DEFAULT_WORK_VERSION),
            (None, Some(module)) => module.go_version(),
            (None, None) => DEFAULT_GO_VERSION,
        }
    }

    /// The toolchain line of the project.
    pub fn toolchain(&self) -> Option<&str> {
        match (&self.work, self.modules.first()) {
            (Some(work), _) => work.toolchain.as_deref(),
            (None, module) => module?.go_mod.toolchain.as_deref(),
        }
    }

    /// Gives the same project with other requirements and another go version; not for a workspace, whose
    /// requirements are those of its modules.
    #[must_use]
    pub fn with_requirements(&self, require: Vec<Require>, go: &str) -> Project {
        let mut project = self.clone();
        if let (None, [module]) = (&project.work, project.modules.as_mut_slice()) {
            module.go_mod.require = require;
            module.go_mod.go = Some(go.to_owned());
        }
        project
    }

    /// Gives what replaces a module version.
    ///
    /// # Errors
    /// Replacements that contradict each other, or that are no module.
    pub fn replacement(&self, path: &str, version: &str) -> Result<Option<Selected>> {
        self.replacements.find(&Vertex::new(path, version))
    }

    /// Tells whether requirements on a version do not count.
    pub fn is_excluded(&self, path: &str, version: &str) -> bool {
        !self.excluded.is_empty()
            && self
                .excluded
                .contains(&(path.to_owned(), version.to_owned()))
    }

    /// Lists the folders that the project consists of: those of main modules, and those that replace modules
    /// and are named relative to the project, as far as they are there.
    pub fn folders(&self) -> BTreeSet<PathBuf> {
        let own = self.modules.iter().map(|module| module.folder.clone());
        let mut folders: BTreeSet<PathBuf> = own.collect();
        let of_modules = self.modules.iter();
        let of_modules = of_modules.map(|module| (module.folder.as_path(), &module.go_mod.replace));
        let of_work = self
            .work
            .as_ref()
            .map(|work| (self.folder(), &work.replace));
        for (folder, replaces) in of_modules.chain(of_work) {
            for replace in replaces {
                if let Replacement::Directory(path) = &replace.replacement
                    && !Path::new(path).is_absolute()
                {
                    let path = clean(&folder.join(path));
                    folders.extend(disk::is_dir(&path).then_some(path));
                }
            }
        }
        folders
    }

    /// Names the files that record sums, whether they are there or not: go.sum of each main module, and
    /// go.work.sum.
    pub fn sum_files(&self) -> Vec<PathBuf> {
        let work = self.work.is_some().then(|| suffixed(&self.file));
        let modules = match &self.work {
            Some(_) => self.modules.iter().map(MainModule::sum_file).collect(),
            // Another name than go.mod has a go.sum of that name.
            None => vec![self.file.with_extension("sum")],
        };
        work.into_iter().chain(modules).collect()
    }

    /// Reads the files of [`Self::sum_files`] that are there into one.
    ///
    /// # Errors
    /// A file that cannot be read; a malformed line, with its number.
    pub fn sums(&self) -> Result<GoSum> {
        let mut sums = GoSum::default();
        for file in self.sum_files() {
            if let Some(data) = disk::read_optional(&file)? {
                sums.merge(&GoSum::parse(&file.display().to_string(), &data)?);
            }
        }
        Ok(sums)
    }

    /// Gives what stands for versions.
    pub(super) fn replacements(&self) -> &Replacements {
        &self.replacements
    }
}

impl MainModule {
    fn read(file: &Path) -> Result<MainModule> {
        let (name, data) = read_file(file)?;
        let go_mod = gomod::parse(&name, &data).context("cannot parse go.mod")?;
        if let Some(problem) = go_mod.shorthand.first() {
            // Only the network knows what go would make of it.
            bail!("{problem}; `go mod tidy` writes the version that go takes");
        }
        let Some(path) = go_mod.module.clone() else {
            bail!("{name}: missing module declaration");
        };
        if matches!(path.as_str(), "go" | "toolchain") {
            bail!("{name}: invalid module path: {path:?}");
        }
        check_import_path(&path).with_context(|| format!("{name}: invalid module path"))?;
        Ok(MainModule {
            path,
            folder: folder_of(file),
            go_mod,
        })
    }

    /// The go version of the module, which is 1.16 where it names none.
    pub fn go_version(&self) -> &str {
        self.go_mod.go.as_deref().unwrap_or(DEFAULT_GO_VERSION)
    }

    fn sum_file(&self) -> PathBuf {
        self.folder.join("go.sum")
    }
}

/// Refuses a module above the go version of its workspace, as go does. Rule: `errWorkTooOld`.
fn check_work_version(module: &MainModule, work: &GoWork) -> Result<()> {
    let (own, limit) = (
        module.go_version(),
        work.go.as_deref().unwrap_or(DEFAULT_WORK_VERSION),
    );
    if go_version::compare(own, limit).is_gt() && is_strict(own) {
        let verb = match work.go {
            Some(_) => "lists",
            None => "implicitly requires",
        };
        bail!(
            "module {} listed in go.work file requires go >= {own}, but go.work {verb} go {limit}",
            module.folder.display()
        );
    }
    Ok(())
}

fn folder_of(file: &Path) -> PathBuf {
    match file.parent() {
        Some(folder) if folder.as_os_str().is_empty() => PathBuf::from("."),
        Some(folder) => folder.to_owned(),
        None => PathBuf::from("."),
    }
}

fn suffixed(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".sum");
    name.into()
}

/// Takes `.` and `..` out of a path by its text alone, as `filepath.Clean` does.
pub(super) fn clean(path: &Path) -> PathBuf {
    let mut cleaned = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => match cleaned.components().next_back() {
                Some(Component::Normal(_)) => {
                    cleaned.pop();
                }
                Some(Component::RootDir | Component::Prefix(_)) => {}
                _ => cleaned.push(".."),
            },
            other => cleaned.push(other),
        }
    }
    if cleaned.as_os_str().is_empty() {
        cleaned.push(".");
    }
    cleaned
}
