//! A module in a git repository.

use std::cell::OnceCell;

use anyhow::{Context, Result};

use super::making::Making;
use super::provider::{Provider, Workshop};
use crate::cache::Content;
use crate::coderepo::{CodeRepo, ModuleFiles};
use crate::mirror::{Need, Wanted};
use crate::module::{ModulePath, ModuleVersion};
use crate::modzip;
use crate::query::{QueryContext, Resolved, Resolver};

impl Provider for CodeRepo<'_> {
    fn path(&self) -> &ModulePath {
        CodeRepo::path(self)
    }

    fn display(&self) -> String {
        format!("mirror `{}`", self.mirror().display())
    }

    fn resolve(&self, query: &str, context: &QueryContext) -> Result<Resolved> {
        Resolver::new(self).resolve(query, context)
    }

    fn versions(&self) -> Result<Vec<String>> {
        CodeRepo::versions(self, "")
    }

    fn listed(&self, context: &QueryContext) -> Result<Vec<String>> {
        Resolver::new(self).listed(context)
    }

    fn newest_go_mod(&self) -> Result<Vec<u8>> {
        Resolver::new(self).newest_go_mod()
    }

    /// Fetches the commits of the versions in one round trip.
    fn prepare(&self, versions: &[String]) -> Result<()> {
        let wanted: Vec<Wanted> = versions
            .iter()
            .filter_map(|version| {
                let tag = self.tag_of(version);
                let oid = *self.mirror().refs().tags.get(&tag)?;
                Some(Wanted {
                    reference: Some(format!("refs/tags/{tag}")),
                    oid,
                })
            })
            .collect();
        self.mirror().require(Need::Several(&wanted))
    }

    fn content<'s>(
        &'s self,
        module: &'s ModuleVersion,
        workshop: Workshop<'s>,
    ) -> Result<Box<dyn Content + 's>> {
        let ModuleFiles {
            files,
            go_mod: root,
            ..
        } = self.files(&module.version)?;
        let report = modzip::classify(&files, root.as_deref());
        report
            .check(&files)
            .with_context(|| format!("{module}: cannot make a module zip"))?;
        Ok(Box::new(Making {
            module,
            name: module.to_string(),
            mirror: self.mirror(),
            files,
            report,
            workshop,
            sum: OnceCell::new(),
        }))
    }
}
