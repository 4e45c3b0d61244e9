//! Holds an extracted folder against the zip that it was extracted from.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use anyhow::Result;

use super::Receiver;
use crate::disk::{self, Kind};

/// How a file in a folder differs from the one in the zip.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Difference {
    /// It is not there.
    Missing,
    /// It has another content, or is no plain file.
    Changed,
    /// The zip has no such file.
    Extra,
}

/// Receives the files of a zip and compares them with those of a folder.
#[derive(Debug)]
pub struct Comparison {
    folder: PathBuf,
    seen: Mutex<BTreeMap<String, Option<Difference>>>,
}

impl Comparison {
    /// Begins with nothing compared.
    pub fn new(folder: &Path) -> Comparison {
        Comparison {
            folder: folder.to_owned(),
            seen: Mutex::default(),
        }
    }

    /// Gives what differs by the names of the files, once the zip has been read.
    ///
    /// # Errors
    /// A folder that cannot be listed.
    pub fn finish(self) -> Result<BTreeMap<String, Difference>> {
        let seen = self
            .seen
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        let extra: BTreeSet<String> = names_in(&self.folder)?
            .into_iter()
            .filter(|name| !seen.contains_key(name))
            .collect();
        let different = seen
            .into_iter()
            .filter_map(|(name, difference)| Some((name, difference?)));
        let extra = extra.into_iter().map(|name| (name, Difference::Extra));
        Ok(different.chain(extra).collect())
    }
}

impl Receiver for Comparison {
    fn receive(&self, name: &str, content: &[u8]) -> Result<()> {
        let path = self.folder.join(name);
        let difference = match disk::has_content(&path, content) {
            Ok(true) => None,
            Ok(false) => Some(Difference::Changed),
            Err(_) if !disk::exists(&path) => Some(Difference::Missing),
            Err(error) => return Err(error),
        };
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.insert(name.to_owned(), difference);
        Ok(())
    }
}

/// Lists all that is no folder, by names relative to the folder; a name that is not UTF-8 is approximated.
fn names_in(folder: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(inner) = folders.pop() {
        for entry in disk::list_entries(&inner)? {
            match entry.kind {
                Kind::Folder => folders.push(entry.path),
                Kind::File | Kind::Other => {
                    let name = entry.path.strip_prefix(folder)?;
                    names.push(name.to_string_lossy().into_owned());
                }
            }
        }
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_differ_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        std::fs::create_dir_all(root.join("a/b")).unwrap();
        let long = vec![7; 100_000];
        for (name, content) in [
            ("a/same", long.as_slice()),
            ("a/b/longer", b"12"),
            ("other", b"x"),
            ("extra", b""),
        ] {
            std::fs::write(root.join(name), content).unwrap();
        }
        std::os::unix::fs::symlink("a/same", root.join("link")).unwrap();
        let comparison = Comparison::new(root);
        for (name, content) in [
            ("a/same", long.as_slice()),
            ("a/b/longer", b"1"),
            ("other", b"y"),
            ("gone", b""),
            ("link", &long),
            ("a/b/c/d", b""),
        ] {
            comparison.receive(name, content).unwrap();
        }
        let found: Vec<(String, Difference)> = comparison.finish().unwrap().into_iter().collect();
        let expected = [
            ("a/b/c/d", Difference::Missing),
            ("a/b/longer", Difference::Changed),
            ("extra", Difference::Extra),
            ("gone", Difference::Missing),
            ("link", Difference::Changed),
            ("other", Difference::Changed),
        ];
        assert_eq!(
            found,
            expected.map(|(name, difference)| (name.to_owned(), difference))
        );
    }
}
