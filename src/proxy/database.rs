//! The way to a checksum database: through a proxy that offers it, or straight to it.

use std::sync::{Arc, OnceLock};

use anyhow::{Result, anyhow};

use super::endpoint::Endpoint;
use super::{Proxy, ProxyList};
use crate::checksum::sumdb::{Database, Remote};
use crate::query;
use crate::web::{Client, Interrupt};

/// The most that is read of an answer which means nothing but yes.
const MAX_SUPPORTED: u64 = 1 << 20;

/// The servers that can have a checksum database. Which one it is turns out when the first file is asked for.
///
/// Where GOSUMDB has a URL, that is asked and nothing else. Else the proxies are asked, in the order and by the
/// rules of the list, whether they support it (`/sumdb/<name>/supported`), and when none does, the host that
/// the name of the database is. Source of the rules: `initBase` in `modfetch/sumdb.go`.
pub struct DatabaseServers {
    name: String,
    own: Proxy,
    proxies: Option<ProxyList>,
    client: Client,
    interrupt: Arc<dyn Interrupt>,
    chosen: OnceLock<Result<Endpoint, Arc<anyhow::Error>>>,
}

impl DatabaseServers {
    /// Gets ready; nothing is asked yet.
    ///
    /// # Errors
    /// A URL in GOSUMDB that is neither http, https nor file.
    pub fn new(
        database: &Database,
        proxies: ProxyList,
        client: Client,
        interrupt: Arc<dyn Interrupt>,
    ) -> Result<DatabaseServers> {
        let (own, proxies) = match &database.url {
            Some(url) => (url.clone(), None),
            None => (database.direct()?, Some(proxies)),
        };
        Ok(DatabaseServers {
            name: database.key.name().to_owned(),
            own: Proxy::new(own)?,
            proxies,
            client,
            interrupt,
            chosen: OnceLock::new(),
        })
    }

    fn chosen(&self) -> Result<&Endpoint> {
        let chosen = self.chosen.get_or_init(|| self.choose().map_err(Arc::new));
        chosen.as_ref().map_err(|error| anyhow!("{error:#}"))
    }

    fn choose(&self) -> Result<Endpoint> {
        let endpoint = |proxy: &Proxy, folder: &str| {
            let interrupt = Arc::clone(&self.interrupt);
            Endpoint::new(proxy, folder, &self.client, interrupt)
        };
        let Some(proxies) = &self.proxies else {
            return endpoint(&self.own, "");
        };
        let through = proxies.first(|_, proxy| {
            let endpoint = endpoint(proxy, &format!("sumdb/{}", self.name))?;
            endpoint.read("supported", MAX_SUPPORTED)?;
            Ok(endpoint)
        });
        match through {
            Err(error) if query::is_not_found(&error) => endpoint(&self.own, ""),
            through => through,
        }
    }
}

impl Remote for DatabaseServers {
    fn read(&self, path: &str, limit: u64) -> Result<Option<Vec<u8>>> {
        match self.chosen()?.read(path, limit) {
            Ok(content) => Ok(Some(content)),
            Err(error) if query::is_not_found(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }
}
