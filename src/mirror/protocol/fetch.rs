//! Asking for a pack: what is wanted, what is there already, and how deep.

use std::io::{ErrorKind, Read, Write};

use anyhow::{Context, Result, anyhow, bail, ensure};
use git2::Oid;

use super::advertisement::{Server, Version, data};
use super::packet::{Packet, PacketReader, Request, ServerError};
use super::{AGENT, MOST_REFERENCES};
use crate::mirror::local::parse_oid;
use crate::mirror::transport::{Exchange, Kind};

/// A pack that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FetchRequest {
    /// Ids that the server has advertised.
    pub(crate) wants: Vec<Oid>,
    /// What is there with everything that it needs, down to the commits in `shallow`.
    pub(crate) haves: Vec<Oid>,
    /// Commits that are there without their parents.
    pub(crate) shallow: Vec<Oid>,
    /// How much history is asked for.
    pub(crate) depth: Depth,
}

/// How much history comes with a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Depth {
    /// None.
    Single,
    /// All.
    Complete,
}

/// What a server said besides the pack.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Fetched {
    /// Commits whose parents are not in the pack.
    pub(crate) shallow: Vec<Oid>,
    /// Commits whose parents were missing and are in the pack.
    pub(crate) unshallow: Vec<Oid>,
}

/// Sends a request and streams the pack into a writer.
///
/// No more than one round: all that is there is told at once, and the server finds what it has in common.
/// `failure` names the reason when the writer fails. A server that refuses gives a [`ServerError`].
pub(crate) fn fetch<W: Write>(
    exchange: &mut dyn Exchange,
    server: &Server,
    request: &FetchRequest,
    writer: &mut W,
    failure: impl Fn(&W, std::io::Error) -> anyhow::Error,
) -> Result<Fetched> {
    match server.version {
        Version::Two => {
            let answer = exchange.send(&request.version_2(server))?;
            let mut reader = PacketReader::new(answer);
            let fetched = read_sections(&mut reader)?;
            request.check_complete(!fetched.shallow.is_empty())?;
            copy_bands(&mut reader, None, writer, failure)?;
            Ok(fetched)
        }
        Version::Zero => fetch_version_0(exchange, server, request, writer, failure),
    }
}

impl FetchRequest {
    fn version_2(&self, server: &Server) -> Vec<u8> {
        let mut request = Request::default();
        request.line("command=fetch");
        request.line(&format!("agent={AGENT}"));
        if server.capability("object-format").is_some() {
            request.line("object-format=sha1");
        }
        request.delimiter().line("ofs-delta");
        for want in &self.wants {
            request.line(&format!("want {want}"));
        }
        self.add_depth(&mut request);
        for have in &self.haves {
            request.line(&format!("have {have}"));
        }
        request.line("done").flush().take()
    }

    /// The first half of version 0: what is wanted.
    fn add_wants(&self, server: &Server, request: &mut Request) {
        let mut capabilities = format!(" agent={AGENT}");
        for capability in ["ofs-delta", "side-band-64k"] {
            if server.capability(capability).is_some() {
                capabilities = format!(" {capability}{capabilities}");
            }
        }
        for want in &self.wants {
            request.line(&format!("want {want}{capabilities}"));
            capabilities.clear();
        }
        self.add_depth(request);
        request.flush();
    }

    /// The second half of version 0: what is there. Without bands the end of the acknowledgements could
    /// not be seen, so such a server is told of nothing.
    fn add_haves(&self, server: &Server, request: &mut Request) {
        if has_bands(server) {
            for have in &self.haves {
                request.line(&format!("have {have}"));
            }
        }
        request.line("done");
    }

    /// Refuses to take a part of the history for all of it.
    fn check_complete(&self, server_is_shallow: bool) -> Result<()> {
        ensure!(
            self.depth == Depth::Single || !server_is_shallow,
            "the repository on the server is itself a shallow clone, and its history is needed"
        );
        Ok(())
    }

    fn add_depth(&self, request: &mut Request) {
        for commit in &self.shallow {
            request.line(&format!("shallow {commit}"));
        }
        if self.depth == Depth::Single {
            request.line("deepen 1");
        }
    }
}

fn has_bands(server: &Server) -> bool {
    server.capability("side-band-64k").is_some()
}

