//! What the program does, one file a verb. Options in, outcome out, nothing printed.

mod fetch;
mod main_module;
mod making;
mod mirrors;
mod monitor;
mod offline;
mod repositories;
mod request;

pub use fetch::{Failure, Fetched, NoMirror, Options, Outcome, fetch};
pub use main_module::MainModule;
pub use mirrors::{Explanation, PlaceInRepository, explain};
pub use monitor::{Monitor, Phase};
pub use offline::{Setting, offline_settings};
pub use repositories::Repositories;
pub use request::{Request, Tags, Wanted};
