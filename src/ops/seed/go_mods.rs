//! The go.mod files of a graph: from the cache, or straight from the object databases of mirrors.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use anyhow::{Result, bail};

use super::super::Phase;
use super::super::supply::Supply;
use super::{NoSum, Uncovered};
use crate::cache::File;
use crate::checksum::dirhash;
use crate::graph::GoMods;
use crate::module::ModuleVersion;

/// Whether what is read is written into the cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// `.mod` and `.info`, as soon as they are known.
    Written,
    /// Nothing: the user only wants to know.
    Nothing,
}

/// Gives go.mod files, once go.sum has nothing against them.
pub(super) struct MirrorGoMods<'a> {
    pub(super) supply: &'a Supply<'a>,
    pub(super) uncovered: Uncovered,
    pub(super) effect: Effect,
    /// How many versions the graph is known to have.
    pub(super) known: AtomicUsize,
    /// The versions that a mirror was asked for.
    pub(super) asked: Mutex<BTreeSet<ModuleVersion>>,
}

impl GoMods for MirrorGoMods<'_> {
    fn go_mod(&self, module: &ModuleVersion) -> Result<Vec<u8>> {
        let supply = self.supply;
        supply.go_on()?;
        let known = self.known.fetch_add(1, Ordering::Relaxed) + 1;
        supply.monitor.report(Phase::Run { done: 0, known });
        if self.uncovered == Uncovered::Refused
            && supply.gate.sums().recorded_go_mod(module).is_none()
        {
            bail!(NoSum {
                module: module.clone(),
                part: "go.mod",
            });
        }
        if let Some(go_mod) = supply.cache.read(module, File::Mod)? {
            let sum = dirhash::go_mod_sum(&go_mod);
            supply.gate.sums().check_go_mod(module, &sum)?;
            return Ok(go_mod);
        }
        self.asked
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(module.clone());
        supply.with_sources(&module.path, module.version.as_str(), |repo| {
            match self.effect {
                Effect::Written => supply.write_version(repo, &module.version),
                Effect::Nothing => supply.read_version(repo, &module.version),
            }
        })
    }
}
