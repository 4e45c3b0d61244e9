//! The file `gomodcache.toml`: rules that say which repository has which modules.
//!
//! ```toml
//! # The first rule that matches a module decides, in the order of the file.
//! [[mirror]]
//! module = "golang.org/x/*"
//! repository = "git.example.com/mirrors/go-$1"
//!
//! [[mirror]]
//! module = "example.com/mono"
//! repository = ["git@git.example.com:mono.git", "./mono.bundle"]
//! subdirectory = "go"
//!
//! [[mirror]]
//! module = "example.org/**"
//! deny = "not reviewed"
//!
//! [[mirror]]
//! module = "example.net/**"
//! repository = "git.example.com/net/$1"
//! proxy = "https://goproxy.example"    # after the repository, as it is written
//! ```
//!
//! | key | value |
//! |---|---|
//! | `module` | the path at the root of the repository, with `*` for what varies: see [`Pattern`] |
//! | `repository` | one repository, or several that are tried in order; `$1` to `$9` stand for what the `*` matched, `$0` for the whole root, `$$` for a dollar sign |
//! | `subdirectory` | the folder of the repository that has the path `module`; without it, the repository's root has |
//! | | (go puts the folder after a nested module's own: give nested modules a rule such as `example.com/mono/*` with `go/$1`) |
//! | `proxy` | module proxies, as GOPROXY lists them, or `env` for those of GOPROXY itself; asked before or after `repository`, as the keys are written |
//! | `discover` | `true`: the host of the module path tells the repository (`?go-get=1`) |
//! | `token_env` | the environment variable that has the password for the repositories; the user's own file only |
//! | `user` | the user name that goes with it; `x-access-token` by default |
//! | `deny` | `true`, or a reason: the modules are not fetched |
//!
//! Above the rules stand `proxy`, for all modules whose rule has none of its own, and `discover`, for modules
//! that no rule knows. Tables `[[serve]]` are for whoever serves modules: see [`crate::server`].
//!
//! The file is UTF-8 of at most 1 MiB with at most 10,000 rules of at most 16 repositories. It names no
//! program, and none but the user's own may hold passwords and tokens.

use std::collections::HashMap;
use std::ops::Range;
use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::given::Proxies;
use super::origin::RuleOrigin;
use super::pattern::{Pattern, Template};
use super::repository::{Repository, Secrets, parse_subdirectory};
use super::token::Token;

/// The largest file that is read, in bytes.
pub(super) const MAX_SIZE: u64 = 1 << 20;

/// What a rule may have.
const KEYS: &[&str] = &[
    "module",
    "repository",
    "subdirectory",
    "proxy",
    "discover",
    "token_env",
    "user",
    "deny",
];
const MAX_RULES: usize = 10_000;
const MAX_REPOSITORIES: usize = 16;

/// What a file says.
#[derive(Clone, Debug, Default)]
pub struct RuleSet {
    /// The rules, in order.
    pub rules: Vec<Rule>,
    /// The proxies of modules whose rule has none of its own, and the line that names them.
    pub proxies: Option<(Proxies, usize)>,
    /// Whether hosts tell the repositories of modules that no rule knows.
    pub discovery: Discovery,
}

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
    pub(super) action: Action,
}

/// What becomes of a module that matches.
#[derive(Clone, Debug)]
pub(super) enum Action {
    /// It is looked for there, in this order.
    Ask {
        places: Vec<Asked>,
        subdirectory: Option<Subdirectory>,
    },
    /// It is not fetched, and this may be why.
    Deny { reason: Option<String> },
}

/// Where a rule sends those who look for a module.
#[derive(Clone, Debug)]
pub(super) enum Asked {
    Repository(Repository),
    Proxies(Proxies),
    Host,
}

/// The folder of a repository, with captures to be filled in.
#[derive(Clone)]
pub(super) struct Subdirectory {
    pub(super) template: Template,
    text: String,
}

impl std::fmt::Debug for Subdirectory {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "`{}`", self.text)
    }
}

