//! Git repositories described in code and made without git.
//!
//! Authors and dates are fixed, so that object ids and with them pseudo-versions are the same on
//! every machine. A commit is known by its message: `{first}` in a request or an expectation
//! stands for the id of the commit `first`, `{first:12}` for its first 12 digits, `{first:time}`
//! for its time and `{first:pseudo}` for both as the end of a pseudo-version.

use super::calendar;
use git2::{ObjectType, Oid, Repository, Signature, Time};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// 2024-01-01T00:00:00Z, the date of the first commit; each later one is an hour younger.
const FIRST_DATE: i64 = 1_704_067_200;
/// An author's date is a day before the committer's, to show which of the two is taken.
const AUTHOR_LEAD: i64 = 24 * 60 * 60;

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
        let repository = Repository::init_bare(folder).expect("init");
        let mut work = Work {
            repository,
            branch: "main".to_owned(),
            parent: None,
            tree: BTreeMap::new(),
            date: FIRST_DATE,
            zone: 0,
            marks: BTreeMap::new(),
        };
        work.point_head_at("main");
        for step in &self.steps {
            work.run(step);
        }
        Built {
            folder: folder.to_owned(),
            marks: work.marks,
        }
    }
}

/// A repository on disk, and its commits by their messages.
pub(crate) struct Built {
    /// The bare repository.
    pub(crate) folder: PathBuf,
    marks: BTreeMap<String, (Oid, i64)>,
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

/// A repository half made.
struct Work {
    repository: Repository,
    branch: String,
    parent: Option<Oid>,
    tree: BTreeMap<Vec<u8>, Entry>,
    date: i64,
    zone: i32,
    marks: BTreeMap<String, (Oid, i64)>,
}

impl Work {
    fn run(&mut self, step: &Step) {
        match step {
            Step::Put(path, entry) => {
                self.tree.insert(path.clone(), entry.clone());
            }
            Step::Pad(path, length) => {
                let content = match self.tree.remove(path) {
                    Some(Entry::File { content, .. }) => content,
                    _ => Vec::new(),
                };
                let length = *length;
                let padded = Entry::Padded { content, length };
                self.tree.insert(path.clone(), padded);
            }
            Step::Remove(path) => {
                let mut folder = path.clone();
                folder.push(b'/');
                self.tree
                    .retain(|name, _| name != path && !name.starts_with(&folder));
            }
            Step::Date(date) => self.date = *date,
            Step::Zone(minutes) => self.zone = *minutes,
            Step::Commit(message) => self.commit(message, None),
            Step::Merge(branch, message) => {
                let other = self.branch_commit(branch).expect("the branch to merge");
                self.commit(message, Some(other));
            }
            Step::Switch(branch) => self.switch(branch),
            Step::Head(branch) => self.point_head_at(branch),
            Step::Detach => {
                let head = self.folder().join("HEAD");
                std::fs::write(head, format!("{}\n", self.current())).expect("HEAD");
            }
            Step::Lightweight(name) => self.set(&format!("refs/tags/{name}"), self.current()),
            Step::Annotated(name) => {
                let tag = self.tag_object(name, self.current(), "commit");
                self.set(&format!("refs/tags/{name}"), tag);
            }
            Step::Nested(name) => {
                let inner = self.tag_object("inner", self.current(), "commit");
                let outer = self.tag_object(name, inner, "tag");
                self.set(&format!("refs/tags/{name}"), outer);
            }
            Step::TagTree(name) => {
                let commit = self.repository.find_commit(self.current());
                let tree = commit.expect("commit").tree_id();
                self.set(&format!("refs/tags/{name}"), tree);
            }
            Step::TagBlob(name) => {
                let blob = self.repository.blob(b"a blob\n").expect("blob");
                self.set(&format!("refs/tags/{name}"), blob);
            }
            Step::Reference(name) => self.set(name, self.current()),
            Step::DeleteReference(name) => {
                let mut reference = self.repository.find_reference(name).expect("reference");
                reference.delete().expect("delete");
            }
        }
    }

    fn folder(&self) -> PathBuf {
        self.repository.path().to_owned()
    }

    fn current(&self) -> Oid {
        self.parent.expect("a commit before this step")
    }

    fn point_head_at(&self, branch: &str) {
        let content = format!("ref: refs/heads/{branch}\n");
        std::fs::write(self.folder().join("HEAD"), content).expect("HEAD");
    }

    /// Writes the reference file itself: names that a library would refuse are wanted, too.
    fn set(&self, name: &str, target: Oid) {
        let file = self.folder().join(name);
        std::fs::create_dir_all(file.parent().expect("a folder")).expect("folder");
        std::fs::write(file, format!("{target}\n")).expect("reference");
    }

    fn branch_commit(&self, branch: &str) -> Option<Oid> {
        let name = format!("refs/heads/{branch}");
        self.repository.refname_to_id(&name).ok()
    }

