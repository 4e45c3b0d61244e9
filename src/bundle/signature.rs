//! SSH signatures: whoever has an SSH key can sign a bundle, and `ssh-keygen -Y verify` can check it.
//!
//! The format is that of `PROTOCOL.sshsig` in OpenSSH, with SHA-512 and the namespace [`NAMESPACE`], so that a
//! signature made for something else never counts. Keys are Ed25519, and ECDSA on P-256; RSA is left out, since there
//! is no pure Rust implementation whose timing keeps the key secret.

use std::fmt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use ssh_key::{HashAlg, LineEnding, PrivateKey, PublicKey, SshSig};

use super::agent;
use crate::disk;

/// What a signature is made for, as `ssh-keygen -Y sign -n` has it.
pub const NAMESPACE: &str = "gomodcache";

/// Bytes that a file of keys may have.
pub(super) const MAX_KEYS: u64 = 1 << 20;

/// The key that made a signature which holds; displays as its kind and fingerprint, as `ssh-keygen -l` has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedBy(Box<PublicKey>);

impl SignedBy {
    pub(super) fn is(&self, key: &PublicKey) -> bool {
        self.0.key_data() == key.key_data()
    }
}

impl fmt::Display for SignedBy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fingerprint = self.0.fingerprint(HashAlg::Sha256);
        write!(formatter, "{} {fingerprint}", self.0.algorithm())
    }
}

/// A bundle that nobody trusted vouches for. The program ends with exit code 3 for it; nothing but the manifest has
/// been read then.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Untrusted {
    /// There is no signature, and one is wanted.
    #[error("the bundle is not signed")]
    Unsigned,
    /// The signature is not of this manifest, or no signature.
    #[error("the signature of the bundle does not hold: {0}")]
    Broken(String),
    /// The signature holds, but the key is none of those that are trusted.
    #[error("the bundle is signed with {0}, which is none of the trusted keys")]
    OtherKey(SignedBy),
}

/// Checks a signature and tells the key that made it; whether to trust that is another question.
///
/// # Errors
/// [`Untrusted::Broken`] when it does not hold.
pub(super) fn verify(message: &[u8], signature: &[u8]) -> Result<SignedBy, Untrusted> {
    let checked = || {
        let signature = SshSig::from_pem(signature)?;
        let key = PublicKey::from(signature.public_key().clone());
        key.verify(NAMESPACE, message, &signature)?;
        Ok(SignedBy(Box::new(key)))
    };
    checked().map_err(|error| {
        use ssh_key::Error::{AlgorithmUnsupported, Crypto, Namespace, Version};
        Untrusted::Broken(match error {
            Namespace => format!("it was made for another purpose than `{NAMESPACE}`"),
            Crypto => "it was made for other content".to_owned(),
            AlgorithmUnsupported { .. } | Version { .. } => error.to_string(),
            _ => "it is no SSH signature".to_owned(),
        })
    })
}

/// A key to sign with.
pub struct Signer(Holder);

enum Holder {
    File(Box<PrivateKey>),
    Agent {
        socket: PathBuf,
        key: Box<PublicKey>,
    },
}

/// What reading a key may need besides the file.
pub struct KeyAccess<'a> {
    /// The socket of the agent that has the private key where the file has the public one (`SSH_AUTH_SOCK`).
    pub agent: Option<&'a Path>,
    /// Asks the user for the passphrase of an encrypted key.
    pub passphrase: &'a dyn Fn() -> Result<String>,
}

impl Signer {
    /// Reads the private key in an OpenSSH key file, or takes the agent's for the public key in a `.pub` file.
    ///
    /// # Errors
    /// A file that is no such key, a wrong passphrase, a kind of key that is not supported.
    pub fn read(file: &Path, access: &KeyAccess<'_>) -> Result<Signer> {
        let name = file.display();
        let content = disk::read_limited(file, MAX_KEYS)?;
        let text = std::str::from_utf8(&content).with_context(|| format!("{name} is no key"))?;
        if let Ok(key) = PublicKey::from_openssh(text.trim()) {
            let socket = access.agent.ok_or_else(|| {
                anyhow!("{name} is a public key, and there is no agent with the private one (SSH_AUTH_SOCK)")
            })?;
            let (socket, key) = (socket.to_owned(), Box::new(key));
            return Ok(Signer(Holder::Agent { socket, key }));
        }
        if !text.contains("BEGIN OPENSSH PRIVATE KEY") {
            bail!(
                "{name} is no private key of OpenSSH; `ssh-keygen -p -f {name}` converts older formats"
            );
        }
        let mut key =
            PrivateKey::from_openssh(text).with_context(|| format!("cannot read key {name}"))?;
        if key.is_encrypted() {
            let passphrase = (access.passphrase)()
                .with_context(|| format!("key {name} is protected with a passphrase"))?;
            key = key
                .decrypt(passphrase)
                .map_err(|_| anyhow!("the passphrase of key {name} is wrong"))?;
        }
        Ok(Signer(Holder::File(Box::new(key))))
    }

    /// Signs.
    ///
    /// # Errors
    /// A kind of key that is not supported; an agent that refuses.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>> {
        let signature = match &self.0 {
            Holder::File(key) => key.sign(NAMESPACE, HashAlg::Sha512, message).map_err(|error| {
                let kind = key.algorithm();
                anyhow!(error).context(format!(
                    "cannot sign with a key of kind {kind}; ssh-ed25519 and ecdsa-sha2-nistp256 can be used"
                ))
            })?,
            Holder::Agent { socket, key } => {
                let data = SshSig::signed_data(NAMESPACE, HashAlg::Sha512, message)?;
                let signature = agent::sign(socket, key, &data)?;
                SshSig::new(key.key_data().clone(), NAMESPACE, HashAlg::Sha512, signature)?
            }
        };
        let text = signature.to_pem(LineEnding::LF)?.into_bytes();
        verify(message, &text).context("the signature that was made does not hold")?;
        Ok(text)
    }
}
