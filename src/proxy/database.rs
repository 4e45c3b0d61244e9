//! The way to a checksum database: through a module proxy, or straight to it.

use std::sync::{Arc, OnceLock};

use anyhow::{Error, Result};
use url::Url;

use super::endpoint::Endpoint;
use super::{End, ProxyList, Reach, Unanswered};
use crate::checksum::sumdb::{Database, Remote, Shared};
use crate::query::is_not_found;
use crate::web::{Client, Interrupt};

/// The longest answer to the question whether a proxy gives a database on, in bytes. Nobody reads it.
const MAX_SUPPORTED: u64 = 1 << 20;

/// A checksum database on the network or in a folder.
///
/// The first of the proxies that gives the database on is asked for everything, and the database itself never
/// (`/sumdb/<name>/supported`). Only when no proxy does, which they say by 404 or 410, is the database asked
/// directly; with GOPROXY=off, too. A database with a URL of its own is asked there. Which way it is is found
/// out once, with the first question. Source of the rules: `initBase` in `modfetch/sumdb.go`.
pub struct DatabaseRemote {
    database: Database,
    proxies: ProxyList,
    client: Client,
    interrupt: Arc<dyn Interrupt>,
    endpoint: OnceLock<Result<Endpoint, Shared>>,
}

impl DatabaseRemote {
    /// Asks nobody yet.
    pub fn new(
        database: Database,
        proxies: ProxyList,
        client: Client,
        interrupt: Arc<dyn Interrupt>,
    ) -> DatabaseRemote {
        DatabaseRemote {
            database,
            proxies,
            client,
            interrupt,
            endpoint: OnceLock::new(),
        }
    }

    fn endpoint(&self) -> Result<&Endpoint> {
        let found = self.endpoint.get_or_init(|| {
            let name = self.database.key.name();
            let what = || format!("cannot reach checksum database {name}");
            self.find().map_err(|cause| Shared::new(what(), cause))
        });
        found.as_ref().map_err(|error| Error::from(error.clone()))
    }

    /// An error that was passed over counts in the end, unless the list says `direct`.
    fn find(&self) -> Result<Endpoint> {
        if let Some(url) = &self.database.url {
            return self.at(url);
        }
        let folder = format!("sumdb/{}", self.database.key.name());
        let found = self.proxies.first(|_, proxy| {
            let interrupt = Arc::clone(&self.interrupt);
            let endpoint = Endpoint::of(proxy, &folder, &self.client, interrupt)?;
            endpoint.read("supported", MAX_SUPPORTED)?;
            Ok(endpoint)
        });
        let is_direct = |reach| reach == Reach::Whole && self.proxies.end == End::Direct;
        match found {
            Err(Unanswered { error, reach }) if is_direct(reach) || is_not_found(&error) => {
                self.at(&self.database.direct()?)
            }
            found => Ok(found?),
        }
    }

    fn at(&self, url: &Url) -> Result<Endpoint> {
        Endpoint::at(url, "", &self.client, Arc::clone(&self.interrupt))
    }
}

impl Remote for DatabaseRemote {
    fn read(&self, path: &str, limit: u64) -> Result<Option<Vec<u8>>> {
        match self.endpoint()?.read(path, limit) {
            Err(error) if is_not_found(&error) => Ok(None),
            answer => answer.map(Some),
        }
    }
}
