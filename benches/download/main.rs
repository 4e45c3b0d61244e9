//! Prints a table of `gomodcache fetch` and `gomodcache seed` against `go mod download`, and of `gomodcache verify`
//! against `go mod verify`.
//!
//! ```text
//! cargo bench                      the table, in some minutes
//! cargo bench -- --rounds 3        fewer rounds, more noise
//! GOMODCACHE_BENCH_DIR=/mnt/disk cargo bench
//! ```
//!
//! Both programs start cold and do the same work, which is checked by the sums they write; they take
//! turns, and the one that begins a round changes from round to round. The files lie in a memory file
//! system where there is one, because a disk's write-back noise hides everything else.

mod bundles;
mod contestants;
mod measure;
mod program;
mod repository;
mod server;
mod table;

use anyhow::{Context, Result, bail};
use contestants::{Arena, Origin, Program, Task};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Duration;
use table::Row;

/// What all versions, three times over, need at most.
const SPACE: u64 = 2 << 30;

const MIB: u64 = 1 << 20;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // `cargo test --all-targets` starts benchmarks as well, but without this argument.
    if !arguments.iter().any(|argument| argument == "--bench") {
        println!("nothing is measured: this is a benchmark, run it with `cargo bench`");
        return ExitCode::SUCCESS;
    }
    match rounds(&arguments).and_then(compare) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn rounds(arguments: &[String]) -> Result<usize> {
    let Some(at) = arguments.iter().position(|argument| argument == "--rounds") else {
        return Ok(11);
    };
    let number = arguments.get(at + 1).context("--rounds needs a number")?;
    match number.parse() {
        Ok(rounds) if rounds > 0 => Ok(rounds),
        _ => bail!("--rounds needs a number above zero, not `{number}`"),
    }
}

fn compare(rounds: usize) -> Result<()> {
    let go = said("go", &["version"]).context("go is needed to compare with")?;
    let git = said("git", &["--version"]).context("git is needed to make the repository")?;
    let (place, what) = place();
    let folder = tempfile::Builder::new()
        .prefix("gomodcache-bench-")
        .tempdir_in(&place)?;
    let result = measure_all(folder.path(), rounds).map(|rows| {
        println!(
            "{go}; {git}; {} processors; in {} ({what})",
            processors(),
            place.display()
        );
        println!(
            "medians of {rounds} rounds, {} for all versions and for the project\n",
            few(rounds)
        );
        print!("{}", table::render(&rows));
    });
    contestants::remove(&folder.path().join("runs"))?;
    result
}

fn measure_all(folder: &Path, rounds: usize) -> Result<Vec<Row>> {
    let local = folder.join("served/module.git");
    fs::create_dir_all(folder.join("served"))?;
    eprintln!("making a repository with {} tags", repository::TAGS);
    repository::create(&local)?;
    let host = server::start(&folder.join("served"))?;
    let url = format!("{host}/module.git");
    let arena = Arena::new(folder.to_owned())?;
    let (local, loopback) = (Origin::Folder(local), Origin::Url(url));

    let mut one = row(
        "one version, local repository",
        &arena,
        Task::OneVersion,
        &local,
        rounds,
    )?;
    one.required_speed = Some(10.0);
    let mut all = row(
        "all 40 versions, local repository",
        &arena,
        Task::AllVersions,
        &local,
        few(rounds),
    )?;
    all.required_speed = Some(20.0);
    all.required_copies = Some(1.7);
    all.required_memory = Some(64 * MIB);
    let mut served = row(
        "one version, HTTP on loopback",
        &arena,
        Task::OneVersion,
        &loopback,
        rounds,
    )?;
    served.required_speed = Some(2.0);
    let mut project = project(folder, &arena, rounds)?;
    project.required_speed = Some(3.0);
    let mut rows = vec![one, all, served, project, verification(&arena, rounds)?];
    rows.extend(proxies(folder, &arena, &host, rounds)?);
    rows.extend(bundles::rows(&arena, rounds)?);
    rows.push(start_up(rounds)?);
    Ok(rows)
}

/// The modules of the project, from the cache that go has just filled as a module proxy.
fn proxies(folder: &Path, arena: &Arena, host: &str, rounds: usize) -> Result<Vec<Row>> {
    let proxy = folder.join("served/proxy");
    fs::rename(arena.cache(Program::Go).join("cache/download"), &proxy)?;
    let ways = [
        ("a folder", format!("file://{}", proxy.display())),
        ("HTTP on loopback", format!("{host}/proxy")),
    ];
    let rows = ways.map(|(way, url)| {
        let name = format!("{} modules, module proxy: {way}", program::MODULES);
        let origin = Origin::Proxy(url);
        let mut row = row(&name, arena, Task::Modules, &origin, few(rounds))?;
        row.required_speed = Some(2.0);
        row.required_memory = Some(64 * MIB);
        Ok(row)
    });
    rows.into_iter().collect()
}

