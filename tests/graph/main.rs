//! Module graphs of many shapes, computed by us and by the real go command.
//!
//! Each file of `tests/testdata/graph` is a project and the modules that a proxy has for it, with what is
//! to come out in its first lines. What is written there is checked always, and go is asked whether it is
//! true on machines that have one. A file has sections: `-- a/go.mod --` is a file of the project, and
//! `-- example.com/a@v1.0.0 --` the go.mod of a version.
#![allow(clippy::disallowed_methods, reason = "tests make their own worlds")]

mod go;

use gomodcache::graph::{Consistency, GoMods, ModuleGraph, Project, Selected, Workspaces, load};
use gomodcache::module::{ModulePath, ModuleVersion, Version};
use libtest_mimic::{Arguments, Failed, Trial};
use std::fmt::Write as _;
use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/testdata/graph");
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .expect("the folder of shapes")
        .map(|entry| entry.expect("a shape").path())
        .collect();
    files.sort();
    let trials = files.into_iter().map(|file| {
        let name = file
            .file_stem()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        Trial::test(name, move || check(&file))
    });
    libtest_mimic::run(&arguments, trials.collect()).exit_code()
}

/// A project and a proxy on disk.
struct Shape {
    folder: tempfile::TempDir,
    expected: String,
}

fn check(file: &Path) -> Result<(), Failed> {
    let shape = Shape::read(file);
    let computed = shape.compute(NonZeroUsize::MIN);
    if computed != shape.expected {
        return Err(format!("expected\n{}\nbut got\n{computed}", shape.expected).into());
    }
    let threads = NonZeroUsize::new(7).expect("not zero");
    assert_eq!(shape.compute(threads), computed, "with several threads");
    if let Some(difference) = go::disagrees(&shape) {
        return Err(difference.into());
    }
    Ok(())
}

impl Shape {
    fn read(file: &Path) -> Shape {
        let text = fs::read_to_string(file).expect("a shape");
        let folder = tempfile::Builder::new().prefix("gomodcache-").tempdir();
        let folder = folder.expect("a temporary folder");
        let mut sections = text.split("\n-- ");
        let head = sections.next().unwrap_or_default();
        let (_, expected) = head.split_once('\n').unwrap_or((head, ""));
        let mut shape = Shape {
            folder,
            expected: expected.to_owned(),
        };
        if !shape.expected.is_empty() {
            shape.expected.push('\n');
        }
        fs::create_dir(shape.proxy()).expect("folder");
        for section in sections {
            let (name, content) = section.split_once(" --\n").expect("a section");
            shape.write(name, content);
        }
        shape
    }

    fn write(&self, name: &str, content: &str) {
        let Some((path, version)) = name.split_once('@') else {
            write(&self.project().join(name), content);
            return;
        };
        let path = ModulePath::new(path).expect("a module path");
        let folder = self.proxy().join(path.escaped()).join("@v");
        let version = Version::new(version).expect("a version");
        let file = version.escaped().expect("a version that can be escaped");
        let info = format!("{{\"Version\":\"{version}\"}}");
        write(&folder.join(format!("{file}.mod")), &format!("{content}\n"));
        write(&folder.join(format!("{file}.info")), &info);
    }

    fn project(&self) -> PathBuf {
        self.folder.path().join("project")
    }

    fn proxy(&self) -> PathBuf {
        self.folder.path().join("proxy")
    }

    /// Describes what we compute.
    fn compute(&self, threads: NonZeroUsize) -> String {
        let project = match Project::find(&self.project(), Workspaces::Use) {
            Ok(project) => project.expect("a project"),
            Err(error) => return self.shortened(&format!("error: {error:#}\n")),
        };
        let graph = load(&project, self, threads).expect("a graph within the limits");
        self.shortened(&description(&graph))
    }

    /// Takes the temporary folder out of a text.
    fn shortened(&self, text: &str) -> String {
        let project = self.project().display().to_string();
        text.replace(&format!("{project}/"), "./")
            .replace(&project, ".")
    }
}

impl GoMods for Shape {
    fn go_mod(&self, module: &ModuleVersion) -> anyhow::Result<Vec<u8>> {
        let folder = self.proxy().join(module.path.escaped()).join("@v");
        let file = folder.join(format!("{}.mod", module.version.escaped()?));
        fs::read(file).map_err(|_| anyhow::anyhow!("not in the proxy"))
    }
}

fn description(graph: &ModuleGraph) -> String {
    let mut text = String::new();
    if graph.consistency == Consistency::NeedsUpdate {
        text.push_str("needs update\n");
    }
    for failure in &graph.failures {
        let chain: Vec<String> = failure.chain.iter().map(ToString::to_string).collect();
        let _ = writeln!(text, "failure: {}: {:#}", chain.join(" > "), failure.error);
    }
    for entry in &graph.build_list {
        let _ = writeln!(text, "list: {entry}");
    }
    for (from, to) in &graph.edges {
        let _ = writeln!(text, "graph: {from} {to}");
    }
    for module in &graph.loaded {
        let _ = writeln!(text, "read: {module}");
    }
    for module in graph.archives() {
        assert!(graph.versions().contains(&module), "{module}");
    }
    let folders = graph
        .build_list
        .iter()
        .filter(|entry| matches!(entry.replaced, Some(Selected::Directory(_))));
    assert!(folders.count() + graph.archives().len() <= graph.build_list.len());
    text
}

fn write(path: &Path, content: &str) {
    fs::create_dir_all(path.parent().expect("a folder")).expect("folder");
    fs::write(path, content).expect("file");
}
