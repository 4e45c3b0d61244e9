//! GOAUTH: where go finds the credentials for module proxies and module hosts.
//!
//! Source of the rules: `cmd/go/internal/auth/auth.go` and `go help goauth`. Methods are separated by `;`, and the
//! first one wins where several have credentials for one URL. All are asked once before the first request, and
//! again, with the URL, when a server refuses (4xx).

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use reqwest::header::{HeaderMap, HeaderName};
use url::Url;

use super::helpers::Helpers;
use super::{Refusal, UserInfo, answer, netrc, program};
use crate::disk;
use crate::module::split_quoted;

/// One way to credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Method {
    /// The netrc file.
    Netrc,
    /// The credential helpers that git uses in this folder.
    Git(PathBuf),
    /// A program and its arguments, as written.
    Command(String),
}

/// Reads GOAUTH; `off` gives no method.
pub(super) fn parse(goauth: &str) -> Result<Vec<Method>> {
    if goauth == "off" {
        return Ok(Vec::new());
    }
    let commands: Vec<&str> = goauth.split(';').map(str::trim).collect();
    let mut methods = Vec::new();
    for command in &commands {
        let words: Vec<&str> = command.split_whitespace().collect();
        methods.push(match words.as_slice() {
            [] => bail!("GOAUTH has an empty command"),
            ["off", ..] => {
                ensure!(
                    commands.len() == 1,
                    "GOAUTH=off cannot be combined with other commands"
                );
                return Ok(Vec::new());
            }
            ["netrc", ..] => Method::Netrc,
            ["git", folder] if Path::new(folder).is_absolute() => Method::Git(folder.into()),
            ["git", ..] => bail!("`git` in GOAUTH needs the absolute path of a folder"),
            _ => Method::Command((*command).to_owned()),
        });
    }
    for method in &methods {
        if let Method::Git(folder) = method {
            ensure!(
                disk::is_dir(folder),
                "`git` in GOAUTH needs a folder, and {} is none",
                folder.display()
            );
        }
    }
    Ok(methods)
}

/// The credentials that are known so far, by URL without `https://`.
#[derive(Default)]
pub(super) struct Known {
    asked: bool,
    headers: HashMap<String, HeaderMap>,
}

impl Known {
    /// Gives the header fields for a URL, and asks whom it has to ask; also the login that git's helpers gave, who
    /// want to hear what becomes of it.
    pub(super) fn headers(
        &mut self,
        methods: &[Method],
        logins: &[netrc::Login],
        url: &Url,
        refusal: Option<&Refusal>,
    ) -> (HeaderMap, Option<(Helpers, UserInfo)>) {
        if !self.asked {
            self.ask(methods, logins, None);
            self.asked = true;
        }
        let given = refusal.and_then(|refusal| self.ask(methods, logins, Some((url, refusal))));
        (self.find(url), given)
    }

    /// A method that fails is passed over, as by go: another may know.
    fn ask(
        &mut self,
        methods: &[Method],
        logins: &[netrc::Login],
        refused: Option<(&Url, &Refusal)>,
    ) -> Option<(Helpers, UserInfo)> {
        let mut given = None;
        for method in methods.iter().rev() {
            match (method, refused) {
                // The first of several logins for a machine wins.
                (Method::Netrc, _) => {
                    for login in logins.iter().rev() {
                        if let Ok(headers) = login.info.headers() {
                            self.store(&login.machine, headers);
                        }
                    }
                }
                (Method::Git(_), None) => {}
                (Method::Git(folder), Some((url, _))) => {
                    if let Ok((helpers, login)) = ask_git(folder, url)
                        && let Ok(headers) = login.headers()
                    {
                        self.store(&helpers.place(url), headers);
                        given = Some((helpers, login));
                    }
                }
                (Method::Command(command), _) => {
                    for (prefix, headers) in ask_command(command, refused).unwrap_or_default() {
                        self.store(&prefix, headers);
                    }
                }
            }
        }
        given
    }

    fn store(&mut self, prefix: &str, headers: HeaderMap) {
        let prefix = key(prefix);
        match headers.is_empty() {
            true => self.headers.remove(prefix),
            false => self.headers.insert(prefix.to_owned(), headers),
        };
    }

    /// Looks for the URL, and then for what is above it, element by element.
    fn find(&self, url: &Url) -> HeaderMap {
        let mut prefix = key(url.as_str());
        loop {
            if let Some(headers) = self.headers.get(prefix) {
                return headers.clone();
            }
            match prefix.rfind('/').and_then(|slash| prefix.get(..slash)) {
                Some(above) => prefix = above,
                None => return HeaderMap::new(),
            }
        }
    }
}

fn key(url: &str) -> &str {
    let rest = url.strip_prefix("https://").unwrap_or(url);
    rest.strip_suffix('/').unwrap_or(rest)
}

fn ask_git(folder: &Path, url: &Url) -> Result<(Helpers, UserInfo)> {
    let helpers = Helpers::of_folder(folder)?;
    let login = helpers.get(url, None)?.context("no helper knows the URL")?;
    Ok((helpers, login))
}

