//! Git's credential helpers: the programs that git's configuration names, without git itself.
//!
//! See gitcredentials(7) and git-credential(1): `credential.helper` and `credential.<url>.helper`, which adds to
//! the former; an empty one forgets those before it; `username` and `useHttpPath` likewise by URL.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use percent_encoding::percent_decode_str;
use url::Url;

use super::{UserInfo, program};

/// What git's configuration says of credentials.
pub(super) struct Helpers(Vec<Setting>);

/// One line of the configuration.
struct Setting {
    /// The URLs that it is for; `None` for all.
    pattern: Option<String>,
    /// In lower case.
    name: String,
    value: String,
}

/// What is in force for one URL.
#[derive(Default)]
struct InForce<'a> {
    helpers: Vec<&'a str>,
    user: Option<&'a str>,
    /// Whether the path of the URL is told, too.
    with_path: bool,
}

impl Helpers {
    /// Reads the configuration of the user and the machine.
    pub(super) fn of_user() -> Result<Helpers> {
        Helpers::read(git2::Config::open_default())
    }

    /// Reads it as git does in a folder, which may be in a repository.
    pub(super) fn of_folder(folder: &Path) -> Result<Helpers> {
        match git2::Repository::discover(folder) {
            Ok(repository) => Helpers::read(repository.config()),
            Err(_) => Helpers::of_user(),
        }
    }

    fn read(config: Result<git2::Config, git2::Error>) -> Result<Helpers> {
        let settings = || {
            let mut settings = Vec::new();
            let config = config?;
            let mut entries = config.entries(Some("^credential\\."))?;
            while let Some(entry) = entries.next() {
                let entry = entry?;
                settings.extend(entry.name().and_then(|name| Setting::new(name, entry)));
            }
            Ok::<_, git2::Error>(settings)
        };
        settings()
            .map(Helpers)
            .context("cannot read git's configuration")
    }

    fn in_force(&self, url: &Url, user: Option<&str>) -> InForce<'_> {
        let mut found = InForce::default();
        for setting in &self.0 {
            let pattern = setting.pattern.as_deref();
            if !pattern.is_none_or(|pattern| matches(pattern, url, user)) {
                continue;
            }
            let value = setting.value.as_str();
            match setting.name.as_str() {
                "helper" if value.is_empty() => found.helpers.clear(),
                "helper" => found.helpers.push(value),
                "username" => found.user = Some(value),
                "usehttppath" => found.with_path = git2::Config::parse_bool(value).unwrap_or(false),
                _ => {}
            }
        }
        found
    }

    /// Asks one helper after the other until a user name and a password are known.
    ///
    /// # Errors
    /// A URL that cannot be told to a helper. One that fails is passed over, as by git.
    pub(super) fn get(&self, url: &Url, user: Option<&str>) -> Result<Option<UserInfo>> {
        let in_force = self.in_force(url, user);
        let mut user = user.or(in_force.user).map(str::to_owned);
        for helper in &in_force.helpers {
            let question = describe(url, in_force.with_path, user.as_deref(), None)?;
            let Ok(answer) = program::ask(command(helper, "get"), question.as_bytes()) else {
                continue;
            };
            let answer = String::from_utf8_lossy(&answer);
            let value = |key: &str| {
                let mut lines = answer.lines().filter_map(|line| line.split_once('='));
                lines
                    .find(|(found, _)| *found == key)
                    .map(|(_, value)| value.to_owned())
            };
            user = value("username").or(user);
            if let (Some(user), Some(password)) = (&user, value("password")) {
                let user = user.clone();
                return Ok(Some(UserInfo { user, password }));
            }
            if value("quit").is_some_and(|quit| matches!(quit.as_str(), "1" | "true")) {
                break;
            }
        }
        Ok(None)
    }

    /// Tells all helpers that a server has taken a login (`store`) or refused it (`erase`).
    pub(super) fn tell(&self, action: &str, url: &Url, login: &UserInfo) {
        let in_force = self.in_force(url, Some(&login.user));
        let password = Some(login.password.as_str());
        let Ok(text) = describe(url, in_force.with_path, Some(&login.user), password) else {
            return;
        };
        for helper in in_force.helpers {
            // As with git, a helper that cannot keep it is none the worse.
            let _ = program::ask(command(helper, action), text.as_bytes());
        }
    }

    /// Gives the beginning of the URLs that a login for `url` is good for.
    pub(super) fn place(&self, url: &Url) -> String {
        let origin = url.origin().ascii_serialization();
        match self.in_force(url, None).with_path {
            true => format!("{origin}{}", url.path()),
            false => origin,
        }
    }
}

