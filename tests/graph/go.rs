//! The go command, which knows the right graph of a shape.

use super::Shape;
use gomodcache::checksum::GoSum;
use gomodcache::checksum::dirhash::go_mod_sum;
use gomodcache::graph::GoMods;
use gomodcache::module::{ModulePath, ModuleVersion, Version, unescape_version};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

/// With this variable set, as `.ci/run` does, a missing go fails the tests.
const REQUIRE: &str = "GOMODCACHE_REQUIRE_ORACLE";

/// What to print of a module. The folder of a replacement is absolute.
const FORMAT: &str = "{{if not .Main}}list: {{.Path}} {{.Version}}{{with .Replace}} => \
    {{if .Version}}{{.Path}} {{.Version}}{{else}}{{.Dir}}{{end}}{{end}}{{end}}";

/// Asks go for the graph of a shape, and tells how it is not the expected one; `None` when it is, or when
/// there is no go.
pub(crate) fn disagrees(shape: &Shape) -> Option<String> {
    if is_missing() {
        return None;
    }
    let is_workspace = shape.project().join("go.work").exists();
    let graph = run(shape, "-modcacherw", &["mod", "graph"]);
    let is_failure = |line: &str| line.starts_with("failure: ") || line.starts_with("error: ");
    if shape.expected.lines().any(is_failure) {
        return graph
            .status
            .success()
            .then(|| format!("go finds no fault:\n{}", text(&graph.stdout)));
    }
    let read = cached(&shape.folder.path().join("modcache/cache/download"));

    let file = shape.project().join("go.mod");
    let before = fs::read(&file).unwrap_or_default();
    let mode = if is_workspace { "" } else { "-mod=mod" };
    let list = run(shape, mode, &["list", "-m", "-f", FORMAT, "all"]);
    let mut needs_update = false;
    if !is_workspace {
        fs::write(&file, before).expect("file");
        write_sums(shape, &read);
        let readonly = run(shape, "-mod=readonly", &["list", "-m", "all"]);
        needs_update = text(&readonly.stderr).contains("updates to go.mod needed");
    }

    let mut found = String::new();
    if needs_update {
        found.push_str("needs update\n");
    }
    let lines = text(&list.stdout);
    for line in lines.lines().filter(|line| !line.is_empty()) {
        found.push_str(&format!("{line}\n"));
    }
    for line in text(&graph.stdout).lines() {
        found.push_str(&format!("graph: {line}\n"));
    }
    for module in read {
        found.push_str(&format!("read: {module}\n"));
    }
    let found = shape.shortened(&found);
    let complaints = text(&graph.stderr) + &text(&list.stderr);
    (found != shape.expected).then(|| format!("go finds\n{found}\n{complaints}"))
}

fn run(shape: &Shape, flags: &str, arguments: &[&str]) -> Output {
    let root = shape.folder.path();
    let home = root.join("home");
    super::write(&home.join(".config/go/telemetry/mode"), "off 2024-01-01");
    let mut command = Command::new("go");
    command
        .args(arguments)
        .current_dir(shape.project())
        .env_clear()
        .env("HOME", home)
        .env("GOPATH", root.join("gopath"))
        .env("GOMODCACHE", root.join("modcache"))
        .env("GOCACHE", root.join("gocache"))
        .env("GOENV", "off")
        .env("GOFLAGS", format!("-modcacherw {flags}"))
        .env("GOPROXY", format!("file://{}", shape.proxy().display()))
        .env("GOSUMDB", "off")
        .env("GOTOOLCHAIN", "local")
        .stdin(Stdio::null());
    if let Some(path) = std::env::var_os("PATH") {
        command.env("PATH", path);
    }
    command.output().expect("go runs")
}

/// Writes a go.sum with all that go reads before it can tell that go.mod needs an update.
fn write_sums(shape: &Shape, read: &BTreeSet<ModuleVersion>) {
    let mut sums = GoSum::default();
    for module in read {
        let go_mod = shape.go_mod(module).expect("a go.mod that go has read");
        let version = format!("{}/go.mod", module.version);
        sums.record(module.path.as_str(), &version, &go_mod_sum(&go_mod));
    }
    super::write(&shape.project().join("go.sum"), &sums.to_string());
}

/// Lists the versions whose go.mod is in a cache.
fn cached(folder: &Path) -> BTreeSet<ModuleVersion> {
    let mut files = Vec::new();
    list(folder, &mut files);
    let module = |file: PathBuf| {
        let name = file.strip_prefix(folder).ok()?.to_str()?.to_owned();
        let (path, version) = name.strip_suffix(".mod")?.split_once("/@v/")?;
        Some(ModuleVersion {
            path: ModulePath::unescape(path).ok()?,
            version: Version::new(&unescape_version(version).ok()?).ok()?,
        })
    };
    files.into_iter().filter_map(module).collect()
}

fn list(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        match entry.path() {
            path if path.is_dir() => list(&path, files),
            path => files.push(path),
        }
    }
}

fn text(output: &[u8]) -> String {
    String::from_utf8_lossy(output).into_owned()
}

fn is_missing() -> bool {
    static MISSING: OnceLock<bool> = OnceLock::new();
    *MISSING.get_or_init(|| {
        let mut go = Command::new("go");
        go.arg("version").stdin(Stdio::null());
        let is_missing = !go.output().is_ok_and(|output| output.status.success());
        let is_required = std::env::var_os(REQUIRE).is_some();
        assert!(
            !(is_missing && is_required),
            "{REQUIRE} is set, but go is not on PATH"
        );
        is_missing
    })
}
