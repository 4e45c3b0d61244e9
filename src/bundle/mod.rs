//! The bundle: one file that carries a module cache across an air gap.

mod agent;
mod signature;
mod trust;

pub use signature::{KeyAccess, MAX_SIGNATURE, NAMESPACE, Signer, SigningKey, Untrusted, verify};
pub use trust::{Trust, Vouched};
