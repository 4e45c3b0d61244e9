//! What every verb that fills the cache needs: ask the mirrors for a module, publish one version.

use std::cell::OnceCell;
use std::num::NonZeroUsize;

use anyhow::{Context, Result, anyhow, bail};

use super::diagnosis::Diagnosis;
use super::making::Making;
use super::{Monitor, Phase, Repositories};
use crate::cache::{self, Cache, Extraction, Parts, Published};
use crate::checksum::{Mismatch, SumFiles, dirhash};
use crate::coderepo::{AmbiguousRoot, BlobKey, CodeRepo, ModuleFiles, Place};
use crate::goenv::FolderMode;
use crate::mirror::{self, Location, Mirror};
use crate::module::{ModulePath, ModuleVersion, Origin, Version};
use crate::modzip::{self, Pool};
use crate::query::{NotFound, QueryContext, Resolved, Resolver};
use crate::source::{Mirrors, Source, sources};

/// Mirrors on one side, the cache on the other, and the sums between them.
pub(super) struct Supply<'a> {
    pub(super) mirrors: &'a Mirrors,
    pub(super) repositories: &'a Repositories,
    pub(super) sums: &'a SumFiles,
    pub(super) cache: &'a Cache,
    pub(super) folder_mode: FolderMode,
    pub(super) extraction: Extraction,
    pub(super) monitor: &'a dyn Monitor,
    /// Threads that look for the reason of a mismatch.
    pub(super) threads: NonZeroUsize,
    pub(super) pool: Pool<BlobKey>,
}

/// A version that is complete in the cache now.
pub(super) struct Supplied {
    pub(super) module: ModuleVersion,
    pub(super) go_mod: Vec<u8>,
    pub(super) sum: String,
    pub(super) origin: Option<Origin>,
    pub(super) published: Published,
}

