//! The two programs that are compared, each started cold: an empty module cache, an empty store of clones.

use crate::{program, repository};
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Where both programs get the repository from.
#[derive(Clone)]
pub(crate) enum Origin {
    /// A bare repository in this folder; for a project the folder of all repositories.
    Folder(PathBuf),
    /// A repository behind this http URL.
    Url(String),
    /// A module proxy.
    Proxy(String),
}

impl Origin {
    fn as_argument(&self) -> String {
        match self {
            Origin::Folder(path) => path.display().to_string(),
            Origin::Url(url) | Origin::Proxy(url) => url.clone(),
        }
    }
}

/// What both programs put into their caches.
#[derive(Clone, Copy)]
pub(crate) enum Task {
    /// The newest version.
    OneVersion,
    /// Every version of the repository.
    AllVersions,
    /// All that a project needs, each module from a repository of its own.
    Project,
    /// The modules of that project, each named, from a module proxy.
    Modules,
}

/// One of the two programs.
#[derive(Clone, Copy)]
pub(crate) enum Program {
    /// `gomodcache fetch`, `gomodcache seed`
    Ours,
    /// `go mod download`, with `GOPROXY=direct` unless there is a module proxy
    Go,
}

/// A folder of its own for every run, and how to start each program in it.
pub(crate) struct Arena {
    root: PathBuf,
}

impl Arena {
    /// Makes the folder `root` and git's configuration in it.
    pub(crate) fn new(root: PathBuf) -> Result<Arena> {
        fs::create_dir_all(root.join("runs"))?;
        fs::create_dir_all(root.join("go-build"))?;
        // Go would otherwise start a second process that looks after its counters.
        fs::create_dir_all(root.join("config/go/telemetry"))?;
        fs::write(root.join("config/go/telemetry/mode"), "off")?;
        Ok(Arena { root })
    }

    /// The folder of the module cache that the program fills.
    pub(crate) fn cache(&self, program: Program) -> PathBuf {
        self.run(program).join("mod")
    }

    /// The folder into which a cache is copied.
    pub(crate) fn copy(&self) -> PathBuf {
        self.root.join("runs/copy")
    }

    fn run(&self, program: Program) -> PathBuf {
        self.root.join(match program {
            Program::Ours => "runs/ours",
            Program::Go => "runs/go",
        })
    }

    /// Empties the program's folder and returns the command that does the task from nothing.
    pub(crate) fn cold(&self, program: Program, task: Task, origin: &Origin) -> Result<Command> {
        let run = self.run(program);
        remove(&run)?;
        fs::create_dir_all(&run)?;
        if matches!(task, Task::Project) {
            fs::write(run.join("go.mod"), program::go_mod())?;
        }
        let mut command = match program {
            Program::Ours => self.ours(task, origin)?,
            Program::Go => self.go(task, origin)?,
        };
        let proxy = match origin {
            Origin::Proxy(url) => url,
            Origin::Folder(_) | Origin::Url(_) => "direct",
        };
        self.settle(&mut command, program)?;
        command.env("GOPROXY", proxy);
        Ok(command)
    }

    /// Returns the command that verifies the cache of the project that go has just downloaded.
    pub(crate) fn verification(&self, program: Program) -> Result<Command> {
        let mut command = match program {
            Program::Ours => ours(),
            Program::Go => Command::new("go"),
        };
        match program {
            Program::Ours => command.arg("verify"),
            Program::Go => command.args(["mod", "verify"]),
        };
        self.settle(&mut command, Program::Go)?;
        command.env("GOPROXY", "off");
        Ok(command)
    }

    /// Lets a command run in the folder of a program, on its cache, apart from all else on this machine.
    fn settle(&self, command: &mut Command, program: Program) -> Result<()> {
        let run = self.run(program);
        command.current_dir(&run).stdin(Stdio::null());
        command.env_clear().env(
            "PATH",
            std::env::var_os("PATH").context("there is no PATH")?,
        );
        command
            .env("HOME", &run)
            .env("GOMODCACHE", self.cache(program))
            .env("GOENV", "off")
            .env("GOSUMDB", "off")
            .env("GOTOOLCHAIN", "local");
        // The build cache stays: go looks into it on every start and a cold one would slow it down.
        command
            .env("GOCACHE", self.root.join("go-build"))
            .env("XDG_CONFIG_HOME", self.root.join("config"));
        command
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", self.root.join("gitconfig"));
        Ok(())
    }

