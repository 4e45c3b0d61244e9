//! go.sum: what is recorded there must match before anything becomes visible.

use crate::support::mirror::Mirror;
use crate::support::sample::{self, FIRST_SUMS, SECOND_SUMS};
use crate::support::sandbox::{Sandbox, tell};
use crate::support::{tests, tree};
use libtest_mimic::Trial;

/// The tests of this group.
pub(crate) fn trials() -> Vec<Trial> {
    tests!("sums":
        a_file_that_matches_lets_the_module_through,
        a_zip_that_differs_stops_the_module,
        a_go_mod_that_differs_stops_the_module,
        nothing_is_visible_of_a_module_that_was_stopped,
        the_file_beside_go_mod_is_found_by_itself,
        a_file_beside_no_go_mod_is_not_found,
        no_sum_leaves_the_file_beside_go_mod_alone,
        a_module_that_is_not_recorded_passes,
        every_file_given_counts,
        the_first_of_several_recorded_sums_counts,
        a_sum_of_an_unknown_kind_is_no_fault,
        a_file_that_is_broken_is_an_error_with_its_line,
        a_file_that_is_missing_is_an_error_with_its_name,
        one_module_that_was_stopped_does_not_stop_the_rest,
        the_next_mirror_may_have_what_is_recorded,
        mirrors_that_all_differ_are_all_told,
    )
}

const REQUEST: &str = "example.com/m@v1.0.0";
const WRONG: &str = "h1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
const ZIP_SUM: &str = "h1:MYJvGMFp7MSfOT0HgCzzwcYKhzct1l9lqNAt7+WHOCg=";
const GO_MOD_SUM: &str = "h1:flS2VctbRrTv+sBE+VKgxx6hlkMGPVz9MGOmzMYFg3k=";

fn wrong_zip() -> String {
    FIRST_SUMS.replace(ZIP_SUM, WRONG)
}

fn files(sandbox: &Sandbox) -> Vec<String> {
    tree::files(&sandbox.path("modcache"))
}

fn a_file_that_matches_lets_the_module_through() {
    let sandbox = sample::sandbox();
    let sums = sandbox.write("go.sum", FIRST_SUMS);
    tell(sample::fetch(&sandbox, &[REQUEST]).arg("--sum").arg(sums)).prints(FIRST_SUMS);
}

fn a_zip_that_differs_stops_the_module() {
    let sandbox = sample::sandbox();
    let sums = sandbox.write("go.sum", wrong_zip());
    let told = tell(sample::fetch(&sandbox, &[REQUEST]).arg("--sum").arg(sums));
    told.fails(3, [REQUEST, WRONG, ZIP_SUM, "go.sum"]);
}

fn a_go_mod_that_differs_stops_the_module() {
    let sandbox = sample::sandbox();
    let sums = sandbox.write("go.sum", FIRST_SUMS.replace(GO_MOD_SUM, WRONG));
    let told = tell(sample::fetch(&sandbox, &[REQUEST]).arg("--sum").arg(sums));
    told.fails(3, [REQUEST, WRONG, GO_MOD_SUM, "go.mod"]);
    assert_eq!(files(&sandbox), [""; 0]);
}

/// Builds a mirror in which v1.0.0 has been moved, and gives the `--mirror` that names it.
fn moved_mirror(sandbox: &Sandbox, name: &str) -> String {
    let folder = sandbox.path(name);
    Mirror::new()
        .go_mod("example.com/m")
        .file("m.go", format!("package m // {name}\n"))
        .release("v1.0.0")
        .build(&folder);
    format!("example.com/m={}", folder.display())
}

fn the_next_mirror_may_have_what_is_recorded() {
    let sandbox = sample::sandbox();
    let sums = sandbox.write("go.sum", FIRST_SUMS);
    let mut command = sandbox.gomodcache();
    command.args([
        "fetch",
        REQUEST,
        "--mirror",
        &moved_mirror(&sandbox, "moved.git"),
    ]);
    let whole = format!("example.com/m={}", sandbox.path("m.git").display());
    command.args(["--mirror", &whole, "--modcache"]);
    command.arg(sandbox.path("modcache"));
    tell(command.arg("--sum").arg(sums)).prints(FIRST_SUMS);
}

fn mirrors_that_all_differ_are_all_told() {
    let sandbox = sample::sandbox();
    let sums = sandbox.write("go.sum", FIRST_SUMS);
    let mut command = sandbox.gomodcache();
    command.args(["fetch", REQUEST, "--modcache"]);
    command.arg(sandbox.path("modcache"));
    for name in ["one.git", "other.git"] {
        command.args(["--mirror", &moved_mirror(&sandbox, name)]);
    }
    let told = tell(command.arg("--sum").arg(sums));
    told.fails(3, [REQUEST, ZIP_SUM, "one.git", "other.git"]);
    assert_eq!(files(&sandbox), [""; 0]);
}

