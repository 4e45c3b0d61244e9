//! The roots of the graph: what the main module requires, brought into agreement with what follows from it.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use anyhow::{Result, bail};

use super::loader::Loader;
use super::minimal::minimal;
use super::order::{NONE, precedence, sorting, toolchain_version};
use super::project::MainModule;
use super::result::{BuildListEntry, Consistency, Failure, ModuleGraph};
use super::summary::{Pruning, is_strict};
use super::vertex::{Number, Vertex, Vertices};
use super::walk::{Graph, Walk};
use crate::module::Version;

/// How often roots may be raised; each time a graph is read again.
const ROUND_LIMIT: usize = 1000;

/// Loads the graph of a project, and again until its roots are what it selects.
/// Rule: `loadModFile` and `expandGraph`.
pub(super) fn settle(project: &super::Project, mut loader: Loader<'_>) -> Result<ModuleGraph> {
    let mut vertices = std::mem::take(&mut loader.vertices);
    let settling = match (project.work(), project.modules().first()) {
        (None, Some(module)) => Some(Settling::new(project, module, &mut vertices)?),
        _ => None,
    };
    let Some(settling) = settling else {
        let roots = workspace_roots(project, &mut vertices)?;
        loader.vertices = vertices;
        let graph = Walk::graph(&mut loader, None, &roots, Pruning::Workspace)?;
        return Ok(finish(&loader, &graph, Consistency::Consistent));
    };
    loader.vertices = vertices;
    let graph = settling.settle(&mut loader)?;
    let consistency = settling.consistency(&graph, &loader.vertices);
    Ok(finish(&loader, &graph, consistency))
}

/// Gives the fewest requirements that select what the project selects, and in any case those on the paths in
/// `base`.
pub(super) fn fewest(
    project: &super::Project,
    mut loader: Loader<'_>,
    base: &[String],
) -> Result<Vec<Vertex>> {
    let (None, Some(module)) = (project.work(), project.modules().first()) else {
        bail!("a workspace has no requirements of its own");
    };
    let mut vertices = std::mem::take(&mut loader.vertices);
    let settling = Settling::new(project, module, &mut vertices)?;
    loader.vertices = vertices;
    let graph = settling.settle(&mut loader)?;
    let list: Vec<Number> = build_list(&graph, &loader.vertices)
        .into_iter()
        .filter(|it| *it != settling.main)
        .collect();
    let fewest = minimal(&loader, &list, base).into_iter();
    Ok(fewest
        .map(|number| loader.vertices.vertex(number).clone())
        .collect())
}

/// The main modules of a workspace, its go version and its toolchain.
fn workspace_roots(project: &super::Project, vertices: &mut Vertices) -> Result<Vec<Number>> {
    let modules = project.modules().iter();
    let roots = modules
        .map(|module| Vertex::new(&module.path, ""))
        .chain(toolchain_roots(project));
    number(roots.collect(), vertices)
}

fn toolchain_roots(project: &super::Project) -> impl Iterator<Item = Vertex> {
    let go = Vertex::new("go", project.go_version());
    let toolchain = project
        .toolchain()
        .map(|name| Vertex::new("toolchain", name));
    std::iter::once(go).chain(toolchain)
}

/// Sorts roots and numbers them.
fn number(mut roots: Vec<Vertex>, vertices: &mut Vertices) -> Result<Vec<Number>> {
    roots.sort_by(sorting);
    let numbers = roots.into_iter().map(|root| vertices.number(root));
    numbers.collect()
}

/// The roots of a single main module.
struct Settling<'a> {
    module: &'a MainModule,
    main: Number,
    pruning: Pruning,
    roots: Vec<Number>,
    /// The paths that the module uses itself.
    direct: HashSet<&'a str>,
    has_excluded: bool,
}

/// What came of an update of the roots.
enum Updated {
    Roots(Vec<Number>),
    /// A graph that fails shows no way on; it is the result.
    Incomplete(Graph),
}

