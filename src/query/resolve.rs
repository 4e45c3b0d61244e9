//! From a query to one version.

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use anyhow::{Context, Result, bail};

use super::matcher::{Allowed, Matcher, Prefers, is_revision, join};
use super::{Found, Listing, NotFound, Repo, Retractions, is_not_found};
use crate::module::{Info, ModulePath, Origin, Version, canonical_version, semver};

/// What the main module says about the module that is asked for.
#[derive(Clone, Debug, Default)]
pub struct QueryContext {
    /// The version that the main module requires; `upgrade` and `patch` start from it.
    pub current: Option<String>,
    /// The versions that the main module excludes.
    pub excluded: BTreeSet<String>,
}

/// What the go command writes to the cache when it looks at a version on the way to an answer.
#[derive(Clone, Debug, Default)]
pub struct Metadata {
    /// Content of the `.info` file.
    pub info: Option<Info>,
    /// Content of the `.mod` file.
    pub go_mod: Option<Vec<u8>>,
}

/// The versions that were looked at on the way to one answer, in one source or in several: what the first
/// has told of a version, the others are not asked for.
#[derive(Clone, Debug, Default)]
pub struct Consulted(Rc<RefCell<BTreeMap<Version, Metadata>>>);

/// The answer to a query.
#[derive(Clone, Debug)]
pub struct Resolved {
    /// The version.
    pub version: Version,
    /// What the answer depends on, as `go mod download -json` prints it.
    pub origin: Option<Origin>,
    /// The version's own metadata and those of others that were looked at.
    pub metadata: BTreeMap<Version, Metadata>,
}

/// Resolves queries about one module. Versions and go.mod files that it looked at are not asked for again.
pub struct Resolver<'r> {
    repo: &'r dyn Repo,
    all: OnceCell<Listing>,
    published: OnceCell<Option<Retractions>>,
    /// Who is asked for the newest version, if not the same.
    newest: Option<&'r dyn Fn() -> Option<Version>>,
    consulted: Consulted,
}

