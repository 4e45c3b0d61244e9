//! The list of proxies, as GOPROXY holds it.

use std::fmt;
use std::str::FromStr;

use anyhow::{Context, Result, bail, ensure};
use url::Url;

use crate::query::{self, NotFound};
use crate::web::UserInfo;

/// Servers that are asked one after the other for a module.
///
/// Source of the rules: `proxyList` and `newProxyRepo` in `modfetch/proxy.go`, and the Go Modules Reference,
/// "GOPROXY protocol".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProxyList {
    /// The servers, in order.
    pub proxies: Vec<Proxy>,
    /// What comes after the last.
    pub end: End,
}

/// A server of the list. Its URL may have a password: it is shown without.
#[derive(Clone, PartialEq, Eq)]
pub struct Proxy {
    url: Url,
    /// What is sent in place of the user's own credentials.
    pub(super) token: Option<UserInfo>,
    /// When the next one is asked.
    pub fall_back: FallBack,
}

/// When the one after a server is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FallBack {
    /// A comma follows: only when this one says that it has not what was asked for (404, 410).
    NotFound,
    /// A bar follows: after any error.
    AnyError,
}

/// What comes after the last server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Nothing.
    Exhausted,
    /// The repositories of the modules (`direct`).
    Direct,
    /// A refusal (`off`).
    Off,
}

/// No server of a list has an answer.
#[derive(Debug)]
pub struct Unanswered {
    /// What tells most: the last error that is no [`NotFound`], if there is any.
    pub error: anyhow::Error,
    /// How far down the list one came.
    pub reach: Reach,
}

/// How much of a list was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// All of it: what stands at its end comes next.
    Whole,
    /// As far as a server that failed and is believed: nobody comes next.
    Stopped,
}

impl From<Unanswered> for anyhow::Error {
    fn from(unanswered: Unanswered) -> anyhow::Error {
        unanswered.error
    }
}

impl FromStr for ProxyList {
    type Err = anyhow::Error;

    /// Parses a list. What stands after `direct` or `off` does not count.
    fn from_str(list: &str) -> Result<ProxyList> {
        let mut proxies = Vec::new();
        for element in list.split_inclusive([',', '|']) {
            let fall_back = match element.ends_with('|') {
                true => FallBack::AnyError,
                false => FallBack::NotFound,
            };
            match element.trim_end_matches([',', '|']).trim() {
                "" => {}
                "off" => return Ok(ProxyList::new(proxies, End::Off)),
                "direct" => return Ok(ProxyList::new(proxies, End::Direct)),
                url => proxies.push(Proxy {
                    url: parse(url)?,
                    token: None,
                    fall_back,
                }),
            }
        }
        ensure!(!proxies.is_empty(), "the list of proxies has no entries");
        Ok(ProxyList::new(proxies, End::Exhausted))
    }
}

impl ProxyList {
    /// Tells whether there is nothing but one folder of this machine.
    pub fn is_one_folder(&self) -> bool {
        matches!(self.proxies.as_slice(), [only] if only.is_local()) && self.end == End::Exhausted
    }

    /// Asks one proxy after the other until one has an answer (`TryProxies` in `modfetch/proxy.go`).
    ///
    /// # Errors
    /// What the proxies say; [`NotFound`] when there is none to ask.
    pub fn first<T>(
        &self,
        mut ask: impl FnMut(usize, &Proxy) -> Result<T>,
    ) -> Result<T, Unanswered> {
        let mut telling = None;
        let mut reach = Reach::Whole;
        for (index, proxy) in self.proxies.iter().enumerate() {
            let error = match ask(index, proxy) {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            let is_not_found = query::is_not_found(&error);
            if !is_not_found || telling.as_ref().is_none_or(query::is_not_found) {
                telling = Some(error);
            }
            if !is_not_found && proxy.fall_back == FallBack::NotFound {
                reach = Reach::Stopped;
                break;
            }
        }
        let nobody = || NotFound::new(format!("the list `{self}` has no proxy")).into();
        Err(Unanswered {
            error: telling.unwrap_or_else(nobody),
            reach,
        })
    }

    /// Sends a token to the servers.
    pub fn with_token(mut self, token: &UserInfo) -> ProxyList {
        for proxy in &mut self.proxies {
            proxy.token = Some(token.clone());
        }
        self
    }

    fn new(proxies: Vec<Proxy>, end: End) -> ProxyList {
        ProxyList { proxies, end }
    }
}

impl From<Proxy> for ProxyList {
    fn from(proxy: Proxy) -> ProxyList {
        ProxyList::new(vec![proxy], End::Exhausted)
    }
}

/// As it is written, without passwords.
impl fmt::Display for ProxyList {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for proxy in &self.proxies {
            write!(formatter, "{separator}{proxy}")?;
            separator = match proxy.fall_back {
                FallBack::NotFound => ",",
                FallBack::AnyError => "|",
            };
        }
        match self.end {
            End::Exhausted => Ok(()),
            End::Direct => write!(formatter, "{separator}direct"),
            End::Off => write!(formatter, "{separator}off"),
        }
    }
}

