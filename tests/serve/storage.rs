//! Several servers share a bucket, and nothing else.

use crate::bucket::{Bucket, SECRET, URL, bucket_tests};
use crate::crowd::{Crowd, gated};
use crate::loopback::{Answer, Asked, Loopback};
use crate::support::mirror::Mirror;
use crate::support::oracle::go_behind;
use crate::support::sandbox::{Sandbox, Told, run_well, tell};
use crate::support::tests;
use crate::team::Served;
use crate::world::{Files, Release};
use libtest_mimic::Trial;
use rustix::process::Signal;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The tests of this group.
pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = tests!("storage":
        urls_that_are_no_storage_are_refused,
        a_store_that_replaces_what_it_has_is_not_written_to,
    );
    trials.extend(bucket_tests!("storage":
        what_one_server_has_fetched_all_others_have,
        a_thousand_who_miss_at_two_servers_cause_one_fetch,
        a_moved_tag_changes_nothing_for_a_fresh_server,
        what_a_killed_server_has_begun_the_next_one_ends,
        damaged_objects_are_faults_and_are_not_kept,
        without_the_bucket_servers_are_not_ready_until_it_is_back,
        wrong_credentials_are_told_without_the_secret,
        a_bucket_that_is_not_there_is_not_an_empty_one,
        go_builds_behind_a_bucket_what_its_go_sum_says,
    ));
    trials
}

/// A bucket, and servers in front of it that have nothing else in common.
struct Shared {
    sandbox: Sandbox,
    bucket: Bucket,
}

const NAMES: [&str; 3] = ["v1.0.0.info", "v1.0.0.mod", "v1.0.0.zip"];
const ZIP: &str = "/example.com/m/@v/v1.0.0.zip";
const INFO: &str = "/example.com/m/@v/v1.0.0.info";

impl Shared {
    fn new() -> Shared {
        let sandbox = Sandbox::new();
        let bucket = Bucket::new(&sandbox);
        Shared { sandbox, bucket }
    }

    /// Prepares the server of this name.
    fn command(&self, name: &str, options: &[&str]) -> Command {
        let modcache = self.sandbox.path(name);
        let mut command = Served::command(&self.sandbox, &modcache, &["--storage", URL]);
        command.args(options).env("GOSUMDB", "off");
        Bucket::variables(&mut command, &self.bucket.address);
        command
    }

    fn serve(&self, name: &str, options: &[&str]) -> Served {
        Served::spawn(&mut self.command(name, options))
    }

    fn fetching(&self, name: &str, upstream: &Loopback) -> Served {
        self.serve(name, &["--fetch", "--proxy", &upstream.url()])
    }

    /// The contents of the cache of a server.
    fn kept(&self, name: &str, file: &str) -> bool {
        let cache = self.sandbox.path(name).join("cache/download");
        cache.join(file).exists()
    }
}

fn urls_that_are_no_storage_are_refused() {
    let sandbox = Sandbox::new();
    let mut command = sandbox.gomodcache();
    let told = tell(command.args(["serve", "--storage", "s3://key:secret@bucket"]));
    let reason = "credentials do not belong into the URL of a storage, but into the environment";
    assert_eq!(told.stderr, format!("error: {reason}\n"));
    assert_eq!(told.code, Some(1));
    let mut command = sandbox.gomodcache();
    command.args(["serve", "--storage", URL]);
    let told = tell(command.env("AWS_ENDPOINT_URL", "http://127.0.0.1:9"));
    told.fails(
        1,
        ["AWS_ENDPOINT_URL is not https: AWS_ALLOW_HTTP=true allows"],
    );
    let mut command = sandbox.gomodcache();
    let told = tell(command.args(["serve", "--storage", "az://x/y"]));
    told.fails(
        1,
        ["error: cannot use az://x/y: Account must be specified\n"],
    );
    let mut command = sandbox.gomodcache();
    let told = tell(command.args(["serve", "--storage", "ftp://x/y"]));
    told.fails(2, ["ftp:// is no object store"]);
}

