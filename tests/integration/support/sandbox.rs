//! A temporary folder that stands for a whole machine: home, caches, working folder.

use std::ffi::OsStr;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

/// A folder in which every program of one test runs, removed at the end whatever its modes are.
pub(crate) struct Sandbox {
    folder: TempDir,
}

impl Sandbox {
    /// Makes `home`, `tmp`, `work` (the working folder) and `nothing` (an empty PATH).
    pub(crate) fn new() -> Sandbox {
        let folder = tempfile::Builder::new()
            .prefix("gomodcache-")
            .tempdir()
            .expect("a temporary folder");
        let sandbox = Sandbox { folder };
        for name in ["home", "tmp", "work", "nothing"] {
            std::fs::create_dir(sandbox.path(name)).expect(name);
        }
        sandbox.write("home/.config/go/telemetry/mode", "off 2024-01-01");
        sandbox
    }

    /// Names a file of the sandbox.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file of the sandbox, and the folders above it.
    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("folder");
        std::fs::write(&path, content).expect("file");
        path
    }

    /// Prepares any program: nothing of the real environment reaches it but what finds programs.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(self.path("work"))
            .env_clear()
            .env("HOME", self.path("home"))
            .env("TMPDIR", self.path("tmp"))
            .env("LC_ALL", "C")
            .stdin(Stdio::null());
        if let Some(path) = std::env::var_os("PATH") {
            command.env("PATH", path);
        }
        command
    }

    /// Prepares git.
    pub(crate) fn git(&self) -> Command {
        let mut command = git(&self.path("home"));
        command.current_dir(self.path("work"));
        command
    }

    /// Prepares our program, with a PATH on which there is neither go nor git.
    pub(crate) fn gomodcache(&self) -> Command {
        let mut command = self.command(env!("CARGO_BIN_EXE_gomodcache"));
        command
            .env("PATH", self.path("nothing"))
            .env("XDG_CACHE_HOME", self.path("user-cache"));
        command
    }

    /// Prepares our program so that modes of files bind it, which they do not if root has started the tests.
    pub(crate) fn gomodcache_bound_by_modes(&self) -> Command {
        let binary = env!("CARGO_BIN_EXE_gomodcache");
        let owner = std::fs::metadata(self.folder.path()).expect("the sandbox");
        let mut command = match owner.uid() {
            0 => {
                let mut command = self.command("setpriv");
                command.args(["--bounding-set=-dac_override", "--inh-caps=-dac_override"]);
                command.arg(binary);
                command
            }
            _ => self.command(binary),
        };
        command.env("XDG_CACHE_HOME", self.path("user-cache"));
        command
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        make_writable(self.folder.path());
    }
}

/// Gives the owner back the right to remove what go and we made read-only.
pub(crate) fn make_writable(folder: &Path) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            let permissions = std::fs::Permissions::from_mode(0o755);
            let _ = std::fs::set_permissions(entry.path(), permissions);
            make_writable(&entry.path());
        }
    }
}

/// Takes from everybody the right to write to anything in a folder, and to the folder itself.
pub(crate) fn make_read_only(folder: &Path) {
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        match entry.file_type().expect("a type").is_dir() {
            true => make_read_only(&path),
            false => set_mode(&path, 0o444),
        }
    }
    set_mode(folder, 0o555);
}

fn set_mode(path: &Path, mode: u32) {
    let mode = std::fs::Permissions::from_mode(mode);
    std::fs::set_permissions(path, mode).expect("a mode");
}

/// Prepares git, which reads no settings of the machine.
pub(crate) fn git(home: &Path) -> Command {
    let mut command = Command::new("git");
    command
        .env_clear()
        .env("HOME", home)
        .env("LC_ALL", "C")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .stdin(Stdio::null());
    if let Some(path) = std::env::var_os("PATH") {
        command.env("PATH", path);
    }
    command
}

/// Runs a command to its end.
pub(crate) fn run(command: &mut Command) -> Output {
    let output = command.output();
    output.unwrap_or_else(|error| panic!("{command:?}: {error}"))
}

/// Runs a command to its end; anything but success fails the test.
pub(crate) fn run_well(command: &mut Command) -> Output {
    let output = run(command);
    assert!(
        output.status.success(),
        "{command:?}: {}\n{}\n{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    output
}

/// What a program said, as text, and how it ended.
#[derive(Debug, PartialEq)]
pub(crate) struct Told {
    /// The exit code; `None` for a program that a signal ended.
    pub(crate) code: Option<i32>,
    /// All of stdout.
    pub(crate) stdout: String,
    /// All of stderr.
    pub(crate) stderr: String,
}

/// Runs a command to its end and takes down what it says.
pub(crate) fn tell(command: &mut Command) -> Told {
    Told::from(run(command))
}

impl From<Output> for Told {
    fn from(output: Output) -> Told {
        Told {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

impl Told {
    /// Demands success with exactly this on stdout.
    pub(crate) fn prints(&self, stdout: &str) {
        assert_eq!(self.code, Some(0), "{self:#?}");
        assert_eq!(self.stdout, stdout, "{self:#?}");
    }

    /// Demands failure with this exit code, nothing on stdout and these words on stderr.
    pub(crate) fn fails<const N: usize>(&self, code: i32, words: [&str; N]) {
        assert_eq!(self.code, Some(code), "{self:#?}");
        assert_eq!(self.stdout, "", "{self:#?}");
        self.mentions(words);
    }

    /// Demands these words on stderr.
    pub(crate) fn mentions<const N: usize>(&self, words: [&str; N]) {
        for word in words {
            assert!(self.stderr.contains(word), "no `{word}` in {self:#?}");
        }
    }
}
