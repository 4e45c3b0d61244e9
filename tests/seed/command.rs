//! What `gomodcache seed` and `gomodcache check` say and do.

use crate::support::oracle_tests;
use crate::support::sandbox::{make_writable, tell};
use crate::workshop::Workshop;
use crate::world::{go_mod, package};
use libtest_mimic::Trial;

pub(crate) fn trials() -> Vec<Trial> {
    oracle_tests!("command":
        what_is_there_is_not_made_again,
        what_was_removed_is_named_and_made_again,
        a_plan_writes_nothing,
        metadata_alone_is_enough_to_list,
        without_folders_every_verb_works,
        a_fetched_zip_is_extracted_by_go,
        a_folder_that_does_not_count_makes_way_even_without_folders,
        a_module_that_fails_does_not_stop_the_others,
        content_that_differs_from_go_sum_stays_invisible,
        versions_without_a_sum_can_be_refused,
        missing_sums_are_written,
        several_projects_share_one_run,
        a_folder_without_a_project_is_refused,
    )
}

/// A project on `a`, `b`, and the module `t` of a test, with its go.sum.
fn tidy_project() -> Workshop {
    let shop = untidy_project();
    shop.online(&["mod", "tidy"]);
    shop
}

/// The same without a go.sum.
fn untidy_project() -> Workshop {
    let require = ["example.com/a v1.1.0", "example.com/b v1.1.0 // indirect"];
    Workshop::new(&[
        ("go.mod", go_mod("example.com/main", "1.21", &require)),
        ("p.go", package(&["example.com/a"])),
    ])
}

fn what_is_there_is_not_made_again() {
    let shop = tidy_project();
    let told = shop.seed(&[]);
    assert_eq!(
        (told.code, told.stdout.as_str()),
        (Some(0), ""),
        "{}",
        told.stderr
    );
    assert!(
        told.stderr.contains("fetched 4, already there 0"),
        "{}",
        told.stderr
    );
    // Without mirrors there is nothing that could be opened.
    let again = shop.seed_without_mirrors(&[]);
    assert_eq!(again.code, Some(0), "{}", again.stderr);
    assert!(
        again.stderr.contains("fetched 0, already there 4"),
        "{}",
        again.stderr
    );
}

fn what_was_removed_is_named_and_made_again() {
    let shop = tidy_project();
    shop.seed(&[]);
    for (file, verb) in [
        ("example.com/b/@v/v1.1.0.mod", "  list      no"),
        ("example.com/b/@v/v1.1.0.info", "  list      no"),
        ("example.com/b/@v/v1.1.0.zip", "  download  no"),
    ] {
        std::fs::remove_file(shop.cache().join("cache/download").join(file)).expect(file);
        let told = shop.check(&[]);
        assert_eq!(told.code, Some(1), "{file}: {}", told.stdout);
        assert!(told.stdout.contains(verb), "{file}: {}", told.stdout);
        assert!(
            told.stdout.contains("example.com/b@v1.1.0: "),
            "{file}: {}",
            told.stdout
        );
        assert!(
            told.stderr.contains("hint: gomodcache seed"),
            "{file}: {}",
            told.stderr
        );
        let told = shop.seed(&[]);
        assert!(
            told.stderr.contains("fetched 1, already there 3"),
            "{file}: {}",
            told.stderr
        );
        assert_eq!(shop.check(&[]).code, Some(0), "{file}");
    }
}

fn a_plan_writes_nothing() {
    let shop = tidy_project();
    let told = shop.seed(&["--dry-run"]);
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    let lines: Vec<&str> = told.stdout.lines().collect();
    assert_eq!(lines.len(), 4, "{}", told.stdout);
    assert!(
        lines[0].starts_with("fetch\texample.com/a@v1.1.0\tzip\t"),
        "{}",
        lines[0]
    );
    assert!(!shop.cache().exists());
    let told = shop.seed(&["--dry-run", "--json"]);
    let first = serde_json::Deserializer::from_str(&told.stdout)
        .into_iter::<serde_json::Value>()
        .next();
    let first = first.expect("an object").expect("JSON");
    assert_eq!(first["Path"], "example.com/a");
    assert_eq!(first["Version"], "v1.1.0");
    assert_eq!(first["Present"], false);
    assert!(
        first["Sum"]
            .as_str()
            .is_some_and(|sum| sum.starts_with("h1:")),
        "{first}"
    );
}

fn metadata_alone_is_enough_to_list() {
    let shop = tidy_project();
    let told = shop.seed(&["--mod-only"]);
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    assert!(!shop.cache().join("example.com").exists());
    let listed = crate::workshop::succeeded(&mut shop.offline(&["list", "-m", "all"]));
    assert_eq!(listed, shop.online(&["list", "-m", "all"]));
    let told = shop.check(&[]);
    assert_eq!(told.code, Some(1));
    assert!(told.stdout.contains("  list      yes\n"), "{}", told.stdout);
    assert!(told.stdout.contains("  build     no"), "{}", told.stdout);
}

fn without_folders_every_verb_works() {
    let verbs: [&[&str]; 8] = [
        &["build", "./..."],
        &["vet", "./..."],
        &["test", "./..."],
        &["list", "-m", "all"],
        &["mod", "tidy"],
        &["mod", "verify"],
        &["mod", "download"],
        &["mod", "vendor"],
    ];
    let shop = tidy_project();
    for verb in verbs {
        make_writable(&shop.cache());
        let _ = std::fs::remove_dir_all(shop.cache());
        let told = shop.seed(&["--no-extract"]);
        assert_eq!(told.code, Some(0), "{}", told.stderr);
        assert!(!shop.cache().join("example.com").exists());
        let again = shop.seed_without_mirrors(&["--no-extract"]);
        assert!(again.stderr.contains("fetched 0"), "{}", again.stderr);
        let told = shop.check(&[]);
        assert_eq!(told.code, Some(0), "{}", told.stdout);
        crate::workshop::succeeded(&mut shop.offline(verb));
    }
}