fn a_store_that_replaces_what_it_has_is_not_written_to() {
    let store = Loopback::start(|asked| match asked.method.as_str() {
        "PUT" => Answer::ok("").header("ETag", "\"1\""),
        "DELETE" => Answer::status(204),
        _ => Answer::status(404),
    });
    let upstream = Files::of(&["v1.0.0"]).serve();
    let sandbox = Sandbox::new();
    let options = ["--storage", URL, "--fetch", "--proxy", &upstream.url()];
    let mut command = Served::command(&sandbox, &sandbox.path("front"), &options);
    Bucket::variables(&mut command, &store.url().replace("http://", ""));
    let served = Served::spawn(command.env("GOSUMDB", "off"));
    assert_eq!(served.get(INFO).status, 500);
    let told = served.stop();
    told.mentions(["cannot use s3://go-modules/team: the store replaces objects"]);
    let put = |asked: &&Asked| asked.method == "PUT" && asked.target.contains(".info");
    assert_eq!(store.asked().iter().find(put), None);
}

fn what_one_server_has_fetched_all_others_have() {
    let files = Files::of(&["v1.0.0", "v1.2.0"]).module("example.com/Upper", &["v1.0.0"]);
    let upstream = files.serve();
    let shared = Shared::new();
    let first = shared.fetching("first", &upstream);
    let before = NAMES.map(|name| first.get(&format!("/example.com/m/@v/{name}")));
    assert!(
        first
            .get("/example.com/m/@latest")
            .text()
            .contains("v1.2.0")
    );
    let upper = "/example.com/%21upper/@v/v1.0.0.zip";
    assert_eq!(first.get(upper).status, 200);
    for (name, reply) in NAMES.iter().zip(&before) {
        assert_eq!(reply.status, 200, "{name}: {reply:#?}");
        let object = shared.bucket.object(&format!("example.com/m/@v/{name}"));
        let object = std::fs::read(object).expect(name);
        assert!(reply.body == object, "the bucket is a proxy: {name}");
    }
    assert!(
        shared
            .bucket
            .object("example.com/!upper/@v/v1.0.0.zip")
            .exists()
    );
    let locks = |module: &str| shared.bucket.object(&format!("{module}/@v/v1.0.0.lock"));
    assert!(!locks("example.com/m").exists(), "leases are given back");
    drop(first);

    let asked = upstream.asked().len();
    let other = shared.serve("other", &[]);
    for (name, before) in NAMES.iter().zip(&before) {
        let reply = other.get(&format!("/example.com/m/@v/{name}"));
        assert!(reply.body == before.body, "{name}: {reply:#?}");
    }
    assert_eq!(other.get(upper).status, 200);
    assert_eq!(
        other.get("/example.com/m/@v/list").text(),
        "v1.0.0\nv1.2.0\n"
    );
    assert!(
        other
            .get("/example.com/m/@latest")
            .text()
            .contains("v1.2.0")
    );
    assert_eq!(other.get("/index").text().lines().count(), 3);
    assert_eq!(other.get("/example.com/m/@v/v1.2.0.zip").status, 404);
    assert_eq!(other.get("/example.com/absent/@v/list").status, 404);
    assert_eq!(other.get("/readyz").text(), "ready\n");
    assert_eq!(upstream.asked().len(), asked);
}

fn a_thousand_who_miss_at_two_servers_cause_one_fetch() {
    let (gate, upstream) = gated(&Files::of(&["v1.0.0"]));
    let shared = Shared::new();
    let servers = ["first", "second"].map(|name| shared.fetching(name, &upstream));
    let mut crowd = Crowd::new();
    for server in &servers {
        crowd.ask(server, ZIP, 5, 100);
    }
    gate.open();
    crowd.all_get(&servers[0].get(ZIP).body);
    let mut targets = upstream.targets();
    targets.sort_unstable();
    let expected = NAMES.map(|name| format!("/example.com/m/@v/{name}"));
    assert_eq!(targets, expected);
}

