//! `gomodcache versions`.

use std::sync::Arc;

use anyhow::{Context, Result};
use clap::Args;
use serde::Serialize;

use super::interrupt::Interrupt;
use super::progress::Progress;
use super::settings::{CacheOptions, MirrorOptions, repositories};
use super::{Exit, Output};
use crate::goenv::GoEnv;
use crate::module::ModulePath;
use crate::ops::{self, Elsewhere, KnownModule, KnownVersion, Monitor, Presence};

/// List the versions of a module in the cache, and all that its mirror has
///
/// A version a line, in order, with what is special about it behind it: `metadata` where the cache has what the module
/// graph takes and no zip, `available` where only the mirror has it, `retracted` where the newest version that was
/// seen says so. Asks nobody unless --available, --mirror or --proxy is given.
#[derive(Debug, Args)]
pub(super) struct Versions {
    /// The module path
    module: ModulePath,

    /// Ask the mirror or proxy for the versions that the cache has not
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

impl Versions {
    pub(super) fn run(&self, env: &GoEnv, output: &Output) -> Result<Exit> {
        let cache = self.cache.cache(env)?;
        let known = if self.available || self.mirrors.are_given() {
            let progress = Arc::new(Progress::new(output, Interrupt::listen()?));
            let monitor: Arc<dyn Monitor> = progress.clone();
            let folder = std::env::current_dir().context("cannot find the current folder")?;
            let mirrors = self.mirrors.mirrors(env, &folder)?;
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
                output.json(&VersionJson::from(version))?;
            } else {
                output.data(line(version).as_bytes())?;
            }
        }
        if let Some(reason) = &known.deprecated {
            output.status(format!("{} is deprecated: {reason}", self.module));
        }
        if known.versions.is_empty() {
            output.status(format!("the cache has no version of {}", self.module));
            return Ok(Exit::Failed);
        }
        Ok(Exit::Done)
    }
}

fn word(presence: Presence) -> &'static str {
    match presence {
        Presence::Cached => "cached",
        Presence::Metadata => "metadata",
        Presence::Available => "available",
    }
}

fn line(version: &KnownVersion) -> String {
    let mut line = version.version.to_string();
    if version.presence != Presence::Cached {
        line.push(' ');
        line.push_str(word(version.presence));
    }
    match version.retracted.as_deref() {
        Some("") => line.push_str(" retracted"),
        Some(reason) => line.push_str(&format!(" retracted: {}", reason.replace('\n', " "))),
        None => {}
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
    /// The reason that the author gives, if he has withdrawn the version.
    #[serde(skip_serializing_if = "Option::is_none")]
    retracted: Option<String>,
}

impl From<&KnownVersion> for VersionJson {
    fn from(version: &KnownVersion) -> VersionJson {
        VersionJson {
            version: version.version.to_string(),
            presence: word(version.presence),
            retracted: version.retracted.clone(),
        }
    }
}
