//! The condition that a query puts on versions.

use anyhow::{Result, bail};

use super::{QueryContext, Resolver};
use crate::gomod;
use crate::module::pseudo::{self, PseudoVersion};
use crate::module::{Info, Origin, Time, Version, semver};

/// Which versions a query may choose.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Allowed {
    /// Every one.
    All,
    /// Neither excluded by the main module nor retracted.
    Proper,
}

/// Tells whether a query names one revision, rather than choosing among versions.
pub(super) fn is_revision(query: &str) -> bool {
    !(matches!(query, "latest" | "upgrade" | "patch")
        || query.starts_with(['<', '>'])
        || semver::is_valid(query) && is_prefix(query))
}

/// Tells whether a valid version is only `vN` or `vN.M`.
fn is_prefix(version: &str) -> bool {
    !version.contains(['-', '+']) && version.matches('.').count() < 2
}

pub(super) fn join(origin: Option<Origin>, info: &Info) -> Option<Origin> {
    origin?.merge(info.origin.as_ref()?)
}

#[derive(Clone, Copy)]
pub(super) enum Prefers {
    Highest,
    Lowest,
}

/// The condition that a query puts on versions (`queryMatcher` in `modload/query.go`).
pub(super) struct Matcher<'c, 'r> {
    resolver: &'c Resolver<'r>,
    query: &'c str,
    context: &'c QueryContext,
    allowed: Allowed,
    pub(super) prefix: String,
    bound: Option<(Bound, String)>,
    pub(super) prefers: Prefers,
    pub(super) may_use_head: bool,
    prefers_incompatible: bool,
}

#[derive(Clone, Copy)]
enum Bound {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl<'c, 'r> Matcher<'c, 'r> {
    /// Reads a query; `None` for one that names a revision.
    pub(super) fn new(
        resolver: &'c Resolver<'r>,
        query: &'c str,
        context: &'c QueryContext,
        allowed: Allowed,
    ) -> Result<Option<Matcher<'c, 'r>>> {
        let current = context.current.as_deref();
        let mut matcher = Matcher {
            resolver,
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
                resolver.path()
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
        if !self.resolver.path().split_major().1.matches(version) {
            self.prefers_incompatible = true;
        }
    }

    pub(super) fn allows(&self, version: &str) -> bool {
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
            && (self.allowed == Allowed::All || self.resolver.is_proper(version, self.context))
    }

    /// Sorts the versions that match into releases and pre-releases, leaving out `+incompatible` ones where
    /// a compatible one has a go.mod and none was asked for (golang.org/issue/34165).
    pub(super) fn filter(&self, versions: &[String]) -> Result<(Vec<String>, Vec<String>)> {
        let (mut releases, mut prereleases) = (Vec::new(), Vec::new());
        let mut needs_incompatible = self.prefers_incompatible;
        let mut last_compatible: Option<&String> = None;
        for version in versions.iter().filter(|version| self.allows(version)) {
            if !needs_incompatible {
                if !version.ends_with("+incompatible") {
                    last_compatible = Some(version);
                } else if let Some(last) = last_compatible {
                    let go_mod = self.resolver.consulted_go_mod(&Version::new(last)?)?;
                    if go_mod != gomod::made_up(self.resolver.path()) {
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

    pub(super) fn look_up(&self, version: &str, origin: Option<Origin>) -> Result<Info> {
        let info = self.resolver.consulted_stat(version)?;
        let origin = join(origin, &info);
        // From a pseudo-version nobody wants to "upgrade" to what is older in time.
        if matches!(self.query, "upgrade" | "patch")
            && let Some(current) = &self.context.current
            && let Ok(current_time) = PseudoVersion::parse(current).and_then(|parts| parts.time())
            && info.time != Time::default()
            && info.time < Time::from_unix(current_time)
        {
            let info = self.resolver.consulted_stat(current)?;
            let origin = join(origin, &info);
            return Ok(Info { origin, ..info });
        }
        Ok(Info { origin, ..info })
    }
}
