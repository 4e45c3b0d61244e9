//! Repairs that are killed, at any moment.

use crate::damage::{change, flip, write};
use crate::records::forge;
use crate::support::kill::Kills;
use crate::support::sandbox::{make_writable, tell};
use crate::support::tests;
use crate::support::tree::Listing;
use crate::world::{CACHE, VERSIONS, World, copy};
use libtest_mimic::Trial;
use std::collections::BTreeSet;
use std::time::{Duration, SystemTime};

/// The tests of this group.
pub(crate) fn trials() -> Vec<Trial> {
    tests!("killed": a_killed_repair_makes_nothing_worse_and_the_next_one_ends_it)
}

const KILLS: usize = 200;

/// Damages one version after the other, each in another way.
fn damage(world: &World) {
    let file = |name: &str| world.path(VERSIONS).join(name);
    make_writable(&world.path(""));
    change(&file("v1.0.0.zip"), |it| it.fill(0));
    forge(world);
    flip(&world.path("example.com/m@v1.2.0/p/p.go"), 20);
    write(&file("v1.3.0.partial"), "");
    std::fs::remove_dir_all(world.path("example.com/m@v1.3.0/p")).expect("gone");
    std::fs::remove_file(file("v1.4.0.ziphash")).expect("gone");
    flip(&world.path("example.com/m@v1.4.0/m.go"), 3);
    change(&file("v1.5.0.info"), |it| it.fill(0));
    change(&file("v1.5.0.mod"), |it| it.fill(0));
    change(&file("v1.6.0.ziphash"), |it| it.fill(0));
    flip(&world.path("example.com/m@v1.6.0/p/q/q.go"), 3);
    flip(&world.path("example.com/m@v1.7.0/p/q/q.go"), 3);
    std::fs::remove_file(file("v1.7.0.zip")).expect("gone");
    // Whoever has just written a go.mod is waited for to write the list.
    let long_ago = SystemTime::now() - Duration::from_secs(3600);
    for number in 0..8 {
        let go_mod = file(&format!("v1.{number}.0.mod"));
        let go_mod = std::fs::File::options().write(true).open(go_mod);
        go_mod.expect("there").set_modified(long_ago).expect("aged");
    }
    write(&file("list"), "v1.3.0\n");
    write(&file("v1.1.0.zip123.tmp"), "half");
}

/// Names what go trusts although it is not what it should be. Of a zip and a folder it looks at the `.ziphash` alone,
/// which go.sum must have.
fn wrongly_trusted(sound: &Listing, found: &Listing) -> BTreeSet<String> {
    let content = |listing: &Listing, name: &str| {
        let text = listing.get(name)?;
        Some(text.split_once(' ')?.1.to_owned())
    };
    let is_right = |name: &str| content(found, name) == content(sound, name);
    let mut wrong = BTreeSet::new();
    for number in 0..8 {
        let file = |kind: &str| format!("{VERSIONS}/v1.{number}.0.{kind}");
        for kind in ["info", "mod"] {
            if !is_right(&file(kind)) {
                wrong.insert(file(kind));
            }
        }
        if !is_right(&file("ziphash")) {
            continue;
        }
        if found.contains_key(&file("zip")) && !is_right(&file("zip")) {
            wrong.insert(file("zip"));
        }
        let folder = format!("example.com/m@v1.{number}.0");
        let below = |name: &&String| name.starts_with(&format!("{folder}/"));
        let counts = found.contains_key(&folder) && !found.contains_key(&file("partial"));
        let mut files = sound.keys().chain(found.keys()).filter(below);
        if counts && !files.all(|name| is_right(name)) {
            wrong.insert(folder);
        }
    }
    wrong
}

fn a_killed_repair_makes_nothing_worse_and_the_next_one_ends_it() {
    let world = World::new(8);
    let go_sum = world.go_sum();
    let repair = || {
        let mut repair = world.repair();
        repair.arg("--sum").arg(&go_sum);
        repair
    };
    damage(&world);
    let damaged = world.sandbox.path("damaged");
    copy(&world.path(""), &damaged);
    let sound = world.sound();
    let before = wrongly_trusted(&sound, &world.found());
    assert!(before.len() >= 4, "{before:#?}");
    // The first run is the slowest, for the program is not in memory yet.
    tell(&mut repair());
    copy(&damaged, &world.sandbox.path(CACHE));
    let (mut kills, _) = Kills::of(&mut repair());
    assert_eq!(wrongly_trusted(&sound, &world.found()), BTreeSet::new());
    for _ in 0..KILLS {
        copy(&damaged, &world.sandbox.path(CACHE));
        let moment = kills.kill(&mut repair());
        let now = wrongly_trusted(&sound, &world.found());
        let new: Vec<&String> = now.difference(&before).collect();
        assert!(new.is_empty(), "{new:#?} after {moment:?}");
        let told = tell(&mut repair());
        assert_eq!(told.code, Some(0), "{told:#?} after {moment:?}");
        // A `.info` or `.mod` that somebody may still be writing stays for ten minutes.
        let mut mended = world.found();
        mended.retain(|name, _| !name.ends_with(".tmp") || name.contains(".zip"));
        let differences = contents_that_differ(&sound, &mended);
        assert!(differences.is_empty(), "{differences:#?} after {moment:?}");
    }
    kills.assert_many();
}

/// Names the files whose contents differ. Modes of folders come last, and are no matter to go.
fn contents_that_differ(sound: &Listing, found: &Listing) -> Vec<String> {
    let names: BTreeSet<&String> = sound.keys().chain(found.keys()).collect();
    let content = |listing: &Listing, name: &str| {
        let text = listing.get(name)?;
        Some(text.split_once(' ')?.1.to_owned())
    };
    let differ = names
        .into_iter()
        .filter(|name| content(sound, name) != content(found, name));
    differ.cloned().collect()
}
