use std::collections::HashMap;
use std::io::{Cursor, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, bail};
use sha2::{Digest, Sha256};
use zip::ZipArchive;

use super::*;
use crate::module::{ModulePath, Version};
use crate::modzip::{FileKind, Refusal, classify};

/// Contents in memory, by path; counts how often each is read.
#[derive(Default)]
struct Memory {
    contents: HashMap<String, Vec<u8>>,
    reads: Mutex<HashMap<String, usize>>,
}

struct MemoryReader<'a>(&'a Memory);

impl Contents<String> for Memory {
    type Reader<'a> = MemoryReader<'a>;

    fn reader(&self) -> Result<MemoryReader<'_>> {
        Ok(MemoryReader(self))
    }
}

impl ContentReader<String> for MemoryReader<'_> {
    fn read(&mut self, key: &String, content: &mut Vec<u8>) -> Result<()> {
        *self.0.reads.lock().unwrap().entry(key.clone()).or_default() += 1;
        let found = self.0.contents.get(key);
        content.extend_from_slice(found.with_context(|| format!("no object {key}"))?);
        Ok(())
    }
}

impl Memory {
    fn files(&self) -> Vec<SourceFile<String>> {
        let mut files: Vec<_> = self
            .contents
            .iter()
            .map(|(path, content)| file(path, content.len() as u64))
            .collect();
        files.sort_by(|one, other| one.path.cmp(&other.path));
        files
    }
}

fn module() -> ModuleVersion {
    ModuleVersion {
        path: ModulePath::new("example.com/m").unwrap(),
        version: Version::new("v1.0.0").unwrap(),
    }
}

fn file(path: &str, size: u64) -> SourceFile<String> {
    SourceFile {
        path: path.to_owned(),
        kind: FileKind::Regular,
        size,
        key: path.to_owned(),
    }
}

/// Bytes that neither compress well nor stay the same from file to file.
fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    };
    (0..length).map(|_| next()).collect()
}

fn sample() -> Memory {
    let mut memory = Memory::default();
    let mut add = |path: &str, content: Vec<u8>| memory.contents.insert(path.to_owned(), content);
    add("go.mod", b"module example.com/m\n".to_vec());
    add("empty", Vec::new());
    add("one", b"1".to_vec());
    add("Grüße/日本.txt", "hello ".repeat(500).into_bytes());
    add("tilde~", b"~".to_vec());
    add("noise.bin", noise(1, 100_000));
    for number in 0..200 {
        let text = format!("package p{number}\n").repeat(number);
        add(
            &format!("p{}/q{number}/f.go", number % 7),
            text.into_bytes(),
        );
    }
    memory
}

fn control(threads: usize) -> Control<'static> {
    Control {
        threads: NonZeroUsize::new(threads).unwrap(),
        cancelled: &|| false,
        progress: &|_| {},
    }
}

fn pack(
    memory: &Memory,
    files: &[SourceFile<String>],
    pool: &Pool<String>,
    tree: Option<&Path>,
    control: &Control<'_>,
) -> Result<(Vec<u8>, Created)> {
    let included: Vec<usize> = (0..files.len()).collect();
    let plan = Plan {
        module: &module(),
        files,
        included: &included,
    };
    let tree = tree.map(TreeWriter::new).transpose()?;
    let mut zip = Vec::new();
    let created = create(&plan, memory, pool, &mut zip, tree.as_ref(), control)?;
    Ok((zip, created))
}

fn simply(memory: &Memory, threads: usize) -> (Vec<u8>, Created) {
    let files = memory.files();
    pack(memory, &files, &Pool::default(), None, &control(threads)).unwrap()
}

fn unzip(zip: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut archive = ZipArchive::new(Cursor::new(zip)).unwrap();
    (0..archive.len())
        .map(|number| {
            let mut entry = archive.by_index(number).unwrap();
            let mut content = Vec::new();
            entry.read_to_end(&mut content).unwrap();
            (entry.name().to_owned(), content)
        })
        .collect()
}

#[test]
fn the_zip_has_the_contents_under_the_prefix_in_the_given_order() {
    let memory = sample();
    let (zip, created) = simply(&memory, 2);
    let expected: Vec<_> = memory
        .files()
        .into_iter()
        .map(|file| {
            let content = memory.contents[&file.path].clone();
            (format!("example.com/m@v1.0.0/{}", file.path), content)
        })
        .collect();
    assert_eq!(unzip(&zip), expected);
    assert_eq!(created.zip_size, zip.len() as u64);
    let sums: Vec<_> = expected
        .into_iter()
        .map(|(name, content)| (name, <[u8; 32]>::from(Sha256::digest(content))))
        .collect();
    assert_eq!(created.sums, sums);
}

