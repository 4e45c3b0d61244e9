//! The file that crosses an air gap: module versions, with all that proves them.
//!
//! A bundle is a tar archive, compressed with zstd, that any `tar` reads. Its entries, in this order:
//!
//! 1. `manifest.json`: every file that follows, with its size and SHA-256, and what it is ([`Manifest`]);
//! 2. `manifest.json.sig`, in a signed bundle: a signature of the manifest, as `ssh-keygen -Y sign` makes it
//!    ([`Signer`], [`Trust`]);
//! 3. files of the module cache under the names that they have there, below `cache/download/`: those of checksum
//!    databases, then `.info`, `.mod`, `.ziphash` and `.zip` of each version, then the lists of versions.
//!
//! The manifest comes first, so that whoever reads the rest knows what must come, and a [`Reader`] takes nothing
//! else: no other name, kind, size or content. It can be read as a stream, and is the same, to the byte, for
//! the same content: nothing in it tells when, where or by whom it was made.

mod agent;
mod delta;
mod digest;
mod manifest;
mod reader;
mod sbom;
mod signature;
mod split;
mod trust;
mod writer;

pub use digest::{Digest, DigestReader};
pub use manifest::{FORMAT, Manifest, PackedFile, PackedModule, database_file_name, list_name};
pub use reader::{Altered, Damaged, Reader, read_holdings};
pub use sbom::{SbomFormat, sbom};
pub use signature::{KeyAccess, NAMESPACE, SignedBy, Signer, Untrusted};
pub use split::{DamagedPart, PartWriter, Parts};
pub use trust::{Trust, Vouched};
pub use writer::Writer;

/// The name of the first entry.
pub const MANIFEST: &str = "manifest.json";

/// The name of the second entry of a signed bundle.
pub const SIGNATURE: &str = "manifest.json.sig";

/// The folder of the module cache that the other entries are in.
const DOWNLOADS: &str = "cache/download/";
