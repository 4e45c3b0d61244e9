//! The checksum database of a run: asked about what no go.sum line covers.

use std::path::Path;
use std::sync::OnceLock;

use anyhow::{Error, Result};

use super::VerifiedBy;
use crate::cache::Cache;
use crate::checksum::sumdb::{Client, Files, OfferedFile, SecurityError, Unlisted};
use crate::checksum::{Mismatch, Part};
use crate::module::{ModuleVersion, matches_prefix_patterns};
use crate::web::Interrupted;

/// What becomes of content that the checksum database does not vouch for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SumDatabasePolicy {
    /// It passes, and is reported.
    Auto,
    /// It is refused.
    Require,
}

/// The checksum database that is asked, and about what.
pub struct SumDatabase {
    client: Client,
    policy: SumDatabasePolicy,
    private: String,
    /// Why it is not asked any more.
    given_up: OnceLock<String>,
}

impl SumDatabase {
    /// Makes one that is never asked about modules that `private` covers, a list as GONOSUMDB is.
    pub fn new(client: Client, policy: SumDatabasePolicy, private: String) -> SumDatabase {
        SumDatabase {
            client,
            policy,
            private,
            given_up: OnceLock::new(),
        }
    }

    /// Its name, as a host has.
    pub fn name(&self) -> &str {
        self.client.name()
    }

    /// What knows its records.
    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    /// Why it could not be asked; `None` when it could, or did not have to be.
    pub fn given_up(&self) -> Option<&str> {
        self.given_up.get().map(String::as_str)
    }

    /// Gives a file as the database has it now, for somebody else who will verify it; nothing where it has none.
    ///
    /// # Errors
    /// Whatever keeps it from being read.
    pub(super) fn pass_on(&self, file: &OfferedFile) -> Result<Option<Vec<u8>>> {
        match file.module_path() {
            Some(path) if self.is_private(path.as_str()) => Ok(None),
            _ => self.client.pass_on(file),
        }
    }

    /// Tells whether it is never asked about modules of this name.
    pub(super) fn is_private(&self, name: &str) -> bool {
        matches_prefix_patterns(&self.private, name)
    }

    /// Asks whether a sum is the one that everybody else got.
    ///
    /// A database that cannot be asked once is not asked again, unless it must be. It always must be of a
    /// toolchain, which runs on every build (`useSumDB` in `modfetch/sumdb.go`).
    ///
    /// # Errors
    /// [`Mismatch`]; [`SecurityError`]; the user's wish to stop; where it is required, [`Unlisted`] and all that
    /// keeps it from being asked.
    pub fn check(&self, module: &ModuleVersion, part: Part, sum: &str) -> Result<VerifiedBy> {
        let is_toolchain = module.path.is_toolchain();
        let is_private = self.is_private(module.path.as_str());
        if !is_toolchain && (is_private || self.given_up.get().is_some()) {
            return Ok(VerifiedBy::Nothing);
        }
        let must = is_toolchain || self.policy == SumDatabasePolicy::Require;
        match self.client.check(module, part, sum) {
            Ok(()) => Ok(VerifiedBy::Database(self.name().to_owned())),
            Err(error) if must || is_grave(&error) => Err(error),
            Err(error) => {
                if !is_unlisted(&error) {
                    let _ = self.given_up.set(format!("{error:#}"));
                }
                Ok(VerifiedBy::Nothing)
            }
        }
    }

    /// Asks about content for which somebody else vouches: the database need not know it.
    ///
    /// # Errors
    /// As for [`Self::check`], but for [`Unlisted`].
    pub(super) fn check_recorded(
        &self,
        module: &ModuleVersion,
        part: Part,
        sum: &str,
    ) -> Result<()> {
        match self.check(module, part, sum) {
            Err(error) if is_unlisted(&error) => Ok(()),
            checked => checked.map(drop),
        }
    }
}

/// Tells those who use the cache as a `file://` proxy whether it can be asked for the records of the databases:
/// only while each version in it has one, but for those that `private` covers.
///
/// `asked` is the name of the database of this run; others are looked at where the cache offers them. Nothing is written
/// where the cache says so already.
///
/// Gives why records are not offered that could be: go then asks the database itself, and nobody is told a falsehood.
///
/// # Errors
/// A cache that cannot be read; records that must not be offered any more, and that cannot be written.
pub fn offer_records(
    cache: &Cache,
    sumdb_folder: &Path,
    private: &str,
    asked: Option<&str>,
) -> Result<Vec<Error>> {
    let mut not_offered = Vec::new();
    let mut versions = None;
    for name in Files::names_in(cache.downloads())? {
        let files = Files::new(cache.downloads(), sumdb_folder, &name);
        let is_supported = files.is_supported();
        if asked != Some(name.as_str()) && !is_supported {
            continue;
        }
        let versions = match &versions {
            Some(versions) => versions,
            None => versions.insert(cache.versions()?),
        };
        match (files.cover(versions, private), is_supported) {
            (true, false) => not_offered.extend(files.mark_supported().err()),
            (false, true) => files.unmark_supported()?,
            _ => {}
        }
    }
    Ok(not_offered)
}

fn is_unlisted(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| cause.is::<Unlisted>())
}

fn is_grave(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause.is::<Mismatch>() || cause.is::<SecurityError>() || cause.is::<Interrupted>()
    })
}
