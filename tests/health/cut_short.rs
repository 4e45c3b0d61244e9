//! Prunes that are killed, at any moment.

use crate::support::kill::{Kills, assert_nothing_half};
use crate::support::sandbox::{run_well, tell};
use crate::support::server::Server;
use crate::support::tree::{self, Listing};
use crate::support::{oracle, oracle_tests, tests};
use crate::world::{CACHE, VERSIONS, World, listing};
use libtest_mimic::Trial;
use std::cell::RefCell;
use std::process::Command;
use std::time::Duration;

/// The tests of this group.
pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = tests!("cut_short":
        a_killed_prune_leaves_nothing_wrong_and_the_next_one_ends_it);
    trials.extend(oracle_tests!("cut_short": go_goes_on_with_what_a_killed_prune_has_left));
    trials
}

const KILLS: usize = 200;
const KILLS_BEFORE_GO: usize = 6;
const COUNT: usize = 8;

/// Kills a prune of everything this often, each time in a whole cache, and looks what is left.
fn kill_often(world: &World, count: usize, look: impl Fn(&Listing, Duration)) {
    let whole = world.found();
    let (mut kills, told) = Kills::of(&mut prune(world));
    assert_eq!(told.stdout.lines().count(), COUNT);
    for _ in 0..count {
        world.begin_anew();
        let moment = kills.kill(&mut prune(world));
        let found = world.found();
        assert_nothing_half(&whole, &found, moment);
        look(&found, moment);
    }
    kills.assert_many();
}

fn prune(world: &World) -> Command {
    let mut command = world.sandbox.gomodcache();
    command.args(["prune", "--max-size", "0", "--modcache"]);
    command.arg(world.sandbox.path(CACHE));
    command
}

fn a_killed_prune_leaves_nothing_wrong_and_the_next_one_ends_it() {
    let world = World::new(COUNT);
    let looks = RefCell::new(0..KILLS);
    kill_often(&world, KILLS, |found, moment| {
        assert_list_is_honest(found, moment);
        // It looks at a list again and again that lacks a version.
        if looks.borrow_mut().next().is_some_and(|look| look % 4 == 0) {
            assert_no_fault(&world, moment);
        }
        assert_eq!(tell(&mut prune(&world)).code, Some(0));
        assert_eq!(tree::files(&world.path("")), [""; 0], "after {moment:?}");
        assert!(!world.path("example.com").exists());
    });
}

/// Demands that `verify` finds nothing but what is unfinished.
fn assert_no_fault(world: &World, moment: Duration) {
    let told = tell(&mut world.verify());
    let is_unfinished = |line: &&str| {
        let part = line.split_whitespace().nth(1);
        matches!(part, Some("list" | "leftover")) || line.ends_with("was not extracted to the end")
    };
    let mut faults = told.stdout.lines().filter(|line| !is_unfinished(line));
    assert_eq!(faults.next(), None, "after {moment:?}");
}

/// Demands that the list names only versions that can be had.
fn assert_list_is_honest(found: &Listing, moment: Duration) {
    let Some(list) = found.get(&format!("{VERSIONS}/list")) else {
        return;
    };
    let (_, text) = list.split_once(' ').expect("a mode and a text");
    for version in text
        .trim_matches('"')
        .split("\\n")
        .filter(|it| !it.is_empty())
    {
        let file = format!("{VERSIONS}/{version}.mod");
        assert!(found.contains_key(&file), "no {file} after {moment:?}");
    }
}

fn go_goes_on_with_what_a_killed_prune_has_left() {
    let world = World::new(COUNT);
    let server = Server::start(&world.sandbox);
    let proxy = world.sandbox.path("sound/cache/download");
    let sound = world.sound();
    let go = |arguments: &[&str]| {
        let mut go = oracle::go(&world.sandbox, &server, &world.path(""));
        go.env("GOPROXY", format!("file://{}", proxy.display()));
        go.args(arguments);
        go
    };
    kill_often(&world, KILLS_BEFORE_GO, |_, moment| {
        let requests = (0..COUNT).map(|number| format!("example.com/m@v1.{number}.0"));
        run_well(go(&["mod", "download"]).args(requests));
        let mut found = listing(&world.path(""));
        // Go sweeps files, and only those of versions that it makes.
        found.retain(|name, _| !name.contains(".tmp"));
        assert_eq!(tree::difference(&sound, &found), "", "after {moment:?}");
    });
}
