//! 200 modules that popular programs use, from go's module proxy: by us and by go, with the sums that are public.
//!
//! A test binary of its own: it needs that proxy, half a minute and some 60 megabytes twice.
#![allow(clippy::disallowed_methods, reason = "tests make their own worlds")]

#[path = "../integration/support/mod.rs"]
mod support;

use libtest_mimic::{Completion, Failed};
use std::path::Path;
use std::process::{Command, ExitCode};
use support::oracle;
use support::sandbox::{Sandbox, run};
use support::tree::{self, Origin};

/// What go.sum has of the modules: two lines for each.
const SUMS: &str = include_str!("go.sum");

/// The settings that say how this machine reaches the module proxy.
const PROXY_SETTINGS: [&str; 6] = [
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "https_proxy",
    "NO_PROXY",
    "no_proxy",
    "SSL_CERT_FILE",
];

fn main() -> ExitCode {
    support::run_all([vec![support::unless(
        oracle::missing,
        "popular_modules::are_what_go_makes_of_them_and_have_the_public_sums",
        modules,
    )]])
}

fn modules() -> Result<Completion, Failed> {
    let sandbox = Sandbox::new();
    let proxy = std::env::var("GOPROXY").unwrap_or_else(|_| "https://proxy.golang.org".to_owned());
    let (go, ours) = (sandbox.path("go"), sandbox.path("ours"));
    let mut download = sandbox.command("go");
    let downloaded = run(online(&mut download, &proxy, &go)
        .env("GOPATH", sandbox.path("go-path"))
        .args(["mod", "download"])
        .args(versions()));
    if !downloaded.status.success() {
        let said = String::from_utf8_lossy(&downloaded.stderr).into_owned();
        let reason = said.lines().last().unwrap_or_default();
        return Ok(Completion::ignored_with(format!(
            "go's module proxy gives not all modules: {reason}"
        )));
    }
    let mut fetch = sandbox.gomodcache();
    let fetched = run(online(&mut fetch, &proxy, &ours)
        .env("GOPATH", sandbox.path("our-path"))
        .args(["fetch", "--proxy", "env", "--sumdb", "require"])
        .args(versions()));
    let said = String::from_utf8_lossy(&fetched.stderr);
    assert!(fetched.status.success(), "{said}");
    assert_eq!(
        sorted(&String::from_utf8_lossy(&fetched.stdout)),
        sorted(SUMS)
    );
    compare(&go, &ours);
    Ok(Completion::Completed)
}

/// The modules of the sums.
fn versions() -> impl Iterator<Item = String> {
    SUMS.lines().filter_map(|line| {
        let mut words = line.split(' ');
        let (path, version) = (words.next()?, words.next()?);
        (!version.ends_with("/go.mod")).then(|| format!("{path}@{version}"))
    })
}

fn sorted(lines: &str) -> Vec<&str> {
    let mut lines: Vec<&str> = lines.lines().collect();
    lines.sort_unstable();
    lines
}

fn online<'c>(command: &'c mut Command, proxy: &str, cache: &Path) -> &'c mut Command {
    let settings = PROXY_SETTINGS
        .into_iter()
        .filter_map(|name| Some((name, std::env::var_os(name)?)));
    command
        .envs(settings)
        .env("GOENV", "off")
        .env("GOTOOLCHAIN", "local")
        .env("GOPROXY", proxy)
        .env("GOMODCACHE", cache)
}

/// Demands the same files with the same content. What go happened to write of the tiles of the checksum
/// database depends on the order in which its answers came in.
fn compare(go: &Path, ours: &Path) {
    let expected = tree::list(go, Origin::Compared);
    let found = tree::list(ours, Origin::Compared);
    let is_compared = |name: &str| !name.contains("/sumdb/") || name.contains("/lookup/");
    let differing: Vec<_> = expected
        .keys()
        .chain(found.keys())
        .filter(|name| is_compared(name) && expected.get(*name) != found.get(*name))
        .map(|name| (name, expected.get(name), found.get(name)))
        .collect();
    assert!(
        differing.is_empty(),
        "{} differ, such as {:#?}",
        differing.len(),
        differing.iter().take(5).collect::<Vec<_>>()
    );
}
