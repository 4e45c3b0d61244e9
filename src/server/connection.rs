//! Connections: taken in up to a limit, ended when nothing goes on, and at the end let go in peace.

use std::hash::{BuildHasher, RandomState};
use std::path::PathBuf;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::runtime::Runtime;
use tokio::sync::{Semaphore, watch};
use tokio::task::spawn_blocking;
use tokio::time::{interval, sleep, timeout};

use super::access;
use super::activity::Activity;
use super::additions::Additions;
use super::admission::{Admission, Forwarding};
use super::body::Buffers;
use super::catalog::Catalog;
use super::fetcher::Fetcher;
use super::listen::{Accepting, Listen, Listener};
use super::log::{Event, Listeners, Log};
use super::memory::Memory;
use super::metrics::Metrics;
use super::policy::{self, Policy};
use super::service::{Connection, Service};
use super::shelf::Shelf;
use super::signals::{Signals, Wake};
use super::stalling::{Stalling, Transport};
use super::tls::{self, Certificate, TlsFiles};
use super::upstream::Upstream;
use super::watched::{Renew, Watched};
use crate::web::POLL;

/// How often files are looked at that may have changed.
const RENEWAL: Duration = Duration::from_secs(5);

/// How many requests a client may have open on one HTTP/2 connection.
const STREAMS: u32 = 250;

/// How a server serves.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where it is to be reached.
    pub listen: Listen,
    /// What all paths begin with: empty, or `/` and a name without a slash at its end.
    pub prefix: String,
    /// The modules of which no checksum database knows, a list as GONOSUMDB is.
    pub private: String,
    /// The certificate, for TLS.
    pub tls: Option<TlsFiles>,
    /// The file of users, if not everybody may read.
    pub users: Option<PathBuf>,
    /// Files with rules of what is served, the first before the next.
    pub rules: Vec<PathBuf>,
    /// Whether a web server in front tells who asks.
    pub forwarding: Forwarding,
    /// Limits on what clients may take.
    pub limits: Limits,
}

/// Limits on what clients may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The size of the head of a request, in bytes; 8 KiB at least.
    pub header: usize,
    /// Connections that are open.
    pub connections: usize,
    /// Questions that sources are asked at the same time.
    pub fetches: usize,
    /// How long a client may send no whole request, or take nothing of an answer.
    pub idle: Duration,
    /// How long requests may take to end once the server is to stop.
    pub grace: Duration,
}

/// A server that listens already.
pub struct Server {
    listener: Listener,
    runtime: Runtime,
    signals: Signals,
    serving: Serving,
}

impl Server {
    /// Begins to listen; nobody is answered yet.
    ///
    /// # Errors
    /// An address that cannot be listened at.
    pub fn bind(
        settings: Settings,
        shelf: Arc<dyn Shelf>,
        upstream: Option<Arc<dyn Upstream>>,
        logs: Vec<Arc<dyn Log>>,
    ) -> Result<Server> {
        let metrics = Arc::new(Metrics::default());
        let most = settings.limits.fetches;
        let mut watched: Vec<Arc<dyn Renew>> = Vec::new();
        let certificate = settings
            .tls
            .as_ref()
            .map(tls::open)
            .transpose()?
            .map(Arc::new);
        watched.extend(certificate.clone().map(|files| files as Arc<dyn Renew>));
        let users = settings
            .users
            .map(|file| Watched::new(vec![file], access::read));
        let users = users.transpose()?.map(Arc::new);
        watched.extend(users.clone().map(|file| file as Arc<dyn Renew>));
        let policy = Arc::new(Watched::new(settings.rules, policy::read)?);
        watched.push(Arc::<Watched<Policy>>::clone(&policy));
        let run = RandomState::new().hash_one(()) >> u32::BITS;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .context("cannot start threads")?;
        let signals = {
            let _within = runtime.enter();
            Signals::listen()?
        };
        let service = Service {
            admission: Admission::new(settings.prefix, settings.forwarding, users, run),
            catalog: Arc::new(Catalog {
                shelf,
                additions: Additions::default(),
                private: settings.private,
                policy,
            }),
            fetcher: upstream.map(|upstream| Fetcher::new(upstream, most, &metrics)),
            memory: Memory::default(),
            buffers: Arc::new(Buffers::default()),
            listeners: Arc::new(Listeners { logs, metrics }),
        };
        Ok(Server {
            listener: Listener::bind(&settings.listen)?,
            runtime,
            signals,
            serving: Serving {
                service: Arc::new(service),
                limits: settings.limits,
                certificate,
                watched,
            },
        })
    }

    /// Gives the address with the port that it has got.
    pub fn address(&self) -> &Listen {
        self.listener.place()
    }

    /// Serves until SIGINT or SIGTERM comes and the requests that have come are answered; a second signal ends it
    /// at once. SIGHUP has the certificate and the users read again, which is done by and by in any case.
    ///
    /// # Errors
    /// A socket that cannot be used.
    pub fn run(self) -> Result<()> {
        let Server {
            runtime,
            mut signals,
            listener,
            serving,
        } = self;
        runtime.block_on(serving.serve(&listener, &mut signals))?;
        // Reads that hang in a storage must not keep the process.
        runtime.shutdown_timeout(POLL);
        Ok(())
    }
}

/// What serves the connections of a server.
struct Serving {
    service: Arc<Service>,
    limits: Limits,
    certificate: Option<Arc<Certificate>>,
    /// What is read again when its files change.
    watched: Vec<Arc<dyn Renew>>,
}

