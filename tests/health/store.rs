//! A cache with several modules in it, and what it takes to fill another one.

use crate::support::mirror::{Built, Mirror};
use crate::support::sandbox::{Sandbox, Told, run_well, tell};
use crate::support::tree::Listing;
use crate::world::{copy, listing};
use std::fs::{File, FileTimes};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

/// All that is in the cache; the version of a commit without a tag comes last.
pub(crate) const VERSIONS: [&str; 6] = [
    "example.com/a@v1.0.0",
    "example.com/a@v1.1.0",
    "example.com/a@v1.2.0",
    "example.com/b@v1.0.0",
    "example.com/b@v1.1.0",
    "example.org/Upper@v0.1.0",
];

/// Where the cache is.
const CACHE: &str = "modcache";

/// A sandbox with a cache, and a copy of it that nobody changes.
pub(crate) struct Store {
    pub(crate) sandbox: Sandbox,
    /// Lines of a go.sum file for all versions.
    pub(crate) sums: String,
    /// The version of a commit of `example.com/b` that has no tag.
    pub(crate) untagged: String,
}

impl Store {
    /// Fetches all versions, and metadata alone of `example.com/c@v1.0.0`.
    pub(crate) fn new() -> Store {
        let sandbox = Sandbox::new();
        for (name, mirror) in [("a", a()), ("Upper", upper())] {
            mirror.build(&sandbox.path(&format!("{name}.git")));
        }
        let b: Built = b().build(&sandbox.path("b.git"));
        let mut store = Store {
            sandbox,
            sums: String::new(),
            untagged: b.expand("example.com/b@v1.1.1-0.{tip:pseudo}"),
        };
        let untagged = store.untagged.clone();
        let mut fetch = store.fetch_into("sound", &VERSIONS);
        store.sums = String::from_utf8(run_well(fetch.arg(untagged)).stdout).expect("text");
        let versions = "sound/cache/download/example.com/c/@v";
        store
            .sandbox
            .write(&format!("{versions}/v1.0.0.mod"), "module example.com/c\n");
        store.sandbox.write(&format!("{versions}/list"), "v1.0.0\n");
        copy(&store.sandbox.path("sound"), &store.cache());
        store
    }

    /// The cache.
    pub(crate) fn cache(&self) -> PathBuf {
        self.sandbox.path(CACHE)
    }

