//! Packets, of which everything in the protocol is made: four hexadecimal digits of length, then data.

use std::fmt;
use std::io::{ErrorKind, Read};

use anyhow::{Context, Result, bail};

/// The longest packet, its length included (gitprotocol-common).
const LONGEST: usize = 65520;
/// How much of a server's message is shown.
const LONGEST_MESSAGE: usize = 1000;

/// One packet.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Packet<'a> {
    /// `0000`, the end of a message.
    Flush,
    /// `0001`, the end of a section.
    Delimiter,
    /// `0002`, the end of a response.
    ResponseEnd,
    /// Anything else; without the length, and with the line break where there is one.
    Data(&'a [u8]),
}

/// What a server said when it refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ServerError(String);

impl ServerError {
    /// Takes a message from a server, made safe to show.
    pub(crate) fn new(message: &[u8]) -> ServerError {
        let message = message.trim_ascii();
        let message = message.get(..LONGEST_MESSAGE).unwrap_or(message);
        let text = String::from_utf8_lossy(message);
        let words = text.split(|c: char| c.is_control() || c.is_whitespace());
        let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
        ServerError(words.join(" "))
    }
}

impl fmt::Display for ServerError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "the server says: {}", self.0)
    }
}

impl std::error::Error for ServerError {}

/// Reads packets from a stream, never further than the packet asked for.
pub(crate) struct PacketReader<R> {
    stream: R,
    buffer: Vec<u8>,
}

impl<R: Read> PacketReader<R> {
    pub(crate) fn new(stream: R) -> PacketReader<R> {
        PacketReader {
            stream,
            buffer: Vec::new(),
        }
    }

    /// Reads a packet. A stream that ends is an error here, of kind `UnexpectedEof`, and a packet `ERR …`
    /// is a [`ServerError`].
    pub(crate) fn read(&mut self) -> Result<Packet<'_>> {
        let mut digits = [0; 4];
        self.stream
            .read_exact(&mut digits)
            .map_err(broken_off)
            .context("cannot read the server's answer")?;
        let length = match parse_length(digits) {
            Some(0) => return Ok(Packet::Flush),
            Some(1) => return Ok(Packet::Delimiter),
            Some(2) => return Ok(Packet::ResponseEnd),
            Some(length @ 4..=LONGEST) => length - 4,
            _ => bail!(
                "the server's answer is not git's protocol: `{}` is no packet length",
                digits.escape_ascii()
            ),
        };
        self.buffer.resize(length, 0);
        self.stream
            .read_exact(&mut self.buffer)
            .map_err(broken_off)
            .context("cannot read the server's answer")?;
        match self.buffer.strip_prefix(b"ERR ") {
            Some(message) => Err(ServerError::new(message).into()),
            None => Ok(Packet::Data(&self.buffer)),
        }
    }

    /// Gives the stream, at the byte after the last packet.
    pub(crate) fn stream(&mut self) -> &mut R {
        &mut self.stream
    }
}

fn parse_length(digits: [u8; 4]) -> Option<usize> {
    let mut length = 0;
    for digit in digits {
        length = length * 16 + char::from(digit).to_digit(16)? as usize;
    }
    Some(length)
}

fn broken_off(error: std::io::Error) -> std::io::Error {
    match error.kind() {
        ErrorKind::UnexpectedEof => {
            std::io::Error::new(ErrorKind::UnexpectedEof, "the connection was broken off")
        }
        _ => error,
    }
}

/// A request being put together.
#[derive(Debug, Default)]
pub(crate) struct Request {
    data: Vec<u8>,
}

impl Request {
    /// Adds a line; ours are all far shorter than the limit.
    pub(crate) fn line(&mut self, line: &str) -> &mut Request {
        let length = line.len() + 5;
        self.data
            .extend_from_slice(format!("{length:04x}{line}\n").as_bytes());
        self
    }

    /// Ends a section.
    pub(crate) fn delimiter(&mut self) -> &mut Request {
        self.data.extend_from_slice(b"0001");
        self
    }

    /// Ends the message.
    pub(crate) fn flush(&mut self) -> &mut Request {
        self.data.extend_from_slice(b"0000");
        self
    }

    /// Gives the bytes to send, and starts anew.
    pub(crate) fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.data)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(mut data: &[u8]) -> Vec<String> {
        let mut reader = PacketReader::new(&mut data);
        let mut seen = Vec::new();
        loop {
            match reader.read() {
                Ok(packet) => seen.push(format!("{packet:?}")),
                Err(error) => {
                    seen.push(format!("{error:#}"));
                    return seen;
                }
            }
        }
    }

    #[test]
    fn packets_are_told_apart() {
        let seen = read(b"00000001000200040006a\n");
        assert_eq!(
            seen[..5],
            [
                "Flush",
                "Delimiter",
                "ResponseEnd",
                "Data([])",
                "Data([97, 10])"
            ]
        );
        assert_eq!(
            seen[5],
            "cannot read the server's answer: the connection was broken off"
        );
    }

    #[test]
    fn what_is_no_packet_is_refused() {
        let page = "the server's answer is not git's protocol: `<htm` is no packet length";
        assert_eq!(read(b"<html>"), [page]);
        for data in [
            b"0003".as_slice(),
            b"fff1",
            b"ffff",
            b"+004",
            b"-001",
            b"00 4",
        ] {
            assert!(
                read(data)[0].starts_with("the server's answer is not"),
                "{data:?}"
            );
        }
        for data in [b"".as_slice(), b"00", b"0008abc"] {
            assert!(read(data)[0].ends_with("broken off"), "{data:?}");
        }
    }

    #[test]
    fn what_a_server_says_is_made_safe_to_show() {
        assert_eq!(
            read(b"0015ERR no \x1b[1mway\x07\n "),
            ["the server says: no [1mway"]
        );
    }

    #[test]
    fn requests_carry_their_lengths() {
        let mut request = Request::default();
        request
            .line("command=fetch")
            .delimiter()
            .line("done")
            .flush();
        assert_eq!(request.take(), b"0012command=fetch\n00010009done\n0000");
        assert_eq!(request.take(), b"");
    }
}
