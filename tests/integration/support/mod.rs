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

use libtest_mimic::{Arguments, Completion, Failed, Trial};
use std::process::ExitCode;

/// Runs the tests that the command line asks for.
pub(crate) fn run_all(groups: impl IntoIterator<Item = Vec<Trial>>) -> ExitCode {
    let trials = groups.into_iter().flatten().collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// Makes a test that is ignored, with the reason, where something is missing.
pub(crate) fn unless<R: ToString>(
    missing: impl FnOnce() -> Option<R> + Send + 'static,
    name: impl Into<String>,
    test: impl FnOnce() -> Result<Completion, Failed> + Send + 'static,
) -> Trial {
    Trial::ignorable_test(name, move || match missing() {
        Some(reason) => Ok(Completion::ignored_with(reason)),
        None => test(),
    })
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
        vec![$(crate::support::unless(
            crate::support::oracle::missing,
            concat!($group, "::", stringify!($name)),
            || { $name(); Ok(libtest_mimic::Completion::Completed) },
        )),+]
    };
}

pub(crate) use {oracle_tests, tests};
