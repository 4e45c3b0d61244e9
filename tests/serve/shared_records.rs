//! Servers share what they know of a checksum database by the bucket alone.

use crate::bucket::{Bucket, URL, bucket_tests};
use crate::databases::world::{BETWEEN, MODULES, NAME, World};
use crate::loopback::Answer;
use crate::team::Served;
use libtest_mimic::Trial;

/// The tests of this group.
pub(crate) fn trials() -> Vec<Trial> {
    bucket_tests!("shared_records":
        what_one_server_has_looked_up_no_other_looks_up_again,
        a_server_that_asks_nobody_proves_what_others_have_looked_up,
        one_version_without_a_record_leaves_the_database_to_others,
        a_tree_that_the_database_did_not_sign_is_met_by_nobody,
    )
}

/// A database, modules, and servers that have a bucket in common.
struct Team {
    world: World,
    bucket: Bucket,
}

const SUPPORTED: &str = "supported";

impl Team {
    fn new() -> Team {
        let world = World::new();
        let bucket = Bucket::new(&world.sandbox);
        Team { world, bucket }
    }

    /// A server with a cache and a GOPATH of its own.
    fn serve(&self, name: &str, gosumdb: &str, options: &[&str]) -> Served {
        let sandbox = &self.world.sandbox;
        let modcache = sandbox.path(name);
        let mut command = Served::command(sandbox, &modcache, &["--storage", URL]);
        Bucket::variables(&mut command, &self.bucket.address);
        let gopath = sandbox.path(&format!("{name}-path"));
        command.args(options).env("GOPATH", gopath);
        Served::spawn(command.env("GOSUMDB", gosumdb))
    }

    /// One that fetches from a proxy which has no database, and verifies.
    fn fetching(&self, name: &str) -> Served {
        let proxy = format!("{}/without", self.world.server.url());
        self.serve(name, &self.world.direct(), &["--fetch", "--proxy", &proxy])
    }

    fn verify(&self, user: &str, server: &Served, number: u64) -> Result<(), String> {
        let key = self.world.database.verifier_key();
        self.world
            .user(user)
            .verify_by_go(&key, &server.url, number)
    }
}

fn offered(server: &Served) -> u16 {
    server.get(&format!("/sumdb/{NAME}/{SUPPORTED}")).status
}

fn what_one_server_has_looked_up_no_other_looks_up_again() {
    let team = Team::new();
    let lookups = || {
        let targets = team.world.server.targets();
        let lookups = targets.iter().filter(|target| target.contains("/lookup/"));
        lookups.count()
    };
    let first = team.fetching("first");
    assert_eq!(team.verify("a", &first, 0), Ok(()));
    drop(first);
    let before = lookups();
    assert!(before > 0);
    let other = team.fetching("other");
    assert_eq!(offered(&other), 200);
    assert_eq!(team.verify("b", &other, 0), Ok(()));
    assert_eq!(lookups(), before, "the record is stored");
}

/// Records of trees of different sizes, put by servers that do not know of each other, and not in the order in which
/// somebody looks them up.
fn a_server_that_asks_nobody_proves_what_others_have_looked_up() {
    let team = Team::new();
    let all = MODULES * (BETWEEN + 1);
    // The first three records are in the first tile, which is whole in the last two trees and proves no record there.
    let fetched = [
        ("a", 2, 211),
        ("b", 0, 230),
        ("c", 1, 250),
        ("d", 3, 310),
        ("e", 4, all),
    ];
    for (name, number, size) in fetched {
        team.world.database.show(size);
        let server = team.fetching(name);
        let verified = team.verify(&format!("user-of-{name}"), &server, number);
        assert_eq!(verified, Ok(()), "{name} fetches {number}");
    }
    team.world.change(|_, _| Answer::status(500));
    let alone = team.serve("alone", "off", &[]);
    assert_eq!(offered(&alone), 200);
    for (user, order) in [
        ("rising", [0, 1, 2, 3, 4]),
        ("falling", [4, 3, 2, 1, 0]),
        ("mixed", [2, 4, 0, 3, 1]),
    ] {
        for number in order {
            let verified = team.verify(user, &alone, number);
            assert_eq!(verified, Ok(()), "{user}: {number}");
        }
    }
}

fn one_version_without_a_record_leaves_the_database_to_others() {
    let team = Team::new();
    let first = team.fetching("first");
    assert_eq!(team.verify("a", &first, 0), Ok(()));
    let alone = team.serve("alone", "off", &[]);
    assert_eq!(offered(&alone), 200);
    let proxy = format!("{}/without", team.world.server.url());
    let trusting = team.serve("trusting", "off", &["--fetch", "--proxy", &proxy]);
    assert_eq!(trusting.get("/example.com/m1/@v/v1.0.0.info").status, 200);
    assert_eq!(offered(&team.serve("later", "off", &[])), 404);
}

fn a_tree_that_the_database_did_not_sign_is_met_by_nobody() {
    let team = Team::new();
    let first = team.fetching("first");
    assert_eq!(team.verify("a", &first, 0), Ok(()));
    drop(first);
    let latest = team.bucket.object(&format!("sumdb/{NAME}/latest"));
    let signed = std::fs::read_to_string(&latest).expect("a note");
    std::fs::write(&latest, signed.replace("database tree", "database  tree")).expect("a note");
    let other = team.fetching("other");
    let answer = other.get("/example.com/m1/@v/v1.0.0.info");
    assert_eq!(answer.status, 500);
    let log = other.stop().stderr;
    assert!(
        log.contains("cannot use the tree of sum.example/test in s3://go-modules/team"),
        "{log}"
    );
    assert!(!team.bucket.object("example.com/m1/@v/v1.0.0.info").exists());
}
