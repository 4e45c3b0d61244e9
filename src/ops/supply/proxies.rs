//! A module behind module proxies that are asked one after the other.

use std::cell::OnceCell;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use super::provider::{Provider, Workshop};
use crate::cache::{Content, Zip};
use crate::checksum::{Part, dirhash};
use crate::disk::tree::TreeWriter;
use crate::module::{Info, ModulePath, ModuleVersion};
use crate::modzip::{self, Control, Extracted};
use crate::ops::Repositories;
use crate::proxy::{FallBack, ProxyList, ProxyModule};
use crate::query::{self, Consulted, Listing, QueryContext, Resolved, Resolver};

/// A module behind a list of proxies.
pub(super) struct ModuleProxies {
    path: ModulePath,
    display: String,
    proxies: Vec<(ProxyModule, FallBack)>,
}

impl ModuleProxies {
    /// Gets ready to ask; nothing is sent yet.
    ///
    /// # Errors
    /// A list without a proxy, as `off` is.
    pub(super) fn new(
        list: &ProxyList,
        path: &ModulePath,
        repositories: &Repositories,
    ) -> Result<ModuleProxies> {
        if list.proxies.is_empty() {
            bail!("{path}: module lookup disabled by the list of proxies `{list}`");
        }
        let proxies = list.proxies.iter().map(|proxy| {
            let module =
                ProxyModule::new(proxy, path, repositories.client(), repositories.interrupt())?;
            Ok((module, proxy.fall_back))
        });
        Ok(ModuleProxies {
            path: path.clone(),
            display: format!("proxies `{list}`"),
            proxies: proxies.collect::<Result<_>>()?,
        })
    }

    /// Asks one proxy after the other until one has an answer, and gives the error that tells most
    /// (`TryProxies` in `modfetch/proxy.go`).
    fn first<T>(&self, mut ask: impl FnMut(&ProxyModule) -> Result<T>) -> Result<T> {
        let mut worst = None;
        for (proxy, fall_back) in &self.proxies {
            let error = match ask(proxy) {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            let is_not_found = query::is_not_found(&error);
            if !is_not_found || worst.as_ref().is_none_or(query::is_not_found) {
                worst = Some(error);
            }
            if !is_not_found && *fall_back == FallBack::NotFound {
                break;
            }
        }
        match worst {
            Some(error) => Err(error),
            None => bail!("{}: there is no proxy to ask", self.path),
        }
    }
}

impl ModuleProxies {
    /// Asks one proxy after the other, each knowing what those before have told. Retractions are those of the
    /// newest version of the first proxy that has one, whichever answers (`CheckRetractions` in
    /// `modload/modfile.go`).
    fn resolving<T>(&self, ask: impl Fn(&Resolver<'_>) -> Result<T>) -> Result<T> {
        let consulted = Consulted::default();
        let all = self;
        let newest = OnceCell::new();
        let newest = || {
            let ask =
                |proxy: &ProxyModule| Resolver::knowing(&Asked { all, proxy }, &consulted).newest();
            newest.get_or_init(|| self.first(ask).ok()).clone()
        };
        self.first(|proxy| {
            let asked = Asked { all, proxy };
            ask(&Resolver::knowing(&asked, &consulted).with_newest(&newest))
        })
    }
}

impl Provider for ModuleProxies {
    fn path(&self) -> &ModulePath {
        &self.path
    }

    fn display(&self) -> String {
        self.display.clone()
    }

    fn resolve(&self, query: &str, context: &QueryContext) -> Result<Resolved> {
        self.resolving(|resolver| resolver.resolve(query, context))
    }

    fn versions(&self) -> Result<Vec<String>> {
        self.first(|proxy| query::Repo::versions(proxy, ""))
            .map(|listing| listing.versions)
    }

    fn listed(&self, context: &QueryContext) -> Result<Vec<String>> {
        self.resolving(|resolver| resolver.listed(context))
    }

    /// Each version is requests of its own in any case.
    fn prepare(&self, _: &[String]) -> Result<()> {
        Ok(())
    }

    fn content<'s>(
        &'s self,
        module: &'s ModuleVersion,
        workshop: Workshop<'s>,
    ) -> Result<Box<dyn Content + 's>> {
        Ok(Box::new(Download {
            proxies: self,
            module,
            workshop,
        }))
    }
}

/// One query is answered by one proxy, but a go.mod by any, as with go.
struct Asked<'a> {
    all: &'a ModuleProxies,
    proxy: &'a ProxyModule,
}

impl query::Repo for Asked<'_> {
    fn path(&self) -> &ModulePath {
        &self.all.path
    }

    fn versions(&self, prefix: &str) -> Result<Listing> {
        query::Repo::versions(self.proxy, prefix)
    }

    fn stat(&self, revision: &str) -> Result<Info> {
        self.proxy.stat(revision)
    }

    fn latest(&self) -> Result<Info> {
        self.proxy.latest()
    }

    fn go_mod(&self, version: &str) -> Result<Vec<u8>> {
        self.all.first(|proxy| proxy.go_mod(version))
    }
}

/// A zip that comes from a proxy, and is not believed before every entry has been read.
struct Download<'s> {
    proxies: &'s ModuleProxies,
    module: &'s ModuleVersion,
    workshop: Workshop<'s>,
}

impl Download<'_> {
    /// Takes a zip apart, and gives its sum.
    fn unpack(&self, extract: impl FnOnce(&Control<'_>) -> Result<Extracted>) -> Result<String> {
        let monitor = self.workshop.monitor;
        let cancelled = || monitor.interrupted();
        let control = Control {
            threads: self.workshop.threads,
            cancelled: &cancelled,
            progress: &|_| (),
        };
        dirhash::hash1(extract(&control)?.sums)
    }
}

impl Content for Download<'_> {
    fn make(&self, zip: &mut fs::File, tree: Option<&TreeWriter>) -> Result<String> {
        let Download {
            proxies, module, ..
        } = self;
        proxies.first(|proxy| proxy.download(&module.version, zip))?;
        let zip = zip.try_clone().context("cannot read the temporary file")?;
        self.unpack(|control| modzip::extract_file(zip, module, tree, control))
            .with_context(|| format!("{module}: the zip from {} is refused", proxies.display))
    }

    fn extract(&self, zip: &Path, tree: &TreeWriter) -> Result<()> {
        self.unpack(|control| modzip::extract(zip, self.module, Some(tree), control))
            .map(drop)
            .with_context(|| format!("{}: cannot extract the zip in the cache", self.module))
    }

    fn admit(&self, _: Zip, sum: &str) -> Result<()> {
        self.workshop.gate.check(self.module, Part::Zip, sum)
    }
}
