//! What the command line gives: mirrors and proxies, in their order.

use std::fmt;
use std::str::FromStr;

use anyhow::{Result, bail, ensure};

use super::rule::MirrorRule;
use crate::proxy::ProxyList;
use crate::web::is_private;

/// A source on the command line.
#[derive(Clone, Debug)]
pub enum Given {
    /// `--mirror`
    Mirror(MirrorRule),
    /// `--proxy`
    Proxies(Proxies),
}

/// Module proxies that are asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proxies {
    /// Those of GOPROXY.
    Environment,
    /// These.
    List(ProxyList),
}

impl FromStr for Proxies {
    type Err = anyhow::Error;

    /// Parses a list as GOPROXY holds it, or `env`.
    fn from_str(text: &str) -> Result<Proxies> {
        match text.trim() {
            "env" => Ok(Proxies::Environment),
            "" => bail!("the list is empty: `env` is the one that go would use"),
            list => list.parse().map(Proxies::List),
        }
    }
}

impl Proxies {
    /// Tells whether a URL has a user name or password.
    pub(super) fn has_secrets(&self) -> bool {
        match self {
            Proxies::Environment => false,
            Proxies::List(list) => list.proxies.iter().any(|proxy| {
                let url = proxy.url();
                url.password().is_some() || !url.username().is_empty()
            }),
        }
    }

    /// Tells whether a token can be sent along.
    ///
    /// # Errors
    /// More than one server, or none that the list itself names: the token of one is no matter of the others.
    /// One that is not reached over https, or has a login in its URL.
    pub(super) fn check_token(&self) -> Result<()> {
        let only = match self {
            Proxies::List(list) => list.proxies.as_slice(),
            Proxies::Environment => &[],
        };
        let [only] = only else {
            bail!("a token is for one proxy: name it in `proxy`, and no other");
        };
        ensure!(
            is_private(only.url()),
            "`{only}` is not reached over https, and a token is only sent so"
        );
        ensure!(
            !self.has_secrets(),
            "`{only}` has a login in its URL: remove that, or `token_env`"
        );
        Ok(())
    }
}

/// As it is written, without passwords.
impl fmt::Display for Proxies {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Proxies::Environment => formatter.pad("env"),
            Proxies::List(list) => formatter.pad(&list.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As of an unset variable in `--proxy "$GOPROXY"`, which go takes for its default.
    #[test]
    fn an_empty_list_is_refused_with_the_word_for_that_of_go() {
        for text in ["", " "] {
            let error = text.parse::<Proxies>().unwrap_err().to_string();
            assert_eq!(
                error,
                "the list is empty: `env` is the one that go would use"
            );
        }
        assert_eq!("env".parse::<Proxies>().unwrap(), Proxies::Environment);
    }
}
