//! The fewest requirements that select a build list, for main modules below go 1.17.
//!
//! Rule: `mvs.Req`.

use std::collections::{HashMap, HashSet};

use super::loader::Loader;
use super::order::NONE;
use super::vertex::{Number, Vertices};

/// Gives the fewest of `list` that imply all of it, and in any case those whose path is in `base`.
///
/// `list` is a build list without the main module, in its order, and all of it is known to the loader with
/// all that it requires.
pub(super) fn minimal(loader: &Loader<'_>, list: &[Number], base: &[String]) -> Vec<Number> {
    let path = |number: Number| path_of(&loader.vertices, number);
    let selected: HashMap<&str, Number> = list.iter().map(|it| (path(*it), *it)).collect();
    let mut chosen = Vec::new();
    let mut have = HashSet::new();
    let mut based = HashSet::new();
    for name in base {
        if let Some(number) = selected.get(name.as_str())
            && based.insert(name)
        {
            chosen.push(*number);
            mark(loader, *number, &mut have);
        }
    }
    for number in postorder(loader, list).into_iter().rev() {
        let is_selected = selected.get(path(number)) == Some(&number);
        if is_selected && !have.contains(&number) {
            chosen.push(number);
            mark(loader, number, &mut have);
        }
    }
    chosen.sort_by_key(|number| path(*number));
    chosen
}

fn path_of(vertices: &Vertices, number: Number) -> &str {
    &vertices.vertex(number).path
}

/// Marks a vertex and all that it implies.
fn mark(loader: &Loader<'_>, number: Number, have: &mut HashSet<Number>) {
    let mut queue = vec![number];
    while let Some(number) = queue.pop() {
        if have.insert(number) {
            queue.extend(required(loader, number));
        }
    }
}

/// Lists vertices, each behind those that it requires as far as there are no cycles.
fn postorder(loader: &Loader<'_>, list: &[Number]) -> Vec<Number> {
    let mut seen = HashSet::new();
    let mut order = Vec::new();
    for start in list {
        if !seen.insert(*start) {
            continue;
        }
        // A stack of our own: a graph can be deeper than a thread's stack.
        let mut stack = vec![(*start, 0)];
        while let Some((number, next)) = stack.last_mut() {
            match required(loader, *number).get(*next) {
                Some(child) => {
                    *next += 1;
                    if seen.insert(*child) {
                        stack.push((*child, 0));
                    }
                }
                None => {
                    order.push(*number);
                    stack.pop();
                }
            }
        }
    }
    order
}

fn required<'a>(loader: &'a Loader<'_>, number: Number) -> &'a [Number] {
    let is_none = loader.vertices.vertex(number).version == NONE;
    match loader.known(number) {
        Some(summary) if !is_none => &summary.require,
        _ => &[],
    }
}
