use std::io::{Cursor, copy};
use std::sync::atomic::AtomicU64;

use git2::{Repository, Signature, Time};

use super::*;
use crate::mirror::{Location, Mirror, Need, TransportSettings};
use crate::web::Interrupt;

#[derive(Default)]
struct Counter {
    objects: AtomicU64,
    stop: AtomicBool,
}

impl Progress for Counter {
    fn received(&self, _: &str, objects: u64, _: u64, _: u64) {
        self.objects.store(objects, Ordering::Relaxed);
    }
}

impl Interrupt for Counter {
    fn interrupted(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

/// Makes a commit and gives it with a pack of everything it needs.
fn pack(folder: &Path) -> (Oid, Vec<u8>) {
    let repository = Repository::init_bare(folder).unwrap();
    let mut tree = repository.treebuilder(None).unwrap();
    let blob = repository.blob(b"module example.com/x\n").unwrap();
    tree.insert("go.mod", blob, 0o100644).unwrap();
    let tree = repository.find_tree(tree.write().unwrap()).unwrap();
    let who = Signature::new("A", "a@example.com", &Time::new(1_500_000_000, 0)).unwrap();
    let commit = repository
        .commit(Some("refs/heads/main"), &who, &who, "one", &tree, &[])
        .unwrap();
    let mut builder = repository.packbuilder().unwrap();
    builder.insert_commit(commit).unwrap();
    let mut buffer = git2::Buf::new();
    builder.write_buf(&mut buffer).unwrap();
    (commit, buffer.to_vec())
}

fn bundle(folder: &Path) -> (Oid, PathBuf) {
    let (commit, pack) = pack(&folder.join("source"));
    let mut content = format!("# v2 git bundle\n{commit} HEAD\n{commit} refs/tags/v1.0.0\n\n");
    let path = folder.join("x.bundle");
    let mut data = std::mem::take(&mut content).into_bytes();
    data.extend(pack);
    std::fs::write(&path, data).unwrap();
    (commit, path)
}

fn open(path: &Path, store: &Path, progress: Arc<Counter>) -> Result<Mirror> {
    let location = Location::parse(path.to_str().unwrap())?;
    Mirror::open(
        &location,
        &Store::new(store),
        &TransportSettings::default(),
        progress,
    )
}

#[test]
fn a_bundle_is_indexed_once() {
    let folder = tempfile::tempdir().unwrap();
    let (commit, path) = bundle(folder.path());
    let store = folder.path().join("store");
    let first = Arc::new(Counter::default());
    let mirror = open(&path, &store, first.clone()).unwrap();
    assert_eq!(mirror.refs().find("refs/tags/v1.0.0"), Some(commit));
    assert_eq!(
        (mirror.refs().head, mirror.origin_url()),
        (Some(commit), None)
    );
    mirror.require(Need::History).unwrap();
    let read = mirror.repository().unwrap();
    assert_eq!(read.find_commit(commit).unwrap().message(), Some("one"));
    assert_eq!(first.objects.load(Ordering::Relaxed), 3);
    let second = Arc::new(Counter::default());
    let mirror = open(&path, &store, second.clone()).unwrap();
    assert!(mirror.repository().unwrap().find_commit(commit).is_ok());
    assert_eq!(second.objects.load(Ordering::Relaxed), 0);
}

#[test]
fn a_damaged_bundle_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (_, path) = bundle(folder.path());
    let mut data = std::fs::read(&path).unwrap();
    let middle = data.len() - 40;
    data[middle] ^= 0xff;
    std::fs::write(&path, data).unwrap();
    let store = folder.path().join("store");
    for _ in 0..2 {
        let error = open(&path, &store, Arc::default()).unwrap_err();
        assert!(
            format!("{error:#}").contains("the pack is damaged"),
            "{error:#}"
        );
    }
    let packs = walkdir::WalkDir::new(&store).into_iter().flatten();
    let is_pack = |name: &str| name.contains("pack-") || name.contains("pack_");
    assert_eq!(
        packs
            .filter(|entry| is_pack(&entry.file_name().to_string_lossy()))
            .count(),
        0
    );
}

#[test]
fn an_interrupt_is_told_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (commit, path) = bundle(folder.path());
    let store = folder.path().join("store");
    let stopped = Arc::new(Counter::default());
    stopped.stop.store(true, Ordering::Relaxed);
    let error = open(&path, &store, stopped).unwrap_err();
    assert!(error.is::<Interrupted>(), "{error:#}");
    let mirror = open(&path, &store, Arc::default()).unwrap();
    assert!(mirror.repository().unwrap().find_commit(commit).is_ok());
}

