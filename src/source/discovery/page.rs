//! The page that a module's host shows to the go command.

use std::sync::Arc;

use anyhow::{Context, Result, anyhow, ensure};
use url::Url;

use super::imports::{MetaImport, read_imports};
use super::shown;
use crate::web::{
    Client, Get, Interrupt, Interrupted, Response, Security, StatusCode, Transient, retry_after,
};

/// What a host answers to `?go-get=1`.
#[derive(Debug)]
pub(super) struct Page {
    /// What was asked for, redirects left aside.
    pub(super) url: Url,
    /// What its head says; may be nothing.
    pub(super) imports: Vec<MetaImport>,
}

impl Page {
    /// Asks the host of a path about it, by https, and if security does not matter and there is no answer, by
    /// http. A tag counts whatever the status is.
    ///
    /// Rules: `urlForImportPath` in `cmd/go/internal/vcs/vcs.go` and `get` in `cmd/go/internal/web/http.go`.
    ///
    /// # Errors
    /// No host in the path; a server that cannot be reached, answers with an error, or sends what is no page.
    pub(super) fn get(
        path: &str,
        security: Security,
        client: &Client,
        interrupt: &Arc<dyn Interrupt>,
    ) -> Result<Page> {
        let https = page_url("https", path)?;
        let http = page_url("http", path)?;
        let ask = |url: &Url| {
            let get = Get {
                security,
                ..Get::new(url.clone())?
            };
            client.get(&get, interrupt)
        };
        client.retried(&https, &**interrupt, || {
            let (url, answer) = match ask(&https) {
                Err(error) if security == Security::Unchecked && !error.is::<Interrupted>() => {
                    (&http, ask(&http))
                }
                answer => (&https, answer),
            };
            Page::read(url, answer?)
        })
    }

    fn read(url: &Url, response: Response) -> Result<Page> {
        let imports = read_imports(response.body);
        let has_tag = imports.as_ref().is_ok_and(|imports| !imports.is_empty());
        if !has_tag && response.status != StatusCode::OK {
            return Err(failure(
                url,
                response.status,
                retry_after(&response.headers),
            ));
        }
        Ok(Page {
            imports: imports.with_context(|| format!("cannot parse {url}"))?,
            url: url.clone(),
        })
    }
}

fn failure(
    url: &Url,
    status: StatusCode,
    retry_after: Option<std::time::Duration>,
) -> anyhow::Error {
    let message = format!("reading {url}: {status}");
    match matches!(status.as_u16(), 408 | 429 | 502 | 503 | 504) {
        true => Transient {
            message,
            retry_after,
        }
        .into(),
        false => anyhow!(message),
    }
}

/// Makes the URL of the page about a path.
fn page_url(scheme: &str, path: &str) -> Result<Url> {
    let (host, rest) = path.split_at(path.find('/').unwrap_or(path.len()));
    let rest = if rest.is_empty() { "/" } else { rest };
    ensure!(
        host.contains('.'),
        "import path {} does not begin with a host name",
        shown(path)
    );
    let url = Url::parse(&format!("{scheme}://{host}{rest}?go-get=1"));
    // `1.2.3` and `0x7f.1` are names to go, but addresses to browsers and to the parser.
    url.ok()
        .filter(|url| url.host_str() == Some(host) && url.path() == rest)
        .with_context(|| {
            format!(
                "import path {} does not begin with a host name",
                shown(path)
            )
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_asked_for_at_its_host() {
        for (path, url) in [
            ("example.com", "https://example.com/?go-get=1"),
            ("example.com/", "https://example.com/?go-get=1"),
            (
                "example.com/a/B.v2~x_y",
                "https://example.com/a/B.v2~x_y?go-get=1",
            ),
            ("127.0.0.1/x", "https://127.0.0.1/x?go-get=1"),
        ] {
            assert_eq!(page_url("https", path).unwrap().as_str(), url, "{path}");
        }
        for path in [
            "example/x",
            "",
            "1.2.3/x",
            "0x7f.1/x",
            "017.0.0.1/x",
            "a..%/x",
        ] {
            assert!(page_url("https", path).is_err(), "{path}");
        }
    }
}
