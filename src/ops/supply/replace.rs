//! A version that is fetched once more, in place of what the cache has.

use std::num::NonZeroUsize;

use anyhow::Result;

use super::{Supply, Workshop};
use crate::cache::{self, Parts};
use crate::module::ModuleVersion;

/// How much of a version is fetched once more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::ops) enum Renewal {
    /// `.info` and `.mod`.
    Metadata,
    /// All of it.
    Everything,
}

impl Supply<'_> {
    /// Fetches a version and puts it in the place of the one in the cache. Sums that are recorded count as ever.
    ///
    /// # Errors
    /// As for fetching; nothing has been changed then.
    pub(in crate::ops) fn renew(
        &self,
        module: &ModuleVersion,
        renewal: Renewal,
        threads: NonZeroUsize,
    ) -> Result<()> {
        let version = &module.version;
        self.with_sources(&module.path, version.as_str(), |provider| {
            let (resolved, go_mod) = self.resolve_version(provider, version)?;
            let metadata = resolved.metadata.get(version);
            let info = metadata.and_then(|metadata| metadata.info.as_ref());
            if renewal == Renewal::Metadata {
                return self.cache.replace_metadata(module, info, &go_mod);
            }
            let workshop = Workshop {
                gate: &self.gate,
                monitor: self.monitor,
                pool: &self.pool,
                threads,
            };
            let content = provider.content(module, workshop)?;
            let parts = Parts {
                info,
                go_mod: &go_mod,
            };
            self.cache.replace(
                module,
                parts,
                cache::Making {
                    folder_mode: self.folder_mode,
                    extraction: self.extraction,
                    content: &*content,
                },
            )
        })
    }
}
