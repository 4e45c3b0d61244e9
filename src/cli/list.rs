//! `gomodcache list`.

use std::time::SystemTime;

use anyhow::{Context, Result};
use clap::{Args, ValueEnum};
use serde::Serialize;

use super::duration::ago;
use super::settings::{CacheOptions, JobOptions, SumOptions};
use super::sources::parse;
use super::table::{human, table};
use super::{Exit, Output};
use crate::goenv::GoEnv;
use crate::module::{ModulePath, Origin};
use crate::ops::{self, Listed, MainModule, Selector};

/// List the versions in the cache
///
/// The columns are: module, version, size of the zip, size of the folder, time of the version, who vouches for it (a
/// line of go.sum, or a record of a checksum database in the cache), when it was last used as far as the file system
/// knows, and where it comes from. `-` stands for what is not there: a version without a zip is there for the
/// module graph only.
#[derive(Debug, Args)]
pub(super) struct List {
    /// Only these: a module, MODULE@VERSION, `example.com/...`, or a pattern as in GOPRIVATE
    #[arg(value_name = "MODULE", value_parser = parse::<Selector>)]
    selectors: Vec<Selector>,

    /// The order of the versions
    #[arg(
        long,
        value_name = "KEY",
        default_value = "path",
        conflicts_with = "tree"
    )]
    sort: Key,

    /// Group the versions below their modules
    #[arg(long)]
    tree: bool,

    #[command(flatten)]
    cache: CacheOptions,

    #[command(flatten)]
    sums: SumOptions,

    #[command(flatten)]
    jobs: JobOptions,

    /// Print an object for each version
    #[arg(long)]
    json: bool,
}

/// What versions are sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Key {
    /// Module and version
    Path,
    /// Bytes on disk, the largest first
    Size,
    /// The time of the version, the newest first
    Time,
    /// The last use, the latest first
    Used,
}

impl List {
    pub(super) fn run(&self, env: &GoEnv, output: &Output) -> Result<Exit> {
        let cache = self.cache.cache(env)?;
        let folder = std::env::current_dir().context("cannot find the current folder")?;
        let sums = self.sums.sums(MainModule::find(&folder)?.as_ref())?;
        let mut listed = ops::list(&cache, &self.selectors, &sums, self.jobs.threads())?;
        match self.sort {
            Key::Path => {}
            Key::Size => listed.sort_by_key(|it| std::cmp::Reverse(it.size())),
            Key::Time => listed
                .sort_by_key(|it| std::cmp::Reverse(it.info.as_ref().map(|info| info.time.unix()))),
            Key::Used => listed.sort_by_key(|it| std::cmp::Reverse(it.last_used)),
        }
        if self.json {
            for listed in &listed {
                output.json(&ListedJson::from(listed))?;
            }
        } else if self.tree {
            output.data(tree(&listed).as_bytes())?;
        } else {
            let rows: Vec<Vec<String>> = listed.iter().map(row).collect();
            output.data(table(&rows).as_bytes())?;
        }
        let bytes: u64 = listed.iter().map(Listed::size).sum();
        output.status(format!("{} versions, {}", listed.len(), human(bytes)));
        if listed.is_empty() && !self.selectors.is_empty() {
            return Ok(Exit::Failed);
        }
        Ok(Exit::Done)
    }
}

fn row(listed: &Listed) -> Vec<String> {
    let mut row = vec![listed.module.path.to_string()];
    row.extend(described(listed));
    row
}

/// All but the module.
fn described(listed: &Listed) -> Vec<String> {
    let size = |size: Option<u64>| size.map_or_else(|| "-".to_owned(), human);
    let used = listed.last_used.map(|used| {
        let unused = SystemTime::now().duration_since(used);
        ago(unused.unwrap_or_default())
    });
    let info = listed.info.as_ref();
    let origin = info.and_then(|info| info.origin.as_ref());
    vec![
        listed.module.version.to_string(),
        size(listed.zip_size),
        size(listed.extracted_size),
        info.map_or_else(|| "-".to_owned(), |info| info.time.to_string()),
        listed.verified_by.name().unwrap_or("-").to_owned(),
        used.unwrap_or_else(|| "-".to_owned()),
        origin.map_or_else(|| "-".to_owned(), |origin| origin.url.clone()),
    ]
}

fn tree(listed: &[Listed]) -> String {
    let rows: Vec<Vec<String>> = listed.iter().map(described).collect();
    let lines = table(&rows);
    let mut text = String::new();
    let mut last: Option<&ModulePath> = None;
    for (listed, line) in listed.iter().zip(lines.lines()) {
        let path = &listed.module.path;
        if last != Some(path) {
            text.push_str(&format!("{path}\n"));
        }
        last = Some(path);
        text.push_str(&format!("  {line}\n"));
    }
    text
}

/// A version as JSON; what is not there is left out.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct ListedJson {
    path: String,
    version: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<String>,
    /// Bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    zip_size: Option<u64>,
    /// Bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    extracted_size: Option<u64>,
    /// Seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_used: Option<u64>,
    /// `go.sum`, the name of a checksum database, or `nothing`.
    verified_by: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    origin: Option<Origin>,
}

impl From<&Listed> for ListedJson {
    fn from(listed: &Listed) -> ListedJson {
        let since_1970 = |time: SystemTime| time.duration_since(SystemTime::UNIX_EPOCH).ok();
        let info = listed.info.as_ref();
        ListedJson {
            path: listed.module.path.to_string(),
            version: listed.module.version.to_string(),
            time: info.map(|info| info.time.to_string()),
            zip_size: listed.zip_size,
            extracted_size: listed.extracted_size,
            last_used: listed
                .last_used
                .and_then(since_1970)
                .map(|since| since.as_secs()),
            verified_by: listed.verified_by.name().unwrap_or("nothing").to_owned(),
            origin: info.and_then(|info| info.origin.clone()),
        }
    }
}
