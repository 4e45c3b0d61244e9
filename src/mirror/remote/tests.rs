use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use git2::{Signature, Time};

use super::*;
use crate::mirror::{Location, Mirror};
use crate::web::Settings;
use crate::web::{Interrupt, Interrupted};

#[derive(Default)]
struct Switch(AtomicBool);

impl Progress for Switch {
    fn received(&self, _: &str, _: u64, _: u64, _: u64) {}
}

impl Interrupt for Switch {
    fn interrupted(&self) -> bool {
        self.0.load(Relaxed)
    }
}

/// A server of two commits, the second tagged v1.0.0, which speaks version 0 over HTTP.
struct Server {
    commits: [Oid; 2],
    tag: Oid,
    single: Vec<u8>,
    complete: Vec<u8>,
    refuses_depth: bool,
    requests: Mutex<Vec<String>>,
}

impl Server {
    fn start(folder: &Path, refuses_depth: bool) -> (Arc<Server>, String) {
        let repository = Repository::init_bare(folder.join("source")).unwrap();
        let first = commit(&repository, "one", None);
        let second = commit(&repository, "two", Some(first));
        let who = Signature::new("A", "a@example.com", &Time::new(1_500_000_000, 0)).unwrap();
        let target = repository.find_object(second, None).unwrap();
        let tag = repository.tag("v1.0.0", &target, &who, "x", false).unwrap();
        let server = Arc::new(Server {
            commits: [first, second],
            tag,
            single: pack(&repository, &[second], tag),
            complete: pack(&repository, &[first, second], tag),
            refuses_depth,
            requests: Mutex::default(),
        });
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/o/x", listener.local_addr().unwrap());
        let shared = Arc::clone(&server);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                shared.answer(stream);
            }
        });
        (server, url)
    }

    fn answer(&self, stream: TcpStream) {
        let mut reader = BufReader::new(&stream);
        let mut head = String::new();
        while reader.read_line(&mut head).is_ok_and(|count| count > 2) {}
        let length = head.lines().find_map(|line| {
            line.to_ascii_lowercase()
                .strip_prefix("content-length: ")?
                .parse()
                .ok()
        });
        let mut body = vec![0; length.unwrap_or(0)];
        reader.read_exact(&mut body).unwrap();
        let body = String::from_utf8(body).unwrap();
        let (kind, answer) = match head.starts_with("GET") {
            true => ("advertisement", self.advertisement()),
            false => ("result", self.result(&body)),
        };
        self.requests.lock().unwrap().push(body);
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/x-git-upload-pack-{kind}\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n",
            answer.len()
        );
        let _ = (&stream).write_all(&[head.into_bytes(), answer].concat());
    }

    fn advertisement(&self) -> Vec<u8> {
        let [_, second] = self.commits;
        [
            packet(b"# service=git-upload-pack\n"),
            b"0000".to_vec(),
            packet(format!("{second} refs/heads/main\0side-band-64k shallow\n").as_bytes()),
            packet(format!("{} refs/tags/v1.0.0\n", self.tag).as_bytes()),
            packet(format!("{second} refs/tags/v1.0.0^{{}}\n").as_bytes()),
            b"0000".to_vec(),
        ]
        .concat()
    }

    fn result(&self, body: &str) -> Vec<u8> {
        let single = body.contains("deepen 1");
        if single && self.refuses_depth {
            return packet(b"ERR not so deep");
        }
        let shallow = packet(format!("shallow {}\n", self.commits[1]).as_bytes());
        let (shallow, pack) = match single {
            true => ([shallow, b"0000".to_vec()].concat(), &self.single),
            false => (Vec::new(), &self.complete),
        };
        let band = packet(&[b"\x01".as_slice(), pack].concat());
        [shallow, packet(b"NAK\n"), band, b"0000".to_vec()].concat()
    }

    fn requests(&self) -> Vec<String> {
        std::mem::take(&mut self.requests.lock().unwrap())
    }
}

fn packet(data: &[u8]) -> Vec<u8> {
    [format!("{:04x}", data.len() + 4).as_bytes(), data].concat()
}

fn commit(repository: &Repository, text: &str, parent: Option<Oid>) -> Oid {
    let mut tree = repository.treebuilder(None).unwrap();
    let blob = repository.blob(text.as_bytes()).unwrap();
    tree.insert("file", blob, 0o100644).unwrap();
    let tree = repository.find_tree(tree.write().unwrap()).unwrap();
    let who = Signature::new("A", "a@example.com", &Time::new(1_500_000_000, 0)).unwrap();
    let parent = parent.map(|oid| repository.find_commit(oid).unwrap());
    repository
        .commit(
            Some("refs/heads/main"),
            &who,
            &who,
            text,
            &tree,
            &Vec::from_iter(&parent),
        )
        .unwrap()
}

fn pack(repository: &Repository, commits: &[Oid], tag: Oid) -> Vec<u8> {
    let mut builder = repository.packbuilder().unwrap();
    for commit in commits {
        builder.insert_commit(*commit).unwrap();
    }
    builder.insert_object(tag, None).unwrap();
    let mut buffer = git2::Buf::new();
    builder.write_buf(&mut buffer).unwrap();
    buffer.to_vec()
}

