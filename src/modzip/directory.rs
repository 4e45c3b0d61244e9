//! Reads the directory at the end of a zip.

use std::fs::File;
use std::io::{BufReader, ErrorKind, Read};
use std::os::unix::fs::FileExt;

use anyhow::{Result, anyhow, bail};

use super::reader::{NOT_A_ZIP, TOO_SHORT, read_at, u16_at, u32_at, u64_at};

const DIRECTORY_HEADER: u32 = 0x0201_4b50;
const DIRECTORY_END: [u8; 4] = *b"PK\x05\x06";
const DIRECTORY_END_64: u32 = 0x0606_4b50;
const DIRECTORY_LOCATOR_64: u32 = 0x0706_4b50;
const ZIP64_EXTRA: u16 = 1;
/// The flag for a checksum that follows the content.
const HAS_DESCRIPTOR: u16 = 8;

/// Bytes that a directory may have: a million entries and more. Go has no limit of its own here; this
/// one keeps a hostile zip from taking all memory.
pub(super) const MAX_DIRECTORY: u64 = 128 << 20;

/// What the directory says about an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// The name, of which nothing is known, not even that it is UTF-8.
    pub(super) name: Vec<u8>,
    pub(super) method: u16,
    pub(super) crc32: u32,
    pub(super) packed_size: u64,
    pub(super) size: u64,
    flags: u16,
    /// Where the entry's own header starts; of a broken zip it may be less than zero.
    pub(super) header: i64,
}

impl Entry {
    /// Reads the fields that both headers of an entry have, from the flags on.
    pub(super) fn new(fields: &[u8], name: &[u8], header: i64) -> Entry {
        Entry {
            name: name.to_owned(),
            flags: u16_at(fields, 0),
            method: u16_at(fields, 2),
            crc32: u32_at(fields, 8),
            packed_size: u64::from(u32_at(fields, 12)),
            size: u64::from(u32_at(fields, 16)),
            header,
        }
    }

    /// The name without a prefix of so many bytes; nothing where that is no text.
    pub(super) fn name_after(&self, prefix: usize) -> &str {
        let name = self.name.get(prefix..).map(std::str::from_utf8);
        name.and_then(Result::ok).unwrap_or_default()
    }

    /// Takes up what the descriptor behind the content says.
    pub(super) fn describe(&mut self, descriptor: &[u8]) {
        self.crc32 = u32_at(descriptor, 4);
        self.packed_size = u64::from(u32_at(descriptor, 8));
        self.size = u64::from(u32_at(descriptor, 12));
    }

    /// Bytes that it takes in a directory at least.
    pub(super) fn directory_size(&self) -> u64 {
        46 + self.name.len() as u64
    }

    pub(super) fn has_descriptor(&self) -> bool {
        self.flags & HAS_DESCRIPTOR != 0
    }
}

/// Reads the entries of a zip that has `size` bytes.
pub(super) fn read(file: &File, size: u64) -> Result<Vec<Entry>> {
    let zip = Zip { file, size };
    let end = zip.find_end()?;
    let base = zip.find_base(&end)?;
    zip.read_directory(base, &end)
}

struct Zip<'a> {
    file: &'a File,
    size: u64,
}

