//! Where a repository is: the text that names it, read once.

mod url_parts;

use std::fmt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};

use self::url_parts::{Authority, decode, parse_port, redact, server_path};
use super::{bundle, local};
use crate::web::{UserInfo, is_private};

/// A place that a repository can be read from, parsed from the text that names it.
///
/// `Display` and `Debug` never show a password or token: `https://user:secret@host/x` is shown as
/// `https://***@host/x`.
#[derive(Clone, PartialEq, Eq)]
pub struct Location {
    place: Place,
    display: String,
    origin: Option<String>,
}

/// What stands behind a location.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// A server that speaks git's protocol.
    Remote(Remote),
    /// A repository on this machine, as `local::Folders::find` takes it.
    Repository(PathBuf),
    /// A file made by `git bundle create`.
    Bundle(PathBuf),
}

/// A server and a repository on it.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Remote {
    /// Smart HTTP; `url` is without credentials and without a slash at its end.
    Http {
        url: String,
        user_info: Option<UserInfo>,
    },
    /// The system's ssh program; `destination` is `host` or `user@host`.
    Ssh {
        destination: String,
        port: Option<u16>,
        path: String,
    },
    /// `git daemon` on a TCP port.
    Daemon {
        host: String,
        port: u16,
        path: String,
    },
}

impl Location {
    /// Parses the name of a repository.
    ///
    /// In this order:
    /// 1. `https://`, `http://`, `ssh://` (also `git+ssh://`, `ssh+git://`), `git://` and `file://` URLs;
    /// 2. text that starts with `.` or `/` is a path on this machine, and something must be there;
    /// 3. a path that is a repository or a bundle on this machine wins over what follows;
    /// 4. `user@host:path` and `host:path`, a colon before the first slash, for ssh as in git;
    /// 5. `host/owner/name`, whose first element has a dot, is `https://host/owner/name`.
    ///
    /// `~` is not expanded. A host, user or path that ssh would take for an option is refused, and so are
    /// remote helpers (`ext::…`), which run any program. Errors never show credentials.
    pub fn parse(text: &str) -> Result<Location> {
        ensure!(!text.is_empty(), "the name of the repository is empty");
        if let Some((scheme, rest)) = text.split_once("://") {
            let display = redact(scheme, rest);
            return parse_url(scheme, rest, &display)
                .with_context(|| format!("`{display}` is no usable repository URL"));
        }
        ensure!(
            !text.chars().any(char::is_control) && !text.starts_with('-'),
            "`{}` is no usable repository name",
            text.escape_debug()
        );
        if text.starts_with(['.', '/']) {
            return Location::local(text, Path::new(text));
        }
        if let Some(place) = local_place(Path::new(text))? {
            return Ok(Location::at(text, place));
        }
        let first = text.split('/').next().unwrap_or(text);
        if first.contains(':') {
            return parse_scp(text);
        }
        if first.contains('.') && first != text && is_host(first) {
            let mut location = Location::parse(&format!("https://{text}"))?;
            location.display = text.to_owned();
            return Ok(location);
        }
        Location::local(text, Path::new(text))
    }

    /// Sends a login along, which the text does not show.
    ///
    /// # Errors
    /// A location where others could read it on its way.
    pub(crate) fn with_login(mut self, login: UserInfo) -> Result<Location> {
        match &mut self.place {
            Place::Remote(Remote::Http { url, user_info })
                if is_private(&url::Url::parse(url)?) =>
            {
                *user_info = Some(login);
            }
            _ => bail!("`{self}` is not reached over https, and a token is only sent so"),
        }
        Ok(self)
    }

    fn local(text: &str, path: &Path) -> Result<Location> {
        match local_place(path)? {
            Some(place) => Ok(Location::at(text, place)),
            None if crate::disk::is_file(path) => {
                bail!("`{text}` is a file and no git bundle")
            }
            None if crate::disk::is_dir(path) => bail!("`{text}` is no git repository"),
            None => bail!("there is no repository at `{text}`"),
        }
    }

