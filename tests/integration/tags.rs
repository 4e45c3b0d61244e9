//! Odd tags: what is a version, what is only a name for a commit, and what points at no commit.

use crate::support::case::{Case, case, trials as make};
use crate::support::mirror::Mirror;
use libtest_mimic::Trial;

/// The tests of this group.
pub(crate) fn trials() -> Vec<Trial> {
    make("tags", [spelling(), objects(), companions()].concat())
}

/// One commit with one tag, and another after it.
fn tagged(tag: &str) -> Mirror {
    Mirror::new()
        .go_mod("example.com/m")
        .file("m.go", "package m\n")
        .commit("one")
        .tag(tag)
        .file("m.go", "package m // later\n")
        .commit("tip")
}

fn spelling() -> Vec<Case> {
    let m = |name: &str, tag: &str, query: &str| {
        case(name, tagged(tag), &format!("example.com/m@{query}"))
    };
    let pseudo = "v0.0.0-{one:pseudo}";
    vec![
        m("a tag v1 is no version", "v1", "v1").refused("no matching versions"),
        m("a tag v1.2 is no version", "v1.2", "v1.2").refused("no matching versions"),
        m("a tag v1 is not seen by latest", "v1", "latest").gives("v0.0.0-{tip:pseudo}"),
        m(
            "a tag with a leading zero is only a name",
            "v01.0.0",
            "v01.0.0",
        )
        .gives(pseudo),
        m(
            "a tag with four numbers is only a name",
            "v1.0.0.0",
            "v1.0.0.0",
        )
        .gives(pseudo),
        m("a tag without v is only a name", "1.0.0", "1.0.0").gives(pseudo),
        m("a tag with a capital V is only a name", "V1.0.0", "V1.0.0").gives(pseudo),
        m(
            "a tag with build metadata is a base for its commit",
            "v1.0.0+meta",
            "v1.0.0+meta",
        )
        .gives("v1.0.1-0.{one:pseudo}"),
        m(
            "a tag with build metadata is not the bare version",
            "v1.0.0+meta",
            "v1.0.0",
        )
        .refused("unknown revision v1.0.0"),
        m(
            "a tag with build metadata is a base for later commits",
            "v1.0.0+meta",
            "main",
        )
        .gives("v1.0.1-0.{tip:pseudo}"),
        m(
            "a tag with build metadata is not seen by latest",
            "v1.0.0+meta",
            "latest",
        )
        .gives("v1.0.1-0.{tip:pseudo}"),
        m(
            "a tag that says incompatible is not the version",
            "v2.0.0+incompatible",
            "v2.0.0+incompatible",
        )
        .refused("unknown revision v2.0.0"),
        m(
            "a tag that says incompatible at v1 is not the version",
            "v1.0.0+incompatible",
            "v1.0.0",
        )
        .refused("unknown revision v1.0.0"),
        m(
            "a tag that looks like a pseudo-version is no version",
            "v1.0.0-20240101000000-0123456789ab",
            "v1.0.0-20240101000000-0123456789ab",
        )
        .refused("unknown revision 0123456789ab"),
        m(
            "a tag that looks like a pseudo-version is not seen by latest",
            "v1.0.0-20240101000000-0123456789ab",
            "latest",
        )
        .gives("v0.0.0-{tip:pseudo}"),
        m(
            "a commit with a tag that looks like a pseudo-version",
            "v1.0.0-20240101000000-0123456789ab",
            "{one}",
        )
        .gives(pseudo),
        m(
            "a pre-release in capitals is a version",
            "v1.0.0-RC1",
            "v1.0.0-RC1",
        )
        .gives("v1.0.0-RC1"),
        m(
            "latest may be a pre-release in capitals",
            "v1.0.0-RC1",
            "latest",
        )
        .gives("v1.0.0-RC1"),
        m(
            "a pre-release of capitals in other case is unknown",
            "v1.0.0-RC1",
            "v1.0.0-rc1",
        )
        .refused("unknown revision"),
        m("a pre-release with a dash only", "v1.0.0--", "v1.0.0--").gives("v1.0.0--"),
        m(
            "a pre-release with a leading zero is only a name",
            "v1.0.0-01",
            "v1.0.0-01",
        )
        .gives(pseudo),
        m(
            "a very large number is a version",
            "v1.99999999999999999999.0",
            "latest",
        )
        .gives("v1.99999999999999999999.0"),
        m("a version zero is a version", "v0.0.0", "latest").gives("v0.0.0"),
        m("a tag outside of ASCII is only a name", "größe", "größe").gives(pseudo),
        m(
            "a version with letters outside of ASCII is only a name",
            "v1.0.0-größe",
            "v1.0.0-größe",
        )
        .gives(pseudo),
        m(
            "a tag with an at sign is found by its whole name",
            "rel@1",
            "rel@1",
        )
        .gives(pseudo),
        m("a tag with a percent sign is found", "a%20b", "a%20b").gives(pseudo),
        m(
            "a tag that looks like a commit is a tag",
            "abcdef1",
            "abcdef1",
        )
        .gives(pseudo),
        m("a tag with a comma in its name", "a,b", "a,b").gives(pseudo),
        m(
            "a tag called latest is hidden by the query",
            "latest",
            "latest",
        )
        .gives("v0.0.0-{tip:pseudo}"),
        m(
            "a tag called HEAD is found before the reference",
            "HEAD",
            "HEAD",
        )
        .gives(pseudo),
        m(
            "a tag called like a full reference is found",
            "refs/heads/main",
            "refs/heads/main",
        )
        .gives(pseudo),
        m(
            "a prefixed tag is no version of the root",
            "sub/v1.0.0",
            "latest",
        )
        .gives("v0.0.0-{tip:pseudo}"),
    ]
}

