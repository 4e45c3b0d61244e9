//! The GOPROXY protocol over HTTP: a storage of modules, served to go.
//!
//! A [`Server`] reads from a [`Shelf`], of which the module cache is one, and never writes to it. A request is a
//! target first (`route`), of which nothing is left but names that go would ask for. It is answered from memory,
//! or by the `catalog` on a thread that may wait for the storage, and made into what the client wants of it
//! (`response`): a part, a compressed form, nothing if the client has it. Large files are read piece by piece
//! while they are sent (`body`).
//!
//! What is not stored comes from an [`Upstream`], if there is one: each file is asked for once however many want it
//! (`flights`), large zips are sent on while they come in (`arriving`), and what sources say of lists and queries is kept
//! for a while (`fetcher`). What is stored stays as it is, whatever sources say later.
//!
//! Who may ask is found out first (`admission`, `access`), then whether it may be served (`policy`). Certificates,
//! users and rules are read again when their files change (`watched`).
//!
//! `list`, `@latest` and queries are answered from the versions that are stored, by the rules of
//! [`crate::query`]. Source of the rules: the Go Modules Reference, "GOPROXY protocol" and "Communicating with
//! proxies", and `modfetch/proxy.go`; RFC 9110 and 9111 for HTTP.

mod access;
mod activity;
mod additions;
mod admission;
mod answer;
mod arriving;
mod body;
mod catalog;
mod connection;
mod fetcher;
mod flights;
mod listen;
mod log;
mod memory;
mod metrics;
mod module_cache;
mod page;
mod policy;
mod quarantine;
mod response;
mod route;
mod service;
mod shelf;
mod signals;
mod stalling;
mod stored_module;
mod tls;
mod upstream;
mod watched;

pub use access::{HashedSecret, hash_secret};
pub use admission::Forwarding;
pub use arriving::Arrival;
pub use connection::{Limits, Server, Settings};
pub use listen::Listen;
pub use log::{Entry, Event, Log};
pub use route::Part;
pub use shelf::{Addition, Blob, Presence, Shelf, Stored};
pub use tls::TlsFiles;
pub use upstream::{Refusal, RefusalKind, Upstream};
