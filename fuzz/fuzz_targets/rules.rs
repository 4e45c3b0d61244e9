//! The parser of gomodcache.toml takes any bytes and shows no secret of a file that may have none.
#![no_main]

use std::path::Path;

use gomodcache::source::{RulesFile, Secrets, parse_rules};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    for secrets in [Secrets::Refused, Secrets::Allowed] {
        let file = RulesFile {
            name: "gomodcache.toml",
            folder: Path::new("/project"),
            secrets,
        };
        let _ = parse_rules(file, data);
    }
});
