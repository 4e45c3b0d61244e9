//! A module behind one proxy.

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::fs::File;
use std::sync::Arc;

use anyhow::{Context, Result, anyhow, bail};

use super::Proxy;
use super::endpoint::Endpoint;
use super::zip::{self, Received, Target};
use crate::module::pseudo::{PseudoVersion, is_pseudo_version};
use crate::module::{
    Info, ModulePath, Time, Version, canonical_version, check_path_major, escape_version, semver,
};
use crate::modzip::MAX_ZIP_FILE;
use crate::query::{self, Listing, NotFound};
use crate::web::{Client, Interrupt};

/// The largest list of versions that is read; the longest that are known have some 100 KiB.
const MAX_LIST: u64 = 16 << 20;
/// The largest `.info` that is read.
const MAX_INFO: u64 = 1 << 20;
/// The largest go.mod that is read: 16 MiB (`codehost.MaxGoMod`).
const MAX_GO_MOD: u64 = 16 << 20;

/// A module behind a proxy. What has been read, but for zips, is remembered for the life of the value.
///
/// Source of the rules: `proxyRepo` in `cmd/go/internal/modfetch/proxy.go`.
pub struct ProxyModule {
    path: ModulePath,
    display: String,
    endpoint: Endpoint,
    list: OnceCell<Vec<String>>,
    /// Infos and go.mod files by name.
    files: RefCell<HashMap<String, Vec<u8>>>,
}

impl ProxyModule {
    /// Prepares for questions; nothing is asked yet.
    ///
    /// # Errors
    /// A proxy whose URL has credentials without https.
    pub fn new(
        proxy: &Proxy,
        path: &ModulePath,
        client: &Client,
        interrupt: Arc<dyn Interrupt>,
    ) -> Result<ProxyModule> {
        Ok(ProxyModule {
            path: path.clone(),
            display: proxy.to_string(),
            endpoint: Endpoint::of(proxy, &path.escaped(), client, interrupt)?,
            list: OnceCell::new(),
            files: RefCell::default(),
        })
    }

    /// The module path.
    pub fn path(&self) -> &ModulePath {
        &self.path
    }

    /// The proxy's URL, without credentials.
    pub fn display(&self) -> &str {
        &self.display
    }

    /// Downloads the zip of a version, whatever is in it, to a file, in place of what that has.
    ///
    /// A connection that breaks off is taken up where it broke, if the server can do that. `heard` is told how
    /// far a zip from a server has come; one on this machine is just copied.
    ///
    /// # Errors
    /// [`NotFound`] where the proxy has it not; a zip of more than 500 MiB. What the file has then is of no use.
    pub fn download(
        &self,
        version: &Version,
        file: &mut File,
        heard: &mut dyn FnMut(Received),
    ) -> Result<()> {
        let name = format!("@v/{}.zip", version.escaped()?);
        let target = Target {
            file,
            limit: MAX_ZIP_FILE,
            heard,
        };
        zip::download(&self.endpoint, &name, target).with_context(|| self.at(version.as_str()))
    }

    /// Names a version for messages.
    fn at(&self, version: &str) -> String {
        let path = &self.path;
        if version.is_empty() {
            return format!("module {path}");
        }
        if canonical_version(version) == version {
            return format!("{path}@{version}");
        }
        let noun = match is_pseudo_version(version) {
            true => "pseudo-version",
            false => "version",
        };
        format!("{path}@{version}: invalid {noun}")
    }

    /// Gives the lines of the list.
    fn list(&self) -> Result<&[String]> {
        if let Some(list) = self.list.get() {
            return Ok(list);
        }
        let content = self.endpoint.read("@v/list", MAX_LIST)?;
        let text = String::from_utf8_lossy(&content);
        if text.trim_start().starts_with('<') {
            bail!(
                "invalid response from proxy {:?}: the list of versions is a web page",
                self.display
            );
        }
        let list = text.split('\n').map(str::to_owned).collect();
        Ok(self.list.get_or_init(|| list))
    }

