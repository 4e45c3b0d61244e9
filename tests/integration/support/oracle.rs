//! The real go command, which knows every right answer.

use super::sandbox::Sandbox;
use super::server::Server;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// With this variable set, as `.ci/run` does, a missing go or git fails the tests.
const REQUIRE: &str = "GOMODCACHE_REQUIRE_ORACLE";

/// Tells why the oracle cannot be asked on this machine; `None` when it can.
///
/// # Panics
/// When it cannot, although `GOMODCACHE_REQUIRE_ORACLE` says that it must.
pub(crate) fn missing() -> Option<&'static str> {
    static MISSING: OnceLock<Option<&'static str>> = OnceLock::new();
    let missing = *MISSING.get_or_init(|| {
        let absent = |program: &str, argument: &str| {
            let mut command = Command::new(program);
            command.arg(argument).stdin(Stdio::null());
            !command.output().is_ok_and(|output| output.status.success())
        };
        if absent("go", "version") {
            Some("go is not on PATH")
        } else if absent("git", "--version") {
            Some("git is not on PATH")
        } else {
            None
        }
    });
    if let Some(reason) = missing {
        assert!(
            std::env::var_os(REQUIRE).is_none(),
            "{REQUIRE} is set, but {reason}"
        );
    }
    missing
}

/// Prepares go, which has a cache of its own and the loopback server as its whole network.
pub(crate) fn go(sandbox: &Sandbox, server: &Server, modcache: &Path) -> Command {
    go_behind(sandbox, &server.url(), modcache)
}

/// Prepares go, which has a cache of its own and a proxy on loopback as its whole network.
pub(crate) fn go_behind(sandbox: &Sandbox, proxy: &str, modcache: &Path) -> Command {
    let mut command = sandbox.command("go");
    command
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("GOMODCACHE", modcache)
        .env("GOPATH", sandbox.path("gopath"))
        .env("GOCACHE", sandbox.path("gocache"))
        .env("GOENV", "off")
        .env("GOPROXY", "direct")
        .env("GOSUMDB", "off")
        .env("GOTOOLCHAIN", "local")
        .env("GOVCS", "*:all")
        .env("GOINSECURE", "*")
        .env("HTTP_PROXY", proxy)
        .env("HTTPS_PROXY", proxy)
        .env("NO_PROXY", "127.0.0.1");
    command
}
