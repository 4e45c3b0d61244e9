//! Where what is not stored comes from.

use std::sync::Arc;

use anyhow::Result;
use hyper::StatusCode;

use super::answer::Answer;
use super::arriving::Arrival;
use super::route::Part;
use crate::checksum::sumdb::OfferedFile;
use crate::module::{ModulePath, ModuleVersion, Version};

/// Sources of modules. What they give is put where the [`super::Shelf`] finds it. The calls take their time.
pub trait Upstream: Send + Sync {
    /// Stores a file of a version; `.info` and `.mod` always come together. Tells how far a zip has come, where it can.
    ///
    /// # Errors
    /// Why nothing was stored.
    fn fetch(
        &self,
        module: &ModuleVersion,
        part: Part,
        arrival: &Arrival<'_>,
    ) -> Result<(), Refusal>;

    /// Finds the version that a query means, and stores its `.info` and `.mod`.
    ///
    /// # Errors
    /// Why there is none.
    fn resolve(&self, path: &ModulePath, query: &str) -> Result<Version, Refusal>;

    /// Lists the versions that tags give.
    ///
    /// # Errors
    /// Why they cannot be told.
    fn versions(&self, path: &ModulePath) -> Result<Vec<Version>, Refusal>;

    /// Gives a file of a checksum database as it is there now; `None` where there is no such file, or another
    /// database is asked. That the one which is asked is given on needs no question.
    ///
    /// # Errors
    /// Why it cannot be told.
    fn database_file(&self, name: &str, file: &OfferedFile) -> Result<Option<Vec<u8>>, Refusal>;
}

/// Why a source does not give what is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What it means to the client.
    pub kind: RefusalKind,
    /// What the client is told.
    pub text: String,
}

/// What a refusal means to the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusalKind {
    /// It does not exist: go asks the next proxy.
    NotFound,
    /// A rule forbids it.
    Denied,
    /// The source cannot be asked, or cannot be believed.
    Faulty,
    /// The source did not answer in time.
    TimedOut,
    /// What it has could not be stored: the text is for the log alone.
    Storage,
}

impl Refusal {
    /// Makes what the client gets.
    pub(super) fn answer(&self) -> Answer {
        let status = match self.kind {
            RefusalKind::NotFound => return Answer::not_found(&self.text),
            RefusalKind::Storage => return Answer::fault(self.text.clone()),
            RefusalKind::Denied => StatusCode::FORBIDDEN,
            RefusalKind::Faulty => StatusCode::BAD_GATEWAY,
            RefusalKind::TimedOut => StatusCode::GATEWAY_TIMEOUT,
        };
        Answer {
            fault: status.is_server_error().then(|| self.text.clone()),
            ..Answer::refused(status, &self.text)
        }
    }
}

/// What sources say of a list or query, which they may say otherwise later.
#[derive(Clone, Debug)]
pub(super) enum Said {
    /// The versions that tags give.
    Versions(Arc<[Version]>),
    /// The version that a query means.
    Version(Version),
    /// Nothing.
    Refused(Arc<Refusal>),
}