#[test]
fn a_pack_is_seen_by_those_who_opened_before() {
    let folder = tempfile::tempdir().unwrap();
    let (commit, pack) = pack(&folder.path().join("source"));
    let kept = Store::new(folder.path().join("store")).remote("https://h.example/o");
    kept.prepare("https://h.example/o").unwrap();
    let early = objects_only([kept.full().objects().as_path()]).unwrap();
    assert!(early.find_commit(commit).is_err());
    let counter = Counter::default();
    let lock = kept.lock().unwrap();
    let mut writer = lock.pack_writer("x", &counter).unwrap();
    copy(&mut Cursor::new(&pack), &mut writer).unwrap();
    assert!(early.find_commit(commit).is_err());
    writer.publish(&kept.full()).unwrap();
    assert!(early.find_commit(commit).is_ok());
}

#[test]
fn what_a_killed_run_left_is_swept() {
    let folder = tempfile::tempdir().unwrap();
    let kept = Store::new(folder.path()).remote("https://h.example/o");
    drop(kept.lock().unwrap());
    let rubbish = kept.folder().join("incoming/pack_abc");
    std::fs::write(&rubbish, "half").unwrap();
    let _lock = kept.lock().unwrap();
    assert!(!rubbish.exists());
}

#[test]
fn what_is_no_pack_is_refused_at_its_first_byte() {
    let folder = tempfile::tempdir().unwrap();
    let kept = Store::new(folder.path()).remote("https://h.example/o");
    let lock = kept.lock().unwrap();
    let counter = Counter::default();
    let mut writer = lock.pack_writer("x", &counter).unwrap();
    assert!(writer.write_all(b"<html>").is_err());
    let writer = lock.pack_writer("x", &counter).unwrap();
    assert_eq!(
        writer.publish(&kept.full()).unwrap_err().to_string(),
        "the pack is cut off"
    );
}

#[test]
fn tips_and_shallow_commits_are_remembered() {
    let folder = tempfile::tempdir().unwrap();
    let kept = Store::new(folder.path()).remote("https://h.example/o");
    let bare = kept.shallow();
    kept.prepare("https://h.example/o").unwrap();
    let oid = |digit: &str| Oid::from_str(&digit.repeat(40)).unwrap();
    assert!(bare.tips().unwrap().is_empty() && bare.shallow_commits().unwrap().is_empty());
    bare.record_tips([
        ("refs/tags/b".to_owned(), oid("b")),
        ("refs/heads/a".to_owned(), oid("a")),
    ])
    .unwrap();
    bare.record_shallow(&[oid("c")]).unwrap();
    assert_eq!(bare.tips().unwrap(), [oid("a"), oid("b")]);
    assert_eq!(bare.shallow_commits().unwrap(), [oid("c")]);
    let repository = Repository::open_bare(kept.folder().join("shallow")).unwrap();
    assert!(repository.find_reference("refs/heads/a").is_ok());
    assert!(repository.is_shallow());
}

#[test]
fn urls_have_folders_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::new(folder.path());
    let one = store.remote("https://h.example/one");
    assert_ne!(one.folder(), store.remote("https://h.example/two").folder());
    one.prepare("https://h.example/one").unwrap();
    let info = std::fs::read_to_string(one.folder().join("info")).unwrap();
    assert_eq!(info, "https://h.example/one\n");
}