fn a_moved_tag_changes_nothing_for_a_fresh_server() {
    let shared = Shared::new();
    let folder = shared.sandbox.path("m.git");
    let release = |text: &str, date: &str| {
        let mirror = Mirror::new()
            .date(date)
            .go_mod("example.com/m")
            .file("m.go", format!("package m // {text}\n"))
            .commit(text);
        mirror.tag("v1.0.0").tag("v1.1.0").build(&folder);
    };
    release("as it was", "2024-01-01T00:00:00Z");
    let mirror = format!("example.com/m={}", folder.display());
    let options = ["--fetch", "--mirror", &mirror, "--no-builtin-mirrors"];
    let served = shared.serve("first", &options);
    let before = served.get(ZIP);
    assert_eq!(before.status, 200, "{before:#?}");
    let info = "/example.com/m/@v/v1.1.0.info";
    let info_before = served.get(info);
    drop(served);
    std::fs::remove_dir_all(&folder).expect("a mirror");
    release("as it is", "2024-03-01T00:00:00Z");
    let fresh = shared.serve("fresh", &options);
    assert!(fresh.get(ZIP).body == before.body);
    assert!(fresh.get(info).body == info_before.body);
    assert!(fresh.get("/example.com/m/@latest").body == info_before.body);
    let moved = fresh.get("/example.com/m/@v/v1.1.0.zip");
    assert_eq!(moved.status, 502, "{moved:#?}");
    let reason = "has moved the version since its .info was stored";
    assert!(moved.text().contains(reason), "{moved:#?}");
    assert!(
        !shared
            .bucket
            .object("example.com/m/@v/v1.1.0.ziphash")
            .exists()
    );
}

/// A way to a server that is blocked by the first upload of a zip.
struct Barrier {
    address: String,
    is_shut: Arc<AtomicBool>,
}

impl Barrier {
    fn new(to: &str) -> Barrier {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        let is_shut = Arc::new(AtomicBool::new(false));
        let (to, shut) = (to.to_owned(), Arc::clone(&is_shut));
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let server = TcpStream::connect(&to).expect("a server");
                let (mut answers, mut back) = (
                    server.try_clone().expect("a socket"),
                    client.try_clone().expect("a socket"),
                );
                std::thread::spawn(move || std::io::copy(&mut answers, &mut back));
                let shut = Arc::clone(&shut);
                std::thread::spawn(move || forward(client, server, &shut));
            }
        });
        Barrier { address, is_shut }
    }
}

fn forward(mut client: TcpStream, mut server: TcpStream, shut: &AtomicBool) {
    let mut piece = vec![0; 1 << 16];
    while let Ok(count @ 1..) = client.read(&mut piece) {
        let line = piece[..count].split(|byte| *byte == b'\r').next();
        let line = line.map(String::from_utf8_lossy).unwrap_or_default();
        if line.starts_with("PUT ") && line.contains(".zip HTTP/") {
            shut.store(true, Ordering::SeqCst);
            // Half of the head: the server has heard of it, and waits for more.
            let _ = server.write_all(&piece[..count / 2]);
            let mut rest = Vec::new();
            let _ = client.read_to_end(&mut rest);
            return;
        }
        if server.write_all(&piece[..count]).is_err() {
            return;
        }
    }
}

fn what_a_killed_server_has_begun_the_next_one_ends() {
    let upstream = Files::of(&["v1.0.0"]).serve();
    let shared = Shared::new();
    let barrier = Barrier::new(&shared.bucket.address);
    let mut command = shared.command("killed", &["--fetch", "--proxy", &upstream.url()]);
    Bucket::variables(&mut command, &barrier.address);
    let mut killed = Served::spawn(&mut command);
    let request = crate::client::request("GET", ZIP, &[]);
    let mut client = crate::client::connect(killed.address());
    client.write_all(&request).expect("sent");
    killed.until("/healthz", |_| barrier.is_shut.load(Ordering::SeqCst));
    killed.signal(Signal::KILL);
    killed.wait();
    assert!(
        shared
            .bucket
            .object("example.com/m/@v/v1.0.0.ziphash")
            .exists()
    );
    assert!(
        shared
            .bucket
            .object("example.com/m/@v/v1.0.0.lock")
            .exists()
    );
    assert!(!shared.bucket.object(&ZIP[1..]).exists());

    let reader = shared.serve("reader", &[]);
    assert_eq!(reader.get(ZIP).status, 404, "it does not count");
    assert_eq!(reader.get(INFO).status, 200, "this is whole");
    let next = shared.fetching("killed", &upstream);
    let reply = next.get(ZIP);
    assert_eq!(reply.status, 200, "{reply:#?}");
    assert!(reader.get(ZIP).body == reply.body);
    assert!(
        !shared
            .bucket
            .object("example.com/m/@v/v1.0.0.lock")
            .exists()
    );
    let arrivals = shared.sandbox.path("killed/cache/arrivals");
    let arrivals = std::fs::read_dir(arrivals).expect("a folder").count();
    assert_eq!(arrivals, 1, "what was left is removed");
}

