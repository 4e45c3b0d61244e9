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
    size: Option<u64>,
    blob: Arc<ArrivingFile>,
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
            let before = watched.present.borrow().clone();
            let is_more = before.is_ok_and(|before| present.bytes >= before.bytes);
            watched.size == size && is_more && bytes > 0 && watched.blob.file.is(zip)
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
        let blob = Arc::new(ArrivingFile {
            file: StoredFile(file),
            present: receiver,
        });
        *watched = Some(Watched {
            size,
            blob: Arc::clone(&blob),
            present: sender,
        });
        (self.offer)(Arriving {
            size,
            tag: next_tag(),
            blob,
        });
    }

    /// Tells whether anybody may have been sent some of a zip.
    pub(super) fn is_offered(&self) -> bool {
        let zip = self.zip.lock().unwrap_or_else(PoisonError::into_inner);
        zip.is_some()
    }

    /// Lets go of the last byte: the version is stored.
    pub(super) fn stored(&self) {
        self.end(|zip| zip.whole());
    }

    /// Tells those who are being sent the zip why they do not get the rest.
    pub(super) fn failed(&self, reason: &str) {
        self.end(|_| Err(Arc::from(reason)));
    }

    fn end(&self, presence: impl FnOnce(&Watched) -> Presence) {
        let zip = self.zip.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(zip) = &*zip {
            let presence = presence(zip);
            zip.present.send_modify(|before| *before = presence);
        }
    }
}

impl Watched {
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
}

impl Arriving {
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

    /// What the file has in the end, in bytes.
    const WRITTEN: u64 = SIZE + 16;

    /// Has a source tell of a zip, each time with so many bytes in the file; gives what can be sent in the end of each
    /// zip that was offered, and whether more will come.
    fn offered(told: &[(u64, Option<u64>)], is_stored: bool) -> Vec<(u64, bool)> {
        let file = tempfile::tempfile().unwrap();
        file.set_len(WRITTEN).unwrap();
        let offers = Mutex::new(Vec::new());
        let offer = |arriving: Arriving| offers.lock().unwrap().push(arriving.blob);
        let arrival = Arrival::new(&offer);
        for (bytes, size) in told {
            arrival.heard(&file, *bytes, *size);
        }
        if is_stored {
            arrival.stored();
        }
        let state = |blob: &Arc<ArrivingFile>| {
            let present = blob.present.borrow().clone().unwrap();
            let is_watched = blob.present.has_changed().is_ok();
            (present.bytes, is_watched && !present.is_whole)
        };
        let offers = offers.lock().unwrap();
        offers.iter().map(state).collect()
    }

    #[test]
    fn the_last_byte_waits_until_all_is_stored() {
        assert_eq!(offered(&[(1, Some(SIZE))], false), [(1, true)]);
        let whole = [(1, Some(SIZE)), (SIZE, Some(SIZE))];
        assert_eq!(offered(&whole, false), [(SIZE - 1, true)]);
        assert_eq!(offered(&whole, true), [(SIZE, false)]);
    }

    #[test]
    fn a_zip_of_unknown_size_is_offered_once_it_is_large() {
        assert_eq!(offered(&[(SIZE - 1, None)], true), []);
        let told = [(SIZE - 1, None), (SIZE, None), (SIZE + 9, None)];
        assert_eq!(offered(&told, false), [(SIZE + 8, true)]);
        assert_eq!(offered(&told, true), [(WRITTEN, false)]);
    }

    #[test]
    fn a_small_zip_is_not_offered() {
        assert_eq!(offered(&[(1, Some(SIZE - 1)), (0, Some(SIZE))], true), []);
    }

    #[test]
    fn another_file_is_another_zip() {
        let offers = Mutex::new(Vec::new());
        let offer = |arriving: Arriving| offers.lock().unwrap().push(arriving.blob);
        let arrival = Arrival::new(&offer);
        for length in [SIZE, 2 * SIZE] {
            let file = tempfile::tempfile().unwrap();
            file.set_len(length).unwrap();
            arrival.heard(&file, length, None);
        }
        arrival.stored();
        let presents = offers.lock().unwrap();
        let presents = presents.iter().map(|blob| blob.present.borrow().clone());
        let [first, second] = presents.map(Result::unwrap).collect::<Vec<_>>()[..] else {
            panic!("two were offered");
        };
        assert!(!first.is_whole);
        assert_eq!((second.bytes, second.is_whole), (2 * SIZE, true));
    }

    #[test]
    fn a_zip_that_begins_anew_is_another_one() {
        let anew = [(5, Some(SIZE)), (0, Some(SIZE)), (3, Some(SIZE))];
        assert_eq!(offered(&anew, true), [(5, false), (SIZE, false)]);
        let other = [(5, Some(SIZE)), (6, Some(SIZE + 1))];
        assert_eq!(offered(&other, false), [(5, false), (6, true)]);
    }
}
