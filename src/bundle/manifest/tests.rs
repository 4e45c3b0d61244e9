use super::*;

/// The manifest of a version with a capital, of which all is packed, and of one of which only the go.mod is.
const TEXT: &str = r#"{
  "Format": 1,
  "Projects": [
    "example.com/main"
  ],
  "Databases": [
    {
      "Name": "cache/download/sumdb/sum.example/latest",
      "Size": 0,
      "SHA256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    }
  ],
  "Modules": [
    {
      "Path": "example.com/M",
      "Version": "v1.9.0",
      "Time": "2024-01-02T03:04:05Z",
      "Origin": {
        "VCS": "git",
        "Ref": "refs/tags/v1.9.0"
      },
      "Sum": "h1:zip=",
      "GoModSum": "h1:mod=",
      "VerifiedBy": "go.sum",
      "Files": [
        {
          "Name": "cache/download/example.com/!m/@v/v1.9.0.info",
          "Size": 0,
          "SHA256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        },
        {
          "Name": "cache/download/example.com/!m/@v/v1.9.0.mod",
          "Size": 0,
          "SHA256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        },
        {
          "Name": "cache/download/example.com/!m/@v/v1.9.0.ziphash",
          "Size": 0,
          "SHA256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        },
        {
          "Name": "cache/download/example.com/!m/@v/v1.9.0.zip",
          "Size": 0,
          "SHA256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        }
      ]
    },
    {
      "Path": "example.com/M",
      "Version": "v1.10.0",
      "GoModSum": "h1:mod=",
      "Files": [
        {
          "Name": "cache/download/example.com/!m/@v/v1.10.0.mod",
          "Size": 0,
          "SHA256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        }
      ]
    }
  ],
  "Lists": [
    {
      "Name": "cache/download/example.com/!m/@v/list",
      "Size": 0,
      "SHA256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    }
  ]
}
"#;

#[test]
fn a_manifest_is_written_as_it_was_read() {
    let manifest = Manifest::parse(TEXT.as_bytes()).unwrap();
    assert_eq!(
        String::from_utf8(manifest.to_json().unwrap()).unwrap(),
        TEXT
    );
    let names: Vec<String> = manifest
        .files()
        .unwrap()
        .into_iter()
        .map(|it| it.name)
        .collect();
    let in_text = TEXT.lines().filter_map(|line| {
        line.trim()
            .strip_prefix("\"Name\": \"")?
            .strip_suffix("\",")
    });
    assert_eq!(names, in_text.collect::<Vec<_>>());
}

#[test]
fn later_additions_are_passed_over_and_other_formats_refused() {
    let more = TEXT.replacen("\"Format\"", "\"Later\": [{}],\n  \"Format\"", 1);
    let manifest = Manifest::parse(more.as_bytes()).unwrap();
    assert_eq!(manifest, Manifest::parse(TEXT.as_bytes()).unwrap());
    let newer = TEXT.replacen("\"Format\": 1", "\"Format\": 2", 1);
    let error = Manifest::parse(newer.as_bytes()).unwrap_err().to_string();
    assert!(error.starts_with("the manifest has format 2"), "{error}");
}

#[test]
fn versions_are_in_the_order_of_semantic_versions() {
    let swapped = TEXT
        .replace("1.9.0", "1.x.0")
        .replace("1.10.0", "1.9.0")
        .replace("1.x.0", "1.10.0");
    let error = Manifest::parse(swapped.as_bytes()).unwrap_err().to_string();
    assert!(
        error.contains("example.com/M@v1.9.0 after example.com/M@v1.10.0"),
        "{error}"
    );
}
