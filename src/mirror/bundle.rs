//! A file made by `git bundle create`: references, then a pack (gitformat-bundle in git's documentation).

use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use git2::Oid;
use sha2::{Digest, Sha256};

use super::local::parse_oid;
use crate::disk;

const VERSION_2: &[u8] = b"# v2 git bundle\n";
const VERSION_3: &[u8] = b"# v3 git bundle\n";
/// One line is an object id, a space and a name or comment.
const LONGEST_LINE: u64 = 64 << 10;
/// All lines before the pack.
const LONGEST_HEADER: usize = 256 << 20;

/// A bundle, open at the first byte of its pack.
pub(crate) struct Bundle {
    pub(crate) header: Header,
    pub(crate) pack: Box<dyn Read>,
    /// Names the content: the SHA-256 of the header, the pack's own checksum and the size, in hex.
    pub(crate) name: String,
}

/// What a bundle says before its pack.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Header {
    /// Full names with the ids they are advertised for (tags not peeled).
    pub(crate) refs: Vec<(Vec<u8>, Oid)>,
    /// Made with `--filter`: blobs or trees are left out.
    pub(crate) filtered: bool,
}

/// Tells whether a file begins as a bundle does; what cannot be read is none.
pub(crate) fn is_bundle(path: &Path) -> bool {
    if !disk::is_file(path) {
        return false;
    }
    let mut start = Vec::new();
    let Ok(file) = disk::open(path) else {
        return false;
    };
    let length = VERSION_2.len() as u64;
    file.take(length).read_to_end(&mut start).is_ok() && (start == VERSION_2 || start == VERSION_3)
}

impl Bundle {
    /// Opens a bundle and reads up to its pack.
    pub(crate) fn open(path: &Path) -> Result<Bundle> {
        let mut pack = BufReader::with_capacity(1 << 16, disk::open(path)?);
        let mut hash = Sha256::new();
        let header = Header::read(&mut pack, |line| hash.update(line))?;
        let start = pack.stream_position()?;
        let size = disk::file_size(path)?;
        ensure!(
            size >= start.saturating_add(32),
            "it is cut off before its pack"
        );
        let mut checksum = [0; 20];
        pack.seek(SeekFrom::End(-20))?;
        pack.read_exact(&mut checksum)?;
        pack.seek(SeekFrom::Start(start))?;
        hash.update(checksum);
        hash.update(size.to_be_bytes());
        let name = hash.finalize().iter().map(|b| format!("{b:02x}")).collect();
        let pack = Box::new(pack);
        Ok(Bundle { header, pack, name })
    }
}

impl Header {
    /// Reads the lines up to the empty one; `seen` gets each as it is.
    fn read(reader: &mut impl BufRead, mut seen: impl FnMut(&[u8])) -> Result<Header> {
        let mut header = Header {
            refs: Vec::new(),
            filtered: false,
        };
        let mut total = 0_usize;
        let mut prerequisite = None;
        let version = read_line(reader)?;
        seen(&version);
        ensure!(
            version == VERSION_2 || version == VERSION_3,
            "it is no git bundle of version 2 or 3"
        );
        loop {
            let line = read_line(reader)?;
            seen(&line);
            total = total.saturating_add(line.len());
            ensure!(total <= LONGEST_HEADER, "its list of references has no end");
            let line = line.strip_suffix(b"\n").unwrap_or(&line);
            match line.split_first() {
                None => break,
                Some((b'@', capability)) if version == VERSION_3 => {
                    header.capability(capability)?
                }
                Some((b'-', commit)) => prerequisite = prerequisite.or(Some(commit.to_vec())),
                Some(_) => header.reference(line)?,
            }
        }
        if let Some(commit) = prerequisite {
            let commit = String::from_utf8_lossy(commit.get(..40).unwrap_or(&commit)).into_owned();
            bail!(
                "it holds only what came after commit {}, which it does not hold; make one with \
                 `git bundle create FILE --all`",
                commit.escape_debug()
            );
        }
        Ok(header)
    }

