//! Reads the sources and fails where the house is not built as planned.
//!
//! Rooms stand on floors (`src/lib.rs` is the map). A room uses rooms on lower floors only, never one
//! beside it; a file holds at most 500 lines of code and a function at most 60. Blank lines and
//! comments are free, because documentation must never be what makes a file too long.
//!
//! `cargo test --test architecture` runs only this.

mod reading;

use reading::{blanked, code_lines, identifier, item, line_of, without_tests, words};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// Every room and its floor.
const ROOMS: &[(&str, u8)] = &[
    ("disk", 0),
    ("module", 1),
    ("gomod", 2),
    ("goenv", 2),
    ("web", 2),
    ("mirror", 3),
    ("modzip", 3),
    ("checksum", 3),
    ("gosource", 3),
    ("query", 3),
    ("coderepo", 4),
    ("proxy", 4),
    ("cache", 4),
    ("toolchain", 4),
    ("source", 5),
    ("graph", 5),
    ("bundle", 5),
    ("server", 5),
    ("storage", 5),
    ("ops", 6),
    ("cli", 7),
];

/// Rooms that compute and never touch the machine: not even the file system below them is theirs.
const PURE: &[&str] = &["module", "gomod", "gosource"];

/// The floor of `src/main.rs`, which may use what `cli` offers and whatever is below.
const STREET: u8 = 8;

const FILE_LIMIT: usize = 500;
const FUNCTION_LIMIT: usize = 60;

#[test]
fn rooms_use_only_rooms_on_lower_floors() {
    let complaints = complaints_about(&["src"], |file| {
        arrows(&file.path, &file.code_without_tests())
    });
    assert!(complaints.is_empty(), "\n{complaints}");
}

#[test]
fn every_room_of_the_library_has_a_floor() {
    let mut complaints = String::new();
    for entry in fs::read_dir(root().join("src")).expect("src/ can be listed") {
        let path = entry.expect("src/ can be listed").path();
        let name = path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if !matches!(name.as_str(), "lib" | "main") && floor(&name).is_none() {
            let _ = writeln!(
                complaints,
                "src/{name}: this room has no floor in tests/architecture.rs"
            );
        }
    }
    assert!(complaints.is_empty(), "\n{complaints}");
}

#[test]
fn no_file_holds_more_than_500_lines_of_code() {
    let complaints = complaints_about(&["src", "tests", "benches"], |file| {
        let lines = code_lines(&file.code);
        let too_long = lines > FILE_LIMIT;
        too_long
            .then(|| {
                format!(
                    "{}:1: {lines} lines of code, {FILE_LIMIT} are allowed",
                    file.path
                )
            })
            .into_iter()
            .collect()
    });
    assert!(complaints.is_empty(), "\n{complaints}");
}

#[test]
fn no_function_outside_tests_holds_more_than_60_lines_of_code() {
    let complaints = complaints_about(&["src", "benches"], |file| {
        long_functions(&file.path, &file.code_without_tests())
    });
    assert!(complaints.is_empty(), "\n{complaints}");
}

/// A source file whose comments are blanked and whose literals are filled with quotation marks.
struct SourceFile {
    path: String,
    code: String,
}

