//! The same question, asked of go and of us through the same proxies.

use crate::loopback::{Authority, Loopback, Protocol};
use crate::support::sandbox::{Sandbox, run};
use crate::support::tree::{self, Origin};
use crate::support::{oracle, unless};
use crate::world::Files;
use libtest_mimic::{Completion, Failed, Trial};
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output};

/// With this variable set only go is asked: to see what it answers while cases are being written.
const ORACLE_ONLY: &str = "GOMODCACHE_ORACLE_ONLY";

/// One question.
pub(crate) struct Case {
    name: String,
    proxies: Vec<Files>,
    /// The list of proxies, `{0}` and so on for the URLs of `proxies`.
    list: String,
    request: String,
    expected: Expected,
    environment: Vec<(String, String)>,
    /// How often each proxy may be asked.
    visits: Visits,
    /// What the proxies speak behind TLS; without it they have none.
    secure: Option<(Protocol, Certificate)>,
}

/// Whether both programs know who signed the certificates of the proxies.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Certificate {
    Trusted,
    Unknown,
}

/// Whether proxies hear of the question.
#[derive(Clone, Copy, PartialEq)]
enum Visits {
    Any,
    None,
}

/// What both programs should do.
enum Expected {
    /// Whatever go does.
    AsGo,
    /// Succeed with this version.
    Version(String),
    /// Fail: with these words of go's, and these of ours.
    Refusal(String, String),
    /// We refuse, with these words, what go makes something of.
    Stricter(String),
}

/// Begins a case: one proxy, asked for something.
pub(crate) fn case(name: &str, files: Files, request: &str) -> Case {
    Case {
        name: name.to_owned(),
        proxies: vec![files],
        list: "{0}".to_owned(),
        request: request.to_owned(),
        expected: Expected::AsGo,
        environment: Vec::new(),
        visits: Visits::Any,
        secure: None,
    }
}

impl Case {
    /// Expects this version.
    pub(crate) fn gives(mut self, version: &str) -> Case {
        self.expected = Expected::Version(version.to_owned());
        self
    }

    /// Expects a refusal with these words, of go and of us.
    pub(crate) fn refused(self, words: &str) -> Case {
        self.refused_by_each(words, words)
    }

    /// Expects a refusal with words of its own from each program.
    pub(crate) fn refused_by_each(mut self, go: &str, ours: &str) -> Case {
        self.expected = Expected::Refusal(go.to_owned(), ours.to_owned());
        self
    }

    /// Expects a refusal of ours with these words, though go succeeds.
    pub(crate) fn refused_by_us(mut self, words: &str) -> Case {
        self.expected = Expected::Stricter(words.to_owned());
        self
    }

    /// Adds a proxy, `{1}` in the list and so on.
    pub(crate) fn and(mut self, files: Files) -> Case {
        self.proxies.push(files);
        self
    }

    /// Gives both programs this list of proxies.
    pub(crate) fn list(mut self, list: &str) -> Case {
        list.clone_into(&mut self.list);
        self
    }

