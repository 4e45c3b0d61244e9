//! Where the cache is: `--modcache`, and what go itself would take.

use crate::support::sample::{self, FIRST_SUMS};
use crate::support::sandbox::{Sandbox, tell};
use crate::support::{oracle, tests, unless};
use libtest_mimic::{Completion, Trial};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The tests of this group.
pub(crate) fn trials() -> Vec<Trial> {
    let places = places().into_iter().map(|place| {
        let name = format!("places::{}", place.name.replace(' ', "_"));
        unless(oracle::missing, name, move || {
            place.check();
            Ok(Completion::Completed)
        })
    });
    places
        .chain(tests!("places":
            the_option_beats_every_variable,
            a_relative_option_begins_at_the_working_folder,
        ))
        .collect()
}

/// Variables and a go env file; `{}` stands for the sandbox.
struct Place {
    name: &'static str,
    variables: &'static [(&'static str, &'static str)],
    files: &'static [(&'static str, &'static str)],
}

fn places() -> Vec<Place> {
    let place = |name, variables, files| Place {
        name,
        variables,
        files,
    };
    vec![
        place("without any setting it is in the home folder", &[], &[]),
        place("GOMODCACHE names it", &[("GOMODCACHE", "{}/one")], &[]),
        place("GOPATH names its parent", &[("GOPATH", "{}/one")], &[]),
        place(
            "the first folder of GOPATH counts",
            &[("GOPATH", "{}/one:{}/two")],
            &[],
        ),
        place(
            "an empty first folder of GOPATH",
            &[("GOPATH", ":{}/two")],
            &[],
        ),
        place(
            "GOMODCACHE beats GOPATH",
            &[("GOPATH", "{}/one"), ("GOMODCACHE", "{}/two")],
            &[],
        ),
        place(
            "an empty GOMODCACHE is none",
            &[("GOMODCACHE", ""), ("GOPATH", "{}/one")],
            &[],
        ),
        place("a relative GOMODCACHE", &[("GOMODCACHE", "one")], &[]),
        place("a relative GOPATH", &[("GOPATH", "one")], &[]),
        place("a GOPATH with a tilde", &[("GOPATH", "~/one")], &[]),
        place("no home folder", &[("HOME", "")], &[]),
        place(
            "the go env file of the home folder",
            &[],
            &[("home/.config/go/env", "GOMODCACHE={}/three\n")],
        ),
        place(
            "the go env file of XDG_CONFIG_HOME",
            &[("XDG_CONFIG_HOME", "{}/settings")],
            &[("settings/go/env", "GOMODCACHE={}/three\n")],
        ),
        place(
            "GOENV names the go env file",
            &[("GOENV", "{}/my.env")],
            &[("my.env", "GOMODCACHE={}/three\n")],
        ),
        place(
            "GOENV=off reads no go env file",
            &[("GOENV", "off")],
            &[("home/.config/go/env", "GOMODCACHE={}/three\n")],
        ),
        place(
            "a variable beats the go env file",
            &[("GOENV", "{}/my.env"), ("GOMODCACHE", "{}/one")],
            &[("my.env", "GOMODCACHE={}/three\n")],
        ),
        place(
            "a GOPATH variable does not beat GOMODCACHE of the go env file",
            &[("GOENV", "{}/my.env"), ("GOPATH", "{}/one")],
            &[("my.env", "GOMODCACHE={}/three\n")],
        ),
        place(
            "GOPATH of the go env file",
            &[("GOENV", "{}/my.env")],
            &[("my.env", "GOPATH={}/three\n")],
        ),
        place(
            "comments and empty lines in the go env file",
            &[("GOENV", "{}/my.env")],
            &[("my.env", "# about\n\nGOPATH={}/three\nnonsense\n")],
        ),
        place(
            "the last line of the go env file counts",
            &[("GOENV", "{}/my.env")],
            &[("my.env", "GOMODCACHE={}/three\nGOMODCACHE={}/four\n")],
        ),
        place(
            "quotes in the go env file are taken as they are",
            &[("GOENV", "{}/my.env")],
            &[("my.env", "GOMODCACHE=\"{}/three\"\n")],
        ),
        place(
            "Windows line ends in the go env file",
            &[("GOENV", "{}/my.env")],
            &[("my.env", "GOMODCACHE={}/three\r\n")],
        ),
        place(
            "a go env file that is missing",
            &[("GOENV", "{}/nowhere.env")],
            &[],
        ),
    ]
}

impl Place {
    fn prepared(&self, sandbox: &Sandbox, mut command: Command) -> Command {
        let folder = sandbox.path("").display().to_string();
        let folder = folder.trim_end_matches('/');
        for (name, value) in self.variables {
            command.env(name, value.replace("{}", folder));
        }
        for (name, content) in self.files {
            sandbox.write(name, content.replace("{}", folder));
        }
        command
    }

    fn check(&self) {
        let sandbox = sample::sandbox();
        let mut go = sandbox.command("go");
        go.args(["env", "GOMODCACHE"])
            .env("GOTOOLCHAIN", "local")
            .env("GOTELEMETRY", "off");
        let go = tell(&mut self.prepared(&sandbox, go));
        let mut ours = sandbox.gomodcache();
        ours.args(["fetch", "example.com/m@v1.0.0", "--mirror"])
            .arg(format!("example.com/m={}", sandbox.path("m.git").display()));
        let ours = tell(&mut self.prepared(&sandbox, ours));
        // `go env` prints what it is told; every other command demands an absolute path.
        let place = PathBuf::from(go.stdout.trim_end_matches('\n'));
        if go.code != Some(0) || !place.is_absolute() {
            assert!(
                matches!(ours.code, Some(1 | 2)),
                "go refuses: {go:#?}\nours: {ours:#?}"
            );
            return;
        }
        ours.prints(FIRST_SUMS);
        assert!(has_version(&place), "not in {}: {ours:#?}", place.display());
    }
}

fn has_version(modcache: &Path) -> bool {
    let download = modcache.join("cache/download/example.com/m/@v/v1.0.0.zip");
    download.is_file() && modcache.join("example.com/m@v1.0.0/m.go").is_file()
}

fn the_option_beats_every_variable() {
    let sandbox = sample::sandbox();
    let mut command = sample::fetch(&sandbox, &["example.com/m@v1.0.0"]);
    command
        .env("GOMODCACHE", sandbox.path("one"))
        .env("GOPATH", sandbox.path("two"));
    tell(&mut command).prints(FIRST_SUMS);
    assert!(has_version(&sandbox.path("modcache")));
    assert!(!sandbox.path("one").exists() && !sandbox.path("two").exists());
}

fn a_relative_option_begins_at_the_working_folder() {
    let sandbox = sample::sandbox();
    let mut command = sandbox.gomodcache();
    command.args([
        "fetch",
        "example.com/m@v1.0.0",
        "--mirror",
        "example.com/m=../m.git",
        "--modcache",
        "./mod",
    ]);
    tell(&mut command).prints(FIRST_SUMS);
    assert!(has_version(&sandbox.path("work/mod")));
}
