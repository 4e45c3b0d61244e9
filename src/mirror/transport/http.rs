//! Smart HTTP (gitprotocol-http in git's documentation).

use std::io::Read;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result, bail, ensure};
use url::Url;

use super::{Exchange, Kind};
use crate::mirror::open::Progress;
use crate::mirror::protocol::AGENT;
use crate::web::header::{
    ACCEPT, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, PRAGMA, USER_AGENT,
};
use crate::web::{
    Body, Client, Encryption, Host, Interrupt, Redirect, Request, Response, StatusCode, Transient,
    UserInfo, retry_after,
};

/// How many logins a server may refuse.
const MOST_LOGINS: usize = 4;
/// As many as git follows.
const MOST_REDIRECTS: usize = 20;
const ADVERTISEMENT: &str = "application/x-git-upload-pack-advertisement";
const REQUEST: &str = "application/x-git-upload-pack-request";
const RESULT: &str = "application/x-git-upload-pack-result";
const SERVICE: &str = "/info/refs?service=git-upload-pack";
const PROTOCOL: HeaderName = HeaderName::from_static("git-protocol");

/// A repository behind HTTP.
pub(super) struct HttpServer {
    client: Client,
    interrupt: Arc<dyn Interrupt>,
    /// Without user info.
    given: Url,
    /// What the URL had.
    own: Option<UserInfo>,
    base: Mutex<Base>,
}

/// Where requests go: the URL that was given, or the one that redirects led to.
#[derive(Clone)]
struct Base {
    /// Without user info and without a slash at its end.
    url: Url,
    /// None any more after a redirect to another host.
    user_info: Option<UserInfo>,
}

struct HttpExchange<'a> {
    server: &'a HttpServer,
    answer: Option<Body>,
}

impl HttpServer {
    /// Prepares for requests; the URL has no user info and no slash at its end.
    pub(super) fn new(
        url: &str,
        user_info: Option<UserInfo>,
        client: &Client,
        progress: Arc<dyn Progress>,
    ) -> Result<HttpServer> {
        let url = Url::parse(url)?;
        Ok(HttpServer {
            client: client.clone(),
            interrupt: progress,
            given: url.clone(),
            own: user_info.clone(),
            base: Mutex::new(Base { url, user_info }),
        })
    }

    /// Starts a conversation.
    pub(super) fn exchange(&self) -> Box<dyn Exchange + '_> {
        Box::new(HttpExchange {
            server: self,
            answer: None,
        })
    }

    /// The URL before redirects.
    pub(super) fn given(&self) -> &Url {
        &self.given
    }

    fn base(&self) -> Base {
        self.base
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Asks for the advertisement, follows redirects and remembers where they led.
    fn advertisement(&self) -> Result<Body> {
        let mut base = self.base();
        for _ in 0..=MOST_REDIRECTS {
            let response = self.ask(&mut base, |base| {
                let mut request = Request::get(base.at(SERVICE)?);
                let no_cache = HeaderValue::from_static("no-cache");
                request.headers.insert(PRAGMA, no_cache);
                Ok(request)
            })?;
            if response.status.is_redirection() {
                base = follow(&base, &Redirect::read(&response.url, &response.headers)?)?;
                continue;
            }
            check_status(&response, &base)?;
            let body = check_type(response, ADVERTISEMENT)?;
            self.remember(base);
            return Ok(body);
        }
        bail!("{} redirects without end", self.base().url)
    }

    /// Sends a request, and again with a login where the server wants one, which can be in the middle of a
    /// conversation: some let everybody see the references.
    fn ask(&self, base: &mut Base, request: impl Fn(&Base) -> Result<Request>) -> Result<Response> {
        let mut refused = Vec::new();
        loop {
            let response = self.send(request(base)?, base)?;
            if base.user_info.is_some() {
                let credentials = self.client.credentials();
                credentials.answered(&base.url, response.status);
            }
            let wants_login = response.status == StatusCode::UNAUTHORIZED;
            if !wants_login || !self.log_in(base, &mut refused)? {
                return Ok(response);
            }
        }
    }

    fn remember(&self, base: Base) {
        *self.base.lock().unwrap_or_else(PoisonError::into_inner) = base;
    }

    /// Looks for a login that the server has not refused, when it asks for one. What a URL says in full is not
    /// second-guessed; a user name alone wants a password.
    fn log_in(&self, base: &mut Base, refused: &mut Vec<UserInfo>) -> Result<bool> {
        let own = self.own.as_ref();
        if own.is_some_and(|own| !own.password.is_empty() && base.user_info.as_ref() == Some(own)) {
            return Ok(false);
        }
        refused.extend(base.user_info.clone());
        if refused.len() >= MOST_LOGINS {
            return Ok(false);
        }
        let user = own.filter(|own| refused.contains(own));
        let user = user.map(|own| own.user.as_str());
        let login = self.client.credentials().login(&base.url, user, refused)?;
        let found = login.is_some();
        base.user_info = login.or(base.user_info.take());
        Ok(found)
    }

    fn post(&self, body: &[u8]) -> Result<Body> {
        let mut base = self.base();
        let response = self.ask(&mut base, |base| {
            let mut request = Request::post(base.at("/git-upload-pack")?, body.to_vec());
            let headers = &mut request.headers;
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(REQUEST));
            headers.insert(ACCEPT, HeaderValue::from_static(RESULT));
            Ok(request)
        })?;
        ensure!(
            !response.status.is_redirection(),
            "{} redirects in the middle of a conversation",
            base.url
        );
        check_status(&response, &base)?;
        self.remember(base);
        check_type(response, RESULT)
    }

    fn send(&self, mut request: Request, base: &Base) -> Result<Response> {
        let headers = &mut request.headers;
        headers.insert(USER_AGENT, HeaderValue::from_static(AGENT));
        headers.insert(PROTOCOL, HeaderValue::from_static("version=2"));
        if let Some(user_info) = &base.user_info {
            user_info.authorize(headers)?;
        }
        self.client.send(request, &self.interrupt)
    }
}

