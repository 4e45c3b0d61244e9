//! Version queries: full versions, `latest`, prefixes, comparisons, branches, tags and commits.

use crate::support::case::{Case, case, trials as make};
use crate::support::mirror::Mirror;
use libtest_mimic::Trial;

/// The tests of this group.
pub(crate) fn trials() -> Vec<Trial> {
    make(
        "queries",
        [versions(), selections(), refused(), revisions(), upgrades()].concat(),
    )
}

/// Releases of v0 and v1, a pre-release above them, and a commit after all tags.
fn releases() -> Mirror {
    Mirror::new()
        .file("go.mod", "module example.com/m\n\ngo 1.21\n")
        .file("m.go", "package m\n")
        .release("v0.9.0")
        .release("v1.0.0")
        .release("v1.1.0")
        .release("v1.1.1")
        .release("v1.2.0-beta.2")
        .release("v1.2.0")
        .release("v1.3.0-rc.1")
        .commit("tip")
}

fn over(mirror: fn() -> Mirror) -> impl Fn(&str, &str) -> Case {
    move |name, query| case(name, mirror(), &format!("example.com/m{query}"))
}

fn versions() -> Vec<Case> {
    let m = over(releases);
    vec![
        m("a full version is its tag", "@v1.1.0").gives("v1.1.0"),
        m("a full pre-release is its tag", "@v1.2.0-beta.2").gives("v1.2.0-beta.2"),
        m("the highest version is its tag", "@v1.3.0-rc.1").gives("v1.3.0-rc.1"),
        m("the oldest version is its tag", "@v0.9.0").gives("v0.9.0"),
        m("a version that is no tag is unknown", "@v1.1.2").refused("unknown revision v1.1.2"),
        m("build metadata in a query is dropped", "@v1.1.0+meta").gives("v1.1.0"),
        m("a version without v is no version", "@1.1.0").refused("unknown revision 1.1.0"),
        m("a leading zero makes no version", "@v1.01.0").refused("unknown revision v1.01.0"),
    ]
}

fn selections() -> Vec<Case> {
    let m = over(releases);
    vec![
        m(
            "latest prefers a release over a newer pre-release",
            "@latest",
        )
        .gives("v1.2.0"),
        m("no query means latest", "").gives("v1.2.0"),
        m("upgrade outside a module is refused", "@upgrade").refused("go.mod file not found"),
        m("a major prefix is its highest release", "@v1").gives("v1.2.0"),
        m("the prefix v0 is its highest release", "@v0").gives("v0.9.0"),
        m("a minor prefix is its highest release", "@v1.1").gives("v1.1.1"),
        m("a prefix does not take a pre-release", "@v1.3").refused("no matching versions"),
        m("less than takes the highest below", "@<v1.1.1").gives("v1.1.0"),
        m("less than leaves out pre-releases of the bound", "@<v1.2.0").gives("v1.1.1"),
        m("at most takes the bound itself", "@<=v1.1.1").gives("v1.1.1"),
        m(
            "at most a version that is no tag takes the one below",
            "@<=v1.1.9",
        )
        .gives("v1.1.1"),
        m("greater than takes the lowest above", "@>v1.0.0").gives("v1.1.0"),
        m(
            "greater than prefers a release over a lower pre-release",
            "@>v1.1.1",
        )
        .gives("v1.2.0"),
        m("greater than every release takes a pre-release", "@>v1.2.0").gives("v1.3.0-rc.1"),
        m("at least takes the bound itself", "@>=v1.1.0").gives("v1.1.0"),
        m("at least a prefix starts at its first version", "@>=v1.1").gives("v1.1.0"),
        m("less than a major prefix ends below it", "@<v1").gives("v0.9.0"),
        m("at least a pre-release takes it", "@>=v1.3.0-rc.1").gives("v1.3.0-rc.1"),
    ]
}

fn refused() -> Vec<Case> {
    let m = over(releases);
    vec![
        m("patch outside a module is refused", "@patch").refused("go.mod file not found"),
        m("a prefix without versions is refused", "@v5").refused("no matching versions"),
        m("a minor prefix without versions is refused", "@v1.7").refused("no matching versions"),
        m("less than the lowest is refused", "@<v0.9.0").refused("no matching versions"),
        m("greater than the highest is refused", "@>v1.3.0").refused("no matching versions"),
        m("a comparison with an open upper prefix is refused", "@<=v1").refused("ambiguous"),
        m("greater than an open prefix is refused", "@>v1.1").refused("ambiguous"),
        m("a comparison without a version is refused", "@>=").refused("invalid semantic version"),
        m("a comparison with a branch is refused", "@<main").refused("invalid semantic version"),
        m("an unknown branch is refused", "@nothing").refused("unknown revision nothing"),
        m("a version query of none is refused", "@none").refused("unknown revision none"),
        m("an empty query is refused", "@").refused("unknown revision "),
        m("a query with a space is refused", "@v1 ").refused("unknown revision v1 "),
    ]
}

