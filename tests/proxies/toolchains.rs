//! Toolchains made of archives of releases: go switches to them without the network.

mod command;

use crate::databases::world::{client, go};
use crate::support::sandbox::{Sandbox, run};
use crate::support::{oracle, oracle_tests, unless};
use flate2::Compression;
use flate2::write::GzEncoder;
use gomodcache::cache::{Cache, Extraction};
use gomodcache::checksum::Part;
use gomodcache::goenv::FolderMode;
use gomodcache::module::ModuleVersion;
use gomodcache::ops::{Fetched, Monitor, Phase, ToolchainOptions, VerifiedBy, toolchain};
use gomodcache::web;
use libtest_mimic::{Completion, Failed, Trial};
use serde_json::Value;
use std::fs::File;
use std::io::Read;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

/// The tests of this group.
pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = oracle_tests!("toolchains":
        a_refused_toolchain_leaves_nothing,
    );
    trials.push(unless(
        oracle::missing,
        "toolchains::a_release_of_go_has_the_sum_that_its_database_has",
        real_release,
    ));
    trials.extend(command::trials());
    trials
}

const REAL_PROXY: &str = "https://proxy.golang.org";
const REAL: &str = "v0.0.1-go1.21.0.linux-amd64";

struct Silent;

impl Monitor for Silent {
    fn report(&self, _: Phase<'_>) {}

    fn interrupted(&self) -> bool {
        false
    }
}

type Admit<'a> = &'a (dyn Fn(&ModuleVersion, Part, &str) -> anyhow::Result<VerifiedBy> + Sync);

/// Puts the toolchain of an archive into a cache.
fn made(
    sandbox: &Sandbox,
    archive: &Path,
    modcache: &Path,
    extraction: Extraction,
    admit: Admit<'_>,
) -> anyhow::Result<Fetched> {
    toolchain(ToolchainOptions {
        archive,
        cache: &Cache::new(modcache.to_owned())?,
        scratch: &sandbox.path("scratch"),
        folder_mode: FolderMode::ReadOnly,
        extraction,
        threads: NonZeroUsize::new(2).expect("two"),
        admit,
        monitor: &Silent,
    })
}

struct Release(tar::Builder<GzEncoder<File>>, PathBuf);

impl Release {
    /// Begins an archive with what a module has not.
    fn begin(path: PathBuf) -> Release {
        let file = File::create(&path).expect("an archive");
        let mut release = Release(
            tar::Builder::new(GzEncoder::new(file, Compression::fast())),
            path,
        );
        for name in [
            "api/go1.txt",
            "doc/x.html",
            "misc/chrome/go.mod",
            "test/fixedbugs/x.go",
        ] {
            release.add(name, b"left out");
        }
        release
    }

    fn add(&mut self, name: &str, content: &[u8]) {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o755);
        let name = format!("go/{name}");
        self.0
            .append_data(&mut header, name, content)
            .expect("an entry");
    }

    fn finish(self) -> PathBuf {
        let encoder = self.0.into_inner().expect("a tar");
        encoder.finish().expect("an archive");
        self.1
    }
}

/// The platform of this machine, in Go's names.
fn here() -> String {
    let os = match std::env::consts::OS {
        "macos" => "darwin",
        other => other,
    };
    let architecture = match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    };
    format!("{os}/{architecture}")
}

/// A release whose go says only that it runs.
fn small_release(sandbox: &Sandbox) -> PathBuf {
    let tools = here().replace('/', "_");
    let mut release = Release::begin(sandbox.path("go1.99.1.tar.gz"));
    release.add("VERSION", b"go1.99.1\ntime 2030-01-02T03:04:05Z\n");
    release.add(
        "bin/go",
        b"#!/bin/sh\necho \"small go: $*\"\ncat \"$(dirname \"$0\")/../src/go.mod\"\n",
    );
    release.add(&format!("pkg/tool/{tools}/compile"), b"#!/bin/sh\n");
    release.add("bin/gofmt", b"#!/bin/sh\n");
    release.add("lib/time/README", b"");
    release.add("src/go.mod", b"module std\n");
    release.finish()
}

