//! Retractions, and go.mod files of other modules: forks and replaced paths.

use crate::support::case::{Case, case, trials as make};
use crate::support::mirror::Mirror;
use libtest_mimic::Trial;

/// The tests of this group.
pub(crate) fn trials() -> Vec<Trial> {
    make(
        "retractions",
        [retracted(), where_found(), forks()].concat(),
    )
}

/// v1.0.0 and v1.1.0, then v1.2.0 whose go.mod ends with these lines, then an untagged commit.
fn ending_with(lines: &str) -> Mirror {
    Mirror::new()
        .go_mod("example.com/m")
        .file("m.go", "package m\n")
        .release("v1.0.0")
        .release("v1.1.0")
        .file(
            "go.mod",
            format!("module example.com/m\n\ngo 1.16\n\n{lines}\n"),
        )
        .release("v1.2.0")
        .commit("tip")
}

fn retracted() -> Vec<Case> {
    let latest = |name: &str, lines: &str| case(name, ending_with(lines), "example.com/m@latest");
    let all = "retract [v0.0.0, v1.9.9]";
    vec![
        latest("latest skips itself when it is retracted", "retract v1.2.0").gives("v1.1.0"),
        latest(
            "latest keeps itself when others are retracted",
            "retract v1.1.0",
        )
        .gives("v1.2.0"),
        latest("latest skips a range", "retract [v1.1.0, v1.2.0] // broken").gives("v1.0.0"),
        latest(
            "latest reads a block of retractions",
            "retract (\n\tv1.2.0 // bad\n\t[v1.1.0, v1.1.9]\n)",
        )
        .gives("v1.0.0"),
        latest("latest is a commit when every version is retracted", all)
            .gives("v0.0.0-{tip:pseudo}"),
        latest(
            "latest takes a range without releases",
            "retract [v1.3.0, v1.4.0]",
        )
        .gives("v1.2.0"),
        latest(
            "latest reads a retraction of a short version",
            "retract v1.2",
        )
        .gives("v1.1.0"),
        latest(
            "latest takes a retraction without a version for none",
            "retract",
        )
        .gives("v1.2.0"),
        latest(
            "latest takes a range upside down for none",
            "retract [v1.2.0, v1.0.0]",
        )
        .gives("v1.2.0"),
        latest(
            "latest takes an open range for none",
            "retract [v1.0.0, v1.2.0",
        )
        .gives("v1.2.0"),
        latest("latest reads a quoted retraction", "retract \"v1.2.0\"").gives("v1.1.0"),
        case(
            "a retracted version is given to who names it",
            ending_with("retract v1.1.0"),
            "example.com/m@v1.1.0",
        )
        .gives("v1.1.0"),
        case(
            "a retracted newest version is given to who names it",
            ending_with("retract v1.2.0"),
            "example.com/m@v1.2.0",
        )
        .gives("v1.2.0"),
        case(
            "a prefix skips retracted versions",
            ending_with("retract v1.2.0"),
            "example.com/m@v1",
        )
        .gives("v1.1.0"),
        case(
            "a prefix with only retracted versions is refused",
            ending_with("retract v1.2.0"),
            "example.com/m@v1.2",
        )
        .refused("no matching versions"),
        case(
            "a comparison skips retracted versions",
            ending_with("retract v1.1.0"),
            "example.com/m@>v1.0.0",
        )
        .gives("v1.2.0"),
        case(
            "at most skips retracted versions",
            ending_with("retract v1.1.0"),
            "example.com/m@<=v1.1.0",
        )
        .gives("v1.0.0"),
        case(
            "a commit after retracted versions has a lower base",
            ending_with("retract v1.2.0"),
            "example.com/m@main",
        )
        .gives("v1.1.1-0.{tip:pseudo}"),
        case(
            "a commit with a retracted tag becomes a pseudo-version",
            ending_with("retract v1.2.0"),
            "example.com/m@{v1.2.0}",
        )
        .gives("v1.1.1-0.{v1.2.0:pseudo}"),
        case(
            "a given base may be retracted",
            ending_with("retract v1.2.0"),
            "example.com/m@v1.2.1-0.{tip:pseudo}",
        )
        .gives("v1.2.1-0.{tip:pseudo}"),
        case(
            "a branch with only retracted versions has no base",
            ending_with(all),
            "example.com/m@main",
        )
        .gives("v0.0.0-{tip:pseudo}"),
    ]
}

