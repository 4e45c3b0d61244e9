//! The references of a repository, as `git ls-remote` tells them.

use std::collections::BTreeMap;

use git2::Oid;

/// What a repository's references pointed at when they were listed.
///
/// Branches, tags and HEAD only: other references (pull requests, notes) are never listed or fetched.
/// Names are bytes in git; those that are not UTF-8 have each offending byte written as `\xNN`, which
/// loses nothing and cannot meet another name because git forbids backslashes in names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Refs {
    /// The commit that HEAD stands for; `None` when its branch has no commit yet.
    pub head: Option<Oid>,
    /// The full name of the branch that HEAD points at (`refs/heads/main`); `None` when HEAD is detached
    /// or the server does not tell.
    pub head_reference: Option<String>,
    /// Branch name without `refs/heads/` to commit.
    pub heads: BTreeMap<String, Oid>,
    /// Tag name without `refs/tags/` to the object behind it, annotated and nested tags peeled as the
    /// `^{}` lines of `git ls-remote` tell. Mostly a commit, but a tag on a tree or blob keeps that id.
    pub tags: BTreeMap<String, Oid>,
    /// Tag name to tag object, where that is another object than in `tags`.
    annotations: BTreeMap<String, Oid>,
}

impl Refs {
    /// Tells whether there is nothing at all: no branch, no tag and no HEAD.
    pub fn is_empty(&self) -> bool {
        self.head.is_none() && self.heads.is_empty() && self.tags.is_empty()
    }

    /// Finds a reference by its full name: `HEAD`, `refs/heads/…` or `refs/tags/…` (peeled).
    pub fn find(&self, reference: &str) -> Option<Oid> {
        if reference == "HEAD" {
            return self.head;
        }
        match reference.strip_prefix("refs/heads/") {
            Some(name) => self.heads.get(name).copied(),
            None => self
                .tags
                .get(reference.strip_prefix("refs/tags/")?)
                .copied(),
        }
    }

    /// Adds a reference under its full name; one that is not HEAD, a branch or a tag, or whose name git
    /// would not allow, is left out. `peeled` is what an annotated tag stands for.
    pub(crate) fn insert(&mut self, name: &[u8], oid: Oid, peeled: Option<Oid>) {
        if name == b"HEAD" {
            self.head = Some(oid);
            return;
        }
        if !is_valid_name(name) {
            return;
        }
        if let Some(head) = name.strip_prefix(b"refs/heads/") {
            self.heads.insert(printable(head), oid);
        } else if let Some(tag) = name.strip_prefix(b"refs/tags/") {
            let tag = printable(tag);
            match peeled.filter(|peeled| *peeled != oid) {
                Some(_) => self.annotations.insert(tag.clone(), oid),
                None => self.annotations.remove(&tag),
            };
            self.tags.insert(tag, peeled.unwrap_or(oid));
        }
    }

    /// Every reference with the id that the server advertises for it: an annotated tag's own id.
    pub(crate) fn advertised(&self) -> impl Iterator<Item = (String, Oid)> + '_ {
        let heads = self
            .heads
            .iter()
            .map(|(name, oid)| (format!("refs/heads/{name}"), *oid));
        let tags = self.tags.iter().map(|(name, oid)| {
            let oid = self.annotations.get(name).unwrap_or(oid);
            (format!("refs/tags/{name}"), *oid)
        });
        let head = self.head.map(|oid| ("HEAD".to_owned(), oid));
        head.into_iter().chain(heads).chain(tags)
    }

    /// The id to ask a server for to get `oid`, which some listed reference must stand for; `reference`
    /// is looked at first.
    pub(crate) fn advertised_for(&self, reference: Option<&str>, oid: Oid) -> Option<Oid> {
        if let Some(name) = reference
            && self.find(name) == Some(oid)
        {
            let tag = name.strip_prefix("refs/tags/");
            let annotation = tag.and_then(|tag| self.annotations.get(tag));
            return Some(annotation.copied().unwrap_or(oid));
        }
        if self.head == Some(oid) || self.heads.values().any(|head| *head == oid) {
            return Some(oid);
        }
        let (name, _) = self.tags.iter().find(|(_, tagged)| **tagged == oid)?;
        Some(self.annotations.get(name).copied().unwrap_or(oid))
    }
}

