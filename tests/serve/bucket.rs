//! A bucket at a real S3 server, which is VersityGW as `tests/testdata/s3server` makes it.

use crate::support::sandbox::{Sandbox, run};
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

/// The secret of the only user.
pub(crate) const SECRET: &str = "a-secret-that-is-not-to-be-seen";

/// The URL for `--storage`.
pub(crate) const URL: &str = "s3://go-modules/team";

/// Tells why there is no server on this machine; `None` when there is.
pub(crate) fn missing() -> Option<String> {
    program().as_ref().err().cloned()
}

/// Builds the server once, unless the modules that it is made of cannot be had.
fn program() -> &'static Result<PathBuf, String> {
    static PROGRAM: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join("s3server");
        let building = program.with_extension(std::process::id().to_string());
        // Nobody cares for its speed, and everybody for that of its compiler.
        let quickly = ["-gcflags=all=-N -l -dwarf=false", "-ldflags=-s -w", "-o"];
        let built = run(go().arg("build").args(quickly).arg(&building));
        if built.status.success() {
            std::fs::rename(&building, &program).expect("a program");
            return Ok(program);
        }
        let listed = run(go().args(["list", "-deps"]));
        assert!(!listed.status.success(), "{built:?}");
        let stderr = String::from_utf8_lossy(&listed.stderr);
        let last = stderr.lines().last().unwrap_or_default();
        Err(format!("modules of the S3 server cannot be had: {last}"))
    })
}

fn go() -> Command {
    let mut command = Command::new("go");
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/testdata/s3server");
    command.current_dir(folder).stdin(Stdio::null());
    command
}

/// Tests that need go and an S3 server.
macro_rules! bucket_tests {
    ($group:literal: $($name:ident),+ $(,)?) => {
        vec![$($crate::support::unless(
            || $crate::support::oracle::missing().map(str::to_owned).or_else($crate::bucket::missing),
            concat!($group, "::", stringify!($name)),
            || { $name(); Ok(libtest_mimic::Completion::Completed) },
        )),+]
    };
}

pub(crate) use bucket_tests;

/// A server with a bucket.
pub(crate) struct Bucket {
    folder: PathBuf,
    pub(crate) address: String,
    child: Child,
}

impl Bucket {
    pub(crate) fn new(sandbox: &Sandbox) -> Bucket {
        let folder = sandbox.path("s3");
        std::fs::create_dir_all(folder.join("buckets/go-modules")).expect("a bucket");
        let port = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = port.local_addr().expect("an address").to_string();
        drop(port);
        let child = start(&folder, &address);
        Bucket {
            folder,
            address,
            child,
        }
    }

    /// Ends the server; what it has stored stays.
    pub(crate) fn stop(&mut self) {
        let _ = self.child.kill();
        self.child.wait().expect("an end");
    }

    /// Starts it again where it was.
    pub(crate) fn restart(&mut self) {
        self.child = start(&self.folder, &self.address);
    }

    /// The file that holds an object below the prefix.
    pub(crate) fn object(&self, name: &str) -> PathBuf {
        self.folder.join("buckets/go-modules/team").join(name)
    }

    /// Has a command use the bucket, at this address.
    pub(crate) fn variables(command: &mut Command, address: &str) {
        command
            .env("AWS_ENDPOINT_URL", format!("http://{address}"))
            .env("AWS_ALLOW_HTTP", "true")
            .env("AWS_REGION", "us-east-1");
        user(command);
    }
}

impl Drop for Bucket {
    fn drop(&mut self) {
        self.stop();
    }
}

fn user(command: &mut Command) {
    command
        .env("AWS_ACCESS_KEY_ID", "tests")
        .env("AWS_SECRET_ACCESS_KEY", SECRET);
}

fn start(folder: &Path, address: &str) -> Child {
    let program = program().as_ref().expect("a program");
    let mut command = Command::new(program);
    command.arg(folder).arg(address).stdin(Stdio::null());
    user(&mut command);
    let mut child = command.stdout(Stdio::piped()).spawn().expect("a server");
    let said = BufReader::new(child.stdout.take().expect("stdout"));
    let mut lines = said.lines().map_while(Result::ok);
    assert!(lines.any(|line| line == "listening"), "{address}");
    child
}
