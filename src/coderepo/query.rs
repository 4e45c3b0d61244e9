//! Version queries: from `latest`, `v1.2`, `>=v1.3.0` or a revision to one version.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, bail};

use super::versions::Retractions;
use super::{CodeRepo, NotFound};
use crate::module::pseudo::{self, PseudoVersion};
use crate::module::{Info, Origin, Version, canonical_version, semver};

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

/// The versions that were looked at.
pub(super) type Consulted = BTreeMap<Version, Metadata>;

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

/// Which versions a query may choose.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Allowed {
    All,
    /// Neither excluded by the main module nor retracted.
    Proper,
}

impl CodeRepo<'_> {
    /// Resolves a version query as `go mod download path@query` does.
    ///
    /// # Errors
    /// A query without a meaning, without a matching version, or for a version that is refused. Source of
    /// the rules: `queryProxy` in `cmd/go/internal/modload/query.go`, and the Go Modules Reference,
    /// "Version queries".
    pub fn resolve(&self, query: &str, context: &QueryContext) -> Result<Resolved> {
        self.consulted.borrow_mut().clear();
        if query.starts_with(['-', '/']) {
            bail!("invalid module version {query:?}");
        }
        let allowed = if is_revision(query) {
            Allowed::All
        } else {
            Allowed::Proper
        };
        let answer = self.query(query, context, allowed)?;
        self.consulted_go_mod(&answer.version)?;
        Ok(Resolved {
            version: answer.version,
            origin: answer.origin,
            metadata: self.consulted.take(),
        })
    }

    /// Lists the versions as `go list -m -versions` does: without those that the author has retracted and
    /// those that the main module excludes.
    ///
    /// # Errors
    /// A mirror that cannot be read.
    pub fn listed(&self, context: &QueryContext) -> Result<Vec<String>> {
        let mut versions = self.versions("")?;
        versions.retain(|version| self.is_proper(version, context));
        Ok(versions)
    }

    /// Tells whether a version is neither excluded nor retracted. Retractions that cannot be read forbid
    /// nothing, as with go.
    fn is_proper(&self, version: &str, context: &QueryContext) -> bool {
        !context.excluded.contains(version)
            && !self
                .published_retractions()
                .is_some_and(|retractions| retractions.contain(version))
    }

    fn query(&self, query: &str, context: &QueryContext, allowed: Allowed) -> Result<Info> {
        let Some(matcher) = Matcher::new(self, query, context, allowed)? else {
            return self.stat_query(query);
        };
        let versions = self.versions(&matcher.prefix)?;
        let origin = self.origin_of_tags(&matcher.prefix);
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
                Err(error) if super::revision::is_not_found(&error) => reason = Some(error),
                Err(error) => return Err(error),
            }
        }
        if matches!(query, "upgrade" | "patch")
            && let Some(current) = &context.current
        {
            return matcher.look_up(current, origin);
        }
        let mut refusal = NotFound::new(format!("no matching versions for query {query:?}"));
        refusal.nearest = self.nearest(query);
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
            self.consulted_stat(&canonical).map_err(|_| error)
        })
    }

    fn consulted_stat(&self, query: &str) -> Result<Info> {
        if let Ok(version) = Version::new(query)
            && let Some(Metadata {
                info: Some(info), ..
            }) = self.consulted.borrow().get(&version)
        {
            return Ok(info.clone());
        }
        let info = self.stat(query)?;
        self.record(&info.version, |metadata| metadata.info = Some(info.clone()));
        Ok(info)
    }

    fn consulted_latest(&self) -> Result<Info> {
        let info = self.latest()?;
        self.record(&info.version, |metadata| {
            metadata.info.get_or_insert_with(|| info.clone());
        });
        Ok(info)
    }

    fn consulted_go_mod(&self, version: &Version) -> Result<Vec<u8>> {
        let go_mod = self.go_mod(version.as_str())?;
        self.record(version, |metadata| metadata.go_mod = Some(go_mod.clone()));
        Ok(go_mod)
    }

    fn record(&self, version: &Version, change: impl FnOnce(&mut Metadata)) {
        change(
            self.consulted
                .borrow_mut()
                .entry(version.clone())
                .or_default(),
        );
    }

    /// Gives the retractions in the go.mod of the latest version, which may itself be retracted; `None`
    /// when they cannot be read.
    fn published_retractions(&self) -> Option<&Retractions> {
        self.published
            .get_or_init(|| {
                let latest = self
                    .query("latest", &QueryContext::default(), Allowed::All)
                    .ok()?;
                Retractions::parse(&self.consulted_go_mod(&latest.version).ok()?).ok()
            })
            .as_ref()
    }

    /// Adds to an error about a version that does not exist those that come close.
    pub(super) fn with_nearest(&self, query: &str, error: anyhow::Error) -> anyhow::Error {
        match error.downcast::<NotFound>() {
            Ok(mut refusal) => {
                refusal.nearest = self.nearest(query);
                refusal.into()
            }
            Err(error) => error,
        }
    }

    fn nearest(&self, query: &str) -> Vec<String> {
        let wanted = query.trim_start_matches(['<', '>', '=']);
        let versions = self.versions("").unwrap_or_default();
        if !semver::is_valid(wanted) {
            return versions.into_iter().rev().take(2).collect();
        }
        let above = versions.partition_point(|version| semver::compare(version, wanted).is_lt());
        let from = above.saturating_sub(1);
        versions.into_iter().skip(from).take(2).collect()
    }
}