    fn switch(&mut self, branch: &str) {
        branch.clone_into(&mut self.branch);
        match self.branch_commit(branch) {
            Some(commit) => {
                self.parent = Some(commit);
                let root = self
                    .repository
                    .find_commit(commit)
                    .map(|commit| commit.tree_id());
                let root = root.expect("commit");
                self.tree.clear();
                self.read_tree(root, &mut Vec::new());
            }
            None => {
                if let Some(commit) = self.parent {
                    self.set(&format!("refs/heads/{branch}"), commit);
                }
            }
        }
    }

    fn read_tree(&mut self, tree: Oid, prefix: &mut Vec<u8>) {
        let names: Vec<(Vec<u8>, Oid, i32)> = self
            .repository
            .find_tree(tree)
            .expect("tree")
            .iter()
            .map(|entry| {
                (
                    entry.name_bytes().to_vec(),
                    entry.id(),
                    entry.filemode_raw(),
                )
            })
            .collect();
        for (name, id, mode) in names {
            let length = prefix.len();
            prefix.extend_from_slice(&name);
            match mode {
                0o040_000 => {
                    prefix.push(b'/');
                    self.read_tree(id, prefix);
                }
                0o160_000 => {
                    self.tree.insert(prefix.clone(), Entry::Submodule(id));
                }
                _ => {
                    let content = self.repository.find_blob(id).expect("blob");
                    let content = content.content().to_vec();
                    let mode = u32::try_from(mode).expect("a file mode");
                    self.tree
                        .insert(prefix.clone(), Entry::File { content, mode });
                }
            }
            prefix.truncate(length);
        }
    }

    fn commit(&mut self, message: &str, second_parent: Option<Oid>) {
        let tree = self.write_tree(&self.tree);
        let tree = self.repository.find_tree(tree).expect("tree");
        let parents: Vec<_> = self
            .parent
            .into_iter()
            .chain(second_parent)
            .map(|parent| self.repository.find_commit(parent).expect("parent"))
            .collect();
        let author = self.signature("Ada", self.date - AUTHOR_LEAD);
        let committer = self.signature("Grace", self.date);
        let commit = self
            .repository
            .commit(
                None,
                &author,
                &committer,
                message,
                &tree,
                &parents.iter().collect::<Vec<_>>(),
            )
            .expect("commit");
        self.set(&format!("refs/heads/{}", self.branch), commit);
        self.parent = Some(commit);
        let earlier = self.marks.insert(message.to_owned(), (commit, self.date));
        assert!(earlier.is_none(), "two commits called `{message}`");
        self.date += 3600;
    }

    fn signature(&self, name: &str, seconds: i64) -> Signature<'static> {
        let mail = format!("{}@example.com", name.to_lowercase());
        Signature::new(name, &mail, &Time::new(seconds, self.zone)).expect("signature")
    }

    fn tag_object(&self, name: &str, target: Oid, kind: &str) -> Oid {
        let text = format!(
            "object {target}\ntype {kind}\ntag {name}\ntagger Ada <ada@example.com> {} +0000\n\n{name}\n",
            self.date
        );
        let database = self.repository.odb().expect("odb");
        database
            .write(ObjectType::Tag, text.as_bytes())
            .expect("tag")
    }

    /// Writes tree objects as bytes: names that no library would let in are wanted, too.
    fn write_tree(&self, files: &BTreeMap<Vec<u8>, Entry>) -> Oid {
        let mut folders: BTreeMap<Vec<u8>, BTreeMap<Vec<u8>, Entry>> = BTreeMap::new();
        let mut rows: Vec<(Vec<u8>, Vec<u8>)> = Vec::new();
        for (path, entry) in files {
            if let Some(slash) = path.iter().position(|byte| *byte == b'/') {
                let inner = folders.entry(path[..slash].to_vec()).or_default();
                inner.insert(path[slash + 1..].to_vec(), entry.clone());
                continue;
            }
            let (mode, id) = match entry {
                Entry::Submodule(commit) => (0o160_000, *commit),
                Entry::File { content, mode } => {
                    (*mode, self.repository.blob(content).expect("blob"))
                }
                Entry::Padded { content, length } => {
                    let mut content = content.clone();
                    content.resize(*length, b'\n');
                    (0o100_644, self.repository.blob(&content).expect("blob"))
                }
            };
            rows.push((path.clone(), tree_row(mode, path, id)));
        }
        for (name, inner) in folders {
            let row = tree_row(0o040_000, &name, self.write_tree(&inner));
            // Git sorts a folder as if its name ended in a slash.
            rows.push(([name.as_slice(), b"/"].concat(), row));
        }
        rows.sort();
        let bytes: Vec<u8> = rows.into_iter().flat_map(|(_, row)| row).collect();
        let database = self.repository.odb().expect("odb");
        database.write(ObjectType::Tree, &bytes).expect("tree")
    }
}

fn tree_row(mode: u32, name: &[u8], id: Oid) -> Vec<u8> {
    let mut row = format!("{mode:o} ").into_bytes();
    row.extend_from_slice(name);
    row.push(0);
    row.extend_from_slice(id.as_bytes());
    row
}
