//! Module proxies, honest and lying, read by go and by us: what both answer, and what both leave in the cache.
//!
//! Like the tests in `integration` this is one binary with its own main function: what needs go is reported as
//! ignored, with the reason, where it is missing.
#![allow(clippy::disallowed_methods, reason = "tests make their own worlds")]

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

use std::process::ExitCode;

fn main() -> ExitCode {
    support::run_all([
        answers::trials(),
        databases::trials(),
        fallback::trials(),
        large::trials(),
        random::trials(),
        secure::trials(),
        toolchains::trials(),
    ])
}
