//! `gomodcache list` and `gomodcache versions`.

use crate::store::{Store, VERSIONS, set_times};
use crate::support::oracle;
use crate::support::sandbox::{Sandbox, run_well, tell};
use crate::support::server::Server;
use crate::support::{oracle_tests, tests};
use libtest_mimic::Trial;
use std::fs::symlink_metadata;
use std::time::{Duration, SystemTime};

/// The tests of this group.
pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = tests!("listing":
        a_line_tells_what_is_known_of_a_version,
        a_tree_has_hosts_modules_and_versions,
        each_key_sorts,
        patterns_choose,
        objects_are_for_programs,
        a_cache_that_is_not_there_is_empty,
        looking_at_a_cache_is_no_use_of_it,
        versions_are_those_in_the_cache,
        versions_of_a_mirror_are_marked,
        nobody_is_asked_for_versions_unasked,
        a_module_without_versions_is_an_error,
        versions_are_objects_for_programs,
    );
    trials.extend(oracle_tests!("listing": go_retracts_the_same_for_the_same_reasons));
    trials
}

/// A store of which every version was used on another day, and one has records of two kinds.
fn store() -> Store {
    let store = Store::new();
    let untagged = store.untagged.clone();
    let all = VERSIONS.iter().copied();
    let all = all.chain([untagged.as_str(), "example.com/c@v1.0.0"]);
    for (module, days) in all.zip(1..) {
        store.was_used(module, days);
    }
    let record = "cache/download/sumdb/sum.example/lookup/example.com/b@v1.0.0";
    store.sandbox.write(&format!("modcache/{record}"), "record");
    let sums: String = store
        .sums
        .lines()
        .filter(|line| line.starts_with("example.com/a v1.0.0"))
        .map(|line| format!("{line}\n"))
        .collect();
    store.sandbox.write("work/go.mod", "module example.com/w\n");
    store.sandbox.write("work/go.sum", sums);
    store
}

fn a_line_tells_what_is_known_of_a_version() {
    let told = store().run("list", &[]);
    told.prints(
        "\
example.com/a      v1.0.0                                391B      123B  2020-01-01T00:00:00Z  go.sum       1d  -
example.com/a      v1.1.0                                549B      134B  2021-01-01T00:00:00Z  -            2d  -
example.com/a      v1.2.0                                587B      197B  2022-01-01T00:00:00Z  -            3d  -
example.com/b      v1.0.0                                346B      58B   2020-02-01T00:00:00Z  sum.example  4d  -
example.com/b      v1.1.0                                351B      63B   2020-03-01T00:00:00Z  -            5d  -
example.com/b      v1.1.1-0.20200401000000-aa9a8a518323  471B      63B   2020-04-01T00:00:00Z  -            7d  -
example.com/c      v1.0.0                                metadata  -     -                     -            8d  -
example.org/Upper  v0.1.0                                343B      39B   2020-05-01T00:00:00Z  -            6d  -
",
    );
    assert_eq!(told.stderr, "8 versions, 4.7 KiB\n");
}

fn a_tree_has_hosts_modules_and_versions() {
    let told = store().run("list", &["--tree", "example.com/a", "*/Upper", "*/c"]);
    told.prints(
        "\
example.com
  example.com/a
    v1.0.0  391B      123B  2020-01-01T00:00:00Z  go.sum  1d  -
    v1.1.0  549B      134B  2021-01-01T00:00:00Z  -       2d  -
    v1.2.0  587B      197B  2022-01-01T00:00:00Z  -       3d  -
  example.com/c
    v1.0.0  metadata  -     -                     -       8d  -
example.org
  example.org/Upper
    v0.1.0  343B      39B   2020-05-01T00:00:00Z  -       6d  -
",
    );
    assert_eq!(told.stderr, "5 versions, 3.0 KiB\n");
}

