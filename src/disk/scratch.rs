//! Folders for passing needs, and copies in them that cost next to nothing.

use std::fs::{self, File};
use std::hash::{BuildHasher, RandomState};
use std::io::ErrorKind;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use walkdir::WalkDir;

use super::{Entry, Kind};

/// The most entries that a tree may have to be copied.
const ENTRY_LIMIT: usize = 2_000_000;

/// What a folder's name ends with until it is locked.
const BEGINNING: &str = ".new";

/// How long a folder is left alone that nobody has locked yet: he who makes it may not have got so far.
const LONGEST_BEGINNING: Duration = Duration::from_secs(60);

/// A new folder that is removed when it goes out of scope, with all in it. It is locked as long as it is used, and gets
/// its name once it is: a folder of such a name that nobody has locked is what a killed run has left.
#[derive(Debug)]
pub struct ScratchFolder {
    path: PathBuf,
    _lock: File,
}

impl ScratchFolder {
    /// Makes a folder in `parent`, whose name begins with `prefix`; makes `parent` as well.
    pub fn new(parent: &Path, prefix: &str) -> Result<ScratchFolder> {
        super::create_dir_all(parent)?;
        let random = RandomState::new();
        for attempt in 0..10_000_u32 {
            let number = random.hash_one(attempt) % 1_000_000_000;
            let path = parent.join(format!("{prefix}{number}"));
            let beginning = parent.join(format!("{prefix}{number}{BEGINNING}"));
            match fs::create_dir(&beginning) {
                Ok(()) if !super::exists(&path) => return ScratchFolder::begin(&beginning, path),
                Ok(()) => super::remove_empty_dir(&beginning)?,
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => {
                    return Err(error)
                        .with_context(|| format!("cannot create folder {}", beginning.display()));
                }
            }
        }
        bail!("cannot find a free name in {}", parent.display())
    }

    fn begin(beginning: &Path, path: PathBuf) -> Result<ScratchFolder> {
        let lock = File::open(beginning).and_then(|folder| folder.lock().map(|()| folder));
        let lock = lock.with_context(|| format!("cannot lock {}", beginning.display()))?;
        super::rename(beginning, &path)?;
        Ok(ScratchFolder { path, _lock: lock })
    }

    /// Lists the folders in `parent` that killed runs have left: they are named as scratch, and nobody has locked them.
    pub fn left_in(parent: &Path) -> Result<Vec<PathBuf>> {
        let mut left = Vec::new();
        for Entry { path, kind } in super::list_entries(parent)? {
            let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
                continue;
            };
            let is_left = match name.strip_suffix(BEGINNING) {
                Some(name) => {
                    is_scratch_name(name) && super::age(&path)? >= Some(LONGEST_BEGINNING)
                }
                None => is_scratch_name(name),
            };
            let is_free = || File::open(&path).is_ok_and(|folder| folder.try_lock().is_ok());
            if kind == Kind::Folder && is_left && is_free() {
                left.push(path);
            }
        }
        left.sort();
        Ok(left)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// Tells whether a name is a word, a hyphen and a number.
fn is_scratch_name(name: &str) -> bool {
    name.split_once('-').is_some_and(|(prefix, number)| {
        let is_word = prefix.bytes().all(|byte| byte.is_ascii_lowercase());
        let is_number = number.bytes().all(|byte| byte.is_ascii_digit());
        is_word && is_number && !prefix.is_empty() && !number.is_empty()
    })
}

impl Drop for ScratchFolder {
    fn drop(&mut self) {
        // What is left is named as scratch and harms nobody.
        let _ = super::tree::remove_all(&self.path);
    }
}

/// What becomes of an entry of a tree that is copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Copying {
    /// Not copied, and nothing below it.
    LeftOut,
    /// A file is another name of the same file, where that can be; nobody may write to it.
    Linked,
    /// A file is one of its own.
    Copied,
}

/// Gives a file a second name, or where the file system forbids that copies it. The folder must be there.
pub fn link_or_copy(from: &Path, to: &Path) -> Result<()> {
    if fs::hard_link(from, to).is_ok() {
        return Ok(());
    }
    copy(from, to)
}

/// Copies a file with its mode, following links. The folder must be there.
pub fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::copy(from, to)
        .map(drop)
        .with_context(|| format!("cannot copy {} to {}", from.display(), to.display()))
}

