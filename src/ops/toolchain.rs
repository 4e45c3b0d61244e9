//! Puts a Go toolchain into the cache, from the archive of the release on this machine.

use std::fs;
use std::io::{BufWriter, Write};
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result};

use super::{Fetched, Monitor, Phase, VerifiedBy};
use crate::cache::{Cache, Content, Extraction, Making, Parts, Zip};
use crate::checksum::{Part, dirhash};
use crate::disk::tree::TreeWriter;
use crate::goenv::FolderMode;
use crate::module::ModuleVersion;
use crate::modzip::{self, Control, Plan, Pool};
use crate::toolchain::Release;

/// How a toolchain is made.
#[derive(Clone, Copy)]
pub struct ToolchainOptions<'a> {
    /// The archive of the release: `go1.23.4.linux-amd64.tar.gz`, or a `.zip` for Windows.
    pub archive: &'a Path,
    /// Where it is put.
    pub cache: &'a Cache,
    /// A folder for what is needed meanwhile: as much as the release unpacked.
    pub scratch: &'a Path,
    /// Whether the folders of the extracted tree stay writable.
    pub folder_mode: FolderMode,
    /// Whether there is to be an extracted tree.
    pub extraction: Extraction,
    /// Threads at work.
    pub threads: NonZeroUsize,
    /// Decides from its sum whether a part of the module may become visible: the checksum database does, for
    /// no go.sum lists a toolchain.
    pub admit: &'a (dyn Fn(&ModuleVersion, Part, &str) -> Result<VerifiedBy> + Sync),
    /// Hears of progress.
    pub monitor: &'a dyn Monitor,
}

/// Makes a toolchain of the archive of a release and publishes it. What it is says the archive itself, not its
/// name.
///
/// # Errors
/// An archive that is none, or is not as a release must be; whatever `admit` says, and then nothing has become
/// visible.
pub fn toolchain(options: ToolchainOptions<'_>) -> Result<Fetched> {
    let cancelled = || options.monitor.interrupted();
    let release = Release::unpack(options.archive, options.scratch, &cancelled)?;
    let module = release.module().clone();
    let go_mod_sum = dirhash::go_mod_sum(release.go_mod());
    (options.admit)(&module, Part::GoMod, &go_mod_sum)?;
    let verified_by = Mutex::new(VerifiedBy::Nothing);
    let info = release.info();
    let content = Packing {
        release: &release,
        options: &options,
        name: module.to_string(),
        verified_by: &verified_by,
    };
    let published = options.cache.publish(
        &module,
        Parts {
            info: Some(&info),
            go_mod: release.go_mod(),
        },
        Making {
            folder_mode: options.folder_mode,
            extraction: options.extraction,
            content: &content,
        },
    )?;
    let name = &content.name;
    options.monitor.report(Phase::Done { module: name });
    let sum = options.cache.zip_sum(&module)?;
    let verified_by = verified_by.into_inner();
    Fetched::read(options.cache, module, sum, go_mod_sum, published).map(|fetched| Fetched {
        verified_by: verified_by.unwrap_or_else(PoisonError::into_inner),
        ..fetched
    })
}

/// A release on its way into the cache.
struct Packing<'a> {
    release: &'a Release,
    options: &'a ToolchainOptions<'a>,
    name: String,
    verified_by: &'a Mutex<VerifiedBy>,
}

impl Packing<'_> {
    fn with_control<T>(&self, total: usize, work: impl FnOnce(&Control<'_>) -> T) -> T {
        let monitor = self.options.monitor;
        let progress = |files| {
            monitor.report(Phase::Packing {
                module: &self.name,
                files,
                total,
            });
        };
        work(&Control {
            threads: self.options.threads,
            cancelled: &|| monitor.interrupted(),
            progress: &progress,
        })
    }
}

impl Content for Packing<'_> {
    fn make(&self, zip: &mut fs::File, tree: Option<&TreeWriter>) -> Result<String> {
        let files = self.release.files();
        let included: Vec<usize> = (0..files.len()).collect();
        let plan = Plan {
            module: self.release.module(),
            files,
            included: &included,
        };
        let mut zip = BufWriter::with_capacity(256 << 10, zip);
        // No content comes twice.
        let pool = Pool::with_capacity(0);
        let created = self.with_control(files.len(), |control| {
            modzip::create(&plan, self.release, &pool, &mut zip, tree, control)
        })?;
        zip.flush()
            .with_context(|| format!("{}: cannot write the zip", self.name))?;
        dirhash::hash1(created.sums)
    }

    fn extract(&self, zip: &Path, tree: &TreeWriter) -> Result<()> {
        self.with_control(self.release.files().len(), |control| {
            modzip::extract(zip, self.release.module(), Some(tree), control)
        })
        .map(drop)
        .with_context(|| format!("{}: cannot extract the zip in the cache", self.name))
    }

    fn admit(&self, _: Zip, sum: &str) -> Result<()> {
        let by = (self.options.admit)(self.release.module(), Part::Zip, sum)?;
        *self
            .verified_by
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = by;
        Ok(())
    }
}
