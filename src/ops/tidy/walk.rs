//! The packages of the main module.

use std::path::Path;

use anyhow::Result;

use super::Tidy;
use super::tree::Tree;
use crate::disk;

/// The most folders that a main module may have.
const FOLDER_LIMIT: usize = 1_000_000;

impl Tidy<'_> {
    /// Lists the import paths of the main module's packages, and of its tools. Rule: `matchPackages`.
    pub(super) fn main_packages(&self) -> Result<Vec<String>> {
        let root = &self.main.folder;
        let tree = Tree::folder_of_user(root);
        let mut packages = Vec::new();
        let mut folders = vec![String::new()];
        let mut seen = 0_usize;
        while let Some(folder) = folders.pop() {
            self.library.go_on()?;
            seen += 1;
            if seen > FOLDER_LIMIT {
                anyhow::bail!("{} has more than {FOLDER_LIMIT} folders", root.display());
            }
            // What cannot be read is a package that cannot be loaded; loading tells.
            if tree
                .imports(&folder)
                .is_ok_and(|imports| !imports.has_files)
            {
                // No package, but there may be some below.
            } else if folder.is_empty() {
                packages.push(self.main.path.clone());
            } else {
                packages.push(format!("{}/{folder}", self.main.path));
            }
            if folder.rsplit('/').next() != Some("vendor") {
                self.push_folders(root, &folder, &mut folders)?;
            }
        }
        packages.sort();
        packages.extend(self.main.go_mod.tool.iter().cloned());
        Ok(packages)
    }

    fn push_folders(&self, root: &Path, folder: &str, folders: &mut Vec<String>) -> Result<()> {
        for path in disk::list_dir(&root.join(folder))? {
            let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
                continue;
            };
            let below = match folder {
                "" => name.to_owned(),
                folder => format!("{folder}/{name}"),
            };
            let is_passed_over = name.starts_with(['.', '_'])
                || name == "testdata"
                || !disk::is_own_dir(&path)
                || is_ignored(&self.main.go_mod.ignore, &below)
                || disk::is_file(&path.join("go.mod"));
            if !is_passed_over {
                folders.push(below);
            }
        }
        Ok(())
    }
}

/// Tells whether an ignore line of go.mod is about a folder: `./x` about that one, `x` about every folder of
/// that name, both with all below. Rule: `IgnorePatterns`.
fn is_ignored(patterns: &[String], folder: &str) -> bool {
    let enclosed = |path: &str| format!("/{}/", path.trim_matches('/'));
    let folder = enclosed(folder);
    patterns
        .iter()
        .any(|pattern| match pattern.strip_prefix("./") {
            Some(rooted) => folder.starts_with(&enclosed(rooted)),
            None => folder.contains(&enclosed(pattern)),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ignored_name_counts_everywhere_and_a_rooted_one_once() {
        let patterns = ["./a/b".to_owned(), "c".to_owned()];
        for (folder, expected) in [
            ("a/b", true),
            ("a/b/x", true),
            ("a/bx", false),
            ("x/a/b", false),
            ("x/c/y", true),
            ("xc", false),
        ] {
            assert_eq!(is_ignored(&patterns, folder), expected, "{folder}");
        }
    }
}
