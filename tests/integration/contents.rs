//! What goes into the zip, what is left out, and what makes go refuse the whole.

use crate::support::case::{Case, case, trials as make};
use crate::support::mirror::Mirror;
use libtest_mimic::Trial;

const REQUEST: &str = "example.com/m@v1.0.0";

/// The tests of this group.
pub(crate) fn trials() -> Vec<Trial> {
    make(
        "contents",
        [
            kept(),
            left_out(),
            vendored(),
            names(),
            collisions(),
            sizes(),
        ]
        .concat(),
    )
}

fn module() -> Mirror {
    Mirror::new()
        .go_mod("example.com/m")
        .file("m.go", "package m\n")
}

fn m(name: &str, mirror: Mirror) -> Case {
    case(name, mirror.release("v1.0.0"), REQUEST)
}

fn kept() -> Vec<Case> {
    let deep = "a/".repeat(60) + "x.go";
    let many = (0..300).fold(module(), |mirror, number| {
        mirror.file(
            format!("d{}/f{number}.txt", number % 7),
            format!("{number}\n"),
        )
    });
    vec![
        m("files keep git's order", module().file("a/b.go", "package a\n").file("a-b.go", "package m\n").file("a.go", "package m\n").file("a0.go", "package m\n")),
        m("an empty file is kept", module().file("empty", "")),
        m("an executable file is an ordinary file", module().executable("run.sh", "#!/bin/sh\n")),
        m("hidden files are kept", module().file(".hidden", "x\n").file(".github/workflows/ci.yml", "on: push\n")),
        m("git's own files are kept", module().file(".gitignore", "*.o\n").file(".gitattributes", "*.go text\n").file(".gitmodules", "")),
        m("testdata and underscores are kept", module().file("testdata/x", "x\n").file("_skip/x.go", "package x\n")),
        m("a deep folder is kept", module().file(deep, "package x\n")),
        m("names in other scripts are kept", module().file("größe/файл.txt", "x\n").file("日本/語.go", "package x\n")),
        m("binary contents are kept", module().file("data.bin", (0..=255).collect::<Vec<u8>>())),
        m("many files in many folders", many),
        m("a go.work and its sum are kept", module().file("go.work", "go 1.21\n").file("go.work.sum", "").file("go.sum", "")),
        m("names with spaces and signs are kept", module().file("a b/c (1)+[2]{3}.txt", "x\n").file("x!#$%&,=@^_~-.y", "x\n")),
        m("an LFS pointer stays a pointer", module().file(".gitattributes", "*.png filter=lfs diff=lfs merge=lfs -text\n").file("a.png", "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n")),
    ]
    .into_iter()
    .map(|case| case.gives("v1.0.0"))
    .collect()
}

fn left_out() -> Vec<Case> {
    vec![
        m(
            "a symbolic link is left out",
            module().symlink("link.go", "m.go"),
        ),
        m(
            "a link to a folder is left out",
            module()
                .file("real/x.go", "package x\n")
                .symlink("link", "real"),
        ),
        m(
            "a link that leads nowhere is left out",
            module().symlink("link", "/nowhere"),
        ),
        m(
            "a submodule is left out",
            module()
                .submodule("external/lib")
                .file("external/x.go", "package x\n"),
        ),
        m(
            "a nested module is left out",
            module()
                .file("nested/go.mod", "module example.com/m/nested\n")
                .file("nested/x.go", "package x\n"),
        ),
        m(
            "a nested module with a broken go.mod is left out",
            module()
                .file("nested/go.mod", "")
                .file("nested/deep/x.go", "package x\n"),
        ),
        m(
            "a module in a folder of a folder is left out",
            module()
                .file("a/b/go.mod", "module x\n")
                .file("a/b/c.go", "package c\n")
                .file("a/c.go", "package a\n"),
        ),
        m(
            "a folder called go.mod is kept as a folder",
            module().file("sub/go.mod/x.go", "package x\n"),
        ),
        m(
            "a go.mod link in a folder makes no module",
            module()
                .symlink("sub/go.mod", "../go.mod")
                .file("sub/x.go", "package sub\n"),
        ),
        m(
            "the archive file of Mercurial is left out",
            module()
                .file(".hg_archival.txt", "repo: x\n")
                .file("sub/.hg_archival.txt", "x\n"),
        ),
        m(
            "folders of version control are left out",
            module()
                .file(".hg/store", "x\n")
                .file(".svn/entries", "x\n")
                .file("sub/.bzr/x", "x\n"),
        ),
    ]
    .into_iter()
    .map(|case| case.gives("v1.0.0"))
    .collect()
}

