//! What is answered to the letter: bytes, types, status codes and headers.

use crate::client::Reply;
use crate::support::tests;
use crate::team::Team;
use libtest_mimic::Trial;
use std::io::Read;

/// The tests of this group.
pub(crate) fn trials() -> Vec<Trial> {
    tests!("endpoints":
        every_file_of_the_cache_is_served_as_it_is,
        lists_have_all_that_go_could_get,
        latest_and_queries_are_answered_from_what_is_stored,
        what_is_not_there_is_not_found,
        only_get_and_head_are_answered,
        parts_of_a_zip_can_be_had,
        what_the_client_has_is_not_sent_again,
        texts_are_compressed_where_that_helps,
        http_2_is_spoken_without_encryption,
        the_index_tells_what_was_added,
        people_get_a_page,
        the_server_tells_of_itself,
    )
}

const WEEK: &str = "public, max-age=31536000, immutable";
const MINUTE: &str = "public, max-age=60";
const TEXT: &str = "text/plain; charset=utf-8";

fn every_file_of_the_cache_is_served_as_it_is() {
    let team = Team::new();
    let served = team.serve(&[]);
    let root = team.stored("");
    let mut count = 0;
    for (name, content) in crate::sumdb::files_below(&root) {
        let media = match name.rsplit('.').next() {
            Some("info") => "application/json",
            Some("mod") => TEXT,
            Some("zip") => "application/zip",
            _ => {
                let status = served.get(&format!("/{name}")).status;
                assert_eq!(status == 200, name.ends_with("/@v/list"), "{name}");
                continue;
            }
        };
        for target in [
            format!("/{name}"),
            format!("/{}", name.replace('!', "%21").replace('+', "%2B")),
        ] {
            let reply = served.get(&target);
            assert_eq!(reply.status, 200, "{target}");
            assert!(reply.body == content, "{target}");
            assert_eq!(reply.header("content-type"), media, "{target}");
            assert_eq!(reply.header("cache-control"), WEEK, "{target}");
            assert_eq!(reply.header("content-length"), content.len().to_string());
            assert!(reply.header("last-modified").ends_with(" GMT"), "{reply:?}");
            let head = served.ask("HEAD", &target, &[]);
            assert_eq!(head.body, b"", "{target}");
            for name in ["content-length", "content-type", "etag", "last-modified"] {
                assert_eq!(head.header(name), reply.header(name), "{target}");
            }
        }
        count += 1;
    }
    assert!(count > 20, "{count} files");
}

fn lists_have_all_that_go_could_get() {
    let team = Team::new();
    std::fs::remove_file(team.stored("example.com/m/@v/v1.0.0.info")).expect("it was there");
    let served = team.serve(&[]);
    for (path, expected) in [
        ("example.com/m", "v1.1.0-rc.1\nv1.1.0\nv1.2.0\n"),
        ("example.com/!upper", "v1.0.0\nv1.1.0-RC1\n"),
        ("example.com/old", "v1.0.0\nv2.0.0+incompatible\n"),
        ("example.com/head", ""),
    ] {
        let reply = served.get(&format!("/{path}/@v/list"));
        assert_eq!((reply.status, reply.text().as_str()), (200, expected));
        assert_eq!(reply.header("content-type"), TEXT);
        assert_eq!(reply.header("cache-control"), MINUTE);
    }
}