fn objects() -> Vec<Case> {
    let one = || {
        Mirror::new()
            .go_mod("example.com/m")
            .file("m.go", "package m\n")
            .commit("one")
    };
    let m = |name: &str, mirror: Mirror, query: &str| {
        case(name, mirror, &format!("example.com/m@{query}"))
    };
    vec![
        m(
            "an annotated tag is its commit",
            one().annotated_tag("v1.0.0"),
            "v1.0.0",
        )
        .gives("v1.0.0"),
        m(
            "latest sees an annotated tag",
            one().annotated_tag("v1.0.0"),
            "latest",
        )
        .gives("v1.0.0"),
        m(
            "a commit knows its annotated tag",
            one().annotated_tag("v1.0.0"),
            "{one}",
        )
        .gives("v1.0.0"),
        m(
            "an annotated tag is a base",
            one().annotated_tag("v1.0.0").commit("two"),
            "main",
        )
        .gives("v1.0.1-0.{two:pseudo}"),
        m(
            "a nested tag is its commit",
            one().nested_tag("v1.0.0"),
            "v1.0.0",
        )
        .gives("v1.0.0"),
        m(
            "latest sees a nested tag",
            one().nested_tag("v1.0.0"),
            "latest",
        )
        .gives("v1.0.0"),
        m(
            "a nested tag is a base",
            one().nested_tag("v1.0.0").commit("two"),
            "main",
        )
        .gives("v1.0.1-0.{two:pseudo}"),
        m(
            "an annotated tag that is no version is its commit",
            one().annotated_tag("nightly"),
            "nightly",
        )
        .gives("v0.0.0-{one:pseudo}"),
        m(
            "a tag on a tree is no version",
            one().tag_on_tree("v1.0.0"),
            "v1.0.0",
        )
        .refused("unexpected response from git log"),
        m(
            "a tag on a blob is no version",
            one().tag_on_blob("v1.0.0"),
            "v1.0.0",
        )
        .refused("unexpected response from git log"),
        m(
            "latest over a tag on a tree is refused",
            one().tag_on_tree("v1.0.0"),
            "latest",
        )
        .refused("unexpected response from git log"),
        m(
            "latest over a tag on a blob is refused",
            one().tag_on_blob("v1.0.0"),
            "latest",
        )
        .refused("unexpected response from git log"),
        m(
            "a good version beside a tag on a blob",
            one().tag("v1.0.0").tag_on_blob("v1.1.0"),
            "v1.0.0",
        )
        .gives("v1.0.0"),
        m(
            "a branch beside a tag on a tree",
            one().tag_on_tree("v1.0.0").commit("two"),
            "main",
        )
        .gives("v0.0.0-{two:pseudo}"),
        m(
            "a tag that is no version on a blob is refused",
            one().tag_on_blob("data"),
            "data",
        )
        .refused("unexpected response from git log"),
    ]
}

