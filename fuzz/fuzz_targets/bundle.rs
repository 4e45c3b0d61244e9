//! The reader takes any bytes for a bundle, for the archive in it and for its manifest. A manifest that is sound
//! reads the same again. An input that has one in front, with contents behind it, is made a bundle whose sums fit,
//! else nothing behind the sums would ever be reached; unpacked, it leaves nothing outside of the cache, and in
//! the cache nothing but what its manifest names.
#![no_main]

use std::collections::BTreeSet;
use std::io::{self, Cursor};
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::LazyLock;

use gomodcache::bundle::{Digest, Manifest, PackedFile, Reader, Trust, Writer};
use gomodcache::cache::{Cache, Extraction, File};
use gomodcache::checksum::{SumFiles, dirhash};
use gomodcache::disk::{self, ScratchFolder};
use gomodcache::goenv::FolderMode;
use gomodcache::ops::{self, Monitor, Phase, UnpackOptions};
use libfuzzer_sys::fuzz_target;

/// Bytes of contents that an input gives to all files together.
const MAX_CONTENTS: u64 = 1 << 20;

fuzz_target!(|data: &[u8]| {
    if let Ok(reader) = Reader::open(data, &Trust::default()) {
        read(reader);
    }
    if let Ok(reader) = Reader::of_tar(data, &Trust::default()) {
        read(reader);
    }
    let end = data
        .iter()
        .position(|byte| *byte == 0)
        .unwrap_or(data.len());
    let (text, contents) = data.split_at(end);
    if let Ok(manifest) = Manifest::parse(text) {
        let again = manifest.to_json().expect("what was read can be written");
        let again = Manifest::parse(&again).expect("what was written can be read");
        assert_eq!(again, manifest);
        unpack(manifest, contents.get(1..).unwrap_or_default());
    }
});

/// Reads all that the manifest names.
fn read(mut reader: Reader<'_>) {
    let files = reader.manifest().files().expect("a sound manifest");
    for file in files {
        if reader.copy(&file, &mut io::sink()).is_err() {
            return;
        }
    }
    let _ = reader.finish();
}

/// Gives each file of a manifest its part of the contents, and unpacks the bundle that comes of it.
fn unpack(mut manifest: Manifest, mut contents: &[u8]) {
    let mut parts = Vec::new();
    let mut take = |size: u64| {
        let size = usize::try_from(size.min(MAX_CONTENTS)).expect("it fits");
        let (part, rest) = contents.split_at(size.min(contents.len()));
        contents = rest;
        parts.push(part.to_vec());
        Digest::of(part)
    };
    for file in &mut manifest.databases {
        file.digest = take(file.digest.size);
    }
    for packed in &mut manifest.modules {
        for file in [File::Info, File::Mod, File::ZipHash, File::Zip] {
            if let Some(digest) = packed.files.get_mut(&file) {
                *digest = take(digest.size);
            }
        }
    }
    for file in &mut manifest.lists {
        file.digest = take(file.digest.size);
    }
    let scratch = ScratchFolder::new(&SCRATCH, "run").expect("a scratch folder");
    fit_sums(&mut manifest, &mut parts, scratch.path());
    let files = manifest.files().expect("a sound manifest");
    if Manifest::parse(&manifest.to_json().expect("JSON")).is_ok() {
        unpack_into(
            scratch.path(),
            &bundle(&manifest, &files, &parts),
            &manifest,
        );
    }
}

/// Says of each version what sums it has, where its zip has one.
fn fit_sums(manifest: &mut Manifest, parts: &mut [Vec<u8>], scratch: &Path) {
    let mut place = manifest.databases.len();
    for packed in &mut manifest.modules {
        let files = packed.packed_files().expect("a sound manifest");
        let of = |file| {
            files
                .iter()
                .position(|(one, _)| *one == file)
                .map(|nth| place + nth)
        };
        let (go_mod, hash, zip) = (of(File::Mod), of(File::ZipHash), of(File::Zip));
        if let Some(go_mod) = go_mod {
            packed.go_mod_sum = Some(dirhash::go_mod_sum(&parts[go_mod]));
        }
        if let (Some(hash), Some(zip)) = (hash, zip) {
            let file = scratch.join("zip");
            disk::write(&file, &parts[zip]).expect("a zip");
            if let Ok(sum) = dirhash::hash_zip(&file) {
                parts[hash] = sum.clone().into_bytes();
                packed.files.insert(File::ZipHash, Digest::of(&parts[hash]));
                packed.sum = Some(sum);
            }
        }
        place += files.len();
    }
}

fn bundle(manifest: &Manifest, files: &[PackedFile], parts: &[Vec<u8>]) -> Vec<u8> {
    let text = manifest.to_json().expect("JSON");
    let mut writer = Writer::begin(Vec::new(), &text, None).expect("a bundle");
    for (file, part) in files.iter().zip(parts) {
        writer.append(file, Cursor::new(part)).expect("a file");
    }
    writer.finish().expect("a bundle")
}

static SCRATCH: LazyLock<std::path::PathBuf> =
    LazyLock::new(|| std::env::temp_dir().join("gomodcache-fuzz-bundle"));

struct Silence;

impl Monitor for Silence {
    fn report(&self, _: Phase<'_>) {}

    fn interrupted(&self) -> bool {
        false
    }
}

fn unpack_into(scratch: &Path, bundle: &[u8], manifest: &Manifest) {
    let cache = Cache::new(scratch.join("cache")).expect("a cache");
    let reader = Reader::open(bundle, &Trust::default()).expect("a sound bundle");
    let options = UnpackOptions {
        sums: SumFiles::default(),
        database: None,
        cache: &cache,
        folder_mode: FolderMode::ReadOnly,
        extraction: Extraction::Now,
        threads: NonZeroUsize::MIN,
        monitor: &Silence,
    };
    ops::unpack(&options, reader);
    let names = |folder: &Path| -> BTreeSet<String> {
        let paths = disk::list_dir(folder).expect("a folder");
        let names = paths.iter().filter_map(|path| path.file_name());
        names
            .map(|name| name.to_string_lossy().into_owned())
            .collect()
    };
    let outside: Vec<_> = names(scratch)
        .into_iter()
        .filter(|name| name != "cache" && name != "zip")
        .collect();
    assert!(outside.is_empty(), "{outside:?}");
    let inventory = cache.inventory().expect("a readable cache");
    assert!(inventory.leftovers.is_empty(), "{:?}", inventory.leftovers);
    for holding in &inventory.holdings {
        let mut modules = manifest.modules.iter();
        assert!(
            modules.any(|packed| packed.module == holding.module),
            "{holding:?}"
        );
    }
}