fn ask_command(
    command: &str,
    refused: Option<(&Url, &Refusal)>,
) -> Result<Vec<(String, HeaderMap)>> {
    let words = split_quoted(command)?;
    let (name, arguments) = words.split_first().context("the command is empty")?;
    let mut program = Command::new(name);
    program.args(arguments);
    let mut input = Vec::new();
    if let Some((url, refusal)) = refused {
        program.arg(url.as_str());
        input = refusal_text(refusal);
    }
    answer::parse(&program::ask(program, &input)?)
}

/// The head of an answer as HTTP/1.1 writes it.
fn refusal_text(refusal: &Refusal) -> Vec<u8> {
    let reason = refusal.status.canonical_reason().unwrap_or_default();
    let mut text = format!("HTTP/1.1 {} {reason}\n", refusal.status.as_str()).into_bytes();
    for name in refusal.headers.keys() {
        text.extend_from_slice(canonical(name).as_bytes());
        let mut separator: &[u8] = b": ";
        for value in refusal.headers.get_all(name) {
            text.extend_from_slice(separator);
            text.extend_from_slice(value.as_bytes());
            separator = b", ";
        }
        text.push(b'\n');
    }
    text.push(b'\n');
    text
}

/// `Www-Authenticate`, as go writes the names of fields.
fn canonical(name: &HeaderName) -> String {
    let capital = |word: &str| {
        let mut word = word.to_owned();
        if let Some(first) = word.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        word
    };
    let words: Vec<String> = name.as_str().split('-').map(capital).collect();
    words.join("-")
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::StatusCode;
    use reqwest::header::{AUTHORIZATION, HeaderValue};

    fn shown(known: &Known, url: &str) -> String {
        let headers = known.find(&Url::parse(url).unwrap());
        headers
            .get(AUTHORIZATION)
            .map_or("", |value| value.to_str().unwrap())
            .to_owned()
    }

    fn header(value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(AUTHORIZATION, HeaderValue::from_static(value))])
    }

    #[test]
    fn the_longest_prefix_of_whole_elements_decides() {
        let mut known = Known::default();
        known.store("https://a.example/x/", header("x"));
        known.store("a.example", header("host"));
        known.store("a.example/x/y/z", header("z"));
        for (url, expected) in [
            ("https://a.example", "host"),
            ("https://a.example/xy", "host"),
            ("https://a.example/x", "x"),
            ("https://a.example/x/y/", "x"),
            ("https://a.example/x/y/z?q=1", "x"),
            ("https://a.example/x/y/z/1", "z"),
            ("https://b.a.example/x", ""),
            ("https://a.example:8443/x", ""),
        ] {
            assert_eq!(shown(&known, url), expected, "{url}");
        }
        known.store("a.example/x", HeaderMap::new());
        assert_eq!(shown(&known, "https://a.example/x"), "host");
    }

    #[test]
    fn methods_are_read_as_go_reads_them() {
        assert_eq!(parse("off").unwrap(), []);
        assert_eq!(parse(" off ").unwrap(), []);
        assert_eq!(
            parse("netrc; my-auth 'a b';git /").unwrap(),
            [
                Method::Netrc,
                Method::Command("my-auth 'a b'".to_owned()),
                Method::Git("/".into())
            ]
        );
        for wrong in [
            "",
            "netrc;",
            "netrc;off",
            "git",
            "git relative",
            "git /a /b",
            "git /nowhere",
        ] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_first_method_and_the_first_login_win() {
        let logins = netrc::parse(
            "machine a.example login u password p\nmachine a.example login v password q",
        );
        let mut known = Known::default();
        let url = Url::parse("https://a.example/x").unwrap();
        let command = "printf 'https://a.example\\n\\nAuthorization: command\\n\\n'";
        let command = Method::Command(format!("sh -c \"{command}\""));
        let found = known
            .headers(&[Method::Netrc, command.clone()], &logins, &url, None)
            .0;
        assert_eq!(found.get(AUTHORIZATION).unwrap(), "Basic dTpw");
        let mut known = Known::default();
        let found = known
            .headers(&[command, Method::Netrc], &logins, &url, None)
            .0;
        assert_eq!(found.get(AUTHORIZATION).unwrap(), "command");
        assert!(found.get(AUTHORIZATION).unwrap().is_sensitive());
    }

    #[test]
    fn a_command_is_told_what_was_refused() {
        let script = "if [ $# = 1 ]; then printf '%s\\n\\nX-Got: ' \"$1\"; tr '\\n' '|'; printf '\\n\\n'; fi";
        let method = Method::Command(format!("sh -c \"{}\" name", script.replace('"', "")));
        let refusal = Refusal {
            status: StatusCode::UNAUTHORIZED,
            headers: HeaderMap::from_iter([(
                HeaderName::from_static("www-authenticate"),
                HeaderValue::from_static("Basic"),
            )]),
        };
        let url = Url::parse("https://a.example/x").unwrap();
        let mut known = Known::default();
        assert!(
            known
                .headers(std::slice::from_ref(&method), &[], &url, None)
                .0
                .is_empty()
        );
        let found = known.headers(&[method], &[], &url, Some(&refusal)).0;
        let got = found.get("x-got").unwrap();
        assert_eq!(got, "HTTP/1.1 401 Unauthorized|Www-Authenticate: Basic||");
    }
}
