//! Checks of a pseudo-version that the user gave.

use anyhow::{Result, bail};

use super::{CodeRepo, Revision};
use crate::mirror::{self, Need};
use crate::module::pseudo::{self, PseudoVersion};
use crate::module::semver;

impl CodeRepo<'_> {
    /// Checks commit, time and base in a pseudo-version against the repository.
    ///
    /// Without this, anybody could make up names for a commit that sort as high as they like. The base must
    /// be a tag in the commit's history; it need not be the highest, for tags may have come later. Source
    /// of the rules: `(*codeRepo).validatePseudoVersion` in `modfetch/coderepo.go`.
    ///
    /// # Errors
    /// What does not agree, with what is expected.
    pub(super) fn check_pseudo_version(&self, revision: &Revision, version: &str) -> Result<()> {
        let parts = PseudoVersion::parse(version)?;
        let given = parts.revision();
        let short = revision.short();
        if given != short {
            if given.starts_with(&short) {
                bail!("revision is longer than canonical (expected {short})");
            }
            if short.starts_with(given) {
                bail!("revision is shorter than canonical (expected {short})");
            }
            bail!("does not match short name of revision (expected {short})");
        }
        if parts.time()? != revision.commit.time {
            bail!(
                "does not match version-control timestamp (expected {})",
                pseudo::format_time(revision.commit.time)
            );
        }
        let bare = version.strip_suffix("+incompatible").unwrap_or(version);
        let prefix = self.place.tag_prefix();
        let Some(base) = PseudoVersion::parse(bare)?.base()? else {
            if self.place.major().major_prefix().is_empty() && semver::major(version) == "v1" {
                bail!("major version without preceding tag must be v0, not v1");
            }
            return Ok(());
        };
        let is_base = |tag: &str| tag.strip_prefix(&prefix).unwrap_or(tag) == base;
        if let Some(tag) = revision.tags.iter().find(|tag| is_base(tag)) {
            bail!(
                "tag ({tag}) found on revision {given} is already canonical, so should not be replaced with a pseudo-version derived from that tag"
            );
        }
        self.check_base_in_history(revision, &base, given)
    }

    fn check_base_in_history(&self, revision: &Revision, base: &str, given: &str) -> Result<()> {
        let wanted = format!("{}{base}", self.place.tag_prefix());
        let prefix_length = self.place.tag_prefix().len();
        let tags: Vec<_> = self
            .mirror
            .refs()
            .tags
            .iter()
            .filter(|(tag, _)| tag.starts_with(&wanted))
            .filter(|(tag, _)| semver::compare(&tag[prefix_length..], base).is_eq())
            .collect();
        let Some((last, _)) = tags.last() else {
            bail!("preceding tag ({base}) not found");
        };
        self.require(Need::History)?;
        let repository = self.repository()?;
        for (_, id) in &tags {
            if let Some(ancestor) = mirror::commit(&repository, **id)?
                && mirror::is_ancestor(&repository, ancestor.id, revision.commit.id)?
            {
                return Ok(());
            }
        }
        bail!("revision {given} is not a descendent of preceding tag ({last})")
    }
}
