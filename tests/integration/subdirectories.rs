//! Modules in folders of a repository: prefixed tags, nesting, and the four-field meta tag.

use crate::support::case::{Case, case, trials as make};
use crate::support::mirror::Mirror;
use libtest_mimic::Trial;

/// The tests of this group.
pub(crate) fn trials() -> Vec<Trial> {
    make(
        "subdirectories",
        [prefixed(), major_folders(), licenses(), four_fields()].concat(),
    )
}

/// A root module, a module in `sub`, one in `sub/deep`, and a folder that is no module.
fn monorepo() -> Mirror {
    Mirror::new()
        .go_mod("example.com/m")
        .file("m.go", "package m\n")
        .file("sub/go.mod", "module example.com/m/sub\n")
        .file("sub/sub.go", "package sub\n")
        .file("sub/deep/go.mod", "module example.com/m/sub/deep\n")
        .file("sub/deep/deep.go", "package deep\n")
        .file("plain/plain.go", "package plain\n")
        .release("v1.0.0")
        .tags(["sub/v0.1.0", "sub/deep/v0.0.1"])
        .commit("between")
        .tag("sub/v0.2.0-rc.1")
        .commit("tip")
}

fn prefixed() -> Vec<Case> {
    let m = |name: &str, request: &str| case(name, monorepo(), &format!("example.com/m{request}"));
    vec![
        m("the root leaves out nested modules", "@v1.0.0").gives("v1.0.0"),
        m("a folder has prefixed tags", "/sub@v0.1.0").gives("v0.1.0"),
        m(
            "a folder in a folder has its own prefix",
            "/sub/deep@v0.0.1",
        )
        .gives("v0.0.1"),
        m("latest of a folder prefers its release", "/sub@latest").gives("v0.1.0"),
        m("a prefix in a folder sees its own tags", "/sub@v0").gives("v0.1.0"),
        m("at least in a folder sees its own tags", "/sub@>v0.1.0").gives("v0.2.0-rc.1"),
        m("a commit of a folder has its tags as base", "/sub@main")
            .gives("v0.2.0-rc.1.0.{tip:pseudo}"),
        m(
            "a commit of a deep folder has its tags as base",
            "/sub/deep@main",
        )
        .gives("v0.0.2-0.{tip:pseudo}"),
        m(
            "a commit with a folder's tag is that version",
            "/sub@{between}",
        )
        .gives("v0.2.0-rc.1"),
        m(
            "a given pseudo-version of a folder",
            "/sub@v0.1.1-0.{tip:pseudo}",
        )
        .gives("v0.1.1-0.{tip:pseudo}"),
        m(
            "a base of the root is none of a folder",
            "/sub@v1.0.1-0.{tip:pseudo}",
        )
        .refused("preceding tag (v1.0.0) not found"),
        m("a tag of the root is none of a folder", "/sub@v1.0.0")
            .refused("unknown revision sub/v1.0.0"),
        m(
            "a prefixed tag is a revision of the root",
            "@sub/v0.2.0-rc.1",
        )
        .gives("v1.0.1-0.{between:pseudo}"),
        m(
            "a prefixed tag is no query of its folder's versions",
            "/sub@sub/v0.1.0",
        )
        .gives("v0.1.0"),
        m("a folder without go.mod is no module", "/plain@main")
            .refused("missing example.com/m/plain/go.mod"),
        m("a folder that does not exist is no module", "/nothing@main")
            .refused("missing example.com/m/nothing/go.mod"),
        m(
            "latest of a folder without go.mod is refused",
            "/plain@latest",
        )
        .refused("no matching versions"),
        m("a path that is a file is no module", "/m.go@main")
            .refused("missing example.com/m/m.go/go.mod"),
        case(
            "a folder without tags is v0.0.0",
            monorepo()
                .file("fresh/go.mod", "module example.com/m/fresh\n")
                .commit("fresh"),
            "example.com/m/fresh@latest",
        )
        .gives("v0.0.0-{fresh:pseudo}"),
        case(
            "a folder whose go.mod names another path is refused",
            renamed(),
            "example.com/m/sub@sub",
        )
        .refused("missing"),
        case(
            "a module path with dots and dashes",
            odd_names(),
            "example.com/m/a-b.c_d/x@v1.0.0",
        )
        .gives("v1.0.0"),
        case(
            "a module path with capitals",
            capitals(),
            "example.com/m/Sub@v1.0.0",
        )
        .gives("v1.0.0"),
        case(
            "a repository path with capitals",
            Mirror::new()
                .go_mod("example.com/Azure/SDK")
                .file("a.go", "package a\n")
                .release("v1.0.0-RC1"),
            "example.com/Azure/SDK@v1.0.0-RC1",
        )
        .root("example.com/Azure/SDK")
        .gives("v1.0.0-RC1"),
    ]
}

