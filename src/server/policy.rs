//! Which versions are served: the tables `[[serve]]` of `gomodcache.toml`.
//!
//! ```toml
//! [[serve]]
//! module = "example.com/broken"
//! versions = "<v1.4.2"
//! deny = "see the advisory"
//!
//! [[serve]]
//! module = ["example.com", "*.corp.example"]
//! allow = true
//!
//! [[serve]]
//! module = "*"
//! min_age = "7d"
//! ```
//!
//! The first rule that matches a version decides; what no rule matches is served. `module` is a pattern as in
//! GOPRIVATE, or several. `versions` are conditions that all must hold, apart by spaces or commas. `min_age` counts
//! from the time of the commit, in days, hours or minutes (`d`, `h`, `m`).

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;

use crate::disk;
use crate::module::{ModulePath, ModuleVersion, Time, matches_prefix_patterns, semver};

/// The largest file that is read, in bytes.
const MAX_SIZE: u64 = 1 << 20;

/// The rules, in order.
#[derive(Debug, Default)]
pub(super) struct Policy(Vec<Rule>);

#[derive(Debug)]
struct Rule {
    /// As GOPRIVATE.
    modules: String,
    versions: Vec<Condition>,
    verdict: Verdict,
}

#[derive(Debug)]
enum Verdict {
    Allow,
    Deny(Option<String>),
    AtLeast(Duration),
}

/// A comparison that a version must pass.
#[derive(Debug)]
struct Condition {
    operator: &'static str,
    version: String,
}

/// Why a version is not served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Objection {
    /// A rule says so.
    Denied(String),
    /// It is too young.
    Young(String),
    /// A rule wants an age, and it is not known.
    Unknown,
}

