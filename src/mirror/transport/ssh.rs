//! `ssh://` and `user@host:path`: the system's ssh program runs git-upload-pack on the server.

use std::ffi::OsString;
use std::fmt;
use std::io::{IsTerminal, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};

use super::pump::{Pump, Start};
use super::settings::TransportSettings;
use super::{Exchange, Kind};
use crate::mirror::open::Progress;
use crate::mirror::protocol::ServerError;
use crate::web::{Lasting, POLL};

/// How much of what ssh writes on stderr is kept for an error.
const LAST_WORDS: usize = 2000;
/// How long ssh may take to say why it has ended.
const LONGEST_FAREWELL: Duration = Duration::from_secs(2);

struct SshExchange {
    answers: Counted,
    requests: Option<ChildStdin>,
    child: Child,
    last_words: Arc<Mutex<Vec<u8>>>,
    listener: JoinHandle<()>,
}

/// A stream that knows whether anything came.
struct Counted {
    stream: Pump,
    any: bool,
}

/// The command-line options that an ssh program takes (`ssh.variant` in git's configuration).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Variant {
    OpenSsh,
    Plink,
    TortoisePlink,
    /// Neither a port nor an option.
    Simple,
}

/// The ssh program: itself, or through the shell.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Program {
    Direct(OsString),
    Shell(String),
}

/// Starts ssh and the program on the server; `destination` is `host` or `user@host`.
pub(super) fn connect(
    destination: &str,
    port: Option<u16>,
    path: &str,
    settings: &TransportSettings,
    progress: Arc<dyn Progress>,
) -> Result<Box<dyn Exchange>> {
    let program = program(settings);
    let attended = std::io::stderr().is_terminal();
    let variant = variant(&program, destination);
    let arguments = arguments(variant, destination, port, path, attended);
    let mut child = program
        .command(&arguments)
        .env("GIT_PROTOCOL", "version=2")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot run {program}"))?;
    let (Some(requests), Some(answers), Some(remarks)) =
        (child.stdin.take(), child.stdout.take(), child.stderr.take())
    else {
        bail!("cannot talk to {program}");
    };
    let last_words = Arc::new(Mutex::new(Vec::new()));
    let words = Arc::clone(&last_words);
    let listener = std::thread::spawn(move || listen(remarks, &words));
    let start = match attended {
        true => Start::Attended,
        false => Start::Prompt,
    };
    Ok(Box::new(SshExchange {
        answers: Counted {
            stream: Pump::start(answers, settings.client.settings(), start, progress),
            any: false,
        },
        requests: Some(requests),
        child,
        last_words,
        listener,
    }))
}

fn program(settings: &TransportSettings) -> Program {
    match (&settings.git_ssh_command, &settings.git_ssh) {
        (Some(command), _) if !command.trim().is_empty() => Program::Shell(command.clone()),
        (_, Some(program)) if !program.as_os_str().is_empty() => {
            Program::Direct(program.clone().into())
        }
        _ => Program::Direct("ssh".into()),
    }
}

impl Program {
    fn command(&self, arguments: &[String]) -> Command {
        match self {
            Program::Direct(program) => {
                let mut command = Command::new(program);
                command.args(arguments);
                command
            }
            // As git runs it: the text may have options of its own.
            Program::Shell(text) => {
                let mut command = Command::new("/bin/sh");
                command.arg("-c").arg(format!("{text} \"$@\"")).arg(text);
                command.args(arguments);
                command
            }
        }
    }

    /// The program's own name, without folder and extension.
    fn name(&self) -> String {
        let word = match self {
            Program::Direct(program) => program.clone(),
            Program::Shell(text) => {
                let first = text.split_whitespace().next().unwrap_or_default();
                first.trim_matches(['"', '\'']).into()
            }
        };
        let stem = Path::new(&word).file_stem().unwrap_or(&word);
        stem.to_string_lossy().into_owned()
    }
}

impl fmt::Display for Program {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Program::Direct(program) => write!(formatter, "`{}`", program.to_string_lossy()),
            Program::Shell(text) => write!(formatter, "`{text}`"),
        }
    }
}

/// Finds out which options a program takes; one that is not known by name is asked, as git does.
fn variant(program: &Program, destination: &str) -> Variant {
    match program.name().to_ascii_lowercase().as_str() {
        "ssh" => Variant::OpenSsh,
        "plink" | "putty" => Variant::Plink,
        "tortoiseplink" => Variant::TortoisePlink,
        _ => {
            let question = ["-G".to_owned(), destination.to_owned()];
            let answer = program
                .command(&question)
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status();
            match answer.is_ok_and(|status| status.success()) {
                true => Variant::OpenSsh,
                false => Variant::Simple,
            }
        }
    }
}

