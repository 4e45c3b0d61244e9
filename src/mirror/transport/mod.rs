//! Ways to a server: smart HTTP, the system's ssh program, git's own daemon.

mod settings;

pub use settings::{LowSpeed, TransportSettings};
