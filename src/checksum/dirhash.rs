//! The `h1:` sum.
use anyhow::{Context, Result, bail};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest, Sha256};
use std::io::Read;
use std::path::Path;

/// Sums up files.
pub fn hash1(entries: impl IntoIterator<Item = (String, [u8; 32])>) -> Result<String> {
    let mut entries: Vec<_> = entries.into_iter().collect();
    entries.sort();
    let mut sum = Sha256::new();
    for (name, digest) in entries {
        if name.contains('\n') {
            bail!("file names with newlines are not supported");
        }
        for byte in digest {
            sum.update(format!("{byte:02x}"));
        }
        sum.update(format!("  {name}\n"));
    }
    Ok(format!("h1:{}", BASE64_STANDARD.encode(sum.finalize())))
}

/// Sums up a go.mod.
pub fn go_mod_sum(data: &[u8]) -> String {
    hash1([("go.mod".to_owned(), Sha256::digest(data).into())]).unwrap_or_default()
}

/// Sums up a zip.
pub fn hash_zip(path: &Path) -> Result<String> {
    let mut zip = zip::ZipArchive::new(crate::disk::open(path)?)
        .with_context(|| format!("cannot read {}", path.display()))?;
    let mut entries = Vec::new();
    for index in 0..zip.len() {
        let mut entry = zip.by_index(index)?;
        let mut data = Vec::new();
        entry.read_to_end(&mut data)?;
        entries.push((entry.name().to_owned(), Sha256::digest(&data).into()));
    }
    hash1(entries)
}
