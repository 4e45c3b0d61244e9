//! Modules behind GOPROXY servers.
//!
//! A [`ProxyList`] is what GOPROXY holds: servers to be asked in order, and what comes after the last.

mod list;

pub use list::{End, FallBack, Proxy, ProxyList};
