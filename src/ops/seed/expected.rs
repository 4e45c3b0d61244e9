//! What a run will need of each server, so that it is fetched in one round trip.

use std::collections::BTreeSet;

use anyhow::Result;

use super::super::needs::Needs;
use super::{Extent, SeedOptions};
use crate::cache::{Cache, Extraction};
use crate::coderepo::{CodeRepo, Place};
use crate::mirror::{Location, Mirror, Need, Wanted};
use crate::module::pseudo::PseudoVersion;
use crate::module::{ModuleVersion, Version};
use crate::ops::Repositories;
use crate::source::{Source, sources};

/// The versions that a repository is expected to be asked for.
struct Expected {
    versions: Vec<(Place, ModuleVersion, Extent)>,
    cache: Cache,
    extraction: Extraction,
}

/// Tells the repositories on servers what they will be asked for: what go.sum and the main modules name, which
/// is known before the module graph. Nothing is fetched before somebody asks.
///
/// A commit comes with all its files, so that a version of which only the go.mod is needed costs no more.
pub(super) fn expect(options: &SeedOptions, needs: &Needs, repositories: &Repositories) {
    let mut expected: Vec<(Location, Expected)> = Vec::new();
    for module in &needs.metadata {
        let Some((location, place)) = first_remote(options, module) else {
            continue;
        };
        let extent = match options.extent {
            Extent::Everything if needs.content.contains(module) => Extent::Everything,
            _ => Extent::Metadata,
        };
        let version = (place, module.clone(), extent);
        match expected.iter_mut().find(|(known, _)| *known == location) {
            Some((_, expected)) => expected.versions.push(version),
            None => expected.push((
                location,
                Expected {
                    versions: vec![version],
                    cache: options.cache.clone(),
                    extraction: options.extraction,
                },
            )),
        }
    }
    for (location, expected) in expected {
        if expected.versions.len() > 1 {
            repositories.when_opened(location, move |mirror| {
                // What keeps a version from being had shows up, with its name, when that is asked for.
                let _ = expected.fetch(mirror);
            });
        }
    }
}

/// The repository that is asked first, if that is on a server and knows where the module lies.
fn first_remote(options: &SeedOptions, module: &ModuleVersion) -> Option<(Location, Place)> {
    let sources = sources(&options.mirrors, &module.path).ok()?;
    let Source::Repository(repository) = sources.into_iter().next()? else {
        return None;
    };
    if repository.is_local() {
        return None;
    }
    let place = repository.known_place(&module.path).ok()??;
    Some((repository.location.ok()?, place))
}

impl Expected {
    fn fetch(&self, mirror: &Mirror) -> Result<()> {
        let mut wanted = Vec::new();
        let mut seen = BTreeSet::new();
        for (place, module, extent) in &self.versions {
            if self.is_there(module, *extent)? {
                continue;
            }
            match commit(mirror, place, &module.version) {
                Commit::Listed(commit) => {
                    if seen.insert(commit.oid) {
                        wanted.push(commit);
                    }
                }
                Commit::InHistory => return mirror.require(Need::History),
                Commit::Unknown => {}
            }
        }
        match wanted.len() {
            0 | 1 => Ok(()),
            _ => mirror.require(Need::Several(&wanted)),
        }
    }

    fn is_there(&self, module: &ModuleVersion, extent: Extent) -> Result<bool> {
        let state = self.cache.state(module)?;
        Ok(match extent {
            Extent::Everything => state.is_complete(self.extraction),
            Extent::Metadata => state.info && state.go_mod,
        })
    }
}

/// Where the commit of a version is to be had.
enum Commit {
    Listed(Wanted),
    /// Only the history tells, or proves that the version is what it says.
    InHistory,
    Unknown,
}

fn commit(mirror: &Mirror, place: &Place, version: &Version) -> Commit {
    let refs = mirror.refs();
    if let Ok(pseudo) = PseudoVersion::parse(version.as_str()) {
        let has_base = pseudo.base().is_ok_and(|base| base.is_some());
        let listed = refs
            .advertised()
            .find(|(_, oid)| oid.to_string().starts_with(pseudo.revision()));
        return match listed {
            Some((name, oid)) if !has_base => Commit::Listed(Wanted {
                reference: Some(name),
                oid,
            }),
            _ => Commit::InHistory,
        };
    }
    let tag = CodeRepo::new(mirror, place.clone()).tag_of(version.as_str());
    match refs.tags.get(&tag) {
        Some(oid) => Commit::Listed(Wanted {
            reference: Some(format!("refs/tags/{tag}")),
            oid: *oid,
        }),
        None => Commit::Unknown,
    }
}
