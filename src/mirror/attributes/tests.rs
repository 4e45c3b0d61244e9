use super::Attributes;
use crate::mirror::Conversion;
use crate::mirror::convert::{Encoding, LineEnds};

const CRLF: LineEnds = LineEnds::Crlf;
const KEEP: LineEnds = LineEnds::Keep;

fn root(content: &str) -> Attributes {
    let mut attributes = Attributes::new();
    attributes.add("", content.as_bytes());
    attributes
}

fn line_ends(content: &str, path: &str) -> LineEnds {
    root(content).conversion(path).line_ends
}

#[test]
fn a_tree_without_attributes_converts_nothing() {
    let attributes = Attributes::new();
    assert!(attributes.is_empty());
    assert!(attributes.conversion("a/b.txt").is_identity());
    assert!(root("# only a comment\n\n[attr]mine eol=crlf\n").is_empty());
}

#[test]
fn only_an_explicit_eol_converts_line_ends() {
    for (line, expected) in [
        ("* text", KEEP),
        ("* text=auto", KEEP),
        ("* crlf", KEEP),
        ("* eol=lf", KEEP),
        ("* eol", KEEP),
        ("* eol=CRLF", KEEP),
        ("* eol=crlf", CRLF),
        ("* text eol=crlf", CRLF),
        ("* text=input eol=crlf", CRLF),
        ("* text=other eol=crlf", CRLF),
        ("* text=auto eol=crlf", LineEnds::CrlfIfText),
        ("* crlf=auto eol=crlf", LineEnds::CrlfIfText),
        ("* -text eol=crlf", KEEP),
        ("* -crlf eol=crlf", KEEP),
        ("* text -crlf eol=crlf", CRLF),
        ("* !text -crlf eol=crlf", KEEP),
        ("* binary eol=crlf", KEEP),
    ] {
        assert_eq!(line_ends(line, "a"), expected, "{line}");
    }
}

#[test]
fn ident_and_encoding_are_read_beside_line_ends() {
    let attributes = root("* eol=crlf ident working-tree-encoding=UTF-16LE\n");
    let expected = Conversion {
        line_ends: CRLF,
        ident: true,
        encoding: Encoding::named(b"UTF-16LE"),
    };
    assert_eq!(attributes.conversion("a"), expected);
    assert!(root("* ident=yes").conversion("a").is_identity());
    assert!(
        root("* -working-tree-encoding")
            .conversion("a")
            .is_identity()
    );
    let without_value = root("* working-tree-encoding").conversion("a");
    assert_eq!(without_value.encoding, Encoding::Forbidden);
}

#[test]
fn filters_and_export_attributes_leave_content_alone() {
    let attributes =
        root("*.bin filter=lfs diff=lfs merge=lfs -text\n* export-subst export-ignore\n");
    assert!(attributes.conversion("a.bin").is_identity());
    assert!(attributes.conversion("a.go").is_identity());
}

#[test]
fn the_last_line_and_the_last_word_win() {
    assert_eq!(line_ends("* eol=crlf\na eol=lf\n", "a"), KEEP);
    assert_eq!(line_ends("a eol=lf\n* eol=crlf\n", "a"), CRLF);
    assert_eq!(line_ends("a eol=lf eol=crlf\n", "a"), CRLF);
    assert_eq!(line_ends("* eol=crlf\na !eol\n", "a"), KEEP);
}

#[test]
fn the_deepest_folder_wins_whatever_the_order_of_adding() {
    let mut attributes = Attributes::new();
    attributes.add("a/b", b"*.txt eol=lf");
    attributes.add("", b"*.txt eol=crlf");
    attributes.add("a", b"b/c.txt ident");
    assert_eq!(attributes.conversion("a/x.txt").line_ends, CRLF);
    assert_eq!(attributes.conversion("a/b/c.txt").line_ends, KEEP);
    assert!(attributes.conversion("a/b/c.txt").ident);
    assert!(!attributes.conversion("b/c.txt").ident);
    assert_eq!(attributes.conversion("ab/c.txt").line_ends, CRLF);
}

