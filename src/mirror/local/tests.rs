use git2::{Repository, RepositoryInitOptions, Signature, Time};

use super::*;

fn commit(repository: &Repository, reference: &str, text: &str) -> Oid {
    let mut tree = repository.treebuilder(None).unwrap();
    let blob = repository.blob(text.as_bytes()).unwrap();
    tree.insert("file", blob, 0o100644).unwrap();
    let tree = repository.find_tree(tree.write().unwrap()).unwrap();
    let who = Signature::new("A", "a@example.com", &Time::new(1_500_000_000, 0)).unwrap();
    let parent = repository
        .find_reference(reference)
        .ok()
        .map(|parent| parent.peel_to_commit().unwrap());
    repository
        .commit(
            Some(reference),
            &who,
            &who,
            text,
            &tree,
            &Vec::from_iter(&parent),
        )
        .unwrap()
}

fn annotate(repository: &Repository, name: &str, target: Oid) -> Oid {
    let object = repository.find_object(target, None).unwrap();
    let who = Signature::new("A", "a@example.com", &Time::new(1_500_000_000, 0)).unwrap();
    repository.tag(name, &object, &who, "tag", false).unwrap()
}

fn open(path: &Path) -> LocalRepository {
    Folders::find(path).unwrap().unwrap().open().unwrap()
}

fn init(path: &Path) -> Repository {
    let mut options = RepositoryInitOptions::new();
    Repository::init_opts(path, options.initial_head("main")).unwrap()
}

#[test]
fn branches_tags_and_head_are_listed_as_ls_remote_does() {
    let folder = tempfile::tempdir().unwrap();
    let repository = init(folder.path());
    let first = commit(&repository, "refs/heads/main", "one");
    let second = commit(&repository, "refs/heads/feature/x", "two");
    let blob = repository.blob(b"text").unwrap();
    let inner = annotate(&repository, "inner", first);
    annotate(&repository, "outer", inner);
    annotate(&repository, "on-blob", blob);
    repository
        .reference("refs/tags/light", second, false, "")
        .unwrap();
    repository
        .reference("refs/pull/1/head", second, false, "")
        .unwrap();
    let opened = open(folder.path());
    assert_eq!(opened.refs.head, Some(first));
    assert_eq!(
        opened.refs.head_reference.as_deref(),
        Some("refs/heads/main")
    );
    let heads: Vec<_> = opened
        .refs
        .heads
        .iter()
        .map(|(n, o)| (n.as_str(), *o))
        .collect();
    assert_eq!(heads, [("feature/x", second), ("main", first)]);
    let tags: Vec<_> = opened
        .refs
        .tags
        .iter()
        .map(|(n, o)| (n.as_str(), *o))
        .collect();
    assert_eq!(
        tags,
        [
            ("inner", first),
            ("light", second),
            ("on-blob", blob),
            ("outer", first)
        ]
    );
    assert!(!opened.shallow && !opened.partial);
}

#[test]
fn a_branch_without_a_commit_leaves_head_out() {
    let folder = tempfile::tempdir().unwrap();
    init(folder.path());
    let refs = open(folder.path()).refs;
    assert_eq!((refs.head, refs.is_empty()), (None, true));
    assert_eq!(refs.head_reference.as_deref(), Some("refs/heads/main"));
}

#[test]
fn a_detached_head_is_its_commit() {
    let folder = tempfile::tempdir().unwrap();
    let repository = init(folder.path());
    let oid = commit(&repository, "refs/heads/main", "one");
    repository.set_head_detached(oid).unwrap();
    let refs = open(folder.path()).refs;
    assert_eq!((refs.head, refs.head_reference), (Some(oid), None));
}

#[test]
fn worktrees_bare_repositories_and_git_folders_are_found() {
    let folder = tempfile::tempdir().unwrap();
    let main = folder.path().join("main");
    let repository = init(&main);
    let oid = commit(&repository, "refs/heads/main", "one");
    let linked = folder.path().join("linked");
    repository.worktree("linked", &linked, None).unwrap();
    let bare = folder.path().join("bare.git");
    Repository::init_bare(&bare).unwrap();
    for path in [main.join(".git"), linked, main.clone()] {
        let refs = open(&path).refs;
        assert_eq!(
            (refs.head, refs.find("refs/heads/main")),
            (Some(oid), Some(oid))
        );
    }
    assert!(open(&folder.path().join("bare")).refs.is_empty());
    assert!(Folders::find(&main.join(".git/objects")).unwrap().is_none());
    assert!(
        Folders::find(&folder.path().join("none"))
            .unwrap()
            .is_none()
    );
}

