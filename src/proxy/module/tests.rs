use std::io::Read as _;
use std::time::Duration;

use super::*;
use crate::proxy::ProxyList;
use crate::query::Repo;
use crate::web::Settings;
use crate::web::loopback::{Answer, Asked, Loopback};
use crate::web::tests::Switch;

const PATH: &str = "example.com/Mod";
const ESCAPED: &str = "/example.com/%21mod";

fn module(proxy: &str) -> ProxyModule {
    let list: ProxyList = proxy.parse().unwrap();
    let client = Client::new(Settings {
        retries: 2,
        first_delay: Duration::ZERO,
        ..Settings::default()
    });
    let path = ModulePath::new(PATH).unwrap();
    ProxyModule::new(
        &list.proxies[0],
        &path,
        &client,
        Arc::new(Switch::default()),
    )
    .unwrap()
}

/// A proxy that has these files of the module.
fn serving(files: &[(&str, Answer)]) -> Loopback {
    let files = files
        .iter()
        .map(|(name, answer)| (format!("{ESCAPED}/{name}"), answer.clone()));
    Loopback::table(files.collect::<Vec<_>>())
}

fn info(version: &str) -> Answer {
    Answer::ok(format!(
        r#"{{"Version":"{version}","Time":"2020-01-02T03:04:05Z"}}"#
    ))
}

fn refusal<T: std::fmt::Debug>(answer: Result<T>) -> String {
    format!("{:#}", answer.unwrap_err())
}

fn versions(list: &str, prefix: &str) -> Vec<String> {
    let proxy = serving(&[("@v/list", Answer::ok(list))]);
    module(&proxy.url()).versions(prefix).unwrap().versions
}

#[test]
fn a_list_has_the_first_words_that_are_versions_of_tags() {
    let list = "v1.10.0\nv1.2.0 2020-01-01T00:00:00Z\r\n\nnonsense\n  v1.9.0-rc.1\t\n\
                v0.0.0-20200101000000-0123456789ab\nv2.0.0+incompatible\nv1.3";
    assert_eq!(
        versions(list, ""),
        [
            "v1.2.0",
            "v1.3",
            "v1.9.0-rc.1",
            "v1.10.0",
            "v2.0.0+incompatible"
        ]
    );
    assert_eq!(versions(list, "v1.1"), ["v1.10.0"]);
    assert_eq!(versions("", ""), [""; 0]);
}

#[test]
fn the_list_is_asked_for_once() {
    let proxy = serving(&[("@v/list", Answer::ok("v1.0.0"))]);
    let module = module(&proxy.url());
    module.versions("").unwrap();
    module.versions("v1").unwrap();
    assert!(query::is_not_found(&module.latest().unwrap_err()));
    let expected = ["@v/list", "@latest"].map(|name| format!("{ESCAPED}/{name}"));
    assert_eq!(proxy.targets(), expected);
}

#[test]
fn what_is_newest_is_asked_for_or_found_in_the_list() {
    let older = "v0.0.0-20190101000000-0123456789ab";
    let newer = "v0.0.0-20200101000000-0123456789ab";
    let list = format!("{older}\n{newer}\nv1.0.0\n");
    let proxy = serving(&[("@latest", info("v1.5.0")), ("@v/list", Answer::ok(&*list))]);
    let latest = module(&proxy.url()).latest().unwrap();
    assert_eq!(latest.version.as_str(), "v1.5.0");
    let file = format!("@v/{newer}.info");
    let proxy = serving(&[(&file, info(newer)), ("@v/list", Answer::ok(&*list))]);
    let latest = module(&proxy.url()).latest().unwrap();
    assert_eq!(latest.version.as_str(), newer);
    let timed = format!("{newer}\nv1.0.0 2021-01-01T00:00:00+01:00\nv1.1.0 then\n");
    let proxy = serving(&[
        ("@v/v1.0.0.info", info("v1.0.0")),
        ("@v/list", Answer::ok(timed)),
    ]);
    let latest = module(&proxy.url()).latest().unwrap();
    assert_eq!(latest.version.as_str(), "v1.0.0");
    let broken = serving(&[
        ("@latest", Answer::status(500)),
        ("@v/list", Answer::ok(list)),
    ]);
    let url = broken.url();
    assert_eq!(
        refusal(module(&url).latest()),
        format!("module {PATH}: reading {url}{ESCAPED}/@latest: 500 Internal Server Error")
    );
}

