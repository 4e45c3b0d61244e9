//! Large zips, which clients get while they are still being fetched.

use crate::client::{self, Reply, chunked};
use crate::loopback::{Answer, Gate, Loopback};
use crate::support::dice::Dice;
use crate::support::mirror::Mirror;
use crate::support::sandbox::Sandbox;
use crate::support::tests;
use crate::team::Served;
use crate::world::{Files, zip};
use libtest_mimic::Trial;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;

/// The tests of this group.
pub(crate) fn trials() -> Vec<Trial> {
    tests!("arriving":
        a_large_zip_is_sent_on_while_it_comes_in,
        what_is_refused_in_the_end_is_not_sent_to_the_end,
        what_breaks_off_breaks_off_for_everybody,
        where_the_age_counts_nothing_is_sent_before_it_is_known,
        a_zip_of_unknown_size_is_sent_on_to_those_who_see_its_end,
        a_zip_of_unknown_size_that_is_refused_has_no_end,
        a_zip_is_sent_on_while_it_is_made_of_a_repository,
    )
}

const ZIP: &str = "/example.com/m/@v/v1.0.0.zip";
/// How much of the zip the source sends before it waits.
const FIRST: usize = 2 << 20;
/// How much noise is in a module.
const LARGE: usize = 3 << 20;

/// A source that sends the first part of a zip and waits.
struct Source {
    zip: Vec<u8>,
    gate: Gate,
    proxy: Loopback,
}

impl Source {
    /// A zip of one file of noise, which `change` may damage.
    fn new(change: impl Fn(&mut Vec<u8>), answer: impl Fn(Answer, &Gate) -> Answer) -> Source {
        let file = |name: &str, content| (format!("example.com/m@v1.0.0/{name}"), content);
        let mut content = zip([
            file("go.mod", b"module example.com/m\n".to_vec()),
            file("noise", Dice(7).noise(LARGE)),
        ]);
        change(&mut content);
        let gate = Gate::default();
        let answer = answer(Answer::ok(content.clone()), &gate);
        let files = Files::of(&["v1.0.0"]).with("@v/v1.0.0.zip", answer);
        Source {
            zip: content,
            gate,
            proxy: files.serve(),
        }
    }

    fn held(change: impl Fn(&mut Vec<u8>)) -> Source {
        Source::new(change, |answer, gate| answer.held(FIRST, gate))
    }
}

/// A source that does not say how long its zip is.
fn of_unknown_size(change: impl Fn(&mut Vec<u8>)) -> Source {
    Source::new(change, |answer, gate| {
        let chunk = chunked(answer.content());
        let answer = answer.header("Transfer-Encoding", "chunked").body(chunk);
        answer.held(FIRST, gate)
    })
}

/// How many versions a repository has.
const VERSIONS: u64 = 8;

struct Site {
    sandbox: Sandbox,
    served: Served,
}

impl Site {
    fn before(source: &Source, options: &[&str]) -> Site {
        let sandbox = Sandbox::new();
        let modcache = sandbox.path("served");
        let mut command = Served::command(&sandbox, &modcache, &["--fetch"]);
        command.args(options).env("GOSUMDB", "off");
        let served = Served::spawn(command.args(["--proxy", &source.proxy.url()]));
        Site { sandbox, served }
    }

    fn stored(&self) -> PathBuf {
        let downloads = self.sandbox.path("served/cache/download");
        downloads.join(&ZIP[1..])
    }

    /// Sends a request, and waits until the server is at it.
    fn ask(&self, request: &[u8], number: usize) -> TcpStream {
        let mut stream = client::connect(self.served.address());
        stream.write_all(request).expect("a request");
        self.served.until_in_flight(number);
        stream
    }

    /// Begins a request, and reads so many bytes of the answer, with its head.
    fn begin(&self, headers: &[(&str, &str)], count: usize) -> (TcpStream, Vec<u8>) {
        let mut stream = client::connect(self.served.address());
        let request = client::request("GET", ZIP, headers);
        stream.write_all(&request).expect("a request");
        let mut begun = vec![0; count];
        stream.read_exact(&mut begun).expect("the first part");
        (stream, begun)
    }
}

/// Reads the rest of an answer.
fn end((mut stream, mut begun): (TcpStream, Vec<u8>)) -> Reply {
    begun.extend(client::read_all(&mut stream));
    Reply::parse(&begun).expect("a reply")
}

fn a_large_zip_is_sent_on_while_it_comes_in() {
    let source = Source::held(|_| ());
    let site = Site::before(&source, &[]);
    let first = site.begin(&[], FIRST);
    let second = site.begin(&[], FIRST);
    let part = site.begin(&[("Range", "bytes=1000-")], FIRST - 1000);
    assert!(!site.stored().exists());
    source.gate.open();
    for begun in [first, second] {
        let reply = end(begun);
        assert_eq!(reply.status, 200);
        assert_eq!(reply.header("content-length"), source.zip.len().to_string());
        assert_eq!(reply.header("content-type"), "application/zip");
        assert!(reply.body == source.zip);
    }
    let reply = end(part);
    assert_eq!(reply.status, 206);
    assert!(reply.body == source.zip[1000..]);
    assert!(site.stored().exists());
    let zips = source.proxy.asked();
    let zips = zips.iter().filter(|asked| asked.target == ZIP);
    assert_eq!(zips.count(), 1);
}

