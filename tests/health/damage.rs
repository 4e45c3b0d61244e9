//! Every kind of damage: `verify` tells exactly that, `--repair` mends it, and go judges alike.

use crate::support::oracle;
use crate::support::sandbox::{make_writable, run, tell};
use crate::support::server::Server;
use crate::support::{oracle_tests, tests};
use crate::world::{VERSIONS, World, listing};
use libtest_mimic::Trial;
use std::path::Path;

/// The tests of this group.
pub(crate) fn trials() -> Vec<Trial> {
    let mut trials: Vec<Trial> = DAMAGES
        .iter()
        .map(|damage| {
            Trial::test(format!("damage::{}", damage.name), || {
                damage.is_told_and_mended();
                Ok(())
            })
        })
        .collect();
    trials.extend(tests!("damage":
        a_sound_cache_is_left_as_it_is,
        a_zip_may_be_gone,
        without_a_source_what_is_wrong_stays_and_is_told,
        a_mirror_mends_what_a_proxy_does,
        findings_are_objects_for_programs,
        a_name_that_matches_nothing_is_an_error,
        what_is_for_reading_only_can_be_verified,
    ));
    trials.extend(oracle_tests!("damage":
        go_judges_alike,
        a_cache_that_go_has_made_is_sound,
    ));
    trials
}

/// A sum of nothing.
pub(crate) const OTHER_SUM: &str = "h1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

/// A kind of damage to version v1.1.0.
struct Damage {
    name: &'static str,
    /// What is done to a cache.
    done: fn(&Path),
    /// What `verify` prints of it; `{sum}` is the sum of the version.
    told: &'static str,
    /// How it ends.
    code: i32,
    /// What `--repair` adds to it.
    repaired: &'static str,
    /// Whether `go mod verify` complains.
    go_complains: bool,
}