fn each_key_sorts() {
    let store = store();
    for (key, expected) in [
        ("path", ["example.com/a@v1.0.0", "example.com/a@v1.1.0"]),
        ("size", ["example.com/a@v1.2.0", "example.com/a@v1.1.0"]),
        ("time", ["example.com/a@v1.2.0", "example.com/a@v1.1.0"]),
        ("used", ["example.com/a@v1.0.0", "example.com/a@v1.1.0"]),
    ] {
        assert_eq!(names(&store, &["--sort", key])[..2], expected, "{key}");
    }
    let by_use = names(&store, &["--sort", "used"]);
    assert_eq!(
        by_use[5..8],
        [VERSIONS[5], &store.untagged, "example.com/c@v1.0.0"]
    );
}

/// The versions that `list` prints, in its order.
fn names(store: &Store, arguments: &[&str]) -> Vec<String> {
    let told = store.run("list", arguments);
    assert_eq!(told.code, Some(0), "{told:#?}");
    let name = |line: &str| {
        let mut words = line.split_whitespace();
        Some(format!("{}@{}", words.next()?, words.next()?))
    };
    told.stdout.lines().filter_map(name).collect()
}

fn patterns_choose() {
    let store = store();
    for (patterns, count) in [
        (&["example.com/a"][..], 3),
        (&["example.com/a@v1.1.0", "example.com/b@v1.1.0"], 2),
        (&["example.com/..."], 7),
        (&["example.com/a/..."], 3),
        (&["*/Upper"], 1),
        (&["example.*"], 8),
        (&["example.com/[ab]@v1.0.0"], 2),
    ] {
        assert_eq!(names(&store, patterns).len(), count, "{patterns:?}");
    }
    let told = store.run("list", &["example.com/a", "example.com/A"]);
    told.fails(1, []);
    assert_eq!(
        told.stderr,
        "error: example.com/A: nothing of it is in the cache\nhint: gomodcache list tells what the cache has\n"
    );
}

fn objects_are_for_programs() {
    let store = store();
    let used = SystemTime::UNIX_EPOCH + Duration::from_secs(1_600_000_000);
    for path in store.paths_of("example.com/a@v1.0.0") {
        set_times(&path, used);
    }
    for path in store.paths_of("example.com/c@v1.0.0") {
        set_times(&path, used);
    }
    let told = store.run("list", &["--json", "example.com/a@v1.0.0", "example.com/c"]);
    let objects = "\
{
\t\"Path\": \"example.com/a\",
\t\"Version\": \"v1.0.0\",
\t\"Presence\": \"cached\",
\t\"Time\": \"2020-01-01T00:00:00Z\",
\t\"ZipSize\": 391,
\t\"ExtractedSize\": 123,
\t\"LastUsed\": 1600000000,
\t\"VerifiedBy\": \"go.sum\"
}
{
\t\"Path\": \"example.com/c\",
\t\"Version\": \"v1.0.0\",
\t\"Presence\": \"metadata\",
\t\"LastUsed\": 1600000000,
\t\"VerifiedBy\": \"nothing\"
}
";
    told.prints(objects);
}

fn a_cache_that_is_not_there_is_empty() {
    let sandbox = Sandbox::new();
    let mut command = sandbox.gomodcache();
    let told = tell(
        command
            .args(["list", "--modcache"])
            .arg(sandbox.path("none")),
    );
    told.prints("");
    assert_eq!(told.stderr, "0 versions, 0 B\n");
}

/// What the file system knows of the last use must be go's, or whoever looks at it keeps everything in use.
fn looking_at_a_cache_is_no_use_of_it() {
    let store = store();
    let long_ago = SystemTime::now() - Duration::from_secs(86_400 * 100);
    let paths: Vec<_> = VERSIONS.iter().flat_map(|it| store.paths_of(it)).collect();
    let paths: Vec<_> = paths.into_iter().filter(|path| path.is_file()).collect();
    for path in &paths {
        set_times(path, long_ago);
    }
    store.run("list", &[]).mentions(["8 versions"]);
    store.run("versions", &["example.com/a"]);
    store.run("rm", &["--dry-run", "example.com/...@all"]);
    store.run("prune", &["--dry-run", "--max-size", "1"]);
    store.run("verify", &[]).mentions(["verified 8 versions"]);
    for path in &paths {
        let read = symlink_metadata(path).and_then(|metadata| metadata.accessed());
        assert_eq!(read.expect("a time"), long_ago, "{}", path.display());
    }
}

