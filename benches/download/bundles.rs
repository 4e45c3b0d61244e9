//! Packing and unpacking against `tar` and `zstd`, which put the same folder into a file and out of it, and verify
//! nothing.

use crate::contestants::{Arena, Program, ours, remove};
use crate::measure;
use crate::table::Row;
use anyhow::{Context, Result};
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// One thing that both do.
struct Task {
    name: &'static str,
    ours: &'static str,
    theirs: &'static str,
    /// How many times their time we may take; nothing where they do so much less that it only tells what verifying
    /// costs.
    required_times: Option<f64>,
}

const TASKS: [Task; 4] = [
    Task {
        name: "pack the folder (`tar -c`, `zstd`)",
        ours: "pack --all -o ours.zst --modcache mod",
        theirs: "tar -cf - mod | zstd -q -f -o theirs.zst",
        required_times: Some(1.3),
    },
    Task {
        name: "unpack the folder (`zstd -d`, `tar -x`)",
        ours: "unpack ours.zst --modcache ours",
        theirs: "mkdir theirs && zstd -q -d -c theirs.zst | tar -xf - -C theirs",
        required_times: Some(1.3),
    },
    Task {
        name: "pack cache/download (`tar -c`, `zstd`)",
        ours: "pack --all -o ours.zst --modcache mod",
        theirs: "tar -cf - mod/cache/download | zstd -q -f -o theirs.zst",
        required_times: None,
    },
    Task {
        name: "unpack cache/download (`zstd -d`, `tar -x`)",
        ours: "unpack ours.zst --no-extract --modcache ours",
        theirs: "mkdir theirs && zstd -q -d -c theirs.zst | tar -xf - -C theirs",
        required_times: None,
    },
];

/// Measures all of it with the cache that we have filled last; nothing where there is no `zstd` to compare with.
pub(crate) fn rows(arena: &Arena, rounds: usize) -> Result<Vec<Row>> {
    if Command::new("zstd").arg("--version").output().is_err() {
        eprintln!("not measured: pack and unpack, for there is no zstd to compare with");
        return Ok(Vec::new());
    }
    let cache = arena.cache(Program::Ours);
    let folder = cache.parent().context("a cache lies in a folder")?;
    let bench = Bench {
        folder: folder.to_owned(),
    };
    TASKS.iter().map(|task| bench.row(task, rounds)).collect()
}

struct Bench {
    folder: PathBuf,
}

impl Bench {
    fn row(&self, task: &Task, rounds: usize) -> Result<Row> {
        eprintln!("measuring: {}", task.name);
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for round in 0..rounds {
            for turn in 0..2 {
                match (round + turn) % 2 {
                    0 => ours.push(measure::duration(&mut self.ours(task)?)?),
                    _ => theirs.push(measure::duration(&mut self.theirs(task)?)?),
                }
            }
        }
        let peak_memory = measure::peak_memory(&mut self.ours(task)?)?;
        Ok(Row {
            name: task.name.to_owned(),
            ours: measure::median(ours),
            go: measure::median(theirs),
            peak_memory,
            required_times: task.required_times,
            required_memory: Some(64 << 20),
            ..Row::default()
        })
    }

    fn ours(&self, task: &Task) -> Result<Command> {
        remove(&self.folder.join("ours"))?;
        let mut command = ours();
        command
            .args(task.ours.split(' '))
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .env("HOME", &self.folder)
            .env("GOENV", "off")
            .env("GOSUMDB", "off");
        Ok(command)
    }

    fn theirs(&self, task: &Task) -> Result<Command> {
        remove(&self.folder.join("theirs"))?;
        let mut command = Command::new("sh");
        command
            .args(["-c", task.theirs])
            .current_dir(&self.folder)
            .stdin(Stdio::null());
        Ok(command)
    }
}
