//! Which folder holds a version of a module, and its go.mod.

use anyhow::{Result, bail};
use git2::Oid;

use super::place::join;
use super::{CodeRepo, Place};
use crate::gomod;
use crate::module::pseudo::PseudoVersion;
use crate::module::{Version, semver, split_path_version};
use crate::query::NotFound;

/// A version of a module, found in the repository.
#[derive(Clone, Debug)]
pub(super) struct Found {
    /// The commit.
    pub(super) commit: Oid,
    /// The folder, empty for the root of the repository.
    pub(super) folder: String,
    /// The go.mod as it is stored; a module at the root may have none.
    pub(super) go_mod: Option<Vec<u8>>,
}

impl CodeRepo<'_> {
    /// Turns a version or another query into the name that git knows: a pseudo-version into its commit,
    /// a version into its tag.
    pub(super) fn git_name(&self, query: &str) -> String {
        if !semver::is_valid(query) {
            return query.to_owned();
        }
        if let Ok(pseudo) = PseudoVersion::parse(query) {
            return pseudo.revision().to_owned();
        }
        self.tag_of(query)
    }

    /// Gives the name of the tag that carries a version.
    pub fn tag_of(&self, version: &str) -> String {
        let tag = version.strip_suffix("+incompatible").unwrap_or(version);
        format!("{}{tag}", self.place.tag_prefix())
    }

    /// Finds the folder of a version: the module's own, or for a `/vN` path the folder `vN` in it.
    ///
    /// The go.mod decides, and of it only the major version suffix: forks keep the path of what they
    /// replace. Source of the rules: `(*codeRepo).findDir` in `modfetch/coderepo.go`.
    ///
    /// # Errors
    /// [`NotFound`] for each way in which go.mod files and path disagree.
    pub(super) fn find(&self, version: &str) -> Result<Found> {
        let name = self.git_name(version);
        let commit = self.revision(&name)?.commit.id;
        self.find_at(version, &name, commit)
    }

    /// Finds the folder of a version as if `commit` were its commit; `name` is for messages.
    pub(super) fn find_at(&self, version: &str, name: &str, commit: Oid) -> Result<Found> {
        let place = &self.place;
        let file = join(place.folder(), "go.mod");
        let go_mod = self.read_at(commit, &file)?;
        let declared = go_mod.as_deref().map(gomod::module_path);
        let fits = declared.as_deref().is_some_and(|declared| {
            place.accepts_declared(declared) || replaces_gopkg(place, declared)
        });

        if let Some(folder) = place.major_folder() {
            let below = join(&folder, "go.mod");
            if let Some(data) = self.read_at(commit, &below)? {
                let declared = gomod::module_path(&data);
                let suffix = place.major();
                if declared.is_empty() {
                    refuse(
                        place,
                        format!(
                            "{}/{below} is missing module path at revision {name}",
                            place.root()
                        ),
                    )?;
                }
                if !place.accepts_declared(&declared) {
                    refuse(
                        place,
                        format!(
                            "{}/{below} has non-...{suffix} module path {declared:?} at revision {name}",
                            place.root()
                        ),
                    )?;
                }
                if fits {
                    refuse(
                        place,
                        format!(
                            "{}/{file} and ...{suffix}/go.mod both have ...{suffix} module paths at revision {name}",
                            place.prefix()
                        ),
                    )?;
                }
                return Ok(Found {
                    commit,
                    folder,
                    go_mod: Some(data),
                });
            }
        }
        match declared {
            Some(_) if fits => {}
            Some(declared) => self.refuse_go_mod(&file, &declared, version, name)?,
            None => self.refuse_missing(name)?,
        }
        Ok(Found {
            commit,
            folder: place.folder().to_owned(),
            go_mod,
        })
    }

    /// Gives the go.mod of a version that has been resolved: the file, or the one that go makes up for a
    /// module without.
    pub(super) fn go_mod(&self, version: &str) -> Result<Vec<u8>> {
        let found = self.find(version)?;
        Ok(found.go_mod.unwrap_or_else(|| gomod::made_up(self.path())))
    }

    /// Gives the go.mod that a version would have, were it at `commit`, which must be present.
    ///
    /// # Errors
    /// A commit that does not have the module.
    pub fn go_mod_at(&self, version: &Version, commit: Oid) -> Result<Vec<u8>> {
        let found = self.find_at(version.as_str(), &commit.to_string(), commit)?;
        Ok(found.go_mod.unwrap_or_else(|| gomod::made_up(self.path())))
    }

    /// Gives the commit of a version that has been resolved.
    ///
    /// # Errors
    /// A version that is not in the repository.
    pub fn commit_of(&self, version: &Version) -> Result<Oid> {
        Ok(self.revision(&self.git_name(version.as_str()))?.commit.id)
    }

    fn refuse_go_mod(&self, file: &str, declared: &str, version: &str, name: &str) -> Result<()> {
        let place = &self.place;
        let suffix = match place.major_folder() {
            Some(_) => format!(" (and ...{}/go.mod does not exist)", place.major()),
            None => String::new(),
        };
        if declared.is_empty() {
            return refuse(
                place,
                format!("{file} is missing module path{suffix} at revision {name}"),
            );
        }
        if !place.major().is_empty() {
            return refuse(
                place,
                format!(
                    "{file} has non-...{} module path {declared:?}{suffix} at revision {name}",
                    place.major()
                ),
            );
        }
        if split_path_version(declared).is_none() {
            return refuse(
                place,
                format!("{file} has malformed module path {declared:?}{suffix} at revision {name}"),
            );
        }
        refuse(
            place,
            format!(
                "{file} has post-{} module path {declared:?}{suffix} at revision {name}",
                semver::major(version)
            ),
        )
    }

    /// Only a module at the root of the repository, with no suffix or gopkg.in's, may lack a go.mod.
    fn refuse_missing(&self, name: &str) -> Result<()> {
        let place = &self.place;
        let major = place.major();
        if place.folder().is_empty() && (major.is_empty() || major.as_str().starts_with('.')) {
            return Ok(());
        }
        let prefix = place.prefix();
        match place.major_folder() {
            Some(_) => refuse(
                place,
                format!("missing {prefix}/go.mod and ...{major}/go.mod at revision {name}"),
            ),
            None => refuse(place, format!("missing {prefix}/go.mod at revision {name}")),
        }
    }
}

/// An unversioned path may replace a gopkg.in path: an old bug that is kept (golang.org/issue/34254).
fn replaces_gopkg(place: &Place, declared: &str) -> bool {
    place.major().is_empty() && declared.starts_with("gopkg.in/")
}

fn refuse(place: &Place, message: String) -> Result<()> {
    let mut refusal = NotFound::new(message);
    refusal.looked_under = Some(place.root().to_owned());
    bail!(refusal)
}
