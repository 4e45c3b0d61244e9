//! Reads the zip format as the go command does, from files that anybody may have made.
//!
//! Not with a general library: those merge entries of one name and guess at the encoding of names, and then
//! a zip that go refuses looks sound. Source of the rules, for odd zips too: `archive/zip/reader.go`;
//! of the format: APPNOTE.TXT 6.3.9.

use std::fs::File;
use std::io::ErrorKind;
use std::os::unix::fs::FileExt;

use anyhow::{Result, anyhow, bail};

use super::directory::{self, Entry};

pub(super) const LOCAL_HEADER: u32 = 0x0403_4b50;
pub(super) const DESCRIPTOR: u32 = 0x0807_4b50;

/// What Go says of a zip that breaks the format.
pub(super) const NOT_A_ZIP: &str = "zip: not a valid zip file";
/// What Go says of a zip that ends too early.
pub(super) const TOO_SHORT: &str = "unexpected EOF";

/// A zip whose directory has been read.
#[derive(Debug)]
pub(super) struct Archive {
    pub(super) bytes: ZipBytes,
    /// The entries in the order of the directory, those of one name all.
    pub(super) entries: Vec<Entry>,
}

impl Archive {
    /// Reads the directory of a zip.
    pub(super) fn open(bytes: ZipBytes) -> Result<Archive> {
        let entries = directory::read(&bytes.file, bytes.size)?;
        Ok(Archive { bytes, entries })
    }
}

/// The bytes of a zip, perhaps still coming in; any number of threads may read entries at the same time.
#[derive(Debug)]
pub(super) struct ZipBytes {
    pub(super) file: File,
    /// How many the zip has, or can have at most.
    pub(super) size: u64,
}

impl ZipBytes {
    /// Reads the bytes of an entry as they are in the zip; less than it declares where the zip ends early.
    pub(super) fn read_packed(&self, entry: &Entry, packed: &mut Vec<u8>) -> Result<()> {
        let body = self.body(entry)?;
        let length = self.size.saturating_sub(body).min(entry.packed_size);
        packed.clear();
        packed.resize(usize::try_from(length)?, 0);
        read_at(&self.file, packed, body)
    }

    /// Checks an entry that stands for a folder: it is there and has no content.
    pub(super) fn check_folder(&self, entry: &Entry) -> Result<()> {
        self.body(entry)?;
        if entry.size != 0 {
            bail!(NOT_A_ZIP);
        }
        Ok(())
    }

    /// Tells whether the content with this checksum is the one that the zip declares.
    ///
    /// A checksum of zero counts as none, except where it follows the content.
    pub(super) fn check_sum(&self, entry: &Entry, crc32: u32) -> Result<()> {
        const MISMATCH: &str = "zip: checksum error";
        if entry.has_descriptor() {
            let mut signature = [0; 4];
            let place = self.body(entry)?.saturating_add(entry.packed_size);
            read_at(&self.file, &mut signature, place)?;
            let skipped = if u32_at(&signature, 0) == DESCRIPTOR {
                4
            } else {
                0
            };
            // The sizes that follow are not needed, but have to be there.
            let mut rest = [0; 12];
            read_at(&self.file, &mut rest, place.saturating_add(skipped))?;
            if u32_at(&rest, 0) != entry.crc32 || crc32 != entry.crc32 {
                bail!(MISMATCH);
            }
        } else if entry.crc32 != 0 && crc32 != entry.crc32 {
            bail!(MISMATCH);
        }
        Ok(())
    }

    /// Finds where the bytes of an entry start.
    fn body(&self, entry: &Entry) -> Result<u64> {
        let header_start = u64::try_from(entry.header).map_err(|_| anyhow!(NOT_A_ZIP))?;
        let mut header = [0; 30];
        read_at(&self.file, &mut header, header_start)?;
        if u32_at(&header, 0) != LOCAL_HEADER {
            bail!(NOT_A_ZIP);
        }
        let name_and_extra = u64::from(u16_at(&header, 26)) + u64::from(u16_at(&header, 28));
        Ok(header_start.saturating_add(30 + name_and_extra))
    }
}

/// Fills the buffer from some place on.
pub(super) fn read_at(file: &File, bytes: &mut [u8], place: u64) -> Result<()> {
    match file.read_exact_at(bytes, place) {
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => bail!(TOO_SHORT),
        result => Ok(result?),
    }
}

pub(super) fn u16_at(bytes: &[u8], place: usize) -> u16 {
    u16::from_le_bytes(chunk_at(bytes, place))
}

pub(super) fn u32_at(bytes: &[u8], place: usize) -> u32 {
    u32::from_le_bytes(chunk_at(bytes, place))
}

pub(super) fn u64_at(bytes: &[u8], place: usize) -> u64 {
    u64::from_le_bytes(chunk_at(bytes, place))
}

/// Gives bytes of a record; the callers have made sure that it is long enough.
fn chunk_at<const LENGTH: usize>(bytes: &[u8], place: usize) -> [u8; LENGTH] {
    bytes
        .get(place..)
        .and_then(<[u8]>::first_chunk)
        .copied()
        .unwrap_or([0; LENGTH])
}
