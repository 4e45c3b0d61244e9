//! Who we are, to whom.

mod answer;
mod goauth;
mod helpers;
mod netrc;
mod program;
mod user;

pub use user::{UserCredentials, is_private};

use anyhow::{Context, Result};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use percent_encoding::percent_decode_str;
use reqwest::StatusCode;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use url::Url;

/// Finds what a server wants to see before it answers.
pub trait Credentials: Send + Sync {
    /// Gives the header fields that go with a request to `url`, which has no user info; an empty map when
    /// there are none. `refusal` is the answer to the same request with what was given before.
    ///
    /// The values must be marked as sensitive. They are sent over https only, and to the host of `url` only.
    ///
    /// # Errors
    /// Credentials that are there and cannot be read; the text must not show them.
    fn for_url(&self, url: &Url, refusal: Option<&Refusal>) -> Result<HeaderMap>;

    /// Gives a login for a git server that asks for one, other than those that it has refused; `user` is the
    /// name that the URL has, if it has one.
    ///
    /// # Errors
    /// Credentials that are there and cannot be read; the text must not show them.
    fn login(
        &self,
        _url: &Url,
        _user: Option<&str>,
        _refused: &[UserInfo],
    ) -> Result<Option<UserInfo>> {
        Ok(None)
    }

    /// Hears what a server answered once it had seen what was given for this very URL.
    fn answered(&self, _url: &Url, _status: StatusCode) {}
}

/// The answer of a server that wants other credentials, or any.
#[derive(Debug, Clone)]
pub struct Refusal {
    /// 400 to 499.
    pub status: StatusCode,
    /// The head of the answer.
    pub headers: HeaderMap,
}

/// Knows no credentials: a URL may still have some in it.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoCredentials;

impl Credentials for NoCredentials {
    fn for_url(&self, _: &Url, _: Option<&Refusal>) -> Result<HeaderMap> {
        Ok(HeaderMap::new())
    }
}

/// The user name and password that a URL has, decoded.
#[derive(Clone, PartialEq, Eq)]
pub struct UserInfo {
    /// May be a token.
    pub user: String,
    /// May be empty.
    pub password: String,
}

impl UserInfo {
    /// Takes the user info out of a URL.
    ///
    /// # Errors
    /// User info that is no UTF-8 text once decoded.
    pub fn take(url: &mut Url) -> Result<Option<UserInfo>> {
        let password = url.password().unwrap_or_default();
        if url.username().is_empty() && password.is_empty() {
            return Ok(None);
        }
        let decode = |text: &str| {
            let text = percent_decode_str(text).decode_utf8();
            text.map(|text| text.into_owned())
                .context("the user name or password of the URL is no UTF-8 text once decoded")
        };
        let info = UserInfo {
            user: decode(url.username())?,
            password: decode(password)?,
        };
        // Fails for URLs without a host only, which have no user info either.
        let _ = url.set_username("");
        let _ = url.set_password(None);
        Ok(Some(info))
    }

    /// Gives the field for basic authentication.
    ///
    /// # Errors
    /// None in practice: base64 is a valid value.
    pub fn headers(&self) -> Result<HeaderMap> {
        let mut headers = HeaderMap::new();
        self.authorize(&mut headers)?;
        Ok(headers)
    }

    /// Adds the field for basic authentication, unless there is one for another kind already.
    ///
    /// # Errors
    /// None in practice: base64 is a valid value.
    pub fn authorize(&self, headers: &mut HeaderMap) -> Result<()> {
        if headers.contains_key(AUTHORIZATION) {
            return Ok(());
        }
        let pair = BASE64_STANDARD.encode(format!("{}:{}", self.user, self.password));
        let mut value = HeaderValue::try_from(format!("Basic {pair}"))
            .map_err(|_| anyhow::anyhow!("the user name cannot be sent"))?;
        value.set_sensitive(true);
        headers.insert(AUTHORIZATION, value);
        Ok(())
    }
}

impl std::fmt::Debug for UserInfo {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("UserInfo(***)")
    }
}
