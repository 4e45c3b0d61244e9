//! Sending a request and waiting for the head of the answer.

use std::collections::BTreeSet;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::{Context, Result, anyhow};
use reqwest::Method;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::HeaderMap;
use tokio::runtime::{Handle, Runtime};
use url::Url;

use super::answer::{Body, Response};
use super::credentials::{Credentials, NoCredentials};
use super::failure::{HostNotFound, classify};
use super::interrupt::{Interrupt, Interrupted, POLL};
use super::pace::Pace;
use super::retry::{may_pass, retried};
use super::settings::Settings;
use super::{certificates, forward};

/// The name that servers are given where a request has no other.
const AGENT: &str = concat!("gomodcache/", env!("CARGO_PKG_VERSION"));

/// The HTTP client; clones share its connections.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

struct Inner {
    settings: Settings,
    credentials: Arc<dyn Credentials>,
    built: Mutex<Built>,
    /// The servers that were tried again and again in vain, by their origins.
    down: Mutex<BTreeSet<String>>,
}

/// What is made when it is first needed.
#[derive(Default)]
struct Built {
    runtime: Option<Runtime>,
    /// Without certificates: reading them takes longer than a whole conversation on loopback.
    plain: Option<reqwest::Client>,
    checked: Option<reqwest::Client>,
    unchecked: Option<reqwest::Client>,
}

/// A request, which is sent as it is: no redirect is followed.
#[derive(Debug, Clone)]
pub struct Request {
    /// GET, POST and so on.
    pub method: Method,
    /// An http or https URL; user info in it is not for here.
    pub url: Url,
    /// The header fields besides those that every request has.
    pub headers: HeaderMap,
    /// Empty for most.
    pub body: Vec<u8>,
    /// Whether the server must prove who it is.
    pub security: Security,
}

/// Whether the certificates of servers are checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Security {
    /// They are.
    #[default]
    Checked,
    /// Whatever a server shows is good enough (GOINSECURE).
    Unchecked,
}

impl Request {
    /// Makes a GET request without header fields.
    pub fn get(url: Url) -> Request {
        Request {
            method: Method::GET,
            url,
            headers: HeaderMap::new(),
            body: Vec::new(),
            security: Security::Checked,
        }
    }

    /// Makes a POST request without header fields.
    pub fn post(url: Url, body: Vec<u8>) -> Request {
        Request {
            method: Method::POST,
            body,
            ..Request::get(url)
        }
    }
}

impl Client {
    /// Makes a client that knows no credentials.
    pub fn new(settings: Settings) -> Client {
        Client::with_credentials(settings, Arc::new(NoCredentials))
    }

    /// Makes a client.
    pub fn with_credentials(settings: Settings, credentials: Arc<dyn Credentials>) -> Client {
        Client(Arc::new(Inner {
            settings,
            credentials,
            built: Mutex::default(),
            down: Mutex::default(),
        }))
    }

    /// Gives the settings of connections.
    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// Gives what knows the user's credentials.
    pub fn credentials(&self) -> &dyn Credentials {
        &*self.0.credentials
    }

    /// Sends a request once, and waits for the head of the answer, whatever its status.
    ///
    /// # Errors
    /// [`Interrupted`]; a server or forward proxy that cannot be reached or is silent, of which
    /// [`super::retried`] tells what may pass. The text has the URL without query and secrets.
    pub fn send(&self, request: Request, interrupt: &Arc<dyn Interrupt>) -> Result<Response> {
        let url = request.url;
        let (http, handle) = self.built(&url, request.security)?;
        let sending = http
            .request(request.method, url.clone())
            .headers(request.headers)
            .body(request.body)
            .send();
        let mut pace = Pace::new(self.settings());
        let sent = wait(&handle, &**interrupt, &mut pace, sending);
        if interrupt.interrupted() {
            return Err(Interrupted.into());
        }
        let cannot_reach = || format!("cannot reach {}", shown(&url));
        let answer = sent
            .with_context(cannot_reach)?
            .map_err(classify)
            .with_context(cannot_reach)?;
        Ok(Response {
            status: answer.status(),
            headers: answer.headers().clone(),
            url,
            body: Body::new(answer, self.clone(), handle, pace, Arc::clone(interrupt)),
        })
    }