fn arguments(
    variant: Variant,
    destination: &str,
    port: Option<u16>,
    path: &str,
    attended: bool,
) -> Vec<String> {
    let mut arguments = Vec::new();
    let mut add = |words: &[&str]| arguments.extend(words.iter().map(|word| (*word).to_owned()));
    match variant {
        Variant::OpenSsh => {
            add(&["-o", "SendEnv=GIT_PROTOCOL"]);
            if !attended {
                add(&["-o", "BatchMode=yes"]);
            }
        }
        Variant::TortoisePlink => add(&["-batch"]),
        Variant::Plink | Variant::Simple => {}
    }
    if let Some(port) = port {
        let port = port.to_string();
        match variant {
            Variant::OpenSsh => add(&["-p", &port]),
            Variant::Plink | Variant::TortoisePlink => add(&["-P", &port]),
            Variant::Simple => {}
        }
    }
    add(&[destination, &format!("git-upload-pack {}", quote(path))]);
    arguments
}

/// Quotes a path for the shell on the server (quote.c in git).
fn quote(path: &str) -> String {
    let mut quoted = String::from("'");
    for character in path.chars() {
        match character {
            '\'' | '!' => {
                quoted.push_str("'\\");
                quoted.push(character);
                quoted.push('\'');
            }
            other => quoted.push(other),
        }
    }
    quoted.push('\'');
    quoted
}

fn listen(mut remarks: impl Read, last_words: &Mutex<Vec<u8>>) {
    let mut buffer = [0; 1024];
    while let Ok(count @ 1..) = remarks.read(&mut buffer) {
        let mut words = last_words.lock().unwrap_or_else(PoisonError::into_inner);
        words.extend_from_slice(buffer.get(..count).unwrap_or_default());
        let surplus = words.len().saturating_sub(LAST_WORDS);
        words.drain(..surplus);
    }
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.stream.read(buffer)?;
        self.any |= count > 0;
        Ok(count)
    }
}

impl Exchange for SshExchange {
    fn advertisement(&mut self) -> Result<&mut dyn Read> {
        Ok(&mut self.answers)
    }

    fn send(&mut self, request: &[u8]) -> Result<&mut dyn Read> {
        if let Some(requests) = &mut self.requests {
            requests
                .write_all(request)
                .context("cannot send to the server")?;
        }
        Ok(&mut self.answers)
    }

    fn kind(&self) -> Kind {
        Kind::Stream
    }

    fn explain(&mut self, error: anyhow::Error) -> anyhow::Error {
        if error.is::<ServerError>() {
            return error;
        }
        self.hear_out();
        let words = self
            .last_words
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let words = String::from_utf8_lossy(&words);
        let line: Vec<_> = words
            .split(char::is_control)
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .collect();
        let line = line.join("; ");
        match (self.answers.any, line.is_empty()) {
            (true, true) => error,
            (true, false) => error.context(format!("ssh says: {line}")),
            // A login that is refused ends the same way as a connection that breaks off.
            (false, true) => error.context(Lasting("ssh ended without an answer".to_owned())),
            (false, false) => anyhow!(Lasting(format!("ssh says: {line}"))),
        }
    }
}

impl SshExchange {
    /// Waits for what the program has to say before it ends, but not for one that goes on: a shared
    /// connection (`ControlPersist`) keeps stderr open.
    fn hear_out(&mut self) {
        drop(self.requests.take());
        let end = Instant::now() + LONGEST_FAREWELL;
        while !self.listener.is_finished() && Instant::now() < end {
            std::thread::sleep(POLL);
        }
    }
}

impl Drop for SshExchange {
    fn drop(&mut self) {
        drop(self.requests.take());
        // An error means that it has ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_quoted_for_the_shell() {
        assert_eq!(quote("/a b"), "'/a b'");
        assert_eq!(quote("it's"), r"'it'\''s'");
        assert_eq!(quote("wow!"), r"'wow'\!''");
        assert_eq!(quote("$(x)`y`"), "'$(x)`y`'");
    }

    #[test]
    fn each_program_gets_the_options_it_knows() {
        let run = |variant| arguments(variant, "git@h", Some(22), "/p", false).join(" ");
        let path = "git@h git-upload-pack '/p'";
        assert_eq!(
            run(Variant::OpenSsh),
            format!("-o SendEnv=GIT_PROTOCOL -o BatchMode=yes -p 22 {path}")
        );
        assert_eq!(run(Variant::Plink), format!("-P 22 {path}"));
        assert_eq!(run(Variant::TortoisePlink), format!("-batch -P 22 {path}"));
        assert_eq!(run(Variant::Simple), path);
        let attended = arguments(Variant::OpenSsh, "h", None, "p", true);
        assert_eq!(
            attended.join(" "),
            "-o SendEnv=GIT_PROTOCOL h git-upload-pack 'p'"
        );
    }

    #[test]
    fn the_command_wins_over_the_program() {
        let mut settings = TransportSettings::default();
        assert_eq!(program(&settings).name(), "ssh");
        settings.git_ssh = Some("/opt/bin/plink.exe".into());
        assert_eq!(variant(&program(&settings), "h"), Variant::Plink);
        settings.git_ssh_command = Some("'/usr/bin/ssh' -i key".to_owned());
        assert_eq!(variant(&program(&settings), "h"), Variant::OpenSsh);
        let unknown = Program::Direct("/bin/false".into());
        assert_eq!(variant(&unknown, "h"), Variant::Simple);
    }
}
