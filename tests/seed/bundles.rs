//! Bundles: what is packed here is unpacked there, and go works on it.

use crate::support::sandbox::{Told, make_writable, run_well, tell};
use crate::support::tree::{self, Listing, Origin};
use crate::support::{oracle_tests, unless};
use crate::workshop::{Workshop, succeeded};
use crate::world::{go_mod, package};
use libtest_mimic::{Completion, Trial};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = oracle_tests!("bundles":
        go_works_on_what_was_unpacked,
        the_same_content_gives_the_same_bytes,
        only_what_is_new_travels,
        a_receiver_with_other_content_is_not_sent_anything,
        what_is_there_stays_as_it_is,
        what_go_sum_refuses_is_neither_packed_nor_unpacked,
        what_the_cache_lacks_is_named,
        what_go_has_downloaded_can_be_packed,
        what_is_damaged_is_not_packed,
        projects_and_versions_go_into_one_bundle,
        a_bundle_goes_through_a_pipe,
        a_folder_for_go_is_made_of_a_bundle_or_of_the_cache,
    );
    let missing = || {
        let zstd = Command::new("zstd").arg("--version").output();
        zstd.err().map(|_| "zstd is not on PATH")
    };
    trials.push(unless(missing, "bundles::stock_tools_unpack_it", || {
        stock_tools_unpack_it();
        Ok(Completion::Completed)
    }));
    trials
}

/// A tidy project that needs versions of every kind, seeded.
fn seeded() -> Workshop {
    let require = [
        "example.com/a v1.1.0",
        "example.com/Upper v1.0.0",
        "example.com/old v2.0.0+incompatible",
        "example.com/head UNTAGGED",
        "example.com/loose v1.0.0",
    ];
    let imports = ["a", "Upper", "old", "head", "loose"].map(|name| format!("example.com/{name}"));
    let shop = Workshop::new(&[
        ("go.mod", go_mod("example.com/main", "1.21", &require)),
        ("p.go", package(&imports.each_ref().map(String::as_str))),
    ]);
    shop.online(&["mod", "tidy"]);
    shop.seed(&[]).prints("");
    shop
}

fn pack(shop: &Workshop, arguments: &[&str]) -> Told {
    tell(&mut shop.ours("pack", arguments))
}

fn inside(shop: &Workshop) -> PathBuf {
    shop.sandbox.path("inside")
}

fn unpack(shop: &Workshop, arguments: &[&str]) -> Told {
    tell(&mut shop.ours_in(&inside(shop), "unpack", arguments))
}

/// Lists what counts: locks come and go.
fn contents(folder: &Path) -> Listing {
    let mut listing = tree::list(folder, Origin::Compared);
    listing.retain(|name, _| !name.ends_with(".lock"));
    listing
}

/// Demands that two folders hold the same.
fn same(expected: &Path, found: &Path) {
    let difference = tree::difference(&contents(expected), &contents(found));
    assert_eq!(difference, "");
}

fn bytes(shop: &Workshop, name: &str) -> Vec<u8> {
    std::fs::read(shop.sandbox.path("work").join(name)).expect(name)
}

fn go_works_on_what_was_unpacked() {
    let shop = seeded();
    let packed = pack(&shop, &["-o", "deps.tar.zst"]);
    packed.prints("");
    packed.mentions(["packed 8 versions, and metadata of 1 more: "]);
    let added = unpack(&shop, &["deps.tar.zst", "--json"]);
    assert_eq!(added.code, Some(0), "{added:#?}");
    assert_eq!(added.stdout.matches("\"Status\": \"added\"").count(), 9);
    added.mentions(["added 9, already there 0\n"]);
    same(&shop.cache(), &inside(&shop));
    for arguments in [
        "build ./...",
        "test ./...",
        "list -m all",
        "mod verify",
        "mod download",
    ] {
        let arguments: Vec<&str> = arguments.split(' ').collect();
        succeeded(&mut shop.offline_in(&inside(&shop), &arguments));
    }
    unpack(&shop, &["deps.tar.zst"]).mentions(["added 0, already there 9\n"]);
}