impl Rule {
    /// Looks up the tokens of the repositories.
    pub(super) fn read_tokens(&mut self, variable: &dyn Fn(&str) -> Option<String>) {
        if let Action::Ask { places, .. } = &mut self.action {
            for place in places {
                if let Asked::Repository(repository) = place {
                    repository.read_token(variable);
                }
            }
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

/// A rule that cannot be read: where it is and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}:{column}: {message}")]
pub struct RuleError {
    /// The file, as it was named.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// What is wrong.
    pub message: String,
}

/// Which file is parsed.
#[derive(Clone, Copy, Debug)]
pub struct RulesFile<'a> {
    /// Its name, for messages and for the origin of its rules.
    pub name: &'a str,
    /// Its folder: paths in it are relative to this.
    pub folder: &'a Path,
    /// Whether it may hold secrets.
    pub secrets: Secrets,
}

/// Parses the text of a `gomodcache.toml`.
///
/// # Errors
/// The first fault, with its position. Secrets are not shown.
pub fn parse_rules(file: RulesFile<'_>, data: &[u8]) -> Result<RuleSet, RuleError> {
    let text = match std::str::from_utf8(data) {
        Ok(text) => text,
        Err(error) => {
            let valid = data.get(..error.valid_up_to()).unwrap_or_default();
            let valid = String::from_utf8_lossy(valid).into_owned();
            let end = valid.len()..valid.len();
            return Err(Reader { file, text: &valid }.fault(end, "this is no UTF-8 text"));
        }
    };
    // Some editors put a byte order mark before the text, and the parser takes it for a key.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    Reader { file, text }.rules()
}

struct Reader<'a> {
    file: RulesFile<'a>,
    text: &'a str,
}

type Parsed<T> = Result<T, RuleError>;
type Value<'a> = Spanned<DeValue<'a>>;

impl<'a> Reader<'a> {
    fn fault(&self, span: Range<usize>, message: impl ToString) -> RuleError {
        let before = self.text.get(..span.start).unwrap_or(self.text);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        RuleError {
            file: self.file.name.to_owned(),
            line: before.matches('\n').count() + 1,
            column: before.get(line_start..).unwrap_or_default().chars().count() + 1,
            message: message.to_string(),
        }
    }

    fn rules(&self) -> Parsed<RuleSet> {
        if self.text.len() as u64 > MAX_SIZE {
            return Err(self.fault(0..0, format!("the file is larger than {MAX_SIZE} bytes")));
        }
        let document = DeTable::parse(self.text).map_err(|error| {
            let message = error.message().trim_end().replace('\n', ", ");
            self.fault(error.span().unwrap_or(0..0), message)
        })?;
        let mut set = RuleSet::default();
        for (key, value) in document.get_ref() {
            match key.get_ref().as_ref() {
                "mirror" => set.rules = self.tables(key, value)?,
                // For whoever serves modules: see `crate::server`.
                "serve" => {}
                "proxy" => {
                    let line = self.fault(key.span(), "").line;
                    set.proxies = Some((self.proxies(value)?, line));
                }
                "discover" => set.discovery = self.discovery(value)?,
                _ => {
                    let instead = "rules are tables under `[[mirror]]`; above them stand `proxy` and `discover`";
                    return Err(self.unknown(key, instead));
                }
            }
        }
        self.refuse_repeated(&document, &set.rules)?;
        Ok(set)
    }

    fn tables(
        &self,
        key: &Spanned<std::borrow::Cow<'_, str>>,
        value: &Value<'_>,
    ) -> Parsed<Vec<Rule>> {
        let DeValue::Array(tables) = value.get_ref() else {
            return Err(self.fault(value.span(), "write `[[mirror]]` above each rule"));
        };
        if tables.len() > MAX_RULES {
            let message = format!("there are more than {MAX_RULES} rules");
            return Err(self.fault(key.span(), message));
        }
        let mut rules = Vec::with_capacity(tables.len());
        for table in tables {
            let DeValue::Table(entries) = table.get_ref() else {
                return Err(self.fault(table.span(), "write `[[mirror]]` above each rule"));
            };
            rules.push(self.rule(table.span(), entries)?);
        }
        Ok(rules)
    }