impl<'r> Resolver<'r> {
    /// Starts with nothing known.
    pub fn new(repo: &'r dyn Repo) -> Resolver<'r> {
        Resolver {
            repo,
            all: OnceCell::new(),
            published: OnceCell::new(),
            newest: None,
            consulted: Consulted::default(),
        }
    }

    /// Starts with what has been consulted already.
    pub fn knowing(repo: &'r dyn Repo, consulted: &Consulted) -> Resolver<'r> {
        Resolver {
            consulted: consulted.clone(),
            ..Resolver::new(repo)
        }
    }

    /// Asks somebody else for what [`Resolver::newest`] is: go reads retractions from whichever source is the
    /// first to have them.
    pub fn with_newest(self, newest: &'r dyn Fn() -> Option<Version>) -> Resolver<'r> {
        Resolver {
            newest: Some(newest),
            ..self
        }
    }

    pub(super) fn path(&self) -> &ModulePath {
        self.repo.path()
    }

    /// Resolves a version query as `go mod download path@query` does.
    ///
    /// # Errors
    /// A query without a meaning, without a matching version, or for a version that is refused. Source of
    /// the rules: `queryProxy` in `cmd/go/internal/modload/query.go`, and the Go Modules Reference,
    /// "Version queries".
    pub fn resolve(&self, query: &str, context: &QueryContext) -> Result<Resolved> {
        self.complete(self.find(query, context)?)
    }

    /// Does the first half of [`Resolver::resolve`]: finds the version. Of several sources one does this, and the
    /// answer stands even if none has the go.mod.
    ///
    /// # Errors
    /// As for [`Resolver::resolve`].
    pub fn find(&self, query: &str, context: &QueryContext) -> Result<Info> {
        if query.starts_with(['-', '/']) {
            bail!("invalid module version {query:?}");
        }
        let allowed = if is_revision(query) {
            Allowed::All
        } else {
            Allowed::Proper
        };
        self.query(query, context, allowed)
    }

    /// Does the second half: reads the go.mod of the version that was found.
    ///
    /// # Errors
    /// As for [`Repo::go_mod`].
    pub fn complete(&self, answer: Info) -> Result<Resolved> {
        self.consulted_go_mod(&answer.version)?;
        Ok(Resolved {
            version: answer.version,
            origin: answer.origin,
            metadata: self.consulted.0.take(),
        })
    }

    /// Lists the versions as `go list -m -versions` does: without those that the author has retracted and
    /// those that the main module excludes.
    ///
    /// # Errors
    /// Whatever keeps the list from being read.
    pub fn listed(&self, context: &QueryContext) -> Result<Vec<String>> {
        let mut versions = self.versions("")?.versions;
        versions.retain(|version| self.is_proper(version, context));
        Ok(versions)
    }

    /// Tells whether a version is neither excluded nor retracted. Retractions that cannot be read forbid
    /// nothing, as with go.
    pub(super) fn is_proper(&self, version: &str, context: &QueryContext) -> bool {
        !context.excluded.contains(version)
            && !self
                .published_retractions()
                .is_some_and(|retractions| retractions.contain(version))
    }

    fn query(&self, query: &str, context: &QueryContext, allowed: Allowed) -> Result<Info> {
        let Some(matcher) = Matcher::new(self, query, context, allowed)? else {
            return self.stat_query(query);
        };
        let Listing { versions, origin } = self.versions(&matcher.prefix)?;
        let (releases, prereleases) = matcher.filter(&versions)?;
        let pick = |list: &[String]| match matcher.prefers {
            Prefers::Lowest => list.first().cloned(),
            Prefers::Highest => list.last().cloned(),
        };
        if let Some(version) = pick(&releases).or_else(|| pick(&prereleases)) {
            return matcher.look_up(&version, origin);
        }
        let mut reason = None;
        if matcher.may_use_head {
            match self.consulted_latest() {
                Ok(head) if matcher.allows(head.version.as_str()) => {
                    return matcher.look_up(head.version.as_str(), join(origin, &head));
                }
                Ok(_) => {}
                Err(error) if is_not_found(&error) => reason = Some(error),
                Err(error) => return Err(error),
            }
        }
        if matches!(query, "upgrade" | "patch")
            && let Some(current) = &context.current
        {
            return matcher.look_up(current, origin);
        }
        let mut refusal = NotFound::new(format!("no matching versions for query {query:?}"));
        let all = self.versions("").unwrap_or_default().versions;
        refusal.nearest = nearest(all, query);
        refusal.found = Found::OtherVersions;
        Err(match reason {
            Some(reason) => reason.context(refusal),
            None => refusal.into(),
        })
    }

    /// Resolves a query that names one revision; a version with build metadata may mean the one without.
    fn stat_query(&self, query: &str) -> Result<Info> {
        self.consulted_stat(query).or_else(|error| {
            let canonical = canonical_version(query);
            if canonical.is_empty() || canonical == query {
                return Err(error);
            }
            self.consulted_stat(&canonical)
                .map_err(|second| match is_not_found(&second) {
                    true => error,
                    false => second,
                })
        })
    }

    pub(super) fn consulted_stat(&self, query: &str) -> Result<Info> {
        if let Ok(version) = Version::new(query)
            && let Some(Metadata {
                info: Some(info), ..
            }) = self.consulted.0.borrow().get(&version)
        {
            return Ok(info.clone());
        }
        let info = self.repo.stat(query)?;
        self.record(&info.version, |metadata| metadata.info = Some(info.clone()));
        Ok(info)
    }

    fn consulted_latest(&self) -> Result<Info> {
        let info = self.repo.latest()?;
        self.record(&info.version, |metadata| {
            metadata.info.get_or_insert_with(|| info.clone());
        });
        Ok(info)
    }

    pub(super) fn consulted_go_mod(&self, version: &Version) -> Result<Vec<u8>> {
        if let Some(Metadata {
            go_mod: Some(go_mod),
            ..
        }) = self.consulted.0.borrow().get(version)
        {
            return Ok(go_mod.clone());
        }
        let go_mod = self.repo.go_mod(version.as_str())?;
        self.record(version, |metadata| metadata.go_mod = Some(go_mod.clone()));
        Ok(go_mod)
    }

    fn record(&self, version: &Version, change: impl FnOnce(&mut Metadata)) {
        change(
            self.consulted
                .0
                .borrow_mut()
                .entry(version.clone())
                .or_default(),
        );
    }

    /// Resolves `latest` as if no version were retracted.
    ///
    /// # Errors
    /// As for [`Resolver::resolve`].
    pub fn newest(&self) -> Result<Version> {
        let latest = self.query("latest", &QueryContext::default(), Allowed::All)?;
        Ok(latest.version)
    }

    /// Gives the go.mod of the latest version, which may itself be retracted: there an author says which versions he has
    /// withdrawn, and that he advises against the module (`CheckRetractions` in `modload/modfile.go`).
    ///
    /// # Errors
    /// As for [`Resolver::resolve`].
    pub fn newest_go_mod(&self) -> Result<Vec<u8>> {
        let newest = match self.newest {
            Some(newest) => newest().context("the newest version is not known")?,
            None => self.newest()?,
        };
        self.consulted_go_mod(&newest)
    }

    /// Gives the retractions in that go.mod; `None` when they cannot be read.
    fn published_retractions(&self) -> Option<&Retractions> {
        self.published
            .get_or_init(|| Retractions::parse(&self.newest_go_mod().ok()?).ok())
            .as_ref()
    }

    fn versions(&self, prefix: &str) -> Result<Listing> {
        if !prefix.is_empty() {
            return self.repo.versions(prefix);
        }
        if let Some(all) = self.all.get() {
            return Ok(all.clone());
        }
        let all = self.repo.versions("")?;
        Ok(self.all.get_or_init(|| all).clone())
    }
}

/// Picks from the versions in semver order those that come close to what a query names.
pub fn nearest(versions: Vec<String>, query: &str) -> Vec<String> {
    let wanted = query.trim_start_matches(['<', '>', '=']);
    if !semver::is_valid(wanted) {
        return versions.into_iter().rev().take(2).collect();
    }
    let above = versions.partition_point(|version| semver::compare(version, wanted).is_lt());
    let from = above.saturating_sub(1);
    versions.into_iter().skip(from).take(2).collect()
}
