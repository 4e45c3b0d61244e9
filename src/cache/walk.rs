//! What a cache has.

use std::path::PathBuf;

use anyhow::Result;

use super::Cache;
use crate::disk;
use crate::module::{ModulePath, ModuleVersion, Version, unescape_version};

impl Cache {
    /// Lists the versions of which the cache has a `.mod`, in no particular order. What has no name that go
    /// would give it is passed over.
    ///
    /// # Errors
    /// A folder that cannot be read.
    pub fn versions(&self) -> Result<Vec<ModuleVersion>> {
        let download = self.root().join("cache/download");
        let mut versions = Vec::new();
        let mut folders: Vec<PathBuf> = vec![download.clone()];
        while let Some(folder) = folders.pop() {
            let is_of_versions = folder.ends_with("@v");
            let path = folder.parent().filter(|_| is_of_versions);
            let path = path
                .and_then(|path| path.strip_prefix(&download).ok()?.to_str())
                .and_then(|path| ModulePath::unescape(path).ok());
            for entry in disk::list_dir(&folder)? {
                match &path {
                    Some(path) => {
                        versions.extend(version_of(&entry).map(|version| ModuleVersion {
                            path: path.clone(),
                            version,
                        }))
                    }
                    None if !is_of_versions && disk::is_dir(&entry) => folders.push(entry),
                    None => {}
                }
            }
        }
        Ok(versions)
    }
}

fn version_of(file: &std::path::Path) -> Option<Version> {
    let name = file.file_name()?.to_str()?.strip_suffix(".mod")?;
    Version::new(&unescape_version(name).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_versions_are_those_that_have_a_go_mod() {
        let folder = tempfile::tempdir().unwrap();
        let files = [
            "example.com/a/@v/v1.0.0.mod",
            "example.com/a/@v/v1.1.0.info",
            "example.com/a/b/@v/v0.0.0-20200101000000-!abcdef123456.mod",
            "github.com/!azure/sdk/v2/@v/v2.0.0-!r!c1.mod",
            "sumdb/sum.golang.org/lookup/example.com/a@v1.0.0",
            "example.com/a/@v/junk.mod",
        ];
        for file in files {
            let path = folder.path().join("cache/download").join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        }
        let cache = Cache::new(folder.path().to_owned()).unwrap();
        let mut found: Vec<String> = cache
            .versions()
            .unwrap()
            .iter()
            .map(ToString::to_string)
            .collect();
        found.sort();
        assert_eq!(
            found,
            [
                "example.com/a/b@v0.0.0-20200101000000-Abcdef123456",
                "example.com/a@v1.0.0",
                "github.com/Azure/sdk/v2@v2.0.0-RC1"
            ]
        );
        let empty = Cache::new(folder.path().join("none")).unwrap();
        assert!(empty.versions().unwrap().is_empty());
    }
}
