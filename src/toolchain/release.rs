//! A release as a module: which files it has, and under which names.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};

use super::archive;
use super::name::{Platform, module_of};
use crate::disk::{ScratchFolder, TemporaryFile};
use crate::module::{Info, ModuleVersion, Time, check_file_path, fold_key};
use crate::modzip::{Cancelled, ContentReader, Contents, FileKind, MAX_ZIP_FILE, SourceFile};

/// The go.mod of every toolchain. There is no such file in its zip.
const GO_MOD: &[u8] = b"module golang.org/toolchain\n";

/// The file that says which release it is, and from when.
const VERSION: &str = "VERSION";

/// Bytes that the file `VERSION` may have.
const MAX_VERSION: usize = 1 << 10;

/// Folders of an archive that the module has not: `go` works without them.
const LEFT_OUT: [&str; 4] = ["api/", "doc/", "misc/", "test/"];

/// The folder whose name tells the platform, with the tools of the release.
const TOOLS: &str = "pkg/tool/";

/// A release that has been read from its archive, ready to be packed as a module.
pub struct Release {
    module: ModuleVersion,
    time: Time,
    files: Vec<SourceFile<usize>>,
    /// Where each content begins, and its size.
    places: Vec<(u64, u64)>,
    contents: TemporaryFile,
    // Dropped after the file in it.
    _folder: ScratchFolder,
}

/// A release that is being read.
struct Unpacking<'a> {
    contents: TemporaryFile,
    files: Vec<SourceFile<usize>>,
    places: Vec<(u64, u64)>,
    size: u64,
    version: Vec<u8>,
    platforms: BTreeSet<String>,
    names: BTreeSet<String>,
    cancelled: &'a dyn Fn() -> bool,
}

impl Release {
    /// Reads the archive of a release into a new folder in `scratch`, which is removed with this value.
    ///
    /// # Errors
    /// A file that is no archive of a release or is larger than one may be, with other things in it than files
    /// and folders, or names that a module cannot have; [`Cancelled`].
    pub fn unpack(archive: &Path, scratch: &Path, cancelled: &dyn Fn() -> bool) -> Result<Release> {
        let unpacked = || -> Result<Release> {
            let folder = ScratchFolder::new(scratch, "toolchain-")?;
            let mut unpacking = Unpacking {
                contents: TemporaryFile::beside(&folder.path().join("contents"))?,
                files: Vec::new(),
                places: Vec::new(),
                size: 0,
                version: Vec::new(),
                platforms: BTreeSet::new(),
                names: BTreeSet::new(),
                cancelled,
            };
            archive::read(archive, &mut |name, size, content| {
                unpacking.take(name, size, content)
            })?;
            unpacking.finish(folder)
        };
        unpacked().with_context(|| format!("cannot make a toolchain of {}", archive.display()))
    }

    /// Gives the module that it is.
    pub fn module(&self) -> &ModuleVersion {
        &self.module
    }

    /// Gives the metadata: the time is that of the release.
    pub fn info(&self) -> Info {
        Info {
            version: self.module.version.clone(),
            time: self.time,
            origin: None,
        }
    }

    /// Gives the go.mod that the cache has of it.
    pub fn go_mod(&self) -> &'static [u8] {
        GO_MOD
    }

    /// Gives the files of the module in the order of their names; all of them are included.
    pub fn files(&self) -> &[SourceFile<usize>] {
        &self.files
    }
}

impl Unpacking<'_> {
    fn take(&mut self, name: &str, size: u64, content: &mut dyn Read) -> Result<()> {
        if (self.cancelled)() {
            bail!(Cancelled);
        }
        if LEFT_OUT.iter().any(|folder| name.starts_with(folder)) {
            return Ok(());
        }
        let path = module_name(name);
        check_file_path(&path)?;
        ensure!(
            self.names.insert(fold_key(&path).into_owned()),
            "two files of one name, or of names that differ in case only"
        );
        if let Some((platform, _)) = name
            .strip_prefix(TOOLS)
            .and_then(|tool| tool.split_once('/'))
        {
            self.platforms.insert(platform.to_owned());
        }
        let start = self.size;
        ensure!(
            size <= MAX_ZIP_FILE - start,
            "all files together have more than {MAX_ZIP_FILE} bytes"
        );
        let mut content = content.take(size.saturating_add(1));
        if name == VERSION {
            content.by_ref().take(size).read_to_end(&mut self.version)?;
            ensure!(
                self.version.len() <= MAX_VERSION,
                "more than {MAX_VERSION} bytes"
            );
            self.contents.file().write_all(&self.version)?;
            self.size += self.version.len() as u64;
        }
        self.size += io::copy(&mut content, self.contents.file())?;
        ensure!(self.size == start + size, "content does not fit its size");
        self.places.push((start, size));
        self.files.push(SourceFile {
            path,
            kind: FileKind::Regular,
            size,
            key: self.files.len(),
        });
        Ok(())
    }

    fn finish(mut self, folder: ScratchFolder) -> Result<Release> {
        let version = std::str::from_utf8(&self.version).context("VERSION is no UTF-8")?;
        let (release, time) = parse_version(version)?;
        let mut platforms = self.platforms.iter();
        let (Some(platform), None) = (platforms.next(), platforms.next()) else {
            bail!(
                "{} platforms in {TOOLS}, where there must be one",
                self.platforms.len()
            );
        };
        let (os, architecture) = platform.split_once('_').unwrap_or((platform, ""));
        let module = module_of(release, &Platform::new(os, architecture)?)?;
        self.files.sort_by(|one, other| one.path.cmp(&other.path));
        Ok(Release {
            module,
            time,
            files: self.files,
            places: self.places,
            contents: self.contents,
            _folder: folder,
        })
    }
}

/// A module cannot have a second go.mod; go gives those of the release their names back when it first uses it.
fn module_name(name: &str) -> String {
    match name.strip_suffix("go.mod") {
        Some(folder) if folder.is_empty() || folder.ends_with('/') => format!("{folder}_go.mod"),
        _ => name.to_owned(),
    }
}

/// Gives release and time. Rule: `readVERSION` in `cmd/distpack/pack.go`.
fn parse_version(text: &str) -> Result<(&str, Time)> {
    let mut lines = text.split('\n');
    let release = lines.next().unwrap_or_default();
    let mut time = None;
    for line in lines {
        match line.split_whitespace().collect::<Vec<_>>().as_slice() {
            [] => {}
            ["time", text] => time = Time::parse_rfc3339(text),
            _ => bail!("VERSION: unexpected line {line:?}"),
        }
    }
    let time = time.context("no Go release since go1.21: VERSION has no time")?;
    Ok((release, time))
}

impl Contents<usize> for Release {
    type Reader<'a> = ReleaseReader<'a>;

    fn reader(&self) -> Result<ReleaseReader<'_>> {
        Ok(ReleaseReader {
            file: self.contents.open_file(),
            release: self,
        })
    }
}

/// Reads files of a [`Release`].
pub struct ReleaseReader<'a> {
    file: &'a File,
    release: &'a Release,
}

impl ContentReader<usize> for ReleaseReader<'_> {
    fn read(&mut self, key: &usize, content: &mut Vec<u8>) -> Result<()> {
        let place = self.release.places.get(*key);
        let (start, size) = *place.context("no such file in the release")?;
        content.resize(usize::try_from(size)?, 0);
        self.file.read_exact_at(content, start)?;
        Ok(())
    }
}
