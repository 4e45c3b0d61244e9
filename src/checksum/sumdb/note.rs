//! Signed notes: a text, and below it lines that say who signed it.
//!
//! Rules: `golang.org/x/mod/sumdb/note`. Of the keys that a note may be signed with, one counts: that of the
//! database that is asked.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::alphabet;
use base64::engine::{GeneralPurpose, GeneralPurposeConfig};
use ring::signature::{ED25519, UnparsedPublicKey};
use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::module::is_space;

/// Base64 as Go reads it: bits that are left over may have any value.
pub(super) const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true),
);

/// The most signatures that a note may have.
const MAX_SIGNATURES: usize = 100;

/// What a signature line begins with.
const SIGNATURE_MARK: &str = "— ";

/// The number of the one kind of keys that there is.
const ED25519_KEY: u8 = 1;

/// A key that tells whether a note is signed by the server it is named after; displays as it is written:
/// `sum.golang.org+033de0ae+Ac4z…`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    hash: u32,
    public_key: [u8; 32],
}

/// A text that is no verifier key.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum InvalidKey {
    /// It has not the form `name+hash+key`.
    #[error("malformed verifier id")]
    Malformed,
    /// The hash is not that of name and key.
    #[error("invalid verifier hash")]
    Hash,
    /// The key is not one for Ed25519.
    #[error("unknown verifier algorithm")]
    Algorithm,
}

/// Why a note does not count.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum InvalidNote {
    /// It is no note at all.
    #[error("malformed note")]
    Malformed,
    /// The key has not signed it. Somebody else may have.
    #[error("note has no verifiable signatures")]
    Unverified,
    /// It has a signature in the name of the key that the key did not make.
    #[error("invalid signature for key {0}")]
    Signature(String),
}

impl FromStr for VerifierKey {
    type Err = InvalidKey;

    fn from_str(text: &str) -> Result<VerifierKey, InvalidKey> {
        let mut parts = text.splitn(3, '+');
        let name = parts.next().unwrap_or_default();
        let hash = parts.next().and_then(parse_hash);
        let key = parts.next().and_then(|key| BASE64.decode(key).ok());
        let (Some(hash), Some(key)) = (hash, key) else {
            return Err(InvalidKey::Malformed);
        };
        let Some((&algorithm, public_key)) = key.split_first().filter(|_| is_valid_name(name))
        else {
            return Err(InvalidKey::Malformed);
        };
        if hash != key_hash(name, &key) {
            return Err(InvalidKey::Hash);
        }
        if algorithm != ED25519_KEY {
            return Err(InvalidKey::Algorithm);
        }
        Ok(VerifierKey {
            name: name.to_owned(),
            hash,
            public_key: public_key.try_into().map_err(|_| InvalidKey::Malformed)?,
        })
    }
}

impl VerifierKey {
    /// Gives the name of the server whose key it is.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Gives the text of a note that this key has signed, with the newline at its end.
    ///
    /// # Errors
    /// No note, no signature of this key, or one that this key did not make.
    pub fn open<'a>(&self, note: &'a [u8]) -> Result<&'a str, InvalidNote> {
        let (text, signatures) = split(note).ok_or(InvalidNote::Malformed)?;
        let mut is_signed = false;
        for (index, line) in signatures.split_terminator('\n').enumerate() {
            let (name, hash, signature) = parse_signature(line)
                .filter(|_| index < MAX_SIGNATURES)
                .ok_or(InvalidNote::Malformed)?;
            // A second signature of the same key is not looked at.
            if is_signed || name != self.name || hash != self.hash {
                continue;
            }
            let key = UnparsedPublicKey::new(&ED25519, &self.public_key);
            if key.verify(text.as_bytes(), &signature).is_err() {
                return Err(InvalidNote::Signature(self.id()));
            }
            is_signed = true;
        }
        if is_signed {
            Ok(text)
        } else {
            Err(InvalidNote::Unverified)
        }
    }

    fn id(&self) -> String {
        format!("{}+{:08x}", self.name, self.hash)
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = [&[ED25519_KEY], self.public_key.as_slice()].concat();
        write!(formatter, "{}+{}", self.id(), BASE64.encode(key))
    }
}

/// Splits a note before the blank line in front of its signatures, which goes to neither.
fn split(note: &[u8]) -> Option<(&str, &str)> {
    let note = std::str::from_utf8(note).ok()?;
    let is_text = |character: char| character >= ' ' || character == '\n';
    let blank = note.rfind("\n\n").filter(|_| note.chars().all(is_text))?;
    let (text, signatures) = note.split_at_checked(blank + 1)?;
    let signatures = signatures.strip_prefix('\n')?;
    signatures.ends_with('\n').then_some((text, signatures))
}

/// Gives the name, the hash of the key and the signature of a line.
fn parse_signature(line: &str) -> Option<(&str, u32, Vec<u8>)> {
    let (name, signature) = line.strip_prefix(SIGNATURE_MARK)?.split_once(' ')?;
    let signature = BASE64.decode(signature).ok()?;
    let (hash, signature) = signature.split_first_chunk::<4>()?;
    let is_whole = is_valid_name(name) && !signature.is_empty();
    is_whole.then(|| (name, u32::from_be_bytes(*hash), signature.to_vec()))
}

/// Eight hexadecimal digits.
fn parse_hash(text: &str) -> Option<u32> {
    let is_hash = text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    u32::from_str_radix(text, 16).ok().filter(|_| is_hash)
}

fn is_valid_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(|character| is_space(character) || character == '+')
}

/// The first bytes of the SHA-256 sum of name and key.
fn key_hash(name: &str, key: &[u8]) -> u32 {
    let mut hash = Sha256::new();
    hash.update(name);
    hash.update(b"\n");
    hash.update(key);
    let [first, second, third, fourth, ..] = <[u8; 32]>::from(hash.finalize());
    u32::from_be_bytes([first, second, third, fourth])
}