#[test]
fn a_macro_stands_for_its_words_where_it_is_set() {
    let file = "[attr]dos text eol=crlf\n[attr]old dos ident\n";
    assert_eq!(line_ends(&format!("{file}* dos"), "a"), CRLF);
    assert_eq!(line_ends(&format!("{file}* old"), "a"), CRLF);
    assert_eq!(line_ends(&format!("{file}* -dos"), "a"), KEEP);
    assert_eq!(line_ends(&format!("{file}* dos=yes"), "a"), KEEP);
    assert_eq!(line_ends(&format!("{file}* dos -text"), "a"), KEEP);
    assert_eq!(line_ends("[attr]a b\n[attr]b a eol=crlf\n* a", "x"), CRLF);
    assert_eq!(line_ends("[attr]binary eol=crlf\n* binary", "x"), CRLF);
}

#[test]
fn macros_of_the_root_hold_in_folders_and_folders_define_none() {
    let mut attributes = Attributes::new();
    attributes.add("a", b"[attr]unix eol=crlf\nx dos\ny unix");
    attributes.add("", b"[attr]dos eol=crlf");
    assert_eq!(attributes.conversion("a/x").line_ends, CRLF);
    assert_eq!(attributes.conversion("a/y").line_ends, KEEP);
}

#[test]
fn long_chains_of_macros_do_not_exhaust_the_stack() {
    let mut file = String::from("* m0\n");
    for number in 0..100_000 {
        file += &format!("[attr]m{number} m{}\n", number + 1);
    }
    file += "[attr]m100000 eol=crlf\n";
    assert_eq!(line_ends(&file, "a"), CRLF);
}

#[test]
fn a_line_with_an_invalid_name_is_void() {
    for word in ["a/b", "--text", "-", "=x", "t\u{e4}", "\"x\""] {
        assert_eq!(
            line_ends(&format!("a eol=crlf {word}\n"), "a"),
            KEEP,
            "{word}"
        );
    }
    assert_eq!(line_ends("a eol=crlf _.-9=\u{e4}\n", "a"), CRLF);
}

#[test]
fn lines_end_in_any_blank_and_comments_begin_after_blanks() {
    assert_eq!(line_ends("\t a\teol=crlf \r\n", "a"), CRLF);
    assert_eq!(line_ends("  # a eol=crlf\n", "#"), KEEP);
    assert_eq!(line_ends("\\#a eol=crlf\n", "#a"), CRLF);
}

#[test]
fn a_quoted_pattern_is_unquoted_and_a_broken_quote_is_literal() {
    assert_eq!(line_ends("\"a b\" eol=crlf", "a b"), CRLF);
    assert_eq!(line_ends("\"a b\"eol=crlf", "a b"), CRLF);
    assert_eq!(line_ends("\"\\303\\244\\t\" eol=crlf", "\u{e4}\t"), CRLF);
    assert_eq!(line_ends("\"a eol=crlf", "\"a"), CRLF);
    assert_eq!(line_ends("\"a\\x\" eol=crlf", "\"ax\""), CRLF);
    assert_eq!(line_ends("\"a\\000b\" eol=crlf", "a"), CRLF);
    assert_eq!(line_ends("\"[attr]m\" eol=crlf\n* m", "a"), CRLF);
}

#[test]
fn a_line_of_2048_bytes_is_ignored() {
    let line = format!("{:<2047}", "a eol=crlf");
    assert_eq!(line_ends(&line, "a"), CRLF);
    assert_eq!(line_ends(&format!("{line} "), "a"), KEEP);
}

#[test]
fn a_nul_byte_ends_the_file() {
    assert_eq!(line_ends("a eol=crlf\0 eol=lf\n", "a"), CRLF);
    assert_eq!(line_ends("a eol=crlf\n\0\na eol=lf\n", "a"), CRLF);
}

#[test]
fn a_byte_order_mark_belongs_to_the_first_pattern() {
    assert_eq!(line_ends("\u{feff}a eol=crlf\n", "a"), KEEP);
    assert_eq!(line_ends("\u{feff}a eol=crlf\n", "\u{feff}a"), CRLF);
}

#[test]
fn a_second_file_of_a_folder_replaces_the_first() {
    let mut attributes = root("[attr]dos eol=crlf\n* dos");
    attributes.add("", b"a dos");
    assert!(attributes.conversion("a").is_identity());
    attributes.add("", b"");
    assert!(attributes.is_empty());
}
