//! The size and the sum of a file.

use std::fmt;
use std::io::{self, Read};

use sha2::{Digest as _, Sha256};

/// The size and the SHA-256 sum of a content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digest {
    /// Bytes.
    pub size: u64,
    /// The sum.
    pub sha256: [u8; 32],
}

impl Digest {
    /// Computes the digest of bytes.
    pub fn of(content: &[u8]) -> Digest {
        Digest {
            size: content.len() as u64,
            sha256: Sha256::digest(content).into(),
        }
    }

    /// Reads a sum as `sha256sum` writes it.
    pub(super) fn parse(size: u64, hexadecimal: &str) -> Option<Digest> {
        let mut sha256 = [0; 32];
        if hexadecimal.len() != 64 || !hexadecimal.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        for (byte, place) in sha256.iter_mut().zip((0..64).step_by(2)) {
            *byte = u8::from_str_radix(hexadecimal.get(place..place + 2)?, 16).ok()?;
        }
        Some(Digest { size, sha256 })
    }

    /// The sum as `sha256sum` writes it.
    pub fn hexadecimal(&self) -> String {
        self.to_string()
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.sha256
            .iter()
            .try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

/// Hands content on and computes its digest.
pub struct DigestReader<R> {
    inner: R,
    sum: Sha256,
    size: u64,
}

impl<R: Read> DigestReader<R> {
    /// Begins with nothing read.
    pub fn new(inner: R) -> DigestReader<R> {
        DigestReader {
            inner,
            sum: Sha256::new(),
            size: 0,
        }
    }

    /// Gives the digest of what has been read.
    pub fn finish(self) -> Digest {
        Digest {
            size: self.size,
            sha256: self.sum.finalize().into(),
        }
    }
}

impl<R: Read> Read for DigestReader<R> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(bytes)?;
        self.sum.update(bytes.get(..count).unwrap_or_default());
        self.size = self.size.saturating_add(count as u64);
        Ok(count)
    }
}
