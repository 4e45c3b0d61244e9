//! What to do next, told from the kind of an error.

use crate::bundle::{DamagedPart, Untrusted};
use crate::checksum::Mismatch;
use crate::checksum::sumdb::{Misbehavior, SecurityError, Unlisted};
use crate::coderepo::AmbiguousRoot;
use crate::module::ModulePath;
use crate::ops::{ALL_VERSIONS, Absent, AllRefused, DamagedInCache, Incomplete, NoMirror, Unclear};
use crate::query::NotFound;
use crate::source::{Denied, RULES_FILE};

/// Gives the hints for an error.
pub(super) fn of(error: &anyhow::Error) -> Vec<String> {
    match error.downcast_ref::<AllRefused>() {
        Some(all) => all.refusals.iter().flat_map(of).collect(),
        None => error.chain().flat_map(hints).collect(),
    }
}

fn hints(cause: &(dyn std::error::Error + 'static)) -> Vec<String> {
    if let Some(refusal) = cause.downcast_ref::<NotFound>() {
        let root = refusal.looked_under.as_ref().map(|root| {
            format!(
                "{root} is taken for the path at the root of the repository; if it is another, name it: --mirror PREFIX=REPO"
            )
        });
        let nearest = refusal.nearest.join(", ");
        let nearest =
            (!nearest.is_empty()).then(|| format!("nearest versions in this mirror: {nearest}"));
        return nearest.into_iter().chain(root).collect();
    }
    if let Some(ambiguous) = cause.downcast_ref::<AmbiguousRoot>() {
        return vec![root_to_name(ambiguous)];
    }
    if let Some(unknown) = cause.downcast_ref::<NoMirror>() {
        return rule_to_add(&unknown.path);
    }
    if let Some(Absent { nearest, .. }) = cause.downcast_ref::<Absent>() {
        return vec![match nearest.as_slice() {
            [] => "gomodcache list tells what the cache has".to_owned(),
            nearest => format!("the cache has {}", nearest.join(", ")),
        }];
    }
    if let Some(unclear) = cause.downcast_ref::<Unclear>() {
        return unclear_hints(unclear);
    }
    if let Some(mismatch) = cause.downcast_ref::<Mismatch>() {
        if !mismatch.reasons.is_empty() {
            return mismatch.reasons.clone();
        }
        return vec![
            "the mirror has other content than was recorded: the tag may have been moved, or this is another repository".to_owned(),
        ];
    }
    if let Some(security) = cause.downcast_ref::<SecurityError>() {
        return vec![security_hint(security)];
    }
    if let Some(untrusted) = cause.downcast_ref::<Untrusted>() {
        return vec![trust_hint(untrusted).to_owned()];
    }
    if let Some(unlisted) = cause.downcast_ref::<Unlisted>() {
        return vec![format!(
            "if {} is private, name it in GOPRIVATE or GONOSUMDB: its name has been sent to {}",
            unlisted.module.path, unlisted.database
        )];
    }
    plain_hint(cause).map(str::to_owned).into_iter().collect()
}

/// Gives the hint for an error whose kind tells all.
fn plain_hint(cause: &(dyn std::error::Error + 'static)) -> Option<&'static str> {
    if cause.is::<Incomplete>() {
        return Some("gomodcache seed fetches it");
    }
    if cause.is::<DamagedInCache>() {
        return Some(
            "gomodcache verify tells what is wrong in the cache, and with --repair mends it",
        );
    }
    if cause.is::<Denied>() {
        return Some("change the rule, or name a repository with --mirror, which comes first");
    }
    if cause.is::<DamagedPart>() {
        return Some(
            "only this part has to be carried again; what was unpacked of the others stays",
        );
    }
    None
}

fn trust_hint(error: &Untrusted) -> &'static str {
    match error {
        Untrusted::Unsigned => {
            "`gomodcache pack --sign KEY` makes a signed bundle; without --trust anybody's is taken"
        }
        Untrusted::Broken(_) => {
            "nothing of it was accepted; its manifest has been changed since it was signed, or was never signed"
        }
        Untrusted::OtherKey(_) => {
            "nothing of it was accepted; if you trust this key, name it with --trust as well"
        }
    }
}

fn root_to_name(ambiguous: &AmbiguousRoot) -> String {
    let candidates = ambiguous.candidates.iter();
    let forms: Vec<String> = candidates
        .map(|root| format!("--mirror {root}=REPO"))
        .collect();
    format!(
        "name the path at the root of the repository: {}",
        forms.join(" or ")
    )
}

fn unclear_hints(unclear: &Unclear) -> Vec<String> {
    match unclear {
        Unclear::Several { path, versions } => vec![
            format!("name one of them:\n{}", versions.join("\n")),
            format!("or all of them: {path}@{ALL_VERSIONS}"),
        ],
        Unclear::Pattern { pattern } => vec![
            format!("if all of it is to go: {pattern}@{ALL_VERSIONS}"),
            "--dry-run tells what that is".to_owned(),
        ],
    }
}

fn security_hint(error: &SecurityError) -> String {
    let database = &error.database;
    match error.misbehavior {
        Misbehavior::Tile { .. } => format!(
            "nothing of it was accepted; unless files below cache/download/sumdb/{database} of the module cache were damaged, somebody tampers with the connection or the database"
        ),
        Misbehavior::Signature { .. } => format!(
            "nothing of it was accepted; somebody tampers with the connection, or GOSUMDB has another key than {database}"
        ),
        _ => format!(
            "nothing of it was accepted; keep this message: it proves to anybody what {database} did"
        ),
    }
}

/// The forms in which the repository of an unknown module can be named. What is left to fill in cannot be
/// taken for a repository.
fn rule_to_add(path: &ModulePath) -> Vec<String> {
    if path.is_toolchain() {
        return vec![
            "toolchains come from a module proxy (--proxy), or from the archive of a release (--from)"
                .to_owned(),
        ];
    }
    let (prefix, major) = path.split_major();
    let root = if major.as_str().starts_with('.') {
        path.as_str()
    } else {
        prefix
    };
    vec![
        format!(
            "name its repository: --mirror {root}=REPO, where {root} or a prefix of it is the path at the root of the repository"
        ),
        format!(
            "or once for all, in {RULES_FILE}:\n[[mirror]]\nmodule = \"{root}\"\nrepository = \"REPO\""
        ),
    ]
}
