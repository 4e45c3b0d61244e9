//! A version's zip and tree, from what a proxy sends.

use std::fs::File;

use anyhow::{Context, Result};

use super::ProxyModule;
use crate::checksum::dirhash;
use crate::disk::tree::TreeWriter;
use crate::module::Version;
use crate::modzip::{self, Control};

impl ProxyModule {
    /// Downloads the zip of a version to an empty file, checks it as go does before it extracts a zip, writes
    /// the tree if one is wanted, and gives the `h1:` sum.
    ///
    /// # Errors
    /// As for [`ProxyModule::download`] and [`modzip::extract_file`]: neither zip nor tree is of use then.
    pub fn make(
        &self,
        version: &Version,
        zip: &mut File,
        tree: Option<&TreeWriter>,
        control: &Control<'_>,
    ) -> Result<String> {
        self.download(version, zip)?;
        let module = self.at_version(version);
        let extracted = zip
            .try_clone()
            .context("cannot read the temporary file")
            .and_then(|zip| modzip::extract_file(zip, &module, tree, control))
            .with_context(|| {
                format!(
                    "{module}: the zip from proxy {:?} is refused",
                    self.display()
                )
            })?;
        dirhash::hash1(extracted.sums)
    }
}
