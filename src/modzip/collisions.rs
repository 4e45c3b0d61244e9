//! Names that cannot be together on a file system that ignores case, or on any.

use std::borrow::Cow;
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use super::Reason;
use crate::module::fold_key;

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    File,
    Folder,
}

/// The names met so far, with the folders they are in.
///
/// Source of the rule: `collisionChecker` in `x/mod/zip/zip.go`.
#[derive(Default)]
pub(super) struct Collisions<'a> {
    seen: HashMap<Cow<'a, str>, (&'a str, Role)>,
    /// Folders that were met before and collided with nothing all the way up: nothing that is entered
    /// later changes that, and so every further file in them costs one look.
    settled: HashSet<&'a str>,
}

impl<'a> Collisions<'a> {
    /// Enters a clean, relative path and the folders above it.
    pub(super) fn check(&mut self, path: &'a str, role: Role) -> Result<(), Reason> {
        self.enter(path, role)?;
        let folder = parent(path);
        let mut above = folder;
        while let Some(path) = above.filter(|path| !self.settled.contains(path)) {
            self.enter(path, Role::Folder)?;
            above = parent(path);
        }
        self.settled.extend(folder);
        Ok(())
    }

    fn enter(&mut self, path: &'a str, role: Role) -> Result<(), Reason> {
        let (other, other_role) = match self.seen.entry(fold_key(path)) {
            Entry::Vacant(entry) => {
                entry.insert((path, role));
                return Ok(());
            }
            Entry::Occupied(entry) => *entry.get(),
        };
        if other != path {
            return Err(Reason::CaseCollision {
                first: other.to_owned(),
                second: path.to_owned(),
            });
        }
        match (other_role, role) {
            (Role::Folder, Role::Folder) => Ok(()),
            (Role::File, Role::File) => Err(Reason::Repeated(path.to_owned())),
            _ => Err(Reason::FileAndFolder(path.to_owned())),
        }
    }
}

/// Gives the folder of a clean, relative path; the root is none.
fn parent(path: &str) -> Option<&str> {
    path.rfind('/').and_then(|slash| path.get(..slash))
}