#[test]
fn an_info_is_of_the_version_that_was_asked_for() {
    let proxy = serving(&[
        ("@v/v1.0.0.info", info("v1.0.1")),
        ("@v/v1.0.0+meta.info", info("v1.0.0")),
        ("@v/v2.0.0.info", info("v1.9.0")),
        ("@v/main.info", info("v1.0.2")),
        ("@v/%21main.info", info("main")),
    ]);
    let module = module(&proxy.url());
    assert_eq!(
        refusal(module.stat("v1.0.0")),
        format!(
            "{PATH}@v1.0.0: proxy returned info for version v1.0.1 instead of requested version"
        )
    );
    for (revision, version) in [
        ("v1.0.0+meta", "v1.0.0"),
        // No version of a path without `/v2`: whatever the proxy makes of it.
        ("v2.0.0", "v1.9.0"),
        ("main", "v1.0.2"),
    ] {
        let info = module.stat(revision).unwrap();
        assert_eq!(info.version.as_str(), version, "{revision}");
    }
    assert_eq!(
        refusal(module.stat("Main")),
        format!(
            "{PATH}@Main: invalid version: invalid response from proxy {:?}: version \"main\" invalid: \
             not a semantic version",
            proxy.url()
        )
    );
    assert_eq!(
        refusal(module.stat("a/b")),
        format!("{PATH}@a/b: invalid version: disallowed version string")
    );
    assert_eq!(proxy.asked().len(), 5);
}

#[test]
fn what_does_not_exist_is_told_from_what_fails() {
    let gone = Answer::status(410).text("not found: unknown revision\nof x\n\nmore");
    let denied = Answer::status(403).text("no access");
    let proxy = serving(&[
        ("@v/v1.0.0.mod", gone),
        ("@v/v1.1.0.mod", denied),
        (
            "@v/v1.2.0.mod",
            Answer::status(500)
                .header("Content-Type", "text/html")
                .body("<p>"),
        ),
    ]);
    let module = module(&proxy.url());
    let url = format!("{}{ESCAPED}/@v", proxy.url());
    let error = |version: &str| {
        let error = module.go_mod(version).unwrap_err();
        (query::is_not_found(&error), format!("{error:#}"))
    };
    let expected = [
        (
            "v1.0.0",
            true,
            ": 410 Gone\n\tserver response:\n\tnot found: unknown revision\n\tof x",
        ),
        (
            "v1.1.0",
            false,
            ": 403 Forbidden\n\tserver response: no access",
        ),
        ("v1.2.0", false, ": 500 Internal Server Error"),
        (
            "v1.3.0",
            true,
            ": 404 Not Found\n\tserver response: not found",
        ),
    ];
    for (version, is_missing, text) in expected {
        let text = format!("{PATH}@{version}: reading {url}/{version}.mod{text}");
        assert_eq!(error(version), (is_missing, text));
    }
}

#[test]
fn failures_that_may_pass_are_tried_again_and_told_in_full() {
    let proxy = Loopback::start(|asked| match asked.number {
        0 => Answer::status(503).header("Retry-After", "0"),
        1 => Answer::ok("module").cut(3),
        2 => Answer::ok("module x\n").gzip(),
        _ => Answer::status(429).text("slow down"),
    });
    let first = module(&proxy.url());
    for _ in 0..2 {
        // The second time it is remembered.
        assert_eq!(first.go_mod("v1.0.0").unwrap(), b"module x\n");
    }
    let url = format!("{}{ESCAPED}/@v/v1.1.0.mod", proxy.url());
    assert_eq!(
        refusal(first.go_mod("v1.1.0")),
        format!(
            "{PATH}@v1.1.0: reading {url}: 429 Too Many Requests\n\tserver response: slow down"
        )
    );
    assert_eq!(proxy.asked().len(), 6);
}

#[test]
fn web_pages_and_endless_answers_are_refused() {
    let page = || Answer::ok("\n<!DOCTYPE html>").header("Content-Type", "text/html");
    let proxy = serving(&[
        ("@v/list", page()),
        ("@latest", page()),
        ("@v/v1.0.0.mod", page()),
        ("@v/v1.0.0.info", Answer::ok(vec![b' '; 2 << 20])),
    ]);
    let module = module(&proxy.url());
    let url = proxy.url();
    assert_eq!(
        refusal(module.versions("")),
        format!(
            "module {PATH}: invalid response from proxy {url:?}: the list of versions is a web page"
        )
    );
    assert_eq!(
        refusal(module.latest()),
        format!("module {PATH}: invalid response from proxy {url:?}: it is a web page and no JSON")
    );
    assert_eq!(
        refusal(module.go_mod("v1.0.0")),
        format!("{PATH}@v1.0.0: invalid response from proxy {url:?}: the go.mod is a web page")
    );
    assert_eq!(
        refusal(module.stat("v1.0.0")),
        format!(
            "{PATH}@v1.0.0: reading {url}{ESCAPED}/@v/v1.0.0.info: it is larger than 1048576 bytes"
        )
    );
}