const DAMAGES: &[Damage] = &[
    Damage {
        name: "a_flipped_bit_in_a_zip",
        done: |cache| flip(&cache.join(VERSIONS).join("v1.1.0.zip"), 65),
        told: "example.com/m@v1.1.0  zip  is damaged: example.com/m@v1.1.0/go.mod: zip: checksum error",
        code: 3,
        repaired: "fetched again",
        go_complains: true,
    },
    Damage {
        name: "half_a_zip",
        done: |cache| {
            change(&cache.join(VERSIONS).join("v1.1.0.zip"), |it| {
                it.truncate(it.len() / 2)
            })
        },
        told: "example.com/m@v1.1.0  zip  is damaged: zip: not a valid zip file",
        code: 3,
        repaired: "fetched again",
        go_complains: true,
    },
    Damage {
        name: "zero_bytes_in_place_of_a_zip",
        done: |cache| change(&cache.join(VERSIONS).join("v1.1.0.zip"), |it| it.fill(0)),
        told: "example.com/m@v1.1.0  zip  is damaged: zip: not a valid zip file",
        code: 3,
        repaired: "fetched again",
        go_complains: true,
    },
    Damage {
        name: "the_zip_of_another_version",
        done: |cache| {
            let versions = cache.join(VERSIONS);
            std::fs::copy(versions.join("v1.0.0.zip"), versions.join("v1.1.0.zip"))
                .expect("copied");
        },
        told: "example.com/m@v1.1.0  zip  is damaged: example.com/m@v1.0.0/go.mod: path does not have prefix \"example.com/m@v1.1.0/\" \
               example.com/m@v1.0.0/m.go: path does not have prefix \"example.com/m@v1.1.0/\" \
               example.com/m@v1.0.0/p/p.go: path does not have prefix \"example.com/m@v1.1.0/\" \
               example.com/m@v1.0.0/p/q/q.go: path does not have prefix \"example.com/m@v1.1.0/\"",
        code: 3,
        repaired: "fetched again",
        go_complains: true,
    },
    Damage {
        name: "no_hash",
        done: |cache| {
            std::fs::remove_file(cache.join(VERSIONS).join("v1.1.0.ziphash")).expect("gone")
        },
        told: "example.com/m@v1.1.0  ziphash  holds no sum",
        code: 1,
        repaired: "written anew",
        go_complains: true,
    },
    Damage {
        name: "zero_bytes_in_place_of_a_hash",
        done: |cache| {
            change(&cache.join(VERSIONS).join("v1.1.0.ziphash"), |it| {
                it.fill(0)
            })
        },
        told: "example.com/m@v1.1.0  ziphash  holds no sum",
        code: 1,
        repaired: "written anew",
        go_complains: true,
    },
    Damage {
        name: "the_hash_of_something_else",
        done: |cache| write(&cache.join(VERSIONS).join("v1.1.0.ziphash"), OTHER_SUM),
        told: "example.com/m@v1.1.0  ziphash  is h1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=, and the zip has sum {sum}, as the folder has",
        code: 3,
        repaired: "written anew",
        go_complains: true,
    },
    Damage {
        name: "a_flipped_bit_in_a_file_of_a_folder",
        done: |cache| flip(&cache.join("example.com/m@v1.1.0/p/p.go"), 20),
        told: "example.com/m@v1.1.0  folder  differs from the zip: p/p.go is changed",
        code: 3,
        repaired: "extracted from the zip",
        go_complains: true,
    },
    Damage {
        name: "more_less_and_other_files_in_a_folder",
        done: |cache| {
            let folder = open(cache);
            std::fs::remove_file(folder.join("m.go")).expect("gone");
            std::fs::create_dir(folder.join("m.go")).expect("a folder");
            write(&folder.join("p/new.go"), "package p\n");
            std::fs::remove_dir_all(folder.join("p/q")).expect("gone");
            std::os::unix::fs::symlink("m.go", folder.join("link")).expect("a link");
        },
        told: "example.com/m@v1.1.0  folder  differs from the zip: link is not in the zip, m.go is no plain file, p/new.go is not in the zip, p/q/q.go is missing",
        code: 3,
        repaired: "extracted from the zip",
        go_complains: true,
    },
    Damage {
        name: "a_file_in_place_of_a_folder",
        done: |cache| {
            std::fs::remove_dir_all(open(cache)).expect("gone");
            write(&cache.join("example.com/m@v1.1.0"), "");
        },
        told: "example.com/m@v1.1.0  folder  differs from the zip: go.mod is missing, m.go is missing, p/p.go is missing, p/q/q.go is missing",
        code: 3,
        repaired: "extracted from the zip",
        go_complains: false,
    },
    Damage {
        name: "half_a_folder",
        done: |cache| {
            std::fs::remove_dir_all(open(cache).join("p")).expect("gone");
            write(&cache.join(VERSIONS).join("v1.1.0.partial"), "");
        },
        told: "example.com/m@v1.1.0  folder  was not extracted to the end",
        code: 1,
        repaired: "extracted from the zip",
        go_complains: false,
    },
    Damage {
        name: "half_a_folder_whose_hash_is_gone",
        done: |cache| {
            std::fs::remove_dir_all(open(cache).join("p")).expect("gone");
            std::fs::remove_file(cache.join(VERSIONS).join("v1.1.0.ziphash")).expect("gone");
        },
        told: "example.com/m@v1.1.0  ziphash  holds no sum\n\
               example.com/m@v1.1.0  folder   differs from the zip: p/p.go is missing, p/q/q.go is missing",
        code: 3,
        repaired: "",
        go_complains: true,
    },
    Damage {
        name: "a_folder_that_differs_and_has_no_zip",
        done: |cache| {
            flip(&cache.join("example.com/m@v1.1.0/m.go"), 0);
            std::fs::remove_file(cache.join(VERSIONS).join("v1.1.0.zip")).expect("gone");
        },
        told: "example.com/m@v1.1.0  folder  has sum h1:WoH4hKp/nPYq3PAGtqscEPkFpGcDtSjbb3AZ4AHo8JU=, and .ziphash says {sum}",
        code: 3,
        repaired: "",
        go_complains: true,
    },
    Damage {
        name: "a_folder_without_anything_else",
        done: |cache| {
            write(&cache.join("example.com/m@v1.9.0/a.go"), "package a\n");
        },
        told: "example.com/m@v1.9.0  folder  has neither zip nor hash: go does not use it",
        code: 1,
        repaired: "removed: go extracts it again",
        go_complains: false,
    },
    Damage {
        name: "an_info_of_another_version",
        done: |cache| {
            let versions = cache.join(VERSIONS);
            std::fs::copy(versions.join("v1.0.0.info"), versions.join("v1.1.0.info"))
                .expect("copied");
        },
        told: "example.com/m@v1.1.0  info  is that of v1.0.0",
        code: 1,
        repaired: "fetched again",
        go_complains: false,
    },
    Damage {
        name: "zero_bytes_in_place_of_an_info",
        done: |cache| change(&cache.join(VERSIONS).join("v1.1.0.info"), |it| it.fill(0)),
        told: "example.com/m@v1.1.0  info  cannot be parsed: it is no JSON: expected value at line 1 column 1",
        code: 1,
        repaired: "fetched again",
        go_complains: false,
    },
    Damage {
        name: "zero_bytes_in_place_of_a_go_mod",
        done: |cache| change(&cache.join(VERSIONS).join("v1.1.0.mod"), |it| it.fill(0)),
        told: "example.com/m@v1.1.0  mod  cannot be parsed: go.mod:1: unexpected input character '\\x00'",
        code: 1,
        repaired: "taken from the zip",
        go_complains: true,
    },
    Damage {
        name: "another_go_mod",
        done: |cache| {
            write(
                &cache.join(VERSIONS).join("v1.1.0.mod"),
                "module example.com/m\n\ngo 1.20\n",
            )
        },
        told: "example.com/m@v1.1.0  mod  is not the go.mod in the zip",
        code: 1,
        repaired: "taken from the zip",
        go_complains: true,
    },
    Damage {
        name: "a_list_without_a_version",
        done: |cache| write(&cache.join(VERSIONS).join("list"), "v1.0.0\n"),
        told: "example.com/m  list  is not that of the .mod files",
        code: 1,
        repaired: "written anew",
        go_complains: false,
    },
    Damage {
        name: "a_list_out_of_order",
        done: |cache| write(&cache.join(VERSIONS).join("list"), "v1.1.0\nv1.0.0\n"),
        told: "example.com/m  list  is not that of the .mod files",
        code: 1,
        repaired: "written anew",
        go_complains: false,
    },
    Damage {
        name: "a_temporary_file",
        done: |cache| write(&cache.join(VERSIONS).join("v1.1.0.zip123.tmp"), "half"),
        told: "{cache}/cache/download/example.com/m/@v/v1.1.0.zip123.tmp  leftover  temporary file of a run that was killed",
        code: 1,
        repaired: "removed",
        go_complains: false,
    },
];

