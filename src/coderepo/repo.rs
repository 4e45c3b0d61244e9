//! The module in its repository: the state that the rules share.

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use anyhow::Result;
use git2::{Oid, Repository};

use super::{Place, Revision};
use crate::mirror::{self, Mirror, Need};
use crate::module::{Info, ModulePath};
use crate::query::{self, Listing, Retractions};

/// The largest go.mod that is read: 16 MiB (`codehost.MaxGoMod`).
pub(super) const MAX_GO_MOD: u64 = 16 << 20;

/// A module inside a repository.
///
/// Answers are remembered for the life of the value. It belongs to one thread; a [`Mirror`] is shared by
/// as many as there are threads.
pub struct CodeRepo<'m> {
    pub(super) mirror: &'m Mirror,
    pub(super) place: Place,
    pub(super) revisions: RefCell<HashMap<String, Revision>>,
    pub(super) present: RefCell<BTreeSet<Oid>>,
    pub(super) versions: OnceCell<Vec<String>>,
    pub(super) retractions: OnceCell<Retractions>,
    repository: RefCell<Option<Rc<Repository>>>,
}

impl<'m> CodeRepo<'m> {
    /// Opens the module at `place` in the repository `mirror`. Nothing is read yet.
    pub fn new(mirror: &'m Mirror, place: Place) -> CodeRepo<'m> {
        CodeRepo {
            mirror,
            place,
            revisions: RefCell::default(),
            present: RefCell::default(),
            versions: OnceCell::new(),
            retractions: OnceCell::new(),
            repository: RefCell::default(),
        }
    }

    /// The module path.
    pub fn path(&self) -> &ModulePath {
        self.place.path()
    }

    /// Where the module lies in the repository.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// The repository that is read.
    pub fn mirror(&self) -> &'m Mirror {
        self.mirror
    }

    /// Makes sure that the mirror has what is needed, fetching it if it is remote.
    pub(super) fn require(&self, need: Need<'_>) -> Result<()> {
        self.mirror.require(need)?;
        // What was fetched may lie in a database that the open handle does not know.
        self.repository.replace(None);
        Ok(())
    }

    pub(super) fn repository(&self) -> Result<Rc<Repository>> {
        if let Some(repository) = &*self.repository.borrow() {
            return Ok(Rc::clone(repository));
        }
        let repository = Rc::new(self.mirror.repository()?);
        self.repository.replace(Some(Rc::clone(&repository)));
        Ok(repository)
    }

    /// Reads a file of a commit that is present, as it is stored.
    pub(super) fn read_at(&self, commit: Oid, path: &str) -> Result<Option<Vec<u8>>> {
        mirror::read_file(&*self.repository()?, commit, path, MAX_GO_MOD)
    }

    /// Reads a file at a revision; a revision that does not exist has no files.
    pub(super) fn read_file(&self, revision: &str, path: &str) -> Result<Option<Vec<u8>>> {
        match self.revision(revision) {
            Ok(revision) => self.read_at(revision.commit.id, path),
            Err(error) if query::is_not_found(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

impl query::Repo for CodeRepo<'_> {
    fn path(&self) -> &ModulePath {
        self.place.path()
    }

    fn versions(&self, prefix: &str) -> Result<Listing> {
        Ok(Listing {
            versions: self.versions(prefix)?,
            origin: self.origin_of_tags(prefix),
        })
    }

    fn stat(&self, revision: &str) -> Result<Info> {
        self.stat(revision)
    }

    fn latest(&self) -> Result<Info> {
        self.latest()
    }

    fn go_mod(&self, version: &str) -> Result<Vec<u8>> {
        self.go_mod(version)
    }
}
