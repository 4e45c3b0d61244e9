//! Reading the keys of one rule.

use std::ops::Range;

use toml::de::{DeTable, DeValue};

use super::rule::{Action, Asked, Discovery, Rule, Subdirectory};
use super::{Parsed, Reader, Value};
use crate::source::given::Proxies;
use crate::source::origin::RuleOrigin;
use crate::source::pattern::Pattern;
use crate::source::repository::{Repository, Secrets, parse_subdirectory};
use crate::source::token::Token;

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
const MAX_REPOSITORIES: usize = 16;

impl Reader<'_> {
    pub(super) fn rule(&self, span: Range<usize>, entries: &DeTable<'_>) -> Parsed<Rule> {
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
        let line = self.fault(module.span(), "").line;
        Ok(Rule {
            action: self.action(span, entries, pattern.captures())?,
            pattern,
            origin: RuleOrigin::File {
                name: self.file.name.to_owned(),
                line,
            },
        })
    }

    /// Reads what a rule does with the modules of its pattern.
    fn action(&self, span: Range<usize>, entries: &DeTable<'_>, captures: usize) -> Parsed<Action> {
        let places = self.places(entries, captures)?;
        let token = self.token(entries, &places)?;
        match (entries.get("deny"), entries.get("subdirectory")) {
            (Some(deny), _) if !places.is_empty() => {
                let message =
                    "a rule that denies asks nobody: remove `deny`, or all other keys but `module`";
                Err(self.fault(deny.span(), message))
            }
            (Some(_), Some(folder)) => {
                let message = "a rule that denies has no `subdirectory`: remove one of them";
                Err(self.fault(folder.span(), message))
            }
            (Some(deny), None) => self.deny(deny),
            (None, _) if places.is_empty() => {
                let message = "the rule does nothing: write `repository = \"…\"`, `proxy = \"…\"` or `deny = true`";
                Err(self.fault(span, message))
            }
            (None, folder) => Ok(Action::Ask {
                subdirectory: folder
                    .map(|value| self.subdirectory(value, captures))
                    .transpose()?,
                places,
                token,
            }),
        }
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

    /// Reads the token of a rule, which all servers that the rule names get to see.
    fn token(&self, entries: &DeTable<'_>, places: &[Asked]) -> Parsed<Option<Token>> {
        let (value, user) = match (entries.get("token_env"), entries.get("user")) {
            (None, None) => return Ok(None),
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
        if !places.iter().any(Asked::is_server) {
            let message = "`token_env` is nothing without `repository` or `proxy`";
            return Err(self.fault(value.span(), message));
        }
        places
            .iter()
            .try_for_each(Asked::check_token)
            .map_err(fault)?;
        Ok(Some(token))
    }

    pub(super) fn proxies(&self, value: &Value<'_>) -> Parsed<Proxies> {
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

    pub(super) fn discovery(&self, value: &Value<'_>) -> Parsed<Discovery> {
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
}
