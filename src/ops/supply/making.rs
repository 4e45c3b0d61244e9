//! Making one version's zip and tree from a repository.

use std::cell::OnceCell;
use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use anyhow::{Context, Result};

use super::provider::Workshop;
use crate::cache::{Content, Zip};
use crate::checksum::{Mismatch, Part, dirhash};
use crate::coderepo::{BlobKey, ModuleContents};
use crate::disk::tree::TreeWriter;
use crate::mirror::Mirror;
use crate::module::ModuleVersion;
use crate::modzip::{self, Control, Plan, Report, SourceFile};
use crate::ops::Phase;

/// A version of a module in a repository, ready to be packed.
pub(super) struct Making<'a> {
    pub(super) module: &'a ModuleVersion,
    pub(super) name: String,
    pub(super) mirror: &'a Mirror,
    pub(super) files: Vec<SourceFile<BlobKey>>,
    pub(super) report: Report,
    pub(super) workshop: Workshop<'a>,
    /// The sum of the zip that the mirror gives, once it is known.
    pub(super) sum: OnceCell<String>,
}

impl Making<'_> {
    /// Writes the zip and the tree, and gives the zip's sum.
    fn pack<W: Write + Send>(&self, zip: W, tree: Option<&TreeWriter>) -> Result<String> {
        let plan = Plan {
            module: self.module,
            files: &self.files,
            included: &self.report.included,
        };
        let total = self.report.included.len();
        let (name, monitor) = (self.name.as_str(), self.workshop.monitor);
        let progress = |files| {
            monitor.report(Phase::Packing {
                module: name,
                files,
                total,
            });
        };
        let cancelled = || monitor.interrupted();
        let control = Control {
            threads: self.workshop.threads,
            cancelled: &cancelled,
            progress: &progress,
        };
        let contents = ModuleContents::new(self.mirror);
        let created = modzip::create(&plan, &contents, self.workshop.pool, zip, tree, &control)?;
        dirhash::hash1(created.sums)
    }

    /// Gives the sum of the zip that the mirror gives, packing it for nothing but that.
    pub(super) fn mirror_sum(&self) -> Result<&str> {
        if self.sum.get().is_none() {
            let sum = self.pack(io::sink(), None)?;
            return Ok(self.sum.get_or_init(|| sum));
        }
        Ok(self.sum.get().map_or("", String::as_str))
    }
}

impl Content for Making<'_> {
    fn make(&self, zip: &mut fs::File, tree: Option<&TreeWriter>) -> Result<String> {
        let mut zip = BufWriter::with_capacity(256 << 10, zip);
        let sum = self.pack(&mut zip, tree)?;
        zip.flush()
            .with_context(|| format!("{}: cannot write the zip", self.module))?;
        Ok(self.sum.get_or_init(|| sum).clone())
    }

    fn extract(&self, zip: &Path, tree: &TreeWriter) -> Result<()> {
        self.workshop.extract(zip, self.module, tree)
    }

    fn admit(&self, zip: Zip, sum: &str) -> Result<()> {
        self.workshop.gate.check(self.module, Part::Zip, sum)?;
        if zip == Zip::Found && self.mirror_sum()? != sum {
            return Err(Mismatch {
                module: self.module.clone(),
                part: Part::Zip,
                found: self.mirror_sum()?.to_owned(),
                recorder: "cache".to_owned(),
                recorded: sum.to_owned(),
                reasons: Vec::new(),
            }
            .into());
        }
        Ok(())
    }
}