/// Two branches and tags that are no versions, over one release.
fn branches() -> Mirror {
    Mirror::new()
        .go_mod("example.com/m")
        .file("m.go", "package m\n")
        .release("v1.4.0")
        .commit("second")
        .tag("nightly")
        .tag("weekly/one")
        .branch("feature/slash")
        .file("m.go", "package m // feature\n")
        .commit("feature")
        .branch("plain")
        .file("m.go", "package m // plain\n")
        .commit("plain")
        .branch("main")
        .commit("tip")
}

fn revisions() -> Vec<Case> {
    let m = over(branches);
    vec![
        m("the main branch is its last commit", "@main").gives("v1.4.1-0.{tip:pseudo}"),
        m("HEAD is the last commit of the main branch", "@HEAD").gives("v1.4.1-0.{tip:pseudo}"),
        m("a side branch is its last commit", "@plain").gives("v1.4.1-0.{plain:pseudo}"),
        m("a branch with a slash is found", "@feature/slash").gives("v1.4.1-0.{feature:pseudo}"),
        m("a tag that is no version is its commit", "@nightly").gives("v1.4.1-0.{second:pseudo}"),
        m("a tag with a slash is its commit", "@weekly/one").gives("v1.4.1-0.{second:pseudo}"),
        m("a full reference name is unknown", "@refs/heads/main").refused("unknown revision"),
        m("a whole commit id is found", "@{second}").gives("v1.4.1-0.{second:pseudo}"),
        m("12 digits of a commit are enough", "@{second:12}").gives("v1.4.1-0.{second:pseudo}"),
        m("7 digits of a commit are enough", "@{feature:7}").gives("v1.4.1-0.{feature:pseudo}"),
        m("39 digits of a commit are enough", "@{plain:39}").gives("v1.4.1-0.{plain:pseudo}"),
        m("6 digits of a commit are too few", "@{second:6}").refused("unknown revision"),
        m("a tagged commit is its version", "@{v1.4.0}").gives("v1.4.0"),
        m("a short tagged commit is its version", "@{v1.4.0:8}").gives("v1.4.0"),
        m("an unknown commit is refused", "@0123456789abcdef").refused("unknown revision"),
        m(
            "an unknown whole commit id is refused",
            "@0123456789abcdef0123456789abcdef01234567",
        )
        .refused("unknown revision"),
        m(
            "capital digits of a commit are refused",
            "@ABCDEF0123456789",
        )
        .refused("unknown revision"),
        m("more than 40 digits are refused", "@{second}0").refused("unknown revision"),
        case(
            "an ambiguous beginning of two branches is refused",
            alike(),
            "example.com/m@aff602b",
        )
        .refused("ambiguous revision aff602b"),
        case(
            "an ambiguous beginning of two older commits is refused",
            alike_and_older(),
            "example.com/m@aff602b",
        )
        .refused("unknown revision aff602b"),
        case(
            "one digit more is not ambiguous",
            alike(),
            "example.com/m@aff602b5",
        )
        .gives("v0.0.0-{twin 16092:pseudo}"),
        case(
            "a branch that is called like a version is no version",
            named_like_a_version(),
            "example.com/m@v1.5.0",
        )
        .refused("not a tag"),
        case(
            "a branch that is called like a prefix does not hide the versions",
            named_like_a_version(),
            "example.com/m@v1",
        )
        .gives("v1.0.0"),
        case(
            "a tag goes before a branch of its name",
            twins(),
            "example.com/m@twin",
        )
        .gives("v1.0.1-0.{tagged:pseudo}"),
        case(
            "a merge commit knows the tags of both sides",
            merged(),
            "example.com/m@main",
        )
        .gives("v1.3.1-0.{merge:pseudo}"),
        case(
            "a commit of a merged branch is found",
            merged(),
            "example.com/m@{side:10}",
        )
        .gives("v1.2.1-0.{side:pseudo}"),
        case(
            "a commit that no reference reaches is unknown",
            unreachable(),
            "example.com/m@{lost}",
        )
        .refused("unknown revision"),
        case(
            "a commit that only a pull request reaches is unknown",
            pull_request(),
            "example.com/m@{change}",
        )
        .refused("unknown revision"),
        case(
            "a short commit that only a pull request reaches is unknown",
            pull_request(),
            "example.com/m@{change:12}",
        )
        .refused("unknown revision"),
        case(
            "the reference of a pull request is unknown",
            pull_request(),
            "example.com/m@refs/pull/1/head",
        )
        .refused("unknown revision"),
        case(
            "the pseudo-version of a pull request is unknown",
            pull_request(),
            "example.com/m@v1.0.1-0.{change:pseudo}",
        )
        .refused("unknown revision"),
    ]
}