#[test]
fn the_bytes_do_not_depend_on_threads_or_pool() {
    let memory = sample();
    let files = memory.files();
    let (expected, _) = simply(&memory, 1);
    let pool = Pool::default();
    for threads in [1, 2, 3, 8] {
        assert!(simply(&memory, threads).0 == expected);
        let (zip, _) = pack(&memory, &files, &pool, None, &control(threads)).unwrap();
        assert!(zip == expected);
    }
}

#[test]
fn the_bytes_are_these_on_every_machine() {
    let mut memory = Memory::default();
    let text = "a text that repeats itself; ".repeat(40);
    memory
        .contents
        .insert("a.txt".to_owned(), text.into_bytes());
    memory.contents.insert("é".to_owned(), b"x".to_vec());
    let (zip, _) = simply(&memory, 1);
    let sum: String = Sha256::digest(&zip)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    assert_eq!(
        sum,
        "8042974e5f4f5b7f9fff335fe396dd69fce3ea0cd93f8c91f7d9cad8371e046f"
    );
}

#[test]
fn every_entry_is_deflated_even_what_does_not_get_smaller() {
    let (zip, _) = simply(&sample(), 1);
    let mut archive = ZipArchive::new(Cursor::new(&zip)).unwrap();
    for name in ["empty", "one", "noise.bin", "p3/q199/f.go"] {
        let name = format!("example.com/m@v1.0.0/{name}");
        let entry = archive.by_name(&name).unwrap();
        assert_eq!(
            entry.compression(),
            zip::CompressionMethod::Deflated,
            "{name}"
        );
    }
}

#[test]
fn the_tree_has_the_contents_read_only() {
    let memory = sample();
    let files = memory.files();
    let folder = tempfile::tempdir().unwrap();
    let pool = Pool::default();
    for round in ["first", "from the pool"] {
        let root = folder.path().join(round);
        pack(&memory, &files, &pool, Some(&root), &control(3)).unwrap();
        for (path, content) in &memory.contents {
            let path = root.join(path);
            assert!(std::fs::read(&path).unwrap() == *content, "{path:?}");
            let mode = std::fs::metadata(&path).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o444);
        }
    }
    assert!(
        memory
            .reads
            .lock()
            .unwrap()
            .values()
            .all(|count| *count == 1)
    );
}

#[test]
fn a_folder_that_is_not_empty_is_not_filled() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("x"), "").unwrap();
    let error = TreeWriter::new(folder.path()).unwrap_err();
    assert!(error.to_string().ends_with(" is not empty"));
}

#[test]
fn more_entries_than_16_bits_can_count_are_found_again() {
    let mut memory = Memory::default();
    for number in 0..70_000 {
        memory.contents.insert(format!("{number:05}"), Vec::new());
    }
    let (zip, created) = simply(&memory, 2);
    let archive = ZipArchive::new(Cursor::new(&zip)).unwrap();
    assert_eq!((archive.len(), created.sums.len()), (70_000, 70_000));
}

#[test]
fn files_larger_than_the_budget_pass_one_by_one() {
    let mut memory = Memory::default();
    for number in 0..3 {
        let large = vec![number; usize::try_from(BUDGET / 2).unwrap() + 1];
        memory.contents.insert(format!("{number}/large"), large);
        for small in 0..20 {
            let name = format!("{number}/small{small}");
            memory.contents.insert(name, noise(small, 1000));
        }
    }
    let (zip, _) = simply(&memory, 4);
    assert_eq!(unzip(&zip).len(), 63);
}

#[test]
fn a_version_that_does_not_go_with_the_path_is_refused() {
    let module = ModuleVersion {
        path: ModulePath::new("example.com/m").unwrap(),
        version: Version::new("v2.0.0").unwrap(),
    };
    let plan = Plan {
        module: &module,
        files: &[],
        included: &[],
    };
    let memory = Memory::default();
    let pool = Pool::default();
    let error = create(&plan, &memory, &pool, Vec::new(), None, &control(1)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "example.com/m@v2.0.0: invalid version: should be v0 or v1, not v2"
    );
}

#[test]
fn a_module_without_files_is_an_empty_zip() {
    let (zip, created) = simply(&Memory::default(), 2);
    assert_eq!((zip.len(), created.sums.len()), (22, 0));
    assert_eq!(unzip(&zip), []);
}

#[test]
fn the_first_file_that_fails_is_named() {
    let memory = sample();
    let mut files = memory.files();
    files.insert(100, file("gone.go", 1));
    files.insert(50, file("lost.go", 1));
    let error = pack(&memory, &files, &Pool::default(), None, &control(2)).unwrap_err();
    assert_eq!(
        format!("{error:#}"),
        "cannot pack lost.go: no object lost.go"
    );
}

