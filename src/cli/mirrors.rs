//! `gomodcache mirrors`.

use std::fmt::Write as _;

use anyhow::Result;
use clap::Args;
use serde::Serialize;

use super::settings::{MirrorOptions, current_folder};
use super::table::table;
use super::{Exit, Output};
use crate::goenv::GoEnv;
use crate::module::ModulePath;
use crate::ops::{ExplainedSource, Explanation, explain};
use crate::source::{Discovery, FORGES, Given, MirrorRule, Mirrors, Rule, RuleOrigin};

/// Tell which rule says where a module comes from
///
/// For each MODULE: its repositories, the path at the root of them, the rule and where that is written. No
/// repository is read. A module that no rule knows, or that a rule denies, is an error.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct MirrorsCommand {
    /// Module path
    #[arg(required_unless_present = "all", value_name = "MODULE")]
    modules: Vec<ModulePath>,

    /// List all rules in force, in the order in which they are asked
    #[arg(long, conflicts_with = "modules")]
    all: bool,

    #[command(flatten)]
    mirrors: MirrorOptions,

    /// Print an object for each module or rule
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Rules are tables in gomodcache.toml, in this folder or one above it, then in the user's configuration
folder (~/.config/gomodcache/). The first rule that matches decides; --mirror comes before all of them:

  [[mirror]]
  module = \"golang.org/x/*\"               # and all modules below
  repository = \"git.example.com/go/$1\"    # or several: [\"…\", \"…\"]

  [[mirror]]
  module = \"example.com/mono\"
  repository = \"git@git.example.com:mono.git\"
  subdirectory = \"go\"

  [[mirror]]
  module = \"example.org/**\"
  deny = \"not reviewed\"

Examples:
  gomodcache mirrors golang.org/x/text
  gomodcache mirrors --all --json
";

impl MirrorsCommand {
    pub(super) fn run(&self, env: &GoEnv, output: &Output) -> Result<Exit> {
        let mirrors = self.mirrors.mirrors(env, &current_folder()?)?;
        if self.all {
            let lines = listed(&mirrors);
            if self.json {
                lines.iter().try_for_each(|line| output.json(line))?;
            } else {
                let rows: Vec<Vec<String>> = lines.iter().map(row).collect();
                output.data(table(&rows).as_bytes())?;
            }
            return Ok(Exit::Done);
        }
        let mut exit = Exit::Done;
        for path in &self.modules {
            match explain(&mirrors, path) {
                Ok(explanation) if self.json => output.json(&ModuleJson::from(&explanation))?,
                Ok(explanation) => output.data(told(&explanation).as_bytes())?,
                Err(error) => {
                    exit = exit.max(Exit::of(&error));
                    if self.json {
                        output.json(&ModuleJson {
                            module: path.to_string(),
                            error: Some(format!("{error:#}")),
                            ..ModuleJson::default()
                        })?;
                    }
                    output.error(None, &error);
                }
            }
        }
        Ok(exit)
    }
}

/// What is printed of one module.
fn told(explanation: &Explanation) -> String {
    let mut text = format!("{}\n", explanation.path);
    let mut line = |name: &str, value: &str| {
        let _ = writeln!(text, "  {name:<12}{value}");
    };
    for source in &explanation.sources {
        let place = match source {
            ExplainedSource::Repository(place) => place,
            ExplainedSource::Proxies(list) => {
                line("proxies", list);
                continue;
            }
            ExplainedSource::Host => {
                line("repository", WHAT_THE_HOST_SAYS);
                continue;
            }
        };
        match &place.repository {
            Ok(repository) => line("repository", repository),
            Err(error) => line("repository", &format!("none: {error}")),
        }
        match &place.place {
            Some((root, folder)) => {
                line("root", root);
                if !folder.is_empty() {
                    line("folder", folder);
                }
            }
            None => line("root", "tags and go.mod files will tell"),
        }
    }
    let origin = &explanation.origin;
    match (&explanation.pattern, origin) {
        (Some(pattern), _) => line("rule", &format!("{pattern} ({origin})")),
        (None, RuleOrigin::CommandLine) => line("rule", "any module (command line)"),
        (None, _) => line("rule", &format!("any module ({origin})")),
    }
    line("why", &why(explanation));
    for (pattern, origin) in &explanation.passed_over {
        line("not asked", &format!("{pattern} ({origin})"));
    }
    text
}

const WHAT_THE_HOST_SAYS: &str = "what the host of the path says (?go-get=1)";

fn why(explanation: &Explanation) -> String {
    let captures: String = explanation
        .captures
        .iter()
        .enumerate()
        .map(|(index, text)| {
            let link = if index == 0 { ", with" } else { " and" };
            format!("{link} ${} = {text}", index + 1)
        })
        .collect();
    match (&explanation.origin, explanation.passed_over.is_empty()) {
        (RuleOrigin::CommandLine, _) => "the command line comes before all rules".to_owned(),
        (_, true) => format!("the only rule that matches{captures}"),
        (_, false) => format!("the first rule that matches{captures}"),
    }
}

/// A module, as `--json` prints it; what is empty is left out.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
struct ModuleJson {
    module: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    repositories: Vec<RepositoryJson>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    proxies: Vec<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    discover: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<RuleJson>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    captures: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    not_asked: Vec<RuleJson>,
}

