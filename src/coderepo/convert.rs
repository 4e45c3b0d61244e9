//! From a commit to the canonical version of a module.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};

use anyhow::{Context, Result, bail};

use super::{CodeRepo, Revision};
use crate::mirror::{self, Need};
use crate::module::{Info, Time, Version, canonical_version, pseudo, semver};
use crate::query::{self, NotFound};

impl CodeRepo<'_> {
    /// Resolves the name of a version, tag, branch or commit to a canonical version.
    ///
    /// # Errors
    /// [`NotFound`] when it does not exist; otherwise why it is refused. Source of the rules:
    /// `(*codeRepo).Stat` in `modfetch/coderepo.go`.
    pub(super) fn stat(&self, query: &str) -> Result<Info> {
        let revision = self
            .revision(&self.git_name(query))
            .map_err(|error| self.with_nearest(query, error))?;
        self.convert(&revision, query)
    }

    /// Resolves the head of the default branch.
    ///
    /// # Errors
    /// [`NotFound`] when there are no commits.
    pub(super) fn latest(&self) -> Result<Info> {
        let Some(head) = self.mirror.refs().head else {
            bail!(NotFound::new(format!(
                "no commits in mirror `{}`",
                self.mirror.display()
            )));
        };
        let mut revision = self.revision(&head.to_string())?;
        revision.reference = Some("HEAD".to_owned());
        self.convert(&revision, "")
    }

    /// Adds to an error about a version that does not exist those that come close.
    fn with_nearest(&self, query: &str, error: anyhow::Error) -> anyhow::Error {
        match error.downcast::<NotFound>() {
            Ok(mut refusal) => {
                refusal.nearest = query::nearest(self.versions("").unwrap_or_default(), query);
                refusal.into()
            }
            Err(error) => error,
        }
    }

    /// Gives a commit its version. `requested` is the query, or empty for the default branch.
    fn convert(&self, revision: &Revision, requested: &str) -> Result<Info> {
        let version = Conversion {
            module: self,
            revision,
            requested,
            incompatible: RefCell::default(),
        }
        .run()?;
        let version = Version::new(&version)
            .with_context(|| format!("{version} is no canonical version of {}", self.path()))?;
        let mut origin = self.origin_of(revision);
        let derived = version.as_str() != requested || !requested.starts_with("v0.0.0-");
        if let Some(origin) = &mut origin
            && version.is_pseudo()
            && derived
        {
            let major = self.place.major();
            let prefix = match major.as_str().get(1..) {
                Some(major) => format!("{major}."),
                None => String::new(),
            };
            if let Some(tags) = self.origin_of_tags(&prefix) {
                origin.tag_prefix = tags.tag_prefix;
                origin.tag_sum = tags.tag_sum;
            }
        }
        Ok(Info {
            version,
            time: Time::from_unix(revision.commit.time),
            origin,
        })
    }
}

/// One run of the rules of `(*codeRepo).convert` in `modfetch/coderepo.go`.
struct Conversion<'c, 'm> {
    module: &'c CodeRepo<'m>,
    revision: &'c Revision,
    requested: &'c str,
    /// By major version ("" for any): whether no go.mod forbids `+incompatible`.
    incompatible: RefCell<HashMap<String, bool>>,
}

/// The version in the name of a tag.
struct TagVersion {
    version: String,
    /// The tag is the version itself, without build metadata.
    is_canonical: bool,
}

impl Conversion<'_, '_> {
    fn run(&self) -> Result<String> {
        if pseudo::is_pseudo_version(self.requested) {
            let version = self.check(self.requested)?;
            self.module
                .check_pseudo_version(self.revision, self.requested)?;
            return Ok(version);
        }
        if let Some(tag) = self.tag_version(&self.revision.version)
            && tag.is_canonical
            && let Ok(version) = self.check(&tag.version)
        {
            return Ok(version);
        }
        let mut highest = String::new();
        let mut base = String::new();
        for tag in &self.revision.tags {
            let Some(tag) = self.tag_version(tag) else {
                continue;
            };
            let asked_for =
                !self.requested.is_empty() && semver::compare(&tag.version, self.requested).is_eq();
            if asked_for && tag.is_canonical {
                return self.check(&tag.version);
            }
            if asked_for {
                // `v1.0.0+a` and `v1.0.0+b` may be two commits: such a tag is only good as a base.
                base.clone_from(&tag.version);
            }
            if tag.is_canonical
                && semver::compare(&highest, &tag.version).is_lt()
                && self.is_allowed(&tag.version)?
            {
                highest = tag.version;
            }
        }
        if !highest.is_empty() {
            return self.check(&highest);
        }
        if base.is_empty() {
            base = self.base_in_history()?;
        }
        let major = self.module.place.major();
        self.check(&pseudo::pseudo_version(
            major.major_prefix(),
            &base,
            self.revision.commit.time,
            &self.revision.short(),
        ))
    }

