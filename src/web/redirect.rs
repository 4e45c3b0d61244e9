//! Where an answer sends us.

use anyhow::{Context, Result, ensure};
use reqwest::header::{HeaderMap, LOCATION};
use url::Url;

/// Where a redirect leads to, and what that means for secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redirect {
    /// Without user info: whoever writes the redirect must not choose the credentials.
    pub url: Url,
    /// Whether credentials for the old URL may be sent to the new one.
    pub host: Host,
    /// Whether the way there is as safe as the way here was.
    pub encryption: Encryption,
}

/// The host that a redirect leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Host {
    /// The same host on the same port, or on the usual port of the other scheme.
    Same,
    /// Any other.
    Other,
}

/// What a redirect does to encryption.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encryption {
    /// It is there, or was not there before.
    Kept,
    /// From https to http.
    Lost,
}

impl Redirect {
    /// Reads the redirect in the head of an answer from `from`.
    ///
    /// # Errors
    /// No `Location`, or one that is no http or https URL.
    pub fn read(from: &Url, headers: &HeaderMap) -> Result<Redirect> {
        let target = headers
            .get(LOCATION)
            .and_then(|target| target.to_str().ok())
            .with_context(|| format!("{from} redirects to nowhere"))?;
        Redirect::to(from, target)
    }

    /// Works out where `target`, as seen from `from`, is.
    ///
    /// # Errors
    /// As for [`Redirect::read`].
    pub fn to(from: &Url, target: &str) -> Result<Redirect> {
        let mut url = from
            .join(target)
            .with_context(|| format!("{from} redirects to something that is no URL"))?;
        ensure!(
            matches!(url.scheme(), "http" | "https"),
            "{from} redirects to a URL of scheme {}",
            url.scheme()
        );
        let _ = url.set_username("");
        let _ = url.set_password(None);
        let same_port = url.port_or_known_default() == from.port_or_known_default()
            || (url.port().is_none() && from.port().is_none());
        let host = match url.host() == from.host() && same_port {
            true => Host::Same,
            false => Host::Other,
        };
        let encryption = match (from.scheme(), url.scheme()) {
            ("https", "http") => Encryption::Lost,
            _ => Encryption::Kept,
        };
        Ok(Redirect {
            url,
            host,
            encryption,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_redirect_means_for_secrets_is_told_by_host_port_and_scheme() {
        let from = Url::parse("https://h.example/a/b").unwrap();
        let cases = [
            ("/c", "https://h.example/c", Host::Same, Encryption::Kept),
            (
                "c?d",
                "https://h.example/a/c?d",
                Host::Same,
                Encryption::Kept,
            ),
            (
                "//h.example:443/c",
                "https://h.example/c",
                Host::Same,
                Encryption::Kept,
            ),
            (
                "https://u:p@h.example/",
                "https://h.example/",
                Host::Same,
                Encryption::Kept,
            ),
            (
                "https://h.example:444/",
                "https://h.example:444/",
                Host::Other,
                Encryption::Kept,
            ),
            (
                "https://x.h.example/",
                "https://x.h.example/",
                Host::Other,
                Encryption::Kept,
            ),
            (
                "http://h.example/",
                "http://h.example/",
                Host::Same,
                Encryption::Lost,
            ),
            (
                "http://h.example:81/",
                "http://h.example:81/",
                Host::Other,
                Encryption::Lost,
            ),
        ];
        for (target, url, host, encryption) in cases {
            let url = Url::parse(url).unwrap();
            let expected = Redirect {
                url,
                host,
                encryption,
            };
            assert_eq!(Redirect::to(&from, target).unwrap(), expected, "{target}");
        }
        for target in ["file:///etc/passwd", "https://", "javascript:x"] {
            assert!(Redirect::to(&from, target).is_err(), "{target}");
        }
    }
}
