//! Takes a module zip apart while it is still arriving.
//!
//! The directory of a zip comes last, and only it says what is in the zip. But the headers in front of the
//! entries let guess it, and so the entries are read, hashed and written as soon as all their bytes are there,
//! by the same code as those of a whole zip. When the directory has come and lists exactly the entries that
//! were guessed, byte for byte in the same places, nothing is left to do. Otherwise (junk between entries, hidden
//! ones, another order, a transfer that began again) all guesses are forgotten, the tree is emptied, and the
//! zip is taken apart as [`super::extract`] does it: so the verdict is always that on the whole zip.
//!
//! Most zips, all that go makes among them, tell the size of a content only behind it. It need not be inflated to
//! find that: a descriptor has a signature, and the number of bytes since the header. A content that holds
//! such a thing by chance makes for a wrong guess, no more.

use std::fs::File;
use std::sync::{Arc, PoisonError, RwLock};

use anyhow::{Error, Result};
use memchr::memmem;

use super::MAX_ZIP_FILE;
use super::create::{Cancelled, Control};
use super::directory::{Entry, MAX_DIRECTORY};
use super::extract::{BUDGET, Extracted, Extractor, Sound, Sums, check_lone_name, is_folder};
use super::line::{Line, PanicGuard};
use super::reader::{DESCRIPTOR, LOCAL_HEADER, ZipBytes, read_at, u16_at, u32_at};
use crate::disk::tree::TreeWriter;
use crate::module::ModuleVersion;

/// Bytes that are searched at a time.
const WINDOW: u64 = 64 << 10;

/// A zip that is coming in.
pub struct Arriving<'a> {
    /// Where its bytes get to in their order, while it is read from any place.
    pub file: File,
    /// The module whose zip it should be.
    pub module: &'a ModuleVersion,
    /// When so many bytes have come, it is large enough to be taken apart while the rest comes.
    pub worthwhile: u64,
}

/// A zip that has come in.
pub struct Arrived<'a> {
    file: File,
    module: &'a ModuleVersion,
    guesses: Vec<Arc<Entry>>,
    /// The sums of their contents, if all could be read and are as declared.
    sums: Result<Sums>,
}

impl<'a> Arriving<'a> {
    /// Takes apart what comes while it comes.
    ///
    /// `receive` fetches the zip, and tells again and again how many bytes are in the file: less than before when it
    /// begins anew.
    ///
    /// # Errors
    /// Those of `receive`; what the tree has got is for the caller to remove then.
    pub fn receive(
        self,
        tree: Option<&TreeWriter>,
        control: &Control<'_>,
        receive: impl FnOnce(&mut dyn FnMut(u64)) -> Result<()>,
    ) -> Result<Arrived<'a>> {
        let zip = ZipBytes {
            file: self.file,
            size: MAX_ZIP_FILE,
        };
        let prefix = format!("{}/", self.module);
        let guesses = Guesses::default();
        let line = Line::growing(Sums::default(), BUDGET);
        let extractor = Extractor {
            zip: &zip,
            prefix: prefix.len(),
            entry: |number| guesses.get(number),
            to: tree,
            control,
        };
        std::thread::scope(|scope| {
            let _guard = PanicGuard(&line);
            let mut feed = Feed {
                scanner: Scanner::new(&zip, &prefix),
                guesses: &guesses,
                line: &line,
                worthwhile: self.worthwhile,
                reached: None,
            };
            let begin = || {
                for _ in 0..control.threads.get() {
                    scope.spawn(|| extractor.run(&line));
                }
            };
            let received = receive(&mut |received| feed.reach(received, begin));
            match &received {
                Ok(()) => line.close(),
                Err(_) => line.fail(0, Cancelled.into()),
            }
            received
        })?;
        Ok(Arrived {
            guesses: guesses.into_entries(),
            sums: line.finish(),
            file: zip.file,
            module: self.module,
        })
    }
}

impl Arrived<'_> {
    /// Checks the zip completely, and writes to the tree what that lacks yet.
    ///
    /// # Errors
    /// Those of [`super::extract_file`]; nothing that was written early is left then.
    pub fn extract(self, tree: Option<&TreeWriter>, control: &Control<'_>) -> Result<Extracted> {
        let sound = Sound::open(self.file, self.module);
        let guesses = self.guesses.iter().map(Arc::as_ref);
        if let (Ok(sound), Ok(sums)) = (&sound, self.sums)
            && guesses.eq(&sound.archive.entries)
        {
            return Ok(sound.extracted(sums));
        }
        if let Some(tree) = tree.filter(|_| !self.guesses.is_empty()) {
            tree.empty()?;
        }
        sound?.extract(tree, control)
    }
}

/// Puts entries on the line as they become whole.
struct Feed<'a> {
    scanner: Scanner<'a>,
    guesses: &'a Guesses,
    line: &'a Line<Sums>,
    worthwhile: u64,
    /// The bytes that were there when it was last looked, if that was worthwhile.
    reached: Option<u64>,
}

