//! The command `ls-refs` of version 2.

use std::io::Read;

use anyhow::{Context, Result, bail, ensure};

use super::advertisement::{Server, data};
use super::packet::{PacketReader, Request};
use super::{AGENT, MOST_REFERENCES};
use crate::mirror::local::parse_oid;
use crate::mirror::refs::Refs;

/// Makes the request for HEAD, branches and tags.
pub(crate) fn request(server: &Server) -> Vec<u8> {
    let mut request = Request::default();
    request.line("command=ls-refs");
    request.line(&format!("agent={AGENT}"));
    if server.capability("object-format").is_some() {
        request.line("object-format=sha1");
    }
    request.delimiter().line("peel").line("symrefs");
    for prefix in ["HEAD", "refs/heads/", "refs/tags/"] {
        request.line(&format!("ref-prefix {prefix}"));
    }
    request.flush().take()
}

/// Reads the answer to [`request`].
pub(crate) fn list<R: Read>(reader: &mut PacketReader<R>) -> Result<Refs> {
    let mut refs = Refs::default();
    let mut count = 0_usize;
    while let Some(line) = data(reader)? {
        count += 1;
        ensure!(
            count <= MOST_REFERENCES,
            "the server's list of references has no end"
        );
        read_reference(&line, &mut refs)?;
    }
    Ok(refs)
}

/// Reads `<object id> <name>[ symref-target:<name>][ peeled:<object id>]`.
fn read_reference(line: &[u8], refs: &mut Refs) -> Result<()> {
    let mut words = line.split(|byte| *byte == b' ');
    let (Some(digits), Some(name)) = (words.next(), words.next()) else {
        bail!(
            "the server's answer is not git's protocol: `{}` is no reference",
            line.get(..80).unwrap_or(line).escape_ascii()
        );
    };
    let mut peeled = None;
    for attribute in words {
        if let Some(target) = attribute.strip_prefix(b"symref-target:") {
            if name == b"HEAD" {
                refs.head_reference = String::from_utf8(target.to_vec()).ok();
            }
        } else if let Some(digits) = attribute.strip_prefix(b"peeled:") {
            peeled = parse_oid(digits);
        }
    }
    if digits == b"unborn" {
        return Ok(());
    }
    let oid = parse_oid(digits).with_context(|| {
        let start = digits.get(..80).unwrap_or(digits).escape_ascii();
        format!("the server's answer is not git's protocol: `{start}` is no object id")
    })?;
    refs.insert(name, oid, peeled);
    Ok(())
}

#[cfg(test)]
mod tests {
    use git2::Oid;

    use super::*;

    const A: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    const B: &str = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

    fn read(lines: &[String]) -> Result<Refs> {
        let mut request = Request::default();
        for line in lines {
            request.line(line);
        }
        let data = request.flush().take();
        list(&mut PacketReader::new(data.as_slice()))
    }

    #[test]
    fn attributes_tell_what_stands_behind_a_name() {
        let refs = read(&[
            format!("{A} HEAD symref-target:refs/heads/main"),
            format!("{A} refs/heads/main"),
            format!("{B} refs/tags/v1 peeled:{A}"),
        ])
        .unwrap();
        let a = Oid::from_str(A).unwrap();
        assert_eq!(refs.head, Some(a));
        assert_eq!(refs.head_reference.as_deref(), Some("refs/heads/main"));
        assert_eq!(refs.find("refs/tags/v1"), Some(a));
    }

    #[test]
    fn an_unborn_head_is_no_commit() {
        let refs = read(&["unborn HEAD symref-target:refs/heads/main".to_owned()]).unwrap();
        assert!(refs.is_empty());
        assert_eq!(refs.head_reference.as_deref(), Some("refs/heads/main"));
    }

    #[test]
    fn lines_that_are_no_references_are_refused() {
        assert!(read(&["nonsense".to_owned()]).is_err());
        assert!(read(&["abc refs/heads/main".to_owned()]).is_err());
    }
}