impl Damage {
    fn is_told_and_mended(&self) {
        let world = World::new(2);
        (self.done)(&world.path(""));
        let before = world.found();
        let told = tell(&mut world.verify());
        let lines = self.lines(&world);
        assert_eq!(
            (told.code, told.stdout),
            (Some(self.code), lines.clone()),
            "{}",
            told.stderr
        );
        assert_eq!(
            crate::support::tree::difference(&before, &world.found()),
            ""
        );
        let told = tell(&mut world.repair());
        if !self.repaired.is_empty() {
            let lines = lines.replace('\n', &format!("; repaired: {}\n", self.repaired));
            assert_eq!(told.stdout, lines, "{}", told.stderr);
        }
        assert_eq!(told.code, Some(0), "{told:#?}");
        world.assert_sound();
    }

    fn lines(&self, world: &World) -> String {
        let sum = std::fs::read_to_string(
            world
                .sandbox
                .path("sound")
                .join(VERSIONS)
                .join("v1.1.0.ziphash"),
        );
        let cache = world.path("").display().to_string();
        let told = self.told.replace("{sum}", &sum.expect("a sum"));
        format!("{}\n", told.replace("{cache}", cache.trim_end_matches('/')))
    }
}

fn a_sound_cache_is_left_as_it_is() {
    let world = World::new(2);
    let mut verify = world.verify();
    verify.arg("--sum").arg(world.go_sum());
    let told = tell(&mut verify);
    world.assert_verified(&told);
    assert_eq!(told.stderr, "verified 2 versions: all is well\n");
    let told = tell(&mut world.repair());
    assert_eq!(told.stderr, "verified 2 versions: all is well\n");
    world.assert_sound();
}

fn a_zip_may_be_gone() {
    let world = World::new(2);
    std::fs::remove_file(world.path(VERSIONS).join("v1.1.0.zip")).expect("gone");
    world.assert_verified(&tell(&mut world.verify()));
}

fn without_a_source_what_is_wrong_stays_and_is_told() {
    let world = World::new(2);
    (DAMAGES[0].done)(&world.path(""));
    (DAMAGES[7].done)(&world.path(""));
    let before = world.found();
    let mut repair = world.verify();
    let told = tell(repair.args(["--repair", "--proxy", "off"]));
    assert_eq!(told.code, Some(3), "{told:#?}");
    let lines: Vec<&str> = told.stdout.lines().collect();
    assert_eq!(lines.len(), 2, "{told:#?}");
    for line in lines {
        let reason =
            "; not repaired: example.com/m: module lookup disabled by the list of proxies `off`";
        assert!(line.ends_with(reason), "{told:#?}");
    }
    assert_eq!(
        told.stderr,
        "verified 2 versions: repaired 0, not repaired 2\n"
    );
    assert_eq!(
        crate::support::tree::difference(&before, &world.found()),
        ""
    );
}

fn a_mirror_mends_what_a_proxy_does() {
    let world = World::new(2);
    let versions = world.path(VERSIONS);
    change(&versions.join("v1.0.0.zip"), |it| it.fill(0));
    change(&versions.join("v1.1.0.info"), |it| it.fill(0));
    let mut repair = world.verify();
    repair
        .args(["--repair", "--mirror"])
        .arg(crate::world::repository(&world.sandbox));
    let told = tell(&mut repair);
    assert_eq!(told.code, Some(0), "{told:#?}");
    assert_eq!(
        told.stderr,
        "verified 2 versions: repaired 2, not repaired 0\n"
    );
    world.assert_sound();
}

