//! The URL of a repository or module proxy in a go-import tag.

use std::net::Ipv6Addr;

use anyhow::{Context, Result, bail, ensure};

use super::{Found, shown};
use crate::mirror::Location;
use crate::proxy::Proxy;

/// The parts of a URL in which escapes have different rules.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Path,
    Host,
    Zone,
}

/// Takes the two fields of a tag that say where the modules are.
///
/// # Errors
/// A URL that go would not take; a scheme that cannot be read from; another version control system than git.
/// The text shows no password.
pub(super) fn locate(kind: &str, url: &str) -> Result<Found> {
    let scheme = check(url).with_context(|| format!("invalid repo root {}", shown(url)))?;
    match kind {
        "git" => {
            // Without `//` it would be the name of a file, or of a program to be run (`ext::`).
            ensure!(
                url.contains("://"),
                "git remote {} must be a URL with a host",
                shown(url)
            );
            Location::parse(url).map(Found::Git)
        }
        "mod" => proxy(&scheme, url),
        "hg" => bail!("the repository {} is in Mercurial, not git", shown(url)),
        "svn" => bail!("the repository {} is in Subversion, not git", shown(url)),
        "bzr" => bail!("the repository {} is in Bazaar, not git", shown(url)),
        "fossil" => bail!("the repository {} is in Fossil, not git", shown(url)),
        _ => bail!("unknown vcs {}", shown(kind)),
    }
}

fn proxy(scheme: &str, url: &str) -> Result<Found> {
    ensure!(
        matches!(scheme, "http" | "https"),
        "invalid proxy URL scheme (must be https or http): {}",
        shown(url)
    );
    // What browsers repair is refused: a host that is elsewhere than where go looks for it.
    let host = url.split_once("://").map(|(_, rest)| rest);
    ensure!(
        host.is_some_and(|host| !host.starts_with('/')) && !url.contains('\\'),
        "invalid proxy URL: {}",
        shown(url)
    );
    Proxy::alone(url).map(Found::Proxy)
}

/// Checks a URL as `url.Parse` in Go's `net/url` and `validateRepoRoot` do; gives its scheme.
pub(super) fn check(url: &str) -> Result<String> {
    let (url, fragment) = url.split_once('#').unwrap_or((url, ""));
    ensure!(
        !url.bytes().any(|byte| byte.is_ascii_control()),
        "it has a control character"
    );
    let (scheme, rest) = url
        .split_once(':')
        .filter(|(scheme, _)| is_scheme(scheme))
        .context("no scheme")?;
    let scheme = scheme.to_ascii_lowercase();
    let rest = rest.split('?').next().unwrap_or_default();
    if rest.starts_with('/') {
        let path = match rest.strip_prefix("//") {
            Some(rest) => {
                let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
                check_authority(&scheme, authority)?;
                path
            }
            None => rest,
        };
        check_escapes(path, Part::Path)?;
    }
    check_escapes(fragment, Part::Path)?;
    ensure!(scheme != "file", "file scheme disallowed");
    Ok(scheme)
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
}

fn check_authority(scheme: &str, authority: &str) -> Result<()> {
    let host = match authority.rsplit_once('@') {
        Some((user, host)) => {
            let valid = |c: char| c.is_ascii_alphanumeric() || "-._:~!$&'()*+,;=%@".contains(c);
            ensure!(user.chars().all(valid), "invalid user info");
            check_escapes(user, Part::Path)?;
            host
        }
        None => authority,
    };
    match host.rfind('[') {
        Some(0) => check_address(host),
        Some(_) => bail!("invalid IP-literal"),
        None => {
            let colon = match scheme {
                "http" | "https" => host.find(':'),
                _ => host.rfind(':'),
            };
            check_port(colon.and_then(|at| host.get(at..)).unwrap_or_default())?;
            check_escapes(host, Part::Host)
        }
    }
}

/// Checks `[address]:port`.
fn check_address(host: &str) -> Result<()> {
    let (address, port) = host
        .strip_prefix('[')
        .and_then(|host| host.rsplit_once(']'))
        .context("missing ']' in host")?;
    check_port(port)?;
    let (address, zone) = match address.find("%25") {
        Some(at) => address.split_at(at),
        None => (address, ""),
    };
    check_escapes(zone, Part::Zone)?;
    let valid = zone != "%25" && address.parse::<Ipv6Addr>().is_ok();
    ensure!(valid, "invalid IP address in host");
    Ok(())
}

fn check_port(port: &str) -> Result<()> {
    let valid = match port.strip_prefix(':') {
        Some(digits) => digits.bytes().all(|digit| digit.is_ascii_digit()),
        None => port.is_empty(),
    };
    ensure!(valid, "invalid port after host");
    Ok(())
}

fn check_escapes(text: &str, part: Part) -> Result<()> {
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte == b'%' {
            let digits = after
                .get(..2)
                .filter(|digits| digits.iter().all(u8::is_ascii_hexdigit))
                .and_then(|digits| std::str::from_utf8(digits).ok());
            let value = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
            let allowed = value.is_some_and(|value| match part {
                Part::Path => true,
                Part::Host => value == b'%' || !value.is_ascii(),
                Part::Zone => matches!(value, b'%' | b' ') || is_host_byte(value),
            });
            ensure!(allowed, "invalid URL escape");
            rest = after.get(2..).unwrap_or_default();
        } else if part != Part::Path {
            let allowed = !byte.is_ascii() || is_host_byte(byte);
            ensure!(allowed, "invalid character in host name");
        }
    }
    Ok(())
}

fn is_host_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!$&'()*+,;=:[]<>\"-_.~".contains(&byte)
}
