//! Repositories behind a real ssh server: whose keys are taken, and that nobody is asked.

use crate::support::oracle;
use crate::support::sample::{self, FIRST_SUMS};
use crate::support::sandbox::{Sandbox, Told, run, run_well, tell};
use libtest_mimic::{Completion, Failed, Trial};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

/// The tests of this group, ignored where no ssh server can be started.
pub(crate) fn trials() -> Vec<Trial> {
    let trial = |name: &str, test: fn(&Machine)| {
        Trial::ignorable_test(format!("ssh::{name}"), move || run_with_machine(test))
    };
    vec![
        trial("a_key_file_and_a_known_host_are_enough", key_file),
        trial("an_agent_is_asked", agent),
        trial("a_host_that_is_not_known_is_refused", unknown_host),
        trial("a_host_with_another_key_is_refused", other_host_key),
        trial("a_key_that_is_not_authorised_is_refused", unauthorised),
    ]
}

fn run_with_machine(test: fn(&Machine)) -> Result<Completion, Failed> {
    if let Some(reason) = oracle::missing() {
        return Ok(Completion::ignored_with(reason));
    }
    match Machine::new() {
        Ok(machine) => test(&machine),
        Err(reason) => return Ok(Completion::ignored_with(reason)),
    }
    Ok(Completion::Completed)
}

/// A sandbox with a server behind a pipe, so that it needs no port.
struct Machine {
    sandbox: Sandbox,
    server: PathBuf,
}

impl Machine {
    /// Tells why no server can be had, where it cannot.
    fn new() -> Result<Machine, String> {
        let found = std::env::var_os("PATH").unwrap_or_default();
        let folders = std::env::split_paths(&found).chain(["/usr/sbin".into()]);
        let server = folders
            .map(|folder| folder.join("sshd"))
            .find(|file| file.is_file());
        let server = server.ok_or("there is no sshd")?;
        let machine = Machine {
            sandbox: sample::sandbox(),
            server,
        };
        for key in ["host", "other-host", "user", "other-user"] {
            let file = machine.sandbox.path(key);
            let mut keygen = machine.sandbox.command("ssh-keygen");
            run_well(
                keygen
                    .args(["-q", "-t", "ed25519", "-N", "", "-C", key, "-f"])
                    .arg(file),
            );
        }
        let path = |name: &str| machine.sandbox.path(name).display().to_string();
        let settings = format!(
            "HostKey {}\nAuthorizedKeysFile {}\nPasswordAuthentication no\nPermitRootLogin yes\n\
             KbdInteractiveAuthentication no\nStrictModes no\nPidFile none\nUsePAM no\n",
            path("host"),
            path("user.pub")
        );
        machine.sandbox.write("sshd_config", settings);
        let mut test = Command::new(&machine.server);
        let told = run(test.arg("-t").arg("-f").arg(path("sshd_config")));
        if !told.status.success() {
            let said = String::from_utf8_lossy(&told.stderr).into_owned();
            return Err(format!("sshd cannot be started: {}", said.trim()));
        }
        Ok(machine)
    }

    /// Says which host key is known, if any.
    fn knows(&self, key: Option<&str>) {
        let line = key.map(|key| {
            let key = std::fs::read_to_string(self.sandbox.path(&format!("{key}.pub")));
            format!("git.internal {}", key.expect("a key"))
        });
        self.sandbox.write("known_hosts", line.unwrap_or_default());
    }

    /// Fetches with a key in a file, or with what the agent has.
    fn fetch(&self, key: Option<&str>, agent: Option<&Agent>) -> Told {
        let path = |name: &str| self.sandbox.path(name).display().to_string();
        let identity = key.map_or("none".to_owned(), path);
        let settings = format!(
            "Host git.internal\n\tProxyCommand {} -i -f {}\n\tIdentityFile {identity}\n\
             \tUserKnownHostsFile {}\n\tGlobalKnownHostsFile none\n",
            self.server.display(),
            path("sshd_config"),
            path("known_hosts"),
        );
        self.sandbox.write("ssh_config", settings);
        let mut command = self.sandbox.gomodcache();
        command
            .args(["fetch", "example.com/m@v1.0.0", "--mirror"])
            .arg(format!("example.com/m=ssh://git.internal{}", path("m.git")))
            .arg("--modcache")
            .arg(self.sandbox.path("modcache"))
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("GIT_SSH_COMMAND", format!("ssh -F {}", path("ssh_config")));
        if let Some(agent) = agent {
            command.env("SSH_AUTH_SOCK", &agent.socket);
        }
        tell(&mut command)
    }
}

/// An ssh-agent that ends with its value.
struct Agent {
    socket: PathBuf,
    process: Child,
}

impl Agent {
    fn start(sandbox: &Sandbox, key: &str) -> Agent {
        let socket = sandbox.path("agent");
        let mut command = sandbox.command("ssh-agent");
        command
            .arg("-D")
            .arg("-a")
            .arg(&socket)
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let process = command.spawn().expect("ssh-agent");
        let agent = Agent { socket, process };
        for _ in 0..100 {
            if agent.socket.exists() {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        let mut add = sandbox.command("ssh-add");
        run_well(
            add.arg("-q")
                .arg(sandbox.path(key))
                .env("SSH_AUTH_SOCK", &agent.socket),
        );
        agent
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn key_file(machine: &Machine) {
    machine.knows(Some("host"));
    machine.fetch(Some("user"), None).prints(FIRST_SUMS);
}

fn agent(machine: &Machine) {
    machine.knows(Some("host"));
    machine.fetch(None, None).fails(1, ["Permission denied"]);
    let agent = Agent::start(&machine.sandbox, "user");
    machine.fetch(None, Some(&agent)).prints(FIRST_SUMS);
}

fn unknown_host(machine: &Machine) {
    machine.knows(None);
    machine
        .fetch(Some("user"), None)
        .fails(1, ["Host key verification failed"]);
}

fn other_host_key(machine: &Machine) {
    machine.knows(Some("other-host"));
    machine
        .fetch(Some("user"), None)
        .fails(1, ["Host key verification failed"]);
}

fn unauthorised(machine: &Machine) {
    machine.knows(Some("host"));
    machine
        .fetch(Some("other-user"), None)
        .fails(1, ["Permission denied"]);
}
