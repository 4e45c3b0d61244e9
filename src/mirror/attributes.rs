//! The attribute rules of one tree, and what they ask of the content of each file.
//!
//! The rule set is that of gitattributes(5) and git's attr.c, as `git archive` applies it in a bare
//! repository:
//!
//! - Every `.gitattributes` file of the archived tree counts, also those above a module in a subdirectory.
//!   The file of the deepest folder wins, in one file the last matching line, in one line the last word.
//! - A line is a pattern (see [`pattern`]) or `[attr]name`, and then words `name`, `-name`, `!name` or
//!   `name=value`. A line with an invalid name is ignored as a whole. So are comments, lines of 2048 bytes
//!   or more, and files of 100 MiB or more; a NUL byte ends the file. A byte order mark is part of the
//!   first pattern, as git reads the file from its index and not from disk.
//! - `[attr]` defines a macro, only in the root folder; `binary` is built in as `-diff -merge -text`.
//!
//! The go command runs `git archive` with `core.autocrlf=input` and `core.eol=lf`, lest the archive differ
//! between systems (ReadZip in cmd/go/internal/modfetch/codehost/git.go), so that only an explicit `eol=crlf`
//! turns line ends into CRLF. It turns `export-subst` and `export-ignore` off in `info/attributes`
//! (golang.org/issue/27153), so both are unknown here. So is `filter`: a filter needs a driver in the
//! configuration, and a large-file pointer stays a pointer.
//!
//! The crate gix-attributes is not used, as it differs from git 2.39 in the NUL byte, the long line, the byte
//! order mark and a double star after a literal prefix.
//!
//! The attribute files of the machine and the user (`/etc/gitattributes`, `core.attributesFile`) are left
//! out on purpose: what a module holds must not depend on who fetches it.

mod line;
mod pattern;

use std::collections::HashMap;
use std::sync::Arc;

use self::line::{Assignment, Line, MacroPolicy, Rule, Value};
use super::convert::{Conversion, Encoding, LineEnds};

/// git ignores a larger `.gitattributes` file, in bytes (ATTR_MAX_FILE_SIZE).
const MAX_FILE_SIZE: usize = 100 * 1024 * 1024;

const TEXT: &[u8] = b"text";
const CRLF: &[u8] = b"crlf";
const EOL: &[u8] = b"eol";
const IDENT: &[u8] = b"ident";
const ENCODING: &[u8] = b"working-tree-encoding";

/// Holds the attribute rules of one tree.
#[derive(Clone, Debug)]
pub struct Attributes {
    folders: HashMap<Vec<u8>, Vec<Rule>>,
    macros: HashMap<Arc<[u8]>, Vec<Assignment>>,
}

impl Default for Attributes {
    fn default() -> Self {
        Attributes::new()
    }
}

impl Attributes {
    /// Makes the rules of a tree without any `.gitattributes` file.
    pub fn new() -> Self {
        Attributes {
            folders: HashMap::new(),
            macros: builtin_macros(),
        }
    }

    /// Adds the `.gitattributes` file of a folder, in any order of folders; a second one replaces the first.
    ///
    /// `folder` is slash-separated from the root of the repository, and empty for the root itself. `content`
    /// is the blob as it is in the repository; when the entry is a symbolic link, git reads the link's target
    /// as if it were the file's content. Never fails: git ignores the lines it cannot use.
    pub fn add(&mut self, folder: impl AsRef<[u8]>, content: &[u8]) {
        let folder = folder.as_ref();
        let is_root = folder.is_empty();
        let policy = if is_root {
            self.macros = builtin_macros();
            MacroPolicy::Allowed
        } else {
            MacroPolicy::Ignored
        };
        let mut rules = Vec::new();
        if content.len() < MAX_FILE_SIZE {
            for line in line::parse(content, policy) {
                match line {
                    Line::Rule(rule) => rules.push(rule),
                    Line::Macro(name, assignments) => {
                        self.macros.insert(name, assignments);
                    }
                }
            }
        }
        if rules.is_empty() {
            self.folders.remove(folder);
        } else {
            self.folders.insert(folder.to_vec(), rules);
        }
    }

    /// Tells whether no file of the tree can have an attribute.
    pub fn is_empty(&self) -> bool {
        self.folders.is_empty()
    }

