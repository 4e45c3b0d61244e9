//! The client against a database in memory: what it accepts, what it refuses, what it asks and what it keeps.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use anyhow::{Result, bail};
use tempfile::TempDir;

use super::*;
use crate::checksum::{Mismatch, Part};
use crate::module::{ModulePath, ModuleVersion, Version};

#[path = "../../../tests/support/sumdb.rs"]
mod support;
use support::{TestDatabase, files_below};

mod dishonest;
mod offline;
mod proofs;

const NAME: &str = "sum.example/test";

/// What becomes of an honest answer on its way.
type Change = dyn Fn(&str, Option<Vec<u8>>) -> Option<Vec<u8>> + Send + Sync;

/// A database that counts what it is asked.
struct Asked {
    database: Arc<TestDatabase>,
    change: Box<Change>,
    log: Arc<Mutex<Vec<String>>>,
    reachable: Arc<AtomicBool>,
}

impl Remote for Asked {
    fn read(&self, path: &str, limit: u64) -> Result<Option<Vec<u8>>> {
        self.log.lock().unwrap().push(path.to_owned());
        if !self.reachable.load(Ordering::SeqCst) {
            bail!("the network is down");
        }
        let answer = (self.change)(path, self.database.answer(path));
        if answer
            .as_ref()
            .is_some_and(|body| body.len() as u64 > limit)
        {
            bail!("larger than {limit} bytes");
        }
        Ok(answer)
    }
}

/// A machine with a module cache and what its user knows of databases.
struct World {
    folder: TempDir,
    database: Arc<TestDatabase>,
    log: Arc<Mutex<Vec<String>>>,
    reachable: Arc<AtomicBool>,
}

impl World {
    fn new(database: TestDatabase) -> World {
        World {
            folder: tempfile::tempdir().unwrap(),
            database: Arc::new(database),
            log: Arc::default(),
            reachable: Arc::new(AtomicBool::new(true)),
        }
    }

    /// A client of a new process.
    fn client(&self) -> Client {
        self.client_with(|_, answer| answer)
    }

    fn client_with(
        &self,
        change: impl Fn(&str, Option<Vec<u8>>) -> Option<Vec<u8>> + Send + Sync + 'static,
    ) -> Client {
        let remote = Asked {
            database: Arc::clone(&self.database),
            change: Box::new(change),
            log: Arc::clone(&self.log),
            reachable: Arc::clone(&self.reachable),
        };
        let key = self.database.verifier_key().parse().unwrap();
        Client::new(key, Box::new(remote), self.files())
    }

    fn files(&self) -> Files {
        Files::new(&self.path("mod/cache/download"), &self.path("sumdb"), NAME)
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    /// What was asked since the last time, in order.
    fn asked(&self) -> Vec<String> {
        let mut asked = std::mem::take(&mut *self.log.lock().unwrap());
        asked.sort();
        asked
    }

    fn known(&self) -> String {
        let latest = self.path("sumdb").join(NAME).join("latest");
        String::from_utf8(std::fs::read(latest).unwrap_or_default()).unwrap()
    }

    fn cached(&self) -> BTreeMap<String, Vec<u8>> {
        files_below(&self.path("mod/cache/download/sumdb").join(NAME))
    }
}

/// Modules `m0.example/x` to `m4.example/x`, each followed by as many other records.
fn database(between: u64) -> TestDatabase {
    let mut database = TestDatabase::new(NAME, 7);
    for number in 0..5 {
        let path = format!("m{number}.example/x");
        database.add_module(&path, "v1.0.0", [&zip_sum(number), "h1:mod="]);
        database.fill(between);
    }
    database
}

fn zip_sum(number: u64) -> String {
    format!("h1:zip{number}=")
}

fn module(number: u64) -> ModuleVersion {
    ModuleVersion {
        path: ModulePath::new(&format!("m{number}.example/x")).unwrap(),
        version: Version::new("v1.0.0").unwrap(),
    }
}

fn checked(client: &Client, number: u64) -> Result<()> {
    client.check(&module(number), Part::Zip, &zip_sum(number))
}

fn misbehavior(result: Result<()>) -> Misbehavior {
    let error = result.expect_err("a security error");
    let found = error
        .chain()
        .find_map(|cause| cause.downcast_ref::<SecurityError>());
    let found = found.unwrap_or_else(|| panic!("no security error: {error:?}"));
    assert_eq!(found.database, NAME);
    found.misbehavior.clone()
}

#[test]
fn sums_are_checked_and_all_that_proves_them_is_kept() {
    let world = World::new(database(100));
    let client = world.client();
    for number in 0..5 {
        checked(&client, number).unwrap();
        client
            .check(&module(number), Part::GoMod, "h1:mod=")
            .unwrap();
    }
    let cached = world.cached();
    let names: Vec<&str> = cached.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "latest",
            "lookup/m0.example/x@v1.0.0",
            "lookup/m1.example/x@v1.0.0",
            "lookup/m2.example/x@v1.0.0",
            "lookup/m3.example/x@v1.0.0",
            "lookup/m4.example/x@v1.0.0",
            "tile/8/0/000",
            "tile/8/0/001.p/249",
            "tile/8/1/000.p/1",
        ]
    );
    for (name, content) in &cached {
        assert_eq!(
            Some(content),
            world.database.answer(name).as_ref(),
            "{name}"
        );
    }
    assert_eq!(world.known(), world.database.note(505));
    let mut asked: Vec<String> = world.asked();
    asked.push("latest".to_owned());
    asked.sort();
    assert_eq!(asked, names, "each is asked for once");

    world.reachable.store(false, Ordering::SeqCst);
    checked(&world.client(), 3).unwrap();
    assert!(world.asked().is_empty());
}

