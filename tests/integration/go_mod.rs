//! go.mod files as repositories have them: missing, odd, broken and too large.

use crate::support::case::{Case, case, trials as make};
use crate::support::mirror::Mirror;
use crate::support::sample;
use crate::support::sandbox::{Sandbox, tell};
use crate::support::tests;
use libtest_mimic::Trial;

const REQUEST: &str = "example.com/m@v1.0.0";
/// The largest go.mod that go takes, in bytes.
const LARGEST: usize = 16 << 20;

/// The tests of this group.
pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = make(
        "go_mod",
        [missing(), written(), versions(), sizes()].concat(),
    );
    trials.extend(tests!("go_mod": a_go_line_newer_than_every_go_is_taken));
    trials
}

fn with(go_mod: impl Into<Vec<u8>>) -> Mirror {
    Mirror::new()
        .file("go.mod", go_mod)
        .file("m.go", "package m\n")
        .release("v1.0.0")
}

fn missing() -> Vec<Case> {
    let bare = || Mirror::new().file("m.go", "package m\n");
    vec![
        case(
            "a root without go.mod gets one",
            bare().release("v1.0.0"),
            REQUEST,
        )
        .gives("v1.0.0"),
        case(
            "a path that go.mod would have to quote is no module path",
            bare().release("v1.0.0"),
            "example.com/m+x@v1.0.0",
        )
        .root("example.com/m+x")
        .refused("invalid char '+'"),
        case(
            "an empty tree is a module",
            Mirror::new().release("v1.0.0"),
            REQUEST,
        )
        .gives("v1.0.0"),
        case(
            "a go.mod that is a folder is refused",
            bare().file("go.mod/x.go", "package x\n").release("v1.0.0"),
            REQUEST,
        )
        .refused("is a directory"),
        case(
            "a go.mod that is a link is taken as its target's name",
            bare().symlink("go.mod", "other.mod").release("v1.0.0"),
            REQUEST,
        )
        .refused("go.mod is missing module path"),
        case(
            "a go.mod that is a submodule is none",
            bare().submodule("go.mod").release("v1.0.0"),
            REQUEST,
        )
        .gives("v1.0.0"),
        case(
            "a go.mod in capitals at the root is refused",
            bare()
                .file("GO.MOD", "module example.com/m\n")
                .release("v1.0.0"),
            REQUEST,
        )
        .refused("go.mod"),
        case(
            "a go.mod in other case in a folder is a nested module",
            bare()
                .file("sub/Go.Mod", "module example.com/m/sub\n")
                .file("sub/sub.go", "package sub\n")
                .release("v1.0.0"),
            REQUEST,
        )
        .gives("v1.0.0"),
    ]
}

