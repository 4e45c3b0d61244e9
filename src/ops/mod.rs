//! What the program does, one file a verb. Options in, outcome out, nothing printed.

mod check;
mod diagnosis;
mod fetch;
mod gate;
mod main_module;
mod mirrors;
mod monitor;
mod needs;
mod offline;
mod parallel;
mod prove;
mod repositories;
mod request;
mod seed;
mod serve;
mod sum_database;
mod supply;
mod tidy;
mod toolchain;

pub use check::{CheckOptions, Checked, Missing, Remedy, Verb, check};
pub use fetch::{Asked, Failure, Fetched, Options, Outcome, fetch};
pub use gate::VerifiedBy;
pub use main_module::MainModule;
pub use mirrors::{ExplainedSource, Explanation, PlaceInRepository, explain};
pub use monitor::{Monitor, Phase, Unwatched};
pub use offline::{Setting, offline_settings};
pub use prove::{Answer, Proof, ProveOptions, prove};
pub use repositories::Repositories;
pub use request::{Request, Tags, Wanted};
pub use seed::{
    Extent, NoSum, SeedFailure, SeedOptions, SeedOutcome, Seeded, TidyNeeds, Uncovered, plan, seed,
};
pub use serve::{Fetching, Opening, ServeOptions, serve};
pub use sum_database::{SumDatabase, SumDatabasePolicy, offer_records};
pub use supply::{AllRefused, NoMirror};
pub use toolchain::{ToolchainOptions, toolchain};
