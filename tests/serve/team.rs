//! A cache with modules of many kinds, and the server in front of it.

use crate::client::{Reply, request, send};
use crate::support::dice::Dice;
use crate::support::mirror::{Built, Mirror};
use crate::support::sandbox::{Sandbox, Told, run_well};
use rustix::process::{Pid, Signal, kill_process};
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

/// A machine with a filled cache.
pub(crate) struct Team {
    pub(crate) sandbox: Sandbox,
    pub(crate) m: Arc<Built>,
}

/// The first one, of which all others are copies.
struct Template {
    sandbox: Sandbox,
    m: Arc<Built>,
}

static TEMPLATE: Mutex<Option<Template>> = Mutex::new(None);

/// Removes what the tests have in common.
pub(crate) fn clean_up() {
    TEMPLATE.lock().expect("a template").take();
}

impl Template {
    fn new() -> Template {
        let sandbox = Sandbox::new();
        let m = m().build(&sandbox.path("m.git"));
        upper().build(&sandbox.path("upper.git"));
        old().build(&sandbox.path("old.git"));
        head().build(&sandbox.path("head.git"));
        large().build(&sandbox.path("large.git"));
        let cache = sandbox.path("served");
        for (module, options) in [
            ("example.com/m", &["--all-versions"][..]),
            ("example.com/m@v1.2.0", &[]),
            ("example.com/m@main", &[]),
            ("example.com/Upper", &["--all-versions"]),
            ("example.com/old", &["--all-versions"]),
            ("example.com/head@main", &[]),
            ("example.com/large@v1.0.0", &[]),
        ] {
            fetch(&sandbox, module, options, &cache);
        }
        let m = Arc::new(m);
        Template { sandbox, m }
    }
}

/// Puts a module of a repository in the sandbox into a cache.
fn fetch(sandbox: &Sandbox, module: &str, options: &[&str], cache: &Path) {
    let path = module.split('@').next().expect("a path");
    let name = path.rsplit('/').next().expect("a name").to_lowercase();
    let mirror = sandbox.path(&format!("{name}.git"));
    let mut command = sandbox.gomodcache();
    command
        .args(["fetch", "--no-extract", module])
        .args(options);
    command.arg("--mirror");
    command.arg(format!("{path}={}", mirror.display()));
    run_well(command.arg("--modcache").arg(cache));
}

impl Team {
    pub(crate) fn new() -> Team {
        let sandbox = Sandbox::new();
        let mut template = TEMPLATE.lock().expect("a template");
        let template = template.get_or_insert_with(Template::new);
        let team = Team {
            sandbox,
            m: Arc::clone(&template.m),
        };
        let mut copy = team.sandbox.command("cp");
        copy.arg("-a").arg(template.sandbox.path("served"));
        run_well(copy.arg(team.cache()));
        team
    }

    /// Puts a module into the cache.
    pub(crate) fn fetch(&self, module: &str) {
        let template = TEMPLATE.lock().expect("a template");
        let template = template.as_ref().expect("a template");
        fetch(&template.sandbox, module, &[], &self.cache());
    }

    pub(crate) fn cache(&self) -> PathBuf {
        self.sandbox.path("served")
    }

    /// A file of the cache that is served.
    pub(crate) fn stored(&self, name: &str) -> PathBuf {
        self.cache().join("cache/download").join(name)
    }

    /// GOPROXY for the cache as a folder.
    pub(crate) fn folder(&self) -> String {
        format!("file://{}", self.stored("").display())
    }

    /// Starts the server on any port, with these options.
    pub(crate) fn serve(&self, options: &[&str]) -> Served {
        Served::start(&self.sandbox, &self.cache(), options)
    }
}

/// Two releases, a candidate, a release that takes itself back, and commits on two branches.
fn m() -> Mirror {
    Mirror::new()
        .go_mod("example.com/m")
        .file("m.go", "package m\n")
        .release("v1.0.0")
        .file("more.go", "package m\n")
        .release("v1.1.0-rc.1")
        .release("v1.1.0")
        .file("go.mod", "module example.com/m\n\nretract v1.2.0\n")
        .release("v1.2.0")
        .commit("tip")
}

