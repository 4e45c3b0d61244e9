//! Smart HTTP (gitprotocol-http in git's documentation).

use std::io::Read;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail, ensure};
use base64::Engine;
use ureq::http::{HeaderMap, Response, header};
use ureq::tls::TlsConfig;
use ureq::{Agent, Body, Proxy, Timeout};
use url::Url;

use super::failure::{Lasting, Transient};
use super::pump::{Pump, Start, in_background};
use super::settings::TransportSettings;
use super::{Exchange, Kind, certificates, forward, proxy};
use crate::mirror::locate::Credentials;
use crate::mirror::open::Progress;
use crate::mirror::protocol::AGENT;

/// As many as git follows.
const MOST_REDIRECTS: usize = 20;
const ADVERTISEMENT: &str = "application/x-git-upload-pack-advertisement";
const RESULT: &str = "application/x-git-upload-pack-result";
const SERVICE: &str = "/info/refs?service=git-upload-pack";

/// A repository behind HTTP.
pub(super) struct HttpServer {
    settings: TransportSettings,
    progress: Arc<dyn Progress>,
    base: Mutex<Base>,
}

/// Where requests go: the URL that was given, or the one that redirects led to.
#[derive(Clone)]
struct Base {
    /// Without credentials and without a slash at its end.
    url: Url,
    /// None any more after a redirect to another host.
    credentials: Option<Credentials>,
    agent: Agent,
}

struct HttpExchange<'a> {
    server: &'a HttpServer,
    answer: Option<Pump>,
}

impl HttpServer {
    /// Prepares for requests; the URL has no credentials and no slash at its end.
    pub(super) fn new(
        url: &str,
        credentials: Option<Credentials>,
        settings: &TransportSettings,
        progress: Arc<dyn Progress>,
    ) -> Result<HttpServer> {
        let url = Url::parse(url)?;
        let agent = agent(&url, settings)?;
        Ok(HttpServer {
            settings: settings.clone(),
            progress,
            base: Mutex::new(Base {
                url,
                credentials,
                agent,
            }),
        })
    }

    /// Starts a conversation.
    pub(super) fn exchange(&self) -> Box<dyn Exchange + '_> {
        Box::new(HttpExchange {
            server: self,
            answer: None,
        })
    }

    fn base(&self) -> Base {
        self.base
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Asks for the advertisement, follows redirects and remembers where they led.
    fn advertisement(&self) -> Result<Pump> {
        let mut base = self.base();
        for _ in 0..=MOST_REDIRECTS {
            let url = format!("{}{SERVICE}", base.url);
            let request = ureq::http::Request::get(&url).header(header::PRAGMA, "no-cache");
            let agent = base.agent.clone();
            let request = common(request, &base).body(())?;
            let response = self.run(&base.url, move || agent.run(request))?;
            if response.status().is_redirection() {
                base = self.redirected(&base, &url, response.headers())?;
                continue;
            }
            check_status(&response, &base)?;
            let response = check_type(response, ADVERTISEMENT)?;
            *self.base.lock().unwrap_or_else(PoisonError::into_inner) = base;
            return Ok(self.pump(response));
        }
        bail!("{} redirects without end", self.base().url)
    }

    fn post(&self, body: &[u8]) -> Result<Pump> {
        let base = self.base();
        let request = ureq::http::Request::post(format!("{}/git-upload-pack", base.url))
            .header(
                header::CONTENT_TYPE,
                "application/x-git-upload-pack-request",
            )
            .header(header::ACCEPT, RESULT);
        let request = common(request, &base).body(body.to_vec())?;
        let agent = base.agent.clone();
        let response = self.run(&base.url, move || agent.run(request))?;
        ensure!(
            !response.status().is_redirection(),
            "{} redirects in the middle of a conversation",
            base.url
        );
        check_status(&response, &base)?;
        Ok(self.pump(check_type(response, RESULT)?))
    }

    fn run(
        &self,
        url: &Url,
        work: impl FnOnce() -> Result<Response<Body>, ureq::Error> + Send + 'static,
    ) -> Result<Response<Body>> {
        in_background(&*self.progress, work)?
            .map_err(classify)
            .with_context(|| format!("cannot reach {url}"))
    }

    fn pump(&self, response: Response<Body>) -> Pump {
        let stream = response.into_body().into_reader();
        let progress = Arc::clone(&self.progress);
        Pump::start(stream, &self.settings, Start::Prompt, progress)
    }

    /// Finds where a redirect leads to, as git does: the new URL must end as the old one did.
    fn redirected(&self, base: &Base, from: &str, headers: &HeaderMap) -> Result<Base> {
        let target = headers
            .get(header::LOCATION)
            .and_then(|target| target.to_str().ok())
            .with_context(|| format!("{} redirects to nowhere", base.url))?;
        let (url, trust) = follow(&Url::parse(from)?, target, base.credentials.is_some())?;
        let credentials = match trust {
            Trust::SameHost => base.credentials.clone(),
            Trust::OtherHost => None,
        };
        let agent = agent(&url, &self.settings)?;
        Ok(Base {
            url,
            credentials,
            agent,
        })
    }
}