    fn at(text: &str, place: Place) -> Location {
        Location {
            place,
            display: text.to_owned(),
            origin: None,
        }
    }

    /// Gives the name of a repository without its credentials, whether it can be read or not.
    pub(crate) fn redacted(text: &str) -> String {
        match text.split_once("://") {
            Some((scheme, rest)) => redact(scheme, rest),
            None => text.to_owned(),
        }
    }

    /// Gives the URL without credentials and otherwise as it was written, or `None` for a path, a bundle
    /// or a `file://` URL on this machine; `host/owner/name` gives `https://host/owner/name`.
    pub fn origin_url(&self) -> Option<&str> {
        self.origin.as_deref()
    }

    pub(crate) fn place(&self) -> &Place {
        &self.place
    }
}

impl fmt::Display for Location {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.display)
    }
}

impl fmt::Debug for Location {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_tuple("Location")
            .field(&self.display)
            .finish()
    }
}

/// Gives the text of a URL, or of what should be one, without password and without token.
pub fn redacted(url: &str) -> String {
    match url.split_once("://") {
        Some((scheme, rest)) => redact(scheme, rest),
        None => match url.rsplit_once('@') {
            Some((user, host)) if user.contains(':') => format!("***@{}", host.escape_debug()),
            _ => url.escape_debug().to_string(),
        },
    }
}

/// Cuts `REPO//SUBDIR` into the repository and the folder in it, at the last `//` of the path.
///
/// The `//` of `https://` does not count, and neither do slashes at either end. A path on this machine
/// that is a repository as a whole is not cut (`/tmp//text.git`).
pub fn split_subdirectory(text: &str) -> (&str, Option<&str>) {
    let after_scheme = text.find("://").map_or(0, |at| at + 3);
    let (_, path) = text.split_at(after_scheme);
    let leading = path.len() - path.trim_start_matches('/').len();
    let end = path.trim_end_matches('/').len().max(leading);
    let Some(cut) = path
        .get(leading..end)
        .and_then(|inner| inner.rfind("//"))
        .map(|at| after_scheme + leading + at)
    else {
        return (text.trim_end_matches("//"), None);
    };
    if after_scheme == 0 && matches!(local_place(Path::new(text)), Ok(Some(_))) {
        return (text, None);
    }
    let (repository, subdirectory) = text.split_at(cut);
    (
        repository.trim_end_matches('/'),
        Some(subdirectory.trim_matches('/')),
    )
}

/// Finds a repository or a bundle on this machine.
fn local_place(path: &Path) -> Result<Option<Place>> {
    if local::Folders::find(path)?.is_some() {
        return Ok(Some(Place::Repository(path.to_owned())));
    }
    if bundle::is_bundle(path) {
        return Ok(Some(Place::Bundle(path.to_owned())));
    }
    Ok(None)
}

fn parse_url(scheme: &str, rest: &str, display: &str) -> Result<Location> {
    ensure!(
        !rest
            .chars()
            .any(|c| c.is_control() || c.is_whitespace() || c == '\\'),
        "it has a space, control character or backslash"
    );
    if scheme == "file" {
        return file_url(display, rest);
    }
    let authority = Authority::split(rest)?;
    let (remote, origin) = match scheme {
        "https" | "http" => http(scheme, &authority)?,
        "ssh" | "git+ssh" | "ssh+git" => ssh(scheme, &authority)?,
        "git" => (
            Remote::Daemon {
                host: authority.bare_host().to_owned(),
                port: authority.port.unwrap_or(9418),
                path: server_path(authority.path)?,
            },
            format!("git://{}{}", authority.host_and_port, authority.path),
        ),
        _ => bail!("its scheme is none of https, http, ssh, git and file"),
    };
    Ok(Location {
        place: Place::Remote(remote),
        display: display.to_owned(),
        origin: Some(origin),
    })
}

