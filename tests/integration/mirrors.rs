//! `--mirror`: with and without PREFIX, several of them, and repositories that cannot be read.

use crate::support::mirror::Mirror;
use crate::support::sample::{self, FIRST_SUMS, SUB_SUMS};
use crate::support::sandbox::{Sandbox, Told, tell};
use crate::support::server::Server;
use crate::support::tests;
use crate::support::tree::{self, Origin};
use libtest_mimic::Trial;

/// The tests of this group.
pub(crate) fn trials() -> Vec<Trial> {
    tests!("mirrors":
        without_prefix_the_root_is_the_module,
        without_prefix_a_module_in_a_folder_is_found,
        without_prefix_the_cache_is_the_same_as_with_it,
        without_prefix_v2_is_found,
        without_prefix_two_modules_share_a_root,
        an_ambiguous_root_is_told_with_the_prefix_form,
        a_path_that_the_repository_does_not_have_is_told_with_the_prefix_form,
        a_prefix_serves_the_modules_below_it,
        a_prefix_that_only_begins_alike_serves_nothing,
        the_second_mirror_is_tried_when_the_first_lacks_the_version,
        the_error_tells_what_every_mirror_said,
        a_subdirectory_stands_for_the_prefix,
        a_folder_with_a_working_tree_is_a_mirror,
        a_file_url_is_a_mirror,
        a_relative_folder_is_a_mirror,
        a_local_mirror_is_left_as_it_was,
        a_file_that_is_no_repository_is_told,
        a_lost_object_is_told_with_its_repository,
        an_empty_repository_is_told,
        a_mirror_without_repository_is_a_usage_error,
        github_stands_for_itself,
        a_path_with_dot_git_stands_for_itself,
        a_vanity_path_without_mirror_is_told,
    )
}

fn with_mirrors(sandbox: &Sandbox, request: &str, mirrors: &[&str]) -> Told {
    let mut command = sandbox.gomodcache();
    command
        .args(["fetch", request, "--modcache"])
        .arg(sandbox.path("modcache"));
    let folder = sandbox.path("").display().to_string();
    for mirror in mirrors {
        command.args([
            "--mirror",
            &mirror.replace("{}", folder.trim_end_matches('/')),
        ]);
    }
    tell(&mut command)
}

fn files(sandbox: &Sandbox) -> Vec<String> {
    tree::files(&sandbox.path("modcache"))
}

fn without_prefix_the_root_is_the_module() {
    let sandbox = sample::sandbox();
    with_mirrors(&sandbox, "example.com/m@v1.0.0", &["{}/m.git"]).prints(FIRST_SUMS);
}

fn without_prefix_a_module_in_a_folder_is_found() {
    let sandbox = sample::sandbox();
    with_mirrors(&sandbox, "example.com/m/sub@v0.1.0", &["{}/m.git"]).prints(SUB_SUMS);
}

fn without_prefix_the_cache_is_the_same_as_with_it() {
    let sandbox = sample::sandbox();
    for request in [
        "example.com/m/sub@v0.1.0",
        "example.com/m@latest",
        "example.com/m@v1.0.0",
    ] {
        let told = with_mirrors(&sandbox, request, &["{}/m.git"]);
        let told_with = tell(&mut sample::fetch_into(&sandbox, &[request], "other"));
        assert_eq!(told.stdout, told_with.stdout);
    }
    let list = |name| tree::list(&sandbox.path(name), Origin::Compared);
    assert_eq!(tree::difference(&list("other"), &list("modcache")), "");
}

fn without_prefix_v2_is_found() {
    let sandbox = Sandbox::new();
    let mirror = Mirror::new()
        .go_mod("example.com/m")
        .file("v2/go.mod", "module example.com/m/v2\n")
        .release("v2.0.0")
        .branch("three")
        .remove("v2")
        .go_mod("example.com/m/v3")
        .release("v3.0.0");
    mirror.build(&sandbox.path("m.git"));
    for request in ["example.com/m/v2@v2.0.0", "example.com/m/v3@v3.0.0"] {
        let told = with_mirrors(&sandbox, request, &["{}/m.git"]);
        assert_eq!(told.code, Some(0), "{told:#?}");
    }
}

fn without_prefix_two_modules_share_a_root() {
    let sandbox = sample::sandbox();
    let mut command = sandbox.gomodcache();
    command
        .args([
            "fetch",
            "example.com/m@v1.0.0",
            "example.com/m/sub@v0.1.0",
            "--mirror",
        ])
        .arg(sandbox.path("m.git"))
        .arg("--modcache")
        .arg(sandbox.path("modcache"));
    tell(&mut command).prints(&[FIRST_SUMS, SUB_SUMS].concat());
}