fn written() -> Vec<Case> {
    let m = |name: &str, go_mod: &str| case(name, with(go_mod), REQUEST);
    vec![
        m("an empty go.mod is refused", "").refused("go.mod is missing module path"),
        m("a go.mod without a module line is refused", "go 1.21\n")
            .refused("go.mod is missing module path"),
        m(
            "a go.mod of comments only is refused",
            "// module example.com/m\n",
        )
        .refused("go.mod is missing module path"),
        m("a go.mod without a last line end", "module example.com/m").gives("v1.0.0"),
        m(
            "a go.mod with Windows line ends",
            "module example.com/m\r\n\r\ngo 1.21\r\n",
        )
        .gives("v1.0.0"),
        m("a quoted module path", "module \"example.com/m\"\n").gives("v1.0.0"),
        m("a module path in back quotes", "module `example.com/m`\n").gives("v1.0.0"),
        m(
            "a module path with a broken quote is refused",
            "module \"example.com/m\n",
        )
        .refused("go.mod is missing module path"),
        m(
            "comments before and behind the module line",
            "// about\nmodule example.com/m // here\n",
        )
        .gives("v1.0.0"),
        m(
            "a comment that touches the module path",
            "module example.com/m//here\n",
        )
        .gives("v1.0.0"),
        m(
            "spaces and tabs around the module path",
            "\t module \t example.com/m \t\n",
        )
        .gives("v1.0.0"),
        m("a module block", "module (\n\texample.com/m\n)\n").gives("v1.0.0"),
        m(
            "the module line may come last",
            "go 1.21\n\nmodule example.com/m\n",
        )
        .gives("v1.0.0"),
        m(
            "the first of two module lines counts",
            "module example.com/m\nmodule example.com/m/v2\n",
        )
        .gives("v1.0.0"),
        m(
            "a deprecated module",
            "// Deprecated: use another one.\nmodule example.com/m\n",
        )
        .gives("v1.0.0"),
        m(
            "a byte order mark is refused",
            "\u{feff}module example.com/m\n",
        )
        .refused("go.mod is missing module path"),
        m(
            "an unknown directive is no fault",
            "module example.com/m\n\nfuture (\n\tthing\n)\n",
        )
        .gives("v1.0.0"),
        m(
            "a broken line is no fault of a fetch",
            "module example.com/m\n\nrequire (\n",
        )
        .gives("v1.0.0"),
        m(
            "a required version that is none is no fault of a fetch",
            "module example.com/m\n\nrequire example.com/x latest\n",
        )
        .gives("v1.0.0"),
        m(
            "a longer word is not the module line",
            "modules example.com/x\nmodule example.com/m\n",
        )
        .gives("v1.0.0"),
        case(
            "bytes that are no UTF-8",
            with(b"module example.com/m // \xff\xfe\n"),
            REQUEST,
        )
        .gives("v1.0.0"),
        case(
            "a go.mod whose attributes give it Windows line ends",
            with("module example.com/m\n")
                .file(".gitattributes", "go.mod text eol=crlf\n")
                .release("v1.1.0"),
            "example.com/m@v1.1.0",
        )
        .gives("v1.1.0"),
        case(
            "a go.mod with the executable bit",
            Mirror::new()
                .executable("go.mod", "module example.com/m\n")
                .release("v1.0.0"),
            REQUEST,
        )
        .gives("v1.0.0"),
    ]
}

fn versions() -> Vec<Case> {
    let m = |name: &str, line: &str| {
        case(
            name,
            with(format!("module example.com/m\n\n{line}\n")),
            REQUEST,
        )
    };
    vec![
        m("an old go line", "go 1.11").gives("v1.0.0"),
        m("a go line with a patch", "go 1.21.0").gives("v1.0.0"),
        m(
            "a toolchain line newer than every go is no matter",
            "go 1.21\ntoolchain go1.999.0",
        )
        .gives("v1.0.0"),
        m("a go line that is no version", "go one").gives("v1.0.0"),
        m("two go lines", "go 1.20\ngo 1.21").gives("v1.0.0"),
    ]
}

/// Each go refuses what is newer than itself; we are no go and write what a newer one would.
fn a_go_line_newer_than_every_go_is_taken() {
    let sandbox = Sandbox::new();
    with("module example.com/m\n\ngo 1.999\n").build(&sandbox.path("m.git"));
    let told = tell(&mut sample::fetch(&sandbox, &[REQUEST]));
    assert_eq!(told.code, Some(0), "{told:#?}");
}

fn sizes() -> Vec<Case> {
    let padded = |length| {
        Mirror::new()
            .go_mod("example.com/m")
            .large("go.mod", length)
            .release("v1.0.0")
    };
    let license = |length: usize| {
        Mirror::new()
            .go_mod("example.com/m")
            .large("LICENSE", length)
            .release("v1.0.0")
    };
    vec![
        case("a go.mod of 16 MiB is taken", padded(LARGEST), REQUEST)
            .only_as_a_folder()
            .gives("v1.0.0"),
        case(
            "a go.mod over 16 MiB is refused",
            padded(LARGEST + 1),
            REQUEST,
        )
        .only_as_a_folder()
        .refused("too large"),
        case("a LICENSE of 16 MiB is taken", license(LARGEST), REQUEST)
            .only_as_a_folder()
            .gives("v1.0.0"),
        case(
            "a LICENSE over 16 MiB is refused",
            license(LARGEST + 1),
            REQUEST,
        )
        .only_as_a_folder()
        .refused("too large"),
        case(
            "other files may be over 16 MiB",
            Mirror::new()
                .go_mod("example.com/m")
                .large("data", LARGEST + 1)
                .release("v1.0.0"),
            REQUEST,
        )
        .only_as_a_folder()
        .gives("v1.0.0"),
    ]
}
