//! Which files of a tree go into a module zip, which are left out, and which a module cannot have.
//!
//! Source of the rules and of the order in which they are asked: `checkFiles` and `isVendoredPackage`
//! in `x/mod/zip/zip.go`.

use std::cmp::Ordering;
use std::collections::HashSet;

use super::collisions::{Collisions, Role};
use super::{FileError, MAX_GO_MOD, MAX_LICENSE, MAX_ZIP_FILE, Reason, Refusal};
use crate::gomod::{self, go_version};
use crate::module::check_file_path;

/// What a path in a tree is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// A file, executable or not.
    Regular,
    /// A symbolic link.
    Symlink,
}

/// A file of a module's tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFile<K> {
    /// The slash-separated path relative to the module's root.
    ///
    /// A path that is not UTF-8 is given with replacement characters: they are not allowed in a file
    /// name either, so the file ends in the same list.
    pub path: String,
    /// What the path is.
    pub kind: FileKind,
    /// Bytes of content, as far as they are known before it is read.
    pub size: u64,
    /// What [`super::Contents`] finds the content by: equal keys promise equal contents.
    pub key: K,
}

/// Where each file of a tree ends; the numbers count in the list given to [`classify`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Files of the module zip, in its order.
    pub included: Vec<usize>,
    /// Files that are left out.
    pub omitted: Vec<(usize, Reason)>,
    /// Files that make the module invalid.
    pub invalid: Vec<(usize, Reason)>,
    /// Whether the files have more than [`MAX_ZIP_FILE`] bytes together.
    pub too_large: bool,
}

impl Report {
    /// Refuses the tree that this report was made of when it is no valid module.
    ///
    /// As in Go the size goes before invalid files.
    pub fn check<K>(&self, files: &[SourceFile<K>]) -> Result<(), Refusal> {
        if self.too_large {
            return Err(Refusal::TreeTooLarge);
        }
        if self.invalid.is_empty() {
            return Ok(());
        }
        let error = |(number, reason): &(usize, Reason)| FileError {
            path: files
                .get(*number)
                .map(|file| file.path.clone())
                .unwrap_or_default(),
            reason: reason.clone(),
        };
        Err(Refusal::Files(self.invalid.iter().map(error).collect()))
    }
}

/// Sorts the files of a tree into those that a module zip has, those it leaves out and invalid ones.
///
/// `files` is in the order of `git archive`, a LICENSE taken from the repository's root last. `go_mod` is
/// the content of the root go.mod: its `go` line decides what counts as vendored. A path that comes
/// again after it has been omitted or found invalid is in none of the lists, as in Go.
pub fn classify<K>(files: &[SourceFile<K>], go_mod: Option<&[u8]>) -> Report {
    classify_by(files, VendorRule::of(files, go_mod))
}

/// Does the same by a given rule of vendored packages.
pub fn classify_by<K>(files: &[SourceFile<K>], vendor_rule: VendorRule) -> Report {
    let nested = NestedModules::of(files);
    let mut collisions = Collisions::default();
    let mut reported = HashSet::new();
    let mut remaining = MAX_ZIP_FILE;
    let mut report = Report::default();
    for (number, file) in files.iter().enumerate() {
        let path = file.path.as_str();
        let verdict = judge_path(path, vendor_rule, &nested, &mut collisions)
            .and_then(|()| judge_kind(file.kind))
            .and_then(|()| {
                match remaining.checked_sub(file.size) {
                    Some(rest) => remaining = rest,
                    None => report.too_large = true,
                }
                judge_size(path, file.size)
            });
        match verdict {
            Ok(()) => report.included.push(number),
            Err(_) if !reported.insert(path) => {}
            Err(Verdict::Omitted(reason)) => report.omitted.push((number, reason)),
            Err(Verdict::Invalid(reason)) => report.invalid.push((number, reason)),
        }
    }
    report
}

/// Why a file is not included.
enum Verdict {
    Omitted(Reason),
    Invalid(Reason),
}

fn judge_path<'a>(
    path: &'a str,
    vendor_rule: VendorRule,
    nested: &NestedModules<'_>,
    collisions: &mut Collisions<'a>,
) -> Result<(), Verdict> {
    if !is_clean(path) {
        return Err(Verdict::Invalid(Reason::NotClean));
    }
    if path.starts_with('/') {
        return Err(Verdict::Invalid(Reason::NotRelative));
    }
    if vendor_rule.is_vendored(path) {
        return Err(Verdict::Omitted(Reason::Vendored));
    }
    if nested.contain(path) {
        return Err(Verdict::Omitted(Reason::NestedModule));
    }
    if path == ".hg_archival.txt" {
        return Err(Verdict::Omitted(Reason::HgArchival));
    }
    check_file_path(path).map_err(|error| Verdict::Invalid(Reason::Malformed(error)))?;
    if is_go_mod(path) && path != "go.mod" {
        return Err(Verdict::Invalid(Reason::GoModCase));
    }
    // Links count here, though they are omitted: a link `a` beside a file `A` is an error.
    collisions.check(path, Role::File).map_err(Verdict::Invalid)
}

