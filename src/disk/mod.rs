//! The file system: calls that name their path when they fail, atomic files, locks and read-only trees.
//!
//! This room is the only one that calls `std::fs`. Three habits live here so that no other room has to
//! repeat them: an error always names the path, a file becomes visible only when it is whole, and the
//! mode of what is written is 0666 (files) or 0777 (folders) minus the umask, as with the go command
//! (a private temporary file renamed into place would make a shared cache unreadable).

#![allow(
    clippy::disallowed_methods,
    reason = "the room that calls std::fs for all others"
)]

mod atomic;
mod files;
mod lock;
mod scratch;
pub mod tree;
mod unnoticed;

pub use atomic::{TemporaryFile, TemporaryName, write_atomic, write_output};
pub use files::{
    Entry, Kind, absolute, age, canonicalize, create_dir_all, exists, file_size, has_content,
    is_dir, is_file, is_own_dir, is_writable, kind, list_dir, list_entries, modified, open,
    open_optional, read, read_limited, read_locked, read_optional, remove_empty_dir, remove_file,
    rename, write,
};
pub use lock::FileLock;
pub use scratch::{Copying, ScratchFolder, copy, copy_tree, link_or_copy};
pub use unnoticed::{AccessTimes, access_times, last_touched, open_unnoticed, read_unnoticed};
