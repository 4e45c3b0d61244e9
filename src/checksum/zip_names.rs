//! The names in a zip, as they stand in its directory.
//!
//! The zip crate keeps one file of each name and may take a name from an extra field; the go command does
//! neither. What a zip is summed as must not depend on that, so the names are read here once more.

use std::io::{BufReader, ErrorKind, Read, Seek, SeekFrom};

use anyhow::{Context, Result};

const SIGNATURE: &[u8] = b"PK\x01\x02";

/// The fixed part of an entry; three lengths at its end tell of the name, extra fields and comment.
const HEADER_LENGTH: usize = 46;
const LENGTHS: usize = 28;

/// Reads the names of the entries that begin at `start`, up to what is no entry.
pub(super) fn read(file: impl Read + Seek, start: u64) -> Result<Vec<Vec<u8>>> {
    let mut reader = BufReader::new(file);
    reader.seek(SeekFrom::Start(start))?;
    let mut names = Vec::new();
    loop {
        let mut header = [0; HEADER_LENGTH];
        match reader.read_exact(&mut header) {
            Ok(()) if header.starts_with(SIGNATURE) => {}
            Ok(()) => return Ok(names),
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(names),
            Err(error) => return Err(error.into()),
        }
        let length = |field: usize| {
            let at = LENGTHS + 2 * field;
            u16::from_le_bytes([header[at], header[at + 1]])
        };
        let mut name = vec![0; usize::from(length(0))];
        reader
            .read_exact(&mut name)
            .context("the directory of the zip ends too early")?;
        reader.seek_relative(i64::from(length(1)) + i64::from(length(2)))?;
        names.push(name);
    }
}
