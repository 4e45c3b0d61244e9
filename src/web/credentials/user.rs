//! The credentials that a user has: `.netrc`, GOAUTH, git's credential helpers.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use anyhow::Result;
use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use url::{Host, Url};

use super::goauth::{self, Known, Method};
use super::helpers::Helpers;
use super::{Credentials, Refusal, UserInfo, netrc};
use crate::disk;

/// The largest netrc file that is read, in bytes.
const MAX_NETRC: u64 = 1 << 20;

/// Where a user's credentials are; nothing is read, and no program started, before a server could want them.
///
/// Module proxies and module hosts get what GOAUTH says, over https only, as from go. Git servers that ask for it
/// get the login in the netrc file, and else the one that git's credential helpers know, as from git, though only
/// over https or on loopback.
pub struct UserCredentials {
    goauth: String,
    netrc: Option<PathBuf>,
    logins: OnceLock<Vec<netrc::Login>>,
    known: Mutex<State>,
    /// The logins that helpers gave and no server has judged yet.
    unproven: Mutex<HashMap<Url, (Arc<Helpers>, UserInfo)>>,
}

#[derive(Default)]
struct State {
    methods: Option<Vec<Method>>,
    known: Known,
}

impl UserCredentials {
    /// Takes the value of GOAUTH and the path of the netrc file, which need not be there.
    pub fn new(goauth: &str, netrc: Option<PathBuf>) -> UserCredentials {
        UserCredentials {
            goauth: goauth.to_owned(),
            netrc,
            logins: OnceLock::new(),
            known: Mutex::default(),
            unproven: Mutex::default(),
        }
    }

    /// A file that cannot be read has none, as for go.
    fn logins(&self) -> &[netrc::Login] {
        self.logins.get_or_init(|| {
            let file = self.netrc.as_deref();
            let data = file.and_then(|file| disk::read_limited(file, MAX_NETRC).ok());
            netrc::parse(&String::from_utf8_lossy(&data.unwrap_or_default()))
        })
    }

    fn unproven(&self) -> MutexGuard<'_, HashMap<Url, (Arc<Helpers>, UserInfo)>> {
        self.unproven.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Credentials for UserCredentials {
    fn for_url(&self, url: &Url, refusal: Option<&Refusal>) -> Result<HeaderMap> {
        let mut state = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let State { methods, known } = &mut *state;
        let methods = match methods {
            Some(methods) => methods,
            None => methods.insert(goauth::parse(&self.goauth)?),
        };
        if methods.is_empty() {
            return Ok(HeaderMap::new());
        }
        let (headers, given) = known.headers(methods, self.logins(), url, refusal);
        if let Some((helpers, login)) = given {
            self.unproven()
                .insert(url.clone(), (Arc::new(helpers), login));
        }
        Ok(headers)
    }

    fn login(
        &self,
        url: &Url,
        user: Option<&str>,
        refused: &[UserInfo],
    ) -> Result<Option<UserInfo>> {
        if !is_private(url) {
            return Ok(None);
        }
        let host = url.host_str().unwrap_or_default();
        let with_port = format!("{host}:{}", url.port_or_known_default().unwrap_or_default());
        let is_meant = |login: &&netrc::Login| {
            (login.machine == host || login.machine == with_port)
                && user.is_none_or(|user| login.info.user == user)
                && !refused.contains(&login.info)
        };
        if let Some(login) = self.logins().iter().find(is_meant) {
            return Ok(Some(login.info.clone()));
        }
        let helpers = Helpers::of_user()?;
        let login = helpers.get(url, user)?;
        let login = login.filter(|login| !refused.contains(login));
        if let Some(login) = &login {
            let given = (Arc::new(helpers), login.clone());
            self.unproven().insert(url.clone(), given);
        }
        Ok(login)
    }

    fn answered(&self, url: &Url, status: StatusCode) {
        let action = match status {
            StatusCode::UNAUTHORIZED => "erase",
            status if status.is_success() => "store",
            _ => return,
        };
        let given = self.unproven().remove(url);
        if let Some((helpers, login)) = given {
            helpers.tell(action, url, &login);
        }
    }
}

/// Tells whether nobody on the way can read what is sent: over https, or on loopback.
pub fn is_private(url: &Url) -> bool {
    url.scheme() == "https"
        || match url.host() {
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            Some(Host::Domain(name)) => name == "localhost",
            None => false,
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_sent_where_others_can_read_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(".netrc");
        std::fs::write(
            &file,
            "machine h.example login u password p\nmachine 127.0.0.1:81 login v password q",
        )
        .unwrap();
        let user = UserCredentials::new("netrc", Some(file));
        let login = |url: &str, refused: &[UserInfo]| {
            let login = user
                .login(&Url::parse(url).unwrap(), None, refused)
                .unwrap();
            login.map(|login| login.user)
        };
        assert_eq!(login("https://h.example/x", &[]).as_deref(), Some("u"));
        assert_eq!(login("http://127.0.0.1:81/x", &[]).as_deref(), Some("v"));
        assert_eq!(login("http://h.example/x", &[]), None);
    }
}
