//! The project, and the cache that go itself fills for it from its module proxy.

use crate::support::sandbox::{Sandbox, run, run_well};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The least number of modules that the program stands for.
const MODULES: usize = 100;

/// The settings that say how this machine reaches the module proxy.
const PROXY_SETTINGS: [&str; 7] = [
    "GOPROXY",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "https_proxy",
    "NO_PROXY",
    "no_proxy",
    "SSL_CERT_FILE",
];

/// What go has made of the project.
pub(crate) struct Reference {
    /// The module cache after `go mod download all`, and after building and testing.
    pub(crate) cache: PathBuf,
    /// What `go list -m all` prints.
    pub(crate) listed: String,
}

/// Fills the reference cache.
///
/// # Errors
/// Why it cannot be filled on this machine: mostly because the proxy cannot be reached.
pub(crate) fn fill(sandbox: &Sandbox) -> Result<Reference, String> {
    let project = copy_project(sandbox, "reference");
    let cache = sandbox.path("go");
    let online = |arguments: &[&str]| {
        let mut go = go(sandbox, &project, &cache);
        let settings = PROXY_SETTINGS
            .into_iter()
            .filter_map(|name| Some((name, std::env::var_os(name)?)));
        go.args(arguments).envs(settings);
        go
    };
    let downloaded = run(&mut online(&["mod", "download", "all"]));
    if !downloaded.status.success() {
        let said = String::from_utf8_lossy(&downloaded.stderr).into_owned();
        let reason = said.lines().last().unwrap_or_default();
        return Err(format!("go's module proxy gives not all modules: {reason}"));
    }
    let listed = run_well(&mut online(&["list", "-m", "all"])).stdout;
    let listed = String::from_utf8(listed).expect("text");
    assert!(listed.lines().count() > MODULES, "{listed}");
    for arguments in [
        ["build", "./..."].as_slice(),
        &["build", "-o", "../reference-tools/", "tool"],
        &["vet", "./..."],
        &["test", "./..."],
    ] {
        run_well(&mut online(arguments));
    }
    Ok(Reference { cache, listed })
}

/// Copies the project, as it is under version control, into a folder of the sandbox.
pub(crate) fn copy_project(sandbox: &Sandbox, folder: &str) -> PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/program/toolbox");
    let names = [
        "go.mod",
        "go.sum",
        "main.go",
        "main_test.go",
        "check/go.mod",
        "check/check.go",
    ];
    for name in names {
        let content = std::fs::read(source.join(name)).expect(name);
        sandbox.write(&format!("{folder}/{name}"), content);
    }
    sandbox.path(folder)
}

/// Prepares go in the project, with no network unless the caller gives it one. The sums are those of
/// go.sum, which is complete, so no sum database is asked.
pub(crate) fn go(sandbox: &Sandbox, project: &Path, cache: &Path) -> Command {
    let mut command = sandbox.command("go");
    command
        .current_dir(project)
        .env("GOENV", "off")
        .env("GOTOOLCHAIN", "local")
        .env("GOSUMDB", "off")
        .env("GOPATH", sandbox.path("gopath"))
        .env("GOMODCACHE", cache)
        // Our tests share what they compile: it does not depend on where a module came from.
        .env(
            "GOCACHE",
            Path::new(env!("CARGO_TARGET_TMPDIR")).join("go-build"),
        );
    command
}