fn latest_and_queries_are_answered_from_what_is_stored() {
    let team = Team::new();
    // As it is when the mirror is on a network.
    let info = r#"{"Version":"v1.0.0","Origin":{"VCS":"git","Hash":"?","Ref":"refs/tags/first"}}"#;
    let info = info.replace('?', &team.m.expand("{v1.0.0}"));
    std::fs::write(team.stored("example.com/m/@v/v1.0.0.info"), info).expect("an info");
    let served = team.serve(&[]);
    let tip = team.m.expand("v1.1.1-0.{tip:pseudo}");
    for (target, version) in [
        // v1.2.0 has taken itself back.
        ("example.com/m/@latest", "v1.1.0"),
        ("cached-only/example.com/m/@latest", "v1.1.0"),
        ("example.com/m/@v/v1.info", "v1.1.0"),
        (&team.m.expand("example.com/m/@v/{tip}.info"), &tip),
        (&team.m.expand("example.com/m/@v/{tip:7}.info"), &tip),
        (&team.m.expand("example.com/m/@v/{v1.0.0}.info"), "v1.0.0"),
        ("example.com/m/@v/first.info", "v1.0.0"),
        ("example.com/!upper/@latest", "v1.0.0"),
        ("example.com/old/@v/v2.0.0.info", "v2.0.0+incompatible"),
    ] {
        let reply = served.get(&format!("/{target}"));
        let (path, _) = target
            .trim_start_matches("cached-only/")
            .split_once("/@")
            .expect("@");
        let info = std::fs::read(team.stored(&format!("{path}/@v/{version}.info")));
        assert_eq!(reply.text(), String::from_utf8_lossy(&info.expect(version)));
        assert_eq!(reply.header("content-type"), "application/json");
        assert_eq!(reply.header("cache-control"), MINUTE);
    }
    let head = served.get("/example.com/head/@latest");
    assert!(head.text().contains("\"Version\":\"v0.0.0-"), "{head:#?}");
}

fn what_is_not_there_is_not_found() {
    let team = Team::new();
    std::fs::write(team.stored("example.com/m/@v/v1.0.0.info"), "").expect("a damaged file");
    let served = team.serve(&[]);
    for (target, text) in [
        (
            "/github.com/@v/list",
            "not found: module github.com is not stored\n",
        ),
        (
            "/example.com/@v/list",
            "not found: module example.com is not stored\n",
        ),
        (
            "/example.com/m/@v/v0.9.0.info",
            "not found: example.com/m@v0.9.0 is not stored\n",
        ),
        (
            "/example.com/m/@v/v1.0.0.info",
            "not found: example.com/m@v1.0.0 is not stored\n",
        ),
        (
            "/example.com/absent/@latest",
            "not found: example.com/absent@latest: module example.com/absent is not stored\n",
        ),
        (
            "/example.com/m/@v/v9.0.0.info",
            "not found: example.com/m@v9.0.0: no version of this revision is stored\n",
        ),
        (
            "/example.com/m/@v/gone.info",
            "not found: example.com/m@gone: no version of this revision is stored\n",
        ),
        (
            "/example.com/m/@v/v1.1.0.lock",
            "not found: there is nothing of this name\n",
        ),
        ("/robots.txt", "not found: there is nothing of this name\n"),
    ] {
        let reply = served.get(target);
        assert_eq!(
            (reply.status, reply.text().as_str()),
            (404, text),
            "{target}"
        );
        assert_eq!(reply.header("content-type"), TEXT);
        assert_eq!(reply.header("cache-control"), "no-store");
    }
}

fn only_get_and_head_are_answered() {
    let team = Team::new();
    let served = team.serve(&[]);
    for method in ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "BREW"] {
        let reply = served.ask(method, "/example.com/m/@v/list", &[]);
        assert_eq!(reply.status, 405, "{method}");
        assert_eq!(reply.header("allow"), "GET, HEAD");
    }
}

fn parts_of_a_zip_can_be_had() {
    let team = Team::new();
    let served = team.serve(&[]);
    for module in ["large", "old"] {
        let name = format!("example.com/{module}/@v/v1.0.0.zip");
        let zip = std::fs::read(team.stored(&name)).expect("a zip");
        let (target, size) = (format!("/{name}"), zip.len());
        let ask = |headers: &[(&str, &str)]| served.ask("GET", &target, headers);
        for (range, start, end) in [
            ("bytes=0-0", 0, 1),
            ("bytes=10-99", 10, 100),
            ("bytes=100-", 100, size),
            ("bytes=-10", size - 10, size),
            ("bytes=5-99999999", 5, size),
        ] {
            let reply = ask(&[("Range", range)]);
            assert_eq!(reply.status, 206, "{range}");
            assert!(reply.body == zip[start..end], "{range}");
            let expected = format!("bytes {start}-{}/{size}", end - 1);
            assert_eq!(reply.header("content-range"), expected);
        }
        let head = served.ask("HEAD", &target, &[("Range", "bytes=0-9")]);
        assert_eq!(
            (head.status, head.header("content-length")),
            (200, size.to_string().as_str())
        );
        let behind = ask(&[("Range", "bytes=99999999-")]);
        assert_eq!(behind.status, 416);
        assert_eq!(behind.header("content-range"), format!("bytes */{size}"));
        let etag = ask(&[]).header("etag").to_owned();
        assert!(etag.starts_with('"'), "strong: {etag}");
        let same = ask(&[("Range", "bytes=0-9"), ("If-Range", &etag)]);
        assert_eq!(same.status, 206);
        let other = ask(&[("Range", "bytes=0-9"), ("If-Range", "\"other\"")]);
        assert_eq!((other.status, other.body.len()), (200, size));
    }
}