fn the_same_content_gives_the_same_bytes() {
    let shop = seeded();
    pack(&shop, &["-o", "first.tar.zst", "--jobs", "1"]).prints("");
    pack(&shop, &["-o", "second.tar.zst", "--jobs", "8"]).prints("");
    let other = shop.sandbox.path("other");
    let mut mirrors = shop.world.mirrors();
    for verb in ["fetch", "seed"] {
        let request = ["example.com/old@v2.0.0+incompatible"];
        let arguments: &[&str] = if verb == "fetch" { &request } else { &[] };
        run_well(shop.ours_in(&other, verb, arguments).args(&mirrors));
        mirrors.rotate_left(4);
    }
    let elsewhere = shop.sandbox.path("nothing");
    let project = shop.sandbox.path("work").display().to_string();
    let mut third = shop.ours_in(&other, "pack", &["-o", "third.tar.zst", &project]);
    tell(third.current_dir(&elsewhere)).prints("");
    let first = bytes(&shop, "first.tar.zst");
    assert!(
        first == bytes(&shop, "second.tar.zst"),
        "threads make a difference"
    );
    assert!(
        first == bytes(&shop, "../nothing/third.tar.zst"),
        "the order of fetching does"
    );
    unpack(&shop, &["first.tar.zst"]).prints("");
    tell(&mut shop.ours_in(&inside(&shop), "pack", &["-o", "fourth.tar.zst"])).prints("");
    assert!(first == bytes(&shop, "fourth.tar.zst"), "carrying it does");
}

fn stock_tools_unpack_it() {
    let shop = seeded();
    pack(&shop, &["-o", "deps.tar.zst"]).prints("");
    let run = |program: &str, arguments: &[&str]| {
        run_well(shop.sandbox.command(program).args(arguments));
    };
    run("zstd", &["-q", "-t", "deps.tar.zst"]);
    run("zstd", &["-q", "-d", "deps.tar.zst", "-o", "deps.tar"]);
    std::fs::create_dir(inside(&shop)).expect("a folder");
    run("tar", &["-xf", "deps.tar", "-C", "../inside"]);
    let listed =
        succeeded(
            shop.sandbox
                .command("tar")
                .args(["-tvf", "deps.tar", "--numeric-owner"]),
        );
    for line in listed.lines() {
        assert!(
            line.starts_with("-rw-r--r-- 0/0 ") && line.contains(" 1970-01-01 "),
            "{line}"
        );
    }
    std::fs::remove_file(inside(&shop).join("manifest.json")).expect("a manifest");
    let mut expected = contents(&shop.cache());
    expected.retain(|name, _| name.starts_with("cache"));
    assert_eq!(tree::difference(&expected, &contents(&inside(&shop))), "");
    succeeded(&mut shop.offline_in(&inside(&shop), &["build", "./..."]));
}

fn only_what_is_new_travels() {
    let shop = seeded();
    pack(&shop, &["-o", "deps.tar.zst"]).prints("");
    unpack(&shop, &["deps.tar.zst"]).prints("");
    let manifest = tell(&mut shop.ours_in(&inside(&shop), "manifest", &[]));
    shop.sandbox.write("work/inside.manifest", &manifest.stdout);
    shop.online(&["get", "example.com/b@v1.2.0"]);
    shop.online(&["mod", "tidy"]);
    shop.seed(&[]).prints("");
    let delta = ["-o", "delta.tar.zst", "--since", "inside.manifest"];
    pack(&shop, &delta).mentions(["packed 1 version, and metadata of 0 more: "]);
    let since_bundle = ["-o", "other.tar.zst", "--since", "deps.tar.zst"];
    pack(&shop, &since_bundle).prints("");
    assert!(bytes(&shop, "delta.tar.zst") == bytes(&shop, "other.tar.zst"));
    let told = tell(
        shop.sandbox
            .gomodcache()
            .args(["inspect", "delta.tar.zst", "--verify"]),
    );
    assert!(
        told.stdout.starts_with("example.com/b v1.2.0 zip "),
        "{told:#?}"
    );
    assert_eq!(told.stdout.lines().count(), 1, "{told:#?}");
    told.mentions([
        ", for example.com/main; ",
        "; every file is what the manifest says\n",
    ]);
    unpack(&shop, &["delta.tar.zst"]).mentions(["added 1, already there 0\n"]);
    same(&shop.cache(), &inside(&shop));
    succeeded(&mut shop.offline_in(&inside(&shop), &["build", "./..."]));
}

