//! A zip that is sent on while its source is still sending it, or while it is made of a repository.
//!
//! Its last byte waits until all of it is verified and stored: nobody can take for whole what is not.

use std::fs::File;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use tokio::sync::watch;

use super::answer::{Answer, Media};
use super::module_cache::StoredFile;
use super::shelf::{Blob, Extent, Presence, Stored};

/// A zip below this size, in bytes, is awaited as a whole; one of unknown size as long as it is below.
const WORTHWHILE: u64 = 1 << 20;

/// What a source tells of the zip that it sends.
pub struct Arrival<'a> {
    /// Gets a zip that can be sent on from now on.
    offer: &'a (dyn Fn(Arriving) + Send + Sync),
    zip: Mutex<Option<Watched>>,
}

/// A zip that is offered.
struct Watched {
    zip: Arriving,
    present: watch::Sender<Presence>,
}

/// A zip that can be sent as far as it is there.
#[derive(Clone)]
pub(super) struct Arriving {
    /// Its size in bytes; none where that is known at the end only.
    pub(super) size: Option<u64>,
    tag: String,
    blob: Arc<ArrivingFile>,
}

struct ArrivingFile {
    file: StoredFile,
    present: watch::Receiver<Presence>,
}

impl<'a> Arrival<'a> {
    pub(super) fn new(offer: &'a (dyn Fn(Arriving) + Send + Sync)) -> Arrival<'a> {
        Arrival {
            offer,
            zip: Mutex::default(),
        }
    }

    /// Hears that `bytes` of a zip lie in a file, and of how many, if that is known. When it is another file, or there
    /// are less than before, it is another zip: whoever is being sent the old one gets no more of it.
    pub fn heard(&self, zip: &File, bytes: u64, size: Option<u64>) {
        let mut watched = self.zip.lock().unwrap_or_else(PoisonError::into_inner);
        // The last one is not for sending yet.
        let last = size.unwrap_or(bytes).saturating_sub(1);
        let present = Extent {
            bytes: bytes.min(last),
            is_whole: false,
        };
        let goes_on = |watched: &&mut Watched| {
            let before = watched.present.borrow();
            let before = before.as_ref();
            let is_more = before.is_ok_and(|before| present.bytes >= before.bytes);
            watched.zip.size == size && is_more && bytes > 0 && watched.zip.blob.file.is(zip)
        };
        if let Some(watched) = watched.as_mut().filter(goes_on) {
            watched.present.send_modify(|before| *before = Ok(present));
            return;
        }
        *watched = None;
        if bytes == 0 || size.unwrap_or(bytes) < WORTHWHILE {
            return;
        }
        // Without another handle everybody waits for the whole.
        let Ok(file) = zip.try_clone() else {
            return;
        };
        let (sender, receiver) = watch::channel(Ok(present));
        let blob = ArrivingFile {
            file: StoredFile(file),
            present: receiver,
        };
        let zip = Arriving {
            size,
            tag: next_tag(),
            blob: Arc::new(blob),
        };
        *watched = Some(Watched {
            zip: zip.clone(),
            present: sender,
        });
        (self.offer)(zip);
    }

    /// Tells whether anybody may have been sent some of a zip.
    pub(super) fn is_offered(&self) -> bool {
        let zip = self.zip.lock().unwrap_or_else(PoisonError::into_inner);
        zip.is_some()
    }

    /// Lets go of the last byte: the version is stored.
    pub(super) fn stored(&self) {
        self.end(Arriving::whole);
    }

    /// Tells those who are being sent the zip why they do not get the rest.
    pub(super) fn failed(&self, reason: &str) {
        self.end(|_| Err(Arc::from(reason)));
    }

    fn end(&self, presence: impl FnOnce(&Arriving) -> Presence) {
        let watched = self.zip.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(Watched { zip, present }) = &*watched {
            let presence = presence(zip);
            present.send_modify(|before| *before = presence);
        }
    }
}

impl Arriving {
    /// How much there is once it is stored.
    fn whole(&self) -> Presence {
        let bytes = match self.size {
            Some(size) => size,
            None => self.blob.file.size().map_err(|error| error.to_string())?,
        };
        Ok(Extent {
            bytes,
            is_whole: true,
        })
    }

