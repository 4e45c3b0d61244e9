//! Module proxies, honest and lying, read by go and by us: what both answer, and what both leave in the cache.
//!
//! Like the tests in `integration` this is one binary with its own main function: what needs go is reported as
//! ignored, with the reason, where it is missing.
#![allow(clippy::disallowed_methods, reason = "tests make their own worlds")]
#![allow(
    dead_code,
    unused_imports,
    unused_macros,
    reason = "the support is shared with other tests"
)]

mod answers;
mod comparison;
mod databases;
mod fallback;
mod large;
#[path = "../support/loopback.rs"]
mod loopback;
mod random;
mod secure;
#[path = "../support/sumdb.rs"]
mod sumdb;
#[path = "../integration/support/mod.rs"]
mod support;
mod toolchains;
mod world;

use libtest_mimic::Arguments;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let trials = [
        answers::trials(),
        databases::trials(),
        fallback::trials(),
        large::trials(),
        random::trials(),
        secure::trials(),
        toolchains::trials(),
    ];
    let trials = trials.into_iter().flatten().collect();
    libtest_mimic::run(&arguments, trials).exit_code()
}
