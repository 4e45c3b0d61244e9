//! Whether `go mod tidy` would work offline and find nothing to do.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;

use anyhow::{Result, bail};

use super::{CacheGoMods, CheckOptions, Inspection, Missing, Remedy, absent, problem};
use crate::gomod::Require;
use crate::graph::{GoMods, MainModule, Project};
use crate::module::{ModuleVersion, semver};
use crate::ops::needs::Recorded;
use crate::ops::tidy::{self, Latest, Library, Tidied, Trouble, Written};

/// What the cache has, and nothing else.
struct CacheLibrary<'a> {
    go_mods: CacheGoMods<'a>,
}

/// The files of a version are not in the cache.
#[derive(Debug, thiserror::Error)]
#[error("{module}: no {what} in the cache")]
pub(super) struct NotCached {
    pub(super) module: ModuleVersion,
    pub(super) what: &'static str,
}

/// Nothing in the cache can tell which module has a package.
#[derive(Debug, thiserror::Error)]
#[error("no required module provides it, and go looks for its latest version in the network")]
struct NeedsNetwork;

impl GoMods for CacheLibrary<'_> {
    fn go_mod(&self, module: &ModuleVersion) -> Result<Vec<u8>> {
        self.go_mods.go_mod(module)
    }
}

impl Library for CacheLibrary<'_> {
    fn provide(&self, module: &ModuleVersion, _: NonZeroUsize) -> Result<()> {
        let CacheGoMods { cache, sums } = self.go_mods;
        let state = cache.state(module)?;
        if !state.is_extracted() && !state.zip {
            bail!(NotCached {
                module: module.clone(),
                what: "zip and folder",
            });
        }
        match cache.recorded_sum(module)? {
            Some(sum) => sums.check(module, &sum),
            None => Ok(()),
        }
    }

    fn latest(&self, _: &Latest) -> Result<ModuleVersion> {
        bail!(NeedsNetwork)
    }

    fn go_on(&self) -> Result<()> {
        Ok(())
    }
}

/// Does what `go mod tidy` does with what the cache has.
pub(super) fn tidied(
    options: &CheckOptions,
    project: &Project,
    recorded: &Recorded,
) -> Result<Tidied> {
    let library = CacheLibrary {
        go_mods: CacheGoMods {
            cache: &options.cache,
            sums: &recorded.sums,
        },
    };
    tidy::tidy(project, &library, &options.cache, options.threads)
}

impl Inspection<'_> {
    /// Adds what keeps `go mod tidy` from working, or else what it would change.
    pub(super) fn miss_for_tidy(&self, missing: &mut BTreeSet<Missing>) {
        let (Some(tidied), [main]) = (self.tidied, self.project.modules()) else {
            return;
        };
        missing.extend(tidied.troubles.iter().map(|it| self.trouble(it)));
        if let Some(written) = &tidied.written {
            missing.extend(self.changes_of_go_mod(main, written));
            missing.extend(self.changes_of_go_sum(written));
        }
    }

    fn trouble(&self, trouble: &Trouble) -> Missing {
        let causes = || trouble.error.chain();
        if let Some(NotCached { module, what }) = causes().find_map(|it| it.downcast_ref()) {
            let remedy = match self.needs.metadata.contains(module) {
                true => Remedy::Seed,
                false => Remedy::SeedTidy,
            };
            return Missing {
                remedy,
                ..absent(module, (*what).to_owned())
            };
        }
        let importer = match &trouble.required_by {
            Some(importer) => format!(", imported by {importer}"),
            None => String::new(),
        };
        let subject = format!("{}{importer}", trouble.subject);
        let is_of_network = causes().any(|cause| {
            let no_module = cause.downcast_ref::<tidy::NoModule>();
            no_module.is_some_and(|it| it.refusals.iter().any(|it| it.is::<NeedsNetwork>()))
        });
        if is_of_network {
            return Missing {
                subject,
                what: NeedsNetwork.to_string(),
                remedy: Remedy::SeedTidy,
            };
        }
        let problem = problem(subject, &trouble.error);
        match problem.remedy {
            Remedy::Decide => problem,
            _ => Missing {
                remedy: Remedy::Mend,
                ..problem
            },
        }
    }

    /// Says what tidying changes in go.mod; how that is laid out does not count.
    fn changes_of_go_mod(&self, main: &MainModule, written: &Written) -> Vec<Missing> {
        let mut changes = Vec::new();
        let file = self.project.file().display().to_string();
        let mut change = |what: String| {
            changes.push(Missing {
                subject: file.clone(),
                what,
                remedy: Remedy::Tidy,
            });
        };
        match (&main.go_mod.go, &written.go) {
            (Some(old), Some(new)) if old != new => {
                change(format!("go mod tidy raises the go version to {new}"));
            }
            (None, _) => change("go mod tidy adds a go line".to_owned()),
            _ => {}
        }
        let mut old: BTreeMap<&str, &Require> = BTreeMap::new();
        for require in &main.go_mod.require {
            if let Some(other) = old.insert(&require.path, require) {
                let kept = match semver::compare(&other.version, &require.version).is_lt() {
                    true => require,
                    false => other,
                };
                old.insert(&require.path, kept);
                change(format!(
                    "go mod tidy leaves one requirement of {}",
                    require.path
                ));
            }
        }
        for (path, (version, is_indirect)) in &written.require {
            match old.remove(path.as_str()) {
                None => change(format!("go mod tidy adds the requirement {path} {version}")),
                Some(it) if it.version != *version => {
                    change(format!("go mod tidy requires {path} {version}"));
                }
                Some(it) if it.indirect != *is_indirect => {
                    let word = if *is_indirect {
                        "marks"
                    } else {
                        "does not mark"
                    };
                    change(format!("go mod tidy {word} {path} as indirect"));
                }
                Some(_) => {}
            }
        }
        for path in old.into_keys() {
            change(format!("go mod tidy drops the requirement of {path}"));
        }
        changes
    }

    fn changes_of_go_sum(&self, written: &Written) -> Vec<Missing> {
        let sums = &self.recorded.go_sum;
        let old: BTreeSet<(String, String)> = sums
            .entries()
            .map(|(path, version)| (path.to_owned(), version.to_owned()))
            .collect();
        let of = |(path, version): &(String, String), what: &str| Missing {
            subject: format!("{path}@{version}"),
            what: what.to_owned(),
            remedy: Remedy::Tidy,
        };
        let added = written.sums.difference(&old);
        let dropped = old.difference(&written.sums);
        let added = added.map(|sum| of(sum, "go mod tidy adds its line to go.sum"));
        let dropped = dropped.map(|sum| of(sum, "go mod tidy drops its line from go.sum"));
        added.chain(dropped).collect()
    }
}
