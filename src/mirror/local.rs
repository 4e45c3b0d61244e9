//! A repository on this machine, read in place.
//!
//! Its references are read here and not by libgit2: libgit2 refuses to open a repository that belongs
//! to somebody else (`safe.directory`), or one that has an extension which it does not know (partial
//! clones), and reads the user's configuration on the way. None of that matters to who only reads
//! objects. gitrepository-layout in git's documentation is the source of the rules.

use std::collections::BTreeMap;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use git2::{ObjectType, Oid, Repository};

use super::refs::Refs;
use crate::disk;

/// More than any `.git`, `HEAD` or reference file needs.
const SMALL_FILE: u64 = 64 << 10;
/// Enough for a million packed references.
const PACKED_REFERENCES: u64 = 256 << 20;
/// Folders below `refs/heads` and `refs/tags`; git's own names are shorter than a path may be.
const DEEPEST_REFERENCE: usize = 64;
/// How many symbolic references are followed, as in git.
const SYMBOLIC_DEPTH: usize = 5;

/// Where the parts of a repository are.
#[derive(Debug, Clone)]
pub(crate) struct Folders {
    /// HEAD; of a linked worktree its own.
    git: PathBuf,
    /// Everything else, shared by the worktrees.
    common: PathBuf,
}

/// What was found out about a local repository when it was opened.
#[derive(Debug)]
pub(crate) struct LocalRepository {
    pub(crate) objects: PathBuf,
    pub(crate) refs: Refs,
    pub(crate) shallow: bool,
    pub(crate) partial: bool,
}

impl Folders {
    /// Finds a repository at a path: a working tree, a linked worktree or submodule (`.git` is a file
    /// there), a bare repository or a `.git` folder, with or without `.git` at the end of its name.
    pub(crate) fn find(path: &Path) -> Result<Option<Folders>> {
        let mut with_suffix = path.as_os_str().to_owned();
        with_suffix.push(".git");
        let with_suffix = PathBuf::from(with_suffix);
        for candidate in [path, &with_suffix] {
            for folder in [candidate.join(".git"), candidate.to_owned()] {
                if let Some(found) = Folders::at(&folder)? {
                    return Ok(Some(found));
                }
            }
        }
        Ok(None)
    }

    fn at(path: &Path) -> Result<Option<Folders>> {
        let git = if disk::is_dir(path) {
            path.to_owned()
        } else if disk::is_file(path) && path.file_name().is_some_and(|name| name == ".git") {
            let content = disk::read_limited(path, SMALL_FILE)?;
            let Some(target) = content.strip_prefix(b"gitdir: ") else {
                bail!("{} names no git folder", path.display());
            };
            let parent = path.parent().unwrap_or(Path::new(""));
            parent.join(path_from(target))
        } else {
            return Ok(None);
        };
        let common = match disk::is_file(&git.join("commondir")) {
            true => git.join(path_from(&disk::read_limited(
                &git.join("commondir"),
                SMALL_FILE,
            )?)),
            false => git.clone(),
        };
        let complete = disk::exists(&git.join("HEAD"))
            && disk::is_dir(&common.join("objects"))
            && disk::is_dir(&common.join("refs"));
        Ok(complete.then_some(Folders { git, common }))
    }

    /// Reads what has to be known before objects can be read.
    pub(crate) fn open(self) -> Result<LocalRepository> {
        let partial = self.check_format()?;
        let objects = self.common.join("objects");
        let repository = objects_only([objects.as_path()])?;
        let refs = self.read_refs(&repository)?;
        let shallow = disk::read_optional(&self.common.join("shallow"))?;
        Ok(LocalRepository {
            objects,
            refs,
            shallow: shallow.is_some_and(|content| !content.is_empty()),
            partial,
        })
    }

    /// Refuses what cannot be read; tells whether it is a partial clone.
    fn check_format(&self) -> Result<bool> {
        let path = self.common.join("config");
        if !disk::is_file(&path) {
            return Ok(false);
        }
        let config = git2::Config::open(&path)
            .and_then(|mut config| config.snapshot())
            .with_context(|| format!("cannot read {}", path.display()))?;
        let format = config.get_str("extensions.objectformat").unwrap_or("sha1");
        if !format.eq_ignore_ascii_case("sha1") {
            bail!("its objects are named by {format}, and only sha1 repositories can be read");
        }
        let storage = config.get_str("extensions.refstorage").unwrap_or("files");
        if !storage.eq_ignore_ascii_case("files") {
            bail!("its references are stored as {storage}, and only files can be read");
        }
        let mut partial = config.get_str("extensions.partialclone").is_ok();
        let mut promisors = config.entries(Some("^remote\\..*\\.promisor$"))?;
        while let Some(entry) = promisors.next() {
            partial |= entry.is_ok();
        }
        Ok(partial)
    }

    fn read_refs(&self, repository: &Repository) -> Result<Refs> {
        let mut stored = self.packed_refs()?;
        for kind in ["refs/heads", "refs/tags"] {
            self.loose_refs(kind.as_bytes(), &self.common.join(kind), 0, &mut stored)?;
        }
        let mut refs = Refs::default();
        for (name, value) in &stored {
            let Some((oid, peeled)) = resolve(&stored, value.clone()) else {
                continue;
            };
            let peeled = match peeled {
                Peeled::Known(peeled) => peeled,
                Peeled::Unknown => peel(repository, oid),
            };
            refs.insert(name, oid, peeled);
        }
        // A HEAD that is a symbolic link to a branch without a commit reads as nothing.
        let head = disk::read_optional(&self.git.join("HEAD"))?.unwrap_or_default();
        if let Some(value) = parse_loose(&head) {
            if let Stored::Symbolic(target) = &value {
                refs.head_reference = String::from_utf8(target.clone()).ok();
            }
            refs.head = resolve(&stored, value).map(|(oid, _)| oid);
        }
        Ok(refs)
    }

