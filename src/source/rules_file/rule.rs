//! What a rule says.

use anyhow::Result;

use crate::source::given::Proxies;
use crate::source::origin::RuleOrigin;
use crate::source::pattern::{Pattern, Template};
use crate::source::repository::Repository;
use crate::source::token::Token;

/// Whether the host of a module path is asked for its repository.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Discovery {
    /// It is not.
    #[default]
    Off,
    /// It is, where nothing else is known.
    On,
}

/// A rule: which sources have the modules that match a pattern, or that none may be asked.
#[derive(Clone, Debug)]
pub struct Rule {
    /// The modules.
    pub pattern: Pattern,
    /// Where the rule is written.
    pub origin: RuleOrigin,
    pub(in crate::source) action: Action,
}

/// What becomes of a module that matches.
#[derive(Clone, Debug)]
pub(in crate::source) enum Action {
    /// It is looked for there, in this order.
    Ask {
        places: Vec<Asked>,
        subdirectory: Option<Subdirectory>,
        /// What the servers of repositories and proxies want to see.
        token: Option<Token>,
    },
    /// It is not fetched, and this may be why.
    Deny { reason: Option<String> },
}

/// Where a rule sends those who look for a module.
#[derive(Clone, Debug)]
pub(in crate::source) enum Asked {
    Repository(Repository),
    Proxies(Proxies),
    Host,
}

impl Asked {
    /// Tells whether the rule itself names whom to ask.
    pub(super) fn is_server(&self) -> bool {
        matches!(self, Asked::Repository(_) | Asked::Proxies(_))
    }

    /// Tells whether a token can be sent along.
    ///
    /// # Errors
    /// A server that it cannot be sent to, or must not be.
    pub(super) fn check_token(&self) -> Result<()> {
        match self {
            Asked::Repository(repository) => repository.check_token(),
            Asked::Proxies(proxies) => proxies.check_token(),
            Asked::Host => Ok(()),
        }
    }
}

/// The folder of a repository, with captures to be filled in.
#[derive(Clone)]
pub(in crate::source) struct Subdirectory {
    pub(in crate::source) template: Template,
    pub(super) text: String,
}

impl std::fmt::Debug for Subdirectory {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "`{}`", self.text)
    }
}

impl Rule {
    /// Looks up the token, if there is to be one.
    pub(in crate::source) fn read_token(&mut self, variable: &dyn Fn(&str) -> Option<String>) {
        if let Action::Ask {
            token: Some(token), ..
        } = &mut self.action
        {
            token.read(variable);
        }
    }

    /// Lists the repositories as they are written, without secrets; none for a rule that denies.
    pub fn repositories(&self) -> Vec<String> {
        match &self.action {
            Action::Ask { places, .. } => {
                let repositories = places.iter().filter_map(|place| match place {
                    Asked::Repository(repository) => Some(repository.to_string()),
                    Asked::Proxies(_) | Asked::Host => None,
                });
                repositories.collect()
            }
            Action::Deny { .. } => Vec::new(),
        }
    }

    /// Gives the module proxies of the rule, if it has any.
    pub fn proxies(&self) -> Option<&Proxies> {
        match &self.action {
            Action::Ask { places, .. } => places.iter().find_map(|place| match place {
                Asked::Proxies(proxies) => Some(proxies),
                Asked::Repository(_) | Asked::Host => None,
            }),
            Action::Deny { .. } => None,
        }
    }

    /// Tells whether the rule has the host of the module path asked for the repository.
    pub fn discovery(&self) -> Discovery {
        match &self.action {
            Action::Ask { places, .. }
                if places.iter().any(|place| matches!(place, Asked::Host)) =>
            {
                Discovery::On
            }
            _ => Discovery::Off,
        }
    }

    /// Gives the folder of the repository as it is written, if the rule has one.
    pub fn subdirectory(&self) -> Option<&str> {
        match &self.action {
            Action::Ask { subdirectory, .. } => {
                subdirectory.as_ref().map(|folder| folder.text.as_str())
            }
            Action::Deny { .. } => None,
        }
    }

    /// Tells whether the rule denies, and why if it says so.
    pub fn denial(&self) -> Option<Option<&str>> {
        match &self.action {
            Action::Ask { .. } => None,
            Action::Deny { reason } => Some(reason.as_deref()),
        }
    }
}
