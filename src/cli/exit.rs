//! The exit codes.

use std::process::ExitCode;

use crate::bundle::{Altered, DamagedPart, Untrusted};
use crate::checksum::Mismatch;
use crate::checksum::sumdb::SecurityError;

use crate::modzip::Cancelled;
use crate::ops::AllRefused;
use crate::web::Interrupted;

/// How the program ends. clap itself ends it with 2 when the command line is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// 0: done.
    Done,
    /// 1: something failed.
    Failed,
    /// 2: the command line is wrong.
    Usage,
    /// 3: content differs from a recorded sum, or from what the cache has; a checksum database misbehaves.
    Differs,
    /// 130: interrupted, the shells' code for it.
    Interrupted,
}

impl Exit {
    /// Gives the code for an error.
    pub fn of(error: &anyhow::Error) -> Exit {
        if let Some(all) = error.downcast_ref::<AllRefused>() {
            let worst = all.refusals.iter().map(Exit::of).max();
            return worst.unwrap_or(Exit::Failed);
        }
        let has = |test: fn(&(dyn std::error::Error + 'static)) -> bool| error.chain().any(test);
        if has(|cause| cause.is::<Interrupted>() || cause.is::<Cancelled>()) {
            Exit::Interrupted
        } else if has(is_difference) {
            Exit::Differs
        } else {
            Exit::Failed
        }
    }
}

/// Content that is not what was recorded, or whose record cannot be trusted.
fn is_difference(cause: &(dyn std::error::Error + 'static)) -> bool {
    cause.is::<Mismatch>()
        || cause.is::<SecurityError>()
        || cause.is::<Altered>()
        || cause.is::<DamagedPart>()
        || cause.is::<Untrusted>()
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(match exit {
            Exit::Done => 0,
            Exit::Failed => 1,
            Exit::Usage => 2,
            Exit::Differs => 3,
            Exit::Interrupted => 130,
        })
    }
}