#[test]
fn another_sum_or_none_is_told_from_what_the_database_has() {
    let world = World::new(database(3));
    let client = world.client();
    let error = client
        .check(&module(1), Part::Zip, "h1:other=")
        .unwrap_err();
    let mismatch = error.downcast_ref::<Mismatch>().unwrap();
    assert_eq!(
        (mismatch.recorder.as_str(), mismatch.recorded.as_str()),
        (NAME, "h1:zip1=")
    );

    let mut unknown = module(1);
    unknown.version = Version::new("v1.0.1").unwrap();
    let error = client.check(&unknown, Part::GoMod, "h1:x=").unwrap_err();
    assert!(
        error.chain().any(|cause| cause.is::<Unlisted>()),
        "{error:?}"
    );
    assert!(!world.files().has_record(&unknown).unwrap());
    assert!(world.files().has_record(&module(1)).unwrap());
}

#[test]
fn many_threads_ask_once() {
    let world = World::new(database(300));
    let client = world.client();
    std::thread::scope(|scope| {
        for thread in 0..16 {
            let client = &client;
            scope
                .spawn(move || (0..5).for_each(|nth| checked(client, (nth + thread) % 5).unwrap()));
        }
    });
    let asked = world.asked();
    let mut once = asked.clone();
    once.dedup();
    assert_eq!(asked, once);
}

#[test]
fn the_latest_tree_of_somebody_else_is_taken_in() {
    let world = World::new(database(300));
    world.database.show(400);
    checked(&world.client(), 0).unwrap();
    // Meanwhile go has seen a later tree.
    let known = world.path("sumdb").join(NAME).join("latest");
    std::fs::write(&known, world.database.note(1000)).unwrap();
    world.database.show(1100);
    checked(&world.client(), 1).unwrap();
    assert_eq!(world.known(), world.database.note(1100));
    // A database that lags behind is nothing to worry about.
    let lagging = world.client_with({
        let database = Arc::clone(&world.database);
        move |path, answer| match path.starts_with("lookup/") {
            true => Some(database.answer_with(602, &database.note(900)).into_bytes()),
            false => answer,
        }
    });
    checked(&lagging, 2).unwrap();
    assert_eq!(world.known(), world.database.note(1100));
}

#[test]
fn one_process_after_the_other_brings_the_latest_tree_forward() {
    let world = World::new(database(300));
    let (first, second) = (world.client(), world.client());
    world.database.show(310);
    checked(&first, 0).unwrap();
    world.database.show(800);
    checked(&second, 0).unwrap();
    checked(&second, 1).unwrap();
    assert_eq!(world.known(), world.database.note(800));
    let database = Arc::clone(&world.database);
    let lagging = world.client_with(move |path, answer| match path.starts_with("lookup/") {
        true => Some(database.answer_with(602, &database.note(700)).into()),
        false => answer,
    });
    checked(&lagging, 2).unwrap();
    checked(&first, 2).unwrap();
    assert_eq!(world.known(), world.database.note(800), "never back");
}

