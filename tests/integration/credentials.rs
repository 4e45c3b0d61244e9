//! Credentials of a user, for module proxies as go has them and for git servers as git has them, and that they
//! show nowhere else.

mod git;
mod tokens;

use crate::loopback::{Answer, Asked, Authority, Loopback, Protocol};
use crate::secrets::{assert_no_password_in, shows_password};
use crate::support::oracle_tests;
use crate::support::sample;
use crate::support::sandbox::{Sandbox, Told, run_well, tell};
use libtest_mimic::Trial;
use std::collections::BTreeSet;
use std::process::Command;

/// The tests of this group.
pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = oracle_tests!("credentials":
        netrc_is_read_as_go_reads_it,
        goauth_is_followed_as_go_follows_it,
        goauth_git_asks_the_helpers_of_a_folder,
        credentials_do_not_go_to_another_host,
    );
    trials.extend(git::trials());
    trials.extend(tokens::trials());
    trials
}

const REQUEST: &str = "example.com/m@v1.0.0";
const PASSWORD: &str = "hunter2secret";
/// `ada:hunter2secret` in base64.
const BASIC: &str = "Basic YWRhOmh1bnRlcjJzZWNyZXQ=";

fn knows_ada(asked: &Asked) -> bool {
    asked.header("authorization") == BASIC
}

/// Go tries with a HEAD, at any time, what a credential helper says.
fn is_trial(asked: &Asked) -> bool {
    asked.method == "HEAD"
}

/// A machine with a proxy that lets only Ada in.
struct World {
    sandbox: Sandbox,
    proxy: Loopback,
}

impl World {
    fn new() -> World {
        let sandbox = sample::sandbox();
        let served = sandbox.path("served/cache/download");
        run_well(&mut sample::fetch_into(&sandbox, &[REQUEST], "served"));
        let authority = Authority::new();
        authority.write(&sandbox.path("authority.pem"));
        let proxy = Loopback::secure(&authority, Protocol::One, move |asked| {
            let path = served.join(asked.target.trim_start_matches('/'));
            let answer = match std::fs::read(path) {
                _ if !knows_ada(asked) => Answer::status(401).text("who are you?\n"),
                Ok(content) => Answer::ok(content),
                Err(_) => Answer::status(404).text("no such file\n"),
            };
            let answer = answer.header("WWW-Authenticate", "Basic realm=\"modules\"");
            match is_trial(asked) {
                true => answer.body(""),
                false => answer,
            }
        });
        World { sandbox, proxy }
    }

    fn host(&self) -> String {
        self.proxy.url().replace("https://", "")
    }

    /// Gives the requests since the last time.
    fn asked(&self) -> Vec<Asked> {
        let mut asked = self.proxy.take();
        asked.retain(|asked| !is_trial(asked));
        asked
    }

    /// Puts the proxy's host and the password for the words that stand for them.
    fn fill_in(&self, text: &str) -> String {
        text.replace("HOST", &self.host())
            .replace("PASSWORD", PASSWORD)
            .replace("FOLDER", &self.sandbox.path("work").display().to_string())
    }

    fn prepare(&self, mut command: Command, cache: &str, goauth: Option<&str>) -> Told {
        if let Some(goauth) = goauth {
            command.env("GOAUTH", self.fill_in(goauth));
        }
        command
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("SSL_CERT_FILE", self.sandbox.path("authority.pem"))
            .env("GOMODCACHE", self.sandbox.path(cache))
            .env("GOSUMDB", "off")
            .env("GOENV", "off")
            .env("GIT_CONFIG_NOSYSTEM", "1");
        tell(&mut command)
    }

