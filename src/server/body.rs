//! The body of an answer on its way to the client.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use hyper::body::{Body, Bytes, Frame, SizeHint};
use tokio::task::{JoinHandle, spawn_blocking};

use super::log::Ticket;
use super::shelf::{Blob, read_full};

/// How much of a file is read at once, in bytes.
pub(super) const CHUNK: usize = 256 << 10;

const BROKEN_OFF: &str = "what was being fetched could not be stored";

/// How many buffers are kept for the next.
const SPARE: usize = 32;

/// A body that tells its request when it has been sent, or has not.
pub(super) struct AnswerBody {
    sending: Sending,
    ticket: Ticket,
}

/// What is sent.
pub(super) enum Sending {
    /// Nothing, or nothing more.
    Nothing,
    /// What is in memory.
    Whole(Bytes),
    /// A part of a file.
    Stream(Stream),
}

/// A part of a file, of which one piece is read while another is sent. No thread waits for the client.
pub(super) struct Stream {
    blob: Arc<dyn Blob>,
    buffers: Arc<Buffers>,
    /// What has not been sent.
    left: std::ops::Range<u64>,
    reading: JoinHandle<io::Result<Bytes>>,
}

impl AnswerBody {
    pub(super) fn new(sending: Sending, ticket: Ticket) -> AnswerBody {
        AnswerBody { sending, ticket }
    }
}

impl Stream {
    /// Begins to read.
    pub(super) fn new(
        blob: &Arc<dyn Blob>,
        part: std::ops::Range<u64>,
        buffers: &Arc<Buffers>,
    ) -> Stream {
        Stream {
            reading: buffers.read(blob, &part),
            blob: Arc::clone(blob),
            buffers: Arc::clone(buffers),
            left: part,
        }
    }
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let piece = match &mut self.sending {
            Sending::Nothing => return Poll::Ready(None),
            Sending::Whole(whole) => std::mem::take(whole),
            Sending::Stream(stream) => {
                let piece = ready!(Pin::new(&mut stream.reading).poll(context));
                let piece = piece.map_err(io::Error::other).flatten();
                match piece {
                    Ok(piece) => {
                        stream.left.start += piece.len() as u64;
                        if !stream.left.is_empty() {
                            stream.reading = stream.buffers.read(&stream.blob, &stream.left);
                        }
                        piece
                    }
                    Err(error) => {
                        self.ticket.failed(&error);
                        self.sending = Sending::Nothing;
                        return Poll::Ready(Some(Err(error)));
                    }
                }
            }
        };
        let is_over = match &self.sending {
            Sending::Stream(stream) => stream.left.is_empty(),
            Sending::Whole(_) | Sending::Nothing => true,
        };
        if is_over {
            self.sending = Sending::Nothing;
        }
        self.ticket.sent(piece.len());
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.size_hint().exact() == Some(0)
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(match &self.sending {
            Sending::Nothing => 0,
            Sending::Whole(whole) => whole.len() as u64,
            Sending::Stream(stream) => stream.left.end - stream.left.start,
        })
    }
}

/// Buffers to read files into, each used again when what it held has been sent.
#[derive(Default)]
pub(super) struct Buffers(Mutex<Vec<Vec<u8>>>);

impl Buffers {
    /// Reads the first piece of a part, on a thread that may wait for it; what is not there yet is waited for on none.
    fn read(
        self: &Arc<Buffers>,
        blob: &Arc<dyn Blob>,
        part: &std::ops::Range<u64>,
    ) -> JoinHandle<io::Result<Bytes>> {
        let (buffers, blob, part) = (Arc::clone(self), Arc::clone(blob), part.clone());
        let Some(mut present) = blob.present() else {
            return spawn_blocking(move || buffers.fill(&*blob, &part));
        };
        tokio::spawn(async move {
            let present = present.wait_for(|present| *present > part.start).await;
            let end = present
                .map_err(|_| io::Error::other(BROKEN_OFF))?
                .min(part.end);
            let read = spawn_blocking(move || buffers.fill(&*blob, &(part.start..end)));
            read.await.map_err(io::Error::other)?
        })
    }

    fn fill(self: Arc<Buffers>, blob: &dyn Blob, part: &std::ops::Range<u64>) -> io::Result<Bytes> {
        let spare = self.spare().pop();
        let mut content = spare.unwrap_or_else(|| vec![0; CHUNK]);
        let length = part.end - part.start;
        let used = usize::try_from(length).map_or(CHUNK, |length| length.min(CHUNK));
        let room = content.get_mut(..used).unwrap_or_default();
        read_full(blob, room, part.start)?;
        Ok(Bytes::from_owner(Lent {
            content,
            used,
            buffers: self,
        }))
    }

    fn spare(&self) -> std::sync::MutexGuard<'_, Vec<Vec<u8>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A buffer that is being sent.
struct Lent {
    content: Vec<u8>,
    used: usize,
    buffers: Arc<Buffers>,
}

impl AsRef<[u8]> for Lent {
    fn as_ref(&self) -> &[u8] {
        self.content.get(..self.used).unwrap_or_default()
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let mut spare = self.buffers.spare();
        if spare.len() < SPARE {
            spare.push(std::mem::take(&mut self.content));
        }
    }
}
