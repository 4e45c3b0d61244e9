//! Asking a module's host where it is: what go makes of the same pages.

mod world;

use self::world::{PROXIED, World, case, discover, head, meta};
use crate::loopback::{Answer, Loopback};
use crate::support::oracle_tests;
use crate::support::sandbox::tell;
use gomodcache::web::Security;
use libtest_mimic::Trial;

/// The tests of this group.
pub(crate) fn trials() -> Vec<Trial> {
    oracle_tests!("discovery":
        a_tag_names_repository_and_root,
        a_shorter_prefix_must_agree,
        a_module_proxy_comes_before_a_repository,
        the_fourth_field_is_a_folder,
        any_status_may_have_a_tag,
        what_is_no_tag_for_the_path_is_refused,
        repositories_that_go_would_not_use_are_refused,
        pages_are_read_as_go_reads_them,
        nothing_is_asked_by_http_without_leave,
    )
}

fn a_tag_names_repository_and_root() {
    World::new().check(vec![
        case("a.test/x")
            .page("a.test/x", ["a.test/x git https://git.test/r1.git"])
            .gives("v1.1.0"),
        case("a.test")
            .page("a.test/", ["a.test git https://git.test/r2.git"])
            .gives("v1.5.0"),
        case("a.test/X/Y~z_1")
            .page(
                "a.test/X/Y~z_1",
                ["a.test/X/Y~z_1 git git://git.test/r1.git"],
            )
            .gives("v1.1.0"),
        case("a.test/x")
            .page("a.test/x", ["a.test/x git http://git.test/r1.git"])
            .gives("v1.1.0"),
        case("a.test/x")
            .page("a.test/x", ["a.test/x git ssh://git.test/r1.git"])
            .gives("v1.1.0"),
        case("a.test/x")
            .page("a.test/x", ["a.test/x git https://u:p@git.test/r1.git"])
            .gives("v1.1.0"),
        case("a.test/x/v2")
            .page("a.test/x/v2", ["a.test/x/v2 git https://git.test/r3.git"])
            .gives("v2.7.0"),
        case("a.test/x")
            .page(
                "a.test/x",
                [
                    "a.test/y git https://git.test/r2.git",
                    "a.test/x git https://git.test/r1.git",
                    "a.test/xx hg https://git.test/r2.git",
                ],
            )
            .gives("v1.1.0"),
    ]);
}

fn a_shorter_prefix_must_agree() {
    let r1 = "a.test/x git https://git.test/r1.git";
    World::new().check(vec![
        case("a.test/x/sub")
            .page("a.test/x/sub", [r1])
            .page("a.test/x", [r1])
            .gives("v1.2.0"),
        case("a.test/x/v2")
            .page("a.test/x/v2", ["a.test/x git https://git.test/r3.git"])
            .page("a.test/x", ["a.test/x git https://git.test/r3.git"])
            .gives("v2.7.0"),
        case("a.test/x/sub")
            .page("a.test/x/sub", [r1])
            .page("a.test/x", ["a.test/other git https://git.test/r2.git", r1])
            .gives("v1.2.0"),
        case("a.test/sub")
            .page("a.test/sub", ["a.test git https://git.test/r1.git"])
            .page("a.test/", ["a.test git https://git.test/r1.git"])
            .gives("v1.2.0"),
        case("a.test/x/sub")
            .page("a.test/x/sub", ["a.test/x/ git https://git.test/r1.git"])
            .page("a.test/x/", ["a.test/x/ git https://git.test/r1.git"])
            .gives("v1.2.0"),
        case("a.test/x/sub")
            .page("a.test/x/sub", [r1])
            .page("a.test/x", ["a.test/x git https://git.test/r2.git"])
            .refused(
                "disagree about go-import for a.test/x",
                "disagree about go-import for a.test/x",
            ),
        case("a.test/x/sub")
            .page("a.test/x/sub", [r1])
            .page("a.test/x", ["a.test/x git https://git.test/r1.git sub"])
            .refused("disagree about go-import", "disagree about go-import"),
        case("a.test/x/sub")
            .page("a.test/x/sub", [r1])
            .page("a.test/x", ["a.test/y git https://git.test/r1.git"])
            .refused("disagree about go-import", "disagree about go-import"),
        case("a.test/x/sub")
            .page("a.test/x/sub", [r1])
            .page("a.test/x", [r1, "a.test/x/sub git https://git.test/r2.git"])
            .refused("disagree about go-import", "disagree about go-import"),
        case("a.test/x/sub")
            .page("a.test/x/sub", [r1])
            .refused("404", "404"),
        case("a.test/x/sub")
            .page("a.test/x/sub", [r1])
            .page("a.test/x", [])
            .refused("no go-import meta tag found", "disagree about go-import"),
    ]);
}

