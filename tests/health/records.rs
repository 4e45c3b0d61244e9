//! Sums that are recorded elsewhere: what go.sum files and checksum databases say beats a `.ziphash`.

use crate::damage::{OTHER_SUM, change, write};
use crate::support::sandbox::tell;
use crate::support::tests;
use crate::support::tree::difference;
use crate::world::{VERSIONS, World};
use libtest_mimic::Trial;
use std::path::{Path, PathBuf};

/// The tests of this group.
pub(crate) fn trials() -> Vec<Trial> {
    tests!("records":
        a_wrong_line_of_go_sum_is_told_and_nothing_is_changed,
        a_wrong_record_is_told_and_nothing_is_changed,
        a_record_that_cannot_be_read_is_removed,
        a_record_beats_a_hash,
        a_forged_version_is_replaced_by_the_recorded_one,
        every_version_can_be_required_to_have_a_sum,
    )
}

/// Gives the sum of v1.1.0.
fn sum(world: &World) -> String {
    let file = world
        .sandbox
        .path("sound")
        .join(VERSIONS)
        .join("v1.1.0.ziphash");
    std::fs::read_to_string(file).expect("a sum")
}

/// Writes a record of v1.1.0, as go keeps it.
fn record(world: &World, lines: &str) -> PathBuf {
    let file = world.path("cache/download/sumdb/sum.golang.org/lookup/example.com/m@v1.1.0");
    let note = "go.sum database tree\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n— sum.golang.org Az3g\n";
    write(&file, &format!("7\n{lines}\n{note}"));
    file
}

fn a_wrong_line_of_go_sum_is_told_and_nothing_is_changed() {
    let world = World::new(2);
    let wrong =
        format!("example.com/m v1.1.0 {OTHER_SUM}\nexample.com/m v1.0.0/go.mod {OTHER_SUM}\n");
    let file = world.sandbox.write("wrong.sum", wrong);
    let file = file.display().to_string();
    let told = tell(world.verify().args(["--sum", &file]));
    let lines: Vec<String> = told.stdout.lines().map(str::to_owned).collect();
    assert_eq!((told.code, lines.len()), (Some(3), 2), "{told:#?}");
    assert!(lines[0].starts_with("example.com/m@v1.0.0  mod  has sum h1:"));
    let expected = format!(
        "example.com/m@v1.1.0  zip  has sum {}, and {file} says {OTHER_SUM}",
        sum(&world)
    );
    assert_eq!(lines[1], expected);
    let told = tell(world.repair().args(["--sum", &file]));
    assert_eq!(told.code, Some(3), "{told:#?}");
    assert_eq!(
        told.stdout.matches("; not repaired: ").count(),
        2,
        "{told:#?}"
    );
    world.assert_sound();
}

fn a_wrong_record_is_told_and_nothing_is_changed() {
    let world = World::new(2);
    record(&world, &format!("example.com/m v1.1.0 {OTHER_SUM}\n"));
    let before = world.found();
    let told = tell(&mut world.verify());
    let expected = format!(
        "example.com/m@v1.1.0  zip  has sum {}, and sum.golang.org says {OTHER_SUM}\n",
        sum(&world)
    );
    assert_eq!((told.code, told.stdout), (Some(3), expected));
    assert_eq!(tell(world.verify().args(["--sumdb", "off"])).code, Some(0));
    assert_eq!(tell(&mut world.repair()).code, Some(3));
    assert_eq!(difference(&before, &world.found()), "");
}

fn a_record_that_cannot_be_read_is_removed() {
    let world = World::new(2);
    let file = record(&world, "");
    change(&file, |it| it.fill(0));
    let told = tell(&mut world.verify());
    let expected = format!(
        "example.com/m@v1.1.0  record  malformed record data: {}\n",
        file.display()
    );
    assert_eq!((told.code, told.stdout), (Some(1), expected));
    assert_eq!(tell(&mut world.repair()).code, Some(0));
    assert!(!file.exists());
}

fn a_record_beats_a_hash() {
    let world = World::new(2);
    record(&world, &format!("example.com/m v1.1.0 {}\n", sum(&world)));
    write(&world.path(VERSIONS).join("v1.1.0.ziphash"), OTHER_SUM);
    let told = tell(&mut world.verify());
    let expected = format!(
        "example.com/m@v1.1.0  ziphash  is {OTHER_SUM}, and the zip has sum {}, as it must\n",
        sum(&world)
    );
    assert_eq!((told.code, told.stdout), (Some(1), expected));
    let told = tell(world.repair().args(["--proxy", "off"]));
    assert_eq!(told.code, Some(0), "{told:#?}");
    assert_eq!(
        std::fs::read_to_string(world.path(VERSIONS).join("v1.1.0.ziphash")).expect("a sum"),
        sum(&world)
    );
}

/// Makes another v1.1.0, in which zip, hash and folder agree.
pub(crate) fn forge(world: &World) {
    let other = World::new(1);
    let repository = other.sandbox.path("other.git");
    crate::support::mirror::Mirror::new()
        .go_mod("example.com/m")
        .file("m.go", "package m\n\n// Forged is.\nconst Forged = 1\n")
        .release("v1.1.0")
        .build(&repository);
    let mut fetch = other.sandbox.gomodcache();
    fetch.args(["fetch", "example.com/m@v1.1.0", "--mirror"]);
    fetch.arg(format!("example.com/m={}", repository.display()));
    fetch.arg("--modcache").arg(other.sandbox.path("forged"));
    crate::support::sandbox::run_well(&mut fetch);
    let forged = other.sandbox.path("forged");
    for name in ["zip", "ziphash"] {
        let file = Path::new(VERSIONS).join(format!("v1.1.0.{name}"));
        std::fs::copy(forged.join(&file), world.path("").join(&file)).expect("copied");
    }
    let folder = "example.com/m@v1.1.0";
    crate::world::copy(&forged.join(folder), &world.path(folder));
}

fn a_forged_version_is_replaced_by_the_recorded_one() {
    let world = World::new(2);
    forge(&world);
    assert_eq!(tell(&mut world.verify()).code, Some(0));
    let go_sum = world.go_sum();
    let told = tell(world.verify().arg("--sum").arg(&go_sum));
    assert_eq!(told.code, Some(3), "{told:#?}");
    let told = tell(world.repair().arg("--sum").arg(&go_sum));
    assert_eq!(told.code, Some(0), "{told:#?}");
    let lines: Vec<&str> = told.stdout.lines().collect();
    assert_eq!(lines.len(), 2, "{told:#?}");
    assert!(lines[0].ends_with("; repaired: fetched again"), "{told:#?}");
    assert!(
        lines[1]
            .ends_with("folder  was not extracted to the end; repaired: extracted from the zip"),
        "{told:#?}"
    );
    world.assert_sound();
}

fn every_version_can_be_required_to_have_a_sum() {
    let world = World::new(2);
    let covered: Vec<&str> = world
        .sums
        .lines()
        .filter(|line| line.contains("v1.0.0"))
        .collect();
    let file = world.sandbox.write("some.sum", covered.join("\n"));
    let told = tell(
        world
            .verify()
            .args(["--sumdb", "require", "--sum"])
            .arg(file),
    );
    let expected = "example.com/m@v1.1.0  zip  has a sum in no go.sum file, and in no record of a checksum database\n";
    assert_eq!((told.code, told.stdout.as_str()), (Some(1), expected));
}
