//! Sums of module content: dirhash, and the go.sum files that record them.

pub mod dirhash;
mod gosum;
mod mismatch;

pub use gosum::GoSum;
pub use mismatch::Mismatch;
