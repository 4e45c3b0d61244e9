//! The projects that a command is about.

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args;

use super::settings::current_folder;
use crate::disk;
use crate::goenv::GoEnv;
use crate::graph::{Project, Workspaces};

/// Which projects.
#[derive(Debug, Args)]
pub(super) struct ProjectOptions {
    /// Folder with a go.mod or go.work, or such a file [default: the nearest, as go finds it]
    #[arg(value_name = "PROJECT")]
    projects: Vec<PathBuf>,
}

impl ProjectOptions {
    /// Reads the projects that were named, or the one of this folder.
    pub(super) fn read(&self, env: &GoEnv) -> Result<Vec<Project>> {
        if self.projects.is_empty() {
            return Ok(vec![find(env)?]);
        }
        read_projects(&self.projects)
    }

    /// The arguments as they were given, for a command line that does the rest.
    pub(super) fn arguments(&self) -> impl Iterator<Item = String> + '_ {
        self.projects.iter().map(|path| path.display().to_string())
    }
}

/// Reads the projects that were named.
pub(super) fn read_projects(paths: &[PathBuf]) -> Result<Vec<Project>> {
    let read = |path: &PathBuf| Project::read(&disk::absolute(path)?);
    paths.iter().map(read).collect()
}

/// Finds the project of this folder. `GOWORK` names a go.work file or turns them off (`FindGoWork` in `modload/init.go`).
pub(super) fn find(env: &GoEnv) -> Result<Project> {
    let folder = current_folder()?;
    let workspaces = match env.get("GOWORK") {
        Some("off") => Workspaces::Ignore,
        Some(file) if file != "auto" => return Project::read(&folder.join(file)),
        _ => Workspaces::Use,
    };
    match Project::find(&folder, workspaces)? {
        Some(project) => Ok(project),
        None => bail!(
            "there is no go.mod and no go.work in {} or above; name a project",
            folder.display()
        ),
    }
}