/// Writes bytes that are not UTF-8 as `\xNN`.
fn printable(name: &[u8]) -> String {
    let mut text = String::with_capacity(name.len());
    for chunk in name.utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            text.push_str(&format!("\\x{byte:02x}"));
        }
    }
    text
}

/// Tells whether git allows the name (git-check-ref-format): a server or a damaged repository must not
/// bring a name with a line break or a path that leads elsewhere.
fn is_valid_name(name: &[u8]) -> bool {
    const FORBIDDEN: &[u8] = b" ~^:?*[\\\x7f";
    !name
        .iter()
        .any(|byte| *byte < 0x20 || FORBIDDEN.contains(byte))
        && !name.windows(2).any(|pair| pair == b".." || pair == b"@{")
        && !name.ends_with(b".")
        && name.split(|byte| *byte == b'/').all(|element| {
            !element.is_empty() && !element.starts_with(b".") && !element.ends_with(b".lock")
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn oid(digit: char) -> Oid {
        Oid::from_str(&digit.to_string().repeat(40)).unwrap()
    }

    #[test]
    fn an_annotated_tag_stands_for_what_it_points_at() {
        let mut refs = Refs::default();
        refs.insert(b"refs/tags/v1.0.0", oid('a'), Some(oid('b')));
        refs.insert(b"refs/tags/v1.1.0", oid('c'), None);
        assert_eq!(refs.find("refs/tags/v1.0.0"), Some(oid('b')));
        assert_eq!(refs.advertised_for(None, oid('b')), Some(oid('a')));
        assert_eq!(
            refs.advertised_for(Some("refs/tags/v1.1.0"), oid('c')),
            Some(oid('c'))
        );
        assert_eq!(refs.advertised_for(None, oid('d')), None);
        let advertised: Vec<_> = refs.advertised().collect();
        assert_eq!(
            advertised,
            [
                ("refs/tags/v1.0.0".to_owned(), oid('a')),
                ("refs/tags/v1.1.0".to_owned(), oid('c'))
            ]
        );
    }

    #[test]
    fn only_head_branches_and_tags_are_kept() {
        let mut refs = Refs::default();
        refs.insert(b"HEAD", oid('a'), None);
        refs.insert(b"refs/heads/main", oid('a'), None);
        refs.insert(b"refs/pull/1/head", oid('b'), None);
        refs.insert(b"refs/notes/commits", oid('c'), None);
        assert_eq!(refs.advertised().count(), 2);
        assert!(!refs.is_empty());
    }

    #[test]
    fn names_that_git_forbids_are_left_out() {
        let mut refs = Refs::default();
        for name in [
            "refs/tags/a b",
            "refs/tags/a\nb",
            "refs/tags/../x",
            "refs/tags/.hidden",
            "refs/tags/x.lock",
            "refs/tags/a\\b",
            "refs/tags/",
            "refs/tags/a//b",
            "refs/tags/a@{1}",
            "refs/tags/end.",
        ] {
            refs.insert(name.as_bytes(), oid('a'), None);
        }
        assert!(refs.is_empty(), "{refs:?}");
    }

    #[test]
    fn names_that_are_not_utf_8_stay_apart() {
        let mut refs = Refs::default();
        refs.insert(b"refs/tags/\xff", oid('a'), None);
        refs.insert(b"refs/tags/\xfe", oid('b'), None);
        refs.insert("refs/tags/é".as_bytes(), oid('c'), None);
        let names: Vec<_> = refs.tags.keys().map(String::as_str).collect();
        assert_eq!(names, ["\\xfe", "\\xff", "é"]);
    }
}
