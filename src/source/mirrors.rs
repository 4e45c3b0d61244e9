//! The mirrors in force: `--mirror`, rules of files, the built-in table, and forges.

use std::path::Path;

use anyhow::Result;

use super::builtin::built_in;
use super::forge::{Forge, forge};
use super::given::{Given, Proxies};
use super::origin::RuleOrigin;
use super::pattern::Captures;
use super::repository::Secrets;
use super::rules_file::{
    Action, Asked, Discovery, MAX_SIZE, Rule, RuleError, RulesFile, parse_rules,
};
use super::{RepositorySource, Root, Source};
use crate::disk;
use crate::mirror::Location;
use crate::module::{ModulePath, matches_prefix_patterns};
use crate::proxy::{End, ProxyList};
use crate::web::Security;

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

/// What GOPROXY, GONOPROXY and GOINSECURE say.
#[derive(Clone, Debug)]
pub struct GoProxies {
    /// The proxies.
    pub list: ProxyList,
    /// The modules that no proxy is asked for.
    /// As GONOPROXY lists them.
    pub private: String,
    /// The modules whose hosts need no certificate, as GOINSECURE lists them.
    pub insecure: String,
}

/// The sources in force, in the order in which they are asked: the first that knows a module decides.
#[derive(Clone, Debug)]
pub struct Mirrors {
    given: Vec<Given>,
    rules: Vec<Rule>,
    /// Proxies that a file names for all modules, and where.
    proxies: Option<(Proxies, RuleOrigin)>,
    discovery: Discovery,
    built_in: BuiltIn,
    go: GoProxies,
}

