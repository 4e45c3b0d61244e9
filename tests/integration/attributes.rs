//! `.gitattributes`: the zip holds what `git archive` would give, not the raw blobs.

use crate::support::case::{Case, case, trials as make};
use crate::support::mirror::Mirror;
use libtest_mimic::Trial;

/// The tests of this group.
pub(crate) fn trials() -> Vec<Trial> {
    make("attributes", [line_ends(), others(), rules()].concat())
}

const UNIX: &str = "one\ntwo\nthree\n";
const WINDOWS: &str = "one\r\ntwo\r\nthree\r\n";
const MIXED: &str = "one\ntwo\r\nthree\rfour\n";

/// One set of attributes over a set of contents.
fn m(name: &str, attributes: &str) -> Case {
    case(name, mirror(attributes), "example.com/m@v1.0.0").gives("v1.0.0")
}

fn mirror(attributes: &str) -> Mirror {
    Mirror::new()
        .go_mod("example.com/m")
        .file(".gitattributes", attributes)
        .file("unix.txt", UNIX)
        .file("windows.txt", WINDOWS)
        .file("mixed.txt", MIXED)
        .file("zero.txt", b"one\ntwo\0\nthree\n")
        .file("none.txt", "")
        .file("end.txt", "no line end")
        .file("id.txt", "$Id$ and $Id: old value $ and $Id\nand $Id:$\n")
        .file("export.txt", "$Format:%H %an$\n")
        .file("sub/unix.txt", UNIX)
        .file("sub/deep/unix.txt", UNIX)
        .file("sub/deep/unix.bin", UNIX)
        .release("v1.0.0")
}

fn line_ends() -> Vec<Case> {
    vec![
        m("without rules contents stay", ""),
        m("text alone keeps Unix line ends", "*.txt text\n"),
        m("eol=crlf gives Windows line ends", "*.txt eol=crlf\n"),
        m(
            "text and eol=crlf give Windows line ends",
            "*.txt text eol=crlf\n",
        ),
        m("eol=lf keeps line ends", "*.txt eol=lf\n"),
        m("text=auto keeps Unix line ends", "* text=auto\n"),
        m(
            "text=auto and eol=crlf spare what is binary",
            "* text=auto eol=crlf\n",
        ),
        m("not text beats eol=crlf", "*.txt -text eol=crlf\n"),
        m("unspecified text and eol=crlf", "*.txt !text eol=crlf\n"),
        m("the old name crlf means text", "*.txt crlf eol=crlf\n"),
        m(
            "the old value crlf=input means eol=lf",
            "*.txt crlf=input\n",
        ),
        m("not crlf means not text", "*.txt -crlf eol=crlf\n"),
        m("binary is a macro", "*.txt eol=crlf\nmixed.txt binary\n"),
        m("an unknown eol is ignored", "*.txt eol=cr\n"),
        m(
            "an unknown text value is ignored",
            "*.txt text=maybe eol=crlf\n",
        ),
    ]
}

