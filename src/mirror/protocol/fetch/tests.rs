use std::io::Cursor;

use super::*;
use crate::mirror::protocol::Advertisement;

const A: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
const B: &str = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

/// A server that has its answers ready, and keeps what it was sent.
struct Script {
    kind: Kind,
    answers: Vec<Vec<u8>>,
    answer: Cursor<Vec<u8>>,
    sent: Vec<String>,
}

impl Exchange for Script {
    fn advertisement(&mut self) -> Result<&mut dyn Read> {
        bail!("not asked for")
    }

    fn send(&mut self, request: &[u8]) -> Result<&mut dyn Read> {
        self.sent
            .push(String::from_utf8_lossy(request).into_owned());
        self.answer = Cursor::new(self.answers.remove(0));
        Ok(&mut self.answer)
    }

    fn kind(&self) -> Kind {
        self.kind
    }
}

fn packets(packets: &[&[u8]]) -> Vec<u8> {
    let mut data = Vec::new();
    for packet in packets {
        match *packet {
            b"" => data.extend_from_slice(b"0000"),
            b"|" => data.extend_from_slice(b"0001"),
            packet => {
                data.extend_from_slice(format!("{:04x}", packet.len() + 4).as_bytes());
                data.extend_from_slice(packet);
            }
        }
    }
    data
}

fn server(lines: &[&[u8]]) -> Server {
    let data = packets(lines);
    let told = Advertisement::read(&mut PacketReader::new(data.as_slice()));
    told.unwrap().server
}

fn version_2() -> Server {
    server(&[
        b"version 2\n",
        b"ls-refs\n",
        b"fetch=shallow\n",
        b"object-format=sha1\n",
        b"",
    ])
}

fn version_0(capabilities: &str) -> Server {
    server(&[format!("{A} HEAD\0{capabilities}\n").as_bytes(), b""])
}

fn oid(text: &str) -> Oid {
    Oid::from_str(text).unwrap()
}

fn single() -> FetchRequest {
    FetchRequest {
        wants: vec![oid(A)],
        haves: vec![oid(B)],
        shallow: vec![oid(B)],
        depth: Depth::Single,
    }
}

fn complete() -> FetchRequest {
    FetchRequest {
        shallow: Vec::new(),
        depth: Depth::Complete,
        ..single()
    }
}

fn run(
    kind: Kind,
    server: &Server,
    request: &FetchRequest,
    answers: &[Vec<u8>],
) -> (Result<Fetched>, Vec<u8>, Vec<String>) {
    let mut script = Script {
        kind,
        answers: answers.to_vec(),
        answer: Cursor::default(),
        sent: Vec::new(),
    };
    let mut pack = Vec::new();
    let fetched = fetch(&mut script, server, request, &mut pack, |_, error| {
        error.into()
    });
    (fetched, pack, script.sent)
}

#[test]
fn version_2_asks_once_and_reads_sections() {
    let shallow = format!("shallow {A}\n");
    let answer = packets(&[
        b"shallow-info\n",
        shallow.as_bytes(),
        b"|",
        b"packfile\n",
        b"\x02Counting objects\n",
        b"\x01PA",
        b"\x01",
        b"\x01CK",
        b"",
    ]);
    let (fetched, pack, sent) = run(Kind::Stateless, &version_2(), &single(), &[answer]);
    assert_eq!(fetched.unwrap().shallow, [oid(A)]);
    assert_eq!(pack, b"PACK");
    let expected = format!(
        "0012command=fetch\n{:04x}agent={AGENT}\n0017object-format=sha1\n0001000eofs-delta\n\
         0032want {A}\n0035shallow {B}\n000ddeepen 1\n0032have {B}\n0009done\n0000",
        AGENT.len() + 11
    );
    assert_eq!(sent, [expected]);
}

#[test]
fn version_0_over_a_connection_waits_for_the_depth() {
    let server = version_0("side-band-64k shallow ofs-delta multi_ack_detailed thin-pack");
    let shallow = format!("shallow {A}\n");
    let answers = [
        packets(&[shallow.as_bytes(), b""]),
        packets(&[format!("ACK {B}\n").as_bytes(), b"\x01PACK", b""]),
    ];
    let (fetched, pack, sent) = run(Kind::Stream, &server, &single(), &answers);
    assert_eq!(fetched.unwrap().shallow, [oid(A)]);
    assert_eq!(pack, b"PACK");
    let capabilities = format!(" side-band-64k ofs-delta agent={AGENT}");
    let wants = format!(
        "{:04x}want {A}{capabilities}\n0035shallow {B}\n000ddeepen 1\n0000",
        50 + capabilities.len()
    );
    assert_eq!(sent, [wants, format!("0032have {B}\n0009done\n")]);
}

#[test]
fn version_0_over_http_says_all_at_once() {
    let server = version_0("side-band-64k shallow");
    let shallow = format!("shallow {A}\n");
    let answers = [packets(&[
        shallow.as_bytes(),
        b"",
        b"NAK\n",
        b"\x01PACK",
        b"",
    ])];
    let (fetched, pack, sent) = run(Kind::Stateless, &server, &single(), &answers);
    assert_eq!(
        (fetched.unwrap().shallow, pack),
        (vec![oid(A)], b"PACK".to_vec())
    );
    assert_eq!(sent.len(), 1);
}

#[test]
fn an_old_server_without_bands_is_told_of_nothing() {
    let server = version_0("");
    let mut answer = packets(&[b"NAK\n"]);
    answer.extend_from_slice(b"PACK to the end");
    let (fetched, pack, sent) = run(Kind::Stream, &server, &complete(), &[answer]);
    assert_eq!(fetched.unwrap(), Fetched::default());
    assert_eq!(pack, b"PACK to the end");
    assert!(!sent[0].contains("have"), "{sent:?}");
}

#[test]
fn refusals_and_broken_answers_are_errors() {
    let cases: [(Vec<u8>, &str); 6] = [
        (
            packets(&[b"ERR upload-pack: not our ref"]),
            "the server says: upload-pack: not our ref",
        ),
        (
            packets(&[b"packfile\n", b"\x03out of memory\n"]),
            "the server says: out of memory",
        ),
        (
            packets(&[b"acknowledgments\n", b"NAK\n", b""]),
            "the server sent no pack",
        ),
        (
            packets(&[b"packfile\n", b"\x01PA"]),
            "cannot read the server's answer: the connection was broken off",
        ),
        (
            packets(&[b"packfile\n", b"\x07?"]),
            "the server's answer is not git's protocol: unknown band",
        ),
        (
            packets(&[
                b"shallow-info\n",
                format!("shallow {A}").as_bytes(),
                b"|",
                b"packfile\n",
            ]),
            "the repository on the server is itself a shallow clone, and its history is needed",
        ),
    ];
    for (answer, expected) in cases {
        let (fetched, _, _) = run(Kind::Stateless, &version_2(), &complete(), &[answer]);
        assert_eq!(format!("{:#}", fetched.unwrap_err()), expected);
    }
}
