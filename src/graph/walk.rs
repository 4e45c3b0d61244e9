//! One graph, from given roots.

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet, VecDeque};

use anyhow::{Result, bail};

use super::REQUIREMENT_LIMIT;
use super::loader::{Known, Loader, Summary};
use super::order::{NONE, compare, precedence};
use super::summary::Pruning;
use super::vertex::{Number, Vertex, Vertices};

/// A graph: what each vertex requires, and what is selected.
#[derive(Debug, Default)]
pub(super) struct Graph {
    /// Where the graph begins: the main module, or the roots of the workspace.
    tops: Vec<Number>,
    required: HashMap<Number, Vec<Number>>,
    selected: HashMap<String, Choice>,
    requirements: usize,
    pub(super) is_complete: bool,
}

/// A selected version.
#[derive(Clone, Copy, Debug)]
struct Choice {
    number: Number,
    /// Among versions that compare as equal, the one nearest to the main modules is kept, and then the
    /// lower text: order of arrival must not decide.
    is_from_top: bool,
}

impl Graph {
    /// Gives the selected version of a path.
    pub(super) fn selected<'a>(&self, path: &str, vertices: &'a Vertices) -> &'a str {
        self.selected.get(path).map_or(NONE, |choice| {
            vertices.vertex(choice.number).version.as_str()
        })
    }

    /// Gives the selected versions in no particular order, the main modules among them.
    pub(super) fn all_selected(&self) -> impl Iterator<Item = Number> {
        self.selected.values().map(|choice| choice.number)
    }

    /// Gives what a vertex requires; nothing where that is pruned out.
    pub(super) fn required(&self, number: Number) -> &[Number] {
        self.required.get(&number).map_or(&[], Vec::as_slice)
    }

    /// Lists the vertices breadth first, each with the vertex by which it was reached.
    /// Rule: `WalkBreadthFirst` of `mvs.Graph`.
    pub(super) fn breadth_first(&self, vertices: &Vertices) -> Vec<(Number, Option<Number>)> {
        let mut seen = HashSet::new();
        let mut order = Vec::new();
        let mut queue: VecDeque<_> = self.tops.iter().map(|top| (*top, None)).collect();
        while let Some((number, parent)) = queue.pop_front() {
            if vertices.vertex(number).version == NONE || !seen.insert(number) {
                continue;
            }
            order.push((number, parent));
            let required = self.required(number).iter();
            queue.extend(
                required
                    .filter(|it| !seen.contains(*it))
                    .map(|it| (*it, Some(number))),
            );
        }
        order
    }

    fn select(&mut self, number: Number, is_from_top: bool, vertices: &Vertices) {
        let Vertex { path, version } = vertices.vertex(number);
        let current = self.selected.get(path);
        let order = compare(path, version, self.selected(path, vertices));
        let is_better = match (order, current) {
            (Ordering::Greater, _) => true,
            (Ordering::Equal, Some(choice)) => {
                let other = &vertices.vertex(choice.number).version;
                !choice.is_from_top && (is_from_top || version < other)
            }
            _ => false,
        };
        if is_better {
            let choice = Choice {
                number,
                is_from_top,
            };
            self.selected.insert(path.clone(), choice);
        }
    }

    fn require(
        &mut self,
        number: Number,
        required: Vec<Number>,
        is_top: bool,
        vertices: &Vertices,
    ) -> Result<()> {
        self.requirements += required.len();
        if self.requirements > REQUIREMENT_LIMIT {
            bail!("the module graph has more than {REQUIREMENT_LIMIT} requirements");
        }
        for it in &required {
            self.select(*it, is_top, vertices);
        }
        self.required.insert(number, required);
        Ok(())
    }
}

/// The making of a graph.
pub(super) struct Walk<'a, 'b> {
    loader: &'a mut Loader<'b>,
    graph: Graph,
    begun: HashSet<(Number, Pruning)>,
    waiting: HashMap<Number, Vec<Pruning>>,
    queue: Vec<(Number, Pruning)>,
}