    fn packed_refs(&self) -> Result<BTreeMap<Vec<u8>, Stored>> {
        let path = self.common.join("packed-refs");
        match disk::is_file(&path) {
            true => Ok(parse_packed(&disk::read_limited(&path, PACKED_REFERENCES)?)),
            false => Ok(BTreeMap::new()),
        }
    }

    fn loose_refs(
        &self,
        prefix: &[u8],
        folder: &Path,
        depth: usize,
        stored: &mut BTreeMap<Vec<u8>, Stored>,
    ) -> Result<()> {
        for path in disk::list_dir(folder)? {
            let name = path.file_name().unwrap_or_default().as_bytes();
            let full = [prefix, b"/", name].concat();
            if disk::is_dir(&path) {
                if depth < DEEPEST_REFERENCE {
                    self.loose_refs(&full, &path, depth + 1, stored)?;
                }
            } else if !name.ends_with(b".lock") && disk::is_file(&path) {
                // A file that holds no reference is skipped, as `git for-each-ref` does with a warning.
                if let Some(value) = parse_loose(&disk::read_limited(&path, SMALL_FILE)?) {
                    stored.insert(full, value);
                }
            }
        }
        Ok(())
    }
}

/// A reference as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Stored {
    Direct(Oid, Peeled),
    Symbolic(Vec<u8>),
}

/// What a packed-refs file tells about the object behind a tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Peeled {
    Known(Option<Oid>),
    Unknown,
}

fn parse_loose(content: &[u8]) -> Option<Stored> {
    let content = content.trim_ascii_end();
    if let Some(target) = content.strip_prefix(b"ref:") {
        return Some(Stored::Symbolic(target.trim_ascii().to_vec()));
    }
    Some(Stored::Direct(
        parse_oid(content.get(..40)?)?,
        Peeled::Unknown,
    ))
}

/// Parses a packed-refs file; lines that make no sense are skipped.
fn parse_packed(content: &[u8]) -> BTreeMap<Vec<u8>, Stored> {
    let mut stored = BTreeMap::new();
    let mut unpeeled = Peeled::Unknown;
    let mut last: Option<Vec<u8>> = None;
    for line in content.split(|byte| *byte == b'\n') {
        if let Some(header) = line.strip_prefix(b"# pack-refs with:") {
            if header
                .split(|byte| *byte == b' ')
                .any(|word| word == b"fully-peeled")
            {
                unpeeled = Peeled::Known(None);
            }
        } else if let Some(peeled) = line.strip_prefix(b"^") {
            if let (Some(name), Some(peeled)) = (last.take(), parse_oid(peeled.trim_ascii_end()))
                && let Some(Stored::Direct(_, known)) = stored.get_mut(&name)
            {
                *known = Peeled::Known(Some(peeled));
            }
        } else if let (Some(oid), Some(b" "), Some(name)) = (
            line.get(..40).and_then(parse_oid),
            line.get(40..41),
            line.get(41..),
        ) {
            stored.insert(name.to_vec(), Stored::Direct(oid, unpeeled));
            last = Some(name.to_vec());
        }
    }
    stored
}

fn resolve(stored: &BTreeMap<Vec<u8>, Stored>, mut value: Stored) -> Option<(Oid, Peeled)> {
    for _ in 0..=SYMBOLIC_DEPTH {
        match value {
            Stored::Direct(oid, peeled) => return Some((oid, peeled)),
            Stored::Symbolic(target) => value = stored.get(&target)?.clone(),
        }
    }
    None
}

/// Gives the object behind an annotated tag, or `None` where there is no tag object to look into.
pub(crate) fn peel(repository: &Repository, oid: Oid) -> Option<Oid> {
    let database = repository.odb().ok()?;
    let (_, kind) = database.read_header(oid).ok()?;
    if kind != ObjectType::Tag {
        return None;
    }
    let object = repository.find_object(oid, Some(kind)).ok()?;
    Some(object.peel(ObjectType::Any).ok()?.id())
}

/// Parses a full object id; `Oid::from_str` takes shortened ones too.
pub(crate) fn parse_oid(digits: &[u8]) -> Option<Oid> {
    let digits = std::str::from_utf8(digits).ok()?;
    (digits.len() == 40)
        .then(|| Oid::from_str(digits).ok())
        .flatten()
}

fn path_from(bytes: &[u8]) -> PathBuf {
    PathBuf::from(std::ffi::OsStr::from_bytes(bytes.trim_ascii_end()))
}

/// Opens object folders, with what their `info/alternates` name, as one repository without references.
///
/// libgit2 reads neither configuration nor references for it, and never writes to it. An object is
/// looked for in the order of the folders.
pub(crate) fn objects_only<'a>(folders: impl IntoIterator<Item = &'a Path>) -> Result<Repository> {
    // git does not hash what it reads either; packs are checked when they are fetched.
    git2::opts::strict_hash_verification(false);
    let database = git2::Odb::new()?;
    for folder in folders {
        let Some(text) = folder.to_str() else {
            bail!("the path {} is not UTF-8", folder.display());
        };
        database
            .add_disk_alternate(text)
            .with_context(|| format!("cannot open {text}"))?;
    }
    Ok(Repository::from_odb(database)?)
}

#[cfg(test)]
mod tests;
