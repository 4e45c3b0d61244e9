//! Proxies thrown with dice, to find rules that nobody thought of; see `support::dice`.

use crate::comparison::{Case, case};
use crate::loopback::Answer;
use crate::support::dice::{self, Dice};
use crate::world::{Files, Release};
use libtest_mimic::Trial;

/// The tests of this group.
pub(crate) fn trials() -> Vec<Trial> {
    dice::numbers()
        .map(|number| thrown(number).trial("random"))
        .collect()
}

const VERSIONS: [&str; 14] = [
    "v0.1.0",
    "v1.0.0",
    "v1.0.1",
    "v1.1.0",
    "v1.1.0-rc.1",
    "v1.2.0-RC",
    "v1.2.0",
    "v1.10.0",
    "v2.0.0+incompatible",
    "v2.1.0-pre+incompatible",
    "v2.0.0",
    "v0.0.0-20200102030405-0123456789ab",
    "v1.1.1-0.20210102030405-0123456789ab",
    "v1.2.0-rc.1.0.20220102030405-abcdef012345",
];

const QUERIES: [&str; 22] = [
    "latest",
    "latest",
    "upgrade",
    "v1",
    "v2",
    "v1.1",
    ">v1.0.0",
    ">=v1.1.0",
    "<v1.1.0",
    "<=v1.2.0",
    ">v2.0.0",
    "main",
    "0123456789ab",
    "v1.0.0",
    "v1.0.0+meta",
    "v1.2.0-RC",
    "v1.10.0",
    "v2.0.0+incompatible",
    "v2.0.0",
    "v0.0.0-20200102030405-0123456789ab",
    "v1.1.1-0.20210102030405-0123456789ab",
    "v9.9.9",
];

fn thrown(number: u64) -> Case {
    let mut dice = Dice(number);
    let first = proxy(&mut dice);
    let request = format!("example.com/m@{}", dice.one_of(&QUERIES));
    let name = format!("throw {number}");
    match dice.throw(4) {
        0 => {
            let list = dice.one_of(&["{0},{1}", "{0}|{1}", "{file0},{1}", "{file0}|{1}"]);
            case(&name, first, &request)
                .and(proxy(&mut dice))
                .list(list)
        }
        1 => case(&name, first, &request).list("{file0}"),
        _ => case(&name, first, &request),
    }
}

/// A proxy that has some versions, most of them in full.
fn proxy(dice: &mut Dice) -> Files {
    let mut files = Files::default();
    let mut list = String::new();
    for version in VERSIONS {
        if dice.throw(3) == 0 {
            continue;
        }
        if dice.throw(8) != 0 {
            list.push_str(&line(dice, version));
        }
        files.release(
            "example.com/m",
            &Release {
                version,
                go_mod: &go_mod(dice),
                files: &[("m.go", "package m\n")],
            },
        );
        let info = Answer::ok(info(dice, version));
        files = files.with(
            &format!("@v/{}.info", version.replace("RC", "%21r%21c")),
            info,
        );
        let part = dice.one_of(&["info", "mod", "zip"]);
        let file = format!("@v/{version}.{part}");
        files = match dice.throw(24) {
            0 => files.without(&file),
            1 => files.with(&file, failure(dice)),
            _ => files,
        };
    }
    for name in ["main", "0123456789ab"] {
        if dice.throw(2) == 0 {
            let version = dice.one_of(&VERSIONS);
            files = files.with(&format!("@v/{name}.info"), Answer::ok(info(dice, version)));
        }
    }
    files = match dice.throw(12) {
        0 => files,
        1 => files.with("@v/list", failure(dice)),
        _ => files.with("@v/list", Answer::ok(list)),
    };
    match dice.throw(3) {
        0 => files,
        1 if dice.throw(6) == 0 => files.with("@latest", failure(dice)),
        _ => {
            let version = dice.one_of(&VERSIONS);
            files.with("@latest", Answer::ok(info(dice, version)))
        }
    }
}

fn line(dice: &mut Dice, version: &str) -> String {
    let time = dice.one_of(&[
        "",
        "",
        "",
        " 2021-01-01T00:00:00Z",
        "\t2022-01-01T01:00:00+01:00 x",
        " soon",
    ]);
    let end = dice.one_of(&["\n", "\n", "\r\n", "\n\n", "\nv1\n", "\nnonsense\n"]);
    format!("{version}{time}{end}")
}

fn go_mod(dice: &mut Dice) -> String {
    let retract = dice.one_of(&[
        "",
        "",
        "",
        "",
        "retract v1.1.0\n",
        "retract [v1.0.0, v1.10.0]\n",
        "// Deprecated: x\n",
    ]);
    format!("module example.com/m\n\n{retract}")
}

fn info(dice: &mut Dice, version: &str) -> String {
    let told = match dice.throw(20) {
        0 => "v1.0.0",
        _ => version,
    };
    let time = dice.one_of(&[
        "2020-01-02T03:04:05Z",
        "2020-01-02T03:04:05Z",
        "2021-12-31T23:59:59.9990Z",
        "2019-02-28T00:00:00.000000001+05:45",
        "2019-02-28T00:00:00-00:00",
        "2024-02-29T00:00:00-11:00",
        "2023-02-29T00:00:00Z",
    ]);
    let origin = dice.one_of(&[
        "",
        "",
        r#","Origin":{"VCS":"git","URL":"https://h.example/m","Hash":"0123456789ab","Ref":"refs/heads/main"}"#,
        r#","Origin":{"TagPrefix":"v1.","TagSum":"t1:x","RepoSum":"r1:y","URL":"https://h.example/a&b"}"#,
    ]);
    let (version_key, time_key) = match dice.throw(10) {
        0 => ("version", "TIME"),
        _ => ("Version", "Time"),
    };
    format!(r#"{{"{version_key}":"{told}","{time_key}":"{time}"{origin}}}"#)
}

fn failure(dice: &mut Dice) -> Answer {
    match dice.throw(6) {
        0 => Answer::status(410),
        1 => Answer::status(403).text("no\nreally"),
        2 => Answer::status(503).header("Retry-After", "0").text("later"),
        3 => Answer::ok("sorry\n"),
        4 => Answer::ok(""),
        _ => Answer::status(500),
    }
}