/// All that a project needs.
fn project(folder: &Path, arena: &Arena, rounds: usize) -> Result<Row> {
    let repositories = folder.join("program");
    eprintln!("making {} repositories", program::MODULES);
    program::create(&repositories)?;
    row(
        &format!("seed, {} modules, local repositories", program::MODULES),
        arena,
        Task::Project,
        &Origin::Folder(repositories),
        few(rounds),
    )
}

/// The cache that go has just filled for the project, verified; go is given the go.sum that it has written.
fn verification(arena: &Arena, rounds: usize) -> Result<Row> {
    let name = format!("verify, {} modules (`go mod verify`)", program::MODULES);
    eprintln!("measuring: {name}");
    let (mut ours, mut go) = (Vec::new(), Vec::new());
    for round in 0..rounds {
        let mut order = [Program::Ours, Program::Go];
        order.rotate_left(round % 2);
        for program in order {
            let elapsed = measure::duration(&mut arena.verification(program)?)?;
            match program {
                Program::Ours => ours.push(elapsed),
                Program::Go => go.push(elapsed),
            }
        }
    }
    let peak_memory = measure::peak_memory(&mut arena.verification(Program::Ours)?)?;
    Ok(Row {
        name,
        ours: measure::median(ours),
        go: measure::median(go),
        peak_memory,
        required_speed: Some(3.0),
        required_memory: Some(64 * MIB),
        ..Row::default()
    })
}

/// Rounds of a task that takes go many seconds.
fn few(rounds: usize) -> usize {
    rounds.div_ceil(3)
}

fn row(name: &str, arena: &Arena, task: Task, origin: &Origin, rounds: usize) -> Result<Row> {
    eprintln!("measuring: {name}");
    let (mut ours, mut go, mut copies) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..rounds {
        let mut order = [Program::Ours, Program::Go];
        order.rotate_left(round % 2);
        for program in order {
            let elapsed = measure::duration(&mut arena.cold(program, task, origin)?)?;
            match program {
                Program::Ours => ours.push(elapsed),
                Program::Go => go.push(elapsed),
            }
        }
        copies.push(copy(arena)?);
        arena.check_equal_work(task)?;
    }
    let peak_memory = measure::peak_memory(&mut arena.cold(Program::Ours, task, origin)?)?;
    let (ours, go, copy) = (
        measure::median(ours),
        measure::median(go),
        measure::median(copies),
    );
    Ok(Row {
        name: name.to_owned(),
        ours,
        go,
        copy: Some(copy),
        peak_memory,
        ..Row::default()
    })
}

/// The time that `cp -r` takes for the cache that we made.
fn copy(arena: &Arena) -> Result<Duration> {
    contestants::remove(&arena.copy())?;
    measure::duration(
        Command::new("cp")
            .arg("-r")
            .arg(arena.cache(Program::Ours))
            .arg(arena.copy()),
    )
}

/// What each program needs to say its version, which is the least that it can do.
fn start_up(rounds: usize) -> Result<Row> {
    let size = fs::metadata(contestants::ours().get_program())?.len();
    let name = format!(
        "start and print the version ({:.1} MiB binary)",
        size as f64 / MIB as f64
    );
    let (mut ours, mut go) = (Vec::new(), Vec::new());
    for _ in 0..rounds * 3 {
        ours.push(measure::duration(contestants::ours().arg("--version"))?);
        go.push(measure::duration(Command::new("go").arg("version"))?);
    }
    let (ours, go) = (measure::median(ours), measure::median(go));
    Ok(Row {
        name,
        ours,
        go,
        ..Row::default()
    })
}

/// The first line that a program prints.
fn said(program: &str, arguments: &[&str]) -> Result<String> {
    let output = Command::new(program).args(arguments).output();
    let output = output.with_context(|| format!("cannot run `{program}`"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    Ok(text.lines().next().unwrap_or_default().to_owned())
}

fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// The folder to work in, and what it is.
fn place() -> (PathBuf, &'static str) {
    if let Some(folder) = std::env::var_os("GOMODCACHE_BENCH_DIR") {
        return (folder.into(), "as GOMODCACHE_BENCH_DIR says");
    }
    let memory = PathBuf::from("/dev/shm");
    match free_space(&memory) {
        Some(free) if free >= SPACE => (memory, "a memory file system"),
        _ => (
            std::env::temp_dir(),
            "no memory file system with 2 GiB of space was found: expect noise",
        ),
    }
}

/// The bytes that `df` says are free in a folder.
fn free_space(folder: &Path) -> Option<u64> {
    let output = Command::new("df").arg("-Pk").arg(folder).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let kibibytes: u64 = text
        .lines()
        .nth(1)?
        .split_whitespace()
        .nth(3)?
        .parse()
        .ok()?;
    Some(kibibytes * 1024)
}