fn a_module_proxy_comes_before_a_repository() {
    let proxy = "a.test/x mod http://proxy.test/base";
    World::new().check(vec![
        case("a.test/x").page("a.test/x", [proxy]).gives(PROXIED),
        case("a.test/x")
            .page("a.test/x", ["a.test/x git https://git.test/r1.git", proxy])
            .gives(PROXIED),
        case("a.test/x")
            .page(
                "a.test/x",
                [
                    "a.test git https://git.test/r1.git",
                    proxy,
                    "a.test hg https://git.test/r1",
                ],
            )
            .gives(PROXIED),
        case("a.test/x")
            .page("a.test/x", ["a.test/x mod http://proxy.test/base sub"])
            .gives(PROXIED),
        case("a.test/x/y")
            .page("a.test/x/y", [proxy])
            .page("a.test/x", [proxy])
            .gives(PROXIED),
        case("a.test/x")
            .page("a.test/x", [proxy, "a.test mod http://proxy.test/other"])
            .refused(
                "multiple meta tags match import path",
                "multiple meta tags match import path",
            ),
        case("a.test/x")
            .page("a.test/x", ["a.test/x mod ftp://u:secret@proxy.test/base"])
            .refused("invalid proxy URL scheme", "invalid proxy URL scheme"),
        case("a.test/x")
            .page("a.test/x", ["a.test/x mod file:///base"])
            .refused("file scheme disallowed", "file scheme disallowed"),
        case("a.test/x")
            .page("a.test/x", ["a.test/x mod proxy.test/base"])
            .refused("no scheme", "no scheme"),
    ]);
}

fn the_fourth_field_is_a_folder() {
    let with = |path, folder: &str| {
        let tag = format!("a.test/x git https://git.test/r1.git {folder}");
        case(path).page("a.test/x", [&tag]).page(path, [&tag])
    };
    World::new().check(vec![
        with("a.test/x", "sub").gives("v1.2.0"),
        with("a.test/x", "sub/deep").gives("v1.3.0"),
        with("a.test/x/deep", "sub").gives("v1.4.0"),
        with("a.test/x", "./sub//deep/").gives("v1.3.0"),
        with("a.test/x", "sub/../deep/./sub").gives("v1.4.0"),
        with("a.test/x", "/sub").refused("leading slash", "leading slash"),
        with("a.test/x", "-sub").refused("leading hyphen", "leading hyphen"),
        with("a.test/x", ".").finds_nothing("names no folder"),
        with("a.test/x", "sub/..").finds_nothing("names no folder"),
        with("a.test/x/deep", "sub/..").gives("v1.8.0"),
        with("a.test/x/deep", ".").gives("v1.8.0"),
        with("a.test/x", "..").finds_nothing("names no folder"),
        with("a.test/x", "sub deep").refused("no go-import meta tag", "no go-import meta tag"),
    ]);
}

fn any_status_may_have_a_tag() {
    let page = head(&["a.test/x git https://git.test/r1.git"]);
    let status = |status| case("a.test/x").answer("a.test/x", Answer::status(status).body(&*page));
    let bare =
        |status| case("a.test/x").answer("a.test/x", Answer::status(status).text("no such thing"));
    let redirect = |code| {
        case("a.test/x")
            .answer(
                "a.test/x",
                Answer::redirect(code, "http://b.test/y?go-get=1"),
            )
            .html("b.test/y", &page)
    };
    World::new().check(vec![
        status(404).gives("v1.1.0"),
        status(403).gives("v1.1.0"),
        status(500).gives("v1.1.0"),
        status(203).gives("v1.1.0"),
        status(300).gives("v1.1.0"),
        bare(404).refused("404", "404"),
        bare(410).refused("410", "410"),
        bare(403).refused("403", "403"),
        bare(500).refused("500", "500"),
        bare(206).refused("206", "206"),
        redirect(301).gives("v1.1.0"),
        redirect(302).gives("v1.1.0"),
        redirect(303).gives("v1.1.0"),
        redirect(307).gives("v1.1.0"),
        redirect(308).gives("v1.1.0"),
        case("a.test/x")
            .answer("a.test/x", Answer::redirect(302, "/x?go-get=1"))
            .refused("10 redirects", "10 times"),
        case("a.test/x")
            .answer("a.test/x", Answer::redirect(302, "ftp://b.test/y"))
            .refused("unsupported protocol scheme", "scheme ftp"),
        case("a.test/x")
            .answer("a.test/x", Answer::ok(&*page).gzip())
            .gives("v1.1.0"),
        case("a.test/x")
            .answer("a.test/x", Answer::ok(&*page).cut(page.len() - 20))
            .gives("v1.1.0"),
        case("a.test/x")
            .answer("a.test/x", Answer::ok(&*page).cut(30))
            .refused("unexpected EOF", "broke off"),
    ]);
}

