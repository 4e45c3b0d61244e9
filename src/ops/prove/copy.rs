//! Copies of a project and of a part of the cache.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::{ProveOptions, go_on};
use crate::cache::{Cache, File};
use crate::checksum::GoSum;
use crate::disk::{self, Copying};
use crate::gomod::{self, GoMod};
use crate::graph::Project;
use crate::module::ModuleVersion;

/// The files that go writes to.
const WRITTEN: [&str; 4] = ["go.mod", "go.sum", "go.work", "go.work.sum"];

/// Folders of version control systems, from which go would stamp what it builds.
const VERSION_CONTROL: [&str; 5] = [".git", ".hg", ".svn", ".bzr", ".fossil"];

/// The largest file that go writes to, in bytes.
const FILE_LIMIT: u64 = 256 << 20;

/// Gives the versions a second home. Files that go may write to are copied.
pub(super) fn copy_cache(
    options: &ProveOptions<'_>,
    modules: &BTreeSet<ModuleVersion>,
    to: &Path,
) -> Result<()> {
    let copy = Cache::new(to.to_owned())?;
    disk::create_dir_all(&to.join("cache/download"))?;
    for module in modules {
        go_on(options.monitor)?;
        disk::create_dir_all(&copy.versions_folder(&module.path))?;
        for file in [
            File::Info,
            File::Mod,
            File::Zip,
            File::ZipHash,
            File::Partial,
        ] {
            let from = options.cache.file(module, file)?;
            let to = copy.file(module, file)?;
            match disk::is_file(&from) {
                false => {}
                true if file == File::Zip => disk::link_or_copy(&from, &to)?,
                true => disk::copy(&from, &to)?,
            }
        }
        let folder = options.cache.folder(module)?;
        if disk::is_dir(&folder) {
            disk::copy_tree(&folder, &copy.folder(module)?, |_| Copying::Linked)?;
        }
    }
    Ok(())
}

/// A copy of all that a project consists of: its main modules and the folders that replace others.
pub(super) struct ProjectCopy {
    pub(super) is_workspace: bool,
    /// The go.mod or go.work.
    pub(super) file: PathBuf,
    /// The folders of the main modules.
    modules: Vec<PathBuf>,
    /// The files that go writes to, as they were.
    originals: Vec<(PathBuf, Option<Vec<u8>>)>,
}

impl ProjectCopy {
    /// Copies what lies below the nearest folder above it all, at the same distance from each other.
    pub(super) fn new(
        project: &Project,
        to: &Path,
        options: &ProveOptions<'_>,
    ) -> Result<ProjectCopy> {
        let name = project.file().file_name().and_then(|name| name.to_str());
        if !matches!(name, Some("go.mod" | "go.work")) {
            bail!(
                "{}: only a go.mod or go.work can be proven",
                project.file().display()
            );
        }
        let folders = folders(project);
        // The go.work of a workspace may lie above all of its modules.
        let mut places = folders.clone();
        places.insert(project.folder().to_owned());
        let Some(above) = common_parent(&places) else {
            bail!(
                "{}: its folders have none in common",
                project.file().display()
            );
        };
        let place = |path: &Path| -> Result<PathBuf> { Ok(to.join(path.strip_prefix(&above)?)) };
        for folder in &folders {
            go_on(options.monitor)?;
            disk::copy_tree(folder, &place(folder)?, |path| copying(path, project))
                .with_context(|| format!("cannot copy {}", folder.display()))?;
        }
        if let Some(folder) = Some(project.folder()).filter(|_| project.work().is_some()) {
            disk::create_dir_all(&place(folder)?)?;
            for name in ["go.work", "go.work.sum"] {
                let file = folder.join(name);
                if disk::is_file(&file) {
                    disk::copy(&file, &place(&file)?)?;
                }
            }
        }
        let modules = project.modules().iter().map(|module| place(&module.folder));
        let mut copy = ProjectCopy {
            is_workspace: project.work().is_some(),
            file: place(project.file())?,
            modules: modules.collect::<Result<_>>()?,
            originals: Vec::new(),
        };
        let folders = copy.modules.iter().map(PathBuf::as_path);
        for folder in folders.chain(copy.file.parent()).collect::<BTreeSet<_>>() {
            for name in WRITTEN {
                let file = folder.join(name);
                let content = match disk::is_file(&file) {
                    true => Some(disk::read_limited(&file, FILE_LIMIT)?),
                    false => None,
                };
                copy.originals.push((file, content));
            }
        }
        Ok(copy)
    }

    /// The folder in which go runs.
    pub(super) fn folder(&self) -> &Path {
        self.file.parent().unwrap_or(&self.file)
    }

    /// The patterns for all packages of the main modules.
    pub(super) fn patterns(&self) -> Vec<String> {
        let modules = self.modules.iter();
        modules
            .map(|folder| format!("{}/...", folder.display()))
            .collect()
    }

    /// Undoes what go wrote.
    pub(super) fn restore(&self) -> Result<()> {
        for (file, content) in &self.originals {
            match content {
                Some(content) => disk::write(file, content)?,
                None => disk::remove_file(file)?,
            }
        }
        let folders = self.modules.iter().map(PathBuf::as_path);
        for folder in folders.chain([self.folder()]) {
            disk::tree::remove_all(&folder.join("vendor"))?;
        }
        Ok(())
    }

    /// Tells whether go.mod or go.sum say something else than before; how they are laid out does not count.
    pub(super) fn has_changed(&self) -> Result<bool> {
        for (file, original) in &self.originals {
            let now = disk::read_optional(file)?.unwrap_or_default();
            let original = original.as_deref().unwrap_or_default();
            let name = file.display().to_string();
            let is_same = match file.file_name().and_then(|name| name.to_str()) {
                Some("go.mod") => sorted(&name, original)? == sorted(&name, &now)?,
                Some("go.sum") => GoSum::parse(&name, original)? == GoSum::parse(&name, &now)?,
                _ => true,
            };
            if !is_same {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

fn sorted(name: &str, content: &[u8]) -> Result<GoMod> {
    let mut go_mod = gomod::parse(name, content)?;
    go_mod
        .require
        .sort_by(|left, right| (&left.path, &left.version).cmp(&(&right.path, &right.version)));
    Ok(go_mod)
}

/// Lists the folders of a project, without those within others.
fn folders(project: &Project) -> BTreeSet<PathBuf> {
    let all = project.folders();
    let mut outer = all.clone();
    outer.retain(|folder| {
        !all.iter()
            .any(|other| other != folder && folder.starts_with(other))
    });
    outer
}

fn common_parent(folders: &BTreeSet<PathBuf>) -> Option<PathBuf> {
    let (first, last) = (folders.first()?, folders.last()?);
    // Sorted by their elements, the first and the last differ soonest.
    let common = first.components().zip(last.components());
    let common = common.take_while(|(left, right)| left == right);
    Some(common.map(|(component, _)| component).collect())
}

/// Tells what becomes of a file or folder of the project. A vendor folder would keep go from the cache.
fn copying(path: &Path, project: &Project) -> Copying {
    let name = path
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or_default();
    let is_own_vendor = || {
        name == "vendor"
            && disk::is_file(&path.join("modules.txt"))
            && path.parent().is_some_and(|parent| {
                let mut modules = project.modules().iter();
                parent == project.folder() || modules.any(|module| module.folder == parent)
            })
    };
    if VERSION_CONTROL.contains(&name) || is_own_vendor() {
        Copying::LeftOut
    } else if WRITTEN.contains(&name) {
        Copying::Copied
    } else {
        Copying::Linked
    }
}
