//! What a checksum database says: the head of its tree, and a record.
//!
//! Rules: `golang.org/x/mod/sumdb/tlog`, `ParseTree` and `ParseRecord`.

use base64::Engine;

use super::note::BASE64;
use super::tlog::{Hash, MAX_SIZE};

/// The first line of a tree note.
const TREE_MARK: &str = "go.sum database tree";

/// The longest text of a tree note, in bytes.
const MAX_TEXT: usize = 1_000_000;

/// The head of a tree: how many records it has, and their hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tree {
    pub(super) size: u64,
    pub(super) hash: Hash,
}

impl Tree {
    /// The tree before the first record.
    pub(super) const EMPTY: Tree = Tree {
        size: 0,
        hash: Hash::EMPTY,
    };

    /// Reads the text of a tree note; lines after the third are passed over.
    pub(super) fn parse(text: &str) -> Option<Tree> {
        if text.len() > MAX_TEXT {
            return None;
        }
        let mut lines = text.splitn(4, '\n');
        let (mark, number, hash, _) = (lines.next()?, lines.next()?, lines.next()?, lines.next()?);
        let size: u64 = number.parse().ok()?;
        let is_tree = mark == TREE_MARK && size.to_string() == number && size <= MAX_SIZE;
        let hash = BASE64.decode(hash).ok()?;
        is_tree.then_some(Tree {
            size,
            hash: Hash(hash.try_into().ok()?),
        })
    }
}

/// A record of the database, and the note of a tree that has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Record<'a> {
    /// How many records are in front of it.
    pub(super) number: u64,
    /// Lines of a go.sum file.
    pub(super) text: &'a str,
    /// The signed note.
    pub(super) note: &'a [u8],
}

impl<'a> Record<'a> {
    /// Reads the answer to a lookup: a number, lines, a blank line, a note.
    pub(super) fn parse(answer: &'a [u8]) -> Option<Record<'a>> {
        let line = answer.iter().position(|&byte| byte == b'\n')?;
        let (number, rest) = answer.split_at_checked(line)?;
        let rest = rest.strip_prefix(b"\n")?;
        let end = rest.windows(2).position(|bytes| bytes == b"\n\n")?;
        let (text, note) = rest.split_at_checked(end + 1)?;
        let (number, text) = (
            std::str::from_utf8(number).ok()?,
            std::str::from_utf8(text).ok()?,
        );
        let is_text = |character: char| character >= ' ' || character == '\n';
        let is_record = text.chars().all(is_text);
        let digits = number.strip_prefix('+').unwrap_or(number);
        let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
        (is_record && is_number).then_some(Record {
            number: digits.parse().ok()?,
            text,
            note: note.strip_prefix(b"\n")?,
        })
    }
}
