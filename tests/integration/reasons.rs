//! What is told of the reason when content is not what go.sum has.

use crate::support::mirror::{Built, Mirror};
use crate::support::sandbox::{Sandbox, Told, tell};
use crate::support::server::Server;
use crate::support::{oracle_tests, tests, tree};
use gomodcache::checksum::{dirhash, gosum};
use libtest_mimic::Trial;
use sha2::{Digest, Sha256};

/// The tests of this group.
pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = tests!("reasons":
        a_tag_that_was_moved_is_told_with_the_commit_it_was_at,
        a_go_mod_that_was_moved_is_told_with_the_commit_it_was_at,
        a_moved_tag_is_found_without_a_go_mod_line_and_in_a_folder,
        a_commit_that_no_branch_has_any_more_is_not_made_up,
        the_history_that_a_shallow_clone_lacks_is_told,
        a_sum_of_files_without_their_attributes_is_told,
        a_sum_of_files_with_other_line_ends_is_told,
        a_sum_of_a_go_mod_with_other_line_ends_is_told,
        a_sum_by_the_other_vendor_rule_is_told,
        a_sum_without_the_license_of_the_root_is_told,
        a_large_file_pointer_is_told_as_likely,
        a_go_mod_of_another_module_is_told_as_likely,
        the_subject_of_a_commit_cannot_steer_a_terminal,
    );
    trials.extend(oracle_tests!("reasons":
        the_history_of_a_remote_repository_is_fetched_for_it,
    ));
    trials
}

const GO_MOD: &str = "module example.com/m\n";
const NO_COMMIT: &str =
    "no commit on the branches and tags of this mirror has the recorded content";

/// Gives go.sum lines of `path` v1.0.0: of a zip with these files, and of its go.mod.
fn lines(path: &str, files: &[(&str, &str)]) -> String {
    let entries = files.iter().map(|(name, content)| {
        let name = format!("{path}@v1.0.0/{name}");
        (name, Sha256::digest(content).into())
    });
    let zip = dirhash::hash1(entries).expect("sum");
    let go_mod = files.iter().find(|(name, _)| *name == "go.mod");
    let go_mod = dirhash::go_mod_sum(go_mod.map_or(GO_MOD, |(_, content)| content).as_bytes());
    gosum::line(path, "v1.0.0", &zip) + &gosum::line(path, "v1.0.0/go.mod", &go_mod)
}

fn fetch_from(sandbox: &Sandbox, repository: &str, path: &str, sums: &str) -> Told {
    let sums = sandbox.write("recorded.sum", sums);
    let mut command = sandbox.gomodcache();
    command
        .args(["fetch", &format!("{path}@v1.0.0"), "--modcache"])
        .arg(sandbox.path("modcache"))
        .args(["--mirror", &format!("example.com/m={repository}"), "--sum"])
        .arg(sums);
    tell(&mut command)
}

/// Fetches v1.0.0 of `path` from `m.git`, which must fail because of the sums, and leave nothing.
fn told(sandbox: &Sandbox, path: &str, sums: &str) -> String {
    let repository = sandbox.path("m.git").display().to_string();
    let told = fetch_from(sandbox, &repository, path, sums);
    told.fails(3, ["checksum mismatch", "found: h1:", "recorded.sum: h1:"]);
    assert_eq!(tree::files(&sandbox.path("modcache")), [""; 0]);
    told.stderr
}

fn assert_told(stderr: &str, words: &[&str]) {
    for word in words {
        assert!(stderr.contains(word), "no `{word}` in {stderr}");
    }
}

fn built(mirror: &Mirror) -> (Sandbox, Built) {
    let sandbox = Sandbox::new();
    let built = mirror.build(&sandbox.path("m.git"));
    (sandbox, built)
}

/// A history with one commit for each content of `m.go`, each with that as its message, and a tag on the last.
fn moved(contents: &[&str]) -> Mirror {
    let history = contents.iter().fold(Mirror::new(), |mirror, content| {
        mirror
            .file("go.mod", GO_MOD)
            .file("m.go", *content)
            .commit(content)
    });
    history.tag("v1.0.0")
}

fn a_tag_that_was_moved_is_told_with_the_commit_it_was_at() {
    let (sandbox, built) = built(&moved(&["zero", "first", "second", "third"]));
    let sums = lines("example.com/m", &[("go.mod", GO_MOD), ("m.go", "first")]);
    let expected = "moved tag: `v1.0.0` was at commit {first} (2024-01-01T01:00:00Z, \"first\")";
    assert_told(
        &told(&sandbox, "example.com/m", &sums),
        &[&built.expand(expected)],
    );
}

