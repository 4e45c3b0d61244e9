//! Archives of releases, and of what others may call so.

use std::io::Write;
use std::path::PathBuf;

use flate2::Compression;
use flate2::write::GzEncoder;
use tar::{Builder, EntryType, Header};
use tempfile::TempDir;

use super::*;
use crate::module::{ModulePath, ModuleVersion};
use crate::modzip::{ContentReader, Contents};

const VERSION: &str = "go1.23.4\ntime 2024-11-27T20:26:24Z\n";

/// A tar that is being written.
struct Tar(Builder<Vec<u8>>);

impl Tar {
    fn new() -> Tar {
        Tar(Builder::new(Vec::new()))
    }

    /// A release with little in it.
    fn release() -> Tar {
        Tar::new()
            .folder("go/")
            .file("go/VERSION", VERSION)
            .file("go/api/go1.txt", "left out")
            .file("go/bin/go", "a program")
            .file("go/doc/x.html", "left out")
            .file("go/misc/x", "left out")
            .file("go/pkg/tool/linux_amd64/compile", "a tool")
            .file("go/src/go.mod", "module std\n")
            .file("go/src/cmd/go.mod", "module cmd\n")
            .file("go/src/cmd/vendor/v.go", "package v\n")
            .file("go/src/cmd/xgo.mod", "no go.mod")
            .file("go/test/t.go", "left out")
            .file("go/testing", "not in test/")
    }

    fn file(self, name: &str, content: &str) -> Tar {
        self.entry(EntryType::Regular, name.as_bytes(), content.as_bytes())
    }

    fn folder(self, name: &str) -> Tar {
        self.entry(EntryType::Directory, name.as_bytes(), b"")
    }

    /// Names are written as they are.
    fn entry(mut self, kind: EntryType, name: &[u8], content: &[u8]) -> Tar {
        let mut header = Header::new_ustar();
        header.as_mut_bytes()[..name.len().min(100)].copy_from_slice(&name[..name.len().min(100)]);
        header.set_entry_type(kind);
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        self.0.append(&header, content).unwrap();
        self
    }

    fn packed(self) -> Vec<u8> {
        gzip(&self.0.into_inner().unwrap())
    }
}

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

fn unpacked(archive: &[u8]) -> (TempDir, anyhow::Result<Release>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("go.tar.gz");
    std::fs::write(&path, archive).unwrap();
    let release = Release::unpack(&path, &folder.path().join("scratch"), &|| false);
    (folder, release)
}

/// Gives the module, and names and contents.
fn told(archive: &[u8]) -> Vec<String> {
    let (_folder, release) = unpacked(archive);
    let release = release.unwrap();
    let mut reader = release.reader().unwrap();
    let mut told = vec![
        release.module().to_string(),
        release.info().to_json().unwrap(),
    ];
    for file in release.files() {
        let mut content = Vec::new();
        reader.read(&file.key, &mut content).unwrap();
        told.push(format!(
            "{} {}",
            file.path,
            String::from_utf8(content).unwrap().trim_end()
        ));
    }
    told
}

const EXPECTED: [&str; 10] = [
    "golang.org/toolchain@v0.0.1-go1.23.4.linux-amd64",
    r#"{"Version":"v0.0.1-go1.23.4.linux-amd64","Time":"2024-11-27T20:26:24Z"}"#,
    "VERSION go1.23.4\ntime 2024-11-27T20:26:24Z",
    "bin/go a program",
    "pkg/tool/linux_amd64/compile a tool",
    "src/_go.mod module std",
    "src/cmd/_go.mod module cmd",
    "src/cmd/vendor/v.go package v",
    "src/cmd/xgo.mod no go.mod",
    "testing not in test/",
];

#[test]
fn a_release_is_a_module_with_some_folders_less_and_no_go_mod() {
    assert_eq!(told(&Tar::release().packed()), EXPECTED);
    let root = Tar::release().file("go/go.mod", "module x\n").packed();
    assert!(told(&root).contains(&"_go.mod module x".to_owned()));
}