/// Tells whether a query names one revision, rather than choosing among versions.
fn is_revision(query: &str) -> bool {
    !(matches!(query, "latest" | "upgrade" | "patch")
        || query.starts_with(['<', '>'])
        || semver::is_valid(query) && is_prefix(query))
}

/// Tells whether a valid version is only `vN` or `vN.M`.
fn is_prefix(version: &str) -> bool {
    !version.contains(['-', '+']) && version.matches('.').count() < 2
}

fn join(origin: Option<Origin>, info: &Info) -> Option<Origin> {
    origin?.merge(info.origin.as_ref()?)
}

#[derive(Clone, Copy)]
enum Prefers {
    Highest,
    Lowest,
}

/// The condition that a query puts on versions (`queryMatcher` in `modload/query.go`).
struct Matcher<'c, 'm> {
    module: &'c CodeRepo<'m>,
    query: &'c str,
    context: &'c QueryContext,
    allowed: Allowed,
    prefix: String,
    bound: Option<(Bound, String)>,
    prefers: Prefers,
    may_use_head: bool,
    prefers_incompatible: bool,
}

#[derive(Clone, Copy)]
enum Bound {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl<'c, 'm> Matcher<'c, 'm> {
    /// Reads a query; `None` for one that names a revision.
    fn new(
        module: &'c CodeRepo<'m>,
        query: &'c str,
        context: &'c QueryContext,
        allowed: Allowed,
    ) -> Result<Option<Matcher<'c, 'm>>> {
        let current = context.current.as_deref();
        let mut matcher = Matcher {
            module,
            query,
            context,
            allowed,
            prefix: String::new(),
            bound: None,
            prefers: Prefers::Highest,
            may_use_head: false,
            prefers_incompatible: current.is_some_and(|current| current.ends_with("+incompatible")),
        };
        match (query, current) {
            ("latest", _) | ("upgrade", None) => matcher.may_use_head = true,
            ("patch", None) => bail!(
                "can't query version \"patch\" of module {}: no existing version is required",
                module.path()
            ),
            ("upgrade" | "patch", Some(current)) => {
                matcher.may_use_head = pseudo::is_pseudo_version(current);
                matcher.bound = Some((Bound::GreaterOrEqual, current.to_owned()));
                if query == "patch" {
                    matcher.prefix = format!("{}.", semver::major_minor(current));
                }
            }
            _ if query.starts_with(['<', '>']) => matcher.read_range()?,
            _ if semver::is_valid(query) && is_prefix(query) => {
                matcher.prefix = format!("{query}.");
                // `v1.2` must not match `v1.2.0-pre` (golang.org/issue/31972).
                matcher.bound = Some((Bound::GreaterOrEqual, query.to_owned()));
                matcher.prefer_incompatible_for(query);
            }
            _ => return Ok(None),
        }
        Ok(Some(matcher))
    }