fn findings_are_objects_for_programs() {
    let world = World::new(2);
    (DAMAGES[7].done)(&world.path(""));
    let told = tell(world.verify().arg("--json"));
    let expected = "{\n\t\"Path\": \"example.com/m\",\n\t\"Version\": \"v1.1.0\",\n\t\"Part\": \"folder\",\n\t\"Differs\": true,\n\t\
                    \"Finding\": \"differs from the zip: p/p.go is changed\"\n}\n";
    assert_eq!((told.code, told.stdout.as_str()), (Some(3), expected));
    let told = tell(world.repair().arg("--json"));
    let repaired = expected.replace(
        "changed\"\n",
        "changed\",\n\t\"Repair\": \"extracted from the zip\"\n",
    );
    assert_eq!((told.code, told.stdout), (Some(0), repaired));
}

fn a_name_that_matches_nothing_is_an_error() {
    let world = World::new(2);
    (DAMAGES[0].done)(&world.path(""));
    let told = tell(world.verify().arg("example.com/n"));
    let words = "example.com/n: nothing of it is in the cache\nhint: gomodcache list tells";
    told.fails(1, [words]);
    let told = tell(world.verify().arg("example.com/m@v1.0.0"));
    assert_eq!(told.stderr, "verified 1 version: all is well\n");
    assert_eq!(tell(world.verify().arg("example.com/...")).code, Some(3));
}

fn what_is_for_reading_only_can_be_verified() {
    let world = World::new(2);
    (DAMAGES[10].done)(&world.path(""));
    let lock = world.path(VERSIONS).join("v1.1.0.lock");
    // Root may write anywhere: no lock is what it comes to.
    std::fs::remove_file(lock).expect("gone");
    let before = world.found();
    let told = tell(&mut world.verify());
    assert_eq!(told.code, Some(1), "{told:#?}");
    assert!(!world.path(VERSIONS).join("v1.1.0.lock").exists());
    assert_eq!(
        crate::support::tree::difference(&before, &world.found()),
        ""
    );
}

fn go_judges_alike() {
    let world = World::new(2);
    let server = Server::start(&world.sandbox);
    world.sandbox.write(
        "work/go.mod",
        "module example.com/p\n\ngo 1.20\n\nrequire example.com/m v1.1.0\n",
    );
    world.sandbox.write("work/go.sum", &world.sums);
    for damage in DAMAGES {
        world.begin_anew();
        (damage.done)(&world.path(""));
        let mut go = oracle::go(&world.sandbox, &server, &world.path(""));
        go.args(["mod", "verify"])
            .env("GOPROXY", "off")
            .env("GOFLAGS", "-mod=mod");
        let output = run(&mut go);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(
            !output.status.success(),
            damage.go_complains,
            "{}: {said}",
            damage.name
        );
    }
}

fn a_cache_that_go_has_made_is_sound() {
    let world = World::new(2);
    let server = Server::start(&world.sandbox);
    let proxy = world.sandbox.path("sound/cache/download");
    let cache = world.path("");
    make_writable(&cache);
    std::fs::remove_dir_all(&cache).expect("gone");
    let mut go = oracle::go(&world.sandbox, &server, &cache);
    go.args([
        "mod",
        "download",
        "example.com/m@v1.0.0",
        "example.com/m@v1.1.0",
    ]);
    go.env("GOPROXY", format!("file://{}", proxy.display()));
    assert!(run(&mut go).status.success());
    let before = listing(&cache);
    let told = tell(&mut world.verify());
    assert_eq!(told.stderr, "verified 2 versions: all is well\n");
    assert_eq!(
        crate::support::tree::difference(&before, &listing(&cache)),
        ""
    );
}

/// Lets files of the folder of v1.1.0 be changed.
fn open(cache: &Path) -> std::path::PathBuf {
    let folder = cache.join("example.com/m@v1.1.0");
    make_writable(&folder);
    std::fs::set_permissions(&folder, std::os::unix::fs::PermissionsExt::from_mode(0o755))
        .expect("writable");
    folder
}

pub(crate) fn write(path: &Path, content: &str) {
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    std::fs::write(path, content).expect("written");
}

/// Changes the content of a file, which may be read-only.
pub(crate) fn change(path: &Path, how: impl FnOnce(&mut Vec<u8>)) {
    let mode = std::fs::metadata(path).expect("there").permissions();
    let mut content = std::fs::read(path).expect("readable");
    how(&mut content);
    std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o644))
        .expect("writable");
    std::fs::write(path, content).expect("written");
    std::fs::set_permissions(path, mode).expect("as before");
}

pub(crate) fn flip(path: &Path, place: usize) {
    change(path, |content| content[place] ^= 4);
}
