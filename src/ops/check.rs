//! What would work offline with the cache as it is.

mod tidy_verb;

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use self::tidy_verb::NotCached;
use super::needs::{Needs, Recorded};
use super::tidy::Tidied;
use crate::cache::{Cache, File};
use crate::checksum::{SumFiles, dirhash};
use crate::gomod::go_version;
use crate::graph::{self, Consistency, GoMods, ModuleGraph, Project};
use crate::module::ModuleVersion;

/// What to check.
pub struct CheckOptions {
    /// The projects.
    pub projects: Vec<Project>,
    /// The cache.
    pub cache: Cache,
    /// Threads at work.
    pub threads: NonZeroUsize,
}

/// What a user does with a project.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// `go build`, `go vet`, `go run` and the like.
    Build,
    /// `go test`.
    Test,
    /// `go mod tidy`.
    Tidy,
    /// `go list -m all` and `go mod graph`.
    List,
    /// `go mod verify`.
    Verify,
    /// `go mod download`.
    Download,
    /// `go mod vendor`, `go work vendor`.
    Vendor,
}

impl Verb {
    /// All of them.
    pub const ALL: [Verb; 7] = [
        Verb::Build,
        Verb::Test,
        Verb::Tidy,
        Verb::List,
        Verb::Verify,
        Verb::Download,
        Verb::Vendor,
    ];

    /// One word.
    pub fn name(self) -> &'static str {
        match self {
            Verb::Build => "build",
            Verb::Test => "test",
            Verb::Tidy => "tidy",
            Verb::List => "list",
            Verb::Verify => "verify",
            Verb::Download => "download",
            Verb::Vendor => "vendor",
        }
    }

    /// Tells whether go does it although go.mod needs an update: it then writes the update, or goes on without. Rule:
    /// `setDefaultBuildMod` in `modload/init.go`.
    fn bears_stale_requirements(self) -> bool {
        matches!(self, Verb::Tidy | Verb::Verify | Verb::Download)
    }
}

/// What gets a missing thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Remedy {
    /// `gomodcache seed`.
    Seed,
    /// `gomodcache seed --tidy`.
    SeedTidy,
    /// `go mod tidy`, which changes go.mod or go.sum.
    Tidy,
    /// Another import, or another constraint: no module answers this one.
    Mend,
    /// Nobody can tell whether go.sum or the cache is right.
    Decide,
}

/// Something that a verb needs and that is not there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Missing {
    /// The module version, or the file of the project.
    pub subject: String,
    /// What is missing of it, or wrong with it.
    pub what: String,
    /// What gets it.
    pub remedy: Remedy,
}

/// What would work for one project, by verb.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The go.mod or go.work file.
    pub project: PathBuf,
    /// What each verb lacks; nothing when it would work.
    pub verbs: Vec<(Verb, BTreeSet<Missing>)>,
    /// The module versions that were looked for in the cache.
    pub needs: BTreeSet<ModuleVersion>,
    /// Those among them of which all files count.
    pub content: BTreeSet<ModuleVersion>,
    /// Whether the cache has each go.mod that the module graph takes.
    pub is_loaded: bool,
    /// The names of the Go releases that go may run for the project.
    pub releases: BTreeSet<String>,
}

impl Checked {
    /// What fetching would get, for these verbs.
    pub(super) fn absent(&self, verbs: &[Verb]) -> Vec<String> {
        let wanted = self.verbs.iter().filter(|(verb, _)| verbs.contains(verb));
        let missing = wanted.flat_map(|(_, missing)| missing);
        let fetchable = missing.filter(|missing| missing.remedy == Remedy::Seed);
        let subjects: BTreeSet<&String> = fetchable.map(|missing| &missing.subject).collect();
        subjects.into_iter().cloned().collect()
    }
}