impl Zip<'_> {
    /// Finds the record at the end of the zip: first in the last kilobyte, then in as much as its
    /// comment can be long.
    fn find_end(&self) -> Result<DirectoryEnd> {
        for length in [1 << 10, 65 << 10] {
            let start = self.size.saturating_sub(length);
            let mut tail = vec![0; usize::try_from(self.size - start)?];
            read_at(self.file, &mut tail, start)?;
            if let Some(place) = find_end_record(&tail) {
                let record = tail.get(place..).unwrap_or_default();
                return self.read_end(record, start + place as u64);
            }
        }
        bail!(NOT_A_ZIP)
    }

    fn read_end(&self, record: &[u8], place: u64) -> Result<DirectoryEnd> {
        let end = DirectoryEnd {
            place,
            entries: u64::from(u16_at(record, 10)),
            size: u64::from(u32_at(record, 12)),
            start: u64::from(u32_at(record, 16)),
        };
        // The second of these is what go compares with, though a size has 32 bits.
        if end.entries != 0xffff && end.size != 0xffff && end.start != 0xffff_ffff {
            return Ok(end);
        }
        match self.find_end_64(place)? {
            None => Ok(end),
            Some(place) => self.read_end_64(place),
        }
    }

    fn find_end_64(&self, end: u64) -> Result<Option<u64>> {
        let mut locator = [0; 20];
        let Some(place) = end.checked_sub(locator.len() as u64) else {
            return Ok(None);
        };
        read_at(self.file, &mut locator, place)?;
        let is_whole = u32_at(&locator, 0) == DIRECTORY_LOCATOR_64
            && u32_at(&locator, 4) == 0
            && u32_at(&locator, 16) == 1;
        let place = u64_at(&locator, 8);
        // Go takes this number as a signed one and a negative one for none.
        Ok((is_whole && i64::try_from(place).is_ok()).then_some(place))
    }

    fn read_end_64(&self, place: u64) -> Result<DirectoryEnd> {
        let mut record = [0; 56];
        read_at(self.file, &mut record, place)?;
        if u32_at(&record, 0) != DIRECTORY_END_64 {
            bail!(NOT_A_ZIP);
        }
        Ok(DirectoryEnd {
            place,
            entries: u64_at(&record, 32),
            size: u64_at(&record, 40),
            start: u64_at(&record, 48),
        })
    }

    /// Finds how many bytes stand before the zip proper: all its offsets count from there.
    fn find_base(&self, end: &DirectoryEnd) -> Result<i64> {
        let signed = |number: u64| i64::try_from(number).map_err(|_| anyhow!(NOT_A_ZIP));
        let (place, size, start) = (signed(end.place)?, signed(end.size)?, signed(end.start)?);
        // `place - size` cannot overflow, for neither is negative; what the rest may do is checked.
        let base = (place - size)
            .checked_sub(start)
            .ok_or_else(|| anyhow!(NOT_A_ZIP))?;
        if !(0..signed(self.size)?).contains(&(place - size)) {
            bail!(NOT_A_ZIP);
        }
        // Some writers count wrong: a directory right where the record says goes before.
        if base > 0
            && matches!(
                self.directory_at(end.start).next_entry(),
                Ok(Next::Entry(_))
            )
        {
            return Ok(0);
        }
        Ok(base)
    }

    fn directory_at(&self, place: u64) -> DirectoryReader<impl Read> {
        let bytes = FileFrom {
            file: self.file,
            place,
        };
        DirectoryReader(BufReader::with_capacity(64 << 10, bytes))
    }

    /// Reads entries until something else comes, and then compares their number, of which the end of the
    /// zip need only tell the last 16 bits.
    fn read_directory(&self, base: i64, end: &DirectoryEnd) -> Result<Vec<Entry>> {
        let start = base
            .checked_add_unsigned(end.start)
            .and_then(|start| u64::try_from(start).ok())
            .ok_or_else(|| anyhow!(NOT_A_ZIP))?;
        let mut directory = self.directory_at(start);
        let mut entries: Vec<Entry> = Vec::new();
        let mut room = MAX_DIRECTORY;
        let problem = loop {
            match directory.next_entry()? {
                Next::Entry(mut entry) => {
                    room = match room.checked_sub(entry.directory_size()) {
                        Some(room) => room,
                        None => bail!("zip directory is larger than {MAX_DIRECTORY} bytes"),
                    };
                    entry.header = entry.header.wrapping_add(base);
                    entries.push(entry);
                }
                Next::End(problem) => break problem,
            }
        };
        if entries.len() as u64 & 0xffff != end.entries & 0xffff {
            bail!(problem);
        }
        Ok(entries)
    }
}

/// What the end of a zip says about its directory.
struct DirectoryEnd {
    /// Where the record itself is.
    place: u64,
    entries: u64,
    size: u64,
    start: u64,
}