    /// Names a file of the cache.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.cache().join(name)
    }

    /// The cache that nobody changes, as a module proxy.
    pub(crate) fn proxy(&self) -> String {
        let folder = self.sandbox.path("sound/cache/download");
        format!("file://{}", folder.display())
    }

    /// Prepares our program for a cache.
    pub(crate) fn command_for(&self, verb: &str, cache: &Path) -> Command {
        let mut command = self.sandbox.gomodcache();
        command.arg(verb).arg("--modcache").arg(cache);
        command.env("GOENV", "off");
        command
    }

    /// Prepares our program for the cache.
    pub(crate) fn command(&self, verb: &str, arguments: &[&str]) -> Command {
        let mut command = self.command_for(verb, &self.cache());
        command.args(arguments);
        command
    }

    /// Runs our program for the cache.
    pub(crate) fn run(&self, verb: &str, arguments: &[&str]) -> Told {
        tell(&mut self.command(verb, arguments))
    }

    /// Prepares `gomodcache fetch` into a cache of this name.
    pub(crate) fn fetch_into(&self, cache: &str, versions: &[&str]) -> Command {
        let mut command = self.command_for("fetch", &self.sandbox.path(cache));
        command.args(versions).args(self.mirrors());
        command
    }

    /// The options that name all mirrors.
    pub(crate) fn mirrors(&self) -> Vec<String> {
        let roots = ["example.com/a", "example.com/b", "example.org/Upper"];
        let option = |root: &&str| {
            let name = root.rsplit('/').next().expect("a name");
            let repository = self.sandbox.path(&format!("{name}.git"));
            [
                "--mirror".to_owned(),
                format!("{root}={}", repository.display()),
            ]
        };
        roots.iter().flat_map(option).collect()
    }

    /// What is in the cache, but for locks.
    pub(crate) fn found(&self) -> Listing {
        listing(&self.cache())
    }

    /// What was in it at the beginning.
    pub(crate) fn sound(&self) -> Listing {
        listing(&self.sandbox.path("sound"))
    }

    /// Lets a version be used the last time so many days ago, and no less.
    pub(crate) fn was_used(&self, module: &str, days_ago: u64) {
        let used = SystemTime::now() - Duration::from_secs(86_400 * days_ago + 3600);
        for path in self.paths_of(module) {
            set_times(&path, used);
        }
    }

    /// The files of a version that are there, and its folder.
    pub(crate) fn paths_of(&self, module: &str) -> Vec<PathBuf> {
        let (path, version) = module.split_once('@').expect("a version");
        let path = path.replace("Upper", "!upper");
        let files = ["info", "mod", "zip", "ziphash"];
        let files = files.map(|kind| format!("cache/download/{path}/@v/{version}.{kind}"));
        let names = files.into_iter().chain([format!("{path}@{version}")]);
        let paths = names.map(|name| self.path(&name));
        paths.filter(|path| path.exists()).collect()
    }

    /// Writes a project that needs `example.com/a@v1.1.0` and `example.com/b@v1.1.0`.
    pub(crate) fn write_project(&self) {
        let go_mod = "module example.com/app\n\ngo 1.20\n\n\
                      require (\n\texample.com/a v1.1.0\n\texample.com/b v1.1.0 // indirect\n)\n";
        self.sandbox.write("work/app/go.mod", go_mod);
        let main = "package main\n\nimport \"example.com/a\"\n\nfunc main() { println(a.Name) }\n";
        self.sandbox.write("work/app/main.go", main);
        let is_needed = |line: &&str| {
            line.starts_with("example.com/a v1.1.0") || line.starts_with("example.com/b v1.1.0")
        };
        let sums = self.sums.lines().filter(is_needed);
        let sums: String = sums.flat_map(|line| [line, "\n"]).collect();
        self.sandbox.write("work/app/go.sum", sums);
    }
}

/// Sets the times at which a file or folder was read and written.
pub(crate) fn set_times(path: &Path, time: SystemTime) {
    let times = FileTimes::new().set_accessed(time).set_modified(time);
    let file = File::open(path).expect("readable");
    file.set_times(times).expect("times");
}

/// Three releases; the last one withdraws the second and advises against all.
fn a() -> Mirror {
    let go_mod = |head: &str, b: &str, tail: &str| {
        format!("{head}module example.com/a\n\ngo 1.20\n\nrequire example.com/b {b}\n{tail}")
    };
    let package = |name: &str| {
        format!("package a\n\nimport \"example.com/b\"\n\nconst Name = \"{name}\" + b.Name\n")
    };
    Mirror::new()
        .date("2020-01-01T00:00:00Z")
        .file("go.mod", go_mod("", "v1.0.0", ""))
        .file("a.go", package("one"))
        .release("v1.0.0")
        .date("2021-01-01T00:00:00Z")
        .file("go.mod", go_mod("", "v1.1.0", ""))
        .file("a.go", package("two"))
        .file("deep/er/a.go", "package er\n")
        .release("v1.1.0")
        .date("2022-01-01T00:00:00Z")
        .file(
            "go.mod",
            go_mod(
                "// Deprecated: use example.com/b.\n",
                "v1.1.0",
                "\nretract v1.1.0 // Too deep.\n",
            ),
        )
        .release("v1.2.0")
        .release("v1.3.0")
}

/// Two releases and a commit.
fn b() -> Mirror {
    Mirror::new()
        .date("2020-02-01T00:00:00Z")
        .file("go.mod", "module example.com/b\n\ngo 1.20\n")
        .file("b.go", "package b\n\nconst Name = \"b\"\n")
        .release("v1.0.0")
        .date("2020-03-01T00:00:00Z")
        .file("b.go", "package b\n\nconst Name = \" and b\"\n")
        .release("v1.1.0")
        .date("2020-04-01T00:00:00Z")
        .commit("tip")
}

fn upper() -> Mirror {
    Mirror::new()
        .date("2020-05-01T00:00:00Z")
        .go_mod("example.org/Upper")
        .file("u.go", "package upper\n")
        .release("v0.1.0")
}
