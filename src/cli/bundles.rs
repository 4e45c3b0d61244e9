//! What the commands for bundles have in common: where they are read and written, who signs and who is trusted.

use std::io::{self, BufWriter, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use clap::Args;

use super::size::ByteSize;
use super::{Exit, Output};
use crate::bundle::{KeyAccess, Manifest, PartWriter, Parts, Signer, Trust, read_holdings};
use crate::disk;
use crate::goenv::GoEnv;
use crate::module::ModuleVersion;

/// The name that stands for standard input or output.
pub(super) const STANDARD: &str = "-";

/// Who signs.
#[derive(Debug, Args)]
pub(super) struct SignerOptions {
    /// Sign with this private key of OpenSSH (Ed25519 or ECDSA P-256), or have the agent sign with that of a .pub file
    ///
    /// The signature is that of `ssh-keygen -Y sign -n gomodcache` of manifest.json, and is manifest.json.sig in the
    /// bundle. A passphrase is asked for on a terminal.
    #[arg(long = "sign", value_name = "KEY")]
    key: Option<PathBuf>,
}

impl SignerOptions {
    pub(super) fn is_wanted(&self) -> bool {
        self.key.is_some()
    }

    pub(super) fn signer(&self, env: &GoEnv) -> Result<Option<Signer>> {
        let access = KeyAccess {
            agent: env.process("SSH_AUTH_SOCK").map(Path::new),
            passphrase: &|| {
                if !io::stdin().is_terminal() {
                    bail!(
                        "there is no terminal to ask for the passphrase: ssh-add the key, and name its .pub file"
                    );
                }
                rpassword::prompt_password("Passphrase: ").context("cannot ask for the passphrase")
            },
        };
        self.key
            .as_deref()
            .map(|key| Signer::read(key, &access))
            .transpose()
    }
}

/// Who is trusted.
#[derive(Debug, Args)]
pub(super) struct TrustOptions {
    /// Take only a bundle that this key has signed: a .pub or allowed_signers file, or the key itself; may be
    /// repeated
    #[arg(long = "trust", value_name = "PUBKEY")]
    keys: Vec<String>,
}

impl TrustOptions {
    pub(super) fn trust(&self) -> Result<Trust> {
        let mut trust = Trust::default();
        for key in &self.keys {
            trust.add(key)?;
        }
        Ok(trust)
    }
}

/// Where a bundle is read: a file, its parts, or stdin, which is `-`.
pub(super) struct Source<'p> {
    path: &'p Path,
    parts: Option<Parts>,
}

impl<'p> Source<'p> {
    pub(super) fn find(path: &'p Path) -> Result<Source<'p>> {
        let parts = match path.as_os_str() == STANDARD {
            true => None,
            false => Parts::find(path)?,
        };
        Ok(Source { path, parts })
    }

    pub(super) fn open(&self) -> Result<Box<dyn Read + Send>> {
        Ok(match &self.parts {
            Some(parts) => Box::new(parts.reader()),
            None if self.path.as_os_str() == STANDARD => Box::new(io::stdin()),
            None => Box::new(disk::open(self.path)?),
        })
    }

    /// Tells the part that is to blame for an error, where there is one.
    pub(super) fn blame(&self, error: anyhow::Error) -> anyhow::Error {
        match &self.parts {
            Some(parts) if Exit::of(&error) != Exit::Interrupted => parts.blame(error),
            _ => error,
        }
    }
}

/// Reads a manifest, or that of a bundle.
pub(super) fn read_since(path: &Path) -> Result<Manifest> {
    let read = || {
        let source = Source::find(path)?;
        read_holdings(source.open()?).map_err(|error| source.blame(error))
    };
    read().with_context(|| format!("cannot read {}", path.display()))
}

/// Tells which versions of the cache are not in a manifest.
pub(super) fn tell_left_out(versions: &[ModuleVersion], output: &Output) {
    for module in versions {
        output.status(format!(
            "left out {module}: the cache has no .mod of it, and go does nothing with the zip alone"
        ));
    }
}

/// Where a bundle is written: a file that becomes visible when it is whole, parts of one, or stdout.
pub(super) enum Target<'o> {
    File(PathBuf),
    Parts(PathBuf, ByteSize),
    Stdout(&'o Output),
}

impl<'o> Target<'o> {
    /// # Errors
    /// A folder; parts of what is no file.
    pub(super) fn new(
        path: &Path,
        split: Option<ByteSize>,
        output: &'o Output,
    ) -> Result<Target<'o>> {
        if path.as_os_str() == STANDARD {
            ensure!(split.is_none(), "stdout cannot be split: name a file");
            return Ok(Target::Stdout(output));
        }
        let path = disk::absolute(path)?;
        if disk::is_dir(&path) {
            bail!("{} is a folder: name a file", path.display());
        }
        ensure!(
            split.is_none() || !disk::exists(&path) || disk::is_file(&path),
            "{} cannot be split: name a file",
            path.display()
        );
        Ok(match split {
            Some(size) => Target::Parts(path, size),
            None => Target::File(path),
        })
    }

    /// Lets `write` write, and gives the number of bytes and of files.
    pub(super) fn write(
        &self,
        write: impl FnOnce(&mut dyn Write) -> Result<()>,
    ) -> Result<Written> {
        match self {
            Target::Stdout(output) => {
                let bytes = counted(output.stdout(), write).context("cannot write to stdout")?;
                Ok(Written { bytes, files: 1 })
            }
            Target::File(path) => {
                let bytes = disk::write_output(path, |file| counted(file, write))?;
                Ok(Written { bytes, files: 1 })
            }
            Target::Parts(path, size) => {
                let mut parts = PartWriter::new(path.clone(), size.0)?;
                let bytes = counted(&mut parts, write)
                    .with_context(|| format!("cannot write {}", path.display()))?;
                let files = parts.finish()?;
                Ok(Written { bytes, files })
            }
        }
    }
}

/// What has been written.
pub(super) struct Written {
    pub(super) bytes: u64,
    pub(super) files: usize,
}

/// Lets `write` write in large pieces, and gives the number of bytes.
fn counted(to: impl Write, write: impl FnOnce(&mut dyn Write) -> Result<()>) -> Result<u64> {
    let mut counted = Counted {
        inner: BufWriter::with_capacity(256 << 10, to),
        bytes: 0,
    };
    write(&mut counted)?;
    counted.flush()?;
    Ok(counted.bytes)
}

/// Counts what is written.
struct Counted<W> {
    inner: W,
    bytes: u64,
}

impl<W: Write> Write for Counted<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.inner.write(bytes)?;
        self.bytes += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}
