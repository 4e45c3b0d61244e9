//! The object store that several servers share: S3 and what is compatible with it, Google, Azure.
//!
//! Below the prefix of a [`Storage`] lies what lies below `cache/download` of a module cache, so the bucket is a
//! module proxy for whoever can read it. A version has two stages, each of them whole or not there: its metadata,
//! of which `.mod` is put first and `.info` makes it count; and its content, of which `.ziphash` is put first and
//! `.zip` makes it count. A `.zip` is put only where the `.info` is of the same commit.
//!
//! Every object of a version is put on the condition that there is none of its name (`If-None-Match: *`), and none of
//! them is ever replaced or removed: what the first one has stored stays, whatever sources say later and whoever else was
//! about to store it. Whoever was killed in between leaves a `.mod` or a `.ziphash` that does not count yet; the
//! next one adds the rest if it has the same content, and fails if not. A store that ignores the condition is found out
//! with an object named `conditions`, and not written to.
//!
//! Servers ask sources once by means of a [`Lease`], which is an object `.lock` that its holder renews all the time.
//! The others look every now and then whether what they want is there. They compare no clocks: a holder is taken for
//! dead when its object has stayed the same for a while by their own clock, and then one of them takes it over, on
//! the condition that it is still the same (`If-Match`). A lease saves work. Should two servers hold one, because one
//! of them slept, the conditions above still keep everything as it was.
//!
//! `sumdb` has the records of checksum databases with all that proves them, so that a server which asks nobody can give
//! them on: the tiles, and the latest tree that they lead to.
//!
//! What comes from a bucket is checked before it counts in a cache: a zip has the sum of its `.ziphash` and the names
//! that a module zip may have, metadata can be read and is of its version. A [`Failure`] names the object and never a
//! credential.

mod address;
mod arrival;
mod departure;
mod failure;
mod lease;
mod objects;
mod records;

pub use address::Address;
pub use failure::Failure;
pub use lease::Lease;
pub use objects::{Counted, Storage};
pub use records::LatestTree;

#[cfg(test)]
mod tests;
