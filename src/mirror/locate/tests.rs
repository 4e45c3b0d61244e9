use super::*;

fn remote(text: &str) -> Remote {
    match Location::parse(text).unwrap().place() {
        Place::Remote(remote) => remote.clone(),
        _ => panic!("{text} is not remote"),
    }
}

fn http(url: &str, credentials: Option<(&str, &str)>) -> Remote {
    Remote::Http {
        url: url.to_owned(),
        user_info: credentials.map(|(user, password)| UserInfo {
            user: user.to_owned(),
            password: password.to_owned(),
        }),
    }
}

fn ssh(destination: &str, port: Option<u16>, path: &str) -> Remote {
    Remote::Ssh {
        destination: destination.to_owned(),
        port,
        path: path.to_owned(),
    }
}

fn daemon(host: &str, port: u16, path: &str) -> Remote {
    Remote::Daemon {
        host: host.to_owned(),
        port,
        path: path.to_owned(),
    }
}

#[test]
fn every_kind_of_remote_is_recognised() {
    let cases = [
        (
            "github.com/golang/text",
            http("https://github.com/golang/text", None),
        ),
        ("example.com/x.git", http("https://example.com/x.git", None)),
        (
            "https://h.example/o/n/",
            http("https://h.example/o/n", None),
        ),
        (
            "http://h.example:8080/o/n",
            http("http://h.example:8080/o/n", None),
        ),
        (
            "https://u:p%40x@h.example/o",
            http("https://h.example/o", Some(("u", "p@x"))),
        ),
        (
            "https://token@h.example/o",
            http("https://h.example/o", Some(("token", ""))),
        ),
        (
            "https://a@b:c@h.example/o",
            http("https://h.example/o", Some(("a@b", "c"))),
        ),
        (
            "ssh://git@h.example/o/n",
            ssh("git@h.example", None, "/o/n"),
        ),
        (
            "ssh://h.example:2222/o/n",
            ssh("h.example", Some(2222), "/o/n"),
        ),
        ("ssh://[::1]:22/o", ssh("::1", Some(22), "/o")),
        ("ssh://h.example/~me/n", ssh("h.example", None, "~me/n")),
        ("git+ssh://h.example/a%20b", ssh("h.example", None, "/a b")),
        (
            "git@github.com:golang/text",
            ssh("git@github.com", None, "golang/text"),
        ),
        ("host:path/to", ssh("host", None, "path/to")),
        ("[::1]:path", ssh("::1", None, "path")),
        ("git@[host:2222]:path", ssh("git@host", Some(2222), "path")),
        ("git://h.example/o/n", daemon("h.example", 9418, "/o/n")),
        ("git://h.example:1234/o", daemon("h.example", 1234, "/o")),
        ("git://[::1]/~u/o", daemon("::1", 9418, "~u/o")),
    ];
    for (text, expected) in cases {
        assert!(remote(text) == expected, "{text}");
    }
}

#[test]
fn the_origin_is_as_written_but_without_credentials() {
    let cases = [
        ("github.com/golang/text", "https://github.com/golang/text"),
        ("https://h.example/o/n/", "https://h.example/o/n/"),
        ("https://u:p@h.example/o/n.git", "https://h.example/o/n.git"),
        ("https://token@h.example:444/o", "https://h.example:444/o"),
        ("ssh://git@h.example/o", "ssh://git@h.example/o"),
        ("ssh://git:secret@h.example/o", "ssh://git@h.example/o"),
        ("git@github.com:o/n", "git@github.com:o/n"),
        ("git://h.example/o", "git://h.example/o"),
        ("git://u:p@h.example/o", "git://h.example/o"),
    ];
    for (text, expected) in cases {
        let location = Location::parse(text).unwrap();
        assert_eq!(location.origin_url(), Some(expected), "{text}");
    }
}

#[test]
fn credentials_are_never_shown() {
    let cases = [
        ("https://user:secret@h.example/o", "https://***@h.example/o"),
        ("https://secret@h.example/o", "https://***@h.example/o"),
        (
            "http://user:secret%2f@h.example/o",
            "http://***@h.example/o",
        ),
        ("ssh://git:secret@h.example/o", "ssh://git:***@h.example/o"),
        ("git://u:secret@h.example/o", "git://***@h.example/o"),
    ];
    for (text, expected) in cases {
        let location = Location::parse(text).unwrap();
        assert_eq!(location.to_string(), expected);
        assert_eq!(format!("{location:?}"), format!("Location({expected:?})"));
    }
}

