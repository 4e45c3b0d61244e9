use super::*;

fn parse(text: &str) -> Result<RuleSet, RuleError> {
    let file = RulesFile {
        name: "gomodcache.toml",
        folder: Path::new("/project"),
        secrets: Secrets::Refused,
    };
    parse_rules(file, text.as_bytes())
}

#[test]
fn rules_keep_their_order_and_know_their_lines() {
    let rules = parse(
        "# comment\n[[mirror]]\nmodule = \"golang.org/x/*\"\nrepository = \"git.example/$1\"\n\n\
         [[mirror]]\nrepository = [\"git@git.example:a.git\", './b.bundle']\nmodule = 'a.com'\nsubdirectory = \"go\"\n\
         [[mirror]]\nmodule = \"**\"\ndeny = \"ask first\"\n",
    )
    .unwrap()
    .rules;
    let shown: Vec<_> = rules
        .iter()
        .map(|rule| {
            (
                rule.pattern.to_string(),
                rule.origin.to_string(),
                rule.repositories(),
                rule.subdirectory(),
                rule.denial(),
            )
        })
        .collect();
    let texts = |texts: &[&str]| {
        texts
            .iter()
            .map(|text| (*text).to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        shown,
        [
            (
                "golang.org/x/*".to_owned(),
                "gomodcache.toml:3".to_owned(),
                texts(&["git.example/$1"]),
                None,
                None
            ),
            (
                "a.com".to_owned(),
                "gomodcache.toml:8".to_owned(),
                texts(&["git@git.example:a.git", "./b.bundle"]),
                Some("go"),
                None
            ),
            (
                "**".to_owned(),
                "gomodcache.toml:11".to_owned(),
                texts(&[]),
                None,
                Some(Some("ask first"))
            ),
        ]
    );
}

#[test]
fn a_file_without_rules_is_none() {
    for text in ["", "# nothing\n", "mirror = []\n", "\u{feff}# mark\n"] {
        assert!(parse(text).unwrap().rules.is_empty(), "{text:?}");
    }
}

/// The text of a file and the error it gives, without the name of the file.
const BROKEN: &[(&str, &str)] = &[
    ("[[mirror]\n", "1:10: unclosed array table, expected `]`"),
    (
        "x = 1\n",
        "1:1: unknown key `x`: rules are tables under `[[mirror]]`; above them stand `proxy` and `discover`",
    ),
    (
        "[mirror]\nmodule = 'a.com'\n",
        "1:1: write `[[mirror]]` above each rule",
    ),
    ("mirror = [1]\n", "1:11: write `[[mirror]]` above each rule"),
    (
        "[[mirror]]\nmodule = 'a.com'\ncommand = 'x'\n",
        "3:1: unknown key `command`: a rule has `module`, `repository`, `subdirectory`, `proxy`, `discover`, `token_env`, `user` and `deny`",
    ),
    (
        "\n[[mirror]]\nrepository = 'a.com/x'\n",
        "2:1: the rule has no `module`: write the pattern of its modules, as in `module = \"example.com/*\"`",
    ),
    (
        "[[mirror]]\nmodule = 'a.com/...'\ndeny = true\n",
        "2:10: a pattern covers all modules below it already: write `a.com`",
    ),
    (
        "[[mirror]]\nmodule = 1\ndeny = true\n",
        "2:10: this is of type integer: write text in quotes",
    ),
    (
        "[[mirror]]\nmodule = 'a.com'\n",
        "1:1: the rule does nothing: write `repository = \"…\"`, `proxy = \"…\"` or `deny = true`",
    ),
    (
        "[[mirror]]\nmodule = 'a.com'\ndeny = false\n",
        "3:8: write `deny = true` or a reason in quotes, or remove the rule",
    ),
    (
        "[[mirror]]\nmodule = 'a.com'\ndeny = \"\\u001b[2J\"\n",
        "3:8: the reason has a control character",
    ),
    (
        "[[mirror]]\nmodule = \"a.com/\\u001b*x*y*\"\ndeny = true\n",
        "2:10: '\\u{1b}' is in no module path",
    ),
    (
        "[[mirror]]\nmodule = 'a.com'\ndeny = true\nrepository = 'b.com/x'\n",
        "3:8: a rule that denies asks nobody: remove `deny`, or all other keys but `module`",
    ),
    (
        "[[mirror]]\nmodule = 'a.com'\ndeny = true\nsubdirectory = 'x'\n",
        "4:16: a rule that denies has no `subdirectory`: remove one of them",
    ),
    (
        "[[mirror]]\nmodule = 'a.com/*'\nrepository = ['b.com/$1', 'b.com/$2']\n",
        "3:27: `$2` stands for nothing: the pattern has 1 `*`",
    ),
    (
        "[[mirror]]\nmodule = 'ä.com'\ndeny = true\n",
        "2:10: 'ä' is in no module path",
    ),
    (
        "[[mirror]]\nmodule = 'a.com'\nrepository = []\n",
        "3:14: write 1 to 16 repositories",
    ),
    (
        "[[mirror]]\nmodule = 'a.com'\nrepository = 'b.com/x'\nsubdirectory = '../x'\n",
        "4:16: `../x` is no folder of a repository: write a relative path such as go/lib",
    ),
    (
        "# ä\n[[mirror]]\nmodule = 'a.com'\ndeny = true\n[[mirror]]\nmodule = 'a.com'\ndeny = true\n",
        "6:10: the rule on line 3 has the same pattern and comes first: remove one, or give that one several repositories",
    ),
    (
        "[[mirror]]\nmodule = 'a.com'\nrepository = 'https://x:secret@b.com/x'\n",
        "3:14: the URL has a user name or password, which this file may not have: put the rule into the user's own gomodcache.toml, or use --mirror",
    ),
    (
        "proxy = 'https://x:secret@p.example,direct'\n",
        "1:9: the URL has a user name or password, which this file may not have: put it into the user's own gomodcache.toml, or use --proxy",
    ),
    (
        "proxy = 'ftp://p.example'\n",
        "1:9: invalid proxy URL scheme (must be https, http, file): ftp://p.example",
    ),
    ("proxy = ' , '\n", "1:9: the list of proxies has no entries"),
    (
        "discover = 1\n",
        "1:12: write `discover = true` or remove it",
    ),
];

#[test]
fn a_broken_rule_names_its_place_and_what_to_do() {
    for (text, expected) in BROKEN {
        let error = parse(text).unwrap_err().to_string();
        assert_eq!(error, format!("gomodcache.toml:{expected}"), "{text}");
    }
}

#[test]
fn what_is_no_text_or_too_much_is_refused() {
    let file = RulesFile {
        name: "f",
        folder: Path::new("/"),
        secrets: Secrets::Refused,
    };
    let error = parse_rules(file, b"# a\n# \xff").unwrap_err();
    assert_eq!(error.to_string(), "f:2:3: this is no UTF-8 text");
    let large = format!("#{}", "x".repeat(1 << 20));
    assert!(parse(&large).unwrap_err().message.contains("larger than"));
    let rule = |index: usize| format!("[[mirror]]\nmodule='a{index}.b'\ndeny=true\n");
    let many: String = (0..=MAX_RULES).map(rule).collect();
    assert!(
        parse(&many)
            .unwrap_err()
            .message
            .contains("more than 10000 rules")
    );
    let deep = format!("x = {}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(parse(&deep).unwrap_err().message.contains("recursion"));
}

fn own(rule: &str) -> Result<RuleSet, RuleError> {
    let file = RulesFile {
        name: "gomodcache.toml",
        folder: Path::new("/project"),
        secrets: Secrets::Allowed,
    };
    parse_rules(
        file,
        format!("[[mirror]]\nmodule = \"a.com\"\n{rule}").as_bytes(),
    )
}

#[test]
fn a_token_goes_to_repositories_and_one_proxy_over_https_only() {
    for rule in [
        "proxy = \"https://p.example,direct\"\ntoken_env = \"T\"",
        "proxy = \"http://127.0.0.1:3000\"\ntoken_env = \"T\"",
        "repository = \"git.example/x\"\nproxy = \"p.example\"\ntoken_env = \"T\"",
        "repository = \"git.example/x\"\ntoken_env = \"GIT_TOKEN\"",
        "repository = [\"https://git.example/x\", \"https://b.example/x\"]\ntoken_env = \"T\"\nuser = \"ada\"",
    ] {
        assert!(own(rule).is_ok(), "{rule}");
    }
    for (rule, reason) in [
        (
            "repository = \"git@git.example:x\"\ntoken_env = \"T\"",
            "not reached over https",
        ),
        (
            "repository = \"./x\"\ntoken_env = \"T\"",
            "not reached over https",
        ),
        (
            "repository = \"https://u:p@git.example/x\"\ntoken_env = \"T\"",
            "has a login in its URL",
        ),
        (
            "repository = \"git.example/x\"\ntoken_env = \"ghp-secret\"",
            "and not the token",
        ),
        (
            "repository = \"git.example/x\"\nuser = \"u\"",
            "nothing without `token_env`",
        ),
        (
            "repository = \"git.example/x\"\ntoken_env = \"T\"\nuser = \"a:b\"",
            "user name",
        ),
        (
            "discover = true\ntoken_env = \"T\"",
            "nothing without `repository` or `proxy`",
        ),
        (
            "proxy = \"http://p.example\"\ntoken_env = \"T\"",
            "not reached over https",
        ),
        (
            "proxy = \"file:///p\"\ntoken_env = \"T\"",
            "not reached over https",
        ),
        (
            "proxy = \"https://p.example,https://q.example\"\ntoken_env = \"T\"",
            "a token is for one proxy",
        ),
        (
            "repository = \"git.example/x\"\nproxy = \"env\"\ntoken_env = \"T\"",
            "a token is for one proxy",
        ),
        (
            "proxy = \"https://u:p@p.example\"\ntoken_env = \"T\"",
            "has a login in its URL",
        ),
    ] {
        let error = own(rule).unwrap_err();
        assert!(error.message.contains(reason), "{rule}: {error}");
        assert!(
            !error.message.contains("secret") && !error.message.contains("u:p"),
            "{error}"
        );
    }
}

#[test]
fn a_file_that_is_shared_names_no_token() {
    for source in [
        "repository = \"git.example/x\"",
        "proxy = \"https://p.example\"",
    ] {
        let rule = format!("[[mirror]]\nmodule = \"a.com\"\n{source}\ntoken_env = \"GIT_TOKEN\"");
        let error = parse(&rule).unwrap_err();
        assert_eq!((error.line, error.column), (4, 13));
        assert!(
            error.message.contains("this file may name no secret"),
            "{error}"
        );
    }
}