    fn ours(&self, task: Task, origin: &Origin) -> Result<Command> {
        let mut command = ours();
        if matches!(task, Task::Project) {
            let rules = self.root.join("gomodcache.toml");
            fs::write(&rules, program::rules(&origin.as_argument()))?;
            command.arg("seed").arg("--config").arg(rules);
            return Ok(command);
        }
        command.arg("fetch");
        match origin {
            Origin::Proxy(_) => command.args(["--proxy", "env"]),
            _ => command.args(["--mirror", &origin.as_argument()]),
        };
        match task {
            Task::Modules => command.args(program::modules()),
            Task::OneVersion => command.arg(newest()),
            Task::AllVersions => command.args([repository::MODULE, "--all-versions"]),
            Task::Project => &mut command,
        };
        Ok(command)
    }

    /// Go takes the repository of a github.com path without asking any server; git then reads it from
    /// the same place as we do. That is the shortest way there is for go, and it fetches shallow.
    fn go(&self, task: Task, origin: &Origin) -> Result<Command> {
        let replaced = match task {
            Task::Project | Task::Modules => program::OWNER,
            _ => repository::MODULE,
        };
        let redirect = format!(
            "[url \"{}\"]\n\tinsteadOf = https://{replaced}\n[gc]\n\tauto = 0\n[maintenance]\n\tauto = false\n",
            origin.as_argument(),
        );
        fs::write(self.root.join("gitconfig"), redirect)?;
        let mut command = Command::new("go");
        command.args(["mod", "download"]);
        match task {
            Task::OneVersion => command.arg(newest()),
            Task::AllVersions => {
                let every = (0..repository::TAGS).map(repository::version);
                command.args(every.map(|version| format!("{}@{version}", repository::MODULE)))
            }
            Task::Modules => command.args(program::modules()),
            Task::Project => &mut command,
        };
        Ok(command)
    }

    /// Fails unless both programs wrote the same sums for the same versions: only equal work compares.
    pub(crate) fn check_equal_work(&self, task: Task) -> Result<()> {
        let expected = match task {
            Task::OneVersion => 1,
            Task::AllVersions => repository::TAGS,
            Task::Project | Task::Modules => program::MODULES,
        };
        let (ours, go) = (
            sums(&self.cache(Program::Ours))?,
            sums(&self.cache(Program::Go))?,
        );
        if ours != go || go.len() != expected {
            bail!(
                "{} sums of ours and {} of go were expected to be the same {expected}",
                ours.len(),
                go.len()
            );
        }
        Ok(())
    }
}

/// Our own program, built in the same profile as this benchmark.
pub(crate) fn ours() -> Command {
    Command::new(env!("CARGO_BIN_EXE_gomodcache"))
}

fn newest() -> String {
    format!(
        "{}@{}",
        repository::MODULE,
        repository::version(repository::TAGS - 1)
    )
}

/// The `.ziphash` files of a cache: names and contents, in the order of names.
fn sums(cache: &Path) -> Result<Vec<(PathBuf, String)>> {
    let mut sums = Vec::new();
    add_sums(&cache.join("cache/download"), &mut sums)?;
    for (path, _) in &mut sums {
        *path = path.strip_prefix(cache)?.to_owned();
    }
    sums.sort();
    Ok(sums)
}

fn add_sums(folder: &Path, sums: &mut Vec<(PathBuf, String)>) -> Result<()> {
    let entries = fs::read_dir(folder).with_context(|| format!("no {}", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            add_sums(&path, sums)?;
        } else if path.extension().is_some_and(|kind| kind == "ziphash") {
            let sum = fs::read_to_string(&path)?;
            sums.push((path, sum));
        }
    }
    Ok(())
}

/// Removes a tree, also a read-only one.
pub(crate) fn remove(tree: &Path) -> Result<()> {
    if !tree.exists() {
        return Ok(());
    }
    make_writable(tree)?;
    fs::remove_dir_all(tree).with_context(|| format!("cannot remove {}", tree.display()))
}

fn make_writable(folder: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755))?;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            make_writable(&entry.path())?;
        }
    }
    Ok(())
}