#[test]
fn a_content_that_grows_past_a_limit_is_refused() {
    let mut memory = Memory::default();
    let large = vec![0; usize::try_from(crate::modzip::MAX_GO_MOD).unwrap() + 1];
    memory.contents.insert("go.mod".to_owned(), large);
    let files = [file("go.mod", 10)];
    assert_eq!(classify(&files, None).included, [0]);
    let error = pack(&memory, &files, &Pool::default(), None, &control(1)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "go.mod: go.mod file too large (max size is 16777216 bytes)"
    );
}

#[test]
fn contents_that_are_too_large_together_are_refused() {
    let mut memory = Memory::default();
    memory.contents.insert("zeros".to_owned(), vec![0; 5 << 20]);
    let mut files = vec![file("zeros", 1); 101];
    for (number, file) in files.iter_mut().enumerate() {
        file.path = number.to_string();
    }
    let error = pack(&memory, &files, &Pool::default(), None, &control(2)).unwrap_err();
    assert_eq!(
        error.downcast_ref::<Refusal>(),
        Some(&Refusal::TreeTooLarge)
    );
}

#[test]
fn an_interrupted_run_stops_before_the_next_file() {
    let memory = sample();
    let asked = AtomicUsize::new(0);
    let mut control = control(1);
    let cancelled = || asked.fetch_add(1, Ordering::Relaxed) == 5;
    control.cancelled = &cancelled;
    let files = memory.files();
    let included: Vec<usize> = (0..files.len()).collect();
    let plan = Plan {
        module: &module(),
        files: &files,
        included: &included,
    };
    let pool = Pool::default();
    let error = create(&plan, &memory, &pool, Vec::new(), None, &control).unwrap_err();
    assert_eq!(error.downcast_ref::<Cancelled>(), Some(&Cancelled));
    assert_eq!(memory.reads.lock().unwrap().len(), 5);
}

#[test]
fn every_file_is_reported_as_progress() {
    let memory = sample();
    let files = memory.files();
    let heard = Mutex::new(Vec::new());
    let mut control = control(2);
    let progress = |count| heard.lock().unwrap().push(count);
    control.progress = &progress;
    pack(&memory, &files, &Pool::default(), None, &control).unwrap();
    let expected: Vec<usize> = (1..=files.len()).collect();
    assert_eq!(heard.into_inner().unwrap(), expected);
}

/// A file that no more can be written to.
struct FullDisk(usize);

impl Write for FullDisk {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.0 < bytes.len() {
            return Err(std::io::ErrorKind::StorageFull.into());
        }
        self.0 -= bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_full_disk_stops_all_threads() {
    let mut memory = Memory::default();
    for number in 0..100 {
        let content = noise(number, 64 << 10);
        memory.contents.insert(number.to_string(), content);
    }
    let files = memory.files();
    let included: Vec<usize> = (0..files.len()).collect();
    let plan = Plan {
        module: &module(),
        files: &files,
        included: &included,
    };
    let pool = Pool::default();
    let disk = FullDisk(1 << 20);
    let error = create(&plan, &memory, &pool, disk, None, &control(4)).unwrap_err();
    assert!(format!("{error:#}").starts_with("cannot write zip: "));
    assert!(memory.reads.lock().unwrap().len() < 50);
}

/// A source that panics in one thread while others wait for it.
struct Panics;

impl Contents<String> for Panics {
    type Reader<'a> = Panics;

    fn reader(&self) -> Result<Panics> {
        Ok(Panics)
    }
}

impl ContentReader<String> for Panics {
    fn read(&mut self, key: &String, content: &mut Vec<u8>) -> Result<()> {
        if key == "000" {
            std::thread::sleep(std::time::Duration::from_millis(50));
            std::panic::resume_unwind(Box::new("a defect"));
        }
        if key.len() > 3 {
            bail!("no such key");
        }
        content.resize(1 << 20, 0);
        Ok(())
    }
}

#[test]
fn a_thread_that_panics_does_not_leave_the_others_waiting() {
    let files: Vec<_> = (0..100)
        .map(|number| file(&format!("{number:03}"), 1 << 20))
        .collect();
    let included: Vec<usize> = (0..files.len()).collect();
    let plan = Plan {
        module: &module(),
        files: &files,
        included: &included,
    };
    let attempt = || {
        let pool = Pool::with_capacity(0);
        create(&plan, &Panics, &pool, Vec::new(), None, &control(4)).map(|_| ())
    };
    assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(attempt)).is_err());
}