fn vendored() -> Vec<Case> {
    let with_go = |line: &str| {
        Mirror::new()
            .file("go.mod", format!("module example.com/m\n{line}"))
            .file("m.go", "package m\n")
            .file("vendor/modules.txt", "# example.com/x v1.0.0\n")
            .file("vendor/example.com/x/x.go", "package x\n")
            .file("vendor/top.go", "package vendor\n")
            .file("pkg/vendor/vendor.go", "package vendor\n")
            .file("pkg/vendor/example.com/y/y.go", "package y\n")
            .file("pkg/vendor/modules.txt", "# none\n")
            .file("vendored/z.go", "package z\n")
            .file("vendor.go", "package m\n")
    };
    vec![
        m("vendored packages without a go line", with_go("")),
        m("vendored packages at go 1.11", with_go("\ngo 1.11\n")),
        m("vendored packages at go 1.23", with_go("\ngo 1.23\n")),
        m("vendored packages at go 1.23.9", with_go("\ngo 1.23.9\n")),
        m("vendored packages at go 1.24", with_go("\ngo 1.24\n")),
        m(
            "vendored packages at a candidate of go 1.24",
            with_go("\ngo 1.24rc1\n"),
        ),
        m("vendored packages at go 1.25.1", with_go("\ngo 1.25.1\n")),
        m(
            "vendored packages at a go line that is none",
            with_go("\ngo x\n"),
        ),
        m(
            "vendored packages without a go.mod",
            with_go("").remove("go.mod"),
        ),
        m(
            "a module below vendor",
            with_go("\ngo 1.24\n")
                .file("vendor/example.com/w/go.mod", "module w\n")
                .file("vendor/example.com/w/w.go", "package w\n"),
        ),
        m(
            "a folder whose name ends in vendor",
            with_go("\ngo 1.24\n")
                .file("xvendor/a/b.go", "package b\n")
                .file("a/b/vendor/c", "x\n"),
        ),
    ]
    .into_iter()
    .map(|case| case.gives("v1.0.0"))
    .collect()
}

