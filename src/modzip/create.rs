//! Makes a module zip, and the extracted tree in the same pass.

use std::hash::Hash;
use std::io::Write;
use std::num::NonZeroUsize;

use anyhow::{Result, anyhow};

use super::SourceFile;
use super::line::{Line, Sink};
use super::pool::{Packed, Pool};
use super::worker::Worker;
use super::writer::ZipWriter;
use crate::disk::tree::TreeWriter;
use crate::module::ModuleVersion;

/// Where the contents of files come from, such as a repository.
pub trait Contents<K>: Sync {
    /// Reads contents for one thread.
    type Reader<'a>: ContentReader<K>
    where
        Self: 'a;

    /// Opens a reader; each thread asks for one, and only when it has something to read.
    fn reader(&self) -> Result<Self::Reader<'_>>;
}

/// Reads the contents of files, one after the other.
pub trait ContentReader<K> {
    /// Appends the content that `key` stands for to `content`, which comes empty and is reused.
    ///
    /// What is appended is final: conversions have been applied.
    fn read(&mut self, key: &K, content: &mut Vec<u8>) -> Result<()>;
}

/// What goes into a module zip.
#[derive(Clone, Copy, Debug)]
pub struct Plan<'a, K> {
    /// The module: all names in the zip start with `<path>@<version>/`, unescaped.
    pub module: &'a ModuleVersion,
    /// The tree, as it was given to [`super::classify`].
    pub files: &'a [SourceFile<K>],
    /// Which of `files` are included, in the order of the zip: [`super::Report::included`].
    pub included: &'a [usize],
}

impl<'a, K> Plan<'a, K> {
    /// Gives the file that is at this place in the zip.
    pub(super) fn file(&self, number: usize) -> Option<&'a SourceFile<K>> {
        self.files.get(*self.included.get(number)?)
    }
}

/// How a zip is made or taken apart, and who hears about it.
#[derive(Clone, Copy)]
pub struct Control<'a> {
    /// Threads at work, this one among them; a small module uses fewer.
    pub threads: NonZeroUsize,
    /// Asked before each file: `true` ends the work with [`Cancelled`].
    pub cancelled: &'a (dyn Fn() -> bool + Sync),
    /// Hears how many files are done after each one; calls come from any thread.
    pub progress: &'a (dyn Fn(usize) + Sync),
}

impl<'a> Control<'a> {
    /// Lets nobody hear how many files are done.
    pub fn unreported(threads: NonZeroUsize, cancelled: &'a (dyn Fn() -> bool + Sync)) -> Self {
        Control {
            threads,
            cancelled,
            progress: &|_| (),
        }
    }
}

/// The error of work that [`Control::cancelled`] has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cancelled;

impl std::fmt::Display for Cancelled {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("interrupted")
    }
}

impl std::error::Error for Cancelled {}

/// A module zip that is whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Created {
    /// Names in the zip and SHA-256 sums of the contents, in the order of the zip: what `h1:` is made of.
    pub sums: Vec<(String, [u8; 32])>,
    /// Bytes of the zip.
    pub zip_size: u64,
}

/// Bytes of contents and compressed contents in memory besides those of the pool and one file.
const BUDGET: u64 = 16 << 20;

/// Files that are worth a thread.
const FILES_PER_THREAD: usize = 8;

/// Writes the module zip, and the extracted tree when one is given.
///
/// Every file is read, hashed, compressed and extracted once, on all threads of `control`; memory stays
/// within 16 MiB, one file with its compressed form, and the capacity of `pool`. The bytes of the zip depend
/// on the plan and the contents alone. Nothing is flushed to a disk's platter. On an error the zip and the
/// tree are left as they are, for the caller to remove.
///
/// Errors: a module path and version that do not go together; [`Cancelled`]; [`super::Refusal`] when
/// the contents turn out to be larger than a module may have, although the sizes in the plan were
/// not; and whatever reading and writing bring.
pub fn create<K, C, W>(
    plan: &Plan<'_, K>,
    contents: &C,
    pool: &Pool<K>,
    zip: W,
    tree: Option<&TreeWriter>,
    control: &Control<'_>,
) -> Result<Created>
where
    K: Hash + Eq + Clone + Send + Sync,
    C: Contents<K>,
    W: Write + Send,
{
    check_module(plan.module)?;
    pool.begin_version();
    let sink = ZipSink {
        plan,
        prefix: format!("{}/", plan.module),
        zip: ZipWriter::new(zip),
    };
    let line = Line::new(sink, plan.included.len(), BUDGET);
    let worker = Worker::new(plan, contents, pool, tree, control);
    let wanted = plan.included.len() / FILES_PER_THREAD + 1;
    std::thread::scope(|scope| {
        for _ in 1..control.threads.get().min(wanted) {
            scope.spawn(|| worker.run(&line));
        }
        worker.run(&line);
    });
    let written = line.finish()?.zip.finish()?;
    Ok(Created {
        sums: written.sums,
        zip_size: written.size,
    })
}

/// Checks that the path and the version of a module go together, in the words of `module.Check`.
pub(super) fn check_module(module: &ModuleVersion) -> Result<()> {
    let check = module.check();
    check.map_err(|error| anyhow!(error.in_module(module.path.as_str())))
}

/// The zip as the place where packed files go.
struct ZipSink<'a, K, W: Write> {
    plan: &'a Plan<'a, K>,
    prefix: String,
    zip: ZipWriter<W>,
}

impl<K: Sync, W: Write + Send> Sink for ZipSink<'_, K, W> {
    type Item = Packed;

    fn weight(packed: &Packed) -> u64 {
        packed.bytes.len() as u64
    }

    fn put(&mut self, number: usize, packed: Packed) -> Result<()> {
        let path = self.plan.file(number).map_or("", |file| &file.path);
        self.zip.add([&self.prefix, path].concat(), &packed)
    }
}

#[cfg(test)]
mod tests;
