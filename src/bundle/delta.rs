//! What one has and another has not.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;

use super::manifest::{Manifest, PackedFile, PackedModule};
use crate::checksum::{Mismatch, Part};
use crate::module::ModuleVersion;

/// Leaves out of `ours` what those have who have `theirs`: versions with the same sums and no file less, and the
/// same files of checksum databases.
pub(super) fn difference(ours: Manifest, theirs: &Manifest) -> Result<Manifest> {
    let known: BTreeMap<&ModuleVersion, &PackedModule> = theirs
        .modules
        .iter()
        .map(|packed| (&packed.module, packed))
        .collect();
    let mut modules = Vec::new();
    for packed in ours.modules {
        match known.get(&packed.module) {
            Some(known) if covers(known, &packed)? => {}
            _ => modules.push(packed),
        }
    }
    let files: BTreeSet<&PackedFile> = theirs.databases.iter().collect();
    let databases = ours.databases.into_iter();
    Ok(Manifest {
        databases: databases.filter(|file| !files.contains(file)).collect(),
        modules,
        ..ours
    })
}

fn covers(theirs: &PackedModule, ours: &PackedModule) -> Result<bool> {
    let sums = [
        (Part::GoMod, &theirs.go_mod_sum, &ours.go_mod_sum),
        (Part::Zip, &theirs.sum, &ours.sum),
    ];
    for (part, theirs, found) in sums {
        if let (Some(recorded), Some(found)) = (theirs, found)
            && recorded != found
        {
            return Err(Mismatch {
                module: ours.module.clone(),
                part,
                found: found.clone(),
                recorder: "the manifest of the receiver".to_owned(),
                recorded: recorded.clone(),
                reasons: vec![
                    "one of the two has what nobody else has: gomodcache verify, with a go.sum, tells which"
                        .to_owned(),
                ],
            }
            .into());
        }
    }
    Ok(ours
        .files
        .keys()
        .all(|file| theirs.files.contains_key(file)))
}
