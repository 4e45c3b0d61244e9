//! Repositories and requests thrown with dice, to find rules that nobody thought of.
//!
//! The dice are the same on every run. `GOMODCACHE_RANDOM_CASES` throws more of them, or another
//! stretch: `500` or `1000..1500`.

use crate::support::case::{Case, case, trials as make};
use crate::support::dice::{self, Dice};
use crate::support::mirror::Mirror;
use libtest_mimic::Trial;

/// The tests of this group.
pub(crate) fn trials() -> Vec<Trial> {
    let numbers = dice::numbers();
    let cases = numbers
        .clone()
        .map(thrown)
        .chain(numbers.map(thrown_attributes));
    make("random", cases.collect())
}

impl Dice {
    fn version(&mut self) -> String {
        let major = self.one_of(&["0", "1", "1", "1", "2", "2", "3"]);
        let (minor, patch) = (self.throw(2), self.throw(2));
        let end = self.one_of(&["", "", "", "", "-rc.1", "-pre", "-RC", "+meta", "-0"]);
        format!("v{major}.{minor}.{patch}{end}")
    }

    fn go_mod(&mut self, path: &str) -> String {
        let go = self.one_of(&["", "", "go 1.17\n", "go 1.24\n"]);
        let retract = match self.throw(6) {
            0 => format!("retract {}\n", self.version()),
            1 => format!("retract [v1.0.0, {}]\n", self.version()),
            _ => String::new(),
        };
        format!("module {path}\n{go}{retract}")
    }
}

/// A repository of some commits on two branches, with tags.
fn repository(dice: &mut Dice) -> (Mirror, usize) {
    let commits = 2 + dice.throw(6);
    let mut mirror = Mirror::new().file("m.go", "package m\n");
    if dice.throw(4) != 0 {
        mirror = mirror.file("go.mod", dice.go_mod("example.com/m"));
    }
    if dice.throw(2) != 0 {
        mirror = mirror.file("sub/go.mod", dice.go_mod("example.com/m/sub"));
    }
    for commit in 0..commits {
        for _ in 0..dice.throw(3) {
            mirror = changed(dice, mirror);
        }
        mirror = match dice.throw(8) {
            0 if commit > 0 => mirror.branch("side"),
            1 if commit > 0 => mirror.branch("main"),
            _ => mirror,
        };
        mirror = mirror.commit(&format!("c{commit}"));
        for _ in 0..dice.throw(4) {
            let prefix = dice.one_of(&["", "", "", "sub/", "v2/", "sub/v2/"]);
            let tag = format!("{prefix}{}", dice.version());
            mirror = match dice.throw(3) {
                0 => mirror.annotated_tag(&tag),
                _ => mirror.tag(&tag),
            };
        }
    }
    (mirror, commits)
}

/// One change to the tree: mostly of go.mod files.
fn changed(dice: &mut Dice, mirror: Mirror) -> Mirror {
    let (file, path) = match dice.throw(8) {
        0 | 1 => (
            "go.mod",
            dice.one_of(&[
                "example.com/m",
                "example.com/m",
                "example.com/m/v2",
                "example.org/fork",
            ]),
        ),
        2 => (
            "sub/go.mod",
            dice.one_of(&["example.com/m/sub", "example.com/m/sub/v2"]),
        ),
        3 => ("v2/go.mod", "example.com/m/v2"),
        4 => ("sub/v2/go.mod", "example.com/m/sub/v2"),
        5 => return mirror.remove(dice.one_of(&["go.mod", "sub/go.mod", "v2/go.mod"])),
        6 => {
            return mirror
                .file("LICENSE", "free\n")
                .file("sub/sub.go", "package sub\n");
        }
        _ => {
            return mirror
                .file("vendor/x/x.go", "package x\n")
                .file("vendor/modules.txt", "# x\n");
        }
    };
    let go_mod = dice.go_mod(path);
    mirror.file(file, go_mod)
}

