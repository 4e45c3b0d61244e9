//! Which proxies are asked.

use super::m;
use crate::comparison::{Case, case};
use crate::loopback::Answer;
use crate::world::Files;

/// Several proxies, and what stands between them.
pub(super) fn several() -> Vec<Case> {
    let has = || Files::of(&["v1.0.0"]);
    let empty = Files::default;
    let broken = || has().with("@v/v1.0.0.info", Answer::status(500).text("broken"));
    let ask = |name: &str, first: Files, second: Files, list: &str| {
        case(name, first, "example.com/m@v1.0.0")
            .and(second)
            .list(list)
    };
    vec![
        ask("the first has it", has(), empty(), "{0},{1}").gives("v1.0.0"),
        ask("the second has it", empty(), has(), "{0},{1}").gives("v1.0.0"),
        ask("the second has it after a bar", empty(), has(), "{0}|{1}").gives("v1.0.0"),
        ask(
            "the first is broken before a comma",
            broken(),
            has(),
            "{0},{1}",
        )
        .refused("broken"),
        ask(
            "the first is broken before a bar",
            broken(),
            has(),
            "{0}|{1}",
        )
        .gives("v1.0.0"),
        ask(
            "the first is broken and the second has it not",
            broken(),
            empty(),
            "{0}|{1}",
        )
        .refused("broken"),
        ask("both have it not", empty(), empty(), "{0},{1}").refused("404 Not Found"),
        ask("off after a bar", broken(), has(), "{0}|off,{1}"),
        ask("off after a comma", empty(), has(), "{0},off"),
        ask("off alone", empty(), has(), "off"),
        ask(
            "spaces and empty elements",
            empty(),
            has(),
            " , {0} ,, {1} |",
        ),
        ask(
            "the first has only the info",
            has().without("@v/v1.0.0.mod").without("@v/v1.0.0.zip"),
            has(),
            "{0},{1}",
        ),
        ask(
            "the first has no zip",
            has().without("@v/v1.0.0.zip"),
            has(),
            "{0},{1}",
        ),
        ask(
            "the first has a broken zip before a bar",
            has().with("@v/v1.0.0.zip", Answer::status(500)),
            has(),
            "{0}|{1}",
        ),
        ask("a folder", has(), empty(), "{file0}").gives("v1.0.0"),
        ask("a folder that has it not", empty(), has(), "{file0},{1}"),
        ask("a folder with the latest", has(), has(), "{file0}/,{1}"),
        ask(
            "a folder that is missing",
            empty(),
            has(),
            "file:///nowhere/at/all,{1}",
        ),
        ask(
            "a list with an unknown scheme",
            has(),
            has(),
            "{0},gopher://x",
        ),
        ask(
            "a list with a host in its folder",
            has(),
            has(),
            "file://host/x,{0}",
        ),
        case("the latest of the second", empty(), "example.com/m@latest")
            .and(m())
            .list("{0},{1}")
            .gives("v1.1.0"),
    ]
}

/// Modules that no proxy is to hear of.
pub(super) fn private() -> Vec<Case> {
    let ask = |name: &str, variable: &str, patterns: &str| {
        case(name, m(), "example.com/m@v1.0.0").variable(variable, patterns)
    };
    vec![
        ask("private by GONOPROXY", "GONOPROXY", "example.com").private(),
        ask("private by GOPRIVATE", "GOPRIVATE", "*.org,example.com/m").private(),
        ask("private by a pattern with stars", "GOPRIVATE", "ex*.com/?").private(),
        ask("private above the module", "GOPRIVATE", "example.com/").private(),
        ask("private but for GONOPROXY", "GOPRIVATE", "example.com")
            .variable("GONOPROXY", "none")
            .gives("v1.0.0"),
        ask(
            "private is another module",
            "GOPRIVATE",
            "example.com/mm,example.org",
        )
        .gives("v1.0.0"),
        ask(
            "private is what lies below",
            "GOPRIVATE",
            "example.com/m/sub",
        )
        .gives("v1.0.0"),
    ]
}
