//! Projects of many shapes, seeded from mirrors and then worked on with the real go and no network.
//!
//! Like the tests in `integration` this is one binary with its own main function: what needs go and git is
//! reported as ignored, with the reason, where they are missing.
#![allow(clippy::disallowed_methods, reason = "tests make their own worlds")]

mod bundles;
mod command;
mod honesty;
mod prove;
mod remote;
mod shapes;
#[path = "../integration/support/mod.rs"]
mod support;
mod tidy;
mod workshop;
mod world;

use std::process::ExitCode;

fn main() -> ExitCode {
    support::run_all([
        shapes::trials(),
        bundles::trials(),
        command::trials(),
        honesty::trials(),
        tidy::trials(),
        prove::trials(),
        remote::trials(),
    ])
}
