//! Where in a repository a module lies, told from paths alone.

use anyhow::{Result, bail};

use crate::module::{ModulePath, PathMajor, split_path_version};

/// The place of a module in a repository.
///
/// Source of the rules: `newCodeRepo` in `cmd/go/internal/modfetch/coderepo.go`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    path: ModulePath,
    root: String,
    folder: String,
    prefix: String,
}

impl Place {
    /// Works out the place of module `path` in a repository whose root is `root`, or whose folder
    /// `subdirectory` (empty for none) is `root`, as in a go-import meta tag with four fields.
    ///
    /// # Errors
    /// `root` is no prefix of `path`, or `subdirectory` is no clean relative path.
    pub fn new(path: &ModulePath, root: &str, subdirectory: &str) -> Result<Place> {
        let whole = path.as_str();
        if !has_path_prefix(whole, root) {
            bail!("mismatched repository: prefix {root} is no part of module path {whole}");
        }
        let (prefix, _) = path.split_major();
        let (prefix, folder) = if root == whole {
            (whole, "")
        } else if has_path_prefix(prefix, root) {
            (prefix, prefix[root.len()..].trim_matches('/'))
        } else {
            bail!("repository rooted at {root} cannot contain module {whole}");
        };
        check_subdirectory(subdirectory)?;
        let folder = [folder, subdirectory]
            .iter()
            .filter(|part| !part.is_empty())
            .copied()
            .collect::<Vec<_>>()
            .join("/");
        Ok(Place {
            prefix: prefix.to_owned(),
            root: root.to_owned(),
            folder,
            path: path.clone(),
        })
    }

    /// The module path.
    pub fn path(&self) -> &ModulePath {
        &self.path
    }

    /// The path at the root of the repository.
    pub fn root(&self) -> &str {
        &self.root
    }

    /// The folder of the module in the repository, leaving aside a `vN` folder; empty for the root.
    pub fn folder(&self) -> &str {
        &self.folder
    }

    /// The module path without its major version suffix (with it, if it is the repository root), for
    /// messages.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// The major version suffix: empty, `/vN`, or for gopkg.in `.vN` and `.vN-unstable`.
    pub fn major(&self) -> PathMajor<'_> {
        self.path.split_major().1
    }

    /// The prefix of the tags that carry versions of this module: empty, or the folder and a slash.
    pub fn tag_prefix(&self) -> String {
        if self.folder.is_empty() {
            String::new()
        } else {
            format!("{}/", self.folder)
        }
    }

    /// The folder `vN` in which a module with a `/vN` suffix may lie, if this one may.
    pub fn major_folder(&self) -> Option<String> {
        let major = self.major();
        let name = major.as_str().strip_prefix('/')?;
        (self.root != self.path.as_str()).then(|| join(&self.folder, name))
    }

    /// Tells whether the versions that `declared`, the path in a go.mod, allows agree with this module's
    /// major version suffix. Only the suffix counts: a fork keeps the path of what it replaces.
    pub fn accepts_declared(&self, declared: &str) -> bool {
        if declared.is_empty() {
            return false;
        }
        let Some((_, major)) = split_path_version(declared) else {
            return false;
        };
        let ours = self.major();
        if ours.is_empty() {
            return matches!(major.major_prefix(), "" | "v0" | "v1");
        }
        !major.is_empty() && ours.as_str()[1..] == major.as_str()[1..]
    }
}

/// Joins a folder and a name; either may be empty.
pub(super) fn join(folder: &str, name: &str) -> String {
    match (folder, name) {
        ("", name) => name.to_owned(),
        (folder, "") => folder.to_owned(),
        (folder, name) => format!("{folder}/{name}"),
    }
}

/// Tells whether `path` begins with the path elements of `prefix`, which may end in a slash.
pub fn has_path_prefix(path: &str, prefix: &str) -> bool {
    match path.strip_prefix(prefix) {
        Some(rest) => rest.is_empty() || prefix.ends_with('/') || rest.starts_with('/'),
        None => false,
    }
}

fn check_subdirectory(subdirectory: &str) -> Result<()> {
    let clean = |part: &str| !part.is_empty() && part != "." && part != "..";
    if !subdirectory.is_empty()
        && (subdirectory.starts_with('-') || !subdirectory.split('/').all(clean))
    {
        bail!("invalid subdirectory {subdirectory:?}: it must be a clean relative path");
    }
    Ok(())
}
