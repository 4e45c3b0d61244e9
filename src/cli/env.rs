//! `gomodcache env`.

use std::fmt::Write as _;
use std::io::IsTerminal;

use anyhow::Result;
use clap::{Args, ValueEnum};

use super::output::Verbosity;
use super::settings::CacheOptions;
use super::{Exit, Output};
use crate::disk;
use crate::goenv::GoEnv;
use crate::ops::{Setting, offline_settings};

/// Print the go settings for working on the cache offline
///
/// Shell lines for `eval`. With them go takes everything from the cache, also version lists and `@latest`, and
/// asks neither module hosts nor the checksum database. On a terminal, or with --verbose, each line says why.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct Env {
    #[command(flatten)]
    cache: CacheOptions,

    /// The shell that will read the lines; sh is also for bash and zsh
    #[arg(long, value_name = "SHELL", default_value = "sh")]
    shell: Shell,

    /// Print an object, as `go env -json` does
    #[arg(long, conflicts_with = "shell")]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  In bash, zsh or any other POSIX shell:
    eval \"$(gomodcache env)\"
    go build ./...

  In fish:
    gomodcache env --shell fish | source

  In PowerShell:
    gomodcache env --shell powershell | Out-String | Invoke-Expression

  For good, in go's own settings:
    go env -w $(gomodcache env --shell go)
";

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Shell {
    /// sh, bash, zsh, dash, ksh
    Sh,
    /// fish
    Fish,
    /// PowerShell
    Powershell,
    /// Words for `go env -w`, unquoted
    Go,
}

impl Env {
    pub(super) fn run(&self, env: &GoEnv, output: &Output) -> Result<Exit> {
        let cache = self.cache.cache(env)?;
        if !disk::is_dir(cache.downloads()) {
            output.status(format!(
                "nothing has been fetched into {} yet",
                cache.root().display()
            ));
        }
        let settings = offline_settings(&cache)?;
        if self.json {
            let object: serde_json::Map<_, _> = settings
                .into_iter()
                .map(|setting| (setting.name.to_owned(), setting.value.into()))
                .collect();
            output.json(&object)?;
            return Ok(Exit::Done);
        }
        let explained = output.verbosity == Verbosity::Verbose || std::io::stdout().is_terminal();
        let mut text = String::new();
        for setting in &settings {
            if explained && self.shell != Shell::Go {
                let _ = writeln!(text, "# {}", setting.why);
            }
            let _ = writeln!(text, "{}", self.shell.line(setting));
        }
        output.data(text.as_bytes())?;
        Ok(Exit::Done)
    }
}

impl Shell {
    fn line(self, setting: &Setting) -> String {
        let (name, value) = (setting.name, &setting.value);
        match self {
            Shell::Sh => format!("export {name}='{}'", value.replace('\'', "'\\''")),
            Shell::Fish => {
                let value = value.replace('\\', "\\\\").replace('\'', "\\'");
                format!("set -gx {name} '{value}'")
            }
            Shell::Powershell => format!("$env:{name} = '{}'", double_quotes(value)),
            Shell::Go => format!("{name}={value}"),
        }
    }
}

/// PowerShell takes typographic quotes for quotes, too.
fn double_quotes(text: &str) -> String {
    let mut doubled = String::new();
    for character in text.chars() {
        doubled.push(character);
        if matches!(character, '\'' | '\u{2018}'..='\u{201b}') {
            doubled.push(character);
        }
    }
    doubled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_with_quotes_stays_one_value() {
        let setting = Setting {
            name: "GOMODCACHE",
            value: "/it's $HOME\\x".to_owned(),
            why: "",
        };
        let lines = [Shell::Sh, Shell::Fish, Shell::Powershell].map(|shell| shell.line(&setting));
        assert_eq!(
            lines,
            [
                "export GOMODCACHE='/it'\\''s $HOME\\x'",
                "set -gx GOMODCACHE '/it\\'s $HOME\\\\x'",
                "$env:GOMODCACHE = '/it''s $HOME\\x'",
            ]
        );
    }
}