impl SourceFile {
    fn code_without_tests(&self) -> String {
        if self
            .path
            .split('/')
            .any(|part| part == "tests" || part == "tests.rs")
        {
            return String::new();
        }
        without_tests(&self.code)
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Runs `check` over every file below `folders`; one complaint a line, nothing when all is well.
fn complaints_about(folders: &[&str], check: impl Fn(&SourceFile) -> Vec<String>) -> String {
    let mut files = Vec::new();
    for folder in folders {
        rust_files(&root().join(folder), &mut files);
    }
    assert!(!files.is_empty(), "no sources found below {folders:?}");
    files.sort();
    let mut complaints = String::new();
    for path in files {
        let text = fs::read_to_string(&path).expect("a source file is UTF-8");
        let path = path
            .strip_prefix(root())
            .expect("below the root")
            .to_string_lossy()
            .into_owned();
        let file = SourceFile {
            path,
            code: blanked(&text),
        };
        for complaint in check(&file) {
            complaints.push_str(&complaint);
            complaints.push('\n');
        }
    }
    complaints
}

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.expect("a folder of sources can be listed").path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

fn floor(room: &str) -> Option<u8> {
    ROOMS
        .iter()
        .find(|(name, _)| *name == room)
        .map(|(_, floor)| *floor)
}

/// The module path of a file: `src/mirror/tree.rs` is `["mirror", "tree"]`, `src/main.rs` is empty.
fn module_of(path: &str) -> Vec<&str> {
    let inner = path
        .strip_prefix("src/")
        .unwrap_or(path)
        .trim_end_matches(".rs");
    let mut parts: Vec<&str> = inner.split('/').collect();
    if matches!(parts.last(), Some(&"mod" | &"main" | &"lib")) {
        parts.pop();
    }
    parts
}

/// One complaint for every path in `code` that leads to a room which is not below the file's own.
fn arrows(path: &str, code: &str) -> Vec<String> {
    if path == "src/lib.rs" {
        return Vec::new();
    }
    let module = module_of(path);
    let (from, own_floor) = match module.first() {
        None => ("main", STREET),
        Some(room) => (*room, floor(room).unwrap_or(0)),
    };
    let mut complaints = Vec::new();
    for (at, to) in rooms_named(code, module.len()) {
        let Some(their_floor) = floor(&to) else {
            continue;
        };
        let why = if to == from {
            continue;
        } else if their_floor > own_floor {
            "which is above it"
        } else if their_floor == own_floor {
            "which is beside it"
        } else if PURE.contains(&from) && !PURE.contains(&to.as_str()) {
            "though it is pure"
        } else {
            continue;
        };
        let line = line_of(code, at);
        complaints.push(format!(
            "{path}:{line}: room `{from}` uses room `{to}`, {why}"
        ));
    }
    complaints
}

/// Offsets and names of what follows `crate::`, `gomodcache::` or enough `super::` to reach the root.
fn rooms_named(code: &str, depth: usize) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for start in ["crate", "gomodcache"] {
        for at in words(code, start) {
            names_after(code, at + start.len(), &mut found);
        }
    }
    let climb = vec!["super"; depth].join("::");
    if depth > 0 {
        for at in words(code, &climb) {
            if !code[..at].trim_end().ends_with("super::") {
                names_after(code, at + climb.len(), &mut found);
            }
        }
    }
    found.sort();
    found
}

/// The identifiers behind a `::` at `at`: one, or the first of each element of a `{…}` group.
fn names_after(code: &str, at: usize, found: &mut Vec<(usize, String)>) {
    let Some(rest) = code[at..].strip_prefix("::") else {
        return;
    };
    let at = at + 2;
    if !rest.starts_with('{') {
        found.push((at, identifier(rest).to_owned()));
        return;
    }
    let mut depth = 0;
    let mut fresh = false;
    for (offset, letter) in rest.char_indices() {
        match letter {
            '{' => (depth, fresh) = (depth + 1, true),
            '}' => depth -= 1,
            ',' => fresh = true,
            _ if letter.is_whitespace() => {}
            _ => {
                if fresh && depth == 1 {
                    found.push((at + offset, identifier(&rest[offset..]).to_owned()));
                }
                fresh = false;
            }
        }
        if depth == 0 {
            return;
        }
    }
}

/// One complaint for every function that holds too many lines.
fn long_functions(path: &str, code: &str) -> Vec<String> {
    let mut complaints = Vec::new();
    for at in words(code, "fn") {
        let name = identifier(code[at + 2..].trim_start());
        let lines = code_lines(&code[item(code, at)]);
        if !name.is_empty() && lines > FUNCTION_LIMIT {
            let line = line_of(code, at);
            complaints.push(format!(
                "{path}:{line}: function `{name}` holds {lines} lines of code, {FUNCTION_LIMIT} are allowed"
            ));
        }
    }
    complaints
}

#[test]
fn an_arrow_that_goes_up_is_named_with_file_and_line() {
    let code = blanked("use std::io;\nuse crate::ops::fetch;\n");
    let expected = ["src/cache/info.rs:2: room `cache` uses room `ops`, which is above it"];
    assert_eq!(arrows("src/cache/info.rs", &code), expected);
}

#[test]
fn an_arrow_in_a_group_or_through_super_is_found() {
    let code = blanked(
        "use crate::{\n    disk,\n    proxy::{cache, Proxy},\n};\nfn f() { super::super::coderepo::f() }\n",
    );
    let expected = [
        "src/cache/info.rs:3: room `cache` uses room `proxy`, which is beside it",
        "src/cache/info.rs:5: room `cache` uses room `coderepo`, which is beside it",
    ];
    assert_eq!(arrows("src/cache/info.rs", &code), expected);
}

#[test]
fn a_pure_room_may_not_even_use_the_disk() {
    let expected = ["src/gomod/mod.rs:1: room `gomod` uses room `disk`, though it is pure"];
    assert_eq!(
        arrows("src/gomod/mod.rs", &blanked("use crate::disk;")),
        expected
    );
}

#[test]
fn comments_literals_and_unit_tests_are_no_arrows() {
    let text = "//! [`crate::ops`]\n/* /* */ crate::cli */\nfn f<'a>() -> &'a str { \"crate::ops \\\" crate::ops\" }\n\
                fn g() -> char { r#\" \" crate::ops\"#; '\"' }\n#[cfg(test)]\nmod tests {\n    use crate::cli;\n}\n";
    assert_eq!(
        arrows("src/cache/mod.rs", &without_tests(&blanked(text))),
        [""; 0]
    );
    let after = format!("{text}use crate::cli;\n");
    let expected = ["src/cache/mod.rs:9: room `cache` uses room `cli`, which is above it"];
    assert_eq!(
        arrows("src/cache/mod.rs", &without_tests(&blanked(&after))),
        expected
    );
}

#[test]
fn a_long_function_is_named_and_its_comments_are_free() {
    let body = "    // why\n\n    step();\n";
    let fits = format!("fn fits(a: [u8; 2]) {{\n{}}}\n", body.repeat(58));
    let long = format!("{fits}\npub(crate) fn long() {{\n{}}}\n", body.repeat(59));
    assert_eq!(long_functions("src/a.rs", &blanked(&fits)), [""; 0]);
    let expected = ["src/a.rs:178: function `long` holds 61 lines of code, 60 are allowed"];
    assert_eq!(long_functions("src/a.rs", &blanked(&long)), expected);
}
