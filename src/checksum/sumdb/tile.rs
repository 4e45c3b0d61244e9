//! Tiles: the files that a tree is served in.
//!
//! A tile holds a run of hashes of one level, up to 256 of them, from which the eight levels above can be
//! computed. One at the right edge of a tree is not full yet. Rules: `golang.org/x/mod/sumdb/tlog`, `tile.go`;
//! all databases have tiles of height 8 as far as go is concerned.

use anyhow::{Result, ensure};

use super::tlog::{self, HASH_SIZE, Hash};

/// How many levels a tile stands for.
pub(super) const HEIGHT: u32 = 8;

/// How many hashes a full tile holds.
pub(super) const FULL: u64 = 1 << HEIGHT;

/// The size of a full tile in bytes.
pub(super) const FULL_SIZE: u64 = FULL * HASH_SIZE as u64;

/// A tile, by its place in the tiling.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Tile {
    /// The level of its hashes in the tree, divided by the height.
    pub(super) level: u32,
    /// Its place among the tiles of its level.
    pub(super) place: u64,
    /// How many hashes it holds.
    pub(super) width: u64,
}

impl Tile {
    /// The tile with the hash of an index, in a tree of `size` records; as wide as that tree has it.
    pub(super) fn of_index(at: u64, size: u64) -> Option<Tile> {
        let (level, place) = tlog::level_and_place(at);
        let within = level % HEIGHT;
        Tile::in_tree(level / HEIGHT, place << within >> HEIGHT, size)
    }

    /// The tile above this one in a tree of `size` records, which has its hash.
    pub(super) fn parent(self, size: u64) -> Option<Tile> {
        Tile::in_tree(self.level + 1, self.place >> HEIGHT, size)
    }

    fn in_tree(level: u32, place: u64, size: u64) -> Option<Tile> {
        let hashes = size.checked_shr(level * HEIGHT).unwrap_or_default();
        let width = hashes.checked_sub(place << HEIGHT)?.min(FULL);
        (width > 0).then_some(Tile {
            level,
            place,
            width,
        })
    }

    /// The full tile at this place.
    pub(super) fn full(self) -> Tile {
        Tile {
            width: FULL,
            ..self
        }
    }

    /// The size in bytes.
    pub(super) fn size(self) -> usize {
        usize::try_from(self.width).unwrap_or(usize::MAX) * HASH_SIZE
    }

    /// Takes the path of a tile, which must be written as [`Self::path`] writes it.
    pub(super) fn parse(path: &str) -> Option<Tile> {
        let (level, place) = path.strip_prefix("tile/8/")?.split_once('/')?;
        let (place, width) = match place.split_once(".p/") {
            Some((place, width)) => (place, width.parse().ok()?),
            None => (place, FULL),
        };
        let tile = Tile {
            level: level.parse().ok()?,
            place: place.replace(['x', '/'], "").parse().ok()?,
            width,
        };
        (tile.path() == path).then_some(tile)
    }

    /// The path of the tile below the root of a database, without a slash in front: `tile/8/0/x001/234.p/5`.
    pub(super) fn path(self) -> String {
        let mut place = format!("{:03}", self.place % 1000);
        let mut rest = self.place / 1000;
        while rest > 0 {
            place = format!("x{:03}/{place}", rest % 1000);
            rest /= 1000;
        }
        let width = match self.width {
            FULL => String::new(),
            width => format!(".p/{width}"),
        };
        format!("tile/{HEIGHT}/{}/{place}{width}", self.level)
    }

    /// Gives the hash of an index, computed from the tile's content.
    ///
    /// # Errors
    /// An index whose hash is not over hashes of this tile.
    pub(super) fn hash_at(self, content: &[u8], at: u64) -> Result<Hash> {
        let (level, place) = tlog::level_and_place(at);
        let within = level % HEIGHT;
        let first = place << within;
        let is_inside = level / HEIGHT == self.level && first >> HEIGHT == self.place;
        let start = usize::try_from(first % FULL)? * HASH_SIZE;
        let run = content.get(start..start + (HASH_SIZE << within));
        let hash = run.filter(|_| is_inside).and_then(combine);
        ensure!(hash.is_some(), "no hash {at} in {}", self.path());
        Ok(hash.unwrap_or(Hash::EMPTY))
    }
}

/// Gives the hash over a number of hashes that is a power of two.
pub(super) fn combine(content: &[u8]) -> Option<Hash> {
    if let Ok(hash) = content.try_into() {
        return Some(Hash(hash));
    }
    if content.is_empty() {
        return None;
    }
    let (left, right) = content.split_at_checked(content.len() / 2)?;
    Some(Hash::over(combine(left)?, combine(right)?))
}
