//! What versions take on disk, and when they were last used.

use std::num::NonZeroUsize;
use std::time::SystemTime;

use anyhow::Result;

use super::parallel::in_parallel;
use crate::cache::{Cache, Holding};
use crate::module::ModuleVersion;

/// A version on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// The module and its version.
    pub module: ModuleVersion,
    /// Bytes of its files below `cache/download`.
    pub download_size: u64,
    /// Bytes of the files in its folder, if that is there.
    pub extracted_size: Option<u64>,
    /// When it was last used, as far as the file system knows.
    pub last_used: Option<SystemTime>,
}

impl Stored {
    /// Bytes that its removal would free.
    pub fn size(&self) -> u64 {
        self.download_size + self.extracted_size.unwrap_or_default()
    }

    /// Measures a version.
    ///
    /// # Errors
    /// A folder that cannot be read.
    pub(super) fn measure(cache: &Cache, holding: &Holding) -> Result<Stored> {
        let module = holding.module.clone();
        Ok(Stored {
            download_size: holding.download_size(),
            extracted_size: cache.extracted_size(&module)?,
            last_used: cache.last_used(&module)?,
            module,
        })
    }

    /// Measures many versions, several at a time.
    ///
    /// # Errors
    /// A folder that cannot be read.
    pub(super) fn measure_all(
        cache: &Cache,
        holdings: &[Holding],
        threads: NonZeroUsize,
    ) -> Result<Vec<Stored>> {
        let measured = in_parallel(holdings, threads, |holding, _| {
            Stored::measure(cache, holding)
        });
        measured.into_iter().collect()
    }
}
