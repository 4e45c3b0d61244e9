//! Credentials of a user, for module proxies as go has them and for git servers as git has them, and that they
//! show nowhere else.

use crate::loopback::{Answer, Asked, Authority, Loopback, Protocol};
use crate::secrets::{assert_no_password_in, shows_password};
use crate::support::oracle_tests;
use crate::support::sample::{self, FIRST_SUMS};
use crate::support::sandbox::{Sandbox, Told, make_writable, run_well, tell};
use crate::support::server::{Guarded, Server};
use libtest_mimic::Trial;
use std::collections::BTreeSet;
use std::process::Command;

/// The tests of this group.
pub(crate) fn trials() -> Vec<Trial> {
    oracle_tests!("credentials":
        netrc_is_read_as_go_reads_it,
        goauth_is_followed_as_go_follows_it,
        goauth_git_asks_the_helpers_of_a_folder,
        credentials_do_not_go_to_another_host,
        a_git_server_gets_the_login_of_netrc,
        a_git_server_gets_the_login_of_a_helper_and_the_helper_hears_of_it,
        a_helper_hears_of_a_login_that_is_refused,
        a_git_server_may_ask_in_the_middle_of_a_conversation,
        a_git_server_that_asks_in_vain_is_an_error_and_no_prompt,
        a_git_server_gets_the_token_that_the_users_own_rule_names,
        a_rule_of_a_project_names_no_token,
        a_proxy_gets_the_token_that_the_users_own_rule_names,
        a_token_does_not_follow_a_redirect_to_another_host,
    )
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

/// A git server that lets only Ada in, and a fetch from it.
struct Private {
    sandbox: Sandbox,
    server: Server,
}

impl Private {
    fn new(guarded: Guarded) -> Private {
        let sandbox = sample::sandbox();
        let server = Server::start_private(&sandbox, guarded, BASIC);
        Private { sandbox, server }
    }

    fn host(&self) -> String {
        self.server.url().replace("http://", "")
    }

    /// Has git's store helper keep this line.
    fn store(&self, line: &str) {
        let config = "[credential]\n\thelper = store\n";
        self.sandbox.write("home/.gitconfig", config);
        self.sandbox
            .write("home/.git-credentials", line.replace("HOST", &self.host()));
    }

    fn stored(&self) -> String {
        let text = std::fs::read_to_string(self.sandbox.path("home/.git-credentials"));
        text.unwrap_or_default()
    }

    fn fetch(&self, user: &str) -> Told {
        let repository = self.server.repository("m.git");
        let repository = repository.replacen("http://", &format!("http://{user}"), 1);
        let mut command = self.sandbox.gomodcache();
        command
            .args(["fetch", REQUEST, "-v", "--mirror"])
            .arg(format!("example.com/m={repository}"))
            .arg("--modcache")
            .arg(self.sandbox.path("modcache"))
            .env("PATH", std::env::var_os("PATH").unwrap_or_default());
        let told = tell(&mut command);
        assert!(!shows_password(told.stdout.as_bytes()), "{told:#?}");
        assert!(!shows_password(told.stderr.as_bytes()), "{told:#?}");
        for folder in ["modcache", "user-cache", "tmp", "work"] {
            assert_no_password_in(&self.sandbox.path(folder));
        }
        told
    }
}

fn a_git_server_gets_the_login_of_netrc() {
    let world = Private::new(Guarded::All);
    let netrc = format!("machine 127.0.0.1 login ada password {PASSWORD}");
    world.sandbox.write("home/.netrc", netrc);
    world.fetch("").prints(FIRST_SUMS);
}

fn a_git_server_gets_the_login_of_a_helper_and_the_helper_hears_of_it() {
    for user in ["", "ada@"] {
        let world = Private::new(Guarded::All);
        let netrc = "machine 127.0.0.1 login eve password wronghunter2";
        world.sandbox.write("home/.netrc", netrc);
        world.store("http://eve:wrong@elsewhere.example\nhttp://ada:hunter2secret@HOST\n");
        world.fetch(user).prints(FIRST_SUMS);
        // The store helper puts what was approved first.
        let stored = world.stored();
        assert!(stored.starts_with("http://ada:"), "{stored}");
    }
}

fn a_helper_hears_of_a_login_that_is_refused() {
    let world = Private::new(Guarded::All);
    world.store("http://ada:wronghunter2@HOST\nhttp://eve:other@elsewhere.example\n");
    world
        .fetch("")
        .fails(1, ["401", "the user name or password is refused"]);
    assert_eq!(world.stored(), "http://eve:other@elsewhere.example\n");
}

fn a_git_server_may_ask_in_the_middle_of_a_conversation() {
    let world = Private::new(Guarded::Posts);
    world.store("http://ada:hunter2secret@HOST\n");
    let repository = world.server.repository("m.git");
    let git = || {
        let mut git = world.sandbox.command("git");
        git.args(["ls-remote", &repository])
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_TERMINAL_PROMPT", "0");
        tell(&mut git).code
    };
    assert_eq!(git(), Some(0));
    world.fetch("").prints(FIRST_SUMS);
    world.store("http://ada:wronghunter2@HOST\n");
    assert_eq!(git(), Some(128));
    let before = world.server.requests().len();
    std::fs::remove_dir_all(world.sandbox.path("user-cache")).expect("a store");
    make_writable(&world.sandbox.path("modcache"));
    std::fs::remove_dir_all(world.sandbox.path("modcache")).expect("a cache");
    world.store("http://ada:wronghunter2@HOST\n");
    world
        .fetch("")
        .fails(1, ["401", "the user name or password is refused"]);
    let asked = &world.server.requests()[before..];
    let posts = asked.iter().filter(|line| line.starts_with("POST "));
    assert_eq!(posts.count(), 2, "{asked:?}");
    assert_eq!(world.stored(), "");
}

fn a_git_server_that_asks_in_vain_is_an_error_and_no_prompt() {
    let world = Private::new(Guarded::All);
    world
        .fetch("")
        .fails(1, ["401", "asks for a user name and password"]);
    let helper = "[credential]\n\thelper = \"!echo password=hunter2secret >&2; false #\"\n";
    world.sandbox.write("home/.gitconfig", helper);
    world.fetch("").fails(1, ["401"]);
}

impl Private {
    /// Fetches by the rules in a file, with the password in the environment.
    fn fetch_by_rule(&self, file: &str, token: Option<&str>) -> Told {
        let rule = format!(
            "[[mirror]]\nmodule = \"example.com/m\"\nrepository = \"{}\"\n\
             token_env = \"CI_TOKEN\"\nuser = \"ada\"\n",
            self.server.repository("m.git")
        );
        self.sandbox.write(file, rule);
        let mut command = self.sandbox.gomodcache();
        command
            .args(["fetch", REQUEST, "-v", "--modcache"])
            .arg(self.sandbox.path("modcache"))
            .envs(token.map(|token| ("CI_TOKEN", token)));
        let told = tell(&mut command);
        assert!(!shows_password(told.stdout.as_bytes()), "{told:#?}");
        assert!(!shows_password(told.stderr.as_bytes()), "{told:#?}");
        for folder in ["modcache", "user-cache", "tmp", "work", "home"] {
            assert_no_password_in(&self.sandbox.path(folder));
        }
        told
    }
}

const OWN_RULES: &str = "home/.config/gomodcache/gomodcache.toml";

fn a_git_server_gets_the_token_that_the_users_own_rule_names() {
    let world = Private::new(Guarded::All);
    world
        .fetch_by_rule(OWN_RULES, None)
        .fails(1, ["CI_TOKEN is not set"]);
    let refused = world.fetch_by_rule(OWN_RULES, Some("wronghunter2"));
    refused.fails(1, ["401", "the user name or password is refused"]);
    world
        .fetch_by_rule(OWN_RULES, Some(PASSWORD))
        .prints(FIRST_SUMS);
}

fn a_rule_of_a_project_names_no_token() {
    let world = Private::new(Guarded::All);
    let told = world.fetch_by_rule("work/gomodcache.toml", Some(PASSWORD));
    told.fails(1, ["gomodcache.toml:4:13", "this file may name no secret"]);
    assert_eq!(world.server.requests(), Vec::<String>::new());
}

/// Fetches by a rule of the user's own, which sends a token to a proxy.
fn fetch_by_proxy_rule(sandbox: &Sandbox, proxy: &str, token: Option<&str>) -> Told {
    let rule = format!(
        "[[mirror]]\nmodule = \"example.com/m\"\nproxy = \"{proxy}\"\n\
         token_env = \"CI_TOKEN\"\nuser = \"ada\"\n"
    );
    sandbox.write(OWN_RULES, rule);
    let mut command = sandbox.gomodcache();
    command
        .args(["fetch", REQUEST, "-v", "--sumdb", "off", "--modcache"])
        .arg(sandbox.path("modcache"))
        .env("SSL_CERT_FILE", sandbox.path("authority.pem"))
        .envs(token.map(|token| ("CI_TOKEN", token)));
    let told = tell(&mut command);
    assert!(!shows_password(told.stdout.as_bytes()), "{told:#?}");
    assert!(!shows_password(told.stderr.as_bytes()), "{told:#?}");
    for folder in ["modcache", "user-cache", "tmp"] {
        assert_no_password_in(&sandbox.path(folder));
    }
    told
}

fn a_proxy_gets_the_token_that_the_users_own_rule_names() {
    let world = World::new();
    // What the rule names counts more than what is known of the host.
    let netrc = world.fill_in("machine HOST login eve password other");
    world.sandbox.write("home/.netrc", netrc);
    let proxy = world.proxy.url();
    fetch_by_proxy_rule(&world.sandbox, &proxy, None).fails(1, ["CI_TOKEN is not set"]);
    assert_eq!(world.asked(), []);
    fetch_by_proxy_rule(&world.sandbox, &proxy, Some("wronghunter2")).fails(1, ["401"]);
    assert!(!world.asked().iter().any(knows_ada));
    fetch_by_proxy_rule(&world.sandbox, &proxy, Some(PASSWORD)).prints(FIRST_SUMS);
    let asked = world.asked();
    assert!(
        asked.len() >= 3 && asked.iter().all(knows_ada),
        "{asked:#?}"
    );
}

fn a_token_does_not_follow_a_redirect_to_another_host() {
    let sandbox = sample::sandbox();
    run_well(&mut sample::fetch_into(&sandbox, &[REQUEST], "served"));
    let served = sandbox.path("served/cache/download");
    let other = Loopback::start(move |asked| {
        let path = served.join(asked.target.trim_start_matches('/'));
        std::fs::read(path).map_or_else(|_| Answer::status(404), Answer::ok)
    });
    let there = other.url();
    let proxy = Loopback::start(move |asked| match knows_ada(asked) {
        true => Answer::redirect(302, &format!("{there}{}", asked.target)),
        false => Answer::status(401),
    });
    fetch_by_proxy_rule(&sandbox, &proxy.url(), Some(PASSWORD)).prints(FIRST_SUMS);
    assert_eq!(other.targets(), proxy.targets());
    let asked = other.asked();
    assert!(
        asked
            .iter()
            .all(|asked| asked.header("authorization").is_empty()),
        "{asked:#?}"
    );
}
