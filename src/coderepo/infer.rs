//! Guessing the root of a repository that the user gave without a prefix.

use anyhow::Result;
use thiserror::Error;

use super::place::{has_path_prefix, join};
use super::{CodeRepo, Place};
use crate::gomod;
use crate::mirror::Mirror;
use crate::module::{ModulePath, semver, split_path_version};

/// More than one folder of the repository, or none for sure, can be the module.
#[derive(Debug, Error)]
#[error("cannot tell where module {path} lies in mirror `{mirror}`: {found}")]
pub struct AmbiguousRoot {
    /// The module path.
    pub path: ModulePath,
    mirror: String,
    found: String,
    /// Path prefixes that the repository root can have.
    pub candidates: Vec<String>,
}

/// One way in which the module can lie in the repository.
struct Candidate {
    place: Place,
    /// The path that the go.mod there declares.
    declares: Option<String>,
    has_tags: bool,
}

/// Works out where module `path` lies in a repository, from its tags and go.mod files.
///
/// Every prefix of the path can be the root. A go.mod that declares just this path decides; failing that,
/// the root's go.mod, if its path is a prefix of this one; failing that, the root of the repository, if no
/// folder has anything to do with the path. It never chooses among several.
///
/// # Errors
/// [`AmbiguousRoot`]; a mirror that cannot be read.
pub fn infer_root(mirror: &Mirror, path: &ModulePath, query: &str) -> Result<Place> {
    let mut candidates = Vec::new();
    for root in roots(path) {
        if let Ok(place) = Place::new(path, root, "") {
            candidates.push(look(mirror, place, query)?);
        }
    }
    let exact: Vec<&Candidate> = candidates
        .iter()
        .filter(|candidate| candidate.declares.as_deref() == Some(path.as_str()))
        .collect();
    match exact.as_slice() {
        [only] => return Ok(only.place.clone()),
        [] => {}
        several => {
            return Err(ambiguous(
                mirror,
                path,
                "several go.mod files declare this path",
                several,
            ));
        }
    }
    let (top, folders): (Vec<&Candidate>, Vec<&Candidate>) = candidates
        .iter()
        .partition(|candidate| candidate.place.folder().is_empty());
    if let Some(place) = top.first().and_then(|top| below_declared(path, top)) {
        return Ok(place);
    }
    let likely: Vec<&Candidate> = folders
        .into_iter()
        .filter(|candidate| candidate.declares.is_some() || candidate.has_tags)
        .collect();
    match (top.first(), likely.as_slice()) {
        (Some(top), []) => Ok(top.place.clone()),
        _ => Err(ambiguous(
            mirror,
            path,
            "no go.mod declares this path, and both the root and a folder could be meant",
            &top.into_iter().chain(likely).collect::<Vec<_>>(),
        )),
    }
}

/// Lists the prefixes of a path that can be a repository root, the longest first. A `/vN` suffix is never
/// part of it: a branch or a folder of the repository carries that.
fn roots(path: &ModulePath) -> impl Iterator<Item = &str> {
    let (prefix, major) = path.split_major();
    let longest = if major.as_str().starts_with('.') {
        path.as_str()
    } else {
        prefix
    };
    std::iter::successors(Some(longest), |root| {
        root.rsplit_once('/').map(|(above, _)| above)
    })
}

/// The root's own go.mod tells the path of the root; the module lies below it.
fn below_declared(path: &ModulePath, top: &Candidate) -> Option<Place> {
    let declared = top.declares.as_deref()?;
    let (root, _) = split_path_version(declared)?;
    let (prefix, _) = path.split_major();
    if has_path_prefix(prefix, root) {
        Place::new(path, root, "").ok()
    } else {
        None
    }
}

fn look(mirror: &Mirror, place: Place, query: &str) -> Result<Candidate> {
    let module = CodeRepo::new(mirror, place);
    let prefix = format!("{}v", module.place.tag_prefix());
    let tags = &mirror.refs().tags;
    let has_tags = tags
        .keys()
        .any(|tag| tag.starts_with(&prefix) && semver::is_valid(&tag[prefix.len() - 1..]));
    let mut declares = None;
    for name in revisions(&module, query) {
        let Ok(revision) = module.revision(&name) else {
            continue;
        };
        let folders = [
            module.place.major_folder(),
            Some(module.place.folder().to_owned()),
        ];
        for folder in folders.into_iter().flatten() {
            let file = module.read_at(revision.commit.id, &join(&folder, "go.mod"))?;
            let declared = file.as_deref().map(gomod::module_path);
            if declared.as_deref() == Some(module.path().as_str()) || declares.is_none() {
                declares = declared.or(declares);
            }
        }
        if declares.is_some() {
            break;
        }
    }
    Ok(Candidate {
        place: module.place.clone(),
        declares,
        has_tags,
    })
}

/// The revisions whose go.mod files are looked at: the one asked for, the newest version, the head.
fn revisions(module: &CodeRepo<'_>, query: &str) -> Vec<String> {
    let newest = module
        .versions("")
        .ok()
        .and_then(|versions| versions.last().cloned());
    [Some(query.to_owned()), newest]
        .into_iter()
        .flatten()
        .map(|version| module.git_name(&version))
        .chain(["HEAD".to_owned()])
        .collect()
}

fn ambiguous(
    mirror: &Mirror,
    path: &ModulePath,
    found: &str,
    candidates: &[&Candidate],
) -> anyhow::Error {
    AmbiguousRoot {
        path: path.clone(),
        mirror: mirror.display().to_owned(),
        found: found.to_owned(),
        candidates: candidates
            .iter()
            .map(|candidate| candidate.place.root().to_owned())
            .collect(),
    }
    .into()
}
