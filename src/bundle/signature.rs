//! Signatures of manifests, in the format of ssh.
//!
//! They are those of `ssh-keygen -Y sign -n gomodcache` (OpenSSH, PROTOCOL.sshsig): everybody has such keys, and can
//! check such a signature without this program.

use std::fmt;

use anyhow::{Context, Result, bail, ensure};
use ssh_key::{HashAlg, LineEnding, PrivateKey, PublicKey, SshSig};

/// What a signature is for: one for another purpose does not count.
const NAMESPACE: &str = "gomodcache";

/// A key that signs.
pub struct Signer(PrivateKey);

impl Signer {
    /// Reads a private key in the format of OpenSSH. `passphrase` is asked for one only if it is encrypted.
    ///
    /// # Errors
    /// A key that cannot be read, of a kind that cannot sign here (Ed25519 and ECDSA with P-256 can), or with
    /// another passphrase. The error has nothing of the key.
    pub fn read(text: &[u8], passphrase: impl FnOnce() -> Result<String>) -> Result<Signer> {
        let key = PrivateKey::from_openssh(text)
            .context("this is no private key of OpenSSH (Ed25519 or ECDSA P-256)")?;
        let key = match key.is_encrypted() {
            true => key
                .decrypt(passphrase()?)
                .context("the passphrase does not fit the key")?,
            false => key,
        };
        ensure!(
            key.algorithm().is_ed25519() || key.algorithm().is_ecdsa(),
            "keys of the kind {} cannot sign here: use Ed25519 or ECDSA P-256",
            key.algorithm()
        );
        Ok(Signer(key))
    }

    /// Signs a manifest.
    ///
    /// # Errors
    /// None for a key that was read.
    pub fn sign(&self, manifest: &[u8]) -> Result<Vec<u8>> {
        let signature = self.0.sign(NAMESPACE, HashAlg::Sha512, manifest);
        let text = signature
            .and_then(|signature| signature.to_pem(LineEnding::LF))
            .context("cannot sign the manifest")?;
        Ok(text.into_bytes())
    }
}

/// The keys that are trusted; without any, every bundle passes, but for those with a broken signature.
#[derive(Clone, Debug, Default)]
pub struct Trust {
    keys: Vec<PublicKey>,
}

/// Who vouches for a bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Vouched {
    /// A key that is trusted, by its fingerprint.
    Trusted(String),
    /// A key that nobody said is trusted, by its fingerprint.
    Unknown(String),
    /// It is not signed.
    Nobody,
}

impl fmt::Display for Vouched {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Vouched::Trusted(key) => write!(formatter, "signed by {key}, which is trusted"),
            Vouched::Unknown(key) => write!(formatter, "signed by {key}"),
            Vouched::Nobody => formatter.write_str("not signed"),
        }
    }
}

/// A bundle that is not signed by a trusted key, or whose manifest is not the one that was signed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Untrusted {
    /// There is no signature.
    #[error("the bundle is not signed")]
    Unsigned,
    /// The signature is sound, but the key is none of those that are trusted.
    #[error("the bundle is signed by {0}, which is not trusted")]
    Unknown(String),
    /// The signature is not one of this manifest.
    #[error("the signature of the bundle is broken: {0}")]
    Broken(String),
}

impl Trust {
    /// Trusts keys: a line each, as in a `.pub` file or in an `allowed_signers` file (`ssh-keygen(1)`).
    ///
    /// # Errors
    /// No key at all, a line that is none, a condition of an allowed signer other than `namespaces`.
    pub fn add(&mut self, text: &str) -> Result<()> {
        let before = self.keys.len();
        for line in text.lines().map(str::trim) {
            if !line.is_empty() && !line.starts_with('#') {
                self.keys.extend(key_in(line)?);
            }
        }
        ensure!(self.keys.len() > before, "there is no public key");
        Ok(())
    }

    /// Tells who vouches for a manifest.
    ///
    /// # Errors
    /// [`Untrusted`]: where keys are trusted, unless one of them has signed; a signature that is none of this
    /// manifest, always.
    pub fn check(&self, manifest: &[u8], signature: Option<&[u8]>) -> Result<Vouched> {
        let Some(signature) = signature else {
            ensure!(self.keys.is_empty(), Untrusted::Unsigned);
            return Ok(Vouched::Nobody);
        };
        let broken = |reason: ssh_key::Error| Untrusted::Broken(reason.to_string());
        let signature = SshSig::from_pem(signature).map_err(broken)?;
        let key = PublicKey::from(signature.public_key().clone());
        key.verify(NAMESPACE, manifest, &signature)
            .map_err(broken)?;
        let fingerprint = key.fingerprint(HashAlg::Sha256).to_string();
        let is_trusted = self
            .keys
            .iter()
            .any(|trusted| trusted.key_data() == key.key_data());
        match (is_trusted, self.keys.is_empty()) {
            (true, _) => Ok(Vouched::Trusted(fingerprint)),
            (false, true) => Ok(Vouched::Unknown(fingerprint)),
            (false, false) => bail!(Untrusted::Unknown(fingerprint)),
        }
    }
}

/// Finds the key in a line; none where it is for other purposes.
fn key_in(line: &str) -> Result<Option<PublicKey>> {
    let is_kind = |word: &&str| word.starts_with("ssh-") || word.starts_with("ecdsa-");
    let words: Vec<&str> = line.split_whitespace().collect();
    let Some(at) = words.iter().position(is_kind) else {
        bail!("this is no public key: {line:?}");
    };
    let (before, key) = words.split_at(at);
    for option in before.iter().skip(1) {
        match option.strip_prefix("namespaces=") {
            Some(names)
                if names
                    .trim_matches('"')
                    .split(',')
                    .any(|name| name == NAMESPACE) => {}
            Some(_) => return Ok(None),
            None => bail!("the condition {option:?} of an allowed signer is not understood"),
        }
    }
    PublicKey::from_openssh(&key.join(" "))
        .map(Some)
        .with_context(|| format!("this is no public key: {line:?}"))
}