fn a_go_mod_that_was_moved_is_told_with_the_commit_it_was_at() {
    let old = "module example.com/m\n\ngo 1.20\n";
    let mirror = Mirror::new()
        .file("go.mod", old)
        .commit("unlike")
        .file("m.go", "package m\n")
        .commit("first")
        .file("go.mod", GO_MOD)
        .release("v1.0.0");
    let (sandbox, built) = built(&mirror);
    let sums = lines("example.com/m", &[("go.mod", old), ("m.go", "package m\n")]);
    let stderr = told(&sandbox, "example.com/m", &sums);
    let expected = built.expand("moved tag: `v1.0.0` was at commit {first} (");
    assert_told(&stderr, &["v1.0.0/go.mod: checksum mismatch", &expected]);
    let go_mod_alone = sums.lines().nth(1).expect("two lines");
    let stderr = told(&sandbox, "example.com/m", go_mod_alone);
    assert_told(&stderr, &["or near to it", "has the recorded go.mod"]);
}

fn a_moved_tag_is_found_without_a_go_mod_line_and_in_a_folder() {
    let go_mod = "module example.com/m/sub\n";
    let mirror = Mirror::new()
        .file("sub/go.mod", go_mod)
        .file("sub/a.go", "first")
        .commit("first")
        .file("sub/a.go", "second")
        .release("sub/v1.0.0")
        .branch("other")
        .remove("sub")
        .commit("gone");
    let (sandbox, built) = built(&mirror);
    let sums = lines(
        "example.com/m/sub",
        &[("go.mod", go_mod), ("a.go", "first")],
    );
    let zip = sums.lines().next().expect("a line");
    let stderr = told(&sandbox, "example.com/m/sub", zip);
    let expected = built.expand("moved tag: `sub/v1.0.0` was at commit {first} (");
    assert_told(&stderr, &[&expected]);
}

fn a_commit_that_no_branch_has_any_more_is_not_made_up() {
    let (sandbox, _) = built(&moved(&["second", "third"]));
    let sums = lines("example.com/m", &[("go.mod", GO_MOD), ("m.go", "first")]);
    let stderr = told(&sandbox, "example.com/m", &sums);
    assert_told(&stderr, &[NO_COMMIT]);
    assert!(
        !stderr.contains("moved tag") && !stderr.contains("likely"),
        "{stderr}"
    );
}

fn the_history_that_a_shallow_clone_lacks_is_told() {
    let (sandbox, built) = built(&moved(&["first", "second"]));
    sandbox.write("m.git/shallow", built.expand("{second}\n"));
    let sums = lines("example.com/m", &[("go.mod", GO_MOD), ("m.go", "first")]);
    let stderr = told(&sandbox, "example.com/m", &sums);
    assert_told(&stderr, &["is not known: ", "shallow clone"]);
}

fn a_sum_of_files_without_their_attributes_is_told() {
    let files = [
        (".gitattributes", "*.txt eol=crlf\n"),
        ("a.txt", "a\n"),
        ("go.mod", GO_MOD),
    ];
    let (sandbox, _) = built(&release(&files));
    let stderr = told(&sandbox, "example.com/m", &lines("example.com/m", &files));
    assert_told(&stderr, &["attributes: ", "as they are stored in git"]);
}

fn a_sum_of_files_with_other_line_ends_is_told() {
    let unix = [("a.txt", "a\n"), ("b.bin", "\0\n"), ("go.mod", GO_MOD)];
    let dos = [
        ("a.txt", "a\r\n"),
        ("b.bin", "\0\n"),
        ("go.mod", "module example.com/m\r\n"),
    ];
    let go_mod_line = |files| {
        lines("example.com/m", files)
            .lines()
            .nth(1)
            .map(str::to_owned)
    };
    for (ours, theirs, words) in [
        (
            &unix,
            &dos,
            "line endings: the recorded sum is that of the same files with CRLF",
        ),
        (
            &dos,
            &unix,
            "line endings: the recorded sum is that of the same files with LF",
        ),
    ] {
        let (sandbox, _) = built(&release(ours));
        let sums = lines("example.com/m", theirs);
        let zip = sums.lines().next().expect("a line").to_owned();
        let sums = format!("{zip}\n{}\n", go_mod_line(ours).expect("two lines"));
        assert_told(&told(&sandbox, "example.com/m", &sums), &[words]);
    }
}