fn fetch_version_0<W: Write>(
    exchange: &mut dyn Exchange,
    server: &Server,
    request: &FetchRequest,
    writer: &mut W,
    failure: impl Fn(&W, std::io::Error) -> anyhow::Error,
) -> Result<Fetched> {
    request.check_complete(server.is_shallow)?;
    let mut message = Request::default();
    let mut fetched = Fetched::default();
    request.add_wants(server, &mut message);
    let answers_early = exchange.kind() == Kind::Stream && request.depth == Depth::Single;
    if answers_early {
        // The server says how deep it goes before it listens again.
        let mut reader = PacketReader::new(exchange.send(&message.take())?);
        read_shallow(&mut reader, &mut fetched)?;
    }
    request.add_haves(server, &mut message);
    let mut reader = PacketReader::new(exchange.send(&message.take())?);
    if request.depth == Depth::Single && !answers_early {
        read_shallow(&mut reader, &mut fetched)?;
    }
    let first = read_acknowledgements(&mut reader, server)?;
    if has_bands(server) {
        copy_bands(&mut reader, first, writer, failure)?;
    } else {
        copy_stream(reader.stream(), writer, failure)?;
    }
    Ok(fetched)
}

/// Reads the sections of version 2 up to the pack.
fn read_sections<R: Read>(reader: &mut PacketReader<R>) -> Result<Fetched> {
    let mut fetched = Fetched::default();
    loop {
        match reader.read()? {
            Packet::Data(line) => {
                let line = line.strip_suffix(b"\n").unwrap_or(line);
                if line == b"packfile" {
                    return Ok(fetched);
                }
                // Names of sections and acknowledgements need no answer.
                fetched.read_line(line)?;
            }
            Packet::Delimiter => {}
            Packet::Flush | Packet::ResponseEnd => bail!("the server sent no pack"),
        }
    }
}

fn read_shallow<R: Read>(reader: &mut PacketReader<R>, fetched: &mut Fetched) -> Result<()> {
    while let Some(line) = data(reader)? {
        fetched.read_line(&line)?;
    }
    Ok(())
}

impl Fetched {
    fn read_line(&mut self, line: &[u8]) -> Result<()> {
        if let Some(commit) = line.strip_prefix(b"shallow ") {
            self.shallow.extend(parse_oid(commit));
        } else if let Some(commit) = line.strip_prefix(b"unshallow ") {
            self.unshallow.extend(parse_oid(commit));
        }
        ensure!(
            self.shallow.len() + self.unshallow.len() <= MOST_REFERENCES,
            "the server's list of shallow commits has no end"
        );
        Ok(())
    }
}

/// Skips `ACK` and `NAK`; gives the packet after them, which is the first of the pack.
fn read_acknowledgements<R: Read>(
    reader: &mut PacketReader<R>,
    server: &Server,
) -> Result<Option<Vec<u8>>> {
    loop {
        match reader.read()? {
            Packet::Data(line) if line.starts_with(b"ACK ") || line.starts_with(b"NAK") => {
                if !has_bands(server) {
                    return Ok(None);
                }
            }
            Packet::Data(band) => return Ok(Some(band.to_vec())),
            _ => bail!("the server sent no pack"),
        }
    }
}

/// Copies band 1, the pack, up to the flush packet; band 2 is remarks, band 3 the reason to give up.
fn copy_bands<R: Read, W: Write>(
    reader: &mut PacketReader<R>,
    first: Option<Vec<u8>>,
    writer: &mut W,
    failure: impl Fn(&W, std::io::Error) -> anyhow::Error,
) -> Result<()> {
    let mut copy = |packet: &[u8]| match packet.split_first() {
        Some((1, pack)) => writer
            .write_all(pack)
            .map_err(|error| failure(writer, error)),
        Some((3, message)) => Err(ServerError::new(message).into()),
        Some((2, _)) | None => Ok(()),
        Some(_) => Err(anyhow!(
            "the server's answer is not git's protocol: unknown band"
        )),
    };
    if let Some(packet) = first {
        copy(&packet)?;
    }
    loop {
        match reader.read()? {
            Packet::Data(packet) => copy(packet)?,
            Packet::Flush | Packet::ResponseEnd => return Ok(()),
            Packet::Delimiter => bail!("the server broke off in the pack"),
        }
    }
}

/// Copies a pack that comes without bands, to the end of the stream.
fn copy_stream<R: Read, W: Write>(
    stream: &mut R,
    writer: &mut W,
    failure: impl Fn(&W, std::io::Error) -> anyhow::Error,
) -> Result<()> {
    let mut buffer = vec![0; 1 << 16];
    loop {
        let count = match stream.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(count) => count,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(error).context("cannot read the server's answer"),
        };
        writer
            .write_all(buffer.get(..count).unwrap_or_default())
            .map_err(|error| failure(writer, error))?;
    }
}

#[cfg(test)]
mod tests;