fn a_receiver_with_other_content_is_not_sent_anything() {
    let shop = seeded();
    let manifest = tell(&mut shop.ours("manifest", &[])).stdout;
    let mut manifest: serde_json::Value = serde_json::from_str(&manifest).expect("JSON");
    let module = &mut manifest["Modules"][0];
    let name = format!("{}@{}", module["Path"], module["Version"]).replace('"', "");
    module["Sum"] = "h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=".into();
    shop.sandbox
        .write("work/inside.manifest", manifest.to_string());
    let told = pack(
        &shop,
        &["-o", "delta.tar.zst", "--since", "inside.manifest"],
    );
    told.fails(3, [&name, "the manifest of the receiver"]);
    assert!(!shop.sandbox.path("work/delta.tar.zst").exists());
}

/// A file of `example.com/b@v1.1.0`.
fn file_of_b(cache: &Path, suffix: &str) -> PathBuf {
    cache.join(format!("cache/download/example.com/b/@v/v1.1.0.{suffix}"))
}

fn what_is_there_stays_as_it_is() {
    let shop = seeded();
    pack(&shop, &["-o", "deps.tar.zst"]).prints("");
    let other_sum = "h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    for (suffix, content) in [
        ("ziphash", other_sum),
        ("mod", "module example.com/other\n"),
    ] {
        unpack(&shop, &["deps.tar.zst"]).prints("");
        std::fs::write(file_of_b(&inside(&shop), suffix), content).expect("a file");
        let removed = inside(&shop).join("cache/download/example.com/a/@v/v1.1.0.zip");
        std::fs::remove_file(removed).expect("a zip");
        let before = contents(&inside(&shop));
        let told = unpack(&shop, &["deps.tar.zst"]);
        told.fails(
            3,
            [
                "refused `example.com/b@v1.1.0`",
                "added 1, already there 7, refused 1\n",
            ],
        );
        let mut after = contents(&inside(&shop));
        after.retain(|name, _| !name.ends_with("a/@v/v1.1.0.zip"));
        assert_eq!(tree::difference(&before, &after), "", "{suffix}");
        make_writable(&inside(&shop));
        std::fs::remove_dir_all(inside(&shop)).expect("removed");
    }
}

fn what_go_sum_refuses_is_neither_packed_nor_unpacked() {
    let shop = seeded();
    pack(&shop, &["-o", "deps.tar.zst"]).prints("");
    let sums = shop.read("go.sum");
    let lines =
        sums.lines()
            .map(|line| match line.starts_with("example.com/b v1.1.0 h1:") {
                true => "example.com/b v1.1.0 h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"
                    .to_owned(),
                false => format!("{line}\n"),
            });
    shop.sandbox.write("work/go.sum", lines.collect::<String>());
    let mismatch = "example.com/b@v1.1.0: checksum mismatch";
    let told = pack(&shop, &["-o", "other.tar.zst"]);
    told.fails(
        3,
        [
            mismatch,
            "hint: gomodcache verify tells what is wrong in the cache\n",
        ],
    );
    assert!(!shop.sandbox.path("work/other.tar.zst").exists());
    let told = unpack(&shop, &["deps.tar.zst"]);
    told.fails(
        3,
        [
            mismatch,
            "hint: the bundle has other content than was recorded here: the version is not taken\n",
        ],
    );
    told.mentions(["added 8, already there 0, refused 1\n"]);
    assert!(!file_of_b(&inside(&shop), "zip").exists());
}

fn what_the_cache_lacks_is_named() {
    let shop = seeded();
    std::fs::remove_file(file_of_b(&shop.cache(), "zip")).expect("a zip");
    let told = pack(&shop, &["-o", "deps.tar.zst"]);
    told.fails(
        1,
        [
            "lacks what",
            "\n    example.com/b@v1.1.0\n",
            "hint: gomodcache seed fetches it",
        ],
    );
    let told = pack(&shop, &["-o", "deps.tar.zst", "example.com/b@v1.1.0"]);
    let only_metadata =
        "error: example.com/b@v1.1.0: the cache has its metadata, and not its zip\n";
    told.fails(1, [only_metadata]);
    for (name, words) in [
        (
            "example.com/b@v1.7.0",
            "error: example.com/b@v1.7.0: nothing of it is in the cache\nhint: the cache has example.com/b@v1.1.0\n",
        ),
        (
            "nothing@v1.0.0",
            "error: nothing@v1.0.0: no file or folder has this name, and no module can\n",
        ),
    ] {
        pack(&shop, &["-o", "deps.tar.zst", name]).fails(1, [words]);
    }
    let empty = shop.sandbox.path("none");
    let mut of_none = shop.ours_in(&empty, "pack", &["--all", "-o", "deps.tar.zst"]);
    let words = format!(
        "error: there is nothing to pack: no version is in the module cache {}\n",
        empty.display()
    );
    tell(&mut of_none).fails(1, [&words]);
    assert!(!empty.exists());
    assert!(!shop.sandbox.path("work/deps.tar.zst").exists());
}

