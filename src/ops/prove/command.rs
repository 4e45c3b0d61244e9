//! Runs the go command with an empty network.

use std::collections::VecDeque;
use std::io::{ErrorKind, Read};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};

use super::copy::ProjectCopy;
use super::{ProveOptions, go_on};
use crate::gomod::go_version;
use crate::ops::Monitor;

/// How much of what go prints is kept, in bytes.
const OUTPUT_LIMIT: usize = 4 << 10;

/// How often a running go is looked at.
const PAUSE: Duration = Duration::from_millis(10);

/// Variables that would lead go astray or into the network.
const REMOVED: [&str; 18] = [
    "GO111MODULE",
    "GOFLAGS",
    "GOINSECURE",
    "GONOSUMDB",
    "GONOSUMCHECK",
    "GOPRIVATE",
    "GOAUTH",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "all_proxy",
    "no_proxy",
    "GIT_DIR",
    "GIT_WORK_TREE",
    "PWD",
];

/// The go command on PATH, and what it works on.
pub(super) struct Go<'a> {
    options: &'a ProveOptions<'a>,
    folder: PathBuf,
    variables: Vec<(&'static str, String)>,
}

/// How a run ended.
pub(super) struct Ended {
    pub(super) success: bool,
    /// The end of what was printed.
    pub(super) output: String,
}

impl<'a> Go<'a> {
    /// Looks for go, and prepares it for a copied project.
    pub(super) fn find(
        options: &'a ProveOptions<'a>,
        copied: &ProjectCopy,
        cache: &Path,
        scratch: &Path,
    ) -> Result<Go<'a>> {
        let work = match copied.is_workspace {
            true => copied.file.display().to_string(),
            false => "off".to_owned(),
        };
        let mut variables = vec![
            ("GOENV", "off".to_owned()),
            ("GOMODCACHE", cache.display().to_string()),
            ("GOPROXY", "off".to_owned()),
            ("GONOPROXY", "none".to_owned()),
            ("GOSUMDB", "off".to_owned()),
            ("GOVCS", "*:off".to_owned()),
            ("GOTOOLCHAIN", "local".to_owned()),
            ("GOWORK", work),
            ("GOTMPDIR", scratch.display().to_string()),
        ];
        variables.extend(
            options
                .build_cache
                .clone()
                .map(|folder| ("GOCACHE", folder)),
        );
        let mut go = Go {
            options,
            folder: scratch.to_owned(),
            variables,
        };
        let version = go.run(&["env".to_owned(), "GOVERSION".to_owned()])?;
        let name = version.output.trim();
        if !version.success {
            bail!("the go command on PATH does not work: {name}");
        }
        let version = name
            .split(' ')
            .next()
            .unwrap_or_default()
            .trim_start_matches("go");
        if !go_version::is_valid(version) || go_version::compare(version, "1.18").is_ge() {
            go.variables.push(("GOFLAGS", "-buildvcs=false".to_owned()));
        }
        go.folder = copied.folder().to_owned();
        Ok(go)
    }

    /// Runs go to its end.
    ///
    /// # Errors
    /// A go that cannot be started or takes too long; the user's wish to stop. All that it has started
    /// is ended with it.
    pub(super) fn run(&self, arguments: &[String]) -> Result<Ended> {
        go_on(self.options.monitor)?;
        let (mut reader, writer) = std::io::pipe().context("cannot make a pipe")?;
        let mut command = Command::new("go");
        for name in REMOVED {
            command.env_remove(name);
        }
        command
            .args(arguments)
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .stdout(writer.try_clone().context("cannot make a pipe")?)
            .stderr(writer)
            .process_group(0);
        let mut child = match command.spawn() {
            Ok(child) => child,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                bail!("there is no go command on PATH, and --prove runs it")
            }
            Err(error) => return Err(error).context("cannot run the go command on PATH"),
        };
        // The pipe ends when nobody can write to it any more.
        drop(command);
        let (status, output) = std::thread::scope(|scope| {
            let output = scope.spawn(move || read_end(&mut reader));
            let ended = wait(&child, self.options.limit, self.options.monitor);
            // What go has started ends with it, so that the pipe ends, too.
            kill(&child);
            let status = child.wait().context("cannot wait for it");
            let output = output.join().unwrap_or_default();
            (ended.and(status), output)
        });
        let status = status.with_context(|| format!("go {}", arguments.join(" ")))?;
        Ok(Ended {
            success: status.success(),
            output,
        })
    }
}

/// Waits for the end of a child, which stays a zombie so that its number is not given to another.
fn wait(child: &Child, limit: Duration, monitor: &dyn Monitor) -> Result<()> {
    let start = Instant::now();
    let ended = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT | WaitIdOptions::NOHANG;
    while let Some(pid) = pid(child)
        && waitid(WaitId::Pid(pid), ended)
            .context("cannot wait for it")?
            .is_none()
    {
        go_on(monitor)?;
        if start.elapsed() > limit {
            bail!("did not end within {} s", limit.as_secs());
        }
        std::thread::sleep(PAUSE);
    }
    Ok(())
}

fn pid(child: &Child) -> Option<Pid> {
    i32::try_from(child.id()).ok().and_then(Pid::from_raw)
}

/// Ends a child and all that it has started; those that have ended are no error.
fn kill(child: &Child) {
    if let Some(group) = pid(child) {
        let _ = kill_process_group(group, Signal::KILL);
    }
}

/// Reads all and keeps the end.
fn read_end(reader: &mut impl Read) -> String {
    let mut kept: VecDeque<u8> = VecDeque::new();
    let mut buffer = [0; 4 << 10];
    while let Ok(length) = reader.read(&mut buffer) {
        if length == 0 {
            break;
        }
        kept.extend(buffer.get(..length).unwrap_or_default());
        let excess = kept.len().saturating_sub(OUTPUT_LIMIT);
        kept.drain(..excess);
    }
    String::from_utf8_lossy(kept.make_contiguous()).into_owned()
}
