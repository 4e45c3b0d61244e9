//! The parser of gomodcache.toml takes any bytes, and a fault has a place in the file; a pattern reads the same
//! again, and what it matches is a beginning of the module path. Where no secret may be, none gets past the
//! parser, and the rules are otherwise the same.
#![no_main]

use std::path::Path;

use gomodcache::module::ModulePath;
use gomodcache::source::{Pattern, Rule, RulesFile, Secrets, parse_rules};
use libfuzzer_sys::fuzz_target;

const PATHS: &[&str] = &[
    "example.com/m",
    "example.com/a/b/c/v2",
    "golang.org/x/tools/gopls",
    "gopkg.in/yaml.v3",
    "git.example/~user/a-b-c.git",
];

fuzz_target!(|data: &[u8]| {
    let file = |secrets| RulesFile {
        name: "gomodcache.toml",
        folder: Path::new("/nowhere"),
        secrets,
    };
    let own = parse_rules(file(Secrets::Allowed), data).map(|set| set.rules);
    let foreign = parse_rules(file(Secrets::Refused), data).map(|set| set.rules);
    if let Err(error) = &own {
        let lines = data.split(|byte| *byte == b'\n').count();
        assert!((1..=lines).contains(&error.line), "{error}");
        assert!((1..=data.len() + 1).contains(&error.column), "{error}");
    }
    if let Ok(foreign) = &foreign {
        let own = own
            .as_ref()
            .expect("where secrets may be, they need not be");
        assert!(
            own.iter()
                .map(Rule::repositories)
                .eq(foreign.iter().map(Rule::repositories))
        );
        assert!(
            foreign
                .iter()
                .flat_map(Rule::repositories)
                .all(is_without_user)
        );
    }
    for rule in own.unwrap_or_default() {
        check_pattern(&rule.pattern);
    }
});

fn check_pattern(pattern: &Pattern) {
    let again = Pattern::parse(&pattern.to_string()).expect("what was shown can be read");
    assert_eq!(again, *pattern);
    for path in PATHS {
        let path = ModulePath::new(path).expect("a module path");
        if let Some(captures) = pattern.matches(&path) {
            assert!(path.as_str().starts_with(&captures.root));
            assert_eq!(captures.texts.len(), pattern.captures());
            assert!(captures.texts.iter().all(|text| !text.is_empty()));
        }
    }
}

/// A user of ssh is no secret.
fn is_without_user(repository: String) -> bool {
    repository.split_once("://").is_none_or(|(scheme, rest)| {
        let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
        scheme.contains("ssh") || !authority.contains('@')
    })
}
