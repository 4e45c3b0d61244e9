//! What a cache has, with the size and the sum of every file.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, Result, bail};

use super::monitor::unreported;
use super::parallel::in_parallel;
use super::{Extent, Monitor, Phase};
use crate::bundle::{
    Digest, DigestReader, Manifest, PackedFile, PackedModule, database_file_name, list_name,
};
use crate::cache::{Cache, File, Inventory, version_list};
use crate::checksum::sumdb::Files;
use crate::checksum::{Mismatch, Part, SumFiles, dirhash};
use crate::disk;
use crate::module::{Info, ModulePath, ModuleVersion};
use crate::modzip;
use crate::web::Interrupted;

/// Who surveys a cache, and how.
pub struct Survey<'a> {
    /// The cache.
    pub cache: &'a Cache,
    /// Sums that must match, and vouch for what matches.
    pub sums: &'a SumFiles,
    /// Threads at work.
    pub threads: NonZeroUsize,
    /// Who hears of progress and may end the work.
    pub monitor: &'a dyn Monitor,
}

const VERIFY: &str = "gomodcache verify tells what is wrong in the cache";

/// A file in the cache is not what it must be: it goes nowhere.
#[derive(Debug, thiserror::Error)]
#[error("{module}: the {file} in the cache is damaged")]
pub struct DamagedInCache {
    /// The module and its version.
    pub module: ModuleVersion,
    /// `zip` or `.info`.
    pub file: &'static str,
    /// In which way.
    #[source]
    pub cause: anyhow::Error,
}

/// What a cache has.
pub struct Surveyed {
    /// All that go can use.
    pub manifest: Manifest,
    /// Versions with a zip and no `.mod`: go leaves them where it has looked for a package in vain, and cannot use them.
    pub left_out: Vec<ModuleVersion>,
}

/// Versions, and how much of them.
pub(super) type Wanted = BTreeMap<ModuleVersion, Extent>;

/// Lists all of a cache with sizes and sums. Everything is read.
///
/// # Errors
/// As for a bundle: zips that do not have the sum in their `.ziphash`, or that no module may have.
pub fn manifest(survey: &Survey<'_>) -> Result<Surveyed> {
    let (wanted, left_out) = everything(survey.cache.inventory()?);
    let manifest = survey.manifest(&wanted)?;
    Ok(Surveyed { manifest, left_out })
}

/// Wants of each version all that is there. Gives the versions as well that are left out.
pub(super) fn everything(inventory: Inventory) -> (Wanted, Vec<ModuleVersion>) {
    let (mut wanted, mut left_out) = (Wanted::new(), Vec::new());
    for holding in inventory.holdings {
        match (holding.has(File::Mod), holding.has(File::Zip)) {
            (true, true) => drop(wanted.insert(holding.module, Extent::Everything)),
            (true, false) => drop(wanted.insert(holding.module, Extent::Metadata)),
            (false, true) => left_out.push(holding.module),
            (false, false) => {}
        }
    }
    (wanted, left_out)
}

