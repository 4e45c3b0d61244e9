//! A checksum database, honest and not, asked by go and by us: same verdicts, same files left behind.

mod bundles;
mod command;
pub(crate) mod world;

use crate::loopback::Answer;
use crate::sumdb::TestDatabase;
use crate::support::sandbox::{Sandbox, run};
use crate::support::{oracle, oracle_tests, unless};
use gomodcache::checksum::sumdb::Files;
use gomodcache::checksum::{Mismatch, Part, dirhash};
use gomodcache::module::{ModulePath, ModuleVersion, Version};
use gomodcache::web;
use libtest_mimic::{Completion, Failed, Trial};
use std::sync::Arc;
use world::{BETWEEN, MODULES, NAME, World, answer, client, go, path, sums};

/// The tests of this group.
pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = oracle_tests!("databases":
        an_honest_database_is_asked_as_go_asks_it,
        the_way_to_the_database_is_the_one_that_go_finds,
        a_growing_tree_leaves_what_go_leaves,
        lies_are_refused_as_go_refuses_them,
        histories_that_contradict_each_other_are_refused_as_go_refuses_them,
        go_verifies_offline_with_the_folder_alone,
    );
    trials.push(unless(
        oracle::missing,
        "databases::go_verifies_offline_with_records_of_its_own_database",
        real_database,
    ));
    trials.extend(command::trials());
    trials.extend(bundles::trials());
    trials
}

fn an_honest_database_is_asked_as_go_asks_it() {
    let world = World::new();
    for number in 0..MODULES {
        assert!(world.both_verify(&world.direct(), "{}/without", number));
    }
    let targets = world.server.targets();
    let tiles = targets.iter().filter(|target| target.contains("/tile/"));
    assert_eq!(tiles.count(), 2 * 3, "{targets:?}");
}

fn the_way_to_the_database_is_the_one_that_go_finds() {
    for (goproxy, expected) in [
        ("{}/with", true),
        ("{}/without,{}/with", true),
        ("{}/without|{}/with", true),
        ("{}/broken|{}/with", true),
        ("{}/broken,{}/with", false),
        ("{}/broken|{}/without", false),
        ("{}/with,{}/broken", true),
        ("{}/broken", false),
        // The database itself cannot be reached: the server is no forward proxy.
        ("{}/without", false),
        ("{}/without,direct", false),
    ] {
        let world = World::new();
        let verified = world.both_verify(&world.database.verifier_key(), goproxy, 1);
        assert_eq!(verified, expected, "{goproxy}");
    }
}

fn a_growing_tree_leaves_what_go_leaves() {
    let world = World::new();
    for (number, size) in (0..).zip([130, 257, 303, 404, 505]) {
        world.database.show(size);
        let goproxy = ["{}/with", "{}/without"][usize::try_from(number % 2).expect("0 or 1")];
        assert!(match number % 2 {
            0 => world.both_verify(&world.database.verifier_key(), goproxy, number),
            _ => world.both_verify(&world.direct(), goproxy, number),
        });
    }
}

