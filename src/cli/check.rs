//! `gomodcache check`.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use clap::Args;
use serde::Serialize;

use super::interrupt::Interrupt;
use super::progress::Progress;
use super::projects::ProjectOptions;
use super::settings::{CacheOptions, JobOptions};
use super::sources::parse;
use super::{Exit, Output};
use crate::goenv::GoEnv;
use crate::ops::{self, Answer, CheckOptions, Checked, Missing, Proof, ProveOptions, Remedy, Verb};
use crate::source::Proxies;

/// Tell which go commands work offline with the cache as it is, and what is missing for the others
///
/// Reads the projects and the cache, and writes nothing. Prints a table with `yes` or `no` for build, test,
/// tidy, list, verify, download and vendor, what is missing, and the command that gets it. The module graph
/// is computed in full, and of the modules that go.sum lists all files count, so `no` can be said of a command
/// that gets by with less. `yes` for tidy means that `go mod tidy` works and has nothing to change.
#[derive(Debug, Args)]
#[command(
    after_long_help = "Exit codes:\n  0  everything works offline\n  1  something is missing, or failed, or go disagrees\n"
)]
pub(super) struct Check {
    #[command(flatten)]
    projects: ProjectOptions,

    #[command(flatten)]
    cache: CacheOptions,

    /// Module proxies for the command that gets what is missing, as GOPROXY lists them; they are not asked
    #[arg(long, value_name = "LIST", value_parser = parse::<Proxies>)]
    proxy: Option<Proxies>,

    #[command(flatten)]
    jobs: JobOptions,

    /// Run the go command that is on PATH offline as well, and compare what it says
    ///
    /// Each verb runs in a copy of the project and of what it needs of the cache, which takes little room where files
    /// can have two names, and nothing that is yours changes. Tests are built and not run. What go prints is shown
    /// where it disagrees.
    #[arg(long)]
    prove: bool,

    /// How long go may take for one verb
    #[arg(long, value_name = "SECONDS", default_value = "600", requires = "prove", value_parser = clap::value_parser!(u64).range(1..))]
    prove_limit: u64,

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
        let progress = Progress::new(output, Interrupt::listen()?);
        let mut exit = Exit::Done;
        for (project, checked) in options.projects.iter().zip(&ops::check(&options)?) {
            let proofs = match self.prove {
                true => {
                    let options = ProveOptions {
                        cache: &options.cache,
                        scratch: env.user_cache()?,
                        limit: Duration::from_secs(self.prove_limit),
                        build_cache: env.get("GOCACHE").map(str::to_owned),
                        monitor: &progress,
                    };
                    ops::prove(&options, project, checked)?
                }
                false => Vec::new(),
            };
            if proofs.iter().any(|proof| !proof.agrees) {
                exit = Exit::Failed;
            }
            if checked.verbs.iter().any(|(_, missing)| !missing.is_empty()) {
                exit = Exit::Failed;
            }
            if self.json {
                output.json(&CheckedJson::new(checked, &proofs))?;
            } else {
                self.render(checked, &proofs, output)?;
            }
        }
        Ok(exit)
    }

    fn render(&self, checked: &Checked, proofs: &[Proof], output: &Output) -> Result<()> {
        let mut text = format!("{}\n", checked.project.display());
        let mut all: BTreeSet<&Missing> = BTreeSet::new();
        for (verb, missing) in &checked.verbs {
            let answer = match missing.len() {
                0 => "yes".to_owned(),
                count => format!("no, {count} missing"),
            };
            let proof = proof_of(proofs, *verb).map(proven).unwrap_or_default();
            text.push_str(&format!("  {:<9} {answer}{proof}\n", verb.name()));
            all.extend(missing);
        }
        for missing in &all {
            text.push_str(&format!("{}: {}\n", missing.subject, missing.what));
        }
        for proof in proofs.iter().filter(|proof| !proof.agrees) {
            for line in proof.output.lines() {
                text.push_str(&format!("go, {}: {line}\n", proof.verb.name()));
            }
        }
        output.data(text.as_bytes())?;
        let remedies: BTreeSet<Remedy> = all.iter().map(|missing| missing.remedy).collect();
        for remedy in remedies {
            output.hint(&match remedy {
                Remedy::Seed => format!("{}{}", self.seed_command(), self.with_mirrors()),
                Remedy::SeedTidy => format!(
                    "{} --tidy{}, then go mod tidy with the settings of gomodcache env",
                    self.seed_command(),
                    self.with_mirrors()
                ),
                Remedy::Mend => "no cache answers these imports; mend them".to_owned(),
                Remedy::Tidy => tidying(&checked.project),
                Remedy::Decide => {
                    "find out which is right, go.sum or the cache; files of the cache can be removed and seeded again".to_owned()
                }
            });
        }
        Ok(())
    }

    /// What the user has to add to the command, if anything.
    fn with_mirrors(&self) -> &'static str {
        match &self.proxy {
            Some(_) => "",
            None => ", with its mirrors",
        }
    }

    fn seed_command(&self) -> String {
        let words = ["gomodcache seed".to_owned()];
        let words = words.into_iter().chain(self.projects.arguments());
        let proxy = self.proxy.as_ref().map(|list| format!("--proxy '{list}'"));
        let words: Vec<String> = words.chain(self.cache.arguments()).chain(proxy).collect();
        words.join(" ")
    }
}

/// Names what writes the lines that are missing, and where. `go mod tidy` knows nothing of workspaces: what go.work.sum
/// has is written by `go mod download`.
fn tidying(project: &Path) -> String {
    let folder = project.parent().unwrap_or(project).display();
    let command = match project.ends_with("go.work") {
        true => "go mod download",
        false => "go mod tidy",
    };
    format!("{command} in {folder}")
}

fn proof_of(proofs: &[Proof], verb: Verb) -> Option<&Proof> {
    proofs.iter().find(|proof| proof.verb == verb)
}

/// Puts a proof in words.
fn proven(proof: &Proof) -> String {
    let answer = match proof.answer {
        Answer::Works => "it works",
        Answer::CodeFails => "it finds all it needs, though it does not compile",
        Answer::Changes => "it changes go.mod or go.sum",
        Answer::Fails => "it fails",
    };
    let verdict = if proof.agrees { "agrees" } else { "DISAGREES" };
    format!("; go {verdict}: {answer}")
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
    #[serde(skip_serializing_if = "Option::is_none")]
    go: Option<GoJson>,
}

/// What go did.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct GoJson {
    works: bool,
    agrees: bool,
    /// `works`, `code fails`, `changes` or `fails`.
    answer: &'static str,
    #[serde(skip_serializing_if = "String::is_empty")]
    output: String,
}

impl GoJson {
    fn new(proof: &Proof) -> GoJson {
        GoJson {
            works: proof.answer.is_yes(),
            agrees: proof.agrees,
            answer: match proof.answer {
                Answer::Works => "works",
                Answer::CodeFails => "code fails",
                Answer::Changes => "changes",
                Answer::Fails => "fails",
            },
            output: proof.output.clone(),
        }
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct MissingJson {
    subject: String,
    what: String,
}

impl CheckedJson {
    fn new(checked: &Checked, proofs: &[Proof]) -> CheckedJson {
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
                    go: proof_of(proofs, *verb).map(GoJson::new),
                })
                .collect(),
        }
    }
}
