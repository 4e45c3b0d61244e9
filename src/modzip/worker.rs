//! Packs single files: reads, hashes, compresses and extracts them.

use std::hash::Hash;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context, Result, anyhow, bail};
use libdeflater::{CompressionLvl, Compressor, Decompressor};
use sha2::{Digest, Sha256};

use super::create::{Cancelled, ContentReader, Contents, Control, Plan};
use super::line::{Line, PanicGuard, Sink};
use super::pool::{Packed, Pool};
use super::rules::check_size;
use super::{FileError, MAX_ZIP_FILE, Refusal, SourceFile};
use crate::disk::tree::TreeWriter;

/// The level of compression, never changed: the bytes of a zip depend on it.
const LEVEL: i32 = 4;

/// Buffers that grew beyond this are given back after use.
const LARGEST_IDLE_BUFFER: usize = 1 << 20;

/// What all threads that make one zip share.
pub(super) struct Worker<'a, K, C> {
    plan: &'a Plan<'a, K>,
    contents: &'a C,
    pool: &'a Pool<K>,
    tree: Option<&'a TreeWriter>,
    control: &'a Control<'a>,
    /// Bytes that the contents really have.
    total: AtomicU64,
}

/// What one thread has for itself; each part is made when it is first needed.
struct Tools<R> {
    reader: Option<R>,
    compressor: Option<Compressor>,
    decompressor: Option<Decompressor>,
    content: Vec<u8>,
    /// Grows only: what it holds from before is overwritten.
    scratch: Vec<u8>,
}

impl<'a, K, C> Worker<'a, K, C>
where
    K: Hash + Eq + Clone,
    C: Contents<K>,
{
    pub(super) fn new(
        plan: &'a Plan<'a, K>,
        contents: &'a C,
        pool: &'a Pool<K>,
        tree: Option<&'a TreeWriter>,
        control: &'a Control<'a>,
    ) -> Worker<'a, K, C> {
        Worker {
            plan,
            contents,
            pool,
            tree,
            control,
            total: AtomicU64::new(0),
        }
    }

    /// Packs files until the line has no more or something fails.
    pub(super) fn run<S: Sink<Item = Packed>>(&self, line: &Line<S>) {
        let mut tools = Tools {
            reader: None,
            compressor: None,
            decompressor: None,
            content: Vec::new(),
            scratch: Vec::new(),
        };
        let _guard = PanicGuard(line);
        while let Some(number) = line.take(|number| self.cost(number)) {
            match self.pack(number, &mut tools) {
                Ok(packed) => {
                    line.deliver(number, self.cost(number), packed, self.control.progress);
                }
                Err(error) => return line.fail(number, error),
            }
            tools.trim();
        }
    }

    /// Bytes that packing a file takes: its content, and its compressed form, which is never larger.
    fn cost(&self, number: usize) -> u64 {
        let size = self.file(number).map_or(0, |file| file.size);
        size.saturating_mul(2)
    }

    fn file(&self, number: usize) -> Result<&'a SourceFile<K>> {
        self.plan
            .file(number)
            .context("the plan includes a file that it does not have")
    }

    fn pack(&self, number: usize, tools: &mut Tools<C::Reader<'a>>) -> Result<Packed> {
        if (self.control.cancelled)() {
            bail!(Cancelled);
        }
        let file = self.file(number)?;
        self.pack_file(file, tools).map_err(|error| {
            if error.is::<Refusal>() {
                return error;
            }
            error.context(format!("cannot pack {}", file.path))
        })
    }

    fn pack_file(&self, file: &SourceFile<K>, tools: &mut Tools<C::Reader<'a>>) -> Result<Packed> {
        if let Some(packed) = self.pool.get(&file.key) {
            self.count(&file.path, packed.size)?;
            if let Some(tree) = self.tree {
                tree.write(&file.path, tools.unpack(&packed)?)?;
            }
            return Ok(packed);
        }
        tools.content.clear();
        let reader = match &mut tools.reader {
            Some(reader) => reader,
            none => none.insert(self.contents.reader()?),
        };
        reader.read(&file.key, &mut tools.content)?;
        self.count(&file.path, tools.content.len() as u64)?;
        if let Some(tree) = self.tree {
            tree.write(&file.path, &tools.content)?;
        }
        let packed = tools.pack()?;
        self.pool.put(&file.key, &packed);
        Ok(packed)
    }

    /// Holds the content against the limits: a conversion may have made it larger than the plan says.
    fn count(&self, path: &str, size: u64) -> Result<()> {
        check_size(path, size).map_err(|reason| {
            let path = path.to_owned();
            Refusal::Files(vec![FileError { path, reason }])
        })?;
        let before = self.total.fetch_add(size, Ordering::Relaxed);
        if before.saturating_add(size) > MAX_ZIP_FILE {
            bail!(Refusal::TreeTooLarge);
        }
        Ok(())
    }
}

