//! One file across an air gap.

mod builder;
mod carrying;
mod hostile;

use libtest_mimic::Trial;

/// The tests of these groups.
pub(crate) fn trials() -> Vec<Trial> {
    let groups = [carrying::trials(), hostile::trials()];
    groups.into_iter().flatten().collect()
}
