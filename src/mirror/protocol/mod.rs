//! The client's side of git's wire protocol: what is said, not over which connection.
//!
//! Version 2 is asked for (gitprotocol-v2 in git's documentation); servers that do not know it answer
//! with version 0 or 1 (gitprotocol-pack), which is understood too. Nothing a server says is trusted:
//! every line, number and list has a limit.

mod advertisement;
mod fetch;
mod listing;
mod packet;

pub(crate) use advertisement::{Advertisement, Server, Version};
pub(crate) use fetch::{Depth, FetchRequest, fetch};
pub(crate) use listing::{list, request as list_request};
pub(crate) use packet::{PacketReader, ServerError};

/// The name that is given to servers; some answer git's own client only, and know it by this start.
pub(crate) const AGENT: &str = concat!("git/gomodcache-", env!("CARGO_PKG_VERSION"));

/// The most references that are taken from a server; the largest known repositories have fewer.
const MOST_REFERENCES: usize = 2_000_000;