    fn read_range(&mut self) -> Result<()> {
        let query = self.query;
        let (bound, version) = if let Some(version) = query.strip_prefix("<=") {
            (Bound::LessOrEqual, version)
        } else if let Some(version) = query.strip_prefix(">=") {
            (Bound::GreaterOrEqual, version)
        } else if let Some(version) = query.strip_prefix('<') {
            (Bound::Less, version)
        } else {
            (Bound::Greater, query.trim_start_matches('>'))
        };
        if !semver::is_valid(version) {
            bail!("invalid semantic version {version:?} in range {query:?}");
        }
        // Nobody can tell whether `<=v1.2` means `v1.2.3`, too.
        if matches!(bound, Bound::LessOrEqual | Bound::Greater) && is_prefix(version) {
            bail!("ambiguous semantic version {version:?} in range {query:?}");
        }
        if matches!(bound, Bound::Greater | Bound::GreaterOrEqual) {
            self.prefers = Prefers::Lowest;
        }
        self.bound = Some((bound, version.to_owned()));
        self.prefer_incompatible_for(version);
        Ok(())
    }

    fn prefer_incompatible_for(&mut self, version: &str) {
        if !self.module.place.major().matches(version) {
            self.prefers_incompatible = true;
        }
    }

    fn allows(&self, version: &str) -> bool {
        let within = self.bound.as_ref().is_none_or(|(bound, limit)| {
            let order = semver::compare(version, limit);
            match bound {
                Bound::Less => order.is_lt(),
                Bound::LessOrEqual => order.is_le(),
                Bound::Greater => order.is_gt(),
                Bound::GreaterOrEqual => order.is_ge(),
            }
        });
        within
            && version.starts_with(&self.prefix)
            && (self.allowed == Allowed::All || self.module.is_proper(version, self.context))
    }

    /// Sorts the versions that match into releases and pre-releases, leaving out `+incompatible` ones where
    /// a compatible one has a go.mod and none was asked for (golang.org/issue/34165).
    fn filter(&self, versions: &[String]) -> Result<(Vec<String>, Vec<String>)> {
        let (mut releases, mut prereleases) = (Vec::new(), Vec::new());
        let mut needs_incompatible = self.prefers_incompatible;
        let mut last_compatible: Option<&String> = None;
        for version in versions.iter().filter(|version| self.allows(version)) {
            if !needs_incompatible {
                if !version.ends_with("+incompatible") {
                    last_compatible = Some(version);
                } else if let Some(last) = last_compatible {
                    let go_mod = self.module.consulted_go_mod(&Version::new(last)?)?;
                    if go_mod != super::find::legacy_go_mod(&self.module.place) {
                        break;
                    }
                    needs_incompatible = true;
                }
            }
            if semver::prerelease(version).is_empty() {
                releases.push(version.clone());
            } else {
                prereleases.push(version.clone());
            }
        }
        Ok((releases, prereleases))
    }

    fn look_up(&self, version: &str, origin: Option<Origin>) -> Result<Info> {
        let info = self.module.consulted_stat(version)?;
        let origin = join(origin, &info);
        // From a pseudo-version nobody wants to "upgrade" to what is older in time.
        if matches!(self.query, "upgrade" | "patch")
            && let Some(current) = &self.context.current
            && let Ok(current_time) = PseudoVersion::parse(current).and_then(|parts| parts.time())
            && info.time < current_time
        {
            let info = self.module.consulted_stat(current)?;
            let origin = join(origin, &info);
            return Ok(Info { origin, ..info });
        }
        Ok(Info { origin, ..info })
    }
}
