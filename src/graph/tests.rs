//! What the shapes of `tests/testdata/graph` cannot show: limits, threads, files beside a project.

use super::*;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::Mutex;

use anyhow::{Context, anyhow};
use tempfile::TempDir;

/// A proxy in memory that notes what it was asked for.
#[derive(Default)]
struct Proxy {
    files: BTreeMap<String, String>,
    asked: Mutex<Vec<String>>,
}

impl Proxy {
    fn new(files: &[(&str, &str)]) -> Self {
        let own = |(name, text): &(&str, &str)| ((*name).to_owned(), (*text).to_owned());
        Proxy {
            files: files.iter().map(own).collect(),
            asked: Mutex::default(),
        }
    }
}

impl GoMods for Proxy {
    fn go_mod(&self, module: &ModuleVersion) -> Result<Vec<u8>> {
        let name = module.to_string();
        self.asked.lock().unwrap().push(name.clone());
        let text = self.files.get(&name).context("not in the proxy")?;
        assert_ne!(text, "panic", "as the test wants it");
        Ok(text.clone().into_bytes())
    }
}

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let file = folder.path().join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }
    folder
}

fn load_module(go_mod: &str, go_mods: &dyn GoMods) -> Result<ModuleGraph> {
    let folder = folder(&[("go.mod", go_mod)]);
    let project = Project::read(folder.path()).unwrap();
    load(&project, go_mods, NonZeroUsize::new(4).unwrap())
}

fn fault(files: &[(&str, &str)]) -> String {
    let folder = folder(files);
    let error = Project::read(folder.path()).unwrap_err();
    let prefix = format!("{}/", folder.path().display());
    format!("{error:#}").replace(&prefix, "")
}

fn list(graph: &ModuleGraph) -> Vec<String> {
    graph.build_list.iter().map(ToString::to_string).collect()
}

#[test]
fn each_version_is_asked_for_once() {
    let proxy = Proxy::new(&[
        ("m.x/fork@v1.0.0", "module m.x/fork\nrequire m.x/c v1.0.0\n"),
        ("m.x/c@v1.0.0", "module m.x/c\nrequire m.x/a v1.0.0\n"),
        ("m.x/d@v1.0.0", "module m.x/d\nrequire m.x/c v1.0.0\n"),
    ]);
    let graph = load_module(
        "module m.x/main\ngo 1.20\nrequire (\n m.x/a v0.1.0\n m.x/b v1.0.0\n m.x/d v1.0.0\n)\n\
         replace m.x/a => m.x/fork v1.0.0\nreplace m.x/b => m.x/fork v1.0.0\n",
        &proxy,
    )
    .unwrap();
    assert!(graph.failures.is_empty(), "{:?}", graph.failures);
    assert_eq!(
        list(&graph),
        [
            "m.x/a v1.0.0 => m.x/fork v1.0.0",
            "m.x/b v1.0.0 => m.x/fork v1.0.0",
            "m.x/c v1.0.0",
            "m.x/d v1.0.0"
        ]
    );
    let mut asked = proxy.asked.into_inner().unwrap();
    asked.sort();
    assert_eq!(asked, ["m.x/c@v1.0.0", "m.x/d@v1.0.0", "m.x/fork@v1.0.0"]);
}

