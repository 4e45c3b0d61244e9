//! A cache that is sound, copies of it to be damaged, and a module proxy that has all that was in it.

use crate::support::mirror::Mirror;
use crate::support::sandbox::{Sandbox, Told, make_writable, run_well, tell};
use crate::support::tree::{self, Listing, Origin};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The files of the versions in a cache.
pub(crate) const VERSIONS: &str = "cache/download/example.com/m/@v";

/// The cache that tests work on.
pub(crate) const CACHE: &str = "modcache";

/// A sandbox with a sound cache, and a copy of it that nobody changes.
pub(crate) struct World {
    pub(crate) sandbox: Sandbox,
    /// Lines of a go.sum file for all versions.
    pub(crate) sums: String,
}

impl World {
    /// Makes the versions v1.0.0 and so on, a few files each.
    pub(crate) fn new(versions: usize) -> World {
        let sandbox = Sandbox::new();
        mirror(versions).build(&sandbox.path("m.git"));
        let mut fetch = sandbox.gomodcache();
        let requests = (0..versions).map(|number| format!("example.com/m@v1.{number}.0"));
        fetch.arg("fetch").args(requests).arg("--modcache");
        fetch.arg(sandbox.path("sound"));
        fetch.arg("--mirror").arg(repository(&sandbox));
        let sums = String::from_utf8(run_well(&mut fetch).stdout).expect("text");
        let world = World { sandbox, sums };
        world.begin_anew();
        world
    }

    /// Copies the sound cache to where tests work.
    pub(crate) fn begin_anew(&self) {
        copy(&self.sandbox.path("sound"), &self.sandbox.path(CACHE));
    }

    /// Names a file of the cache.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.sandbox.path(CACHE).join(name)
    }

    /// Prepares `gomodcache verify` of the cache.
    pub(crate) fn verify(&self) -> Command {
        let mut command = self.sandbox.gomodcache();
        command.arg("verify").arg("--modcache");
        command.arg(self.sandbox.path(CACHE));
        command
    }

    /// Prepares `gomodcache verify --repair` with the proxy that has everything.
    pub(crate) fn repair(&self) -> Command {
        let mut command = self.verify();
        let proxy = self.sandbox.path("sound/cache/download");
        command.args(["--repair", "--sumdb", "auto", "--proxy"]);
        command.arg(format!("file://{}", proxy.display()));
        command.env("GOSUMDB", "off");
        command
    }

    /// Writes a go.sum file with all sums, and gives its name.
    pub(crate) fn go_sum(&self) -> PathBuf {
        self.sandbox.write("go.sum", &self.sums)
    }

    /// What is in the sound cache.
    pub(crate) fn sound(&self) -> Listing {
        listing(&self.sandbox.path("sound"))
    }

    /// What is in the cache.
    pub(crate) fn found(&self) -> Listing {
        listing(&self.sandbox.path(CACHE))
    }

    /// Demands that the cache is as the sound one, byte for byte.
    pub(crate) fn assert_sound(&self) {
        assert_eq!(tree::difference(&self.sound(), &self.found()), "");
        self.assert_verified(&tell(&mut self.verify()));
    }

    /// Demands of what `verify` said that nothing is wrong.
    pub(crate) fn assert_verified(&self, told: &Told) {
        assert_eq!(
            (told.code, told.stdout.as_str()),
            (Some(0), ""),
            "{told:#?}"
        );
        told.mentions(["versions: all is well"]);
    }
}

/// The rule that leads to the repository.
pub(crate) fn repository(sandbox: &Sandbox) -> String {
    format!("example.com/m={}", sandbox.path("m.git").display())
}

/// Lists a cache but for locks, which are no matter.
pub(crate) fn listing(cache: &Path) -> Listing {
    let mut listing = tree::list(cache, Origin::Compared);
    listing.retain(|name, _| !name.ends_with(".lock"));
    listing
}

/// Makes a copy of a folder in place of what is there.
pub(crate) fn copy(from: &Path, to: &Path) {
    if to.exists() {
        make_writable(to);
        std::fs::set_permissions(to, std::os::unix::fs::PermissionsExt::from_mode(0o755))
            .expect("writable");
        std::fs::remove_dir_all(to).expect("removed");
    }
    run_well(Command::new("cp").arg("-a").arg(from).arg(to));
}

fn mirror(versions: usize) -> Mirror {
    let line = "// A line of this file, which is long enough to fill it.\n";
    (0..versions).fold(Mirror::new().go_mod("example.com/m"), |mirror, number| {
        let text = format!("package m\n\n// Number is {number}.\nconst Number = {number}\n");
        let other = format!("package p\n\n{}", line.repeat(5 + number));
        mirror
            .file("m.go", text)
            .file("p/p.go", other)
            .file("p/q/q.go", "package q\n")
            .release(&format!("v1.{number}.0"))
    })
}
