//! Does the steps of a mirror's description, with git objects and reference files.

use super::{Entry, Marks, Step};
use git2::{ObjectType, Oid, Repository, Signature, Time};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// 2024-01-01T00:00:00Z, the date of the first commit; each later one is an hour younger.
const FIRST_DATE: i64 = 1_704_067_200;
/// An author's date is a day before the committer's, to show which of the two is taken.
const AUTHOR_LEAD: i64 = 24 * 60 * 60;

/// Makes a bare repository in a folder that does not exist yet, and does the steps in it.
pub(super) fn run(folder: &Path, steps: &[Step]) -> Marks {
    let mut work = Work {
        repository: Repository::init_bare(folder).expect("init"),
        branch: "main".to_owned(),
        parent: None,
        tree: BTreeMap::new(),
        date: FIRST_DATE,
        zone: 0,
        marks: Marks::new(),
    };
    work.point_head_at("main");
    for step in steps {
        work.run(step);
    }
    work.marks
}

/// A repository half made.
struct Work {
    repository: Repository,
    branch: String,
    parent: Option<Oid>,
    tree: BTreeMap<Vec<u8>, Entry>,
    date: i64,
    zone: i32,
    marks: Marks,
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
