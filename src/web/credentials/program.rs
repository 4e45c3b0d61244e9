//! Running a program that knows credentials: what it says is nobody's business but ours.

use std::io::{Read, Write};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

/// The largest answer that is taken, in bytes.
const MAX_ANSWER: u64 = 1 << 20;

/// Runs a program to its end with `input`, and gives what it prints. It is told not to ask anybody.
///
/// # Errors
/// A program that cannot be started, fails, or says more than 1 MiB; the text shows nothing of what it said.
pub(super) fn ask(mut command: Command, input: &[u8]) -> Result<Vec<u8>> {
    let mut child = command
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("GCM_INTERACTIVE", "never")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .context("it cannot be started")?;
    let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
    let mut answer = Vec::new();
    let read = std::thread::scope(|scope| {
        // A program that does not read to the end is none the worse for it.
        scope.spawn(move || stdin.map(|mut stdin| stdin.write_all(input)));
        let Some(stdout) = stdout else { return Ok(0) };
        let mut limited = stdout.take(MAX_ANSWER + 1);
        let read = limited.read_to_end(&mut answer);
        // Closes the pipe, so that a program that goes on writing comes to an end.
        drop(limited);
        read
    });
    let status = child.wait().context("it cannot be waited for")?;
    read.context("what it says cannot be read")?;
    ensure!(
        answer.len() as u64 <= MAX_ANSWER,
        "it says more than {MAX_ANSWER} bytes"
    );
    ensure!(status.success(), "it failed with {status}");
    Ok(answer)
}