fn open(url: &str, store: &Path, progress: Arc<Switch>) -> Result<Mirror> {
    let settings = TransportSettings::from(Settings {
        retries: 0,
        first_delay: Duration::ZERO,
        ..Settings::default()
    });
    Mirror::open(
        &Location::parse(url)?,
        &Store::new(store),
        &settings,
        progress,
    )
}

fn tagged(oid: Oid) -> Need<'static> {
    Need::Commit {
        reference: Some("refs/tags/v1.0.0"),
        oid,
    }
}

#[test]
fn one_commit_comes_without_its_history_and_only_once() {
    let folder = tempfile::tempdir().unwrap();
    let (server, url) = Server::start(folder.path(), false);
    let store = folder.path().join("store");
    let [first, second] = server.commits;
    for run in 0..2 {
        let mirror = open(&url, &store, Arc::default()).unwrap();
        assert_eq!(mirror.refs().find("refs/tags/v1.0.0"), Some(second));
        mirror.require(tagged(second)).unwrap();
        assert!(!mirror.has_history());
        let repository = mirror.repository().unwrap();
        assert!(repository.find_commit(second).unwrap().tree().is_ok());
        assert!(repository.find_commit(first).is_err());
        let requests = server.requests();
        assert_eq!(requests.len(), if run == 0 { 2 } else { 1 });
        // The tag itself is asked for: before version 2 a server gives only what it lists.
        let want = format!("want {} ", server.tag);
        assert_eq!(requests.iter().any(|body| body.contains(&want)), run == 0);
    }
}

#[test]
fn history_joins_what_came_without_it() {
    let folder = tempfile::tempdir().unwrap();
    let (server, url) = Server::start(folder.path(), false);
    let store = folder.path().join("store");
    let [first, second] = server.commits;
    let mirror = open(&url, &store, Arc::default()).unwrap();
    let early = mirror.repository().unwrap();
    mirror.require(tagged(second)).unwrap();
    mirror.require(Need::History).unwrap();
    assert!(mirror.has_history());
    assert!(early.find_commit(first).is_ok());
    let requests = server.requests();
    assert!(!requests.last().unwrap().contains("deepen"));
    let again = open(&url, &store, Arc::default()).unwrap();
    assert!(again.has_history());
    again.require(Need::History).unwrap();
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn a_server_that_refuses_depth_is_asked_for_everything() {
    let folder = tempfile::tempdir().unwrap();
    let (server, url) = Server::start(folder.path(), true);
    let mirror = open(&url, &folder.path().join("store"), Arc::default()).unwrap();
    mirror.require(tagged(server.commits[1])).unwrap();
    assert!(mirror.has_history());
}

#[test]
fn a_commit_that_is_not_listed_needs_the_history() {
    let folder = tempfile::tempdir().unwrap();
    let (server, url) = Server::start(folder.path(), false);
    let mirror = open(&url, &folder.path().join("store"), Arc::default()).unwrap();
    let need = Need::Commit {
        reference: None,
        oid: server.commits[0],
    };
    mirror.require(need).unwrap();
    assert!(mirror.has_history());
}

#[test]
fn an_interrupt_stops_a_fetch_and_the_next_run_begins_anew() {
    let folder = tempfile::tempdir().unwrap();
    let (server, url) = Server::start(folder.path(), false);
    let store = folder.path().join("store");
    let switch = Arc::new(Switch::default());
    let mirror = open(&url, &store, switch.clone()).unwrap();
    switch.0.store(true, Relaxed);
    let error = mirror.require(Need::History).unwrap_err();
    assert!(error.is::<Interrupted>(), "{error:#}");
    let mirror = open(&url, &store, Arc::default()).unwrap();
    mirror.require(Need::History).unwrap();
    assert!(
        mirror
            .repository()
            .unwrap()
            .find_commit(server.commits[0])
            .is_ok()
    );
}

#[test]
fn the_password_is_in_no_file_and_no_message() {
    let folder = tempfile::tempdir().unwrap();
    let (server, url) = Server::start(folder.path(), false);
    let store = folder.path().join("store");
    let secret = url.replace("http://", "http://me:secret@");
    let mirror = open(&secret, &store, Arc::default()).unwrap();
    mirror.require(Need::History).unwrap();
    assert_eq!(mirror.origin_url(), Some(url.as_str()));
    let missing = mirror
        .object_missing(server.tag, Some("go.mod"))
        .to_string();
    assert!(
        !missing.contains("secret") && missing.contains("***@"),
        "{missing}"
    );
    for entry in walkdir::WalkDir::new(&store).into_iter().flatten() {
        if entry.file_type().is_file() {
            let content = std::fs::read(entry.path()).unwrap();
            assert!(!content.windows(6).any(|part| part == b"secret"));
        }
    }
}

#[test]
fn mirrors_can_be_shared_by_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<Mirror>();
}
