//! A module at one of its sources, whichever kind that is.

use std::num::NonZeroUsize;
use std::path::Path;

use anyhow::{Context, Result};

use super::super::Monitor;
use super::super::gate::Gate;
use crate::cache::Content;
use crate::coderepo::BlobKey;
use crate::disk::tree::TreeWriter;
use crate::module::{ModulePath, ModuleVersion};
use crate::modzip::{self, Control, Pool};
use crate::ops::monitor::unreported;
use crate::query::{QueryContext, Resolved};

/// A module that is asked for versions, and makes their zips.
pub(in crate::ops) trait Provider {
    /// The module path.
    fn path(&self) -> &ModulePath;

    /// The source's name for messages.
    fn display(&self) -> String;

    /// Resolves a query; the answer has the go.mod of the version.
    fn resolve(&self, query: &str, context: &QueryContext) -> Result<Resolved>;

    /// Lists the versions as the source has them.
    fn versions(&self) -> Result<Vec<String>>;

    /// Lists the versions without those that the author has retracted and the main module excludes.
    fn listed(&self, context: &QueryContext) -> Result<Vec<String>>;

    /// Gives the go.mod of the newest version, retracted or not.
    fn newest_go_mod(&self) -> Result<Vec<u8>>;

    /// Gets at once what resolving and making these versions will need, where that saves time.
    fn prepare(&self, versions: &[String]) -> Result<()>;

    /// Gets ready to make the zip of a version that has been resolved.
    fn content<'s>(
        &'s self,
        module: &'s ModuleVersion,
        workshop: Workshop<'s>,
    ) -> Result<Box<dyn Content + 's>>;
}

/// What making a zip takes besides its source.
#[derive(Clone, Copy)]
pub(in crate::ops) struct Workshop<'s> {
    pub(in crate::ops) gate: &'s Gate<'s>,
    pub(in crate::ops) monitor: &'s dyn Monitor,
    pub(in crate::ops) pool: &'s Pool<BlobKey>,
    pub(in crate::ops) threads: NonZeroUsize,
}

impl Workshop<'_> {
    /// Extracts a zip that was in the cache already.
    pub(super) fn extract(
        &self,
        zip: &Path,
        module: &ModuleVersion,
        tree: &TreeWriter,
    ) -> Result<()> {
        let extract =
            |control: &Control<'_>| modzip::extract(zip, module, Some(tree), control).map(drop);
        unreported(self.monitor, self.threads, extract)
            .with_context(|| format!("{module}: cannot extract the zip in the cache"))
    }
}