    /// Gives it to be sent, like what is stored if its size is known.
    pub(super) fn answer(&self) -> Answer {
        let blob = Arc::clone(&self.blob) as Arc<dyn Blob>;
        let Some(size) = self.size else {
            return Answer::growing(blob, Media::Zip);
        };
        let stored = Stored {
            size,
            modified: SystemTime::now(),
            tag: self.tag.clone(),
            blob,
        };
        Answer::stored(stored, Media::Zip)
    }
}

impl Blob for ArrivingFile {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        self.file.read_at(buffer, offset)
    }

    fn present(&self) -> Option<watch::Receiver<Presence>> {
        Some(self.present.clone())
    }
}

/// What it is once it is stored has another tag: those who ask then get all of it again.
fn next_tag() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    format!("arriving-{:x}-{count:x}", std::process::id())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: u64 = WORTHWHILE;

    /// What can be sent of a zip that was offered, and what becomes of it.
    #[derive(Debug, PartialEq)]
    enum State {
        Growing(u64),
        Whole(u64),
        Abandoned(u64),
    }

    fn state(blob: &Arc<ArrivingFile>) -> State {
        let present = blob.present.borrow().clone().unwrap();
        match (present.is_whole, blob.present.has_changed()) {
            (true, _) => State::Whole(present.bytes),
            (false, Ok(_)) => State::Growing(present.bytes),
            (false, Err(_)) => State::Abandoned(present.bytes),
        }
    }

    /// Has a source tell of a zip, each time in which file it is and with so many bytes there; gives the state in the end of
    /// each zip that was offered.
    fn offered(told: &[(&File, u64, Option<u64>)], is_stored: bool) -> Vec<State> {
        let offers = Mutex::new(Vec::new());
        let offer = |arriving: Arriving| offers.lock().unwrap().push(arriving.blob);
        let arrival = Arrival::new(&offer);
        for (file, bytes, size) in told {
            arrival.heard(file, *bytes, *size);
        }
        if is_stored {
            arrival.stored();
        }
        let offers = offers.lock().unwrap();
        offers.iter().map(state).collect()
    }

    fn file(length: u64) -> File {
        let file = tempfile::tempfile().unwrap();
        file.set_len(length).unwrap();
        file
    }

    #[test]
    fn the_last_byte_waits_until_all_is_stored() {
        let zip = &file(SIZE);
        let begun = (zip, 1, Some(SIZE));
        assert_eq!(offered(&[begun], false), [State::Growing(1)]);
        let whole = [begun, (zip, SIZE, Some(SIZE))];
        assert_eq!(offered(&whole, false), [State::Growing(SIZE - 1)]);
        assert_eq!(offered(&whole, true), [State::Whole(SIZE)]);
    }

    #[test]
    fn a_zip_of_unknown_size_is_offered_once_it_is_large() {
        let zip = &file(SIZE + 16);
        let small = (zip, SIZE - 1, None);
        assert_eq!(offered(&[small], true), []);
        let told = [small, (zip, SIZE, None), (zip, SIZE + 9, None)];
        assert_eq!(offered(&told, false), [State::Growing(SIZE + 8)]);
        assert_eq!(offered(&told, true), [State::Whole(SIZE + 16)]);
    }

    #[test]
    fn a_small_zip_is_not_offered() {
        let zip = &file(SIZE);
        let told = [(zip, 1, Some(SIZE - 1)), (zip, 0, Some(SIZE))];
        assert_eq!(offered(&told, true), []);
    }

    #[test]
    fn another_file_is_another_zip() {
        let (first, second) = (&file(SIZE), &file(2 * SIZE));
        let told = [(first, SIZE, None), (second, 2 * SIZE, None)];
        let states = [State::Abandoned(SIZE - 1), State::Whole(2 * SIZE)];
        assert_eq!(offered(&told, true), states);
    }

    #[test]
    fn a_zip_that_begins_anew_is_another_one() {
        let zip = &file(SIZE);
        let anew = [5, 0, 3].map(|bytes| (zip, bytes, Some(SIZE)));
        let states = [State::Abandoned(5), State::Whole(SIZE)];
        assert_eq!(offered(&anew, true), states);
        let other = [(zip, 5, Some(SIZE)), (zip, 6, Some(SIZE + 1))];
        let states = [State::Abandoned(5), State::Growing(6)];
        assert_eq!(offered(&other, false), states);
    }
}
