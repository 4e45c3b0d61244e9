//! The versions of one module.

use std::collections::BTreeMap;

use anyhow::Result;

use super::gate::Gate;
use super::supply::Supply;
use super::{Monitor, Repositories};
use crate::cache::{Cache, Extraction, File};
use crate::checksum::SumFiles;
use crate::coderepo::BlobKey;
use crate::goenv::FolderMode;
use crate::gomod::{self, GoMod};
use crate::module::{ModulePath, ModuleVersion, Version, semver};
use crate::modzip::Pool;
use crate::query::QueryContext;
use crate::source::Mirrors;

/// How much of a version the cache has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// All of it.
    Cached,
    /// What the module graph takes.
    Metadata,
    /// Nothing; a source has it.
    Available,
}

/// A version of a module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownVersion {
    /// The version.
    pub version: Version,
    /// How much of it the cache has.
    pub presence: Presence,
    /// Why the author has withdrawn it, if he has; often without a word.
    pub retracted: Option<String>,
}

/// What is known of a module.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KnownModule {
    /// The versions, in order.
    pub versions: Vec<KnownVersion>,
    /// Why the author advises against the module, if he does.
    pub deprecated: Option<String>,
}

/// Where more versions are looked for than the cache has.
pub struct Elsewhere<'a> {
    /// Where modules come from.
    pub mirrors: &'a Mirrors,
    /// The repositories of this run.
    pub repositories: &'a Repositories,
    /// Who hears of progress and may end the work.
    pub monitor: &'a dyn Monitor,
}

/// Lists the versions of a module in the cache, and those that a source has if one is to be asked. Retractions are
/// those of the newest version that was seen, as with go (`CheckRetractions` in `modload/modfile.go`).
///
/// # Errors
/// A cache that cannot be read; what keeps the sources from answering.
pub fn versions(
    cache: &Cache,
    path: &ModulePath,
    elsewhere: Option<&Elsewhere<'_>>,
) -> Result<KnownModule> {
    let mut found: BTreeMap<Version, Presence> = BTreeMap::new();
    for holding in cache.inventory()?.holdings {
        if holding.module.path != *path {
            continue;
        }
        let presence = match holding.has(File::Zip) || holding.is_extracted() {
            true => Presence::Cached,
            false => Presence::Metadata,
        };
        found.insert(holding.module.version, presence);
    }
    let mut newest = newest_go_mod(cache, path, found.keys())?;
    if let Some(elsewhere) = elsewhere {
        let (versions, go_mod) = ask(cache, path, elsewhere)?;
        for version in versions {
            found.entry(version).or_insert(Presence::Available);
        }
        newest = go_mod.or(newest);
    }
    let newest = newest.and_then(|go_mod| gomod::parse_lax("go.mod", &go_mod).ok());
    let versions = found.into_iter().map(|(version, presence)| KnownVersion {
        retracted: newest
            .as_ref()
            .and_then(|newest| retraction(newest, &version)),
        version,
        presence,
    });
    Ok(KnownModule {
        versions: versions.collect(),
        deprecated: newest.as_ref().and_then(|newest| newest.deprecated.clone()),
    })
}

/// Reads the go.mod of the highest release in the cache, or else of the highest version.
fn newest_go_mod<'v>(
    cache: &Cache,
    path: &ModulePath,
    versions: impl DoubleEndedIterator<Item = &'v Version> + Clone,
) -> Result<Option<Vec<u8>>> {
    let is_release = |version: &&Version| semver::prerelease(version.as_str()).is_empty();
    let newest = versions.clone().rev().find(is_release);
    let Some(version) = newest.or_else(|| versions.clone().next_back()) else {
        return Ok(None);
    };
    let module = ModuleVersion {
        path: path.clone(),
        version: version.clone(),
    };
    cache.read(&module, File::Mod)
}

/// Asks the sources of a module for its versions, and for the go.mod of the newest.
fn ask(
    cache: &Cache,
    path: &ModulePath,
    elsewhere: &Elsewhere<'_>,
) -> Result<(Vec<Version>, Option<Vec<u8>>)> {
    let sums = SumFiles::default();
    let supply = Supply {
        mirrors: elsewhere.mirrors,
        repositories: elsewhere.repositories,
        gate: Gate::new(&sums, None),
        cache,
        folder_mode: FolderMode::ReadOnly,
        extraction: Extraction::LeftToGo,
        monitor: elsewhere.monitor,
        threads: std::num::NonZeroUsize::MIN,
        pool: Pool::<BlobKey>::with_capacity(0),
    };
    supply.with_sources(path, "latest", |module| {
        let versions = module.versions()?;
        let parsed: Vec<Version> = versions
            .iter()
            .filter_map(|version| Version::new(version).ok())
            .collect();
        let is_release = |version: &&Version| semver::prerelease(version.as_str()).is_empty();
        let newest = parsed.iter().filter(is_release).max();
        let go_mod = newest.or(parsed.iter().max()).and_then(|version| {
            let resolved = module.resolve(version.as_str(), &QueryContext::default());
            let metadata = resolved.ok()?.metadata.remove(version)?;
            metadata.go_mod
        });
        Ok((parsed, go_mod))
    })
}

fn retraction(newest: &GoMod, version: &Version) -> Option<String> {
    let lies_in = |low: &str, high: &str| {
        semver::compare(low, version.as_str()).is_le()
            && semver::compare(version.as_str(), high).is_le()
    };
    let retract = newest
        .retract
        .iter()
        .find(|retract| lies_in(&retract.low, &retract.high))?;
    Some(retract.rationale.clone())
}
