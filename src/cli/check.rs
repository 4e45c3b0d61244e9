//! `gomodcache check`.

use std::collections::BTreeSet;

use anyhow::Result;
use clap::Args;
use serde::Serialize;

use super::projects::ProjectOptions;
use super::settings::{CacheOptions, JobOptions};
use super::{Exit, Output};
use crate::goenv::GoEnv;
use crate::ops::{self, CheckOptions, Checked, Missing, Remedy};

/// Tell which go commands work offline with the cache as it is, and what is missing for the others
///
/// Reads the projects and the cache, and writes nothing. Prints a table with `yes` or `no` for build, test,
/// tidy, list, verify, download and vendor, what is missing, and the command that gets it. The module graph
/// is computed in full, and of the modules that go.sum lists all files count, so `no` can be said of a command
/// that gets by with less.
#[derive(Debug, Args)]
#[command(
    after_long_help = "Exit codes:\n  0  everything works offline\n  1  something is missing, or failed\n"
)]
pub(super) struct Check {
    #[command(flatten)]
    projects: ProjectOptions,

    #[command(flatten)]
    cache: CacheOptions,

    #[command(flatten)]
    jobs: JobOptions,

    /// Print an object for each project
    #[arg(long)]
    json: bool,
}

impl Check {
    pub(super) fn run(&self, env: &GoEnv, output: &Output) -> Result<Exit> {
        let options = CheckOptions {
            projects: self.projects.read(env)?,
            cache: self.cache.cache(env)?,
            threads: self.jobs.threads(),
        };
        let mut exit = Exit::Done;
        for checked in &ops::check(&options)? {
            if checked.verbs.iter().any(|(_, missing)| !missing.is_empty()) {
                exit = Exit::Failed;
            }
            if self.json {
                output.json(&CheckedJson::from(checked))?;
            } else {
                self.render(checked, output)?;
            }
        }
        Ok(exit)
    }

    fn render(&self, checked: &Checked, output: &Output) -> Result<()> {
        let mut text = format!("{}\n", checked.project.display());
        let mut all: BTreeSet<&Missing> = BTreeSet::new();
        for (verb, missing) in &checked.verbs {
            let answer = match missing.len() {
                0 => "yes".to_owned(),
                count => format!("no, {count} missing"),
            };
            text.push_str(&format!("  {:<9} {answer}\n", verb.name()));
            all.extend(missing);
        }
        for missing in &all {
            text.push_str(&format!("{}: {}\n", missing.subject, missing.what));
        }
        output.data(text.as_bytes())?;
        let remedies: BTreeSet<Remedy> = all.iter().map(|missing| missing.remedy).collect();
        for remedy in remedies {
            output.hint(&match remedy {
                Remedy::Seed => format!("{}, with its mirrors", self.seed_command()),
                Remedy::SeedTidy => format!(
                    "{} --tidy, with its mirrors, then go mod tidy with the settings of gomodcache env",
                    self.seed_command()
                ),
                Remedy::Mend => "no cache answers these imports; mend them".to_owned(),
                Remedy::Tidy => format!("go mod tidy in {}", checked.project.display()),
                Remedy::Decide => {
                    "find out which is right, go.sum or the cache; files of the cache can be removed and seeded again".to_owned()
                }
            });
        }
        Ok(())
    }

    fn seed_command(&self) -> String {
        let words = ["gomodcache seed".to_owned()];
        let words = words.into_iter().chain(self.projects.arguments());
        let words: Vec<String> = words.chain(self.cache.arguments()).collect();
        words.join(" ")
    }
}

/// A project as JSON.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct CheckedJson {
    project: String,
    verbs: Vec<VerbJson>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct VerbJson {
    verb: &'static str,
    works: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    missing: Vec<MissingJson>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct MissingJson {
    subject: String,
    what: String,
}

impl From<&Checked> for CheckedJson {
    fn from(checked: &Checked) -> CheckedJson {
        let missing = |missing: &BTreeSet<Missing>| {
            let objects = missing.iter().map(|missing| MissingJson {
                subject: missing.subject.clone(),
                what: missing.what.clone(),
            });
            objects.collect()
        };
        CheckedJson {
            project: checked.project.display().to_string(),
            verbs: checked
                .verbs
                .iter()
                .map(|(verb, lacks)| VerbJson {
                    verb: verb.name(),
                    works: lacks.is_empty(),
                    missing: missing(lacks),
                })
                .collect(),
        }
    }
}
