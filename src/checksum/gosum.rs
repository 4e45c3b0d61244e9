//! The go.sum file: which sums are known for which module versions.
//!
//! A line has three fields: path, version (with `/go.mod` behind it for the go.mod file alone) and sum.
//! Rules: `readGoSum` and `haveModSumLocked` in `cmd/go/internal/modfetch`; order of lines: `module.Sort`.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;

use anyhow::{Result, bail};

use crate::module::semver;

/// The sum of an empty go.mod file. Early releases of go wrote it for repositories without one; go drops
/// such lines, and so do we.
const EMPTY_GO_MOD: &str = "h1:G7mAYYxgmS0lVkHyy2hEOLQCFB0DlQFTMLWggykrydY=";

/// The kind of sum that go knows; sums of other kinds are kept and not compared.
const KNOWN_KIND: &str = "h1:";

/// The sums of a go.sum file; displays as the file that go writes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GoSum {
    sums: BTreeMap<Key, Vec<String>>,
}

/// What a go.sum file says of a sum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict<'a> {
    /// The sum is recorded.
    Match,
    /// Another sum is recorded, this one.
    Mismatch(&'a str),
    /// No sum is recorded, or none of a known kind.
    Unknown,
}

impl GoSum {
    /// Reads a go.sum file, whose name in errors is `file`.
    ///
    /// Blank lines are passed over. A line that has not three fields is an error, as it is for go.
    pub fn parse(file: &str, data: &[u8]) -> Result<Self> {
        let mut sums = GoSum::default();
        for (index, line) in String::from_utf8_lossy(data).split('\n').enumerate() {
            let fields: Vec<&str> = line.split_whitespace().collect();
            match fields.as_slice() {
                [] => {}
                [_, _, sum] if *sum == EMPTY_GO_MOD => {}
                [path, version, sum] => sums
                    .sums
                    .entry(Key::new(path, version))
                    .or_default()
                    .push((*sum).to_owned()),
                _ => bail!(
                    "malformed go.sum: {file}:{}: wrong number of fields {}",
                    index + 1,
                    fields.len()
                ),
            }
        }
        Ok(sums)
    }

    /// Gives the sums recorded for a module version, in the order of the file. The version has `/go.mod`
    /// behind it where the sum of the go.mod file is meant.
    pub fn lookup(&self, path: &str, version: &str) -> &[String] {
        self.sums
            .get(&Key::new(path, version))
            .map_or(&[], Vec::as_slice)
    }

    /// Compares a sum with the recorded ones: the first of a known kind that differs is a mismatch, even
    /// when a later one is the same.
    pub fn check(&self, path: &str, version: &str, sum: &str) -> Verdict<'_> {
        let is_decisive = |recorded: &&String| *recorded == sum || recorded.starts_with(KNOWN_KIND);
        match self.lookup(path, version).iter().find(is_decisive) {
            None => Verdict::Unknown,
            Some(recorded) if recorded == sum => Verdict::Match,
            Some(recorded) => Verdict::Mismatch(recorded),
        }
    }

    /// Lists what sums are recorded for, in the order of the file that go writes: paths and versions, those of
    /// go.mod files with `/go.mod` behind. Nothing is checked: a line may hold any three words.
    pub fn entries(&self) -> impl Iterator<Item = (&str, &str)> {
        self.sums
            .keys()
            .map(|key| (key.path.as_str(), key.version.as_str()))
    }

    /// Records a sum, unless it is already.
    pub fn record(&mut self, path: &str, version: &str, sum: &str) {
        let recorded = self.sums.entry(Key::new(path, version)).or_default();
        if !recorded.iter().any(|known| known == sum) {
            recorded.push(sum.to_owned());
        }
    }

    /// Records all sums of another file.
    pub fn merge(&mut self, other: &GoSum) {
        for (key, sums) in &other.sums {
            for sum in sums {
                self.record(&key.path, &key.version, sum);
            }
        }
    }

    /// Tells whether no sum is recorded.
    pub fn is_empty(&self) -> bool {
        self.sums.is_empty()
    }
}

impl fmt::Display for GoSum {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (key, sums) in &self.sums {
            let mut sums: Vec<&String> = sums.iter().collect();
            sums.sort();
            sums.dedup();
            for sum in sums {
                formatter.write_str(&line(&key.path, &key.version, sum))?;
            }
        }
        Ok(())
    }
}

