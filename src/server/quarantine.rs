//! Versions that must have an age before they are served: the age of the newest is found out before they are listed.

use std::sync::Arc;

use tokio::task::spawn_blocking;

use super::catalog::Catalog;
use super::fetcher::Fetcher;
use super::policy::Objection;
use super::route::{Asked, Part};
use super::upstream::Said;
use crate::module::{ModulePath, ModuleVersion, semver};

/// How many versions are asked for their age for one list.
const MOST_ASKED: usize = 50;

/// Has `.info` of the newest versions of a module stored, one after the other, until a release is old enough: that
/// is the one which go takes for the latest, and those below it have their age found out when they are wanted.
pub(super) async fn find_out_ages(catalog: &Arc<Catalog>, fetcher: &Fetcher, path: &ModulePath) {
    if !catalog.wants_ages() {
        return;
    }
    let Said::Versions(versions) = fetcher.said(&Asked::List(path.clone())).await else {
        return;
    };
    let mut versions = versions.to_vec();
    versions.sort();
    for version in versions.into_iter().rev().take(MOST_ASKED) {
        let is_release = semver::prerelease(version.as_str()).is_empty();
        let module = ModuleVersion {
            path: path.clone(),
            version,
        };
        let mut objection = objection(catalog, &module).await;
        if objection == Some(Objection::Unknown) && fetcher.fetch(&module, Part::Info).await.is_ok()
        {
            objection = self::objection(catalog, &module).await;
        }
        if objection.is_none() && is_release {
            return;
        }
    }
}

async fn objection(catalog: &Arc<Catalog>, module: &ModuleVersion) -> Option<Objection> {
    let (catalog, module) = (Arc::clone(catalog), module.clone());
    let found = spawn_blocking(move || catalog.objection(&module)).await;
    found.unwrap_or(Some(Objection::Unknown))
}
