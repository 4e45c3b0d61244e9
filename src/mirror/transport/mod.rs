//! Ways to a server: smart HTTP, the system's ssh program, git's own daemon.

mod daemon;
mod http;
mod pump;
mod settings;
mod ssh;

use std::io::Read;
use std::sync::Arc;

use anyhow::{Result, bail};

pub use settings::TransportSettings;

use super::locate::Remote;
use super::open::Progress;
use crate::web::retried;
use http::HttpServer;

/// How a server treats a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Every request stands for itself, on a connection of its own as it were (HTTP).
    Stateless,
    /// One conversation, which begins with the server's advertisement.
    Stream,
}

/// A conversation with a server about one repository.
pub(crate) trait Exchange {
    /// Gives what the server says first.
    fn advertisement(&mut self) -> Result<&mut dyn Read>;

    /// Sends bytes and gives what the server answers; of a stream, what it says from now on.
    fn send(&mut self, request: &[u8]) -> Result<&mut dyn Read>;

    /// Tells whether [`Self::advertisement`] must come first each time.
    fn kind(&self) -> Kind;

    /// Adds to an error what is known besides, such as the last words of the ssh program.
    fn explain(&mut self, error: anyhow::Error) -> anyhow::Error {
        error
    }
}

/// What connections to one repository on a server share.
pub(crate) struct Connector {
    way: Way,
    settings: TransportSettings,
    progress: Arc<dyn Progress>,
}

enum Way {
    /// With open connections and the URL that redirects led to.
    Http(Box<HttpServer>),
    Other(Remote),
}

impl Connector {
    /// Prepares for connections; nothing is sent yet.
    pub(crate) fn new(
        remote: &Remote,
        settings: &TransportSettings,
        progress: Arc<dyn Progress>,
    ) -> Result<Connector> {
        let way = match remote {
            Remote::Http { url, user_info } => {
                let progress = Arc::clone(&progress);
                let server = HttpServer::new(url, user_info.clone(), &settings.client, progress)?;
                Way::Http(Box::new(server))
            }
            other => Way::Other(other.clone()),
        };
        Ok(Connector {
            way,
            settings: settings.clone(),
            progress,
        })
    }

    /// Runs an attempt, and again after failures that may pass. The client knows which servers of HTTP are down:
    /// the repositories of one do not wait for it each.
    pub(crate) fn retried<T>(&self, attempt: impl FnMut() -> Result<T>) -> Result<T> {
        let client = &self.settings.client;
        match &self.way {
            Way::Http(server) => client.retried(server.given(), &*self.progress, attempt),
            Way::Other(_) => retried(client.settings(), &*self.progress, attempt),
        }
    }

    /// Starts a conversation.
    pub(crate) fn connect(&self) -> Result<Box<dyn Exchange + '_>> {
        let (settings, progress) = (&self.settings, Arc::clone(&self.progress));
        match &self.way {
            Way::Http(server) => Ok(server.exchange()),
            Way::Other(Remote::Ssh {
                destination,
                port,
                path,
            }) => ssh::connect(destination, *port, path, settings, progress),
            Way::Other(Remote::Daemon { host, port, path }) => {
                daemon::connect(host, *port, path, settings.client.settings(), progress)
            }
            Way::Other(Remote::Http { url, .. }) => bail!("{url} is reached in another way"),
        }
    }
}
