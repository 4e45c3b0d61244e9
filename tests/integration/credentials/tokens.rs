//! Tokens that rules of the user's own name.

use super::git::Private;
use super::{PASSWORD, REQUEST, World, knows_ada};
use crate::loopback::{Answer, Loopback};
use crate::secrets::{assert_no_password_in, shows_password};
use crate::support::oracle_tests;
use crate::support::sample::{self, FIRST_SUMS};
use crate::support::sandbox::{Sandbox, Told, run_well, tell};
use crate::support::server::Guarded;
use libtest_mimic::Trial;

/// The tests of this group.
pub(super) fn trials() -> Vec<Trial> {
    oracle_tests!("credentials":
        a_git_server_gets_the_token_that_the_users_own_rule_names,
        a_rule_of_a_project_names_no_token,
        a_proxy_gets_the_token_that_the_users_own_rule_names,
        a_token_does_not_follow_a_redirect_to_another_host,
    )
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
