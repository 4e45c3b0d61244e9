//! The files of one module behind a proxy: their URLs, and getting them.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, anyhow, bail, ensure};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

use super::Proxy;
use super::refusal::{check_status, missing_file};
use crate::disk;
use crate::web::header::HeaderMap;
use crate::web::{Client, Get, Interrupt, Response, shown};

/// What stays as it is in a path; Go escapes everything else (`url.PathEscape`), and slashes separate here.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b'=')
    .remove(b':')
    .remove(b'@')
    .remove(b'/');

/// Where the files of one module are.
pub(super) struct Endpoint {
    place: Place,
    client: Client,
    interrupt: Arc<dyn Interrupt>,
}

enum Place {
    /// The folder of the module on a server; the URL may have a query.
    Server(Box<Get>),
    /// The folder of the module on this machine.
    Folder(PathBuf),
}

/// A file of the module, found.
pub(super) enum Found {
    Served(Box<Response>),
    Opened(File),
}

impl Endpoint {
    /// Takes a folder of a proxy: that of a module (`newProxyRepo`), or of a checksum database.
    pub(super) fn of(
        proxy: &Proxy,
        folder: &str,
        client: &Client,
        interrupt: Arc<dyn Interrupt>,
    ) -> Result<Endpoint> {
        let mut endpoint = Endpoint::at(proxy.url(), folder, client, interrupt)?;
        if let Place::Server(get) = &mut endpoint.place {
            get.token.clone_from(&proxy.token);
        }
        Ok(endpoint)
    }

    /// Takes a folder below a URL; it may be empty.
    pub(super) fn at(
        base: &Url,
        folder: &str,
        client: &Client,
        interrupt: Arc<dyn Interrupt>,
    ) -> Result<Endpoint> {
        let place = if base.scheme() == "file" {
            let path = base.to_file_path();
            let path = path.map_err(|()| anyhow!("{base} is no path on this machine"))?;
            Place::Folder(path.join(folder))
        } else {
            let mut get = Get::new(base.clone())?;
            ensure!(
                get.url.scheme() == "https" || get.user_info.is_none(),
                "refusing to pass credentials to insecure URL: {}",
                shown(base)
            );
            get.url.set_fragment(None);
            get.url = below(&get.url, folder);
            Place::Server(Box::new(get))
        };
        Ok(Endpoint {
            place,
            client: client.clone(),
            interrupt,
        })
    }

    /// Who is asked whether to go on.
    pub(super) fn interrupt(&self) -> &dyn Interrupt {
        &*self.interrupt
    }

    /// Gives a small file as a whole: what may pass is tried again.
    ///
    /// # Errors
    /// [`crate::query::NotFound`] where the proxy has it not; a file of more than `limit` bytes.
    pub(super) fn read(&self, file: &str, limit: u64) -> Result<Vec<u8>> {
        let name = self.name(file);
        self.retried(|| {
            let found = self.find(file, HeaderMap::new())?;
            let mut content = Vec::new();
            found
                .check(&name)?
                .take(limit + 1)
                .read_to_end(&mut content)
                .with_context(|| format!("reading {name}"))?;
            if content.len() as u64 > limit {
                bail!("reading {name}: it is larger than {limit} bytes");
            }
            Ok(content)
        })
    }

    /// Asks for a file once.
    ///
    /// # Errors
    /// A server that cannot be reached; [`crate::query::NotFound`] where there is no such file on this machine.
    pub(super) fn find(&self, file: &str, headers: HeaderMap) -> Result<Found> {
        match &self.place {
            Place::Server(get) => {
                let get = Get {
                    url: below(&get.url, file),
                    headers,
                    ..Get::clone(get)
                };
                let response = self.client.get(&get, &self.interrupt)?;
                Ok(Found::Served(Box::new(response)))
            }
            Place::Folder(folder) => {
                let path = folder.join(file);
                let opened = disk::open(&path).map_err(|error| missing(error, &path))?;
                Ok(Found::Opened(opened))
            }
        }
    }

    /// Runs an attempt, and again after failures that may pass.
    pub(super) fn retried<T>(&self, mut attempt: impl FnMut() -> Result<T>) -> Result<T> {
        match &self.place {
            Place::Server(get) => self.client.retried(&get.url, self.interrupt(), attempt),
            Place::Folder(_) => attempt(),
        }
    }

    /// Names a file for messages.
    pub(super) fn name(&self, file: &str) -> String {
        match &self.place {
            Place::Server(get) => shown(&below(&get.url, file)),
            Place::Folder(folder) => file_url(&folder.join(file)),
        }
    }
}

impl Found {
    /// Gives the content of a file that was found; `name` is its URL for messages.
    ///
    /// # Errors
    /// Any status but 200, told as go tells it; [`crate::query::NotFound`] for 404 and 410.
    pub(super) fn check(self, name: &str) -> Result<Box<dyn Read>> {
        match self {
            Found::Served(response) => Ok(Box::new(check_status(*response, name)?.body)),
            Found::Opened(file) => Ok(Box::new(file)),
        }
    }
}

/// Adds to the path of a URL, with one slash between elements (`path.Join`).
fn below(url: &Url, file: &str) -> Url {
    let elements = url.path().split('/').filter(|element| !element.is_empty());
    let mut path: String = elements.flat_map(|element| ["/", element]).collect();
    path.push('/');
    path.extend(utf8_percent_encode(file, ESCAPED));
    let mut url = url.clone();
    url.set_path(&path);
    url
}

fn file_url(path: &Path) -> String {
    match Url::from_file_path(path) {
        Ok(url) => url.into(),
        Err(()) => path.display().to_string(),
    }
}

fn missing(error: anyhow::Error, path: &Path) -> anyhow::Error {
    let kind = error
        .downcast_ref::<std::io::Error>()
        .map(|error| error.kind());
    match kind {
        Some(ErrorKind::NotFound) => missing_file(&file_url(path)),
        Some(ErrorKind::PermissionDenied) => {
            anyhow!("reading {}: permission denied", file_url(path))
        }
        _ => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_escaped_below_any_base() {
        let join = |base: &str, file: &str| below(&Url::parse(base).unwrap(), file).to_string();
        for (base, file, expected) in [
            ("https://h", "a.com/!x", "https://h/a.com/%21x"),
            ("https://h/", "@v/list", "https://h/@v/list"),
            ("https://h/p//q/", "@latest", "https://h/p/q/@latest"),
            ("https://h/a%2Fb", "x", "https://h/a%2Fb/x"),
            ("https://h/?k=v", "x", "https://h/x?k=v"),
            (
                "https://h",
                "@v/v1.0.0+incompatible.zip",
                "https://h/@v/v1.0.0+incompatible.zip",
            ),
            (
                "https://h",
                "@v/a b?#%,;.info",
                "https://h/@v/a%20b%3F%23%25%2C%3B.info",
            ),
        ] {
            assert_eq!(join(base, file), expected);
        }
    }
}
