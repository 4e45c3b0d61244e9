//! What the program does, one file a verb. Options in, outcome out, nothing printed.

mod check;
mod diagnosis;
mod fetch;
mod gate;
mod list;
mod main_module;
mod mirrors;
mod monitor;
mod needs;
mod offline;
mod pack;
mod parallel;
mod prove;
mod proxy_folder;
mod prune;
mod remove;
mod repair;
mod repositories;
mod request;
mod seed;
mod selector;
mod sum_database;
mod supply;
mod survey;
mod tidy;
mod toolchain;
mod unpack;
mod verify;
mod versions;

pub use check::{CheckOptions, Checked, Missing, Remedy, Verb, check};
pub use fetch::{Asked, Failure, Fetched, Options, Outcome, fetch};
pub use gate::VerifiedBy;
pub use list::{Listed, list};
pub use main_module::MainModule;
pub use mirrors::{ExplainedSource, Explanation, PlaceInRepository, explain};
pub use monitor::{Monitor, Phase};
pub use offline::{Setting, offline_settings};
pub use pack::{Incomplete, PackOptions, Packing, Selection, pack};
pub use prove::{Answer, Proof, ProveOptions, prove};
pub use proxy_folder::index_proxy_folder;
pub use prune::{Limits, PruneOptions, PrunePlan, plan_prune};
pub use remove::{ALL_VERSIONS, Removal, Unclear, removals, remove};
pub use repair::{RepairOptions, RepairOutcome, Repaired, repair};
pub use repositories::Repositories;
pub use request::{Request, Tags, Wanted};
pub use seed::{
    Extent, NoSum, SeedFailure, SeedOptions, SeedOutcome, Seeded, TidyNeeds, Uncovered, plan, seed,
};
pub use selector::Selector;
pub use sum_database::{SumDatabase, SumDatabasePolicy, offer_records};
pub use supply::{AllRefused, NoMirror};
pub use survey::{Survey, manifest};
pub use toolchain::{ToolchainOptions, toolchain};
pub use unpack::{OfflineDatabase, UnpackOptions, UnpackOutcome, Unpacked, hand_over, unpack};
pub use verify::{Fault, Finding, Subject, Verified, VerifyOptions, verify};
pub use versions::{Elsewhere, KnownModule, KnownVersion, Presence, versions};
