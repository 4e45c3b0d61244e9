//! An HTTP server on loopback that answers whatever a test makes up, also what no honest server would.
#![allow(
    dead_code,
    unused_imports,
    reason = "not every test program asks for everything"
)]

mod secure;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

pub(crate) use secure::{Authority, Protocol};

/// A server that runs until the process ends.
pub(crate) struct Loopback {
    url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

/// A request as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) method: String,
    /// As it is in the request line: escaped, of a forward proxy the whole URL.
    pub(crate) target: String,
    /// `HTTP/1.1`, `HTTP/2.0`
    pub(crate) version: String,
    /// By names in lower case.
    pub(crate) headers: BTreeMap<String, String>,
    /// What HTTP/1.1 brought.
    pub(crate) body: Vec<u8>,
    /// Counts from 0; several requests come on one connection.
    pub(crate) connection: usize,
    /// Counts from 0.
    pub(crate) number: usize,
}

/// What is answered.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    end: End,
    delay: Duration,
}

/// Holds up whoever comes to it until it is opened.
#[derive(Clone, Debug, Default)]
pub(crate) struct Gate(Arc<(Mutex<bool>, Condvar)>);

impl Gate {
    pub(crate) fn open(&self) {
        let (is_open, opened) = &*self.0;
        *is_open.lock().expect("a gate") = true;
        opened.notify_all();
    }

    pub(crate) fn pass(&self) {
        let (is_open, opened) = &*self.0;
        let is_open = is_open.lock().expect("a gate");
        drop(opened.wait_while(is_open, |is_open| !*is_open));
    }
}

/// How a body ends.
#[derive(Clone, Debug)]
enum End {
    /// As it should.
    Whole,
    /// With the connection, after so many bytes.
    Cut(usize),
    /// As it should, but after so many bytes it waits.
    Held(usize, Gate),
    /// It is sent again and again until nobody listens.
    Never,
}

impl Loopback {
    /// Starts to answer with what `answer` makes of each request.
    pub(crate) fn start(answer: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> Loopback {
        Loopback::listen("http://127.0.0.1", answer, |stream, served| {
            // Head and body are written one after the other.
            stream.set_nodelay(true).ok()?;
            served.all(stream)
        })
    }

    /// Has each connection served by a thread of its own.
    fn listen(
        host: &str,
        answer: impl Fn(&Asked) -> Answer + Send + Sync + 'static,
        serve: impl Fn(TcpStream, Served) -> Option<()> + Send + Sync + 'static,
    ) -> Loopback {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port on loopback");
        let port = listener.local_addr().expect("an address").port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (log, answer, serve) = (Arc::clone(&asked), Arc::new(answer), Arc::new(serve));
        std::thread::spawn(move || {
            for (connection, stream) in listener.incoming().flatten().enumerate() {
                let served = Served {
                    connection,
                    log: Arc::clone(&log),
                    make: Arc::clone(&answer) as Arc<_>,
                };
                let serve = Arc::clone(&serve);
                // A client that went away is no matter of the test's.
                std::thread::spawn(move || serve(stream, served));
            }
        });
        let url = format!("{host}:{port}");
        Loopback { url, asked }
    }

    /// Starts to answer from a table of targets; 404 for all others.
    pub(crate) fn table(entries: impl IntoIterator<Item = (String, Answer)>) -> Loopback {
        Loopback::start(table(entries))
    }

    /// `http://127.0.0.1:port`, or `https://localhost:port`.
    pub(crate) fn url(&self) -> String {
        self.url.clone()
    }

    /// All requests so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().expect("the log").clone()
    }

    /// All requests since the last time.
    pub(crate) fn take(&self) -> Vec<Asked> {
        std::mem::take(&mut *self.asked.lock().expect("the log"))
    }

    /// The targets of all requests so far.
    pub(crate) fn targets(&self) -> Vec<String> {
        self.asked().into_iter().map(|asked| asked.target).collect()
    }
}

/// Answers from a table of targets; 404 for all others.
pub(crate) fn table(
    entries: impl IntoIterator<Item = (String, Answer)>,
) -> impl Fn(&Asked) -> Answer + Send + Sync + 'static {
    let table: BTreeMap<String, Answer> = entries.into_iter().collect();
    move |asked| match table.get(&asked.target) {
        Some(answer) => answer.clone(),
        None => Answer::status(404).text("not found"),
    }
}

impl Asked {
    /// A header field, or nothing.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }
}

impl Answer {
    /// An answer of this status with an empty body.
    pub(crate) fn status(status: u16) -> Answer {
        Answer {
            status,
            headers: Vec::new(),
            body: Vec::new(),
            end: End::Whole,
            delay: Duration::ZERO,
        }
    }

    /// 200 with a body.
    pub(crate) fn ok(body: impl Into<Vec<u8>>) -> Answer {
        Answer::status(200).body(body)
    }

    /// A redirect.
    pub(crate) fn redirect(status: u16, location: &str) -> Answer {
        Answer::status(status).header("Location", location)
    }

    pub(crate) fn body(self, body: impl Into<Vec<u8>>) -> Answer {
        let body = body.into();
        Answer { body, ..self }
    }

    /// The body.
    pub(crate) fn content(&self) -> &[u8] {
        &self.body
    }

