//! Whole folders: filling them, making them read-only, removing them.

use std::collections::HashSet;
use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::{Context, Result, bail};
use walkdir::WalkDir;

/// Takes the write permission from a folder and all folders in it, the innermost first.
///
/// Files are left alone: the extractor has created them read-only. Source of the rule:
/// `makeDirsReadOnly` in `modfetch/fetch.go`.
pub fn make_read_only(folder: &Path) -> Result<()> {
    for entry in WalkDir::new(folder).contents_first(true) {
        let entry = entry.with_context(|| format!("cannot walk {}", folder.display()))?;
        if !entry.file_type().is_dir() {
            continue;
        }
        set_mode(entry.path(), mode_of(entry.path())? & !0o222)?;
    }
    Ok(())
}

/// Fills a new folder with read-only files, from several threads at a time.
///
/// Folders get mode 0777 and files 0444, both minus the umask, at creation. It makes as few system calls
/// as it can: a folder is made once, a file is opened, written and closed.
#[derive(Debug)]
pub struct TreeWriter {
    root: PathBuf,
    /// The folders below the root that are there.
    folders: Mutex<HashSet<String>>,
}

impl TreeWriter {
    /// Starts with a folder that is empty or not there yet, making it and those above it.
    pub fn new(root: &Path) -> Result<TreeWriter> {
        super::create_dir_all(root)?;
        if !super::list_dir(root)?.is_empty() {
            bail!("folder {} is not empty", root.display());
        }
        Ok(TreeWriter {
            root: root.to_owned(),
            folders: Mutex::default(),
        })
    }

    /// Writes a new file; `name` is a clean, slash-separated path relative to the root.
    ///
    /// The caller has checked the name: no element of it is empty, `.` or `..`. A name that is there
    /// already is an error.
    pub fn write(&self, name: &str, content: &[u8]) -> Result<()> {
        if let Some((folder, _)) = name.rsplit_once('/') {
            self.make(folder, &mut self.folders())?;
        }
        let path = self.root.join(name);
        OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o444)
            .open(&path)
            .and_then(|mut file| file.write_all(content))
            .with_context(|| format!("cannot write {}", path.display()))
    }

    /// Removes all that has been written; then every name is free again.
    pub fn empty(&self) -> Result<()> {
        let mut folders = self.folders();
        remove_all(&self.root)?;
        folders.clear();
        super::create_dir_all(&self.root)
    }

    /// Takes the write permission from all folders, as [`make_read_only`] does, without looking for them.
    pub fn make_read_only(&self) -> Result<()> {
        let mut folders: Vec<String> = self.folders().iter().cloned().collect();
        folders.sort_unstable_by(|one, other| other.cmp(one));
        // All were made the same way and have the same mode.
        if let Some(folder) = folders.first() {
            let mode = mode_of(&self.root.join(folder))? & !0o222;
            for folder in &folders {
                set_mode(&self.root.join(folder), mode)?;
            }
        }
        set_mode(&self.root, mode_of(&self.root)? & !0o222)
    }

    fn make(&self, folder: &str, made: &mut HashSet<String>) -> Result<()> {
        if made.contains(folder) {
            return Ok(());
        }
        let ends = folder.match_indices('/').map(|(slash, _)| slash);
        for end in ends.chain([folder.len()]) {
            let Some(folder) = folder.get(..end).filter(|folder| !made.contains(*folder)) else {
                continue;
            };
            let path = self.root.join(folder);
            fs::create_dir(&path)
                .with_context(|| format!("cannot create folder {}", path.display()))?;
            made.insert(folder.to_owned());
        }
        Ok(())
    }

    fn folders(&self) -> MutexGuard<'_, HashSet<String>> {
        self.folders.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Removes a folder with all that is in it, read-only folders too, or a file or link that has its name; nothing
/// there is no error.
pub fn remove_all(folder: &Path) -> Result<()> {
    if !super::is_own_dir(folder) {
        return super::remove_file(folder);
    }
    for entry in WalkDir::new(folder).into_iter().flatten() {
        if entry.file_type().is_dir() {
            // A folder that cannot be made writable shows up as a failing removal below.
            let _ = set_mode(entry.path(), 0o777);
        }
    }
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", folder.display()))
        }
        _ => Ok(()),
    }
}

/// Gives a folder another name, below whatever folder of the same file system, read-only folders too.
pub fn rename(from: &Path, to: &Path) -> Result<()> {
    // A folder that gets another parent must itself be writable.
    if super::is_own_dir(from) {
        set_mode(from, 0o700)?;
    }
    super::rename(from, to)
}

/// Gives the bytes of all files in a folder; what vanishes meanwhile does not count.
pub fn size(folder: &Path) -> Result<u64> {
    let mut bytes = 0;
    for entry in WalkDir::new(folder) {
        match entry.and_then(|entry| entry.metadata()) {
            Ok(metadata) if metadata.is_file() => bytes += metadata.len(),
            Err(error)
                if error
                    .io_error()
                    .is_none_or(|it| !super::files::is_absent(it)) =>
            {
                return Err(error).with_context(|| format!("cannot walk {}", folder.display()));
            }
            _ => {}
        }
    }
    Ok(bytes)
}

fn mode_of(path: &Path) -> Result<u32> {
    let metadata =
        fs::metadata(path).with_context(|| format!("cannot look at {}", path.display()))?;
    Ok(metadata.permissions().mode())
}

fn set_mode(path: &Path, mode: u32) -> Result<()> {
    fs::set_permissions(path, fs::Permissions::from_mode(mode & 0o7777))
        .with_context(|| format!("cannot change the mode of {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_is_filled_and_then_locked() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("a/b");
        let tree = TreeWriter::new(&root).unwrap();
        tree.write("c/d/e", b"e").unwrap();
        tree.write("c/f", b"").unwrap();
        tree.write("c.d/g", b"g").unwrap();
        assert_eq!(fs::read(root.join("c/d/e")).unwrap(), b"e");
        tree.make_read_only().unwrap();
        for (name, mode) in [("", 0o555), ("c", 0o555), ("c/d", 0o555), ("c.d", 0o555)] {
            assert_eq!(mode_of(&root.join(name)).unwrap() & 0o777, mode, "{name}");
        }
        assert_eq!(mode_of(&root.join("c/f")).unwrap() & 0o777, 0o444);
        remove_all(&root).unwrap();
        assert!(!root.exists());
    }

    #[test]
    fn an_emptied_tree_is_filled_anew() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("root");
        let tree = TreeWriter::new(&root).unwrap();
        tree.write("a/b", b"first").unwrap();
        tree.write("c", b"first").unwrap();
        tree.empty().unwrap();
        assert!(super::super::list_dir(&root).unwrap().is_empty());
        tree.write("a", b"second").unwrap();
        tree.write("c/d", b"second").unwrap();
        assert_eq!(fs::read(root.join("c/d")).unwrap(), b"second");
    }

    #[test]
    fn a_file_is_never_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let tree = TreeWriter::new(folder.path()).unwrap();
        tree.write("a", b"first").unwrap();
        assert!(tree.write("a", b"second").is_err());
        assert!(tree.write("a/b", b"third").is_err());
        assert_eq!(fs::read(folder.path().join("a")).unwrap(), b"first");
    }
}
