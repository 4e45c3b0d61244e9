//! Which versions of a cache a command is about.

use std::fmt;
use std::str::FromStr;

use anyhow::{Result, bail, ensure};

use crate::cache::Holding;
use crate::module::{ModuleVersion, matches_prefix_patterns};
use crate::query;

/// Nothing in the cache is meant: it is mistyped, or the cache another one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{subject}: nothing of it is in the cache")]
pub struct Absent {
    /// What was asked for.
    pub subject: String,
    /// What the cache has that is like it.
    pub nearest: Vec<String>,
}

impl Absent {
    /// Tells of a selector that is about none of these versions.
    pub(super) fn of(selector: &Selector, holdings: &[Holding]) -> Absent {
        Absent {
            subject: selector.to_string(),
            nearest: nearest(holdings, selector),
        }
    }
}

/// A module path, a pattern for several, or one version.
///
/// `example.com/m` is this module, `example.com/m@v1.0.0` this version, `example.com/...` all modules at or below
/// `example.com`, and a pattern with `*`, `?` or `[` one as in GOPRIVATE: it stands for the modules below as well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selector {
    path: String,
    version: Option<String>,
}

impl Selector {
    /// Tells whether it is about a version.
    pub fn matches(&self, module: &ModuleVersion) -> bool {
        let path = module.path.as_str();
        let is_path = match self.path.strip_suffix("/...") {
            Some(root) => is_at_or_below(path, root),
            None if self.is_pattern() => matches_prefix_patterns(&self.path, path),
            None => path == self.path,
        };
        let version = self.version.as_deref();
        is_path && version.is_none_or(|version| version == module.version.as_str())
    }

    /// Tells whether it can be about several modules.
    pub fn is_pattern(&self) -> bool {
        self.path.ends_with("/...") || self.path.contains(['*', '?', '['])
    }

    /// The version, where it names one.
    pub fn version(&self) -> Option<&str> {
        self.version.as_deref()
    }

    /// The same without a version.
    pub(super) fn of_all_versions(&self) -> Selector {
        Selector {
            path: self.path.clone(),
            version: None,
        }
    }

    /// The path or pattern.
    pub fn path(&self) -> &str {
        &self.path
    }
}

fn is_at_or_below(path: &str, root: &str) -> bool {
    path.strip_prefix(root)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Keeps the versions that any of the selectors is about; no selectors at all are about every one.
///
/// # Errors
/// [`Absent`].
pub(super) fn select(selectors: &[Selector], mut holdings: Vec<Holding>) -> Result<Vec<Holding>> {
    for selector in selectors {
        ensure!(
            holdings.iter().any(|it| selector.matches(&it.module)),
            Absent::of(selector, &holdings)
        );
    }
    let is_selected = |holding: &Holding| selectors.iter().any(|it| it.matches(&holding.module));
    holdings.retain(|holding| selectors.is_empty() || is_selected(holding));
    Ok(holdings)
}

/// Lists a few versions in the cache that are like one that is not there: of the same module, or else of modules whose
/// paths end alike.
fn nearest(holdings: &[Holding], selector: &Selector) -> Vec<String> {
    const SHOWN: usize = 3;
    let modules = || holdings.iter().map(|holding| &holding.module);
    let same = modules().filter(|module| module.path.as_str() == selector.path());
    let versions: Vec<String> = same.map(|module| module.version.to_string()).collect();
    if !versions.is_empty() {
        let wanted = selector.version().unwrap_or_default();
        let versions = query::nearest(versions, wanted).into_iter();
        return versions
            .map(|version| format!("{}@{version}", selector.path()))
            .collect();
    }
    let last = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
    let wanted = last(selector.path());
    let alike = modules().filter(|module| last(module.path.as_str()) == wanted);
    alike.map(ToString::to_string).take(SHOWN).collect()
}

impl From<&ModuleVersion> for Selector {
    fn from(module: &ModuleVersion) -> Selector {
        Selector {
            path: module.path.to_string(),
            version: Some(module.version.to_string()),
        }
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.version {
            Some(version) => write!(formatter, "{}@{version}", self.path),
            None => formatter.write_str(&self.path),
        }
    }
}

impl FromStr for Selector {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Selector> {
        let (path, version) = match text.split_once('@') {
            Some((path, version)) => (path, Some(version.to_owned())),
            None => (text, None),
        };
        if path.is_empty() || version.as_ref().is_some_and(String::is_empty) {
            bail!("{text:?} names no module: write MODULE, MODULE@VERSION or a pattern");
        }
        Ok(Selector {
            path: path.to_owned(),
            version,
        })
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::collections::BTreeMap;

    use super::*;

    pub(in crate::ops) fn holdings(names: &[&str]) -> Vec<Holding> {
        let holding = |name: &&str| {
            let (path, version) = name.split_once('@').unwrap();
            Holding {
                module: ModuleVersion {
                    path: path.parse().unwrap(),
                    version: version.parse().unwrap(),
                },
                files: BTreeMap::new(),
                folder: false,
            }
        };
        names.iter().map(holding).collect()
    }

    #[test]
    fn a_selector_names_a_version_a_module_or_several() {
        let module = |path: &str, version: &str| ModuleVersion {
            path: path.parse().unwrap(),
            version: version.parse().unwrap(),
        };
        let text = module("golang.org/x/text", "v0.3.0");
        let gopls = module("golang.org/x/tools/gopls", "v0.3.0");
        for (selector, has_text, has_gopls) in [
            ("golang.org/x/text", true, false),
            ("golang.org/x/text@v0.3.0", true, false),
            ("golang.org/x/text@v0.3.1", false, false),
            ("golang.org/x/tex", false, false),
            ("golang.org/x/...", true, true),
            ("golang.org/x/t...", false, false),
            ("golang.org/x/text/...", true, false),
            ("golang.org/x/*", true, true),
            ("golang.org/x/t*s", false, true),
            ("*/x/*@v0.3.0", true, true),
        ] {
            let selector: Selector = selector.parse().unwrap();
            let found = (selector.matches(&text), selector.matches(&gopls));
            assert_eq!(found, (has_text, has_gopls), "{selector:?}");
        }
        assert!("@v1.0.0".parse::<Selector>().is_err());
        assert!("example.com/m@".parse::<Selector>().is_err());
    }

    #[test]
    fn what_is_like_it_is_told() {
        let holdings = holdings(&[
            "example.com/a@v1.0.0",
            "example.com/a@v1.1.0",
            "example.com/a@v1.2.0",
            "example.org/deep/a@v0.1.0",
            "example.org/b@v0.1.0",
        ]);
        for (selector, expected) in [
            (
                "example.com/a@v1.0.5",
                &["example.com/a@v1.0.0", "example.com/a@v1.1.0"][..],
            ),
            (
                "example.net/a",
                &[
                    "example.com/a@v1.0.0",
                    "example.com/a@v1.1.0",
                    "example.com/a@v1.2.0",
                ],
            ),
            ("example.com/b@v0.2.0", &["example.org/b@v0.1.0"]),
            ("example.com/none", &[]),
        ] {
            let found = nearest(&holdings, &selector.parse().unwrap());
            assert_eq!(found, expected, "{selector}");
        }
    }
}
