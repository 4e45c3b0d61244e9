//! The files of a version: what the module zip is made of.

use anyhow::{Context, Result, bail};
use git2::{Oid, Repository};

use super::place::join;
use super::{CodeRepo, find::Found};
use crate::mirror::{self, Attributes, Conversion, Entry, EntryKind, Mirror};
use crate::module::Version;
use crate::modzip::{ContentReader, Contents, FileKind, MAX_ZIP_FILE, SourceFile};

/// What stands for the content of a file: a blob, and what `git archive` makes of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct BlobKey {
    id: Oid,
    conversion: Conversion,
}

impl BlobKey {
    /// Stands for the blob as it is stored, whatever `.gitattributes` asks for.
    #[must_use]
    pub fn unconverted(&self) -> BlobKey {
        BlobKey {
            id: self.id,
            conversion: Conversion::default(),
        }
    }
}

/// The files of one version of a module.
#[derive(Clone, Debug)]
pub struct ModuleFiles {
    /// All files below the module's folder in the order of `git archive`, those of nested modules too; a
    /// LICENSE taken from the root of the repository is the last.
    pub files: Vec<SourceFile<BlobKey>>,
    /// The go.mod as it is in the zip.
    pub go_mod: Option<Vec<u8>>,
    /// Which of `files` is a LICENSE taken from the root of the repository.
    pub root_license: Option<usize>,
}

impl CodeRepo<'_> {
    /// Lists the files of a version that has been resolved.
    ///
    /// Submodules and empty folders are no files. A module in a folder without a LICENSE gets the one at
    /// the root of the repository. Source of the rules: `(*codeRepo).Zip` in `modfetch/coderepo.go`.
    ///
    /// # Errors
    /// An object that the repository lacks; more than 1,000,000 files.
    pub fn files(&self, version: &Version) -> Result<ModuleFiles> {
        self.files_of(version, self.find(version.as_str())?)
    }

    /// Lists the files that a version would have, were it at `commit`, which must be present.
    ///
    /// # Errors
    /// As of [`CodeRepo::files`]; a commit that does not have the module.
    pub fn files_at(&self, version: &Version, commit: Oid) -> Result<ModuleFiles> {
        let found = self.find_at(version.as_str(), &commit.to_string(), commit)?;
        self.files_of(version, found)
    }

    fn files_of(&self, version: &Version, found: Found) -> Result<ModuleFiles> {
        let repository = self.repository()?;
        let entries = mirror::list(&repository, found.commit, &found.folder)?;
        let attributes = read_attributes(&repository, &found, &entries)?;
        let mut files = Vec::with_capacity(entries.len() + 1);
        for entry in &entries {
            if entry.kind == EntryKind::Submodule {
                continue;
            }
            files.push(source_file(&repository, &found, &attributes, entry)?);
        }
        if files.iter().any(|file| file.path.starts_with("go.mod/")) {
            bail!("{}@{version}: go.mod is a folder", self.path());
        }
        let mut root_license = None;
        let has_license = files.iter().any(|file| file.path == "LICENSE");
        if !has_license
            && !found.folder.is_empty()
            && let Some(license) = license_of_root(&repository, found.commit)?
        {
            root_license = Some(files.len());
            files.push(license);
        }
        let go_mod = match files.iter().find(|file| file.path == "go.mod") {
            Some(file) if file.kind == FileKind::Regular => {
                let mut content = Vec::new();
                BlobReader {
                    repository: &*repository,
                }
                .read(&file.key, &mut content)?;
                Some(content)
            }
            _ => None,
        };
        Ok(ModuleFiles {
            files,
            go_mod,
            root_license,
        })
    }
}