fn what_go_has_downloaded_can_be_packed() {
    let shop = seeded();
    let downloaded = shop.sandbox.path("go");
    make_writable(&downloaded);
    std::fs::remove_dir_all(&downloaded).expect("removed");
    shop.online(&["mod", "download"]);
    let mut pack = shop.ours_in(&downloaded, "pack", &["-o", "deps.tar.zst"]);
    // Only a test of example.com/a needs them.
    tell(&mut pack).mentions([
        "left out for ",
        ":\n    example.com/t@v1.0.0\n    example.com/u@v1.0.0\nhint: `gomodcache check` tells",
    ]);
    assert_eq!(tell(pack.arg("-q")).stderr, "");
    unpack(&shop, &["deps.tar.zst"]).prints("");
    for arguments in [&["build", "./..."][..], &["mod", "download"]] {
        succeeded(&mut shop.offline_in(&inside(&shop), arguments));
    }
}

fn what_is_damaged_is_not_packed() {
    let shop = seeded();
    let zip = file_of_b(&shop.cache(), "zip");
    let sound = std::fs::read(&zip).expect("a zip");
    let mut damaged = sound.clone();
    damaged[sound.len() / 2] ^= 1;
    let other = shop
        .cache()
        .join("cache/download/example.com/u/@v/v1.0.0.zip");
    for content in [damaged, std::fs::read(other).expect("a zip")] {
        std::fs::write(&zip, content).expect("a zip");
        let told = pack(&shop, &["-o", "deps.tar.zst"]);
        assert_ne!(told.code, Some(0), "{told:#?}");
        told.mentions([
            "example.com/b@v1.1.0: the zip in the cache is damaged",
            "hint: gomodcache verify tells what is wrong in the cache",
        ]);
        assert!(!shop.sandbox.path("work/deps.tar.zst").exists());
    }
}

fn projects_and_versions_go_into_one_bundle() {
    let shop = Workshop::new(&[
        (
            "x/go.mod",
            go_mod("example.com/x", "1.21", &["example.com/u v1.0.0"]),
        ),
        ("x/p.go", package(&["example.com/u"])),
        (
            "y/go.mod",
            go_mod("example.com/y", "1.21", &["example.com/b v1.0.0"]),
        ),
        ("y/p.go", package(&["example.com/b"])),
        ("go.work", "go 1.21\n\nuse (\n\t./x\n\t./y\n)\n".to_owned()),
    ]);
    for folder in ["x", "y"] {
        shop.online(&["-C", folder, "mod", "tidy"]);
    }
    shop.seed(&["./go.work"]).prints("");
    let request = ["example.com/b@v1.2.0", "example.com/b@v1.1.0"];
    run_well(shop.ours("fetch", &request).args(shop.world.mirrors()));
    let modules = |subjects: &[&str]| {
        pack(&shop, &[&["-o", "b.tar.zst"], subjects].concat()).prints("");
        let told = tell(shop.sandbox.gomodcache().args(["inspect", "b.tar.zst"]));
        let lines = told.stdout.lines();
        let names = lines.map(|line| line.split(' ').take(2).collect::<Vec<_>>().join("@"));
        (names.collect::<Vec<_>>().join(" "), told.stderr)
    };
    let (b, u) = ("example.com/b@v1.", "example.com/u@v1.0.0");
    for (subjects, expected, projects) in [
        (&["./x"][..], u.to_owned(), "for example.com/x;"),
        (
            &["./x", "y"],
            format!("{b}0.0 {u}"),
            "for example.com/x, example.com/y;",
        ),
        (
            &[],
            format!("{b}0.0 {u}"),
            "for example.com/x, example.com/y;",
        ),
        (
            &["y", request[0]],
            format!("{b}0.0 {b}2.0"),
            "for example.com/y;",
        ),
        (&["--all"], format!("{b}0.0 {b}1.0 {b}2.0 {u}"), "KiB;"),
    ] {
        let (found, told) = modules(subjects);
        assert_eq!(found, expected, "{subjects:?}");
        assert!(told.contains(projects), "{subjects:?}: {told}");
    }
}

