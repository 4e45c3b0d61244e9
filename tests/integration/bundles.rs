//! One file across an air gap.

mod builder;
mod hostile;

use libtest_mimic::Trial;

/// The tests of these groups.
pub(crate) fn trials() -> Vec<Trial> {
    hostile::trials()
}
