//! The module cache as a shelf: what go puts there is served, and go can use it in place.

use std::collections::HashSet;
use std::fs::File;
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::sync::Arc;
use std::time::SystemTime;

use anyhow::{Context, Result, ensure};

use super::route::Part;
use super::shelf::{Addition, Blob, Shelf, Stored};
use crate::cache::{self, Cache};
use crate::checksum::sumdb::{Files, OfferedFile};
use crate::disk;
use crate::module::{ModulePath, ModuleVersion, Version, unescape_version};
#[cfg(target_os = "linux")]
use rustix::io::ReadWriteFlags;

impl Shelf for Cache {
    fn versions(&self, path: &ModulePath) -> Result<Vec<Version>> {
        let (mut infos, mut go_mods) = (HashSet::new(), HashSet::new());
        for entry in disk::list_dir(&self.versions_folder(path))? {
            let name = entry.file_name().and_then(|name| name.to_str());
            match name.and_then(|name| name.rsplit_once('.')) {
                Some((version, "info")) => infos.insert(version.to_owned()),
                Some((version, "mod")) => go_mods.insert(version.to_owned()),
                _ => false,
            };
        }
        let whole = infos.intersection(&go_mods);
        let version = |name: &String| Version::new(&unescape_version(name).ok()?).ok();
        Ok(whole.filter_map(version).collect())
    }

    fn open(&self, module: &ModuleVersion, part: Part) -> Result<Option<Stored>> {
        let path = self.file(module, cache_file(part))?;
        let Some(file) = disk::open_optional(&path)? else {
            return Ok(None);
        };
        let metadata = file
            .metadata()
            .with_context(|| format!("cannot look at {}", path.display()))?;
        // A crash of the machine can leave files of nothing.
        if !metadata.is_file() || metadata.len() == 0 {
            return Ok(None);
        }
        Ok(Some(Stored {
            size: metadata.len(),
            modified: metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH),
            tag: format!(
                "{:x}-{:x}-{:x}{:x}",
                metadata.len(),
                metadata.ino(),
                metadata.mtime(),
                metadata.mtime_nsec()
            ),
            blob: Arc::new(StoredFile(file)),
        }))
    }

    fn additions(&self) -> Result<Vec<Addition>> {
        let mut additions = Vec::new();
        for module in Cache::versions(self)? {
            let written = |part| disk::modified(&self.file(&module, cache_file(part)).ok()?);
            if let (Some(info), Some(go_mod)) = (written(Part::Info), written(Part::Mod)) {
                let added = info.max(go_mod);
                additions.push(Addition { module, added });
            }
        }
        Ok(additions)
    }

    fn database_file(&self, name: &str, file: &OfferedFile) -> Result<Option<Vec<u8>>> {
        Files::of_cache(self.downloads(), name).offered(file)
    }

    fn has_records(&self, name: &str, versions: &[Addition], private: &str) -> bool {
        let modules = versions.iter().map(|addition| &addition.module);
        Files::of_cache(self.downloads(), name).cover(modules, private)
    }

    fn check(&self) -> Result<()> {
        ensure!(
            disk::is_dir(self.root()),
            "module cache {} is not there",
            self.root().display()
        );
        Ok(())
    }
}

fn cache_file(part: Part) -> cache::File {
    match part {
        Part::Info => cache::File::Info,
        Part::Mod => cache::File::Mod,
        Part::Zip => cache::File::Zip,
    }
}

pub(super) struct StoredFile(pub(super) File);

impl StoredFile {
    /// Tells whether this is another handle of a file.
    pub(super) fn is(&self, file: &File) -> bool {
        let identity = |file: &File| {
            let metadata = file.metadata()?;
            Ok::<_, io::Error>((metadata.dev(), metadata.ino()))
        };
        matches!((identity(&self.0), identity(file)), (Ok(one), Ok(other)) if one == other)
    }

    /// The bytes that it has now.
    pub(super) fn size(&self) -> io::Result<u64> {
        Ok(self.0.metadata()?.len())
    }
}

impl Blob for StoredFile {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        self.0.read_at(buffer, offset)
    }

    /// What the system holds in memory, as far as it can say so.
    #[cfg(target_os = "linux")]
    fn read_now(&self, buffer: &mut [u8], offset: u64) -> Option<usize> {
        let mut buffers = [io::IoSliceMut::new(buffer)];
        let read = rustix::io::preadv2(&self.0, &mut buffers, offset, ReadWriteFlags::NOWAIT);
        read.ok().filter(|count| *count > 0)
    }
}
