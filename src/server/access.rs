//! Who may read what: users with passwords and tokens, of which the file has only hashes.
//!
//! ```toml
//! [[user]]
//! name = "ci"
//! token = "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
//!
//! [[user]]
//! name = "partner"
//! password = "pbkdf2-sha256:100000:c2FsdA==:…"
//! modules = ["example.com/shared", "example.com/tools/*"]
//! ```
//!
//! A password is sent by Basic authentication with the name. A token, which must be random, is sent as a Bearer
//! token or in place of a password. `modules` are patterns as in GOPRIVATE; without them all may be read.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result, bail, ensure};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::digest::{SHA256, SHA256_OUTPUT_LEN, digest};
use ring::pbkdf2;
use ring::rand::{SecureRandom, SystemRandom};
use serde::Deserialize;

use crate::disk;
use crate::module::matches_prefix_patterns;

/// The largest file that is read, in bytes.
const MAX_SIZE: u64 = 1 << 20;

/// What the hash of a password begins with.
const PASSWORD: &str = "pbkdf2-sha256:";
/// What the hash of a token begins with.
const TOKEN: &str = "sha256:";

/// How often a new password is hashed.
const ROUNDS: NonZeroU32 = NonZeroU32::new(100_000).unwrap();
/// How often one may be hashed: more would let clients keep the server busy.
const MOST_ROUNDS: u32 = 10_000_000;

/// How many passwords that were right are kept in mind.
const MOST_KNOWN: usize = 10_000;

type Sum = [u8; SHA256_OUTPUT_LEN];

/// The users.
pub(super) struct Access {
    users: HashMap<String, User>,
    by_token: HashMap<Sum, String>,
    /// The headers with passwords that were right, hashed once: slow hashes are for those who guess.
    known: Mutex<HashMap<Sum, String>>,
}

struct User {
    password: Option<Password>,
    token: Option<Sum>,
    /// As GOPRIVATE; none for everything.
    modules: Option<String>,
}

struct Password {
    rounds: NonZeroU32,
    salt: Vec<u8>,
    hash: Vec<u8>,
}

/// Somebody who is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reader {
    pub(super) name: String,
    modules: Option<String>,
}