impl Supply<'_> {
    /// Fails once the user wants the work to end.
    pub(super) fn go_on(&self) -> Result<()> {
        if self.monitor.interrupted() {
            bail!(mirror::Interrupted);
        }
        Ok(())
    }

    /// Resolves a query and makes the version complete: metadata, zip, folder.
    pub(super) fn publish(
        &self,
        module: &CodeRepo<'_>,
        query: &str,
        context: &QueryContext,
        threads: NonZeroUsize,
    ) -> Result<Supplied> {
        let mut resolved = Resolver::new(module).resolve(query, context)?;
        let version = ModuleVersion {
            path: module.path().clone(),
            version: resolved.version.clone(),
        };
        let Parts { info, go_mod } = self.admitted(&resolved, &version)?;
        let name = version.to_string();
        let ModuleFiles {
            files,
            go_mod: root,
            ..
        } = module.files(&version.version)?;
        let report = modzip::classify(&files, root.as_deref());
        report
            .check(&files)
            .with_context(|| format!("{version}: cannot make a module zip"))?;
        let making = Making {
            module: &version,
            name: &name,
            mirror: module.mirror(),
            files,
            report,
            pool: &self.pool,
            sums: self.sums,
            monitor: self.monitor,
            threads,
            sum: OnceCell::new(),
        };
        let published = self.cache.publish(
            &version,
            Parts { info, go_mod },
            cache::Making {
                folder_mode: self.folder_mode,
                extraction: self.extraction,
                content: &making,
            },
        )?;
        let go_mod = go_mod.to_vec();
        self.write_consulted(module.path(), &resolved)?;
        self.monitor.report(Phase::Done { module: &name });
        Ok(Supplied {
            sum: self.cache.zip_sum(&version)?,
            module: version,
            go_mod,
            origin: resolved.origin.take(),
            published,
        })
    }

    /// Gives the metadata of the version itself, once go.sum has nothing against its go.mod.
    fn admitted<'r>(&self, resolved: &'r Resolved, module: &ModuleVersion) -> Result<Parts<'r>> {
        let metadata = resolved.metadata.get(&resolved.version);
        let (Some(info), Some(go_mod)) = (
            metadata.and_then(|metadata| metadata.info.as_ref()),
            metadata.and_then(|metadata| metadata.go_mod.as_ref()),
        ) else {
            bail!("{module}: resolved without metadata");
        };
        let sum = dirhash::go_mod_sum(go_mod);
        self.sums.check_go_mod(module, &sum)?;
        Ok(Parts { info, go_mod })
    }

    /// Resolves a version in full and gives its go.mod, once go.sum has nothing against it.
    pub(super) fn read_version(&self, module: &CodeRepo<'_>, version: &Version) -> Result<Vec<u8>> {
        self.resolve_version(module, version)
            .map(|(_, go_mod)| go_mod)
    }

    /// Does the same and writes its metadata.
    pub(super) fn write_version(
        &self,
        module: &CodeRepo<'_>,
        version: &Version,
    ) -> Result<Vec<u8>> {
        let (resolved, go_mod) = self.resolve_version(module, version)?;
        self.write_consulted(module.path(), &resolved)?;
        Ok(go_mod)
    }

    fn resolve_version(
        &self,
        module: &CodeRepo<'_>,
        version: &Version,
    ) -> Result<(Resolved, Vec<u8>)> {
        let resolved = Resolver::new(module).resolve(version.as_str(), &QueryContext::default())?;
        let wanted = ModuleVersion {
            path: module.path().clone(),
            version: version.clone(),
        };
        if resolved.version != *version {
            bail!("{wanted}: the mirror has it as {}", resolved.version);
        }
        let go_mod = self.admitted(&resolved, &wanted)?.go_mod.to_vec();
        Ok((resolved, go_mod))
    }

    /// Writes what go writes of the versions that it looks at on the way to an answer, where no recorded sum
    /// speaks against it.
    pub(super) fn write_consulted(&self, path: &ModulePath, resolved: &Resolved) -> Result<()> {
        for (version, metadata) in &resolved.metadata {
            let module = ModuleVersion {
                path: path.clone(),
                version: version.clone(),
            };
            if let Some(go_mod) = &metadata.go_mod {
                let sum = dirhash::go_mod_sum(go_mod);
                self.sums.check_go_mod(&module, &sum)?;
            }
            self.cache.write_metadata(
                &module,
                metadata.info.as_ref(),
                metadata.go_mod.as_deref(),
            )?;
        }
        Ok(())
    }

    fn ask<T>(
        &self,
        location: &Location,
        place: impl Fn(&Mirror) -> Result<Place>,
        answer: impl Fn(&CodeRepo<'_>) -> Result<T>,
    ) -> Result<T> {
        let mirror = self.repositories.open(location)?;
        let place = place(&mirror)?;
        answer(&CodeRepo::new(&mirror, place))
    }

    /// Looks for the reason of a mismatch, once it is certain that no other mirror has what was recorded.
    fn explained(
        &self,
        source: &Source,
        path: &ModulePath,
        query: &str,
        error: anyhow::Error,
    ) -> anyhow::Error {
        let Some(location) = source
            .location
            .as_ref()
            .ok()
            .filter(|_| error.is::<Mismatch>())
        else {
            return error;
        };
        let Ok(mirror) = self.repositories.open(location) else {
            return error;
        };
        let Ok(place) = source.place(&mirror, path, query) else {
            return error;
        };
        let diagnosis = Diagnosis {
            module: &CodeRepo::new(&mirror, place),
            sums: self.sums,
            monitor: self.monitor,
            threads: self.threads,
        };
        diagnosis.explain(error)
    }

    /// Asks one source after the other until one has an answer. Content that differs from a recorded sum is
    /// no answer, but another mirror may have the recorded one.
    pub(super) fn with_sources<T>(
        &self,
        path: &ModulePath,
        query: &str,
        answer: impl Fn(&CodeRepo<'_>) -> Result<T>,
    ) -> Result<T> {
        let mut refusals: Vec<anyhow::Error> = Vec::new();
        let sources = sources(self.mirrors, path)?;
        for source in &sources {
            let place = |mirror: &Mirror| source.place(mirror, path, query);
            let error = match &source.location {
                Err(error) => anyhow!("{error:#}"),
                Ok(location) => match self.ask(location, place, &answer) {
                    Ok(answer) => return Ok(answer),
                    Err(error) if is_interrupt(&error) => return Err(error),
                    Err(error) if names_mirror(&error) => error,
                    Err(error) => error.context(format!("mirror `{location}`")),
                },
            };
            refusals.push(error);
        }
        let explained = |(source, error)| self.explained(source, path, query, error);
        let mut refusals: Vec<_> = sources.iter().zip(refusals).map(explained).collect();
        match refusals.len() {
            0 => Err(NoMirror { path: path.clone() }.into()),
            1 => Err(refusals.remove(0)),
            _ => Err(AllRefused { refusals }.into()),
        }
    }
}

fn is_interrupt(error: &anyhow::Error) -> bool {
    error
        .chain()
        .any(|cause| cause.is::<mirror::Interrupted>() || cause.is::<modzip::Cancelled>())
}

/// Errors that tell which mirror was looked into.
fn names_mirror(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause
            .downcast_ref::<NotFound>()
            .is_some_and(|refusal| refusal.looked_under.is_none())
            || cause.is::<AmbiguousRoot>()
    })
}

/// Several mirrors were asked, and none could give what was wanted.
#[derive(Debug)]
pub struct AllRefused {
    /// What each mirror said, in the order in which they were asked.
    pub refusals: Vec<anyhow::Error>,
}

impl std::fmt::Display for AllRefused {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("no mirror could give it")?;
        for refusal in &self.refusals {
            write!(formatter, "\n{refusal:#}")?;
        }
        Ok(())
    }
}

impl std::error::Error for AllRefused {}

/// Nothing says where a module's repository is.
#[derive(Debug, thiserror::Error)]
#[error("no mirror is known for module {path}")]
pub struct NoMirror {
    /// The module path.
    pub path: ModulePath,
}
