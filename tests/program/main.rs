//! A real program with more than 100 modules in its graph, seeded from mirrors of all of them.
//!
//! A test binary of its own: it needs go's module proxy once, some minutes and some hundred megabytes.
#![allow(clippy::disallowed_methods, reason = "tests make their own worlds")]

mod mirrors;
mod reference;
mod seeded;
#[path = "../integration/support/mod.rs"]
#[allow(
    dead_code,
    unused_imports,
    unused_macros,
    reason = "only a part of it is needed here"
)]
mod support;

use libtest_mimic::{Arguments, Completion, Failed, Trial};
use std::process::ExitCode;
use support::oracle;
use support::sandbox::Sandbox;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let name = "toolbox::is_seeded_through_rules_and_built_and_tested_offline";
    let trial = Trial::ignorable_test(name, program);
    libtest_mimic::run(&arguments, vec![trial]).exit_code()
}

fn program() -> Result<Completion, Failed> {
    if let Some(reason) = oracle::missing() {
        return Ok(Completion::ignored_with(reason));
    }
    let sandbox = Sandbox::new();
    let reference = match reference::fill(&sandbox) {
        Ok(reference) => reference,
        Err(reason) => return Ok(Completion::ignored_with(reason)),
    };
    let rules = mirrors::make(&sandbox, &reference.cache);
    seeded::works_offline(&sandbox, &reference, &rules);
    Ok(Completion::Completed)
}
