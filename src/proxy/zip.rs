//! Downloading a zip, which may be large: in as many pieces as the connection needs.

use std::fs::File;
use std::io::{ErrorKind, Read, Seek, SeekFrom, Write};

use anyhow::{Context, Result, bail, ensure};

use super::endpoint::{Endpoint, Found};
use super::refusal::check_status;
use crate::web::header::{
    ACCEPT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE, ETAG, HeaderMap, HeaderValue, IF_RANGE,
    LAST_MODIFIED, RANGE,
};
use crate::web::{Response, StatusCode};

/// A connection that brings less than this before it breaks off is not worth another.
const PROGRESS: u64 = 1 << 20;

/// How far a download has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Received {
    /// Bytes that are in the file; less than before when the download begins anew.
    pub bytes: u64,
    /// Bytes of the whole, if the server tells.
    pub total: Option<u64>,
}

/// Where a zip goes.
pub(super) struct Target<'t> {
    pub(super) file: &'t mut File,
    /// The most bytes that it may have.
    pub(super) limit: u64,
    /// Hears of all bytes that have been written, and that the file has been emptied.
    pub(super) heard: &'t mut dyn FnMut(Received),
}

/// A zip that is coming in.
struct Transfer<'t> {
    /// The URL for messages.
    url: String,
    target: Target<'t>,
    received: u64,
    /// The length that the server has announced.
    total: Option<u64>,
    /// What the server calls this very content, and its whole length. Without both nothing can be taken up.
    identity: Option<(HeaderValue, u64)>,
}

/// Downloads a zip to a file, in place of what that has, and takes it up again where a connection breaks off.
pub(super) fn download(endpoint: &Endpoint, name: &str, target: Target<'_>) -> Result<()> {
    let mut transfer = Transfer {
        url: endpoint.name(name),
        target,
        received: 0,
        total: None,
        identity: None,
    };
    loop {
        let before = transfer.received;
        let done = endpoint.retried(|| transfer.attempt(endpoint, name));
        match done {
            // As long as there is progress, there is hope.
            Err(_)
                if !endpoint.interrupt().interrupted()
                    && transfer.identity.is_some()
                    && transfer.received >= before.saturating_add(PROGRESS) => {}
            other => return other,
        }
    }
}

impl Transfer<'_> {
    fn attempt(&mut self, endpoint: &Endpoint, name: &str) -> Result<()> {
        let body = match endpoint.find(name, self.headers()?)? {
            Found::Opened(file) => return self.copy_file(file),
            Found::Served(response) => self.accept(*response)?.body,
        };
        let copied = self.copy(body);
        copied.with_context(|| format!("reading {}", self.url))?;
        if let Some((_, length)) = &self.identity {
            ensure!(
                self.received == *length,
                "reading {}: {} bytes came of {length}",
                self.url,
                self.received
            );
        }
        Ok(())
    }

    /// Asks for what is missing, uncompressed: the ranges of a compressed answer are those of another file.
    fn headers(&self) -> Result<HeaderMap> {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        if let Some((tag, _)) = self.identity.as_ref().filter(|_| self.received > 0) {
            headers.insert(RANGE, format!("bytes={}-", self.received).try_into()?);
            headers.insert(IF_RANGE, tag.clone());
        }
        Ok(headers)
    }

    /// Prepares for a body: for the rest of what has come, or for everything once more.
    fn accept(&mut self, response: Response) -> Result<Response> {
        if response.status == StatusCode::PARTIAL_CONTENT {
            if !self.goes_on(&response.headers) {
                self.restart()?;
                bail!(
                    "reading {}: the server sends another part than it was asked for",
                    self.url
                );
            }
            return Ok(response);
        }
        self.restart()?;
        let response = check_status(response, &self.url)?;
        self.total = length(&response.headers);
        self.check_size(self.total.unwrap_or(0))?;
        self.identity = tag(&response.headers).zip(self.total);
        Ok(response)
    }

    /// Tells whether a part is the one that is missing, of the same content.
    fn goes_on(&self, headers: &HeaderMap) -> bool {
        let Some((tag, length)) = &self.identity else {
            return false;
        };
        let last = length.saturating_sub(1);
        let range = format!("bytes {}-{last}/{length}", self.received);
        let is_same = headers
            .get(ETAG)
            .is_none_or(|given| given == tag || !is_strong(tag));
        is_same
            && headers
                .get(CONTENT_RANGE)
                .is_some_and(|given| given == range.as_str())
    }

    fn restart(&mut self) -> Result<()> {
        self.received = 0;
        self.total = None;
        self.identity = None;
        self.tell();
        let file = &mut self.target.file;
        file.set_len(0)
            .and_then(|()| file.seek(SeekFrom::Start(0)).map(drop))
            .context("cannot empty the temporary file")
    }

    fn tell(&mut self) {
        (self.target.heard)(Received {
            bytes: self.received,
            total: self.total,
        });
    }

    fn check_size(&self, bytes: u64) -> Result<()> {
        let limit = self.target.limit;
        ensure!(bytes <= limit, TooLarge(limit));
        Ok(())
    }

    /// Copies a file of this machine: the system may do that without reading it.
    fn copy_file(&mut self, mut file: File) -> Result<()> {
        self.restart()?;
        let length = file.metadata().context("cannot tell the size")?.len();
        self.check_size(length)?;
        std::io::copy(&mut file, self.target.file)
            .map(drop)
            .with_context(|| format!("copying {}", self.url))
    }

    fn copy(&mut self, mut body: impl Read) -> Result<()> {
        let mut buffer = vec![0; 128 << 10];
        loop {
            let count = match body.read(&mut buffer) {
                Ok(0) => return Ok(()),
                Ok(count) => count,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(error.into()),
            };
            self.received = self.received.saturating_add(count as u64);
            self.check_size(self.received)?;
            let chunk = buffer.get(..count).unwrap_or_default();
            let written = self.target.file.write_all(chunk);
            written.context("cannot write the temporary file")?;
            self.tell();
        }
    }
}

/// The zip has more bytes than any module zip may have.
#[derive(Debug, thiserror::Error)]
#[error("downloaded zip file too large: more than {} MiB", .0 >> 20)]
struct TooLarge(u64);

/// Finds what tells this content from any other the server may have: a strong tag, or else the time at which
/// it was changed (RFC 9110, section 13.1.5).
fn tag(headers: &HeaderMap) -> Option<HeaderValue> {
    let tag = match headers.get(ETAG) {
        Some(tag) => Some(tag).filter(|tag| is_strong(tag)),
        None => headers.get(LAST_MODIFIED),
    };
    tag.cloned()
}

fn is_strong(tag: &HeaderValue) -> bool {
    tag.as_bytes().starts_with(b"\"")
}

fn length(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}
