//! What a checksum database must never do.

use std::fmt;

use super::tlog::Hash;

/// Evidence that a checksum database, or somebody in its place, does not tell all users the same.
///
/// The program ends with exit code 3 for it. The text has everything that is needed to show others what
/// happened: signed notes can be checked by anybody, whatever the database says later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecurityError {
    /// The name of the database.
    pub database: String,
    /// What it did.
    pub misbehavior: Misbehavior,
}

/// The ways in which a checksum database can misbehave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Misbehavior {
    /// It signed two trees of which neither continues the other.
    Fork {
        /// The signed note of the smaller tree.
        older: String,
        /// The signed note of the larger tree.
        newer: String,
        /// The hash that the larger tree implies for the smaller one.
        implied: Hash,
        /// The proof that it does so.
        proof: Vec<Hash>,
    },
    /// It signed a tree that is smaller than one it signed before, whose tiles it no longer has.
    WentBackwards {
        /// The signed note of the tree that it has now.
        older: String,
        /// The signed note of the tree that it had.
        newer: String,
        /// The tile that is missing.
        tile: String,
    },
    /// A note is not signed with its key.
    Signature {
        /// The note.
        note: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A tile is not part of the tree that was signed.
    Tile {
        /// The path of the tile.
        tile: String,
        /// The signed note of the tree.
        note: String,
    },
    /// A record is not part of the tree that was signed.
    Record {
        /// The number of the record.
        number: u64,
        /// Its text.
        text: String,
        /// The signed note of the tree.
        note: String,
    },
}

impl std::error::Error for SecurityError {}

impl fmt::Display for SecurityError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = &self.database;
        write!(formatter, "security error: checksum database {name} ")?;
        match &self.misbehavior {
            Misbehavior::Fork {
                older,
                newer,
                implied,
                proof,
            } => {
                formatter.write_str("has signed two trees that contradict each other")?;
                quote(formatter, "old database", older)?;
                quote(formatter, "new database", newer)?;
                write!(formatter, "\nproof of misbehavior:\n\t{implied}")?;
                proof
                    .iter()
                    .try_for_each(|hash| write!(formatter, "\n\t{hash}"))
            }
            Misbehavior::WentBackwards { older, newer, tile } => {
                write!(formatter, "went backwards: it no longer has {tile}")?;
                quote(formatter, "database now", older)?;
                quote(formatter, "database before", newer)
            }
            Misbehavior::Signature { note, reason } => {
                write!(formatter, "has not signed what came in its name: {reason}")?;
                quote(formatter, "note", note)
            }
            Misbehavior::Tile { tile, note } => {
                write!(formatter, "has signed a tree that {tile} does not fit")?;
                quote(formatter, "signed tree", note)
            }
            Misbehavior::Record { number, text, note } => {
                write!(formatter, "has signed a tree without its record {number}")?;
                quote(formatter, "record", text)?;
                quote(formatter, "signed tree", note)
            }
        }
    }
}

/// Shows what came from outside, indented; control characters are kept from the terminal.
fn quote(formatter: &mut fmt::Formatter<'_>, title: &str, text: &str) -> fmt::Result {
    write!(formatter, "\n{title}:")?;
    for line in text.lines() {
        let shown = line.replace(|character: char| character.is_control(), "\u{fffd}");
        write!(formatter, "\n\t{shown}")?;
    }
    Ok(())
}
