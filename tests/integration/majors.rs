//! Major versions: `/vN` by branch and by folder, gopkg.in, and `+incompatible`.

use crate::support::case::{Case, case, trials as make};
use crate::support::mirror::Mirror;
use libtest_mimic::Trial;

/// The tests of this group.
pub(crate) fn trials() -> Vec<Trial> {
    make(
        "majors",
        [
            suffixes(),
            misplaced(),
            gopkg(),
            incompatible(),
            not_incompatible(),
        ]
        .concat(),
    )
}

/// v2 in the root of its own branch.
fn by_branch() -> Mirror {
    Mirror::new()
        .go_mod("example.com/m")
        .file("m.go", "package m\n")
        .release("v1.0.0")
        .branch("v2")
        .go_mod("example.com/m/v2")
        .release("v2.0.0")
        .release("v2.1.0")
        .commit("tip2")
        .branch("main")
        .commit("tip1")
}

/// v2 in a folder beside v1.
fn by_folder() -> Mirror {
    Mirror::new()
        .go_mod("example.com/m")
        .file("m.go", "package m\n")
        .file("LICENSE", "free\n")
        .release("v1.0.0")
        .file("v2/go.mod", "module example.com/m/v2\n")
        .file("v2/m.go", "package m // 2\n")
        .release("v2.0.0")
        .tag("v1.1.0")
        .commit("tip")
}

fn suffixes() -> Vec<Case> {
    let branch = |name: &str, request: &str| case(name, by_branch(), request);
    let folder = |name: &str, request: &str| case(name, by_folder(), request);
    vec![
        branch("v2 of a branch is its tag", "example.com/m/v2@v2.0.0").gives("v2.0.0"),
        branch("latest of v2 of a branch", "example.com/m/v2@latest").gives("v2.1.0"),
        branch("a commit of the v2 branch", "example.com/m/v2@v2").gives("v2.1.0"),
        branch("a later commit of the v2 branch", "example.com/m/v2@{tip2}")
            .gives("v2.1.1-0.{tip2:pseudo}"),
        branch("a commit of v1 is none of v2", "example.com/m/v2@main")
            .refused("non-.../v2 module path"),
        branch("a tag of v1 is none of v2", "example.com/m/v2@v1.0.0")
            .refused("has non-.../v2 module path"),
        branch("a tag of v2 is none of v1", "example.com/m@v2.0.0")
            .refused("has post-v2 module path"),
        branch("latest of v1 does not see v2", "example.com/m@latest").gives("v1.0.0"),
        branch("the v2 branch is none of v1", "example.com/m@{tip2}")
            .refused("has post-v1 module path"),
        branch("v3 has no versions", "example.com/m/v3@latest").refused("no matching versions"),
        branch("the suffix v1 is no module path", "example.com/m/v1@v1.0.0")
            .refused("malformed module path"),
        branch("the suffix v0 is no module path", "example.com/m/v0@v0.0.0")
            .refused("malformed module path"),
        branch(
            "the suffix v02 is no module path",
            "example.com/m/v02@v2.0.0",
        )
        .refused("malformed module path"),
        folder("v2 of a folder is its tag", "example.com/m/v2@v2.0.0").gives("v2.0.0"),
        folder("latest of v2 of a folder", "example.com/m/v2@latest").gives("v2.0.0"),
        folder("a later commit with a v2 folder", "example.com/m/v2@main")
            .gives("v2.0.1-0.{tip:pseudo}"),
        folder("v1 leaves out the folder of v2", "example.com/m@v1.1.0").gives("v1.1.0"),
        folder("latest of v1 beside a v2 folder", "example.com/m@latest").gives("v1.1.0"),
        folder(
            "a commit before the v2 folder is none of v2",
            "example.com/m/v2@{v1.0.0}",
        )
        .refused("has non-.../v2 module path"),
        case(
            "v2 whose repository is the whole path",
            whole_path(),
            "example.com/m/v2@v2.0.0",
        )
        .root("example.com/m/v2")
        .gives("v2.0.0"),
        case(
            "v2 without tags is a v2 pseudo-version",
            untagged_v2(),
            "example.com/m/v2@latest",
        )
        .gives("v2.0.0-{first:pseudo}"),
        case(
            "a given v2 pseudo-version without base",
            untagged_v2(),
            "example.com/m/v2@v2.0.0-{first:pseudo}",
        )
        .gives("v2.0.0-{first:pseudo}"),
        case(
            "a v0 pseudo-version of v2 is refused",
            untagged_v2(),
            "example.com/m/v2@v0.0.0-{first:pseudo}",
        )
        .refused("major version must match"),
    ]
}

fn whole_path() -> Mirror {
    Mirror::new().go_mod("example.com/m/v2").release("v2.0.0")
}

fn untagged_v2() -> Mirror {
    Mirror::new().go_mod("example.com/m/v2").commit("first")
}