impl Setting {
    fn new(name: &str, entry: &git2::ConfigEntry<'_>) -> Option<Setting> {
        let rest = name.strip_prefix("credential.")?;
        let (pattern, name) = match rest.rsplit_once('.') {
            Some((pattern, name)) => (Some(pattern.to_owned()), name),
            None => (None, rest),
        };
        // A name without `=` stands for true.
        let value = if entry.has_value() {
            entry.value()?
        } else {
            "true"
        };
        Some(Setting {
            pattern,
            name: name.to_ascii_lowercase(),
            value: value.to_owned(),
        })
    }
}

/// What a helper is told, a line for each key.
fn describe(
    url: &Url,
    with_path: bool,
    user: Option<&str>,
    password: Option<&str>,
) -> Result<String> {
    let host = url.host_str().context("the URL has no host")?;
    let host = match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    };
    let path = percent_decode_str(url.path().trim_matches('/')).decode_utf8_lossy();
    let values = [
        ("protocol", Some(url.scheme())),
        ("host", Some(host.as_str())),
        ("path", with_path.then_some(&*path)),
        ("username", user),
        ("password", password),
    ];
    let mut text = String::new();
    for (key, value) in values {
        let Some(value) = value else { continue };
        // A helper would take what follows for another key, such as another host.
        ensure!(
            !value.contains(['\n', '\r', '\0']),
            "the {key} has a line break, which no credential helper can be told"
        );
        text.push_str(&format!("{key}={value}\n"));
    }
    text.push('\n');
    Ok(text)
}

/// A helper is shell text after `!`, a path, or a name after `git credential-`, each with arguments.
fn command(helper: &str, action: &str) -> Command {
    let text = match helper.strip_prefix('!') {
        Some(text) => format!("{text} {action}"),
        None if Path::new(helper).is_absolute() => format!("{helper} {action}"),
        None => format!(
            "if command -v git >/dev/null; then git credential-{helper} {action}; else git-credential-{helper} {action}; fi"
        ),
    };
    let mut command = Command::new("/bin/sh");
    command.args(["-c", &text]);
    command
}

/// Tells whether a pattern is for a URL: `[scheme://][user@]host[:port][/path]`, with `*` for any part of one
/// element of the host's name.
fn matches(pattern: &str, url: &Url, user: Option<&str>) -> bool {
    let (scheme, rest) = match pattern.split_once("://") {
        Some((scheme, rest)) => (Some(scheme), rest),
        None => (None, pattern),
    };
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let (wanted, host) = match authority.rsplit_once('@') {
        Some((wanted, host)) => (Some(wanted), host),
        None => (None, authority),
    };
    let (host, port) = match host.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, port.parse().ok()),
        _ => (host, url.port().filter(|_| scheme.is_none())),
    };
    let port = port.or(match scheme {
        Some("http") => Some(80),
        Some("https") => Some(443),
        _ => url.port_or_known_default(),
    });
    scheme.is_none_or(|scheme| scheme.eq_ignore_ascii_case(url.scheme()))
        && wanted.is_none_or(|wanted| user == Some(wanted))
        && port == url.port_or_known_default()
        && matches_host(host, url.host_str().unwrap_or_default())
        && is_above(
            path.trim_end_matches('/'),
            url.path().trim_start_matches('/'),
        )
}

fn matches_host(pattern: &str, host: &str) -> bool {
    let (pattern, host) = (pattern.to_ascii_lowercase(), host.to_ascii_lowercase());
    let (mut patterns, mut elements) = (pattern.split('.'), host.split('.'));
    loop {
        match (patterns.next(), elements.next()) {
            (None, None) => return true,
            (Some(pattern), Some(element)) if matches_element(pattern, element) => {}
            _ => return false,
        }
    }
}

