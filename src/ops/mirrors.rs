//! Which rule says where a module comes from, and why.

use anyhow::Result;

use super::NoMirror;
use crate::module::ModulePath;
use crate::source::{Mirrors, RepositorySource, RuleOrigin, Source};

/// Where a module comes from.
#[derive(Debug)]
pub struct Explanation {
    /// The module path.
    pub path: ModulePath,
    /// The pattern of the rule that applies; `None` for a `--mirror` without a prefix.
    pub pattern: Option<String>,
    /// Where that rule is written.
    pub origin: RuleOrigin,
    /// What each `*` of the pattern stands for.
    pub captures: Vec<String>,
    /// The sources, in the order in which they are tried.
    pub sources: Vec<ExplainedSource>,
    /// Rules that match as well, but come later.
    pub passed_over: Vec<(String, RuleOrigin)>,
}

/// A source, and what is known of it beforehand.
#[derive(Debug)]
pub enum ExplainedSource {
    /// A repository.
    Repository(PlaceInRepository),
    /// Module proxies, as GOPROXY lists them, without passwords.
    Proxies(String),
    /// What the host of the module path says.
    Host,
}

/// A repository and what is known beforehand of the module's place in it.
#[derive(Debug)]
pub struct PlaceInRepository {
    /// The repository, or why its name means none.
    pub repository: Result<String, String>,
    /// The path at the root of the repository and the module's folder in it (without a folder `vN`);
    /// `None` where tags and go.mod files must tell.
    pub place: Option<(String, String)>,
}

/// Tells which rule applies to a module.
///
/// # Errors
/// [`NoMirror`] when nothing is known of the module, [`crate::source::Denied`], a path on a forge that is no
/// repository there.
pub fn explain(mirrors: &Mirrors, path: &ModulePath) -> Result<Explanation> {
    let Some(choice) = mirrors.choose(path)? else {
        return Err(NoMirror { path: path.clone() }.into());
    };
    let matching = mirrors
        .rules()
        .filter(|rule| rule.pattern.matches(path).is_some())
        .map(|rule| (rule.pattern.to_string(), rule.origin.clone()));
    let passed_over = match choice.origin {
        RuleOrigin::CommandLine => matching.collect(),
        _ => matching.skip(1).collect(),
    };
    Ok(Explanation {
        path: path.clone(),
        sources: choice
            .sources
            .iter()
            .map(|source| explained(source, path))
            .collect::<Result<_>>()?,
        pattern: choice.pattern,
        origin: choice.origin,
        captures: choice.captures,
        passed_over,
    })
}

fn explained(source: &Source, path: &ModulePath) -> Result<ExplainedSource> {
    Ok(match source {
        Source::Repository(repository) => ExplainedSource::Repository(place(repository, path)?),
        Source::Proxies(list) => ExplainedSource::Proxies(list.to_string()),
        Source::Host => ExplainedSource::Host,
    })
}

fn place(source: &RepositorySource, path: &ModulePath) -> Result<PlaceInRepository> {
    let place = source.known_place(path)?;
    Ok(PlaceInRepository {
        repository: match &source.location {
            Ok(location) => Ok(location.to_string()),
            Err(error) => Err(format!("{error:#}")),
        },
        place: place.map(|place| (place.root().to_owned(), place.folder().to_owned())),
    })
}