fn renamed() -> Mirror {
    Mirror::new()
        .go_mod("example.com/m")
        .commit("only")
        .branch("sub")
}

fn odd_names() -> Mirror {
    Mirror::new()
        .file("a-b.c_d/x/go.mod", "module example.com/m/a-b.c_d/x\n")
        .commit("only")
        .tag("a-b.c_d/x/v1.0.0")
        .tag("odd")
}

fn capitals() -> Mirror {
    Mirror::new()
        .file("Sub/go.mod", "module example.com/m/Sub\n")
        .file("Sub/A.go", "package sub\n")
        .commit("only")
        .tag("Sub/v1.0.0")
}

/// A module in a folder at v2, by folder and by branch.
fn major_folders() -> Vec<Case> {
    let by_folder = || {
        Mirror::new()
            .file("sub/go.mod", "module example.com/m/sub\n")
            .file("sub/v2/go.mod", "module example.com/m/sub/v2\n")
            .file("sub/v2/sub.go", "package sub\n")
            .commit("only")
            .tags(["sub/v1.0.0", "sub/v2.0.0"])
    };
    let by_branch = || {
        Mirror::new()
            .file("sub/go.mod", "module example.com/m/sub/v2\n")
            .file("sub/sub.go", "package sub\n")
            .commit("only")
            .tag("sub/v2.0.0")
            .commit("tip")
    };
    vec![
        case(
            "v2 of a folder in its v2 folder",
            by_folder(),
            "example.com/m/sub/v2@v2.0.0",
        )
        .gives("v2.0.0"),
        case(
            "v1 of a folder beside its v2 folder",
            by_folder(),
            "example.com/m/sub@v1.0.0",
        )
        .gives("v1.0.0"),
        case(
            "latest of a folder ignores its v2 tags",
            by_folder(),
            "example.com/m/sub@latest",
        )
        .gives("v1.0.0"),
        case(
            "v2 of a folder in the folder itself",
            by_branch(),
            "example.com/m/sub/v2@v2.0.0",
        )
        .gives("v2.0.0"),
        case(
            "a commit of v2 of a folder",
            by_branch(),
            "example.com/m/sub/v2@main",
        )
        .gives("v2.0.1-0.{tip:pseudo}"),
        case(
            "a folder with a v2 tag is never incompatible",
            bare_sub(),
            "example.com/m/sub@v2.0.0+incompatible",
        )
        .refused("missing example.com/m/sub/go.mod"),
        case(
            "a folder with go.mod is never incompatible",
            bare_sub()
                .file("sub/go.mod", "module example.com/m/sub\n")
                .commit("two")
                .tag("sub/v2.1.0"),
            "example.com/m/sub@v2.1.0+incompatible",
        )
        .refused("module path must match major version"),
    ]
}

fn bare_sub() -> Mirror {
    Mirror::new()
        .file("sub/sub.go", "package sub\n")
        .commit("only")
        .tag("sub/v2.0.0")
}

