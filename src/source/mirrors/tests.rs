use super::*;

fn rules(name: &str, text: &str) -> Vec<Rule> {
    let file = RulesFile {
        name,
        folder: Path::new("/"),
        secrets: Secrets::Refused,
    };
    parse_rules(file, text.as_bytes()).unwrap()
}

fn in_force(command_line: &[&str], text: &str, built_in: BuiltIn) -> Mirrors {
    let command_line = command_line.iter().map(|rule| rule.parse().unwrap());
    let mut mirrors = Mirrors::new(command_line.collect(), built_in);
    mirrors.rules = rules("rules.toml", text);
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
                .map(|source| match &source.location {
                    Ok(location) => location.to_string(),
                    Err(error) => format!("{error:#}"),
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
