//! Black-box tests of the program, most of them with the real go command as the oracle.
//!
//! One binary with a file per group of rules. It has its own main function, because a test that
//! needs go, git or a network must be reported as ignored, with the reason, on a machine without
//! them, and which machine this is becomes known at run time only.
#![allow(clippy::disallowed_methods, reason = "tests make their own worlds")]

mod attributes;
mod bundles;
mod contents;
mod credentials;
mod discovery;
mod end_to_end;
mod examples;
mod go_mod;
mod known_module;
mod listing;
#[path = "../support/loopback.rs"]
mod loopback;
mod majors;
mod mirrors;
mod modes;
mod places;
mod private;
mod pseudo_versions;
mod queries;
mod random;
#[path = "../support/readme.rs"]
mod readme;
mod reasons;
mod remote;
mod repeated;
mod retractions;
mod secrets;
mod several;
mod ssh;
mod subdirectories;
mod sums;
mod support;
mod tags;
#[path = "../support/sumdb.rs"]
mod test_database;
mod together;

use std::process::ExitCode;

fn main() -> ExitCode {
    support::run_all([
        attributes::trials(),
        bundles::trials(),
        contents::trials(),
        credentials::trials(),
        discovery::trials(),
        end_to_end::trials(),
        examples::trials(),
        go_mod::trials(),
        known_module::trials(),
        listing::trials(),
        majors::trials(),
        mirrors::trials(),
        modes::trials(),
        places::trials(),
        private::trials(),
        pseudo_versions::trials(),
        queries::trials(),
        random::trials(),
        remote::trials(),
        reasons::trials(),
        repeated::trials(),
        retractions::trials(),
        secrets::trials(),
        several::trials(),
        ssh::trials(),
        subdirectories::trials(),
        sums::trials(),
        tags::trials(),
        together::trials(),
    ])
}
