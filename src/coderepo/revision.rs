//! From the name of a tag, branch or commit to the commit.

use anyhow::{Result, anyhow, bail};
use git2::Oid;

use super::CodeRepo;
use crate::mirror::{self, Commit, Need};
use crate::query::NotFound;

/// The digits from which on a hexadecimal word may name a commit, and those of a whole id.
const HASH_DIGITS: std::ops::RangeInclusive<usize> = 7..=40;

/// The digits of a commit id in a pseudo-version.
pub(super) const SHORT_DIGITS: usize = 12;

/// A commit as a name led to it.
#[derive(Clone, Debug)]
pub struct Revision {
    /// The commit.
    pub commit: Commit,
    /// The tag that was asked for, or the commit's full id.
    pub version: String,
    /// All tags on the commit, sorted.
    pub tags: Vec<String>,
    /// The full name of the reference, for the Origin.
    pub reference: Option<String>,
}

impl Revision {
    /// The short id used in pseudo-versions.
    pub fn short(&self) -> String {
        let mut id = self.commit.id.to_string();
        id.truncate(SHORT_DIGITS);
        id
    }
}

impl CodeRepo<'_> {
    /// Finds the commit that `name` names: a tag before a branch before a commit id of 7 to 40 digits.
    ///
    /// A commit that no branch and no tag reaches does not exist: servers offer the commits of rejected
    /// pull requests, too. Source of the rules: `(*gitRepo).stat` in `codehost/git.go`.
    ///
    /// # Errors
    /// [`NotFound`] when nothing has the name; an ambiguous id; a mirror that cannot be read.
    pub(super) fn revision(&self, name: &str) -> Result<Revision> {
        if let Some(revision) = self.revisions.borrow().get(name) {
            return Ok(revision.clone());
        }
        let revision = self.look_up(name)?;
        self.present.borrow_mut().insert(revision.commit.id);
        self.revisions
            .borrow_mut()
            .insert(name.to_owned(), revision.clone());
        Ok(revision)
    }

    fn look_up(&self, name: &str) -> Result<Revision> {
        let is_hash = HASH_DIGITS.contains(&name.len())
            && name
                .bytes()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if is_hash && let Some(id) = self.present_commit(name) {
            return self.describe(name, id, None);
        }
        let refs = self.mirror.refs();
        if let Some(id) = refs.tags.get(name) {
            return self.describe_reference(name, &format!("refs/tags/{name}"), *id);
        }
        if let Some(id) = refs.heads.get(name) {
            return self.describe_reference(name, &format!("refs/heads/{name}"), *id);
        }
        if let (Some(id), "HEAD") = (refs.head, name) {
            return self.describe_reference(name, "HEAD", id);
        }
        if !is_hash {
            return Err(self.unknown(name));
        }
        match self.reference_of_hash(name)? {
            Some((reference, id)) => self.describe_reference(name, &reference, id),
            None => self.search_history(name),
        }
    }

    /// Looks among the commits that this run has met already.
    fn present_commit(&self, prefix: &str) -> Option<Oid> {
        let present = self.present.borrow();
        let mut hits = present
            .iter()
            .filter(|id| id.to_string().starts_with(prefix));
        match (hits.next(), hits.next()) {
            (Some(id), None) => Some(*id),
            _ => None,
        }
    }

    /// Gives the reference whose commit id begins with `prefix`; of several the first by name.
    fn reference_of_hash(&self, prefix: &str) -> Result<Option<(String, Oid)>> {
        let refs = self.mirror.refs();
        let head = refs.head.iter().map(|id| ("HEAD".to_owned(), *id));
        let heads = refs.heads.iter();
        let heads = heads.map(|(name, id)| (format!("refs/heads/{name}"), *id));
        let tags = refs.tags.iter();
        let tags = tags.map(|(name, id)| (format!("refs/tags/{name}"), *id));
        let mut found: Option<(String, Oid)> = None;
        for (name, id) in head.chain(heads).chain(tags) {
            if !id.to_string().starts_with(prefix) {
                continue;
            }
            match &found {
                Some((_, other)) if *other != id => bail!("ambiguous revision {prefix}"),
                Some((first, _)) if *first <= name => {}
                _ => found = Some((name, id)),
            }
        }
        Ok(found)
    }

    fn search_history(&self, prefix: &str) -> Result<Revision> {
        self.require(Need::History)?;
        let refs = self.mirror.refs();
        let tips = refs
            .head
            .iter()
            .chain(refs.heads.values())
            .chain(refs.tags.values());
        let repository = self.repository()?;
        let found = mirror::reachable_with_prefix(&repository, tips.copied(), prefix)?;
        let mut found = found.into_iter();
        match (found.next(), found.next()) {
            (Some(id), None) => self.describe(prefix, id, None),
            (Some(_), Some(_)) => Err(anyhow!("ambiguous revision {prefix}")),
            (None, _) => Err(self.unknown(prefix)),
        }
    }

    fn describe_reference(&self, name: &str, reference: &str, id: Oid) -> Result<Revision> {
        self.require(Need::Commit {
            reference: Some(reference),
            oid: id,
        })?;
        // go fetches HEAD by its id and so records no reference for it.
        let recorded = (reference != "HEAD").then(|| reference.to_owned());
        self.describe(name, id, recorded)
    }

    fn describe(&self, name: &str, id: Oid, reference: Option<String>) -> Result<Revision> {
        let Some(commit) = mirror::commit(&*self.repository()?, id)? else {
            return Err(NotFound::new(format!(
                "unknown revision {name}: it is no commit in mirror `{}`",
                self.mirror.display()
            ))
            .into());
        };
        let tags: Vec<String> = self
            .mirror
            .refs()
            .tags
            .iter()
            .filter(|(_, id)| **id == commit.id)
            .map(|(tag, _)| tag.clone())
            .collect();
        let version = if tags.iter().any(|tag| tag == name) {
            name.to_owned()
        } else {
            commit.id.to_string()
        };
        Ok(Revision {
            commit,
            version,
            tags,
            reference,
        })
    }

    fn unknown(&self, name: &str) -> anyhow::Error {
        let what = if crate::module::semver::is_valid(
            name.strip_prefix(&self.place.tag_prefix()).unwrap_or(name),
        ) {
            "no tag"
        } else {
            "no tag, branch or commit"
        };
        let mut refusal = NotFound::new(format!(
            "{what} `{name}` in mirror `{}`",
            self.mirror.display()
        ));
        if !self.place.folder().is_empty() {
            refusal.looked_under = Some(self.place.root().to_owned());
        }
        refusal.into()
    }
}