fn a_refused_toolchain_leaves_nothing() {
    let sandbox = Sandbox::new();
    let archive = small_release(&sandbox);
    for refused in [Part::Zip, Part::GoMod] {
        let modcache = sandbox.path("mod");
        let admit = |_: &ModuleVersion, part: Part, _: &str| {
            anyhow::ensure!(part != refused, "no");
            Ok(VerifiedBy::Nothing)
        };
        let error = made(&sandbox, &archive, &modcache, Extraction::Now, &admit);
        assert_eq!(error.expect_err("refused").to_string(), "no");
        let left: Vec<_> = walkdir::WalkDir::new(&modcache)
            .into_iter()
            .flatten()
            .filter(|entry| entry.file_type().is_file())
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .filter(|name| !name.ends_with(".lock"))
            .collect();
        assert!(left.is_empty(), "{left:?}");
    }
}

/// Packs the module of a release as its archive was, makes the module again, and compares with what go has.
fn real_release() -> Result<Completion, Failed> {
    let sandbox = Sandbox::new();
    let theirs = sandbox.path("theirs");
    let mut download = go(&sandbox, &theirs);
    download.args(["mod", "download", &format!("golang.org/toolchain@{REAL}")]);
    download
        .env("GOPROXY", REAL_PROXY)
        .env("GOSUMDB", "sum.golang.org");
    if !run(&mut download).status.success() {
        return Ok(Completion::ignored_with(
            "the module proxy cannot be reached",
        ));
    }
    let file = |cache: &Path, suffix: &str| {
        let folder = cache.join("mod/cache/download/golang.org/toolchain/@v");
        std::fs::read(folder.join(format!("{REAL}.{suffix}"))).expect(suffix)
    };
    let zip = std::io::Cursor::new(file(&theirs, "zip"));
    let mut zip = zip::ZipArchive::new(zip)?;
    let mut release = Release::begin(sandbox.path("go.tar.gz"));
    let prefix = format!("golang.org/toolchain@{REAL}/");
    for index in 0..zip.len() {
        let mut entry = zip.by_index(index)?;
        let name = entry
            .name()
            .strip_prefix(&prefix)
            .expect("below the module")
            .to_owned();
        let mut content = Vec::new();
        entry.read_to_end(&mut content)?;
        release.add(&name.replace("_go.mod", "go.mod"), &content);
    }
    let archive = release.finish();
    let ours = sandbox.path("ours");
    let database = client(
        &ours,
        "sum.golang.org",
        REAL_PROXY,
        web::Settings::default(),
    )?;
    let admit = |module: &ModuleVersion, part: Part, sum: &str| {
        database.check(module, part, sum)?;
        Ok(VerifiedBy::Database(database.name().to_owned()))
    };
    let made = made(
        &sandbox,
        &archive,
        &ours.join("mod"),
        Extraction::Now,
        &admit,
    )?;
    assert_eq!(made.module.version.as_str(), REAL);
    for suffix in ["ziphash", "mod"] {
        assert_eq!(file(&ours, suffix), file(&theirs, suffix), "{suffix}");
    }
    let info = |cache: &Path| serde_json::from_slice::<Value>(&file(cache, "info"));
    assert_eq!(info(&ours)?, info(&theirs)?);

    let output = run(go(&sandbox, &ours)
        .arg("version")
        .env("GOFLAGS", "")
        .env("GOTOOLCHAIN", "go1.21.0")
        .env("GOPROXY", "off")
        .env("GOSUMDB", "sum.golang.org")
        .env("HTTPS_PROXY", "http://127.0.0.1:1"));
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(told, "go version go1.21.0 linux/amd64\n", "{output:?}");
    Ok(Completion::Completed)
}