#[test]
fn errors_never_show_credentials_either() {
    for text in [
        "https://user:secret@",
        "https://user:secret@h.example",
        "https://user:secret@-h/o",
        "https://user:secret@h.example:99999/o",
        "https://user:secret@h.example/o o",
        "https://user:secret/secret@h.example/o",
        "https://user:secret@h.example/o?x=y",
        "ftp://user:secret@h.example/o",
        "ssh://user:secret@-oProxyCommand=x/o",
    ] {
        let error = format!("{:#}", Location::parse(text).unwrap_err());
        assert!(!error.contains("secret"), "{error}");
        assert!(!error.is_empty());
    }
}

#[test]
fn what_could_run_a_program_or_means_nothing_is_refused() {
    for text in [
        "",
        "-oProxyCommand=x",
        "--upload-pack=x",
        "ssh://-oProxyCommand=x/path",
        "ssh://-user@h.example/path",
        "-user@host:path",
        "user@-host:path",
        "host:-path",
        "git@[-oProxyCommand=x:22]:path",
        "ext::sh -c x",
        "host:",
        "ssh://h.example",
        "https://h.example/",
        "https:///o/n",
        "https://h.example\\@evil.example/o",
        "https://h.example/o\n/n",
        "ssh://h.example/o%0an",
        "git://h.example/o%00n",
        "ssh://h.example:port/o",
        "file://relative/path",
        "nonsense",
        "no/dot/here",
        "./missing",
        "/missing/repository",
        "~/text",
    ] {
        assert!(Location::parse(text).is_err(), "{text:?} was taken");
    }
}

#[test]
fn a_path_on_this_machine_has_no_origin() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.git");
    git2::Repository::init_bare(&path).unwrap();
    let text = path.to_str().unwrap();
    for text in [
        text.to_owned(),
        format!("file://{text}"),
        text.trim_end_matches(".git").to_owned(),
    ] {
        let location = Location::parse(&text).unwrap();
        assert_eq!(location.origin_url(), None);
        assert!(matches!(location.place(), Place::Repository(_)));
        assert_eq!(location.to_string(), text);
    }
    let plain = folder.path().join("file");
    std::fs::write(&plain, "no bundle").unwrap();
    let error = Location::parse(plain.to_str().unwrap()).unwrap_err();
    assert!(error.to_string().ends_with("is a file and no git bundle"));
    let error = Location::parse(folder.path().to_str().unwrap()).unwrap_err();
    assert!(error.to_string().ends_with("is no git repository"));
}

#[test]
fn a_file_that_begins_as_a_bundle_is_one() {
    let folder = tempfile::tempdir().unwrap();
    for version in ["2", "3"] {
        let path = folder.path().join(version);
        std::fs::write(&path, format!("# v{version} git bundle\n")).unwrap();
        let location = Location::parse(path.to_str().unwrap()).unwrap();
        assert!(matches!(location.place(), Place::Bundle(_)));
    }
}

#[test]
fn the_subdirectory_is_cut_at_the_last_double_slash() {
    let cases = [
        ("https://h/o/n//sub", "https://h/o/n", Some("sub")),
        ("https://h/o/n//a/b/", "https://h/o/n", Some("a/b")),
        ("https://h/o/n", "https://h/o/n", None),
        ("https://h/o/n//", "https://h/o/n", None),
        ("ssh://git@h:22/o//sub", "ssh://git@h:22/o", Some("sub")),
        ("git@h:o/n//sub", "git@h:o/n", Some("sub")),
        ("github.com/o/n//sub", "github.com/o/n", Some("sub")),
        ("./repo//sub", "./repo", Some("sub")),
        ("/tmp//repo//sub", "/tmp//repo", Some("sub")),
        ("//server/repo", "//server/repo", None),
        ("//server/repo//sub", "//server/repo", Some("sub")),
        ("file:///a/b//sub", "file:///a/b", Some("sub")),
        ("a///sub", "a", Some("sub")),
        ("", "", None),
        ("é//ü", "é", Some("ü")),
    ];
    for (text, repository, subdirectory) in cases {
        assert_eq!(
            split_subdirectory(text),
            (repository, subdirectory),
            "{text}"
        );
    }
}

#[test]
fn a_repository_behind_a_double_slash_is_not_cut() {
    let folder = tempfile::tempdir().unwrap();
    git2::Repository::init_bare(folder.path().join("x")).unwrap();
    let text = format!("{}//x", folder.path().display());
    assert_eq!(split_subdirectory(&text), (text.as_str(), None));
    let with_folder = format!("{text}//sub");
    assert_eq!(
        split_subdirectory(&with_folder),
        (text.as_str(), Some("sub"))
    );
}
