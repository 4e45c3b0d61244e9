//! Toolchains by the command line: from a proxy, from archives, and what `seed` says of them.

use super::{here, small_release};
use crate::databases::world::go;
use crate::loopback::{Answer, Loopback};
use crate::sumdb::TestDatabase;
use crate::support::oracle_tests;
use crate::support::sandbox::{Sandbox, Told, make_writable, run_well, tell};
use libtest_mimic::Trial;
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use zip::write::SimpleFileOptions;

/// The tests of this group.
pub(super) fn trials() -> Vec<Trial> {
    oracle_tests!("toolchains":
        go_switches_to_a_toolchain_from_a_proxy,
        go_switches_to_a_toolchain_from_an_archive,
        go_switches_by_go_mod_with_what_env_prints,
        a_toolchain_of_another_sum_ends_with_3_and_leaves_nothing,
        a_toolchain_is_not_taken_unverified_unless_the_user_says_so,
        seed_tells_how_to_get_the_toolchain_that_a_project_wants,
    )
}

const NAME: &str = "sum.example/test";
const WINDOWS: &str = "v0.0.1-go1.99.1.windows-arm64";

/// Archives of a release for this machine and another, and a server with their modules and a database.
struct World {
    sandbox: Sandbox,
    archives: [PathBuf; 2],
    server: Loopback,
    gosumdb: String,
}

/// Which sums the database has.
#[derive(Clone, Copy, PartialEq)]
enum Sums {
    Right,
    Wrong,
}

impl World {
    fn new(sums: Sums) -> World {
        let sandbox = Sandbox::new();
        let archives = [small_release(&sandbox), release_for_windows(&sandbox)];
        let mut make = fetch(&sandbox, "made");
        make.args(["--sumdb", "off", "--json"]);
        for archive in &archives {
            make.arg("--from").arg(archive);
        }
        let made = run_well(&mut make).stdout;
        let mut database = TestDatabase::new(NAME, 7);
        for module in serde_json::Deserializer::from_slice(&made).into_iter::<Value>() {
            let module = module.expect("a module");
            let text = |key: &str| module[key].as_str().expect(key).to_owned();
            let zip = match sums {
                Sums::Right => text("Sum"),
                Sums::Wrong => "h1:other=".to_owned(),
            };
            database.add_module(&text("Path"), &text("Version"), [&zip, &text("GoModSum")]);
            database.fill(3);
        }
        let key = database.verifier_key();
        let served = sandbox.path("made/mod/cache/download");
        let server = Loopback::start(move |asked| {
            let content = match asked.target.strip_prefix("/direct/") {
                Some(path) => database.answer(path),
                None => std::fs::read(served.join(&asked.target[1..])).ok(),
            };
            content.map_or_else(|| Answer::status(404).text("not found"), Answer::ok)
        });
        World {
            gosumdb: format!("{key} {}/direct", server.url()),
            sandbox,
            archives,
            server,
        }
    }

    /// Prepares `fetch` with the database, for a user with a cache of their own.
    fn fetch(&self, user: &str) -> Command {
        let mut command = fetch(&self.sandbox, user);
        command.env("GOSUMDB", &self.gosumdb);
        command
    }

    /// Takes the cache of one user to another in a bundle.
    fn carry(&self, from: &str, to: &str) {
        for (user, arguments) in [
            (from, &["pack", "--all", "-o", "all.tar.zst"][..]),
            (to, &["unpack", "all.tar.zst"]),
        ] {
            let modcache = self.sandbox.path(&format!("{user}/mod"));
            let mut command = self.sandbox.gomodcache();
            command.env("GOSUMDB", &self.gosumdb).args(arguments);
            run_well(command.arg("--modcache").arg(modcache));
        }
    }

    /// What go says without a network, which verifies what it switches to.
    fn go_version(&self, user: &str, toolchain: &str) -> String {
        let output = run_well(
            go(&self.sandbox, &self.sandbox.path(user))
                .arg("version")
                .env("GOFLAGS", "")
                .env("GOTOOLCHAIN", toolchain)
                .env("GOPROXY", "off")
                .env(
                    "GOSUMDB",
                    self.gosumdb
                        .replace(&self.server.url(), "http://127.0.0.1:1"),
                ),
        );
        String::from_utf8(output.stdout).expect("text")
    }
}

const SWITCHED: &str = "small go: version\nmodule std\n";

fn fetch(sandbox: &Sandbox, user: &str) -> Command {
    let mut command = sandbox.gomodcache();
    command
        .env("GOENV", "off")
        .env("GOPATH", sandbox.path(&format!("{user}/gopath")))
        .env("GOMODCACHE", sandbox.path(&format!("{user}/mod")))
        .arg("fetch");
    command
}

