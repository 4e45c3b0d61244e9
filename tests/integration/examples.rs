//! The examples of README.md for CI, Dockerfile and firewall: their commands are run as they stand there, on a
//! machine of their own whose only mirror is on loopback, and again without it.

use crate::readme::{block, text, yaml};
use crate::support::oracle_tests;
use crate::support::sandbox::{Sandbox, make_writable, run_well};
use crate::support::server::Server;
use libtest_mimic::Trial;
use std::path::{Path, PathBuf};
use std::process::Command;

const BUNDLE: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/tests/testdata/greetings.bundle"
);
/// Where the examples have their mirrors.
const INTERNAL: &str = "https://git.internal/mirrors/";
/// A port on which nothing listens.
const NOWHERE: &str = "http://127.0.0.1:9";

/// The tests of this group.
pub(crate) fn trials() -> Vec<Trial> {
    oracle_tests!("examples":
        github_seeds_once_and_then_from_its_cache,
        gitlab_seeds_once_and_then_from_its_cache,
        a_dockerfile_builds_without_network,
        a_firewall_lets_nothing_but_the_mirror_through,
    )
}

fn github_seeds_once_and_then_from_its_cache() {
    let workflow = yaml(&block("### In CI", "yaml", 0));
    let steps = &workflow["jobs"]["test"]["steps"];
    let steps = steps.as_vec().expect("steps");
    let cache = steps
        .iter()
        .find(|step| text(&step["uses"]).starts_with("actions/cache@"));
    let paths = text(&cache.expect("a cache")["with"]["path"]);
    let paths: Vec<&str> = paths.lines().collect();
    assert!(paths.iter().all(|path| path.starts_with("~/")), "{paths:?}");
    let mut machine = Machine::new();
    machine.project("work", "work");
    for round in 0..2 {
        let variables = machine.sandbox.write("tmp/github-env", "");
        for step in steps.iter().filter(|step| !step["run"].is_badvalue()) {
            let mut shell = machine.shell("work", text(&step["run"]));
            shell.env("GITHUB_ENV", &variables);
            let known = std::fs::read_to_string(&variables).expect("variables");
            shell.envs(known.lines().filter_map(|line| line.split_once('=')));
            run_well(&mut shell);
        }
        if round == 0 {
            machine.loses_its_mirror();
            let paths = paths.iter().map(|path| path.replacen('~', "home", 1));
            machine.keeps_only("home", paths);
        }
    }
}

fn gitlab_seeds_once_and_then_from_its_cache() {
    let pipeline = yaml(&block("### In CI", "yaml", 1));
    let job = &pipeline["test"];
    let script: Vec<&str> = job["script"]
        .as_vec()
        .expect("script")
        .iter()
        .map(text)
        .collect();
    let paths = job["cache"]["paths"].as_vec().expect("paths").iter();
    let paths: Vec<String> = paths.map(|path| format!("work/{}", text(path))).collect();
    let mut machine = Machine::new();
    for round in 0..2 {
        machine.project("work", "work");
        let folder = machine.sandbox.path("work");
        let mut shell = machine.shell("work", &script.join("\n"));
        for (name, value) in job["variables"].as_hash().expect("variables") {
            let folder = folder.to_str().expect("text");
            shell.env(text(name), text(value).replace("$CI_PROJECT_DIR", folder));
        }
        run_well(&mut shell);
        if round == 0 {
            machine.loses_its_mirror();
            machine.keeps_only("work", paths.iter().cloned());
            machine.keeps_only("home", std::iter::empty());
        }
    }
}

/// What docker does is done by hand: each COPY from the project, each RUN in its order.
fn a_dockerfile_builds_without_network() {
    let mut machine = Machine::new();
    machine.project("context", "context");
    let mut networks: Vec<String> = Vec::new();
    for line in block("### In a Dockerfile", "dockerfile", 0).lines() {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        match word {
            "COPY" if rest.starts_with("--from=") => {}
            "COPY" => {
                let mut names: Vec<&str> = rest.split(' ').collect();
                assert!(matches!(names.pop(), Some("./" | ".")), "{line}");
                let mut copy = machine.sandbox.command("cp");
                copy.current_dir(machine.sandbox.path("context"));
                run_well(copy.arg("-R").args(names).arg(machine.sandbox.path("work")));
            }
            "RUN" => {
                let options = rest.split(' ').take_while(|word| word.starts_with("--"));
                let options: Vec<&str> = options.collect();
                if options.contains(&"--network=none") {
                    machine.loses_its_mirror();
                }
                let networked = options.iter().filter(|option| option.starts_with("--net"));
                networks.extend(networked.map(ToString::to_string));
                let words = rest.split(' ').skip(options.len());
                let command = words.collect::<Vec<_>>().join(" ");
                let target = machine.sandbox.path("app");
                let target = target.to_str().expect("text");
                run_well(
                    &mut machine.shell("work", &command.replace("/usr/local/bin/app", target)),
                );
            }
            _ => {}
        }
    }
    assert_eq!(networks, ["--network=none"]);
    let app = run_well(&mut Command::new(machine.sandbox.path("app")));
    assert_eq!(app.stdout, b"Hello, mirror!\n");
}