/// Tells for each project what would work offline. Reads the projects and the cache, and writes nothing.
///
/// `go mod tidy` works where it finds nothing to do, which takes loading all packages. For what builds they are not
/// looked at: the versions count of which go.sum has the zip, as go itself uses no other.
///
/// # Errors
/// A go.sum or cache file that cannot be read; a graph that makes no sense.
pub fn check(options: &CheckOptions) -> Result<Vec<Checked>> {
    options
        .projects
        .iter()
        .map(|project| check_project(options, project))
        .collect()
}

fn check_project(options: &CheckOptions, project: &Project) -> Result<Checked> {
    let recorded = Recorded::read(std::slice::from_ref(project), &SumFiles::default())?;
    let go_mods = CacheGoMods {
        cache: &options.cache,
        sums: &recorded.sums,
    };
    let file = project.file().to_owned();
    let graph = graph::load(project, &go_mods, options.threads)
        .with_context(|| format!("cannot load the module graph of {}", file.display()))?;
    let mut needs = Needs::default();
    needs.add_graph(&graph);
    needs.add_sums(&recorded.go_sum);
    // In a workspace `go mod tidy` works on one module as if there were no workspace.
    let tidied = match project.work() {
        Some(_) => None,
        None => Some(tidy_verb::tidied(options, project, &recorded)?),
    };
    let inspection = Inspection {
        cache: &options.cache,
        project,
        recorded: &recorded,
        graph: &graph,
        needs: &needs,
        tidied: tidied.as_ref(),
    };
    let verbs = Verb::ALL
        .into_iter()
        .filter(|verb| *verb != Verb::Tidy || tidied.is_some())
        .map(|verb| Ok((verb, inspection.missing(verb)?)))
        .collect::<Result<_>>()?;
    needs
        .metadata
        .extend(tidied.into_iter().flat_map(|it| it.metadata));
    Ok(Checked {
        project: file,
        verbs,
        needs: needs.metadata,
        content: needs.content,
        is_loaded: graph.failures.is_empty(),
        releases: releases(project, &graph),
    })
}

fn releases(project: &Project, graph: &ModuleGraph) -> BTreeSet<String> {
    let selected = format!("go{}", graph.go_version);
    let named = project.toolchain().map(str::to_owned);
    named.into_iter().chain([selected]).collect()
}

/// The go.mod files that the cache has.
struct CacheGoMods<'a> {
    cache: &'a Cache,
    sums: &'a SumFiles,
}

impl GoMods for CacheGoMods<'_> {
    fn go_mod(&self, module: &ModuleVersion) -> Result<Vec<u8>> {
        let Some(go_mod) = self.cache.read(module, File::Mod)? else {
            bail!(NotCached {
                module: module.clone(),
                what: ".mod",
            });
        };
        let sum = dirhash::go_mod_sum(&go_mod);
        self.sums.check_go_mod(module, &sum)?;
        Ok(go_mod)
    }
}

/// Files of a version as a verb needs them.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Info,
    /// The sum of the zip, if that is there (`verifyMod` in `modcmd/verify.go`).
    Sum,
    /// The files of the module, from the folder or else from the zip.
    Source,
    /// All that `go mod download` makes and cannot make itself: it extracts a zip that is there.
    All,
}

struct Inspection<'a> {
    cache: &'a Cache,
    project: &'a Project,
    recorded: &'a Recorded,
    graph: &'a ModuleGraph,
    needs: &'a Needs,
    tidied: Option<&'a Tidied>,
}