#[derive(Deserialize)]
struct RulesFile {
    #[serde(default)]
    serve: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    module: Patterns,
    versions: Option<String>,
    allow: Option<bool>,
    deny: Option<Denial>,
    min_age: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Patterns {
    One(String),
    Several(Vec<String>),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Denial {
    Plain(bool),
    Reason(String),
}

/// Reads files of rules, those of the first before those of the next.
pub(super) fn read(files: &[PathBuf]) -> Result<Policy> {
    let mut policy = Policy::default();
    for file in files {
        let content = disk::read_limited(file, MAX_SIZE)?;
        let rules = String::from_utf8(content).context("not UTF-8");
        let rules = rules.and_then(|text| Policy::parse(&text));
        let rules = rules.with_context(|| format!("cannot read rules from {}", file.display()))?;
        policy.0.extend(rules.0);
    }
    Ok(policy)
}

impl Policy {
    fn parse(text: &str) -> Result<Policy> {
        let file: RulesFile = toml::from_str(text.strip_prefix('\u{feff}').unwrap_or(text))?;
        let rules = file.serve.into_iter().zip(1..).map(|(entry, number)| {
            Rule::new(entry).with_context(|| format!("rule {number} of [[serve]]"))
        });
        Ok(Policy(rules.collect::<Result<_>>()?))
    }

    /// Tells why a version is not served, if it is not; `time` gives that of its commit, as far as it is known.
    pub(super) fn objection(
        &self,
        module: &ModuleVersion,
        time: impl FnOnce() -> Option<Time>,
    ) -> Option<Objection> {
        let version = module.version.as_str();
        let matches = |rule: &&Rule| {
            let mut conditions = rule.versions.iter();
            rule.matches(&module.path) && conditions.all(|condition| condition.holds(version))
        };
        match &self.0.iter().find(matches)?.verdict {
            Verdict::Allow => None,
            Verdict::Deny(reason) => {
                let subject = module.to_string();
                Some(Objection::Denied(denied(&subject, reason.as_deref())))
            }
            Verdict::AtLeast(age) => {
                let Some(time) = time() else {
                    return Some(Objection::Unknown);
                };
                let from = time.unix().saturating_add_unsigned(age.as_secs());
                (Time::from(SystemTime::now()).unix() < from).then(|| {
                    let text = format!("{module} is of {time}, and too young to be served yet");
                    Objection::Young(text)
                })
            }
        }
    }

    /// Tells whether a rule asks for the age of versions.
    pub(super) fn wants_ages(&self) -> bool {
        let mut verdicts = self.0.iter().map(|rule| &rule.verdict);
        verdicts.any(|verdict| matches!(verdict, Verdict::AtLeast(_)))
    }

    /// Tells why nothing of a module is served, if a rule says so whatever the version.
    pub(super) fn denies(&self, path: &ModulePath) -> Option<String> {
        let rule = self.0.iter().find(|rule| rule.matches(path))?;
        match &rule.verdict {
            Verdict::Deny(reason) if rule.versions.is_empty() => {
                Some(denied(&format!("module {path}"), reason.as_deref()))
            }
            _ => None,
        }
    }
}

fn denied(subject: &str, reason: Option<&str>) -> String {
    let reason = reason.map_or_else(String::new, |reason| format!(": {reason}"));
    format!("{subject} is not served here{reason}")
}

impl Rule {
    fn new(entry: Entry) -> Result<Rule> {
        let modules = match entry.module {
            Patterns::One(pattern) => pattern,
            Patterns::Several(patterns) => patterns.join(","),
        };
        ensure!(!modules.trim().is_empty(), "`module` names no module");
        let verdict = match (entry.allow, entry.deny, entry.min_age) {
            (Some(true), None, None) => Verdict::Allow,
            (None, Some(Denial::Plain(true)), None) => Verdict::Deny(None),
            (None, Some(Denial::Reason(reason)), None) => Verdict::Deny(Some(reason)),
            (None, None, Some(age)) => Verdict::AtLeast(parse_age(&age)?),
            _ => bail!("a rule has one of `allow = true`, `deny` and `min_age`"),
        };
        let versions = entry.versions.unwrap_or_default();
        let conditions = versions.split([',', ' ']).filter(|text| !text.is_empty());
        Ok(Rule {
            modules,
            versions: conditions.map(Condition::parse).collect::<Result<_>>()?,
            verdict,
        })
    }

    fn matches(&self, path: &ModulePath) -> bool {
        matches_prefix_patterns(&self.modules, path.as_str())
    }
}

impl Condition {
    fn parse(text: &str) -> Result<Condition> {
        let operators = ["<=", ">=", "<", ">", "="].into_iter();
        let mut split =
            operators.filter_map(|operator| Some((operator, text.strip_prefix(operator)?)));
        let (operator, version) = split.next().unwrap_or(("=", text));
        ensure!(
            semver::is_valid(version),
            "`{text}` is no condition such as `<v1.4.2`"
        );
        let version = version.to_owned();
        Ok(Condition { operator, version })
    }

    fn holds(&self, version: &str) -> bool {
        let order = semver::compare(version, &self.version);
        match self.operator {
            "<=" => order.is_le(),
            ">=" => order.is_ge(),
            "<" => order.is_lt(),
            ">" => order.is_gt(),
            _ => order.is_eq(),
        }
    }
}

fn parse_age(text: &str) -> Result<Duration> {
    let malformed = || format!("`{text}` is no age such as `7d`, `12h` or `30m`");
    let unit = text.chars().last().with_context(malformed)?;
    let count: u32 = text
        .trim_end_matches(unit)
        .parse()
        .with_context(malformed)?;
    let seconds = match unit {
        'd' => 86_400,
        'h' => 3600,
        'm' => 60,
        _ => bail!(malformed()),
    };
    Ok(Duration::from_secs(u64::from(count) * seconds))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::module::Version;

    const RULES: &str = r#"
        proxy = "https://proxy.example"
        [[mirror]]
        module = "x.example"
        deny = true
        [[serve]]
        module = "a.com/broken"
        versions = ">=v1.2.0, <v1.4.2"
        deny = "see the advisory"
        [[serve]]
        module = ["a.com", "*.corp"]
        allow = true
        [[serve]]
        module = "b.com/gone"
        deny = true
        [[serve]]
        module = "*"
        min_age = "7d"
    "#;

    fn objection(path: &str, version: &str, days: Option<u64>) -> Option<Objection> {
        let module = ModuleVersion {
            path: ModulePath::new(path).unwrap(),
            version: Version::new(version).unwrap(),
        };
        let time = days.map(|days| SystemTime::now() - Duration::from_secs(days * 86_400));
        let policy = Policy::parse(RULES).unwrap();
        policy.objection(&module, || time.map(Time::from))
    }

    #[test]
    fn the_first_rule_that_matches_decides() {
        let broken = "a.com/broken@v1.3.0 is not served here: see the advisory".to_owned();
        assert_eq!(
            objection("a.com/broken", "v1.3.0", None),
            Some(Objection::Denied(broken))
        );
        assert_eq!(objection("a.com/broken", "v1.4.2", None), None);
        assert_eq!(objection("git.corp/x", "v1.3.0", None), None);
        assert!(matches!(
            objection("b.com/gone", "v1.0.0", Some(99)),
            Some(Objection::Denied(_))
        ));
        assert_eq!(
            objection("c.com/x", "v1.0.0", None),
            Some(Objection::Unknown)
        );
        assert_eq!(objection("c.com/x", "v1.0.0", Some(8)), None);
        assert!(matches!(
            objection("c.com/x", "v1.0.0", Some(6)),
            Some(Objection::Young(_))
        ));
    }

    #[test]
    fn a_module_is_denied_where_no_version_is_served() {
        let policy = Policy::parse(RULES).unwrap();
        let denies = |path| policy.denies(&ModulePath::new(path).unwrap());
        assert_eq!(
            denies("b.com/gone").as_deref(),
            Some("module b.com/gone is not served here")
        );
        assert_eq!(denies("a.com/broken"), None);
        assert_eq!(denies("c.com/x"), None);
    }

    #[test]
    fn rules_that_mean_nothing_are_refused() {
        for rule in [
            "module = \"x\"",
            "module = \"\"\ndeny = true",
            "module = \"x\"\nallow = false",
            "module = \"x\"\ndeny = true\nallow = true",
            "module = \"x\"\ndeny = true\nversions = \"1.0\"",
            "module = \"x\"\nmin_age = \"7\"",
            "module = \"x\"\nmin_age = \"d\"",
            "module = \"x\"\nmin_age = \"-1d\"",
            "module = \"x\"\ndeny = true\nrefuse = true",
            "deny = true",
        ] {
            assert!(
                Policy::parse(&format!("[[serve]]\n{rule}\n")).is_err(),
                "{rule}"
            );
        }
    }
}
