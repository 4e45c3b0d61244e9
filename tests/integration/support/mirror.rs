//! Git repositories described in code and made without git.
//!
//! Authors and dates are fixed, so that object ids and with them pseudo-versions are the same on
//! every machine. A commit is known by its message: `{first}` in a request or an expectation
//! stands for the id of the commit `first`, `{first:12}` for its first 12 digits, `{first:time}`
//! for its time and `{first:pseudo}` for both as the end of a pseudo-version.

mod work;

use super::calendar;
use git2::Oid;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What a path of a tree holds.
#[derive(Clone)]
enum Entry {
    File {
        content: Vec<u8>,
        mode: u32,
    },
    /// The content of the path so far, and line ends up to this length.
    Padded {
        content: Vec<u8>,
        length: usize,
    },
    Submodule(Oid),
}

/// What is done to the repository, one after the other.
#[derive(Clone)]
enum Step {
    Put(Vec<u8>, Entry),
    Pad(Vec<u8>, usize),
    Remove(Vec<u8>),
    Date(i64),
    Zone(i32),
    Commit(String),
    Merge(String, String),
    Switch(String),
    Head(String),
    Detach,
    Lightweight(String),
    Annotated(String),
    Nested(String),
    TagTree(String),
    TagBlob(String),
    Reference(String),
    DeleteReference(String),
}

/// The description of one repository, step by step.
#[derive(Clone, Default)]
pub(crate) struct Mirror {
    steps: Vec<Step>,
}

impl Mirror {
    /// Begins an empty bare repository whose HEAD names `main`.
    pub(crate) fn new() -> Mirror {
        Mirror::default()
    }

    fn step(mut self, step: Step) -> Mirror {
        self.steps.push(step);
        self
    }

    /// Puts a file into the tree of the next commit.
    pub(crate) fn file(self, path: impl Into<Vec<u8>>, content: impl Into<Vec<u8>>) -> Mirror {
        self.entry(path, content, 0o100_644)
    }

    /// Puts a go.mod that holds only the module path into the root of the next commit.
    pub(crate) fn go_mod(self, path: &str) -> Mirror {
        self.file("go.mod", format!("module {path}\n"))
    }

    /// Commits, and puts a lightweight tag on the commit, which has the tag's name as message.
    pub(crate) fn release(self, tag: &str) -> Mirror {
        self.commit(tag).tag(tag)
    }

    /// Puts a file with the executable bit into the tree of the next commit.
    pub(crate) fn executable(self, path: &str, content: &str) -> Mirror {
        self.entry(path, content, 0o100_755)
    }

    /// Puts a symbolic link into the tree of the next commit.
    pub(crate) fn symlink(self, path: &str, target: &str) -> Mirror {
        self.entry(path, target, 0o120_000)
    }

    fn entry(self, path: impl Into<Vec<u8>>, content: impl Into<Vec<u8>>, mode: u32) -> Mirror {
        let content = content.into();
        self.step(Step::Put(path.into(), Entry::File { content, mode }))
    }

    /// Pads a file of the next commit with line ends up to a length in bytes, when it is built.
    pub(crate) fn large(self, path: &str, length: usize) -> Mirror {
        self.step(Step::Pad(path.into(), length))
    }

    /// Puts a submodule entry for a commit of another repository into the next commit.
    pub(crate) fn submodule(self, path: &str) -> Mirror {
        let elsewhere = Oid::from_bytes(&[0xab; 20]).expect("20 bytes");
        self.step(Step::Put(path.into(), Entry::Submodule(elsewhere)))
    }

    /// Removes a file, or a folder with all that is in it, from the tree of the next commit.
    pub(crate) fn remove(self, path: &str) -> Mirror {
        self.step(Step::Remove(path.into()))
    }

    /// Sets the date of the next commit, `2017-12-14T13:08:43Z`.
    pub(crate) fn date(self, date: &str) -> Mirror {
        self.step(Step::Date(calendar::parse(date)))
    }

