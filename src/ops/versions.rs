//! The versions of one module.

mod cached;

use std::collections::BTreeMap;
use std::num::NonZeroUsize;

use anyhow::Result;

use self::cached::CachedModule;
use super::gate::Gate;
use super::supply::Supply;
use super::{Monitor, Repositories};
use crate::cache::{Cache, Extraction, File, Holding};
use crate::checksum::SumFiles;
use crate::coderepo::BlobKey;
use crate::goenv::FolderMode;
use crate::gomod;
use crate::module::{ModulePath, Version};
use crate::modzip::Pool;
use crate::query::{Resolver, Retractions};
use crate::source::Mirrors;

/// How much of a version the cache has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// Its files.
    Cached,
    /// What the module graph takes, and no more.
    Metadata,
    /// Nothing; a source has it.
    Available,
}

impl Presence {
    pub(super) fn of(holding: &Holding) -> Presence {
        match holding.has(File::Zip) || holding.is_extracted() {
            true => Presence::Cached,
            false => Presence::Metadata,
        }
    }

    /// One word.
    pub fn name(self) -> &'static str {
        match self {
            Presence::Cached => "cached",
            Presence::Metadata => "metadata",
            Presence::Available => "available",
        }
    }
}

/// A version of a module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownVersion {
    /// The version.
    pub version: Version,
    /// How much of it the cache has.
    pub presence: Presence,
    /// Why the author has withdrawn it; nothing where he has not.
    pub retracted: Vec<String>,
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

/// Lists the versions of a module in the cache, and those that a source has if one is to be asked. What is retracted
/// and deprecated says the newest version of the source, or else of the cache, as with go.
///
/// # Errors
/// A cache that cannot be read; what keeps the sources from answering.
pub fn versions(
    cache: &Cache,
    path: &ModulePath,
    elsewhere: Option<&Elsewhere<'_>>,
) -> Result<KnownModule> {
    let mut found: BTreeMap<Version, Presence> = BTreeMap::new();
    for holding in cache.holdings_of(path)? {
        let presence = Presence::of(&holding);
        found.insert(holding.module.version, presence);
    }
    let cached = CachedModule::new(cache, path)?;
    let mut newest = Resolver::new(&cached).newest_go_mod().ok();
    if let Some(elsewhere) = elsewhere {
        let answer = elsewhere.ask(cache, path)?;
        for version in answer.versions {
            found.entry(version).or_insert(Presence::Available);
        }
        newest = answer.newest.or(newest);
    }
    let newest = newest.unwrap_or_default();
    let retractions = Retractions::parse(&newest).unwrap_or_default();
    let versions = found.into_iter().map(|(version, presence)| KnownVersion {
        retracted: retractions.reasons(version.as_str()),
        version,
        presence,
    });
    let newest = gomod::parse_lax("go.mod", &newest);
    Ok(KnownModule {
        versions: versions.collect(),
        deprecated: newest.ok().and_then(|newest| newest.deprecated),
    })
}

/// What a source says of a module.
struct SourceAnswer {
    versions: Vec<Version>,
    /// The go.mod of the newest version, if that could be had.
    newest: Option<Vec<u8>>,
}

impl Elsewhere<'_> {
    fn ask(&self, cache: &Cache, path: &ModulePath) -> Result<SourceAnswer> {
        let sums = SumFiles::default();
        let supply = Supply {
            mirrors: self.mirrors,
            repositories: self.repositories,
            gate: Gate::new(&sums, None),
            cache,
            folder_mode: FolderMode::ReadOnly,
            extraction: Extraction::LeftToGo,
            monitor: self.monitor,
            threads: NonZeroUsize::MIN,
            pool: Pool::<BlobKey>::with_capacity(0),
        };
        supply.with_sources(path, "latest", |module| {
            let versions = module.versions()?;
            let versions = versions.iter().filter_map(|it| Version::new(it).ok());
            Ok(SourceAnswer {
                versions: versions.collect(),
                newest: module.newest_go_mod().ok(),
            })
        })
    }
}
