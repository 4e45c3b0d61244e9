//! What proxies have: the files of modules, as honest ones serve them, and then changed by a test.
#![allow(dead_code, reason = "not every test program asks for everything")]

use crate::loopback::{Answer, Asked, Loopback, table};
use std::collections::BTreeMap;
use std::io::{Cursor, Write as _};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// The files of a proxy by the targets of requests.
#[derive(Clone, Default)]
pub(crate) struct Files(BTreeMap<String, Answer>);

/// A version as an honest proxy has it.
pub(crate) struct Release<'a> {
    pub(crate) version: &'a str,
    pub(crate) go_mod: &'a str,
    /// Names in the module and contents, besides go.mod.
    pub(crate) files: &'a [(&'a str, &'a str)],
}

impl Files {
    /// An honest proxy of `example.com/m` with these versions.
    pub(crate) fn of(versions: &[&str]) -> Files {
        Files::default().module("example.com/m", versions)
    }

    /// Adds a module; its versions are all alike.
    pub(crate) fn module(mut self, path: &str, versions: &[&str]) -> Files {
        let tags = versions
            .iter()
            .filter(|version| version.matches('-').count() < 2);
        let list: String = tags.map(|version| format!("{version}\n")).collect();
        self.set(&format!("{}/@v/list", target(path)), Answer::ok(list));
        for version in versions {
            let go_mod = format!("module {path}\n");
            let release = Release {
                version,
                go_mod: &go_mod,
                files: &[("m.go", "package m\n"), ("sub/s.go", "package sub\n")],
            };
            self.release(path, &release);
        }
        self
    }

    /// Adds info, go.mod and zip of a version.
    pub(crate) fn release(&mut self, path: &str, release: &Release<'_>) {
        let version = release.version;
        let base = format!("{}/@v/{}", target(path), escaped(version));
        let info = format!(r#"{{"Version":"{version}","Time":"2020-01-02T03:04:05Z"}}"#);
        self.set(&format!("{base}.info"), Answer::ok(info));
        self.set(&format!("{base}.mod"), Answer::ok(release.go_mod));
        let mut files = vec![("go.mod", release.go_mod)];
        files.extend(release.files);
        let zip = zip(files.into_iter().map(|(name, content)| {
            (
                format!("{path}@{version}/{name}"),
                content.as_bytes().to_vec(),
            )
        }));
        self.set(&format!("{base}.zip"), Answer::ok(zip));
    }

    /// Sets what is answered for a file of `example.com/m`.
    pub(crate) fn with(mut self, file: &str, answer: Answer) -> Files {
        self.set(&format!("/example.com/m/{file}"), answer);
        self
    }

    /// Takes a file of `example.com/m` away.
    pub(crate) fn without(mut self, file: &str) -> Files {
        self.0.remove(&format!("/example.com/m/{file}"));
        self
    }

    pub(crate) fn set(&mut self, target: &str, answer: Answer) {
        self.0.insert(target.to_owned(), answer);
    }

    /// Starts a proxy that has them.
    pub(crate) fn serve(&self) -> Loopback {
        Loopback::start(self.answers())
    }

    /// What a proxy that has them answers.
    pub(crate) fn answers(&self) -> impl Fn(&Asked) -> Answer + Send + Sync + 'static {
        table(self.0.clone())
    }

    /// All files with their contents, for a folder that is a proxy.
    pub(crate) fn contents(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.0
            .iter()
            .map(|(target, answer)| (target.as_str(), answer.content()))
    }
}

/// The target of a request for a module.
pub(crate) fn target(path: &str) -> String {
    format!("/{}", escaped(path).replace('!', "%21"))
}

/// Escapes capitals.
fn escaped(text: &str) -> String {
    let capitals = |letter: char| match letter.is_ascii_uppercase() {
        true => format!("%21{}", letter.to_ascii_lowercase()),
        false => letter.to_string(),
    };
    text.chars().map(capitals).collect()
}

/// Makes a zip of files in this order, of whatever names.
pub(crate) fn zip(files: impl IntoIterator<Item = (String, Vec<u8>)>) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        writer
            .start_file(name, SimpleFileOptions::default())
            .expect("an entry");
        writer.write_all(&content).expect("content");
    }
    writer.finish().expect("a zip").into_inner()
}
