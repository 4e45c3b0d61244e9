//! Black-box tests of the program, most of them with the real go command as the oracle.
//!
//! One binary with a file per group of rules. It has its own main function, because a test that
//! needs go, git or a network must be reported as ignored, with the reason, on a machine without
//! them, and which machine this is becomes known at run time only.
#![allow(clippy::disallowed_methods, reason = "tests make their own worlds")]

mod majors;
mod pseudo_versions;
mod queries;
mod support;

use libtest_mimic::{Arguments, Trial};
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let trials: Vec<Trial> = [
        majors::trials(),
        pseudo_versions::trials(),
        queries::trials(),
    ]
    .into_iter()
    .flatten()
    .collect();
    libtest_mimic::run(&arguments, trials).exit_code()
}
