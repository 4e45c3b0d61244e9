//! What the tests stand on: a sandbox, repositories made in code, a server, and go as the oracle.

pub(crate) mod calendar;
pub(crate) mod case;
pub(crate) mod mirror;
pub(crate) mod oracle;
pub(crate) mod sample;
pub(crate) mod sandbox;
pub(crate) mod server;
pub(crate) mod tree;
