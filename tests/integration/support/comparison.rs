//! A case at work: both programs run, and everything that they leave compared.

use super::case::{Case, Expected};
use super::mirror::Built;
use super::oracle;
use super::sandbox::{Sandbox, run, run_well};
use super::server::{Import, Server};
use super::tree::{self, Origin};
use libtest_mimic::{Completion, Failed};
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output};

/// With this variable set only go is asked: to see what it answers while cases are being written.
const ORACLE_ONLY: &str = "GOMODCACHE_ORACLE_ONLY";

/// How our program is given the repository.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Way {
    Folder,
    /// As a folder whose root's import path we have to find out.
    Guessed,
    Bundle,
    /// By the URL that go reads, too.
    Remote,
}

/// A case at work.
pub(super) struct Comparison<'a> {
    case: &'a Case,
    sandbox: Sandbox,
    server: Server,
    _daemon: Option<Server>,
    /// The URL that go reads.
    repository: String,
    mirror: Built,
    request: String,
}

impl Comparison<'_> {
    /// Makes the world of a case.
    pub(super) fn new(case: &Case) -> Comparison<'_> {
        let sandbox = Sandbox::new();
        let server = Server::start(&sandbox);
        let daemon = case
            .over_git_protocol
            .then(|| Server::start_git_daemon(&sandbox));
        let repository = daemon.as_ref().unwrap_or(&server).repository("mirror.git");
        let mirror = case.mirror.build(&sandbox.path("mirror.git"));
        server.import(Import {
            root: case.root.clone(),
            repository: repository.clone(),
            subdirectory: case.subdirectory.clone(),
        });
        if let Some(go_mod) = &case.main_module {
            sandbox.write("work/go.mod", mirror.expand(go_mod));
        }
        if let Some(content) = &case.go_env_file {
            sandbox.write("go.env", content);
        }
        let request = mirror.expand(&case.request);
        Comparison {
            case,
            sandbox,
            server,
            _daemon: daemon,
            repository,
            mirror,
            request,
        }
    }

    /// Asks go, then our program in each way.
    pub(super) fn run(&self) -> Result<Completion, Failed> {
        let go_cache = self.sandbox.path("go");
        let mut go = oracle::go(&self.sandbox, &self.server, &go_cache);
        // Outside of a module go takes no path without a query; we take it for `latest`.
        let query = if self.request.contains('@') {
            ""
        } else {
            "@latest"
        };
        go.args([
            "mod",
            "download",
            "-json",
            &format!("{}{query}", self.request),
        ]);
        let go = run(&mut self.prepared(go));
        let answer = self.check_expectation(&go)?;
        if std::env::var_os(ORACLE_ONLY).is_some() {
            println!(
                "{}: {answer}{}",
                self.request,
                String::from_utf8_lossy(&go.stderr)
            );
            return Ok(Completion::ignored_with("only go was asked"));
        }
        let mut failures = String::new();
        for way in &self.case.ways {
            let outcome = match go.status.success() {
                true => self.compare(*way, &answer, &go_cache),
                false => self.compare_refusal(*way),
            };
            if let Err(failure) = outcome {
                failures.push_str(&failure);
            }
        }
        if failures.is_empty() {
            Ok(Completion::Completed)
        } else {
            Err(format!("fetch {}\n{failures}go's answer: {answer}", self.request).into())
        }
    }

    /// Adds what the case wants for both programs: variables, umask.
    fn prepared(&self, mut command: Command) -> Command {
        if self.case.go_env_file.is_some() {
            command.env("GOENV", self.sandbox.path("go.env"));
        }
        command.envs(
            self.case
                .environment
                .iter()
                .map(|(name, value)| (name, value)),
        );
        match self.case.umask {
            Some(mask) => under_umask(mask, &command),
            None => command,
        }
    }

    /// Compares what go did with what the case says of it, and returns the object that go printed.
    fn check_expectation(&self, go: &Output) -> Result<Value, Failed> {
        let stderr = String::from_utf8_lossy(&go.stderr);
        let answer: Value = serde_json::from_slice(&go.stdout).unwrap_or(Value::Null);
        let error = format!("{}{stderr}", answer["Error"].as_str().unwrap_or_default());
        match &self.case.expected {
            Expected::Anything => {}
            Expected::Version(version) => {
                let expected = self.mirror.expand(version);
                if answer["Version"] != expected.as_str() || !go.status.success() {
                    let found = format!("{}: {error}", answer["Version"]);
                    return Err(format!("ORACLE: expected {expected}, but go says {found}").into());
                }
            }
            Expected::Refusal(reason) => {
                let reason = self.mirror.expand(reason);
                if go.status.success() || !error.contains(&reason) {
                    let found = if error.is_empty() {
                        answer.to_string()
                    } else {
                        error
                    };
                    return Err(format!("ORACLE: expected `{reason}`, but go says {found}").into());
                }
            }
        }
        Ok(answer)
    }

    /// Prepares `gomodcache fetch` with a fresh cache, and the mirror given in one way.
    fn fetch(&self, way: Way, modcache: &Path) -> Command {
        let repository = match way {
            Way::Folder | Way::Guessed => self.sandbox.path("mirror.git").display().to_string(),
            Way::Bundle => {
                let bundle = self.sandbox.path("mirror.bundle");
                let mut git = self.sandbox.git();
                git.arg("--git-dir").arg(&self.mirror.folder);
                run_well(
                    git.args(["bundle", "create"])
                        .arg(&bundle)
                        .args(["--all", "HEAD"]),
                );
                bundle.display().to_string()
            }
            Way::Remote => self.repository.clone(),
        };
        let mut mirror = match way {
            Way::Guessed => repository,
            _ => format!("{}={repository}", self.case.root),
        };
        if let Some(folder) = &self.case.subdirectory {
            mirror = format!("{mirror}//{folder}");
        }
        let mut command = self.sandbox.gomodcache();
        command
            .args(["fetch", &self.request, "--mirror", &mirror, "--modcache"])
            .arg(modcache)
            .env("GOENV", "off");
        command
    }

    fn compare(&self, way: Way, answer: &Value, go_cache: &Path) -> Result<(), String> {
        let modcache = self.sandbox.path(way.name());
        let mut command = self.fetch(way, &modcache);
        if way != Way::Folder {
            command.arg("--json");
        }
        let output = run(&mut self.prepared(command));
        let stdout = String::from_utf8_lossy(&output.stdout);
        if !output.status.success() {
            return Err(format!("OURS as {}: {}\n", way.name(), shown(&output)));
        }
        let (wanted, found) = if way == Way::Folder {
            (go_sum_lines(answer), stdout.into_owned())
        } else {
            let found = stdout.replace(&modcache.display().to_string(), "$GOMODCACHE");
            let go_cache = go_cache.display().to_string();
            let wanted = answer.to_string().replace(&go_cache, "$GOMODCACHE");
            (object(&wanted, way.origin()), object(&found, way.origin()))
        };
        let mut failure = String::new();
        if wanted != found {
            let name = way.name();
            failure = format!("OURS as {name}: stdout\n  go:   {wanted}\n  ours: {found}\n");
        }
        let go = tree::list(go_cache, way.origin());
        let difference = tree::difference(&go, &tree::list(&modcache, way.origin()));
        if !difference.is_empty() {
            failure = format!(
                "{failure}OURS as {}: the caches differ\n{difference}",
                way.name()
            );
        }
        if failure.is_empty() {
            Ok(())
        } else {
            Err(failure)
        }
    }

    fn compare_refusal(&self, way: Way) -> Result<(), String> {
        let modcache = self.sandbox.path(way.name());
        let output = run(&mut self.prepared(self.fetch(way, &modcache)));
        let stderr = String::from_utf8_lossy(&output.stderr);
        let name = way.name();
        if !matches!(output.status.code(), Some(1 | 2)) {
            return Err(format!(
                "OURS as {name}: should refuse: {}\n",
                shown(&output)
            ));
        }
        if !output.stdout.is_empty() || !stderr.contains(&self.request) {
            let wrong = "should name the request on stderr and print nothing on stdout";
            return Err(format!("OURS as {name}: {wrong}: {}\n", shown(&output)));
        }
        let left = tree::files(&modcache);
        if left.is_empty() {
            Ok(())
        } else {
            Err(format!("OURS as {name}: left in the cache: {left:?}\n"))
        }
    }
}

