//! Bills of materials: what is in a bundle, in the formats that scanners read.
//!
//! They list the versions whose zips are packed; those of which only the go.mod is there are no material. The same
//! content gives the same bytes.

mod cyclonedx;
mod purl;
mod spdx;

use anyhow::{Context, Result};
use serde_json::Value;

use super::{Digest, Manifest, PackedModule};
use crate::cache::File;
use crate::module::{Origin, rfc3339};

/// A format of bills of materials.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SbomFormat {
    /// CycloneDX 1.5 as JSON.
    CycloneDx,
    /// SPDX 2.3 as JSON.
    Spdx,
}

impl SbomFormat {
    /// What such files end in.
    pub fn suffix(self) -> &'static str {
        match self {
            SbomFormat::CycloneDx => ".cdx.json",
            SbomFormat::Spdx => ".spdx.json",
        }
    }
}

/// Renders the bill of a bundle of this name. `time` is the time to write into it, in seconds since 1970.
///
/// # Errors
/// None for a manifest that is sound.
pub fn sbom(
    format: SbomFormat,
    manifest: &Manifest,
    name: &str,
    time: Option<i64>,
) -> Result<Vec<u8>> {
    let modules = manifest.modules.iter().filter_map(Material::of).collect();
    let bill = Bill {
        name,
        id: uuid_of(&Digest::of(&manifest.to_json()?)),
        time: time.map(rfc3339),
        projects: &manifest.projects,
        modules,
    };
    let value: Value = match format {
        SbomFormat::CycloneDx => cyclonedx::render(&bill),
        SbomFormat::Spdx => spdx::render(&bill),
    };
    let mut text = serde_json::to_vec_pretty(&value).context("cannot render the SBOM")?;
    text.push(b'\n');
    Ok(text)
}

/// What both formats tell.
struct Bill<'a> {
    name: &'a str,
    /// A UUID that only this content has.
    id: String,
    time: Option<String>,
    projects: &'a [String],
    modules: Vec<Material<'a>>,
}

/// A version that is packed with its zip.
struct Material<'a> {
    packed: &'a PackedModule,
    zip: &'a Digest,
    sum: &'a str,
}

impl<'a> Material<'a> {
    fn of(packed: &'a PackedModule) -> Option<Material<'a>> {
        Some(Material {
            packed,
            zip: packed.files.get(&File::Zip)?,
            sum: packed.sum.as_deref()?,
        })
    }

    /// Where it comes from, if a URL tells.
    fn origin(&self) -> Option<&'a Origin> {
        let is_url = |origin: &&Origin| origin.url.contains("://");
        self.packed.origin.as_ref().filter(is_url)
    }
}

/// Makes a UUID of a sum: version 8 of RFC 9562, which leaves its bits to whoever makes it.
fn uuid_of(digest: &Digest) -> String {
    let mut text = String::new();
    for (place, digit) in digest.hexadecimal().chars().take(32).enumerate() {
        if matches!(place, 8 | 12 | 16 | 20) {
            text.push('-');
        }
        text.push(match place {
            12 => '8',
            16 => 'a',
            _ => digit,
        });
    }
    text
}

#[cfg(test)]
mod tests;
