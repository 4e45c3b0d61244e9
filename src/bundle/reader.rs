//! Reading a bundle that anybody may have made.
//!
//! Of the tar format only what [`super::Writer`] writes is understood: plain files, each under the name that comes
//! next in the manifest. Everything else is refused before it can do anything: links, folders, other extended
//! headers than a path, sparse files, names twice or out of order.

use std::io::{self, BufReader, Read, Write};

use anyhow::{Context, Result, bail, ensure};
use tar::{EntryType, Header, PaxExtensions};
use zstd::stream::read::Decoder;

use super::manifest::MAX_MANIFEST;
use super::{Digest, DigestReader, MANIFEST, Manifest, PackedFile, SIGNATURE, Trust, Vouched};

/// A block of a tar archive, in bytes.
const BLOCK: u64 = 512;

/// The most bytes of a signature.
const MAX_SIGNATURE: u64 = 64 << 10;

/// The most bytes of an extended header.
const MAX_EXTENSIONS: u64 = 64 << 10;

/// The most bytes of zeros behind the last entry.
const MAX_PADDING: u64 = 1 << 20;

/// The largest window, as a power of two, that decompression may ask memory for: 8 MiB, as `zstd -19` has it.
const MAX_WINDOW: u32 = 23;

/// A bundle is not what its manifest says, or none at all: nothing more of it can be believed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the bundle is damaged, or not one: {0}")]
pub struct Damaged(String);

/// A file in a bundle is not the one that the manifest tells of.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} in the bundle has another SHA-256 sum than its manifest says")]
pub struct Altered(String);

macro_rules! damaged {
    ($($argument:tt)*) => { Damaged(format!($($argument)*)) };
}

/// Reads a bundle from the first entry to the last.
pub struct Reader<'r> {
    tar: Box<dyn Read + Send + 'r>,
    manifest: Manifest,
    vouched: Vouched,
    /// The header that has been read ahead: that of the first file, if there was no signature.
    ahead: Option<Found>,
}

/// A header.
struct Found {
    name: String,
    size: u64,
}

/// Reads what a receiver has: his manifest, or that of a bundle that he has unpacked. Of the checksum databases in a
/// bundle he has kept what he needed, and nobody else knows what that was.
///
/// # Errors
/// As for [`Reader::open`] and [`Manifest::parse`].
pub fn read_holdings(source: impl Read + Send) -> Result<Manifest> {
    let mut source = BufReader::new(source);
    let start = io::BufRead::fill_buf(&mut source).context("cannot read the manifest")?;
    if start.starts_with(b"{") {
        let mut text = Vec::new();
        source
            .take(MAX_MANIFEST + 1)
            .read_to_end(&mut text)
            .context("cannot read the manifest")?;
        return Manifest::parse(&text);
    }
    let reader = Reader::open(source, &Trust::default())?;
    Ok(Manifest {
        databases: Vec::new(),
        ..reader.manifest
    })
}

