//! Stopwatch and scales: how long a command takes, and how much memory it needs at most.

use anyhow::{Context, Result, bail};
use std::fs;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// The time from start to exit of a command that must succeed.
pub(crate) fn duration(command: &mut Command) -> Result<Duration> {
    command.stdout(Stdio::null()).stderr(Stdio::piped());
    let start = Instant::now();
    let output = command
        .output()
        .with_context(|| format!("cannot run {:?}", command.get_program()))?;
    let elapsed = start.elapsed();
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!(
            "{:?} failed ({}):\n{}",
            command.get_program(),
            output.status,
            said.trim_end()
        );
    }
    Ok(elapsed)
}

/// The middle one of the durations; of an even number the later of the two in the middle.
pub(crate) fn median(mut durations: Vec<Duration>) -> Duration {
    durations.sort_unstable();
    durations
        .get(durations.len() / 2)
        .copied()
        .unwrap_or_default()
}

/// The most memory, in bytes, that a command had resident at any time, without its children.
///
/// Linux keeps that mark itself (`VmHWM`); it is read until the process is gone, so what is missed is at
/// most what was taken in the last half of a millisecond. `None` where there is no such mark.
pub(crate) fn peak_memory(command: &mut Command) -> Result<Option<u64>> {
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command
        .spawn()
        .with_context(|| format!("cannot run {:?}", command.get_program()))?;
    let status = format!("/proc/{}/status", child.id());
    let mut peak = None;
    let exit = loop {
        peak = peak.max(high_water_mark(&status));
        if let Some(exit) = child.try_wait()? {
            break exit;
        }
        thread::sleep(Duration::from_micros(500));
    };
    if !exit.success() {
        bail!("{:?} failed ({exit})", command.get_program());
    }
    Ok(peak)
}

fn high_water_mark(status: &str) -> Option<u64> {
    let text = fs::read_to_string(status).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}