impl Feed<'_> {
    /// Hears how many bytes are there; calls `begin` once, when that becomes worthwhile.
    fn reach(&mut self, received: u64, begin: impl FnOnce()) {
        if self.reached.is_some_and(|reached| received < reached) {
            let error = Error::msg("the zip comes once more from its beginning");
            return self.line.fail(0, error);
        }
        if received < self.worthwhile {
            return;
        }
        if self.reached.replace(received).is_none() {
            begin();
        }
        let new = self.scanner.entries(received);
        self.line.extend(self.guesses.extend(new));
    }
}

/// The entries that have been guessed so far.
#[derive(Default)]
struct Guesses(RwLock<Vec<Arc<Entry>>>);

impl Guesses {
    fn get(&self, number: usize) -> Option<Arc<Entry>> {
        let entries = self.0.read().unwrap_or_else(PoisonError::into_inner);
        entries.get(number).cloned()
    }

    /// Adds entries and tells how many they are.
    fn extend(&self, new: impl Iterator<Item = Entry>) -> usize {
        let mut entries = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let before = entries.len();
        entries.extend(new.map(Arc::new));
        entries.len() - before
    }

    fn into_entries(self) -> Vec<Arc<Entry>> {
        self.0.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Goes from header to header.
struct Scanner<'a> {
    zip: &'a ZipBytes,
    prefix: &'a str,
    /// Where the next header should be; nothing once something else has come.
    place: Option<u64>,
    /// The entry whose end has not come.
    open: Option<Open>,
    window: Vec<u8>,
    /// Bytes that contents and directory may yet have.
    contents: u64,
    directory: u64,
}

/// An entry whose header has come.
struct Open {
    entry: Entry,
    body: u64,
    /// Where the descriptor may yet be.
    searched: u64,
}

impl<'a> Scanner<'a> {
    fn new(zip: &'a ZipBytes, prefix: &'a str) -> Scanner<'a> {
        Scanner {
            zip,
            prefix,
            place: Some(0),
            open: None,
            window: Vec::new(),
            contents: MAX_ZIP_FILE,
            directory: MAX_DIRECTORY,
        }
    }

    /// Gives the entries that have become whole now that so many bytes are there.
    fn entries(&mut self, received: u64) -> impl Iterator<Item = Entry> {
        std::iter::from_fn(move || self.next(received))
    }

    fn next(&mut self, received: u64) -> Option<Entry> {
        let mut open = match self.open.take() {
            Some(open) => open,
            None => self.read_header(received)?,
        };
        let Some(end) = self.find_end(&mut open, received) else {
            self.open = Some(open);
            return None;
        };
        self.place = self.admit(&open.entry).then_some(end);
        self.place.map(|_| open.entry)
    }

    fn read_header(&mut self, received: u64) -> Option<Open> {
        let place = self.place?;
        let mut header = [0; 30];
        let fixed = place + header.len() as u64;
        if received < fixed {
            return None;
        }
        read_at(&self.zip.file, &mut header, place).ok()?;
        if u32_at(&header, 0) != LOCAL_HEADER {
            self.place = None;
            return None;
        }
        let mut name = vec![0; usize::from(u16_at(&header, 26))];
        let body = fixed + name.len() as u64 + u64::from(u16_at(&header, 28));
        if received < body {
            return None;
        }
        read_at(&self.zip.file, &mut name, fixed).ok()?;
        let fields = header.get(6..).unwrap_or_default();
        Some(Open {
            entry: Entry::new(fields, &name, i64::try_from(place).ok()?),
            body,
            searched: body,
        })
    }

    /// Finds where an entry ends, if that has come, and completes its fields.
    fn find_end(&mut self, open: &mut Open, received: u64) -> Option<u64> {
        const LENGTH: usize = 16;
        if !open.entry.has_descriptor() {
            let end = open.body + open.entry.packed_size;
            return (end <= received).then_some(end);
        }
        while received >= open.searched + LENGTH as u64 {
            let length = (received - open.searched).min(WINDOW);
            self.window.resize(usize::try_from(length).ok()?, 0);
            read_at(&self.zip.file, &mut self.window, open.searched).ok()?;
            // The last bytes may be the first of a signature.
            let mut next = open.searched + length - 3;
            for at in memmem::find_iter(&self.window, &DESCRIPTOR.to_le_bytes()) {
                let place = open.searched + at as u64;
                let Some(descriptor) = self.window.get(at..at + LENGTH) else {
                    next = place;
                    break;
                };
                if u64::from(u32_at(descriptor, 8)) == place - open.body {
                    open.entry.describe(descriptor);
                    return Some(place + LENGTH as u64);
                }
            }
            open.searched = next;
        }
        None
    }

    /// Tells whether an entry may be written before others are known, and there is room for it.
    fn admit(&mut self, entry: &Entry) -> bool {
        let Ok(name) = check_lone_name(entry, self.prefix) else {
            return false;
        };
        let contents = match is_folder(name) {
            true => Some(self.contents),
            false => self.contents.checked_sub(entry.size),
        };
        let directory = self.directory.checked_sub(entry.directory_size());
        match (contents, directory) {
            (Some(contents), Some(directory)) => {
                (self.contents, self.directory) = (contents, directory);
                true
            }
            _ => false,
        }
    }
}

#[cfg(test)]
pub(super) mod tests;