fn misplaced() -> Vec<Case> {
    let both = || {
        Mirror::new()
            .go_mod("example.com/m/v2")
            .file("v2/go.mod", "module example.com/m/v2\n")
            .release("v2.0.0")
    };
    let neither = || Mirror::new().file("m.go", "package m\n").release("v2.0.0");
    let wrong = || {
        Mirror::new()
            .go_mod("example.com/m")
            .file("v2/go.mod", "module example.com/m/v3\n")
            .release("v2.0.0")
    };
    let nameless = || {
        Mirror::new()
            .go_mod("example.com/m")
            .file("v2/go.mod", "go 1.21\n")
            .release("v2.0.0")
    };
    let v2 = "example.com/m/v2@v2.0.0";
    vec![
        case("v2 in the root and in a folder is refused", both(), v2)
            .refused("both have .../v2 module paths"),
        case("v2 in no go.mod is refused", neither(), v2)
            .refused("missing example.com/m/go.mod and .../v2/go.mod"),
        case("a v2 folder of another major is refused", wrong(), v2)
            .refused("has non-.../v2 module path"),
        case(
            "a v2 folder without a module line is refused",
            nameless(),
            v2,
        )
        .refused("is missing module path"),
        case(
            "latest of v2 in both places is refused",
            both(),
            "example.com/m/v2@latest",
        )
        .refused("both have .../v2 module paths"),
        case(
            "v2 of a root that says v3 is refused",
            Mirror::new().go_mod("example.com/m/v3").release("v2.0.0"),
            v2,
        )
        .refused("has non-.../v2 module path"),
        case(
            "a root that says v2 is refused for the plain path",
            whole_path(),
            "example.com/m@main",
        )
        .refused("post-v0 module path"),
        case(
            "a root with a malformed major is refused",
            Mirror::new().go_mod("example.com/m/v1").release("v1.0.0"),
            "example.com/m@v1.0.0",
        )
        .refused("malformed module path"),
    ]
}

fn yaml() -> Mirror {
    Mirror::new()
        .file("yaml.go", "package yaml\n")
        .release("v1.0.0")
        .release("v2.0.0")
        .go_mod("gopkg.in/yaml.v2")
        .release("v2.1.0")
        .go_mod("gopkg.in/yaml.v3")
        .release("v3.0.0")
        .commit("tip")
}

fn gopkg() -> Vec<Case> {
    let v = |name: &str, request: &str| {
        let root = request.split('@').next().unwrap_or_default().to_owned();
        case(name, yaml(), request).root(&root)
    };
    vec![
        v("gopkg.in v2 with a go.mod", "gopkg.in/yaml.v2@v2.1.0").gives("v2.1.0"),
        v("gopkg.in v2 without a go.mod", "gopkg.in/yaml.v2@v2.0.0").gives("v2.0.0"),
        v("gopkg.in v1 without a go.mod", "gopkg.in/yaml.v1@v1.0.0").gives("v1.0.0"),
        v("gopkg.in v1 latest sees only v1", "gopkg.in/yaml.v1@latest").gives("v1.0.0"),
        v(
            "gopkg.in latest sees only its major",
            "gopkg.in/yaml.v2@latest",
        )
        .gives("v2.1.0"),
        v("gopkg.in v3 of a later commit", "gopkg.in/yaml.v3@{tip}").gives("v3.0.1-0.{tip:pseudo}"),
        v(
            "gopkg.in refuses a tag of another major",
            "gopkg.in/yaml.v2@v3.0.0",
        )
        .refused("has non-....v2 module path"),
        v("gopkg.in v0 of a commit", "gopkg.in/yaml.v0@{v1.0.0}").gives("v0.0.0-{v1.0.0:pseudo}"),
        v(
            "gopkg.in refuses the go.mod of another major",
            "gopkg.in/yaml.v2@{tip}",
        )
        .refused("non-....v2 module path"),
        v(
            "gopkg.in unstable has no tags",
            "gopkg.in/yaml.v2-unstable@latest",
        )
        .refused("no matching versions"),
        v(
            "gopkg.in unstable of a tagged commit is that tag",
            "gopkg.in/yaml.v2-unstable@{v2.0.0}",
        )
        .gives("v2.0.0"),
        v(
            "gopkg.in without a major is no module path",
            "gopkg.in/yaml@v1.0.0",
        )
        .refused("malformed module path"),
        v(
            "gopkg.in with a slash major is no module path",
            "gopkg.in/yaml/v2@v2.0.0",
        )
        .refused("malformed module path"),
        v(
            "gopkg.in knows no incompatible",
            "gopkg.in/yaml.v1@v2.0.0+incompatible",
        )
        .refused("major version must match"),
        case(
            "gopkg.in unstable of a commit",
            Mirror::new().file("a.go", "package a\n").commit("only"),
            "gopkg.in/a.v2-unstable@latest",
        )
        .root("gopkg.in/a.v2-unstable")
        .gives("v2.0.0-{only:pseudo}"),
        case(
            "gopkg.in with an owner",
            Mirror::new().file("a.go", "package a\n").release("v3.1.4"),
            "gopkg.in/owner/a.v3@v3.1.4",
        )
        .root("gopkg.in/owner/a.v3")
        .gives("v3.1.4"),
    ]
}