/// Where a module is looked for, and which rule says so.
#[derive(Debug)]
pub struct Choice {
    /// The pattern of the rule; `None` for what serves any module.
    pub pattern: Option<String>,
    /// Where the rule is written.
    pub origin: RuleOrigin,
    /// What each `*` of the pattern stands for.
    pub captures: Vec<String>,
    /// The repositories and proxies, in the order in which they are tried.
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
    /// Starts with what the command line gives.
    pub fn new(given: Vec<Given>, built_in: BuiltIn, go: GoProxies) -> Mirrors {
        Mirrors {
            given,
            rules: Vec::new(),
            proxies: None,
            discovery: Discovery::Off,
            built_in,
            go,
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
        let folder = disk::absolute(path)?;
        let file = RulesFile {
            name,
            folder: folder.parent().unwrap_or(Path::new("/")),
            secrets,
        };
        self.add_rules(file, &data)?;
        Ok(())
    }

    /// Looks up the environment variables that the rules of the user's own file name (`token_env`).
    pub fn read_tokens(&mut self, variable: &dyn Fn(&str) -> Option<String>) {
        for rule in &mut self.rules {
            rule.read_token(variable);
        }
    }

    fn add_rules(&mut self, file: RulesFile<'_>, data: &[u8]) -> Result<(), RuleError> {
        let set = parse_rules(file, data)?;
        self.rules.extend(set.rules);
        if self.proxies.is_none()
            && let Some((proxies, line)) = set.proxies
        {
            let name = file.name.to_owned();
            self.proxies = Some((proxies, RuleOrigin::File { name, line }));
        }
        if set.discovery == Discovery::On {
            self.discovery = Discovery::On;
        }
        Ok(())
    }

    /// Lists what the command line gives.
    pub fn given(&self) -> &[Given] {
        &self.given
    }

    /// Gives the proxies that a file names for all modules, and where it does.
    pub fn proxies(&self) -> Option<&(Proxies, RuleOrigin)> {
        self.proxies.as_ref()
    }

    /// Lists all rules that patterns decide about, in the order in which they are asked.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        let table = match self.built_in {
            BuiltIn::Used => built_in(),
            BuiltIn::Ignored => &[],
        };
        self.rules.iter().chain(table)
    }

    /// Gives the proxies that serve all modules: of the command line, of a file, or of GOPROXY.
    pub fn proxies_in_force(&self) -> &ProxyList {
        let given = self.given.iter().find_map(|given| match given {
            Given::Proxies(proxies) => Some(proxies),
            Given::Mirror(_) => None,
        });
        let proxies = given.or(self.proxies.as_ref().map(|(proxies, _)| proxies));
        proxies.map_or(&self.go.list, |proxies| self.go.list_of(proxies))
    }

    /// Tells whether a module proxy on a network may be asked.
    pub fn asks_servers(&self) -> bool {
        let given = self.given.iter().filter_map(|given| match given {
            Given::Proxies(proxies) => Some(proxies),
            Given::Mirror(_) => None,
        });
        given
            .chain(self.proxies.as_ref().map(|(proxies, _)| proxies))
            .chain(self.rules().filter_map(Rule::proxies))
            .any(|proxies| {
                let mut servers = self.go.list_of(proxies).proxies.iter();
                servers.any(|proxy| !proxy.is_local())
            })
    }

    /// Tells whether no proxy is asked for modules of this name.
    pub fn is_private(&self, name: &str) -> bool {
        self.go.is_private(name)
    }

    /// Tells how the host of a module path has to prove who it is.
    pub fn security(&self, path: &ModulePath) -> Security {
        match matches_prefix_patterns(&self.go.insecure, path.as_str()) {
            true => Security::Unchecked,
            false => Security::Checked,
        }
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
        let first = self.choose_from_command_line(path);
        if let Some((choice, After::Nothing)) = first {
            return Ok(Some(choice));
        }
        let by_rule = self.choose_by_rule(path);
        let (choice, after) = match first.or_else(|| self.choose_default_proxies(path)) {
            None => return by_rule,
            Some(first) => first,
        };
        let choice = match (by_rule, after) {
            (Err(error), _) if error.is::<Denied>() => return Err(error),
            (_, After::Denial | After::Nothing) => choice,
            (by_rule, After::Rules) => match by_rule? {
                Some(rule) if choice.sources.is_empty() => rule,
                Some(rule) => choice.then(rule),
                None if self.uses_forges() => choice.then_host(),
                None => choice,
            },
        };
        Ok(Some(choice).filter(|choice| !choice.sources.is_empty()))
    }

    fn choose_by_rule(&self, path: &ModulePath) -> Result<Option<Choice>> {
        for rule in self.rules() {
            if let Some(captures) = rule.pattern.matches(path) {
                return rule.choose(path, captures, &self.go).map(Some);
            }
        }
        let forges = match self.uses_forges() {
            true => forge(path)?,
            false => Vec::new(),
        };
        let source = |forge: &Forge| Source::Repository(forge.source());
        let sources: Vec<Source> = match self.discovery {
            Discovery::On if forges.is_empty() => vec![Source::Host],
            _ => forges.iter().map(source).collect(),
        };
        Ok((!sources.is_empty()).then(|| Choice {
            pattern: forges.first().map(|shortest| shortest.root.clone()),
            origin: RuleOrigin::BuiltIn,
            captures: Vec::new(),
            sources,
        }))
    }

    /// Gives the sources on the command line, as far as they serve the module, and what comes after them.
    fn choose_from_command_line(&self, path: &ModulePath) -> Option<(Choice, After)> {
        let forges = forge(path).unwrap_or_default();
        let mut choice = Choice {
            pattern: None,
            origin: RuleOrigin::CommandLine,
            captures: Vec::new(),
            sources: Vec::new(),
        };
        let (mut has_mirror, mut has_proxies, mut end) = (false, false, End::Exhausted);
        for given in &self.given {
            match given {
                Given::Mirror(rule) => {
                    let Some(root) = rule.root_of(path) else {
                        continue;
                    };
                    let root = match (root, forges.as_slice()) {
                        (Root::Unknown, [forge]) => forge.known_root(),
                        (root, _) => root,
                    };
                    if choice.sources.is_empty() {
                        choice.pattern = rule.prefix.clone();
                    }
                    has_mirror = true;
                    choice.sources.push(Source::Repository(RepositorySource {
                        location: rule.locate(),
                        root,
                    }));
                }
                Given::Proxies(proxies) => {
                    has_proxies = true;
                    let (list, then) = self.go.proxies(proxies, path);
                    choice.sources.extend(list.map(Source::Proxies));
                    if end != End::Off && then != End::Exhausted {
                        end = then;
                    }
                }
            }
        }
        let after = match end {
            End::Direct => After::Rules,
            _ if has_mirror => After::Nothing,
            _ => After::Denial,
        };
        (has_mirror || has_proxies).then_some((choice, after))
    }

    /// Gives the proxies that a file names for all modules, unless the module's rule has its own.
    fn choose_default_proxies(&self, path: &ModulePath) -> Option<(Choice, After)> {
        let (proxies, origin) = self.proxies.as_ref()?;
        let mut rules = self.rules();
        let rule = rules.find(|rule| rule.pattern.matches(path).is_some());
        if rule.is_some_and(|rule| rule.proxies().is_some()) {
            return None;
        }
        let (list, end) = self.go.proxies(proxies, path);
        let after = match end {
            End::Direct => After::Rules,
            End::Off | End::Exhausted => After::Denial,
        };
        let choice = Choice {
            pattern: None,
            origin: origin.clone(),
            captures: Vec::new(),
            sources: list.map(Source::Proxies).into_iter().collect(),
        };
        Some((choice, after))
    }
}

