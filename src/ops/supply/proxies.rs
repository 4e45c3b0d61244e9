//! A module behind module proxies that are asked one after the other.

use std::cell::{Cell, OnceCell};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use super::Next;
use super::provider::{Provider, Workshop};
use crate::cache::{Content, Zip};
use crate::checksum::{Part, dirhash};
use crate::disk::tree::TreeWriter;
use crate::module::{Info, ModulePath, ModuleVersion};
use crate::modzip::{Arriving, Control, Extracted};
use crate::ops::monitor::unreported;
use crate::ops::{Phase, Repositories};
use crate::proxy::{End, FallBack, ProxyList, ProxyModule, Reach, Received};
use crate::query::{self, Consulted, Listing, QueryContext, Resolved, Resolver};

/// A module behind a list of proxies.
pub(super) struct ModuleProxies<'a> {
    path: ModulePath,
    list: &'a ProxyList,
    modules: Vec<ProxyModule>,
    /// How far the last question came that had no answer.
    reach: Cell<Option<Reach>>,
}

impl<'a> ModuleProxies<'a> {
    /// Gets ready to ask; nothing is sent yet.
    ///
    /// # Errors
    /// A list without a proxy, as `off` is; a proxy whose URL has credentials without https.
    pub(super) fn new(
        list: &'a ProxyList,
        path: &ModulePath,
        repositories: &Repositories,
    ) -> Result<ModuleProxies<'a>> {
        if list.proxies.is_empty() {
            bail!("{path}: module lookup disabled by the list of proxies `{list}`");
        }
        let (client, proxies) = (repositories.client(), list.proxies.iter());
        let modules =
            proxies.map(|proxy| ProxyModule::new(proxy, path, client, repositories.interrupt()));
        Ok(ModuleProxies {
            path: path.clone(),
            list,
            modules: modules.collect::<Result<_>>()?,
            reach: Cell::new(None),
        })
    }

    /// Tells who is asked after an error.
    pub(super) fn next(&self, error: &anyhow::Error) -> Next {
        match (self.list.end, self.reach.get()) {
            (End::Off, _) | (_, Some(Reach::Stopped)) => Next::Nobody,
            (_, Some(Reach::Whole)) => Next::Source,
            // There was an answer, and it is of no use.
            (_, None) => next_after(self.list, error),
        }
    }

    fn first<T>(&self, mut ask: impl FnMut(&ProxyModule) -> Result<T>) -> Result<T> {
        let answer = self.list.first(|index, _| match self.modules.get(index) {
            Some(module) => ask(module),
            None => bail!("{}: there is no such proxy", self.path),
        });
        self.reach.set(answer.as_ref().err().map(|none| none.reach));
        Ok(answer?)
    }

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

impl Provider for ModuleProxies<'_> {
    fn path(&self) -> &ModulePath {
        &self.path
    }

    fn display(&self) -> String {
        format!("proxies `{}`", self.list)
    }

    fn resolve(&self, query: &str, context: &QueryContext) -> Result<Resolved> {
        self.resolving(|resolver| {
            let found = resolver.find(query, context)?;
            Ok(resolver.complete(found))
        })?
    }

    fn versions(&self) -> Result<Vec<String>> {
        self.first(|proxy| query::Repo::versions(proxy, ""))
            .map(|listing| listing.versions)
    }

    fn listed(&self, context: &QueryContext) -> Result<Vec<String>> {
        self.resolving(|resolver| resolver.listed(context))
    }

    fn newest_go_mod(&self) -> Result<Vec<u8>> {
        self.resolving(|resolver| resolver.newest_go_mod())
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
            name: module.to_string(),
            workshop,
        }))
    }
}

/// Tells who is asked after proxies whose answer is of no use: they are believed when they say anything but that
/// they have not what was asked for, unless a bar follows.
fn next_after(list: &ProxyList, error: &anyhow::Error) -> Next {
    let last = list.proxies.last();
    let falls_back = last.is_none_or(|last| last.fall_back == FallBack::AnyError);
    match falls_back || query::is_not_found(error) {
        true => Next::Source,
        false => Next::Nobody,
    }
}

/// One query is answered by one proxy, but a go.mod by any, as with go.
struct Asked<'a> {
    all: &'a ModuleProxies<'a>,
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
    proxies: &'s ModuleProxies<'s>,
    module: &'s ModuleVersion,
    name: String,
    workshop: Workshop<'s>,
}

/// Bytes of a zip that are worth the threads to take it apart while the rest is coming.
const WORTHWHILE: u64 = 1 << 20;

impl Download<'_> {
    fn report(&self, zip: &fs::File, received: Received) {
        self.workshop.monitor.report(Phase::Downloading {
            module: &self.name,
            zip,
            bytes: received.bytes,
            total: received.total,
        });
    }

    /// Takes a zip apart, and gives its sum.
    fn unpack(&self, extract: impl FnOnce(&Control<'_>) -> Result<Extracted>) -> Result<String> {
        let Workshop {
            monitor, threads, ..
        } = self.workshop;
        dirhash::hash1(unreported(monitor, threads, extract)?.sums)
    }
}

impl Content for Download<'_> {
    fn make(&self, zip: &mut fs::File, tree: Option<&TreeWriter>) -> Result<String> {
        let Download {
            proxies, module, ..
        } = self;
        let handle = || zip.try_clone().context("cannot read the temporary file");
        let shown = handle()?;
        let arriving = Arriving {
            file: handle()?,
            module,
            worthwhile: WORTHWHILE,
        };
        self.unpack(|control| {
            let arrived = arriving.receive(tree, control, |reach| {
                let mut heard = |received: Received| {
                    reach(received.bytes);
                    self.report(&shown, received);
                };
                proxies.first(|proxy| proxy.download(&module.version, zip, &mut heard))
            })?;
            let extracted = arrived.extract(tree, control);
            extracted
                .with_context(|| format!("{module}: the zip from {} is refused", proxies.display()))
        })
    }

    fn extract(&self, zip: &Path, tree: &TreeWriter) -> Result<()> {
        self.workshop.extract(zip, self.module, tree)
    }

    fn admit(&self, _: Zip, sum: &str) -> Result<()> {
        self.workshop.gate.check(self.module, Part::Zip, sum)
    }
}
