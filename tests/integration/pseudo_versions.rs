//! Pseudo-versions: made for commits, and checked when they are given.

use crate::support::case::{Case, case, trials as make};
use crate::support::mirror::Mirror;
use libtest_mimic::Trial;

/// The tests of this group.
pub(crate) fn trials() -> Vec<Trial> {
    make(
        "pseudo_versions",
        [made(), given(), faulty(), over_git_protocol()].concat(),
    )
}

/// No tag at all.
fn untagged() -> Mirror {
    Mirror::new()
        .go_mod("example.com/m")
        .file("m.go", "package m\n")
        .commit("first")
        .commit("second")
}

/// A release, a pre-release, a side branch, and commits after each.
fn tagged() -> Mirror {
    Mirror::new()
        .go_mod("example.com/m")
        .file("m.go", "package m\n")
        .commit("before")
        .release("v1.2.3")
        .commit("after")
        .branch("side")
        .release("v1.9.0")
        .branch("main")
        .release("v1.3.0-pre")
        .commit("later")
}

fn made() -> Vec<Case> {
    let dated = Mirror::new()
        .go_mod("example.com/m")
        .zone(330)
        .date("2020-02-29T23:59:59Z")
        .commit("leap");
    let epoch = Mirror::new()
        .go_mod("example.com/m")
        .zone(-120)
        .date("1970-01-01T00:00:00Z")
        .commit("epoch");
    vec![
        case(
            "a commit without an earlier tag is v0.0.0",
            untagged(),
            "example.com/m@main",
        )
        .gives("v0.0.0-{second:pseudo}"),
        case(
            "latest without tags is the last commit",
            untagged(),
            "example.com/m@latest",
        )
        .gives("v0.0.0-{second:pseudo}"),
        case(
            "a commit after a release is before its next patch",
            tagged(),
            "example.com/m@{after}",
        )
        .gives("v1.2.4-0.{after:pseudo}"),
        case(
            "a commit after a pre-release is after it",
            tagged(),
            "example.com/m@main",
        )
        .gives("v1.3.0-pre.0.{later:pseudo}"),
        case(
            "a commit before every tag is v0.0.0",
            tagged(),
            "example.com/m@{before}",
        )
        .gives("v0.0.0-{before:pseudo}"),
        case(
            "the time is the committer's, in UTC",
            dated,
            "example.com/m@main",
        )
        .gives("v0.0.0-20200229235959-{leap:12}"),
        case(
            "the first second of 1970 is a time",
            epoch,
            "example.com/m@main",
        )
        .gives("v0.0.0-19700101000000-{epoch:12}"),
        case(
            "latest of an empty repository is refused",
            Mirror::new(),
            "example.com/m@latest",
        )
        .refused("no matching versions")
        .not_as_a_bundle(),
        case(
            "latest follows a HEAD that names another branch",
            other_head(),
            "example.com/m@latest",
        )
        .gives("v0.0.0-{other:pseudo}"),
        case(
            "latest follows a detached HEAD",
            detached_head(),
            "example.com/m@latest",
        )
        .gives("v0.0.0-{first:pseudo}"),
        case(
            "latest without a commit on HEAD's branch is refused",
            unborn_head(),
            "example.com/m@latest",
        )
        .refused("no matching versions")
        .not_as_a_bundle(),
        case(
            "a branch is found although HEAD has no commit",
            unborn_head(),
            "example.com/m@main",
        )
        .gives("v0.0.0-{first:pseudo}")
        .not_as_a_bundle(),
        case(
            "a version is found although HEAD has no commit",
            unborn_head(),
            "example.com/m@v0.1.0",
        )
        .refused("unknown revision v0.1.0")
        .not_as_a_bundle(),
        case(
            "latest on a commit with a tag of a wrong major is a pseudo-version",
            only_v2(),
            "example.com/m@latest",
        )
        .gives("v0.0.0-{v2.0.0:pseudo}"),
    ]
}

fn other_head() -> Mirror {
    untagged().branch("other").commit("other").head("other")
}

fn detached_head() -> Mirror {
    Mirror::new()
        .go_mod("example.com/m")
        .commit("first")
        .detach()
        .commit("second")
}

fn unborn_head() -> Mirror {
    Mirror::new()
        .go_mod("example.com/m")
        .commit("first")
        .head("nowhere")
}

fn only_v2() -> Mirror {
    Mirror::new().go_mod("example.com/m").release("v2.0.0")
}

