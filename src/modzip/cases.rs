//! Runs the cases in `tests/testdata/zip`, one file for one rule.
//!
//! A case is a txtar archive. Its comment says in lines starting with `#` what the rule is, and what becomes
//! of the files: `included: PATH`, `omitted: PATH: REASON`, `invalid: PATH: REASON` in the order of the
//! report, and `error: TEXT` when the tree is too large. Files that txtar cannot express come from
//! the comment too, after the others: `symlink: PATH -> TARGET` and `size: PATH BYTES`. The
//! expectations are those of `zip.CheckFiles` in `golang.org/x/mod`.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::*;
use crate::disk::tree::TreeWriter;
use crate::module::{ModulePath, ModuleVersion, Version};

/// Sections of a case: paths and contents; the contents of files given by size are not there.
struct Case {
    expected: Vec<String>,
    files: Vec<SourceFile<usize>>,
    contents: Vec<Vec<u8>>,
    has_sizes: bool,
}

fn parse(text: &str) -> Case {
    let mut case = Case {
        expected: Vec::new(),
        files: Vec::new(),
        contents: Vec::new(),
        has_sizes: false,
    };
    let mut comment = Vec::new();
    for line in text.split_inclusive('\n') {
        let marker = line
            .strip_prefix("-- ")
            .and_then(|line| line.trim_end().strip_suffix(" --"));
        if let Some(path) = marker {
            case.add(path, FileKind::Regular, 0);
        } else if let Some(content) = case.contents.last_mut() {
            content.extend_from_slice(line.as_bytes());
        } else {
            comment.push(line.trim_end_matches('\n'));
        }
    }
    for (file, content) in case.files.iter_mut().zip(&case.contents) {
        file.size = content.len() as u64;
    }
    for line in comment {
        let (word, rest) = line.split_once([':', ' ']).unwrap();
        match word {
            "#" => {}
            "symlink" => {
                let (path, _) = rest.trim_start().split_once(" -> ").unwrap();
                case.add(path, FileKind::Symlink, 0);
            }
            "size" => {
                let (path, size) = rest.trim_start().rsplit_once(' ').unwrap();
                case.add(path, FileKind::Regular, size.parse().unwrap());
                case.has_sizes = true;
            }
            "included" | "omitted" | "invalid" | "error" => case.expected.push(line.to_owned()),
            _ => panic!("unknown line in a case: {line}"),
        }
    }
    case
}

impl Case {
    fn add(&mut self, path: &str, kind: FileKind, size: u64) {
        self.files.push(SourceFile {
            path: path.to_owned(),
            kind,
            size,
            key: self.contents.len(),
        });
        self.contents.push(Vec::new());
    }

    fn classify(&self) -> Report {
        let is_go_mod = |file: &&SourceFile<_>| file.path == "go.mod";
        let go_mod = self.files.iter().rfind(is_go_mod);
        let content = go_mod.map(|file| self.contents[file.key].as_slice());
        super::classify(&self.files, content)
    }

    /// Gives the report as a case writes it.
    fn render(&self, report: &Report) -> Vec<String> {
        let path = |number: usize| &self.files[number].path;
        let mut lines = Vec::new();
        lines.extend(
            report
                .included
                .iter()
                .map(|number| format!("included: {}", path(*number))),
        );
        for (word, files) in [("omitted", &report.omitted), ("invalid", &report.invalid)] {
            for (number, reason) in files {
                lines.push(format!("{word}: {}: {reason}", path(*number)));
            }
        }
        if let Err(refusal @ Refusal::TreeTooLarge) = report.check(&self.files) {
            lines.push(format!("error: {refusal}"));
        }
        lines
    }

    /// Packs a valid tree and takes the zip apart again; both must have what the report includes.
    fn pack_and_unpack(&self, report: &Report) -> Result<()> {
        let folder = tempfile::tempdir()?;
        let zip = folder.path().join("m.zip");
        let module = ModuleVersion {
            path: ModulePath::new("example.com/m")?,
            version: Version::new("v1.0.0")?,
        };
        let plan = Plan {
            module: &module,
            files: &self.files,
            included: &report.included,
        };
        let control = Control {
            threads: NonZeroUsize::MIN,
            cancelled: &|| false,
            progress: &|_| {},
        };
        let packed = TreeWriter::new(&folder.path().join("packed"))?;
        let output = std::fs::File::create(&zip)?;
        let created = create(
            &plan,
            self,
            &Pool::default(),
            output,
            Some(&packed),
            &control,
        )?;
        let unpacked = TreeWriter::new(&folder.path().join("unpacked"))?;
        let extracted = extract(&zip, &module, Some(&unpacked), &control)?;
        assert_eq!(created.sums, extracted.sums);
        for number in &report.included {
            let file = &self.files[*number];
            for tree in ["packed", "unpacked"] {
                let content = std::fs::read(folder.path().join(tree).join(&file.path))?;
                assert_eq!(content, self.contents[file.key], "{tree} {}", file.path);
            }
        }
        Ok(())
    }
}

impl Contents<usize> for Case {
    type Reader<'a> = &'a Case;

    fn reader(&self) -> Result<&Case> {
        Ok(self)
    }
}

impl ContentReader<usize> for &Case {
    fn read(&mut self, key: &usize, content: &mut Vec<u8>) -> Result<()> {
        content.extend_from_slice(self.contents.get(*key).context("no such content")?);
        Ok(())
    }
}

fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/testdata/zip");
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    paths
}

#[test]
fn every_case_ends_as_in_go() {
    let cases = cases();
    assert!(cases.len() >= 70);
    for path in cases {
        let case = parse(&std::fs::read_to_string(&path).unwrap());
        let report = case.classify();
        assert_eq!(case.render(&report), case.expected, "{}", path.display());
        if report.check(&case.files).is_ok() && !case.has_sizes {
            case.pack_and_unpack(&report).unwrap();
        }
    }
}