fn damaged_objects_are_faults_and_are_not_kept() {
    let upstream = Files::of(&["v1.0.0"]).serve();
    let shared = Shared::new();
    assert_eq!(shared.fetching("first", &upstream).get(ZIP).status, 200);
    let other = {
        let mut other = Files::default();
        other.release(
            "example.com/m",
            &Release {
                version: "v1.0.0",
                go_mod: "module example.com/m\n",
                files: &[("m.go", "package m // changed\n")],
            },
        );
        let zip = other.contents().find(|(target, _)| *target == ZIP);
        zip.expect("a zip").1.to_vec()
    };
    let content = |name: &str| std::fs::read(shared.bucket.object(name)).expect(name);
    let cut = content(&ZIP[1..])[..100].to_vec();
    let cases: [(&str, &[u8], &str, &str); 6] = [
        (".zip", &other, ZIP, "its sum is h1:"),
        (".zip", &cut, ZIP, "v1.0.0.zip is damaged"),
        (".ziphash", b"h1:x", ZIP, "its sum is h1:"),
        (".info", b"{}", INFO, "v1.0.0.info is damaged"),
        (
            ".info",
            br#"{"Version":"v1.0.1","Time":"2020-01-02T03:04:05Z"}"#,
            INFO,
            "it is of v1.0.1",
        ),
        (".mod", b"module \"", INFO, "v1.0.0.mod is damaged"),
    ];
    for (suffix, content, target, reason) in cases {
        let object = shared
            .bucket
            .object(&format!("example.com/m/@v/v1.0.0{suffix}"));
        let sound = std::fs::read(&object).expect(suffix);
        std::fs::write(&object, content).expect(suffix);
        let name = format!("for{}", suffix.replace('.', "-"));
        for options in [&[][..], &["--fetch", "--proxy", &upstream.url()]] {
            let served = shared.serve(&name, options);
            let reply = served.get(target);
            assert_eq!(reply.status, 500, "{suffix}: {reply:#?}");
            let text = "the server cannot read what it has stored; its log says why\n";
            assert_eq!(reply.text(), text);
            assert!(!shared.kept(&name, &target[1..]), "{suffix}");
            served.stop().mentions([reason]);
        }
        std::fs::write(&object, sound).expect(suffix);
        assert_eq!(shared.serve(&name, &[]).get(target).status, 200, "{suffix}");
        let _ = std::fs::remove_dir_all(shared.sandbox.path(&name));
    }
}

fn without_the_bucket_servers_are_not_ready_until_it_is_back() {
    let upstream = Files::of(&["v1.0.0"]).serve();
    let mut shared = Shared::new();
    let served = shared.fetching("first", &upstream);
    assert_eq!(served.get(ZIP).status, 200);
    shared.bucket.stop();
    let ready = served.until("/readyz", |reply| reply.status == 503);
    assert_eq!(ready.text(), "the storage cannot be read\n");
    assert_eq!(served.get("/healthz").status, 200);
    assert_eq!(served.get("/example.com/m/@v/v1.1.0.info").status, 500);
    served.until("/example.com/m/@v/list", |reply| reply.status == 500);
    assert_eq!(served.get(ZIP).status, 200, "it is in the cache");
    shared.bucket.restart();
    served.until("/readyz", |reply| reply.status == 200);
    assert_eq!(served.get("/example.com/m/@v/list").text(), "v1.0.0\n");
    let told = served.stop();
    told.mentions([
        "cannot list s3://go-modules/team: Connection refused",
        "cannot read s3://go-modules/team/example.com/m/@v/v1.1.0.info: Connection refused",
    ]);
}

