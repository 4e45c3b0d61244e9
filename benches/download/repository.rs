//! The repository that both programs read: a Go module of ordinary size with forty tags.
//!
//! About 350 files and 3.5 MB a version, text that compresses like Go sources do, and 7 % of the files
//! touched from one tag to the next. Everything follows from fixed seeds, so every machine measures the
//! same bytes. It is packed as a server or a fresh clone would have it.

use anyhow::{Context, Result, ensure};
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::{Command, Stdio};

/// The module's path; go takes the repository of a github.com path from the path itself, without asking.
pub(crate) const MODULE: &str = "github.com/benchmark/module";

/// How many tags the repository has.
pub(crate) const TAGS: usize = 40;

const FILES: usize = 350;
const CHANGED_PER_TAG: usize = FILES * 7 / 100;

/// The version of the given tag, counted from zero.
pub(crate) fn version(tag: usize) -> String {
    format!("v1.{tag}.0")
}

/// Writes the bare repository at `path`.
pub(crate) fn create(path: &Path) -> Result<()> {
    import(path, write_history)
}

/// Writes the bare repository of a module with one tag: `files` Go sources and this go.mod.
pub(crate) fn create_small(path: &Path, go_mod: &str, files: usize, tag: &str) -> Result<()> {
    import(path, |out| {
        let mut random = Random(7);
        let vocabulary: Vec<String> = (0..3000).map(|_| word(&mut random)).collect();
        begin_commit(out, 0, tag)?;
        file(out, "go.mod", go_mod)?;
        for number in 0..files {
            let source = GoFile::new(number, &vocabulary);
            file(out, &source.path, &source.text())?;
        }
        end_commit(out, tag)?;
        writeln!(out, "done")?;
        Ok(())
    })
}

fn import(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<std::process::ChildStdin>) -> Result<()>,
) -> Result<()> {
    git(
        path.parent().context("the repository has a parent")?,
        &["init", "--quiet", "--bare"],
        Some(path),
    )?;
    let mut import = Command::new("git")
        .current_dir(path)
        .args(["fast-import", "--quiet"])
        .stdin(Stdio::piped())
        .spawn()
        .context("cannot run git fast-import")?;
    let input = import
        .stdin
        .take()
        .context("git fast-import has an input")?;
    write(&mut BufWriter::new(input)).context("cannot feed git fast-import")?;
    ensure!(import.wait()?.success(), "git fast-import failed");
    git(path, &["symbolic-ref", "HEAD", "refs/heads/main"], None)?;
    git(path, &["repack", "-a", "-d", "-f", "-q"], None)?;
    git(path, &["pack-refs", "--all"], None)?;
    // What `git http-backend` asks for before it serves a repository.
    git(path, &["config", "http.receivepack", "false"], None)?;
    std::fs::write(path.join("git-daemon-export-ok"), "")
        .context("cannot mark the repository as public")
}

fn git(folder: &Path, arguments: &[&str], last: Option<&Path>) -> Result<()> {
    let status = Command::new("git")
        .current_dir(folder)
        .args(arguments)
        .args(last)
        .status()
        .context("cannot run git")?;
    ensure!(status.success(), "git {} failed", arguments.join(" "));
    Ok(())
}

fn write_history(out: &mut impl Write) -> Result<()> {
    let mut random = Random(7);
    let vocabulary: Vec<String> = (0..3000).map(|_| word(&mut random)).collect();
    let mut files: Vec<GoFile> = (0..FILES)
        .map(|number| GoFile::new(number, &vocabulary))
        .collect();
    for tag in 0..TAGS {
        begin_commit(out, tag, &version(tag))?;
        if tag == 0 {
            file(out, "go.mod", &format!("module {MODULE}\n\ngo 1.21\n"))?;
            file(
                out,
                "LICENSE",
                "A sample without content of value. Do with it what you like.\n",
            )?;
        }
        file(
            out,
            "CHANGELOG.md",
            &format!("The newest version is {}.\n", version(tag)),
        )?;
        let changed = if tag == 0 { FILES } else { CHANGED_PER_TAG };
        for step in 0..changed {
            let number = if tag == 0 { step } else { random.below(FILES) };
            if tag > 0 {
                files[number].rewrite_one_function(&mut random, &vocabulary);
            }
            file(out, &files[number].path, &files[number].text())?;
        }
        end_commit(out, &version(tag))?;
    }
    writeln!(out, "done")?;
    Ok(())
}

