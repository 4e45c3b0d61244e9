//! Logins of netrc and of git's credential helpers, for git servers.

use super::{BASIC, PASSWORD, REQUEST};
use crate::secrets::{assert_no_password_in, shows_password};
use crate::support::oracle_tests;
use crate::support::sample::{self, FIRST_SUMS};
use crate::support::sandbox::{Sandbox, Told, make_writable, tell};
use crate::support::server::{Guarded, Server};
use libtest_mimic::Trial;

/// The tests of this group.
pub(super) fn trials() -> Vec<Trial> {
    oracle_tests!("credentials":
        a_git_server_gets_the_login_of_netrc,
        a_git_server_gets_the_login_of_a_helper_and_the_helper_hears_of_it,
        a_helper_hears_of_a_login_that_is_refused,
        a_git_server_may_ask_in_the_middle_of_a_conversation,
        a_git_server_that_asks_in_vain_is_an_error_and_no_prompt,
    )
}

/// A git server that lets only Ada in, and a fetch from it.
pub(super) struct Private {
    pub(super) sandbox: Sandbox,
    pub(super) server: Server,
}

impl Private {
    pub(super) fn new(guarded: Guarded) -> Private {
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