/// Several names for one commit.
fn companions() -> Vec<Case> {
    let one = || {
        Mirror::new()
            .go_mod("example.com/m")
            .file("m.go", "package m\n")
            .commit("one")
    };
    let m = |name: &str, mirror: Mirror, query: &str| {
        case(name, mirror, &format!("example.com/m@{query}"))
    };
    vec![
        m(
            "a commit with several versions is the highest",
            one().tags(["v1.0.0", "v1.2.0", "v1.1.0"]),
            "{one}",
        )
        .gives("v1.2.0"),
        m(
            "a branch with several versions is the highest",
            one().tags(["v1.0.0", "v1.10.0", "v1.9.0"]),
            "main",
        )
        .gives("v1.10.0"),
        m(
            "a lower version of the same commit stays itself",
            one().tags(["v1.0.0", "v1.2.0"]),
            "v1.0.0",
        )
        .gives("v1.0.0"),
        m(
            "a name of a commit with a version is that version",
            one().tags(["stable", "v1.0.0"]),
            "stable",
        )
        .gives("v1.0.0"),
        m(
            "a release and a pre-release of one commit",
            one().tags(["v1.0.0-rc.1", "v1.0.0"]),
            "main",
        )
        .gives("v1.0.0"),
        m(
            "a canonical tag beside one with build metadata",
            one().tags(["v1.0.0", "v1.0.0+meta"]),
            "v1.0.0+meta",
        )
        .gives("v1.0.0"),
        m(
            "a tag with build metadata beside a higher version",
            one().tags(["v1.1.0", "v1.0.0+meta"]),
            "v1.0.0+meta",
        )
        .gives("v1.1.0"),
        m(
            "tags that differ in build metadata only",
            one().tags(["v1.0.0+a", "v1.0.0+b"]),
            "v1.0.0+a",
        )
        .gives("v1.0.1-0.{one:pseudo}"),
        m(
            "a lightweight and an annotated tag on one commit",
            one().tag("v1.0.0").annotated_tag("v1.1.0"),
            "main",
        )
        .gives("v1.1.0"),
        m(
            "a tag of another major beside a fitting one",
            one().tags(["v1.0.0", "v2.0.0"]),
            "main",
        )
        .gives("v1.0.0"),
        m(
            "only a tag of another major",
            one().tags(["v3.0.0", "v2.0.0"]),
            "main",
        )
        .gives("v0.0.0-{one:pseudo}"),
        m(
            "a folder's tag beside a version",
            one().tags(["v1.0.0", "sub/v1.5.0"]),
            "main",
        )
        .gives("v1.0.0"),
        m(
            "a prefix tag v1 does not hide the version",
            one().tags(["v1.0.0", "v1"]),
            "v1",
        )
        .gives("v1.0.0"),
        m(
            "many versions sort by number",
            one().tags(["v0.9.0", "v0.10.0", "v0.2.0", "v0.10.0-pre"]),
            "latest",
        )
        .gives("v0.10.0"),
        m(
            "pre-releases sort by their parts",
            one().tags(["v1.0.0-rc.2", "v1.0.0-rc.10", "v1.0.0-beta.20"]),
            "latest",
        )
        .gives("v1.0.0-rc.10"),
    ]
}
