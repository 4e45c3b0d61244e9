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
use super::worker::room;

pub(super) const LOCAL_HEADER: u32 = 0x0403_4b50;
pub(super) const DESCRIPTOR: u32 = 0x0807_4b50;

/// The bytes of the longest descriptor that is looked at: signature, checksum, two sizes.
const MAX_DESCRIPTOR: usize = 16;

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
    /// Reads the bytes of an entry as they are in the zip; less than it declares where the zip ends early. With them
    /// comes what follows them, where that tells about them.
    pub(super) fn read_packed<'b>(
        &self,
        entry: &Entry,
        buffer: &'b mut Vec<u8>,
    ) -> Result<(&'b [u8], Option<&'b [u8]>)> {
        let body = self.body(entry)?;
        let rest = self.size.saturating_sub(body);
        let packed = usize::try_from(rest.min(entry.packed_size))?;
        let behind = match entry.has_descriptor() {
            true => MAX_DESCRIPTOR.min(usize::try_from(rest)? - packed),
            false => 0,
        };
        let bytes = room(buffer, packed + behind);
        let read = read_at_most(&self.file, bytes, body)?;
        let bytes = bytes.get(..read).unwrap_or_default();
        let Some((packed, descriptor)) = bytes.split_at_checked(packed) else {
            bail!(TOO_SHORT);
        };
        Ok((packed, entry.has_descriptor().then_some(descriptor)))
    }

    /// Checks an entry that stands for a folder: it is there and has no content.
    pub(super) fn check_folder(&self, entry: &Entry) -> Result<()> {
        self.body(entry)?;
        if entry.size != 0 {
            bail!(NOT_A_ZIP);
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

/// Tells whether the content with this checksum is the one that the zip declares.
///
/// A checksum of zero counts as none, except where it follows the content.
pub(super) fn check_sum(entry: &Entry, descriptor: Option<&[u8]>, crc32: u32) -> Result<()> {
    const MISMATCH: &str = "zip: checksum error";
    // Behind the checksum come the sizes, which are not needed, but have to be there.
    const SIZE: usize = 12;
    let declared = match descriptor {
        None if entry.crc32 == 0 => return Ok(()),
        None => entry.crc32,
        Some(bytes) => {
            let bytes = match bytes.strip_prefix(&DESCRIPTOR.to_le_bytes()) {
                Some(bytes) => bytes,
                None => bytes,
            };
            if bytes.len() < SIZE {
                bail!(TOO_SHORT);
            }
            u32_at(bytes, 0)
        }
    };
    if declared != entry.crc32 || crc32 != entry.crc32 {
        bail!(MISMATCH);
    }
    Ok(())
}

/// Fills the buffer from some place on.
pub(super) fn read_at(file: &File, bytes: &mut [u8], place: u64) -> Result<()> {
    match file.read_exact_at(bytes, place) {
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => bail!(TOO_SHORT),
        result => Ok(result?),
    }
}

/// Fills the buffer from some place on as far as there are bytes, and tells how far.
fn read_at_most(file: &File, bytes: &mut [u8], place: u64) -> Result<usize> {
    let mut read = 0;
    while let Some(rest) = bytes.get_mut(read..).filter(|rest| !rest.is_empty()) {
        match file.read_at(rest, place.saturating_add(read as u64)) {
            Ok(0) => break,
            Ok(more) => read += more,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(read)
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
