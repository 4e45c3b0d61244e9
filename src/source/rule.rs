//! One `--mirror` of the command line.

use std::fmt;
use std::str::FromStr;

use anyhow::{Context, Result, bail};

use super::Root;
use crate::mirror::{Location, split_subdirectory};
use crate::module::ModulePath;

/// A mirror that the user named: `[PREFIX=]REPO[//SUBDIR]`.
#[derive(Clone)]
pub struct MirrorRule {
    /// The path at the root of the repository (or at its folder SUBDIR); without it the root is worked out.
    pub prefix: Option<String>,
    /// The repository as the user wrote it, credentials included: never to be shown.
    repository: String,
    /// The folder of the repository that has the path `prefix`; empty for the root.
    pub folder: String,
}

impl FromStr for MirrorRule {
    type Err = anyhow::Error;

    /// Parses `[PREFIX=]REPO[//SUBDIR]`. What is before the first `=` is a prefix if it can be the beginning
    /// of a module path; otherwise the `=` belongs to the repository.
    fn from_str(text: &str) -> Result<MirrorRule> {
        let (prefix, repository) = match text.split_once('=') {
            Some(("", _)) => bail!("the prefix before `=` is empty"),
            Some((prefix, repository)) if !prefix.contains([':', '?']) && !is_path(prefix) => {
                let prefix = prefix.trim_end_matches('/');
                crate::module::check_import_path(prefix)
                    .with_context(|| format!("`{prefix}` before `=` is no module path prefix"))?;
                (Some(prefix.to_owned()), repository)
            }
            _ => (None, text),
        };
        if repository.is_empty() {
            bail!("the repository is missing");
        }
        let (repository, folder) = split_subdirectory(repository);
        Ok(MirrorRule {
            prefix,
            repository: repository.to_owned(),
            folder: folder.unwrap_or_default().trim_matches('/').to_owned(),
        })
    }
}

impl fmt::Debug for MirrorRule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("MirrorRule")
            .field("prefix", &self.prefix)
            .field("folder", &self.folder)
            .finish_non_exhaustive()
    }
}

impl MirrorRule {
    /// Finds out what the repository's name means. A folder that is not there is an error of this mirror
    /// only: others may have the module.
    ///
    /// # Errors
    /// A name that means no repository.
    pub fn locate(&self) -> Result<Location> {
        Location::parse(&self.repository)
    }

    /// Tells what the rule says of the repository root for a module; `None` when it does not serve it.
    pub(super) fn root_of(&self, path: &ModulePath) -> Option<Root> {
        match &self.prefix {
            Some(prefix) => {
                let rest = path.as_str().strip_prefix(prefix.as_str())?;
                (rest.is_empty() || rest.starts_with('/')).then(|| Root::Known {
                    root: prefix.clone(),
                    folder: self.folder.clone(),
                })
            }
            None if self.folder.is_empty() => Some(Root::Unknown),
            None => Some(Root::Known {
                root: path.split_major().0.to_owned(),
                folder: self.folder.clone(),
            }),
        }
    }
}

fn is_path(text: &str) -> bool {
    text.starts_with(['.', '/', '~'])
}
