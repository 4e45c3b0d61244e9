//! A bundle in parts, for media that it does not fit on.
//!
//! `deps.tar.zst` becomes `deps.tar.zst.001`, `deps.tar.zst.002` and so on, which are the bundle when they are joined,
//! and `deps.tar.zst.sha256`, which `sha256sum -c` reads. The latter comes last and makes them count: without it
//! nobody can tell how many parts there must be.

use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, Result, bail, ensure};
use sha2::{Digest as _, Sha256};

use super::{Digest, DigestReader};
use crate::disk::{self, TemporaryFile, TemporaryName};

/// The most parts: their numbers have three digits, so that `cat deps.tar.zst.*` joins them in order.
const MAX_PARTS: usize = 999;

/// Bytes that the file of sums may have.
const MAX_SUMS: u64 = 1 << 20;

/// A part is not what was packed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{part} is damaged: its SHA-256 sum is not the one in {sums}")]
pub struct DamagedPart {
    /// The file name of the part.
    pub part: String,
    /// The file name of the sums.
    pub sums: String,
}

fn part_path(base: &Path, number: usize) -> PathBuf {
    with_suffix(base, &format!(".{number:03}"))
}

fn sums_path(base: &Path) -> PathBuf {
    with_suffix(base, ".sha256")
}

fn with_suffix(base: &Path, suffix: &str) -> PathBuf {
    let mut name = base.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn file_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

/// Writes parts. All appear with [`Self::finish`]; dropped before, nothing has changed.
pub struct PartWriter {
    base: PathBuf,
    size: u64,
    open: Option<OpenPart>,
    /// The parts that are whole, each with its line among the sums.
    whole: Vec<(TemporaryName, String)>,
}

struct OpenPart {
    file: TemporaryFile,
    sum: Sha256,
    left: u64,
}

impl PartWriter {
    /// Begins a bundle in parts of `size` bytes.
    ///
    /// # Errors
    /// A size of nothing.
    pub fn new(base: PathBuf, size: u64) -> Result<PartWriter> {
        ensure!(size > 0, "parts must hold something");
        Ok(PartWriter {
            base,
            size,
            open: None,
            whole: Vec::new(),
        })
    }

    /// Ends the last part, lets the parts appear with their sums, and gives their number. What else has the bundle's
    /// name, whole or in other parts, goes away.
    ///
    /// # Errors
    /// What writing brings.
    pub fn finish(mut self) -> Result<usize> {
        self.close();
        let sums = sums_path(&self.base);
        let count = self.whole.len();
        // Those of other parts would blame the new ones.
        disk::remove_file(&sums)?;
        let mut lines = String::new();
        for (part, line) in self.whole {
            part.persist()?;
            lines.push_str(&line);
        }
        let surplus =
            (count.saturating_add(1)..=MAX_PARTS).map(|number| part_path(&self.base, number));
        for path in surplus.take_while(|path| disk::exists(path)) {
            disk::remove_file(&path)?;
        }
        disk::remove_file(&self.base)?;
        disk::write_atomic(&sums, lines.as_bytes())?;
        Ok(count)
    }

    fn open(&mut self) -> Result<&mut OpenPart> {
        if self.open.is_none() {
            let number = self.whole.len().saturating_add(1);
            ensure!(
                number <= MAX_PARTS,
                "more than {MAX_PARTS} parts of {} bytes: make them larger",
                self.size
            );
            self.open = Some(OpenPart {
                file: TemporaryFile::beside(&part_path(&self.base, number))?,
                sum: Sha256::new(),
                left: self.size,
            });
        }
        self.open.as_mut().context("there is a part")
    }

    fn close(&mut self) {
        if let Some(part) = self.open.take() {
            let digest = Digest {
                size: self.size,
                sha256: part.sum.finalize().into(),
            };
            let path = part_path(&self.base, self.whole.len().saturating_add(1));
            let line = format!("{digest}  {}\n", file_name(&path));
            self.whole.push((part.file.close(), line));
        }
    }
}

impl Write for PartWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let part = self.open().map_err(io::Error::other)?;
        let fits = usize::try_from(part.left).unwrap_or(usize::MAX);
        let bytes = bytes.get(..fits).unwrap_or(bytes);
        let count = part.file.file().write(bytes)?;
        part.sum.update(bytes.get(..count).unwrap_or_default());
        part.left = part.left.saturating_sub(count as u64);
        if part.left == 0 {
            self.close();
        }
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The parts of a bundle, all of which are there.
#[derive(Clone, Debug)]
pub struct Parts {
    sums: PathBuf,
    parts: Vec<(PathBuf, String)>,
    /// How many have been read and found sound.
    sound: Arc<AtomicUsize>,
}

impl Parts {
    /// Finds the parts of a bundle by its own name or that of a part; `None` for a file that is whole, or not there.
    ///
    /// # Errors
    /// A part that is missing, all of which are told; a file of sums that is missing or malformed.
    pub fn find(path: &Path) -> Result<Option<Parts>> {
        let Some(base) = base_of(path) else {
            return Ok(None);
        };
        let sums = sums_path(&base);
        if !disk::is_file(&sums) {
            bail!(
                "{} is missing: it tells how many parts there are, and their sums",
                sums.display()
            );
        }
        let text = String::from_utf8_lossy(&disk::read_limited(&sums, MAX_SUMS)?).into_owned();
        let mut parts = Vec::new();
        for (number, line) in (1..=MAX_PARTS).zip(text.lines()) {
            let path = part_path(&base, number);
            let sum = line.strip_suffix(&file_name(&path));
            let sum = sum.and_then(|sum| sum.strip_suffix("  ").or(sum.strip_suffix(" *")));
            let sum = sum.with_context(|| {
                format!(
                    "{}:{number}: this is no sum of {}",
                    sums.display(),
                    file_name(&path)
                )
            })?;
            parts.push((path, sum.to_ascii_lowercase()));
        }
        ensure!(!parts.is_empty(), "{} is empty", sums.display());
        let is_missing = |path: &&PathBuf| !disk::is_file(path);
        let missing: Vec<String> = parts
            .iter()
            .map(|(path, _)| path)
            .filter(is_missing)
            .map(|path| path.display().to_string())
            .collect();
        if !missing.is_empty() {
            bail!(
                "{} of {} parts are missing: {}",
                missing.len(),
                parts.len(),
                missing.join(", ")
            );
        }
        let sound = Arc::default();
        Ok(Some(Parts { sums, parts, sound }))
    }

    /// Reads the parts as one; the sum of each is checked when its end is reached.
    pub fn reader(&self) -> impl Read + Send + 'static {
        PartReader {
            parts: self.clone(),
            open: None,
        }
    }

    /// Finds out whether it is the part which was read last that is to blame for an error.
    pub fn blame(&self, error: anyhow::Error) -> anyhow::Error {
        let Some((path, sum)) = self.parts.get(self.sound.load(Ordering::Relaxed)) else {
            return error;
        };
        let digest = disk::open(path).and_then(|file| {
            let mut content = DigestReader::new(file);
            io::copy(&mut content, &mut io::sink())?;
            Ok(content.finish())
        });
        match digest {
            Ok(digest) if digest.to_string() != *sum => self.damaged(path).into(),
            _ => error,
        }
    }

    fn damaged(&self, path: &Path) -> DamagedPart {
        DamagedPart {
            part: path.display().to_string(),
            sums: file_name(&self.sums),
        }
    }
}

