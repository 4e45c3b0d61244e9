//! A module of the real world whose sums are known: golang.org/x/text v0.3.0.

use crate::support::mirror::Mirror;
use crate::support::sandbox::{Sandbox, run, tell};
use crate::support::{oracle, unless};
use libtest_mimic::{Completion, Failed, Trial};
use std::io::Read;
use std::path::Path;

const SUMS: &str = "\
golang.org/x/text v0.3.0 h1:g61tztE5qeGQ89tm6NTjjM9VPIm088od1l6aSorWRWg=
golang.org/x/text v0.3.0/go.mod h1:NqM8EUOU14njkJ3fqMW+pc6Ldnwhi/IjpwHt7yyuwOQ=
";

/// The tests of this group.
pub(crate) fn trials() -> Vec<Trial> {
    vec![unless(
        oracle::missing,
        "known_module::x_text_v0.3.0_has_the_sums_that_everyone_knows",
        known_sums,
    )]
}

fn known_sums() -> Result<Completion, Failed> {
    let sandbox = Sandbox::new();
    // The machine's own settings say how its module proxy is reached.
    let proxy = [
        "GOPROXY",
        "GONOSUMDB",
        "GOSUMDB",
        "HTTPS_PROXY",
        "https_proxy",
        "NO_PROXY",
        "no_proxy",
        "SSL_CERT_FILE",
    ];
    let proxy = proxy
        .into_iter()
        .filter_map(|name| Some((name, std::env::var_os(name)?)));
    let mut go = sandbox.command("go");
    go.args(["mod", "download", "golang.org/x/text@v0.3.0"])
        .env("GOTOOLCHAIN", "local")
        .env("GOFLAGS", "-modcacherw")
        .env("GOMODCACHE", sandbox.path("go"))
        .envs(proxy);
    if !run(&mut go).status.success() {
        return Ok(Completion::ignored_with(
            "go's module proxy cannot be reached",
        ));
    }
    let zip = sandbox.path("go/cache/download/golang.org/x/text/@v/v0.3.0.zip");
    repository_of(&zip).build(&sandbox.path("text.git"));
    for mirror in ["golang.org/x/text=../text.git", "../text.git"] {
        let modcache = sandbox.path(&format!("mod{}", mirror.len()));
        let mut fetch = sandbox.gomodcache();
        fetch.args([
            "fetch",
            "golang.org/x/text@v0.3.0",
            "--mirror",
            mirror,
            "--modcache",
        ]);
        tell(fetch.arg(&modcache)).prints(SUMS);
        let info = modcache.join("cache/download/golang.org/x/text/@v/v0.3.0.info");
        let info = std::fs::read_to_string(info).expect("info");
        assert_eq!(
            info,
            r#"{"Version":"v0.3.0","Time":"2017-12-14T13:08:43Z"}"#
        );
    }
    Ok(Completion::Completed)
}

/// Makes one commit of what the zip holds, as it was on the day of the release.
fn repository_of(zip: &Path) -> Mirror {
    let file = std::fs::File::open(zip).expect("the zip");
    let mut archive = zip::ZipArchive::new(file).expect("a zip");
    let mut mirror = Mirror::new().date("2017-12-14T13:08:43Z");
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).expect("an entry");
        let name = entry
            .name()
            .strip_prefix("golang.org/x/text@v0.3.0/")
            .expect("the prefix")
            .to_owned();
        let mut content = Vec::new();
        entry.read_to_end(&mut content).expect("content");
        mirror = mirror.file(name, content);
    }
    mirror.release("v0.3.0")
}
