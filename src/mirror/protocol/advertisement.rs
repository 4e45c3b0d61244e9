//! The first thing a server says: which version it speaks, what it can do, and before version 2 its
//! references.

use std::io::Read;

use anyhow::{Context, Result, bail, ensure};
use git2::Oid;

use super::MOST_REFERENCES;
use super::packet::{Packet, PacketReader};
use crate::mirror::local::parse_oid;
use crate::mirror::refs::Refs;

/// Servers name some twenty capabilities.
const MOST_CAPABILITIES: usize = 1000;

/// The protocol that a server speaks; version 1 is version 0 with one more line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    /// References come with the advertisement.
    Zero,
    /// References are asked for.
    Two,
}

/// What a server can do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Server {
    pub(crate) version: Version,
    /// The repository lacks history itself; told in advance by version 0 only.
    pub(crate) is_shallow: bool,
    capabilities: Vec<String>,
}

/// What a server says first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Advertisement {
    pub(crate) server: Server,
    /// The references, from version 0 only.
    pub(crate) refs: Refs,
}

impl Server {
    /// Gives the value of a capability, empty where it has none.
    pub(crate) fn capability(&self, name: &str) -> Option<&str> {
        self.capabilities.iter().find_map(|capability| {
            let rest = capability.strip_prefix(name)?;
            match rest.strip_prefix('=') {
                Some(value) => Some(value),
                None => rest.is_empty().then_some(""),
            }
        })
    }

    /// Tells whether the server can leave out the parents of a commit.
    pub(crate) fn can_be_shallow(&self) -> bool {
        match self.version {
            Version::Zero => self.capability("shallow").is_some(),
            Version::Two => self
                .capability("fetch")
                .is_some_and(|features| features.split(' ').any(|feature| feature == "shallow")),
        }
    }

    fn check(self) -> Result<Server> {
        let format = self.capability("object-format").unwrap_or("sha1");
        ensure!(
            format == "sha1",
            "its objects are named by {}, and only sha1 repositories can be read",
            format.escape_debug()
        );
        if self.version == Version::Two {
            for command in ["ls-refs", "fetch"] {
                ensure!(
                    self.capability(command).is_some(),
                    "the server does not offer the command {command}"
                );
            }
        }
        Ok(self)
    }
}

impl Advertisement {
    /// Reads up to the flush packet at the end of the advertisement.
    pub(crate) fn read<R: Read>(reader: &mut PacketReader<R>) -> Result<Advertisement> {
        let mut line = data(reader)?;
        // Smart HTTP says first which service answers; in version 2 most servers leave that out.
        if line
            .as_deref()
            .is_some_and(|line| line.starts_with(b"# service="))
        {
            ensure!(
                data(reader)?.is_none(),
                "the server's answer is not git's protocol: there is no end after its service"
            );
            line = data(reader)?;
        }
        match line.as_deref() {
            Some(b"version 2") => read_capabilities(reader),
            Some(b"version 1") => {
                let first = data(reader)?;
                read_references(reader, first)
            }
            _ => read_references(reader, line),
        }
    }
}

fn read_capabilities<R: Read>(reader: &mut PacketReader<R>) -> Result<Advertisement> {
    let mut capabilities = Vec::new();
    while let Some(line) = data(reader)? {
        capabilities.push(String::from_utf8_lossy(&line).into_owned());
        ensure!(
            capabilities.len() <= MOST_CAPABILITIES,
            "the server's list of capabilities has no end"
        );
    }
    let server = Server {
        version: Version::Two,
        is_shallow: false,
        capabilities,
    };
    Ok(Advertisement {
        server: server.check()?,
        refs: Refs::default(),
    })
}

/// Reads the references of version 0, of which the first brings the capabilities after a zero byte.
fn read_references<R: Read>(
    reader: &mut PacketReader<R>,
    first: Option<Vec<u8>>,
) -> Result<Advertisement> {
    let mut refs = Refs::default();
    let mut server = Server {
        version: Version::Zero,
        is_shallow: false,
        capabilities: Vec::new(),
    };
    let mut line = first;
    let mut count = 0_usize;
    // The last reference, which a `^{}` line may follow.
    let mut last: Option<(Vec<u8>, Oid)> = None;
    while let Some(mut content) = line {
        count += 1;
        ensure!(
            count <= MOST_REFERENCES,
            "the server's list of references has no end"
        );
        if let Some(zero) = content.iter().position(|byte| *byte == 0) {
            let words = content.split_off(zero);
            let words = String::from_utf8_lossy(words.get(1..).unwrap_or_default()).into_owned();
            server.capabilities = words.split_ascii_whitespace().map(str::to_owned).collect();
            server = server.check()?;
        }
        if content.starts_with(b"shallow ") {
            server.is_shallow = true;
        } else {
            let (oid, name) = split_reference(&content)?;
            match (name.strip_suffix(b"^{}"), last.take()) {
                (Some(b"capabilities"), _) => {}
                (Some(tag), Some((name, annotation))) if tag == name => {
                    refs.insert(&name, annotation, Some(oid));
                }
                (_, earlier) => {
                    if let Some((name, oid)) = earlier {
                        refs.insert(&name, oid, None);
                    }
                    last = Some((name.to_vec(), oid));
                }
            }
        }
        line = data(reader)?;
    }
    if let Some((name, oid)) = last {
        refs.insert(&name, oid, None);
    }
    refs.head_reference = server
        .capability("symref")
        .and_then(|symbolic| symbolic.strip_prefix("HEAD:"))
        .map(str::to_owned);
    Ok(Advertisement { server, refs })
}