    /// Sets a variable for both programs.
    pub(crate) fn variable(mut self, name: &str, value: &str) -> Case {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Expects that no byte reaches a proxy, from go or from us.
    pub(crate) fn private(mut self) -> Case {
        self.visits = Visits::None;
        self
    }

    /// Puts the proxies behind TLS.
    pub(crate) fn secure(mut self, protocol: Protocol, certificate: Certificate) -> Case {
        self.secure = Some((protocol, certificate));
        self
    }

    /// Makes the test of this case.
    pub(crate) fn trial(self, group: &str) -> Trial {
        let name = format!("{group}::{}", self.name.replace(' ', "_"));
        let is_secure = self.secure.is_some();
        let missing = move || {
            let unread = is_secure && cfg!(target_os = "macos");
            oracle::missing().or(unread.then_some("go reads no SSL_CERT_FILE on this system"))
        };
        unless(missing, name, move || self.run())
    }

    /// Starts the proxies, and writes whom to trust.
    fn serve(&self, authority_file: &Path) -> Vec<Loopback> {
        let Some((protocol, _)) = self.secure else {
            return self.proxies.iter().map(Files::serve).collect();
        };
        let authority = Authority::new();
        authority.write(authority_file);
        let secure = |files: &Files| Loopback::secure(&authority, protocol, files.answers());
        self.proxies.iter().map(secure).collect()
    }

    /// The variables that both programs get.
    fn variables(&self, authority_file: &Path) -> Vec<(String, String)> {
        let mut variables = self.environment.clone();
        if let Some((_, Certificate::Trusted)) = self.secure {
            let file = authority_file.display().to_string();
            variables.push(("SSL_CERT_FILE".to_owned(), file));
        }
        variables
    }

    fn run(&self) -> Result<Completion, Failed> {
        let sandbox = Sandbox::new();
        let authority = sandbox.path("authority.pem");
        let servers = self.serve(&authority);
        let variables = self.variables(&authority);
        let mut list = self.list.clone();
        for (number, server) in servers.iter().enumerate() {
            list = list.replace(&format!("{{{number}}}"), &server.url());
        }
        for (number, files) in self.proxies.iter().enumerate() {
            let folder = format!("{{file{number}}}");
            if list.contains(&folder) {
                let root = write_folder(&sandbox, number, files);
                list = list.replace(&folder, &format!("file://{}", root.display()));
            }
        }
        let go_cache = sandbox.path("go");
        let mut go = go(&sandbox, &list, &go_cache);
        go.args(["mod", "download", "-json", &self.request]);
        let go = run(go.envs(variables.clone()));
        let answer: Value = serde_json::from_slice(&go.stdout).unwrap_or(Value::Null);
        self.check_expectation(&go, &answer)?;
        if std::env::var_os(ORACLE_ONLY).is_some() {
            let error = String::from_utf8_lossy(&go.stderr);
            println!("{} from {list}: {answer} {error}", self.name);
            return Ok(Completion::ignored_with("only go was asked"));
        }
        let cache = sandbox.path("ours");
        let ours = run(self.fetch(&sandbox, &list, &cache).envs(variables));
        let succeeds = go.status.success() && !matches!(self.expected, Expected::Stricter(_));
        let failure = match succeeds {
            true => compare(&go, &go_cache, &ours, &cache),
            false => self.compare_refusal(&ours, &cache),
        };
        let asked: Vec<_> = servers.iter().flat_map(Loopback::targets).collect();
        if self.visits == Visits::None && !asked.is_empty() {
            return Err(format!("{} went out to {list}: {asked:?}", self.request).into());
        }
        match failure {
            None => Ok(Completion::Completed),
            Some(failure) => Err(format!(
                "{} from {list}\n{failure}go's answer: {answer}",
                self.request
            )
            .into()),
        }
    }

    fn fetch(&self, sandbox: &Sandbox, list: &str, cache: &Path) -> Command {
        let mut command = sandbox.gomodcache();
        command
            .args([
                "fetch",
                &self.request,
                "--proxy",
                list,
                "--json",
                "--modcache",
            ])
            .arg(cache)
            .env("GOENV", "off")
            .env("GOSUMDB", "off");
        command
    }

    fn check_expectation(&self, go: &Output, answer: &Value) -> Result<(), Failed> {
        let stderr = String::from_utf8_lossy(&go.stderr);
        let error = format!("{}{stderr}", answer["Error"].as_str().unwrap_or_default());
        let failure = match &self.expected {
            Expected::Version(version)
                if answer["Version"] != version.as_str() || !go.status.success() =>
            {
                format!("expected {version}")
            }
            Expected::Refusal(words, _) if go.status.success() || !error.contains(words) => {
                format!("expected `{words}`")
            }
            Expected::Stricter(_) if !go.status.success() => "expected success".to_owned(),
            _ => return Ok(()),
        };
        Err(format!("ORACLE: {failure}, but go says {answer} {error}").into())
    }

    fn compare_refusal(&self, ours: &Output, cache: &Path) -> Option<String> {
        let stderr = String::from_utf8_lossy(&ours.stderr);
        let wrong = match &self.expected {
            _ if !matches!(ours.status.code(), Some(1 | 2)) => "should refuse",
            Expected::Refusal(_, words) | Expected::Stricter(words) if !stderr.contains(words) => {
                "should give the reason"
            }
            // The list is no list, whatever it is asked for.
            _ if ours.status.code() == Some(2) => return None,
            _ if !stderr.contains(request_path(&self.request)) => "should name the module",
            _ if !tree::files(cache).is_empty() => "should leave nothing",
            _ => return None,
        };
        let left = tree::files(cache);
        Some(format!("OURS: {wrong}: {}\nleft: {left:?}\n", shown(ours)))
    }
}

fn request_path(request: &str) -> &str {
    request.split('@').next().unwrap_or(request)
}

/// Prepares go, which has a cache of its own and these proxies as its whole network.
pub(crate) fn go(sandbox: &Sandbox, list: &str, modcache: &Path) -> Command {
    let mut command = sandbox.command("go");
    command
        .env("GOMODCACHE", modcache)
        .env("GOPATH", sandbox.path("gopath"))
        .env("GOCACHE", sandbox.path("gocache"))
        .env("GOENV", "off")
        .env("GOPROXY", list)
        .env("GOSUMDB", "off")
        .env("GOVCS", "*:off")
        .env("GOTOOLCHAIN", "local");
    command
}

fn write_folder(sandbox: &Sandbox, number: usize, files: &Files) -> std::path::PathBuf {
    let root = format!("proxy{number}");
    for (target, content) in files.contents() {
        let name = target.replace("%21", "!").replace("%2B", "+");
        sandbox.write(&format!("{root}{name}"), content);
    }
    sandbox.path(&root)
}

fn compare(go: &Output, go_cache: &Path, ours: &Output, cache: &Path) -> Option<String> {
    if !ours.status.success() {
        return Some(format!("OURS: {}\n", shown(ours)));
    }
    let wanted = object(&go.stdout, go_cache);
    let found = object(&ours.stdout, cache);
    let mut failure = String::new();
    if wanted != found {
        failure = format!("OURS: stdout\n  go:   {wanted}\n  ours: {found}\n");
    }
    let go = tree::list(go_cache, Origin::Compared);
    let difference = tree::difference(&go, &tree::list(cache, Origin::Compared));
    if !difference.is_empty() {
        failure = format!("{failure}OURS: the caches differ\n{difference}");
    }
    (!failure.is_empty()).then_some(failure)
}

/// Gives an answer in JSON as text in which the cache has no place.
fn object(stdout: &[u8], cache: &Path) -> String {
    let text = String::from_utf8_lossy(stdout);
    let parsed = serde_json::from_str::<Value>(&text);
    let object = parsed.map_or_else(
        |_| format!("not one object: {text}"),
        |value| value.to_string(),
    );
    object.replace(&*cache.to_string_lossy(), "CACHE")
}

fn shown(output: &Output) -> String {
    let stdout = String::from_utf8_lossy(&output.stdout);
    let stderr = String::from_utf8_lossy(&output.stderr);
    format!("{}, stdout {stdout:?}, stderr:\n{stderr}", output.status)
}
