//! Compares conversions with those of the git on this machine, which must use the iconv of glibc.

use std::collections::BTreeMap;
use std::io::{Cursor, Read, Write};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::mirror::Attributes;

const ROOT: &[u8] = b"\
[attr]dos text eol=crlf
* text=auto
*.txt eol=crlf
*.bat dos
a** ident
/a/b/*.txt -text
**/quiet/** !eol !text
*.rc working-tree-encoding=UTF-16LE-BOM eol=crlf
*.ps1 working-tree-encoding=UTF-16
*.ini working-tree-encoding=windows-1252
*.nfo working-tree-encoding=CP437
*.odd working-tree-encoding=utf-8-bom ident
\"sp ace.t[!o]t\" eol=lf
*.bin filter=lfs -text
";
const DEEPER: &[u8] = b"[attr]dos eol=lf\n*.bat !eol\nkeep.bat dos\n*.sh eol=crlf a/b\n";

const PATHS: &[&str] = &[
    "x.txt",
    "x.bat",
    "a/x.bat",
    "a/keep.bat",
    "a/b/x.txt",
    "a/b/c/x.txt",
    "a/x.sh",
    "ab/x",
    "x.rc",
    "x.ps1",
    "x.ini",
    "x.nfo",
    "x.odd",
    "x.bin",
    "sp ace.txt",
    "q/quiet/x.txt",
    "quiet/y/x.bat",
];

const CONTENTS: &[&[u8]] = &[
    b"one\ntwo\n",
    b"",
    b"one\r\ntwo\n$Id$",
    b"lone\rreturn\n",
    b"\0binary\n",
    b"$Id: 7 $ $Id: a.c 1.2 joe $\n$Id: open\n",
    "\u{e4}\u{20ac}\n".as_bytes(),
    "\u{feff}\u{e4}\n".as_bytes(),
    b"\xe4 is not UTF-8\n",
];

#[test]
fn the_content_is_that_of_git_archive() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    if git(folder.path(), &["init", "-q", "--bare", "."], b"").is_none() {
        eprintln!("skipped: there is no git");
        return;
    }
    let mut attributes = Attributes::new();
    attributes.add("", ROOT);
    attributes.add("a", DEEPER);
    let mut files = BTreeMap::from([
        (".gitattributes".to_owned(), ROOT),
        ("a/.gitattributes".to_owned(), DEEPER),
    ]);
    for path in PATHS {
        for (number, content) in CONTENTS.iter().enumerate() {
            let (stem, extension) = path.rsplit_once('.').unwrap_or((path, ""));
            // The patterns with a literal name keep it in the first round.
            let name = match number {
                0 => (*path).to_owned(),
                _ => format!("{stem}{number}.{extension}"),
            };
            files.insert(name, content);
        }
    }
    let archived = archive(folder.path(), &files);
    assert_eq!(archived.len(), files.len());
    for (path, content) in &files {
        let id = git2::Oid::hash_object(git2::ObjectType::Blob, content).expect("an id");
        let converted = attributes
            .conversion(path)
            .apply(&id.to_string(), content.to_vec());
        assert_eq!(
            converted.expect("a conversion").escape_ascii().to_string(),
            archived
                .get(path)
                .map(|bytes| bytes.escape_ascii().to_string())
                .unwrap_or_default(),
            "{path}"
        );
    }
}

/// Commits `files` and reads what `git archive`, as the go command runs it, makes of them.
fn archive(repository: &Path, files: &BTreeMap<String, &[u8]>) -> BTreeMap<String, Vec<u8>> {
    let mut stream = b"commit refs/heads/main\ncommitter a <a> 0 +0000\ndata 0\n".to_vec();
    for (path, content) in files {
        stream.extend(format!("M 644 inline \"{path}\"\ndata {}\n", content.len()).bytes());
        stream.extend_from_slice(content);
        stream.push(b'\n');
    }
    git(repository, &["fast-import", "--quiet"], &stream).expect("a git");
    let settings = ["-c", "core.autocrlf=input", "-c", "core.eol=lf"];
    let command = ["archive", "--format=zip", "--end-of-options", "main"];
    let output = git(repository, &[&settings[..], &command].concat(), b"").expect("a git");
    let mut zip = zip::ZipArchive::new(Cursor::new(output.stdout)).expect("a zip");
    let mut archived = BTreeMap::new();
    for index in 0..zip.len() {
        let mut entry = zip.by_index(index).expect("an entry");
        if entry.is_file() {
            let mut content = Vec::new();
            entry.read_to_end(&mut content).expect("its content");
            archived.insert(entry.name().to_owned(), content);
        }
    }
    archived
}

/// Runs git away from the user's configuration; `None` when there is none.
fn git(repository: &Path, arguments: &[&str], input: &[u8]) -> Option<Output> {
    let mut child = Command::new("git")
        .args(arguments)
        .current_dir(repository)
        .env("GIT_DIR", repository)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_ATTR_NOSYSTEM", "1")
        .env("XDG_CONFIG_HOME", repository)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    child
        .stdin
        .take()?
        .write_all(input)
        .expect("git reads its input");
    let output = child.wait_with_output().expect("git ends");
    assert!(
        output.status.success(),
        "git {arguments:?}: {}",
        output.status
    );
    Some(output)
}
