//! Where a module comes from: the mirrors that the user named, rules, and the forges that name themselves.
//!
//! [`Mirrors`] has what is in force, in the order in which it is asked: each `--mirror` ([`MirrorRule`]), the
//! rules of the project's `gomodcache.toml`, those of the user's, the built-in table, and forges that module
//! paths name by themselves. The first that knows a module decides, and nothing is guessed. [`sources`] lists
//! the repositories to be tried and what is known of the module's place in them. [`Discoverer`] asks the host in a
//! path (`?go-get=1`).

mod builtin;
mod discovery;
mod forge;
mod given;
mod mirrors;
mod origin;
mod pattern;
mod repository;
mod rule;
mod rules_file;
mod token;

use anyhow::Result;

use crate::coderepo::{Place, infer_root};
use crate::mirror::{Location, Mirror};
use crate::module::ModulePath;
use crate::proxy::{Proxy, ProxyList};

pub use discovery::{Discovered, Discoverer, Found};
pub use forge::{FORGES, Forge, forge};
pub use given::{Given, Proxies};
pub use mirrors::{BuiltIn, Choice, Denied, GoProxies, Mirrors, RULES_FILE};
pub use origin::RuleOrigin;
pub use pattern::{Captures, Pattern};
pub use repository::Secrets;
pub use rule::MirrorRule;
pub use rules_file::{Discovery, Rule, RuleError, RuleSet, RulesFile, parse_rules};

/// Where a module is looked for.
#[derive(Debug)]
pub enum Source {
    /// In a repository.
    Repository(RepositorySource),
    /// Behind module proxies.
    Proxies(ProxyList),
    /// Where the host of its path says.
    Host,
}

impl Source {
    /// Gives the name for messages; `None` where it is not known yet, or means nothing.
    pub fn name(&self) -> Option<String> {
        match self {
            Source::Repository(repository) => {
                repository.location.as_ref().ok().map(ToString::to_string)
            }
            Source::Proxies(list) => Some(list.to_string()),
            Source::Host => None,
        }
    }

    /// Tells whether nothing but this machine is asked.
    pub fn is_local(&self) -> bool {
        match self {
            Source::Repository(repository) => repository.is_local(),
            Source::Proxies(list) => list.proxies.iter().all(Proxy::is_local),
            Source::Host => false,
        }
    }
}

/// A repository that can have a module.
#[derive(Debug)]
pub struct RepositorySource {
    /// The repository, or why its name means none.
    pub location: Result<Location>,
    root: Root,
}

/// What is known of the path at the root of a repository.
#[derive(Clone, Debug)]
enum Root {
    /// The path, and the folder of the repository that has it (empty for the root).
    Known { root: String, folder: String },
    /// Nothing: tags and go.mod files must tell.
    Unknown,
}

impl RepositorySource {
    /// Tells whether reading the repository needs no network.
    pub fn is_local(&self) -> bool {
        matches!(&self.location, Ok(location) if location.origin_url().is_none())
    }

    /// Works out the place of a module from its path alone; `None` where tags and go.mod files must tell.
    ///
    /// # Errors
    /// A root that is no prefix of the path, or a folder that is no clean relative path.
    pub fn known_place(&self, path: &ModulePath) -> Result<Option<Place>> {
        match &self.root {
            Root::Known { root, folder } => Place::new(path, root, folder).map(Some),
            Root::Unknown => Ok(None),
        }
    }

    /// Works out where the module lies in the repository, once that is open.
    ///
    /// # Errors
    /// [`crate::coderepo::AmbiguousRoot`] when it cannot be told; a mirror that cannot be read.
    pub fn place(&self, mirror: &Mirror, path: &ModulePath, query: &str) -> Result<Place> {
        match self.known_place(path)? {
            Some(place) => Ok(place),
            None => infer_root(mirror, path, query),
        }
    }
}

/// Lists what can have a module, in the order in which they are to be tried.
///
/// The list is empty when nothing is known of the path.
///
/// # Errors
/// [`Denied`]; a path on a forge that is no repository there.
pub fn sources(mirrors: &Mirrors, path: &ModulePath) -> Result<Vec<Source>> {
    let choice = mirrors.choose(path)?;
    Ok(choice.map(|choice| choice.sources).unwrap_or_default())
}
