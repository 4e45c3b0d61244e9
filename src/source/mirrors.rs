//! The mirrors in force: `--mirror`, rules of files, the built-in table, and forges.

use std::path::Path;

use anyhow::{Context, Result};

use super::builtin::built_in;
use super::forge::{Forge, forge};
use super::origin::RuleOrigin;
use super::pattern::Captures;
use super::repository::Secrets;
use super::rule::MirrorRule;
use super::rules_file::{Action, MAX_SIZE, Rule, RulesFile, parse_rules};
use super::{Root, Source};
use crate::disk;
use crate::mirror::Location;
use crate::module::ModulePath;

/// The name of the file with rules.
pub const RULES_FILE: &str = "gomodcache.toml";

/// What the program knows by itself of where modules are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BuiltIn {
    /// The built-in table, and forges as themselves.
    #[default]
    Used,
    /// Nothing: only the user and the project tell.
    Ignored,
}

/// The mirrors in force, in the order in which they are asked: the first that knows a module decides.
#[derive(Clone, Debug, Default)]
pub struct Mirrors {
    command_line: Vec<MirrorRule>,
    rules: Vec<Rule>,
    built_in: BuiltIn,
}

/// Where a module is looked for, and which rule says so.
#[derive(Debug)]
pub struct Choice {
    /// The pattern of the rule; `None` for a `--mirror` without a prefix.
    pub pattern: Option<String>,
    /// Where the rule is written.
    pub origin: RuleOrigin,
    /// What each `*` of the pattern stands for.
    pub captures: Vec<String>,
    /// The repositories, in the order in which they are tried.
    pub sources: Vec<Source>,
}

/// A rule does not let a module be fetched.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("module {path} is denied by the rule for `{pattern}` at {origin}{}", because(.reason.as_deref()))]
pub struct Denied {
    /// The module path.
    pub path: ModulePath,
    /// The pattern of the rule.
    pub pattern: String,
    /// Where the rule is written.
    pub origin: RuleOrigin,
    /// Why, if the rule says so.
    pub reason: Option<String>,
}

fn because(reason: Option<&str>) -> String {
    reason.map_or_else(String::new, |reason| format!(": {reason}"))
}

impl Mirrors {
    /// Starts with the mirrors of the command line.
    pub fn new(command_line: Vec<MirrorRule>, built_in: BuiltIn) -> Mirrors {
        Mirrors {
            command_line,
            rules: Vec::new(),
            built_in,
        }
    }

    /// Finds the rules of a project: `gomodcache.toml` in `folder` or the nearest folder above it that has
    /// one.
    pub fn project_file(folder: &Path) -> Option<std::path::PathBuf> {
        folder
            .ancestors()
            .map(|folder| folder.join(RULES_FILE))
            .find(|file| disk::is_file(file))
    }

    /// Reads a file with rules; they come after those that are there already.
    ///
    /// # Errors
    /// A file that cannot be read, is larger than 1 MiB or has a broken rule ([`super::RuleError`]).
    pub fn add_file(&mut self, path: &Path, name: &str, secrets: Secrets) -> Result<()> {
        let data = disk::read_limited(path, MAX_SIZE)?;
        let folder =
            std::path::absolute(path).with_context(|| format!("cannot find {}", path.display()))?;
        let file = RulesFile {
            name,
            folder: folder.parent().unwrap_or(Path::new("/")),
            secrets,
        };
        self.rules.extend(parse_rules(file, &data)?);
        Ok(())
    }

    /// Lists the mirrors of the command line.
    pub fn command_line(&self) -> &[MirrorRule] {
        &self.command_line
    }

    /// Lists all rules that patterns decide about, in the order in which they are asked.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        let table = match self.built_in {
            BuiltIn::Used => built_in(),
            BuiltIn::Ignored => &[],
        };
        self.rules.iter().chain(table)
    }

    /// Tells whether modules on forges are looked for there without a rule.
    pub fn uses_forges(&self) -> bool {
        self.built_in == BuiltIn::Used
    }

    /// Finds out where a module is to be looked for; `None` when nothing is known of it.
    ///
    /// # Errors
    /// [`Denied`]; a path on a forge that is no repository there.
    pub fn choose(&self, path: &ModulePath) -> Result<Option<Choice>> {
        if let Some(choice) = self.choose_from_command_line(path) {
            return Ok(Some(choice));
        }
        for rule in self.rules() {
            if let Some(captures) = rule.pattern.matches(path) {
                return rule.choose(path, captures).map(Some);
            }
        }
        if !self.uses_forges() {
            return Ok(None);
        }
        let forges = forge(path)?;
        let Some(shortest) = forges.first() else {
            return Ok(None);
        };
        Ok(Some(Choice {
            pattern: Some(shortest.root.clone()),
            origin: RuleOrigin::BuiltIn,
            captures: Vec::new(),
            sources: forges.iter().map(Forge::source).collect(),
        }))
    }

    fn choose_from_command_line(&self, path: &ModulePath) -> Option<Choice> {
        let forges = forge(path).unwrap_or_default();
        let mut pattern = None;
        let mut sources = Vec::new();
        for rule in &self.command_line {
            let Some(root) = rule.root_of(path) else {
                continue;
            };
            let root = match (root, forges.as_slice()) {
                (Root::Unknown, [forge]) => forge.known_root(),
                (root, _) => root,
            };
            if sources.is_empty() {
                pattern = rule.prefix.clone();
            }
            sources.push(Source {
                location: rule.locate(),
                root,
            });
        }
        (!sources.is_empty()).then_some(Choice {
            pattern,
            origin: RuleOrigin::CommandLine,
            captures: Vec::new(),
            sources,
        })
    }
}

impl Rule {
    fn choose(&self, path: &ModulePath, captures: Captures) -> Result<Choice> {
        let (repositories, subdirectory) = match &self.action {
            Action::Mirror {
                repositories,
                subdirectory,
            } => (repositories, subdirectory),
            Action::Deny { reason } => {
                return Err(Denied {
                    path: path.clone(),
                    pattern: self.pattern.to_string(),
                    origin: self.origin.clone(),
                    reason: reason.clone(),
                }
                .into());
            }
        };
        let root = Root::Known {
            root: captures.root.clone(),
            folder: subdirectory
                .as_ref()
                .map(|folder| folder.template.expand(&captures))
                .unwrap_or_default(),
        };
        let sources = repositories.iter().map(|repository| Source {
            location: repository.locate(&captures),
            root: root.clone(),
        });
        Ok(Choice {
            pattern: Some(self.pattern.to_string()),
            origin: self.origin.clone(),
            sources: sources.collect(),
            captures: captures.texts,
        })
    }
}

impl Forge {
    fn source(&self) -> Source {
        Source {
            location: Location::parse(&self.url),
            root: self.known_root(),
        }
    }
}

#[cfg(test)]
mod tests;