/// Two commits whose ids begin with the same seven digits, `aff602b`.
fn alike() -> Mirror {
    Mirror::new()
        .go_mod("example.com/m")
        .commit("root")
        .branch("one")
        .commit("twin 6696")
        .branch("main")
        .branch("two")
        .date("2024-01-01T01:00:00Z")
        .commit("twin 16092")
        .branch("main")
}

fn alike_and_older() -> Mirror {
    alike()
        .branch("one")
        .commit("later one")
        .branch("two")
        .commit("later two")
}

fn named_like_a_version() -> Mirror {
    Mirror::new()
        .go_mod("example.com/m")
        .release("v1.0.0")
        .branch("v1.5.0")
        .commit("branch")
        .branch("v1")
        .commit("prefix")
}

fn twins() -> Mirror {
    Mirror::new()
        .go_mod("example.com/m")
        .release("v1.0.0")
        .commit("tagged")
        .tag("twin")
        .branch("twin")
        .commit("branch")
}

fn merged() -> Mirror {
    Mirror::new()
        .go_mod("example.com/m")
        .release("v1.0.0")
        .branch("side-branch")
        .release("v1.2.0")
        .commit("side")
        .release("v1.3.0")
        .branch("main")
        .release("v1.1.0")
        .merge("side-branch", "merge")
}

fn unreachable() -> Mirror {
    Mirror::new()
        .go_mod("example.com/m")
        .release("v1.0.0")
        .branch("gone")
        .commit("lost")
        .branch("main")
        .delete_reference("refs/heads/gone")
}

fn pull_request() -> Mirror {
    Mirror::new()
        .go_mod("example.com/m")
        .release("v1.0.0")
        .branch("work")
        .file("m.go", "package m\n")
        .commit("change")
        .reference("refs/pull/1/head")
        .branch("main")
        .delete_reference("refs/heads/work")
}

/// Inside a module the selected version counts.
fn upgrades() -> Vec<Case> {
    let m = over(releases);
    let inside = |version: &str| {
        format!("module example.com/main\n\ngo 1.21\n\nrequire example.com/m {version}\n")
    };
    vec![
        m(
            "patch stays in the minor version that go.mod selects",
            "@patch",
        )
        .inside(&inside("v1.1.0"))
        .gives("v1.1.1"),
        m("patch of the newest patch stays there", "@patch")
            .inside(&inside("v1.1.1"))
            .gives("v1.1.1"),
        m(
            "upgrade leaves the minor version that go.mod selects",
            "@upgrade",
        )
        .inside(&inside("v1.1.0"))
        .gives("v1.2.0"),
        m("upgrade does not go down from a pre-release", "@upgrade")
            .inside(&inside("v1.3.0-rc.1"))
            .gives("v1.3.0-rc.1"),
        m("upgrade does not go down from a later commit", "@upgrade")
            .inside(&inside("v1.3.0-rc.1.0.{tip:pseudo}"))
            .gives("v1.3.0-rc.1.0.{tip:pseudo}"),
        m("patch of a later commit stays there", "@patch")
            .inside(&inside("v1.3.0-rc.1.0.{tip:pseudo}"))
            .gives("v1.3.0-rc.1.0.{tip:pseudo}"),
        m("latest does not ask what go.mod selects", "@latest")
            .inside(&inside("v1.3.0-rc.1"))
            .gives("v1.2.0"),
        m(
            "patch of a module that go.mod does not name is refused",
            "@patch",
        )
        .inside("module example.com/main\n\ngo 1.21\n")
        .refused("can't query version \"patch\""),
        m(
            "upgrade of a module that go.mod does not name is latest",
            "@upgrade",
        )
        .inside("module example.com/main\n\ngo 1.21\n")
        .gives("v1.2.0"),
    ]
}
