//! A zip that is sent on while its source is still sending it.
//!
//! Its last byte waits until all of it is verified and stored: nobody can take for whole what is not.

use std::fs::File;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use tokio::sync::watch;

use super::module_cache::StoredFile;
use super::shelf::{Blob, Presence, Stored};

/// A zip below this size, in bytes, is awaited as a whole.
const WORTHWHILE: u64 = 1 << 20;

/// What a source tells of the zip that it sends.
pub struct Arrival<'a> {
    /// Gets a zip that can be sent on from now on.
    offer: &'a (dyn Fn(Arriving) + Send + Sync),
    zip: Mutex<Option<Watched>>,
}

/// A zip that is offered.
struct Watched {
    size: u64,
    present: watch::Sender<Presence>,
}

/// A zip that can be sent as far as it is there.
#[derive(Clone)]
pub(super) struct Arriving {
    size: u64,
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

    /// Hears that `bytes` of a zip of `size` bytes lie in a file. When there are less than before, it is another zip:
    /// whoever is being sent the old one gets no more of it.
    pub fn heard(&self, zip: &File, bytes: u64, size: u64) {
        let mut watched = self.zip.lock().unwrap_or_else(PoisonError::into_inner);
        let goes_on = |watched: &&mut Watched| {
            let before = watched
                .present
                .borrow()
                .as_ref()
                .map_or(size, |bytes| *bytes);
            watched.size == size && bytes >= before && bytes > 0
        };
        // The last one is not for sending yet.
        let present = bytes.min(size.saturating_sub(1));
        if let Some(watched) = watched.as_mut().filter(goes_on) {
            watched.present.send_modify(|before| *before = Ok(present));
            return;
        }
        *watched = None;
        if bytes == 0 || size < WORTHWHILE {
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
        *watched = Some(Watched {
            size,
            present: sender,
        });
        (self.offer)(Arriving {
            size,
            tag: next_tag(),
            blob: Arc::new(blob),
        });
    }

    /// Lets go of the last byte: the version is stored.
    pub(super) fn stored(&self) {
        self.end(Ok);
    }

    /// Tells those who are being sent the zip why they do not get the rest.
    pub(super) fn failed(&self, reason: &str) {
        self.end(|_| Err(Arc::from(reason)));
    }

    fn end(&self, presence: impl FnOnce(u64) -> Presence) {
        let zip = self.zip.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(zip) = &*zip {
            zip.present
                .send_modify(|before| *before = presence(zip.size));
        }
    }
}

impl Arriving {
    /// Gives it to be sent like what is stored.
    pub(super) fn stored(&self) -> Stored {
        Stored {
            size: self.size,
            modified: SystemTime::now(),
            tag: self.tag.clone(),
            blob: Arc::clone(&self.blob) as Arc<dyn Blob>,
        }
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
    use std::io::Write;

    use super::*;

    const SIZE: u64 = WORTHWHILE;

    /// Has a source tell of a zip, each time with so many bytes in the file; gives what can be sent in the end of each
    /// zip that was offered, and whether more will come.
    fn offered(told: &[(u64, u64)], is_stored: bool) -> Vec<(u64, bool)> {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&[1; 16]).unwrap();
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
            (present, blob.present.has_changed().is_ok())
        };
        let offers = offers.lock().unwrap();
        offers.iter().map(state).collect()
    }

    #[test]
    fn the_last_byte_waits_until_all_is_stored() {
        assert_eq!(offered(&[(1, SIZE)], false), [(1, true)]);
        let whole = [(1, SIZE), (SIZE, SIZE)];
        assert_eq!(offered(&whole, false), [(SIZE - 1, true)]);
        assert_eq!(offered(&whole, true), [(SIZE, true)]);
    }

    #[test]
    fn a_small_zip_and_one_of_no_known_size_are_not_offered() {
        assert_eq!(offered(&[(1, SIZE - 1), (9, 0), (0, SIZE)], true), []);
    }

    #[test]
    fn a_zip_that_begins_anew_is_another_one() {
        let anew = [(5, SIZE), (0, SIZE), (3, SIZE)];
        assert_eq!(offered(&anew, true), [(5, false), (SIZE, true)]);
        let other = [(5, SIZE), (6, SIZE + 1)];
        assert_eq!(offered(&other, false), [(5, false), (6, true)]);
    }
}
