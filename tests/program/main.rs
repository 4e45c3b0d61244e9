//! A real program with more than 100 modules in its graph: seeded from mirrors of all of them, and carried to where no
//! network is.
//!
//! A test binary of its own: it needs go's module proxy once, some minutes and some hundred megabytes.
#![allow(clippy::disallowed_methods, reason = "tests make their own worlds")]

mod carried;
mod mirrors;
mod reference;
mod seeded;
#[path = "../integration/support/mod.rs"]
mod support;

use libtest_mimic::{Completion, Failed, Trial};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::{Arc, OnceLock};
use support::oracle;
use support::sandbox::Sandbox;

/// The program in go's cache and in ours.
struct World {
    sandbox: Sandbox,
    reference: reference::Reference,
    rules: PathBuf,
    /// The seeded cache.
    cache: PathBuf,
}

/// What both tests work on, made by the first of them; or why it cannot be made here.
type Shared = Arc<OnceLock<Result<World, String>>>;

fn main() -> ExitCode {
    let world = Shared::default();
    support::run_all([vec![
        trial(
            "toolbox::is_seeded_through_rules_and_built_and_tested_offline",
            &world,
            |world| {
                seeded::works_offline(world);
                Ok(Completion::Completed)
            },
        ),
        trial(
            "toolbox::is_carried_in_a_bundle_and_built_and_tested_without_a_network",
            &world,
            carried::works_without_a_network,
        ),
    ]])
}

fn trial(
    name: &str,
    world: &Shared,
    test: impl FnOnce(&World) -> Result<Completion, Failed> + Send + 'static,
) -> Trial {
    let world = Arc::clone(world);
    Trial::ignorable_test(name, move || match world.get_or_init(make) {
        Ok(world) => test(world),
        Err(reason) => Ok(Completion::ignored_with(reason.clone())),
    })
}

fn make() -> Result<World, String> {
    if let Some(reason) = oracle::missing() {
        return Err(reason.to_owned());
    }
    let sandbox = Sandbox::new();
    let reference = reference::fill(&sandbox)?;
    let rules = mirrors::make(&sandbox, &reference.cache);
    let world = World {
        cache: sandbox.path("ours"),
        sandbox,
        reference,
        rules,
    };
    seeded::fill(&world);
    Ok(world)
}
