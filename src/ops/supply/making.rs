//! Making one version's zip and tree from a repository.

use std::cell::OnceCell;
use std::fs;
use std::io::{self, Write};
use std::path::Path;

use anyhow::Result;

use super::provider::Workshop;
use crate::cache::{Content, Zip};
use crate::checksum::{Mismatch, Part, dirhash};
use crate::coderepo::{BlobKey, ModuleContents};
use crate::disk::tree::TreeWriter;
use crate::mirror::Mirror;
use crate::module::ModuleVersion;
use crate::modzip::{self, Control, Plan, Report, SourceFile};
use crate::ops::{Monitor, Phase};

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

/// A zip of which the monitor hears how far it is written.
struct GrowingZip<'a> {
    zip: &'a mut fs::File,
    bytes: u64,
    monitor: &'a dyn Monitor,
}

impl Write for GrowingZip<'_> {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        let count = self.zip.write(piece)?;
        self.bytes += count as u64;
        self.monitor.report(Phase::Growing {
            zip: self.zip,
            bytes: self.bytes,
        });
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.zip.flush()
    }
}

impl Content for Making<'_> {
    fn make(&self, zip: &mut fs::File, tree: Option<&TreeWriter>) -> Result<String> {
        let zip = GrowingZip {
            zip,
            bytes: 0,
            monitor: self.workshop.monitor,
        };
        let sum = self.pack(zip, tree)?;
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
