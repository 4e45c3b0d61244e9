//! What the server reads from.

use std::io;
use std::sync::Arc;
use std::time::SystemTime;

use anyhow::Result;
use tokio::sync::watch;

use super::route::Part;
use crate::checksum::sumdb::OfferedFile;
use crate::module::{ModulePath, ModuleVersion, Version};

/// Where module versions are stored. The calls may take their time: none comes on a thread that serves others.
pub trait Shelf: Send + Sync {
    /// Lists the versions of a module of which both `.info` and `.mod` are stored, pseudo-versions too, in no
    /// particular order.
    ///
    /// # Errors
    /// A storage that cannot be read.
    fn versions(&self, path: &ModulePath) -> Result<Vec<Version>>;

    /// Opens a file of a version; `None` where it is not stored, or not whole.
    ///
    /// # Errors
    /// A storage that cannot be read.
    fn open(&self, module: &ModuleVersion, part: Part) -> Result<Option<Stored>>;

    /// Lists all versions as [`Shelf::versions`] does, and when each was added.
    ///
    /// # Errors
    /// A storage that cannot be read.
    fn additions(&self) -> Result<Vec<Addition>>;

    /// Gives a file of a checksum database; `None` where it is not stored.
    ///
    /// # Errors
    /// A storage that cannot be read.
    fn database_file(&self, name: &str, file: &OfferedFile) -> Result<Option<Vec<u8>>>;

    /// Tells whether the database of this name has a record of each of these versions, but for those that
    /// `private` covers, a list as GONOSUMDB is.
    fn has_records(&self, name: &str, versions: &[Addition], private: &str) -> bool;

    /// Makes sure that the storage can be read.
    ///
    /// # Errors
    /// Why it cannot.
    fn check(&self) -> Result<()>;
}

/// A file that is stored.
pub struct Stored {
    /// Its size in bytes.
    pub size: u64,
    /// When it was written.
    pub modified: SystemTime,
    /// Another for every content that the name ever has.
    pub tag: String,
    /// What reads it.
    pub blob: Arc<dyn Blob>,
}

/// The content of a stored file, which can be read at any place.
pub trait Blob: Send + Sync {
    /// Reads bytes from `offset` on, as many as it likes; 0 only at the end.
    ///
    /// # Errors
    /// A storage that cannot be read.
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize>;

    /// Reads bytes as [`Blob::read_at`] does if that does not have to wait for anything; never 0.
    fn read_now(&self, _buffer: &mut [u8], _offset: u64) -> Option<usize> {
        None
    }

    /// Tells how much can be read, where that still grows. Whoever tells it goes away when no more will come.
    fn present(&self) -> Option<watch::Receiver<Presence>> {
        None
    }
}

/// How much can be read of what still grows, or why it does not grow any more.
pub type Presence = Result<Extent, Arc<str>>;

/// How much of a content can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// Bytes from the beginning on.
    pub bytes: u64,
    /// Whether that is all of it.
    pub is_whole: bool,
}

/// A version, and when it was added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addition {
    /// The module and its version.
    pub module: ModuleVersion,
    /// When its last file but the zip was written.
    pub added: SystemTime,
}

impl Stored {
    /// Reads all of it.
    ///
    /// # Errors
    /// A storage that cannot be read, or that has less than it said.
    pub fn read(&self) -> io::Result<Vec<u8>> {
        let size = usize::try_from(self.size).map_err(|_| io::ErrorKind::FileTooLarge)?;
        let mut content = vec![0; size];
        read_full(&*self.blob, &mut content, 0)?;
        Ok(content)
    }
}

/// Fills a buffer.
///
/// # Errors
/// Content that ends before.
pub(super) fn read_full(blob: &dyn Blob, mut buffer: &mut [u8], mut offset: u64) -> io::Result<()> {
    while !buffer.is_empty() {
        let count = blob.read_at(buffer, offset)?;
        if count == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        buffer = buffer.get_mut(count..).unwrap_or_default();
        offset += count as u64;
    }
    Ok(())
}