impl Way {
    fn name(self) -> &'static str {
        match self {
            Way::Folder => "folder",
            Way::Guessed => "guessed",
            Way::Bundle => "bundle",
            Way::Remote => "remote",
        }
    }

    /// A path on this machine is no origin that anyone else could use.
    fn origin(self) -> Origin {
        match self {
            Way::Remote => Origin::Compared,
            Way::Folder | Way::Guessed | Way::Bundle => Origin::TakenOut,
        }
    }
}

/// Wraps a command in a shell that sets the umask first.
fn under_umask(mask: &str, command: &Command) -> Command {
    let mut shell = Command::new("/bin/sh");
    shell
        .args(["-c", &format!("umask {mask}; exec \"$0\" \"$@\"")])
        .arg(command.get_program())
        .args(command.get_args())
        .env_clear()
        .envs(
            command
                .get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        )
        .stdin(std::process::Stdio::null());
    if let Some(folder) = command.get_current_dir() {
        shell.current_dir(folder);
    }
    shell
}

fn go_sum_lines(answer: &Value) -> String {
    let text = |key: &str| answer[key].as_str().unwrap_or_default().to_owned();
    let (path, version) = (text("Path"), text("Version"));
    let (sum, go_mod_sum) = (text("Sum"), text("GoModSum"));
    format!("{path} {version} {sum}\n{path} {version}/go.mod {go_mod_sum}\n")
}

/// Writes a JSON object in one line, its keys in their order.
fn object(text: &str, origin: Origin) -> String {
    let Ok(Value::Object(mut object)) = serde_json::from_str(text) else {
        return format!("not one object: {text}");
    };
    if origin == Origin::TakenOut {
        object.shift_remove("Origin");
    }
    Value::Object(object).to_string()
}

fn shown(output: &Output) -> String {
    let stdout = String::from_utf8_lossy(&output.stdout);
    let stderr = String::from_utf8_lossy(&output.stderr);
    format!("{}, stdout {stdout:?}, stderr:\n{stderr}", output.status)
}
