//! `git://`: git's own daemon on a TCP port, without encryption.

use std::io::{Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};

use super::pump::{Pump, Start, in_background};
use super::{Exchange, Kind};
use crate::mirror::open::Progress;
use crate::web::Settings;

struct DaemonExchange {
    answers: Pump,
    requests: TcpStream,
}

/// Connects and asks for a repository.
pub(super) fn connect(
    host: &str,
    port: u16,
    path: &str,
    settings: &Settings,
    progress: Arc<dyn Progress>,
) -> Result<Box<dyn Exchange>> {
    let (name, time) = (host.to_owned(), settings.connect_timeout);
    let mut requests = in_background(&*progress, move || dial(&name, port, time))??;
    requests.set_read_timeout(Some(settings.read_timeout))?;
    requests.set_write_timeout(Some(settings.read_timeout))?;
    let host_parameter = match host.contains(':') {
        true => format!("[{host}]:{port}"),
        false => format!("{host}:{port}"),
    };
    let line = format!("git-upload-pack {path}\0host={host_parameter}\0\0version=2\0");
    requests.write_all(format!("{:04x}{line}", line.len() + 4).as_bytes())?;
    let answers = Pump::start(requests.try_clone()?, settings, Start::Prompt, progress);
    Ok(Box::new(DaemonExchange { answers, requests }))
}

/// Tries each address of a host.
fn dial(host: &str, port: u16, time: Duration) -> Result<TcpStream> {
    let addresses = (host, port)
        .to_socket_addrs()
        .with_context(|| format!("cannot find host {host}"))?;
    let mut last = None;
    for address in addresses {
        match TcpStream::connect_timeout(&address, time) {
            Ok(stream) => return Ok(stream),
            Err(error) => last = Some(error),
        }
    }
    match last {
        Some(error) => Err(error).with_context(|| format!("cannot connect to {host}:{port}")),
        None => anyhow::bail!("host {host} has no address"),
    }
}

impl Exchange for DaemonExchange {
    fn advertisement(&mut self) -> Result<&mut dyn Read> {
        Ok(&mut self.answers)
    }

    fn send(&mut self, request: &[u8]) -> Result<&mut dyn Read> {
        self.requests
            .write_all(request)
            .context("cannot send to the server")?;
        Ok(&mut self.answers)
    }

    fn kind(&self) -> Kind {
        Kind::Stream
    }
}

impl Drop for DaemonExchange {
    fn drop(&mut self) {
        // The thread that reads would otherwise wait for a server that has more to say.
        let _ = self.requests.shutdown(std::net::Shutdown::Both);
    }
}
