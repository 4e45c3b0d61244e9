//! What a cache has, for people to read.

use std::num::NonZeroUsize;

use anyhow::Result;

use super::parallel::in_parallel;
use super::selector::select;
use super::{Presence, Selector, Stored, VerifiedBy};
use crate::cache::{Cache, File, Holding};
use crate::checksum::sumdb::Files;
use crate::checksum::{Part, SumFiles};
use crate::module::Info;

/// A version in a cache.
#[derive(Clone, Debug)]
pub struct Listed {
    /// What it takes on disk.
    pub stored: Stored,
    /// Bytes of its zip, if that is there.
    pub zip_size: Option<u64>,
    /// Whether its files are there, or what the module graph takes.
    pub presence: Presence,
    /// Its `.info`, if that is there and makes sense.
    pub info: Option<Info>,
    /// Who vouches for it: a go.sum has it, or the cache has a record of a checksum database.
    pub verified_by: VerifiedBy,
}

/// Describes the versions in a cache that any of the selectors is about, in the order of modules and versions.
///
/// # Errors
/// A selector that is about nothing; a cache that cannot be read.
pub fn list(
    cache: &Cache,
    selectors: &[Selector],
    sums: &SumFiles,
    threads: NonZeroUsize,
) -> Result<Vec<Listed>> {
    let holdings = select(selectors, cache.inventory()?.holdings)?;
    let databases = Files::all_of_cache(cache.downloads())?;
    let listed = in_parallel(&holdings, threads, |holding, _| {
        describe(cache, holding, sums, &databases)
    });
    listed.into_iter().collect()
}

fn describe(
    cache: &Cache,
    holding: &Holding,
    sums: &SumFiles,
    databases: &[(String, Files)],
) -> Result<Listed> {
    let module = &holding.module;
    let part = match holding.has(File::Zip) {
        true => Part::Zip,
        false => Part::GoMod,
    };
    let recorded = databases
        .iter()
        .find(|(_, files)| files.has_record(module).unwrap_or(false));
    let info = cache.read(module, File::Info)?;
    Ok(Listed {
        zip_size: holding.files.get(&File::Zip).copied(),
        presence: Presence::of(holding),
        info: info.and_then(|info| Info::parse(&info).ok()),
        verified_by: match (sums.recorded_part(module, part), recorded) {
            (Some(_), _) => VerifiedBy::GoSum,
            (None, Some((name, _))) => VerifiedBy::Database(name.clone()),
            (None, None) => VerifiedBy::Nothing,
        },
        stored: Stored::measure(cache, holding)?,
    })
}
