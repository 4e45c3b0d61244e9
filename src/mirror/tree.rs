//! Files of a commit: one by its name, or all below a folder in the order of `git archive`.

use anyhow::{Context, Result, bail};
use git2::{ObjectType, Oid, Repository, Tree};

/// What a tree entry that is no folder is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// A regular file, executable or not.
    File,
    /// A symbolic link; its content is the link's target.
    Link,
    /// A submodule: a commit of another repository.
    Submodule,
}

/// One entry below a folder of a commit's tree.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The path below the listed folder, slash-separated, as the bytes in the tree.
    pub path: Vec<u8>,
    /// What the entry is.
    pub kind: EntryKind,
    /// The blob (or, for a submodule, the foreign commit).
    pub id: Oid,
}

/// Reads the blob at `path` as it is stored, without any conversion.
///
/// This is `git cat-file blob <commit>:<path>`: a symbolic link gives its target. `None` when there is no
/// such entry or it is no blob.
///
/// # Errors
/// An object that the repository lacks (a partial or damaged clone), or a blob over `limit` bytes.
pub fn read_file(
    repository: &Repository,
    commit: Oid,
    path: &str,
    limit: u64,
) -> Result<Option<Vec<u8>>> {
    let Some(id) = find_blob(repository, commit, path)? else {
        return Ok(None);
    };
    read_blob(repository, id, limit)
        .with_context(|| format!("cannot read {path} of commit {commit}"))
        .map(Some)
}

/// Finds the blob at `path`, be it a file or a symbolic link.
///
/// # Errors
/// A tree that the repository lacks.
pub fn find_blob(repository: &Repository, commit: Oid, path: &str) -> Result<Option<Oid>> {
    let mut tree = tree_of(repository, commit)?;
    let mut elements = path.split('/').peekable();
    while let Some(element) = elements.next() {
        let entry = tree.get_name(element);
        let Some((id, kind)) = entry.map(|entry| (entry.id(), entry.kind())) else {
            return Ok(None);
        };
        match (kind, elements.peek()) {
            (Some(ObjectType::Blob), None) => return Ok(Some(id)),
            (Some(ObjectType::Tree), Some(_)) => {
                tree = repository
                    .find_tree(id)
                    .with_context(|| format!("{} for {path}", lacks(id)))?;
            }
            _ => return Ok(None),
        }
    }
    Ok(None)
}

/// Reads a blob of at most `limit` bytes.
///
/// # Errors
/// An object that the repository lacks, named with the repository; one that is too large.
pub fn read_blob(repository: &Repository, id: Oid, limit: u64) -> Result<Vec<u8>> {
    let database = repository.odb()?;
    let (size, _) = database.read_header(id).with_context(|| lacks(id))?;
    if size as u64 > limit {
        bail!("object {id} has {size} bytes; the limit is {limit}");
    }
    let object = database.read(id).with_context(|| lacks(id))?;
    Ok(object.data().to_vec())
}

/// Gives the size of a blob in bytes.
///
/// # Errors
/// An object that the repository lacks.
pub fn blob_size(repository: &Repository, id: Oid) -> Result<u64> {
    let (size, _) = repository
        .odb()?
        .read_header(id)
        .with_context(|| lacks(id))?;
    Ok(size as u64)
}

/// Lists all entries below `folder` ("" for the root) in tree order, which is the order of `git archive`.
///
/// A folder that does not exist has no entries.
///
/// # Errors
/// A tree that the repository lacks; more than 1,000,000 entries or 1,000 folders in each other.
pub fn list(repository: &Repository, commit: Oid, folder: &str) -> Result<Vec<Entry>> {
    let root = tree_of(repository, commit)?;
    let tree = if folder.is_empty() {
        root
    } else {
        match root.get_path(folder.as_ref()) {
            Ok(entry) if entry.kind() == Some(ObjectType::Tree) => repository
                .find_tree(entry.id())
                .with_context(|| format!("{} for {folder}", lacks(entry.id())))?,
            _ => return Ok(Vec::new()),
        }
    };
    let mut entries = Vec::new();
    collect(repository, &tree, &mut Vec::new(), &mut entries)?;
    Ok(entries)
}

/// The folders that may lie in each other, and the entries that a listing may have. Trees are tiny to make
/// and can name each other many times over: without limits a hostile mirror could fill all memory.
const MAX_DEPTH: usize = 1_000;
const MAX_ENTRIES: usize = 1_000_000;

fn collect(
    repository: &Repository,
    tree: &Tree<'_>,
    folders: &mut Vec<Vec<u8>>,
    entries: &mut Vec<Entry>,
) -> Result<()> {
    for entry in tree {
        let kind = match (entry.kind(), entry.filemode()) {
            (Some(ObjectType::Tree), _) => {
                if folders.len() == MAX_DEPTH {
                    bail!("more than {MAX_DEPTH} folders in each other");
                }
                let folder = repository
                    .find_tree(entry.id())
                    .with_context(|| lacks(entry.id()))?;
                folders.push(entry.name_bytes().to_vec());
                collect(repository, &folder, folders, entries)?;
                folders.pop();
                continue;
            }
            (Some(ObjectType::Commit), _) => EntryKind::Submodule,
            (_, 0o120000) => EntryKind::Link,
            _ => EntryKind::File,
        };
        if entries.len() == MAX_ENTRIES {
            bail!("more than {MAX_ENTRIES} files");
        }
        let mut path = folders.join(&b'/');
        if !path.is_empty() {
            path.push(b'/');
        }
        path.extend_from_slice(entry.name_bytes());
        entries.push(Entry {
            path,
            kind,
            id: entry.id(),
        });
    }
    Ok(())
}

fn tree_of(repository: &Repository, commit: Oid) -> Result<Tree<'_>> {
    repository
        .find_commit(commit)
        .and_then(|commit| commit.tree())
        .with_context(|| lacks(commit))
}

pub(super) fn lacks(id: Oid) -> String {
    format!("the repository lacks object {id} (is it a partial or damaged clone?)")
}