fn http(scheme: &str, authority: &Authority<'_>) -> Result<(Remote, String)> {
    ensure!(
        !authority.path.contains(['?', '#']),
        "it has a query or a fragment"
    );
    let origin = format!("{scheme}://{}{}", authority.host_and_port, authority.path);
    url::Url::parse(&origin)?;
    let user_info = match authority.user {
        None => None,
        Some(user) => Some(UserInfo {
            user: decode(user)?,
            password: decode(authority.password.unwrap_or_default())?,
        }),
    };
    let remote = Remote::Http {
        url: origin.trim_end_matches('/').to_owned(),
        user_info,
    };
    Ok((remote, origin))
}

fn ssh(scheme: &str, authority: &Authority<'_>) -> Result<(Remote, String)> {
    let user = authority.user.map(decode).transpose()?;
    let at_user = authority.user.map(|user| format!("{user}@"));
    let origin = format!(
        "{scheme}://{}{}{}",
        at_user.unwrap_or_default(),
        authority.host_and_port,
        authority.path
    );
    let remote = ssh_remote(
        user.as_deref(),
        authority.bare_host(),
        authority.port,
        server_path(authority.path)?,
    )?;
    Ok((remote, origin))
}

fn file_url(display: &str, rest: &str) -> Result<Location> {
    let rest = rest.strip_prefix("localhost").unwrap_or(rest);
    ensure!(
        rest.starts_with('/'),
        "a file URL has three slashes before its path"
    );
    let path = decode(rest)?;
    Location::local(display, Path::new(&path))
}

/// Parses `[user@]host:path`, where the host may be `[address]` or `[host:port]` (connect.c in git).
fn parse_scp(text: &str) -> Result<Location> {
    let (user, host) = match text.split_once('@') {
        Some((user, rest)) if !user.contains([':', '/', '[']) => (Some(user), rest),
        _ => (None, text),
    };
    let (host, port, path) = match host.strip_prefix('[') {
        Some(bracketed) => {
            let (inner, path) = bracketed
                .split_once("]:")
                .with_context(|| format!("`{text}` is no usable repository name"))?;
            match inner.split_once(':') {
                Some((host, port)) if !port.contains(':') => (host, Some(parse_port(port)?), path),
                _ => (inner, None, path),
            }
        }
        None => {
            let (host, path) = host
                .split_once(':')
                .with_context(|| format!("`{text}` is no usable repository name"))?;
            (host, None, path)
        }
    };
    ensure!(
        !path.starts_with(':'),
        "`{text}` names a remote helper, and those are not run"
    );
    ensure!(
        !path.is_empty(),
        "`{text}` names a host but no repository on it"
    );
    let remote = ssh_remote(user, host, port, path.to_owned())
        .with_context(|| format!("`{text}` is no usable repository name"))?;
    Ok(Location {
        place: Place::Remote(remote),
        display: text.to_owned(),
        origin: Some(text.to_owned()),
    })
}

/// Refuses what ssh would take for one of its options (CVE-2017-1000117).
fn ssh_remote(user: Option<&str>, host: &str, port: Option<u16>, path: String) -> Result<Remote> {
    ensure!(!host.is_empty(), "it has no host");
    let destination = match user {
        Some(user) => format!("{user}@{host}"),
        None => host.to_owned(),
    };
    ensure!(
        !destination.starts_with('-') && !host.starts_with('-') && !path.starts_with('-'),
        "a host, user or path that starts with `-` is refused"
    );
    ensure!(
        !destination.chars().any(char::is_control) && !path.chars().any(char::is_control),
        "it has a control character"
    );
    Ok(Remote::Ssh {
        destination,
        port,
        path,
    })
}

fn is_host(text: &str) -> bool {
    !text.starts_with(['-', '.'])
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'))
}

#[cfg(test)]
mod tests;
