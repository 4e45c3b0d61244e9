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
//! | `token_env` | the environment variable that has the password for the repositories and the one proxy of the rule; the user's own file only |
//! | `user` | the user name that goes with it; `x-access-token` by default |
//! | `deny` | `true`, or a reason: the modules are not fetched |
//!
//! Above the rules stand `proxy`, for all modules whose rule has none of its own, and `discover`, for modules
//! that no rule knows. Tables `[[serve]]` are for whoever serves modules: see [`crate::server`].
//!
//! The file is UTF-8 of at most 1 MiB with at most 10,000 rules of at most 16 repositories. It names no
//! program, and none but the user's own may hold passwords and tokens.

mod keys;
mod rule;

use std::collections::HashMap;
use std::ops::Range;
use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::given::Proxies;
use super::repository::Secrets;

pub(super) use rule::{Action, Asked};
pub use rule::{Discovery, Rule};

/// The largest file that is read, in bytes.
pub(super) const MAX_SIZE: u64 = 1 << 20;

const MAX_RULES: usize = 10_000;

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
