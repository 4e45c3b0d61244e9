//! What a server answers.

use std::io::{self, Read};
use std::sync::Arc;

use bytes::{Buf, Bytes};
use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use tokio::runtime::Handle;
use url::Url;

use super::client::{Client, wait};
use super::failure::broken_off;
use super::interrupt::Interrupt;
use super::pace::Pace;

/// The answer to a request: its head, and the way to its body.
#[derive(Debug)]
pub struct Response {
    /// The status, which may be an error's.
    pub status: StatusCode,
    /// The head; a body that came compressed has neither length nor encoding there.
    pub headers: HeaderMap,
    /// Where it came from, after redirects.
    pub url: Url,
    /// What follows.
    pub body: Body,
}

/// The body of an answer, uncompressed.
///
/// Reading fails with an error that [`super::retried`] understands: of a kind that may pass when the
/// connection breaks off before the end that was announced.
pub struct Body {
    answer: reqwest::Response,
    /// Keeps the threads alive that the connection lives on.
    _client: Client,
    handle: Handle,
    pace: Pace,
    interrupt: Arc<dyn Interrupt>,
    /// What has come and has not been taken.
    chunk: Bytes,
}

impl Body {
    pub(super) fn new(
        answer: reqwest::Response,
        client: Client,
        handle: Handle,
        pace: Pace,
        interrupt: Arc<dyn Interrupt>,
    ) -> Body {
        Body {
            answer,
            _client: client,
            handle,
            pace,
            interrupt,
            chunk: Bytes::new(),
        }
    }
}

impl Read for Body {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.chunk.is_empty() {
            let next = self.answer.chunk();
            let next = wait(&self.handle, &*self.interrupt, &mut self.pace, next)?;
            let Some(chunk) = next.map_err(broken_off)? else {
                return Ok(0);
            };
            self.pace.received(chunk.len());
            self.chunk = chunk;
        }
        let count = self.chunk.len().min(buffer.len());
        self.chunk
            .copy_to_slice(buffer.get_mut(..count).unwrap_or_default());
        Ok(count)
    }
}

impl std::fmt::Debug for Body {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Body")
    }
}