impl Serving {
    async fn serve(&self, listener: &Listener, signals: &mut Signals) -> Result<()> {
        let accepting = listener.start()?;
        let most = self.limits.connections.min(Semaphore::MAX_PERMITS);
        let room = Arc::new(Semaphore::new(most));
        let (stop, stopped) = watch::channel(());
        tokio::select! {
            () = self.take_in(&accepting, &room, &stopped) => {}
            () = self.renew(signals) => {}
        }
        drop(accepting);
        let _ = stop.send(());
        let most = u32::try_from(most).unwrap_or(u32::MAX);
        // Who is not done by then is cut off.
        tokio::select! {
            _ = timeout(self.limits.grace, room.acquire_many(most)) => {}
            () = signals.end() => {}
        }
        Ok(())
    }

    /// Reads again what has changed, until the server is to end.
    async fn renew(&self, signals: &mut Signals) {
        while signals.next(RENEWAL).await == Wake::Renew {
            for watched in &self.watched {
                let watched = Arc::clone(watched);
                let outcome = spawn_blocking(move || watched.renew()).await;
                let event = match outcome {
                    Ok(Ok(true)) => "a file that has changed was read again".to_owned(),
                    Ok(Err(error)) => {
                        format!("a file that has changed counts for nothing: {error:#}")
                    }
                    Ok(Ok(false)) | Err(_) => continue,
                };
                let event = Event::new(event);
                for log in &self.service.listeners.logs {
                    log.happened(&event);
                }
            }
        }
    }

    async fn take_in(
        &self,
        accepting: &Accepting,
        room: &Arc<Semaphore>,
        stopped: &watch::Receiver<()>,
    ) {
        while let Ok(place) = Arc::clone(room).acquire_owned().await {
            match accepting.next().await {
                Ok((transport, remote)) => {
                    let connection = Connection {
                        remote,
                        scheme: match self.certificate {
                            Some(_) => "https",
                            None => "http",
                        },
                        activity: Arc::new(Activity::default()),
                    };
                    let (service, limits) = (Arc::clone(&self.service), self.limits);
                    let (certificate, stopped) = (self.certificate.clone(), stopped.clone());
                    tokio::spawn(async move {
                        let _place = place;
                        let transport = encrypted(certificate, transport, limits.idle).await?;
                        hold(service, transport, connection, limits, stopped).await;
                        Some(())
                    });
                }
                // No file descriptor is left, or the client has gone.
                Err(_) => sleep(POLL).await,
            }
        }
    }
}

/// How often a connection is looked at until it has been idle for long enough.
const TICKS: u32 = 2;

/// For how many ticks nothing has gone on on a connection.
#[derive(Default)]
struct Rested {
    requests: Option<u64>,
    ticks: u32,
}

impl Rested {
    /// Looks once more.
    fn ticks(&mut self, activity: &Activity) -> u32 {
        let before = std::mem::replace(&mut self.requests, activity.at_rest());
        let goes_on = before.is_none() || before != self.requests;
        self.ticks = if goes_on { 0 } else { self.ticks + 1 };
        self.ticks
    }
}

/// Serves one connection to its end.
async fn hold(
    service: Arc<Service>,
    transport: Box<dyn Transport>,
    connection: Connection,
    limits: Limits,
    mut stopped: watch::Receiver<()>,
) {
    let _connected = service.listeners.metrics.connected();
    let activity = Arc::clone(&connection.activity);
    let connection = Arc::new(connection);
    let respond =
        service_fn(move |request| Arc::clone(&service).respond(request, Arc::clone(&connection)));
    let builder = builder(&limits);
    let transport = TokioIo::new(Stalling::new(transport, limits.idle));
    let mut served = pin!(builder.serve_connection(transport, respond));
    let mut ticks = interval(limits.idle / TICKS);
    let mut is_closing = false;
    let mut rested = Rested::default();
    loop {
        tokio::select! {
            // Errors are the client's: broken requests are answered, broken connections are no news.
            _ = served.as_mut() => return,
            _ = stopped.changed(), if !is_closing => {
                is_closing = true;
                served.as_mut().graceful_shutdown();
            }
            _ = ticks.tick() => match (rested.ticks(&activity), is_closing) {
                (0..TICKS, _) => {}
                (_, true) => return,
                (_, false) => {
                    is_closing = true;
                    served.as_mut().graceful_shutdown();
                }
            },
        }
    }
}

fn builder(limits: &Limits) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    // Whoever sends no whole request is idle; setting a timer for each would cost as much as reading it.
    builder
        .http1()
        .header_read_timeout(None)
        .max_buf_size(limits.header);
    let header = u32::try_from(limits.header).unwrap_or(u32::MAX);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS)
        .max_header_list_size(header)
        .keep_alive_interval(limits.idle)
        .keep_alive_timeout(limits.idle);
    builder
}

/// Agrees with the client on keys, where the server has a certificate; none where the two do not come together.
async fn encrypted(
    certificate: Option<Arc<Certificate>>,
    transport: Box<dyn Transport>,
    patience: Duration,
) -> Option<Box<dyn Transport>> {
    match certificate {
        None => Some(transport),
        Some(certificate) => {
            let accepted = timeout(patience, tls::accept(&certificate, transport)).await;
            accepted.ok()?.ok()
        }
    }
}