/// Gives a line of a go.sum file, with its newline.
pub fn line(path: &str, version: &str, sum: &str) -> String {
    format!("{path} {version} {sum}\n")
}

/// A module version, or the go.mod file of one.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Key {
    path: String,
    version: String,
}

impl Key {
    fn new(path: &str, version: &str) -> Self {
        Key {
            path: path.to_owned(),
            version: version.to_owned(),
        }
    }

    /// Splits `v1.0.0/go.mod` before the slash.
    fn split_version(&self) -> (&str, &str) {
        self.version
            .split_at(self.version.find('/').unwrap_or(self.version.len()))
    }
}

impl Ord for Key {
    fn cmp(&self, other: &Self) -> Ordering {
        let (version, file) = self.split_version();
        let (other_version, other_file) = other.split_version();
        self.path
            .cmp(&other.path)
            .then_with(|| semver::compare(version, other_version))
            .then_with(|| version.cmp(other_version))
            .then_with(|| file.cmp(other_file))
    }
}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> GoSum {
        GoSum::parse("go.sum", text.as_bytes()).unwrap()
    }

    #[test]
    fn sums_are_found_by_path_and_version() {
        let sums =
            parsed("a.b/c v1.0.0 h1:x=\na.b/c v1.0.0/go.mod h1:y=\n\n\t a.b/c  v1.0.0\th1:z= \r\n");
        assert_eq!(sums.lookup("a.b/c", "v1.0.0"), ["h1:x=", "h1:z="]);
        assert_eq!(sums.lookup("a.b/c", "v1.0.0/go.mod"), ["h1:y="]);
        let entries: Vec<_> = sums.entries().collect();
        assert_eq!(entries, [("a.b/c", "v1.0.0"), ("a.b/c", "v1.0.0/go.mod")]);
        assert!(sums.lookup("a.b/c", "v1.0.1").is_empty());
    }

    #[test]
    fn a_line_of_other_than_three_fields_is_an_error_with_its_number() {
        for (text, message) in [
            (
                "a.b/c v1.0.0 h1:x=\n\na.b/c v1.0.0\n",
                "malformed go.sum: go.sum:3: wrong number of fields 2",
            ),
            (
                "<<<<<<< HEAD of main x",
                "malformed go.sum: go.sum:1: wrong number of fields 5",
            ),
        ] {
            assert_eq!(
                GoSum::parse("go.sum", text.as_bytes())
                    .unwrap_err()
                    .to_string(),
                message
            );
        }
    }

    #[test]
    fn sums_of_empty_go_mod_files_are_dropped() {
        assert_eq!(super::super::dirhash::go_mod_sum(b""), EMPTY_GO_MOD);
        assert!(parsed(&line("a.b/c", "v1.0.0/go.mod", EMPTY_GO_MOD)).is_empty());
    }

    #[test]
    fn the_first_sum_of_a_known_kind_decides() {
        let sums = parsed("a.b/c v1 h2:q=\na.b/c v1 h1:x=\na.b/c v1 h1:y=\na.b/d v1 h2:q=\n");
        assert_eq!(sums.check("a.b/c", "v1", "h1:x="), Verdict::Match);
        assert_eq!(
            sums.check("a.b/c", "v1", "h1:y="),
            Verdict::Mismatch("h1:x=")
        );
        assert_eq!(sums.check("a.b/c", "v2", "h1:x="), Verdict::Unknown);
        assert_eq!(sums.check("a.b/d", "v1", "h1:x="), Verdict::Unknown);
    }

    #[test]
    fn the_file_is_written_in_the_order_of_versions() {
        let mut sums =
            parsed("b.c/d v1.10.0 h1:4=\nb.c/d v1.9.0/go.mod h1:3=\nb.c/d v1.9.0 h1:2=\n");
        sums.merge(&parsed(
            "a.b/c v2.0.0+incompatible h1:1=\nb.c/d v1.9.0 h1:0=\nb.c/d v1.9.0 h1:2=\n",
        ));
        assert_eq!(
            sums.to_string(),
            "a.b/c v2.0.0+incompatible h1:1=\nb.c/d v1.9.0 h1:0=\nb.c/d v1.9.0 h1:2=\n\
             b.c/d v1.9.0/go.mod h1:3=\nb.c/d v1.10.0 h1:4=\n"
        );
    }
}
