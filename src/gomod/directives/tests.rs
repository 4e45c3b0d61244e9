use super::*;
use crate::gomod::{Replace, Replacement};

fn strict(text: &str) -> GoMod {
    parse("go.mod", text.as_bytes()).unwrap()
}

fn lax(text: &str) -> GoMod {
    parse_lax("go.mod", text.as_bytes()).unwrap()
}

fn fault(text: &str) -> String {
    parse("go.mod", text.as_bytes()).unwrap_err().to_string()
}

fn require(path: &str, version: &str, indirect: bool) -> Require {
    Require {
        path: path.into(),
        version: version.into(),
        indirect,
    }
}

fn retract(low: &str, high: &str, rationale: &str) -> Retract {
    Retract {
        low: low.into(),
        high: high.into(),
        rationale: rationale.into(),
    }
}

#[test]
fn a_usual_file_is_read() {
    let go_mod = strict(
        "module example.com/tower/v2\n\ngo 1.21.3\ntoolchain go1.22.0\n\n\
         require example.com/bell v1.4.0\nrequire (\n\texample.com/rope v0.2.0 // indirect\n\
         \tgopkg.in/stone.v3 v3.0.1 // why not\n)\n\
         tool example.com/bell/ring\nignore ./attic\ngodebug panicnil=1\n",
    );
    assert_eq!(go_mod.module.as_deref(), Some("example.com/tower/v2"));
    assert_eq!(go_mod.go.as_deref(), Some("1.21.3"));
    assert_eq!(go_mod.toolchain.as_deref(), Some("go1.22.0"));
    assert_eq!(
        go_mod.require,
        [
            require("example.com/bell", "v1.4.0", false),
            require("example.com/rope", "v0.2.0", true),
            require("gopkg.in/stone.v3", "v3.0.1", false),
        ]
    );
    assert_eq!(go_mod.tool, ["example.com/bell/ring"]);
    assert_eq!(go_mod.ignore, ["./attic"]);
    assert_eq!(go_mod.godebug, [("panicnil".to_owned(), "1".to_owned())]);
}

#[test]
fn an_empty_file_says_nothing() {
    for text in ["", "\n\n", "// only a comment", "\r\n\t// and\r\n"] {
        assert_eq!(strict(text), GoMod::default());
    }
}

#[test]
fn indirect_is_the_first_word_of_the_comment() {
    for (comment, indirect) in [
        ("//indirect", true),
        ("// indirect", true),
        ("// indirect; for the tests", true),
        ("// indirect for the tests", false),
        ("// not indirect", false),
        ("//", false),
    ] {
        let text = format!("require example.com/bell v1.0.0 {comment}\n");
        assert_eq!(
            lax(&text).require,
            [require("example.com/bell", "v1.0.0", indirect)],
            "{comment}"
        );
    }
}

#[test]
fn retractions_carry_their_reason() {
    let go_mod = strict(
        "// Broken.\nretract v1.0.1\nretract [v1.1.0, v1.2.9] // Leaks.\n\n\
         // Published too early.\nretract (\n\tv0.9.0\n\n\t// Loses data.\n\t// Always.\n\tv0.9.1 // Ouch.\n)\n",
    );
    assert_eq!(
        go_mod.retract,
        [
            retract("v1.0.1", "v1.0.1", "Broken."),
            retract("v1.1.0", "v1.2.9", "Leaks."),
            retract("v0.9.0", "v0.9.0", "Published too early."),
            retract("v0.9.1", "v0.9.1", "Loses data.\nAlways.\nOuch."),
        ]
    );
}

#[test]
fn a_reason_apart_from_the_retraction_is_none() {
    assert_eq!(
        strict("// Apart.\n\nretract v1.0.0\n").retract,
        [retract("v1.0.0", "v1.0.0", "")]
    );
}

#[test]
fn a_deprecation_is_a_paragraph_of_the_comment() {
    let deprecated = |text: &str| strict(text).deprecated;
    let message = Some("use example.com/new\ninstead.".to_owned());
    assert_eq!(
        deprecated(
            "// Old.\n//\n// Deprecated: use example.com/new\n// instead.\n//\n// Bye.\nmodule example.com/x\n"
        ),
        message
    );
    assert_eq!(
        deprecated("module example.com/x // Deprecated: gone"),
        Some("gone".to_owned())
    );
    assert_eq!(
        deprecated("// Not Deprecated: no\nmodule example.com/x"),
        None
    );
    assert_eq!(deprecated("// Deprecated:\nmodule example.com/x"), None);
}

#[test]
fn replacements_are_modules_or_folders() {
    let go_mod = strict(
        "replace example.com/a => ../a\nreplace (\n\texample.com/b v1.0.0 => example.com/c v1.5.0\n\
         \texample.com/d => \"./my d\"\n)\n",
    );
    let replace = |path: &str, version: Option<&str>, replacement| Replace {
        path: path.into(),
        version: version.map(Into::into),
        replacement,
    };
    let module = Replacement::Module {
        path: "example.com/c".into(),
        version: "v1.5.0".into(),
    };
    assert_eq!(
        go_mod.replace,
        [
            replace("example.com/a", None, Replacement::Directory("../a".into())),
            replace("example.com/b", Some("v1.0.0"), module),
            replace(
                "example.com/d",
                None,
                Replacement::Directory("./my d".into())
            ),
        ]
    );
}