impl Survey<'_> {
    /// Describes what is wanted of the cache.
    ///
    /// # Errors
    /// A version that is not there, a zip that is not sound, a sum that differs from a recorded one.
    pub(super) fn manifest(&self, wanted: &Wanted) -> Result<Manifest> {
        let items: Vec<_> = wanted.iter().collect();
        let done = AtomicUsize::new(0);
        let modules = in_parallel(&items, self.threads, |(module, extent), threads| {
            let packed = self.module(module, **extent, threads);
            let done = 1 + done.fetch_add(1, Ordering::Relaxed);
            let known = items.len();
            self.monitor.report(Phase::Run { done, known });
            packed
        });
        let mut manifest = Manifest {
            modules: modules.into_iter().collect::<Result<_>>()?,
            ..Manifest::default()
        };
        self.add_databases(&mut manifest)?;
        manifest.lists = list_files(&lists(&manifest.modules)?);
        Ok(manifest)
    }

    fn module(
        &self,
        module: &ModuleVersion,
        extent: Extent,
        threads: NonZeroUsize,
    ) -> Result<PackedModule> {
        if self.monitor.interrupted() {
            bail!(Interrupted);
        }
        let mut packed = PackedModule {
            module: module.clone(),
            time: None,
            origin: None,
            sum: None,
            go_mod_sum: None,
            verified_by: None,
            files: BTreeMap::new(),
        };
        if let Some(info) = self.cache.read(module, File::Info)? {
            packed.files.insert(File::Info, Digest::of(&info));
            let info = Info::parse(&info).map_err(|cause| damaged(module, ".info", cause))?;
            packed.time = Some(info.time.to_string());
            packed.origin = info.origin;
        }
        let go_mod = self.cache.read(module, File::Mod)?;
        let go_mod = go_mod.with_context(|| format!("{module}: there is no .mod in the cache"))?;
        packed.files.insert(File::Mod, Digest::of(&go_mod));
        let go_mod_sum = dirhash::go_mod_sum(&go_mod);
        self.check(module, Part::GoMod, &go_mod_sum)?;
        packed.go_mod_sum = Some(go_mod_sum);
        if extent == Extent::Everything {
            self.add_zip(&mut packed, threads)?;
        }
        let recorded = self.sums.recorded_part(module, extent.part());
        packed.verified_by = recorded.map(|_| "go.sum".to_owned());
        Ok(packed)
    }

    fn check(&self, module: &ModuleVersion, part: Part, sum: &str) -> Result<()> {
        self.sums
            .check_part(module, part, sum)
            .map_err(|error| Mismatch::explain(error, VERIFY))
    }

    /// Adds the zip, once all of it has been found to be sound.
    fn add_zip(&self, packed: &mut PackedModule, threads: NonZeroUsize) -> Result<()> {
        let module = &packed.module;
        let sum = zip_sum(self.cache, module, threads, self.monitor)?;
        if let Some(recorded) = self.cache.recorded_sum(module)?
            && recorded != sum
        {
            bail!(Mismatch {
                module: module.clone(),
                part: Part::Zip,
                found: sum,
                recorder: ".ziphash".to_owned(),
                recorded,
                reasons: vec![VERIFY.to_owned()],
            });
        }
        self.check(module, Part::Zip, &sum)?;
        let mut zip = DigestReader::new(disk::open(&self.cache.file(module, File::Zip)?)?);
        std::io::copy(&mut zip, &mut std::io::sink())
            .with_context(|| format!("{module}: cannot read its zip"))?;
        let hash = Digest::of(sum.as_bytes());
        packed.files.insert(File::ZipHash, hash);
        packed.files.insert(File::Zip, zip.finish());
        packed.sum = Some(sum);
        Ok(())
    }

    /// Adds the records of checksum databases, and who has vouched for what no go.sum covers.
    fn add_databases(&self, manifest: &mut Manifest) -> Result<()> {
        for (name, files) in Files::all_of_cache(self.cache.downloads())? {
            for packed in &mut manifest.modules {
                if packed.verified_by.is_none() && files.has_record(&packed.module)? {
                    packed.verified_by = Some(name.clone());
                }
            }
            let modules = manifest.modules.iter().map(|packed| &packed.module);
            for path in files.proving(modules)? {
                let content = disk::read(&files.folder().join(&path))?;
                manifest.databases.push(PackedFile {
                    name: database_file_name(&name, &path),
                    digest: Digest::of(&content),
                });
            }
        }
        manifest.databases.sort();
        Ok(())
    }
}

/// Computes the sum of a zip in the cache, which must be one that go takes.
pub(super) fn zip_sum(
    cache: &Cache,
    module: &ModuleVersion,
    threads: NonZeroUsize,
    monitor: &dyn Monitor,
) -> Result<String> {
    let zip = cache.file(module, File::Zip)?;
    let checked = unreported(monitor, threads, |control| {
        modzip::check(&zip, module, control)
    });
    match checked {
        Ok(extracted) => dirhash::hash1(extracted.sums),
        Err(error) if monitor.interrupted() => Err(error),
        Err(error) => Err(damaged(module, "zip", error).into()),
    }
}

fn damaged(module: &ModuleVersion, file: &'static str, cause: anyhow::Error) -> DamagedInCache {
    DamagedInCache {
        module: module.clone(),
        file,
        cause,
    }
}

/// Describes the files of rendered lists.
pub(super) fn list_files(lists: &BTreeMap<ModulePath, String>) -> Vec<PackedFile> {
    let files = lists.iter().map(|(path, text)| PackedFile {
        name: list_name(path),
        digest: Digest::of(text.as_bytes()),
    });
    let mut files: Vec<PackedFile> = files.collect();
    files.sort();
    files
}

/// Renders the list of versions of each module.
pub(super) fn lists(modules: &[PackedModule]) -> Result<BTreeMap<ModulePath, String>> {
    let mut versions: BTreeMap<ModulePath, BTreeSet<String>> = BTreeMap::new();
    for packed in modules {
        let escaped = packed.module.version.escaped()?;
        let path = packed.module.path.clone();
        versions.entry(path).or_default().insert(escaped);
    }
    Ok(versions
        .into_iter()
        .map(|(path, versions)| (path, version_list(versions.into_iter().collect())))
        .collect())
}
