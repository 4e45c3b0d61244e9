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
//! ```
//!
//! | key | value |
//! |---|---|
//! | `module` | the path at the root of the repository, with `*` for what varies: see [`Pattern`] |
//! | `repository` | one repository, or several that are tried in order; `$1` to `$9` stand for what the `*` matched, `$0` for the whole root, `$$` for a dollar sign |
//! | `subdirectory` | the folder of the repository that has the path `module`; without it, the repository's root has |
//! | `deny` | `true`, or a reason: the modules are not fetched |
//!
//! The file is UTF-8 of at most 1 MiB with at most 10,000 rules of at most 16 repositories. It names no
//! program, and none but the user's own may hold passwords and tokens.

use std::collections::HashMap;
use std::ops::Range;
use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::origin::RuleOrigin;
use super::pattern::{Pattern, Template};
use super::repository::{Repository, Secrets, parse_subdirectory};

/// The largest file that is read, in bytes.
pub(super) const MAX_SIZE: u64 = 1 << 20;

const MAX_RULES: usize = 10_000;
const MAX_REPOSITORIES: usize = 16;

/// A rule: which repositories have the modules that match a pattern, or that none may be asked.
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
    /// It is looked for in these repositories.
    Mirror {
        repositories: Vec<Repository>,
        subdirectory: Option<Subdirectory>,
    },
    /// It is not fetched, and this may be why.
    Deny { reason: Option<String> },
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
    /// Lists the repositories as they are written, without secrets; none for a rule that denies.
    pub fn repositories(&self) -> Vec<String> {
        match &self.action {
            Action::Mirror { repositories, .. } => {
                repositories.iter().map(ToString::to_string).collect()
            }
            Action::Deny { .. } => Vec::new(),
        }
    }

    /// Gives the folder of the repository as it is written, if the rule has one.
    pub fn subdirectory(&self) -> Option<&str> {
        match &self.action {
            Action::Mirror { subdirectory, .. } => {
                subdirectory.as_ref().map(|folder| folder.text.as_str())
            }
            Action::Deny { .. } => None,
        }
    }

    /// Tells whether the rule denies, and why if it says so.
    pub fn denial(&self) -> Option<Option<&str>> {
        match &self.action {
            Action::Mirror { .. } => None,
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
pub fn parse_rules(file: RulesFile<'_>, data: &[u8]) -> Result<Vec<Rule>, RuleError> {
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

    fn rules(&self) -> Parsed<Vec<Rule>> {
        if self.text.len() as u64 > MAX_SIZE {
            return Err(self.fault(0..0, format!("the file is larger than {MAX_SIZE} bytes")));
        }
        let document = DeTable::parse(self.text).map_err(|error| {
            let message = error.message().trim_end().replace('\n', ", ");
            self.fault(error.span().unwrap_or(0..0), message)
        })?;
        let mut rules = Vec::new();
        for (key, value) in document.get_ref() {
            if key.get_ref() != "mirror" {
                return Err(self.unknown(key, "rules are tables under `[[mirror]]`"));
            }
            let DeValue::Array(tables) = value.get_ref() else {
                return Err(self.fault(value.span(), "write `[[mirror]]` above each rule"));
            };
            if tables.len() > MAX_RULES {
                let message = format!("there are more than {MAX_RULES} rules");
                return Err(self.fault(key.span(), message));
            }
            for table in tables {
                let DeValue::Table(entries) = table.get_ref() else {
                    return Err(self.fault(table.span(), "write `[[mirror]]` above each rule"));
                };
                rules.push(self.rule(table.span(), entries)?);
            }
        }
        self.refuse_repeated(&document, &rules)?;
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
            if !matches!(
                key.get_ref().as_ref(),
                "module" | "repository" | "subdirectory" | "deny"
            ) {
                return Err(self.unknown(
                    key,
                    "a rule has `module`, `repository`, `subdirectory` and `deny`",
                ));
            }
        }
        let Some(module) = entries.get("module") else {
            let message = "the rule has no `module`: write the pattern of its modules, as in `module = \"example.com/*\"`";
            return Err(self.fault(span, message));
        };
        let pattern = Pattern::parse(self.string(module)?)
            .map_err(|error| self.fault(module.span(), format!("{error:#}")))?;
        let action = match (entries.get("deny"), entries.get("repository")) {
            (None, Some(repository)) => Action::Mirror {
                repositories: self.repositories(repository, pattern.captures())?,
                subdirectory: entries
                    .get("subdirectory")
                    .map(|value| self.subdirectory(value, pattern.captures()))
                    .transpose()?,
            },
            (Some(deny), None) => {
                if let Some(folder) = entries.get("subdirectory") {
                    let message = "a rule that denies has no `subdirectory`: remove one of them";
                    return Err(self.fault(folder.span(), message));
                }
                self.deny(deny)?
            }
            (Some(deny), Some(_)) => {
                let message = "a rule that denies has no `repository`: remove one of them";
                return Err(self.fault(deny.span(), message));
            }
            (None, None) => {
                let message = "the rule does nothing: write `repository = \"…\"` or `deny = true`";
                return Err(self.fault(span, message));
            }
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