/// Gives the name of the whole bundle for that of a part, of the sums, or of itself where it is in parts.
fn base_of(path: &Path) -> Option<PathBuf> {
    let extension = path.extension().unwrap_or_default().to_string_lossy();
    let is_number = extension.len() == 3 && extension.bytes().all(|byte| byte.is_ascii_digit());
    if is_number || extension == "sha256" {
        return Some(path.with_extension(""));
    }
    let has_parts = disk::is_file(&sums_path(path)) || disk::is_file(&part_path(path, 1));
    (!disk::is_file(path) && has_parts).then(|| path.to_owned())
}

struct PartReader {
    parts: Parts,
    open: Option<DigestReader<std::fs::File>>,
}

impl Read for PartReader {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        loop {
            let number = self.parts.sound.load(Ordering::Relaxed);
            let Some((path, sum)) = self.parts.parts.get(number) else {
                return Ok(0);
            };
            let part = match &mut self.open {
                Some(part) => part,
                None => {
                    let file = disk::open(path).map_err(io::Error::other)?;
                    self.open.insert(DigestReader::new(file))
                }
            };
            let count = part.read(bytes)?;
            if count > 0 || bytes.is_empty() {
                return Ok(count);
            }
            let digest = self.open.take().map(DigestReader::finish);
            if digest.is_none_or(|digest| digest.to_string() != *sum) {
                return Err(io::Error::other(self.parts.damaged(path)));
            }
            self.parts
                .sound
                .store(number.saturating_add(1), Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(base: &Path, content: &[u8], size: u64) -> usize {
        let mut writer = PartWriter::new(base.to_owned(), size).unwrap();
        writer.write_all(content).unwrap();
        writer.finish().unwrap()
    }

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = disk::list_dir(folder)
            .unwrap()
            .iter()
            .map(|path| file_name(path))
            .collect();
        names.sort();
        names
    }