    fn read(&self, file: &str, limit: u64) -> Result<Vec<u8>> {
        if let Some(content) = self.files.borrow().get(file) {
            return Ok(content.clone());
        }
        let content = self.endpoint.read(file, limit)?;
        let mut files = self.files.borrow_mut();
        files.insert(file.to_owned(), content.clone());
        Ok(content)
    }

    fn info(&self, file: &str) -> Result<Info> {
        let content = self.read(file, MAX_INFO)?;
        Info::parse(&content)
            .with_context(|| format!("invalid response from proxy {:?}", self.display))
    }

    /// Tells whether this is a correct version for the path (`module.Check`), which only that version answers.
    fn could_be(&self, version: &str) -> bool {
        let (_, major) = self.path.split_major();
        canonical_version(version) == version && check_path_major(version, major).is_ok()
    }

    /// Finds the newest version of the list that is a pseudo-version or has a time beside it.
    fn latest_in_list(&self) -> Result<Info> {
        let mut best = (Time::default(), "");
        for line in self.list()? {
            let mut fields = line.split_whitespace();
            let Some(version) = fields.next().filter(|version| semver::is_valid(version)) else {
                continue;
            };
            let time = match fields.next() {
                Some(time) => Time::parse_rfc3339(time),
                None => pseudo_time(version),
            };
            if let Some(time) = time.filter(|time| best.0 < *time) {
                best = (time, version);
            }
        }
        match best.1 {
            "" => Err(NotFound::new("no commits").into()),
            version => query::Repo::stat(self, version),
        }
    }
}

impl query::Repo for ProxyModule {
    fn path(&self) -> &ModulePath {
        &self.path
    }

    /// Pseudo-versions are left out, and what is no version; what is no canonical one is not.
    fn versions(&self, prefix: &str) -> Result<Listing> {
        let list = self.list().with_context(|| self.at(""))?;
        let first = list
            .iter()
            .filter_map(|line| line.split_whitespace().next());
        let mut versions: Vec<String> = first
            .filter(|version| {
                semver::is_valid(version)
                    && version.starts_with(prefix)
                    && !is_pseudo_version(version)
            })
            .map(str::to_owned)
            .collect();
        semver::sort(&mut versions);
        Ok(Listing {
            versions,
            origin: None,
        })
    }

    fn stat(&self, revision: &str) -> Result<Info> {
        let at = || self.at(revision);
        let escaped = escape_version(revision)
            .map_err(|error| anyhow!("{}", error.reason()))
            .with_context(at)?;
        let info = self.info(&format!("@v/{escaped}.info")).with_context(at)?;
        if info.version.as_str() != revision && self.could_be(revision) {
            let found = &info.version;
            let lie =
                format!("proxy returned info for version {found} instead of requested version");
            return Err(anyhow!(lie)).with_context(at);
        }
        Ok(info)
    }

    fn latest(&self) -> Result<Info> {
        match self.info("@latest") {
            Err(error) if query::is_not_found(&error) => self.latest_in_list(),
            other => other,
        }
        .with_context(|| self.at(""))
    }

    /// The bytes are as the proxy has them, but for a web page, which no proxy means to send.
    fn go_mod(&self, version: &str) -> Result<Vec<u8>> {
        let at = || self.at(version);
        let version = Version::new(version).with_context(at)?;
        let file = format!("@v/{}.mod", version.escaped().with_context(at)?);
        let content = self.read(&file, MAX_GO_MOD).with_context(at)?;
        if content.trim_ascii_start().starts_with(b"<") {
            let lie = format!(
                "invalid response from proxy {:?}: the go.mod is a web page",
                self.display
            );
            return Err(anyhow!(lie)).with_context(at);
        }
        Ok(content)
    }
}

fn pseudo_time(version: &str) -> Option<Time> {
    let time = PseudoVersion::parse(version).ok()?.time().ok()?;
    Some(Time::from_unix(time))
}

#[cfg(test)]
mod tests;
