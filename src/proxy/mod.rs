//! Modules behind GOPROXY servers.
//!
//! A [`ProxyList`] is what GOPROXY holds: servers to be asked in order, and what comes after the last. A
//! [`ProxyModule`] is a module behind one of them: it answers the questions of [`crate::query::Repo`], and
//! downloads zips. Nothing that comes from a proxy is trusted: whatever is too large, of another version or no
//! answer at all is an error, and a zip is worth nothing until it has been taken apart and hashed.
//!
//! Proxies give checksum databases on, too: a [`DatabaseRemote`] finds the way to one.
//!
//! Source of the rules: `cmd/go/internal/modfetch/proxy.go` and `cmd/go/internal/web` of go1.26, and the Go
//! Modules Reference, "GOPROXY protocol".

mod database;
mod endpoint;
mod list;
mod module;
mod refusal;
mod zip;

pub use database::DatabaseRemote;
pub use list::{End, FallBack, Proxy, ProxyList, Reach, Unanswered};
pub use module::ProxyModule;
pub use zip::Received;