    /// Runs an attempt at a server as [`retried`] does. A server that has failed to the end is asked only once
    /// from then on, until it answers: waiting for it anew for each of many files would take hours.
    pub fn retried<T>(
        &self,
        server: &Url,
        interrupt: &dyn Interrupt,
        attempt: impl FnMut() -> Result<T>,
    ) -> Result<T> {
        let origin = server.origin().ascii_serialization();
        let down = || self.0.down.lock().unwrap_or_else(PoisonError::into_inner);
        let mut settings = self.settings().clone();
        if down().contains(&origin) {
            settings.retries = 0;
        }
        let result = retried(&settings, interrupt, attempt);
        match &result {
            Err(error) if interrupt.interrupted() || error.is::<Interrupted>() => {}
            Err(error) if may_pass(error) => drop(down().insert(origin)),
            _ => drop(down().remove(&origin)),
        }
        result
    }

    /// Gives the client for a URL, and the runtime that drives it.
    fn built(&self, url: &Url, security: Security) -> Result<(reqwest::Client, Handle)> {
        let settings = self.settings();
        let proxy = forward::proxy_for(url, settings)?;
        let has_tls = |url: &Url| url.scheme() == "https";
        let mut built = self.0.built();
        let Built {
            runtime,
            plain,
            checked,
            unchecked,
        } = &mut *built;
        let slot = match security {
            _ if !has_tls(url) && !proxy.as_ref().is_some_and(has_tls) => plain,
            Security::Checked => checked,
            Security::Unchecked => unchecked,
        };
        let http = match slot {
            Some(http) => http.clone(),
            None => {
                let builder = builder(settings);
                let builder = match security {
                    _ if !has_tls(url) && !proxy.as_ref().is_some_and(has_tls) => {
                        builder.tls_certs_only([])
                    }
                    Security::Checked => certificates::trust(builder, settings)?,
                    Security::Unchecked => builder
                        .tls_certs_only([])
                        .tls_danger_accept_invalid_certs(true),
                };
                let http = builder.build().context("cannot prepare for HTTP")?;
                slot.insert(http).clone()
            }
        };
        let runtime = match runtime {
            Some(runtime) => runtime,
            None => runtime.insert(start()?),
        };
        Ok((http, runtime.handle().clone()))
    }
}

impl Inner {
    fn built(&self) -> MutexGuard<'_, Built> {
        self.built.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        // Without waiting for a name that is still being looked up.
        if let Some(runtime) = self.built().runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_tuple("Client")
            .field(self.settings())
            .finish()
    }
}

/// Gives a URL as it may be shown: the query may be a signature.
pub fn shown(url: &Url) -> String {
    let mut url = url.clone();
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.set_query(None);
    url.set_fragment(None);
    url.into()
}

/// Starts the threads that the connections live on.
fn start() -> Result<Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name("http")
        .enable_all()
        .build()
        .context("cannot start the threads of HTTP")
}

fn builder(settings: &Settings) -> reqwest::ClientBuilder {
    // Fails when it is installed already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let for_proxies = settings.clone();
    // Whoever asks for a client has made sure that this is no error.
    let proxy = move |url: &Url| forward::proxy_for(url, &for_proxies).ok().flatten();
    reqwest::Client::builder()
        .user_agent(AGENT)
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(settings.connect_timeout)
        .dns_resolver(Resolver)
        .http2_adaptive_window(true)
        .proxy(reqwest::Proxy::custom(proxy))
}

/// Waits for something on the network, and asks often enough whether to go on.
///
/// # Errors
/// [`Interrupted`] inside; a limit of time that is not kept.
pub(super) fn wait<T>(
    handle: &Handle,
    interrupt: &dyn Interrupt,
    pace: &mut Pace,
    future: impl Future<Output = T>,
) -> io::Result<T> {
    pace.wait();
    let mut future = pin!(future);
    handle.block_on(async {
        loop {
            if interrupt.interrupted() {
                return Err(Interrupted.into());
            }
            match tokio::time::timeout(POLL, &mut future).await {
                Ok(output) => return Ok(output),
                Err(_) => pace.check()?,
            }
        }
    })
}

/// The system's resolver, whose failure is told from that of a connection.
struct Resolver;

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            match tokio::net::lookup_host((name.as_str(), 0)).await {
                Ok(found) => {
                    let found: Vec<SocketAddr> = found.collect();
                    Ok(Box::new(found.into_iter()) as Addrs)
                }
                Err(_) => Err(anyhow!(HostNotFound).into()),
            }
        })
    }
}
