//! The module cache served, with the real go as the client, and with clients that mean no good.
//!
//! Like the tests in `integration` this is one binary with its own main function: what needs go and git is
//! reported as ignored, with the reason, where they are missing.
#![allow(clippy::disallowed_methods, reason = "tests make their own worlds")]
#![allow(
    dead_code,
    unused_imports,
    unused_macros,
    reason = "the support is shared with other tests"
)]

mod access;
mod arriving;
mod bucket;
mod certificate;
mod client;
mod crowd;
mod databases;
mod endpoints;
mod fetch;
mod go;
mod hostile;
mod ingress;
mod life;
#[path = "../support/loopback.rs"]
mod loopback;
mod manifests;
mod nginx;
#[path = "../support/readme.rs"]
mod readme;
mod rules;
mod storage;
#[path = "../support/sumdb.rs"]
mod sumdb;
#[path = "../integration/support/mod.rs"]
mod support;
mod team;
#[path = "../proxies/world.rs"]
mod world;

use libtest_mimic::Arguments;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let trials = [
        access::trials(),
        arriving::trials(),
        databases::trials(),
        endpoints::trials(),
        fetch::trials(),
        go::trials(),
        hostile::trials(),
        ingress::trials(),
        life::trials(),
        manifests::trials(),
        rules::trials(),
        storage::trials(),
    ];
    let trials = trials.into_iter().flatten().collect();
    let conclusion = libtest_mimic::run(&arguments, trials);
    team::clean_up();
    conclusion.exit_code()
}