/// Finds the last record whose comment fits; one that does not makes the rest unreadable.
fn find_end_record(tail: &[u8]) -> Option<usize> {
    const LENGTH: usize = 22;
    let last = tail.len().checked_sub(LENGTH)?;
    let place = (0..=last).rev().find(|place| {
        tail.get(*place..)
            .is_some_and(|rest| rest.starts_with(&DIRECTORY_END))
    })?;
    let comment = usize::from(u16_at(tail, place + 20));
    (place + LENGTH + comment <= tail.len()).then_some(place)
}

/// Reads a file from some place on.
struct FileFrom<'a> {
    file: &'a File,
    place: u64,
}

impl Read for FileFrom<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> std::io::Result<usize> {
        let length = self.file.read_at(bytes, self.place)?;
        self.place += length as u64;
        Ok(length)
    }
}

/// Reads the directory of a zip, record after record.
struct DirectoryReader<R>(BufReader<R>);

/// What comes next in a directory.
enum Next {
    Entry(Entry),
    /// No entry, for this reason, which is none to worry about when all entries have come.
    End(&'static str),
}

impl<R: Read> DirectoryReader<R> {
    fn next_entry(&mut self) -> Result<Next> {
        let mut header = [0; 46];
        if !self.fill(&mut header)? {
            return Ok(Next::End(TOO_SHORT));
        }
        if u32_at(&header, 0) != DIRECTORY_HEADER {
            return Ok(Next::End(NOT_A_ZIP));
        }
        let name_length = usize::from(u16_at(&header, 28));
        let extra_length = usize::from(u16_at(&header, 30));
        let comment_length = usize::from(u16_at(&header, 32));
        let mut rest = vec![0; name_length + extra_length + comment_length];
        if !self.fill(&mut rest)? {
            return Ok(Next::End(TOO_SHORT));
        }
        let (name, rest) = rest.split_at(name_length);
        let (extra, _comment) = rest.split_at(extra_length);
        let fields = header.get(8..).unwrap_or_default();
        let entry = Entry::new(fields, name, i64::from(u32_at(&header, 42)));
        Ok(match with_64_bit_fields(entry, extra) {
            Some(entry) => Next::Entry(entry),
            None => Next::End(NOT_A_ZIP),
        })
    }

    /// Fills the buffer; `false` where the zip ends in its middle, an error where it ends before it.
    fn fill(&mut self, bytes: &mut [u8]) -> Result<bool> {
        let mut filled = 0;
        while let Some(rest) = bytes.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            match self.0.read(rest) {
                Ok(0) if filled == 0 => bail!(TOO_SHORT),
                Ok(0) => return Ok(false),
                Ok(length) => filled += length,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(true)
    }
}

/// Replaces fields that are all ones by those in the zip64 field; `None` where a needed one is missing.
///
/// A size of all ones without a zip64 field stands for itself.
fn with_64_bit_fields(mut entry: Entry, mut extra: &[u8]) -> Option<Entry> {
    const ALL_ONES: u64 = u32::MAX as u64;
    let mut needs_size = entry.size == ALL_ONES;
    let mut needs_packed_size = entry.packed_size == ALL_ONES;
    let mut needs_header = entry.header == i64::from(u32::MAX);
    while extra.len() >= 4 {
        let length = usize::from(u16_at(extra, 2));
        let Some(mut field) = extra.get(4..4 + length) else {
            break;
        };
        if u16_at(extra, 0) == ZIP64_EXTRA {
            let mut next = || {
                let (number, rest) = field.split_first_chunk::<8>()?;
                field = rest;
                Some(u64::from_le_bytes(*number))
            };
            if std::mem::take(&mut needs_size) {
                entry.size = next()?;
            }
            if std::mem::take(&mut needs_packed_size) {
                entry.packed_size = next()?;
            }
            if std::mem::take(&mut needs_header) {
                entry.header = next()?.cast_signed();
            }
        }
        extra = extra.get(4 + length..).unwrap_or_default();
    }
    (!needs_packed_size && !needs_header).then_some(entry)
}
