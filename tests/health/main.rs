//! What keeps a cache healthy: every kind of damage is told for what it is and put right, beside go and whenever it is
//! killed.
//!
//! Like the tests in `integration` this is one binary with its own main function: what needs go is reported as
//! ignored, with the reason, where it is missing.
#![allow(clippy::disallowed_methods, reason = "tests make their own worlds")]

mod beside;
mod busy;
mod cut_short;
mod damage;
mod killed;
mod listing;
mod pruning;
mod records;
mod removing;
mod store;
#[path = "../integration/support/mod.rs"]
mod support;
mod world;

use std::process::ExitCode;

fn main() -> ExitCode {
    support::run_all([
        beside::trials(),
        busy::trials(),
        cut_short::trials(),
        damage::trials(),
        killed::trials(),
        listing::trials(),
        pruning::trials(),
        removing::trials(),
        records::trials(),
    ])
}