fn lies_are_refused_as_go_refuses_them() {
    let of = |prefix: &'static str, change: fn(&TestDatabase, Vec<u8>) -> Vec<u8>| (prefix, change);
    let cases = [
        (
            "wrong sum",
            of("lookup/", |database, content| {
                let note = database.note(database.size());
                let record = String::from_utf8_lossy(&content).replace("h1:", "h1:A");
                let (record, _) = record.split_once("\n\n").expect("a record");
                format!("{record}\n\n{note}").into()
            }),
        ),
        (
            "another record",
            of("lookup/", |database, _| {
                database.answer_with(101, &database.note(505)).into()
            }),
        ),
        (
            "wrong number",
            of("lookup/", |database, _| {
                let answer = database.answer_with(0, &database.note(505));
                answer.replacen("0\n", "7\n", 1).into()
            }),
        ),
        (
            "number past the end",
            of("lookup/", |database, _| {
                let answer = database.answer_with(0, &database.note(505));
                answer.replacen("0\n", "505\n", 1).into()
            }),
        ),
        (
            "bad signature",
            of("lookup/", |_, content| {
                String::from_utf8_lossy(&content)
                    .replace("\n505\n", "\n504\n")
                    .into()
            }),
        ),
        (
            "wrong key name",
            of("lookup/", |database, _| {
                let note = database.sign_as("other.example", &database.tree_text(505));
                database.answer_with(0, &note).into()
            }),
        ),
        (
            "another key",
            of("lookup/", |database, _| {
                let note = TestDatabase::new(NAME, 6).sign_as(NAME, &database.tree_text(505));
                database.answer_with(0, &note).into()
            }),
        ),
        (
            "no tree",
            of("lookup/", |database, _| {
                database
                    .answer_with(0, &database.sign_as(NAME, "hello\n"))
                    .into()
            }),
        ),
        (
            "no note",
            of("lookup/", |database, _| database.answer_with(0, "").into()),
        ),
        (
            "html",
            of("lookup/", |_, _| b"<html>\n<p>\n\n</html>".to_vec()),
        ),
        ("empty", of("lookup/", |_, _| Vec::new())),
        (
            "changed tile",
            of("tile/8/0/000", |_, mut tile| {
                tile[77] ^= 4;
                tile
            }),
        ),
        (
            "changed tile at the edge",
            of("tile/8/0/001.p/249", |_, mut tile| {
                tile[77] ^= 4;
                tile
            }),
        ),
        (
            "changed tile above",
            of("tile/8/1/000.p/1", |_, mut tile| {
                tile[7] ^= 4;
                tile
            }),
        ),
        (
            "short tile",
            of("tile/8/0/000", |_, tile| tile[..800].to_vec()),
        ),
        ("empty tile", of("tile/8/0/000", |_, _| Vec::new())),
        (
            "long tile",
            of("tile/8/0/001.p/249", |_, tile| [tile, vec![0; 32]].concat()),
        ),
    ];
    for (name, (prefix, change)) in cases {
        let world = World::new();
        let database = Arc::clone(&world.database);
        world.change(move |path, content| match content {
            Some(content) if path.starts_with(prefix) => Answer::ok(change(&database, content)),
            content => answer(content),
        });
        assert!(
            !world.both_verify(&world.direct(), "{}/without", 0),
            "{name}"
        );
    }
    for (name, prefix, status) in [
        ("unknown module", "lookup/", 404),
        ("broken", "lookup/", 500),
        ("missing tile", "tile/8/0/", 404),
        ("broken tile", "tile/8/1/", 500),
    ] {
        let world = World::new();
        world.change(move |path, content| match path.starts_with(prefix) {
            true => Answer::status(status),
            false => answer(content),
        });
        assert!(
            !world.both_verify(&world.direct(), "{}/without", 0),
            "{name}"
        );
    }
    // A partial tile may be missing where the full one is there.
    let world = World::new();
    let database = Arc::clone(&world.database);
    world.database.show(300);
    world.change(move |path, content| match path {
        "tile/8/0/001.p/44" => Answer::status(404),
        "tile/8/0/001" => {
            let mut full = database.tile(0, 1, 44).expect("a tile");
            full.resize(256 * 32, 9);
            Answer::ok(full)
        }
        _ => answer(content),
    });
    assert!(world.both_verify(&world.direct(), "{}/without", 0));
}

/// Another history with the key of the database, the same up to a record.
fn forked(world: &World, from: u64, size: u64) -> TestDatabase {
    let mut fork = TestDatabase::new(NAME, 5);
    for number in 0..size {
        match (number < from, number % (BETWEEN + 1)) {
            (true, 0) => {
                let number = number / (BETWEEN + 1);
                let [zip, go_mod] = sums(&world.sandbox, &world.modules, number);
                fork.add_module(&path(number), "v1.0.0", [&zip, &go_mod]);
            }
            (true, _) => fork.fill(1),
            (false, _) => {
                fork.add_module(
                    "forged.example/x",
                    &format!("v2.0.{number}"),
                    ["h1:a=", "h1:b="],
                );
            }
        }
    }
    fork
}

fn histories_that_contradict_each_other_are_refused_as_go_refuses_them() {
    for (seen, from, forked_size) in [
        (300, 270, 505),
        (505, 470, 480),
        (505, 60, 505),
        (2, 1, 505),
    ] {
        let world = World::new();
        world.database.show(seen);
        assert!(world.both_verify(&world.direct(), "{}/without", 0));
        let fork = Arc::new(forked(&world, from, forked_size));
        world.change(move |path, content| {
            let answered = match path.strip_prefix("lookup/") {
                Some(_) => Some(fork.answer_with(0, &fork.note(fork.size())).into_bytes()),
                None => fork.answer(path).or(content),
            };
            answer(answered)
        });
        let verified = world.both_verify(&world.direct(), "{}/without", 1);
        assert!(!verified, "{seen} {from} {forked_size}");
        world.be_honest();
    }
    // A database that has lost its records: it signed 505 of them.
    let world = World::new();
    assert!(world.both_verify(&world.direct(), "{}/without", 0));
    for user in ["go", "ours"] {
        let kept = world.user(user).folder.join("mod/cache/download/sumdb");
        std::fs::remove_dir_all(kept).expect("the cache is cleaned");
    }
    world.database.show(220);
    assert!(!world.both_verify(&world.direct(), "{}/without", 1));
}

