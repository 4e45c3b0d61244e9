//! A client that says exactly what a test wants, and shows what comes back.

use std::collections::BTreeMap;
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// A response as it came.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    /// By names in lower case.
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    /// Takes apart what a connection brought until its end.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Reply> {
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
        let head = std::str::from_utf8(&bytes[..end]).ok()?;
        let mut lines = head.split("\r\n");
        let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
        let header = |line: &str| {
            let (name, value) = line.split_once(':')?;
            Some((name.to_ascii_lowercase(), value.trim().to_owned()))
        };
        Some(Reply {
            status,
            headers: lines.filter_map(header).collect(),
            body: bytes[end + 4..].to_vec(),
        })
    }

    /// A header field, or nothing.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    /// Takes the chunks of a body apart that says no length; `None` where it says one, or breaks off.
    pub(crate) fn unsized_body(&self) -> Option<Vec<u8>> {
        if self.header("transfer-encoding") != "chunked" {
            return None;
        }
        let (mut rest, mut content) = (&self.body[..], Vec::new());
        loop {
            let end = rest.windows(2).position(|window| window == b"\r\n")?;
            let length = std::str::from_utf8(&rest[..end]).ok()?;
            let length = usize::from_str_radix(length, 16).ok()?;
            rest = &rest[end + 2..];
            content.extend_from_slice(rest.get(..length)?);
            rest = rest.get(length..)?.strip_prefix(b"\r\n")?;
            if length == 0 {
                return rest.is_empty().then_some(content);
            }
        }
    }

    /// The body as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// Connects; whoever waits for ever fails the test.
pub(crate) fn connect(address: &str) -> TcpStream {
    let stream = TcpStream::connect(address).expect("a connection");
    let patience = Some(Duration::from_secs(60));
    stream.set_read_timeout(patience).expect("a socket");
    stream.set_write_timeout(patience).expect("a socket");
    stream
}

/// Sends bytes and reads until the server ends the connection.
pub(crate) fn send(address: &str, bytes: &[u8]) -> Vec<u8> {
    let mut stream = connect(address);
    // A server that has heard enough ends the connection before all is said.
    let _ = stream.write_all(bytes);
    read_all(&mut stream)
}

/// Reads until the server ends the connection.
pub(crate) fn read_all(stream: &mut impl Read) -> Vec<u8> {
    let mut received = Vec::new();
    match stream.read_to_end(&mut received) {
        Err(error) if error.kind() != ErrorKind::ConnectionReset => panic!("{error}"),
        _ => received,
    }
}

/// Gives a body as a single chunk, as who does not know its length sends it.
pub(crate) fn chunked(body: &[u8]) -> Vec<u8> {
    let head = format!("{:x}\r\n", body.len());
    [head.as_bytes(), body, b"\r\n0\r\n\r\n"].concat()
}

/// The bytes of a request without a body, after which the connection ends.
pub(crate) fn request(method: &str, target: &str, headers: &[(&str, &str)]) -> Vec<u8> {
    let mut text = format!("{method} {target} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n");
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text.push_str("\r\n");
    text.into_bytes()
}