impl Inspection<'_> {
    fn missing(&self, verb: Verb) -> Result<BTreeSet<Missing>> {
        let mut missing = self.missing_of_graph(verb);
        match verb {
            Verb::Verify => self.look(self.graph.archives(), Part::Sum, &mut missing)?,
            Verb::List => self.look(self.graph.archives(), Part::Info, &mut missing)?,
            Verb::Build | Verb::Test | Verb::Vendor => {
                let mut used = self.graph.archives();
                used.retain(|module| self.recorded.sums.recorded(module).is_some());
                self.look(used, Part::Source, &mut missing)?;
            }
            Verb::Tidy => {
                self.miss_for_tidy(&mut missing);
            }
            Verb::Download => self.look(self.downloaded(), Part::All, &mut missing)?,
        }
        Ok(missing)
    }

    /// What keeps the graph from being known, and the sums that go wants to see before it uses it.
    fn missing_of_graph(&self, verb: Verb) -> BTreeSet<Missing> {
        let mut missing = BTreeSet::new();
        for failure in &self.graph.failures {
            let file = || self.project.file().display().to_string();
            let subject = failure.subject().unwrap_or_else(file);
            missing.insert(problem(subject, &failure.error));
        }
        if verb == Verb::Tidy {
            return missing;
        }
        for module in &self.graph.loaded {
            if self.recorded.sums.recorded_go_mod(module).is_none() {
                missing.insert(Missing {
                    subject: module.to_string(),
                    what: "no line for its go.mod in go.sum".to_owned(),
                    remedy: Remedy::Tidy,
                });
            }
        }
        if self.graph.consistency == Consistency::NeedsUpdate && !verb.bears_stale_requirements() {
            missing.insert(Missing {
                subject: self.project.file().display().to_string(),
                what: "needs an update: its requirements are not those that are selected"
                    .to_owned(),
                remedy: Remedy::Tidy,
            });
        }
        missing
    }

    /// What `go mod download` without arguments takes: from go 1.17 on the requirements of go.mod, before
    /// that and in a workspace the build list. Rule: `runDownload` in `modcmd/download.go`.
    fn downloaded(&self) -> BTreeSet<ModuleVersion> {
        let (None, [module]) = (self.project.work(), self.project.modules()) else {
            return self.graph.archives();
        };
        if go_version::compare(module.go_version(), "1.17").is_lt() {
            return self.graph.archives();
        }
        let required: BTreeSet<&str> = module
            .go_mod
            .require
            .iter()
            .map(|require| require.path.as_str())
            .collect();
        let entries = self.graph.build_list.iter();
        entries
            .filter(|entry| required.contains(entry.path.as_str()))
            .filter_map(graph::BuildListEntry::module)
            .collect()
    }

    fn look(
        &self,
        modules: BTreeSet<ModuleVersion>,
        part: Part,
        missing: &mut BTreeSet<Missing>,
    ) -> Result<()> {
        for module in modules {
            let state = self.cache.state(&module)?;
            let is_extracted = state.is_extracted();
            let lacks: Vec<&str> = match part {
                Part::Info => vec![(state.info, ".info")],
                Part::Sum => vec![(state.sum || !state.zip, ".ziphash")],
                Part::Source => vec![(is_extracted || state.zip, "zip and folder")],
                Part::All => vec![
                    (state.info, ".info"),
                    (state.go_mod, ".mod"),
                    (state.zip, "zip"),
                ],
            }
            .into_iter()
            .filter_map(|(is_there, name)| (!is_there).then_some(name))
            .collect();
            if !lacks.is_empty() {
                missing.insert(absent(&module, lacks.join(", ")));
            }
            if part != Part::Info
                && let Some(sum) = self.cache.recorded_sum(&module)?
                && let Err(error) = self.recorded.sums.check(&module, &sum)
            {
                missing.insert(problem(module.to_string(), &error));
            }
        }
        Ok(())
    }
}

fn absent(module: &ModuleVersion, what: String) -> Missing {
    Missing {
        subject: module.to_string(),
        what,
        remedy: Remedy::Seed,
    }
}

fn problem(subject: String, error: &anyhow::Error) -> Missing {
    let is_mismatch = error
        .chain()
        .any(|cause| cause.is::<crate::checksum::Mismatch>());
    if is_mismatch {
        return Missing {
            subject,
            what: "the cache has other content than go.sum says".to_owned(),
            remedy: Remedy::Decide,
        };
    }
    let text = format!("{error:#}");
    let what = text.strip_prefix(&format!("{subject}: ")).unwrap_or(&text);
    Missing {
        what: what.to_owned(),
        subject,
        remedy: Remedy::Seed,
    }
}