    fn capability(&mut self, capability: &[u8]) -> Result<()> {
        let text = String::from_utf8_lossy(capability);
        match text.split_once('=') {
            Some(("object-format", "sha1")) => Ok(()),
            Some(("object-format", format)) => bail!(
                "its objects are named by {}, and only sha1 repositories can be read",
                format.escape_debug()
            ),
            Some(("filter", _)) => {
                self.filtered = true;
                Ok(())
            }
            _ => bail!("it needs the unknown capability `{}`", text.escape_debug()),
        }
    }

    fn reference(&mut self, line: &[u8]) -> Result<()> {
        let (Some(oid), Some(b" "), Some(name)) = (
            line.get(..40).and_then(parse_oid),
            line.get(40..41),
            line.get(41..),
        ) else {
            bail!(
                "its header has a line that is no reference: `{}`",
                String::from_utf8_lossy(line.get(..80).unwrap_or(line)).escape_debug()
            );
        };
        self.refs.push((name.to_vec(), oid));
        Ok(())
    }
}

fn read_line(reader: &mut impl BufRead) -> Result<Vec<u8>> {
    let mut line = Vec::new();
    reader
        .by_ref()
        .take(LONGEST_LINE)
        .read_until(b'\n', &mut line)
        .context("its header cannot be read")?;
    ensure!(
        line.ends_with(b"\n"),
        "its header is cut off or has an endless line"
    );
    Ok(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OID: &str = "1111111111111111111111111111111111111111";

    fn read(text: &str) -> Result<Header> {
        Header::read(&mut text.as_bytes(), |_| {})
    }

    #[test]
    fn references_are_read_up_to_the_empty_line() {
        let header = read(&format!(
            "# v2 git bundle\n{OID} HEAD\n{OID} refs/tags/v1.0.0\n\nPACK"
        ))
        .unwrap();
        let names: Vec<_> = header
            .refs
            .iter()
            .map(|(name, _)| name.as_slice())
            .collect();
        assert_eq!(names, [b"HEAD".as_slice(), b"refs/tags/v1.0.0"]);
        assert!(!header.filtered);
    }

    #[test]
    fn version_3_tells_its_object_format_and_filter() {
        let header = read(&format!(
            "# v3 git bundle\n@object-format=sha1\n@filter=blob:none\n{OID} HEAD\n\n"
        ))
        .unwrap();
        assert!(header.filtered);
        assert_eq!(header.refs.len(), 1);
    }

    #[test]
    fn what_cannot_be_read_is_refused_with_its_reason() {
        let cases = [
            (
                "# v4 git bundle\n\n",
                "it is no git bundle of version 2 or 3",
            ),
            ("", "its header is cut off or has an endless line"),
            (
                "# v2 git bundle\n",
                "its header is cut off or has an endless line",
            ),
            (
                "# v3 git bundle\n@object-format=sha256\n\n",
                "its objects are named by sha256, and only sha1 repositories can be read",
            ),
            (
                "# v3 git bundle\n@future\n\n",
                "it needs the unknown capability `future`",
            ),
            (
                "# v2 git bundle\n@object-format=sha1\n\n",
                "its header has a line that is no reference: `@object-format=sha1`",
            ),
            (
                "# v2 git bundle\n1234 HEAD\n\n",
                "its header has a line that is no reference: `1234 HEAD`",
            ),
            (
                "# v2 git bundle\n-1111111111111111111111111111111111111111 first\n\n",
                "it holds only what came after commit 1111111111111111111111111111111111111111, \
                 which it does not hold; make one with `git bundle create FILE --all`",
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(read(text).unwrap_err().to_string(), expected, "{text:?}");
        }
    }

    #[test]
    fn an_endless_line_is_refused() {
        let text = format!("# v2 git bundle\n{}", "1".repeat(1 << 20));
        assert!(read(&text).is_err());
    }
}