impl Proxy {
    /// Takes the URL of a server after which no other is asked.
    ///
    /// # Errors
    /// A URL that is none of a proxy; the text shows no password.
    pub fn alone(url: &str) -> Result<Proxy> {
        Ok(Proxy {
            url: parse(url)?,
            token: None,
            fall_back: FallBack::NotFound,
        })
    }

    /// The URL, with the password if it has one: never to be shown.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Tells whether it is a folder of this machine.
    pub fn is_local(&self) -> bool {
        self.url.scheme() == "file"
    }
}

/// Without a password.
impl fmt::Display for Proxy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&redacted(&self.url))
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "`{self}`")
    }
}

/// Words are reserved; what has a dot, colon or slash and no scheme is a host.
fn parse(text: &str) -> Result<Url> {
    let is_host = text.contains(['.', ':', '/']) && !text.contains(":/") && !text.starts_with('/');
    let full = match is_host {
        true => format!("https://{text}"),
        false => text.to_owned(),
    };
    // The text of the parser's error has nothing of the URL, which may hold a secret.
    let url = match Url::parse(&full) {
        Err(url::ParseError::RelativeUrlWithoutBase) => bail!(
            "invalid proxy URL missing scheme: {}",
            full.rsplit('@').next().unwrap_or_default()
        ),
        parsed => parsed.context("invalid proxy URL")?,
    };
    match url.scheme() {
        "https" | "http" => Ok(url),
        "file" => {
            // As it is written: the parser drops `localhost` and makes relative paths absolute.
            let written = full.get("file:".len()..).unwrap_or_default();
            let is_path = written.starts_with('/')
                && (!written.starts_with("//") || written.starts_with("///"))
                && url.host().is_none()
                && url.query().is_none()
                && url.fragment().is_none();
            ensure!(
                is_path,
                "invalid file:// proxy URL with non-path elements: {}",
                redacted(&url)
            );
            Ok(url)
        }
        _ => bail!(
            "invalid proxy URL scheme (must be https, http, file): {}",
            redacted(&url)
        ),
    }
}

fn redacted(url: &Url) -> String {
    let mut shown = url.clone();
    // Of a URL that can have neither they change nothing.
    if shown.password().is_some() {
        let _ = shown.set_password(Some("***"));
    } else if !shown.username().is_empty() {
        // A name without a password often is a token.
        let _ = shown.set_username("***");
    }
    shown.as_str().trim_end_matches('/').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(list: &str) -> String {
        match list.parse::<ProxyList>() {
            Ok(list) => list.to_string(),
            Err(error) => format!("error: {error:#}"),
        }
    }

    #[test]
    fn lists_are_read_as_go_reads_them() {
        for (list, expected) in [
            ("https://a.example,direct", "https://a.example,direct"),
            (
                " https://a.example | b.example/x , ,off,c.example",
                "https://a.example|https://b.example/x,off",
            ),
            ("direct,https://a.example", "direct"),
            ("off", "off"),
            ("localhost:3000", "https://localhost:3000"),
            ("file:///mod/cache", "file:///mod/cache"),
            ("https://a.example|", "https://a.example"),
            (",|, ", "error: the list of proxies has no entries"),
            ("", "error: the list of proxies has no entries"),
            ("proxy", "error: invalid proxy URL missing scheme: proxy"),
            ("/mod", "error: invalid proxy URL missing scheme: /mod"),
            (
                "ftp://a.example",
                "error: invalid proxy URL scheme (must be https, http, file): ftp://a.example",
            ),
            (
                "file://host/mod",
                "error: invalid file:// proxy URL with non-path elements: file://host/mod",
            ),
            ("file:mod", "error: invalid proxy URL: invalid port number"),
            (
                "file://localhost/mod",
                "error: invalid file:// proxy URL with non-path elements: file:///mod",
            ),
            ("file:/mod", "file:///mod"),
        ] {
            assert_eq!(shown(list), expected, "{list}");
        }
    }

    #[test]
    fn passwords_are_not_shown() {
        assert_eq!(
            shown("https://me:secret@a.example/x"),
            "https://me:***@a.example/x"
        );
        assert_eq!(shown("https://token@a.example"), "https://***@a.example");
        assert!(
            !format!("{:?}", "https://me:secret@a.example".parse::<ProxyList>()).contains("secret")
        );
        assert!(!shown("me:secret@a.example:x").contains("secret"));
    }
}