    /// Fetches with go and with ours; tells whether it went well and what was asked.
    fn compare(&self, goauth: Option<&str>) -> (bool, Vec<Asked>) {
        let list = self.proxy.url();
        let mut go = self.sandbox.command("go");
        go.args(["mod", "download", REQUEST])
            .env("GOPROXY", &list)
            .env("GOTOOLCHAIN", "local")
            .env("GOFLAGS", "-modcacherw");
        let go = self.prepare(go, "go", goauth);
        let go_asked = self.asked();
        let mut ours = self.sandbox.gomodcache();
        ours.args(["fetch", REQUEST, "--no-builtin-mirrors", "-v", "--proxy"])
            .arg(&list);
        let ours = self.prepare(ours, "ours", goauth);
        let asked = self.asked();
        assert_eq!(
            ours.code == Some(0),
            go.code == Some(0),
            "{ours:#?}\n{go:#?}"
        );
        assert!(!shows_password(ours.stdout.as_bytes()), "{ours:#?}");
        assert!(!shows_password(ours.stderr.as_bytes()), "{ours:#?}");
        for folder in ["ours", "user-cache", "tmp"] {
            assert_no_password_in(&self.sandbox.path(folder));
        }
        assert_eq!(told(&asked), told(&go_asked), "{goauth:?}");
        (ours.code == Some(0), asked)
    }
}

/// What the proxy was told of the user at each place that it was asked for; go asks for some a second time.
fn told(asked: &[Asked]) -> BTreeSet<(String, String, String)> {
    let told = asked.iter().map(|asked| {
        let extra = asked.header("x-extra").to_owned();
        (
            asked.target.clone(),
            asked.header("authorization").to_owned(),
            extra,
        )
    });
    told.collect()
}

fn netrc_is_read_as_go_reads_it() {
    for (netrc, works) in [
        ("machine HOST login ada password PASSWORD", true),
        ("machine HOST\n\tlogin ada\n\tpassword PASSWORD\n", true),
        (
            "machine HOST login eve password no\nmachine HOST login ada password PASSWORD",
            false,
        ),
        (
            "machine HOST login ada password PASSWORD\nmachine HOST login eve password no",
            true,
        ),
        (
            "machine HOST/example.com/m login ada password PASSWORD",
            true,
        ),
        (
            "machine HOST/example.com login eve password no\nmachine HOST login ada password PASSWORD",
            false,
        ),
        ("machine HOST/example login ada password PASSWORD", false),
        ("machine localhost login ada password PASSWORD", false),
        ("default login ada password PASSWORD", false),
        (
            "macdef init\nmachine HOST login ada password PASSWORD",
            false,
        ),
        (
            "macdef init\n\nmachine HOST login ada password PASSWORD",
            true,
        ),
        ("machine HOST account x login ada password PASSWORD", true),
        ("machine HOST login ada\r\npassword PASSWORD\r\n", true),
        ("", false),
    ] {
        let world = World::new();
        world.sandbox.write("home/.netrc", world.fill_in(netrc));
        assert_eq!(world.compare(None).0, works, "{netrc:?}");
    }
}