fn an_ambiguous_root_is_told_with_the_prefix_form() {
    let sandbox = Sandbox::new();
    // Both the root and the folder `b` say that they are `example.com/a/b`.
    let mirror = Mirror::new()
        .go_mod("example.com/a/b")
        .file("b/go.mod", "module example.com/a/b\n")
        .commit("one")
        .tags(["v1.0.0", "b/v1.0.0"]);
    mirror.build(&sandbox.path("m.git"));
    let told = with_mirrors(&sandbox, "example.com/a/b@v1.0.0", &["{}/m.git"]);
    told.fails(1, ["example.com/a/b@v1.0.0", "--mirror example.com/a="]);
    assert_eq!(files(&sandbox), [""; 0]);
}

fn a_path_that_the_repository_does_not_have_is_told_with_the_prefix_form() {
    let sandbox = sample::sandbox();
    let told = with_mirrors(&sandbox, "example.com/m/none@v1.0.0", &["{}/m.git"]);
    told.fails(1, ["example.com/m/none@v1.0.0", "--mirror", "="]);
    assert_eq!(files(&sandbox), [""; 0]);
}

fn a_prefix_serves_the_modules_below_it() {
    let sandbox = sample::sandbox();
    with_mirrors(
        &sandbox,
        "example.com/m/sub@v0.1.0",
        &["example.com/m={}/m.git"],
    )
    .prints(SUB_SUMS);
}

fn a_prefix_that_only_begins_alike_serves_nothing() {
    let sandbox = sample::sandbox();
    let told = with_mirrors(
        &sandbox,
        "example.com/mm@v1.0.0",
        &["example.com/m={}/m.git"],
    );
    told.fails(1, ["example.com/mm"]);
    assert_eq!(files(&sandbox), [""; 0]);
}

fn the_second_mirror_is_tried_when_the_first_lacks_the_version() {
    let sandbox = sample::sandbox();
    Mirror::new()
        .go_mod("example.com/m")
        .release("v0.5.0")
        .build(&sandbox.path("other.git"));
    let mirrors = ["example.com/m={}/other.git", "example.com/m={}/m.git"];
    with_mirrors(&sandbox, "example.com/m@v1.0.0", &mirrors).prints(FIRST_SUMS);
    let mirrors = ["example.com/m={}/nowhere.git", "example.com/m={}/m.git"];
    with_mirrors(&sandbox, "example.com/m/sub@v0.1.0", &mirrors).prints(SUB_SUMS);
}

fn the_error_tells_what_every_mirror_said() {
    let sandbox = sample::sandbox();
    Mirror::new()
        .go_mod("example.com/m")
        .release("v0.5.0")
        .build(&sandbox.path("other.git"));
    let mirrors = [
        "example.com/m={}/other.git",
        "example.com/m={}/m.git",
        "example.com/m={}/nowhere.git",
    ];
    let told = with_mirrors(&sandbox, "example.com/m@v7.0.0", &mirrors);
    told.fails(
        1,
        ["example.com/m@v7.0.0", "other.git", "m.git", "nowhere.git"],
    );
    assert_eq!(files(&sandbox), [""; 0]);
}

fn a_subdirectory_stands_for_the_prefix() {
    let sandbox = sample::sandbox();
    let told = with_mirrors(
        &sandbox,
        "example.com/m/sub@v0.1.0",
        &["example.com/m/sub={}/m.git//sub"],
    );
    told.prints(SUB_SUMS);
}

fn a_folder_with_a_working_tree_is_a_mirror() {
    let sandbox = sample::sandbox();
    std::fs::create_dir(sandbox.path("checkout")).expect("folder");
    std::fs::rename(sandbox.path("m.git"), sandbox.path("checkout/.git")).expect("rename");
    sandbox.write(
        "checkout/.git/config",
        "[core]\n\trepositoryformatversion = 0\n\tbare = false\n",
    );
    sandbox.write("checkout/untracked.go", "package untracked\n");
    with_mirrors(
        &sandbox,
        "example.com/m@v1.0.0",
        &["example.com/m={}/checkout"],
    )
    .prints(FIRST_SUMS);
}

fn a_file_url_is_a_mirror() {
    let sandbox = sample::sandbox();
    with_mirrors(
        &sandbox,
        "example.com/m@v1.0.0",
        &["example.com/m=file://{}/m.git"],
    )
    .prints(FIRST_SUMS);
}

