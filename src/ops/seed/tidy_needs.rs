//! What `go mod tidy` reads in a project that is not tidy.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Result, anyhow, ensure};

use super::go_mods::{Effect, MirrorGoMods};
use super::{Extent, Run, SeedFailure, SeedOutcome, Seeded};
use crate::cache::Published;
use crate::graph::{GoMods, Project};
use crate::module::{ModulePath, ModuleVersion};
use crate::ops::tidy::{self, Latest, Library};
use crate::query::QueryContext;

/// What was fetched for one reason or another, and what a latest version was found to be.
struct MirrorLibrary<'a> {
    run: &'a Run<'a>,
    go_mods: MirrorGoMods<'a>,
    provided: Mutex<BTreeMap<ModuleVersion, Seeded>>,
    latest: Mutex<BTreeMap<ModulePath, Result<ModuleVersion, Arc<anyhow::Error>>>>,
}

impl GoMods for MirrorLibrary<'_> {
    fn go_mod(&self, module: &ModuleVersion) -> Result<Vec<u8>> {
        self.go_mods.go_mod(module)
    }
}

impl Library for MirrorLibrary<'_> {
    fn provide(&self, module: &ModuleVersion, threads: NonZeroUsize) -> Result<()> {
        let seeded = self.run.one(module, Extent::Everything, threads)?;
        let mut provided = self.provided.lock().unwrap_or_else(PoisonError::into_inner);
        provided.insert(module.clone(), seeded);
        Ok(())
    }

    fn latest(&self, latest: &Latest) -> Result<ModuleVersion> {
        // Unlike go, which asks GOPROXY for every prefix of a missing import (`queryPrefixModules` in
        // `modload/query.go`): with GOPRIVATE=corp.example/x an import of corp.example/x/y tells nobody of corp.example.
        ensure!(
            !self.run.supply.gives_away(&latest.path, &latest.import),
            "module {}: not looked for, because it is a part of the private name {}; name it in GOPRIVATE, too",
            latest.path,
            latest.import
        );
        let known = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        let found = known.get(&latest.path).cloned();
        drop(known);
        let found = found.unwrap_or_else(|| {
            let found = self.resolve_latest(latest).map_err(Arc::new);
            let mut known = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
            known.entry(latest.path.clone()).or_insert(found).clone()
        });
        found.map_err(|error| anyhow!("{error:#}"))
    }

    fn go_on(&self) -> Result<()> {
        self.run.supply.go_on()
    }
}

impl MirrorLibrary<'_> {
    fn resolve_latest(&self, latest: &Latest) -> Result<ModuleVersion> {
        let context = QueryContext {
            current: latest.current.clone(),
            excluded: latest.excluded.clone(),
        };
        let supply = &self.run.supply;
        supply.with_sources(&latest.path, "latest", |repo| {
            let resolved = repo.resolve("latest", &context)?;
            supply.write_consulted(repo, &resolved, None)?;
            Ok(ModuleVersion {
                path: latest.path.clone(),
                version: resolved.version,
            })
        })
    }
}

impl Run<'_> {
    /// Fetches what `go mod tidy` reads besides, in each module of each project.
    pub(super) fn add_tidy_needs(&self, outcome: &mut SeedOutcome) -> Result<()> {
        let library = MirrorLibrary {
            run: self,
            go_mods: self.go_mods(Effect::Written),
            provided: Mutex::default(),
            latest: Mutex::default(),
        };
        let mut needs = super::Needs::default();
        for project in &self.options.projects {
            for module in project.modules() {
                // In a workspace `go mod tidy` works on one module as if there were no workspace.
                let alone = match project.work() {
                    None => project.clone(),
                    Some(_) => Project::read(&module.folder.join("go.mod"))?,
                };
                let (cache, threads) = (&self.options.cache, self.options.threads);
                let tidied = tidy::tidy(&alone, &library, cache, threads)?;
                needs.metadata.extend(tidied.metadata);
                needs.content.extend(tidied.content);
                outcome
                    .failures
                    .extend(tidied.troubles.into_iter().map(|trouble| SeedFailure {
                        subject: trouble.subject,
                        required_by: trouble.required_by,
                        error: trouble.error,
                    }));
            }
        }
        outcome
            .failures
            .sort_by(|left, right| left.subject.cmp(&right.subject));
        outcome
            .failures
            .dedup_by(|later, first| later.subject == first.subject);
        self.merge(outcome, &needs, library)
    }

    fn merge(
        &self,
        outcome: &mut SeedOutcome,
        needs: &super::Needs,
        library: MirrorLibrary<'_>,
    ) -> Result<()> {
        let asked = library.go_mods.asked.into_inner();
        let asked = asked.unwrap_or_else(PoisonError::into_inner);
        let provided = library.provided.into_inner();
        let mut provided = provided.unwrap_or_else(PoisonError::into_inner);
        let seeded = std::mem::take(&mut outcome.seeded);
        let mut all: BTreeMap<ModuleVersion, Seeded> = seeded
            .into_iter()
            .map(|seeded| (seeded.module.clone(), seeded))
            .collect();
        for module in &needs.metadata {
            let known = all
                .get(module)
                .map(|seeded| (seeded.extent, seeded.published.clone()));
            let mut seeded = match (&known, provided.remove(module)) {
                (Some((Extent::Everything, _)), _) | (Some(_), None) => continue,
                (_, Some(seeded)) => seeded,
                (None, None) => self.one(module, Extent::Metadata, NonZeroUsize::MIN)?,
            };
            if asked.contains(module) || known.is_some_and(|(_, it)| it == Published::Made) {
                seeded.published = Published::Made;
            }
            all.insert(module.clone(), seeded);
        }
        outcome.seeded = all.into_values().collect();
        Ok(())
    }
}
