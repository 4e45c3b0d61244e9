//! What to do next, told from the kind of an error.

use crate::checksum::Mismatch;
use crate::coderepo::{AmbiguousRoot, NotFound};
use crate::ops::NoMirror;

/// Gives the hints for an error.
pub(super) fn of(error: &anyhow::Error) -> Vec<String> {
    error.chain().filter_map(hint).collect()
}

fn hint(cause: &(dyn std::error::Error + 'static)) -> Option<String> {
    if let Some(refusal) = cause.downcast_ref::<NotFound>() {
        if let Some(root) = &refusal.looked_under {
            return Some(format!(
                "this takes {root} for the path at the root of the repository; if it is another: --mirror PREFIX=REPO"
            ));
        }
        let nearest = refusal.nearest.join(", ");
        return (!nearest.is_empty())
            .then(|| format!("nearest versions in this mirror: {nearest}"));
    }
    if let Some(ambiguous) = cause.downcast_ref::<AmbiguousRoot>() {
        let forms: Vec<String> = ambiguous
            .candidates
            .iter()
            .map(|root| format!("--mirror {root}=REPO"))
            .collect();
        return Some(format!(
            "name the path at the root of the repository: {}",
            forms.join(" or ")
        ));
    }
    if let Some(unknown) = cause.downcast_ref::<NoMirror>() {
        return Some(format!(
            "name its repository: --mirror PREFIX=REPO, with a PREFIX of {}",
            unknown.path
        ));
    }
    if cause.is::<Mismatch>() {
        return Some(
            "the mirror has other content than was recorded: the tag may have been moved, or this is another repository".to_owned(),
        );
    }
    None
}
