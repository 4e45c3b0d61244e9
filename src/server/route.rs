//! From the target of a request to what is asked for.
//!
//! A target is decoded once: percent signs first, then the exclamation marks of paths and versions. What is left
//! must be a name that go would ask for, so that no file name is ever made of anything but a module path, a
//! version and the name of a database. Whatever else is asked for is not there; a target that nobody sends who
//! means well is refused.

use percent_encoding::percent_decode_str;

use crate::checksum::sumdb::OfferedFile;
use crate::module::{ModulePath, ModuleVersion, Version, check_import_path, unescape_version};

/// The longest target in bytes. Go's longest are those of module paths, which are far shorter.
const MAX_TARGET: usize = 4096;

/// The base path below which nothing is fetched, as the public proxy has it.
const CACHED_ONLY: &str = "cached-only";

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Asked {
    /// The page for people.
    Page,
    /// Whether the server runs.
    Health,
    /// Whether the server can answer.
    Ready,
    /// What the server has done.
    Metrics,
    /// The versions in the order in which they were added.
    Index,
    /// The versions of a module.
    List(ModulePath),
    /// The newest version of a module.
    Latest(ModulePath),
    /// A file of a version.
    File(ModuleVersion, Part),
    /// The version that a query means, such as a branch or commit.
    Query(ModulePath, String),
    /// A file of a checksum database.
    Database(String, OfferedFile),
}

impl Asked {
    /// Gives the module that is asked about, if it is one.
    pub(super) fn module_path(&self) -> Option<&ModulePath> {
        match self {
            Asked::List(path) | Asked::Latest(path) | Asked::Query(path, _) => Some(path),
            Asked::File(module, _) => Some(&module.path),
            Asked::Database(_, file) => file.module_path(),
            Asked::Page | Asked::Health | Asked::Ready | Asked::Metrics | Asked::Index => None,
        }
    }
}

/// A file of a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// Version and time.
    Info,
    /// The go.mod.
    Mod,
    /// The module zip.
    Zip,
}

/// How far the server goes for an answer, the shorter way first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reach {
    /// What is stored.
    Stored,
    /// What is not stored is fetched, if the server fetches at all.
    Sources,
}

/// A target that was understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Route {
    pub(super) asked: Asked,
    pub(super) reach: Reach,
}

/// A target that leads nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Astray {
    /// There is nothing of this name.
    Nowhere,
    /// It is no name at all.
    Hostile,
}

/// Reads the path of a target, as it was sent; `prefix` is what all paths begin with, without a slash at its end.
pub(super) fn route(path: &str, prefix: &str) -> Result<Route, Astray> {
    if path.len() > MAX_TARGET {
        return Err(Astray::Hostile);
    }
    let decoded = percent_decode_str(path).decode_utf8();
    let decoded = decoded.map_err(|_| Astray::Hostile)?;
    if is_hostile(&decoded) {
        return Err(Astray::Hostile);
    }
    let below = match decoded.strip_prefix(prefix) {
        Some("") => "",
        Some(below) => below.strip_prefix('/').ok_or(Astray::Nowhere)?,
        None => return Err(Astray::Nowhere),
    };
    let (reach, below) = match below.split_once('/') {
        Some((CACHED_ONLY, below)) => (Reach::Stored, below),
        _ => (Reach::Sources, below),
    };
    let asked = asked(below).ok_or(Astray::Nowhere)?;
    Ok(Route { asked, reach })
}

/// Tells whether a path has what only an attack, or a broken client, puts into it.
fn is_hostile(path: &str) -> bool {
    let mut elements = path.split('/').skip(1).peekable();
    let mut has_bad_element = !path.starts_with('/');
    while let Some(element) = elements.next() {
        let is_last = elements.peek().is_none();
        has_bad_element |= matches!(element, "." | "..") || element.is_empty() && !is_last;
    }
    has_bad_element
        || path
            .chars()
            .any(|letter| letter.is_control() || matches!(letter, '\\' | '%'))
}

fn asked(below: &str) -> Option<Asked> {
    Some(match below {
        "" => Asked::Page,
        "healthz" => Asked::Health,
        "readyz" => Asked::Ready,
        "metrics" => Asked::Metrics,
        "index" => Asked::Index,
        _ => match below.strip_prefix("sumdb/") {
            Some(below) => database(below)?,
            None => of_module(below)?,
        },
    })
}

fn database(below: &str) -> Option<Asked> {
    // A name can have slashes; none of its elements is one of those with which its files begin.
    below.match_indices('/').find_map(|(at, _)| {
        let (name, file) = (below.get(..at)?, below.get(at + 1..)?);
        let file = OfferedFile::parse(file)?;
        check_import_path(name).ok()?;
        Some(Asked::Database(name.to_owned(), file))
    })
}