fn what_is_no_tag_for_the_path_is_refused() {
    let r1 = "a.test/x git https://git.test/r1.git";
    let none = "no go-import meta tag";
    World::new().check(vec![
        case("a.test/x").page("a.test/x", []).refused(none, none),
        case("a.test/x").html("a.test/x", "").refused(none, none),
        case("a.test/x")
            .page("a.test/x", ["a.test/xy git https://git.test/r1.git"])
            .refused(none, none),
        case("a.test/x")
            .page("a.test/x", ["a.test/x/y git https://git.test/r1.git"])
            .refused(none, none),
        case("a.test/x")
            .page("a.test/x", ["a.test/X git https://git.test/r1.git"])
            .refused(none, none),
        case("a.test/x")
            .page("a.test/x", ["a.test/x git"])
            .refused(none, none),
        case("a.test/x")
            .page("a.test/x", [r1, r1])
            .refused("multiple meta tags match", "multiple meta tags match"),
        case("a.test/x")
            .page("a.test/x", [r1, "a.test git https://git.test/r2.git"])
            .refused("multiple meta tags match", "multiple meta tags match"),
        case("1.2.3/y").refused("", "does not begin with a host name"),
    ]);
}

fn repositories_that_go_would_not_use_are_refused() {
    let of = |content: &str| case("a.test/x").page("a.test/x", [&format!("a.test/x {content}")]);
    World::new().check(vec![
        of("git git.test/r1.git").refused("no scheme", "no scheme"),
        of("git git@git.test:r1.git").refused(
            "first path segment in URL cannot contain colon",
            "no scheme",
        ),
        of("git :r1.git").refused("missing protocol scheme", "no scheme"),
        of("git /r1.git").refused("no scheme", "no scheme"),
        of("git file:///r1.git").refused("file scheme disallowed", "file scheme disallowed"),
        of("git FILE:///r1.git").refused("file scheme disallowed", "file scheme disallowed"),
        of("git https:r1.git").refused("must not be local directory", "must be a URL with a host"),
        of("git ext::sh%20-c%20touch%20x")
            .refused("must not be local directory", "must be a URL with a host"),
        of("git ext::sh://x").refused("", "no usable repository URL"),
        of("git ftp://u:secret@git.test/r1.git").refused("", "scheme is none of"),
        of("git https://git.test/r%1.git").refused("invalid URL escape", "invalid URL escape"),
        of("git https://git.test:port/r1.git").refused("invalid port", "invalid port"),
        of("git https://git^test/r1.git").refused("invalid character", "invalid character"),
        of("git https://-git.test/r1.git").refused("", "host starts with `-`"),
        of("hg https://git.test/r1.git").refused("", "Mercurial"),
        of("svn https://git.test/r1.git").finds_nothing("Subversion"),
        of("cvs https://git.test/r1.git").refused("unknown vcs", "unknown vcs"),
        of("GIT https://git.test/r1.git").refused("unknown vcs", "unknown vcs"),
        of("cvs git.test/r1.git -sub").refused("leading hyphen", "leading hyphen"),
        of("cvs git.test/r1.git").refused("no scheme", "no scheme"),
    ]);
}

fn pages_are_read_as_go_reads_them() {
    let tag = meta("a.test/x git https://git.test/r1.git");
    let of = |html: &str| case("a.test/x").html("a.test/x", &html.replace("TAG", &tag));
    let none = "no go-import meta tag";
    World::new().check(vec![
        of("TAG").gives("v1.1.0"),
        of("TAG<script>if (a < b) {}</script>").gives("v1.1.0"),
        of("<script>if (a < b) {}</script>TAG").refused(
            "expected element name after <",
            "expected element name after <",
        ),
        of("<script>if (a && b) {}</script>TAG").gives("v1.1.0"),
        of("<body>TAG").refused(none, none),
        of("<head/>TAG").refused(none, none),
        of("<!-- TAG -->").refused(none, none),
        of("<meta name=go-import content='a.test/x\tgit\r\nhttps:&#x2f;/git.test/r1.git' />")
            .gives("v1.1.0"),
        of("<META CONTENT=\"a.test/x git https://git.test/r1.git\" NAME=\"go-import\">")
            .gives("v1.1.0"),
        of("<?xml version='1.0' encoding='latin1'?>TAG").refused("charset", "charset"),
        of("<title>\u{1}</title>TAG").refused(
            "illegal character code U+0001",
            "illegal character code U+0001",
        ),
    ]);
}

fn nothing_is_asked_by_http_without_leave() {
    let world = World::new();
    let server = Loopback::start(|_| Answer::status(404));
    let go =
        tell(
            world
                .go(&server)
                .env("GOINSECURE", "")
                .args(["list", "-m", "-versions", "a.test/x"]),
        );
    assert_eq!(go.code, Some(1), "{go:#?}");
    let by_go = server.asked().len();
    assert!(discover(&server, "a.test/x", Security::Checked).is_err());
    let asked = server.asked();
    assert!(asked.len() > by_go, "{asked:#?}");
    assert!(
        asked.iter().all(|asked| asked.method == "CONNECT"),
        "{asked:#?}"
    );
}