#[test]
fn a_zip_is_as_good() {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    zip.add_directory("go/", options).unwrap();
    for (name, content) in [
        ("go/VERSION", VERSION),
        ("go/test/t.go", "left out"),
        ("go/pkg/tool/windows_arm64/compile.exe", "a tool"),
        ("go/src/go.mod", "module std\n"),
    ] {
        zip.start_file(name, options).unwrap();
        zip.write_all(content.as_bytes()).unwrap();
    }
    let told = told(&zip.finish().unwrap().into_inner());
    assert_eq!(
        told[0],
        "golang.org/toolchain@v0.0.1-go1.23.4.windows-arm64"
    );
    let names: Vec<&str> = told[2..]
        .iter()
        .map(|line| line.split(' ').next().unwrap())
        .collect();
    assert_eq!(
        names,
        [
            "VERSION",
            "pkg/tool/windows_arm64/compile.exe",
            "src/_go.mod"
        ]
    );
}

#[test]
fn long_names_are_read_in_both_forms() {
    let long = format!("go/src/{}/x.go", "d".repeat(120));
    let pax = format!("path={long}\n");
    let length = pax.len() + 4;
    let pax = format!("{length} {pax}");
    assert_eq!(pax.len(), length);
    for (kind, text) in [
        (EntryType::XHeader, pax),
        (EntryType::GNULongName, format!("{long}\0")),
    ] {
        let archive = Tar::release()
            .entry(
                EntryType::XGlobalHeader,
                b"pax_global_header",
                b"13 comment=x\n",
            )
            .entry(kind, b"long", text.as_bytes())
            .file("go/short", "long")
            .file("go/zzz", "after")
            .packed();
        let told = told(&archive);
        let expected = format!("{} long", &long[3..]);
        assert!(told.contains(&expected), "{told:?}");
        assert!(told.contains(&"zzz after".to_owned()), "{told:?}");
    }
}

#[test]
fn what_is_no_release_is_refused() {
    let cut = {
        let mut archive = Tar::release().packed();
        archive.truncate(archive.len() - 6);
        archive
    };
    let damaged = {
        let mut archive = Tar::release().packed();
        let place = archive.len() - 6;
        archive[place] ^= 1;
        archive
    };
    let release = Tar::release;
    let entry = |kind, name: &str| release().entry(kind, name.as_bytes(), b"").packed();
    let without = |version: &str| Tar::new().file("go/VERSION", version);
    let tool = "go/pkg/tool/linux_amd64/link";
    for (archive, words) in [
        (b"".to_vec(), "not an archive"),
        (b"text".to_vec(), "neither a .tar.gz nor a .zip"),
        (b"PK nothing".to_vec(), "not a zip"),
        (gzip(b"no tar"), "cannot make a toolchain of"),
        (cut, "damaged after the last file"),
        (damaged, "damaged after the last file"),
        (release().file("src/x", "").packed(), "not below go/"),
        (release().file("/go/x", "").packed(), "not below go/"),
        (
            release().file("go/../../etc/passwd", "").packed(),
            "path element",
        ),
        (
            release().file("go//etc/passwd", "").packed(),
            "path element",
        ),
        (release().file("go/a\\b", "").packed(), "invalid char"),
        (
            release().file("go/bin/go", "again").packed(),
            "two files of one name",
        ),
        (
            release().file("go/BIN/go", "again").packed(),
            "two files of one name",
        ),
        (
            release().file("go/src/_go.mod", "again").packed(),
            "two files of one name",
        ),
        (
            release()
                .entry(EntryType::Regular, b"go/\xff", b"")
                .packed(),
            "no UTF-8",
        ),
        (
            entry(EntryType::Symlink, "go/link"),
            "neither file nor folder",
        ),
        (entry(EntryType::Link, "go/link"), "neither file nor folder"),
        (entry(EntryType::Fifo, "go/pipe"), "neither file nor folder"),
        (entry(EntryType::Char, "go/null"), "neither file nor folder"),
        (
            entry(EntryType::GNUSparse, "go/sparse"),
            "neither file nor folder",
        ),
        (
            release()
                .entry(EntryType::GNULongName, b"x", &[b'a'; 70_000])
                .packed(),
            "a name of more than 65536 bytes",
        ),
        (
            release()
                .entry(EntryType::XHeader, b"x", b"11 size=99\n")
                .packed(),
            "a size in an extended header",
        ),
        (
            Tar::new().file(tool, "").packed(),
            "no Go release since go1.21",
        ),
        (
            without("go1.20.3").file(tool, "").packed(),
            "VERSION has no time",
        ),
        (without(VERSION).packed(), "0 platforms"),
        (
            without(VERSION)
                .file(tool, "")
                .file("go/pkg/tool/js_wasm/link", "")
                .packed(),
            "2 platforms",
        ),
        (
            without(&VERSION.replace("time", "hello"))
                .file(tool, "")
                .packed(),
            "unexpected line",
        ),
        (
            without(&VERSION.replace("go1.23.4", "devel +abc"))
                .file(tool, "")
                .packed(),
            "no Go release such as",
        ),
        (
            without(&VERSION.replace("go1.23.4", "go1.23/../4"))
                .file(tool, "")
                .packed(),
            "no Go release such as",
        ),
        (
            without(VERSION)
                .file("go/pkg/tool/linux-x_amd64/link", "")
                .packed(),
            "no platform",
        ),
        (without(&"x".repeat(2000)).packed(), "more than 1024 bytes"),
    ] {
        let (folder, release) = unpacked(&archive);
        let text = match release {
            Ok(release) => panic!("{words}: {}", release.module()),
            Err(error) => format!("{error:#}"),
        };
        assert!(text.contains(words), "{words}: {text}");
        let left: Vec<PathBuf> = std::fs::read_dir(folder.path().join("scratch"))
            .map(|entries| entries.map(|entry| entry.unwrap().path()).collect())
            .unwrap_or_default();
        assert!(left.is_empty(), "{words}: {left:?}");
    }
}

