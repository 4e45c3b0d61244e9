//! The built-in table: which repositories have the modules that Go people meet.
//!
//! It is written in the language of `gomodcache.toml`: see `builtin.toml`, beside this file.

use std::path::Path;
use std::sync::OnceLock;

use super::origin::RuleOrigin;
use super::repository::Secrets;
use super::rules_file::{Rule, RuleError, RulesFile, parse_rules};

/// Gives the table.
pub(super) fn built_in() -> &'static [Rule] {
    static TABLE: OnceLock<Vec<Rule>> = OnceLock::new();
    // A test holds the table to what the parser takes.
    TABLE.get_or_init(|| parse().unwrap_or_default())
}

fn parse() -> Result<Vec<Rule>, RuleError> {
    let file = RulesFile {
        name: "built-in",
        folder: Path::new("/"),
        secrets: Secrets::Refused,
    };
    let mut rules = parse_rules(file, include_bytes!("builtin.toml"))?.rules;
    for rule in &mut rules {
        rule.origin = RuleOrigin::BuiltIn;
    }
    Ok(rules)
}

#[cfg(test)]
mod tests;
