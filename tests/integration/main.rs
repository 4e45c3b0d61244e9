//! Black-box tests of the program, most of them with the real go command as the oracle.
//!
//! One binary with a file per group of rules. It has its own main function, because a test that
//! needs go, git or a network must be reported as ignored, with the reason, on a machine without
//! them, and which machine this is becomes known at run time only.
#![allow(clippy::disallowed_methods, reason = "tests make their own worlds")]

mod attributes;
mod contents;
mod go_mod;
mod majors;
mod modes;
mod pseudo_versions;
mod queries;
mod retractions;
mod subdirectories;
mod support;
mod tags;

use libtest_mimic::Arguments;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let groups = [
        attributes::trials(),
        contents::trials(),
        go_mod::trials(),
        majors::trials(),
        modes::trials(),
        pseudo_versions::trials(),
        queries::trials(),
        retractions::trials(),
        subdirectories::trials(),
        tags::trials(),
    ];
    let trials = groups.into_iter().flatten().collect();
    libtest_mimic::run(&arguments, trials).exit_code()
}