/// The archive of a release as Windows gets it.
fn release_for_windows(sandbox: &Sandbox) -> PathBuf {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default();
    zip.add_directory("go/", options).expect("a folder");
    for (name, content) in [
        ("go/VERSION", "go1.99.1\ntime 2030-01-02T03:04:05Z\n"),
        ("go/api/go1.txt", "left out"),
        ("go/bin/go.exe", "MZ"),
        ("go/pkg/tool/windows_arm64/compile.exe", "MZ"),
        ("go/src/go.mod", "module std\n"),
        ("go/test/t.go", "left out"),
    ] {
        zip.start_file(name, options).expect("an entry");
        zip.write_all(content.as_bytes()).expect("content");
    }
    let content = zip.finish().expect("a zip").into_inner();
    sandbox.write("go1.99.1.windows-arm64.zip", content)
}

fn go_switches_to_a_toolchain_from_a_proxy() {
    let world = World::new(Sums::Right);
    let told = tell(
        world
            .fetch("user")
            .args(["--toolchain", "go1.99.1", "--platform"])
            .arg(format!("{},windows/arm64", here()))
            .args(["--proxy", &world.server.url()]),
    );
    told.prints("");
    let summary = format!("fetched 2, already there 0; verified by {NAME} 2\n");
    assert_eq!(told.stderr, summary);
    assert_eq!(world.go_version("user", "go1.99.1"), SWITCHED);
    let windows = format!("user/mod/golang.org/toolchain@{WINDOWS}/bin/go.exe");
    assert!(world.sandbox.path(&windows).exists());
    let again =
        tell(
            world
                .fetch("user")
                .args(["--toolchain", "go1.99.1", "--proxy", &world.server.url()]),
        );
    let summary = format!("fetched 0, already there 1; verified by {NAME} 1\n");
    assert_eq!(again.stderr, summary);
    what_go_has_used_is_sound(&world, "user");
}

/// Go has copied files into the folder that are in no zip; with the zip gone, the folder alone has the sum.
fn what_go_has_used_is_sound(world: &World, user: &str) {
    let version = format!("v0.0.1-go1.99.1.{}", here().replace('/', "-"));
    let modcache = world.sandbox.path(&format!("{user}/mod"));
    let source = modcache.join(format!("golang.org/toolchain@{version}/src"));
    let verify = || {
        let mut command = world.sandbox.gomodcache();
        command.env("GOSUMDB", &world.gosumdb);
        tell(command.args(["verify", "--modcache"]).arg(&modcache))
    };
    let sound = "verified 2 versions: all is well\n";
    assert!(source.join("go.mod").exists());
    assert_eq!(verify().stderr, sound);
    let zip = format!("cache/download/golang.org/toolchain/@v/{version}.zip");
    std::fs::remove_file(modcache.join(zip)).expect("gone");
    assert_eq!(verify().stderr, sound);
    make_writable(&modcache);
    std::fs::write(source.join("go.mod"), "module other\n").expect("another");
    assert_eq!(verify().code, Some(3));
}