    /// Tells what happens to the content of a regular file; `path` is slash-separated from the root of the
    /// repository.
    ///
    /// A symbolic link is never converted: the caller does not ask for it.
    pub fn conversion(&self, path: impl AsRef<[u8]>) -> Conversion {
        if self.folders.is_empty() {
            return Conversion::default();
        }
        let path = path.as_ref();
        let mut values = Values::default();
        for (folder, relative) in folders_of(path) {
            let rules = self.folders.get(folder).map_or(&[][..], Vec::as_slice);
            for rule in rules.iter().rev() {
                if rule.pattern.matches(relative) {
                    self.assign(&rule.assignments, &mut values);
                }
            }
        }
        values.conversion()
    }

    /// Gives each attribute of a line its value, unless a stronger line has done so.
    ///
    /// A macro that becomes set gives its own words in its place, again the last one first. The stack is
    /// explicit because a mirror may chain as many macros as it likes.
    fn assign<'a>(&'a self, assignments: &'a [Assignment], values: &mut Values<'a>) {
        let mut pending: Vec<&Assignment> = assignments.iter().collect();
        while let Some(assignment) = pending.pop() {
            if !values.decide(assignment) {
                continue;
            }
            if assignment.value == Value::Set
                && let Some(expansion) = self.macros.get(&assignment.name)
            {
                pending.extend(expansion);
            }
        }
    }
}

fn builtin_macros() -> HashMap<Arc<[u8]>, Vec<Assignment>> {
    line::parse(b"[attr]binary -diff -merge -text", MacroPolicy::Allowed)
        .filter_map(|line| match line {
            Line::Macro(name, assignments) => Some((name, assignments)),
            Line::Rule(_) => None,
        })
        .collect()
}

/// Lists the folders above a file, deepest first and the root last, each with the path below it.
fn folders_of(path: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let slashes = path
        .iter()
        .enumerate()
        .rev()
        .filter(|(_, byte)| **byte == b'/');
    slashes
        .filter_map(|(at, _)| Some((path.get(..at)?, path.get(at + 1..)?)))
        .chain(std::iter::once((&[][..], path)))
}

/// The attributes of one file, as far as they are decided.
#[derive(Default)]
struct Values<'a>(HashMap<&'a [u8], &'a Value>);

impl<'a> Values<'a> {
    /// Takes a value for an attribute that has none; says whether it did.
    fn decide(&mut self, assignment: &'a Assignment) -> bool {
        match self.0.entry(&assignment.name) {
            std::collections::hash_map::Entry::Occupied(_) => false,
            std::collections::hash_map::Entry::Vacant(entry) => {
                entry.insert(&assignment.value);
                true
            }
        }
    }

    fn get(&self, name: &[u8]) -> &'a Value {
        self.0.get(name).copied().unwrap_or(&Value::Unspecified)
    }

    fn conversion(&self) -> Conversion {
        Conversion {
            line_ends: self.line_ends(),
            ident: *self.get(IDENT) == Value::Set,
            encoding: match self.get(ENCODING) {
                Value::Unspecified | Value::Cleared => Encoding::Keep,
                Value::Set => Encoding::Forbidden,
                Value::Text(name) => Encoding::named(name),
            },
        }
    }

    /// Reads `text`, its old name `crlf` and `eol` (convert_attrs in git's convert.c).
    fn line_ends(&self) -> LineEnds {
        let text = TextKind::of(self.get(TEXT)).or_else(|| TextKind::of(self.get(CRLF)));
        let eol = matches!(self.get(EOL), Value::Text(value) if &**value == b"crlf");
        match (text, eol) {
            (_, false) | (Some(TextKind::Binary), _) => LineEnds::Keep,
            (Some(TextKind::Detected), true) => LineEnds::CrlfIfText,
            (Some(TextKind::Text) | None, true) => LineEnds::Crlf,
        }
    }
}

/// What `text` or `crlf` says of a file.
enum TextKind {
    Text,
    Binary,
    Detected,
}

impl TextKind {
    fn of(value: &Value) -> Option<TextKind> {
        match value {
            Value::Set => Some(TextKind::Text),
            Value::Cleared => Some(TextKind::Binary),
            Value::Unspecified => None,
            Value::Text(word) => match &**word {
                b"input" => Some(TextKind::Text),
                b"auto" => Some(TextKind::Detected),
                _ => None,
            },
        }
    }
}

#[cfg(test)]
mod tests;
