//! Tiles from memory, from the cache and from the network, in this order.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result};

use super::client::Remote;
use super::files::Files;
use super::offered::OfferedFile;
use super::once::{Once, Shared};
use super::proven::{Content, Tiles};
use super::tile::{FULL_SIZE, Tile};

/// A tile that the database does not have, though it has signed the tree.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("checksum database has no {path}")]
pub(super) struct AbsentTile {
    /// The path of the tile.
    pub(super) path: String,
}

/// Reads tiles, each once, and keeps those that are proven. A tile takes up 8 KiB of memory.
pub(super) struct TileStore {
    remote: Box<dyn Remote>,
    files: Files,
    contents: Once<Tile, Content>,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    /// Tiles that the cache has, or a wider one in their place.
    saved: HashSet<Tile>,
    /// Those of them, and those wider ones, that were looked at.
    in_files: HashSet<Tile>,
    /// The widest content at each place that is proven.
    widest: HashMap<(u32, u64), Content>,
}

impl TileStore {
    pub(super) fn new(remote: Box<dyn Remote>, files: Files) -> TileStore {
        TileStore {
            remote,
            files,
            contents: Once::default(),
            kept: Mutex::default(),
        }
    }

    pub(super) fn remote(&self) -> &dyn Remote {
        self.remote.as_ref()
    }

    pub(super) fn files(&self) -> &Files {
        &self.files
    }

    /// Lists the tiles that were read from the files or put there.
    pub(super) fn in_files(&self) -> Vec<OfferedFile> {
        let tiles = self.kept(|kept| kept.in_files.clone());
        tiles.into_iter().map(OfferedFile::tile).collect()
    }

    fn content(&self, tile: Tile) -> Result<Content, Shared> {
        self.contents.get(tile, || {
            self.load(tile)
                .map_err(|cause| Shared::new(format!("cannot read {}", tile.path()), cause))
        })
    }

    /// A tile of the wrong size is given on as it is where it comes from the network: its reader complains.
    fn load(&self, tile: Tile) -> Result<Content> {
        for cached in [tile, tile.full()] {
            let content = self.files.read(&cached.path(), FULL_SIZE);
            if let Some(content) = content.filter(|content| content.len() == cached.size()) {
                self.kept(|kept| {
                    kept.saved.insert(tile);
                    kept.in_files.insert(cached);
                });
                return front(&content, tile);
            }
        }
        let wider = self.kept(|kept| kept.widest.get(&(tile.level, tile.place)).cloned());
        if let Some(wider) = wider.filter(|wider| wider.len() > tile.size()) {
            return front(&wider, tile);
        }
        let answer = self.remote.read(&tile.path(), FULL_SIZE);
        if let Ok(Some(content)) = answer {
            return Ok(Arc::from(content));
        }
        // A tile that has become full since may be there only as such.
        if tile != tile.full() {
            let full = self.remote.read(&tile.full().path(), FULL_SIZE);
            if let Ok(Some(content)) = full {
                return Ok(front(&content, tile).unwrap_or_else(|_| Arc::from(content)));
            }
        }
        let absent = || AbsentTile { path: tile.path() };
        Ok(answer?.map(Arc::from).ok_or_else(absent)?)
    }

    fn kept<T>(&self, work: impl FnOnce(&mut Kept) -> T) -> T {
        work(&mut self.kept.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Tiles for TileStore {
    fn read(&self, tiles: &[Tile]) -> Result<Vec<Content>> {
        let contents: Vec<_> = std::thread::scope(|scope| {
            let (first, others) = match tiles.split_first() {
                Some((&first, others)) => (Some(first), others),
                None => (None, tiles),
            };
            let others: Vec<_> = others
                .iter()
                .map(|&tile| scope.spawn(move || self.content(tile)))
                .collect();
            let first = first.map(|tile| Ok(self.content(tile)));
            let others = others.into_iter().map(|thread| thread.join());
            first.into_iter().chain(others).collect()
        });
        let whole = contents.into_iter().map(|content| match content {
            Ok(content) => Ok(content?),
            Err(_) => anyhow::bail!("a thread that read a tile has panicked"),
        });
        whole.collect()
    }

    fn keep(&self, tiles: &[Tile], contents: &[Content]) -> Result<()> {
        for (&tile, content) in tiles.iter().zip(contents) {
            let is_new = self.kept(|kept| {
                let widest = kept.widest.entry((tile.level, tile.place)).or_default();
                if widest.len() < content.len() {
                    *widest = Arc::clone(content);
                }
                kept.saved.insert(tile)
            });
            if is_new {
                self.files.write(&tile.path(), content)?;
                self.kept(|kept| kept.in_files.insert(tile));
            }
        }
        Ok(())
    }
}

fn front(content: &[u8], tile: Tile) -> Result<Content> {
    let front = content.get(..tile.size());
    front.map(Arc::from).context("a tile that is too short")
}