/// v2 to v4 without a go.mod, where v4 has got one.
fn without_go_mod() -> Mirror {
    Mirror::new()
        .file("m.go", "package m\n")
        .release("v1.0.0")
        .release("v2.0.0")
        .release("v2.1.0")
        .release("v3.0.0")
        .commit("tip")
        .go_mod("example.com/m/v4")
        .release("v4.0.0")
}

fn incompatible() -> Vec<Case> {
    let m =
        |name: &str, query: &str| case(name, without_go_mod(), &format!("example.com/m@{query}"));
    vec![
        m("latest may be incompatible", "latest").gives("v3.0.0+incompatible"),
        m(
            "a plain v2 tag without a go.mod becomes incompatible",
            "v2.0.0",
        )
        .gives("v2.0.0+incompatible"),
        m("an incompatible version is its tag", "v2.0.0+incompatible").gives("v2.0.0+incompatible"),
        m("a prefix v2 is incompatible", "v2").gives("v2.1.0+incompatible"),
        m("a prefix v1 is not incompatible", "v1").gives("v1.0.0"),
        m("a comparison may be incompatible", ">v1.0.0").gives("v2.0.0+incompatible"),
        m("less than v3 is incompatible", "<v3.0.0").gives("v2.1.0+incompatible"),
        m("a tagged commit becomes incompatible", "{v2.1.0}").gives("v2.1.0+incompatible"),
        m(
            "a later commit becomes an incompatible pseudo-version",
            "{tip}",
        )
        .gives("v3.0.1-0.{tip:pseudo}+incompatible"),
        m(
            "a given incompatible pseudo-version is taken",
            "v3.0.1-0.{tip:pseudo}+incompatible",
        )
        .gives("v3.0.1-0.{tip:pseudo}+incompatible"),
        m(
            "an incompatible pseudo-version gets its suffix",
            "v3.0.1-0.{tip:pseudo}",
        )
        .gives("v3.0.1-0.{tip:pseudo}+incompatible"),
        m(
            "a major with a go.mod is not incompatible",
            "v4.0.0+incompatible",
        )
        .refused("has post-v4 module path"),
        m("a prefix of a major with a go.mod is refused", "v4").refused("no matching versions"),
        m("v1 is never incompatible", "v1.0.0+incompatible")
            .refused("+incompatible suffix not allowed"),
        m(
            "an unknown incompatible version is refused",
            "v2.7.0+incompatible",
        )
        .refused("unknown revision v2.7.0"),
    ]
}

fn not_incompatible() -> Vec<Case> {
    let compatible_has_go_mod = || {
        Mirror::new()
            .file("m.go", "package m\n")
            .release("v2.0.0")
            .go_mod("example.com/m")
            .release("v1.5.0")
    };
    let folder_has_go_mod = || {
        Mirror::new()
            .file("m.go", "package m\n")
            .file("v2/go.mod", "module example.com/m/v2\n")
            .release("v2.0.0")
            .tag("v1.0.0")
    };
    let only_incompatible = || {
        Mirror::new()
            .file("m.go", "package m\n")
            .release("v2.0.0")
            .release("v3.0.0-rc.1")
    };
    let mixed_major = || {
        Mirror::new()
            .file("m.go", "package m\n")
            .release("v2.0.0")
            .go_mod("example.com/m/v2")
            .release("v2.1.0")
    };
    vec![
        case(
            "latest stays compatible when that has a go.mod",
            compatible_has_go_mod(),
            "example.com/m@latest",
        )
        .gives("v1.5.0"),
        case(
            "an incompatible version is taken although v1 has a go.mod",
            compatible_has_go_mod(),
            "example.com/m@v2.0.0+incompatible",
        )
        .gives("v2.0.0+incompatible"),
        case(
            "a prefix v2 is incompatible although v1 has a go.mod",
            compatible_has_go_mod(),
            "example.com/m@v2",
        )
        .gives("v2.0.0+incompatible"),
        case(
            "a tag whose v2 folder has a go.mod is not incompatible by commit",
            folder_has_go_mod(),
            "example.com/m@{v2.0.0}",
        )
        .gives("v1.0.0"),
        case(
            "an explicit incompatible is taken although the v2 folder has a go.mod",
            folder_has_go_mod(),
            "example.com/m@v2.0.0+incompatible",
        )
        .gives("v2.0.0+incompatible"),
        case(
            "latest of only incompatible releases",
            only_incompatible(),
            "example.com/m@latest",
        )
        .gives("v2.0.0+incompatible"),
        case(
            "a major whose newest has a go.mod is left out of latest",
            mixed_major(),
            "example.com/m@latest",
        )
        .refused("no matching versions"),
        case(
            "a version of such a major is taken when it is asked for",
            mixed_major(),
            "example.com/m@v2.0.0+incompatible",
        )
        .gives("v2.0.0+incompatible"),
    ]
}