    fn read(path: &Path) -> Result<Vec<u8>> {
        let parts = Parts::find(path)?.context("no parts")?;
        let mut content = Vec::new();
        let read = parts.reader().read_to_end(&mut content);
        read.map(|_| content)
            .map_err(|error| parts.blame(error.into()))
    }

    #[test]
    fn parts_are_found_by_any_of_their_names() {
        let folder = tempfile::tempdir().unwrap();
        let base = folder.path().join("b.tar.zst");
        assert_eq!(written(&base, b"0123456789", 4), 3);
        for name in [
            "b.tar.zst",
            "b.tar.zst.001",
            "b.tar.zst.003",
            "b.tar.zst.sha256",
        ] {
            assert_eq!(
                read(&folder.path().join(name)).unwrap(),
                b"0123456789",
                "{name}"
            );
        }
        let sums = std::fs::read_to_string(folder.path().join("b.tar.zst.sha256")).unwrap();
        assert_eq!(
            sums.lines().next_back().unwrap(),
            "cd70bea023f752a0564abb6ed08d42c1440f2e33e29914e55e0be1595e24f45a  b.tar.zst.003"
        );
        assert!(Parts::find(&folder.path().join("other")).unwrap().is_none());
    }

    #[test]
    fn a_smaller_bundle_leaves_nothing_of_a_larger_one() {
        let folder = tempfile::tempdir().unwrap();
        let base = folder.path().join("b");
        std::fs::write(&base, "whole").unwrap();
        written(&base, b"0123456789", 2);
        assert_eq!(written(&base, b"01234567", 4), 2);
        assert_eq!(names(folder.path()), ["b.001", "b.002", "b.sha256"]);
        assert_eq!(read(&base).unwrap(), b"01234567");
    }

    #[test]
    fn what_is_interrupted_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let base = folder.path().join("b");
        written(&base, b"0123456789", 4);
        let before = names(folder.path());
        let mut writer = PartWriter::new(base.clone(), 3).unwrap();
        writer.write_all(b"ABCDEFGHIJKLMNO").unwrap();
        assert_eq!(names(folder.path()).len(), before.len() + 5);
        drop(writer);
        assert_eq!(names(folder.path()), before);
        assert_eq!(read(&base).unwrap(), b"0123456789");
    }

    #[test]
    fn parts_that_are_missing_or_damaged_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let base = folder.path().join("b");
        let refused = || read(&base).unwrap_err().to_string();
        written(&base, b"0123456789ab", 4);
        let part = |number| part_path(&base, number);
        for damage in [&b"4567+"[..], b"456", b"4557", b""] {
            std::fs::write(part(2), damage).unwrap();
            let expected = "b.002 is damaged: its SHA-256 sum is not the one in b.sha256";
            assert!(refused().ends_with(expected), "{}", refused());
        }
        disk::remove_file(&part(1)).unwrap();
        disk::remove_file(&part(3)).unwrap();
        let (first, third) = (part(1), part(3));
        let expected = format!(
            "2 of 3 parts are missing: {}, {}",
            first.display(),
            third.display()
        );
        assert_eq!(refused(), expected);
        std::fs::write(sums_path(&base), "0  c.001\n").unwrap();
        assert!(refused().ends_with("b.sha256:1: this is no sum of b.001"));
        disk::rename(&sums_path(&base), &first).unwrap();
        assert!(refused().ends_with("it tells how many parts there are, and their sums"));
    }

    #[test]
    fn more_parts_than_three_digits_can_count_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let mut writer = PartWriter::new(folder.path().join("b"), 1).unwrap();
        let error = writer.write_all(&[0; 1000]).unwrap_err().to_string();
        assert_eq!(error, "more than 999 parts of 1 bytes: make them larger");
        drop(writer);
        assert_eq!(names(folder.path()), [""; 0]);
        assert!(PartWriter::new(folder.path().join("b"), 0).is_err());
    }
}
