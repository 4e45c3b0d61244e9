//! Reads go.mod files once each, and tells what vertices require.

use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;
use std::sync::Arc;

use anyhow::{Error, Result, anyhow, bail};

use super::pool::Readers;
use super::project::Project;
use super::summary::{Declared, Pruning, Selected, is_strict};
use super::vertex::{Number, Vertex, Vertices};
use crate::module::{ModulePath, ModuleVersion, Version};

/// What a vertex requires.
#[derive(Debug)]
pub(super) struct Summary {
    pub(super) pruning: Pruning,
    pub(super) require: Vec<Number>,
}

/// What is known of a vertex. A failure is `None` here and kept with the [`Loader`].
pub(super) type Known = Option<Rc<Summary>>;

/// Why a vertex failed.
#[derive(Debug)]
pub(super) struct Cause {
    pub(super) selected: Option<Selected>,
    pub(super) error: Arc<Error>,
}

/// A go.mod file.
enum File {
    /// Asked for; these wait for it.
    Pending(Vec<Number>),
    Read(Result<Declared, Arc<Error>>),
}

/// All that was read for a project, kept from one graph of it to the next.
pub(super) struct Loader<'a> {
    pub(super) project: &'a Project,
    pub(super) vertices: Vertices,
    readers: Readers,
    files: HashMap<Selected, File>,
    known: HashMap<Number, Known>,
    causes: HashMap<Number, Cause>,
    pending: usize,
}

impl<'a> Loader<'a> {
    pub(super) fn new(project: &'a Project, readers: Readers) -> Self {
        Loader {
            project,
            vertices: Vertices::default(),
            readers,
            files: HashMap::new(),
            known: HashMap::new(),
            causes: HashMap::new(),
            pending: 0,
        }
    }

    /// Gives what is known of a vertex, or `None` when [`Self::wait`] will give it later.
    pub(super) fn request(&mut self, number: Number) -> Result<Option<Known>> {
        if let Some(known) = self.known.get(&number) {
            return Ok(Some(known.clone()));
        }
        let vertex = self.vertices.vertex(number).clone();
        if vertex.is_toolchain() {
            return self.learn_toolchain(number, &vertex).map(Some);
        }
        if let Some(declared) = self.of_main_module(&vertex) {
            return self.learn(number, None, &declared).map(Some);
        }
        let selected = match self.selected(&vertex) {
            Ok(selected) => selected,
            Err(error) => return Ok(Some(self.fail(number, None, Arc::new(error)))),
        };
        match self.files.get_mut(&selected) {
            None => {
                self.readers.request(selected.clone())?;
                self.pending += 1;
                self.files.insert(selected, File::Pending(vec![number]));
                Ok(None)
            }
            Some(File::Pending(waiting)) => {
                // One graph asks for a vertex once, and ends when nothing is pending.
                waiting.push(number);
                Ok(None)
            }
            Some(File::Read(_)) => self.take(number, &selected).map(Some),
        }
    }

    /// Waits for the next file that was asked for, and gives the vertices that waited for it; `None` when
    /// nothing is pending.
    pub(super) fn wait(&mut self) -> Result<Option<Vec<(Number, Known)>>> {
        if self.pending == 0 {
            return Ok(None);
        }
        let (selected, answer) = self.readers.wait()?;
        self.pending -= 1;
        let read = File::Read(answer.map_err(Arc::new));
        let waiting = match self.files.insert(selected.clone(), read) {
            Some(File::Pending(waiting)) => waiting,
            _ => Vec::new(),
        };
        let mut known = Vec::new();
        for number in waiting {
            known.push((number, self.take(number, &selected)?));
        }
        Ok(Some(known))
    }

    /// Gives what is known of a vertex that was asked for.
    pub(super) fn known(&self, number: Number) -> Option<&Summary> {
        self.known.get(&number)?.as_deref()
    }