fn given() -> Vec<Case> {
    vec![
        case(
            "a given v0.0.0 pseudo-version is taken",
            untagged(),
            "example.com/m@v0.0.0-{first:pseudo}",
        )
        .gives("v0.0.0-{first:pseudo}"),
        case(
            "a given pseudo-version after a release is taken",
            tagged(),
            "example.com/m@v1.2.4-0.{after:pseudo}",
        )
        .gives("v1.2.4-0.{after:pseudo}"),
        case(
            "a given pseudo-version after a pre-release is taken",
            tagged(),
            "example.com/m@v1.3.0-pre.0.{later:pseudo}",
        )
        .gives("v1.3.0-pre.0.{later:pseudo}"),
        case(
            "a base that is not the highest is taken",
            tagged(),
            "example.com/m@v1.2.4-0.{later:pseudo}",
        )
        .gives("v1.2.4-0.{later:pseudo}"),
        case(
            "no base is taken although there are tags",
            tagged(),
            "example.com/m@v0.0.0-{later:pseudo}",
        )
        .gives("v0.0.0-{later:pseudo}"),
        case(
            "no base is taken for a commit with a tag",
            tagged(),
            "example.com/m@v0.0.0-{v1.2.3:pseudo}",
        )
        .gives("v0.0.0-{v1.2.3:pseudo}"),
        case(
            "a base with build metadata is found",
            metadata_base(),
            "example.com/m@v1.0.1-0.{next:pseudo}",
        )
        .gives("v1.0.1-0.{next:pseudo}"),
        case(
            "a tag with build metadata is the base of its own commit",
            metadata_base(),
            "example.com/m@v1.0.1-0.{v1.0.0+meta:pseudo}",
        )
        .gives("v1.0.1-0.{v1.0.0+meta:pseudo}"),
        case(
            "a base is found on the other side of a merge",
            merged(),
            "example.com/m@v1.0.1-0.{merge:pseudo}",
        )
        .gives("v1.0.1-0.{merge:pseudo}"),
    ]
}

fn metadata_base() -> Mirror {
    Mirror::new()
        .go_mod("example.com/m")
        .release("v1.0.0+meta")
        .commit("next")
}

fn merged() -> Mirror {
    Mirror::new()
        .go_mod("example.com/m")
        .commit("root")
        .branch("side")
        .release("v1.0.0")
        .branch("main")
        .commit("main")
        .merge("side", "merge")
}

fn faulty() -> Vec<Case> {
    let over =
        |name: &str, version: &str| case(name, tagged(), &format!("example.com/m@{version}"));
    vec![
        over(
            "a wrong time is refused",
            "v1.2.4-0.20240101000000-{after:12}",
        )
        .refused("does not match version-control timestamp (expected {after:time})"),
        over(
            "a time that is no date is refused",
            "v1.2.4-0.20241301000000-{after:12}",
        )
        .refused("malformed time"),
        over(
            "a wrong commit is refused",
            "v1.2.4-0.{after:time}-0123456789ab",
        )
        .refused("unknown revision 0123456789ab"),
        over(
            "a commit of 11 digits is refused",
            "v1.2.4-0.{after:time}-{after:11}",
        )
        .refused("revision is shorter than canonical (expected {after:12})"),
        over(
            "a commit of 13 digits is refused",
            "v1.2.4-0.{after:time}-{after:13}",
        )
        .refused("revision is longer than canonical (expected {after:12})"),
        over(
            "a branch instead of a commit is refused",
            "v0.0.0-{later:time}-main",
        )
        .refused("does not match short name of revision"),
        over(
            "a base that is no tag is refused",
            "v1.5.1-0.{after:pseudo}",
        )
        .refused("preceding tag (v1.5.0) not found"),
        over(
            "a base on another branch is refused",
            "v1.9.1-0.{later:pseudo}",
        )
        .refused("is not a descendent of preceding tag (v1.9.0)"),
        over(
            "a base that is younger than the commit is refused",
            "v1.3.0-pre.0.{after:pseudo}",
        )
        .refused("is not a descendent of preceding tag (v1.3.0-pre)"),
        over(
            "the tag of the commit itself is no base",
            "v1.2.4-0.{v1.2.3:pseudo}",
        )
        .refused("is already canonical"),
        over("v1 without a base is refused", "v1.0.0-{after:pseudo}").refused("must be v0, not v1"),
        over(
            "v2 without a base is refused for a path without suffix",
            "v2.0.0-{after:pseudo}",
        )
        .refused("module path must match major version"),
        over(
            "an incompatible v0 is refused",
            "v0.0.0-{after:pseudo}+incompatible",
        )
        .refused("+incompatible suffix not allowed"),
        over(
            "a pseudo-version of patch zero is refused",
            "v1.2.0-0.{after:pseudo}",
        )
        .refused("version before v1.2.0 would have negative patch number"),
        over(
            "build metadata in a pseudo-version is dropped",
            "v1.2.4-0.{after:pseudo}+meta",
        )
        .gives("v1.2.4-0.{after:pseudo}"),
    ]
}

fn over_git_protocol() -> Vec<Case> {
    let over = |name: &str, query: &str| {
        case(name, tagged(), &format!("example.com/m@{query}")).over_git_protocol()
    };
    vec![
        over("a tag over git's own protocol", "v1.2.3").gives("v1.2.3"),
        over("latest over git's own protocol", "latest").gives("v1.9.0"),
        over("a commit over git's own protocol", "{after:9}").gives("v1.2.4-0.{after:pseudo}"),
        over("a branch over git's own protocol", "side").gives("v1.9.0"),
        over(
            "a given pseudo-version over git's own protocol",
            "v1.2.4-0.{later:pseudo}",
        )
        .gives("v1.2.4-0.{later:pseudo}"),
        over("an unknown version over git's own protocol", "v7.0.0")
            .refused("unknown revision v7.0.0"),
    ]
}