#[test]
fn an_archive_that_grows_without_end_is_given_up() {
    let mut header = Header::new_ustar();
    header.set_path("go/bomb").unwrap();
    header.set_entry_type(EntryType::Regular);
    header.set_size(8 << 30);
    header.set_cksum();
    let archive = gzip(&[header.as_bytes().as_slice(), &[0; 4096]].concat());
    let (_folder, release) = unpacked(&archive);
    let text = format!("{:#}", release.err().unwrap());
    assert!(
        text.contains("all files together have more than 524288000 bytes"),
        "{text}"
    );
}

#[test]
fn the_user_can_end_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("go.tar.gz");
    std::fs::write(&path, Tar::release().packed()).unwrap();
    let error = Release::unpack(&path, folder.path(), &|| true)
        .err()
        .unwrap();
    assert!(
        error.is::<crate::modzip::Cancelled>() || format!("{error:#}").ends_with("interrupted")
    );
}

#[test]
fn names_of_toolchains_are_those_of_go() {
    let named = |release: &str, platform: &str| -> anyhow::Result<String> {
        Ok(module_of(release, &platform.parse()?)?.version.to_string())
    };
    assert_eq!(
        named("go1.21rc2", "darwin/arm64").unwrap(),
        "v0.0.1-go1.21rc2.darwin-arm64"
    );
    assert_eq!(
        named("go1.23.4", "linux-386").unwrap(),
        "v0.0.1-go1.23.4.linux-386"
    );
    for (release, platform) in [
        ("1.23.4", "linux/amd64"),
        ("go1.23.4-custom", "linux/amd64"),
        ("gotip", "linux/amd64"),
        ("go1.23.4", "linux"),
        ("go1.23.4", "Linux/amd64"),
        ("go1.23.4", "linux/../x"),
        ("go1.23.4", "/"),
    ] {
        assert!(named(release, platform).is_err(), "{release} {platform}");
    }
}

#[test]
fn a_release_has_toolchains_for_every_platform_and_a_language_version_has_all_its_releases() {
    let toolchain = |version: &str| ModuleVersion {
        path: ModulePath::new(ModulePath::TOOLCHAIN).unwrap(),
        version: version.parse().unwrap(),
    };
    for (version, name, expected) in [
        ("v0.0.1-go1.23.4.linux-amd64", "go1.23.4", true),
        ("v0.0.1-go1.23.4.darwin-arm64", "go1.23", true),
        ("v0.0.1-go1.23.4.linux-amd64", "go1.23.40", false),
        ("v0.0.1-go1.23.40.linux-amd64", "go1.23.4", false),
        ("v0.0.1-go1.23.4.linux-amd64", "go1.2", false),
        ("v0.0.1-go1.24rc1.linux-amd64", "go1.24rc1", true),
        ("v0.0.1-go1.24rc1.linux-amd64", "default", false),
    ] {
        assert_eq!(
            is_of(&toolchain(version), name),
            expected,
            "{version} {name}"
        );
    }
    let other = ModuleVersion {
        path: "example.com/m".parse().unwrap(),
        ..toolchain("v0.0.1-go1.23.4.linux-amd64")
    };
    assert!(!is_of(&other, "go1.23.4"));
}