/// Whether credentials may go where a redirect leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trust {
    SameHost,
    OtherHost,
}

/// Works out the repository's URL after a redirect of its `info/refs`.
fn follow(from: &Url, target: &str, has_credentials: bool) -> Result<(Url, Trust)> {
    let mut url = from
        .join(target)
        .with_context(|| format!("{} redirects to something that is no URL", from))?;
    ensure!(
        matches!(url.scheme(), "http" | "https"),
        "{from} redirects to a URL of scheme {}",
        url.scheme()
    );
    // Whoever writes the redirect must not choose the credentials.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    let same_host = (url.host(), url.port_or_known_default())
        == (from.host(), from.port_or_known_default())
        || (url.host() == from.host() && from.port().is_none() && url.port().is_none());
    let downgrade = from.scheme() == "https" && url.scheme() == "http";
    ensure!(
        !(downgrade && has_credentials),
        "{} redirects to http, and credentials are not sent without encryption",
        from.origin().ascii_serialization()
    );
    let text = url.as_str();
    let base = text.strip_suffix(SERVICE).with_context(|| {
        format!("{from} redirects to {url}, which is no place of a git repository")
    })?;
    let trust = match same_host {
        true => Trust::SameHost,
        false => Trust::OtherHost,
    };
    Ok((Url::parse(base.trim_end_matches('/'))?, trust))
}

fn agent(url: &Url, settings: &TransportSettings) -> Result<Agent> {
    let proxy = proxy::proxy_for(url, settings)?;
    let forwards =
        |proxy: &&Proxy| url.scheme() == "http" && proxy.uri().scheme_str() == Some("http");
    let forwarding = proxy.as_ref().filter(forwards);
    // Reading the authorities takes longer than a whole conversation on loopback.
    let tls = match url.scheme() {
        "https" => TlsConfig::builder()
            .root_certs(certificates::roots(settings)?)
            .build(),
        _ => TlsConfig::default(),
    };
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .user_agent(AGENT)
        .proxy(proxy.clone().filter(|_| forwarding.is_none()))
        .tls_config(tls)
        .timeout_resolve(Some(settings.connect_timeout))
        .timeout_connect(Some(settings.connect_timeout))
        .timeout_per_read(Some(settings.read_timeout))
        .timeout_per_write(Some(settings.read_timeout));
    Ok(match forwarding {
        Some(proxy) => forward::agent(config.max_idle_connections(0).build(), proxy),
        None => config.build().new_agent(),
    })
}

fn common(request: ureq::http::request::Builder, base: &Base) -> ureq::http::request::Builder {
    let request = request.header("Git-Protocol", "version=2");
    match &base.credentials {
        None => request,
        Some(Credentials { user, password }) => {
            let pair = format!("{user}:{password}");
            let pair = base64::engine::general_purpose::STANDARD.encode(pair);
            request.header(header::AUTHORIZATION, format!("Basic {pair}"))
        }
    }
}

/// Brings errors into a form that tells those that may pass.
fn classify(error: ureq::Error) -> anyhow::Error {
    match error {
        ureq::Error::Io(error) => error.into(),
        ureq::Error::HostNotFound => anyhow!("the host is not found"),
        ureq::Error::Timeout(Timeout::PerRead | Timeout::RecvResponse) => {
            transient("the server did not answer in time".to_owned())
        }
        ureq::Error::Timeout(_) => transient("connecting took too long".to_owned()),
        ureq::Error::ConnectionFailed => transient(error.to_string()),
        other => anyhow!(Lasting(other.to_string())),
    }
}

fn transient(message: String) -> anyhow::Error {
    let retry_after = None;
    Transient {
        message,
        retry_after,
    }
    .into()
}

fn check_status(response: &Response<Body>, base: &Base) -> Result<()> {
    let status = response.status();
    let url = &base.url;
    let reason = match status.as_u16() {
        200 => return Ok(()),
        401 if base.credentials.is_some() => "the user name or password is refused",
        401 => "it asks for a user name and password, or there is no such repository",
        403 => "access is forbidden",
        404 | 410 => "there is no such repository",
        407 => "the proxy asks for a user name and password",
        408 | 429 | 500 | 502 | 503 | 504 => {
            let retry_after = response
                .headers()
                .get(header::RETRY_AFTER)
                .and_then(|value| value.to_str().ok()?.trim().parse().ok())
                .map(Duration::from_secs);
            let message = format!("{url} answers with HTTP status {status}");
            return Err(Transient {
                message,
                retry_after,
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
fn check_type(response: Response<Body>, expected: &str) -> Result<Response<Body>> {
    let found = response.headers().get(header::CONTENT_TYPE);
    let found = found.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    let found = found.unwrap_or_default();
    let essence = found.split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case(expected) {
        return Ok(response);
    }
    let mut start = Vec::new();
    let _ = response
        .into_body()
        .into_reader()
        .take(512)
        .read_to_end(&mut start);
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
