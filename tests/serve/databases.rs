//! Checksum databases given on.

#[path = "../proxies/databases/world.rs"]
pub(crate) mod world;

use crate::client::Reply;
use crate::support::sandbox::{Told, tell};
use crate::support::{oracle_tests, tests};
use crate::team::Served;
use libtest_mimic::Trial;
use world::{NAME, World};

/// The tests of this group.
pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = tests!("databases":
        records_are_given_on_as_they_are,
        a_database_is_offered_only_while_all_versions_have_a_record,
        the_database_never_hears_of_private_modules,
    );
    trials.extend(oracle_tests!("databases":
        go_verifies_with_the_server_alone,
        what_is_fetched_is_verified_and_its_records_are_given_on,
    ));
    trials
}

fn fetch(world: &World, arguments: &[&str]) -> Told {
    let mut command = world.sandbox.gomodcache();
    command
        .env("GOENV", "off")
        .env("GOPATH", world.sandbox.path("path"))
        .env("GOMODCACHE", world.sandbox.path("mod"))
        .env("GOSUMDB", world.direct())
        .args(["fetch", "--proxy"])
        .arg(format!("{}/without", world.server.url()))
        .args(arguments);
    let told = tell(&mut command);
    assert_eq!(told.code, Some(0), "{told:#?}");
    told
}

fn serve(world: &World) -> Served {
    Served::start(&world.sandbox, &world.sandbox.path("mod"), &[])
}

fn supported(served: &Served) -> u16 {
    served.get(&format!("/sumdb/{NAME}/supported")).status
}

const MODULES: [&str; 2] = ["example.com/m0@v1.0.0", "example.com/m1@v1.0.0"];

fn records_are_given_on_as_they_are() {
    let world = World::new();
    fetch(&world, &MODULES);
    let served = serve(&world);
    let folder = world.sandbox.path("mod/cache/download/sumdb");
    for (name, content) in crate::sumdb::files_below(&folder) {
        let reply = served.get(&format!("/sumdb/{name}"));
        assert_eq!(reply.status, 200, "{name}");
        assert!(reply.body == content, "{name}");
        let is_full_tile = name.contains("/tile/") && !name.contains(".p/");
        let keeping = reply.header("cache-control").contains("immutable");
        assert_eq!(keeping, is_full_tile, "{name}");
    }
    for target in [
        "/sumdb/other.example/latest",
        "/sumdb/other.example/supported",
    ] {
        assert_eq!(served.get(target).status, 404, "{target}");
    }
}

fn a_database_is_offered_only_while_all_versions_have_a_record() {
    let world = World::new();
    fetch(&world, &["example.com/m0@v1.0.0"]);
    let served = serve(&world);
    assert_eq!(supported(&served), 200);
    // Go, or somebody else, adds a version without telling the database.
    for kind in ["info", "mod"] {
        let path = format!("mod/cache/download/example.com/m0/@v/v1.5.0.{kind}");
        world.sandbox.write(&path, "x");
    }
    let target = format!("/sumdb/{NAME}/supported");
    served.until(&target, |reply: &Reply| reply.status == 404);
}

fn go_verifies_with_the_server_alone() {
    let world = World::new();
    fetch(&world, &MODULES);
    let served = serve(&world);
    let before = world.server.targets().len();
    let key = world.database.verifier_key();
    for number in [1, 0] {
        let user = world.user(&format!("user{number}"));
        assert_eq!(user.verify_by_go(&key, &served.url, number), Ok(()));
    }
    assert_eq!(
        world.server.targets().len(),
        before,
        "nothing was asked for"
    );
    let told = served.stop();
    told.mentions(["/sumdb/sum.example/test/lookup/example.com/m1@v1.0.0 HTTP/1.1\" 200"]);
}

fn what_is_fetched_is_verified_and_its_records_are_given_on() {
    let world = World::new();
    let proxy = format!("{}/without", world.server.url());
    let modcache = world.sandbox.path("mod");
    let mut command = Served::command(&world.sandbox, &modcache, &["--fetch", "--proxy", &proxy]);
    let gopath = world.sandbox.path("path");
    let served = Served::spawn(command.env("GOSUMDB", world.direct()).env("GOPATH", gopath));
    let key = world.database.verifier_key();
    for number in [2, 0, 1] {
        let user = world.user(&format!("user{number}"));
        assert_eq!(user.verify_by_go(&key, &served.url, number), Ok(()));
    }
    assert_eq!(supported(&served), 200);
    // A tile that no record here needs, but perhaps another client.
    let tile = format!("/sumdb/{NAME}/tile/8/0/000.p/1");
    assert_eq!(served.get(&tile).body.len(), 32);
    // Another sum than that of everybody else is not given on.
    let module = "/example.com/m3/@v/v1.0.0";
    let other = world.modules[&format!("{module}.mod")].clone();
    let mut lying = crate::world::Files::default().module("example.com/m3", &["v1.0.0"]);
    lying.set(
        &format!("{module}.mod"),
        crate::loopback::Answer::ok([&other[..], b"// more"].concat()),
    );
    let lying = lying.serve();
    let mut command = Served::command(
        &world.sandbox,
        &modcache,
        &["--fetch", "--proxy", &lying.url()],
    );
    let gopath = world.sandbox.path("path");
    let served = Served::spawn(command.env("GOSUMDB", world.direct()).env("GOPATH", gopath));
    let reply = served.get(&format!("{module}.mod"));
    assert_eq!(reply.status, 502, "{reply:#?}");
    assert!(reply.text().contains("checksum mismatch"), "{reply:#?}");
}

fn the_database_never_hears_of_private_modules() {
    let world = World::new();
    let modcache = world.sandbox.path("mod");
    let mut command = Served::command(&world.sandbox, &modcache, &["--fetch", "--sumdb", "auto"]);
    command.env("GOSUMDB", world.direct()).env("GOPROXY", "off");
    command
        .env("GONOSUMDB", "example.com/m0")
        .env("GOPATH", world.sandbox.path("path"));
    let served = Served::spawn(&mut command);
    let lookup = |module: &str| {
        served
            .get(&format!("/sumdb/{NAME}/lookup/{module}@v1.0.0"))
            .status
    };
    assert_eq!(lookup("example.com/m0"), 404);
    assert_eq!(world.server.targets(), [""; 0]);
    assert_eq!(lookup("example.com/m1"), 200);
}