    /// A version in a tag counts for this commit when its major version fits and it is not retracted.
    fn is_allowed(&self, version: &str) -> Result<bool> {
        Ok(!self.module.retractions().contain(version)
            && (self.module.place.major().matches(version) || self.may_be_incompatible(version)?))
    }

    fn tag_version(&self, tag: &str) -> Option<TagVersion> {
        let trimmed = tag.strip_prefix(&self.module.place.tag_prefix())?;
        if pseudo::is_pseudo_version(tag) {
            return None;
        }
        let version = semver::canonical(trimmed)?;
        trimmed.starts_with(&version).then(|| TagVersion {
            is_canonical: version == trimmed,
            version,
        })
    }

    /// Gives the highest allowed version among the tags in the commit's history; empty when there is none.
    ///
    /// A tag on the commit itself ends the search: go looks at the one commit that it fetched before it
    /// fetches the history (`(*gitRepo).RecentTag` in `codehost/git.go`).
    fn base_in_history(&self) -> Result<String> {
        let module = self.module;
        let prefix = module.place.tag_prefix();
        let highest = |tags: &mut dyn Iterator<Item = &String>| -> Result<String> {
            let mut highest = String::new();
            for tag in tags {
                let Some(tag) = self.tag_version(tag) else {
                    continue;
                };
                if semver::compare(&tag.version, &highest).is_gt()
                    && self.is_allowed(&tag.version)?
                {
                    highest = tag.version;
                }
            }
            Ok(highest)
        };
        let here = highest(&mut self.revision.tags.iter())?;
        let tags = &module.mirror.refs().tags;
        let plausible = format!("{prefix}v");
        if !here.is_empty() || !tags.keys().any(|tag| tag.starts_with(&plausible)) {
            return Ok(here);
        }
        module.require(Need::History)?;
        let candidates: BTreeSet<_> = tags
            .iter()
            .filter(|(tag, _)| tag.starts_with(&prefix) && self.tag_version(tag).is_some())
            .map(|(_, id)| *id)
            .collect();
        let repository = module.repository()?;
        let found = mirror::ancestors_among(&repository, self.revision.commit.id, &candidates)?;
        highest(
            &mut tags
                .iter()
                .filter(|(_, id)| found.contains(id))
                .map(|(tag, _)| tag),
        )
    }

    /// Tells whether the commit may carry a version of a higher major version as `+incompatible`: a module
    /// at the root, without a suffix, without a go.mod, and (unless the user asked for just that) without
    /// one in the folder `vN` (golang.org/issue/51324).
    fn may_be_incompatible(&self, version: &str) -> Result<bool> {
        let place = &self.module.place;
        if !place.folder().is_empty() || !place.major().is_empty() {
            return Ok(false);
        }
        if !self.lacks_go_mod("")? {
            return Ok(false);
        }
        if version.is_empty() || self.requested.ends_with("+incompatible") {
            return Ok(true);
        }
        self.lacks_go_mod(semver::major(version))
    }

    fn lacks_go_mod(&self, folder: &str) -> Result<bool> {
        if let Some(lacks) = self.incompatible.borrow().get(folder) {
            return Ok(*lacks);
        }
        let lacks = !self.module.has_go_mod(self.revision.commit.id, folder)?;
        self.incompatible
            .borrow_mut()
            .insert(folder.to_owned(), lacks);
        Ok(lacks)
    }

    /// Checks that a canonical version agrees with the module path and the go.mod, and adds
    /// `+incompatible` where it belongs.
    fn check(&self, version: &str) -> Result<String> {
        let module = self.module;
        let place = &module.place;
        module.find(version)?;
        let bare = |version: &str| {
            version
                .strip_suffix("+incompatible")
                .unwrap_or(version)
                .to_owned()
        };
        let base = bare(version);
        let mut version = version.to_owned();
        if version == bare(self.requested) {
            self.requested.clone_into(&mut version);
        }
        let mut refusal = None;
        if !place.major().matches(&base) {
            if self.may_be_incompatible(&base)? {
                version = format!("{base}+incompatible");
            } else if place.major().is_empty() {
                refusal = Some(format!(
                    "module contains a go.mod file, so module path must match major version (\"{}/{}\")",
                    place.prefix(),
                    semver::major(&version)
                ));
            } else {
                refusal = Some(
                    "module path includes a major version suffix, so major version must match"
                        .into(),
                );
            }
        } else if version.ends_with("+incompatible") {
            refusal = Some(format!(
                "+incompatible suffix not allowed: major version {} is compatible",
                semver::major(&version)
            ));
        }
        let requested = self.requested;
        if !requested.is_empty()
            && requested == canonical_version(requested)
            && bare(requested) != bare(&version)
        {
            bail!(
                "resolves to version {version} ({} is not a tag)",
                bare(requested)
            );
        }
        match refusal {
            Some(refusal) => bail!("invalid version {version}: {refusal}"),
            None => Ok(version),
        }
    }
}