fn a_sum_of_a_go_mod_with_other_line_ends_is_told() {
    let (sandbox, _) = built(&release(&[("go.mod", GO_MOD)]));
    let sums = lines("example.com/m", &[("go.mod", "module example.com/m\r\n")]);
    let stderr = told(&sandbox, "example.com/m", &sums);
    assert_told(
        &stderr,
        &["/go.mod: checksum mismatch", "line endings: ", "with CRLF"],
    );
}

fn a_sum_by_the_other_vendor_rule_is_told() {
    for (go, included, words) in [
        ("1.20", "pkg/vendor/x.go", "told as go 1.24 and later does"),
        ("1.24", "vendor/modules.txt", "told as go before 1.24 does"),
    ] {
        let go_mod = format!("module example.com/m\n\ngo {go}\n");
        let files = [("go.mod", go_mod.as_str()), (included, "x\n")];
        let (sandbox, _) = built(&release(&files));
        let stderr = told(&sandbox, "example.com/m", &lines("example.com/m", &files));
        assert_told(&stderr, &["vendor rule: ", words]);
    }
}

fn a_sum_without_the_license_of_the_root_is_told() {
    let go_mod = "module example.com/m/sub\n";
    let mirror = Mirror::new()
        .file("LICENSE", "Do as you like.\n")
        .file("sub/go.mod", go_mod)
        .release("sub/v1.0.0");
    let (sandbox, _) = built(&mirror);
    let sums = lines("example.com/m/sub", &[("go.mod", go_mod)]);
    let stderr = told(&sandbox, "example.com/m/sub", &sums);
    assert_told(
        &stderr,
        &[
            "license: the recorded sum",
            "without the LICENSE at the root",
        ],
    );
}

fn a_large_file_pointer_is_told_as_likely() {
    let pointer = format!(
        "version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize 5\n",
        "a".repeat(64)
    );
    let (sandbox, _) = built(&release(&[("data.bin", &pointer), ("go.mod", GO_MOD)]));
    let sums = lines(
        "example.com/m",
        &[("data.bin", "large"), ("go.mod", GO_MOD)],
    );
    let stderr = told(&sandbox, "example.com/m", &sums);
    assert_told(
        &stderr,
        &["LFS, likely: data.bin is a Git LFS pointer here", NO_COMMIT],
    );
}

fn a_go_mod_of_another_module_is_told_as_likely() {
    let go_mod = "module example.org/fork\n";
    let (sandbox, _) = built(&release(&[("go.mod", go_mod)]));
    let sums = lines(
        "example.com/m",
        &[("go.mod", go_mod), ("m.go", "package m\n")],
    );
    let stderr = told(&sandbox, "example.com/m", &sums);
    let words =
        "wrong repository, likely: the go.mod at this version says `module example.org/fork`";
    assert_told(&stderr, &[words, NO_COMMIT]);
}

fn the_subject_of_a_commit_cannot_steer_a_terminal() {
    let (sandbox, _) = built(&moved(&["\u{1b}[2Jfirst\u{202e}", "second"]));
    let first = [("go.mod", GO_MOD), ("m.go", "\u{1b}[2Jfirst\u{202e}")];
    let stderr = told(&sandbox, "example.com/m", &lines("example.com/m", &first));
    assert_told(&stderr, &["\"\\u{1b}[2Jfirst\\u{202e}\""]);
    assert!(!stderr.contains(['\u{1b}', '\u{202e}']), "{stderr:?}");
}

fn the_history_of_a_remote_repository_is_fetched_for_it() {
    let (sandbox, built) = built(&moved(&["first", "second"]));
    let server = Server::start(&sandbox);
    let sums = lines("example.com/m", &[("go.mod", GO_MOD), ("m.go", "first")]);
    let repository = server.repository("m.git");
    let expected = built.expand("moved tag: `v1.0.0` was at commit {first} (");
    fetch_from(&sandbox, &repository, "example.com/m", &sums).fails(3, [expected.as_str()]);
}

/// One commit with these files and the tag v1.0.0.
fn release(files: &[(&str, &str)]) -> Mirror {
    let tree = files.iter().fold(Mirror::new(), |mirror, (name, content)| {
        mirror.file(*name, *content)
    });
    tree.release("v1.0.0")
}
