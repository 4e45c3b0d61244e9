//! `gomodcache list`.

use std::cmp::Reverse;
use std::time::SystemTime;

use anyhow::Result;
use clap::{Args, ValueEnum};
use serde::Serialize;

use super::removals::used;
use super::settings::{CacheOptions, JobOptions, SumOptions};
use super::sources::parse;
use super::table::{human, size, table, versions_in_words};
use super::{Exit, Output};
use crate::goenv::GoEnv;
use crate::module::Origin;
use crate::ops::{self, Listed, Presence, Selector};

/// List the versions in the cache
///
/// The columns are: module, version, size of the zip, size of the extracted files, time of the version, who vouches for
/// it (the go.sum of this folder, or a record of a checksum database in the cache), how long ago it was last used as far
/// as the file system knows, and where it comes from. `-` stands for what is not there. `metadata` in place of the first size
/// marks a version that is there for the module graph only.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct List {
    /// Only these: a module, MODULE@VERSION, `example.com/...` for all at or below a path, or a pattern as in GOPRIVATE
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

    /// Group the versions below their modules, and these below their hosts
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

const EXAMPLES: &str = "\
Examples:
  What takes the most space:
    gomodcache list --sort size | head

  All modules below a path, and one version of whatever module:
    gomodcache list 'golang.org/x/*'
    gomodcache list '*/*@v1.0.0'
";

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
        let cache = self.cache.cache(env)?.unnoticed();
        let sums = self.sums.sums_here()?;
        let mut listed = ops::list(&cache, &self.selectors, &sums, self.jobs.threads())?;
        match self.sort {
            Key::Path => {}
            Key::Size => listed.sort_by_key(|it| Reverse(it.stored.size())),
            Key::Time => {
                listed.sort_by_key(|it| Reverse(it.info.as_ref().map(|it| it.time.unix())))
            }
            Key::Used => listed.sort_by_key(|it| Reverse(it.stored.last_used)),
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
        let bytes: u64 = listed.iter().map(|listed| listed.stored.size()).sum();
        output.status(format!(
            "{}, {}",
            versions_in_words(listed.len()),
            human(bytes)
        ));
        Ok(Exit::Done)
    }
}

fn row(listed: &Listed) -> Vec<String> {
    let mut row = vec![listed.stored.module.path.to_string()];
    row.extend(described(listed));
    row
}

/// All but the module.
fn described(listed: &Listed) -> Vec<String> {
    let or_dash = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
    let info = listed.info.as_ref();
    let origin = info.and_then(|info| info.origin.as_ref());
    let zip_size = match listed.presence {
        Presence::Cached => or_dash(listed.zip_size.map(size)),
        other => other.name().to_owned(),
    };
    vec![
        listed.stored.module.version.to_string(),
        zip_size,
        or_dash(listed.stored.extracted_size.map(size)),
        or_dash(info.map(|info| info.time.to_string())),
        or_dash(listed.verified_by.name().map(str::to_owned)),
        used(&listed.stored, SystemTime::now()),
        or_dash(origin.map(|origin| origin.url.clone())),
    ]
}

fn tree(listed: &[Listed]) -> String {
    let rows: Vec<Vec<String>> = listed.iter().map(described).collect();
    let lines = table(&rows);
    let mut text = String::new();
    let (mut last_host, mut last_path) = ("", "");
    for (listed, line) in listed.iter().zip(lines.lines()) {
        let path = listed.stored.module.path.as_str();
        let host = path.split('/').next().unwrap_or(path);
        if host != last_host {
            text.push_str(&format!("{host}\n"));
        }
        if path != last_path {
            text.push_str(&format!("  {path}\n"));
        }
        (last_host, last_path) = (host, path);
        text.push_str(&format!("    {line}\n"));
    }
    text
}

/// A version as JSON; what is not there is left out.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct ListedJson {
    path: String,
    version: String,
    /// `cached` or `metadata`.
    presence: &'static str,
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
        let stored = &listed.stored;
        ListedJson {
            path: stored.module.path.to_string(),
            version: stored.module.version.to_string(),
            presence: listed.presence.name(),
            time: info.map(|info| info.time.to_string()),
            zip_size: listed.zip_size,
            extracted_size: stored.extracted_size,
            last_used: stored
                .last_used
                .and_then(since_1970)
                .map(|since| since.as_secs()),
            verified_by: listed.verified_by.word().to_owned(),
            origin: info.and_then(|info| info.origin.clone()),
        }
    }
}