fn licenses() -> Vec<Case> {
    let with_root = || {
        Mirror::new()
            .file("LICENSE", "the root's\n")
            .file("sub/go.mod", "module example.com/m/sub\n")
            .file("sub/zz.go", "package sub\n")
    };
    let released = |mirror: Mirror| mirror.commit("only").tag("sub/v1.0.0");
    let request = "example.com/m/sub@v1.0.0";
    vec![
        case(
            "a folder without LICENSE gets the root's as its last file",
            released(with_root()),
            request,
        )
        .gives("v1.0.0"),
        case(
            "a folder keeps its own LICENSE",
            released(with_root().file("sub/LICENSE", "my own\n")),
            request,
        )
        .gives("v1.0.0"),
        case(
            "a LICENSE in a package of a folder is not the folder's",
            released(with_root().file("sub/p/LICENSE", "deeper\n")),
            request,
        )
        .gives("v1.0.0"),
        case(
            "a LICENSE.txt of the root is not taken",
            released(with_root().remove("LICENSE").file("LICENSE.txt", "text\n")),
            request,
        )
        .gives("v1.0.0"),
        case(
            "a LICENSE.md of a folder does not keep the root's away",
            released(with_root().file("sub/LICENSE.md", "text\n")),
            request,
        )
        .gives("v1.0.0"),
        case(
            "a LICENSE folder of the root is not taken",
            released(with_root().remove("LICENSE").file("LICENSE/MIT", "text\n")),
            request,
        )
        .gives("v1.0.0"),
        case(
            "a LICENSE link of the root is taken as its target's name",
            released(with_root().symlink("LICENSE", "COPYING")),
            request,
        )
        .gives("v1.0.0"),
        case(
            "a LICENSE folder of a module bars the root's file",
            released(with_root().file("sub/LICENSE/MIT", "text\n")),
            request,
        )
        .refused("is both a file and a directory"),
        case(
            "a license link of a folder",
            released(with_root().symlink("sub/LICENSE", "../LICENSE")),
            request,
        )
        .gives("v1.0.0"),
        case(
            "the root's LICENSE keeps its line ends although attributes change them",
            released(with_root().file(".gitattributes", "* text eol=crlf\n")),
            request,
        )
        .gives("v1.0.0"),
        case(
            "v2 in a folder gets the root's LICENSE",
            Mirror::new()
                .file("LICENSE", "free\n")
                .file("v2/go.mod", "module example.com/m/v2\n")
                .commit("only")
                .tag("v2.0.0"),
            "example.com/m/v2@v2.0.0",
        )
        .gives("v2.0.0"),
    ]
}

fn four_fields() -> Vec<Case> {
    let mirror = || {
        Mirror::new()
            .file("README", "polyglot\n")
            .file("LICENSE", "free\n")
            .file("go/go.mod", "module example.com/m\n")
            .file("go/m.go", "package m\n")
            .file("go/sub/go.mod", "module example.com/m/sub\n")
            .file("go/v2/go.mod", "module example.com/m/v2\n")
            .file("sub/go/go.mod", "module example.com/m/sub\n")
            .commit("only")
            .tags([
                "go/v1.0.0",
                "v9.9.9",
                "go/v2.0.0",
                "go/sub/v1.1.0",
                "sub/go/v1.2.0",
            ])
            .commit("tip")
    };
    let m = |name: &str, request: &str| {
        case(name, mirror(), &format!("example.com/m{request}")).subdirectory("go")
    };
    vec![
        m("a root may be a folder", "@v1.0.0").gives("v1.0.0"),
        m("latest of a root that is a folder", "@latest").gives("v1.0.0"),
        m("a commit of a root that is a folder", "@main").gives("v1.0.1-0.{tip:pseudo}"),
        m("a tag without the folder's prefix is unknown", "@v9.9.9")
            .refused("unknown revision go/v9.9.9"),
        m("v2 below a root that is a folder", "/v2@v2.0.0").gives("v2.0.0"),
        m(
            "a module below a root that is a folder has the folder after its own name",
            "/sub@v1.2.0",
        )
        .gives("v1.2.0"),
        m(
            "a module in the folder of a root is not found",
            "/sub@v1.1.0",
        )
        .refused("unknown revision sub/go/v1.1.0"),
    ]
}
