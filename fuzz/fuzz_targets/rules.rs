//! The parser of gomodcache.toml takes any bytes; a pattern reads the same again, and what it matches is a
//! beginning of the module path. No secret gets past the parser where none may be.
#![no_main]

use std::path::Path;

use gomodcache::module::ModulePath;
use gomodcache::source::{Pattern, RulesFile, Secrets, parse_rules};
use libfuzzer_sys::fuzz_target;

const PATHS: &[&str] = &[
    "example.com/m",
    "example.com/a/b/c/v2",
    "golang.org/x/tools/gopls",
    "gopkg.in/yaml.v3",
    "git.example/~user/a-b-c.git",
];

fuzz_target!(|data: &[u8]| {
    let file = RulesFile {
        name: "gomodcache.toml",
        folder: Path::new("/nowhere"),
        secrets: Secrets::Refused,
    };
    for rule in parse_rules(file, data).unwrap_or_default() {
        let again = Pattern::parse(&rule.pattern.to_string()).expect("what was shown can be read");
        assert_eq!(again, rule.pattern);
        for path in PATHS {
            let path = ModulePath::new(path).expect("a module path");
            if let Some(captures) = rule.pattern.matches(&path) {
                assert!(path.as_str().starts_with(&captures.root));
                assert_eq!(captures.texts.len(), rule.pattern.captures());
                assert!(captures.texts.iter().all(|text| !text.is_empty()));
            }
        }
        for repository in rule.repositories() {
            assert!(!repository.contains("***@"));
        }
    }
});
