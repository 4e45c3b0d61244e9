//! What the commands for bundles have in common: where they are read and written, who signs and who is trusted.

use std::io::{self, BufWriter, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;

use super::Output;
use crate::bundle::{KeyAccess, Manifest, Signer, Trust, read_manifest};
use crate::disk::{self, TemporaryFile};
use crate::goenv::GoEnv;

/// The name that stands for standard input or output.
const STANDARD: &str = "-";

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

/// Opens a bundle; `-` is stdin.
pub(super) fn open(path: &Path) -> Result<Box<dyn Read + Send>> {
    match path.as_os_str() == STANDARD {
        true => Ok(Box::new(io::stdin())),
        false => Ok(Box::new(disk::open(path)?)),
    }
}

/// Reads a manifest, or that of a bundle.
pub(super) fn read_since(path: &Path) -> Result<Manifest> {
    let manifest = open(path).and_then(read_manifest);
    manifest.with_context(|| format!("cannot read {}", path.display()))
}

/// Where a bundle is written: a file that becomes visible when it is whole, or stdout.
pub(super) enum Target<'o> {
    File(PathBuf),
    Stdout(&'o Output),
}

impl<'o> Target<'o> {
    pub(super) fn new(path: &Path, output: &'o Output) -> Result<Target<'o>> {
        if path.as_os_str() == STANDARD {
            return Ok(Target::Stdout(output));
        }
        let path =
            std::path::absolute(path).with_context(|| format!("cannot find {}", path.display()))?;
        if disk::is_dir(&path) {
            bail!("{} is a folder: name a file", path.display());
        }
        Ok(Target::File(path))
    }

    /// Lets `write` write, and gives the number of bytes.
    pub(super) fn write(&self, write: impl FnOnce(&mut dyn Write) -> Result<()>) -> Result<u64> {
        match self {
            Target::Stdout(output) => {
                let mut counted = Counted {
                    inner: output.stdout(),
                    bytes: 0,
                };
                write(&mut counted)?;
                counted.flush().context("cannot write to stdout")?;
                Ok(counted.bytes)
            }
            Target::File(path) => {
                let mut temporary = TemporaryFile::beside(path)?;
                let mut counted = Counted {
                    inner: BufWriter::with_capacity(256 << 10, temporary.file()),
                    bytes: 0,
                };
                write(&mut counted)?;
                let bytes = counted.bytes;
                counted
                    .flush()
                    .with_context(|| format!("cannot write {}", path.display()))?;
                drop(counted);
                temporary.persist()?;
                Ok(bytes)
            }
        }
    }
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
