//! Version queries: `latest`, prefixes, comparisons, branches, tags and commits.

use crate::support::case::{Case, case};
use crate::support::mirror::Mirror;
use libtest_mimic::Trial;

/// Four releases, a pre-release above them, and a commit after all tags.
fn releases() -> Mirror {
    Mirror::new()
        .commit_with(
            "first",
            [
                ("go.mod", "module example.com/m\n\ngo 1.21\n"),
                ("m.go", "package m\n"),
            ],
        )
        .tag("v1.0.0")
        .commit_with("second", [("m.go", "package m // 2\n")])
        .tag("v1.1.0")
        .commit_with("third", [("m.go", "package m // 3\n")])
        .tag("v1.1.1")
        .commit_with("fourth", [("m.go", "package m // 4\n")])
        .tag("v1.2.0")
        .commit_with("fifth", [("m.go", "package m // 5\n")])
        .tag("v1.3.0-rc.1")
        .commit_with("sixth", [("m.go", "package m // 6\n")])
}

pub(crate) fn trials() -> Vec<Trial> {
    cases()
        .into_iter()
        .map(|case| case.trial("queries"))
        .collect()
}

fn cases() -> Vec<Case> {
    let m = |name: &str, query: &str| case(name, releases(), &format!("example.com/m{query}"));
    vec![
        m("a full version is its tag", "@v1.1.0").gives("v1.1.0"),
        m(
            "latest prefers a release over a newer pre-release",
            "@latest",
        )
        .gives("v1.2.0"),
        m("no query means latest", "").gives("v1.2.0"),
    ]
}