impl<'a> Settling<'a> {
    fn new(
        project: &super::Project,
        module: &'a MainModule,
        vertices: &mut Vertices,
    ) -> Result<Self> {
        let require = &module.go_mod.require;
        let counts = |path: &str, version: &str| !project.is_excluded(path, version);
        let roots: Vec<Vertex> = require
            .iter()
            .filter(|it| counts(&it.path, &it.version))
            .map(|it| Vertex::new(&it.path, &it.version))
            .chain(toolchain_roots(project))
            .collect();
        let direct = require
            .iter()
            .filter(|it| !it.indirect && counts(&it.path, &it.version))
            .map(|it| it.path.as_str());
        Ok(Settling {
            module,
            main: vertices.number(Vertex::new(&module.path, ""))?,
            pruning: Pruning::of(module.go_version()),
            roots: number(roots, vertices)?,
            direct: direct.chain(["go"]).collect(),
            has_excluded: require.iter().any(|it| !counts(&it.path, &it.version)),
        })
    }

    fn settle(&self, loader: &mut Loader<'_>) -> Result<Graph> {
        let mut roots = self.roots.clone();
        if self.has_redundant(&roots, &loader.vertices) {
            match self.update(loader, &roots, None)? {
                Updated::Roots(updated) => roots = updated,
                Updated::Incomplete(graph) => return Ok(graph),
            }
        }
        let graph = self.graph(loader, &roots)?;
        if !graph.is_complete || is_selected(&graph, &roots, &loader.vertices) {
            return Ok(graph);
        }
        match self.update(loader, &roots, Some(graph))? {
            Updated::Roots(updated) => self.graph(loader, &updated),
            Updated::Incomplete(graph) => Ok(graph),
        }
    }

    fn graph(&self, loader: &mut Loader<'_>, roots: &[Number]) -> Result<Graph> {
        Walk::graph(loader, Some(self.main), roots, self.pruning)
    }

    /// Tells whether a path comes twice, or is that of the main module itself.
    fn has_redundant(&self, roots: &[Number], vertices: &Vertices) -> bool {
        let mut seen = HashSet::from([self.module.path.as_str()]);
        !roots
            .iter()
            .all(|root| seen.insert(&vertices.vertex(*root).path))
    }

    fn update(
        &self,
        loader: &mut Loader<'_>,
        roots: &[Number],
        graph: Option<Graph>,
    ) -> Result<Updated> {
        match self.pruning {
            Pruning::Unpruned => self.update_unpruned(loader, roots, graph),
            _ => self.update_pruned(loader, roots, graph),
        }
    }

    /// Raises roots to what is selected, which lets more requirements count, until that changes nothing.
    /// Rule: `updatePrunedRoots`.
    fn update_pruned(
        &self,
        loader: &mut Loader<'_>,
        roots: &[Number],
        mut graph: Option<Graph>,
    ) -> Result<Updated> {
        let mut roots = roots.to_vec();
        for _ in 0..ROUND_LIMIT {
            let highest = highest(&roots, &loader.vertices);
            let mut updated = Vec::with_capacity(roots.len());
            let mut seen = HashSet::from([self.module.path.clone()]);
            let mut is_raised = false;
            for root in &roots {
                let Vertex { path, version } = loader.vertices.vertex(*root).clone();
                if seen.contains(&path) {
                    continue;
                }
                let selected = match &graph {
                    Some(graph) => graph.selected(&path, &loader.vertices).to_owned(),
                    None => highest.get(&path).cloned().unwrap_or_default(),
                };
                is_raised |= selected != version;
                updated.push(loader.vertices.number(Vertex::new(&path, &selected))?);
                seen.insert(path);
            }
            if !is_raised {
                return Ok(Updated::Roots(updated));
            }
            let next = self.graph(loader, &updated)?;
            if !next.is_complete {
                return Ok(Updated::Incomplete(next));
            }
            graph = Some(next);
            roots = updated;
        }
        bail!("the requirements in go.mod do not settle in {ROUND_LIMIT} rounds");
    }

    /// Takes the fewest roots that give the same build list. Rule: `updateUnprunedRoots`.
    fn update_unpruned(
        &self,
        loader: &mut Loader<'_>,
        roots: &[Number],
        graph: Option<Graph>,
    ) -> Result<Updated> {
        let graph = match graph {
            Some(graph) => graph,
            None => self.graph(loader, roots)?,
        };
        if !graph.is_complete {
            return Ok(Updated::Incomplete(graph));
        }
        let vertices = &loader.vertices;
        let list: Vec<Number> = build_list(&graph, vertices)
            .into_iter()
            .filter(|it| *it != self.main)
            .collect();
        let kept = roots.iter().filter(|root| {
            let Vertex { path, version } = vertices.vertex(**root);
            graph.selected(path, vertices) == version
        });
        let direct = list
            .iter()
            .filter(|it| self.direct.contains(vertices.vertex(**it).path.as_str()));
        let base: Vec<String> = kept
            .chain(direct)
            .map(|it| vertices.vertex(*it).path.clone())
            .collect();
        Ok(Updated::Roots(minimal(loader, &list, &base)))
    }