#[test]
fn objects_are_read_without_a_configuration() {
    let folder = tempfile::tempdir().unwrap();
    let repository = init(folder.path());
    commit(&repository, "refs/heads/main", "one");
    let last = commit(&repository, "refs/heads/main", "two");
    let opened = open(folder.path());
    let read = objects_only([opened.objects.as_path()]).unwrap();
    let mut walk = read.revwalk().unwrap();
    walk.push(last).unwrap();
    assert_eq!(walk.count(), 2);
    let commit = read.find_commit(last).unwrap();
    assert_eq!(commit.parent(0).unwrap().message(), Some("one"));
    let entry = commit.tree().unwrap();
    let blob = read
        .find_blob(entry.get_name("file").unwrap().id())
        .unwrap();
    assert_eq!(blob.content(), b"two");
    assert!(
        read.graph_descendant_of(last, commit.parent_id(0).unwrap())
            .unwrap()
    );
    assert!(read.find_commit(Oid::zero()).is_err());
}

#[test]
fn formats_that_cannot_be_read_are_named() {
    let cases = [
        (
            "objectformat = sha256",
            "its objects are named by sha256, and only sha1 repositories can be read",
        ),
        (
            "refstorage = reftable",
            "its references are stored as reftable, and only files can be read",
        ),
    ];
    for (setting, expected) in cases {
        let folder = tempfile::tempdir().unwrap();
        init(folder.path());
        let config = format!("[core]\n repositoryformatversion = 1\n[extensions]\n {setting}\n");
        std::fs::write(folder.path().join(".git/config"), config).unwrap();
        let folders = Folders::find(folder.path()).unwrap().unwrap();
        assert_eq!(folders.open().unwrap_err().to_string(), expected);
    }
}

#[test]
fn partial_and_shallow_clones_are_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let repository = init(folder.path());
    let oid = commit(&repository, "refs/heads/main", "one");
    let config = folder.path().join(".git/config");
    std::fs::write(
        &config,
        "[core]\n repositoryformatversion = 1\n[extensions]\n partialClone = origin\n",
    )
    .unwrap();
    std::fs::write(folder.path().join(".git/shallow"), format!("{oid}\n")).unwrap();
    let opened = open(folder.path());
    assert!(opened.partial && opened.shallow);
    std::fs::write(&config, "[remote \"origin\"]\n promisor = true\n").unwrap();
    assert!(open(folder.path()).partial);
}

#[test]
fn packed_references_bring_what_tags_stand_for() {
    let oid = |digit: &str| digit.repeat(40);
    let content = format!(
        "# pack-refs with: peeled fully-peeled sorted \n{} refs/heads/main\n{} refs/tags/v1\n^{}\n\nnonsense\n",
        oid("a"),
        oid("b"),
        oid("c")
    );
    let stored = parse_packed(content.as_bytes());
    let at = |digit: &str| Oid::from_str(&oid(digit)).unwrap();
    assert_eq!(stored.len(), 2);
    assert_eq!(
        stored.get(b"refs/heads/main".as_slice()),
        Some(&Stored::Direct(at("a"), Peeled::Known(None)))
    );
    assert_eq!(
        stored.get(b"refs/tags/v1".as_slice()),
        Some(&Stored::Direct(at("b"), Peeled::Known(Some(at("c")))))
    );
}

#[test]
fn symbolic_references_are_followed_but_not_for_ever() {
    let folder = tempfile::tempdir().unwrap();
    let repository = init(folder.path());
    let oid = commit(&repository, "refs/heads/main", "one");
    let heads = folder.path().join(".git/refs/heads");
    std::fs::write(heads.join("alias"), "ref: refs/heads/main\n").unwrap();
    std::fs::write(heads.join("loop"), "ref: refs/heads/loop\n").unwrap();
    std::fs::write(heads.join("broken"), "zzz\n").unwrap();
    let refs = open(folder.path()).refs;
    assert_eq!(refs.find("refs/heads/alias"), Some(oid));
    assert_eq!(refs.heads.len(), 2);
}
