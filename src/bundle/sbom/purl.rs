//! Package URLs.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::module::ModuleVersion;

/// What the specification of package URLs wants encoded in each part.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'.')
    .remove(b'-')
    .remove(b'_')
    .remove(b'~')
    .remove(b'/');

/// Gives the package URL of a version: type `golang`, whose paths are in lower case.
pub(super) fn purl(module: &ModuleVersion) -> String {
    let path = module.path.as_str().to_ascii_lowercase();
    format!(
        "pkg:golang/{}@{}",
        utf8_percent_encode(&path, ENCODED),
        utf8_percent_encode(module.version.as_str(), ENCODED)
    )
}