fn what_the_client_has_is_not_sent_again() {
    let team = Team::new();
    let served = team.serve(&[]);
    for target in [
        "/example.com/m/@v/list",
        "/example.com/m/@latest",
        "/example.com/m/@v/v1.0.0.mod",
        "/example.com/large/@v/v1.0.0.zip",
    ] {
        let reply = served.get(target);
        let etag = reply.header("etag");
        for known in [etag, "*", &format!("\"x\", W/{etag}")] {
            let again = served.ask("GET", target, &[("If-None-Match", known)]);
            assert_eq!((again.status, again.body.len()), (304, 0), "{target}");
            assert_eq!(again.header("etag"), etag);
        }
        let other = served.ask("GET", target, &[("If-None-Match", "\"x\"")]);
        assert_eq!(other.status, 200);
        let modified = reply.header("last-modified");
        if !modified.is_empty() {
            let since = |time| {
                served
                    .ask("GET", target, &[("If-Modified-Since", time)])
                    .status
            };
            assert_eq!(since(modified), 304);
            assert_eq!(since("Thu, 01 Jan 1970 00:00:00 GMT"), 200);
        }
    }
}

fn texts_are_compressed_where_that_helps() {
    let team = Team::new();
    let folder = team.stored("example.com/many/@v");
    std::fs::create_dir_all(&folder).expect("a folder");
    for number in 0..300 {
        for kind in ["info", "mod"] {
            std::fs::write(folder.join(format!("v1.{number}.0.{kind}")), "x").expect("a file");
        }
    }
    let served = team.serve(&[]);
    let ask = |target: &str, accepted| served.ask("GET", target, &[("Accept-Encoding", accepted)]);
    let target = "/example.com/many/@v/list";
    let (plain, packed) = (ask(target, "identity"), ask(target, "gzip"));
    assert_eq!(packed.header("content-encoding"), "gzip");
    assert!(packed.body.len() < plain.body.len() / 2);
    let mut unpacked = Vec::new();
    let mut decoder = flate2::read::GzDecoder::new(&packed.body[..]);
    decoder.read_to_end(&mut unpacked).expect("gzip");
    assert!(unpacked == plain.body && unpacked.starts_with(b"v1.0.0\nv1.1.0\n"));
    assert_ne!(packed.header("etag"), plain.header("etag"));
    for reply in [&plain, &packed] {
        assert_eq!(reply.header("vary"), "Accept-Encoding");
    }
    for target in ["/example.com/large/@v/v1.0.0.zip", "/example.com/m/@latest"] {
        assert_eq!(
            ask(target, "gzip").header("content-encoding"),
            "",
            "{target}"
        );
    }
}

fn http_2_is_spoken_without_encryption() {
    let team = Team::new();
    let served = team.serve(&[]);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.expect("a runtime").block_on(async {
        // Whoever was first has installed the same.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let builder = reqwest::Client::builder()
            .http2_prior_knowledge()
            .no_proxy();
        let client = builder.build().expect("a client");
        let name = "example.com/large/@v/v1.0.0.zip";
        let response = client.get(format!("{}/{name}", served.url)).send().await;
        let response = response.expect("a response");
        assert_eq!(response.version(), http::Version::HTTP_2);
        let body = response.bytes().await.expect("a body");
        assert!(body == std::fs::read(team.stored(name)).expect("a zip"));
    });
}