fn a_fetched_zip_is_extracted_by_go() {
    let shop = tidy_project();
    let fetch = |more: &[&str]| {
        let mut command = shop.sandbox.gomodcache();
        let command = command.args(["fetch", "example.com/a@v1.1.0", "--json", "--modcache"]);
        let command = command.arg(shop.cache()).args(shop.world.mirrors());
        let told = tell(command.args(more).env("GOENV", "off"));
        assert_eq!(told.code, Some(0), "{}", told.stderr);
        serde_json::from_str::<serde_json::Value>(&told.stdout).expect("JSON")
    };
    let folder = shop.cache().join("example.com/a@v1.1.0");
    assert!(fetch(&["--no-extract"]).get("Dir").is_none());
    assert!(!folder.exists());
    crate::workshop::succeeded(&mut shop.offline(&["mod", "download", "example.com/a@v1.1.0"]));
    assert!(folder.join("p.go").exists());
    let dir = fetch(&["--no-extract"])["Dir"].clone();
    assert_eq!(dir.as_str(), folder.to_str());
}

/// Next to a `.ziphash` go would take it for the module.
fn a_folder_that_does_not_count_makes_way_even_without_folders() {
    let shop = tidy_project();
    let folder = shop.cache().join("example.com/a@v1.1.0");
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join("evil.go"), "package evil\n").expect("a file");
    let told = shop.seed(&["--no-extract"]);
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    assert!(!folder.join("evil.go").exists());
    crate::workshop::succeeded(&mut shop.offline(&["mod", "verify"]));
}

fn a_module_that_fails_does_not_stop_the_others() {
    let shop = untidy_project();
    shop.sandbox.write(
        "work/go.mod",
        go_mod(
            "example.com/main",
            "1.21",
            &[
                "example.com/b v1.0.0",
                "example.com/nowhere v1.0.0",
                "example.com/neither v1.0.0",
                "example.com/u v1.7.0",
            ],
        ),
    );
    let told = shop.seed(&[]);
    assert_eq!(told.code, Some(1), "{}", told.stderr);
    for words in [
        "error: no mirror is known for 2 module versions\n  example.com/neither@v1.0.0, required by example.com/main\n  example.com/nowhere@v1.0.0, required by example.com/main\nhint: ",
        "error: failed to fetch `example.com/u@v1.7.0`, required by example.com/main\n",
        "fetched 1, already there 0, failed 3",
    ] {
        assert!(told.stderr.contains(words), "{words}\n{}", told.stderr);
    }
    assert!(shop.cache().join("example.com/b@v1.0.0/p.go").exists());
}

fn content_that_differs_from_go_sum_stays_invisible() {
    let shop = tidy_project();
    let go_sum = shop.read("go.sum");
    let line = go_sum
        .lines()
        .find(|line| line.starts_with("example.com/b v1.1.0 h1:"));
    let line = line.expect("a line");
    let wrong = format!("example.com/b v1.1.0 h1:{}=", "A".repeat(43));
    shop.sandbox
        .write("work/go.sum", go_sum.replace(line, &wrong));
    let told = shop.seed(&[]);
    assert_eq!(told.code, Some(3), "{}", told.stderr);
    assert!(
        told.stderr
            .contains("example.com/b@v1.1.0: checksum mismatch"),
        "{}",
        told.stderr
    );
    assert!(!shop.cache().join("example.com/b@v1.1.0").exists());
    assert!(shop.cache().join("example.com/a@v1.1.0").exists());
}

fn versions_without_a_sum_can_be_refused() {
    let shop = untidy_project();
    let told = shop.seed(&["--require-sums"]);
    assert_eq!(told.code, Some(1), "{}", told.stderr);
    assert!(
        told.stderr
            .contains("no go.sum line covers 2 module versions"),
        "{}",
        told.stderr
    );
    assert!(!shop.cache().exists());
    let told = shop.seed(&[]);
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    assert!(told.stderr.contains("unverified"), "{}", told.stderr);
}

fn missing_sums_are_written() {
    let shop = tidy_project();
    let tidy = shop.read("go.sum");
    std::fs::remove_file(shop.sandbox.path("work/go.sum")).expect("go.sum");
    let told = shop.seed(&["--write-sums", "go.sum"]);
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    let written = shop.read("go.sum");
    for line in tidy.lines().filter(|line| !line.contains("example.com/u")) {
        assert!(
            written.lines().any(|other| other == line),
            "{line}\n{written}"
        );
    }
    let told = shop.seed(&["--require-sums"]);
    assert_eq!(told.code, Some(0), "{}", told.stderr);
}

fn several_projects_share_one_run() {
    let shop = tidy_project();
    shop.sandbox.write(
        "work/other/go.mod",
        go_mod("example.com/other", "1.21", &["example.com/Upper v1.0.0"]),
    );
    let told = shop.seed(&[".", "other"]);
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    assert!(shop.cache().join("example.com/!upper@v1.0.0/p.go").exists());
    assert!(shop.cache().join("example.com/a@v1.1.0/p.go").exists());
    let told = shop.check(&[".", "other", "--json"]);
    let projects = serde_json::Deserializer::from_str(&told.stdout);
    assert_eq!(projects.into_iter::<serde_json::Value>().count(), 2);
}

fn a_folder_without_a_project_is_refused() {
    let shop = Workshop::new(&[]);
    let told = shop.seed(&[]);
    assert_eq!(told.code, Some(1));
    assert!(
        told.stderr
            .contains("there is no go.mod and no go.work in "),
        "{}",
        told.stderr
    );
}
