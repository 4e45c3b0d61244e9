//! Many failures, told by their causes.

use std::collections::BTreeMap;

use super::{Output, hints};
use crate::checksum::Mismatch;
use crate::ops::{NoMirror, NoSum, SeedFailure};
use crate::source::RULES_FILE;

/// Why versions failed; what has the same cause has the same remedy.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Cause {
    NoMirror,
    NoSum,
    Differs,
    /// The same words for each.
    Same(String),
}

impl Cause {
    fn of(failure: &SeedFailure) -> Cause {
        let has =
            |test: fn(&(dyn std::error::Error + 'static)) -> bool| failure.error.chain().any(test);
        if has(|cause| cause.is::<NoMirror>()) {
            Cause::NoMirror
        } else if has(|cause| cause.is::<NoSum>()) {
            Cause::NoSum
        } else if has(|cause| cause.is::<Mismatch>()) {
            Cause::Differs
        } else {
            Cause::Same(format!("{:#}", failure.error))
        }
    }
}

/// Prints each cause once, with the versions that it keeps from being fetched and the remedy.
pub(super) fn render(failures: &[SeedFailure], output: &Output) {
    let mut groups: BTreeMap<Cause, Vec<&SeedFailure>> = BTreeMap::new();
    for failure in failures {
        groups.entry(Cause::of(failure)).or_default().push(failure);
    }
    for (cause, group) in &groups {
        match group.as_slice() {
            [failure] => output.error(
                Some(&format!(
                    "failed to fetch `{}`{}",
                    failure.subject,
                    reason(failure)
                )),
                &failure.error,
            ),
            group => render_group(cause, group, output),
        }
    }
}

fn render_group(cause: &Cause, group: &[&SeedFailure], output: &Output) {
    let count = group.len();
    let (title, remedies) = match cause {
        Cause::NoMirror => (
            format!("no mirror is known for {count} module versions"),
            vec![
                format!(
                    "name the repository of each: --mirror PREFIX=REPO with a PREFIX of the module path, or a rule in {RULES_FILE}"
                ),
            ],
        ),
        Cause::NoSum => (
            format!("no go.sum line covers {count} module versions"),
            vec![
                "`go mod tidy` adds those that go needs; without --require-sums the others are fetched, too"
                    .to_owned(),
            ],
        ),
        Cause::Differs => (
            format!("{count} module versions differ from a recorded sum"),
            hints_of(group),
        ),
        Cause::Same(words) => (
            format!("failed to fetch {count} module versions: {words}"),
            hints_of(group),
        ),
    };
    let lines: Vec<String> = group
        .iter()
        .map(|failure| match cause {
            Cause::Differs => format!("{:#}", failure.error),
            _ => format!("{}{}", failure.subject, reason(failure)),
        })
        .collect();
    output.error_group(&title, &lines, &remedies);
}

/// Tells who wants what failed: often that is news to the user.
fn reason(failure: &SeedFailure) -> String {
    let required_by = failure.required_by.as_ref();
    required_by.map_or_else(String::new, |parent| format!(", required by {parent}"))
}

fn hints_of(group: &[&SeedFailure]) -> Vec<String> {
    let mut hints: Vec<String> = Vec::new();
    for hint in group.iter().flat_map(|failure| hints::of(&failure.error)) {
        if !hints.contains(&hint) {
            hints.push(hint);
        }
    }
    hints
}
