use super::*;

fn head(text: &str) -> Head {
    read_head(text.as_bytes()).unwrap()
}

#[test]
fn imports_are_found_in_all_their_forms() {
    let text = "\u{feff}// doc\npackage p // x\nimport \"a\"; import . `b`\n/* import \"no\" */\nimport (\n\t_ \"c\"\n\td \"d/\\u0065\" // \"no\"\n);import(\"f\")\nvar x = `import \"no\"`\n";
    assert_eq!(head(text).imports, ["a", "b", "c", "d/e", "f"]);
}

#[test]
fn a_syntax_error_ends_the_imports_and_nothing_else() {
    let text = "package p\nimport \"a\"\nimport 'b'\nimport \"c\"\n";
    assert_eq!(head(text).imports, ["a"]);
    assert!(head(text).is_built);
    assert_eq!(head("pack").imports.len(), 0);
    assert_eq!(head("").imports.len(), 0);
    assert_eq!(head("package p /* x").imports.len(), 0);
}

#[test]
fn a_nul_is_refused() {
    assert!(read_head(&b"package p\n\0"[..]).is_err());
}

#[test]
fn a_head_without_end_is_refused() {
    let endless = std::io::Read::chain(&b"package p\n/*"[..], std::io::repeat(b'x'));
    let error = read_head(endless).unwrap_err();
    assert!(error.to_string().contains("16777216 bytes"), "{error}");
}

#[test]
fn a_file_counts_where_some_tags_build_it() {
    for (constraint, expected) in [
        ("//go:build ignore", false),
        ("//go:build !ignore", true),
        ("//go:build linux && !linux", true),
        ("//go:build ignore || windows", true),
        ("//go:build ignore && windows", false),
        ("//go:build !(ignore || x)", true),
        ("//go:build !(x && ignore)", true),
        ("//go:build !!x", false),
        ("//go:build", false),
        ("//go:build x &&", false),
        ("//go:build (x", false),
        ("//go:build x y", false),
        ("//go:build x-y", false),
        ("//go:buildx ignore", true),
        ("//go:build 386", true),
        ("//go:build x\n//go:build y", false),
        ("/*\n//go:build ignore\n*/", true),
        ("/* x */ //go:build ignore", true),
        ("// +build ignore", false),
        ("//+build ignore", false),
        ("// +build !ignore", true),
        ("// +build ignore linux", true),
        ("// +build ignore,linux", false),
        ("// +build linux\n// +build ignore", false),
        ("// +build", false),
        ("// +build !!x", false),
        ("// +build !", false),
        ("// +build x-y", false),
        ("//go:build linux\n// +build ignore", true),
    ] {
        let text = format!("{constraint}\n\npackage p\n");
        assert_eq!(head(&text).is_built, expected, "{constraint}");
    }
}

#[test]
fn an_old_constraint_needs_a_blank_line_behind_it() {
    assert!(head("// +build ignore\npackage p\n").is_built);
    assert!(!head("//go:build ignore\npackage p\n").is_built);
    assert!(head("package p\n\n//go:build ignore\n").is_built);
}

#[test]
fn a_constraint_that_nests_without_end_is_refused() {
    let text = format!("//go:build {}x\n\npackage p\n", "(".repeat(100_000));
    assert!(!head(&text).is_built);
}

#[test]
fn files_are_sorted_into_package_and_tests() {
    let mut imports = Imports::default();
    imports.add(
        "p.go",
        head("package p\nimport (\"a\"; \"C\"; \"appengine/x\"; \"appenginex\")\n"),
    );
    imports.add("p_test.go", head("package p_test\nimport \"b\"\n"));
    imports.add(
        "gen.go",
        head("//go:build ignore\n\npackage main\nimport \"c\"\n"),
    );
    assert!(imports.has_files);
    assert_eq!(
        imports.package,
        ["a", "appenginex"].map(str::to_owned).into()
    );
    assert_eq!(imports.tests, ["b".to_owned()].into());
}

#[test]
fn only_some_go_files_are_scanned() {
    let scanned = ["a.go", "_a.go", ".a.go", "a.go.x", "a_windows.go"].map(is_scanned);
    assert_eq!(scanned, [true, false, false, false, true]);
}