impl<'a, 'b> Walk<'a, 'b> {
    /// Reads the graph of a main module that requires `roots`, or of a workspace with `roots`.
    /// Rule: `readModGraph`.
    pub(super) fn graph(
        loader: &'a mut Loader<'b>,
        main: Option<Number>,
        roots: &[Number],
        pruning: Pruning,
    ) -> Result<Graph> {
        let mut graph = Graph {
            tops: main.map_or_else(|| roots.to_vec(), |main| vec![main]),
            is_complete: true,
            ..Graph::default()
        };
        for top in graph.tops.clone() {
            graph.select(top, true, &loader.vertices);
        }
        if let Some(main) = main {
            graph.require(main, roots.to_vec(), true, &loader.vertices)?;
        }
        let mut walk = Walk {
            loader,
            graph,
            begun: HashSet::new(),
            waiting: HashMap::new(),
            queue: Vec::new(),
        };
        for root in roots {
            walk.queue.push((*root, pruning));
        }
        walk.drain()?;
        if pruning == Pruning::Workspace {
            walk.look_again(roots)?;
        }
        Ok(walk.graph)
    }

    /// Works until nothing is queued or pending.
    fn drain(&mut self) -> Result<()> {
        loop {
            while let Some((number, pruning)) = self.queue.pop() {
                self.begin(number, pruning)?;
            }
            let Some(answers) = self.loader.wait()? else {
                return Ok(());
            };
            for (number, known) in answers {
                self.arrive(number, &known)?;
            }
        }
    }

    fn begin(&mut self, number: Number, pruning: Pruning) -> Result<()> {
        let is_none = self.loader.vertices.vertex(number).version == NONE;
        if is_none || !self.begun.insert((number, pruning)) {
            return Ok(());
        }
        if let Some(waiting) = self.waiting.get_mut(&number) {
            waiting.push(pruning);
            return Ok(());
        }
        self.waiting.insert(number, vec![pruning]);
        match self.loader.request(number)? {
            Some(known) => self.arrive(number, &known),
            None => Ok(()),
        }
    }

    fn arrive(&mut self, number: Number, known: &Known) -> Result<()> {
        let waiting = self.waiting.remove(&number).unwrap_or_default();
        let Some(summary) = known else {
            self.graph.is_complete = false;
            return Ok(());
        };
        if !self.graph.required.contains_key(&number) {
            let required = summary.require.clone();
            let vertices = &self.loader.vertices;
            self.graph.require(number, required, false, vertices)?;
        }
        for pruning in waiting {
            self.follow(summary, pruning);
        }
        Ok(())
    }

    /// Queues what a module requires, as far as its pruning and that of the way to it let it count.
    fn follow(&mut self, summary: &Summary, pruning: Pruning) {
        if pruning == Pruning::Pruned && summary.pruning == Pruning::Pruned {
            return;
        }
        let next = match pruning {
            Pruning::Unpruned => Pruning::Unpruned,
            _ => summary.pruning,
        };
        let begun = &self.begun;
        let required = summary.require.iter().map(|it| (*it, next));
        self.queue.extend(required.filter(|it| !begun.contains(it)));
    }

    /// Follows what is selected in the place of what the modules of a workspace, and those found here,
    /// require.
    fn look_again(&mut self, roots: &[Number]) -> Result<()> {
        let path_of = |walk: &Self, number| walk.loader.vertices.vertex(number).path.clone();
        let mut paths: HashSet<String> = roots.iter().map(|it| path_of(self, *it)).collect();
        let mut seen = HashSet::new();
        loop {
            let mut fresh = HashSet::new();
            for path in &paths {
                let Some(choice) = self.graph.selected.get(path) else {
                    continue;
                };
                if !seen.contains(&choice.number) {
                    fresh.insert(choice.number);
                    continue;
                }
                for number in self.graph.required(choice.number) {
                    let Vertex { path, version } = self.loader.vertices.vertex(*number);
                    let Some(choice) = self.graph.selected.get(path) else {
                        continue;
                    };
                    let selected = &self.loader.vertices.vertex(choice.number).version;
                    if precedence(path, selected, version).is_gt() && !seen.contains(&choice.number)
                    {
                        fresh.insert(choice.number);
                    }
                }
            }
            if fresh.is_empty() {
                return Ok(());
            }
            for number in fresh {
                seen.insert(number);
                paths.insert(path_of(self, number));
                self.queue.push((number, Pruning::Workspace));
            }
            self.drain()?;
        }
    }
}
