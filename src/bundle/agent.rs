//! The one thing that is asked of an ssh-agent: a signature (`draft-ietf-sshm-ssh-agent`).

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use ssh_key::{PublicKey, Signature};

const SIGN_REQUEST: u8 = 13;
const SIGN_RESPONSE: u8 = 14;

/// Bytes that an answer may have, as OpenSSH limits it.
const MAX_ANSWER: u32 = 256 << 10;

/// Time to confirm, or to touch a token.
const PATIENCE: Duration = Duration::from_secs(120);

/// Has the agent sign with the private key that belongs to a public one.
///
/// # Errors
/// No agent at the socket; one that has no such key or whose user says no.
pub(super) fn sign(socket: &Path, key: &PublicKey, data: &[u8]) -> Result<Signature> {
    let mut request = vec![SIGN_REQUEST];
    push_string(&mut request, &key.to_bytes()?)?;
    push_string(&mut request, data)?;
    request.extend(0_u32.to_be_bytes());
    let answer = ask(socket, &request)
        .with_context(|| format!("cannot ask the agent at {}", socket.display()))?;
    let signature = match answer.split_first() {
        Some((&SIGN_RESPONSE, rest)) => rest.get(4..).unwrap_or_default(),
        _ => bail!(
            "the agent does not sign with {}",
            key.fingerprint(ssh_key::HashAlg::Sha256)
        ),
    };
    Signature::try_from(signature).context("the agent gives something else than a signature")
}

fn ask(socket: &Path, request: &[u8]) -> Result<Vec<u8>> {
    let mut agent = UnixStream::connect(socket)?;
    agent.set_read_timeout(Some(PATIENCE))?;
    let mut message = Vec::new();
    push_string(&mut message, request)?;
    agent.write_all(&message)?;
    let mut length = [0; 4];
    agent.read_exact(&mut length)?;
    let length = u32::from_be_bytes(length);
    if length > MAX_ANSWER {
        bail!("its answer has {length} bytes, {MAX_ANSWER} are allowed");
    }
    let mut answer = Vec::new();
    agent.take(length.into()).read_to_end(&mut answer)?;
    Ok(answer)
}

fn push_string(message: &mut Vec<u8>, text: &[u8]) -> Result<()> {
    message.extend(u32::try_from(text.len())?.to_be_bytes());
    message.extend(text);
    Ok(())
}