fn judge_kind(kind: FileKind) -> Result<(), Verdict> {
    match kind {
        FileKind::Regular => Ok(()),
        FileKind::Symlink => Err(Verdict::Omitted(Reason::Symlink)),
    }
}

fn judge_size(path: &str, size: u64) -> Result<(), Verdict> {
    check_size(path, size).map_err(Verdict::Invalid)
}

/// Checks the limits on the root's go.mod and LICENSE; other files have none of their own.
pub(super) fn check_size(path: &str, size: u64) -> Result<(), Reason> {
    match path {
        "go.mod" if size > MAX_GO_MOD => Err(Reason::GoModTooLarge),
        "LICENSE" if size > MAX_LICENSE => Err(Reason::LicenseTooLarge),
        _ => Ok(()),
    }
}

/// Tells whether a name is `go.mod` in any case.
///
/// No letter outside ASCII folds to one of these, so Unicode folding gives the same answer.
pub(super) fn is_go_mod(name: &str) -> bool {
    name.eq_ignore_ascii_case("go.mod")
}

/// Tells whether Go's `path.Clean` leaves a path alone.
pub(super) fn is_clean(path: &str) -> bool {
    let (relative, rooted) = match path.strip_prefix('/') {
        Some("") => return true,
        Some(rest) => (rest, true),
        None => (path, false),
    };
    if relative == "." {
        return !rooted;
    }
    let mut may_climb = !rooted;
    relative.split('/').all(|element| match element {
        "" | "." => false,
        ".." => may_climb,
        _ => {
            may_climb = false;
            true
        }
    })
}

/// Folders with a go.mod of their own, in any case, each with its final slash.
struct NestedModules<'a>(HashSet<&'a str>);

impl<'a> NestedModules<'a> {
    fn of<K>(files: &'a [SourceFile<K>]) -> NestedModules<'a> {
        let folders = files
            .iter()
            .filter(|file| file.kind == FileKind::Regular)
            .filter_map(|file| {
                let slash = file.path.rfind('/')?;
                let (folder, name) = file.path.split_at_checked(slash + 1)?;
                is_go_mod(name).then_some(folder)
            });
        NestedModules(folders.collect())
    }

    fn contain(&self, path: &str) -> bool {
        if self.0.is_empty() {
            return false;
        }
        path.match_indices('/').any(|(slash, _)| {
            path.get(..=slash)
                .is_some_and(|folder| self.0.contains(folder))
        })
    }
}

/// Which of Go's two tests for a vendored package holds for a module.
///
/// The test of Go before 1.24 has a flaw that sums depend on (Go issue 37397): it skips as many bytes as
/// `/vendor/` has at the start of the path, wherever the folder is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VendorRule {
    /// For modules without a `go` line, or with one below 1.24.
    Before124,
    /// For modules whose `go` line has 1.24 or later.
    Since124,
}

impl VendorRule {
    /// Tells which rule holds for a module with these files and this root go.mod.
    pub fn of<K>(files: &[SourceFile<K>], go_mod: Option<&[u8]>) -> VendorRule {
        let has_go_mod = files
            .iter()
            .any(|file| file.path == "go.mod" && file.kind == FileKind::Regular);
        let language = go_mod
            .filter(|_| has_go_mod)
            .and_then(|data| gomod::parse_lax("go.mod", data).ok())
            .and_then(|file| file.go)
            .map(|version| go_version::lang(&version))
            .unwrap_or_default();
        match go_version::compare(&language, "1.24") {
            Ordering::Less => VendorRule::Before124,
            Ordering::Equal | Ordering::Greater => VendorRule::Since124,
        }
    }

    /// Gives the rule that this one is not.
    #[must_use]
    pub fn other(self) -> VendorRule {
        match self {
            VendorRule::Before124 => VendorRule::Since124,
            VendorRule::Since124 => VendorRule::Before124,
        }
    }

    fn is_vendored(self, path: &str) -> bool {
        const VENDOR: &str = "vendor/";
        const NESTED_VENDOR: &str = "/vendor/";
        if self == VendorRule::Since124 && path == "vendor/modules.txt" {
            return true;
        }
        let skipped = if path.starts_with(VENDOR) {
            VENDOR.len()
        } else if let Some(start) = path.find(NESTED_VENDOR) {
            match self {
                VendorRule::Before124 => NESTED_VENDOR.len(),
                VendorRule::Since124 => start + NESTED_VENDOR.len(),
            }
        } else {
            return false;
        };
        // By bytes: the older rule may cut a letter in two.
        path.as_bytes()
            .iter()
            .skip(skipped)
            .any(|byte| *byte == b'/')
    }
}
