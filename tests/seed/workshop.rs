//! A project, its world, and go with and without a network.

use crate::support::oracle;
use crate::support::sandbox::{Sandbox, Told, run_well, tell};
use crate::support::server::Server;
use crate::support::tree::{self, Listing, Origin};
use crate::world::World;
use std::path::{Path, PathBuf};
use std::process::Command;

/// One test's machine.
pub(crate) struct Workshop {
    pub(crate) sandbox: Sandbox,
    pub(crate) world: World,
    pub(crate) server: Server,
}

impl Workshop {
    /// Begins with these files in the working folder; words in them stand for versions of commits without
    /// a tag.
    pub(crate) fn new(files: &[(&str, String)]) -> Workshop {
        let sandbox = Sandbox::new();
        let server = Server::start(&sandbox);
        let world = World::build(&sandbox, &server);
        for (name, content) in files {
            sandbox.write(&format!("work/{name}"), world.expand(content));
        }
        Workshop {
            sandbox,
            world,
            server,
        }
    }

    /// The cache that our program fills.
    pub(crate) fn cache(&self) -> PathBuf {
        self.sandbox.path("ours")
    }

    /// Runs go with its own cache and the network.
    pub(crate) fn online(&self, arguments: &[&str]) -> String {
        let go_cache = self.sandbox.path("go");
        let mut command = oracle::go(&self.sandbox, &self.server, &go_cache);
        shared_build_cache(&mut command);
        succeeded(command.args(arguments))
    }

    /// Prepares go with our cache and without a network.
    pub(crate) fn offline(&self, arguments: &[&str]) -> Command {
        self.offline_in(&self.cache(), arguments)
    }

    /// Prepares go with another cache and without a network.
    pub(crate) fn offline_in(&self, cache: &Path, arguments: &[&str]) -> Command {
        let mut command = oracle::go(&self.sandbox, &self.server, cache);
        shared_build_cache(&mut command);
        command
            .env("GOPROXY", "off")
            .env("HTTP_PROXY", "http://127.0.0.1:9")
            .env("HTTPS_PROXY", "http://127.0.0.1:9")
            .args(arguments);
        command
    }

    /// Runs `gomodcache seed` with all mirrors and these arguments.
    pub(crate) fn seed(&self, arguments: &[&str]) -> Told {
        let mirrors = self.world.mirrors();
        tell(self.ours("seed", arguments).args(mirrors))
    }

    /// Runs `gomodcache seed` without any mirror.
    pub(crate) fn seed_without_mirrors(&self, arguments: &[&str]) -> Told {
        tell(&mut self.ours("seed", arguments))
    }

    /// Runs `gomodcache check`.
    pub(crate) fn check(&self, arguments: &[&str]) -> Told {
        tell(&mut self.ours("check", arguments))
    }

    pub(crate) fn ours(&self, verb: &str, arguments: &[&str]) -> Command {
        self.ours_in(&self.cache(), verb, arguments)
    }

    /// Prepares a command of ours for another cache.
    pub(crate) fn ours_in(&self, cache: &Path, verb: &str, arguments: &[&str]) -> Command {
        let mut command = self.sandbox.gomodcache();
        command
            .args([verb, "--modcache"])
            .arg(cache)
            .args(arguments)
            .env("GOENV", "off");
        command
    }

    /// Lists what go's cache has and ours must have, too: everything but locks and version lists.
    pub(crate) fn lacking(&self) -> Listing {
        let mut go = tree::list(&self.sandbox.path("go"), Origin::TakenOut);
        let ours = tree::list(&self.cache(), Origin::TakenOut);
        go.retain(|name, content| {
            name.contains('@')
                && !name.ends_with(".lock")
                && !name.ends_with("@v/list")
                && ours.get(name) != Some(content)
        });
        go
    }

    /// Where go keeps what it compiles: the standard library is compiled once for all tests, not once for each.
    pub(crate) fn build_cache() -> PathBuf {
        Path::new(env!("CARGO_TARGET_TMPDIR")).join("go-build")
    }

    /// Reads a file of the project.
    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.sandbox.path("work").join(name)).unwrap_or_default()
    }
}

/// Runs a command and gives what it prints; anything but success fails the test.
pub(crate) fn succeeded(command: &mut Command) -> String {
    String::from_utf8(run_well(command).stdout).expect("text")
}

fn shared_build_cache(command: &mut Command) {
    command.env("GOCACHE", Workshop::build_cache());
}
