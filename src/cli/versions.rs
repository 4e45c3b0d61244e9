//! `gomodcache versions`.

use std::sync::Arc;

use anyhow::{Result, bail};
use clap::Args;
use serde::Serialize;

use super::interrupt::Interrupt;
use super::progress::Progress;
use super::settings::{CacheOptions, MirrorOptions, current_folder, repositories};
use super::{Exit, Output};
use crate::goenv::GoEnv;
use crate::module::ModulePath;
use crate::ops::{self, Elsewhere, KnownModule, KnownVersion, Monitor, Presence};

/// List the versions of a module in the cache, and all that its mirror has
///
/// A version a line, in order, with what is special about it behind it: `metadata` where the cache has what the module
/// graph takes and no zip, `available` where only the mirror has it, `retracted` where the newest version says so, with
/// the reason. Asks nobody, mirror or network, unless --available, --mirror or --proxy is given.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct Versions {
    /// The module path
    module: ModulePath,

    /// Ask the mirror or proxy that the rules name for the versions that the cache has not
    #[arg(long)]
    available: bool,

    #[command(flatten)]
    mirrors: MirrorOptions,

    #[command(flatten)]
    cache: CacheOptions,

    /// Print an object for each version
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  What is in the cache, and all that there is:
    gomodcache versions golang.org/x/text
    gomodcache versions golang.org/x/text --mirror github.com/golang/text
";

impl Versions {
    pub(super) fn run(&self, env: &GoEnv, output: &Output) -> Result<Exit> {
        let cache = self.cache.cache(env)?.unnoticed();
        let known = if self.available || self.mirrors.are_given() {
            let progress = Arc::new(Progress::new(output, Interrupt::listen()?));
            let monitor: Arc<dyn Monitor> = progress.clone();
            let mirrors = self.mirrors.mirrors(env, &current_folder()?)?;
            let repositories = repositories(env, monitor)?;
            let elsewhere = Elsewhere {
                mirrors: &mirrors,
                repositories: &repositories,
                monitor: &*progress,
            };
            let known = ops::versions(&cache, &self.module, Some(&elsewhere));
            progress.clear();
            known?
        } else {
            ops::versions(&cache, &self.module, None)?
        };
        self.render(&known, output)
    }

    fn render(&self, known: &KnownModule, output: &Output) -> Result<Exit> {
        for version in &known.versions {
            if self.json {
                output.json(&VersionJson {
                    version: version.version.to_string(),
                    presence: version.presence.name(),
                    retracted: version.retracted.clone(),
                    deprecated: known.deprecated.clone(),
                })?;
            } else {
                output.data(line(version).as_bytes())?;
            }
        }
        if let Some(reason) = &known.deprecated {
            output.status(format!("{} is deprecated: {reason}", self.module));
        }
        if known.versions.is_empty() {
            bail!("{}: there is no version of it in the cache", self.module);
        }
        Ok(Exit::Done)
    }
}

fn line(version: &KnownVersion) -> String {
    let mut line = version.version.to_string();
    if version.presence != Presence::Cached {
        line.push_str(&format!(" {}", version.presence.name()));
    }
    if !version.retracted.is_empty() {
        let reasons = version.retracted.join("; ").replace('\n', " ");
        line.push_str(&format!(" retracted: {reasons}"));
    }
    line.push('\n');
    line
}

/// A version as JSON.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct VersionJson {
    version: String,
    /// `cached`, `metadata` or `available`.
    presence: &'static str,
    /// Why the author has withdrawn the version, if he has, as go has it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    retracted: Vec<String>,
    /// Why the author advises against the module, if he does, as go has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    deprecated: Option<String>,
}
