use super::*;

/// A `proxy:` before what is given makes it a list of proxies.
fn in_force(command_line: &[&str], text: &str, built_in: BuiltIn) -> Mirrors {
    let given = command_line
        .iter()
        .map(|given| match given.strip_prefix("proxy:") {
            Some(list) => Given::Proxies(list.parse().unwrap()),
            None => Given::Mirror(given.parse().unwrap()),
        });
    let go = GoProxies {
        list: "https://go.example,direct".parse().unwrap(),
        private: "*.private.example,github.com/corp".to_owned(),
        insecure: String::new(),
    };
    let mut mirrors = Mirrors::new(given.collect(), built_in, go);
    let file = RulesFile {
        name: "rules.toml",
        folder: Path::new("/"),
        secrets: Secrets::Refused,
    };
    mirrors.add_rules(file, text.as_bytes()).unwrap();
    mirrors
}

fn shown(mirrors: &Mirrors, path: &str) -> String {
    let path = ModulePath::new(path).unwrap();
    match mirrors.choose(&path) {
        Err(error) => format!("{error:#}"),
        Ok(None) => "unknown".to_owned(),
        Ok(Some(choice)) => {
            let sources: Vec<String> = choice
                .sources
                .iter()
                .map(|source| match source {
                    Source::Repository(source) => match &source.location {
                        Ok(location) => location.to_string(),
                        Err(error) => format!("{error:#}"),
                    },
                    Source::Proxies(list) => format!("proxies {list}"),
                    Source::Host => "host".to_owned(),
                })
                .collect();
            format!("{} by {}", sources.join(", "), choice.origin)
        }
    }
}

const RULES: &str = "\
[[mirror]]
module = 'golang.org/x/crypto'
deny = 'use the fork'
[[mirror]]
module = 'golang.org/x/*'
repository = ['https://one.example/$1', 'https://two.example/$1']
[[mirror]]
module = 'github.com/corp/*'
repository = 'https://git.corp.example/$1'
[[mirror]]
module = 'example.com/**'
deny = true
";

#[test]
fn the_command_line_comes_before_files_and_files_before_the_table() {
    let mirrors = in_force(
        &["golang.org/x/net=https://mine.example/net"],
        RULES,
        BuiltIn::Used,
    );
    let cases = [
        ("golang.org/x/net", "https://mine.example/net by --mirror"),
        (
            "golang.org/x/text",
            "https://one.example/text, https://two.example/text by rules.toml:5",
        ),
        (
            "github.com/corp/lib/v2",
            "https://git.corp.example/lib by rules.toml:8",
        ),
        (
            "github.com/other/lib",
            "https://github.com/other/lib by built-in",
        ),
        (
            "k8s.io/api",
            "https://github.com/kubernetes/api by built-in",
        ),
        ("corp.example/lib", "unknown"),
    ];
    for (path, expected) in cases {
        assert_eq!(shown(&mirrors, path), expected, "{path}");
    }
}

#[test]
fn the_first_rule_of_a_file_that_matches_decides_and_may_deny() {
    let mirrors = in_force(&[], RULES, BuiltIn::Used);
    assert_eq!(
        shown(&mirrors, "golang.org/x/crypto/x509roots/fallback"),
        "module golang.org/x/crypto/x509roots/fallback is denied by the rule for \
         `golang.org/x/crypto` at rules.toml:2: use the fork"
    );
    assert_eq!(
        shown(&mirrors, "example.com/a/b"),
        "module example.com/a/b is denied by the rule for `example.com/**` at rules.toml:11"
    );
}

#[test]
fn the_command_line_wins_over_a_rule_that_denies() {
    let mirrors = in_force(&["https://mine.example/crypto"], RULES, BuiltIn::Used);
    assert_eq!(
        shown(&mirrors, "golang.org/x/crypto"),
        "https://mine.example/crypto by --mirror"
    );
}

#[test]
fn a_folder_can_follow_the_name_of_a_module() {
    let text = "[[mirror]]\nmodule='example.com/mono/*'\nrepository='a.com/mono'\nsubdirectory='go/$1'\n\
                [[mirror]]\nmodule='example.com/mono'\nrepository='a.com/mono'\nsubdirectory='go'\n";
    let mirrors = in_force(&[], text, BuiltIn::Used);
    for (path, folder) in [
        ("example.com/mono", "go"),
        ("example.com/mono/v2", "go"),
        ("example.com/mono/lib", "go/lib"),
        ("example.com/mono/lib/v3", "go/lib"),
    ] {
        let path = ModulePath::new(path).unwrap();
        let choice = mirrors.choose(&path).unwrap().unwrap();
        let Source::Repository(source) = &choice.sources[0] else {
            panic!("{path} has no repository");
        };
        let place = source.known_place(&path).unwrap().unwrap();
        assert_eq!(place.folder(), folder, "{path}");
    }
}

