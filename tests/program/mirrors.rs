//! Git mirrors of every module of a cache, and the rules that lead to them.
//!
//! Each path without its major version suffix gets a repository of its own, also where the real one is a
//! folder of a larger repository, so that one rule leads to it. Each version becomes a commit at the time
//! that its `.info` tells, with a tag: the files of its zip, or the go.mod alone where go has no zip.
//! A module whose zip has the LICENSE of the repository's root lies in a folder, and the LICENSE above it.
//!
//! Two things differ from the real repositories and cannot be made again: the hashes of the commits, so the
//! project has no pseudo-versions, and what git leaves out or converts on the way into the zip. Such files are
//! committed as they are in the zip, after conversion. Converting them a second time by the `.gitattributes`
//! in the same zip changes nothing: lines that end with CRLF stay as they are, what `export-ignore` leaves out
//! is gone, and a `$Format$` is already filled in. Only `ident` and `working-tree-encoding` would change
//! them again; no module here has these, and the sums of go.sum would tell.

use crate::support::calendar;
use crate::support::sandbox::Sandbox;
use git2::{Index, IndexEntry, IndexTime, Oid, Repository, Signature, Time};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Read;
use std::path::{Path, PathBuf};
use walkdir::WalkDir;

/// What the reference cache has of one version, by the names of the cache: path and version are escaped.
struct Release {
    folder: PathBuf,
    path: String,
    version: String,
}

/// Makes the mirrors in the sandbox's folder `mirrors` and writes the file of rules, whose path it gives.
pub(crate) fn make(sandbox: &Sandbox, cache: &Path) -> PathBuf {
    let mut rules: Vec<(String, String, &str)> = Vec::new();
    for (number, (root, releases)) in releases(cache).into_iter().enumerate() {
        let name = format!("{number}.git");
        let repository = Repository::init_bare(sandbox.path("mirrors").join(&name)).expect("init");
        let folder = match releases.iter().any(Release::borrows_license) {
            true => "module/",
            false => "",
        };
        let mut parent = None;
        for release in &releases {
            parent = Some(commit(&repository, release, folder, parent));
        }
        rules.push((root, name, folder));
    }
    // The first rule that matches decides, and `a/b` matches what is below, too: longer paths come first.
    rules.sort_by_key(|(root, ..)| std::cmp::Reverse(root.len()));
    let mut text = String::new();
    for (root, name, folder) in rules {
        let _ = writeln!(text, "[[mirror]]\nmodule = \"{root}\"");
        let _ = writeln!(text, "repository = \"../mirrors/{name}\"");
        if let Some(folder) = folder.strip_suffix('/') {
            let _ = writeln!(text, "subdirectory = \"{folder}\"");
        }
    }
    sandbox.write("rules/gomodcache.toml", text)
}

/// Finds the versions of a cache by the path at the root of their repository.
fn releases(cache: &Path) -> BTreeMap<String, Vec<Release>> {
    let download = cache.join("cache/download");
    let mut roots: BTreeMap<String, Vec<Release>> = BTreeMap::new();
    for entry in WalkDir::new(&download).sort_by_file_name() {
        let entry = entry.expect("a readable cache");
        let name = entry.file_name().to_str().expect("text");
        let Some(version) = name.strip_suffix(".mod") else {
            continue;
        };
        let folder = entry.path().parent().expect("a folder").to_owned();
        let path = folder.strip_prefix(&download).expect("a path below");
        let path = path.to_str().expect("text");
        let release = Release {
            path: unescape(path.strip_suffix("/@v").expect("the folder of versions")),
            version: unescape(version),
            folder,
        };
        let root = without_major(&release.path).to_owned();
        roots.entry(root).or_default().push(release);
    }
    roots
}

/// Reads `!azure` as `Azure`.
fn unescape(name: &str) -> String {
    let mut parts = name.split('!');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (first, rest) = part.split_at(1);
        text.push_str(&first.to_uppercase());
        text.push_str(rest);
    }
    text
}

/// Takes `/v2` from the end; the suffix of gopkg.in belongs to the name of the repository.
fn without_major(path: &str) -> &str {
    match path.rsplit_once("/v") {
        Some((root, digits)) if digits.bytes().all(|byte| byte.is_ascii_digit()) => root,
        _ => path,
    }
}

/// Commits a version in a folder of the repository and tags it.
fn commit(repository: &Repository, release: &Release, folder: &str, parent: Option<Oid>) -> Oid {
    let mut index = Index::new().expect("an index");
    let borrowed = release.borrows_license();
    for (name, content) in release.files() {
        let id = repository.blob(&content).expect("a blob");
        let path = match name.as_str() {
            "LICENSE" if borrowed => name,
            _ => format!("{folder}{name}"),
        };
        index.add(&entry(path, id)).expect("an entry");
    }
    let tree = index.write_tree_to(repository).expect("a tree");
    let tree = repository.find_tree(tree).expect("the tree");
    let parent = parent.map(|parent| repository.find_commit(parent).expect("the parent"));
    let who = Signature::new("Test", "test@example.com", &Time::new(release.seconds(), 0));
    let who = who.expect("a signature");
    let parents: Vec<_> = parent.iter().collect();
    let message = &release.version;
    let commit = repository.commit(Some("HEAD"), &who, &who, message, &tree, &parents);
    let commit = commit.expect("a commit");
    let tag = release.version.trim_end_matches("+incompatible");
    let tag = format!("refs/tags/{folder}{tag}");
    repository.reference(&tag, commit, true, "").expect("a tag");
    commit
}

fn entry(path: String, id: Oid) -> IndexEntry {
    IndexEntry {
        ctime: IndexTime::new(0, 0),
        mtime: IndexTime::new(0, 0),
        dev: 0,
        ino: 0,
        mode: 0o100_644,
        uid: 0,
        gid: 0,
        file_size: 0,
        id,
        flags: 0,
        flags_extended: 0,
        path: path.into_bytes(),
    }
}

impl Release {
    fn file(&self, extension: &str) -> PathBuf {
        // Versions here have no capital letters, so their escaped form is the same.
        self.folder.join(format!("{}.{extension}", self.version))
    }

    /// The files of the zip, or the go.mod alone.
    fn files(&self) -> Vec<(String, Vec<u8>)> {
        let Ok(zip) = std::fs::File::open(self.file("zip")) else {
            let go_mod = std::fs::read(self.file("mod")).expect("a go.mod");
            return vec![("go.mod".to_owned(), go_mod)];
        };
        let mut archive = zip::ZipArchive::new(zip).expect("a zip");
        let prefix = format!("{}@{}/", self.path, self.version);
        let numbers = 0..archive.len();
        let files = numbers.map(|number| {
            let mut file = archive.by_index(number).expect("an entry");
            let name = file.name().strip_prefix(&prefix).expect("the prefix");
            let name = name.to_owned();
            let mut content = Vec::new();
            file.read_to_end(&mut content).expect("content");
            (name, content)
        });
        files.collect()
    }

    /// Tells whether the LICENSE is that of the repository's root: go adds it behind all other files.
    fn borrows_license(&self) -> bool {
        let files = self.files();
        let mut last = files.iter().rev().map(|(name, _)| name.as_str());
        last.next() == Some("LICENSE") && last.next().is_some_and(|before| before > "LICENSE")
    }

    /// The time of the commit. Where go has no `.info` nothing depends on it.
    fn seconds(&self) -> i64 {
        let Ok(info) = std::fs::read(self.file("info")) else {
            return 0;
        };
        let info: serde_json::Value = serde_json::from_slice(&info).expect("JSON");
        calendar::parse(info["Time"].as_str().expect("a time"))
    }
}
