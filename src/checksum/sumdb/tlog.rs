//! The arithmetic of a transparency log: a tree of hashes over records, as in RFC 6962.
//!
//! A hash stands at a level (0 is that of the records) and at a place in it. Hashes can be kept in one row, in
//! the order in which they become known; the place in the row is the *index* of a hash. Rules:
//! `golang.org/x/mod/sumdb/tlog`.

use std::fmt;

use anyhow::{Result, ensure};
use base64::Engine;
use sha2::{Digest, Sha256};

use super::note::BASE64;

/// The size of a hash in bytes.
pub(super) const HASH_SIZE: usize = 32;

/// The most records that a tree may have. What is below cannot overflow the numbers of an index.
pub(super) const MAX_SIZE: u64 = 1 << 48;

/// A SHA-256 sum in the tree; displays in base64.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Hash(pub(super) [u8; HASH_SIZE]);

impl Hash {
    /// The hash of no record: the sum of nothing.
    pub(super) const EMPTY: Hash = Hash([
        0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9,
        0x24, 0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52,
        0xb8, 0x55,
    ]);

    /// Gives the hash of a record.
    pub(super) fn of_record(text: &[u8]) -> Hash {
        let mut sum = Sha256::new();
        sum.update([0]);
        sum.update(text);
        Hash(sum.finalize().into())
    }

    /// Gives the hash over two.
    pub(super) fn over(left: Hash, right: Hash) -> Hash {
        let mut sum = Sha256::new();
        sum.update([1]);
        sum.update(left.0);
        sum.update(right.0);
        Hash(sum.finalize().into())
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&BASE64.encode(self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{self}")
    }
}

/// Whoever can give hashes of a tree.
pub(super) trait Hashes {
    /// Gives the hashes at the indexes, as many and in their order.
    fn read(&self, indexes: &[u64]) -> Result<Vec<Hash>>;
}

/// Gives the index of the hash at a level and place.
///
/// A hash above the records is kept right behind the second of the two that it is over.
pub(super) fn index(level: u32, place: u64) -> u64 {
    let first = (0..level).fold(place, |place, _| 2 * place + 1);
    let before = std::iter::successors(Some(first), |place| Some(place / 2))
        .take_while(|&place| place > 0)
        .sum::<u64>();
    before + u64::from(level)
}

/// Gives the level and the place of the hash with an index.
pub(super) fn level_and_place(at: u64) -> (u32, u64) {
    // Record n is kept at an index below 2n, so it is n that is looked for, from below.
    let mut record = at / 2;
    let mut start = index(0, record);
    loop {
        let next = start + 1 + u64::from((record + 1).trailing_zeros());
        if next > at {
            break;
        }
        record += 1;
        start = next;
    }
    let level = u32::try_from(at - start).unwrap_or(u32::MAX);
    (level, record.checked_shr(level).unwrap_or_default())
}

/// Gives the indexes of the complete subtrees, the largest first, that the records from `low` to before
/// `high` are made of. `low` is the place of a record where a subtree that large can begin.
pub(super) fn subtrees(mut low: u64, high: u64) -> Vec<u64> {
    let mut indexes = Vec::new();
    while low < high {
        let level = (high - low).ilog2();
        indexes.push(index(level, low >> level));
        low += 1 << level;
    }
    indexes
}

/// Gives the hash over subtrees as [`subtrees`] gives them.
pub(super) fn fold(hashes: &[Hash]) -> Option<Hash> {
    let combined = hashes.iter().rev().copied();
    combined.reduce(|right, left| Hash::over(left, right))
}

/// Gives the hash of the tree of the first records.
pub(super) fn tree_hash(size: u64, hashes: &impl Hashes) -> Result<Hash> {
    if size == 0 {
        return Ok(Hash::EMPTY);
    }
    let read = hashes.read(&subtrees(0, size))?;
    Ok(fold(&read).unwrap_or(Hash::EMPTY))
}

/// Gives the proof that a tree begins with the records of a smaller one, which may not be empty.
///
/// # Errors
/// An empty or larger old tree, or hashes that cannot be read.
pub(super) fn consistency_proof(old: u64, new: u64, hashes: &impl Hashes) -> Result<Vec<Hash>> {
    ensure!(
        0 < old && old <= new,
        "no proof from {old} to {new} records"
    );
    let mut groups = Vec::new();
    proof_groups(0, new, old, &mut groups);
    let read = hashes.read(&groups.concat())?;
    let mut rest = read.as_slice();
    let mut proof = Vec::new();
    for group in &groups {
        let Some((hashes, after)) = rest.split_at_checked(group.len()) else {
            break;
        };
        proof.extend(fold(hashes));
        rest = after;
    }
    Ok(proof)
}

/// Collects the subtrees of each hash of the proof for the records from `low` to before `high`, the lowest
/// first.
fn proof_groups(low: u64, high: u64, old: u64, groups: &mut Vec<Vec<u64>>) {
    if old == high {
        if low > 0 {
            groups.push(subtrees(low, high));
        }
        return;
    }
    let middle = low + half(high - low);
    if old <= middle {
        proof_groups(low, middle, old, groups);
        groups.push(subtrees(middle, high));
    } else {
        proof_groups(middle, high, old, groups);
        groups.push(subtrees(low, middle));
    }
}

/// Tells whether a proof shows that the tree with `new` records begins with the `old` records of the other.
pub(super) fn is_consistent(proof: &[Hash], new: (u64, Hash), old: (u64, Hash)) -> bool {
    let valid = 0 < old.0 && old.0 <= new.0;
    valid && run_proof(proof, 0, new.0, old) == Some((old.1, new.1))
}

/// Gives the hashes of the old and of the new tree between `low` and `high` that a proof implies.
fn run_proof(proof: &[Hash], low: u64, high: u64, old: (u64, Hash)) -> Option<(Hash, Hash)> {
    if old.0 == high {
        return match (low, proof) {
            (0, []) => Some((old.1, old.1)),
            (1.., &[hash]) => Some((hash, hash)),
            _ => None,
        };
    }
    let (&last, proof) = proof.split_last()?;
    let middle = low + half(high - low);
    if old.0 <= middle {
        let (before, after) = run_proof(proof, low, middle, old)?;
        Some((before, Hash::over(after, last)))
    } else {
        let (before, after) = run_proof(proof, middle, high, old)?;
        Some((Hash::over(last, before), Hash::over(last, after)))
    }
}

/// The largest power of two that is smaller than the size, for sizes above one.
fn half(size: u64) -> u64 {
    1 << size.saturating_sub(1).max(1).ilog2()
}