fn the_index_tells_what_was_added() {
    let team = Team::new();
    let served = team.serve(&[]);
    let versions = |reply: &Reply| -> Vec<String> {
        let field = |line: &str, name: &str| {
            let value: serde_json::Value = serde_json::from_str(line).expect("JSON");
            value[name].as_str().expect(name).to_owned()
        };
        let text = reply.text();
        let lines = text.lines();
        lines
            .map(|line| format!("{}@{}", field(line, "Path"), field(line, "Version")))
            .collect()
    };
    let index = served.get("/index");
    let all = versions(&index);
    assert_eq!(all.len(), 11, "{all:#?}");
    assert_eq!(
        all.last().map(String::as_str),
        Some("example.com/large@v1.0.0")
    );
    let first = served.get("/index?limit=3");
    assert_eq!(versions(&first), all[..3]);
    let last = first.text();
    let last = last
        .lines()
        .last()
        .expect("a line")
        .split('"')
        .nth(11)
        .expect("a time");
    let rest = served.get(&format!("/index?since={last}"));
    // Versions that were written within one tick of the clock have the same time.
    let same = index.text();
    let same = same.lines().position(|line| line.contains(last));
    assert_eq!(
        versions(&rest),
        all[same.expect("a line")..],
        "since {last}"
    );
    for bad in [
        "/index?since=yesterday",
        "/index?limit=-1",
        "/index?limit=0",
    ] {
        assert_eq!(served.get(bad).status, 400, "{bad}");
    }
    team.fetch("example.com/large@main");
    served.until("/index", |reply| versions(reply).len() == 12);
}

fn people_get_a_page() {
    let team = Team::new();
    let served = team.serve(&["--prefix", "team"]);
    let page = served.get("/team/?q=UPPER");
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    assert!(
        page.header("content-security-policy")
            .starts_with("default-src 'none';")
    );
    let text = page.text();
    assert!(text.contains("GOPROXY=http://test/team<"), "{text}");
    assert!(text.contains(">example.com/Upper</a>") && !text.contains(">example.com/m</a>"));
    let attack = served.get("/team/?q=%22%3E%3Cscript%3E").text();
    assert!(!attack.contains("<script"), "{attack}");
    assert_eq!(served.get("/").status, 404);
}

fn the_server_tells_of_itself() {
    let team = Team::new();
    let served = team.serve(&["--log", "json"]);
    assert_eq!(served.get("/healthz").text(), "ok\n");
    assert_eq!(served.get("/readyz").text(), "ready\n");
    let reply = served.ask(
        "GET",
        "/example.com/m/@v/list",
        &[("X-Request-Id", "mine-1")],
    );
    assert_eq!(reply.header("x-request-id"), "mine-1");
    let made_up = served.ask("GET", "/example.com/m/@v/list", &[("X-Request-Id", "a b")]);
    assert_ne!(made_up.header("x-request-id"), "a b");
    served.ask(
        "GET",
        "/gone?token=secret",
        &[("Authorization", "Basic c2VjcmV0")],
    );
    let metrics = served.get("/metrics").text();
    for line in [
        "gomodcache_requests_total{kind=\"list\",status=\"2xx\"} 2",
        "gomodcache_requests_total{kind=\"other\",status=\"4xx\"} 1",
        "gomodcache_requests_in_flight 1",
    ] {
        assert!(
            metrics.lines().any(|other| other == line),
            "{line}\n{metrics}"
        );
    }
    let told = served.stop();
    assert_eq!(told.code, Some(0), "{told:#?}");
    assert!(!told.stderr.contains("secret") && !told.stderr.contains("c2VjcmV0"));
    let lines = told.stderr.lines();
    let entries = lines.map(|line| serde_json::from_str(line).expect("JSON"));
    let entries: Vec<serde_json::Value> = entries.collect();
    assert_eq!(entries.len(), 6, "{}", told.stderr);
    assert_eq!(entries[2]["id"], "mine-1");
    assert_eq!(entries[2]["path"], "/example.com/m/@v/list");
    assert_eq!(entries[2]["status"], 200);
    assert_eq!(entries[4]["path"], "/gone");
}
