//! Getting what a URL stands for, as go does it.

use std::sync::Arc;

use anyhow::{Result, bail};
use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use url::Url;

use super::answer::Response;
use super::client::{Client, Request, Security, shown};
use super::credentials::{Refusal, UserInfo};
use super::interrupt::Interrupt;
use super::redirect::{Encryption, Host, Redirect};

/// As many as go follows.
const MOST_REDIRECTS: usize = 10;

/// What is to be got, and who wants it.
#[derive(Debug, Clone)]
pub struct Get {
    /// An http or https URL without user info.
    pub url: Url,
    /// What the URL had there.
    pub user_info: Option<UserInfo>,
    /// What is sent in place of the user's own credentials, also over http: whoever sets it has seen to it that
    /// nobody on the way can read it.
    pub token: Option<UserInfo>,
    /// The header fields besides those that every request has.
    pub headers: HeaderMap,
    /// Whether the server must prove who it is.
    pub security: Security,
}

impl Get {
    /// Takes a URL, with user info or without.
    ///
    /// # Errors
    /// User info that is no UTF-8 text once decoded.
    pub fn new(mut url: Url) -> Result<Get> {
        let user_info = UserInfo::take(&mut url)?;
        Ok(Get {
            url,
            user_info,
            token: None,
            headers: HeaderMap::new(),
            security: Security::Checked,
        })
    }
}

impl Client {
    /// Gets a URL: follows up to 10 redirects, and asks for credentials again when the server refuses (4xx).
    /// Answers of any other status are given as they are.
    ///
    /// Credentials go to the host of the URL only, never after a redirect to another, the user's own only over https.
    /// Source of the rules: `cmd/go/internal/web/http.go`; unlike go, no subdomain of the host gets the credentials
    /// either.
    ///
    /// # Errors
    /// As for [`Client::send`]; too many redirects, one to no http URL, one from https to http unless
    /// security is [`Security::Unchecked`]; credentials that cannot be read.
    pub fn get(&self, get: &Get, interrupt: &Arc<dyn Interrupt>) -> Result<Response> {
        if let Some(token) = &get.token {
            return self.follow(get, token.headers()?, interrupt);
        }
        if get.url.scheme() != "https" {
            return self.follow(get, HeaderMap::new(), interrupt);
        }
        let known = self.credentials().for_url(&get.url, None)?;
        let response = self.follow(get, known.clone(), interrupt)?;
        if !response.status.is_client_error() {
            return Ok(response);
        }
        let refusal = Refusal {
            status: response.status,
            headers: response.headers.clone(),
        };
        let credentials = self.credentials().for_url(&get.url, Some(&refusal))?;
        // Unlike go, which asks a second time whatever it has.
        if credentials.is_empty() || credentials == known {
            return Ok(response);
        }
        let response = self.follow(get, credentials, interrupt)?;
        self.credentials().answered(&get.url, response.status);
        Ok(response)
    }

    fn follow(
        &self,
        get: &Get,
        mut secrets: HeaderMap,
        interrupt: &Arc<dyn Interrupt>,
    ) -> Result<Response> {
        if let Some(user_info) = &get.user_info {
            user_info.authorize(&mut secrets)?;
        }
        let mut url = get.url.clone();
        for _ in 0..=MOST_REDIRECTS {
            let mut headers = get.headers.clone();
            headers.extend(secrets.clone());
            let request = Request {
                headers,
                security: get.security,
                ..Request::get(url)
            };
            let response = self.send(request, interrupt)?;
            if !is_redirect(&response) {
                return Ok(response);
            }
            let redirect = Redirect::read(&response.url, &response.headers)?;
            let from_secure = get.security == Security::Checked && get.url.scheme() == "https";
            if from_secure && redirect.url.scheme() != "https" {
                bail!(
                    "redirected from secure URL {} to insecure URL {}",
                    shown(&response.url),
                    shown(&redirect.url)
                );
            }
            if redirect.host == Host::Other || redirect.encryption == Encryption::Lost {
                secrets.clear();
            }
            url = redirect.url;
        }
        bail!(
            "{} redirects more than {MOST_REDIRECTS} times",
            shown(&get.url)
        )
    }
}

/// Tells whether go would follow; an answer without a `Location` is one like others.
fn is_redirect(response: &Response) -> bool {
    let status = matches!(
        response.status,
        StatusCode::MOVED_PERMANENTLY
            | StatusCode::FOUND
            | StatusCode::SEE_OTHER
            | StatusCode::TEMPORARY_REDIRECT
            | StatusCode::PERMANENT_REDIRECT
    );
    status && response.headers.contains_key(reqwest::header::LOCATION)
}