#[test]
fn broken_files_of_the_cache_are_asked_for_again() {
    let world = World::new(database(100));
    checked(&world.client(), 0).unwrap();
    let folder = world.path("mod/cache/download/sumdb").join(NAME);
    for (name, content) in [
        ("lookup/m0.example/x@v1.0.0", "\0\0\0"),
        ("tile/8/0/000", ""),
        ("tile/8/0/001.p/249", "short"),
    ] {
        std::fs::write(folder.join(name), content).unwrap();
    }
    checked(&world.client(), 0).unwrap();
    assert_eq!(world.cached()["tile/8/0/001.p/249"].len(), 249 * 32);
}

#[test]
fn gosumdb_is_read_as_go_reads_it() {
    let parsed = |gosumdb: &str| match Database::parse(gosumdb) {
        Ok(None) => "off".to_owned(),
        Ok(Some(Database { key, url })) => {
            format!(
                "{} {}",
                key.name(),
                url.map_or("-".to_owned(), String::from)
            )
        }
        Err(error) => format!("error: {error:#}"),
    };
    let key = TestDatabase::new("a.example", 1).verifier_key();
    for (gosumdb, expected) in [
        ("off", "off"),
        ("sum.golang.org", "sum.golang.org -"),
        (
            "sum.golang.google.cn",
            "sum.golang.org https://sum.golang.google.cn/",
        ),
        (
            " sum.golang.org  http://127.0.0.1:1/x ",
            "sum.golang.org http://127.0.0.1:1/x",
        ),
        (&key, "a.example -"),
        (
            &format!("{key} file:///srv/sumdb"),
            "a.example file:///srv/sumdb",
        ),
        ("  ", "error: missing GOSUMDB"),
        ("a.example", "error: invalid GOSUMDB: malformed verifier id"),
        (
            " sum.golang.google.cn",
            "error: invalid GOSUMDB: malformed verifier id",
        ),
        (
            &key.replace("a.ex", "b.ex"),
            "error: invalid GOSUMDB: invalid verifier hash",
        ),
        (
            "sum.golang.org u v",
            "error: invalid GOSUMDB URL: relative URL without a base",
        ),
        (
            "sum.golang.org http://u http://v",
            "error: invalid GOSUMDB: too many fields",
        ),
    ] {
        assert_eq!(parsed(gosumdb), expected, "{gosumdb}");
    }
    for name in [
        "../x",
        "a/../b",
        "a.example/",
        "a.example?x",
        "/a",
        "a@b",
        "a//b",
        "x%2fy/z",
    ] {
        let key = TestDatabase::new(name, 1).verifier_key();
        assert!(
            parsed(&key).starts_with("error: invalid sumdb name"),
            "{name}: {}",
            parsed(&key)
        );
    }
    for name in ["a.example/x/y", "127.0.0.1:8080", "localhost"] {
        let key = TestDatabase::new(name, 1).verifier_key();
        assert_eq!(parsed(&key), format!("{name} -"));
        let direct = Database::parse(&key).unwrap().unwrap().direct().unwrap();
        assert_eq!(
            direct.as_str().trim_end_matches('/'),
            format!("https://{name}")
        );
    }
}

#[test]
fn private_modules_are_not_asked_about_but_the_toolchain_always_is() {
    let env = |gosumdb: &str, private: &str| {
        let pairs = [
            ("GOSUMDB", gosumdb),
            ("GOPRIVATE", private),
            ("GOENV", "off"),
        ];
        let pairs = pairs.map(|(key, value)| (key.to_owned(), value.to_owned()));
        crate::goenv::GoEnv::from_process(pairs.into())
    };
    let proxy = "https://proxy.golang.org,direct";
    for (path, gosumdb, private, goproxy, expected) in [
        ("rsc.io/quote", "", "", proxy, true),
        ("rsc.io/quote", "off", "", proxy, false),
        ("rsc.io/quote", "", "rsc.io", proxy, false),
        ("golang.org/toolchain", "off", "golang.org", proxy, true),
        ("golang.org/toolchain", "", "golang.org", "file:///x", false),
        ("golang.org/toolchain", "", "", "file:///x", true),
        ("golang.org/toolchain", "off", "", "file:///x", false),
        ("golang.org/toolchain", "off", "", "file:///x,direct", true),
    ] {
        let asked = is_asked_about(path, &env(gosumdb, private), goproxy);
        assert_eq!(asked, expected, "{path} {gosumdb} {private} {goproxy}");
    }
}

fn copy_folder(from: &Path, to: &Path) {
    for (name, content) in files_below(from) {
        let path = to.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }
}
