//! What go finds in the same pages; whole discoveries are compared with go in `tests/integration`.

use std::io::{Read, repeat};
use std::sync::atomic::{AtomicBool, Ordering};

use super::imports::read_imports;
use super::*;
use crate::web::Settings;
use crate::web::loopback::{Answer, Loopback};

const PAGES: &str = include_str!("pages.txt");
const URLS: &str = include_str!("urls.txt");
const TAG: &str = "<meta name=\"go-import\" content=\"a git https://e/a\">";

/// Undoes `\n`, `\r`, `\t`, `\\` and `\x41`.
fn unescape(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut characters = text.bytes();
    while let Some(byte) = characters.next() {
        bytes.push(match (byte, byte == b'\\') {
            (_, false) => byte,
            _ => match characters.next().unwrap() {
                b'n' => b'\n',
                b'r' => b'\r',
                b't' => b'\t',
                b'x' => {
                    let digits = [characters.next().unwrap(), characters.next().unwrap()];
                    u8::from_str_radix(str::from_utf8(&digits).unwrap(), 16).unwrap()
                }
                other => other,
            },
        });
    }
    bytes
}

/// The pages of the table, and what is found in each.
fn pages() -> Vec<(Vec<u8>, String)> {
    let lines: Vec<&str> = PAGES.lines().skip(3).collect();
    let pairs = lines.chunks_exact(2).map(|pair| {
        let page = unescape(&pair[0].replace("TAG", TAG));
        (page, String::from_utf8(unescape(pair[1])).unwrap())
    });
    pairs.collect()
}

fn listed(imports: &[MetaImport]) -> String {
    let tags = imports.iter().map(|import| {
        let fields = [
            &import.prefix,
            &import.kind,
            &import.repository,
            &import.subdirectory,
        ];
        fields.map(String::as_str).join(" ").trim().to_owned()
    });
    tags.collect::<Vec<_>>().join(", ")
}

#[test]
fn pages_have_the_tags_that_go_finds() {
    let pages = pages();
    assert_eq!(pages.len(), 107);
    for (page, expected) in pages {
        let shown = String::from_utf8_lossy(&page);
        match (read_imports(&page[..]), expected.split_once(':').unwrap()) {
            (Ok(imports), ("tags", tags)) => assert_eq!(listed(&imports), tags.trim(), "{shown}"),
            (Err(error), ("error", reason)) => {
                let error = format!("{error:#}");
                assert!(error.contains(reason.trim()), "{shown}: {error}");
            }
            (ours, _) => panic!("{shown}: {ours:?} and not {expected}"),
        }
    }
}

#[test]
fn the_urls_that_go_takes_are_taken() {
    for line in URLS.lines().skip(1) {
        let (verdict, url) = line.split_once(' ').unwrap();
        let ours = repo_url::check(url);
        assert_eq!(ours.is_ok(), verdict == "good", "{url}: {ours:?}");
    }
}

/// Numbers that are the same in each run (xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % end as u64).unwrap()
    }
}

#[test]
fn no_page_and_no_url_makes_the_reader_panic() {
    let pages: Vec<Vec<u8>> = pages().into_iter().map(|(page, _)| page).collect();
    let urls: Vec<&str> = URLS.lines().skip(1).collect();
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    let mut found = 0;
    for _ in 0..4_000 {
        let mut page = pages[random.below(pages.len())].clone();
        for _ in 0..=random.below(4) {
            let other = &pages[random.below(pages.len())];
            let (start, end) = (random.below(other.len() + 1), random.below(other.len() + 1));
            let piece = &other[start.min(end)..start.max(end)];
            let (start, end) = (random.below(page.len() + 1), random.below(page.len() + 1));
            let at = if end < start {
                start..start
            } else {
                start..end
            };
            page.splice(at, piece.iter().copied());
        }
        let imports = read_imports(&page[..]).unwrap_or_default();
        found += imports.len();
        let (one, other) = (
            urls[random.below(urls.len())],
            urls[random.below(urls.len())],
        );
        let (one, other) = (one.chars(), other.chars());
        let url: String = one
            .take(random.below(20))
            .chain(other.skip(random.below(20)))
            .collect();
        for kind in ["git", "mod"] {
            let ours = repo_url::locate(kind, &url);
            assert!(ours.is_err() || url.contains("://"), "{url}");
        }
        let _ = choose(&imports, "a/b");
    }
    assert!(found > 100, "{found}");
}

