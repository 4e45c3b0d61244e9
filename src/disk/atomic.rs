//! Files that become visible only when they are whole.

use std::fs::{File, OpenOptions};
use std::hash::{BuildHasher, RandomState};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

/// A file under a temporary name in its target's folder, removed when dropped before [`Self::persist`].
///
/// The name is the target's name, a random number and `.tmp`: the pattern that the go command sweeps
/// under its own lock (`modfetch/fetch.go`), so what a killed run leaves behind is cleaned by either.
#[derive(Debug)]
pub struct TemporaryFile {
    file: File,
    name: TemporaryName,
}

/// A temporary name, with the file under it closed: as many as there are files can be held.
#[derive(Debug)]
pub struct TemporaryName {
    path: PathBuf,
    target: PathBuf,
}

impl TemporaryFile {
    /// Creates the temporary file beside `target` with mode 0666 minus the umask.
    pub fn beside(target: &Path) -> Result<TemporaryFile> {
        let random = RandomState::new();
        for attempt in 0..10_000_u32 {
            let mut name = target.file_name().unwrap_or_default().to_owned();
            name.push(format!("{}.tmp", random.hash_one(attempt) % 1_000_000_000));
            let path = target.with_file_name(name);
            match OpenOptions::new()
                .read(true)
                .write(true)
                .create_new(true)
                .open(&path)
            {
                Ok(file) => {
                    let target = target.to_owned();
                    let name = TemporaryName { path, target };
                    return Ok(TemporaryFile { file, name });
                }
                Err(error) if error.kind() == ErrorKind::AlreadyExists => continue,
                Err(error) => {
                    return Err(error).with_context(|| format!("cannot create {}", path.display()));
                }
            }
        }
        bail!(
            "cannot find a free temporary name beside {}",
            target.display()
        )
    }

    /// Gives the open file.
    pub fn file(&mut self) -> &mut File {
        &mut self.file
    }

    /// Gives the open file for reading at any place.
    pub fn open_file(&self) -> &File {
        &self.file
    }

    /// Gives the temporary name.
    pub fn path(&self) -> &Path {
        &self.name.path
    }

    /// Closes the file.
    pub fn close(self) -> TemporaryName {
        self.name
    }

    /// Renames the file to its target, replacing what was there.
    pub fn persist(self) -> Result<()> {
        self.name.persist()
    }
}

impl TemporaryName {
    /// Renames the file to its target, replacing what was there.
    pub fn persist(self) -> Result<()> {
        super::rename(&self.path, &self.target)
    }
}

impl Drop for TemporaryName {
    fn drop(&mut self) {
        // After `persist` the temporary name is gone and this does nothing.
        let _ = super::remove_file(&self.path);
    }
}

/// Writes a whole file under a temporary name and renames it into place.
pub fn write_atomic(path: &Path, data: &[u8]) -> Result<()> {
    let mut temporary = TemporaryFile::beside(path)?;
    temporary
        .file()
        .write_all(data)
        .with_context(|| format!("cannot write {}", temporary.path().display()))?;
    temporary.persist()
}

/// Writes the file that a user names for what comes out: a plain file appears, or changes, when it is whole; a device or a
/// pipe, which must stay what it is, is written to. Of a link, what it leads to is written.
///
/// # Errors
/// Files that cannot be written; those of `write`, which name the file then.
pub fn write_output<T>(path: &Path, write: impl FnOnce(&mut File) -> Result<T>) -> Result<T> {
    let write =
        |file: &mut File| write(file).with_context(|| format!("cannot write {}", path.display()));
    let target = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    if std::fs::metadata(&target).is_ok_and(|metadata| !metadata.is_file()) {
        let file = OpenOptions::new().write(true).open(&target);
        return write(&mut file.with_context(|| format!("cannot open {}", path.display()))?);
    }
    let mut temporary = TemporaryFile::beside(&target)?;
    let written = write(temporary.file())?;
    temporary.persist()?;
    Ok(written)
}

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::os::unix::fs::{FileTypeExt, symlink};

    use super::*;

    fn put(path: &Path) -> Result<()> {
        write_output(path, |file| Ok(file.write_all(b"new")?))
    }

    #[test]
    fn a_file_is_replaced_and_what_failed_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        put(&path).unwrap();
        let failed = write_output(&path, |file| -> Result<()> {
            file.write_all(b"half")?;
            bail!("on purpose")
        });
        assert!(failed.is_err());
        assert_eq!(std::fs::read(&path).unwrap(), b"new");
        assert_eq!(folder.path().read_dir().unwrap().count(), 1);
    }

    #[test]
    fn a_link_stays_and_leads_to_what_is_new() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        std::fs::write(&file, "old").unwrap();
        symlink("file", &link).unwrap();
        put(&link).unwrap();
        assert!(link.is_symlink());
        assert_eq!(std::fs::read(&file).unwrap(), b"new");
    }

    #[test]
    fn a_pipe_is_written_to_and_stays_one() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        rustix::fs::mknodat(
            rustix::fs::CWD,
            &pipe,
            rustix::fs::FileType::Fifo,
            rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR,
            0,
        )
        .unwrap();
        let reader = std::thread::spawn({
            let pipe = pipe.clone();
            move || {
                let mut content = String::new();
                File::open(pipe)
                    .unwrap()
                    .read_to_string(&mut content)
                    .unwrap();
                content
            }
        });
        put(&pipe).unwrap();
        assert_eq!(reader.join().unwrap(), "new");
        assert!(std::fs::metadata(&pipe).unwrap().file_type().is_fifo());
    }
}