fn a_firewall_lets_nothing_but_the_mirror_through() {
    let machine = Machine::new();
    machine.project("work", "home/.config/gomodcache");
    let session = block("### Behind a firewall", "console", 0);
    let commands = session.lines().filter_map(|line| line.strip_prefix("$ "));
    let commands: Vec<&str> = commands.collect();
    assert_eq!(commands.len(), session.lines().count());
    run_well(&mut machine.shell("work", &commands.join("\n")));
}

/// A machine with go and our program, whose network is one server with mirrors.
struct Machine {
    sandbox: Sandbox,
    server: Option<Server>,
    rules: String,
}

impl Machine {
    fn new() -> Machine {
        let sandbox = Sandbox::new();
        let mirror = sandbox.path("mirrors/example.com/greetings");
        run_well(
            sandbox
                .git()
                .args(["clone", "--quiet", "--mirror", BUNDLE])
                .arg(mirror),
        );
        let server = Server::start(&sandbox);
        let rules = block("### Behind a firewall", "toml", 0);
        assert!(rules.contains(INTERNAL), "{rules}");
        let rules = rules.replace(INTERNAL, &server.repository("mirrors/"));
        Machine {
            sandbox,
            server: Some(server),
            rules,
        }
    }

    /// Checks out the project into one folder, and puts the rules into another.
    fn project(&self, folder: &str, rules: &str) {
        let files = [
            (
                "go.mod",
                "module example.com/app\n\ngo 1.24\n\nrequire example.com/greetings v1.1.0\n",
            ),
            (
                "go.sum",
                "example.com/greetings v1.1.0 h1:lw9xZozgk74YHMrRJ/7bJJw3wCeK1ifTNKwgGOjorFA=\n\
                        example.com/greetings v1.1.0/go.mod h1:YvvNXWlGp6ftH9r0V5s9bVL/j3FLrIQw3rXG5RQk+88=\n",
            ),
            (
                "main.go",
                "package main\n\nimport \"example.com/greetings\"\n\n\
                         func main() { say(greetings.Hello(\"mirror\")) }\n",
            ),
            (
                "print.go",
                "package main\n\nimport \"os\"\n\n\
                          func say(line string) { os.Stdout.WriteString(line + \"\\n\") }\n",
            ),
            (
                "main_test.go",
                "package main\n\nimport \"testing\"\n\nfunc TestGreeting(t *testing.T) { main() }\n",
            ),
        ];
        for (name, content) in files {
            self.sandbox.write(&format!("{folder}/{name}"), content);
        }
        self.sandbox
            .write(&format!("{rules}/gomodcache.toml"), &self.rules);
    }

    /// Prepares a shell that ends at the first command that fails. What is not on loopback is nowhere.
    fn shell(&self, folder: &str, script: &str) -> Command {
        let program = Path::new(env!("CARGO_BIN_EXE_gomodcache"));
        let program = program.parent().expect("a folder").to_path_buf();
        let found = std::env::var_os("PATH").unwrap_or_default();
        let folders = [program].into_iter().chain(std::env::split_paths(&found));
        let mut shell = self.sandbox.command("sh");
        shell
            .args(["-e", "-c", script])
            .current_dir(self.sandbox.path(folder))
            .env("PATH", std::env::join_paths(folders).expect("PATH"))
            .env("GOTOOLCHAIN", "local")
            // The standard library is compiled once for all tests, not once for each.
            .env(
                "GOCACHE",
                Path::new(env!("CARGO_TARGET_TMPDIR")).join("go-build"),
            )
            .env("HTTP_PROXY", NOWHERE)
            .env("HTTPS_PROXY", NOWHERE)
            .env("NO_PROXY", "127.0.0.1");
        shell
    }

    fn loses_its_mirror(&mut self) {
        self.server = None;
        let mirrors = self.sandbox.path("mirrors");
        if mirrors.exists() {
            std::fs::remove_dir_all(mirrors).expect("mirrors");
        }
    }

    /// Leaves nothing of a folder but what is cached, as on the machine that does the next job.
    fn keeps_only(&self, folder: &str, cached: impl Iterator<Item = String>) {
        let folder = self.sandbox.path(folder);
        let aside = self.sandbox.path("aside");
        let cached: Vec<PathBuf> = cached.map(|path| self.sandbox.path(&path)).collect();
        let below =
            |path: &Path, root: &Path| root.join(path.strip_prefix(&folder).expect("below"));
        // A read-only folder cannot be moved.
        make_writable(&folder);
        for path in &cached {
            let target = below(path, &aside);
            std::fs::create_dir_all(target.parent().expect("a folder")).expect("folder");
            std::fs::rename(path, target).expect("what is cached is there");
        }
        std::fs::remove_dir_all(&folder).expect("the rest");
        if cached.is_empty() {
            return std::fs::create_dir(&folder).expect("an empty folder");
        }
        std::fs::rename(&aside, &folder).expect("what is cached");
    }
}
