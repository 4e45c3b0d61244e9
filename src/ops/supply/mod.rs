//! What every verb that fills the cache needs: ask the sources for a module, publish one version.

mod making;
mod provider;
mod proxies;
mod refusal;
mod replace;
mod repository;

use std::num::NonZeroUsize;

use anyhow::{Context, Result, anyhow, bail};

use self::provider::Workshop;
use self::proxies::ModuleProxies;
use super::diagnosis::Diagnosis;
use super::gate::Gate;
use super::{Monitor, Phase, Repositories};
use crate::cache::{self, Cache, Extraction, Parts, Published};
use crate::checksum::{Mismatch, Part, dirhash};
use crate::coderepo::{AmbiguousRoot, BlobKey, CodeRepo, Place};
use crate::goenv::FolderMode;
use crate::module::{ModulePath, ModuleVersion, Origin, Version};
use crate::modzip::{self, Pool};
use crate::proxy::ProxyList;
use crate::query::{NotFound, QueryContext, Resolved};
use crate::source::{Found, Mirrors, RepositorySource, Source, sources};
use crate::web::Interrupted;

pub(super) use provider::Provider;
pub use refusal::{AllRefused, NoMirror};
pub(super) use replace::Renewal;

/// Sources on one side, the cache on the other, and the sums between them.
pub(super) struct Supply<'a> {
    pub(super) mirrors: &'a Mirrors,
    pub(super) repositories: &'a Repositories,
    pub(super) gate: Gate<'a>,
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
            bail!(Interrupted);
        }
        Ok(())
    }

    /// Resolves a query and makes the version complete: metadata, zip, folder.
    pub(super) fn publish(
        &self,
        module: &dyn Provider,
        query: &str,
        context: &QueryContext,
        threads: NonZeroUsize,
    ) -> Result<Supplied> {
        let mut resolved = module.resolve(query, context)?;
        let version = ModuleVersion {
            path: module.path().clone(),
            version: resolved.version.clone(),
        };
        let Parts { info, go_mod } = self.admitted(&resolved, &version)?;
        let workshop = Workshop {
            gate: &self.gate,
            monitor: self.monitor,
            pool: &self.pool,
            threads,
        };
        let content = module.content(&version, workshop)?;
        let published = self.cache.publish(
            &version,
            Parts { info, go_mod },
            cache::Making {
                folder_mode: self.folder_mode,
                extraction: self.extraction,
                content: &*content,
            },
        )?;
        let go_mod = go_mod.to_vec();
        self.write_consulted(module, &resolved, Some(&version.version))?;
        let name = version.to_string();
        self.monitor.report(Phase::Done { module: &name });
        drop(content);
        Ok(Supplied {
            sum: self.cache.zip_sum(&version)?,
            go_mod,
            origin: resolved.origin.take(),
            published,
            module: version,
        })
    }

    /// Resolves a version in full and gives its go.mod, once no recorded sum speaks against it.
    pub(super) fn read_version(&self, module: &dyn Provider, version: &Version) -> Result<Vec<u8>> {
        self.resolve_version(module, version)
            .map(|(_, go_mod)| go_mod)
    }

    /// Does the same and writes its metadata.
    pub(super) fn write_version(
        &self,
        module: &dyn Provider,
        version: &Version,
    ) -> Result<Vec<u8>> {
        let (resolved, go_mod) = self.resolve_version(module, version)?;
        self.write_consulted(module, &resolved, Some(version))?;
        Ok(go_mod)
    }

    /// Resolves a version in full, which must exist as such.
    fn resolve_version(
        &self,
        module: &dyn Provider,
        version: &Version,
    ) -> Result<(Resolved, Vec<u8>)> {
        let resolved = module.resolve(version.as_str(), &QueryContext::default())?;
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

    /// Gives the metadata of the version itself, once no recorded sum speaks against its go.mod.
    fn admitted<'r>(&self, resolved: &'r Resolved, module: &ModuleVersion) -> Result<Parts<'r>> {
        let metadata = resolved.metadata.get(&resolved.version);
        let (Some(info), Some(go_mod)) = (
            metadata.and_then(|metadata| metadata.info.as_ref()),
            metadata.and_then(|metadata| metadata.go_mod.as_ref()),
        ) else {
            bail!("{module}: resolved without metadata");
        };
        let sum = dirhash::go_mod_sum(go_mod);
        self.gate.check(module, Part::GoMod, &sum)?;
        Ok(Parts {
            info: Some(info),
            go_mod,
        })
    }

    /// Writes what go writes of the versions that it looks at on the way to an answer, where no recorded sum
    /// speaks against it; `admitted` is one of which that is known.
    pub(super) fn write_consulted(
        &self,
        module: &dyn Provider,
        resolved: &Resolved,
        admitted: Option<&Version>,
    ) -> Result<()> {
        for (version, metadata) in &resolved.metadata {
            let is_admitted = admitted == Some(version);
            let version = ModuleVersion {
                path: module.path().clone(),
                version: version.clone(),
            };
            if let Some(go_mod) = metadata.go_mod.as_ref().filter(|_| !is_admitted) {
                let sum = dirhash::go_mod_sum(go_mod);
                self.gate.check(&version, Part::GoMod, &sum)?;
            }
            self.cache.write_metadata(
                &version,
                metadata.info.as_ref(),
                metadata.go_mod.as_deref(),
            )?;
        }
        Ok(())
    }

    /// Asks one source after the other until one has an answer. Content that differs from a recorded sum is
    /// no answer, but another source may have the recorded one.
    pub(super) fn with_sources<T>(
        &self,
        path: &ModulePath,
        query: &str,
        answer: impl Fn(&dyn Provider) -> Result<T>,
    ) -> Result<T> {
        let mut refusals: Vec<anyhow::Error> = Vec::new();
        let sources = sources(self.mirrors, path)?;
        for source in &sources {
            let (error, next) = match self.ask(source, path, query, &answer) {
                Ok(answer) => return Ok(answer),
                Err((error, _)) if is_interrupt(&error) => return Err(error),
                Err(refusal) => refusal,
            };
            refusals.push(error);
            if next == Next::Nobody {
                break;
            }
        }
        let explained = |(source, error)| self.explained(source, path, query, error);
        let mut refusals: Vec<_> = sources.iter().zip(refusals).map(explained).collect();
        match refusals.len() {
            0 => Err(NoMirror { path: path.clone() }.into()),
            1 => Err(refusals.remove(0)),
            _ => Err(AllRefused { refusals }.into()),
        }
    }

    /// Tells whether looking for a module would tell a module proxy or the checksum database a part of a private
    /// name.
    pub(super) fn gives_away(&self, path: &ModulePath, name: &str) -> bool {
        let is_proxy = |source: &Source| matches!(source, Source::Proxies(_)) && !source.is_local();
        let asks_proxies =
            || sources(self.mirrors, path).is_ok_and(|sources| sources.iter().any(is_proxy));
        (self.mirrors.is_private(name) && asks_proxies()) || self.gate.gives_away(path, name)
    }

    fn ask<T>(
        &self,
        source: &Source,
        path: &ModulePath,
        query: &str,
        answer: impl Fn(&dyn Provider) -> Result<T>,
    ) -> Result<T, (anyhow::Error, Next)> {
        let answered = match source {
            Source::Repository(source) => self.ask_repository(source, path, query, answer),
            Source::Proxies(list) => return self.ask_proxies(list, path, answer),
            Source::Host => self.ask_host(path, answer),
        };
        answered.map_err(|error| (error, Next::Source))
    }

    fn ask_proxies<T>(
        &self,
        list: &ProxyList,
        path: &ModulePath,
        answer: impl Fn(&dyn Provider) -> Result<T>,
    ) -> Result<T, (anyhow::Error, Next)> {
        let proxies = ModuleProxies::new(list, path, self.repositories)
            .map_err(|error| (error, Next::Nobody))?;
        answer(&proxies).map_err(|error| {
            let next = proxies.next(&error);
            // Most errors name the server; a sum is that of whatever the servers gave.
            match error.is::<Mismatch>() {
                true => (error.context(proxies.display()), next),
                false => (error, next),
            }
        })
    }

    /// Asks where the host of the path says.
    fn ask_host<T>(
        &self,
        path: &ModulePath,
        answer: impl Fn(&dyn Provider) -> Result<T>,
    ) -> Result<T> {
        let security = self.mirrors.security(path);
        let discovered = self.repositories.discoverer().discover(path, security)?;
        match discovered.found {
            Found::Git(location) => {
                let mirror = self.repositories.open(&location)?;
                let place = Place::new(path, &discovered.root, &discovered.subdirectory)?;
                answer(&CodeRepo::new(&mirror, place))
                    .with_context(|| format!("mirror `{location}`, named by the host of the path"))
            }
            Found::Proxy(proxy) => {
                let list = ProxyList::from(proxy);
                answer(&ModuleProxies::new(&list, path, self.repositories)?)
            }
        }
    }

    fn ask_repository<T>(
        &self,
        source: &RepositorySource,
        path: &ModulePath,
        query: &str,
        answer: impl Fn(&dyn Provider) -> Result<T>,
    ) -> Result<T> {
        let location = match &source.location {
            Ok(location) => location,
            Err(error) => return Err(anyhow!("{error:#}")),
        };
        let asked = || {
            let mirror = self.repositories.open(location)?;
            let place = source.place(&mirror, path, query)?;
            answer(&CodeRepo::new(&mirror, place))
        };
        asked().map_err(|error| {
            if is_interrupt(&error) || names_mirror(&error) {
                return error;
            }
            error.context(format!("mirror `{location}`"))
        })
    }

    /// Looks for the reason of a mismatch, once it is certain that no other mirror has what was recorded.
    fn explained(
        &self,
        source: &Source,
        path: &ModulePath,
        query: &str,
        error: anyhow::Error,
    ) -> anyhow::Error {
        let Source::Repository(source) = source else {
            return error;
        };
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
            sums: self.gate.sums(),
            monitor: self.monitor,
            threads: self.threads,
        };
        diagnosis.explain(error)
    }
}

/// Who is asked after a source that has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    /// The next source.
    Source,
    /// Nobody.
    Nobody,
}

fn is_interrupt(error: &anyhow::Error) -> bool {
    error
        .chain()
        .any(|cause| cause.is::<Interrupted>() || cause.is::<modzip::Cancelled>())
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