/// What comes after the sources of the command line, or the proxies of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum After {
    /// Nothing: who names a mirror for a module knows what the rules forbid.
    Nothing,
    /// Nothing, but a rule may deny the module.
    Denial,
    /// What the rules say.
    Rules,
}

impl Choice {
    /// Puts what a rule says behind.
    fn then(mut self, rule: Choice) -> Choice {
        self.sources.extend(rule.sources);
        self
    }

    /// Puts what the host of the path says behind: where nothing is known, that is what `direct` means.
    fn then_host(mut self) -> Choice {
        self.sources.push(Source::Host);
        self
    }
}

impl GoProxies {
    fn is_private(&self, name: &str) -> bool {
        matches_prefix_patterns(&self.private, name)
    }

    fn list_of<'p>(&'p self, proxies: &'p Proxies) -> &'p ProxyList {
        match proxies {
            Proxies::Environment => &self.list,
            Proxies::List(list) => list,
        }
    }

    /// Gives the proxies that are asked for a module, and what comes after them. For a private module that is
    /// what `direct` means, whatever the list says (`modfetch.lookup`).
    fn proxies(&self, proxies: &Proxies, path: &ModulePath) -> (Option<ProxyList>, End) {
        let list = self.list_of(proxies);
        if self.is_private(path.as_str()) {
            return (None, End::Direct);
        }
        let asks_nobody = list.proxies.is_empty() && list.end == End::Direct;
        ((!asks_nobody).then(|| list.clone()), list.end)
    }
}

impl Rule {
    fn choose(&self, path: &ModulePath, captures: Captures, go: &GoProxies) -> Result<Choice> {
        let (places, subdirectory, token) = match &self.action {
            Action::Ask {
                places,
                subdirectory,
                token,
            } => (places, subdirectory, token.as_ref()),
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
        let source = |place: &Asked| {
            Ok(match place {
                Asked::Repository(repository) => Some(Source::Repository(RepositorySource {
                    location: repository.locate(&captures, token),
                    root: root.clone(),
                })),
                Asked::Proxies(proxies) => match (go.proxies(proxies, path).0, token) {
                    (Some(list), Some(token)) => {
                        Some(Source::Proxies(list.with_token(&token.login()?)))
                    }
                    (list, _) => list.map(Source::Proxies),
                },
                Asked::Host => Some(Source::Host),
            })
        };
        let sources: Vec<Option<Source>> = places.iter().map(source).collect::<Result<_>>()?;
        Ok(Choice {
            pattern: Some(self.pattern.to_string()),
            origin: self.origin.clone(),
            sources: sources.into_iter().flatten().collect(),
            captures: captures.texts,
        })
    }
}

impl Forge {
    fn source(&self) -> RepositorySource {
        RepositorySource {
            location: Location::parse(&self.url),
            root: self.known_root(),
        }
    }
}

#[cfg(test)]
mod tests;