    /// Sets the time zone of the next commits, in minutes east of Greenwich.
    pub(crate) fn zone(self, minutes: i32) -> Mirror {
        self.step(Step::Zone(minutes))
    }

    /// Commits the tree on the current branch.
    pub(crate) fn commit(self, message: &str) -> Mirror {
        self.step(Step::Commit(message.to_owned()))
    }

    /// Commits the current tree with the current commit and a branch as parents.
    pub(crate) fn merge(self, branch: &str, message: &str) -> Mirror {
        self.step(Step::Merge(branch.to_owned(), message.to_owned()))
    }

    /// Goes to a branch, which begins at the current commit where it does not exist yet.
    pub(crate) fn branch(self, name: &str) -> Mirror {
        self.step(Step::Switch(name.to_owned()))
    }

    /// Lets HEAD name a branch, which need not exist.
    pub(crate) fn head(self, branch: &str) -> Mirror {
        self.step(Step::Head(branch.to_owned()))
    }

    /// Lets HEAD hold the current commit itself.
    pub(crate) fn detach(self) -> Mirror {
        self.step(Step::Detach)
    }

    /// Puts a lightweight tag on the current commit.
    pub(crate) fn tag(self, name: &str) -> Mirror {
        self.step(Step::Lightweight(name.to_owned()))
    }

    /// Puts several lightweight tags on the current commit.
    pub(crate) fn tags<const N: usize>(self, names: [&str; N]) -> Mirror {
        names.into_iter().fold(self, Mirror::tag)
    }

    /// Puts an annotated tag on the current commit.
    pub(crate) fn annotated_tag(self, name: &str) -> Mirror {
        self.step(Step::Annotated(name.to_owned()))
    }

    /// Puts an annotated tag on an annotated tag of the current commit.
    pub(crate) fn nested_tag(self, name: &str) -> Mirror {
        self.step(Step::Nested(name.to_owned()))
    }

    /// Puts a tag on the tree of the current commit.
    pub(crate) fn tag_on_tree(self, name: &str) -> Mirror {
        self.step(Step::TagTree(name.to_owned()))
    }

    /// Puts a tag on a blob.
    pub(crate) fn tag_on_blob(self, name: &str) -> Mirror {
        self.step(Step::TagBlob(name.to_owned()))
    }

    /// Lets a reference of any name (`refs/pull/1/head`) hold the current commit.
    pub(crate) fn reference(self, name: &str) -> Mirror {
        self.step(Step::Reference(name.to_owned()))
    }

    /// Deletes a reference, so that nothing reaches its commits any more.
    pub(crate) fn delete_reference(self, name: &str) -> Mirror {
        self.step(Step::DeleteReference(name.to_owned()))
    }

    /// Makes the bare repository in a folder that does not exist yet.
    pub(crate) fn build(&self, folder: &Path) -> Built {
        Built {
            folder: folder.to_owned(),
            marks: work::run(folder, &self.steps),
        }
    }
}

/// The commits by their messages, with their dates in seconds since 1970.
type Marks = BTreeMap<String, (Oid, i64)>;

/// A repository on disk, and its commits by their messages.
pub(crate) struct Built {
    /// The bare repository.
    pub(crate) folder: PathBuf,
    marks: Marks,
}

impl Built {
    /// Replaces `{first}`, `{first:12}`, `{first:time}` and `{first:pseudo}` in a text.
    pub(crate) fn expand(&self, text: &str) -> String {
        let mut expanded = text.to_owned();
        for (mark, (oid, seconds)) in &self.marks {
            let hash = oid.to_string();
            let time = calendar::stamp(*seconds);
            expanded = expanded
                .replace(&format!("{{{mark}}}"), &hash)
                .replace(&format!("{{{mark}:time}}"), &time)
                .replace(
                    &format!("{{{mark}:pseudo}}"),
                    &format!("{time}-{}", &hash[..12]),
                );
            for length in 1..40 {
                expanded = expanded.replace(&format!("{{{mark}:{length}}}"), &hash[..length]);
            }
        }
        assert!(!expanded.contains('{'), "unknown commit in `{expanded}`");
        expanded
    }
}
