//! Writing a bundle.

use std::io::{self, Read, Write};

use anyhow::{Context, Result, ensure};
use tar::{Builder, EntryType, Header};
use zstd::stream::write::Encoder;
use zstd::zstd_safe::CParameter;

use super::{DigestReader, MANIFEST, PackedFile, SIGNATURE};

/// The longest name that a tar header holds by itself.
const SHORT_NAME: usize = 100;

/// Bytes that are compressed at a time; the library would take four times as many, and memory for several of them.
const JOB: u32 = 2 << 20;

/// Writes the entries of a bundle one after the other.
pub struct Writer<W: Write> {
    tar: Builder<Encoder<'static, W>>,
}

impl<W: Write> Writer<W> {
    /// Begins with the manifest and its signature.
    ///
    /// One thread compresses besides this one; with more of them, or on another machine, the bytes are the same.
    ///
    /// # Errors
    /// What writing brings.
    pub fn begin(out: W, manifest: &[u8], signature: Option<&[u8]>) -> Result<Writer<W>> {
        let mut encoder = Encoder::new(out, zstd::DEFAULT_COMPRESSION_LEVEL)?;
        encoder.include_checksum(true)?;
        encoder.multithread(1)?;
        encoder.set_parameter(CParameter::JobSize(JOB))?;
        let mut writer = Writer {
            tar: Builder::new(encoder),
        };
        writer.entry(MANIFEST, manifest.len() as u64, manifest)?;
        if let Some(signature) = signature {
            writer.entry(SIGNATURE, signature.len() as u64, signature)?;
        }
        Ok(writer)
    }

    /// Appends a file of the manifest, in the order of the manifest.
    ///
    /// # Errors
    /// A content that is not the one that the manifest tells of, because the file has changed meanwhile; what
    /// reading and writing bring.
    pub fn append(&mut self, file: &PackedFile, content: impl Read) -> Result<()> {
        let mut content = DigestReader::new(content);
        self.entry(
            &file.name,
            file.digest.size,
            (&mut content).take(file.digest.size),
        )?;
        // One byte more would show that the file has grown.
        io::copy(&mut (&mut content).take(1), &mut io::sink())?;
        ensure!(
            content.finish() == file.digest,
            "{} has changed while it was packed",
            file.name
        );
        Ok(())
    }

    /// Ends the bundle, and gives back what it was written to.
    ///
    /// # Errors
    /// What writing brings.
    pub fn finish(self) -> Result<W> {
        Ok(self.tar.into_inner()?.finish()?)
    }

    /// Writes an entry. Short contents are filled up: what follows would be out of place.
    fn entry(&mut self, name: &str, size: u64, content: impl Read) -> Result<()> {
        let mut header = Header::new_ustar();
        if name.len() > SHORT_NAME {
            self.tar
                .append_pax_extensions([("path", name.as_bytes())])?;
            let short = name.get(name.len() - SHORT_NAME..).unwrap_or("long");
            header.set_path(short.trim_start_matches('/'))?;
        } else {
            header.set_path(name)?;
        }
        header.set_entry_type(EntryType::Regular);
        header.set_size(size);
        header.set_mode(0o644);
        header.set_mtime(0);
        header.set_uid(0);
        header.set_gid(0);
        header.set_cksum();
        self.tar
            .append(&header, content.chain(io::repeat(0)).take(size))
            .with_context(|| format!("cannot pack {name}"))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Digest, Manifest, Reader, Trust, read_holdings};
    use super::*;

    /// A bundle of a file with a name of this many bytes.
    fn bundle(length: usize) -> Result<(PackedFile, Vec<u8>)> {
        let folder = "cache/download/sumdb/sum.example/lookup/";
        let file = PackedFile {
            name: format!("{folder}{}", "x".repeat(length - folder.len())),
            digest: Digest::of(b"content"),
        };
        let manifest = Manifest {
            databases: vec![file.clone()],
            ..Manifest::default()
        };
        let mut writer = Writer::begin(Vec::new(), &manifest.to_json()?, None)?;
        writer.append(&file, &b"content"[..])?;
        Ok((file, writer.finish()?))
    }

    #[test]
    fn names_of_any_length_are_read_by_us_and_by_others() {
        for length in [99, 100, 101, 155, 156, 200, 255] {
            let (file, bundle) = bundle(length).unwrap();
            let mut reader = Reader::open(bundle.as_slice(), &Trust::default()).unwrap();
            assert_eq!(reader.read(&file).unwrap(), b"content");
            reader.finish().unwrap();
            let tar = zstd::decode_all(bundle.as_slice()).unwrap();
            let mut archive = tar::Archive::new(tar.as_slice());
            let names = archive
                .entries()
                .unwrap()
                .map(|entry| entry.unwrap().path().unwrap().display().to_string());
            assert_eq!(names.collect::<Vec<_>>(), [MANIFEST, &file.name]);
        }
    }

    #[test]
    fn only_the_manifest_of_a_cache_tells_what_its_databases_have() {
        let (file, bundle) = bundle(99).unwrap();
        let databases = vec![file];
        let manifest = Manifest {
            databases: databases.clone(),
            ..Manifest::default()
        };
        let cache = manifest.to_json().unwrap();
        assert_eq!(read_holdings(&*cache).unwrap().databases, databases);
        assert_eq!(read_holdings(&*bundle).unwrap().databases, []);
    }

    #[test]
    fn a_file_that_has_changed_is_refused() {
        let digest = Digest::of(b"content");
        for content in [&b"contents"[..], b"conten", b"Content", b""] {
            let mut writer = Writer::begin(Vec::new(), b"{}", None).unwrap();
            let name = "cache/download/x".to_owned();
            let error = writer.append(&PackedFile { name, digest }, content);
            assert_eq!(
                error.unwrap_err().to_string(),
                "cache/download/x has changed while it was packed"
            );
        }
    }
}
