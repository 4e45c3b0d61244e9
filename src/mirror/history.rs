//! Commits and their ancestry.

use std::collections::{BTreeSet, HashSet};

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

/// Commits of a history, those whose date is nearest to a given one first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nearest {
    /// The commits, each with a tree of its own; the given one's is not among them.
    pub commits: Vec<Commit>,
    /// Whether there are more than were asked for.
    pub truncated: bool,
}

/// Gives at most `limit` of the commits that `tips` reach, those with a date near to that of `around` first.
///
/// Of a history of more than 100,000 commits only the youngest are looked at. Tips that are no commits are
/// passed over. Of commits with the same tree the nearest stands for all, and the given one comes before them.
///
/// # Errors
/// A commit that the repository lacks.
pub fn nearest_commits(
    repository: &Repository,
    tips: impl IntoIterator<Item = Oid>,
    around: Oid,
    limit: usize,
) -> Result<Nearest> {
    const MOST_WALKED: usize = 100_000;
    let facts = |id| {
        let commit = repository.find_commit(id).with_context(|| lacks(id))?;
        Ok::<(i64, Oid), anyhow::Error>((commit.time().seconds(), commit.tree_id()))
    };
    let (center, tree) = facts(around)?;
    let mut walk = repository.revwalk()?;
    walk.set_sorting(Sort::TIME)?;
    for tip in tips.into_iter().collect::<BTreeSet<Oid>>() {
        if let Some(commit) = commit(repository, tip)? {
            walk.push(commit.id)?;
        }
    }
    let mut commits = Vec::new();
    let mut truncated = false;
    for id in walk {
        let id = id.with_context(|| "cannot walk the history")?;
        if commits.len() == MOST_WALKED {
            truncated = true;
            break;
        }
        let (time, tree) = facts(id)?;
        commits.push((Commit { id, time }, tree));
    }
    commits.sort_by_key(|(commit, _)| (commit.time.abs_diff(center), commit.id));
    let mut seen = HashSet::from([tree]);
    commits.retain(|(_, tree)| seen.insert(*tree));
    let mut commits: Vec<Commit> = commits.into_iter().map(|(commit, _)| commit).collect();
    truncated |= commits.len() > limit;
    commits.truncate(limit);
    Ok(Nearest { commits, truncated })
}

/// Gives the first line of a commit's message. It may hold anything, even what steers a terminal.
///
/// # Errors
/// A commit that the repository lacks.
pub fn subject(repository: &Repository, commit: Oid) -> Result<String> {
    let commit = repository
        .find_commit(commit)
        .with_context(|| lacks(commit))?;
    let summary = commit.summary_bytes().unwrap_or_default();
    Ok(String::from_utf8_lossy(summary).into_owned())
}
