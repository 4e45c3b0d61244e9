//! A machine on which go and we look for the same modules.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use crate::loopback::{Answer, Loopback};
use crate::support::mirror::Mirror;
use crate::support::oracle::go_behind;
use crate::support::sandbox::{Sandbox, tell};
use gomodcache::coderepo::Place;
use gomodcache::module::ModulePath;
use gomodcache::source::{Discovered, Discoverer, Found};
use gomodcache::web::{Client, Interrupt, Security, Settings};

/// Where the repositories of all cases are, and the tags of each: every folder has one version.
const REPOSITORIES: [(&str, &[&str]); 3] = [
    (
        "r1",
        &[
            "v1.1.0",
            "sub/v1.2.0",
            "sub/deep/v1.3.0",
            "deep/sub/v1.4.0",
            "deep/v1.8.0",
        ],
    ),
    ("r2", &["v1.5.0", "sub/v1.6.0"]),
    ("r3", &["v2.7.0"]),
];

/// The one version behind each module proxy.
pub(super) const PROXIED: &str = "v1.9.0";

/// A host's pages, and what is to be found out from them.
pub(super) struct Case {
    path: &'static str,
    pages: Vec<(String, Answer)>,
    expected: Expected,
}

enum Expected {
    /// The only version of the module in the place that is found.
    Version(&'static str),
    /// Nothing to go, and an error with this word to us.
    Nothing(&'static str),
    /// Words in the error of go, and in ours.
    Refused(&'static str, &'static str),
}

pub(super) fn case(path: &'static str) -> Case {
    Case {
        path,
        pages: Vec::new(),
        expected: Expected::Refused("", ""),
    }
}

impl Case {
    pub(super) fn answer(mut self, page: &str, answer: Answer) -> Case {
        self.pages.push((format!("http://{page}?go-get=1"), answer));
        self
    }

    pub(super) fn html(self, page: &str, html: &str) -> Case {
        self.answer(page, Answer::ok(html))
    }

    /// A page with these go-import tags.
    pub(super) fn page<const N: usize>(self, page: &str, tags: [&str; N]) -> Case {
        self.html(page, &head(&tags))
    }

    pub(super) fn gives(mut self, version: &'static str) -> Case {
        self.expected = Expected::Version(version);
        self
    }

    pub(super) fn finds_nothing(mut self, ours: &'static str) -> Case {
        self.expected = Expected::Nothing(ours);
        self
    }

    pub(super) fn refused(mut self, go: &'static str, ours: &'static str) -> Case {
        self.expected = Expected::Refused(go, ours);
        self
    }
}

pub(super) fn head(tags: &[&str]) -> String {
    let tags = tags.iter().map(|tag| meta(tag));
    let tags: String = tags.collect();
    format!("<!DOCTYPE html><html><head>{tags}</head><body>text</body></html>")
}

pub(super) fn meta(content: &str) -> String {
    format!("<meta name=\"go-import\" content=\"{content}\">")
}

struct Never;

impl Interrupt for Never {
    fn interrupted(&self) -> bool {
        false
    }
}

/// A machine with the repositories, which is used by all cases of a test.
pub(super) struct World {
    sandbox: Sandbox,
}

impl World {
    pub(super) fn new() -> World {
        let sandbox = Sandbox::new();
        for (name, tags) in REPOSITORIES {
            let files = Mirror::new().go_mod(if name == "r3" {
                "a.test/any/v2"
            } else {
                "a.test/any"
            });
            let folders = ["sub", "sub/deep", "deep/sub", "deep"];
            let mirror = folders.iter().fold(files, |files, folder| {
                files.file(format!("{folder}/go.mod"), "module a.test/any\n")
            });
            let mirror = mirror.commit("only");
            let mirror = tags.iter().fold(mirror, |mirror, tag| mirror.tag(tag));
            mirror.build(&sandbox.path(&format!("repositories/{name}.git")));
        }
        sandbox.write("work/go.mod", "module main.test\n\ngo 1.24\n");
        World { sandbox }
    }

    pub(super) fn go(&self, server: &Loopback) -> Command {
        let modcache = self.sandbox.path("modcache");
        let mut command = go_behind(&self.sandbox, &server.url(), &modcache);
        let repositories = self.sandbox.path("repositories");
        let schemes = [
            "https",
            "http",
            "git",
            "ssh",
            "git+ssh",
            "ssh+git",
            "https://u:p@git.test",
        ];
        command.env("GIT_CONFIG_COUNT", schemes.len().to_string());
        for (index, scheme) in schemes.iter().enumerate() {
            let url = match scheme.contains(':') {
                true => format!("{scheme}/"),
                false => format!("{scheme}://git.test/"),
            };
            let key = format!("url.{}/.insteadOf", repositories.display());
            command.env(format!("GIT_CONFIG_KEY_{index}"), key);
            command.env(format!("GIT_CONFIG_VALUE_{index}"), url);
        }
        command
    }

    pub(super) fn check(&self, cases: Vec<Case>) {
        for case in cases {
            let path = case.path;
            let Case {
                pages, expected, ..
            } = case;
            let tables = pages.into_iter().chain(proxies(path));
            let server = Loopback::table(tables);
            let go = tell(self.go(&server).args(["list", "-m", "-versions", path]));
            let ours = discover(&server, path, Security::Unchecked);
            match expected {
                Expected::Version(version) => {
                    assert_eq!(go.stdout, format!("{path} {version}\n"), "{path}: {go:#?}");
                    let found = ours.as_ref().map(|found| version_of(path, found));
                    assert_eq!(found.unwrap_or(None), Some(version), "{path}: {ours:?}");
                }
                Expected::Nothing(word) => {
                    assert_eq!(go.stdout, format!("{path}\n"), "{path}: {go:#?}");
                    refuses(path, ours, word);
                }
                Expected::Refused(word, our_word) => {
                    let told = go.code == Some(1) && go.stderr.contains(word);
                    assert!(told, "{path}: no `{word}` in {go:#?} ({ours:?})");
                    refuses(path, ours, our_word);
                }
            }
        }
    }
}

/// The answers of the module proxies that any page may name.
fn proxies(path: &str) -> impl Iterator<Item = (String, Answer)> {
    let files = [
        ("list", format!("{PROXIED}\n")),
        ("v1.9.0.info", format!("{{\"Version\":\"{PROXIED}\"}}")),
        ("v1.9.0.mod", format!("module {path}\n")),
    ];
    let path = path.to_owned();
    files.into_iter().map(move |(name, body)| {
        (
            format!("http://proxy.test/base/{path}/@v/{name}"),
            Answer::ok(body),
        )
    })
}

pub(super) fn discover(
    server: &Loopback,
    path: &str,
    security: Security,
) -> anyhow::Result<Discovered> {
    let client = Client::new(Settings {
        http_proxy: Some(server.url()),
        https_proxy: Some(server.url()),
        retries: 0,
        ..Settings::default()
    });
    let path = ModulePath::new(path).expect("a module path");
    Discoverer::new(client, Arc::new(Never)).discover(&path, security)
}

fn refuses(path: &str, found: anyhow::Result<Discovered>, word: &str) {
    let error = format!("{:#}", found.expect_err(path));
    assert!(error.contains(word), "{path}: no `{word}` in {error}");
    assert!(!error.contains("secret"), "{path}: {error}");
}

/// The version that is where we would look.
fn version_of(path: &str, discovered: &Discovered) -> Option<&'static str> {
    let location = match &discovered.found {
        Found::Git(location) => location.origin_url()?.to_owned(),
        Found::Proxy(proxy) => {
            return (proxy.url().as_str() == "http://proxy.test/base").then_some(PROXIED);
        }
    };
    let path = ModulePath::new(path).expect("a module path");
    let place = Place::new(&path, &discovered.root, &discovered.subdirectory).ok()?;
    let name = Path::new(&location).file_stem()?.to_str()?;
    let (_, tags) = REPOSITORIES.iter().find(|(known, _)| *known == name)?;
    tags.iter().find_map(|tag| {
        let version = tag.strip_prefix(&place.tag_prefix())?;
        (!version.contains('/')).then_some(version)
    })
}
