//! `gomodcache inspect`.

use std::io;
use std::path::PathBuf;

use anyhow::Result;
use clap::Args;

use super::bundles::{Source, TrustOptions};
use super::table::{human, versions_in_words};
use super::{Exit, Output};
use crate::bundle::{Manifest, PackedModule, Reader};
use crate::cache::File;
use crate::goenv::GoEnv;

/// Tell what is in a bundle, without unpacking it
///
/// Prints a line for each version: module, version, `zip` or `go.mod`, bytes, sum. Only the manifest is read and its
/// signature checked, unless the rest is to be verified, too.
#[derive(Debug, Args)]
pub(super) struct Inspect {
    /// The bundle; `-` is stdin
    #[arg(value_name = "FILE")]
    bundle: PathBuf,

    #[command(flatten)]
    trust: TrustOptions,

    /// Read all of it, and compare every file with the manifest
    #[arg(long)]
    verify: bool,

    /// Print the manifest
    #[arg(long)]
    json: bool,
}

impl Inspect {
    pub(super) fn run(&self, _: &GoEnv, output: &Output) -> Result<Exit> {
        let source = Source::find(&self.bundle)?;
        let opened = Reader::open(source.open()?, &self.trust.trust()?);
        let reader = opened.map_err(|error| source.blame(error))?;
        let manifest = reader.manifest().clone();
        if self.json {
            output.data(&manifest.to_json()?)?;
        } else {
            let lines: String = manifest.modules.iter().map(line).collect();
            output.data(lines.as_bytes())?;
        }
        let size: u64 = manifest.modules.iter().map(PackedModule::size).sum();
        let versions = versions_in_words(manifest.modules.len());
        let mut summary = format!("{versions}, {}", human(size));
        if !manifest.projects.is_empty() {
            summary.push_str(&format!(", for {}", manifest.projects.join(", ")));
        }
        summary.push_str(&format!("; {}", reader.vouched()));
        if self.verify {
            verify(reader, &manifest).map_err(|error| source.blame(error))?;
            summary.push_str("; every file is what the manifest says");
        }
        output.status(summary);
        Ok(Exit::Done)
    }
}

/// Reads all that comes behind the manifest.
fn verify(mut reader: Reader<'_>, manifest: &Manifest) -> Result<()> {
    for file in manifest.files()? {
        reader.copy(&file, &mut io::sink())?;
    }
    reader.finish()
}

fn line(packed: &PackedModule) -> String {
    let (part, sum) = match packed.files.contains_key(&File::Zip) {
        true => ("zip", &packed.sum),
        false => ("go.mod", &packed.go_mod_sum),
    };
    let sum = sum.as_deref().unwrap_or("-");
    let module = &packed.module;
    format!(
        "{} {} {part} {} {sum}\n",
        module.path,
        module.version,
        packed.size()
    )
}
