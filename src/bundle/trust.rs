//! The keys whose signatures count.

#[cfg(test)]
mod tests;

use std::fmt;
use std::path::Path;
use std::time::SystemTime;

use anyhow::{Context, Result, anyhow, bail};
use ssh_key::PublicKey;

use super::signature::{MAX_KEYS, NAMESPACE, SignedBy, Untrusted, verify};
use crate::disk;
use crate::module::rfc3339;

/// The keys that a user trusts; none of them means that anybody's bundle is taken.
#[derive(Clone, Debug, Default)]
pub struct Trust {
    keys: Vec<TrustedKey>,
}

#[derive(Clone, Debug)]
struct TrustedKey {
    key: PublicKey,
    /// Whose it is: the comment, or in a file of allowed signers the principals.
    owner: String,
}

/// Who vouches for a bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Vouched {
    /// It is not signed.
    Nobody,
    /// The signature holds, but no key was named to trust.
    Unknown(SignedBy),
    /// The signature holds and is of a trusted key.
    Trusted {
        /// The key.
        signer: SignedBy,
        /// Whose key it is, by the user's own word; may be empty.
        owner: String,
    },
}

impl fmt::Display for Vouched {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Vouched::Nobody => formatter.write_str("not signed"),
            Vouched::Unknown(signer) => write!(formatter, "signed with {signer}"),
            Vouched::Trusted { signer, owner } if owner.is_empty() => {
                write!(formatter, "signed with {signer}, which is trusted")
            }
            Vouched::Trusted { signer, owner } => {
                write!(
                    formatter,
                    "signed by {owner} with {signer}, which is trusted"
                )
            }
        }
    }
}

impl Trust {
    /// Adds what the user names: a key itself (`ssh-ed25519 AAAA…`), a `.pub` file, or a file of allowed signers as
    /// `ssh-keygen -Y verify` takes it. Of the latter, keys count that are valid today and allowed to sign in
    /// [`NAMESPACE`]; times without a `Z` are taken for UTC.
    ///
    /// # Errors
    /// A file that cannot be read or has none of these; options that are not known.
    pub fn add(&mut self, given: &str) -> Result<()> {
        let seconds = SystemTime::UNIX_EPOCH.elapsed()?.as_secs();
        let today = digits_of(&rfc3339(i64::try_from(seconds)?));
        if !disk::exists(Path::new(given)) {
            let key = trusted_key(given, &today).ok().flatten();
            let key = key.ok_or_else(|| anyhow!("`{given}` is neither a file nor a public key"))?;
            self.keys.push(key);
            return Ok(());
        }
        let content = disk::read_limited(Path::new(given), MAX_KEYS)?;
        let text = String::from_utf8_lossy(&content);
        if text.contains("PRIVATE KEY") {
            bail!("{given} is a private key; name its public one");
        }
        let before = self.keys.len();
        for (number, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let key = trusted_key(line, &today)
                .with_context(|| format!("{given}:{}", number.saturating_add(1)))?;
            self.keys.extend(key);
        }
        if self.keys.len() == before {
            bail!("{given} has no key that may sign bundles today");
        }
        Ok(())
    }

    /// Finds out who vouches for a manifest.
    ///
    /// # Errors
    /// [`Untrusted`] for a signature that does not hold, and where keys are trusted, for no signature or that of
    /// another key.
    pub fn check(&self, manifest: &[u8], signature: Option<&[u8]>) -> Result<Vouched, Untrusted> {
        let signer = match signature {
            Some(signature) => verify(manifest, signature)?,
            None if self.keys.is_empty() => return Ok(Vouched::Nobody),
            None => return Err(Untrusted::Unsigned),
        };
        if self.keys.is_empty() {
            return Ok(Vouched::Unknown(signer));
        }
        match self.keys.iter().find(|trusted| signer.is(&trusted.key)) {
            Some(trusted) => Ok(Vouched::Trusted {
                signer,
                owner: trusted.owner.clone(),
            }),
            None => Err(Untrusted::OtherKey(signer)),
        }
    }
}

/// Reads a line: `KIND KEY [COMMENT]` or `PRINCIPALS [OPTIONS] KIND KEY [COMMENT]`, the latter as under "ALLOWED
/// SIGNERS" in ssh-keygen(1). `None` for a key that may not sign bundles today.
fn trusted_key(line: &str, today: &str) -> Result<Option<TrustedKey>> {
    let fields = fields_of(line)?;
    let found = fields
        .windows(2)
        .take(3)
        .enumerate()
        .find_map(|(at, pair)| {
            let key = PublicKey::from_openssh(&pair.join(" ")).ok()?;
            Some((at, key))
        });
    let (at, key) = found.ok_or_else(|| anyhow!("there is no public key"))?;
    let comment = fields.get(at.saturating_add(2)..).unwrap_or_default();
    let (owner, options) = match (at, fields.as_slice()) {
        (0, _) => (comment.join(" "), ""),
        (1, [principals, ..]) => (principals.replace('"', ""), ""),
        (_, [principals, options, ..]) => (principals.replace('"', ""), *options),
        _ => bail!("there is no public key"),
    };
    let is_valid = is_allowed(options, today)?;
    Ok(is_valid.then_some(TrustedKey { key, owner }))
}

/// Splits at spaces and tabs outside quotation marks.
fn fields_of(line: &str) -> Result<Vec<&str>> {
    if line.matches('"').count() % 2 == 1 {
        bail!("a quotation mark is missing");
    }
    Ok(split_unquoted(line, |character| character.is_whitespace()))
}

fn split_unquoted(text: &str, is_separator: impl Fn(char) -> bool) -> Vec<&str> {
    let mut is_quoted = false;
    text.split(move |character| {
        is_quoted ^= character == '"';
        !is_quoted && is_separator(character)
    })
    .filter(|field| !field.is_empty())
    .collect()
}

fn is_allowed(options: &str, today: &str) -> Result<bool> {
    let mut is_allowed = true;
    for option in split_unquoted(options, |character| character == ',') {
        let (name, value) = option.split_once('=').unwrap_or((option, ""));
        let value = value.trim_matches('"');
        is_allowed &= match name.to_ascii_lowercase().as_str() {
            "namespaces" => value.split(',').any(|one| one == NAMESPACE || one == "*"),
            "valid-after" => time_of(value)?.as_str() <= today,
            "valid-before" => today < time_of(value)?.as_str(),
            // The authority signs certificates, not bundles.
            "cert-authority" => false,
            _ => bail!("option `{name}` is not known"),
        };
    }
    Ok(is_allowed)
}

/// Brings `YYYYMMDD[HHMM[SS]][Z]` to fourteen digits.
fn time_of(text: &str) -> Result<String> {
    let digits = text.trim_end_matches(['Z', 'z']);
    let is_time = matches!(digits.len(), 8 | 12 | 14) && digits.bytes().all(|b| b.is_ascii_digit());
    if !is_time {
        bail!("`{text}` is no time");
    }
    Ok(format!("{digits:0<14}"))
}

fn digits_of(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}