#[test]
fn replacements_that_cannot_be_are_refused() {
    for (line, message) in [
        (
            "a.b/c => d",
            "replacement module without version must be directory path (rooted or starting with . or ..)",
        ),
        (
            "a.b/c => d.e/f@v1",
            "replacement module must match format 'path version', not 'path@version'",
        ),
        (
            "a.b/c => ./d v1.0.0",
            r#"replacement module directory path "./d" cannot have version"#,
        ),
        (
            "a.b/c v2.0.0 => ./d",
            r#"replace a.b/c: version "v2.0.0" invalid: should be v0 or v1, not v2"#,
        ),
        ("a.b/c/v1 => ./d", "replace a.b/c/v1: invalid module path"),
        (
            "a.b/c v1.0 x => ./d",
            "usage: replace module/path [v1.2.3] => other/module v1.4\n\t or replace module/path [v1.2.3] => ../local/directory",
        ),
    ] {
        assert_eq!(
            fault(&format!("replace {line}")),
            format!("go.mod:1: {message}")
        );
    }
}

#[test]
fn faults_name_their_place() {
    for (text, message) in [
        (
            "require example.com/x v1.0.0\nrequire (\n\texample.com/y\n)",
            "go.mod:3:2: usage: require module/path v1.2.3",
        ),
        ("module \"a", "go.mod:1:8: unexpected EOF in string"),
        (
            "module \"a\nb\"",
            "go.mod:1:10: unexpected newline in string",
        ),
        (
            "module a /* b */",
            "go.mod:1:10: mod files must use // comments (not /* */ comments)",
        ),
        (
            "module a\n\u{200b}",
            r"go.mod:2: unexpected input character '\u200b'",
        ),
        (
            "\nrequire (\n x v1.0.0\n",
            "go.mod:4: syntax error (unterminated block started at go.mod:2:1)",
        ),
        (
            "require (\n) x\n",
            "go.mod:2:4: syntax error (expected newline after closing paren)",
        ),
    ] {
        assert_eq!(fault(text), message, "{text}");
    }
}

#[test]
fn a_fault_of_the_syntax_is_told_alone() {
    assert_eq!(
        fault("verb x\nrequire a.b/c \"v1\nverb y\n"),
        "go.mod:2:18: unexpected newline in string"
    );
}

#[test]
fn all_faults_of_the_directives_are_told() {
    assert_eq!(
        fault(
            "module a\nmodule b\ngo 1.x\ntoolchain 1.22\nrequire a.b/c latest\nrequire a.b/c/v3 v1.0.0\n\
             require 'a' v1.0.0\nverb x\nverb (\n)\nretract v1.0.0 v1.1.0\nretract [v1.0.0]\n"
        ),
        "go.mod:2: repeated module statement\n\
         go.mod:3: invalid go version '1.x': must match format 1.23.0\n\
         go.mod:4: invalid toolchain version '1.22': must match format go1.23.0 or default\n\
         go.mod:5: require a.b/c: version \"latest\" invalid: must be of the form v1.2.3\n\
         go.mod:6: require a.b/c/v3: version \"v1.0.0\" invalid: should be v3, not v1\n\
         go.mod:7: invalid quoted string: unquoted string cannot contain quote\n\
         go.mod:8: unknown directive: verb\n\
         go.mod:9: unknown block type: verb\n\
         go.mod:11: unexpected token after version: \"v1.1.0\"\n\
         go.mod:12: expected ',' after version"
    );
}

#[test]
fn a_dependency_may_say_what_is_not_known_yet() {
    let go_mod = lax(
        "module example.com/x\ngo 1.99.x\nfuture (\n\tthing\n)\nfuture thing\nexclude nonsense\n\
         toolchain nonsense\nretract (v1.0.0, v2.0.0)\nretract v1.0.0 and more\ntool\n",
    );
    assert_eq!(go_mod.go.as_deref(), Some("1.99"));
    assert_eq!(go_mod.retract, [retract("v1.0.0", "v1.0.0", "")]);
    assert_eq!((go_mod.exclude, go_mod.toolchain), (Vec::new(), None));
}

#[test]
fn a_dependency_may_not_break_what_counts() {
    let fault = |text: &str| {
        parse_lax("x@v1/go.mod", text.as_bytes())
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        fault("go one"),
        "x@v1/go.mod:1: invalid go version 'one': must match format 1.23.0"
    );
    assert_eq!(
        fault("require a.b/c"),
        "x@v1/go.mod:1: usage: require module/path v1.2.3"
    );
    assert_eq!(
        fault("future \"x"),
        "x@v1/go.mod:1:8: unexpected EOF in string"
    );
}

#[test]
fn versions_are_made_canonical_but_those_of_retractions() {
    let go_mod = strict("require a.b/c v1.2\nexclude a.b/c v3.0.0+incompatible\nretract v1\n");
    assert_eq!(go_mod.require, [require("a.b/c", "v1.2.0", false)]);
    assert_eq!(go_mod.retract, [retract("v1", "v1", "")]);
}

#[test]
fn a_file_of_endless_tokens_is_refused() {
    assert_eq!(
        parse_lax("go.mod", "x\n".repeat(1 << 20).as_bytes())
            .unwrap_err()
            .to_string(),
        "go.mod:131073: more than 262144 tokens"
    );
}

#[test]
fn versions_that_are_not_canonical_are_noted() {
    let text = b"module m.x/m\nrequire (\n\ta.b/c v1.2\n\ta.b/d \"v1.2.0\"\n)\n\
        replace a.b/e v1 => a.b/f v1.0.0+meta\nexclude a.b/c v1.9\nreplace a.b/g v1.0.0 => ../g\n";
    let notes: Vec<String> = parse("go.mod", text)
        .unwrap()
        .shorthand
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        notes,
        [
            "go.mod:3:2: version is not canonical, which would be v1.2.0",
            "go.mod:6: version is not canonical, which would be v1.0.0",
            "go.mod:6: version is not canonical, which would be v1.0.0",
            "go.mod:7: version is not canonical, which would be v1.9.0",
        ]
    );
    assert!(parse_lax("go.mod", text).unwrap().shorthand.is_empty());
}