impl<R> Tools<R> {
    /// Hashes and compresses `content`. Even what does not get smaller is deflated, as go does it.
    fn pack(&mut self) -> Result<Packed> {
        let size = self.content.len() as u64;
        let sha256 = Sha256::digest(&self.content).into();
        let crc32 = libdeflater::crc32(&self.content);
        let length = self.deflate()?;
        self.content.clear();
        Ok(Packed {
            sha256,
            crc32,
            size,
            bytes: Arc::new(keep(&mut self.scratch, length)),
        })
    }

    /// Compresses `content` into `scratch` and tells the length.
    fn deflate(&mut self) -> Result<usize> {
        let compressor = match &mut self.compressor {
            Some(compressor) => compressor,
            none => none.insert(new_compressor()?),
        };
        let bound = compressor.deflate_compress_bound(self.content.len());
        compressor
            .deflate_compress(&self.content, room(&mut self.scratch, bound))
            .context("cannot deflate within the bound of libdeflate")
    }

    /// Gives the content of a packed file.
    fn unpack<'b>(&'b mut self, packed: &'b Packed) -> Result<&'b [u8]> {
        let room = room(&mut self.scratch, usize::try_from(packed.size)?);
        self.decompressor
            .get_or_insert_with(Decompressor::new)
            .deflate_decompress(&packed.bytes, room)
            .context("cannot inflate what was deflated before")?;
        Ok(room)
    }

    fn trim(&mut self) {
        trim(&mut self.content);
        trim(&mut self.scratch);
    }
}

/// Gives room for as many bytes; what they hold is of no matter.
pub(super) fn room(buffer: &mut Vec<u8>, length: usize) -> &mut [u8] {
    if buffer.len() < length {
        // A new buffer, for a large one comes from the system as zeros that take no memory yet.
        *buffer = vec![0; length];
    }
    buffer.get_mut(..length).unwrap_or_default()
}

/// Gives a large buffer back to the system after use.
pub(super) fn trim(buffer: &mut Vec<u8>) {
    if buffer.capacity() > LARGEST_IDLE_BUFFER {
        *buffer = Vec::new();
    }
}

/// Keeps the first bytes of a buffer: a small one is copied, to be used again, and a large one taken, so
/// that it is not in memory twice.
fn keep(buffer: &mut Vec<u8>, length: usize) -> Vec<u8> {
    if buffer.capacity() <= LARGEST_IDLE_BUFFER {
        return buffer.get(..length).unwrap_or_default().to_vec();
    }
    let mut kept = std::mem::take(buffer);
    kept.truncate(length);
    kept.shrink_to_fit();
    kept
}

fn new_compressor() -> Result<Compressor> {
    let level = CompressionLvl::new(LEVEL)
        .map_err(|_| anyhow!("libdeflate has no compression level {LEVEL}"))?;
    Ok(Compressor::new(level))
}
