//! The parts of a URL, as git cuts them and not as browsers do.

use anyhow::{Context, Result, ensure};
use percent_encoding::percent_decode_str;

/// The parts of a URL after its scheme.
pub(super) struct Authority<'a> {
    pub(super) user: Option<&'a str>,
    pub(super) password: Option<&'a str>,
    pub(super) host_and_port: &'a str,
    pub(super) port: Option<u16>,
    pub(super) path: &'a str,
}

impl<'a> Authority<'a> {
    /// Cuts what follows `://`; a URL without a host or without a path is refused.
    pub(super) fn split(rest: &'a str) -> Result<Authority<'a>> {
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        let (user_info, host_and_port) = match authority.rsplit_once('@') {
            Some((user_info, host)) => (Some(user_info), host),
            None => (None, authority),
        };
        let (user, password) = match user_info.map(|info| info.split_once(':')) {
            Some(Some((user, password))) => (Some(user), Some(password)),
            _ => (user_info, None),
        };
        let port = match host_and_port.rsplit_once(':') {
            Some((_, port)) if !port.contains(']') && !port.is_empty() => Some(parse_port(port)?),
            _ => None,
        };
        let split = Authority {
            user,
            password,
            host_and_port,
            port,
            path,
        };
        let host = split.bare_host();
        ensure!(!host.is_empty(), "it has no host");
        ensure!(!host.starts_with('-'), "its host starts with `-`");
        ensure!(
            !path.trim_matches('/').is_empty(),
            "it names a host but no repository on it"
        );
        Ok(split)
    }

    /// The host without port and without the brackets of an IPv6 address.
    pub(super) fn bare_host(&self) -> &'a str {
        match self.host_and_port.strip_prefix('[') {
            Some(address) => address.split(']').next().unwrap_or_default(),
            None => self.host_and_port.split(':').next().unwrap_or_default(),
        }
    }
}

/// The path that a server is asked for: decoded, and `/~user/…` without its slash as in git.
pub(super) fn server_path(path: &str) -> Result<String> {
    let path = decode(path)?;
    ensure!(
        !path.chars().any(char::is_control),
        "its path has a control character"
    );
    Ok(match path.strip_prefix('/') {
        Some(home) if home.starts_with('~') => home.to_owned(),
        _ => path,
    })
}

/// Parses a port; a sign, which Rust would take, is refused.
pub(super) fn parse_port(port: &str) -> Result<u16> {
    ensure!(
        port.bytes().all(|digit| digit.is_ascii_digit()),
        "its port is no number"
    );
    port.parse().context("its port is no number up to 65535")
}

/// Decodes `%41`; what is no valid escape stays as it is.
pub(super) fn decode(text: &str) -> Result<String> {
    let text = percent_decode_str(text).decode_utf8();
    text.map(|text| text.into_owned())
        .context("it is no UTF-8 text once decoded")
}

/// Replaces the user and password of a URL, but keeps the user of ssh, who is no secret.
pub(super) fn redact(scheme: &str, rest: &str) -> String {
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    // A password with a slash in it makes a wrong URL, which is shown in an error all the same.
    let at = match rest.get(..end).and_then(|authority| authority.rfind('@')) {
        Some(at) => Some(at),
        None => rest
            .rfind('@')
            .filter(|_| rest.split('/').next().unwrap_or_default().contains(':')),
    };
    let shown = match at.map(|at| rest.split_at(at)) {
        None => rest.to_owned(),
        Some((user_info, host)) => match user_info.split_once(':') {
            None if scheme.contains("ssh") => rest.to_owned(),
            Some((user, _)) if scheme.contains("ssh") => format!("{user}:***{host}"),
            _ => format!("***{host}"),
        },
    };
    format!("{scheme}://{}", shown.escape_debug())
}
