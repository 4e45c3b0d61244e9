//! Where a module comes from: the mirrors that the user named, and the forges that name themselves.
//!
//! [`MirrorRule`] is one `--mirror [PREFIX=]REPO[//SUBDIR]`. [`sources`] lists, in the order in which they
//! are to be tried, the repositories that can have a module and what is known of its place in them.

mod forge;
mod rule;

use anyhow::Result;

use crate::coderepo::{Place, infer_root};
use crate::mirror::{Location, Mirror};
use crate::module::ModulePath;

pub use forge::{Forge, forge};
pub use rule::MirrorRule;

/// A repository that can have a module.
#[derive(Debug)]
pub struct Source {
    /// The repository, or why its name means none.
    pub location: Result<Location>,
    root: Root,
}

impl Source {
    /// Tells whether reading the repository needs no network.
    pub fn is_local(&self) -> bool {
        matches!(&self.location, Ok(location) if location.origin_url().is_none())
    }
}

/// What is known of the path at the root of a repository.
#[derive(Clone, Debug)]
enum Root {
    /// The path, and the folder of the repository that has it (empty for the root).
    Known { root: String, folder: String },
    /// Nothing: tags and go.mod files must tell.
    Unknown,
}

impl Source {
    /// Works out where the module lies in the repository, once that is open.
    ///
    /// # Errors
    /// [`crate::coderepo::AmbiguousRoot`] when it cannot be told; a mirror that cannot be read.
    pub fn place(&self, mirror: &Mirror, path: &ModulePath, query: &str) -> Result<Place> {
        match &self.root {
            Root::Known { root, folder } => Place::new(path, root, folder),
            Root::Unknown => infer_root(mirror, path, query),
        }
    }
}

/// Lists the repositories that can have a module, in the order in which they are to be tried.
///
/// A rule with a prefix serves the modules at and below it, one without serves every module. Where no rule
/// fits, a path on a known forge stands for itself. The list is empty when nothing is known of the path.
///
/// # Errors
/// A path on a forge that is no repository there.
pub fn sources(rules: &[MirrorRule], path: &ModulePath) -> Result<Vec<Source>> {
    let forges = forge(path);
    let mut sources = Vec::new();
    for rule in rules {
        let Some(root) = rule.root_of(path) else {
            continue;
        };
        let root = match (root, &forges) {
            (Root::Unknown, Ok(forges)) if forges.len() == 1 => forges[0].known_root(),
            (root, _) => root,
        };
        sources.push(Source {
            location: rule.locate(),
            root,
        });
    }
    if sources.is_empty() {
        for forge in forges? {
            sources.push(Source {
                location: Location::parse(&forge.url),
                root: forge.known_root(),
            });
        }
    }
    Ok(sources)
}
