//! Writes the zip format: entries that are already compressed, one after the other, without seeking.
//!
//! The same entries give the same bytes everywhere: there are no times (Go writes zero), no modes and
//! no extra fields. Sizes are known before an entry is written, and so data descriptors are not needed.
//! Source of the format: APPNOTE.TXT 6.3.9, sections 4.3 and 4.5.3; of the choice of fields:
//! `archive/zip` as the go command uses it.

use std::io::{BufWriter, Write};

use anyhow::{Context, Result, bail};

use super::pool::Packed;
use super::{MAX_ZIP_FILE, Refusal};

const LOCAL_HEADER: u32 = 0x0403_4b50;
const DIRECTORY_HEADER: u32 = 0x0201_4b50;
const DIRECTORY_END: u32 = 0x0605_4b50;
const DIRECTORY_END_64: u32 = 0x0606_4b50;
const DIRECTORY_LOCATOR_64: u32 = 0x0706_4b50;

/// Version 2.0 of the format: folders and deflate.
const VERSION_20: u16 = 20;
/// Version 4.5 of the format: zip64.
const VERSION_45: u16 = 45;
/// The flag for a name in UTF-8.
const UTF8: u16 = 0x800;

/// Bytes gathered before the file is written to; larger entries go there directly.
const BUFFER: usize = 256 << 10;

/// A zip being written.
pub(super) struct ZipWriter<W: Write> {
    output: BufWriter<W>,
    offset: u64,
    directory: Vec<u8>,
    sums: Vec<(String, [u8; 32])>,
}

/// A zip that is whole.
pub(super) struct Written {
    /// Bytes of the zip.
    pub(super) size: u64,
    /// Names and SHA-256 sums of the contents, in order.
    pub(super) sums: Vec<(String, [u8; 32])>,
}

impl<W: Write> ZipWriter<W> {
    pub(super) fn new(output: W) -> ZipWriter<W> {
        ZipWriter {
            output: BufWriter::with_capacity(BUFFER, output),
            offset: 0,
            directory: Vec::new(),
            sums: Vec::new(),
        }
    }

    /// Appends an entry; refuses to let the zip grow past [`MAX_ZIP_FILE`].
    pub(super) fn add(&mut self, name: String, packed: &Packed) -> Result<()> {
        let fields = Fields::new(&name, packed)?;
        let offset = self.small_offset()?;
        let mut header = Vec::with_capacity(30 + name.len());
        put32(&mut header, LOCAL_HEADER);
        fields.put(&mut header);
        header.extend_from_slice(name.as_bytes());
        self.write(&header)?;
        self.write(&packed.bytes)?;

        put32(&mut self.directory, DIRECTORY_HEADER);
        put16(&mut self.directory, VERSION_20);
        fields.put(&mut self.directory);
        // Comment length, disk number, internal attributes, external attributes.
        self.directory.extend_from_slice(&[0; 10]);
        put32(&mut self.directory, offset);
        self.directory.extend_from_slice(name.as_bytes());
        self.sums.push((name, packed.sha256));
        self.check_size()
    }

    /// Writes the directory and hands everything to the output.
    pub(super) fn finish(mut self) -> Result<Written> {
        let start = self.offset;
        let directory = std::mem::take(&mut self.directory);
        self.write(&directory)?;
        let size = directory.len() as u64;
        let mut end = Vec::new();
        let entries = u16::try_from(self.sums.len()).unwrap_or(u16::MAX);
        if entries == u16::MAX {
            self.put_end_64(&mut end, start, size);
        }
        put32(&mut end, DIRECTORY_END);
        end.extend_from_slice(&[0; 4]);
        put16(&mut end, entries);
        put16(&mut end, entries);
        put32(&mut end, u32::try_from(size).context(TOO_LARGE)?);
        put32(&mut end, u32::try_from(start).context(TOO_LARGE)?);
        end.extend_from_slice(&[0; 2]);
        self.write(&end)?;
        self.check_size()?;
        self.output.flush().context("cannot write zip")?;
        Ok(Written {
            size: self.offset,
            sums: self.sums,
        })
    }

    /// The record for more entries than 16 bits can count.
    fn put_end_64(&self, end: &mut Vec<u8>, start: u64, size: u64) {
        const REST_OF_RECORD: u64 = 44;
        put32(end, DIRECTORY_END_64);
        put64(end, REST_OF_RECORD);
        put16(end, VERSION_45);
        put16(end, VERSION_45);
        end.extend_from_slice(&[0; 8]);
        let entries = self.sums.len() as u64;
        put64(end, entries);
        put64(end, entries);
        put64(end, size);
        put64(end, start);

        put32(end, DIRECTORY_LOCATOR_64);
        put32(end, 0);
        put64(end, start + size);
        put32(end, 1);
    }

    fn small_offset(&self) -> Result<u32> {
        u32::try_from(self.offset).context(TOO_LARGE)
    }

    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.output.write_all(bytes).context("cannot write zip")?;
        self.offset += bytes.len() as u64;
        Ok(())
    }

    /// Go makes a larger zip and refuses to extract it; here it is refused when it is made.
    fn check_size(&self) -> Result<()> {
        let size = self.offset + self.directory.len() as u64;
        if size > MAX_ZIP_FILE {
            bail!(Refusal::ZipTooLarge(size));
        }
        Ok(())
    }
}

/// The method of every entry, as in go's zips.
const DEFLATED: u16 = 8;

const TOO_LARGE: &str = "zip needs 64-bit offsets";

/// What the header before an entry and its record in the directory have in common.
struct Fields {
    flags: u16,
    crc32: u32,
    packed_size: u32,
    size: u32,
    name_length: u16,
}

impl Fields {
    fn new(name: &str, packed: &Packed) -> Result<Fields> {
        Ok(Fields {
            flags: if needs_utf8_flag(name) { UTF8 } else { 0 },
            crc32: packed.crc32,
            packed_size: u32::try_from(packed.bytes.len()).context(TOO_LARGE)?,
            size: u32::try_from(packed.size).context(TOO_LARGE)?,
            name_length: u16::try_from(name.len()).with_context(|| {
                format!("file name of {} bytes is too long for a zip", name.len())
            })?,
        })
    }

    fn put(&self, header: &mut Vec<u8>) {
        put16(header, VERSION_20);
        put16(header, self.flags);
        put16(header, DEFLATED);
        // Time and date.
        put32(header, 0);
        put32(header, self.crc32);
        put32(header, self.packed_size);
        put32(header, self.size);
        put16(header, self.name_length);
        // Length of the extra field.
        put16(header, 0);
    }
}

/// Tells whether some other encoding than UTF-8 could read the name differently; Shift-JIS and EUC-KR
/// differ from ASCII in `\` and `~`. Source of the rule: `detectUTF8` in `archive/zip/writer.go`.
fn needs_utf8_flag(name: &str) -> bool {
    name.bytes()
        .any(|byte| !(0x20..=0x7d).contains(&byte) || byte == b'\\')
}

fn put16(bytes: &mut Vec<u8>, value: u16) {
    bytes.extend_from_slice(&value.to_le_bytes());
}

fn put32(bytes: &mut Vec<u8>, value: u32) {
    bytes.extend_from_slice(&value.to_le_bytes());
}

fn put64(bytes: &mut Vec<u8>, value: u64) {
    bytes.extend_from_slice(&value.to_le_bytes());
}