    /// A body in plain text.
    pub(crate) fn text(self, body: &str) -> Answer {
        self.header("Content-Type", "text/plain; charset=utf-8")
            .body(body)
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Answer {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Ends the connection after so many bytes of the body.
    pub(crate) fn cut(self, after: usize) -> Answer {
        let end = End::Cut(after);
        Answer { end, ..self }
    }

    /// Waits at a gate after so many bytes of the body.
    pub(crate) fn held(self, after: usize, gate: &Gate) -> Answer {
        let end = End::Held(after, gate.clone());
        Answer { end, ..self }
    }

    /// Sends the body again and again without end, and so without a length.
    pub(crate) fn endless(self) -> Answer {
        let end = End::Never;
        Answer { end, ..self }
    }

    /// Waits first.
    pub(crate) fn delay(self, delay: Duration) -> Answer {
        Answer { delay, ..self }
    }

    /// Compresses the body.
    pub(crate) fn gzip(self) -> Answer {
        let mut compressor = libdeflater::Compressor::new(libdeflater::CompressionLvl::default());
        let mut packed = vec![0; compressor.gzip_compress_bound(self.body.len())];
        let length = compressor
            .gzip_compress(&self.body, &mut packed)
            .expect("there is room");
        packed.truncate(length);
        self.header("Content-Encoding", "gzip").body(packed)
    }

    /// A file that can be had in parts, as web servers give it (RFC 9110, section 14).
    pub(crate) fn file(asked: &Asked, content: &[u8], etag: &str) -> Answer {
        let whole = Answer::ok(content)
            .header("ETag", etag)
            .header("Accept-Ranges", "bytes");
        let condition = asked.header("if-range");
        let range = asked.header("range").strip_prefix("bytes=");
        let start = range.and_then(|range| range.strip_suffix('-')?.parse().ok());
        match start {
            Some(start) if (condition.is_empty() || condition == etag) && start < content.len() => {
                let last = content.len() - 1;
                let range = format!("bytes {start}-{last}/{}", content.len());
                Answer {
                    status: 206,
                    ..whole
                }
                .header("Content-Range", &range)
                .body(&content[start..])
            }
            _ => whole,
        }
    }

    fn send(&self, stream: &mut impl Write) -> std::io::Result<()> {
        std::thread::sleep(self.delay);
        let status = http::StatusCode::from_u16(self.status).expect("a status");
        let reason = status.canonical_reason().unwrap_or("Unknown");
        let mut head = format!("HTTP/1.1 {} {reason}\r\n", self.status);
        for (name, value) in &self.headers {
            let _ = write!(head, "{name}: {value}\r\n");
        }
        let has_length = |name: &str| {
            name.eq_ignore_ascii_case("content-length")
                || name.eq_ignore_ascii_case("transfer-encoding")
        };
        if !matches!(self.end, End::Never) && !self.headers.iter().any(|(name, _)| has_length(name))
        {
            let _ = write!(head, "Content-Length: {}\r\n", self.body.len());
        }
        stream.write_all(format!("{head}\r\n").as_bytes())?;
        match &self.end {
            End::Whole => {
                stream.write_all(&self.body)?;
                stream.flush()
            }
            End::Held(after, gate) => {
                let (first, last) = self.body.split_at(*after);
                stream.write_all(first)?;
                stream.flush()?;
                gate.pass();
                stream.write_all(last)?;
                stream.flush()
            }
            End::Cut(after) => {
                stream.write_all(&self.body[..*after.min(&self.body.len())])?;
                stream.flush()?;
                Err(std::io::ErrorKind::ConnectionAborted.into())
            }
            End::Never => loop {
                stream.write_all(&self.body)?;
            },
        }
    }
}

/// One connection.
struct Served {
    connection: usize,
    log: Arc<Mutex<Vec<Asked>>>,
    make: Arc<dyn Fn(&Asked) -> Answer + Send + Sync>,
}

impl Served {
    /// Answers the requests of HTTP/1.1 on a stream, until it ends.
    fn all(&self, stream: impl Read + Write) -> Option<()> {
        let mut reader = BufReader::new(stream);
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).ok()?;
            let mut words = line.split_whitespace();
            let (method, target, version) = (words.next()?, words.next()?, words.next()?);
            let mut headers = BTreeMap::new();
            loop {
                let mut line = String::new();
                reader.read_line(&mut line).ok()?;
                let Some((name, value)) = line.trim_end().split_once(':') else {
                    break;
                };
                headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
            }
            let length = headers
                .get("content-length")
                .and_then(|text| text.parse().ok());
            let mut body = vec![0; length.unwrap_or(0)];
            reader.read_exact(&mut body).ok()?;
            let answer = self.answer(method, target, version, headers, body);
            answer.send(reader.get_mut()).ok()?;
        }
    }

    /// Writes a request down and makes its answer.
    fn answer(
        &self,
        method: &str,
        target: &str,
        version: &str,
        headers: BTreeMap<String, String>,
        body: Vec<u8>,
    ) -> Answer {
        let asked = {
            let mut log = self.log.lock().expect("the log");
            let asked = Asked {
                method: method.to_owned(),
                target: target.to_owned(),
                version: version.to_owned(),
                headers,
                body,
                connection: self.connection,
                number: log.len(),
            };
            log.push(asked.clone());
            asked
        };
        (self.make)(&asked)
    }
}