fn what_is_refused_in_the_end_is_not_sent_to_the_end() {
    // In the content of the file, behind what is sent at once.
    let source = Source::held(|zip| zip[FIRST + 1000] ^= 1);
    let site = Site::before(&source, &[]);
    let begun = site.begin(&[], FIRST);
    source.gate.open();
    let reply = end(begun);
    assert_eq!(reply.header("content-length"), source.zip.len().to_string());
    assert!(reply.body.len() < source.zip.len());
    assert!(!site.stored().exists());
    // Who asks again is told why.
    let again = site.served.get(ZIP);
    assert_eq!(again.status, 502);
    assert!(again.text().contains("v1.0.0"), "{}", again.text());
    let told = site.served.stop();
    let reason = "what was being fetched could not be stored: example.com/m@v1.0.0";
    assert!(told.stderr.contains(reason), "{told:#?}");
}

fn what_breaks_off_breaks_off_for_everybody() {
    let source = Source::new(|_| (), |answer, _| answer.cut(FIRST));
    let site = Site::before(&source, &[]);
    let reply = client::send(site.served.address(), &client::request("GET", ZIP, &[]));
    let reply = Reply::parse(&reply).expect("a reply");
    match reply.status {
        200 => assert!(reply.body.len() < source.zip.len()),
        // It was over before anything had been sent.
        status => assert_eq!(status, 502),
    }
    assert!(!site.stored().exists());
}

fn where_the_age_counts_nothing_is_sent_before_it_is_known() {
    let source = Source::held(|_| ());
    let rules = "[[serve]]\nmodule = \"*\"\nmin_age = \"1h\"\n";
    let sandbox = Sandbox::new();
    let rules = sandbox.write("rules.toml", rules);
    let site = Site::before(&source, &["--config", rules.to_str().expect("text")]);
    let mut stream = client::connect(site.served.address());
    let request = client::request("GET", ZIP, &[]);
    stream.write_all(&request).expect("a request");
    source.gate.open();
    let reply = end((stream, Vec::new()));
    assert_eq!(reply.status, 200);
    assert!(reply.body == source.zip);
}

fn a_zip_of_unknown_size_is_sent_on_to_those_who_see_its_end() {
    let source = of_unknown_size(|_| ());
    let site = Site::before(&source, &[]);
    let part = site.ask(&client::request("GET", ZIP, &[("Range", "bytes=1000-")]), 1);
    let head = site.ask(&client::request("HEAD", ZIP, &[]), 2);
    let old = format!("GET {ZIP} HTTP/1.0\r\nHost: test\r\n\r\n");
    let old = site.ask(old.as_bytes(), 3);
    let begun = site.begin(&[], FIRST - 1000);
    assert!(!site.stored().exists());
    source.gate.open();
    let reply = end(begun);
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("content-type"), "application/zip");
    assert!(reply.unsized_body().is_some_and(|body| body == source.zip));
    for (stream, status, content) in [
        (part, 206, &source.zip[1000..]),
        (head, 200, &[]),
        (old, 200, &source.zip[..]),
    ] {
        let reply = end((stream, Vec::new()));
        assert_eq!(reply.status, status);
        assert!(!reply.header("content-length").is_empty(), "{status}");
        assert!(reply.body == content, "{status}");
    }
    assert_eq!(site.served.get(ZIP).body.len(), source.zip.len());
}

fn a_zip_of_unknown_size_that_is_refused_has_no_end() {
    let source = of_unknown_size(|zip| zip[FIRST + 1000] ^= 1);
    let site = Site::before(&source, &[]);
    let begun = site.begin(&[], FIRST - 1000);
    source.gate.open();
    let reply = end(begun);
    assert_eq!(reply.status, 200);
    assert_eq!(reply.unsized_body(), None);
    assert!(!site.stored().exists());
    assert_eq!(site.served.get(ZIP).status, 502);
}

fn a_zip_is_sent_on_while_it_is_made_of_a_repository() {
    let sandbox = Sandbox::new();
    let mut mirror = Mirror::new().go_mod("example.com/m");
    for number in 0..VERSIONS {
        mirror = mirror
            .file("noise", Dice(number).noise(LARGE))
            .release(&format!("v1.{number}.0"));
    }
    mirror.build(&sandbox.path("m.git"));
    let rule = format!("example.com/m={}", sandbox.path("m.git").display());
    let modcache = sandbox.path("served");
    let mut command = Served::command(&sandbox, &modcache, &["--fetch", "--mirror", &rule]);
    let served = Served::spawn(command.env("GOSUMDB", "off"));
    // Making one can be over before anything of it could be sent, on a busy machine.
    let mut sent_on = 0;
    for number in 0..VERSIONS {
        let target = format!("/example.com/m/@v/v1.{number}.0.zip");
        let reply = served.get(&target);
        assert_eq!(reply.status, 200, "{}", reply.text());
        let stored = std::fs::read(modcache.join("cache/download").join(&target[1..]));
        let stored = stored.expect("it is stored");
        match reply.unsized_body() {
            Some(body) => {
                sent_on += 1;
                assert!(body == stored, "{target}");
            }
            None => assert!(reply.body == stored, "{target}"),
        }
    }
    assert!(sent_on > 0);
}
