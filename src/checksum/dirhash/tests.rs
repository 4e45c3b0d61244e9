use std::io::{Cursor, Write};

use zip::write::{SimpleFileOptions, ZipWriter};

use super::*;

fn sum(content: &[u8]) -> [u8; 32] {
    Sha256::digest(content).into()
}

fn zip_of(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        writer
            .start_file(*name, SimpleFileOptions::default())
            .unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn hash(zip: &[u8]) -> Result<String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("m.zip");
    disk::write(&path, zip).unwrap();
    hash_zip(&path)
}

fn cause(zip: &[u8]) -> String {
    hash(zip).unwrap_err().root_cause().to_string()
}

/// Replaces a name in a zip by another of the same length, in the file's own header and the directory.
fn renamed(mut zip: Vec<u8>, old: &[u8], new: &[u8]) -> Vec<u8> {
    while let Some(at) = zip.windows(old.len()).position(|window| window == old) {
        zip[at..at + new.len()].copy_from_slice(new);
    }
    zip
}

#[test]
fn the_sum_does_not_depend_on_order() {
    let files = [
        ("m@v1.0.0/a", sum(b"1")),
        ("m@v1.0.0/B", sum(b"2")),
        ("m@v1.0.0/a/b", sum(b"")),
    ];
    let forward = hash1(files).unwrap();
    // As computed by sha256sum and base64.
    assert_eq!(forward, "h1:CV7DQsABH20OI7HrMzDhDow9YYCF1S4U6XFt2vV39uE=");
    assert_eq!(hash1(files.into_iter().rev()).unwrap(), forward);
}

#[test]
fn the_sum_of_nothing_is_that_of_an_empty_list() {
    let nothing: [(&str, [u8; 32]); 0] = [];
    assert_eq!(
        hash1(nothing).unwrap(),
        "h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
    );
}

#[test]
fn a_name_with_a_newline_has_no_sum() {
    assert_eq!(
        hash1([("a\nb", sum(b""))]).unwrap_err().to_string(),
        r#"file name "a\nb" has a newline"#
    );
}

#[test]
fn a_made_up_go_mod_file_has_the_sum_that_go_records() {
    assert_eq!(
        go_mod_sum(b"module golang.org/x/text\n"),
        "h1:NqM8EUOU14njkJ3fqMW+pc6Ldnwhi/IjpwHt7yyuwOQ="
    );
}

#[test]
fn a_zip_is_summed_by_names_and_contents() {
    let zip = zip_of(&[
        ("m@v1.0.0/b", b"two"),
        ("m@v1.0.0/a", &[7; 100_000]),
        ("m@v1.0.0/d/", b""),
    ]);
    let expected = hash1([
        ("m@v1.0.0/a", sum(&[7; 100_000])),
        ("m@v1.0.0/b", sum(b"two")),
        ("m@v1.0.0/d/", sum(b"")),
    ]);
    assert_eq!(hash(&zip).unwrap(), expected.unwrap());
}

#[test]
fn a_zip_with_a_newline_in_a_name_has_no_sum() {
    assert_eq!(
        cause(&zip_of(&[("a\nb", b"")])),
        r#"file name "a\nb" has a newline"#
    );
}

#[test]
fn a_zip_with_two_files_of_one_name_has_no_sum() {
    let zip = renamed(
        zip_of(&[("m/one", b"1"), ("m/two", b"2")]),
        b"m/two",
        b"m/one",
    );
    assert_eq!(cause(&zip), "not a zip with one file of each name");
}

#[test]
fn a_damaged_zip_has_no_sum() {
    let zip = zip_of(&[("m/one", &[b'x'; 1000])]);
    let damaged = |at: usize| {
        let mut zip = zip.clone();
        zip[at] ^= 0x55;
        zip
    };
    let content = 30 + "m/one".len() + 2;
    assert!(hash(&damaged(content)).is_err());
    assert!(hash(&zip[..zip.len() - 30]).is_err());
    assert!(hash(b"not a zip").is_err());
}

#[test]
fn the_error_names_the_zip() {
    let error = hash_zip(Path::new("/nowhere/m.zip")).unwrap_err();
    assert_eq!(error.to_string(), "cannot hash /nowhere/m.zip");
}
