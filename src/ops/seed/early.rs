//! What is needed whatever the module graph turns out to be, made while that is being loaded.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use anyhow::Result;

use super::go_mods::Effect;
use super::{Extent, Loaded, Run, Seeded};
use crate::module::ModuleVersion;
use crate::ops::needs::Needs;
use crate::ops::parallel::in_parallel;

/// Versions that are made already, or cannot be.
#[derive(Default)]
pub(super) struct Early(Mutex<BTreeMap<ModuleVersion, Result<Seeded>>>);

impl Early {
    /// Gives what came of a version whose files are needed, if it was begun early.
    pub(super) fn take(&self, module: &ModuleVersion, extent: Extent) -> Option<Result<Seeded>> {
        let mut made = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        made.remove(module).filter(|_| extent == Extent::Everything)
    }
}

impl Run<'_> {
    /// Lists what go.sum and the main modules name.
    pub(super) fn known(&self) -> Needs {
        let mut known = Needs::default();
        known.add_sums(&self.recorded.go_sum);
        for project in &self.options.projects {
            known.add_requirements(project);
        }
        known
    }

    /// Loads the graphs, and meanwhile makes the versions of which go.sum has the zip.
    pub(super) fn load_and_begin(&self, known: &Needs) -> Result<(Loaded, Early)> {
        let early = Early::default();
        if self.options.extent == Extent::Metadata {
            return Ok((self.load(Effect::Written)?, early));
        }
        let modules: Vec<&ModuleVersion> = known.content.iter().collect();
        let is_over = AtomicBool::new(false);
        let loaded = std::thread::scope(|scope| {
            scope.spawn(|| {
                in_parallel(&modules, self.options.threads, |module, threads| {
                    if is_over.load(Ordering::Relaxed) {
                        return;
                    }
                    let result = self.one(module, Extent::Everything, threads);
                    let mut made = early.0.lock().unwrap_or_else(PoisonError::into_inner);
                    made.insert((*module).clone(), result);
                });
            });
            let loaded = self.load(Effect::Written);
            if loaded.is_err() {
                is_over.store(true, Ordering::Relaxed);
            }
            loaded
        });
        Ok((loaded?, early))
    }
}
