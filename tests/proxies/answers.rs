//! Every endpoint of a proxy, answered well and badly.

mod lists;
mod zips;

use crate::comparison::{Case, case};
use crate::loopback::Answer;
use crate::world::{Files, Release};
use libtest_mimic::Trial;

const PSEUDO: &str = "v0.0.0-20200102030405-0123456789ab";

/// The tests of this group.
pub(crate) fn trials() -> Vec<Trial> {
    let groups = [
        versions(),
        infos(),
        refusals(),
        lists::several(),
        lists::private(),
        zips::cases(),
    ];
    let cases = groups.into_iter().flatten();
    cases.map(|case| case.trial("answers")).collect()
}

fn m() -> Files {
    Files::of(&["v1.0.0", "v1.1.0", "v1.2.0-rc.1"])
}

fn info(version: &str) -> Answer {
    Answer::ok(format!(
        r#"{{"Version":"{version}","Time":"2021-01-02T03:04:05Z"}}"#
    ))
}

/// Queries, and the endpoints that answer them.
fn versions() -> Vec<Case> {
    let capitals = Files::default().module("example.com/Up/M", &["v1.0.0-RC1"]);
    let mut retracted = Files::of(&["v1.0.0", "v1.1.0"]);
    retracted.release(
        "example.com/m",
        &Release {
            version: "v1.1.0",
            go_mod: "module example.com/m\n\nretract v1.1.0\n",
            files: &[],
        },
    );
    let untagged = || Files::of(&[PSEUDO]);
    let incompatible = Files::of(&["v1.0.0", "v2.0.0+incompatible"]);
    vec![
        case("a version", m(), "example.com/m@v1.0.0").gives("v1.0.0"),
        case("the latest release", m(), "example.com/m@latest").gives("v1.1.0"),
        case("a range", m(), "example.com/m@>v1.1.0").gives("v1.2.0-rc.1"),
        case("a prefix", m(), "example.com/m@v1").gives("v1.1.0"),
        case("capitals", capitals, "example.com/Up/M@v1.0.0-RC1").gives("v1.0.0-RC1"),
        case(
            "a retracted release",
            retracted.clone(),
            "example.com/m@latest",
        )
        .gives("v1.0.0"),
        case(
            "a retracted release by name",
            retracted,
            "example.com/m@v1.1.0",
        )
        .gives("v1.1.0"),
        case(
            "incompatible",
            incompatible.clone(),
            "example.com/m@v2.0.0+incompatible",
        )
        .gives("v2.0.0+incompatible"),
        case(
            "incompatible is the latest",
            incompatible,
            "example.com/m@latest",
        ),
        case(
            "a pseudo-version",
            untagged(),
            &format!("example.com/m@{PSEUDO}"),
        )
        .gives(PSEUDO),
        case(
            "no tags and a latest",
            untagged().with("@latest", info(PSEUDO)),
            "example.com/m@latest",
        )
        .gives(PSEUDO),
        case(
            "no tags and no latest but a list of pseudo-versions",
            untagged().with("@v/list", Answer::ok(format!("{PSEUDO}\n"))),
            "example.com/m@latest",
        )
        .gives(PSEUDO),
        case(
            "no tags and no latest but times",
            Files::of(&["v1.0.0", "v1.1.0"]).with(
                "@v/list",
                Answer::ok("v1.0.0 2022-01-01T00:00:00Z\nv1.1.0 2021-01-01T00:00:00Z\n"),
            ),
            "example.com/m@latest",
        ),
        case("nothing at all", untagged(), "example.com/m@latest"),
        case("no list", m().without("@v/list"), "example.com/m@latest"),
        case(
            "no list but a latest",
            m().without("@v/list").with("@latest", info("v1.1.0")),
            "example.com/m@latest",
        ),
        case(
            "a branch",
            m().with("@v/main.info", info("v1.1.0")),
            "example.com/m@main",
        )
        .gives("v1.1.0"),
        case("a branch with a slash", m(), "example.com/m@feature/x")
            .refused("disallowed version string"),
        case("a version with meta data", m(), "example.com/m@v1.0.0+meta").gives("v1.0.0"),
        case("a version that is missing", m(), "example.com/m@v1.5.0").refused("404 "),
        case("a module that is missing", m(), "example.com/other@v1.0.0").refused("404 "),
        case(
            "a major version of another path",
            m(),
            "example.com/m@v2.0.0",
        ),
    ]
}