#[test]
fn a_folder_is_read_in_place() {
    let folder = tempfile::tempdir().unwrap();
    let below = folder.path().join("a b/example.com/!mod/@v");
    std::fs::create_dir_all(below.join("v1.1.0.mod")).unwrap();
    std::fs::write(below.join("list"), "v1.0.0\n").unwrap();
    std::fs::write(below.join("v1.0.0.info"), r#"{"Version":"v1.0.0"}"#).unwrap();
    let url = format!("file://{}/a%20b", folder.path().display());
    let module = module(&url);
    assert_eq!(module.versions("").unwrap().versions, ["v1.0.0"]);
    assert_eq!(module.stat("v1.0.0").unwrap().version.as_str(), "v1.0.0");
    let error = module.go_mod("v1.0.0").unwrap_err();
    assert!(query::is_not_found(&error));
    assert_eq!(
        format!("{error:#}"),
        format!(
            "{PATH}@v1.0.0: reading {url}/example.com/!mod/@v/v1.0.0.mod: no such file or directory"
        )
    );
    assert!(!query::is_not_found(&module.go_mod("v1.1.0").unwrap_err()));
}

#[test]
fn credentials_are_not_sent_without_encryption() {
    let list: ProxyList = "http://me:secret@h.example/x".parse().unwrap();
    let path = ModulePath::new(PATH).unwrap();
    let client = Client::new(Settings::default());
    let error = ProxyModule::new(
        &list.proxies[0],
        &path,
        &client,
        Arc::new(Switch::default()),
    );
    assert_eq!(
        error.err().unwrap().to_string(),
        "refusing to pass credentials to insecure URL: http://h.example/x"
    );
}

fn downloaded(proxy: &Loopback) -> Result<Vec<u8>> {
    listened(proxy, &mut |_| {})
}

fn listened(proxy: &Loopback, heard: &mut dyn FnMut(Received)) -> Result<Vec<u8>> {
    let mut file = tempfile::tempfile().unwrap();
    module(&proxy.url()).download(&Version::new("v1.0.0").unwrap(), &mut file, heard)?;
    let mut content = Vec::new();
    std::io::Seek::rewind(&mut file)?;
    file.read_to_end(&mut content)?;
    Ok(content)
}

/// Bytes of which none are like those before.
fn content(length: u32) -> Vec<u8> {
    (0..length / 4).flat_map(u32::to_be_bytes).collect()
}

#[test]
fn a_zip_is_taken_up_where_the_connection_broke_off() {
    let expected = content(100_000);
    let whole = expected.clone();
    let proxy = Loopback::start(move |asked| {
        let answer = Answer::file(asked, &whole, "\"a\"");
        match asked.number {
            0..2 => answer.cut(30_000),
            _ => answer,
        }
    });
    assert!(downloaded(&proxy).unwrap() == expected);
    let asked = proxy.asked();
    let ranges: Vec<_> = asked.iter().map(|asked| asked.header("range")).collect();
    assert_eq!(ranges, ["", "bytes=30000-", "bytes=60000-"]);
    assert!(
        asked
            .iter()
            .all(|asked| asked.header("accept-encoding") == "identity")
    );
}

#[test]
fn a_long_way_may_be_interrupted_as_often_as_there_is_progress() {
    let expected = content(12 << 20);
    let whole = expected.clone();
    let proxy = Loopback::start(move |asked| {
        Answer::file(asked, &whole, "\"a\"").cut(match asked.number {
            0..9 => 1 << 20,
            _ => usize::MAX,
        })
    });
    // Nothing is cut after the tenth request.
    assert!(downloaded(&proxy).unwrap() == expected);
    assert_eq!(proxy.asked().len(), 10);
}

#[test]
fn two_versions_of_a_zip_are_never_mixed() {
    let (old, new) = (content(100_000), vec![7; 90_000]);
    type Change = fn(&Asked, &[u8], &[u8]) -> Answer;
    let changes: [Change; 4] = [
        // The server honours the condition.
        |asked, _, new| Answer::file(asked, new, "\"new\""),
        // It does not, and says so by the tag.
        |_, _, new| {
            Answer::status(206)
                .header("ETag", "\"new\"")
                .header("Content-Range", "bytes 30000-99999/100000")
                .body(&new[..70_000])
        },
        // It sends another part.
        |_, old, _| {
            Answer::status(206)
                .header("Content-Range", "bytes 0-99999/100000")
                .body(old)
        },
        // Its tag is weak, so that nothing can be taken up.
        |asked, old, _| Answer::file(asked, old, "W/\"old\""),
    ];
    for (number, change) in changes.into_iter().enumerate() {
        let (first, second) = (old.clone(), new.clone());
        let weak = number == 3;
        let proxy = Loopback::start(move |asked| match asked.number {
            0 if weak => Answer::file(asked, &first, "W/\"old\"").cut(30_000),
            0 => Answer::file(asked, &first, "\"old\"").cut(30_000),
            _ => change(asked, &first, &second),
        });
        let second = downloaded(&proxy);
        match number {
            0 => assert!(second.unwrap() == new),
            3 => {
                assert!(second.unwrap() == old);
                assert_eq!(proxy.asked()[1].header("range"), "");
            }
            _ => assert!(refusal(second).contains("another part than it was asked for")),
        }
    }
}

#[test]
fn a_download_tells_how_far_it_has_come() {
    let whole = content(100_000);
    let served = whole.clone();
    let taken_up = Loopback::start(move |asked| {
        let answer = Answer::file(asked, &served, "\"a\"");
        match asked.number {
            0 => answer.cut(30_000),
            _ => answer,
        }
    });
    let served = whole.clone();
    let begun_anew = Loopback::start(move |asked| match asked.number {
        0 => Answer::ok(&*served).cut(30_000),
        _ => Answer::ok(&*served),
    });
    for (proxy, beginnings) in [(taken_up, 1), (begun_anew, 2)] {
        let mut heard = Vec::new();
        assert!(listened(&proxy, &mut |received| heard.push(received)).unwrap() == whole);
        let nothing = |received: &&Received| received.bytes == 0;
        assert_eq!(heard.iter().filter(nothing).count(), beginnings);
        let falls = heard
            .windows(2)
            .filter(|pair| pair[1].bytes < pair[0].bytes);
        assert_eq!(falls.count(), beginnings - 1);
        let is_told = |received: &Received| received.bytes == 0 || received.total == Some(100_000);
        assert!(heard.iter().all(is_told), "{heard:?}");
        assert_eq!(heard.last().unwrap().bytes, 100_000);
    }
}

#[test]
fn a_zip_that_breaks_off_again_and_again_is_given_up() {
    let proxy = Loopback::start(|_| {
        Answer::ok("short")
            .header("ETag", "\"a\"")
            .header("Content-Length", "10")
            .cut(5)
    });
    let error = refusal(downloaded(&proxy));
    assert!(error.contains("the connection broke off"), "{error}");
    assert_eq!(proxy.asked().len(), 3);
}

#[test]
fn a_zip_that_is_announced_too_large_is_not_read() {
    let proxy = Loopback::start(|_| Answer::ok("").header("Content-Length", "524288001"));
    assert_eq!(
        refusal(downloaded(&proxy)),
        format!("{PATH}@v1.0.0: downloaded zip file too large: more than 500 MiB")
    );
}

#[test]
fn a_zip_without_end_is_not_read_to_its_end() {
    let proxy = Loopback::start(|_| Answer::ok(content(1 << 16)).endless());
    let mut file = tempfile::tempfile().unwrap();
    let mut most = 0;
    let target = Target {
        file: &mut file,
        limit: 3 << 20,
        heard: &mut |received| {
            assert_eq!(received.total, None);
            most = most.max(received.bytes);
        },
    };
    let error = zip::download(&module(&proxy.url()).endpoint, "@v/v1.0.0.zip", target);
    assert_eq!(
        refusal(error),
        format!(
            "reading {}{ESCAPED}/@v/v1.0.0.zip: downloaded zip file too large: more than 3 MiB",
            proxy.url()
        )
    );
    assert!(most > 2 << 20 && most <= 3 << 20, "{most}");
    assert_eq!(file.metadata().unwrap().len(), most);
    assert_eq!(proxy.asked().len(), 1);
}

#[test]
fn no_small_file_is_read_without_end() {
    let endless = || Answer::ok(vec![b' '; 1 << 16]).endless();
    let bomb = || Answer::ok(vec![b' '; (16 << 20) + 1]).gzip();
    for answer in [endless, bomb] {
        let proxy = Loopback::start(move |_| answer());
        let module = module(&proxy.url());
        let url = format!("{}{ESCAPED}", proxy.url());
        let too_large = |file: &str, limit: u64| {
            format!("reading {url}/{file}: it is larger than {limit} bytes")
        };
        assert_eq!(
            [
                refusal(module.versions("")),
                refusal(module.latest()),
                refusal(module.stat("v1.0.0")),
                refusal(module.go_mod("v1.0.0")),
            ],
            [
                format!("module {PATH}: {}", too_large("@v/list", MAX_LIST)),
                format!("module {PATH}: {}", too_large("@latest", MAX_INFO)),
                format!("{PATH}@v1.0.0: {}", too_large("@v/v1.0.0.info", MAX_INFO)),
                format!("{PATH}@v1.0.0: {}", too_large("@v/v1.0.0.mod", MAX_GO_MOD)),
            ]
        );
        assert_eq!(proxy.asked().len(), 4);
    }
}