fn names() -> Vec<Case> {
    let named = |name: &str, file: &str| m(name, module().file(file, "x\n"));
    vec![
        named("a name with a star is refused", "a*b.txt").refused("invalid char '*'"),
        named("a name with a question mark is refused", "what?.txt").refused("invalid char '?'"),
        named("a name with a colon is refused", "a:b.txt").refused("invalid char ':'"),
        named("a name with a backslash is refused", "a\\b.txt").refused("invalid char"),
        named("a name with a quote is refused", "it's.txt").refused("invalid char"),
        named("a name with a double quote is refused", "\"a\".txt").refused("invalid char"),
        named("a name with an angle bracket is refused", "a<b.txt").refused("invalid char"),
        named("a name with a bar is refused", "a|b.txt").refused("invalid char"),
        named("a name with a back quote is refused", "a`b.txt").refused("invalid char"),
        named("a name with a line end is refused", "a\nb.txt").refused("invalid char"),
        named("a name with a tab is refused", "a\tb.txt").refused("invalid char"),
        named("a name with a control sign is refused", "a\u{7}b.txt").refused("invalid char"),
        named("a name with an emoji is refused", "smile😀.txt").refused("invalid char"),
        named("a name that ends in a dot is refused", "file.").refused("trailing dot"),
        named("a folder that ends in a dot is refused", "folder./x.txt").refused("trailing dot"),
        named("a name of Windows is refused", "aux.txt").refused("aux"),
        named("a name of Windows in capitals is refused", "NUL").refused("NUL"),
        named("a folder with a name of Windows is refused", "con/x.go").refused("con"),
        named("a port of Windows is refused", "LPT1.log").refused("LPT1"),
        named(
            "a name that only begins like one of Windows is kept",
            "auxiliary.txt",
        )
        .gives("v1.0.0"),
        named("a short name of Windows is kept", "PROGRA~1.txt").gives("v1.0.0"),
        named("a name of dots is kept", "...x").gives("v1.0.0"),
        named("a name that begins with a dash is kept", "-rf").gives("v1.0.0"),
        named("a name of one space is kept", " ").gives("v1.0.0"),
        named("a name with a joined accent is refused", "cafe\u{301}.txt").refused("invalid char"),
        m(
            "a name that is no UTF-8 is refused",
            module().file(b"a\xffb.txt".to_vec(), "x\n"),
        )
        .refused("invalid UTF-8"),
        m(
            "a faulty name is refused of a link, too",
            module().symlink("a*b", "m.go"),
        )
        .refused("invalid char '*'"),
        m(
            "a faulty name in a nested module is no matter",
            module().file("n/go.mod", "module n\n").file("n/a*b", "x\n"),
        )
        .gives("v1.0.0"),
        m(
            "a faulty name below vendor is no matter",
            module().file("vendor/x/a*b", "x\n"),
        )
        .gives("v1.0.0"),
        m(
            "a faulty name beside a module in a folder is no matter",
            module()
                .file("a*b", "x\n")
                .file("sub/go.mod", "module example.com/m/sub\n")
                .commit("only")
                .tag("sub/v1.0.0")
                .file("c", ""),
        )
        .refused("invalid char"),
    ]
}

fn collisions() -> Vec<Case> {
    vec![
        m(
            "names that differ by case are refused",
            module().file("README", "x\n").file("readme", "x\n"),
        )
        .refused("case-insensitive file name collision"),
        m(
            "folders that differ by case are refused",
            module().file("Dir/a", "x\n").file("dir/b", "x\n"),
        )
        .refused("case-insensitive file name collision"),
        m(
            "a file and a folder that differ by case are refused",
            module().file("Data", "x\n").file("data/a", "x\n"),
        )
        .refused("case-insensitive file name collision"),
        m(
            "names that differ by case outside of ASCII are refused",
            module().file("É.txt", "x\n").file("é.txt", "x\n"),
        )
        .refused("case-insensitive file name collision"),
        m(
            "a Kelvin sign and a k are refused",
            module().file("\u{212a}.txt", "x\n").file("k.txt", "x\n"),
        )
        .refused("case-insensitive file name collision"),
        m(
            "a sharp s and two s are kept",
            module().file("straße", "x\n").file("strasse", "x\n"),
        )
        .gives("v1.0.0"),
        m(
            "the three sigmas are refused",
            module().file("σ", "x\n").file("ς", "x\n"),
        )
        .refused("case-insensitive file name collision"),
        m(
            "a link that differs by case is refused",
            module().file("README", "x\n").symlink("readme", "README"),
        )
        .refused("case-insensitive file name collision"),
        m(
            "two spellings of a composed letter are kept apart",
            module().file("\u{e9}", "x\n").file("\u{0130}", "x\n"),
        )
        .gives("v1.0.0"),
        m(
            "names that differ by case in two folders are kept",
            module().file("a/X", "x\n").file("b/x", "x\n"),
        )
        .gives("v1.0.0"),
        m(
            "names that differ by case in a nested module are no matter",
            module()
                .file("n/go.mod", "module n\n")
                .file("n/X", "x\n")
                .file("n/x", "x\n"),
        )
        .gives("v1.0.0"),
    ]
}

fn sizes() -> Vec<Case> {
    // One blob under many names: large for the reader of the module, small in the repository.
    let total = |files: usize| {
        (0..files).fold(module(), |mirror, number| {
            mirror.large(&format!("f{number:02}"), 16 << 20)
        })
    };
    vec![
        m("a module over 500 MiB is refused", total(32))
            .only_as_a_folder()
            .refused("too large"),
    ]
}