fn request(dice: &mut Dice, commits: usize) -> String {
    let path = dice.one_of(&[
        "", "", "", "", "/sub", "/sub", "/v2", "/v2", "/v3", "/sub/v2",
    ]);
    let commit = format!("c{}", dice.throw(commits));
    let query = match dice.throw(12) {
        0 | 1 => "latest".to_owned(),
        2 => dice
            .one_of(&["v0", "v1", "v2", "v1.0", "v1.1", "v2.0"])
            .to_owned(),
        3 => format!("{}{}", dice.one_of(&["<", "<=", ">", ">="]), dice.version()),
        4 => dice.one_of(&["main", "side", "HEAD"]).to_owned(),
        5 | 6 => format!("{{{commit}}}"),
        7 => format!("{{{commit}:8}}"),
        8 => format!("{}+incompatible", dice.version()),
        9 => format!(
            "v{}.{}.1-0.{{{commit}:pseudo}}",
            dice.throw(3),
            dice.throw(3)
        ),
        10 => format!("v{}.0.0-{{{commit}:pseudo}}", dice.throw(3)),
        _ => dice.version(),
    };
    format!("example.com/m{path}@{query}")
}

fn thrown(number: u64) -> Case {
    let mut dice = Dice(number);
    let (mirror, commits) = repository(&mut dice);
    let request = request(&mut dice, commits);
    case(&format!("case {number} is as go does it"), mirror, &request).not_guessed()
}

/// Folders, patterns for what is in them, and attributes with their values.
const FOLDERS: [&str; 4] = ["", "", "sub/", "sub/deep/"];
const PATTERNS: [&str; 16] = [
    "*",
    "*.txt",
    "a.txt",
    "b*",
    "sub/*",
    "/a.txt",
    "sub/**",
    "**/a.txt",
    "deep/a.txt",
    "[ab].txt",
    "?.md",
    "*.md",
    "sub",
    "sub/",
    "\"b.txt\"",
    "**",
];
const ATTRIBUTES: [&str; 26] = [
    "text",
    "-text",
    "!text",
    "text=auto",
    "eol=crlf",
    "eol=crlf",
    "eol=lf",
    "-eol",
    "!eol",
    "crlf",
    "-crlf",
    "crlf=input",
    "ident",
    "ident",
    "-ident",
    "binary",
    "-binary",
    "!binary",
    "filter=lfs",
    "export-ignore",
    "export-subst",
    "working-tree-encoding=UTF-16LE",
    "-working-tree-encoding",
    "working-tree-encoding=latin1",
    "-diff",
    "mine",
];
const CONTENTS: [&str; 14] = [
    "one\ntwo\n",
    "one\r\ntwo\r\n",
    "one\ntwo\r\nthree\n",
    "one\rtwo\r",
    "\r\n",
    "\n",
    "",
    "end",
    "nul \0 here\n",
    "$Id$\n",
    "$Id: old $\r\n$Id$",
    "$Id: two\nlines $\n",
    "gr\u{fc}n\n\u{1a}",
    "$Format:%H$\n",
];

/// A module whose files go through attributes thrown with dice.
fn thrown_attributes(number: u64) -> Case {
    let mut dice = Dice(number ^ 0xa77);
    let mut mirror = Mirror::new().go_mod("example.com/m");
    for folder in ["", "sub/", "sub/deep/"] {
        for name in ["a.txt", "b.txt", "c.md", "ab"] {
            let content = (0..=dice.throw(3)).map(|_| dice.one_of(&CONTENTS));
            mirror = mirror.file(format!("{folder}{name}"), content.collect::<String>());
        }
    }
    for folder in FOLDERS {
        if dice.throw(2) == 0 {
            let rules: String = (0..=dice.throw(5)).map(|_| rule(&mut dice)).collect();
            mirror = mirror.file(format!("{folder}.gitattributes"), rules);
        }
    }
    let name = format!("attributes {number} are as git archive applies them");
    case(&name, mirror.release("v1.0.0"), "example.com/m@v1.0.0").only_as_a_folder()
}

fn rule(dice: &mut Dice) -> String {
    let mut rule = match dice.throw(9) {
        0 => format!("[attr]{}", dice.one_of(&["mine", "yours"])),
        _ => dice.one_of(&PATTERNS).to_owned(),
    };
    for _ in 0..=dice.throw(3) {
        rule.push_str(dice.one_of(&[" ", " ", "\t", "  "]));
        rule.push_str(dice.one_of(&ATTRIBUTES));
    }
    rule.push_str(dice.one_of(&["\n", "\n", "\n", "\r\n"]));
    rule
}