fn nothing_is_visible_of_a_module_that_was_stopped() {
    let sandbox = sample::sandbox();
    let sums = sandbox.write("go.sum", wrong_zip());
    tell(sample::fetch(&sandbox, &[REQUEST]).arg("--sum").arg(sums)).fails(3, []);
    assert_eq!(files(&sandbox), [""; 0]);
}

fn the_file_beside_go_mod_is_found_by_itself() {
    let sandbox = sample::sandbox();
    sandbox.write("work/go.mod", "module example.com/main\n");
    sandbox.write("work/go.sum", wrong_zip());
    tell(&mut sample::fetch(&sandbox, &[REQUEST])).fails(3, [WRONG, ZIP_SUM, "go.sum"]);
    assert_eq!(files(&sandbox), [""; 0]);
}

fn a_file_beside_no_go_mod_is_not_found() {
    let sandbox = sample::sandbox();
    sandbox.write("work/go.sum", wrong_zip());
    tell(&mut sample::fetch(&sandbox, &[REQUEST])).prints(FIRST_SUMS);
}

fn no_sum_leaves_the_file_beside_go_mod_alone() {
    let sandbox = sample::sandbox();
    sandbox.write("work/go.mod", "module example.com/main\n");
    sandbox.write("work/go.sum", wrong_zip());
    tell(sample::fetch(&sandbox, &[REQUEST]).arg("--no-sum")).prints(FIRST_SUMS);
}

fn a_module_that_is_not_recorded_passes() {
    let sandbox = sample::sandbox();
    let sums = sandbox.write("go.sum", wrong_zip());
    let mut command = sample::fetch(&sandbox, &["example.com/m@v1.1.0"]);
    tell(command.arg("--sum").arg(sums)).prints(SECOND_SUMS);
}

fn every_file_given_counts() {
    let sandbox = sample::sandbox();
    let good = sandbox.write("good.sum", FIRST_SUMS);
    let bad = sandbox.write("bad.sum", wrong_zip());
    for order in [[&good, &bad], [&bad, &good]] {
        let mut command = sample::fetch(&sandbox, &[REQUEST]);
        let told = tell(
            command
                .arg("--sum")
                .arg(order[0])
                .arg("--sum")
                .arg(order[1]),
        );
        told.fails(3, ["bad.sum"]);
    }
}

fn the_first_of_several_recorded_sums_counts() {
    let sandbox = sample::sandbox();
    let sums = sandbox.write("go.sum", wrong_zip() + FIRST_SUMS);
    let told = tell(sample::fetch(&sandbox, &[REQUEST]).arg("--sum").arg(sums));
    told.fails(3, [WRONG, ZIP_SUM]);
    assert_eq!(files(&sandbox), [""; 0]);
    let sums = sandbox.write("go.sum", FIRST_SUMS.to_owned() + &wrong_zip());
    tell(sample::fetch(&sandbox, &[REQUEST]).arg("--sum").arg(sums)).prints(FIRST_SUMS);
}

fn a_sum_of_an_unknown_kind_is_no_fault() {
    let sandbox = sample::sandbox();
    let sums = sandbox.write("go.sum", FIRST_SUMS.replace("h1:", "h7:"));
    tell(sample::fetch(&sandbox, &[REQUEST]).arg("--sum").arg(sums)).prints(FIRST_SUMS);
}

fn a_file_that_is_broken_is_an_error_with_its_line() {
    let sandbox = sample::sandbox();
    let sums = sandbox.write("go.sum", "example.com/m v1.0.0\n");
    let told = tell(sample::fetch(&sandbox, &[REQUEST]).arg("--sum").arg(sums));
    told.fails(1, ["go.sum:1"]);
    assert_eq!(files(&sandbox), [""; 0]);
}

fn a_file_that_is_missing_is_an_error_with_its_name() {
    let sandbox = sample::sandbox();
    let told = tell(sample::fetch(&sandbox, &[REQUEST]).args(["--sum", "nowhere.sum"]));
    told.fails(1, ["nowhere.sum"]);
    assert_eq!(files(&sandbox), [""; 0]);
}

fn one_module_that_was_stopped_does_not_stop_the_rest() {
    let sandbox = sample::sandbox();
    let sums = sandbox.write("go.sum", wrong_zip());
    let mut command = sample::fetch(&sandbox, &[REQUEST, "example.com/m@v1.1.0"]);
    let told = tell(command.arg("--sum").arg(sums));
    assert_eq!(
        (told.code, told.stdout.as_str()),
        (Some(3), SECOND_SUMS),
        "{told:#?}"
    );
    told.mentions([REQUEST, WRONG, ZIP_SUM]);
}
