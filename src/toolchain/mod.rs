//! Go toolchains as modules: `golang.org/toolchain@v0.0.1-go1.23.4.linux-amd64`.
//!
//! Go downloads other releases of itself like modules. A [`Release`] is made from the archive in which the Go
//! project publishes one: the same files, so that the module has the sum that the checksum database has. No
//! go.sum lists a toolchain. It is checked with the database always, even with GOSUMDB=off, and is not to be
//! trusted before: it is the program that is run next.
//!
//! Source of the rules: `cmd/distpack/pack.go`, `modfetch/toolchain.go` and `toolchain/select.go` of the go
//! command.

mod archive;
mod copied;
mod name;
mod release;
#[cfg(test)]
mod tests;

pub use archive::MAX_ARCHIVE;
pub use copied::is_copied_go_mod;
pub use name::{Platform, is_for, is_of, module_of};
pub use release::Release;