    /// Tells whether go would have to write another go.mod. Rules: `updateRoots` with `-mod=readonly`, and
    /// `modFileIsDirty`.
    fn consistency(&self, graph: &Graph, vertices: &Vertices) -> Consistency {
        let is_settled = self.roots.iter().all(|root| {
            let Vertex { path, version } = vertices.vertex(*root);
            // A pruned module may name itself; go passes over that.
            let is_itself = *path == self.module.path && self.pruning == Pruning::Pruned;
            is_itself || graph.selected(path, vertices) == version
        });
        let go = self.module.go_version();
        // Go drops a toolchain that says no more than the go line, and one that is too old to matter.
        let is_needless =
            |name: &str| name.strip_prefix("go") == Some(go) || !is_strict(toolchain_version(name));
        let has_needless = self
            .module
            .go_mod
            .toolchain
            .as_deref()
            .is_some_and(is_needless);
        match is_settled && !self.has_excluded && !has_needless {
            true => Consistency::Consistent,
            false => Consistency::NeedsUpdate,
        }
    }
}

/// Gives the highest version among the roots of each path.
fn highest(roots: &[Number], vertices: &Vertices) -> HashMap<String, String> {
    let mut highest: HashMap<String, String> = HashMap::new();
    for root in roots {
        let Vertex { path, version } = vertices.vertex(*root);
        match highest.get(path) {
            Some(other) if precedence(path, other, version).is_ge() => {}
            _ => {
                highest.insert(path.clone(), version.clone());
            }
        }
    }
    highest
}

/// Tells whether each root is what the graph selects.
fn is_selected(graph: &Graph, roots: &[Number], vertices: &Vertices) -> bool {
    roots.iter().all(|root| {
        let Vertex { path, version } = vertices.vertex(*root);
        graph.selected(path, vertices) == version
    })
}

/// Lists the selected versions by path.
fn build_list(graph: &Graph, vertices: &Vertices) -> Vec<Number> {
    let mut list: Vec<Number> = graph.all_selected().collect();
    list.sort_by(|left, right| sorting(vertices.vertex(*left), vertices.vertex(*right)));
    list
}

/// Turns numbers back into names.
fn finish(loader: &Loader<'_>, graph: &Graph, consistency: Consistency) -> ModuleGraph {
    let vertices = &loader.vertices;
    let order = graph.breadth_first(vertices);
    let parents: HashMap<Number, Option<Number>> = order.iter().copied().collect();
    let mut edges = Vec::new();
    let mut failures = Vec::new();
    for (number, _) in &order {
        for required in graph.required(*number) {
            let edge = (*number, *required);
            edges.push((
                vertices.vertex(edge.0).clone(),
                vertices.vertex(edge.1).clone(),
            ));
        }
        if let Some(cause) = loader.cause(*number) {
            failures.push(Failure {
                chain: chain(*number, &parents, vertices),
                selected: cause.selected.clone(),
                error: Arc::clone(&cause.error),
            });
        }
    }
    let build_list = build_list(graph, vertices)
        .into_iter()
        .map(|number| vertices.vertex(number))
        .filter(|vertex| !vertex.is_main() && !vertex.is_toolchain() && vertex.version != NONE)
        .filter_map(|vertex| {
            Some(BuildListEntry {
                path: vertex.path.clone(),
                version: Version::new(&vertex.version).ok()?,
                // A conflict of replacements has its place among the failures.
                replaced: loader.project.replacements().find(vertex).ok().flatten(),
            })
        })
        .collect();
    ModuleGraph {
        build_list,
        loaded: loader.loaded(),
        edges,
        failures,
        go_version: graph.selected("go", vertices).to_owned(),
        consistency,
    }
}

fn chain(
    number: Number,
    parents: &HashMap<Number, Option<Number>>,
    vertices: &Vertices,
) -> Vec<Vertex> {
    let steps = std::iter::successors(Some(number), |number| {
        parents.get(number).copied().flatten()
    });
    let mut chain: Vec<Vertex> = steps
        .map(|number| vertices.vertex(number).clone())
        .collect();
    chain.reverse();
    chain
}