fn a_relative_folder_is_a_mirror() {
    let sandbox = sample::sandbox();
    for mirror in ["../m.git", "example.com/m=../m.git"] {
        with_mirrors(&sandbox, "example.com/m@v1.0.0", &[mirror]).prints(FIRST_SUMS);
    }
}

fn a_local_mirror_is_left_as_it_was() {
    let sandbox = sample::sandbox();
    let before = tree::list(&sandbox.path("m.git"), Origin::Compared);
    with_mirrors(&sandbox, "example.com/m@main", &["example.com/m={}/m.git"]);
    let after = tree::list(&sandbox.path("m.git"), Origin::Compared);
    assert_eq!(tree::difference(&before, &after), "");
    assert!(
        !sandbox.path("user-cache/gomodcache").exists(),
        "a local repository needs no store"
    );
}

fn a_file_that_is_no_repository_is_told() {
    let sandbox = Sandbox::new();
    sandbox.write("notes.txt", "no repository\n");
    let told = with_mirrors(
        &sandbox,
        "example.com/m@v1.0.0",
        &["example.com/m={}/notes.txt"],
    );
    told.fails(1, ["example.com/m@v1.0.0", "notes.txt"]);
    std::fs::create_dir(sandbox.path("folder")).expect("folder");
    let told = with_mirrors(
        &sandbox,
        "example.com/m@v1.0.0",
        &["example.com/m={}/folder"],
    );
    told.fails(1, ["example.com/m@v1.0.0", "folder"]);
}

fn a_lost_object_is_told_with_its_repository() {
    let sandbox = Sandbox::new();
    let mirror = Mirror::new()
        .go_mod("example.com/m")
        .file("pkg/lost.go", "package lost\n")
        .release("v1.0.0");
    mirror.build(&sandbox.path("m.git"));
    let lost = git2::Oid::hash_object(git2::ObjectType::Blob, b"package lost\n")
        .expect("id")
        .to_string();
    std::fs::remove_file(sandbox.path(&format!("m.git/objects/{}/{}", &lost[..2], &lost[2..])))
        .expect("remove");
    let told = with_mirrors(
        &sandbox,
        "example.com/m@v1.0.0",
        &["example.com/m={}/m.git"],
    );
    told.fails(1, ["example.com/m@v1.0.0", "m.git", &lost, "pkg/lost.go"]);
    assert_eq!(files(&sandbox), [""; 0]);
}

fn an_empty_repository_is_told() {
    let sandbox = Sandbox::new();
    Mirror::new().build(&sandbox.path("m.git"));
    let told = with_mirrors(
        &sandbox,
        "example.com/m@v1.0.0",
        &["example.com/m={}/m.git"],
    );
    told.fails(1, ["example.com/m@v1.0.0", "m.git", "empty"]);
}

fn a_mirror_without_repository_is_a_usage_error() {
    let sandbox = Sandbox::new();
    for mirror in ["", "example.com/m=", "=./m.git"] {
        with_mirrors(&sandbox, "example.com/m@v1.0.0", &[mirror]).fails(2, ["--mirror"]);
    }
}

/// Fetches without `--mirror` behind a proxy that refuses, and tells whom it was asked for.
fn asked_without_mirror(request: &str) -> Vec<String> {
    let sandbox = Sandbox::new();
    let server = Server::start(&sandbox);
    let mut command = sandbox.gomodcache();
    command
        .args(["fetch", request, "--modcache"])
        .arg(sandbox.path("modcache"))
        .env("HTTPS_PROXY", server.url())
        .env("HTTP_PROXY", server.url());
    let told = tell(&mut command);
    told.fails(1, [request]);
    assert_eq!(files(&sandbox), [""; 0]);
    server.requests()
}

fn github_stands_for_itself() {
    let asked = asked_without_mirror("github.com/owner/name@v1.0.0");
    assert!(
        asked.iter().any(|line| line == "CONNECT github.com:443"),
        "{asked:?}"
    );
}

fn a_path_with_dot_git_stands_for_itself() {
    let asked = asked_without_mirror("git.example.org/owner/name.git/sub@v1.0.0");
    assert!(
        asked
            .iter()
            .any(|line| line == "CONNECT git.example.org:443"),
        "{asked:?}"
    );
}

fn a_vanity_path_without_mirror_is_told() {
    let sandbox = Sandbox::new();
    let told = with_mirrors(&sandbox, "vanity.example.org/m@v1.0.0", &[]);
    told.fails(1, ["vanity.example.org/m", "--mirror"]);
}
