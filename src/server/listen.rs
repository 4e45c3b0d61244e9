//! Where the server is to be reached.

use std::fmt;
use std::net::{SocketAddr, TcpListener};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::str::FromStr;

use anyhow::{Context, Result, bail};

use super::stalling::Transport;
use crate::disk;

/// An address to listen at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Listen {
    /// An address and a port; port 0 means any that is free.
    Tcp(SocketAddr),
    /// The path of a socket.
    Unix(PathBuf),
}

impl FromStr for Listen {
    type Err = anyhow::Error;

    /// Parses `ADDR:PORT` or `unix:/path`.
    fn from_str(text: &str) -> Result<Listen> {
        match text.strip_prefix("unix:") {
            Some(path) if path.starts_with('/') => Ok(Listen::Unix(PathBuf::from(path))),
            Some(_) => bail!("the path of a socket must be absolute: `unix:/run/gomodcache.sock`"),
            None => {
                let address = text.parse().with_context(|| {
                    format!("`{text}` is no address and port, such as `127.0.0.1:3000`")
                })?;
                Ok(Listen::Tcp(address))
            }
        }
    }
}

/// A place where connections come in; a socket goes away with it.
pub(super) struct Listener {
    place: Listen,
    socket: Socket,
}

enum Socket {
    Tcp(TcpListener),
    Unix(UnixListener),
}

impl Listener {
    /// Begins to listen.
    pub(super) fn bind(listen: &Listen) -> Result<Listener> {
        let at = || format!("cannot listen at {listen}");
        let (place, socket) = match listen {
            Listen::Tcp(address) => {
                let socket = TcpListener::bind(address).with_context(at)?;
                let address = socket.local_addr().with_context(at)?;
                (Listen::Tcp(address), Socket::Tcp(socket))
            }
            Listen::Unix(path) => {
                // A server that was killed leaves its socket, at which nobody answers.
                if disk::exists(path) && !disk::is_file(path) && UnixStream::connect(path).is_err()
                {
                    disk::remove_file(path)?;
                }
                let socket = UnixListener::bind(path).with_context(at)?;
                (Listen::Unix(path.clone()), Socket::Unix(socket))
            }
        };
        let listener = Listener { place, socket };
        match &listener.socket {
            Socket::Tcp(socket) => socket.set_nonblocking(true),
            Socket::Unix(socket) => socket.set_nonblocking(true),
        }
        .with_context(at)?;
        Ok(listener)
    }

    /// Gives the address with the port that it has got.
    pub(super) fn place(&self) -> &Listen {
        &self.place
    }

    /// Hands the socket to the runtime, within which this must be called.
    pub(super) fn start(&self) -> Result<Accepting> {
        let started = match &self.socket {
            Socket::Tcp(socket) => socket
                .try_clone()
                .and_then(tokio::net::TcpListener::from_std)
                .map(Accepting::Tcp),
            Socket::Unix(socket) => socket
                .try_clone()
                .and_then(tokio::net::UnixListener::from_std)
                .map(Accepting::Unix),
        };
        started.with_context(|| format!("cannot listen at {}", self.place))
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        if let Listen::Unix(path) = &self.place {
            // One that stays is removed by the next server.
            let _ = disk::remove_file(path);
        }
    }
}

impl fmt::Display for Listen {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Listen::Tcp(address) => address.fmt(formatter),
            Listen::Unix(path) => write!(formatter, "unix:{}", path.display()),
        }
    }
}

/// A socket that the runtime watches.
pub(super) enum Accepting {
    Tcp(tokio::net::TcpListener),
    Unix(tokio::net::UnixListener),
}

impl Accepting {
    /// Waits for a client; gives its address without the port, too.
    pub(super) async fn next(&self) -> std::io::Result<(Box<dyn Transport>, String)> {
        match self {
            Accepting::Tcp(listener) => {
                let (stream, address) = listener.accept().await?;
                // Small answers must not wait for more.
                stream.set_nodelay(true)?;
                Ok((Box::new(stream), address.ip().to_string()))
            }
            Accepting::Unix(listener) => {
                let (stream, _) = listener.accept().await?;
                Ok((Box::new(stream), "unix".to_owned()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_and_shown() {
        for text in ["127.0.0.1:3000", "[::1]:80", "unix:/run/x.sock"] {
            assert_eq!(text.parse::<Listen>().unwrap().to_string(), text);
        }
        for text in ["3000", "localhost:3000", "unix:x.sock", ""] {
            assert!(text.parse::<Listen>().is_err(), "{text}");
        }
    }
}