fn go_switches_to_a_toolchain_from_an_archive() {
    let world = World::new(Sums::Right);
    let [archive, windows] = &world.archives;
    for (user, options) in [("all", &[][..]), ("zips", &["--no-extract"])] {
        let mut command = world.fetch(user);
        command.arg("--from").arg(archive);
        let told = tell(command.arg("--from").arg(windows).args(options));
        told.prints("");
        let summary = format!("fetched 2, already there 0; verified by {NAME} 2\n");
        assert_eq!(told.stderr, summary);
        let zip = format!("{user}/mod/cache/download/golang.org/toolchain/@v/{WINDOWS}.zip");
        assert!(world.sandbox.path(&zip).exists());
        assert_eq!(world.go_version(user, "go1.99.1"), SWITCHED);
        let version = here().replace('/', "-");
        let program = format!("{user}/mod/golang.org/toolchain@v0.0.1-go1.99.1.{version}/bin/go");
        let metadata = std::fs::metadata(world.sandbox.path(&program)).expect("a program");
        assert_eq!(metadata.permissions().mode() & 0o111, 0o111);
    }
    world.carry("all", "carried");
    assert_eq!(world.go_version("carried", "go1.99.1"), SWITCHED);
    let scratch = walkdir::WalkDir::new(world.sandbox.path("user-cache"));
    let left: Vec<_> = scratch
        .into_iter()
        .flatten()
        .filter(|entry| entry.file_type().is_file())
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

/// A release for another machine is none that go could switch to, and must not lead it to try.
fn go_switches_by_go_mod_with_what_env_prints() {
    let world = World::new(Sums::Right);
    let here = here();
    for (user, platform, toolchain) in [
        ("native", here.as_str(), "auto"),
        ("foreign", "windows/arm64", "local"),
    ] {
        let mut command = world.fetch(user);
        command.args(["--toolchain", "go1.99.1", "--platform", platform]);
        run_well(command.args(["--proxy", &world.server.url()]));
        let mut command = world.sandbox.gomodcache();
        command.args(["env", "--json", "--modcache"]);
        let printed = run_well(command.arg(world.sandbox.path(&format!("{user}/mod"))));
        let settings: BTreeMap<String, String> =
            serde_json::from_slice(&printed.stdout).expect("an object");
        assert_eq!(settings["GOTOOLCHAIN"], toolchain);
        let go_mod = world.sandbox.write(
            &format!("{user}/project/go.mod"),
            "module example.com/m\n\ngo 1.99.1\n",
        );
        let mut command = go(&world.sandbox, &world.sandbox.path(user));
        command.args(["list", "-m"]).envs(&settings);
        let told = tell(command.current_dir(go_mod.parent().expect("a folder")));
        match user {
            "native" => assert!(
                told.stdout.starts_with("small go: list -m\nmodule std\n"),
                "{}",
                told.stderr
            ),
            _ => told.fails(1, ["go.mod requires go >= 1.99.1", "GOTOOLCHAIN=local"]),
        }
    }
}

/// The files of toolchains that a cache has, but for locks.
fn toolchain_files(modcache: &Path) -> Vec<String> {
    walkdir::WalkDir::new(modcache)
        .into_iter()
        .flatten()
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| entry.path().display().to_string())
        .filter(|path| path.contains("golang.org/toolchain") && !path.contains("/sumdb/"))
        .filter(|path| !path.ends_with(".lock"))
        .collect()
}

fn a_toolchain_of_another_sum_ends_with_3_and_leaves_nothing() {
    let world = World::new(Sums::Wrong);
    let url = world.server.url();
    let archive = world.archives[0].display().to_string();
    for arguments in [
        &["--toolchain", "go1.99.1", "--proxy", &url][..],
        &["--from", &archive],
    ] {
        let told = tell(world.fetch("user").args(arguments));
        told.fails(
            3,
            [
                "golang.org/toolchain@v0.0.1-go1.99.1.",
                "checksum mismatch",
                NAME,
            ],
        );
        let left = toolchain_files(&world.sandbox.path("user/mod"));
        assert!(left.is_empty(), "{left:?}");
    }
}

fn a_toolchain_is_not_taken_unverified_unless_the_user_says_so() {
    let world = World::new(Sums::Right);
    let fetch = |options: &[&str]| -> Told {
        let mut command = world.fetch("user");
        command
            .args(["--toolchain", "go1.99.1", "--proxy", &world.server.url()])
            .args(options)
            .env("GOSUMDB", "off");
        tell(&mut command)
    };
    fetch(&[]).fails(
        1,
        ["a toolchain is verified with the checksum database, and GOSUMDB is off"],
    );
    let told = fetch(&["--sumdb", "off"]);
    told.prints("");
    assert_eq!(told.stderr, "fetched 1, already there 0\n");
}

fn seed_tells_how_to_get_the_toolchain_that_a_project_wants() {
    let world = World::new(Sums::Right);
    world
        .sandbox
        .write("work/go.mod", "module example.com/main\n\ngo 1.99.1\n");
    let mut seed = world.sandbox.gomodcache();
    seed.arg("seed")
        .env("GOENV", "off")
        .env("GOMODCACHE", world.sandbox.path("user/mod"))
        .env("GOPROXY", world.server.url())
        .env("PATH", std::env::var_os("PATH").unwrap_or_default());
    let told = tell(&mut seed);
    assert_eq!(told.code, Some(0), "{told:#?}");
    let line = told.stderr.lines().next().expect("a line");
    let command = line
        .strip_prefix("go1.99.1 is wanted, and the go on PATH is older; offline it comes from the cache: gomodcache fetch ")
        .unwrap_or_else(|| panic!("{told:#?}"));
    let mut fetch = world.fetch("user");
    fetch
        .args(command.split(' '))
        .env("GOPROXY", world.server.url());
    assert_eq!(tell(&mut fetch).code, Some(0));
    // As the project says, without being told.
    assert_eq!(world.go_version("user", "auto"), SWITCHED);
}
