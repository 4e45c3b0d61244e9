//! The archive of a release: regular files below `go/`, in a compressed tar or, for Windows, in a zip.
//!
//! It may come from anywhere. Whatever is no plain file or folder, has a name that could lead elsewhere, or is
//! too large ends the reading.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use flate2::read::MultiGzDecoder;
use tar::{Archive, EntryType, PaxExtensions};
use zip::ZipArchive;

use crate::disk;

/// The most bytes that an archive may have, compressed. Real ones have some 80 MB.
pub const MAX_ARCHIVE: u64 = 500 << 20;

/// The most bytes that it may have when it is not compressed any more.
const MAX_UNPACKED: u64 = 2 << 30;

/// The most files and folders. Real ones have some 16,000.
const MAX_ENTRIES: usize = 200_000;

/// The most bytes of a name, with what a tar may say besides.
const MAX_NAME: u64 = 64 << 10;

/// The folder that everything is in.
const ROOT: &str = "go/";

/// Gives every regular file to `take`: its name below `go/`, its size and its content.
///
/// # Errors
/// What is no such archive, is larger than it may be, or has other things in it than files and folders.
pub(super) fn read(
    path: &Path,
    take: &mut dyn FnMut(&str, u64, &mut dyn Read) -> Result<()>,
) -> Result<()> {
    ensure!(
        disk::file_size(path)? <= MAX_ARCHIVE,
        "larger than {MAX_ARCHIVE} bytes"
    );
    let mut file = disk::open(path)?;
    let mut magic = [0; 2];
    file.read_exact(&mut magic).context("not an archive")?;
    file.seek(SeekFrom::Start(0))?;
    match &magic {
        b"\x1f\x8b" => read_tar(file, take),
        b"PK" => read_zip(file, take),
        _ => bail!("neither a .tar.gz nor a .zip"),
    }
}

fn read_tar(
    file: File,
    take: &mut dyn FnMut(&str, u64, &mut dyn Read) -> Result<()>,
) -> Result<()> {
    let unpacked = MultiGzDecoder::new(BufReader::new(file)).take(MAX_UNPACKED);
    let mut archive = Archive::new(unpacked);
    let mut long_name = None;
    // Long names are read here, where they have a limit.
    for (count, entry) in archive.entries()?.raw(true).enumerate() {
        let mut entry = entry?;
        ensure!(count < MAX_ENTRIES, "more than {MAX_ENTRIES} entries");
        let kind = entry.header().entry_type();
        let size = entry.size();
        match kind {
            EntryType::XGlobalHeader => {}
            EntryType::XHeader => long_name = pax_name(&read_text(&mut entry, size)?)?,
            EntryType::GNULongName => {
                let mut name = read_text(&mut entry, size)?;
                name.truncate(name.iter().take_while(|&&byte| byte != 0).count());
                long_name = Some(name);
            }
            EntryType::Directory => long_name = None,
            EntryType::Regular => {
                let short = || entry.path_bytes().into_owned();
                let name = long_name.take().unwrap_or_else(short);
                let name = String::from_utf8(name).context("a name that is no UTF-8")?;
                take(below_root(&name)?, size, &mut entry)
                    .with_context(|| format!("file {name:?}"))?;
            }
            other => bail!("an entry that is neither file nor folder: {other:?}"),
        }
    }
    // To the end, so that the checksum of the compression is checked.
    let mut rest = archive.into_inner();
    io::copy(&mut rest, &mut io::sink()).context("damaged after the last file")?;
    ensure!(rest.limit() > 0, "more than {MAX_UNPACKED} bytes unpacked");
    Ok(())
}

fn read_text(entry: &mut impl Read, size: u64) -> Result<Vec<u8>> {
    ensure!(size <= MAX_NAME, "a name of more than {MAX_NAME} bytes");
    let mut text = Vec::new();
    entry.take(MAX_NAME).read_to_end(&mut text)?;
    Ok(text)
}

/// The name in the extended header of the entry that follows, if there is one. The size is never there in an
/// archive that is as small as it must be.
fn pax_name(text: &[u8]) -> Result<Option<Vec<u8>>> {
    let mut name = None;
    for extension in PaxExtensions::new(text) {
        let extension = extension?;
        match extension.key_bytes() {
            b"path" => name = Some(extension.value_bytes().to_vec()),
            b"size" => bail!("a size in an extended header"),
            _ => {}
        }
    }
    Ok(name)
}

fn read_zip(
    file: File,
    take: &mut dyn FnMut(&str, u64, &mut dyn Read) -> Result<()>,
) -> Result<()> {
    let mut archive = ZipArchive::new(BufReader::new(file)).context("not a zip")?;
    ensure!(
        archive.len() <= MAX_ENTRIES,
        "more than {MAX_ENTRIES} entries"
    );
    let mut remaining = MAX_UNPACKED;
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index)?;
        let name =
            String::from_utf8(entry.name_raw().to_vec()).context("a name that is no UTF-8")?;
        if name.ends_with('/') {
            continue;
        }
        ensure!(
            !entry.is_symlink(),
            "an entry that is neither file nor folder: {name:?}"
        );
        let size = entry.size();
        ensure!(size <= remaining, "more than {MAX_UNPACKED} bytes unpacked");
        remaining -= size;
        take(below_root(&name)?, size, &mut entry).with_context(|| format!("file {name:?}"))?;
    }
    Ok(())
}

fn below_root(name: &str) -> Result<&str> {
    let below = name.strip_prefix(ROOT).filter(|below| !below.is_empty());
    below.with_context(|| format!("no archive of a Go release: {name:?} is not below {ROOT}"))
}
