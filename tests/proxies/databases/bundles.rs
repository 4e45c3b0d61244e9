//! Records of a checksum database in bundles: whoever unpacks them verifies with them offline.

use super::command::{cache, fetch};
use super::world::{MODULES, NAME, World, module};
use crate::sumdb::files_below;
use crate::support::oracle_tests;
use crate::support::sandbox::{Told, make_read_only, make_writable, run_well, tell};
use libtest_mimic::Trial;
use std::path::PathBuf;
use std::process::Command;

/// The tests of this group.
pub(super) fn trials() -> Vec<Trial> {
    oracle_tests!("carried":
        go_verifies_offline_with_what_was_unpacked,
        records_travel_though_go_sum_vouches,
        older_and_newer_trees_arrive_in_any_order,
        records_of_another_database_are_left_out_and_told,
        a_version_without_a_record_can_be_refused,
        a_cache_that_lacks_nothing_need_not_be_writable,
    )
}

/// Fetches modules one after the other, each from a larger tree than the one before, and packs all of them.
fn packed(world: &World, numbers: &[u64]) {
    for number in numbers {
        world
            .database
            .show([130, 257, 303, 404, 505][*number as usize]);
        let told = fetch(world, &[&module(*number).to_string()], &[]);
        assert_eq!(told.code, Some(0), "{told:#?}");
    }
    pack(world, &["--all"]);
}

fn pack(world: &World, arguments: &[&str]) {
    let mut command = world.sandbox.gomodcache();
    command.args(["pack", "-o", "b.tar.zst"]).args(arguments);
    run_well(command.env("GOMODCACHE", cache(world)));
}

/// The folder of the receiver.
fn inside(world: &World) -> PathBuf {
    world.user("inside").folder
}

/// Unpacks on a machine that knows nothing but the key of the database.
fn unpack(world: &World, arguments: &[&str]) -> Told {
    let mut command = world.sandbox.gomodcache();
    be_inside(world, &mut command);
    tell(command.args(["unpack", "b.tar.zst"]).args(arguments))
}

fn be_inside(world: &World, command: &mut Command) {
    command
        .env("GOENV", "off")
        .env("GOPATH", inside(world).join("gopath"))
        .env("GOMODCACHE", inside(world).join("mod"))
        .env("GOSUMDB", world.database.verifier_key());
}

/// Demands that go verifies each module with what was unpacked, in any order.
fn go_verifies(world: &World) {
    let goproxy = format!(
        "file://{}",
        inside(world).join("mod/cache/download").display()
    );
    let before = world.server.targets().len();
    let key = world.database.verifier_key();
    for number in [3, 0, 4, 1, 2] {
        let user = world.user(&format!("user{}", number % 2));
        assert_eq!(
            user.verify_by_go(&key, &goproxy, number),
            Ok(()),
            "{number}"
        );
    }
    assert_eq!(
        world.server.targets().len(),
        before,
        "nothing was asked for"
    );
}

fn go_verifies_offline_with_what_was_unpacked() {
    let world = World::new();
    packed(&world, &[0, 1, 2, 3, 4]);
    let told = unpack(&world, &["--sumdb", "require"]);
    told.prints("");
    told.mentions([&format!(
        "added {MODULES}, already there 0\nverified by {NAME} {MODULES}\n"
    )]);
    let sent = files_below(&cache(&world).join("cache/download/sumdb"));
    let arrived = world.user("inside").kept();
    assert!(sent.contains_key(&format!("{NAME}/supported")));
    assert_eq!(
        sent.keys().collect::<Vec<_>>(),
        arrived.keys().collect::<Vec<_>>()
    );
    assert!(sent == arrived);
    go_verifies(&world);
}

