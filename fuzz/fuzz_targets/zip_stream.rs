//! A zip has the same verdict, sums and files whether it is taken apart while it arrives, in whatever pieces, or when
//! it is whole. The first byte tells how long the pieces are, the rest is the zip of `m.io@v1.0.0`.
#![no_main]

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use gomodcache::disk::tree::{TreeWriter, remove_all};
use gomodcache::module::ModuleVersion;
use gomodcache::modzip::{Arriving, Control, Extracted, extract_file};
use libfuzzer_sys::fuzz_target;
use tempfile::TempDir;

static FOLDER: LazyLock<TempDir> = LazyLock::new(|| tempfile::tempdir().expect("a folder"));

fuzz_target!(|data: &[u8]| {
    let Some((piece, zip)) = data.split_first() else {
        return;
    };
    let pieces = || zip.chunks(usize::from(*piece) + 1);
    let (whole, files) = with_tree(|tree, module, control| {
        extract_file(filled(pieces()).0, module, Some(tree), control)
    });
    let (arrived, early_files) = with_tree(|tree, module, control| {
        let (mut writer, file) = filled([].into_iter());
        let arriving = Arriving {
            file,
            module,
            worthwhile: 0,
        };
        let arrived = arriving.receive(Some(tree), control, |reach| {
            let mut received = 0;
            for piece in pieces() {
                writer.write_all(piece)?;
                received += piece.len() as u64;
                reach(received);
            }
            Ok(())
        });
        arrived?.extract(Some(tree), control)
    });
    match (whole, arrived) {
        (Ok(whole), Ok(arrived)) => {
            assert_eq!(whole, arrived);
            assert_eq!(files, early_files);
        }
        (Err(whole), Err(arrived)) => assert_eq!(format!("{whole:#}"), format!("{arrived:#}")),
        (whole, arrived) => panic!("{whole:?} is not {arrived:?}"),
    }
});

/// Extracts with an empty tree, and gives what is in it then.
fn with_tree(
    extract: impl FnOnce(&TreeWriter, &ModuleVersion, &Control<'_>) -> anyhow::Result<Extracted>,
) -> (anyhow::Result<Extracted>, BTreeMap<PathBuf, Vec<u8>>) {
    let root = FOLDER.path().join("tree");
    let tree = TreeWriter::new(&root).expect("an empty tree");
    let module = ModuleVersion {
        path: "m.io".parse().expect("a module path"),
        version: "v1.0.0".parse().expect("a version"),
    };
    let control = Control {
        threads: NonZeroUsize::MIN,
        cancelled: &|| false,
        progress: &|_| (),
    };
    let extracted = extract(&tree, &module, &control);
    let mut files = BTreeMap::new();
    list(&root, &mut files);
    remove_all(&root).expect("a tree can be removed");
    (extracted, files)
}

fn list(folder: &Path, files: &mut BTreeMap<PathBuf, Vec<u8>>) {
    for entry in fs::read_dir(folder).expect("a folder can be listed") {
        let path = entry.expect("a folder can be listed").path();
        match path.is_dir() {
            true => list(&path, files),
            false => drop(files.insert(path.clone(), fs::read(&path).expect("a file"))),
        }
    }
}

/// Gives a file with these bytes, open twice.
fn filled<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> (File, File) {
    let mut file = tempfile::tempfile_in(FOLDER.path()).expect("a file");
    for piece in pieces {
        file.write_all(piece).expect("room");
    }
    let other = file.try_clone().expect("a file");
    (file, other)
}
