//! A part of a version that is fetched once more, in place of what the cache has.

use std::num::NonZeroUsize;

use anyhow::{Context, Result};

use super::{Supply, Workshop};
use crate::cache::Held;

/// What of a version is fetched once more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::ops) enum Renewal {
    /// The `.info`.
    Info,
    /// The `.mod`.
    GoMod,
    /// The zip, and its `.ziphash` if that is that of another.
    Zip,
}

impl Supply<'_> {
    /// Fetches a part of a version and puts it in the place of the one in the cache. Sums that are recorded count as
    /// ever.
    ///
    /// # Errors
    /// As for fetching; nothing has been changed then.
    pub(in crate::ops) fn renew(
        &self,
        held: &Held<'_>,
        renewal: Renewal,
        threads: NonZeroUsize,
    ) -> Result<()> {
        let module = held.module();
        let version = &module.version;
        self.with_sources(&module.path, version.as_str(), |provider| {
            let (resolved, go_mod) = self.resolve_version(provider, version)?;
            match renewal {
                Renewal::GoMod => held.replace_go_mod(&go_mod),
                Renewal::Info => {
                    let metadata = resolved.metadata.get(version);
                    let info = metadata.and_then(|metadata| metadata.info.as_ref());
                    held.replace_info(info.context("resolved without metadata")?)
                }
                Renewal::Zip => {
                    let workshop = Workshop {
                        gate: &self.gate,
                        monitor: self.monitor,
                        pool: &self.pool,
                        threads,
                    };
                    held.replace_zip(&*provider.content(module, workshop)?)
                }
            }
        })
    }
}