#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
struct RepositoryJson {
    #[serde(skip_serializing_if = "Option::is_none")]
    repository: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    root: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    folder: Option<String>,
}

/// A rule, as `--json` prints it; what is empty is left out.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
struct RuleJson {
    #[serde(skip_serializing_if = "Option::is_none")]
    module: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    repositories: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subdirectory: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    proxies: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    discover: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    deny: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    from: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
}

impl From<&Explanation> for ModuleJson {
    fn from(explanation: &Explanation) -> ModuleJson {
        let (mut repositories, mut proxies, mut discover) = (Vec::new(), Vec::new(), false);
        for source in &explanation.sources {
            match source {
                ExplainedSource::Repository(place) => {
                    let (root, folder) = place.place.clone().unzip();
                    repositories.push(RepositoryJson {
                        repository: place.repository.as_ref().ok().cloned(),
                        error: place.repository.as_ref().err().cloned(),
                        root,
                        folder: folder.filter(|folder| !folder.is_empty()),
                    });
                }
                ExplainedSource::Proxies(list) => proxies.push(list.clone()),
                ExplainedSource::Host => discover = true,
            }
        }
        ModuleJson {
            module: explanation.path.to_string(),
            error: None,
            repositories,
            proxies,
            discover,
            rule: Some(RuleJson::new(
                explanation.pattern.as_deref(),
                &explanation.origin,
            )),
            captures: explanation.captures.clone(),
            not_asked: explanation
                .passed_over
                .iter()
                .map(|(pattern, origin)| RuleJson::new(Some(pattern), origin))
                .collect(),
        }
    }
}

impl RuleJson {
    fn new(pattern: Option<&str>, origin: &RuleOrigin) -> RuleJson {
        let (from, file) = match origin {
            RuleOrigin::CommandLine => ("command line", None),
            RuleOrigin::File { name, .. } => ("file", Some(name.clone())),
            RuleOrigin::BuiltIn => ("built-in", None),
        };
        RuleJson {
            module: pattern.map(str::to_owned),
            from,
            file,
            line: origin.line(),
            ..RuleJson::default()
        }
    }
}

impl From<&MirrorRule> for RuleJson {
    fn from(rule: &MirrorRule) -> RuleJson {
        let repository = match rule.locate() {
            Ok(location) => location.to_string(),
            Err(error) => format!("none: {error:#}"),
        };
        RuleJson {
            repositories: vec![repository],
            subdirectory: Some(rule.folder.clone()).filter(|folder| !folder.is_empty()),
            ..RuleJson::new(rule.prefix.as_deref(), &RuleOrigin::CommandLine)
        }
    }
}

impl From<&Given> for RuleJson {
    fn from(given: &Given) -> RuleJson {
        match given {
            Given::Mirror(rule) => RuleJson::from(rule),
            Given::Proxies(proxies) => RuleJson {
                proxies: Some(proxies.to_string()),
                ..RuleJson::new(None, &RuleOrigin::CommandLine)
            },
        }
    }
}

impl From<&Rule> for RuleJson {
    fn from(rule: &Rule) -> RuleJson {
        RuleJson {
            repositories: rule.repositories(),
            subdirectory: rule.subdirectory().map(str::to_owned),
            proxies: rule.proxies().map(ToString::to_string),
            discover: rule.discovery() == Discovery::On,
            deny: rule.denial().is_some(),
            reason: rule.denial().flatten().map(str::to_owned),
            ..RuleJson::new(Some(&rule.pattern.to_string()), &rule.origin)
        }
    }
}

/// Lists the rules in force.
fn listed(mirrors: &Mirrors) -> Vec<RuleJson> {
    let forges = if mirrors.uses_forges() { FORGES } else { &[] };
    let forges = forges.iter().map(|(pattern, repository)| RuleJson {
        repositories: vec![(*repository).to_owned()],
        ..RuleJson::new(Some(pattern), &RuleOrigin::BuiltIn)
    });
    let command_line = mirrors.given().iter().map(RuleJson::from);
    let proxies = mirrors.proxies().map(|(proxies, origin)| RuleJson {
        proxies: Some(proxies.to_string()),
        ..RuleJson::new(None, origin)
    });
    command_line
        .chain(proxies)
        .chain(mirrors.rules().map(RuleJson::from))
        .chain(forges)
        .collect()
}

/// Pattern, repositories, where the rule is written.
fn row(rule: &RuleJson) -> Vec<String> {
    let mut targets = rule.repositories.clone();
    targets.extend(rule.proxies.as_ref().map(|list| format!("proxies {list}")));
    if rule.discover {
        targets.push(WHAT_THE_HOST_SAYS.to_owned());
    }
    let mut target = targets.join(", ");
    if let Some(folder) = &rule.subdirectory {
        let _ = write!(target, " in {folder}");
    }
    if rule.deny {
        target = match &rule.reason {
            Some(reason) => format!("denied: {reason}"),
            None => "denied".to_owned(),
        };
    }
    let origin = match (&rule.file, rule.line) {
        (Some(file), Some(line)) => format!("{file}:{line}"),
        _ if rule.from == "command line" && rule.proxies.is_some() => "--proxy".to_owned(),
        _ if rule.from == "command line" => "--mirror".to_owned(),
        _ => rule.from.to_owned(),
    };
    let pattern = rule.module.clone();
    vec![
        pattern.unwrap_or_else(|| "any module".to_owned()),
        target,
        origin,
    ]
}
