//! What the go command itself says of what would work offline.
//!
//! Each verb runs in a copy of the project, on a copy of what it needs of the cache, because go writes locks,
//! folders and go.sum lines. Files that nobody writes to have a second name in the copy and cost nothing. Tests are
//! built and not run: whether they pass is no question of modules, and no code of the project may touch the
//! files that it shares with the copy.

mod command;
mod copy;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Result, bail};

use self::command::{Ended, Go};
use self::copy::ProjectCopy;
use super::{Checked, Monitor, Verb};
use crate::cache::Cache;
use crate::disk::ScratchFolder;
use crate::graph::Project;
use crate::web::Interrupted;

/// How go is asked.
pub struct ProveOptions<'a> {
    /// The cache.
    pub cache: &'a Cache,
    /// The folder for copies; on the file system of the cache they are small.
    pub scratch: PathBuf,
    /// How long one run of go may take.
    pub limit: Duration,
    /// Go's build cache, if it is not where go looks for it without a go env file.
    pub build_cache: Option<String>,
    /// Who may end the work.
    pub monitor: &'a dyn Monitor,
}

/// What go did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It worked; `go mod tidy` changed nothing.
    Works,
    /// It found all packages, but these do not compile, which no cache mends.
    CodeFails,
    /// `go mod tidy` worked, and has changed go.mod or go.sum.
    Changes,
    /// It failed.
    Fails,
}

impl Answer {
    /// Whether all that a verb needs was there.
    pub fn is_yes(self) -> bool {
        matches!(self, Answer::Works | Answer::CodeFails)
    }
}

/// Go's word on one verb.
#[derive(Clone, Debug)]
pub struct Proof {
    /// The verb.
    pub verb: Verb,
    /// What go did.
    pub answer: Answer,
    /// Whether that is what was said before.
    pub agrees: bool,
    /// The end of what go printed, at most 4 KiB; empty where it worked.
    pub output: String,
}

/// Runs each verb that was checked.
///
/// Nothing of the project and nothing of the cache changes, whatever go does.
///
/// # Errors
/// No go command; one that takes longer than the limit; the user's wish to stop; what cannot be copied.
pub fn prove(
    options: &ProveOptions<'_>,
    project: &Project,
    checked: &Checked,
) -> Result<Vec<Proof>> {
    let scratch = ScratchFolder::new(&options.scratch, "prove-")?;
    let cache = scratch.path().join("mod");
    copy::copy_cache(options, &checked.needs, &cache)?;
    let copied = ProjectCopy::new(project, &scratch.path().join("project"), options)?;
    let go = Go::find(options, &copied, &cache, scratch.path())?;
    let mut proofs = Vec::new();
    // Verification first: it misses what the others mend.
    for verb in [
        Verb::Verify,
        Verb::List,
        Verb::Download,
        Verb::Build,
        Verb::Test,
        Verb::Vendor,
        Verb::Tidy,
    ] {
        let Some((_, missing)) = checked.verbs.iter().find(|(checked, _)| *checked == verb) else {
            continue;
        };
        copied.restore()?;
        let (answer, output) = ask(&go, &copied, verb)?;
        proofs.push(Proof {
            verb,
            answer,
            agrees: answer.is_yes() == missing.is_empty(),
            output,
        });
    }
    proofs.sort_by_key(|proof| Verb::ALL.iter().position(|verb| *verb == proof.verb));
    Ok(proofs)
}

fn ask(go: &Go<'_>, copied: &ProjectCopy, verb: Verb) -> Result<(Answer, String)> {
    let patterns = copied.patterns();
    let with_patterns = |words: &[&str]| -> Vec<String> {
        let words = words.iter().map(|word| (*word).to_owned());
        words.chain(patterns.iter().cloned()).collect()
    };
    let plain =
        |words: &[&str]| -> Vec<String> { words.iter().map(|it| (*it).to_owned()).collect() };
    let arguments = match verb {
        Verb::Build => with_patterns(&["build", "-o", "/dev/null"]),
        Verb::Test => with_patterns(&["test", "-vet=off", "-exec", "true"]),
        Verb::Tidy => plain(&["mod", "tidy"]),
        Verb::List => plain(&["list", "-m", "all"]),
        Verb::Verify => plain(&["mod", "verify"]),
        Verb::Download => plain(&["mod", "download"]),
        Verb::Vendor if copied.is_workspace => plain(&["work", "vendor"]),
        Verb::Vendor => plain(&["mod", "vendor"]),
    };
    let Ended { success, output } = go.run(&arguments)?;
    if success {
        return Ok(match verb == Verb::Tidy && copied.has_changed()? {
            true => (Answer::Changes, output),
            false => (Answer::Works, String::new()),
        });
    }
    let loading = match verb {
        Verb::Build => with_patterns(&["list", "-deps"]),
        Verb::Test => with_patterns(&["list", "-deps", "-test"]),
        _ => return Ok((Answer::Fails, output)),
    };
    copied.restore()?;
    match go.run(&loading)?.success {
        true => Ok((Answer::CodeFails, output)),
        false => Ok((Answer::Fails, output)),
    }
}

fn go_on(monitor: &dyn Monitor) -> Result<()> {
    if monitor.interrupted() {
        bail!(Interrupted);
    }
    Ok(())
}
