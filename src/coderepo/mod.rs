//! A module inside a repository.
//!
//! A git repository knows tags, branches and commits; the go command knows module versions. This room
//! stands between them. A module path is the path of the repository root, a folder in the repository and
//! perhaps a major version suffix ([`Place`]). A version, tag, branch or
//! commit names a commit ([`Revision`]), which gets its canonical version from its tags or, as a pseudo-version, from the
//! tags in its history (`convert`). The same rules decide what is refused.
//!
//! Source of the rules: `cmd/go/internal/modfetch/coderepo.go`, `codehost/git.go` of go1.26,
//! and the Go Modules Reference, "Mapping versions to commits".

mod convert;
mod files;
mod find;
mod infer;
mod place;
mod pseudo;
mod repo;
mod revision;
mod versions;

pub use files::{BlobKey, BlobReader, ModuleContents, ModuleFiles};
pub use infer::{AmbiguousRoot, infer_root};
pub use place::{Place, has_path_prefix};
pub use repo::CodeRepo;
pub use revision::Revision;