/// Collects the rules of the `.gitattributes` files above, in and below the module's folder. Of one that is a
/// symbolic link git reads the target's name as if it were the file.
fn read_attributes(
    repository: &Repository,
    found: &Found,
    entries: &[Entry],
) -> Result<Attributes> {
    // git itself reads up to 100 MiB; parsed rules are many times as large.
    const LIMIT: u64 = 8 << 20;
    let mut attributes = Attributes::new();
    let folders = found
        .folder
        .match_indices('/')
        .map(|(end, _)| &found.folder[..end]);
    let above = [""].into_iter().chain(folders);
    for folder in above.filter(|_| !found.folder.is_empty()) {
        let path = join(folder, ".gitattributes");
        if let Some(content) = mirror::read_file(repository, found.commit, &path, LIMIT)? {
            attributes.add(folder, &content);
        }
    }
    for entry in entries {
        let folder = match entry.path.strip_suffix(b".gitattributes") {
            Some([]) => b"",
            Some([folder @ .., b'/']) => folder,
            _ => continue,
        };
        if entry.kind != EntryKind::Submodule {
            let content = mirror::read_blob(repository, entry.id, LIMIT)?;
            attributes.add(below(&found.folder, folder), &content);
        }
    }
    Ok(attributes)
}

fn source_file(
    repository: &Repository,
    found: &Found,
    attributes: &Attributes,
    entry: &Entry,
) -> Result<SourceFile<BlobKey>> {
    let (kind, conversion) = match entry.kind {
        EntryKind::Link => (FileKind::Symlink, Conversion::default()),
        _ => (
            FileKind::Regular,
            attributes.conversion(below(&found.folder, &entry.path)),
        ),
    };
    let path = String::from_utf8_lossy(&entry.path).into_owned();
    let size = mirror::blob_size(repository, entry.id)
        .with_context(|| format!("cannot look at {path} of commit {}", found.commit))?;
    Ok(SourceFile {
        path,
        kind,
        size,
        key: BlobKey {
            id: entry.id,
            conversion,
        },
    })
}

/// The root's LICENSE is taken as it is stored, even if it is a link: go reads it with `git cat-file`.
fn license_of_root(repository: &Repository, commit: Oid) -> Result<Option<SourceFile<BlobKey>>> {
    let Some(id) = mirror::find_blob(repository, commit, "LICENSE")? else {
        return Ok(None);
    };
    Ok(Some(SourceFile {
        path: "LICENSE".to_owned(),
        kind: FileKind::Regular,
        size: mirror::blob_size(repository, id)?,
        key: BlobKey {
            id,
            conversion: Conversion::default(),
        },
    }))
}

fn below(folder: &str, path: &[u8]) -> Vec<u8> {
    match (folder, path) {
        ("", path) => path.to_vec(),
        (folder, b"") => folder.as_bytes().to_vec(),
        (folder, path) => [folder.as_bytes(), b"/", path].concat(),
    }
}

/// The contents of a repository's files, for any number of threads.
#[derive(Clone, Copy)]
pub struct ModuleContents<'m> {
    mirror: &'m Mirror,
}

impl<'m> ModuleContents<'m> {
    /// Reads from `mirror`, which must have what will be asked for.
    pub fn new(mirror: &'m Mirror) -> ModuleContents<'m> {
        ModuleContents { mirror }
    }

    /// Opens a reader for the calling thread, as [`Contents::reader`] does, that lives as long as the mirror.
    ///
    /// # Errors
    /// A repository that cannot be opened.
    pub fn into_reader(self) -> Result<BlobReader<Repository>> {
        Ok(BlobReader {
            repository: self.mirror.repository()?,
        })
    }
}

impl Contents<BlobKey> for ModuleContents<'_> {
    type Reader<'a>
        = BlobReader<Repository>
    where
        Self: 'a;

    fn reader(&self) -> Result<BlobReader<Repository>> {
        self.into_reader()
    }
}

/// Reads the contents of one repository's files for one thread.
pub struct BlobReader<R> {
    repository: R,
}

impl<R: std::borrow::Borrow<Repository>> ContentReader<BlobKey> for BlobReader<R> {
    fn read(&mut self, key: &BlobKey, content: &mut Vec<u8>) -> Result<()> {
        let blob = mirror::read_blob(self.repository.borrow(), key.id, MAX_ZIP_FILE)?;
        if key.conversion.is_identity() {
            content.extend_from_slice(&blob);
        } else {
            content.extend(key.conversion.apply(&key.id.to_string(), blob)?);
        }
        Ok(())
    }
}