fn matches_element(pattern: &str, element: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == element,
        Some((before, after)) => element.strip_prefix(before).is_some_and(|rest| {
            let ends = rest.char_indices().map(|(at, _)| at).chain([rest.len()]);
            ends.filter_map(|at| rest.get(at..))
                .any(|rest| matches_element(after, rest))
        }),
    }
}

fn is_above(prefix: &str, path: &str) -> bool {
    let below = path.strip_prefix(prefix);
    below.is_some_and(|rest| prefix.is_empty() || rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_names_scheme_user_host_port_and_path() {
        let url = Url::parse("https://git.example.com:8443/team/x.git").unwrap();
        for (pattern, expected) in [
            ("https://git.example.com:8443", true),
            ("https://git.example.com:8443/", true),
            ("https://git.example.com:8443/team", true),
            ("https://git.example.com:8443/tea", false),
            ("https://git.example.com", false),
            ("http://git.example.com:8443", false),
            ("https://*.example.com:8443", true),
            ("https://g*t.example.com:8443", true),
            ("https://*.com:8443", false),
            ("https://ada@git.example.com:8443", true),
            ("https://bob@git.example.com:8443", false),
            ("git.example.com:8443", true),
            ("git.example.com", true),
            ("example.com", false),
        ] {
            assert_eq!(matches(pattern, &url, Some("ada")), expected, "{pattern}");
        }
        let plain = Url::parse("https://git.example.com/x").unwrap();
        assert!(matches("https://git.example.com:443", &plain, None));
        assert!(!matches("https://ada@git.example.com", &plain, None));
    }

    fn helpers(config: &str) -> Helpers {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("config");
        std::fs::write(&file, config).unwrap();
        Helpers::read(git2::Config::open(&file)).unwrap()
    }

    fn login(user: &str, password: &str) -> Option<UserInfo> {
        let (user, password) = (user.to_owned(), password.to_owned());
        Some(UserInfo { user, password })
    }

    #[test]
    fn helpers_are_asked_in_order_until_both_are_known() {
        let helpers = helpers(
            "[credential]\n\thelper = \"!false\"\n\thelper = \"!echo username=ada #\"\n\
             [credential \"https://a.example\"]\n\thelper = \"!echo password=pa=ss #\"\n\
             \thelper = \"!echo password=never #\"\n",
        );
        let url = Url::parse("https://a.example/x").unwrap();
        assert!(helpers.get(&url, None).unwrap() == login("ada", "pa=ss"));
        let other = Url::parse("https://b.example/x").unwrap();
        assert!(helpers.get(&other, None).unwrap().is_none());
    }

    #[test]
    fn an_empty_helper_forgets_those_before_it() {
        let helpers = helpers(
            "[credential]\n\thelper = \"!echo password=one #\"\n\thelper =\n\
             \thelper = \"!echo password=two #\"\n\tusername = eve\n",
        );
        let url = Url::parse("https://a.example/x").unwrap();
        assert!(helpers.get(&url, None).unwrap() == login("eve", "two"));
        assert!(helpers.get(&url, Some("ada")).unwrap() == login("ada", "two"));
    }

    #[test]
    fn a_helper_is_told_the_path_only_where_it_matters() {
        let helpers = helpers(
            "[credential]\n\thelper = \"!echo username=u; printf password=; tr '\\\\n' '|' #\"\n\
             [credential \"https://a.example\"]\n\tuseHttpPath\n",
        );
        let told = |url: &str| {
            let login = helpers.get(&Url::parse(url).unwrap(), None).unwrap();
            login.unwrap().password
        };
        assert_eq!(
            told("https://a.example:8443/x%20y/"),
            "protocol=https|host=a.example:8443||"
        );
        assert_eq!(
            told("https://a.example/x%20y/"),
            "protocol=https|host=a.example|path=x y||"
        );
        assert_eq!(
            helpers.place(&Url::parse("https://a.example/x").unwrap()),
            "https://a.example/x"
        );
        let url = Url::parse("https://a.example/x%0ahost=b.example").unwrap();
        assert!(helpers.get(&url, None).is_err());
    }
}