impl Base {
    /// Gives the URL of a service of the repository.
    fn at(&self, service: &str) -> Result<Url> {
        Ok(Url::parse(&format!("{}{service}", self.url))?)
    }
}

/// Works out where the repository is after a redirect of its `info/refs`, as git does: the new URL must end
/// as the old one did.
fn follow(base: &Base, redirect: &Redirect) -> Result<Base> {
    ensure!(
        redirect.encryption == Encryption::Kept || base.user_info.is_none(),
        "{} redirects to http, and credentials are not sent without encryption",
        base.url.origin().ascii_serialization()
    );
    let text = redirect.url.as_str();
    let url = text.strip_suffix(SERVICE).with_context(|| {
        format!(
            "{} redirects to {text}, which is no place of a git repository",
            base.url
        )
    })?;
    Ok(Base {
        url: Url::parse(url.trim_end_matches('/'))?,
        user_info: match redirect.host {
            Host::Same => base.user_info.clone(),
            Host::Other => None,
        },
    })
}

fn check_status(response: &Response, base: &Base) -> Result<()> {
    let status = response.status;
    let url = &base.url;
    let reason = match status.as_u16() {
        200 => return Ok(()),
        401 if base.user_info.is_some() => "the user name or password is refused",
        401 => "it asks for a user name and password, or there is no such repository",
        403 => "access is forbidden",
        404 | 410 => "there is no such repository",
        407 => "the proxy asks for a user name and password",
        408 | 429 | 500 | 502 | 503 | 504 => {
            return Err(Transient {
                message: format!("{url} answers with HTTP status {status}"),
                retry_after: retry_after(&response.headers),
            }
            .into());
        }
        _ => bail!("{url} answers with HTTP status {status}"),
    };
    bail!(
        "{url} answers with HTTP status {}: {reason}",
        status.as_u16()
    )
}

/// Refuses what is not git's protocol, and says what it seems to be.
fn check_type(response: Response, expected: &str) -> Result<Body> {
    let found = content_type(&response.headers);
    let essence = found.split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case(expected) {
        return Ok(response.body);
    }
    let mut start = Vec::new();
    let _ = response.body.take(512).read_to_end(&mut start);
    let digits = start.iter().take_while(|byte| byte.is_ascii_hexdigit());
    let dumb = digits.count() >= 40;
    let page =
        essence.eq_ignore_ascii_case("text/html") || start.trim_ascii_start().starts_with(b"<");
    match (dumb, page) {
        (true, _) => bail!(
            "the server speaks only git's old \"dumb\" protocol over HTTP, which is not supported"
        ),
        (false, true) => bail!("the server answers with a web page and not in git's protocol"),
        (false, false) => bail!(
            "the server answers with content of type `{}` and not in git's protocol",
            essence.escape_debug()
        ),
    }
}

fn content_type(headers: &HeaderMap) -> String {
    let value = headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes);
    String::from_utf8_lossy(value.unwrap_or_default()).into_owned()
}

impl Exchange for HttpExchange<'_> {
    fn advertisement(&mut self) -> Result<&mut dyn Read> {
        Ok(self.answer.insert(self.server.advertisement()?))
    }

    fn send(&mut self, request: &[u8]) -> Result<&mut dyn Read> {
        Ok(self.answer.insert(self.server.post(request)?))
    }

    fn kind(&self) -> Kind {
        Kind::Stateless
    }
}

#[cfg(test)]
mod tests;
