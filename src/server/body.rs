//! The body of an answer on its way to the client.

use std::future::Future;
use std::io;
use std::ops::Range;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use hyper::body::{Body, Bytes, Frame, SizeHint};
use tokio::task::{JoinHandle, spawn_blocking};

use super::log::Ticket;
use super::shelf::{Blob, Presence, read_full};

/// How much of a file is read at once, in bytes.
const CHUNK: usize = 64 << 10;

/// The end of what has no known size.
const UNKNOWN_END: u64 = u64::MAX;

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

/// A part of a file, read piece by piece as it is sent: no thread waits for the client.
pub(super) struct Stream {
    blob: Arc<dyn Blob>,
    buffers: Arc<Buffers>,
    /// What has not been sent; of what nobody knows the size of it has no end.
    left: Range<u64>,
    /// A piece that a thread waits for.
    reading: Option<JoinHandle<io::Result<Bytes>>>,
    /// Whether a piece was sent since other clients could be served.
    has_had_turn: bool,
}

impl AnswerBody {
    pub(super) fn new(sending: Sending, ticket: Ticket) -> AnswerBody {
        AnswerBody { sending, ticket }
    }
}

impl Stream {
    pub(super) fn new(blob: &Arc<dyn Blob>, part: Range<u64>, buffers: &Arc<Buffers>) -> Stream {
        Stream {
            reading: None,
            has_had_turn: false,
            blob: Arc::clone(blob),
            buffers: Arc::clone(buffers),
            left: part,
        }
    }

    /// Sends what grows from the beginning to the end that it turns out to have.
    pub(super) fn growing(blob: &Arc<dyn Blob>, buffers: &Arc<Buffers>) -> Stream {
        Stream::new(blob, 0..UNKNOWN_END, buffers)
    }

    /// Gives the next piece; an empty one where what has grown ends.
    fn poll_piece(&mut self, context: &mut Context<'_>) -> Poll<io::Result<Bytes>> {
        let Stream {
            blob,
            buffers,
            left,
            reading,
            has_had_turn,
        } = self;
        // Whoever takes pieces as fast as they can be read must not have the thread to himself.
        if std::mem::take(has_had_turn) {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        if reading.is_none()
            && let Some(piece) = buffers.read_now(&**blob, left)
        {
            *has_had_turn = true;
            left.start += piece.len() as u64;
            return Poll::Ready(Ok(piece));
        }
        let waiting = reading.get_or_insert_with(|| buffers.read(blob, left));
        let piece = ready!(Pin::new(waiting).poll(context));
        *reading = None;
        let piece = piece.map_err(io::Error::other).flatten()?;
        left.start += piece.len() as u64;
        Poll::Ready(Ok(piece))
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
            Sending::Stream(stream) => match ready!(stream.poll_piece(context)) {
                Ok(piece) if piece.is_empty() => {
                    self.sending = Sending::Nothing;
                    return Poll::Ready(None);
                }
                Ok(piece) => piece,
                Err(error) => {
                    self.ticket.failed(&error);
                    self.sending = Sending::Nothing;
                    return Poll::Ready(Some(Err(error)));
                }
            },
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
        match &self.sending {
            Sending::Nothing => SizeHint::with_exact(0),
            Sending::Whole(whole) => SizeHint::with_exact(whole.len() as u64),
            Sending::Stream(stream) if stream.left.end == UNKNOWN_END => SizeHint::new(),
            Sending::Stream(stream) => SizeHint::with_exact(stream.left.end - stream.left.start),
        }
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
        part: &Range<u64>,
    ) -> JoinHandle<io::Result<Bytes>> {
        let (buffers, blob, part) = (Arc::clone(self), Arc::clone(blob), part.clone());
        let Some(mut present) = blob.present() else {
            return spawn_blocking(move || buffers.fill(&*blob, &part));
        };
        tokio::spawn(async move {
            let is_there = |present: &Presence| {
                let extent = present.as_ref();
                extent.map_or(true, |extent| extent.is_whole || extent.bytes > part.start)
            };
            let present = match present.wait_for(is_there).await {
                Ok(present) => present.clone(),
                Err(_) => return Err(io::Error::other(BROKEN_OFF)),
            };
            let broken = |reason| io::Error::other(format!("{BROKEN_OFF}: {reason}"));
            let end = present.map_err(broken)?.bytes.min(part.end);
            let read = spawn_blocking(move || buffers.fill(&*blob, &(part.start..end)));
            read.await.map_err(io::Error::other)?
        })
    }

    fn fill(self: Arc<Buffers>, blob: &dyn Blob, part: &Range<u64>) -> io::Result<Bytes> {
        let mut lent = self.lend(part);
        read_full(blob, lent.room(), part.start)?;
        Ok(Bytes::from_owner(lent))
    }

    /// Reads what can be had of the first piece without waiting for it.
    fn read_now(self: &Arc<Buffers>, blob: &dyn Blob, part: &Range<u64>) -> Option<Bytes> {
        let mut lent = self.lend(part);
        lent.used = blob.read_now(lent.room(), part.start)?;
        Some(Bytes::from_owner(lent))
    }

    /// Lends a buffer for the first piece of a part.
    fn lend(self: &Arc<Buffers>, part: &Range<u64>) -> Lent {
        let spare = self.spare().pop();
        let length = part.end - part.start;
        Lent {
            content: spare.unwrap_or_else(|| vec![0; CHUNK]),
            used: usize::try_from(length).map_or(CHUNK, |length| length.min(CHUNK)),
            buffers: Arc::clone(self),
        }
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

impl Lent {
    fn room(&mut self) -> &mut [u8] {
        self.content.get_mut(..self.used).unwrap_or_default()
    }
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