fn a_bundle_goes_through_a_pipe() {
    let shop = seeded();
    pack(&shop, &["-o", "deps.tar.zst"]).prints("");
    let piped = run_well(&mut shop.ours("pack", &["-o", "-"])).stdout;
    assert!(piped == bytes(&shop, "deps.tar.zst"));
    let named = run_well(&mut shop.ours("pack", &["-o", "/dev/stdout"])).stdout;
    assert!(named == piped);
    pack(&shop, &["-o", "/dev/null"]).mentions(["packed 8 versions"]);
    assert!(!Path::new("/dev/null").is_file());
    let file = || File::open(shop.sandbox.path("work/deps.tar.zst")).expect("a bundle");
    let manifest = tell(
        shop.sandbox
            .gomodcache()
            .args(["inspect", "-", "--json"])
            .stdin(file()),
    );
    let manifest: serde_json::Value = serde_json::from_str(&manifest.stdout).expect("JSON");
    assert_eq!(
        manifest["Projects"],
        serde_json::json!(["example.com/main"])
    );
    let mut unpack = shop.ours_in(&inside(&shop), "unpack", &["-", "--no-extract"]);
    tell(unpack.stdin(file())).mentions(["added 9, already there 0\n"]);
    let mut expected = contents(&shop.cache());
    expected.retain(|name, _| name.starts_with("cache"));
    assert_eq!(tree::difference(&expected, &contents(&inside(&shop))), "");
    succeeded(&mut shop.offline_in(&inside(&shop), &["build", "./..."]));
}

fn a_folder_for_go_is_made_of_a_bundle_or_of_the_cache() {
    let shop = seeded();
    for (unfit, error) in [
        (["-o", "-", "--jobs", "1"], "is a folder: name one"),
        (["-o", "x", "--split", "1MB"], "cannot be split"),
        (["-o", "x", "--sign", "x"], "cannot be signed"),
    ] {
        let told = pack(&shop, &[&["--layout", "proxy"][..], &unfit].concat());
        told.fails(1, ["error: a module proxy ", error]);
    }
    let more = ["example.com/b@v1.2.0", "example.com/b@v1.0.0"];
    run_well(shop.ours("fetch", &more).args(shop.world.mirrors()));
    pack(&shop, &["--all", "-o", "deps.tar.zst"]).prints("");
    pack(&shop, &["--all", "--layout", "proxy", "-o", "../proxy"]).prints("");
    let mut command = shop.sandbox.gomodcache();
    tell(command.args(["unpack", "deps.tar.zst", "--to-proxy", "../same"])).prints("");
    let proxy = shop.sandbox.path("proxy");
    same(&proxy, &shop.sandbox.path("same"));
    let go = |arguments: &[&str]| {
        let mut go = shop.offline_in(&shop.sandbox.path("new"), arguments);
        go.env("GOPROXY", format!("file://{}", proxy.display()));
        go.env("GOFLAGS", "-mod=mod");
        succeeded(&mut go)
    };
    go(&["mod", "download"]);
    go(&["build", "./..."]);
    assert_eq!(
        go(&[
            "list",
            "-m",
            "-versions",
            "example.com/b",
            "example.com/Upper",
            "example.com/head"
        ]),
        "example.com/b v1.0.0 v1.1.0 v1.2.0\nexample.com/Upper v1.0.0\nexample.com/head\n"
    );
    let latest = [
        "example.com/b@latest",
        "example.com/old@latest",
        "example.com/head@latest",
    ];
    assert_eq!(
        go(&[&["list", "-m"], &latest[..]].concat()),
        shop.world.expand(
            "example.com/b v1.2.0\nexample.com/old v2.0.0+incompatible\nexample.com/head UNTAGGED\n"
        )
    );
}