impl<'r> Reader<'r> {
    /// Reads the manifest and checks its signature. Nothing else is looked at before.
    ///
    /// # Errors
    /// [`Damaged`]; [`super::Untrusted`]; a manifest that [`Manifest::parse`] refuses; what reading brings.
    pub fn open(source: impl Read + Send + 'r, trust: &Trust) -> Result<Reader<'r>> {
        let mut decoder = Decoder::new(source).context("cannot read the bundle")?;
        decoder.window_log_max(MAX_WINDOW)?;
        Reader::of_tar(decoder, trust)
    }

    /// Does the same with the archive in it.
    ///
    /// # Errors
    /// As for [`Self::open`].
    pub fn of_tar(tar: impl Read + Send + 'r, trust: &Trust) -> Result<Reader<'r>> {
        let mut reader = Reader {
            tar: Box::new(tar),
            manifest: Manifest::default(),
            vouched: Vouched::Nobody,
            ahead: None,
        };
        let found = reader.header()?;
        let Some(found) = found.filter(|found| found.name == MANIFEST) else {
            bail!(damaged!("it does not begin with {MANIFEST}"));
        };
        let text = reader.whole(&found, MAX_MANIFEST)?;
        let next = reader.header()?;
        let signature = match &next {
            Some(found) if found.name == SIGNATURE => Some(reader.whole(found, MAX_SIGNATURE)?),
            _ => None,
        };
        if signature.is_none() {
            reader.ahead = next;
        }
        reader.vouched = trust.check(&text, signature.as_deref())?;
        reader.manifest = Manifest::parse(&text)?;
        if signature.is_none() && reader.ahead.is_none() && !reader.manifest.files()?.is_empty() {
            bail!(damaged!("it ends with the manifest"));
        }
        Ok(reader)
    }

    /// What is in the bundle.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Who vouches for it.
    pub fn vouched(&self) -> &Vouched {
        &self.vouched
    }

    /// Copies the content of the file that comes next, which must be this one.
    ///
    /// # Errors
    /// [`Damaged`] when another file comes; [`Altered`] when it has another content, which has been copied then.
    pub fn copy(&mut self, file: &PackedFile, to: &mut impl Write) -> Result<()> {
        let found = match self.ahead.take() {
            Some(found) => Some(found),
            None => self.header()?,
        };
        let name = found.as_ref().map_or("its end", |found| &found.name);
        ensure!(
            name == file.name,
            damaged!("{} is expected, and {name:?} comes", file.name)
        );
        let size = file.digest.size;
        let found = found.map_or(0, |found| found.size);
        ensure!(
            found == size,
            damaged!("{} has {found} bytes, and not {size}", file.name)
        );
        let mut content = DigestReader::new((&mut self.tar).take(size));
        let copied =
            io::copy(&mut content, to).with_context(|| format!("reading {}", file.name))?;
        ensure!(copied == size, damaged!("it ends within {}", file.name));
        let digest: Digest = content.finish();
        ensure!(digest == file.digest, Altered(file.name.clone()));
        self.pad(size)
    }

    /// Reads the content of a small file that comes next into memory.
    ///
    /// # Errors
    /// As for [`Self::copy`].
    pub fn read(&mut self, file: &PackedFile) -> Result<Vec<u8>> {
        let mut content = Vec::new();
        self.copy(file, &mut content)?;
        Ok(content)
    }

    /// Checks that nothing comes any more.
    ///
    /// # Errors
    /// [`Damaged`].
    pub fn finish(mut self) -> Result<()> {
        let next = match self.ahead.take() {
            Some(found) => Some(found),
            None => self.header()?,
        };
        if let Some(found) = next {
            bail!(damaged!("{:?} is not in the manifest", found.name));
        }
        let mut rest = [0; 8 << 10];
        let mut total = 0;
        loop {
            let count = self.tar.read(&mut rest).context("reading the end")?;
            if count == 0 {
                return Ok(());
            }
            total += count as u64;
            let is_zero = rest.iter().take(count).all(|byte| *byte == 0);
            ensure!(
                is_zero && total <= MAX_PADDING,
                damaged!("something follows its end")
            );
        }
    }

    /// Reads the next header; nothing at the end of the archive.
    fn header(&mut self) -> Result<Option<Found>> {
        let Some(header) = self.block()? else {
            return Ok(None);
        };
        if header.entry_type() != EntryType::XHeader {
            let name = String::from_utf8_lossy(&header.path_bytes()).into_owned();
            return found(&header, name).map(Some);
        }
        let extensions = Found {
            size: size_of(&header)?,
            name: "an extended header".to_owned(),
        };
        let extensions = self.whole(&extensions, MAX_EXTENSIONS)?;
        let name = path_in(&extensions)?;
        match self.block()? {
            Some(header) => found(&header, name).map(Some),
            None => bail!(damaged!("it ends behind an extended header")),
        }
    }

    fn block(&mut self) -> Result<Option<Header>> {
        let mut header = Header::new_old();
        self.tar
            .read_exact(header.as_mut_bytes())
            .map_err(|error| match error.kind() {
                io::ErrorKind::UnexpectedEof => damaged!("it ends too early").into(),
                _ => anyhow::Error::from(error).context("reading the bundle"),
            })?;
        if header.as_bytes().iter().all(|byte| *byte == 0) {
            return Ok(None);
        }
        let sum: u32 = header
            .as_bytes()
            .iter()
            .enumerate()
            .map(|(place, byte)| match place {
                148..156 => u32::from(b' '),
                _ => u32::from(*byte),
            })
            .sum();
        ensure!(
            header.cksum().is_ok_and(|recorded| recorded == sum),
            damaged!("a header has a wrong checksum")
        );
        Ok(Some(header))
    }

    fn whole(&mut self, found: &Found, limit: u64) -> Result<Vec<u8>> {
        let Found { name, size } = found;
        ensure!(
            *size <= limit,
            damaged!("{name} has {size} bytes, more than {limit}")
        );
        let mut content = Vec::new();
        (&mut self.tar)
            .take(*size)
            .read_to_end(&mut content)
            .with_context(|| format!("reading {name}"))?;
        ensure!(
            content.len() as u64 == *size,
            damaged!("it ends within {name}")
        );
        self.pad(*size)?;
        Ok(content)
    }

    fn pad(&mut self, size: u64) -> Result<()> {
        let padding = (BLOCK - size % BLOCK) % BLOCK;
        let read = io::copy(&mut (&mut self.tar).take(padding), &mut io::sink());
        ensure!(
            read.context("reading the bundle")? == padding,
            damaged!("it ends too early")
        );
        Ok(())
    }
}

fn found(header: &Header, name: String) -> Result<Found> {
    let kind = header.entry_type();
    ensure!(
        matches!(kind, EntryType::Regular),
        damaged!(
            "{name:?} is no plain file but of type {:?}",
            char::from(kind.as_byte())
        )
    );
    Ok(Found {
        size: size_of(header)?,
        name,
    })
}

fn size_of(header: &Header) -> Result<u64> {
    header
        .entry_size()
        .map_err(|_| damaged!("a header has a malformed size").into())
}

/// Gives the path in an extended header, which may hold nothing else.
fn path_in(extensions: &[u8]) -> Result<String> {
    let mut path = None;
    for extension in PaxExtensions::new(extensions) {
        let extension = extension.map_err(|_| damaged!("an extended header is malformed"))?;
        let key = extension.key().unwrap_or_default();
        ensure!(
            key == "path" && path.is_none(),
            damaged!("an extended header has {key:?} besides a path")
        );
        path = extension.value().ok().map(str::to_owned);
    }
    path.with_context(|| damaged!("an extended header has no path"))
}
