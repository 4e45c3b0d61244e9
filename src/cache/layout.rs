//! Every path in the cache.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::disk;
use crate::module::{ModulePath, ModuleVersion};

/// A module cache folder.
#[derive(Clone, Debug)]
pub struct Cache {
    root: PathBuf,
    downloads: PathBuf,
    reading: Reading,
}

/// Whether reading a file counts as use of the version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reading {
    Noticed,
    Unnoticed,
}

/// The files of a version below `cache/download`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum File {
    /// Version, time and origin as JSON.
    Info,
    /// The go.mod, or the one that go makes up.
    Mod,
    /// The module zip.
    Zip,
    /// The `h1:` sum of the zip, without a newline.
    ZipHash,
    /// Locked while zip or folder are made; empty, never removed.
    Lock,
    /// Present while the folder is being extracted; empty.
    Partial,
}

impl File {
    const ALL: [File; 6] = [
        File::Info,
        File::Mod,
        File::Zip,
        File::ZipHash,
        File::Lock,
        File::Partial,
    ];

    /// Finds the file whose name ends so, behind a dot.
    pub fn with_suffix(suffix: &str) -> Option<File> {
        File::ALL.into_iter().find(|file| file.suffix() == suffix)
    }

    /// Gives the path of the file below `cache/download`, which is also that below a module proxy.
    ///
    /// # Errors
    /// A version that cannot be escaped.
    pub fn path_of(self, module: &ModuleVersion) -> Result<String> {
        let folder = versions_path(&module.path);
        let version = module.version.escaped()?;
        Ok(format!("{folder}/{version}.{}", self.suffix()))
    }

    fn suffix(self) -> &'static str {
        match self {
            File::Info => "info",
            File::Mod => "mod",
            File::Zip => "zip",
            File::ZipHash => "ziphash",
            File::Lock => "lock",
            File::Partial => "partial",
        }
    }
}

/// Gives the path of the folder of a module's version files below `cache/download`.
pub fn versions_path(path: &ModulePath) -> String {
    format!("{}/@v", path.escaped())
}

/// Whether the folder of a version is made besides its files below `cache/download`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extraction {
    /// It is.
    Now,
    /// It is left to the go command, which extracts the zip when it first needs the files.
    LeftToGo,
}

/// What the cache has of a version.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// The `.info` is there.
    pub info: bool,
    /// The `.mod` is there.
    pub go_mod: bool,
    /// The `.zip` is there.
    pub zip: bool,
    /// The `.ziphash` is there.
    pub zip_hash: bool,
    /// The `.ziphash` has a whole sum; a crash of the machine can leave zero bytes.
    pub sum: bool,
    /// Something has the name of the extracted folder.
    pub folder: bool,
    /// The `.partial` is there.
    pub partial: bool,
}

impl State {
    /// The extracted folder is whole, by the rule of `DownloadDir` in `modfetch/cache.go`.
    pub fn is_extracted(self) -> bool {
        self.folder && !self.partial && self.zip_hash
    }

    /// Everything that `go mod download` makes is there, without the folder if that is left to go.
    pub fn is_complete(self, extraction: Extraction) -> bool {
        self.info && self.has_content(extraction)
    }

    /// The same but for the `.info`, which a build does without.
    pub(super) fn has_content(self, extraction: Extraction) -> bool {
        let is_extracted = self.is_extracted() || !self.needs_tree(extraction);
        self.go_mod && self.zip && self.sum && is_extracted
    }

    /// Whether the folder must be made. What has its name and does not count must make way in any case: next
    /// to the `.ziphash` it could count, whatever is in it.
    pub(super) fn needs_tree(self, extraction: Extraction) -> bool {
        !self.is_extracted() && (extraction == Extraction::Now || self.folder)
    }
}

impl Cache {
    /// Takes a folder for a module cache; it need not be there yet.
    ///
    /// # Errors
    /// A relative path, or a name that is no folder.
    pub fn new(root: PathBuf) -> Result<Cache> {
        if !root.is_absolute() {
            bail!("module cache {} is no absolute path", root.display());
        }
        if disk::exists(&root) && !disk::is_dir(&root) {
            bail!("module cache {} is no folder", root.display());
        }
        let downloads = root.join("cache/download");
        Ok(Cache {
            root,
            downloads,
            reading: Reading::Noticed,
        })
    }

    /// The same cache, whose files are read for its own sake: that counts as no use of a version, as far as the file
    /// system lets this user ask for that.
    #[must_use]
    pub fn unnoticed(self) -> Cache {
        Cache {
            reading: Reading::Unnoticed,
            ..self
        }
    }

    /// Takes a folder that is a module proxy for one: it has the files of versions and no extracted folders.
    ///
    /// # Errors
    /// As for [`Self::new`].
    pub fn proxy_folder(folder: PathBuf) -> Result<Cache> {
        let cache = Cache::new(folder)?;
        Ok(Cache {
            downloads: cache.root.clone(),
            ..cache
        })
    }

    /// The cache folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The folder of all version files, which is a module proxy for go as it is.
    pub fn downloads(&self) -> &Path {
        &self.downloads
    }

    /// The folder of a module's version files.
    pub fn versions_folder(&self, path: &ModulePath) -> PathBuf {
        self.downloads().join(versions_path(path))
    }

    /// The path of one file of a version.
    ///
    /// # Errors
    /// A version that cannot be escaped.
    pub fn file(&self, module: &ModuleVersion, file: File) -> Result<PathBuf> {
        Ok(self.downloads().join(file.path_of(module)?))
    }

    /// The extracted folder of a version.
    ///
    /// # Errors
    /// A version that cannot be escaped.
    pub fn folder(&self, module: &ModuleVersion) -> Result<PathBuf> {
        let name = format!("{}@{}", module.path.escaped(), module.version.escaped()?);
        Ok(self.root.join(name))
    }

    /// Looks what the cache has of a version.
    ///
    /// # Errors
    /// A version that cannot be escaped.
    pub fn state(&self, module: &ModuleVersion) -> Result<State> {
        let has = |file| Ok::<_, anyhow::Error>(disk::is_file(&self.file(module, file)?));
        Ok(State {
            info: has(File::Info)?,
            go_mod: has(File::Mod)?,
            zip: has(File::Zip)?,
            zip_hash: has(File::ZipHash)?,
            sum: self.recorded_sum(module)?.is_some(),
            folder: disk::exists(&self.folder(module)?),
            partial: has(File::Partial)?,
        })
    }

    /// Gives the sum in the `.ziphash`; `None` when it is missing or no whole sum, by the rule of `isValidSum`
    /// in `modfetch/fetch.go`.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn recorded_sum(&self, module: &ModuleVersion) -> Result<Option<String>> {
        const LENGTH: usize = "h1:".len() + 44;
        let content = self.read(module, File::ZipHash)?.unwrap_or_default();
        let sum = String::from_utf8_lossy(&content).trim().to_owned();
        Ok((sum.len() == LENGTH && !sum.contains('\0')).then_some(sum))
    }

    /// Reads one file of a version; `None` when it is not there.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn read(&self, module: &ModuleVersion, file: File) -> Result<Option<Vec<u8>>> {
        let path = self.file(module, file)?;
        match self.reading {
            Reading::Noticed => disk::read_optional(&path),
            Reading::Unnoticed => disk::read_unnoticed(&path),
        }
    }
}