fn wrong_credentials_are_told_without_the_secret() {
    const WRONG: &str = "another-secret-that-is-not-to-be-seen";
    let upstream = Files::of(&["v1.0.0"]).serve();
    let shared = Shared::new();
    let mut command = shared.command("first", &["--fetch", "--proxy", &upstream.url()]);
    let served = Served::spawn(command.env("AWS_SECRET_ACCESS_KEY", WRONG));
    for (target, status) in [
        ("/readyz", 503),
        (INFO, 500),
        ("/example.com/m/@v/list", 500),
    ] {
        let reply = served.get(target);
        assert_eq!(reply.status, status, "{target}");
        assert!(!reply.text().contains("s3://"), "{reply:#?}");
    }
    assert_eq!(
        upstream.targets(),
        ["/example.com/m/@v/list"],
        "nothing that could not be stored"
    );
    let Told { stderr, .. } = &served.stop();
    let address = &shared.bucket.address;
    let reason = format!("{address} answers 403 Forbidden, SignatureDoesNotMatch");
    let expected = format!("cannot list s3://go-modules/team: {reason}\n");
    assert!(stderr.contains(&expected), "{stderr}");
    for secret in [WRONG, SECRET, "StringToSign", "Credential="] {
        assert!(!stderr.contains(secret), "{stderr}");
    }
}

fn a_bucket_that_is_not_there_is_not_an_empty_one() {
    let shared = Shared::new();
    let team = shared.bucket.object("");
    std::fs::remove_dir(team.parent().expect("a bucket")).expect("a bucket");
    let served = shared.serve("first", &[]);
    assert_eq!(served.get("/readyz").status, 503);
    for target in [INFO, ZIP, "/example.com/m/@v/list"] {
        assert_eq!(served.get(target).status, 500, "{target}");
    }
    served
        .stop()
        .mentions([" answers 404 Not Found, NoSuchBucket"]);
}

fn go_builds_behind_a_bucket_what_its_go_sum_says() {
    let upstream = Files::of(&["v1.0.0"]).serve();
    let shared = Shared::new();
    let project = |name: &str| {
        let go_mod = "module main\n\ngo 1.20\n\nrequire example.com/m v1.0.0\n";
        let go_mod = shared.sandbox.write(&format!("{name}/go.mod"), go_mod);
        let program = "package main\n\nimport _ \"example.com/m\"\n\nfunc main() {}\n";
        shared.sandbox.write(&format!("{name}/main.go"), program);
        go_mod.parent().expect("a folder").to_owned()
    };
    let go = |user: &str, folder: &Path, goproxy: &str| {
        let modcache = shared.sandbox.path(user);
        let mut command = go_behind(&shared.sandbox, "http://127.0.0.1:9", &modcache);
        command.current_dir(folder).env("GOPROXY", goproxy);
        command.env("GOFLAGS", "-modcacherw");
        command
    };
    let folder = project("direct");
    run_well(go("direct-user", &folder, &upstream.url()).args(["mod", "tidy"]));
    let sums = std::fs::read(folder.join("go.sum")).expect("a go.sum");
    let first = shared.fetching("first", &upstream);
    run_well(go("a", &folder, &first.url).args(["vet", "./..."]));
    drop(first);
    let other = shared.serve("other", &[]);
    let folder = project("other-project");
    std::fs::write(folder.join("go.sum"), sums).expect("a go.sum");
    run_well(go("b", &folder, &other.url).args(["vet", "./..."]));
    run_well(go("b", &folder, &other.url).args(["mod", "verify"]));
    let told = tell(go("b", &folder, &other.url).args(["list", "-m", "example.com/m@latest"]));
    told.prints("example.com/m v1.0.0\n");
}
