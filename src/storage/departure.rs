//! From a cache into the bucket: what is there stays, and what makes a version count comes last.

use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::{Context, Result, bail};

use super::Storage;
use super::objects::Put;
use crate::cache::{Cache, File};
use crate::disk;
use crate::module::{Info, ModuleVersion};
use crate::modzip::{MAX_GO_MOD, MAX_ZIP_FILE};

/// Zips from this size on, in bytes, are held in memory one at a time.
const LARGE: u64 = 32 << 20;

impl Storage {
    /// Puts the metadata of a version, and its zip if that is wanted, as far as they are not there. What somebody
    /// else has put stays, and counts.
    ///
    /// # Errors
    /// A bucket that cannot be written, or is at a store that keeps to no conditions; the rest of somebody who was
    /// about to put another content.
    pub fn put_version(&self, module: &ModuleVersion, file: File, cache: &Cache) -> Result<()> {
        self.check_conditions()?;
        let ours = |file| {
            let content = cache.read(module, file)?;
            content.with_context(|| format!("{module}: there is nothing to be put"))
        };
        self.claim(module, File::Mod, File::Info, ours(File::Mod)?)?;
        let info = ours(File::Info)?;
        let parsed = Info::parse(&info)?;
        if self.create(module, File::Info, info)? == Put::Theirs
            && self
                .info(module)?
                .is_none_or(|theirs| theirs.contradicts(&parsed))
        {
            // Whoever looks finds theirs.
            return Ok(());
        }
        if file != File::Zip {
            return Ok(());
        }
        let sum = cache.zip_sum(module)?.into_bytes();
        self.claim(module, File::ZipHash, File::Zip, sum)?;
        let zip = cache.file(module, File::Zip)?;
        let _room = (disk::file_size(&zip)? >= LARGE).then(room);
        let zip = disk::read_limited(&zip, MAX_ZIP_FILE)?;
        self.create(module, File::Zip, zip).map(drop)
    }

    /// Puts a file that says what the one after it will be. Another one there is no matter if both are.
    fn claim(
        &self,
        module: &ModuleVersion,
        claim: File,
        counts: File,
        content: Vec<u8>,
    ) -> Result<()> {
        if self.create(module, claim, content.clone())? == Put::Ours {
            return Ok(());
        }
        let theirs = self.read(module, claim, MAX_GO_MOD)?;
        if theirs.is_some_and(|theirs| theirs == content) || self.has(module, counts)? {
            return Ok(());
        }
        let name = claim.path_of(module)?;
        bail!(
            "{}/{name} is the rest of another content, which whoever was to store it has not finished: remove it, unless a server is still at work on it",
            self.address()
        );
    }
}

fn room() -> MutexGuard<'static, ()> {
    static ROOM: Mutex<()> = Mutex::new(());
    ROOM.lock().unwrap_or_else(PoisonError::into_inner)
}