fn others() -> Vec<Case> {
    let utf16 = |name: &str, attributes: &str, content: Vec<u8>| {
        let mirror = Mirror::new()
            .go_mod("example.com/m")
            .file(".gitattributes", attributes)
            .file("a.txt", content)
            .release("v1.0.0");
        case(name, mirror, "example.com/m@v1.0.0")
    };
    let text = || "grüße\nvon hier\n".as_bytes().to_vec();
    vec![
        m("ident writes the blob's id", "*.txt ident\n"),
        m("ident and eol=crlf together", "*.txt ident eol=crlf\n"),
        m(
            "export-ignore does not count",
            "export.txt export-ignore\nsub export-ignore\n",
        ),
        m("export-subst does not count", "*.txt export-subst\n"),
        m(
            "a filter without a command keeps contents",
            "*.txt filter=lfs diff=lfs merge=lfs -text\n",
        ),
        m("a filter and eol=crlf", "*.txt filter=lfs eol=crlf\n"),
        m(
            "diff and merge say nothing about contents",
            "*.txt -diff merge=union whitespace=trim linguist-generated=true\n",
        ),
        utf16(
            "working-tree-encoding UTF-16",
            "a.txt working-tree-encoding=UTF-16\n",
            text(),
        )
        .gives("v1.0.0"),
        utf16(
            "working-tree-encoding UTF-16LE",
            "a.txt working-tree-encoding=UTF-16LE\n",
            text(),
        )
        .gives("v1.0.0"),
        utf16(
            "working-tree-encoding UTF-16BE",
            "a.txt working-tree-encoding=UTF-16BE\n",
            text(),
        )
        .gives("v1.0.0"),
        utf16(
            "working-tree-encoding UTF-16LE-BOM",
            "a.txt working-tree-encoding=UTF-16LE-BOM\n",
            text(),
        )
        .gives("v1.0.0"),
        utf16(
            "working-tree-encoding UTF-32",
            "a.txt working-tree-encoding=UTF-32\n",
            text(),
        )
        .gives("v1.0.0"),
        utf16(
            "working-tree-encoding ISO-8859-1",
            "a.txt working-tree-encoding=ISO-8859-1\n",
            text(),
        )
        .gives("v1.0.0"),
        utf16(
            "working-tree-encoding and eol=crlf",
            "a.txt text eol=crlf working-tree-encoding=UTF-16LE\n",
            text(),
        )
        .gives("v1.0.0"),
        utf16(
            "working-tree-encoding UTF-8 changes nothing",
            "a.txt working-tree-encoding=UTF-8\n",
            text(),
        )
        .gives("v1.0.0"),
        utf16(
            "a letter that the encoding lacks keeps the contents",
            "a.txt working-tree-encoding=ISO-8859-1\n",
            "日本\n".as_bytes().to_vec(),
        )
        .gives("v1.0.0"),
        utf16(
            "an unknown encoding keeps the contents",
            "a.txt working-tree-encoding=NOTHING-8\n",
            text(),
        )
        .gives("v1.0.0"),
        utf16(
            "contents that are no UTF-8 are kept as they are",
            "a.txt working-tree-encoding=UTF-16\n",
            b"\xff\xfe\xfa\n".to_vec(),
        )
        .gives("v1.0.0"),
    ]
}

/// Which rule wins.
fn rules() -> Vec<Case> {
    let with = |name: &str, mirror: Mirror| {
        case(name, mirror.release("v1.0.1"), "example.com/m@v1.0.1").gives("v1.0.1")
    };
    vec![
        m(
            "a later rule beats an earlier one",
            "*.txt eol=crlf\nunix.txt eol=lf -text\n",
        ),
        m(
            "a pattern with a slash is anchored",
            "/unix.txt eol=crlf\nsub/*.txt eol=crlf\n",
        ),
        m(
            "a pattern without a slash matches in every folder",
            "unix.txt eol=crlf\n",
        ),
        m("two stars match every folder", "sub/**/unix.* eol=crlf\n"),
        m("a folder pattern matches no files", "sub/ eol=crlf\n"),
        m("a negative pattern is ignored", "!*.txt eol=crlf\n"),
        m("a class of letters in a pattern", "[a-n]*.txt eol=crlf\n"),
        m("a pattern in quotes", "\"unix.txt\" eol=crlf\n"),
        m(
            "comments and spaces in a rule",
            "# about\n  *.txt   eol=crlf  \n",
        ),
        m("Windows line ends in the rules", "*.txt eol=crlf\r\n"),
        m(
            "a macro of the root",
            "[attr]dos text eol=crlf\nunix.txt dos\n",
        ),
        m(
            "a byte order mark before the rules",
            "\u{feff}*.txt eol=crlf\n",
        ),
        m("patterns respect case", "UNIX.TXT eol=crlf\n"),
        with(
            "rules of a folder beat those of the root",
            mirror("*.txt eol=crlf\n").file("sub/.gitattributes", "*.txt -text\n"),
        ),
        with(
            "rules of a folder count from there",
            mirror("").file(
                "sub/.gitattributes",
                "/unix.txt eol=crlf\ndeep/*.bin eol=crlf\n",
            ),
        ),
        with(
            "a macro in a folder does not count",
            mirror("").file(
                "sub/.gitattributes",
                "[attr]dos text eol=crlf\nunix.txt dos\n",
            ),
        ),
        with(
            "rules in a link do not count",
            mirror("")
                .remove(".gitattributes")
                .file("rules", "*.txt eol=crlf\n")
                .symlink(".gitattributes", "rules"),
        ),
        case(
            "rules of the root count for a module in a folder",
            mirror("*.txt eol=crlf ident\n")
                .file("sub/go.mod", "module example.com/m/sub\n")
                .commit("two")
                .tag("sub/v1.0.0"),
            "example.com/m/sub@v1.0.0",
        )
        .gives("v1.0.0"),
        case(
            "rules of a pseudo-version are those of its commit",
            mirror("*.txt eol=crlf\n")
                .remove(".gitattributes")
                .commit("two"),
            "example.com/m@main",
        )
        .gives("v1.0.1-0.{two:pseudo}"),
    ]
}
