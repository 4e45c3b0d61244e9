//! Git facts: a repository to read from, wherever it is, without git on the machine.
//!
//! A [`Location`] says where a repository is, a [`Mirror`] is that repository opened: its references as
//! listed in this run, and its objects. This room knows no modules.
//!
//! A local repository is read in place and never written to. A bundle is indexed once and a remote
//! repository is fetched as far as it is needed, both into the [`Store`] under the user's cache folder.
//! libgit2 reads objects and indexes packs; the wire protocol (gitprotocol-v2, gitprotocol-pack and
//! gitprotocol-http in git's documentation) is spoken here, because libgit2's own transports cannot be
//! built without OpenSSL or replaced without unsafe code.

mod attributes;
mod bundle;
mod convert;
mod history;
mod local;
mod locate;
mod open;
mod protocol;
mod refs;
mod remote;
mod store;
mod transport;
mod tree;

pub use attributes::Attributes;
pub use convert::Conversion;
pub use history::{
    Commit, Nearest, ancestors_among, commit, is_ancestor, nearest_commits, reachable_with_prefix,
    subject,
};
pub use locate::{Location, redacted, split_subdirectory};
pub use open::{Mirror, Need, Progress, Wanted};
pub use refs::Refs;
pub use store::Store;
pub use transport::TransportSettings;
pub use tree::{Entry, EntryKind, blob_size, find_blob, list, read_blob, read_file};
