//! Commits and their ancestry.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use git2::{Oid, Repository, Sort};

use super::tree::lacks;

/// A commit's facts that the module system uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Commit {
    /// The full id.
    pub id: Oid,
    /// The committer's time in seconds since 1970, UTC.
    pub time: i64,
}

/// Looks up the commit that `id` names, directly or through annotated tags; `None` when it is none.
///
/// # Errors
/// An object that the repository lacks.
pub fn commit(repository: &Repository, id: Oid) -> Result<Option<Commit>> {
    let object = repository
        .find_object(id, None)
        .with_context(|| lacks(id))?;
    let Ok(commit) = object.peel_to_commit() else {
        return Ok(None);
    };
    Ok(Some(Commit {
        id: commit.id(),
        time: commit.time().seconds(),
    }))
}

/// Tells whether `ancestor` is `descendant` or one of its ancestors.
///
/// # Errors
/// A commit that the repository lacks.
pub fn is_ancestor(repository: &Repository, ancestor: Oid, descendant: Oid) -> Result<bool> {
    if ancestor == descendant {
        return Ok(true);
    }
    repository
        .graph_descendant_of(descendant, ancestor)
        .with_context(|| format!("cannot walk the history of {descendant}"))
}

/// Gives those of `candidates` that are `tip` or ancestors of it.
///
/// One walk over the history, which ends when all are found.
///
/// # Errors
/// A commit that the repository lacks.
pub fn ancestors_among(
    repository: &Repository,
    tip: Oid,
    candidates: &BTreeSet<Oid>,
) -> Result<BTreeSet<Oid>> {
    let mut found = BTreeSet::new();
    let mut walk = repository.revwalk()?;
    walk.set_sorting(Sort::NONE)?;
    walk.push(tip)?;
    for id in walk {
        let id = id.with_context(|| format!("cannot walk the history of {tip}"))?;
        if candidates.contains(&id) {
            found.insert(id);
            if found.len() == candidates.len() {
                break;
            }
        }
    }
    Ok(found)
}

/// Gives the commits reachable from `tips` whose id begins with `prefix` (lower-case hexadecimal).
///
/// Tips that are no commits are passed over. Stops at the second hit, which is enough to know that a
/// prefix is ambiguous.
///
/// # Errors
/// A commit that the repository lacks.
pub fn reachable_with_prefix(
    repository: &Repository,
    tips: impl IntoIterator<Item = Oid>,
    prefix: &str,
) -> Result<BTreeSet<Oid>> {
    let mut walk = repository.revwalk()?;
    for tip in tips {
        if let Some(commit) = commit(repository, tip)? {
            walk.push(commit.id)?;
        }
    }
    let mut found = BTreeSet::new();
    for id in walk {
        let id = id.with_context(|| "cannot walk the history")?;
        if id.to_string().starts_with(prefix) {
            found.insert(id);
            if found.len() > 1 {
                break;
            }
        }
    }
    Ok(found)
}