/// Reads `<object id> <name>`.
fn split_reference(line: &[u8]) -> Result<(Oid, &[u8])> {
    let Some(space) = line.iter().position(|byte| *byte == b' ') else {
        bail!(
            "the server's answer is not git's protocol: `{}` is no reference",
            line.get(..80).unwrap_or(line).escape_ascii()
        );
    };
    let (digits, name) = line.split_at(space);
    ensure!(
        digits.len() != 64,
        "its objects are named by sha256, and only sha1 repositories can be read"
    );
    let oid = parse_oid(digits).with_context(|| {
        let start = digits.get(..80).unwrap_or(digits).escape_ascii();
        format!("the server's answer is not git's protocol: `{start}` is no object id")
    })?;
    Ok((oid, name.get(1..).unwrap_or_default()))
}

/// Reads a line without its line break; `None` at a flush packet.
pub(super) fn data<R: Read>(reader: &mut PacketReader<R>) -> Result<Option<Vec<u8>>> {
    match reader.read()? {
        Packet::Data(line) => Ok(Some(line.strip_suffix(b"\n").unwrap_or(line).to_vec())),
        Packet::Flush => Ok(None),
        Packet::Delimiter | Packet::ResponseEnd => {
            bail!("the server's answer is not git's protocol: it ends where it should not")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packets(lines: &[&str]) -> Vec<u8> {
        let packet = |line: &&str| match line.is_empty() {
            true => "0000".to_owned(),
            false => format!("{:04x}{line}", line.len() + 4),
        };
        lines.iter().map(packet).collect::<String>().into_bytes()
    }

    fn read(lines: &[&str]) -> Result<Advertisement> {
        let data = packets(lines);
        Advertisement::read(&mut PacketReader::new(data.as_slice()))
    }

    const A: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    const B: &str = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

    fn oid(text: &str) -> Oid {
        Oid::from_str(text).unwrap()
    }

    #[test]
    fn version_2_tells_what_the_server_can_do() {
        for service in [&[][..], &["# service=git-upload-pack\n", ""]] {
            let rest = [
                "version 2\n",
                "agent=x\n",
                "ls-refs=unborn\n",
                "fetch=shallow filter\n",
                "",
            ];
            let told = read(&[service, &rest].concat()).unwrap();
            assert_eq!(told.server.version, Version::Two);
            assert!(told.server.can_be_shallow());
            assert_eq!(told.server.capability("agent"), Some("x"));
            assert_eq!(told.server.capability("age"), None);
        }
    }

    #[test]
    fn version_0_brings_references_with_peeled_tags() {
        let first = format!("{A} HEAD\0side-band-64k shallow symref=HEAD:refs/heads/main\n");
        let lines = [
            first.as_str(),
            &format!("{A} refs/heads/main\n"),
            &format!("{A} refs/pull/1/head\n"),
            &format!("{B} refs/tags/v1\n"),
            &format!("{A} refs/tags/v1^{{}}\n"),
            &format!("{B} refs/tags/v2\n"),
            &format!("shallow {B}"),
            "",
        ];
        for version in [&[][..], &["version 1\n"]] {
            let told = read(&[version, &lines].concat()).unwrap();
            assert_eq!(told.server.version, Version::Zero);
            assert!(told.server.can_be_shallow() && told.server.is_shallow);
            assert_eq!(told.refs.head, Some(oid(A)));
            assert_eq!(told.refs.head_reference.as_deref(), Some("refs/heads/main"));
            assert_eq!(told.refs.find("refs/tags/v1"), Some(oid(A)));
            assert_eq!(told.refs.find("refs/tags/v2"), Some(oid(B)));
            assert_eq!(
                told.refs.advertised_for(Some("refs/tags/v1"), oid(A)),
                Some(oid(B))
            );
        }
    }

    #[test]
    fn an_empty_repository_has_no_references() {
        let zero = format!("{} capabilities^{{}}\0agent=x\n", "0".repeat(40));
        assert!(read(&[&zero, ""]).unwrap().refs.is_empty());
        assert!(read(&[""]).unwrap().refs.is_empty());
    }

    #[test]
    fn what_cannot_be_understood_is_refused_with_its_reason() {
        let long = format!("{} HEAD\0x\n", "a".repeat(64));
        let format = format!("{A} HEAD\0object-format=sha256\n");
        let sha256 = "its objects are named by sha256, and only sha1 repositories can be read";
        let cases: [(&[&str], &str); 6] = [
            (
                &[
                    "version 2\n",
                    "object-format=sha256\n",
                    "ls-refs",
                    "fetch",
                    "",
                ],
                sha256,
            ),
            (&[&long, ""], sha256),
            (&[&format, ""], sha256),
            (
                &["version 2\n", "fetch\n", ""],
                "the server does not offer the command ls-refs",
            ),
            (
                &["hello\n", ""],
                "the server's answer is not git's protocol: `hello` is no reference",
            ),
            (
                &["hello world\n", ""],
                "the server's answer is not git's protocol: `hello` is no object id",
            ),
        ];
        for (lines, expected) in cases {
            assert_eq!(read(lines).unwrap_err().to_string(), expected);
        }
    }
}
