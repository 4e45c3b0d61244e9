//! The environment as the go command sees it: process variables, then the go env file.
//!
//! This is the only reader of the environment. A variable counts when it is not empty; one that is not
//! set is looked up in the file that `go env -w` writes (`GOENV`, by default `go/env` in the user's
//! configuration folder), then in the `go.env` of the installed go, if there is one. Source of the rules:
//! `cmd/go/internal/cfg/cfg.go`.
#![allow(
    clippy::disallowed_methods,
    reason = "the one room that reads the environment"
)]

mod downloads;
mod goroot;

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::disk;
use crate::module::split_quoted;

/// Whether extracted module folders stay writable (`-modcacherw` in GOFLAGS).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FolderMode {
    /// Folders lose their write permission: what go does by default.
    ReadOnly,
    /// Folders keep mode 0777 minus the umask.
    ReadWrite,
}

/// A snapshot of the environment and of the go env file.
#[derive(Clone, Debug, Default)]
pub struct GoEnv {
    process: HashMap<String, String>,
    file: HashMap<String, String>,
}

impl GoEnv {
    /// Takes the snapshot. An env file that cannot be read counts as empty, as with go.
    pub fn load() -> GoEnv {
        let process = std::env::vars_os()
            .filter_map(|(key, value)| Some((key.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        GoEnv::from_process(process)
    }

    /// Takes the given variables for the process environment and reads the files they lead to: the go env
    /// file and the `go.env` of the installed go.
    pub fn from_process(process: HashMap<String, String>) -> GoEnv {
        let mut env = GoEnv {
            process,
            file: HashMap::new(),
        };
        if let Some(text) = env.env_file().and_then(|path| disk::read(&path).ok()) {
            env.file = parse_env_file(&String::from_utf8_lossy(&text));
        }
        let settings = env.goroot().map(|root| root.join(goroot::SETTINGS));
        if let Some(text) = settings.and_then(|path| disk::read(&path).ok()) {
            for (key, value) in parse_env_file(&String::from_utf8_lossy(&text)) {
                env.file.entry(key).or_insert(value);
            }
        }
        env
    }

    /// Gives a go setting: the process variable when it is not empty, else the env file's value.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.process(key)
            .or_else(|| self.file.get(key).map(String::as_str))
            .filter(|value| !value.is_empty())
    }

    /// Gives a process variable that is not empty, the env file left aside.
    pub fn process(&self, key: &str) -> Option<&str> {
        self.process
            .get(key)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    /// Lists the process variables whose names begin with `prefix`.
    pub fn process_with_prefix(&self, prefix: &str) -> impl Iterator<Item = (&str, &str)> {
        let all = self.process.iter();
        all.map(|(key, value)| (key.as_str(), value.as_str()))
            .filter(move |(key, value)| key.starts_with(prefix) && !value.is_empty())
    }

    /// Gives the module cache folder: `GOMODCACHE`, else `pkg/mod` in the first element of `GOPATH`, else
    /// in `~/go`.
    ///
    /// # Errors
    /// A relative folder (go refuses it, too), or no home folder to derive one from.
    pub fn module_cache(&self) -> Result<PathBuf> {
        if let Some(folder) = self.get("GOMODCACHE") {
            return absolute("GOMODCACHE", folder);
        }
        match self.gopath().context("module cache not found")? {
            Some(folder) => Ok(folder.join("pkg/mod")),
            None => bail!(
                "module cache not found: none of --modcache, GOMODCACHE, GOPATH and HOME is set"
            ),
        }
    }

    /// Gives the first element of GOPATH, or `~/go`, or nothing where there is no home folder.
    fn gopath(&self) -> Result<Option<PathBuf>> {
        if let Some(list) = self.get("GOPATH") {
            return match std::env::split_paths(list).next() {
                Some(first) if !first.as_os_str().is_empty() => {
                    absolute("GOPATH", &first.to_string_lossy()).map(Some)
                }
                _ => bail!("the first element of GOPATH is empty"),
            };
        }
        Ok(self.process("HOME").map(|home| Path::new(home).join("go")))
    }

    /// Tells from GOFLAGS whether extracted folders stay writable.
    ///
    /// # Errors
    /// An unterminated quote in GOFLAGS, or a value of `-modcacherw` that is no boolean.
    pub fn folder_mode(&self) -> Result<FolderMode> {
        let mut mode = FolderMode::ReadOnly;
        for flag in
            split_quoted(self.get("GOFLAGS").unwrap_or_default()).context("cannot parse GOFLAGS")?
        {
            let name = flag
                .strip_prefix("--")
                .or_else(|| flag.strip_prefix('-'))
                .unwrap_or_default();
            let (name, value) = name.split_once('=').unwrap_or((name, "true"));
            if name == "modcacherw" {
                mode = match value {
                    "1" | "t" | "T" | "true" | "TRUE" | "True" => FolderMode::ReadWrite,
                    "0" | "f" | "F" | "false" | "FALSE" | "False" => FolderMode::ReadOnly,
                    _ => bail!("cannot parse GOFLAGS: {value:?} is no boolean for -modcacherw"),
                };
            }
        }
        Ok(mode)
    }

    /// Gives the folder for this program's own files that can be made again (`XDG_CACHE_HOME`, `~/.cache`,
    /// on macOS `~/Library/Caches`).
    ///
    /// # Errors
    /// No home folder to derive one from.
    pub fn user_cache(&self) -> Result<PathBuf> {
        let folder = if let Some(folder) = self.process("XDG_CACHE_HOME") {
            PathBuf::from(folder)
        } else {
            let Some(home) = self.process("HOME") else {
                bail!(
                    "cannot find the user's cache folder: neither XDG_CACHE_HOME nor HOME is set"
                );
            };
            let below = if cfg!(target_os = "macos") {
                "Library/Caches"
            } else {
                ".cache"
            };
            Path::new(home).join(below)
        };
        Ok(folder.join("gomodcache"))
    }

    /// Gives the user's configuration folder, in which each program has one (`XDG_CONFIG_HOME`,
    /// `~/.config`, on macOS `~/Library/Application Support`), if it can be derived (`os.UserConfigDir`).
    pub fn user_config(&self) -> Option<PathBuf> {
        let home = self.process("HOME").map(Path::new);
        if cfg!(target_os = "macos") {
            Some(home?.join("Library/Application Support"))
        } else if let Some(folder) = self.process("XDG_CONFIG_HOME") {
            Some(PathBuf::from(folder))
        } else {
            Some(home?.join(".config"))
        }
    }

    fn env_file(&self) -> Option<PathBuf> {
        if let Some(file) = self.process("GOENV") {
            return (file != "off").then(|| PathBuf::from(file));
        }
        Some(self.user_config()?.join("go/env"))
    }
}

fn absolute(key: &str, folder: &str) -> Result<PathBuf> {
    if !Path::new(folder).is_absolute() {
        bail!("{key} entry is relative; must be absolute path: {folder:?}");
    }
    Ok(PathBuf::from(folder))
}

/// Lines are `KEY=value` without any quoting; all else is passed over and a later line wins.
fn parse_env_file(text: &str) -> HashMap<String, String> {
    text.split('\n')
        .filter_map(|line| line.split_once('='))
        .filter(|(key, _)| key.starts_with(|first: char| first.is_ascii_uppercase()))
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn env(pairs: &[(&str, &str)]) -> GoEnv {
        GoEnv::from_process(
            pairs
                .iter()
                .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
                .collect(),
        )
    }

    #[test]
    fn the_cache_is_found_in_the_order_of_the_go_command() {
        let all = env(&[("GOMODCACHE", "/m"), ("GOPATH", "/g:/h"), ("HOME", "/home")]);
        assert_eq!(all.module_cache().unwrap(), Path::new("/m"));
        let path = env(&[("GOMODCACHE", ""), ("GOPATH", "/g:/h"), ("HOME", "/home")]);
        assert_eq!(path.module_cache().unwrap(), Path::new("/g/pkg/mod"));
        let home = env(&[("HOME", "/home")]);
        assert_eq!(home.module_cache().unwrap(), Path::new("/home/go/pkg/mod"));
        let relative = env(&[("GOMODCACHE", "m")]);
        assert!(
            relative
                .module_cache()
                .unwrap_err()
                .to_string()
                .contains("must be absolute")
        );
    }

    #[test]
    fn a_later_line_of_the_env_file_wins_and_comments_are_passed_over() {
        let values =
            parse_env_file("# GOPROXY=x\nGOPROXY=off\nlower=1\nGOPROXY=direct\nGOFLAGS=-a=b");
        assert_eq!(values["GOPROXY"], "direct");
        assert_eq!(values["GOFLAGS"], "-a=b");
        assert_eq!(values.len(), 2);
    }

    #[test]
    fn modcacherw_is_found_among_quoted_flags() {
        let mode = |flags| env(&[("GOFLAGS", flags)]).folder_mode();
        assert_eq!(
            mode("-mod=mod '-modcacherw'").unwrap(),
            FolderMode::ReadWrite
        );
        assert_eq!(
            mode("--modcacherw=true -modcacherw=0").unwrap(),
            FolderMode::ReadOnly
        );
        assert_eq!(mode("").unwrap(), FolderMode::ReadOnly);
        assert!(mode("-modcacherw=maybe").is_err());
        assert!(mode("'-modcacherw").is_err());
    }
}
