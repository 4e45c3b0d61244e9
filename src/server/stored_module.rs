//! A module of which nothing is known but what is stored.

use std::collections::BTreeSet;

use anyhow::{Context, Result};

use super::route::Part;
use super::shelf::Shelf;
use crate::module::pseudo::PseudoVersion;
use crate::module::{Info, ModulePath, ModuleVersion, Version};
use crate::query::{self, Listing, NotFound};

/// The shortest abbreviation of a commit id that counts, as with go.
const SHORTEST_COMMIT: usize = 7;

/// The storage cannot be read; what is stored cannot be told.
#[derive(Debug, thiserror::Error)]
#[error("cannot read the storage")]
pub(super) struct StorageFault;

/// Answers queries about a module from its stored files, without the network.
pub(super) struct StoredModule<'s> {
    shelf: &'s dyn Shelf,
    path: &'s ModulePath,
    versions: BTreeSet<Version>,
}

impl<'s> StoredModule<'s> {
    /// Looks what there is.
    pub(super) fn new(shelf: &'s dyn Shelf, path: &'s ModulePath) -> Result<StoredModule<'s>> {
        Ok(StoredModule {
            shelf,
            path,
            versions: shelf.versions(path)?.into_iter().collect(),
        })
    }

    /// Forgets the versions that do not pass.
    pub(super) fn retain(&mut self, passes: impl Fn(&ModuleVersion) -> bool) {
        let path = self.path;
        self.versions.retain(|version| {
            passes(&ModuleVersion {
                path: path.clone(),
                version: version.clone(),
            })
        });
    }

    /// Tells whether nothing is stored of the module.
    pub(super) fn is_empty(&self) -> bool {
        self.versions.is_empty()
    }

    /// Lists the versions that tags gave, in semver order.
    pub(super) fn tagged(&self) -> impl Iterator<Item = &Version> {
        self.versions.iter().filter(|version| !version.is_pseudo())
    }

    fn named(&self, version: &Version) -> ModuleVersion {
        ModuleVersion {
            path: self.path.clone(),
            version: version.clone(),
        }
    }

    fn read(&self, version: &Version, part: Part) -> Result<Vec<u8>> {
        let module = self.named(version);
        let stored = self.shelf.open(&module, part).context(StorageFault)?;
        let stored = stored.ok_or_else(|| NotFound::new(format!("{module} is not stored")))?;
        stored.read().context(StorageFault)
    }

    fn info(&self, version: &Version) -> Result<Info> {
        Info::parse(&self.read(version, Part::Info)?)
            .ok()
            .filter(|info| info.version == *version)
            .with_context(|| format!("{}: the stored .info is damaged", self.named(version)))
    }

    /// Finds the version of a tag, branch or commit: one that a tag gave before a pseudo-version, then the highest.
    fn of_revision(&self, revision: &str) -> Option<Info> {
        let downwards = || self.versions.iter().rev();
        let tagged = downwards().filter(|version| !version.is_pseudo());
        let pseudo = downwards().filter(|version| version.is_pseudo());
        let infos = tagged
            .chain(pseudo)
            .filter_map(|version| self.info(version).ok());
        let mut meant = infos.filter(|info| {
            is_reference(info, revision)
                || is_incompatible(info, revision)
                || is_commit(info, revision)
        });
        meant.next()
    }
}

impl query::Repo for StoredModule<'_> {
    fn path(&self) -> &ModulePath {
        self.path
    }

    fn versions(&self, prefix: &str) -> Result<Listing> {
        if self.is_empty() {
            return Err(NotFound::new(format!("module {} is not stored", self.path)).into());
        }
        let tagged = self.tagged().map(Version::as_str);
        let versions = tagged.filter(|version| version.starts_with(prefix));
        Ok(Listing {
            versions: versions.map(str::to_owned).collect(),
            origin: None,
        })
    }

    fn stat(&self, revision: &str) -> Result<Info> {
        if let Ok(version) = Version::new(revision)
            && self.named(&version).check().is_ok()
        {
            return self.info(&version);
        }
        let unknown = || NotFound::new("no version of this revision is stored").into();
        self.of_revision(revision).ok_or_else(unknown)
    }

    /// Gives the newest pseudo-version, as `latestFromList` in `modfetch/proxy.go` does.
    fn latest(&self) -> Result<Info> {
        let time = |version: &&Version| PseudoVersion::parse(version.as_str()).ok()?.time().ok();
        let pseudo = self.versions.iter().filter(|version| version.is_pseudo());
        match pseudo.max_by_key(time) {
            Some(newest) => self.info(newest),
            None => Err(NotFound::new(format!("no commit of {} is stored", self.path)).into()),
        }
    }

    fn go_mod(&self, version: &str) -> Result<Vec<u8>> {
        self.read(&Version::new(version)?, Part::Mod)
    }
}

/// Tells whether a version was made of the tag or branch of this name.
fn is_reference(info: &Info, name: &str) -> bool {
    let reference = info.origin.as_ref().map(|origin| origin.reference.as_str());
    let named = ["refs/tags/", "refs/heads/"]
        .iter()
        .find_map(|kind| reference?.strip_prefix(kind));
    named == Some(name)
}

/// Tells whether a version was made of a tag of this name that the path of the module does not allow.
fn is_incompatible(info: &Info, name: &str) -> bool {
    info.version.is_incompatible() && info.version.base() == name
}

/// Tells whether a version was made of this commit, whose id may be abbreviated.
fn is_commit(info: &Info, id: &str) -> bool {
    let is_id = id.len() >= SHORTEST_COMMIT
        && id
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let recorded = info.origin.as_ref().map(|origin| origin.hash.as_str());
    let is_its_own = match recorded.filter(|hash| !hash.is_empty()) {
        Some(hash) => hash.starts_with(id),
        None => PseudoVersion::parse(info.version.as_str()).is_ok_and(|parts| {
            let short = parts.revision();
            short.starts_with(id) || id.starts_with(short)
        }),
    };
    is_id && is_its_own
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::module::{Origin, Time};

    fn info(version: &str, hash: &str, reference: &str) -> Info {
        Info {
            version: Version::new(version).unwrap(),
            time: Time::default(),
            origin: Some(Origin {
                hash: hash.to_owned(),
                reference: reference.to_owned(),
                ..Origin::default()
            }),
        }
    }

    #[test]
    fn a_commit_is_known_by_its_id_or_by_the_pseudo_version() {
        let pseudo = "v0.0.0-20200102030405-0123456789ab";
        let full = "0123456789abcdef0123456789abcdef01234567";
        assert!(is_commit(&info(pseudo, "", ""), "0123456"));
        assert!(is_commit(&info(pseudo, "", ""), full));
        assert!(is_commit(&info("v1.0.0", full, ""), "0123456789abcde"));
        assert!(!is_commit(&info("v1.0.0", full, ""), "012345"));
        assert!(!is_commit(&info("v1.0.0", full, ""), "0123457"));
        assert!(!is_commit(&info("v1.0.0", "", ""), full));
        assert!(!is_commit(&info("v1.0.0", full, ""), "0123456789ABCDE"));
    }

    #[test]
    fn a_version_is_known_by_its_tag() {
        let tagged = info("v1.0.0", "", "refs/tags/sub/v1.0.0");
        assert!(is_reference(&tagged, "sub/v1.0.0"));
        assert!(!is_reference(&tagged, "v1.0.0"));
        assert!(is_reference(&info("v1.0.0", "", "refs/heads/main"), "main"));
        assert!(!is_reference(&info("v1.0.0", "", ""), ""));
    }
}