    /// Tells why a vertex failed.
    pub(super) fn cause(&self, number: Number) -> Option<&Cause> {
        self.causes.get(&number)
    }

    /// Lists the module versions whose go.mod was read.
    pub(super) fn loaded(&self) -> BTreeSet<ModuleVersion> {
        let modules = self
            .files
            .iter()
            .filter_map(|(selected, file)| match (selected, file) {
                (Selected::Module(module), File::Read(Ok(_))) => Some(module.clone()),
                _ => None,
            });
        modules.collect()
    }

    /// Gives what stands for a version, which is not a main module.
    fn selected(&self, vertex: &Vertex) -> Result<Selected> {
        if let Some(replacement) = self.project.replacements().find(vertex)? {
            return Ok(replacement);
        }
        let at = |error: &dyn std::fmt::Display| anyhow!("{vertex}: {error}");
        Ok(Selected::Module(ModuleVersion {
            path: ModulePath::new(&vertex.path).map_err(|error| at(&error))?,
            version: Version::new(&vertex.version).map_err(|error| at(&error))?,
        }))
    }

    /// In a workspace, the main modules are read as dependencies are.
    fn of_main_module(&self, vertex: &Vertex) -> Option<Declared> {
        let mut modules = self.project.modules().iter();
        let module = modules.find(|module| vertex.is_main() && module.path == vertex.path)?;
        Some(Declared::new(&module.go_mod))
    }

    fn take(&mut self, number: Number, selected: &Selected) -> Result<Known> {
        let Some(File::Read(read)) = self.files.remove(selected) else {
            bail!("{selected}: go.mod was not read");
        };
        let known = match &read {
            Err(error) => Ok(self.fail(number, Some(selected), Arc::clone(error))),
            Ok(declared) => self.learn(number, Some(selected), declared),
        };
        self.files.insert(selected.clone(), File::Read(read));
        known
    }

    fn learn(
        &mut self,
        number: Number,
        selected: Option<&Selected>,
        declared: &Declared,
    ) -> Result<Known> {
        if let Some(Selected::Module(module)) = selected {
            let path = &self.vertices.vertex(number).path;
            if let Err(error) = check_declared(declared, path, module) {
                return Ok(self.fail(number, selected, Arc::new(error)));
            }
        }
        let mut require = Vec::with_capacity(declared.require.len());
        for (path, version) in &declared.require {
            if !self.project.is_excluded(path, version) {
                require.push(self.vertices.number(Vertex::new(path, version))?);
            }
        }
        Ok(self.keep(number, declared.pruning, require))
    }

    /// A release of Go requires its toolchain, so that neither goes down without the other.
    fn learn_toolchain(&mut self, number: Number, vertex: &Vertex) -> Result<Known> {
        let mut require = Vec::new();
        if vertex.path == "go" && is_strict(&vertex.version) {
            let toolchain = Vertex::new("toolchain", &format!("go{}", vertex.version));
            require.push(self.vertices.number(toolchain)?);
        }
        Ok(self.keep(number, Pruning::Pruned, require))
    }

    fn keep(&mut self, number: Number, pruning: Pruning, require: Vec<Number>) -> Known {
        let known = Some(Rc::new(Summary { pruning, require }));
        self.known.insert(number, known.clone());
        known
    }

    fn fail(&mut self, number: Number, selected: Option<&Selected>, error: Arc<Error>) -> Known {
        let selected = selected.cloned();
        self.causes.insert(number, Cause { selected, error });
        self.known.insert(number, None);
        None
    }
}

/// Checks that a go.mod belongs to the module. Rule: `goModSummary`.
fn check_declared(declared: &Declared, path: &str, module: &ModuleVersion) -> Result<()> {
    let declared = declared.module.as_str();
    if declared.is_empty() {
        bail!("{module}: go.mod has no module line");
    }
    if declared != path && declared != module.path.as_str() {
        bail!("{module}: go.mod declares its path as {declared}, but was required as {path}");
    }
    Ok(())
}
