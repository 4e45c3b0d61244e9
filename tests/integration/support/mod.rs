//! What the tests stand on: a sandbox, repositories made in code, a server, and go as the oracle.
#![allow(
    dead_code,
    unused_imports,
    unused_macros,
    reason = "not every test program asks for everything"
)]

pub(crate) mod calendar;
pub(crate) mod case;
mod comparison;
pub(crate) mod dice;
pub(crate) mod kill;
pub(crate) mod mirror;
pub(crate) mod oracle;
pub(crate) mod sample;
pub(crate) mod sandbox;
pub(crate) mod server;
pub(crate) mod tree;

use libtest_mimic::{Arguments, Trial};
use std::process::ExitCode;

/// Runs the tests that the command line asks for.
pub(crate) fn run_all(groups: impl IntoIterator<Item = Vec<Trial>>) -> ExitCode {
    let trials = groups.into_iter().flatten().collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// Makes a test of each function, named after it; libtest-mimic reports a panic as a failure.
macro_rules! tests {
    ($group:literal: $($name:ident),+ $(,)?) => {
        vec![$(libtest_mimic::Trial::test(
            concat!($group, "::", stringify!($name)),
            || { $name(); Ok(()) },
        )),+]
    };
}

/// Makes a test of each function that needs go and git, ignored where they are missing.
macro_rules! oracle_tests {
    ($group:literal: $($name:ident),+ $(,)?) => {
        vec![$(libtest_mimic::Trial::ignorable_test(
            concat!($group, "::", stringify!($name)),
            || match crate::support::oracle::missing() {
                Some(reason) => Ok(libtest_mimic::Completion::ignored_with(reason)),
                None => { $name(); Ok(libtest_mimic::Completion::Completed) }
            },
        )),+]
    };
}

pub(crate) use {oracle_tests, tests};
