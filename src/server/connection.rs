//! Connections: taken in up to a limit, ended when nothing goes on, and at the end let go in peace.

use std::hash::{BuildHasher, RandomState};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use anyhow::{Context, Result};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::{interval, sleep, timeout};

use super::activity::Activity;
use super::body::Buffers;
use super::catalog::Catalog;
use super::fetcher::Fetcher;
use super::inventory::Inventory;
use super::listen::{Accepting, Listen, Listener};
use super::log::{Listeners, Log};
use super::memory::Memory;
use super::metrics::Metrics;
use super::service::{Connection, Service};
use super::shelf::Shelf;
use super::stalling::{Stalling, Transport};
use super::upstream::Upstream;
use crate::web::{Interrupt, POLL};

/// How many requests a client may have open on one HTTP/2 connection.
const STREAMS: u32 = 250;

/// How many header fields a request may have.
const MAX_HEADERS: usize = 100;

/// How a server serves.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where it is to be reached.
    pub listen: Listen,
    /// What all paths begin with: empty, or `/` and a name without a slash at its end.
    pub prefix: String,
    /// The modules of which no checksum database knows, a list as GONOSUMDB is.
    pub private: String,
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
    service: Arc<Service>,
    limits: Limits,
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
        log: Option<Arc<dyn Log>>,
    ) -> Result<Server> {
        let metrics = Arc::new(Metrics::default());
        let most = settings.limits.fetches;
        Ok(Server {
            listener: Listener::bind(&settings.listen)?,
            limits: settings.limits,
            service: Arc::new(Service {
                catalog: Arc::new(Catalog {
                    shelf,
                    inventory: Inventory::default(),
                    private: settings.private,
                }),
                fetcher: upstream.map(|upstream| Fetcher::new(upstream, most, &metrics)),
                memory: Memory::default(),
                buffers: Arc::new(Buffers::default()),
                listeners: Listeners { log, metrics },
                prefix: settings.prefix,
                run: RandomState::new().hash_one(()) & u64::from(u32::MAX),
                requests: AtomicU64::new(0),
            }),
        })
    }

    /// Gives the address with the port that it has got.
    pub fn address(&self) -> &Listen {
        self.listener.place()
    }

    /// Serves until it is interrupted and the requests that have come are answered.
    ///
    /// # Errors
    /// A runtime or socket that cannot be started.
    pub fn run(self, interrupt: &dyn Interrupt) -> Result<()> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .context("cannot start threads")?;
        runtime.block_on(self.serve(interrupt))?;
        // Reads that hang in a storage must not keep the process.
        runtime.shutdown_timeout(POLL);
        Ok(())
    }

    async fn serve(&self, interrupt: &dyn Interrupt) -> Result<()> {
        let accepting = self.listener.start()?;
        let most = self.limits.connections.min(Semaphore::MAX_PERMITS);
        let room = Arc::new(Semaphore::new(most));
        let (stop, stopped) = watch::channel(());
        tokio::select! {
            () = self.take_in(&accepting, &room, &stopped) => {}
            () = interrupted(interrupt) => {}
        }
        drop(accepting);
        let _ = stop.send(());
        let most = u32::try_from(most).unwrap_or(u32::MAX);
        // Who is not done by then is cut off.
        let _ = timeout(self.limits.grace, room.acquire_many(most)).await;
        Ok(())
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
                        scheme: "http",
                        activity: Activity::new(),
                    };
                    let service = Arc::clone(&self.service);
                    let (limits, stopped) = (self.limits, stopped.clone());
                    tokio::spawn(hold(service, transport, connection, limits, stopped, place));
                }
                // No file descriptor is left, or the client has gone.
                Err(_) => sleep(POLL).await,
            }
        }
    }
}

/// Serves one connection to its end.
async fn hold(
    service: Arc<Service>,
    transport: Box<dyn Transport>,
    connection: Connection,
    limits: Limits,
    mut stopped: watch::Receiver<()>,
    _place: OwnedSemaphorePermit,
) {
    let _connected = service.listeners.metrics.connected();
    let activity = Arc::clone(&connection.activity);
    let connection = Arc::new(connection);
    let respond =
        service_fn(move |request| Arc::clone(&service).respond(request, Arc::clone(&connection)));
    let builder = builder(&limits);
    let transport = TokioIo::new(Stalling::new(transport, limits.idle));
    let mut served = pin!(builder.serve_connection(transport, respond));
    let mut ticks = interval(limits.idle / 2);
    let mut is_closing = false;
    loop {
        tokio::select! {
            // Errors are the client's: broken requests are answered, broken connections are no news.
            _ = served.as_mut() => return,
            _ = stopped.changed(), if !is_closing => {
                is_closing = true;
                served.as_mut().graceful_shutdown();
            }
            _ = ticks.tick() => match (activity.is_idle_for(limits.idle), is_closing) {
                (true, true) => return,
                (true, false) => {
                    is_closing = true;
                    served.as_mut().graceful_shutdown();
                }
                (false, _) => {}
            },
        }
    }
}

fn builder(limits: &Limits) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.idle)
        .max_headers(MAX_HEADERS)
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

async fn interrupted(interrupt: &dyn Interrupt) {
    while !interrupt.interrupted() {
        sleep(POLL).await;
    }
}