fn where_found() -> Vec<Case> {
    let in_pre_release = Mirror::new()
        .go_mod("example.com/m")
        .release("v1.0.0")
        .release("v1.1.0")
        .file("go.mod", "module example.com/m\n\nretract v1.1.0\n")
        .release("v1.2.0-rc.1");
    let only_pre_releases = Mirror::new()
        .go_mod("example.com/m")
        .release("v1.0.0-alpha")
        .file("go.mod", "module example.com/m\n\nretract v1.0.0-beta\n")
        .release("v1.0.0-beta");
    let in_head = Mirror::new()
        .go_mod("example.com/m")
        .release("v1.0.0")
        .release("v1.1.0")
        .file("go.mod", "module example.com/m\n\nretract v1.1.0\n")
        .commit("tip");
    let of_v2 = Mirror::new()
        .go_mod("example.com/m/v2")
        .release("v2.0.0")
        .file("go.mod", "module example.com/m/v2\n\nretract v2.1.0\n")
        .release("v2.1.0");
    let of_folder = Mirror::new()
        .file("sub/go.mod", "module example.com/m/sub\n")
        .commit("one")
        .tag("sub/v1.0.0")
        .file("sub/go.mod", "module example.com/m/sub\n\nretract v1.1.0\n")
        .commit("two")
        .tag("sub/v1.1.0");
    let pseudo = ending_with("retract [v1.2.1-0, v1.2.1]");
    let lost_interest = ending_with("retract v1.1.0")
        .go_mod("example.com/m")
        .release("v1.3.0");
    let broken = ending_with("retract v1.1.0")
        .file("go.mod", "module example.com/m\n\nretract (\n")
        .release("v1.3.0");
    vec![
        case(
            "a pre-release does not retract while there are releases",
            in_pre_release,
            "example.com/m@latest",
        )
        .gives("v1.1.0"),
        case(
            "a pre-release retracts when there is no release",
            only_pre_releases,
            "example.com/m@latest",
        )
        .gives("v1.0.0-alpha"),
        case(
            "an untagged commit does not retract",
            in_head,
            "example.com/m@latest",
        )
        .gives("v1.1.0"),
        case(
            "v2 retracts its own versions",
            of_v2,
            "example.com/m/v2@latest",
        )
        .gives("v2.0.0"),
        case(
            "a folder retracts its own versions",
            of_folder,
            "example.com/m/sub@latest",
        )
        .gives("v1.0.0"),
        case(
            "a retracted pseudo-version is given to who names the commit",
            pseudo,
            "example.com/m@main",
        )
        .gives("v1.2.1-0.{tip:pseudo}"),
        case(
            "a retraction that the newest version dropped does not count",
            lost_interest,
            "example.com/m@v1.1",
        )
        .gives("v1.1.0"),
        case(
            "a newest go.mod that cannot be read retracts nothing",
            broken,
            "example.com/m@latest",
        )
        .gives("v1.3.0"),
    ]
}

/// go.mod files that name another module: a fork is fetched under its own path.
fn forks() -> Vec<Case> {
    let over = |name: &str, path: &str| {
        let mirror = Mirror::new()
            .go_mod(path)
            .file("m.go", "package m\n")
            .release("v1.0.0");
        case(name, mirror, "example.com/m@v1.0.0")
    };
    let v2 = |name: &str, path: &str| {
        let mirror = Mirror::new()
            .go_mod(path)
            .file("m.go", "package m\n")
            .release("v2.0.0");
        case(name, mirror, "example.com/m/v2@v2.0.0")
    };
    vec![
        over(
            "a fork keeps the path of the original in go.mod",
            "example.org/original",
        )
        .gives("v1.0.0"),
        over("a fork of gopkg.in v1 is taken", "gopkg.in/original.v1").gives("v1.0.0"),
        over(
            "a fork of gopkg.in v2 is taken without suffix",
            "gopkg.in/original.v2",
        )
        .gives("v1.0.0"),
        over(
            "a fork of a v2 module is refused without suffix",
            "example.org/original/v2",
        )
        .refused("post-v1 module path"),
        over("a go.mod path with a fault is taken", "Example.com/m m").gives("v1.0.0"),
        v2(
            "a fork of a v2 module is taken with suffix",
            "example.org/original/v2",
        )
        .gives("v2.0.0"),
        v2(
            "a fork of gopkg.in v2 is taken with suffix",
            "gopkg.in/original.v2",
        )
        .gives("v2.0.0"),
        v2(
            "a fork of a v1 module is refused with suffix",
            "example.org/original",
        )
        .refused("non-.../v2 module path"),
    ]
}
