//! The vertices of the graph, and numbers that stand for them.

use std::collections::HashMap;
use std::fmt;

use anyhow::{Result, bail};

use super::VERSION_LIMIT;

/// A module at a version in the graph; displays as `path@version`, or the path alone for a main module.
///
/// The order is that of the text, which is not that of versions.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Vertex {
    /// The path; `go` and `toolchain` stand for those. It need not be a valid module path, since a
    /// version with an invalid one can be replaced.
    pub path: String,
    /// The canonical version, the version of Go or name of a toolchain; empty for a main module.
    pub version: String,
}

impl Vertex {
    pub(super) fn new(path: &str, version: &str) -> Self {
        Vertex {
            path: path.to_owned(),
            version: version.to_owned(),
        }
    }

    /// Tells whether this is a version of Go or of its toolchain, and no module.
    pub fn is_toolchain(&self) -> bool {
        matches!(self.path.as_str(), "go" | "toolchain")
    }

    /// Tells whether this is a main module.
    pub fn is_main(&self) -> bool {
        self.version.is_empty()
    }
}

impl fmt::Display for Vertex {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.version.as_str() {
            "" => formatter.write_str(&self.path),
            version => write!(formatter, "{}@{version}", self.path),
        }
    }
}

/// The number of a vertex.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Number(u32);

/// All vertices that were met; they are numbered as they come, so that numbers have no order.
#[derive(Debug, Default)]
pub(super) struct Vertices {
    numbers: HashMap<Vertex, Number>,
    vertices: Vec<Vertex>,
}

impl Vertices {
    /// Gives the number of a vertex, which is a new one for a new vertex.
    pub(super) fn number(&mut self, vertex: Vertex) -> Result<Number> {
        if let Some(number) = self.numbers.get(&vertex) {
            return Ok(*number);
        }
        if self.vertices.len() >= VERSION_LIMIT {
            bail!("the module graph has more than {VERSION_LIMIT} versions");
        }
        let number = Number(u32::try_from(self.vertices.len())?);
        self.vertices.push(vertex.clone());
        self.numbers.insert(vertex, number);
        Ok(number)
    }

    /// Gives the vertex of a number that [`Self::number`] gave.
    pub(super) fn vertex(&self, number: Number) -> &Vertex {
        &self.vertices[number.0 as usize]
    }
}