    /// A second rule of the same pattern would never be asked.
    fn refuse_repeated(&self, document: &Spanned<DeTable<'_>>, rules: &[Rule]) -> Parsed<()> {
        let mut lines = HashMap::new();
        for (index, rule) in rules.iter().enumerate() {
            let line = rule.origin.line().unwrap_or_default();
            if let Some(first) = lines.insert(rule.pattern.to_string(), line) {
                let span = document
                    .get_ref()
                    .get("mirror")
                    .and_then(|rules| rules.get_ref().get(index)?.get_ref().get("module"))
                    .map_or(0..0, Spanned::span);
                let message = format!(
                    "the rule on line {first} has the same pattern and comes first: remove one, or give that one several repositories"
                );
                return Err(self.fault(span, message));
            }
        }
        Ok(())
    }

    fn unknown(&self, key: &Spanned<std::borrow::Cow<'_, str>>, instead: &str) -> RuleError {
        let key_text = key.get_ref().escape_debug();
        self.fault(key.span(), format!("unknown key `{key_text}`: {instead}"))
    }

    fn rule(&self, span: Range<usize>, entries: &DeTable<'_>) -> Parsed<Rule> {
        for key in entries.keys() {
            if !KEYS.contains(&key.get_ref().as_ref()) {
                return Err(self.unknown(
                    key,
                    "a rule has `module`, `repository`, `subdirectory`, `proxy`, `discover`, `token_env`, `user` and `deny`",
                ));
            }
        }
        let Some(module) = entries.get("module") else {
            let message = "the rule has no `module`: write the pattern of its modules, as in `module = \"example.com/*\"`";
            return Err(self.fault(span, message));
        };
        let pattern = Pattern::parse(self.string(module)?)
            .map_err(|error| self.fault(module.span(), format!("{error:#}")))?;
        let mut places = self.places(entries, pattern.captures())?;
        self.add_token(entries, &mut places)?;
        let subdirectory = entries.get("subdirectory");
        let action = match entries.get("deny") {
            Some(deny) if !places.is_empty() => {
                let message =
                    "a rule that denies asks nobody: remove `deny`, or all other keys but `module`";
                return Err(self.fault(deny.span(), message));
            }
            Some(deny) => {
                if let Some(folder) = subdirectory {
                    let message = "a rule that denies has no `subdirectory`: remove one of them";
                    return Err(self.fault(folder.span(), message));
                }
                self.deny(deny)?
            }
            None if places.is_empty() => {
                let message = "the rule does nothing: write `repository = \"…\"`, `proxy = \"…\"` or `deny = true`";
                return Err(self.fault(span, message));
            }
            None => Action::Ask {
                subdirectory: subdirectory
                    .map(|value| self.subdirectory(value, pattern.captures()))
                    .transpose()?,
                places,
            },
        };
        let line = self.fault(module.span(), "").line;
        Ok(Rule {
            pattern,
            action,
            origin: RuleOrigin::File {
                name: self.file.name.to_owned(),
                line,
            },
        })
    }

    /// Reads where a rule sends people, in the order of its keys.
    fn places(&self, entries: &DeTable<'_>, captures: usize) -> Parsed<Vec<Asked>> {
        let mut keys: Vec<_> = entries.iter().collect();
        keys.sort_by_key(|(key, _)| key.span().start);
        let mut places = Vec::new();
        for (key, value) in keys {
            match key.get_ref().as_ref() {
                "repository" => {
                    let repositories = self.repositories(value, captures)?;
                    places.extend(repositories.into_iter().map(Asked::Repository));
                }
                "proxy" => places.push(Asked::Proxies(self.proxies(value)?)),
                "discover" if self.discovery(value)? == Discovery::On => places.push(Asked::Host),
                _ => {}
            }
        }
        Ok(places)
    }