fn versions_are_those_in_the_cache() {
    let store = store();
    let told = store.run("versions", &["example.com/a"]);
    told.prints("v1.0.0\nv1.1.0 retracted: Too deep.\nv1.2.0\n");
    assert_eq!(
        told.stderr,
        "example.com/a is deprecated: use example.com/b.\n"
    );
    let told = store.run("versions", &["example.com/b"]);
    let untagged = store.untagged.replace("example.com/b@", "");
    told.prints(&format!("v1.0.0\nv1.1.0\n{untagged}\n"));
    assert_eq!(told.stderr, "");
    store
        .run("versions", &["example.com/c"])
        .prints("v1.0.0 metadata\n");
}

fn versions_of_a_mirror_are_marked() {
    let store = store();
    store.run("rm", &["example.com/a@v1.1.0", "example.com/a@v1.2.0"]);
    store.run("versions", &["example.com/a"]).prints("v1.0.0\n");
    let mut command = store.command("versions", &["example.com/a"]);
    let told = tell(command.args(store.mirrors()));
    told.prints(
        "v1.0.0\nv1.1.0 available retracted: Too deep.\nv1.2.0 available\nv1.3.0 available\n",
    );
    let proxy = store.proxy();
    let told = store.run("versions", &["example.com/a", "--proxy", &proxy]);
    told.prints("v1.0.0\nv1.1.0 available retracted: Too deep.\nv1.2.0 available\n");
    let rules = format!(
        "[[mirror]]\nmodule = \"example.com/a\"\nrepository = \"{}\"\n",
        store.sandbox.path("a.git").display()
    );
    store.sandbox.write("work/gomodcache.toml", rules);
    store.run("versions", &["example.com/a"]).prints("v1.0.0\n");
    let told = store.run("versions", &["example.com/a", "--available"]);
    assert_eq!(told.stdout.lines().count(), 4, "{told:#?}");
}

fn nobody_is_asked_for_versions_unasked() {
    let store = store();
    let server = Server::start(&store.sandbox);
    for verb in ["versions", "list"] {
        let mut command = store.command(verb, &["example.com/a"]);
        command.env("GOPROXY", server.url());
        for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy"] {
            command.env(name, server.url());
        }
        assert_eq!(tell(&mut command).code, Some(0));
    }
    assert_eq!(server.requests(), [""; 0]);
}

fn a_module_without_versions_is_an_error() {
    let told = store().run("versions", &["example.com/none"]);
    told.fails(1, []);
    assert_eq!(
        told.stderr,
        "error: example.com/none: there is no version of it in the cache\n"
    );
}

fn versions_are_objects_for_programs() {
    let told = store().run("versions", &["example.com/a", "--json"]);
    let objects = "\
{
\t\"Version\": \"v1.0.0\",
\t\"Presence\": \"cached\",
\t\"Deprecated\": \"use example.com/b.\"
}
{
\t\"Version\": \"v1.1.0\",
\t\"Presence\": \"cached\",
\t\"Retracted\": [
\t\t\"Too deep.\"
\t],
\t\"Deprecated\": \"use example.com/b.\"
}
{
\t\"Version\": \"v1.2.0\",
\t\"Presence\": \"cached\",
\t\"Deprecated\": \"use example.com/b.\"
}
";
    told.prints(objects);
}

fn go_retracts_the_same_for_the_same_reasons() {
    let store = store();
    let server = Server::start(&store.sandbox);
    let mut go = oracle::go(&store.sandbox, &server, &store.sandbox.path("go"));
    go.env("GOPROXY", store.proxy());
    let format = "{{.Version}}{{range .Retracted}} retracted: {{.}}{{end}}; {{.Deprecated}}";
    go.args(["list", "-m", "-u", "-retracted", "-f", format]);
    go.args(["example.com/a@v1.0.0", "example.com/a@v1.1.0"]);
    let said = String::from_utf8(run_well(&mut go).stdout).expect("text");
    let told = store.run("versions", &["example.com/a"]);
    let ours = told.stdout.lines().take(2);
    let ours: String = ours
        .map(|line| format!("{line}; use example.com/b.\n"))
        .collect();
    assert_eq!(ours, said);
}
