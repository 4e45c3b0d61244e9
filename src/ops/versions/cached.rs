//! A module as the cache has it, for version queries.

use anyhow::Result;

use crate::cache::{Cache, File};
use crate::module::{Info, ModulePath, ModuleVersion, Time, Version, pseudo};
use crate::query::{Listing, NotFound, Repo};

/// A module whose versions are those that have a `.mod` in the cache.
pub(super) struct CachedModule<'a> {
    cache: &'a Cache,
    path: &'a ModulePath,
    /// In order.
    versions: Vec<Version>,
}

impl<'a> CachedModule<'a> {
    /// # Errors
    /// A folder that cannot be read.
    pub(super) fn new(cache: &'a Cache, path: &'a ModulePath) -> Result<CachedModule<'a>> {
        let holdings = cache.holdings_of(path)?.into_iter();
        let holdings = holdings.filter(|holding| holding.has(File::Mod));
        Ok(CachedModule {
            cache,
            path,
            versions: holdings.map(|holding| holding.module.version).collect(),
        })
    }

    fn read(&self, version: &Version, file: File) -> Result<Option<Vec<u8>>> {
        let module = ModuleVersion {
            path: self.path.clone(),
            version: version.clone(),
        };
        self.cache.read(&module, file)
    }

    fn info(&self, version: &Version) -> Result<Info> {
        let known = self.read(version, File::Info)?;
        let known = known.and_then(|info| Info::parse(&info).ok());
        Ok(known.unwrap_or_else(|| Info {
            version: version.clone(),
            time: Time::from_unix(0),
            origin: None,
        }))
    }
}

impl Repo for CachedModule<'_> {
    fn path(&self) -> &ModulePath {
        self.path
    }

    fn versions(&self, prefix: &str) -> Result<Listing> {
        let listed =
            self.versions.iter().map(Version::as_str).filter(|version| {
                version.starts_with(prefix) && !pseudo::is_pseudo_version(version)
            });
        Ok(Listing {
            versions: listed.map(str::to_owned).collect(),
            origin: None,
        })
    }

    fn stat(&self, revision: &str) -> Result<Info> {
        let mut versions = self.versions.iter();
        match versions.find(|version| version.as_str() == revision) {
            Some(version) => self.info(version),
            None => Err(self.nothing(revision)),
        }
    }

    fn latest(&self) -> Result<Info> {
        let is_pseudo = |version: &&Version| pseudo::is_pseudo_version(version.as_str());
        match self.versions.iter().rfind(is_pseudo) {
            Some(version) => self.info(version),
            None => Err(self.nothing("latest")),
        }
    }

    fn go_mod(&self, version: &str) -> Result<Vec<u8>> {
        let go_mod = self.read(&Version::new(version)?, File::Mod)?;
        go_mod.ok_or_else(|| self.nothing(version))
    }
}

impl CachedModule<'_> {
    fn nothing(&self, version: &str) -> anyhow::Error {
        NotFound::new(format!("{}@{version}: not in the cache", self.path)).into()
    }
}