/// Copies a tree: folders are new, links stay links, and what happens to files `copying` says, which hears of
/// every entry but the root. What is neither file, folder nor link is left out.
pub fn copy_tree(from: &Path, to: &Path, copying: impl Fn(&Path) -> Copying) -> Result<()> {
    super::create_dir_all(to)?;
    let entries = WalkDir::new(from)
        .min_depth(1)
        .into_iter()
        .filter_entry(|entry| copying(entry.path()) != Copying::LeftOut);
    for (count, entry) in entries.enumerate() {
        let entry = entry.with_context(|| format!("cannot walk {}", from.display()))?;
        if count >= ENTRY_LIMIT {
            bail!(
                "{} has more than {ENTRY_LIMIT} files and folders",
                from.display()
            );
        }
        let path = entry.path();
        let target = to.join(path.strip_prefix(from)?);
        let kind = entry.file_type();
        if kind.is_dir() {
            super::create_dir_all(&target)?;
        } else if kind.is_symlink() && copying(path) == Copying::Linked {
            let text = fs::read_link(path)
                .with_context(|| format!("cannot read link {}", path.display()))?;
            symlink(&text, &target)
                .with_context(|| format!("cannot create link {}", target.display()))?;
        } else if kind.is_file() && copying(path) == Copying::Linked {
            link_or_copy(path, &target)?;
        } else if super::is_file(path) {
            copy(path, &target)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    #[test]
    fn a_tree_is_copied_and_the_scratch_folder_goes() {
        let folder = tempfile::tempdir().unwrap();
        let from = folder.path().join("from");
        fs::create_dir_all(from.join("a/b")).unwrap();
        fs::create_dir_all(from.join("out/of")).unwrap();
        fs::write(from.join("a/b/linked"), "1").unwrap();
        fs::write(from.join("a/copied"), "2").unwrap();
        symlink("copied", from.join("a/link")).unwrap();
        let scratch = ScratchFolder::new(&folder.path().join("x/y"), "z").unwrap();
        let to = scratch.path().join("to");
        copy_tree(&from, &to, |path| {
            match path.file_name().unwrap().to_str().unwrap() {
                "out" => Copying::LeftOut,
                "copied" => Copying::Copied,
                _ => Copying::Linked,
            }
        })
        .unwrap();
        fs::write(to.join("a/copied"), "changed").unwrap();
        assert_eq!(fs::read(from.join("a/copied")).unwrap(), b"2");
        assert_eq!(fs::read(to.join("a/link")).unwrap(), b"changed");
        assert_eq!(fs::read(to.join("a/b/linked")).unwrap(), b"1");
        assert!(!to.join("out").exists());
        let path = scratch.path().to_owned();
        drop(scratch);
        assert!(!path.exists());
        assert_eq!(fs::read(from.join("a/b/linked")).unwrap(), b"1");
    }

    #[test]
    fn what_is_left_of_killed_runs_is_old_and_not_locked() {
        let folder = tempfile::tempdir().unwrap();
        let long_ago = std::time::SystemTime::now() - LONGEST_BEGINNING * 2;
        let age = |path: &Path| {
            let times = fs::FileTimes::new().set_modified(long_ago);
            File::open(path).unwrap().set_times(times).unwrap();
        };
        for name in [
            "prove-123",
            "prove-",
            "prove-1a",
            "vcs",
            "UPPER-1",
            "old-1.new",
            "new-1.new",
        ] {
            fs::create_dir(folder.path().join(name)).unwrap();
            if name != "new-1.new" {
                age(&folder.path().join(name));
            }
        }
        fs::write(folder.path().join("file-1"), "").unwrap();
        age(&folder.path().join("file-1"));
        let scratch = ScratchFolder::new(folder.path(), "used-").unwrap();
        age(scratch.path());
        let left = ScratchFolder::left_in(folder.path()).unwrap();
        assert_eq!(
            left,
            ["old-1.new", "prove-123"].map(|name| folder.path().join(name))
        );
        assert!(
            ScratchFolder::left_in(&folder.path().join("none"))
                .unwrap()
                .is_empty()
        );
    }

    #[test]
    fn a_folder_in_use_is_never_taken_for_left() {
        let folder = tempfile::tempdir().unwrap();
        let is_over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                for _ in 0..500 {
                    let scratch = ScratchFolder::new(folder.path(), "used-").unwrap();
                    std::thread::yield_now();
                    assert!(scratch.path().exists());
                }
                is_over.store(true, Ordering::Relaxed);
            });
            while !is_over.load(Ordering::Relaxed) {
                for left in ScratchFolder::left_in(folder.path()).unwrap() {
                    // It may be on its way out.
                    let _ = super::super::tree::remove_all(&left);
                }
            }
        });
    }
}
