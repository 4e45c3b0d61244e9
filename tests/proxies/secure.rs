//! Module proxies behind TLS: HTTP/2 and HTTP/1.1, and whose certificates count.

use crate::comparison::{Case, Certificate, case};
use crate::loopback::{Answer, Protocol};
use crate::world::{Files, Release};
use libtest_mimic::Trial;

const UNTRUSTED: [&str; 2] = [
    "tls: failed to verify certificate: x509: certificate signed by unknown authority",
    "invalid peer certificate: UnknownIssuer",
];

/// The tests of this group.
pub(crate) fn trials() -> Vec<Trial> {
    let trials = cases().into_iter().map(|case| case.trial("secure"));
    trials.collect()
}

fn cases() -> Vec<Case> {
    let untrusted = |name: &str| {
        case(name, module(), "example.com/m@v1.0.0")
            .secure(Protocol::Two, Certificate::Unknown)
            .refused_by_each(UNTRUSTED[0], UNTRUSTED[1])
            .private()
    };
    let over_two = |name: &str, request: &str| {
        case(name, module(), request).secure(Protocol::Two, Certificate::Trusted)
    };
    vec![
        over_two("a version over HTTP/2", "example.com/m@v1.0.0").gives("v1.0.0"),
        over_two("a query over HTTP/2", "example.com/m@latest").gives("v1.1.0"),
        case(
            "a large zip over HTTP/2",
            large(),
            "example.com/Large@v1.0.0",
        )
        .secure(Protocol::Two, Certificate::Trusted)
        .gives("v1.0.0"),
        over_two("an absent module over HTTP/2", "example.com/none@v1.0.0").refused("404"),
        case("a query over HTTP/1.1", module(), "example.com/m@v1")
            .secure(Protocol::One, Certificate::Trusted)
            .gives("v1.1.0"),
        untrusted("a certificate that nobody knows"),
        // go takes GOINSECURE for hosts of modules only, not for proxies.
        untrusted("a certificate that nobody knows and GOINSECURE")
            .variable("GOINSECURE", "example.com,localhost,*"),
        over_two("a redirect from https to http", "example.com/away@v1.0.0")
            .variable("GOINSECURE", "example.com,localhost,*")
            .refused("redirected from secure URL https://localhost:"),
    ]
}

fn module() -> Files {
    let mut files = Files::of(&["v1.0.0", "v1.1.0"]);
    let away = Answer::redirect(302, "http://localhost:1/x");
    for file in ["info", "mod", "zip"] {
        files.set(&format!("/example.com/away/@v/v1.0.0.{file}"), away.clone());
    }
    files
}

/// A zip that comes in many frames.
fn large() -> Files {
    let mut state = 1_u32;
    let noise = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        char::from(b' ' + (state >> 24) as u8 % 95)
    });
    let noise: String = noise.take(600_000).collect();
    let mut files = Files::default();
    files.release(
        "example.com/Large",
        &Release {
            version: "v1.0.0",
            go_mod: "module example.com/Large\n",
            files: &[("data.txt", &noise)],
        },
    );
    files
}
