//! The versions that the tags of a repository give a module.

use anyhow::Result;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest, Sha256};

use super::place::join;
use super::{CodeRepo, Revision};
use crate::module::{Origin, pseudo, semver};
use crate::query::Retractions;

impl CodeRepo<'_> {
    /// Lists the versions of the module that begin with `prefix`, in semver order.
    ///
    /// These are the canonical tags with the module's tag prefix and major version; a module at the root
    /// without a suffix may have `+incompatible` ones, too. Whether a listed version can be used is not
    /// looked at: a tag may have no go.mod, or be no commit. Source of the rules: `(*codeRepo).Versions`
    /// and `appendIncompatibleVersions` in `modfetch/coderepo.go`.
    ///
    /// # Errors
    /// A mirror that cannot be read.
    pub fn versions(&self, prefix: &str) -> Result<Vec<String>> {
        if prefix.is_empty() {
            if let Some(versions) = self.versions.get() {
                return Ok(versions.clone());
            }
            let versions = self.list_versions("")?;
            return Ok(self.versions.get_or_init(|| versions).clone());
        }
        self.list_versions(prefix)
    }

    fn list_versions(&self, prefix: &str) -> Result<Vec<String>> {
        let major = self.place.major();
        // The tags of gopkg.in/name.v2-unstable are those of name.v2.
        if major.as_str().ends_with("-unstable") {
            return Ok(Vec::new());
        }
        let tag_prefix = self.place.tag_prefix();
        let (mut list, mut incompatible) = (Vec::new(), Vec::new());
        for tag in self.mirror.refs().tags.keys() {
            let Some(version) = tag.strip_prefix(&tag_prefix) else {
                continue;
            };
            if !version.starts_with(prefix)
                || semver::canonical(version).as_deref() != Some(version)
                || pseudo::is_pseudo_version(version)
            {
                continue;
            }
            if major.matches(version) {
                list.push(version.to_owned());
            } else if self.place.folder().is_empty() && major.is_empty() {
                incompatible.push(version.to_owned());
            }
        }
        semver::sort(&mut list);
        semver::sort(&mut incompatible);
        self.append_incompatible(&mut list, &incompatible)?;
        Ok(list)
    }

    /// Adds `+incompatible` versions unless their author has moved to modules: the latest compatible
    /// version has a go.mod (golang.org/issue/34189), or the latest of that major version has.
    fn append_incompatible(&self, list: &mut Vec<String>, incompatible: &[String]) -> Result<()> {
        if incompatible.is_empty() {
            return Ok(());
        }
        if let Some(latest) = list.last()
            && self.tag_has_go_mod(latest)?
        {
            return Ok(());
        }
        for group in incompatible.chunk_by(|a, b| semver::major(a) == semver::major(b)) {
            if let Some(latest) = group.last()
                && !self.tag_has_go_mod(latest)?
            {
                list.extend(
                    group
                        .iter()
                        .map(|version| format!("{version}+incompatible")),
                );
            }
        }
        Ok(())
    }

    fn tag_has_go_mod(&self, tag: &str) -> Result<bool> {
        Ok(self.read_file(tag, "go.mod")?.is_some())
    }

    /// Gives the retractions in the go.mod of the newest release (of the newest pre-release, if there is
    /// no release). They steer which tag or base a commit gets; a go.mod that cannot be read retracts
    /// nothing. Source: `(*codeRepo).retractedVersions` in `modfetch/coderepo.go`.
    pub(super) fn retractions(&self) -> &Retractions {
        self.retractions
            .get_or_init(|| self.read_retractions().unwrap_or_default())
    }

    fn read_retractions(&self) -> Result<Retractions> {
        let versions = self.versions("")?;
        let compatible: Vec<&String> = versions
            .iter()
            .take_while(|version| !version.ends_with("+incompatible"))
            .collect();
        let newest = compatible
            .iter()
            .rev()
            .find(|version| semver::prerelease(version).is_empty())
            .or(compatible.last());
        match newest {
            Some(newest) => Retractions::parse(&self.go_mod(newest)?),
            None => Ok(Retractions::default()),
        }
    }

    /// Gives the Origin of a revision, or none when the mirror is a path on this machine.
    pub(super) fn origin_of(&self, revision: &Revision) -> Option<Origin> {
        Some(Origin {
            hash: revision.commit.id.to_string(),
            reference: revision.reference.clone().unwrap_or_default(),
            ..self.origin()?
        })
    }

    /// Gives the Origin of an answer that depends on the tags with `prefix` after the module's own.
    pub(super) fn origin_of_tags(&self, prefix: &str) -> Option<Origin> {
        let tag_prefix = format!("{}{prefix}", self.place.tag_prefix());
        Some(Origin {
            tag_sum: self.tag_sum(&tag_prefix),
            tag_prefix,
            ..self.origin()?
        })
    }

    fn origin(&self) -> Option<Origin> {
        Some(Origin {
            vcs: "git".to_owned(),
            url: self.mirror.origin_url()?.to_owned(),
            subdir: self.place.folder().to_owned(),
            ..Origin::default()
        })
    }

    /// Sums up the version tags with a prefix (`(*gitRepo).Tags` and `isOriginTag` in `codehost`).
    fn tag_sum(&self, prefix: &str) -> String {
        let folder = &prefix[..prefix.rfind('/').map_or(0, |slash| slash + 1)];
        let mut sum = Sha256::new();
        for (tag, id) in &self.mirror.refs().tags {
            let Some(version) = tag.strip_prefix(folder) else {
                continue;
            };
            let counts = tag.starts_with(prefix)
                && semver::canonical(version)
                    .is_some_and(|canonical| version.starts_with(&canonical))
                && !pseudo::is_pseudo_version(version);
            if counts {
                sum.update(format!("{tag:?} {id}\n"));
            }
        }
        format!("t1:{}", BASE64_STANDARD.encode(sum.finalize()))
    }

    /// Tells whether a folder of a commit has a go.mod.
    pub(super) fn has_go_mod(&self, commit: git2::Oid, folder: &str) -> Result<bool> {
        Ok(self.read_at(commit, &join(folder, "go.mod"))?.is_some())
    }
}