#[test]
fn a_page_without_end_is_given_up() {
    for start in ["", "<a ", "<!--", "&#"] {
        let page = start.as_bytes().chain(repeat(b'1'));
        let error = read_imports(page).unwrap_err().to_string();
        assert!(
            error.contains("does not end within 4194304 bytes"),
            "{start}: {error}"
        );
    }
    let page = TAG.as_bytes().chain(repeat(b' '));
    assert_eq!(read_imports(page).unwrap().len(), 1);
}

#[test]
fn nothing_secret_and_nothing_long_is_shown() {
    for (text, expected) in [
        ("https://u:secret@h/x", "https://***@h/x"),
        ("https://token@h/x", "https://***@h/x"),
        ("https:u:secret@h", "***@h"),
        ("git@h:x", "git@h:x"),
        ("a\u{1b}b", "a\\u{1b}b"),
    ] {
        assert_eq!(shown(text), expected);
    }
    assert_eq!(shown(&"x".repeat(1000)).chars().count(), 201);
    let found = repo_url::locate("mod", "https://u:secret@h/x").unwrap();
    assert_eq!(format!("{found:?}"), "Proxy(`https://u:***@h/x`)");
    let found = repo_url::locate("git", "https://u:secret@h/x").unwrap();
    assert_eq!(format!("{found:?}"), "Git(Location(\"https://***@h/x\"))");
}

#[derive(Default)]
struct Switch(AtomicBool);

impl Interrupt for Switch {
    fn interrupted(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Asks a server that is the proxy of all hosts.
fn discovery(server: &Loopback) -> (Discoverer, Arc<Switch>) {
    let settings = Settings {
        http_proxy: Some(server.url()),
        https_proxy: Some(server.url()),
        first_delay: std::time::Duration::ZERO,
        ..Settings::default()
    };
    let switch = Arc::new(Switch::default());
    let interrupt = Arc::clone(&switch) as Arc<dyn Interrupt>;
    (Discoverer::new(Client::new(settings), interrupt), switch)
}

fn path(path: &str) -> ModulePath {
    ModulePath::new(path).unwrap()
}

#[test]
fn a_page_is_asked_for_once_in_a_run() {
    let tag = "<meta name=go-import content='h.test/x git https://g.test/x'>";
    let server = Loopback::start(move |_| Answer::ok(tag));
    let (discovery, _) = discovery(&server);
    for below in ["h.test/x/a", "h.test/x/b", "h.test/x", "h.test/x/a"] {
        let found = discovery
            .discover(&path(below), Security::Unchecked)
            .unwrap();
        assert_eq!(found.root, "h.test/x");
    }
    let mut asked = server.targets();
    asked.retain(|target| target.starts_with("http:"));
    let page = |path| format!("http://h.test/x{path}?go-get=1");
    assert_eq!(asked, [page("/a"), page(""), page("/b")]);
}

#[test]
fn a_server_that_fails_is_asked_again() {
    let tag = "<meta name=go-import content='h.test/x git https://g.test/x'>";
    let server = Loopback::start(move |asked| match (&*asked.method, asked.number) {
        ("CONNECT", _) | (_, 0..4) => Answer::status(503),
        _ => Answer::ok(tag),
    });
    let (discovery, _) = discovery(&server);
    assert!(
        discovery
            .discover(&path("h.test/x"), Security::Unchecked)
            .is_ok()
    );
    assert_eq!(server.asked().len(), 6);
}

#[test]
fn an_interrupt_ends_it_before_http_is_tried() {
    let server = Loopback::start(|_| Answer::status(404));
    let (discovery, switch) = discovery(&server);
    switch.0.store(true, Ordering::Relaxed);
    let error = discovery
        .discover(&path("h.test/x"), Security::Unchecked)
        .unwrap_err();
    assert!(
        error
            .chain()
            .any(|cause| cause.is::<crate::web::Interrupted>()),
        "{error:#}"
    );
    assert!(
        server
            .targets()
            .iter()
            .all(|target| !target.starts_with("http:"))
    );
}