    /// Gives the token of a rule to its repositories.
    fn add_token(&self, entries: &DeTable<'_>, places: &mut [Asked]) -> Parsed<()> {
        let (value, user) = match (entries.get("token_env"), entries.get("user")) {
            (None, None) => return Ok(()),
            (None, Some(user)) => {
                return Err(self.fault(user.span(), "`user` is nothing without `token_env`"));
            }
            (Some(value), user) => (value, user),
        };
        if self.file.secrets == Secrets::Refused {
            let message =
                "this file may name no secret: put the rule into the user's own gomodcache.toml";
            return Err(self.fault(value.span(), message));
        }
        let user = user.map(|user| self.string(user)).transpose()?;
        let fault = |error: anyhow::Error| self.fault(value.span(), format!("{error:#}"));
        let token = Token::new(self.string(value)?, user).map_err(fault)?;
        let mut repositories = places.iter_mut().filter_map(|place| match place {
            Asked::Repository(repository) => Some(repository),
            Asked::Proxies(_) | Asked::Host => None,
        });
        let Some(first) = repositories.next() else {
            return Err(self.fault(value.span(), "`token_env` is nothing without `repository`"));
        };
        for repository in [first].into_iter().chain(repositories) {
            repository.add_token(&token).map_err(fault)?;
        }
        Ok(())
    }

    fn proxies(&self, value: &Value<'_>) -> Parsed<Proxies> {
        let proxies: Proxies = self
            .string(value)?
            .parse()
            .map_err(|error| self.fault(value.span(), format!("{error:#}")))?;
        if self.file.secrets == Secrets::Refused && proxies.has_secrets() {
            let message = "the URL has a user name or password, which this file may not have: put it into the user's own gomodcache.toml, or use --proxy";
            return Err(self.fault(value.span(), message));
        }
        Ok(proxies)
    }

    fn discovery(&self, value: &Value<'_>) -> Parsed<Discovery> {
        match value.get_ref() {
            DeValue::Boolean(true) => Ok(Discovery::On),
            DeValue::Boolean(false) => Ok(Discovery::Off),
            _ => Err(self.fault(value.span(), "write `discover = true` or remove it")),
        }
    }

    fn repositories(&self, value: &Value<'_>, captures: usize) -> Parsed<Vec<Repository>> {
        let values = match value.get_ref() {
            DeValue::Array(values) => values.as_ref(),
            _ => std::slice::from_ref(value),
        };
        if values.is_empty() || values.len() > MAX_REPOSITORIES {
            let message = format!("write 1 to {MAX_REPOSITORIES} repositories");
            return Err(self.fault(value.span(), message));
        }
        let parse = |value: &Value<'_>| {
            let text = self.string(value)?;
            Repository::parse(text, captures, self.file.folder, self.file.secrets)
                .map_err(|error| self.fault(value.span(), format!("{error:#}")))
        };
        values.iter().map(parse).collect()
    }

    fn subdirectory(&self, value: &Value<'_>, captures: usize) -> Parsed<Subdirectory> {
        let text = self.string(value)?;
        let template = parse_subdirectory(text, captures)
            .map_err(|error| self.fault(value.span(), format!("{error:#}")))?;
        Ok(Subdirectory {
            template,
            text: text.to_owned(),
        })
    }

    fn deny(&self, value: &Value<'_>) -> Parsed<Action> {
        match value.get_ref() {
            DeValue::Boolean(true) => Ok(Action::Deny { reason: None }),
            DeValue::String(reason) if reason.chars().any(char::is_control) => {
                Err(self.fault(value.span(), "the reason has a control character"))
            }
            DeValue::String(reason) if !reason.trim().is_empty() => Ok(Action::Deny {
                reason: Some(reason.clone().into_owned()),
            }),
            _ => Err(self.fault(
                value.span(),
                "write `deny = true` or a reason in quotes, or remove the rule",
            )),
        }
    }

    fn string<'v>(&self, value: &'v Value<'_>) -> Parsed<&'v str> {
        match value.get_ref() {
            DeValue::String(text) => Ok(text),
            other => {
                let message = format!("this is of type {}: write text in quotes", other.type_str());
                Err(self.fault(value.span(), message))
            }
        }
    }
}

#[cfg(test)]
mod tests;