fn of_module(below: &str) -> Option<Asked> {
    // No element of a module path has an `@`.
    let (path, name) = below.split_once("/@")?;
    let path = ModulePath::unescape(path).ok()?;
    let name = match name {
        "latest" => return Some(Asked::Latest(path)),
        "v/list" => return Some(Asked::List(path)),
        name => name.strip_prefix("v/")?,
    };
    let (name, extension) = name.rsplit_once('.')?;
    let name = unescape_version(name).ok()?;
    let part = match extension {
        "info" => Part::Info,
        "mod" => Part::Mod,
        "zip" => Part::Zip,
        _ => return None,
    };
    let version = Version::new(&name).ok();
    let module = version.map(|version| ModuleVersion {
        path: path.clone(),
        version,
    });
    match module {
        // Go asks for the tag where the version of it ends in +incompatible.
        Some(module) if part != Part::Info || module.check().is_ok() => {
            Some(Asked::File(module, part))
        }
        _ if part == Part::Info => Some(Asked::Query(path, name)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(target: &str) -> String {
        match route(target, "/go") {
            Ok(Route { asked, reach }) => {
                let asked = match asked {
                    Asked::List(path) => format!("list of {path}"),
                    Asked::Latest(path) => format!("latest of {path}"),
                    Asked::File(module, part) => format!("{part:?} of {module}"),
                    Asked::Query(path, query) => format!("query {path}@{query}"),
                    Asked::Database(name, _) => format!("database {name}"),
                    other => format!("{other:?}"),
                };
                match reach {
                    Reach::Sources => asked,
                    Reach::Stored => format!("stored {asked}"),
                }
            }
            Err(astray) => format!("{astray:?}"),
        }
    }

    #[test]
    fn targets_are_read() {
        for (target, expected) in [
            ("/go", "Page"),
            ("/go/", "Page"),
            ("/go/healthz", "Health"),
            ("/go/a.com/x/@v/list", "list of a.com/x"),
            ("/go/a.com/%21azure/@v/list", "list of a.com/Azure"),
            ("/go/a.com/!azure/@latest", "latest of a.com/Azure"),
            ("/go/a.com/x/@v/v1.0.0.zip", "Zip of a.com/x@v1.0.0"),
            (
                "/go/a.com/x/@v/v1.0.0-!r!c1.mod",
                "Mod of a.com/x@v1.0.0-RC1",
            ),
            (
                "/go/a.com/x/@v/v2.0.0%2Bincompatible.info",
                "Info of a.com/x@v2.0.0+incompatible",
            ),
            ("/go/a.com/x/@v/main.info", "query a.com/x@main"),
            ("/go/a.com/x/@v/v1.info", "query a.com/x@v1"),
            ("/go/a.com/x/@v/v2.0.0.info", "query a.com/x@v2.0.0"),
            ("/go/a.com/x/@v/v2.0.0.mod", "Mod of a.com/x@v2.0.0"),
            (
                "/go/cached-only/a.com/x/@latest",
                "stored latest of a.com/x",
            ),
            ("/go/sumdb/sum.golang.org/latest", "database sum.golang.org"),
            (
                "/go/sumdb/sum.example/test/tile/8/0/x001/234.p/5",
                "database sum.example/test",
            ),
        ] {
            assert_eq!(shown(target), expected, "{target}");
        }
    }

    #[test]
    fn what_go_never_asks_for_leads_nowhere() {
        for target in [
            "/",
            "/gone",
            "/a.com/x/@v/list",
            "/go/github.com",
            "/go/a.com/x/@v/v1.0.0.ziphash",
            "/go/a.com/x/@v/v1.0.0.lock",
            "/go/a.com/x/@v/main.zip",
            "/go/a.com/x/@v/a/b.info",
            "/go/a.com/x/@v/",
            "/go/a.com/X/@v/list",
            "/go/sumdb/sum.golang.org/tile/8/0/1",
            "/go/sumdb/sum.golang.org/lookup/a.com",
            "/go/cache/lock",
        ] {
            assert_eq!(shown(target), "Nowhere", "{target}");
        }
    }

    #[test]
    fn attacks_are_told_from_mistakes() {
        let long = format!("/go/{}", "a".repeat(MAX_TARGET));
        for target in [
            "/go/../etc/passwd",
            "/go/a.com/%2e%2e/%2e%2e/@v/list",
            "/go/a.com/x/@v/..%2f..%2flock.info",
            "/go//a.com/x/@v/list",
            "/go/a.com/%00/@v/list",
            "/go/a.com/x%0d%0aX: y/@v/list",
            "/go/a.com\\x/@v/list",
            "/go/a.com/%2521azure/@v/list",
            "/go/a.com/x/@v/%252e%252e.info",
            "/go/a.com/%ff/@v/list",
            "go/a.com/x/@v/list",
            long.as_str(),
        ] {
            assert_eq!(shown(target), "Hostile", "{target}");
        }
    }
}