fn records_travel_though_go_sum_vouches() {
    let world = World::new();
    packed(&world, &[0, 1, 2, 3, 4]);
    let lines =
        (0..MODULES).map(|number| fetch(&world, &[&module(number).to_string()], &[]).stdout);
    let sums = world.sandbox.write("known.sum", lines.collect::<String>());
    let told = unpack(
        &world,
        &["--sumdb", "require", "--sum", &sums.display().to_string()],
    );
    told.prints("");
    told.mentions([&format!("verified by go.sum {MODULES}\n")]);
    go_verifies(&world);
}

fn older_and_newer_trees_arrive_in_any_order() {
    for order in [["old", "new"], ["new", "old"], ["old", "delta"]] {
        let world = World::new();
        let bundle = |name: &str| world.sandbox.path(&format!("work/{name}.tar.zst"));
        let keep = |name: &str| std::fs::rename(bundle("b"), bundle(name)).expect("a bundle");
        packed(&world, &[0, 1, 2]);
        keep("old");
        packed(&world, &[3, 4]);
        keep("new");
        pack(&world, &["--all", "--since", "old.tar.zst"]);
        keep("delta");
        for name in order {
            std::fs::copy(bundle(name), bundle("b")).expect("a bundle");
            let told = unpack(&world, &["--sumdb", "require"]);
            assert_eq!(told.code, Some(0), "{name} of {order:?}: {told:#?}");
        }
        go_verifies(&world);
    }
}

fn records_of_another_database_are_left_out_and_told() {
    let world = World::new();
    packed(&world, &[0]);
    let words = [
        "not in force here (GOSUMDB, --sumdb): they are left out\n",
        "added 1, already there 0\n",
    ];
    unpack(&world, &["--sumdb", "off"]).mentions(words);
    assert!(world.user("inside").kept().is_empty());
}

fn a_version_without_a_record_can_be_refused() {
    let world = World::new();
    fetch(&world, &[&module(0).to_string()], &[]);
    fetch(&world, &[&module(1).to_string(), "--sumdb", "off"], &[]);
    pack(&world, &["--all"]);
    let told = unpack(&world, &["--sumdb", "require"]);
    told.fails(
        1,
        [
            "refused `example.com/m1@v1.0.0`",
            "has no sum",
            "added 1, already there 0, refused 1\n",
        ],
    );
    unpack(&world, &[]).mentions([
        "added 1, already there 1\n",
        "verified by sum.example/test 1, unverified 1\n",
    ]);
}

fn a_cache_that_lacks_nothing_need_not_be_writable() {
    let world = World::new();
    packed(&world, &[0, 1]);
    unpack(&world, &["--sumdb", "require"]).mentions(["added 2, already there 0\n"]);
    let cache = inside(&world).join("mod");
    let reader = |arguments: &[&str]| {
        let mut command = world.sandbox.gomodcache_bound_by_modes();
        be_inside(&world, &mut command);
        tell(command.args(arguments))
    };
    let unpack_again = ["unpack", "b.tar.zst", "--sumdb", "require"];
    let supported = cache.join(format!("cache/download/sumdb/{NAME}/supported"));
    for offered in [true, false] {
        make_read_only(&cache);
        for (arguments, said) in [
            (unpack_again.as_slice(), "added 0, already there 2\n"),
            (&["verify"], "verified 2 versions: all is well\n"),
            (&["verify", "--repair", "--sumdb", "auto"], "all is well\n"),
            (&["list"], "2 versions"),
            (&["manifest"], ""),
            (
                &["pack", "--all", "-o", "again.tar.zst"],
                "packed 2 versions",
            ),
        ] {
            let told = reader(arguments);
            assert_eq!(told.code, Some(0), "{arguments:?}: {told:#?}");
            told.mentions([said]);
        }
        let told = reader(&unpack_again);
        let hidden = told.stderr.contains("the checksum database stay hidden");
        assert_eq!(hidden, !offered, "{told:#?}");
        make_writable(&inside(&world));
        if offered {
            std::fs::remove_file(&supported).expect("gone");
        }
    }
    assert!(!supported.exists());
}