impl Reader {
    /// Tells whether a module may be read.
    pub(super) fn may_read(&self, path: &str) -> bool {
        let modules = self.modules.as_deref();
        modules.is_none_or(|patterns| matches_prefix_patterns(patterns, path))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AccessFile {
    #[serde(default)]
    user: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: String,
    password: Option<String>,
    token: Option<String>,
    modules: Option<Vec<String>>,
}

/// Reads the file for the first time, or again.
pub(super) fn read(files: &[PathBuf]) -> Result<Access> {
    let [file] = files else {
        bail!("users are read from one file");
    };
    let content = disk::read_limited(file, MAX_SIZE)?;
    let parsed = String::from_utf8(content).context("not UTF-8");
    parsed
        .and_then(|text| Access::parse(&text))
        .with_context(|| format!("cannot read users from {}", file.display()))
}

impl Access {
    fn parse(text: &str) -> Result<Access> {
        let file: AccessFile = toml::from_str(text)?;
        ensure!(!file.user.is_empty(), "there is no user");
        let mut access = Access {
            users: HashMap::new(),
            by_token: HashMap::new(),
            known: Mutex::default(),
        };
        for entry in file.user {
            let name = entry.name.clone();
            access
                .add(entry)
                .with_context(|| format!("user {name:?}"))?;
        }
        Ok(access)
    }

    fn add(&mut self, entry: Entry) -> Result<()> {
        let name = entry.name;
        ensure!(
            !name.is_empty() && !name.contains(':'),
            "this is no name of a user"
        );
        ensure!(
            entry.password.is_some() || entry.token.is_some(),
            "there is neither `password` nor `token`"
        );
        let user = User {
            password: entry.password.as_deref().map(Password::parse).transpose()?,
            token: entry.token.as_deref().map(parse_token).transpose()?,
            modules: entry.modules.map(|patterns| patterns.join(",")),
        };
        if let Some(token) = user.token {
            let other = self.by_token.insert(token, name.clone());
            ensure!(other.is_none(), "another user has the same token");
        }
        ensure!(
            self.users.insert(name, user).is_none(),
            "there are two of this name"
        );
        Ok(())
    }

    /// Finds out who sends an Authorization header. A password takes a tenth of a second.
    pub(super) fn reader(&self, authorization: &str) -> Option<Reader> {
        if let Some(reader) = self.known_reader(authorization) {
            return Some(reader);
        }
        let (name, secret) = basic(authorization)?;
        let Password { rounds, salt, hash } = self.users.get(&name)?.password.as_ref()?;
        let algorithm = pbkdf2::PBKDF2_HMAC_SHA256;
        pbkdf2::verify(algorithm, *rounds, salt, secret.as_bytes(), hash).ok()?;
        let mut known = self.known();
        if known.len() >= MOST_KNOWN {
            known.clear();
        }
        known.insert(hashed(authorization.as_bytes()), name.clone());
        drop(known);
        self.named(&name)
    }

    /// Does so at once for those with a token, and those whose password was right before.
    pub(super) fn known_reader(&self, authorization: &str) -> Option<Reader> {
        if let Some(name) = self.known().get(&hashed(authorization.as_bytes())) {
            return self.named(name);
        }
        if let Some((name, secret)) = basic(authorization) {
            let token = self.users.get(&name)?.token?;
            return (token == hashed(secret.as_bytes())).then(|| self.named(&name))?;
        }
        let (scheme, token) = authorization.split_once(' ')?;
        let name = self.by_token.get(&hashed(token.trim().as_bytes()))?;
        scheme
            .eq_ignore_ascii_case("bearer")
            .then(|| self.named(name))?
    }

    fn named(&self, name: &str) -> Option<Reader> {
        let modules = self.users.get(name)?.modules.clone();
        let name = name.to_owned();
        Some(Reader { name, modules })
    }

    fn known(&self) -> std::sync::MutexGuard<'_, HashMap<Sum, String>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Password {
    fn parse(text: &str) -> Result<Password> {
        let malformed = || format!("a password is written `{PASSWORD}ROUNDS:SALT:HASH`");
        let parts = text.strip_prefix(PASSWORD).with_context(malformed)?;
        let mut parts = parts.split(':');
        let (Some(rounds), Some(salt), Some(hash), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            bail!(malformed());
        };
        let rounds: NonZeroU32 = rounds.parse().with_context(malformed)?;
        ensure!(
            rounds.get() <= MOST_ROUNDS,
            "more than {MOST_ROUNDS} rounds"
        );
        Ok(Password {
            rounds,
            salt: STANDARD.decode(salt).with_context(malformed)?,
            hash: STANDARD.decode(hash).with_context(malformed)?,
        })
    }
}

fn parse_token(text: &str) -> Result<Sum> {
    let malformed = || format!("a token is written `{TOKEN}HASH`");
    let hex = text.strip_prefix(TOKEN).with_context(malformed)?;
    let mut sum = Sum::default();
    ensure!(hex.len() == 2 * sum.len() && hex.is_ascii(), malformed());
    for (place, byte) in sum.iter_mut().enumerate() {
        let digits = hex.get(2 * place..2 * place + 2).unwrap_or_default();
        *byte = u8::from_str_radix(digits, 16).with_context(malformed)?;
    }
    Ok(sum)
}

/// Reads name and secret of Basic authentication.
fn basic(authorization: &str) -> Option<(String, String)> {
    let (scheme, pair) = authorization.split_once(' ')?;
    let pair = scheme
        .eq_ignore_ascii_case("basic")
        .then(|| STANDARD.decode(pair.trim()))?;
    let pair = String::from_utf8(pair.ok()?).ok()?;
    let (name, secret) = pair.split_once(':')?;
    Some((name.to_owned(), secret.to_owned()))
}

fn hashed(secret: &[u8]) -> Sum {
    let mut sum = Sum::default();
    sum.copy_from_slice(digest(&SHA256, secret).as_ref());
    sum
}

/// The two forms in which a secret can be written into the file of users.
#[derive(Clone, Debug)]
pub struct HashedSecret {
    /// For a password.
    pub password: String,
    /// For a token, which must be random.
    pub token: String,
}

/// Hashes a secret for the file of users.
///
/// # Errors
/// A machine without random numbers.
pub fn hash_secret(secret: &[u8]) -> Result<HashedSecret> {
    let mut salt = [0; 16];
    let random = SystemRandom::new();
    random
        .fill(&mut salt)
        .ok()
        .context("there are no random numbers")?;
    let mut hash = Sum::default();
    pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, ROUNDS, &salt, secret, &mut hash);
    let (salt, hash) = (STANDARD.encode(salt), STANDARD.encode(hash));
    let digits = hashed(secret).map(|byte| format!("{byte:02x}"));
    Ok(HashedSecret {
        password: format!("{PASSWORD}{ROUNDS}:{salt}:{hash}"),
        token: format!("{TOKEN}{}", digits.concat()),
    })
}

/// Who may read, if not everybody.
pub(super) type Users = Arc<super::watched::Watched<Access>>;

#[cfg(test)]
mod tests {
    use super::*;

