//! What the program does, one file a verb. Options in, outcome out, nothing printed.

mod fetch;
mod main_module;
mod making;
mod monitor;
mod parallel;
mod repositories;
mod request;
mod supply;

pub use fetch::{Failure, Fetched, Options, Outcome, fetch};
pub use main_module::MainModule;
pub use monitor::{Monitor, Phase};
pub use repositories::Repositories;
pub use request::{Request, Tags, Wanted};
pub use supply::NoMirror;