/// Capitals in the path and in a version.
fn upper() -> Mirror {
    Mirror::new()
        .file(
            "go.mod",
            "module example.com/Upper\n\ngo 1.20\n\nrequire example.com/m v1.0.0\n",
        )
        .file("u.go", "package upper\n\nimport _ \"example.com/m\"\n")
        .release("v1.0.0")
        .release("v1.1.0-RC1")
}

/// No go.mod, and a version of v2.
fn old() -> Mirror {
    Mirror::new()
        .file("p.go", "package p\n")
        .release("v1.0.0")
        .file("more.go", "package p\n")
        .release("v2.0.0")
}

/// No tags.
fn head() -> Mirror {
    Mirror::new()
        .go_mod("example.com/head")
        .file("p.go", "package p\n")
        .commit("first")
}

/// A zip of several pieces, which no packing makes smaller.
fn large() -> Mirror {
    Mirror::new()
        .go_mod("example.com/large")
        .file("p.go", "package p\n")
        .file("noise", Dice(1).noise(1_000_000))
        .release("v1.0.0")
        .commit("tip")
}

/// A server that runs.
pub(crate) struct Served {
    child: Child,
    /// The value for GOPROXY.
    pub(crate) url: String,
    stderr: Option<JoinHandle<String>>,
}

impl Served {
    pub(crate) fn start(sandbox: &Sandbox, modcache: &Path, options: &[&str]) -> Served {
        Served::spawn(&mut Served::command(sandbox, modcache, options))
    }

    /// Prepares the server on any port.
    pub(crate) fn command(sandbox: &Sandbox, modcache: &Path, options: &[&str]) -> Command {
        let mut command = sandbox.gomodcache();
        command.arg("serve").arg("--modcache").arg(modcache);
        if !options.contains(&"--listen") {
            command.args(["--listen", "127.0.0.1:0"]);
        }
        command.args(options).env("GOENV", "off");
        command
    }

    pub(crate) fn spawn(command: &mut Command) -> Served {
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the server starts");
        let mut errors = child.stderr.take().expect("stderr");
        let stderr = std::thread::spawn(move || {
            let mut text = String::new();
            errors.read_to_string(&mut text).expect("text");
            text
        });
        let mut url = String::new();
        let stdout = child.stdout.take().expect("stdout");
        BufReader::new(stdout).read_line(&mut url).expect("a line");
        let served = Served {
            child,
            url: url.trim_end().to_owned(),
            stderr: Some(stderr),
        };
        assert!(!served.url.is_empty(), "{}", served.stop().stderr);
        served
    }

    /// Address and port.
    pub(crate) fn address(&self) -> &str {
        let address = self.url.split("://").last().expect("an address");
        address.split('/').next().expect("an address")
    }

    /// Asks for a target.
    pub(crate) fn get(&self, target: &str) -> Reply {
        self.ask("GET", target, &[])
    }

    pub(crate) fn ask(&self, method: &str, target: &str, headers: &[(&str, &str)]) -> Reply {
        let received = send(self.address(), &request(method, target, headers));
        Reply::parse(&received)
            .unwrap_or_else(|| panic!("{method} {target}: {}", String::from_utf8_lossy(&received)))
    }

    /// Asks until the answer is as expected; whoever waits for ever fails the test.
    pub(crate) fn until(&self, target: &str, is_expected: impl Fn(&Reply) -> bool) -> Reply {
        for _ in 0..600 {
            let reply = self.get(target);
            if is_expected(&reply) {
                return reply;
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        panic!("{target}: {:#?}", self.get(target));
    }

    /// Waits until it is at so many requests.
    pub(crate) fn until_in_flight(&self, count: usize) {
        // The one who asks for metrics counts, too.
        let line = format!("gomodcache_requests_in_flight {}\n", count + 1);
        self.until("/metrics", |reply| reply.text().contains(&line));
    }

    /// Sends a signal.
    pub(crate) fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.child.id()).expect("a process");
        kill_process(Pid::from_raw(pid).expect("a process"), signal).expect("a signal");
    }

    /// Asks the server to end, and waits for it.
    pub(crate) fn stop(mut self) -> Told {
        self.signal(Signal::TERM);
        self.wait()
    }

    /// Waits for the end.
    pub(crate) fn wait(&mut self) -> Told {
        let status = self.child.wait().expect("an end");
        let stderr = self.stderr.take().expect("once").join().expect("text");
        Told {
            code: status.code(),
            stdout: String::new(),
            stderr,
        }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // One that has been waited for is gone.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