#[test]
fn without_the_table_only_what_was_named_is_known() {
    let mirrors = in_force(&[], RULES, BuiltIn::Ignored);
    assert_eq!(shown(&mirrors, "k8s.io/api"), "unknown");
    assert_eq!(shown(&mirrors, "github.com/other/lib"), "unknown");
    assert_eq!(
        shown(&mirrors, "github.com/corp/lib"),
        "https://git.corp.example/lib by rules.toml:8"
    );
}

#[test]
fn a_path_on_a_forge_that_is_no_repository_is_told() {
    let mirrors = in_force(&[], "", BuiltIn::Used);
    assert_eq!(
        shown(&mirrors, "github.com/owner"),
        "module github.com/owner: a path on github.com needs an owner and a name"
    );
}

#[test]
fn proxies_and_mirrors_are_asked_in_the_order_in_which_they_are_given() {
    let mirror = "golang.org/x/net=https://mine.example/net";
    let cases: &[(&[&str], &str)] = &[
        (
            &[mirror, "proxy:https://p.example"],
            "https://mine.example/net, proxies https://p.example by --mirror",
        ),
        (
            &["proxy:https://p.example", mirror],
            "proxies https://p.example, https://mine.example/net by --mirror",
        ),
        (
            &["proxy:https://p.example|direct"],
            "proxies https://p.example|direct, https://one.example/net, https://two.example/net by --mirror",
        ),
        (
            &["proxy:https://p.example,off"],
            "proxies https://p.example,off by --mirror",
        ),
        (
            &["proxy:direct"],
            "https://one.example/net, https://two.example/net by rules.toml:5",
        ),
        (
            &["proxy:env"],
            "proxies https://go.example,direct, https://one.example/net, https://two.example/net by --mirror",
        ),
    ];
    for (given, expected) in cases {
        let mirrors = in_force(given, RULES, BuiltIn::Used);
        assert_eq!(shown(&mirrors, "golang.org/x/net"), *expected, "{given:?}");
    }
}

#[test]
fn a_private_module_is_looked_for_where_the_rules_say_and_behind_no_proxy() {
    let mirrors = in_force(&["proxy:https://p.example"], RULES, BuiltIn::Used);
    for (path, expected) in [
        (
            "github.com/corp/lib",
            "https://git.corp.example/lib by rules.toml:8",
        ),
        ("git.private.example/lib", "host by --mirror"),
        (
            "github.com/other/lib",
            "proxies https://p.example by --mirror",
        ),
    ] {
        assert_eq!(shown(&mirrors, path), expected, "{path}");
    }
}

#[test]
fn what_a_rule_denies_comes_from_no_proxy_either() {
    for given in ["proxy:https://p.example", "proxy:https://p.example,direct"] {
        let mirrors = in_force(&[given], RULES, BuiltIn::Used);
        assert_eq!(
            shown(&mirrors, "example.com/a"),
            "module example.com/a is denied by the rule for `example.com/**` at rules.toml:11"
        );
    }
}

#[test]
fn a_file_names_proxies_for_all_modules_or_for_those_of_a_rule() {
    let text = "proxy = 'https://all.example,direct'\n\
                [[mirror]]\nmodule='a.com/x'\nproxy='https://own.example'\nrepository='git.example/x'\n\
                [[mirror]]\nmodule='a.com/y'\nrepository='git.example/y'\nproxy='https://own.example'\n\
                [[mirror]]\nmodule='a.com/z'\nrepository='git.example/z'\n\
                [[mirror]]\nmodule='a.com/h'\nproxy = 'direct'\ndiscover = true\n";
    let mirrors = in_force(&[], text, BuiltIn::Used);
    for (path, expected) in [
        (
            "a.com/x",
            "proxies https://own.example, https://git.example/x by rules.toml:3",
        ),
        (
            "a.com/y",
            "https://git.example/y, proxies https://own.example by rules.toml:7",
        ),
        (
            "a.com/z",
            "proxies https://all.example,direct, https://git.example/z by rules.toml:1",
        ),
        ("a.com/h", "host by rules.toml:14"),
        (
            "b.com/q",
            "proxies https://all.example,direct, host by rules.toml:1",
        ),
    ] {
        assert_eq!(shown(&mirrors, path), expected, "{path}");
    }
}

#[test]
fn the_host_is_asked_only_where_nothing_is_known_and_a_file_allows_it() {
    let mirrors = in_force(&[], "discover = true", BuiltIn::Used);
    assert_eq!(shown(&mirrors, "corp.example/lib"), "host by built-in");
    assert_eq!(
        shown(&mirrors, "k8s.io/api"),
        "https://github.com/kubernetes/api by built-in"
    );
}