/// What infos say, and what is written of it.
fn infos() -> Vec<Case> {
    let texts = [
        (
            "fractions",
            r#"{"Version":"v1.0.0","Time":"2020-01-02T03:04:05.120Z"}"#,
        ),
        (
            "an offset",
            r#"{"Version":"v1.0.0","Time":"2020-01-02T03:04:05-07:30"}"#,
        ),
        (
            "no offset",
            r#"{"Version":"v1.0.0","Time":"2020-01-02T03:04:05+00:00"}"#,
        ),
        ("no time", r#"{"Version":"v1.0.0"}"#),
        ("a time of null", r#"{"Version":"v1.0.0","Time":null}"#),
        (
            "short and name",
            r#"{"Version":"v1.0.0","Name":"x","Short":"y","Time":"2020-01-02T03:04:05Z"}"#,
        ),
        (
            "lower case keys",
            "{\"version\":\"v1.0.0\",\"time\":\"2020-01-02T03:04:05Z\"}\n\n",
        ),
        (
            "an origin",
            r#"{"Version":"v1.0.0","Time":"2020-01-02T03:04:05Z","Origin":{"VCS":"git","URL":"https://h/<m>","Subdir":"s","Hash":"0123","TagPrefix":"v1","TagSum":"t1:x","Ref":"refs/tags/v1.0.0","RepoSum":"r1:x"}}"#,
        ),
        ("an empty origin", r#"{"Version":"v1.0.0","Origin":{}}"#),
        ("an origin of null", r#"{"Version":"v1.0.0","Origin":null}"#),
        (
            "a time that is none",
            r#"{"Version":"v1.0.0","Time":"yesterday"}"#,
        ),
        ("an empty time", r#"{"Version":"v1.0.0","Time":""}"#),
        (
            "a time without a zone",
            r#"{"Version":"v1.0.0","Time":"2020-01-02T03:04:05"}"#,
        ),
        (
            "another version",
            r#"{"Version":"v1.1.0","Time":"2020-01-02T03:04:05Z"}"#,
        ),
        ("no version", r#"{"Time":"2020-01-02T03:04:05Z"}"#),
        ("a number for a version", r#"{"Version":1}"#),
        ("a list", r#"["v1.0.0"]"#),
        ("null", "null"),
        ("nothing", ""),
        ("half of it", r#"{"Version":"v1.0.0","Ti"#),
        ("more than it", r#"{"Version":"v1.0.0"}{}"#),
        ("a web page", "<html><body>Log in</body></html>"),
        (
            "invalid text",
            "{\"Version\":\"v1.0.0\",\"Name\":\"\u{fffd}\"}",
        ),
    ];
    let texts = texts.into_iter().map(|(name, text)| {
        let files = m().with("@v/v1.0.0.info", Answer::ok(text));
        case(
            &format!("an info with {name}"),
            files,
            "example.com/m@v1.0.0",
        )
    });
    let branch = |name: &str, version: &str| {
        let files = m().with("@v/main.info", info(version));
        case(
            &format!("a branch that is {name}"),
            files,
            "example.com/m@main",
        )
    };
    let others = [
        branch("no version", "main"),
        // Go takes it for a query.
        branch("no canonical version", "v1.1").refused_by_us("not canonical"),
        branch("of another major version", "v2.0.0"),
        branch("a version that is missing", "v1.5.0"),
        // Go says nothing and exits well.
        branch("nothing", "").refused_by_us("not a semantic version"),
        case(
            "a latest that is a web page",
            Files::of(&[PSEUDO]).with("@latest", Answer::ok("<p>")),
            "example.com/m@latest",
        ),
        case(
            "a latest without a version",
            Files::of(&[PSEUDO]).with("@latest", Answer::ok("{}")),
            "example.com/m@latest",
        )
        .refused_by_us("not a semantic version"),
    ];
    texts.chain(others).collect()
}

/// Errors, and how they are told.
fn refusals() -> Vec<Case> {
    let with_status = |status: u16| {
        let words = format!("{status} ");
        let answer = Answer::status(status)
            .header("Retry-After", "0")
            .text("not today");
        let files = m().with("@v/v1.0.0.info", answer);
        let name = format!("status {status}");
        case(&name, files, "example.com/m@v1.0.0").refused(&words)
    };
    let at = |name: &str, file: &str, answer: Answer, words: &str| {
        case(name, m().with(file, answer), "example.com/m@v1.0.0").refused(words)
    };
    let long = (0..20)
        .map(|line| format!("line {line}\n"))
        .collect::<String>();
    let mut cases: Vec<Case> = [400, 401, 403, 404, 410, 418, 429, 500, 502, 503, 504]
        .into_iter()
        .map(with_status)
        .collect();
    cases.extend([
        at(
            "an error with a text",
            "@v/v1.0.0.info",
            Answer::status(403).text("ask Ada\nor Bob"),
            "ask Ada",
        ),
        at(
            "an error with a long text",
            "@v/v1.0.0.info",
            Answer::status(403).text(&long),
            "[Truncated: too many lines.]",
        ),
        at(
            "an error with a long line",
            "@v/v1.0.0.info",
            Answer::status(403).text(&"x".repeat(1000)),
            "[Truncated: too long.]",
        ),
        at(
            "a go.mod that is missing",
            "@v/v1.0.0.mod",
            Answer::status(404),
            "404 Not Found",
        ),
        at(
            "a go.mod that is denied",
            "@v/v1.0.0.mod",
            Answer::status(403),
            "403 Forbidden",
        ),
        at(
            "a zip that is missing",
            "@v/v1.0.0.zip",
            Answer::status(404),
            "404 Not Found",
        ),
        at(
            "a zip that is denied",
            "@v/v1.0.0.zip",
            Answer::status(403).text("no"),
            "server response: no",
        ),
        case(
            "an info that breaks off",
            m().with(
                "@v/v1.0.0.info",
                Answer::ok("{}")
                    .header("Content-Length", "9")
                    .cut(2)
                    .header("Retry-After", "0"),
            ),
            "example.com/m@v1.0.0",
        ),
        case(
            "a redirect",
            m().with(
                "@v/v1.0.0.info",
                Answer::redirect(302, "/example.com/m/@v/x"),
            )
            .with("@v/x", info("v1.0.0")),
            "example.com/m@v1.0.0",
        )
        .gives("v1.0.0"),
        case(
            "a redirect in circles",
            m().with("@v/v1.0.0.info", Answer::redirect(302, "v1.0.0.info")),
            "example.com/m@v1.0.0",
        )
        .refused_by_each("stopped after 10 redirects", "redirects more than 10 times"),
        case(
            "a redirect to a file",
            m().with(
                "@v/v1.0.0.info",
                Answer::redirect(302, "file:///etc/passwd"),
            ),
            "example.com/m@v1.0.0",
        ),
        case(
            "a compressed answer",
            m().with("@v/v1.0.0.info", info("v1.0.0").gzip()),
            "example.com/m@v1.0.0",
        )
        .gives("v1.0.0"),
        case(
            "an answer that is not compressed although it says so",
            m().with(
                "@v/v1.0.0.info",
                info("v1.0.0").header("Content-Encoding", "gzip"),
            ),
            "example.com/m@v1.0.0",
        ),
    ]);
    cases
}