#[test]
fn what_is_pruned_out_needs_files_only_when_it_is_selected() {
    let text = "module m.x/a\ngo 1.20\nrequire m.x/b v1.0.0\nrequire m.x/c v1.0.0\n";
    let proxy = Proxy::new(&[
        ("m.x/a@v1.0.0", text),
        ("m.x/c@v1.1.0", "module m.x/c\ngo 1.20\n"),
    ]);
    let graph = load_module(
        "module m.x/main\ngo 1.20\nrequire (\n m.x/a v1.0.0\n m.x/c v1.1.0\n)\n",
        &proxy,
    )
    .unwrap();
    let names = |versions: BTreeSet<ModuleVersion>| {
        versions.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let all = ["m.x/a@v1.0.0", "m.x/b@v1.0.0", "m.x/c@v1.1.0"];
    assert_eq!(names(graph.versions()), all);
    assert_eq!(names(graph.archives()), all);
    assert_eq!(names(graph.loaded), ["m.x/a@v1.0.0", "m.x/c@v1.1.0"]);
}

#[test]
fn a_panic_in_reading_is_a_failure_of_that_version() {
    let proxy = Proxy::new(&[
        ("m.x/a@v1.0.0", "panic"),
        ("m.x/b@v1.0.0", "module m.x/b\n"),
    ]);
    let graph = load_module(
        "module m.x/main\nrequire m.x/a v1.0.0\nrequire m.x/b v1.0.0\n",
        &proxy,
    )
    .unwrap();
    let [failure] = graph.failures.as_slice() else {
        panic!("{:?}", graph.failures);
    };
    assert_eq!(
        failure.error.to_string(),
        "m.x/a@v1.0.0: reading go.mod panicked"
    );
    assert_eq!(list(&graph), ["m.x/a v1.0.0", "m.x/b v1.0.0"]);
}

/// Each version requires the next.
struct Endless;

impl GoMods for Endless {
    fn go_mod(&self, module: &ModuleVersion) -> Result<Vec<u8>> {
        let version = module.version.as_str();
        let number: u64 = version
            .strip_prefix("v1.")
            .and_then(|rest| rest.strip_suffix(".0"))
            .ok_or_else(|| anyhow!("{module}: another version was asked for"))?
            .parse()?;
        Ok(format!("module m.x/a\nrequire m.x/a v1.{}.0\n", number + 1).into_bytes())
    }
}

#[test]
fn a_graph_without_end_is_refused() {
    let error = load_module("module m.x/main\ngo 1.16\nrequire m.x/a v1.0.0\n", &Endless);
    assert_eq!(
        error.unwrap_err().to_string(),
        "the module graph has more than 1000 versions"
    );
}

#[test]
fn among_equal_versions_the_one_of_the_main_module_counts() {
    let proxy = Proxy::new(&[
        (
            "m.x/a@v1.0.0",
            "module m.x/a\nrequire m.x/b v1.0.0+incompatible\n",
        ),
        ("m.x/b@v1.0.0+incompatible", "module m.x/b\n"),
        ("m.x/b@v1.0.0", "module m.x/b\n"),
    ]);
    let text = "module m.x/main\ngo 1.16\nrequire m.x/a v1.0.0\n";
    let graph = load_module(text, &proxy).unwrap();
    assert_eq!(list(&graph), ["m.x/a v1.0.0", "m.x/b v1.0.0+incompatible"]);
    let text = format!("{text}require m.x/b v1.0.0\n");
    let graph = load_module(&text, &proxy).unwrap();
    assert_eq!(list(&graph), ["m.x/a v1.0.0", "m.x/b v1.0.0"]);
}

#[test]
fn a_project_is_found_from_below_and_by_its_files() {
    let folder = folder(&[
        ("go.work", "go 1.20\nuse ./x\nuse ./y/../z\n"),
        ("go.work.sum", "a.b/c v1.0.0/go.mod h1:c=\n"),
        ("x/go.mod", "module m.x/x\ngo 1.20\n"),
        (
            "x/go.sum",
            "a.b/a v1.0.0 h1:a=\na.b/a v1.0.0/go.mod h1:am=\n",
        ),
        ("x/deep/er/file", ""),
        ("z/go.mod", "module m.x/z\n"),
    ]);
    let root = folder.path();
    let below = root.join("x/deep/er");
    let project = Project::find(&below, Workspaces::Use).unwrap().unwrap();
    assert_eq!(project.file(), root.join("go.work"));
    let modules = project.modules().iter();
    let paths: Vec<&str> = modules.map(|module| module.path.as_str()).collect();
    assert_eq!(paths, ["m.x/x", "m.x/z"]);
    assert_eq!(
        project.sum_files(),
        [
            root.join("go.work.sum"),
            root.join("x/go.sum"),
            root.join("z/go.sum")
        ]
    );
    let sums = project.sums().unwrap();
    let entries: Vec<(&str, &str)> = sums.entries().collect();
    assert_eq!(
        entries,
        [
            ("a.b/a", "v1.0.0"),
            ("a.b/a", "v1.0.0/go.mod"),
            ("a.b/c", "v1.0.0/go.mod")
        ]
    );

    let project = Project::find(&below, Workspaces::Ignore).unwrap().unwrap();
    assert_eq!(project.file(), root.join("x/go.mod"));
    assert_eq!(project.sum_files(), [root.join("x/go.sum")]);
    let by_file = Project::read(&root.join("x/go.mod")).unwrap();
    assert_eq!(by_file.folder(), project.folder());
    assert!(
        Project::find(Path::new("/nowhere"), Workspaces::Use)
            .unwrap()
            .is_none()
    );
}

#[test]
fn versions_that_only_the_network_can_tell_are_refused_in_main_modules() {
    assert_eq!(
        fault(&[("go.mod", "module m.x/main\nrequire (\n\tm.x/a v1.2\n)\n")]),
        "go.mod:3:2: version is not canonical, which would be v1.2.0; \
         `go mod tidy` writes the version that go takes"
    );
    assert_eq!(
        fault(&[("go.mod", "module m.x/main\nrequire m.x/a master\n")]),
        "cannot parse go.mod: go.mod:2: require m.x/a: version \"master\" invalid: \
         must be of the form v1.2.3"
    );
}

#[test]
fn a_workspace_replaces_its_modules_only_at_versions() {
    let files = |replace: &'static str| {
        [
            ("go.work", replace),
            ("x/go.mod", "module m.x/x\ngo 1.20\n"),
        ]
    };
    assert_eq!(
        fault(&files("go 1.20\nuse ./x\nreplace m.x/x => ./y\n")),
        "workspace module m.x/x is replaced at all versions in the go.work file"
    );
    let folder = folder(&files("go 1.20\nuse ./x\nreplace m.x/x v1.0.0 => ./y\n"));
    assert!(Project::read(folder.path()).is_ok());
    assert_eq!(
        fault(&files("go 1.20\nuse ./x\nuse ./y/../x\n")),
        "go.work: path x appears multiple times in workspace"
    );
}

#[test]
fn a_replacement_of_a_version_contradicts_one_of_all_versions_in_an_earlier_module() {
    let proxy = Proxy::default();
    let one = "module m.x/x\ngo 1.20\nrequire m.x/a v1.0.0\nreplace m.x/a => ../a\n";
    let other = "module m.x/y\ngo 1.20\nreplace m.x/a v1.0.0 => ../b\n";
    let folder = folder(&[
        ("go.work", "go 1.20\nuse ./x\nuse ./y\n"),
        ("x/go.mod", one),
        ("y/go.mod", other),
    ]);
    let project = Project::read(folder.path()).unwrap();
    let graph = load(&project, &proxy, NonZeroUsize::MIN).unwrap();
    let errors: Vec<String> = graph
        .failures
        .iter()
        .map(|failure| failure.error.to_string())
        .collect();
    assert_eq!(
        errors,
        ["conflicting replacements found for m.x/a@v1.0.0 in workspace modules"]
    );
}
