//! Contents that several versions share, compressed once and kept for the next version.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A content as a zip has it, with all that its headers and its sum need.
#[derive(Clone, Debug)]
pub(super) struct Packed {
    pub(super) sha256: [u8; 32],
    pub(super) crc32: u32,
    /// Bytes of the content itself; `bytes` has the compressed ones.
    pub(super) size: u64,
    pub(super) bytes: Arc<Vec<u8>>,
}

/// Compressed contents by key, shared by versions and threads, in bounded memory.
///
/// A content is read, hashed and compressed once and then served from here to every later version that has
/// it too. When the pool is full, contents that neither this version nor the one before it had make room;
/// if there are none, a new content is not kept. So one large version after another does not push
/// out exactly what is about to be needed again, as the least recently used order would.
#[derive(Debug)]
pub struct Pool<K> {
    shelf: Mutex<Shelf<K>>,
    capacity: usize,
}

#[derive(Debug)]
struct Shelf<K> {
    contents: HashMap<K, Kept>,
    used: usize,
    /// Number of the version being made.
    version: u64,
    /// The version for which room was last made: looking twice for old contents finds nothing new.
    swept: u64,
}

#[derive(Debug)]
struct Kept {
    packed: Packed,
    last_version: u64,
}

/// Bytes that a content takes besides its own: its key, its sums, its place in the map.
const OVERHEAD: usize = 256;

impl<K: Hash + Eq + Clone> Pool<K> {
    /// The capacity that [`Pool::default`] has: 16 MiB.
    pub const DEFAULT_CAPACITY: usize = 16 << 20;

    /// Makes a pool that keeps at most `capacity` bytes, counting compressed contents and their records.
    pub fn with_capacity(capacity: usize) -> Pool<K> {
        let shelf = Shelf {
            contents: HashMap::new(),
            used: 0,
            version: 0,
            swept: 0,
        };
        Pool {
            shelf: Mutex::new(shelf),
            capacity,
        }
    }

    /// Tells the pool that another version begins.
    pub(super) fn begin_version(&self) {
        self.lock().version += 1;
    }

    pub(super) fn get(&self, key: &K) -> Option<Packed> {
        let mut shelf = self.lock();
        let version = shelf.version;
        let kept = shelf.contents.get_mut(key)?;
        kept.last_version = version;
        Some(kept.packed.clone())
    }

    pub(super) fn put(&self, key: &K, packed: &Packed) {
        let cost = packed.bytes.len().saturating_add(OVERHEAD);
        let mut shelf = self.lock();
        if cost > self.capacity || shelf.contents.contains_key(key) {
            return;
        }
        if shelf.used + cost > self.capacity {
            shelf.make_room();
        }
        if shelf.used + cost > self.capacity {
            return;
        }
        let kept = Kept {
            packed: packed.clone(),
            last_version: shelf.version,
        };
        shelf.used += cost;
        shelf.contents.insert(key.clone(), kept);
    }

    /// A thread that panicked cannot have left the map half-changed in a way that matters here.
    fn lock(&self) -> MutexGuard<'_, Shelf<K>> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Hash + Eq + Clone> Default for Pool<K> {
    fn default() -> Pool<K> {
        Pool::with_capacity(Pool::<K>::DEFAULT_CAPACITY)
    }
}

impl<K: Hash + Eq> Shelf<K> {
    fn make_room(&mut self) {
        if self.swept == self.version {
            return;
        }
        self.swept = self.version;
        let oldest_wanted = self.version.saturating_sub(1);
        self.contents
            .retain(|_, kept| kept.last_version >= oldest_wanted);
        self.used = self
            .contents
            .values()
            .map(|kept| kept.packed.bytes.len() + OVERHEAD)
            .sum();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packed(length: usize) -> Packed {
        Packed {
            sha256: [0; 32],
            crc32: 0,
            size: length as u64,
            bytes: Arc::new(vec![0; length]),
        }
    }

    fn room_for(count: usize) -> Pool<u32> {
        Pool::with_capacity(count * (100 + OVERHEAD))
    }

    #[test]
    fn a_content_is_kept_for_the_next_version() {
        let pool = room_for(2);
        pool.begin_version();
        pool.put(&1, &packed(100));
        pool.begin_version();
        assert_eq!(pool.get(&1).map(|packed| packed.size), Some(100));
        assert!(pool.get(&2).is_none());
    }

    #[test]
    fn a_full_pool_keeps_what_this_version_and_the_last_one_used() {
        let pool = room_for(2);
        pool.begin_version();
        pool.put(&1, &packed(100));
        pool.put(&2, &packed(100));
        pool.begin_version();
        pool.put(&3, &packed(100));
        assert!(pool.get(&1).is_some() && pool.get(&2).is_some() && pool.get(&3).is_none());
    }

    #[test]
    fn contents_that_two_versions_did_not_use_make_room() {
        let pool = room_for(2);
        pool.begin_version();
        pool.put(&1, &packed(100));
        pool.put(&2, &packed(100));
        pool.begin_version();
        assert!(pool.get(&2).is_some());
        pool.begin_version();
        pool.put(&3, &packed(100));
        assert!(pool.get(&1).is_none() && pool.get(&2).is_some() && pool.get(&3).is_some());
    }

    #[test]
    fn a_content_larger_than_the_pool_is_not_kept() {
        let pool = room_for(1);
        pool.put(&1, &packed(101));
        assert!(pool.get(&1).is_none());
    }

    #[test]
    fn many_small_contents_stay_within_the_capacity() {
        let pool = Pool::with_capacity(100 * OVERHEAD);
        for key in 0..1000 {
            pool.put(&key, &packed(0));
        }
        let kept = (0..1000).filter(|key| pool.get(key).is_some()).count();
        assert_eq!(kept, 100);
    }
}
