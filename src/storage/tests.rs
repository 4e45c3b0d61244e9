//! Two servers that do not wait for each other, in memory.

use std::sync::Arc;
use std::sync::mpsc::channel;

use object_store::memory::InMemory;
use tempfile::TempDir;

use super::{Counted, Failure, Storage};
use crate::cache::{Cache, Extraction, File, Making, Parts, Zip};
use crate::checksum::dirhash;
use crate::disk::tree::TreeWriter;
use crate::goenv::FolderMode;
use crate::module::{Info, ModuleVersion, Time};

fn storage() -> Storage {
    let address = "s3://bucket/team".parse().unwrap();
    Storage::new(&address, Arc::new(InMemory::new())).unwrap()
}

fn module() -> ModuleVersion {
    ModuleVersion {
        path: "example.com/M".parse().unwrap(),
        version: "v1.0.0".parse().unwrap(),
    }
}

/// A zip with one file.
struct Content(&'static str);

impl crate::cache::Content for Content {
    fn make(&self, zip: &mut std::fs::File, _: Option<&TreeWriter>) -> anyhow::Result<String> {
        let mut writer = zip::ZipWriter::new(zip);
        let name = format!("{}/m.go", module());
        writer.start_file(&name, zip::write::SimpleFileOptions::default())?;
        std::io::Write::write_all(&mut writer, self.0.as_bytes())?;
        writer.finish()?;
        let sum = <sha2::Sha256 as sha2::Digest>::digest(self.0);
        dirhash::hash1([(name, sum.into())])
    }

    fn extract(&self, _: &std::path::Path, _: &TreeWriter) -> anyhow::Result<()> {
        Ok(())
    }

    fn admit(&self, _: Zip, _: &str) -> anyhow::Result<()> {
        Ok(())
    }
}

/// What a server has fetched of a commit of this time.
fn fetched(time: i64, go_mod: &str, content: &'static str) -> (TempDir, Cache) {
    let folder = tempfile::tempdir().unwrap();
    let cache = Cache::new(folder.path().to_owned()).unwrap();
    let info = Info {
        version: module().version,
        time: Time::from_unix(time),
        origin: None,
    };
    let parts = Parts {
        info: Some(&info),
        go_mod: go_mod.as_bytes(),
    };
    let making = Making {
        folder_mode: FolderMode::ReadWrite,
        extraction: Extraction::LeftToGo,
        content: &Content(content),
    };
    cache.publish(&module(), parts, making).unwrap();
    (folder, cache)
}

/// All that a fresh server gets.
fn brought(storage: &Storage) -> Vec<Option<Vec<u8>>> {
    let folder = tempfile::tempdir().unwrap();
    let cache = Cache::new(folder.path().to_owned()).unwrap();
    storage.bring(&module(), File::Info, &cache).unwrap();
    storage.bring(&module(), File::Zip, &cache).unwrap();
    let files = [File::Info, File::Mod, File::ZipHash, File::Zip];
    let read = |file| cache.read(&module(), file).unwrap();
    files.map(read).into()
}

fn contents(cache: &Cache) -> Vec<Option<Vec<u8>>> {
    let files = [File::Info, File::Mod, File::ZipHash, File::Zip];
    files
        .map(|file| cache.read(&module(), file).unwrap())
        .into()
}

const GO_MOD: &str = "module example.com/M\n";

#[test]
fn what_was_stored_first_stays() {
    let storage = storage();
    let (_first, first) = fetched(1, GO_MOD, "package m\n");
    let (_moved, moved) = fetched(2, GO_MOD, "package m // moved\n");
    let (_changed, changed) = fetched(3, "module example.com/M\n\ngo 1.20\n", "package m\n");
    assert_eq!(brought(&storage), [None, None, None, None]);
    storage.put_version(&module(), File::Zip, &first).unwrap();
    for cache in [&moved, &changed, &first] {
        storage.put_version(&module(), File::Zip, cache).unwrap();
        assert_eq!(brought(&storage), contents(&first));
    }
    let counted = storage.versions(None).unwrap();
    assert_eq!(storage.versions(Some(&module().path)).unwrap(), counted);
    let modules = counted.into_iter().map(|Counted { module, .. }| module);
    assert_eq!(modules.collect::<Vec<_>>(), [module()]);
}

#[test]
fn metadata_of_one_commit_gets_no_zip_of_another() {
    let storage = storage();
    let (_first, first) = fetched(1, GO_MOD, "package m\n");
    let (_moved, moved) = fetched(2, GO_MOD, "package m // moved\n");
    storage.put_version(&module(), File::Info, &first).unwrap();
    storage.put_version(&module(), File::Zip, &moved).unwrap();
    assert!(!storage.has(&module(), File::ZipHash).unwrap());
    storage.put_version(&module(), File::Zip, &first).unwrap();
    assert_eq!(brought(&storage), contents(&first));
}

#[test]
fn a_rest_is_completed_by_the_same_content_only() {
    let storage = storage();
    let (_first, first) = fetched(1, GO_MOD, "package m\n");
    let (_other, other) = fetched(1, GO_MOD, "package m // other\n");
    let (_changed, changed) = fetched(1, "module example.com/M\n\ngo 1.20\n", "package m\n");
    let put = |file| {
        let content = first.read(&module(), file).unwrap().unwrap();
        storage.create(&module(), file, content).unwrap();
    };
    let rest = "is the rest of another content";
    put(File::Mod);
    let error = storage
        .put_version(&module(), File::Zip, &changed)
        .unwrap_err();
    assert!(error.to_string().contains(rest), "{error:#}");
    put(File::ZipHash);
    let error = storage
        .put_version(&module(), File::Zip, &other)
        .unwrap_err();
    assert!(error.to_string().contains(rest), "{error:#}");
    assert!(!storage.has(&module(), File::Zip).unwrap());
    storage.put_version(&module(), File::Zip, &first).unwrap();
    assert_eq!(brought(&storage), contents(&first));
}

#[test]
fn objects_that_are_too_large_are_not_read() {
    let storage = storage();
    let content = vec![b' '; 2 << 20];
    storage.create(&module(), File::Info, content).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let cache = Cache::new(folder.path().to_owned()).unwrap();
    let error = storage.bring(&module(), File::Info, &cache).unwrap_err();
    assert!(error.is::<Failure>());
    assert_eq!(
        error.to_string(),
        "cannot read s3://bucket/team/example.com/!m/@v/v1.0.0.info: larger than 1048576 bytes"
    );
}

#[test]
fn one_holds_a_lease_and_the_others_wait_for_the_work_or_the_lease() {
    let storage = storage();
    let lease = storage.lease(&module(), || Ok(false)).unwrap().unwrap();
    std::thread::scope(|scope| {
        let (looked, looks) = channel();
        let storage = &storage;
        let waiting = scope.spawn(move || {
            let is_there = || {
                let _ = looked.send(());
                Ok(false)
            };
            storage.lease(&module(), is_there).unwrap().is_some()
        });
        looks.iter().take(2).for_each(drop);
        drop(lease);
        assert!(waiting.join().unwrap());
    });
    assert!(storage.lease(&module(), || Ok(true)).unwrap().is_none());
    assert!(!storage.has(&module(), File::Lock).unwrap());
}