fn begin_commit(out: &mut impl Write, day: usize, version: &str) -> Result<()> {
    let seconds = 1_700_000_000 + day * 86_400;
    writeln!(out, "commit refs/heads/main")?;
    writeln!(
        out,
        "committer Benchmark <benchmark@example.com> {seconds} +0000"
    )?;
    data(out, &format!("Release {version}\n"))
}

fn end_commit(out: &mut impl Write, version: &str) -> Result<()> {
    writeln!(out, "\nreset refs/tags/{version}\nfrom refs/heads/main\n")?;
    Ok(())
}

fn file(out: &mut impl Write, path: &str, text: &str) -> Result<()> {
    writeln!(out, "M 100644 inline {path}")?;
    data(out, text)
}

fn data(out: &mut impl Write, text: &str) -> Result<()> {
    writeln!(out, "data {}\n{text}", text.len())?;
    Ok(())
}

/// A Go source file: a heading and some functions, each of which can be written anew.
struct GoFile {
    path: String,
    heading: String,
    functions: Vec<String>,
}

impl GoFile {
    fn new(number: usize, vocabulary: &[String]) -> GoFile {
        let mut random = Random(1000 + number as u64);
        let package = &vocabulary[number / 12];
        let name = &vocabulary[100 + number];
        let heading = format!(
            "// Package {package} is about {name}.\npackage {package}\n\nimport (\n\t\"errors\"\n\t\"fmt\"\n)\n"
        );
        // File sizes spread as they do in real modules: many small ones, few large ones.
        let count = 4 + random.below(8) + random.below(3) * random.below(13);
        let functions = (0..count)
            .map(|_| function(&mut random, vocabulary))
            .collect();
        GoFile {
            path: format!("{package}/{name}_{number}.go"),
            heading,
            functions,
        }
    }

    fn rewrite_one_function(&mut self, random: &mut Random, vocabulary: &[String]) {
        let number = random.below(self.functions.len());
        self.functions[number] = function(random, vocabulary);
    }

    fn text(&self) -> String {
        self.heading.clone() + &self.functions.concat()
    }
}

fn function(random: &mut Random, vocabulary: &[String]) -> String {
    let mut word = || vocabulary[random.below(vocabulary.len())].as_str();
    let (name, argument, result, verb) = (word(), word(), word(), word());
    let mut text = format!(
        "\n// {name} gives the {result} of {argument} and fails when {verb} does.\n\
         func {name}({argument} string, limit int) (string, error) {{\n\t{result} := {argument}\n"
    );
    for _ in 0..3 + random.below(9) {
        let mut word = || vocabulary[random.below(vocabulary.len())].as_str();
        let (first, second, third) = (word(), word(), word());
        let statement = match random.below(4) {
            0 => format!(
                "\tif len({result}) > limit {{\n\t\treturn \"\", errors.New(\"{first}: {second} before {third}\")\n\t}}\n"
            ),
            1 => {
                format!("\t{result} = fmt.Sprintf(\"{first} %s, %d {second}\", {result}, limit)\n")
            }
            2 => format!(
                "\tfor {third} := 0; {third} < limit; {third}++ {{\n\t\t{result} += \"{first}\" // {second}\n\t}}\n"
            ),
            _ => format!("\t// The {first} must not see the {second}, or {third} breaks.\n"),
        };
        text.push_str(&statement);
    }
    text + &format!("\treturn {result}, nil\n}}\n")
}

fn word(random: &mut Random) -> String {
    const SYLLABLES: [&str; 24] = [
        "re", "con", "ta", "mi", "ver", "sion", "lo", "ck", "er", "in", "put", "al", "cache", "de",
        "si", "po", "ne", "tri", "buf", "fer", "map", "or", "un", "ex",
    ];
    (0..2 + random.below(3))
        .map(|_| SYLLABLES[random.below(SYLLABLES.len())])
        .collect()
}

/// A small generator of repeatable numbers (splitmix64).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % bound as u64) as usize
    }
}