    fn access() -> Access {
        let partner = hash_secret(b"open sesame").unwrap().password;
        let ci = hash_secret(b"random").unwrap().token;
        Access::parse(&format!(
            "[[user]]\nname = \"partner\"\npassword = \"{partner}\"\nmodules = [\"a.com/x\", \"b.com/*/y\"]\n\
             [[user]]\nname = \"ci\"\ntoken = \"{ci}\"\n"
        ))
        .unwrap()
    }

    fn basic(pair: &str) -> String {
        format!("Basic {}", STANDARD.encode(pair))
    }

    #[test]
    fn users_are_known_by_password_or_token() {
        let access = access();
        let name = |header: &str| access.reader(header).map(|reader| reader.name);
        let known = |name: &str| Some(name.to_owned());
        for _ in 0..2 {
            assert_eq!(name(&basic("partner:open sesame")), known("partner"));
        }
        assert_eq!(name("bearer random"), known("ci"));
        assert_eq!(name(&basic("ci:random")), known("ci"));
        for header in [
            &basic("partner:open"),
            &basic("partner:"),
            &basic("partner"),
            &basic("nobody:open sesame"),
            &basic("ci:open sesame"),
            "Bearer open sesame",
            "Bearer ",
            "Basic ?",
            "Digest random",
            "random",
            "",
        ] {
            assert_eq!(name(header), None, "{header}");
        }
    }

    #[test]
    fn modules_are_read_by_those_who_may() {
        let access = access();
        let partner = access.reader(&basic("partner:open sesame")).unwrap();
        assert!(partner.may_read("a.com/x/v2") && partner.may_read("b.com/z/y"));
        assert!(!partner.may_read("a.com") && !partner.may_read("b.com/z"));
        assert!(access.reader("Bearer random").unwrap().may_read("b.com/z"));
    }

    #[test]
    fn a_file_with_secrets_in_the_clear_is_refused() {
        for text in [
            "",
            "[[user]]\nname = \"a\"\n",
            "[[user]]\nname = \"a\"\npassword = \"secret\"\n",
            "[[user]]\nname = \"a\"\ntoken = \"secret\"\n",
            "[[user]]\nname = \"a:b\"\ntoken = \"sha256:00\"\n",
            "[[user]]\nname = \"a\"\npassword = \"pbkdf2-sha256:0:AA==:AA==\"\n",
            "[[user]]\nname = \"a\"\npassword = \"pbkdf2-sha256:1:AA==\"\n",
            "[[user]]\nname = \"a\"\nsecret = \"x\"\n",
        ] {
            assert!(Access::parse(text).is_err(), "{text}");
        }
    }
}