fn goauth_is_followed_as_go_follows_it() {
    let at_once =
        "printf 'https://HOST/\\n\\nAuthorization: %s\\nX-Extra: 1\\n\\n' \"$(cat secret)\"\n";
    let asked = format!("test \"$1\" && {at_once}");
    let told = format!("grep -q '^HTTP/1.1 401 Unauthorized$' && {at_once}");
    let realm = format!("grep -q '^Www-Authenticate: Basic realm=\"modules\"$' && {at_once}");
    let by_module =
        "test \"$1\" && printf '%s\\n\\nAuthorization: %s\\n\\n' \"$1\" \"$(cat secret)\"\n";
    let no_end = "printf 'https://HOST/\\n\\nAuthorization: %s\\n' \"$(cat secret)\"\n";
    let scripts = [
        ("at-once", at_once),
        ("asked", &asked),
        ("told", &told),
        ("realm", &realm),
        ("by-module", by_module),
        ("no-end", no_end),
        ("fails", "echo hunter2secret >&2; exit 1\n"),
        (
            "other",
            "printf 'https://HOST\\n\\nAuthorization: Basic b3RoZXI6b3RoZXI=\\n\\n'\n",
        ),
        ("removes", "test \"$1\" && printf 'https://HOST\\n\\n\\n'\n"),
    ];
    for (goauth, works) in [
        ("sh FOLDER/at-once", true),
        ("sh 'FOLDER/at-once'", true),
        ("sh FOLDER/asked", true),
        ("sh FOLDER/told", true),
        ("sh FOLDER/realm", true),
        ("sh FOLDER/by-module", true),
        ("sh FOLDER/no-end", false),
        ("sh FOLDER/fails", false),
        ("sh FOLDER/fails;sh FOLDER/at-once", true),
        ("sh FOLDER/other; sh FOLDER/at-once", false),
        ("sh FOLDER/at-once; sh FOLDER/other", true),
        ("netrc; sh FOLDER/at-once", true),
        ("sh FOLDER/removes; sh FOLDER/asked", false),
        ("sh FOLDER/asked; sh FOLDER/removes", true),
        ("FOLDER/nowhere", false),
        ("netrc;off", false),
        ("git", false),
        ("git relative", false),
        ("netrc;", false),
        ("off", false),
    ] {
        let world = World::new();
        world.sandbox.write("work/secret", BASIC);
        for (name, script) in scripts {
            world
                .sandbox
                .write(&format!("work/{name}"), world.fill_in(script));
        }
        assert_eq!(world.compare(Some(goauth)).0, works, "{goauth:?}");
    }
}

fn goauth_git_asks_the_helpers_of_a_folder() {
    const EVE: &str = "!echo username=eve; echo password=no #";
    let eve = format!("[credential]\n\thelper = \"{EVE}\"\n");
    let store = "[credential]\n\thelper = store\n";
    let forget = "[credential]\n\thelper =\n\thelper = store\n";
    let specific = format!("[credential \"https://HOST\"]\n\thelper = \"{EVE}\"\n{store}");
    for (user, config, works) in [
        (eve.as_str(), store, false),
        (store, eve.as_str(), true),
        (eve.as_str(), forget, true),
        ("", specific.as_str(), false),
        (
            "",
            "[credential \"https://HOST\"]\n\thelper = store\n",
            true,
        ),
        (
            "",
            "[credential \"https://elsewhere.example\"]\n\thelper = store\n",
            false,
        ),
        ("", "[credential]\n\thelper = store\n\thelper =\n", false),
        (
            "",
            "[credential]\n\thelper = \"!false\"\n\thelper = store\n",
            true,
        ),
        (
            "",
            "[credential]\n\thelper = store\n\tusername = eve\n",
            false,
        ),
        (
            "",
            "[credential]\n\thelper = store\n\tuseHttpPath = true\n",
            false,
        ),
    ] {
        let world = World::new();
        run_well(world.sandbox.git().args(["init", "-q", "."]));
        let stored = world.fill_in("https://ada:PASSWORD@HOST\n");
        world.sandbox.write("home/.git-credentials", stored);
        let file = world.sandbox.path("work/.git/config");
        let own = std::fs::read_to_string(&file).expect("a configuration");
        std::fs::write(file, own + &world.fill_in(config)).expect("a configuration");
        world.sandbox.write("home/.gitconfig", world.fill_in(user));
        assert_eq!(world.compare(Some("git FOLDER")).0, works, "{user}{config}");
    }
}

fn credentials_do_not_go_to_another_host() {
    let world = World::new();
    let netrc = world.fill_in("machine elsewhere.example login ada password PASSWORD");
    world.sandbox.write("home/.netrc", netrc);
    let (worked, asked) = world.compare(None);
    assert!(!worked && !asked.is_empty());
    assert!(
        asked
            .iter()
            .all(|asked| asked.header("authorization").is_empty())
    );
}
