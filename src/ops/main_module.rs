//! The module whose folder the user works in: it says what is required, excluded and expected.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::disk;
use crate::gomod::{self, GoMod};
use crate::module::ModulePath;
use crate::query::QueryContext;

/// The main module, as far as fetching one module needs it.
#[derive(Clone, Debug)]
pub struct MainModule {
    folder: PathBuf,
    go_mod: GoMod,
}

impl MainModule {
    /// Finds the go.mod in `folder` or the nearest folder above it.
    ///
    /// # Errors
    /// A go.mod that cannot be read or parsed.
    pub fn find(folder: &Path) -> Result<Option<MainModule>> {
        const LIMIT: u64 = 16 << 20;
        for folder in folder.ancestors() {
            let file = folder.join("go.mod");
            if !disk::is_file(&file) {
                continue;
            }
            let text = disk::read_limited(&file, LIMIT)?;
            let name = file.display().to_string();
            // A directive of a newer go must not keep anybody from fetching.
            let go_mod = gomod::parse(&name, &text)
                .or_else(|_| gomod::parse_lax(&name, &text))
                .context("cannot parse the go.mod of this folder")?;
            return Ok(Some(MainModule {
                folder: folder.to_owned(),
                go_mod,
            }));
        }
        Ok(None)
    }

    /// The go.sum beside the go.mod, if there is one.
    pub fn go_sum(&self) -> Option<PathBuf> {
        Some(self.folder.join("go.sum")).filter(|file| disk::is_file(file))
    }

    /// What the go.mod says of a module.
    pub fn context(&self, path: &ModulePath) -> QueryContext {
        let current = self
            .go_mod
            .require
            .iter()
            .find(|require| require.path == path.as_str())
            .map(|require| require.version.clone());
        let excluded = self
            .go_mod
            .exclude
            .iter()
            .filter(|(excluded, _)| excluded == path.as_str())
            .map(|(_, version)| version.clone())
            .collect();
        QueryContext { current, excluded }
    }
}
