//! A project with many modules, each in a repository of its own.
//!
//! It is made up, not the real program of the tests: most paths of that are vanity paths, for which go asks
//! a web server first, and that would be measured, too. The paths here begin with github.com, so go knows the
//! repositories from the paths alone, and both programs read the same folders: the best case for go.

use crate::repository;
use anyhow::Result;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// How many modules the project needs.
pub(crate) const MODULES: usize = 100;

/// What all their paths begin with.
pub(crate) const OWNER: &str = "github.com/benchmark";

/// Go sources in each module, about 10 kB each.
const FILES: usize = 40;

/// How many of the modules that follow it a module requires.
const REQUIREMENTS: usize = 4;

/// The path of a module, counted from zero.
fn path(number: usize) -> String {
    format!("{OWNER}/module{number}")
}

/// The go.mod of the project, which names every module, as `go mod tidy` writes it.
pub(crate) fn go_mod() -> String {
    requiring("example.com/program", 0..MODULES)
}

/// The modules that the project needs, with their versions.
pub(crate) fn modules() -> impl Iterator<Item = String> {
    (0..MODULES).map(|number| format!("{}@v1.0.0", path(number)))
}

fn requiring(module: &str, numbers: std::ops::Range<usize>) -> String {
    let mut text = format!("module {module}\n\ngo 1.21\n");
    for number in numbers {
        let _ = write!(text, "\nrequire {} v1.0.0\n", path(number));
    }
    text
}

/// The rule that leads to the repositories in a folder.
pub(crate) fn rules(folder: &str) -> String {
    format!("[[mirror]]\nmodule = \"{OWNER}/*\"\nrepository = \"{folder}/$1\"\n")
}

/// Makes all repositories in a folder.
pub(crate) fn create(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder)?;
    for number in 0..MODULES {
        let last = (number + 1 + REQUIREMENTS).min(MODULES);
        let go_mod = requiring(&path(number), number + 1..last);
        let repository = folder.join(format!("module{number}"));
        repository::create_small(&repository, &go_mod, FILES, "v1.0.0")?;
    }
    Ok(())
}