fn go_verifies_offline_with_the_folder_alone() {
    let world = World::new();
    let ours = world.user("ours");
    for (number, size) in (0..).zip([130, 257, 303, 404, 505]) {
        world.database.show(size);
        ours.verify(&world.direct(), "{}/without", number)
            .expect("verified");
    }
    let download = ours.folder.join("mod/cache/download");
    for (target, content) in &world.modules {
        let file = download.join(&target[1..]);
        std::fs::create_dir_all(file.parent().expect("a folder")).expect("folder");
        std::fs::write(file, content).expect("file");
    }
    let key = world.database.verifier_key();
    let goproxy = format!("file://{}", download.display());
    let before = world.server.targets().len();
    let nobody = world.user("without").verify_by_go(&key, &goproxy, 0);
    assert!(
        nobody.is_err(),
        "it is not said that the folder has records"
    );
    let refused = world.server.targets().split_off(before);
    assert!(
        refused
            .iter()
            .all(|target| target.starts_with(NAME.split('/').next().unwrap_or(NAME))),
        "{refused:?}"
    );

    let files = Files::new(&ours.folder.join("mod/cache/download"), &ours.folder, NAME);
    files.mark_supported().expect("said");
    let before = world.server.targets().len();
    for order in [
        [0, 1, 2, 3, 4],
        [4, 3, 2, 1, 0],
        [2, 4, 0, 3, 1],
        [3, 0, 4, 1, 2],
    ] {
        let user = world.user(&format!("user{order:?}"));
        for number in order {
            let verified = user.verify_by_go(&key, &goproxy, number);
            assert_eq!(verified, Ok(()), "{order:?}");
        }
    }
    // The cache itself, with the network switched off in go.
    let user = world.user("ours");
    std::fs::remove_dir_all(user.folder.join("gopath")).expect("what was known");
    for number in [3, 1, 4, 0, 2] {
        assert_eq!(user.verify_by_go(&key, "off", number), Ok(()), "off");
    }
    assert_eq!(
        world.server.targets().len(),
        before,
        "nothing was asked for"
    );

    // And go does look: it refuses other content.
    let zip = download.join("example.com/m2/@v/v1.0.0.zip");
    std::fs::copy(download.join("example.com/m1/@v/v1.0.0.zip"), &zip).expect("a copy");
    let record = download.join(format!("sumdb/{NAME}/lookup/example.com/m1@v1.0.0"));
    let text = std::fs::read_to_string(&record).expect("a record");
    std::fs::write(&record, text.replace("h1:", "h1:B")).expect("changed");
    let told = world
        .user("last")
        .verify_by_go(&key, &goproxy, 1)
        .expect_err("refused");
    assert!(told.contains("cannot authenticate record data"), "{told}");
}

const REAL_PROXY: &str = "https://proxy.golang.org";

/// What go's own database says of modules that go has downloaded, proven by us, is enough for go offline.
fn real_database() -> Result<Completion, Failed> {
    let sandbox = Sandbox::new();
    let requests = [
        "golang.org/x/text@v0.3.0",
        "rsc.io/quote@v1.5.2",
        "github.com/BurntSushi/toml@v1.3.2",
        "github.com/russross/blackfriday@v2.0.0+incompatible",
    ];
    let folder = sandbox.path("ours");
    let mut download = go(&sandbox, &folder);
    download.args(["mod", "download"]).args(requests);
    if !run(download.env("GOSUMDB", "off").env("GOPROXY", REAL_PROXY))
        .status
        .success()
    {
        return Ok(Completion::ignored_with(
            "the module proxy cannot be reached",
        ));
    }
    let client = client(
        &folder,
        "sum.golang.org",
        REAL_PROXY,
        web::Settings::default(),
    )?;
    let cache = folder.join("mod/cache/download");
    for request in requests {
        let (path, version) = request.split_once('@').expect("a version");
        let module = ModuleVersion {
            path: ModulePath::new(path)?,
            version: Version::new(version)?,
        };
        let base = cache.join(module.path.escaped()).join("@v");
        let zip = dirhash::hash_zip(&base.join(format!("{version}.zip")))?;
        let go_mod = std::fs::read(base.join(format!("{version}.mod")))?;
        client.check(&module, Part::Zip, &zip)?;
        client.check(&module, Part::GoMod, &dirhash::go_mod_sum(&go_mod))?;
        let wrong = client.check(&module, Part::Zip, &dirhash::go_mod_sum(&go_mod));
        assert!(wrong.expect_err("another sum").is::<Mismatch>());
    }
    let files = Files::new(
        &folder.join("mod/cache/download"),
        &folder.join("gopath/pkg/sumdb"),
        client.name(),
    );
    files.mark_supported()?;
    let user = sandbox.path("user");
    for request in requests.iter().rev() {
        let output = run(go(&sandbox, &user)
            .args(["mod", "download", request])
            .env("GOSUMDB", "sum.golang.org")
            .env("GOPROXY", format!("file://{}", cache.display()))
            .env("HTTPS_PROXY", "http://127.0.0.1:1"));
        assert!(
            output.status.success(),
            "{request}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(Completion::Completed)
}
