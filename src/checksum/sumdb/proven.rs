//! Hashes out of tiles that are proven to belong to a tree.
//!
//! The tiles come from anybody. Those at the right edge of a tree give its hash, which is signed; every other
//! one is full, and its hash is in the tile above. Only what is proven so is given on. Rule: `TileHashReader`
//! in `golang.org/x/mod/sumdb/tlog`.

use std::collections::HashMap;
use std::sync::Arc;

use anyhow::{Context, Result, bail, ensure};

use super::tile::{Tile, combine};
use super::tlog::{self, Hash, Hashes};
use super::tree::Tree;

/// The content of a tile.
pub(super) type Content = Arc<[u8]>;

/// Where tiles come from.
pub(super) trait Tiles {
    /// Gives the contents of tiles, in their order; nothing about them need be true.
    fn read(&self, tiles: &[Tile]) -> Result<Vec<Content>>;

    /// Takes note that contents are proven.
    fn keep(&self, tiles: &[Tile], contents: &[Content]) -> Result<()>;
}

/// A tile that is not part of the tree that was signed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("downloaded inconsistent tile {path}")]
pub(super) struct Misfit {
    /// The path of the tile; of several that cannot be told apart, the first.
    pub(super) path: String,
}

/// Hashes of a tree.
pub(super) struct Proven<'a, T> {
    pub(super) tree: Tree,
    pub(super) tiles: &'a T,
}

/// The tiles to read: those of the right edge first, each after the one above it.
#[derive(Default)]
struct Plan {
    tiles: Vec<Tile>,
    positions: HashMap<Tile, usize>,
}

impl Plan {
    fn add(&mut self, tile: Tile) {
        if !self.positions.contains_key(&tile) {
            self.positions.insert(tile, self.tiles.len());
            self.tiles.push(tile);
        }
    }
}

impl<T: Tiles> Hashes for Proven<'_, T> {
    fn read(&self, indexes: &[u64]) -> Result<Vec<Hash>> {
        let mut plan = Plan::default();
        let edge = tlog::subtrees(0, self.tree.size);
        for &at in &edge {
            plan.add(self.tile_of(at)?);
        }
        let edge_tiles = plan.tiles.len();
        for &at in indexes {
            self.plan_way_down(&mut plan, self.tile_of(at)?)?;
        }
        let contents = self.tiles.read(&plan.tiles)?;
        for (tile, content) in plan.tiles.iter().zip(&contents) {
            ensure!(content.len() == tile.size(), Misfit { path: tile.path() });
        }
        let hash_at = |tile: Tile, at: u64| {
            let content = plan.positions.get(&tile).and_then(|&at| contents.get(at));
            tile.hash_at(content.context("a tile that was not read")?, at)
        };

        let edge: Result<Vec<Hash>> = edge
            .iter()
            .map(|&at| hash_at(self.tile_of(at)?, at))
            .collect();
        if tlog::fold(&edge?) != Some(self.tree.hash) {
            // At least one is wrong, but which cannot be told.
            let path = plan.tiles.first().map(|tile| tile.path());
            bail!(Misfit {
                path: path.unwrap_or_default()
            });
        }
        for (tile, content) in plan.tiles.iter().zip(&contents).skip(edge_tiles) {
            let parent = tile
                .parent(self.tree.size)
                .context("a tile without one above")?;
            let at = tlog::index(parent.level * super::tile::HEIGHT, tile.place);
            ensure!(
                combine(content) == Some(hash_at(parent, at)?),
                Misfit { path: tile.path() }
            );
        }
        self.tiles.keep(&plan.tiles, &contents)?;
        indexes
            .iter()
            .map(|&at| hash_at(self.tile_of(at)?, at))
            .collect()
    }
}

impl<T: Tiles> Proven<'_, T> {
    fn tile_of(&self, at: u64) -> Result<Tile> {
        let Tree { size, .. } = self.tree;
        let is_inside = at < tlog::index(0, size);
        let tile = Tile::of_index(at, size).filter(|_| is_inside);
        tile.with_context(|| format!("hash {at} is not in a tree of {size} records"))
    }

    /// Plans a tile and those above it up to one that is planned already, from top to bottom.
    fn plan_way_down(&self, plan: &mut Plan, tile: Tile) -> Result<()> {
        let mut way = Vec::new();
        let mut next = tile;
        while !plan.positions.contains_key(&next) {
            way.push(next);
            let above = next.parent(self.tree.size);
            next = above.context("a tile at the edge of the tree that is not part of its hash")?;
        }
        way.into_iter().rev().for_each(|tile| plan.add(tile));
        Ok(())
    }
}
